"""Dropout: the share it sets to 0, and what its choice depends on."""

import numpy as np
import pytest

from layerwise.architecture import Architecture
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.dropout import dropout_factors
from tests.helpers.compare import assert_same_bits
from tests.helpers.problems import PLAIN, Slope, Steps, problem_of


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_that_is_dropped(rate):
    mask = dropout_factors(7, 0, rate, (300, 200))
    dropped = (mask == 0).mean()
    # Four standard deviations of a share of 60,000.
    assert dropped == pytest.approx(rate, abs=4 * np.sqrt(rate * (1 - rate) / mask.size))
    assert set(np.unique(mask)) == {0.0, 1 / (1 - rate)}


def test_masks_of_other_keys_and_layers_have_nothing_to_do_with_each_other():
    masks = [
        dropout_factors(k, i, 0.5, (100, 100)) for k, i in [(1, 0), (2, 0), (1, 1), (1 << 31, 0)]
    ]
    agreement = np.corrcoef([mask.ravel() for mask in masks])
    assert np.abs(agreement - np.eye(4)).max() < 0.05


def test_neither_do_rows_and_columns():
    mask = dropout_factors(3, 0, 0.5, (400, 300)) / 2
    assert mask.mean(axis=0).std() == pytest.approx(0.5 / np.sqrt(400), rel=0.2)
    assert mask.mean(axis=1).std() == pytest.approx(0.5 / np.sqrt(300), rel=0.2)
    assert abs(np.corrcoef(mask[:-1].ravel(), mask[1:].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(mask[:, :-1].ravel(), mask[:, 1:].ravel())[0, 1]) < 0.02


def test_the_compiled_engine_drops_the_same_nodes():
    # With one row and no input but the biases, what a node adds to the output's gradient is seen.
    problem = problem_of(Architecture([1, 200, 1], "identity", dropout=0.3), n_rows=1)
    net = problem.network
    net.weights[0][:] = 0.0
    net.biases[0][:] = 1.0
    net.weights[1][:] = 1.0
    net.biases[1][:] = 0.0
    problem.vector[:] = net.vector
    slope = Slope(problem, dropout=1.0, key=99)
    slope.loss()
    by_weight = slope.vectors.gradient[400:600]
    mask = dropout_factors(99, 0, 0.3, (1, 200))[0]
    error = mask.sum() - problem.data.y[0, 0]
    np.testing.assert_allclose(by_weight, error * mask)


def test_the_factor_of_a_step_scales_every_rate():
    problem = problem_of(Architecture([4, 50, 50, 2], dropout=[0.2, 0.4]))
    weak = problem_of(Architecture([4, 50, 50, 2], dropout=[0.1, 0.2]))
    half = Slope(problem, dropout=0.5, key=5).gradient()
    assert_same_bits(half, Slope(weak, dropout=1.0, key=5).gradient())
    assert (half != Slope(problem, dropout=1.0, key=5).gradient()).any()
    plain = problem_of(Architecture([4, 50, 50, 2]))
    assert_same_bits(Slope(problem, dropout=0.0).gradient(), Slope(plain).gradient())


def test_the_same_key_drops_the_same_nodes_again():
    problem = problem_of(Architecture([4, 50, 2], dropout=0.5))
    first, again, other = (Slope(problem, dropout=1.0, key=k).gradient() for k in (5, 5, 6))
    assert_same_bits(first, again)
    assert (first != other).any()


def test_the_mean_over_keys_is_the_network_without_dropout():
    problem = problem_of(Architecture([4, 30, 2], "tanh", dropout=0.3))
    linear = Slope(problem)  # the output layer's biases see the mean of what is dropped
    linear.loss()
    wanted = linear.vectors.gradient[-2:]
    slopes = [Slope(problem, dropout=1.0, key=k) for k in range(400)]
    found = np.mean([slope.gradient()[-2:] for slope in slopes], axis=0)
    np.testing.assert_allclose(found, wanted, atol=0.02)


def test_a_fit_with_dropout_is_repeatable():
    problem = problem_of(Architecture([4, 50, 2], dropout=0.5))
    steps = Steps(PLAIN, n_steps=5)
    first, second = (steps.take(CompiledSession, problem) for _ in range(2))
    assert_same_bits(first.vectors.parameters, second.vectors.parameters)
