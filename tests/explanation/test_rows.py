"""Rows in, words and numbers out: cells as in the table, inputs as the network gets them."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from layerwise import Architecture, MLPRegressor, Network, explain
from tests.explanation.recompute import agrees, equations_in
from tests.store.small_models import mixed_table, mlp, new_rows, table_model, targets


def row_of(table, i):
    return {name: cells[i] for name, cells in table.items()}


@pytest.mark.parametrize("i", [0, 1, 2, 3, 4, 25])
def test_what_is_said_of_the_cells_is_what_the_network_gets(i):
    model = table_model("two", dates=True, text=True)
    row = row_of(new_rows(dates=True, text=True), i)
    prepared = model.prepare({name: [cell] for name, cell in row.items()})
    explanation = explain(model, row)
    value_of = dict(zip(prepared.input_names, prepared.x[0], strict=True))
    n = 0
    for cell in explanation.subject.cells:
        given = row[cell.column]
        assert (cell.cell is None) == (given is None or given == "")
        for line in explanation.to_dict()["columns"]:
            if line["column"] == cell.column:
                for left, sides in equations_in("\n".join(line["equations"])):
                    n += 1
                    assert agrees(float(value_of[left.strip("[]")]), sides[-1])
    assert n >= 5


def test_the_inputs_of_the_formulas_are_the_network_s():
    model = table_model("three", dates=True, text=True)
    row = row_of(mixed_table(dates=True, text=True), 7)
    prepared = model.prepare({name: [cell] for name, cell in row.items()})
    explanation = explain(model, row, member=2)
    network = model.networks_[1]
    trace = network.forward(prepared.x, prepared.codes)
    np.testing.assert_allclose(explanation.features, trace.features[0], atol=1e-6)
    np.testing.assert_allclose(explanation.outputs[1], network(prepared.x, prepared.codes)[0],
                               atol=1e-6)  # fmt: skip
    for layer, pre_activation, activation in zip(
        explanation.layers, trace.pre_activations, trace.activations, strict=True
    ):
        np.testing.assert_allclose(layer.pre_activation, pre_activation[0], atol=1e-5)
        np.testing.assert_allclose(layer.activation, activation[0], atol=1e-5)
    assert explanation.feature_names[: len(prepared.input_names)] == prepared.input_names
    assert len(explanation.feature_names) == network.architecture.input_width
    of_city = [n for n in explanation.feature_names if n.startswith("도시 = ")]
    assert len(of_city) == 4  # three cities, and missing


def test_a_row_may_come_in_any_form():
    model = table_model("two")
    table = mixed_table()
    frame = pd.DataFrame(table)
    cells = row_of(table, 9)
    forms = [
        cells,
        frame.iloc[[9]],
        frame.iloc[9],
        pl.DataFrame(table, strict=False)[9],
        pa.table(table).slice(9, 1),
        [cells[name] for name in model.feature_names_in_],
        {"more": 1} | dict(reversed(cells.items())),
    ]
    contributions = [explain(model, form).contributions for form in forms]
    for other in contributions[1:]:
        assert other == contributions[0]


def test_an_answer_in_the_row_is_taken_from_it():
    model = table_model("three")
    row = row_of(mixed_table() | {"three": targets()["three"]}, 4)
    with_answer, without = explain(model, row), explain(model, row | {"three": None})
    assert with_answer.subject.answer.text == row["three"]
    assert without.subject.answer is None
    p = with_answer.results[list(model.classes_).index(row["three"])]
    assert f"the loss -ln(p) is {-np.log(p):.4g}" in with_answer.to_text(10**6)
    unknown = explain(model, row | {"three": "z"})
    assert unknown.subject.answer is None
    assert "not among the classes" in unknown.to_text(10**6)


def test_columns_of_a_frame_name_an_mlp_s_inputs():
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["age", "rent"])
    model = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2000, random_state=0).fit(x, x["age"])
    explanation = explain(model, x.iloc[3])
    assert list(explanation.contributions) == ["age", "rent"]
    assert explanation.results[0] == pytest.approx(model.predict(x.iloc[[3]])[0], rel=1e-4)
    assert explain(model, x.iloc[[3]]).contributions == explanation.contributions


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"row": 2}, "one row is wanted"),
        ({"answer": "maybe"}, "there is no class 'maybe'; the classes: no, yes"),
        ({"of": "yess"}, "did you mean 'yes'?"),
        ({"member": 3}, "there is no network 3: the model has 2 networks, 1 to 2"),
        ({"member": 0}, "there is no network 0"),
        ({"weights": "h1_9,s_1"}, "s_1 gets nothing from 'h1_9'; did you mean 'h1_"),
        ({"weights": "h1_1,h7_1"}, "there is no weight 'h1_1,h7_1'"),
        ({"weights": "arae,h1_1"}, "did you mean 'area'?"),
        ({"top": 0}, "top must be an integer of at least 1"),
        ({"missing": "area"}, "lacks the column 'area'"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(change, said):
    model = table_model("two")
    table = mixed_table() | {"two": targets()["two"]}
    n = change.pop("row", 1)
    rows = {name: cells[:n] for name, cells in table.items() if name != change.get("missing")}
    change.pop("missing", None)
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        explain(model, rows, **change)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("row", "options", "said"),
    [
        ([1, 2], {}, "the shape"),
        ([1, 2, np.nan], {}, "'x3' is nan"),
        ([1, 2, np.inf], {}, "'x3' is inf"),
        (["a", "b", "c"], {}, "must hold numbers"),
        ([[1, 2, 3], [4, 5, 6]], {}, "one row is wanted; got 2"),
        ([1, 2, 3], {"input_names": ["a", "b"]}, "a name for each of 3"),
        ([1, 2, 3], {"input_names": ["a", "b", "a"]}, "no two alike"),
        ([1, 2, 3], {"answer": 7}, "there is no class 7"),
        ([1, 2, 3], {"loss": "squared"}, "goes with the output"),
        ({"x1": 1, "x2": 2}, {}, "lacks x3"),
    ],
)
def test_a_network_refuses_what_it_cannot_take(row, options, said):
    network = Network(Architecture([3, 4, 2], output="softmax"), seed=0)
    with pytest.raises(ValueError, match=re.escape(said)):
        explain(network, row, **options)


def test_options_of_networks_are_for_networks():
    with pytest.raises(TypeError, match="input_names= is for a Network"):
        explain(mlp("two"), [1, 2, 3], input_names=["a", "b", "c"])
    with pytest.raises(TypeError, match="wanted; got str"):
        explain("model.layerwise", [1, 2, 3])


def test_many_columns_and_outputs_are_shortened_and_counted():
    network = Network(Architecture([100, 50, 30], output="softmax"), seed=0)
    text = explain(network, np.linspace(-1, 1, 100), answer=29).to_text()
    assert "12 of 100 columns are shown" in text
    assert "6 of 50 nodes are shown" in text
    assert "6 of 30 scores are shown" in text
    assert "[94 more]" in text
    assert len(text.splitlines()) < 250
    whole = explain(network, np.linspace(-1, 1, 100), answer=29, top=None)
    assert "more]" not in whole.to_text()
    assert len(whole.to_dict()["layers"][0]["weights"]) == 100


def test_very_long_names_are_shown_without_their_middle():
    network = Network(Architecture([40, 6, 2], output="softmax"), seed=0)
    names = ["x" * 20_000 + f" {i}" for i in range(40)]
    explanation = explain(network, np.linspace(-1, 1, 40), answer=1, input_names=names, top=None)
    assert list(explanation.contributions) == names
    for text in (explanation.to_text(10**6), explanation.to_markdown(), explanation.to_html()):
        assert len(text) < 300_000
        assert "…" + "x" * 57 + " 39" in text
