"""Files saved by this version and all later ones stay loadable, and predict what they did."""

import json

import numpy as np
import pytest

from layerwise.store import load
from tests.store.make_saved import DATA

SAVED = sorted(DATA.glob("*/*.layerwise"))


def test_each_format_has_its_saved_models():
    assert {path.parent.name for path in SAVED} >= {"format_1", "format_2"}
    assert {path.stem for path in SAVED} == {"classes", "numbers", "matrix"}


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
