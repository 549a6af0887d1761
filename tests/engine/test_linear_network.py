"""A deep network of identity activations is one linear map, however deep."""

from functools import reduce

import numpy as np
import pytest

from layerwise.architecture import Architecture
from tests.helpers.compare import assert_close
from tests.helpers.problems import Slope, problem_of


@pytest.fixture(scope="module")
def problem():
    return problem_of(Architecture([6, *[7, 5, 9] * 6, 3], "identity", initialization="orthogonal"))


def map_of(net) -> tuple[np.ndarray, np.ndarray]:
    """(W, b) of the one layer that a network of identities is."""
    W = reduce(np.matmul, net.weights)
    b = np.zeros(6) @ net.weights[0]
    for weights, biases in zip(net.weights, net.biases, strict=True):
        b = (b @ weights if weights is not net.weights[0] else b) + biases
    return W, b


def test_outputs_are_the_product_of_its_matrices(problem):
    net, x = problem.network, problem.data.x
    W, b = map_of(net)
    assert_close(net(x), x @ W + b, 1e-12)
    assert_close(net(x[0]), x[0] @ W + b, 1e-12)


def test_the_gradient_is_the_one_layers_by_the_chain_rule(problem):
    net, x, y = problem.network, problem.data.x, problem.data.y
    W, b = map_of(net)
    grad_scores = (x @ W + b - y) / len(x)
    slope = Slope(problem)
    slope.loss()
    from layerwise.network import Network

    found = Network.of(problem.architecture, slope.vectors.gradient)
    before = reduce(np.matmul, net.weights[:-1])
    after = reduce(np.matmul, net.weights[1:])
    assert_close(found.biases[-1], grad_scores.sum(axis=0), 1e-12)
    assert_close(found.weights[0], x.T @ grad_scores @ after.T, 1e-12)
    assert before.shape == (6, 9)


def test_residual_connections_add_the_identity():
    architecture = Architecture([5, 5, 5, 2], "identity", residual=True)
    net, x = problem_of(architecture).network, problem_of(architecture).data.x
    net.biases[0][:] = net.biases[1][:] = net.biases[2][:] = 0.0
    one, (first, second, last) = np.eye(5), net.weights
    assert_close(net(x), x @ (one + first / 2**0.75) @ (one + second / 2**0.75) @ last, 1e-13)


def test_neural_tangent_scaling_divides_by_the_root_of_fan_in():
    architecture = Architecture([5, 7, 2], "identity", scaling="neural_tangent")
    net, x = problem_of(architecture).network, problem_of(architecture).data.x
    net.biases[0][:] = net.biases[1][:] = 0.0
    W = net.weights[0] / np.sqrt(5) @ net.weights[1] / np.sqrt(7)
    assert_close(net(x), x @ W, 1e-13)
