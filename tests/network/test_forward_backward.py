"""What forward keeps and backward returns: shapes, values by hand, and the engine's gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.architecture import Architecture, Embedding, Periodic
from layerwise.network import Network
from tests.helpers.compare import assert_close, assert_same_bits, central_gradient
from tests.helpers.problems import Slope, problem_of
from tests.helpers.strategies import architectures

FULL = Architecture(
    [3, 7, 7, 2],
    "gelu",
    normalization="batch",
    residual=True,
    embeddings=[Embedding(3, 1)],
    periodic=Periodic(1, 0.3),
    input_scale=True,
)


def test_a_network_that_can_be_checked_by_hand():
    net = Network("2-2-1", seed=0, dtype="float64")
    net.weights[0] = [[1.0, -1.0], [2.0, 0.5]]
    net.biases[0] = [0.5, 0.0]
    net.weights[1] = [[3.0], [10.0]]
    net.biases[1] = [-1.0]
    trace = net.forward([[1.0, 1.0]])
    hidden, output = trace.layers
    assert hidden.pre_activation.tolist() == [[3.5, -0.5]]
    assert hidden.activation.tolist() == [[3.5, 0.0]]
    assert output.input.tolist() == [[3.5, 0.0]]
    assert trace.scores.tolist() == trace.outputs.tolist() == [[9.5]]
    gradients = net.backward(trace, [7.5])
    assert gradients.loss == 2.0  # (9.5 - 7.5)² / 2
    assert gradients.pre_activations[1].tolist() == [[2.0]]
    assert gradients.weights[1].tolist() == [[7.0], [0.0]]
    assert gradients.biases[1].tolist() == [2.0]
    assert gradients.activations[0].tolist() == [[6.0, 20.0]]
    assert gradients.pre_activations[0].tolist() == [[6.0, 0.0]]
    assert gradients.weights[0].tolist() == [[6.0, 0.0], [6.0, 0.0]]
    assert gradients.biases[0].tolist() == [6.0, 0.0]
    assert gradients.x.tolist() == [[6.0, 12.0]]


@given(architectures())
def test_shapes(architecture):
    problem = problem_of(architecture, n_rows=5)
    net, data = problem.network, problem.data
    trace = net.forward(data.x, data.codes)
    assert trace.features.shape == (5, architecture.input_width)
    assert trace.outputs.shape == trace.scores.shape == (5, architecture.n_outputs)
    gradients = net.backward(trace, data.y)
    assert gradients.x.shape == data.x.shape
    assert gradients.features.shape == trace.features.shape
    assert gradients.vector.shape == net.vector.shape
    for i, layer in enumerate(architecture.layers):
        seen, inputs, outputs = trace.layers[i], (5, layer.fan_in), (5, layer.fan_out)
        assert seen.input.shape == seen.normalized.shape == seen.multiplied.shape == inputs
        assert seen.pre_activation.shape == seen.activation.shape == seen.output.shape == outputs
        assert gradients.pre_activations[i].shape == gradients.activations[i].shape == outputs
        assert gradients.weights[i].shape == net.weights[i].shape
        assert gradients.biases[i].shape == net.biases[i].shape
        assert np.shares_memory(gradients.weights[i], gradients.vector)
    assert trace.pre_activations[-1] is trace.layers[-1].pre_activation
    assert trace.activations[0] is trace.layers[0].activation


@given(architectures())
def test_one_layer_follows_from_another(architecture):
    problem = problem_of(architecture, n_rows=5)
    net, data = problem.network, problem.data
    trace = net.forward(data.x, data.codes)
    for i, (layer, seen) in enumerate(zip(architecture.layers, trace.layers, strict=True)):
        alpha = layer.fan_in**-0.5 if architecture.scaling == "neural_tangent" else 1.0
        z = alpha * seen.multiplied @ net.weights[i] + net.biases[i]
        assert_close(seen.pre_activation, z, 1e-12, floor=1e-9)
        if not layer.normalization:
            assert_same_bits(seen.multiplied, seen.input)
        added = seen.input if layer.residual else 0.0
        assert_close(seen.output, added + seen.activation / layer.divisor, 1e-12, floor=1e-9)
        if i + 1 < len(trace.layers):
            assert_same_bits(trace.layers[i + 1].input, seen.output)


@given(architecture=architectures(), seed=st.integers(0, 100))
def test_gradients_are_the_compiled_engines(architecture, seed):
    problem = problem_of(architecture, n_rows=9, seed=seed, weighted=True)
    net, data = problem.network, problem.data
    trace = net.forward(data.x, data.codes, training=True)
    gradients = net.backward(trace, data.y, sample_weight=data.weight)
    slope = Slope(problem)
    assert gradients.loss == pytest.approx(slope.loss(), rel=1e-9, abs=1e-12)
    assert_close(gradients.vector, slope.vectors.gradient, 1e-8, floor=1e-3)


@pytest.mark.parametrize("normalization", [None, "layer", "batch"])
def test_gradients_are_the_derivatives_of_the_loss(normalization):
    """At prediction, too, where batch normalisation's statistics are constants."""
    architecture = Architecture([3, 6, 6, 2], "tanh", normalization=normalization, residual=True)
    problem = problem_of(architecture, n_rows=5, weighted=True)
    net, data = problem.network, problem.data
    gradients = net.backward(net.forward(data.x), data.y, sample_weight=data.weight)

    def loss():
        return net.loss(data.x, data.y, sample_weight=data.weight)

    assert gradients.loss == pytest.approx(loss(), rel=1e-12)
    assert_close(gradients.vector, central_gradient(loss, net.vector), 1e-6)
    assert_close(gradients.x, central_gradient(loss, data.x), 1e-6)


