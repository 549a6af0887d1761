"""Backwards through the row: equal to central differences, at every weight and node."""

import numpy as np
import pytest

from layerwise import Architecture, Network, explain
from layerwise.explanation.features import in_double_precision
from tests.store.small_models import inputs_of, networks, table_model

STEP = 1e-6


def by_differences(network, x, codes, y, parameters):
    """dL/dp of each number of an array of the network's, a little to both sides."""
    gradient = np.zeros(parameters.shape)
    for place in np.ndindex(parameters.shape):
        before = parameters[place]
        losses = []
        for step in (STEP, -STEP):
            parameters[place] = before + step
            losses.append(network.backward(network.forward(x, codes), y).loss)
        parameters[place] = before
        gradient[place] = (losses[0] - losses[1]) / (2 * STEP)
    return gradient


@pytest.mark.parametrize("name", networks())
def test_weights_and_biases_equal_central_differences(name):
    network = networks()[name]
    rows, codes = inputs_of(network, 1)
    n = network.architecture.n_outputs
    answer = {"softmax": 1, "identity": [0.3] * n}.get(network.architecture.output, [1.0] * n)
    found = explain(network, rows[0], codes=codes[0], answer=answer).backward
    double = in_double_precision(network)
    target = [answer]
    for i in range(len(found.weights)):
        for gradients, parameters in (
            (found.weights[i], double.weights[i]),
            (found.biases[i], double.biases[i]),
        ):
            slow = by_differences(double, rows.astype("float64"), codes, target, parameters)
            np.testing.assert_allclose(gradients, slow, rtol=1e-5, atol=1e-8)
        # A bias is added to z, so that both derivatives are one.
        np.testing.assert_allclose(found.pre_activations[i], found.biases[i], rtol=1e-12)


@pytest.mark.parametrize("name", networks())
def test_each_chain_ends_in_the_gradient(name):
    network = networks()[name]
    rows, codes = inputs_of(network, 1)
    n = network.architecture.n_outputs
    answer = {"softmax": 0, "identity": [0.3] * n}.get(network.architecture.output, [1.0] * n)
    first = explain(network, rows[0], codes=codes[0], answer=answer)
    asked = [
        f"{layer.input_names[0]},{layer.node_names[-1]}" for layer in first.layers
    ] + [layer.node_names[0] for layer in first.layers]  # fmt: skip
    found = explain(network, rows[0], codes=codes[0], answer=answer, weights=asked)
    assert [chain.weight.name for chain in found.chains] == asked
    for chain in found.chains:
        assert chain.by_difference == pytest.approx(chain.gradient, rel=1e-4, abs=1e-8)
        assert all(equation.holds for equation in chain.equations)
        for equation in chain.equations[-2:]:
            assert equation.result.value == pytest.approx(chain.gradient, rel=2e-3, abs=1e-8)


def test_the_first_node_by_hand():
    net = Network(Architecture([2, 1, 1], "tanh"), seed=0, dtype="float64")
    net.weights[0] = [[0.5], [-0.25]]
    net.weights[1] = [[2.0]]
    found = explain(net, [1.0, 2.0], answer=1.0, weights="x2,h1_1", input_names=["x1", "x2"])
    # z = 0, h = 0, s = 0, L = 1/2; dL/ds = -1, dL/dh = -2, dL/dz = -2, dL/dw = -2 · 2
    assert found.backward.loss == 0.5
    assert found.backward.nodes[0].tolist() == [-2.0]
    assert found.chains[0].gradient == -4.0
    text = found.to_text()
    assert "h1_1 = tanh(0.5·x1 - 0.25·x2 + 0) = tanh(0.5·1 - 0.25·2 + 0) = tanh(0) = 0" in text
    assert "dL/dh1_1 = 2·dL/ds_1 = 2·(-1) = -2" in text
    assert "dL/dw(x2,h1_1) = dL/dz(h1_1)·x2 = -2·2 = -4" in text


def test_without_an_answer_there_is_no_loss_to_take_back():
    model = table_model("two")
    explanation = explain(model, dict.fromkeys(model.feature_names_in_))
    assert explanation.backward is None
    assert explanation.chains == []
    assert "loss" not in explanation.to_text().lower()
    with pytest.raises(ValueError, match="give answer="):
        explain(model, dict.fromkeys(model.feature_names_in_), weights="h1_1,h2_1")


def test_the_weight_chosen_by_itself_is_the_largest_of_the_hidden_layers():
    network = Network("3-5-4-2:softmax", seed=1)
    explanation = explain(network, [1, 2, 3], answer=0)
    chosen = explanation.chains[0].gradient
    largest = max(abs(w).max() for w in explanation.backward.weights[:-1])
    assert abs(chosen) == pytest.approx(largest)
