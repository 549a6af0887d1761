"""Rows in whatever form they come, classes named for a stream, and words for what was meant."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import learning_curve

from layerwise import DepthStudy, TableClassifier, TableRegressor
from layerwise.explanation.explain_row import explain
from layerwise.tables.errors import TableError

SMALL = {"effort": "low", "n_folds": 2, "n_repeats": 1, "hidden": (4,), "epochs": 1,
         "random_state": 0}  # fmt: skip
N = 40
X = np.random.default_rng(0).normal(size=(N, 2))
FRAME = pd.DataFrame(X, columns=["a", "b"])
Y = np.where(X[:, 0] > 0, "yes", "no")


@pytest.fixture(scope="module")
def models():
    """A classifier fitted on an array, and one on a data frame."""
    return TableClassifier(**SMALL).fit(X, Y), TableClassifier(**SMALL).fit(FRAME, Y)


def test_rows_are_taken_in_any_form_whatever_the_model_was_fitted_on(models):
    expected = models[0].predict_proba(X)
    forms = {
        "X has feature names": [FRAME, FRAME.to_dict("list"), FRAME.to_dict("records")],
        "X does not have valid feature names": [X, X.tolist(), tuple(map(tuple, X.tolist()))],
    }
    for word, rows in forms.items():
        of_arrays = word == "X has feature names"
        for form in rows:
            with pytest.warns(UserWarning, match=word):
                assert np.array_equal(models[not of_arrays].predict_proba(form), expected)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert np.array_equal(models[of_arrays].predict_proba(form), expected)
    assert TableClassifier(**SMALL).fit(FRAME.to_dict("records"), Y).classes_.tolist() == [
        "no", "yes",
    ]  # fmt: skip


def test_rows_of_another_width_are_refused_in_any_form(models):
    for form in (FRAME[["a"]], X[:, :1].tolist(), X[:, :1], [{"a": 1.0}]):
        for model in models:
            with pytest.raises(TableError, match=r"lacks the column|X has 1 features"):
                model.predict(form)


def test_shap_takes_the_names_of_features_away(models):
    for model in models:
        names = model.feature_names_in_
        model.feature_names_in_ = None  # as shap.KernelExplainer does
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert model.predict_proba(X).shape == (N, 2)
            assert explain(model, X[0].tolist())
        finally:
            model.feature_names_in_ = names


def test_a_stream_names_its_classes_before_they_come():
    model = TableClassifier(**SMALL)
    first = Y == "no"
    model.partial_fit(FRAME[first], Y[first], classes=["yes", "no", "maybe"])
    assert model.classes_.tolist() == ["maybe", "no", "yes"]
    assert model.predict_proba(FRAME).shape == (N, 3)
    model.partial_fit(FRAME, Y).partial_fit(FRAME, Y, classes=np.array(["maybe", "no", "yes"]))
    with pytest.raises(ValueError, match="not the same as on last call to partial_fit"):
        model.partial_fit(FRAME, Y, classes=["no", "yes"])
    with pytest.raises(TableError, match="holds 'never'"):
        model.partial_fit(FRAME[:2], ["never", "no"])
    assert model.fit(FRAME, Y).classes_.tolist() == ["no", "yes"]


def test_learning_curves_of_a_model_that_goes_on():
    _, scores, _ = learning_curve(
        TableClassifier(**SMALL), FRAME, Y, train_sizes=[0.2, 1.0], cv=2,
        exploit_incremental_learning=True, error_score="raise",
    )  # fmt: skip
    assert np.isfinite(scores).all()


@pytest.mark.parametrize(
    ("settings", "y", "said"),
    [
        ({}, "a", r"got 'a', which is a column of X: .* fit\(X, target='a'\)"),
        ({}, "grape", r"got 'grape', which is a text: .* fit\(X, target='grape'\)"),
        ({"hidden": 16}, Y, r"nodes of each layer, 1 or more, such as \(16,\); got 16"),
        ({"hidden": "16"}, Y, r"such as \(64, 64\); got '16'"),
        ({"drop": "hue"}, Y, r"drop must be a list of columns; got a text: drop=\['hue'\]"),
        ({"dates": "a"}, Y, r"dates=\['a'\]"),
    ],
    ids=str,
)
def test_what_was_meant_is_said(settings, y, said):
    for kind in (TableClassifier, TableRegressor):
        with pytest.raises(ValueError, match=said):
            kind(**{**SMALL, **settings}).fit(FRAME, y)
    if "hidden" not in settings:
        with pytest.raises(ValueError, match=said):
            DepthStudy(**settings).fit(FRAME, y)
