"""Categories with an order, whose place in it is an input beside them."""

import numpy as np
import onnxruntime
import pyarrow as pa
import pytest

from layerwise import TableRegressor, explain, load
from layerwise.store.onnx import export_onnx
from layerwise.tables.kinds import describe_columns


def order_of(values):
    column = describe_columns(pa.table({"x": values * 4}))[0]
    assert column.kind == "category", column.reason
    return None if column.reading is None else dict(column.reading.amounts.words)


@pytest.mark.parametrize(
    "steps",
    [
        "Strongly disagree|Disagree|Neither agree nor disagree|Agree|Strongly agree",
        "Very unfavorably|Neither favorably nor unfavorably (neutral)|Somewhat favorably",
        "StronglyDisagree|Disagree|Agree|StronglyAgree",
        "worse|average|better|Much better",
        "High School Diploma|Associates|Bachelors|Masters|Ph.D.",
        "None|Some|Marked",
        "Very unlikely|Somewhat unlikely|Somewhat likely|Very likely",
        "Not at all|Not much|Some|A lot",
        "Bad|Medium|Good",
        "Not at all worried|Not so worried|Somewhat worried|Very worried|Extremely worried",
        "No, not rude at all|Yes, somewhat rude|Yes, very rude",
        "Never|Rarely|Sometimes|Often|Always",
        "None|Mild|Moderate|Severe",
        "Low|Medium|High|Very_High",
        "Rare|Medium rare|Medium|Medium Well|Well",
        "Q1|Q2|Q3|Q4",
        "1st|2nd|3rd",
        "1학년|2학년|3학년",
        "전혀 그렇지 않다|그렇지 않다|보통이다|그렇다|매우 그렇다",
        "없음|경증|중증",
        "매우 불만족|불만족|보통|만족|매우 만족",
        "하|중|상",
        "전혀|가끔|자주|항상",
    ],
)
def test_answers_in_their_order(steps):
    steps = steps.split("|")
    order = order_of([*reversed(steps), "Don't know", "-"])
    assert [order[step.lower()] for step in steps] == list(range(len(steps)))
    assert not {"don't know", "-"} & set(order)


@pytest.mark.parametrize(
    "values",
    [
        ["red", "green", "blue"],
        ["store 1", "store 2", "store 3"],
        ["yes", "no", "maybe"],
        ["low", "high", "Bonn"],
        ["서울", "부산", "대구"],
    ],
)
def test_names_have_no_order(values):
    assert order_of(values) is None


def test_a_model_gets_the_place_beside_the_category(tmp_path):
    random = np.random.default_rng(0)
    steps = ["never", "rarely", "sometimes", "often", "always", "n/a"]
    places = random.integers(0, 6, 200)
    numbers = random.normal(size=(2, 200))
    table = {
        "a": numbers[0].tolist(),
        "x": [steps[place] for place in places],
        "b": numbers[1].tolist(),
        "y": np.where(places == 5, 0, places - 2.0) + numbers[0],
    }
    model = TableRegressor(hidden=(8,), epochs=3, n_folds=2, random_state=0).fit(table, target="y")
    assert model.preparation_.input_names == ("a", "x, order", "b")
    x = model.prepare({"a": [0.0] * 6, "x": steps, "b": [0.0] * 6}).x[:, 1]
    assert (np.diff(x[:5]) > 0).all()
    assert x[5] == 0
    new = {"a": [0.5, -1.0], "x": ["often", "new"], "b": [1.0, None]}
    predicted = model.predict(new)
    model.save(tmp_path / "model.layerwise")
    assert (load(tmp_path / "model.layerwise").predict(new) == predicted).all()
    export_onnx(model, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    feed = {name: np.array(new[name], float)[:, None] for name in "ab"}
    feed["x"] = np.array(new["x"], object)[:, None]
    assert session.run(["prediction"], feed)[0][:, 0] == pytest.approx(predicted, rel=1e-4)
    cells = explain(model, {name: new[name][0] for name in new}).subject.cells
    assert "“x, order” is 3" in cells[1].became


def test_grades_with_signs_are_in_order_and_letters_alone_are_not():
    grades = ["A+", "B-", "C", "A/B", "D+", "F", "A-"]
    words = order_of(grades)
    assert sorted(words, key=words.get) == ["f", "d+", "c", "b-", "a/b", "a-", "a+"]
    assert order_of(["A", "B", "C", "D"]) is None
    assert order_of(["A+", "B-", "O+", "AB+", "O-"]) is None
