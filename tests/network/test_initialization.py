"""What is drawn: each initialisation's spread, and where the other numbers start."""

import math

import numpy as np
import pytest

from layerwise.architecture import ACTIVATIONS, Architecture, Embedding, Periodic, get_activation
from layerwise.network import Network

FAN_IN, FAN_OUT = 300, 200
# (distribution, standard deviation); the gain is the activation's.
WANTED = {
    "he_normal": ("normal", lambda gain: gain / math.sqrt(FAN_IN)),
    "he_uniform": ("uniform", lambda gain: gain / math.sqrt(FAN_IN)),
    "glorot_normal": ("normal", lambda gain: math.sqrt(2 / (FAN_IN + FAN_OUT))),
    "glorot_uniform": ("uniform", lambda gain: math.sqrt(2 / (FAN_IN + FAN_OUT))),
    "lecun_normal": ("normal", lambda gain: 1 / math.sqrt(FAN_IN)),
    "lecun_uniform": ("uniform", lambda gain: 1 / math.sqrt(FAN_IN)),
    "scikit_learn": ("uniform", lambda gain: math.sqrt(2 / (FAN_IN + FAN_OUT))),
}


def first_weights(**options):
    architecture = Architecture([FAN_IN, FAN_OUT, 1], **options)
    return Network(architecture, seed=1, dtype="float64").weights[0]


def check(weights, distribution, deviation):
    """Mean, standard deviation and shape of a distribution, from 60,000 draws."""
    assert abs(weights.mean()) < 5 * deviation / math.sqrt(weights.size)
    assert weights.std() == pytest.approx(deviation, rel=0.015)
    kurtosis = np.mean((weights / deviation) ** 4)
    assert kurtosis == pytest.approx({"normal": 3.0, "uniform": 1.8}[distribution], rel=0.06)
    if distribution == "uniform":
        limit = math.sqrt(3) * deviation
        assert 0.999 * limit < np.abs(weights).max() <= limit


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
@pytest.mark.parametrize("name", WANTED)
def test_the_spread_of_weights(name, activation):
    distribution, deviation = WANTED[name]
    weights = first_weights(activation=activation, initialization=name)
    check(weights, distribution, deviation(get_activation(activation).gain))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_each_activation_has_one_that_goes_with_it(activation):
    entry = get_activation(activation)
    distribution, deviation = WANTED[entry.initialization]
    check(first_weights(activation=activation), distribution, deviation(entry.gain))


@pytest.mark.parametrize("shape", [(50, 20), (20, 50), (30, 30)])
def test_orthogonal(shape):
    architecture = Architecture([*shape, 1], "tanh", initialization="orthogonal")
    W = Network(architecture, seed=1, dtype="float64").weights[0]
    gram = W @ W.T if shape[0] <= shape[1] else W.T @ W
    np.testing.assert_allclose(
        gram, get_activation("tanh").gain ** 2 * np.eye(len(gram)), atol=1e-12
    )
    assert (Network(architecture, seed=2, dtype="float64").weights[0] != W).all()


def test_zeros():
    net = Network(Architecture([5, 4, 3], initialization="zeros"), seed=0)
    assert not net.vector.any()


def test_neural_tangent_weights_are_unit_normal():
    check(first_weights(scaling="neural_tangent"), "normal", 1.0)
    check(first_weights(scaling="neural_tangent", initialization="zeros"), "normal", 1.0)


def test_biases_start_at_0():
    net = Network("30-40-50-2", seed=0)
    assert not any(biases.any() for biases in net.biases)


def test_unless_they_are_scikit_learns():
    architecture = Architecture([30, 4000, 1], "logistic", initialization="scikit_learn")
    biases = Network(architecture, seed=0, dtype="float64").biases[0]
    limit = math.sqrt(2 / 4030)
    assert 0.99 * limit < np.abs(biases).max() <= limit
    assert biases.std() == pytest.approx(limit / math.sqrt(3), rel=0.05)


@pytest.mark.parametrize("n_layers", [1, 4])
def test_residual_layers_add_as_much_together_as_one_would(n_layers):
    sizes = [FAN_OUT] * (n_layers + 1)
    options = {"residual": True, "scaling": "standard"}
    net = Network(Architecture([*sizes, 1], **options), seed=0, dtype="float64")
    for weights in list(net.weights)[:-1]:
        check(weights, "normal", math.sqrt(2 / FAN_OUT) / math.sqrt(n_layers))
    asked = Architecture([*sizes, 1], **options, initialization="he_normal")
    check(Network(asked, seed=0, dtype="float64").weights[0], "normal", math.sqrt(2 / FAN_OUT))


def test_scaled_by_depth_they_are_drawn_as_others_are():
    net = Network(Architecture([FAN_OUT] * 4 + [1], residual=True), seed=0, dtype="float64")
    check(net.weights[1], "normal", math.sqrt(2 / FAN_OUT))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_lets_nothing_through_below_0_starts_open_before_residual_layers(activation):
    opens = activation in {"relu", "leaky_relu", "gelu", "silu", "mish", "softplus"}
    net = Network(Architecture([3, 5, 5, 1], activation, residual=True), seed=0)
    assert [set(biases.tolist()) for biases in net.biases] == [{1.0 * opens}, {0}, {0}]
    for other in ({"scaling": "standard"}, {"initialization": "zeros"}):
        closed = Network(Architecture([3, 5, 5, 1], activation, residual=True, **other), seed=0)
        assert not any(biases.any() for biases in closed.biases)


def test_everything_else():
    architecture = Architecture(
        [40, 40, 40, 2],
        "prelu",
        normalization="batch",
        embeddings=[Embedding(300, 40), Embedding(3, 5)],
        periodic=Periodic(100, sigma=0.02),
        input_scale=True,
    )
    net = Network(architecture, seed=0, dtype="float64")
    values = {name.partition(".")[2]: block for name, block in net.parameters.items()}
    assert (values["gain"] == 1).all()
    assert (values["shift"] == 0).all()
    assert (values["scale"] == 1).all()
    assert (values["slope"] == 0.25).all()
    check(net.parameters["codes 1.embedding"], "normal", 1.0)
    assert values["frequencies"].std() == pytest.approx(0.02, rel=0.05)
    means, variances = net.state.reshape(-1, 2, 40).swapaxes(0, 1)
    assert (means == 0).all()
    assert (variances == 1).all()
