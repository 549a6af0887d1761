"""The table's estimators in the company of scikit-learn's tools, over raw tables."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from layerwise import TableClassifier, TableRegressor

SMALL = {
    "effort": "low",
    "epochs": 3,
    "hidden": (8,),
    "n_folds": 2,
    "n_repeats": 1,
    "random_state": 0,
}
N = 90
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "rooms": RNG.integers(1, 9, N),
        "city": RNG.choice(["Ulm", "Bonn", None], N),
        "sold": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 900, N), "D"),
    }
)
Y = pd.Series(np.where(TABLE.rooms > 4, "yes", "no"), name="let")
PRICE = pd.Series(TABLE.rooms * 10.0 + RNG.normal(size=N), name="price")


def test_parameters_are_got_set_and_cloned():
    for kind in (TableClassifier, TableRegressor):
        model = kind(**SMALL, drop=["city"]).fit(TABLE, Y if kind is TableClassifier else PRICE)
        copy = clone(model)
        assert copy.get_params() == model.get_params()
        assert not hasattr(copy, "ensemble_")
        assert copy.set_params(epochs=9, hidden=(3, 3)).epochs == 9
        assert model.epochs == 3
        with pytest.raises(ValueError, match="Invalid parameter"):
            model.set_params(n_trees=3)


def test_they_are_what_they_are_called():
    assert is_classifier(TableClassifier())
    assert is_regressor(TableRegressor())


@pytest.mark.parametrize("kind", [TableClassifier, TableRegressor])
def test_a_model_that_is_not_fitted_says_so(kind):
    with pytest.raises(NotFittedError):
        kind().predict(TABLE)


def test_what_is_known_after_fitting():
    model = TableClassifier(**SMALL).fit(TABLE, Y)
    assert model.n_features_in_ == 3
    assert model.feature_names_in_.tolist() == ["rooms", "city", "sold"]
    assert model.score(TABLE, Y) > 0.4


def test_a_search_over_a_raw_table():
    search = GridSearchCV(TableClassifier(**SMALL), {"hidden": [(4,), (8, 8)]}, cv=2)
    search.fit(TABLE, Y)
    assert search.best_params_["hidden"] in [(4,), (8, 8)]
    assert len(search.predict(TABLE)) == N


@pytest.mark.parametrize("scoring", ["neg_log_loss", "roc_auc", "accuracy"])
def test_cross_validation_of_classes(scoring):
    scores = cross_val_score(TableClassifier(**SMALL), TABLE, Y, cv=2, scoring=scoring)
    assert np.isfinite(scores).all()


def test_cross_validation_of_numbers_with_groups_kept_together():
    groups = np.arange(N) // 10
    scores = cross_val_score(
        TableRegressor(**SMALL), TABLE, PRICE, cv=GroupKFold(2), groups=groups, scoring="r2"
    )
    assert np.isfinite(scores).all()


def test_in_a_pipeline_after_a_step_that_makes_a_column():
    step = FunctionTransformer(lambda table: table.assign(many=table.rooms > 5))
    pipeline = make_pipeline(step, TableClassifier(**SMALL))
    weight = np.linspace(1, 2, N)
    pipeline.fit(TABLE, Y, tableclassifier__sample_weight=weight)
    assert isinstance(pipeline, Pipeline)
    assert "many" in pipeline[-1].feature_names_in_
    assert len(pipeline.predict(TABLE)) == N
    expected = TableClassifier(**SMALL).fit(step.transform(TABLE), Y, sample_weight=weight)
    assert np.array_equal(
        pipeline.predict_proba(TABLE), expected.predict_proba(step.transform(TABLE))
    )


def test_calibrated_by_scikit_learn():
    model = CalibratedClassifierCV(TableClassifier(**SMALL), cv=2).fit(TABLE, Y)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.predict_proba(TABLE).sum(axis=1) == pytest.approx(1)


def test_voting_with_another_model():
    x = TABLE[["rooms"]].assign(more=RNG.normal(size=N))
    voting = VotingClassifier(
        [("network", TableClassifier(**SMALL)), ("line", LogisticRegression())], voting="soft"
    ).fit(x, Y)
    assert set(voting.predict(x)) <= {"no", "yes"}
    assert voting.score(x, Y) > 0.5


def test_permutation_importance_of_scikit_learn():
    model = TableRegressor(**{**SMALL, "epochs": 20}).fit(TABLE, PRICE)
    found = permutation_importance(model, TABLE, PRICE, n_repeats=2, random_state=0)
    assert found.importances_mean.argmax() == 0


@pytest.mark.parametrize("kind", [TableClassifier, TableRegressor])
def test_a_pickled_model_predicts_the_same(kind):
    model = kind(**SMALL).fit(TABLE, Y if kind is TableClassifier else PRICE)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(TABLE), model.predict(TABLE))
    assert repr(again) == repr(model)
