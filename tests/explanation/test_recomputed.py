"""What is printed can be recomputed: each formula, from its digits, gives the digits behind it."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from layerwise import Architecture, MLPClassifier, Network, explain
from layerwise.architecture import ACTIVATIONS, LOSSES
from layerwise.explanation.combining import AveragedNumbers, AveragedProbabilities
from layerwise.explanation.plain import equation_text
from tests.explanation.recompute import agrees, check, equations_in
from tests.store.small_models import inputs_of, mixed_table, mlp, networks, table_model, targets

WIDE = 10**6  # so that each equation stands on one line


def row_of(table, i):
    return {name: cells[i] for name, cells in table.items()}


def test_the_checker_finds_a_wrong_digit():
    assert check("h1_1 = relu(0.41·2 - 1.2·(-0.5)) = relu(1.42) = 1.42") == 3
    with pytest.raises(AssertionError):
        check("h1_1 = relu(0.41·2 - 1.2·(-0.5)) = relu(1.42) = 1.43")
    with pytest.raises(AssertionError):
        check("h1_1 = mish(0.41·2 - 1.2·(-0.5)) = mish(1.43) = 1.34")
    assert not list(equations_in("column  [a = b]  0.5"))


@pytest.mark.parametrize("name", networks())
def test_a_network_with_everything_an_architecture_has(name):
    network = networks()[name]
    rows, codes = inputs_of(network, 6)
    for x, c in zip(rows, codes, strict=True):
        y = {"softmax": 1, "identity": [0.3] * network.architecture.n_outputs}
        answer = y.get(network.architecture.output, [1] * network.architecture.n_outputs)
        explanation = explain(network, x, codes=c, answer=answer, top=None)
        text = explanation.to_text(WIDE)
        n_nodes = sum(network.architecture.sizes[1:])
        assert check(text) > 2 * n_nodes
        for layer in explanation.layers:
            for node in layer.node_names:
                assert f"\n{node} = " in text


@pytest.mark.parametrize("target", ["two", "three", "price", "price,width"])
@pytest.mark.parametrize("top", [pytest.param(3, marks=pytest.mark.slow), None])
def test_models_of_a_table(target, top):
    model = table_model(target, dates=True, text=True, times=True)
    table = mixed_table(dates=True, text=True, times=True) | {
        name: cells for name, cells in targets().items() if name in target.split(",")
    }
    for i in (0, 5, 17) if top else (5,):
        explanation = explain(model, row_of(table, i), top=top, member=1 + i % 2)
        assert check(explanation.to_text(WIDE)) > 20
        scaled = [line for cell in explanation.to_dict()["columns"] for line in cell["equations"]]
        assert check("\n".join(scaled)) > 10


@pytest.mark.parametrize("weights", [(("a", 4.0), ("b", 0.5)), (("a", 5.0), ("b", 0.0))])
def test_a_model_of_weighted_classes(weights):
    model = table_model("three", class_weight=weights)
    table = mixed_table()
    texts = [explain(model, row_of(table, i)).to_text(WIDE) for i in range(12)]
    assert check(texts[0]) > 20
    assert "divided by the weights of their classes" in texts[0]
    for i, text in enumerate(texts):
        row = {name: [cell] for name, cell in row_of(table, i).items()}
        p, predicted = model.predict_proba(row)[0], model.predict(row)[0]
        assert f"Predicted: {predicted}, with the probability" in text
        by_weight = "whose probability times its weight is largest" in text
        assert by_weight == (predicted != model.classes_[p.argmax()])
    assert any("times its weight" in text for text in texts)


@pytest.mark.parametrize("name", ["two", "three", "labels", "regressor"])
def test_mlps(name):
    model = mlp(name)
    answer = {"two": True, "three": "b", "labels": [1, 0], "regressor": 0.5}[name]
    assert check(explain(model, [0.5, -1.0, 2.0], answer=answer).to_text(WIDE)) > 20


@pytest.mark.parametrize("n_classes", [2, 4])
def test_smoothed_labels(n_classes):
    x = np.random.default_rng(0).normal(size=(80, 3))
    y = np.arange(80) % n_classes
    model = MLPClassifier((4,), label_smoothing=0.2, solver="lbfgs", random_state=0)
    model.fit(x, y)
    explanation = explain(model, x[0], answer=1)
    text = explanation.to_text(WIDE)
    assert check(text) > 15
    loss = next(sides[-1] for left, sides in equations_in(text) if left == "loss")
    target = (np.arange(n_classes) == 1) * 0.8 + 0.2 / n_classes
    assert agrees(-(target * np.log(model.predict_proba(x[:1])[0])).sum(), loss)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation):
    network = Network(Architecture([4, 6, 6, 2], activation), seed=0)
    network.vector[:] += 0.1 * np.random.default_rng(1).normal(size=network.vector.size)
    assert check(explain(network, [3.0, -2.0, 0.01, 100.0], answer=[1, 2]).to_text(WIDE)) > 20


@example([129661.0, 76188.0, 77048.0], 0, 1e-3, "silu", False, "softmax")
@example([708964.0, 708964.0, 708964.0], 0, 30.0, "prelu", False, "softmax")
@example([1e6, -1e6, 3e5], 1, 30.0, "relu", True, "sigmoid")
@example([1e6, -1e6, 3e5], 1, 30.0, "identity", True, "exp")
@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=3),
    st.integers(0, 1000),
    st.sampled_from([1e-3, 0.3, 1.0, 30.0]),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.booleans(),
    st.sampled_from(["softmax", "sigmoid", "identity", "exp"]),
)
def test_any_numbers(row, seed, spread, activation, residual, output):
    normalization = [None, "layer", "batch"][seed % 3]
    architecture = Architecture(
        [3, *[5] * (2 + seed % 2), 3],
        activation,
        output,
        residual=residual,
        normalization=normalization,
    )
    network = Network(architecture, seed=seed)
    network.vector[:] = spread * np.random.default_rng(seed).normal(size=network.vector.size)
    answer = 0 if output == "softmax" else [1, 0, 0.5]
    check(explain(network, row, answer=answer).to_text(WIDE))


def test_a_cell_very_far_from_the_median():
    model = table_model("two")
    row = row_of(mixed_table(), 0)
    for x, limit in ((1e300, "3"), (-1e300, "-3")):
        explanation = explain(model, row | {"area": x})
        assert check(explanation.to_text(WIDE)) > 20
        cells = {cell["column"]: cell for cell in explanation.to_dict()["columns"]}
        assert f"scaled: {limit}, as far as numbers go" in cells["area"]["network_gets"]
    assert "as far as numbers go" not in explain(model, row | {"area": 1e6}).to_text(WIDE)


def test_probabilities_next_to_0():
    combining = AveragedProbabilities(("a", "b", "c"), np.ones(2), 1.3, 1e-4)
    outputs = np.array([[1.0, 1e-50, 0.0], [1.0, 1e-12, 0.0]])
    lines = [equation_text(equation) for equation in combining.equations(outputs, 0)]
    assert check("\n".join(lines)) >= 8
    assert "mean(c) = (0 + 0)/2 = 0" in lines
    assert "t(c) = 1e-30^(1/1.3) = 0" in lines


UNEQUAL = np.array([0.25, 1.75])


@pytest.mark.parametrize("target", targets())
def test_networks_that_do_not_count_alike(target):
    model = deepcopy(table_model(target))
    for member, weight in zip(model.ensemble_.members, UNEQUAL, strict=True):
        member.weight = weight
    row = row_of(mixed_table(), 0)
    explanation = explain(model, row)
    text = explanation.to_text(WIDE)
    assert check(text) > 20
    assert "(0.25·" in text
    assert "each weighted by how well it predicts rows" in text
    own = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    assert explanation.results == pytest.approx(own([row])[0])


@pytest.mark.parametrize(
    "combining",
    [
        AveragedProbabilities(("a", "b", "c"), UNEQUAL, 1.3, 0.1, np.array([1.0, 2.0, 0.5])),
        AveragedNumbers(
            ("a", "b", "c"), UNEQUAL, *np.array([[0.0] * 3, [2, 1, 3], [-9] * 3, [9] * 3])
        ),
    ],
)
def test_gradients_of_the_average(combining):
    random = np.random.default_rng(0)
    outputs = random.dirichlet([1.0, 2.0, 3.0], size=(2, 4))
    for of in range(3):
        gradient = combining.gradient(outputs, of)
        slow = np.zeros(outputs.shape)
        for place in np.ndindex(outputs.shape):
            step = np.zeros(outputs.shape)
            step[place] = 1e-6
            ends = combining(outputs + step), combining(outputs - step)
            slow[place] = (ends[0] - ends[1])[place[1], of] / 2e-6
        assert gradient == pytest.approx(slow, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(
    ("loss", "output", "y"),
    [
        ("softmax", "softmax", 2),
        ("sigmoid", "sigmoid", [1, 0, 0.5]),
        ("squared", "identity", [1.5, -2, 0]),
        ("absolute", "identity", [1.5, -2, 0]),
        ("huber", "identity", [9, -2, 0]),
        ("quantile", "identity", [9, -2, 0]),
        ("poisson", "exp", [1, 0, 4]),
    ],
)
def test_every_loss(loss, output, y):
    network = Network(Architecture([4, 5, 3], "tanh", output), seed=3)
    x = np.array([[0.3, -1.0, 2.0, 0.5]])
    explanation = explain(network, x[0], answer=y, loss=loss)
    text = explanation.to_text(WIDE)
    check(text)
    written = [sides[-1] for left, sides in equations_in(text) if left == "loss"]
    assert len(written) == 1
    assert agrees(network.loss(x, [y], loss), written[0])


def test_a_loss_that_is_written_wrongly_shows_no_formula():
    network, x = Network("2-1", seed=1), [0.3, -1.0]
    for wrong, n_sides in ((0.0, 3), (1.0, 1)):
        loss = replace(LOSSES["absolute"], written=lambda p, y, c, wrong=wrong: abs(p - y) + wrong)
        text = explain(network, x, answer=2.0, loss=loss).to_text(WIDE)
        check(text)
        (sides,) = [sides for left, sides in equations_in(text) if left == "loss"]
        assert len(sides) == n_sides
        assert agrees(network.loss([x], [2.0], loss), sides[-1])