@pytest.mark.parametrize("training", [False, True])
def test_the_gradient_by_the_inputs(training):
    problem = problem_of(FULL, n_rows=6, spread=0.3)
    net, data = problem.network, problem.data

    def gradients():
        return net.backward(net.forward(data.x, data.codes, training=training), data.y)

    found = gradients().x
    assert_close(found, central_gradient(lambda: gradients().loss, data.x), 1e-6)


def test_forward_gives_what_a_call_gives():
    problem = problem_of(FULL)
    net, data = problem.network, problem.data
    assert_close(net.forward(data.x, data.codes).outputs, net(data.x, data.codes), 1e-12)


def test_training_takes_the_statistics_of_the_rows_and_leaves_the_network_as_it_is():
    problem = problem_of(Architecture([3, 6, 6, 2], "tanh", normalization="batch", dropout=0.5))
    net, x = problem.network, problem.data.x
    trace = net.forward(x, training=True)
    for seen in trace.layers[1:]:
        assert_close(seen.normalized.mean(axis=0), np.zeros(6), 1e-12, floor=1.0)
        assert_close(seen.normalized.std(axis=0), np.ones(6), 1e-3)
    assert (trace.scores != net.forward(x).scores).any()
    assert all(np.all(seen.mask == 1.0) for seen in trace.layers)
    assert_same_bits(net.vector, problem.vector)
    assert_same_bits(net.state, problem.state)


def test_layer_normalisation_is_of_each_row():
    problem = problem_of(Architecture([3, 6, 6, 2], "tanh", normalization="layer"))
    for seen in problem.network.forward(problem.data.x).layers[1:]:
        assert_close(seen.normalized.mean(axis=1), np.zeros(problem.n_rows), 1e-12, floor=1.0)
        spread = seen.input.std(axis=1)
        assert_close(seen.normalized.std(axis=1), spread / np.sqrt(spread**2 + 1e-5), 1e-12)


def test_no_hidden_layer_is_linear_regression():
    problem = problem_of(Architecture([3, 2]))
    net, x, y = problem.network, problem.data.x, problem.data.y
    W, b = net.weights[0], net.biases[0]
    np.testing.assert_allclose(net(x), x @ W + b, rtol=1e-12)
    np.testing.assert_allclose(net(x[0]), x[0] @ W + b, rtol=1e-12)
    gradients = net.backward(net.forward(x), y)
    error = (x @ W + b - y) / len(x)
    np.testing.assert_allclose(gradients.weights[0], x.T @ error, rtol=1e-10)
    np.testing.assert_allclose(gradients.biases[0], error.sum(axis=0), rtol=1e-10)
    np.testing.assert_allclose(gradients.x, error @ W.T, rtol=1e-10)


def test_float32_stays_float32():
    problem = problem_of(FULL, dtype="float32")
    net, data = problem.network, problem.data
    trace = net.forward(data.x, data.codes, training=True)
    gradients = net.backward(trace, data.y)
    arrays = [trace.scores, trace.outputs, gradients.vector, gradients.x, gradients.features]
    arrays += [part for seen in trace.layers for part in (seen.normalized, seen.pre_activation)]
    arrays += [*trace.activations, *gradients.pre_activations, *gradients.activations]
    assert {array.dtype.name for array in arrays} == {"float32"}
