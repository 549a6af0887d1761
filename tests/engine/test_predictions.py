"""Predictions: many rows, one row, and the twin's forward pass give the same outputs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.architecture import ACTIVATIONS, OUTPUTS, Architecture
from tests.helpers.compare import assert_close, assert_same_bits
from tests.helpers.problems import problem_of
from tests.helpers.strategies import architectures

TOLERANCE = {"float64": 1e-10, "float32": 1e-3}


@given(architecture=architectures(), seed=st.integers(0, 1000))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_random_networks(dtype, architecture, seed):
    problem = problem_of(architecture, seed=seed, dtype=dtype, n_rows=7)
    net, data = problem.network, problem.data
    trace = net.forward(data.x, data.codes)
    outputs, scores = net(data.x, data.codes), net.scores(data.x, data.codes)
    assert outputs.dtype == scores.dtype == dtype
    assert_close(outputs, trace.outputs, TOLERANCE[dtype], "outputs", floor=1e-3)
    assert_close(scores, trace.scores, TOLERANCE[dtype], "scores", floor=1e-3)
    row = net(data.x[3:4], data.codes[3:4])
    assert_close(row, trace.outputs[3:4], TOLERANCE[dtype], "one row", floor=1e-3)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_each_activation(activation, dtype):
    problem = problem_of(Architecture([4, 9, 9, 2], activation), dtype=dtype, spread=0.3)
    net, x = problem.network, problem.data.x
    wanted = problem_of(Architecture([4, 9, 9, 2], activation), spread=0.3).network.forward(x)
    tolerance = {"float64": 1e-12, "float32": 5e-6}[dtype]
    assert_close(net(x), wanted.outputs, tolerance)
    for row in range(len(x)):
        assert_close(net(x[row]), wanted.outputs[row], tolerance, f"row {row}", floor=0.3)


@pytest.mark.parametrize("output", OUTPUTS)
def test_each_output(output):
    problem = problem_of(Architecture([4, 9, 3], "tanh", output))
    net, x = problem.network, problem.data.x
    assert_close(net(x), net.forward(x).outputs, 1e-12)
    assert_close(net.scores(x), net.forward(x).scores, 1e-12)
    if output == "softmax":
        np.testing.assert_allclose(net(x).sum(axis=1), 1.0)


@pytest.mark.parametrize("n", [0, 1, 2, 255, 256, 257, 1000])
def test_any_number_of_rows(n):
    net = problem_of(Architecture([4, 9, 3], normalization="batch", residual=True)).network
    x = np.random.default_rng(0).standard_normal((n, 4))
    assert net(x).shape == (n, 3)
    if n:
        assert_close(net(x), net.forward(x).outputs, 1e-12)


@pytest.mark.parametrize("fan_in", range(1, 10))
def test_one_row_of_any_width(fan_in):
    # A row's product takes four inputs at a time, and then what is left.
    problem = problem_of(Architecture([fan_in, 5, 3], "tanh"))
    net, x = problem.network, problem.data.x
    assert_close(net(x[0]), net.forward(x[:1]).outputs[0], 1e-12)


def test_predicting_leaves_the_network_as_it_was():
    problem = problem_of(Architecture([4, 4, 3], normalization="batch", residual=True, dropout=0.5))
    net, x = problem.network, problem.data.x
    before = x.copy()
    first = net(x)
    assert_same_bits(net.vector, problem.vector)
    assert_same_bits(net.state, problem.state)
    assert_same_bits(x, before)
    assert_same_bits(net(x), first)


def test_nothing_is_dropped_out():
    architecture = Architecture([4, 30, 3], "tanh", dropout=0.9)
    net = problem_of(architecture).network
    x = np.random.default_rng(0).standard_normal((5, 4))
    without = problem_of(Architecture([4, 30, 3], "tanh")).network
    assert_same_bits(net(x), without(x))


def test_new_numbers_are_seen_at_once():
    net = problem_of(Architecture([4, 3])).network
    net.weights[0][:] = 0.0
    net.biases[0] = [1.0, 2.0, 3.0]
    assert net(np.ones((2, 4))).tolist() == [[1.0, 2.0, 3.0]] * 2


def test_nan_and_infinity_stay_visible():
    net = problem_of(Architecture([2, 6, 6, 3], normalization="layer", output="softmax")).network
    x = np.array([[0.5, 0.5], [np.nan, 0.5], [np.inf, 0.5], [1.0, 0.5]])
    outputs = net(x)
    assert np.isnan(outputs[1:3]).all()
    assert np.isfinite(outputs[[0, 3]]).all()
    assert np.isnan(net(x[1])).all()
