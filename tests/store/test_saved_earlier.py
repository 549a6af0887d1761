"""Files saved by this version and all later ones stay loadable, and predict what they did."""

import json

import numpy as np
import pytest

from layerwise.store import load
from tests.store.make_saved import DATA

SAVED = sorted(set(DATA.glob("*/*.layerwise")) - set(DATA.glob("*/*counted.layerwise")))


def test_each_format_has_its_saved_models():
    assert {path.parent.name for path in SAVED} >= {"format_1", "format_2"}
    assert {path.stem for path in SAVED} >= {"classes", "numbers", "matrix"}


@pytest.mark.parametrize("path", SAVED, ids=lambda path: f"{path.parent.name}, {path.stem}")
def test_a_saved_model_predicts_what_it_did(path):
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    model = load(path)
    rows = expected.pop("rows")
    found = {}
    if path.stem == "matrix":
        found["probabilities"] = model.predict_proba(np.array(rows, np.float32))
    elif path.stem == "classes":
        found["probabilities"] = model.predict_proba(rows)
        assert model.predict(rows).tolist() == expected.pop("classes")
    else:
        found["prediction"] = model.predict(rows)
        found["low"], found["high"] = model.predict_interval(rows)
    assert found.keys() == expected.keys()
    # On another processor the last bits may differ.
    for name, numbers in found.items():
        np.testing.assert_allclose(numbers, expected[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["counted", "two_counted"])
def test_classes_that_stood_by_their_numbers_are_sorted_and_predicted_as_they_were(name):
    model = load(DATA / "format_2" / f"{name}.layerwise")
    expected = json.loads((DATA / "format_2" / f"{name}.json").read_text(encoding="utf-8"))
    assert model.classes_.tolist() == sorted(expected["probabilities"]) == list(model.task_.classes)
    assert model.classes_.tolist() != list(expected["probabilities"])
    assert model.predict(expected["rows"]).tolist() == expected["classes"]
    p = model.predict_proba(expected["rows"])
    for k, label in enumerate(model.classes_):
        np.testing.assert_allclose(p[:, k], expected["probabilities"][label], rtol=1e-4)
    weights = dict(zip(model.classes_.tolist(), model.class_weights_, strict=True))
    assert weights["8" if name == "counted" else "9 %"] == (2.0 if name == "counted" else 3.0)
