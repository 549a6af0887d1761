"""Integrated gradients: complete, the same as a slow integration, in the user's own columns."""

import numpy as np
import pytest

from layerwise import Architecture, MLPClassifier, Network, TableRegressor, explain
from layerwise.architecture import Embedding, OneHot
from layerwise.ensemble import importance
from tests.store.small_models import mixed_table, new_rows, table_model, targets


def slow_integral(result, start, end, n_steps=4_000):
    """Each input's share: central differences of the result along the way, times its step."""
    middles = (np.arange(n_steps) + 0.5)[:, None] / n_steps * (end - start) + start
    shares = []
    for i in range(len(end)):
        beside = np.zeros(len(end))
        beside[i] = 1e-4
        slope = (result(middles + beside) - result(middles - beside)) / 2e-4
        shares.append(slope.mean() * (end[i] - start[i]))
    return np.array(shares)


@pytest.mark.parametrize("pieces", [(), (4, 0, 3)])
@pytest.mark.parametrize("normalization", [None, "layer"])
def test_the_same_as_a_slow_integration(pieces, normalization):
    architecture = Architecture(
        [3, 6, 6, 3], "mish", "softmax", pieces=pieces, input_scale=True,
        normalization=normalization,
    )  # fmt: skip
    network = Network(architecture, seed=0, dtype="float64")
    if pieces:
        network.edges[0] = [-2, -0.5, 0.1, 0.3, 1]
        network.edges[2] = [0, 1, 2, 3]
    start, end = np.array([-1.0, 0.5, 0.2]), np.array([0.8, -1.0, 2.4])
    explanation = explain(network, end, baseline=start, of="output 2")
    slow = slow_integral(lambda x: network(x)[:, 1], start, end)
    np.testing.assert_allclose(list(explanation.contributions.values()), slow, atol=2e-3)
    found = explanation.attribution
    assert found.baseline == pytest.approx(network(start)[1])
    assert found.result == pytest.approx(network(end)[1])
    assert abs(found.gap) < 2e-3


def test_of_a_linear_network_each_weight_times_the_way():
    network = Network("3-1", seed=0, dtype="float64")
    explanation = explain(network, [1.0, 2.0, -3.0], baseline=[1.0, 0.0, 1.0])
    np.testing.assert_allclose(
        explanation.attribution.contributions,
        network.weights[0][:, 0] * [0.0, 2.0, -4.0],
        atol=1e-12,
    )


def test_codes_have_their_share():
    architecture = Architecture(
        [1, 8, 2], "tanh", "softmax", embeddings=[Embedding(5, 3), OneHot(4)]
    )
    network = Network(architecture, seed=2, dtype="float64")
    explanation = explain(network, [0.5], codes=[3, 0])
    assert list(explanation.contributions) == ["x1", "code 1", "code 2"]
    # Code 0 of a one-hot column is no value, which is the baseline too.
    assert explanation.contributions["code 2"] == 0.0
    assert explanation.contributions["code 1"] != 0.0
    assert abs(explanation.attribution.gap) < 2e-3


@pytest.mark.parametrize("target", ["two", "three", "price", "price,width"])
def test_models_of_a_table_add_up_in_the_table_s_own_columns(target):
    model = table_model(target, dates=True, text=True, times=True)
    rows = new_rows(dates=True, text=True, times=True)
    names = [column.name for column in model.preparation_.used]
    for i in (0, 1, 3, 20):
        row = {name: cells[i] for name, cells in rows.items()}
        explanation = explain(model, row)
        found = explanation.attribution
        assert list(explanation.contributions) == names
        size = np.abs(found.contributions).sum()
        assert abs(found.gap) <= 2e-3 * size + 1e-9
        table = {name: [cell] for name, cell in row.items()}
        if target in {"two", "three"}:
            p = model.predict_proba(table)[0]
            np.testing.assert_allclose(explanation.results, p, atol=1e-6)
            assert found.result == pytest.approx(p.max(), abs=1e-6)
        else:
            y = np.ravel(model.predict(table))
            np.testing.assert_allclose(explanation.results, y, rtol=1e-4)


def test_from_another_row_of_the_table():
    model = table_model("three")
    table = mixed_table()
    one, other = ({name: cells[i] for name, cells in table.items()} for i in (3, 4))
    explanation = explain(model, one, baseline=other, of="a")
    p = model.predict_proba({name: [cell] for name, cell in other.items()})[0, 0]
    assert explanation.attribution.baseline == pytest.approx(p, abs=1e-6)
    same = [name for name in explanation.contributions if one[name] == other[name]]
    assert same
    assert all(explanation.contributions[name] == 0.0 for name in same)
    assert "the row given" in explanation.to_text()


def test_two_classes_by_one_output_are_each_other_s_opposite():
    x = np.random.default_rng(0).normal(size=(60, 3))
    model = MLPClassifier((5,), max_iter=2000, random_state=0).fit(x, x[:, 0] > 0)
    yes, no = (explain(model, x[5], of=of) for of in (True, False))
    np.testing.assert_allclose(
        yes.attribution.contributions, -no.attribution.contributions, atol=1e-9
    )
    np.testing.assert_allclose(yes.results, model.predict_proba(x[5:6])[0], atol=1e-7)


def test_the_importance_of_columns_for_a_whole_table():
    model = table_model("price")
    table = mixed_table() | {"price": targets()["price"]}
    row = {name: cells[0] for name, cells in table.items()}
    steps = []
    explanation = explain(model, row, table=table, progress=lambda *step: steps.append(step))
    names = [column.name for column in model.preparation_.used]
    assert sorted(explanation.importance.names) == sorted(names)
    assert steps == [(done, 5 * len(names)) for done in range(1, 5 * len(names) + 1)]
    assert "Permutation importance" in explanation.to_text()
    with pytest.raises(ValueError, match=r"no column 'price' \(the answers\)"):
        explain(model, row, table=mixed_table())


def test_of_very_many_columns_the_shuffles_are_counted_to_the_end(monkeypatch):
    monkeypatch.setattr(importance, "_MOST_COLUMNS", 20)
    monkeypatch.setattr(importance, "_BLOCKS", 10)
    table = {f"x{i}": np.random.default_rng(i).normal(size=30) for i in range(23)}
    table["y"] = table["x0"] + table["x1"]
    settings = {"hidden": [3], "n_folds": 2, "n_repeats": 1, "epochs": 1, "random_state": 0}
    model = TableRegressor(**settings, selection=False).fit(table, target="y")
    steps = []
    row = {name: cells[0] for name, cells in table.items()}
    explain(model, row, table=table, progress=lambda *step: steps.append(step))
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1] == (len(steps), len(steps))
    assert 10 < len(steps) < 10 + 23
