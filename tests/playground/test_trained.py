"""A trained model on a page: its columns, predictions of rows, and what each column contributed."""

import numpy as np
import pyarrow as pa
import pytest

from layerwise import TableClassifier, TableRegressor
from layerwise.playground.choices import WrongChoice
from layerwise.playground.trained import TrainedModel
from tests.playground.pages import Talk

RANDOM = np.random.default_rng(0)
N = 120


def table():
    x = RANDOM.normal(size=N)
    day = np.datetime64("2024-01-01") + RANDOM.integers(0, 300, N)
    return pa.table(
        {
            "width": np.where(RANDOM.random(N) < 0.1, None, x.round(2)),
            "rooms": RANDOM.integers(1, 6, N),
            "colour": RANDOM.choice(["red", "green", "blue"], N),
            "sold": RANDOM.choice(["Yes", "No"], N),
            "new": RANDOM.random(N) < 0.5,
            "day": [str(one) for one in day],
            "when": pa.array(day),
            "kind": np.where(x > 0, "wide", "narrow"),
            "price": 100 + 20 * x,
        }
    )


@pytest.fixture(scope="module")
def classifier():
    model = TableClassifier(effort="low", epochs=5, hidden=(8,), selection=False, random_state=0)
    return TrainedModel(model.fit(table().drop_columns("price"), target="kind"))


def test_columns_are_described_by_kind(classifier):
    columns = {one["name"]: one for one in classifier.described()["columns"]}
    assert columns["width"]["low"] < columns["width"]["typical"] < columns["width"]["high"]
    assert columns["rooms"]["whole"] is True
    assert columns["colour"]["values"]
    assert set(columns["colour"]["values"]) == {"red", "green", "blue"}
    assert columns["sold"]["values"] == columns["new"]["values"] == ["no", "yes"]
    assert columns["day"]["low"].startswith("2024-01")
    assert columns["when"]["typical"].startswith("2024-")


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"width": 1.5, "rooms": "3"},
        {"width": "", "colour": ""},
        {"colour": "violet"},
        {"sold": "yes", "new": "yes"},
        {"sold": "no", "new": "no"},
        {"day": "2023-05-31", "when": "2030-01-01"},
        {"day": "", "when": ""},
    ],
)
def test_any_row_is_predicted(classifier, cells):
    results = classifier.results(cells)
    assert [one["name"] for one in results] == ["narrow", "wide"]
    assert sum(one["value"] for one in results) == pytest.approx(1)
    reasons = classifier.contributions(cells)
    assert {one["column"] for one in reasons["contributions"]} == set(classifier.typical)


def test_predictions_are_the_models_own(classifier):
    row = {"width": 0.7, "rooms": 2, "colour": "red", "sold": "yes", "new": "no",
           "day": "2024-03-01", "when": "2024-04-01"}  # fmt: skip
    one = pa.table(
        {
            "width": [0.7],
            "rooms": [2],
            "colour": ["red"],
            "sold": ["Yes"],
            "new": [False],
            "day": ["2024-03-01"],
            "when": pa.array(np.array(["2024-04-01"], "M8[D]")),
        }
    )
    wanted = classifier.model.predict_proba(one)[0]
    assert [r["value"] for r in classifier.results(row)] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"width": "wide"}, "width is a number; got 'wide'"),
        ({"day": "yesterday"}, "day is a date such as 2024-05-31; got 'yesterday'"),
        ({"colours": "red"}, "the model has no column 'colours'"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(classifier, cells, words):
    with pytest.raises(WrongChoice, match=words):
        classifier.results(cells)


def test_a_page_of_a_model_predicts_at_once_and_gives_reasons_then(classifier):
    talk = Talk(model=classifier)
    welcome, prediction, reasons = [*talk.say("hello", choices={}), *talk.turn()]
    assert welcome["model"]["target"] == "kind"
    assert prediction["type"] == "prediction"
    assert reasons["type"] == "reasons"
    before = prediction["results"][1]["value"]
    said = talk.say("cells", cells={"width": 3.0})
    assert said[0]["results"][1]["value"] > before
    assert said[0]["cells"]["width"] == 3.0
    assert said[1]["contributions"][0]["column"] == "width"
    assert "no column" in talk.ask("cells", cells={"a": 1})["text"]
    assert "no network" in talk.ask("step", unit="step")["text"]
    talk.page.close()


def test_numbers_are_predicted_in_the_tables_units():
    model = TableRegressor(effort="low", epochs=5, hidden=(8,), random_state=0)
    trained = TrainedModel(model.fit(table().select(["width", "rooms", "price"]), target="price"))
    (result,) = trained.results({"width": 1.0})
    assert result["name"] == "price"
    assert 60 < result["value"] < 160
