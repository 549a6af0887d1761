"""The table's estimators in the company of scikit-learn's tools, over raw tables."""

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from layerwise import TableClassifier, TableRegressor, load
from layerwise.tables.errors import TableError
from tests.store.small_models import QUICK

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


@pytest.fixture(scope="module")
def classifier():
    return TableClassifier(**QUICK).fit(TABLE, Y)


@pytest.fixture(scope="module")
def regressor():
    return TableRegressor(**{**QUICK, "epochs": 20}).fit(TABLE, PRICE)


def test_parameters_are_got_set_and_cloned():
    for kind in (TableClassifier, TableRegressor):
        model = kind(**QUICK, drop=["city"]).fit(TABLE, Y if kind is TableClassifier else PRICE)
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


def test_what_is_known_after_fitting(classifier):
    model = classifier
    assert model.n_features_in_ == 3
    assert model.feature_names_in_.tolist() == ["rooms", "city", "sold"]
    assert model.score(TABLE, Y) > 0.4


def test_a_search_over_a_raw_table():
    search = GridSearchCV(TableClassifier(**QUICK), {"hidden": [(4,), (8, 8)]}, cv=2)
    search.fit(TABLE, Y)
    assert search.best_params_["hidden"] in [(4,), (8, 8)]
    assert len(search.predict(TABLE)) == N


@pytest.mark.parametrize("scoring", ["neg_log_loss", "roc_auc", "accuracy"])
def test_cross_validation_of_classes(scoring):
    scores = cross_val_score(TableClassifier(**QUICK), TABLE, Y, cv=2, scoring=scoring)
    assert np.isfinite(scores).all()


def test_cross_validation_of_numbers_with_groups_kept_together():
    groups = np.arange(N) // 10
    scores = cross_val_score(
        TableRegressor(**QUICK), TABLE, PRICE, cv=GroupKFold(2), groups=groups, scoring="r2"
    )
    assert np.isfinite(scores).all()


def test_in_a_pipeline_after_a_step_that_makes_a_column():
    step = FunctionTransformer(lambda table: table.assign(many=table.rooms > 5))
    pipeline = make_pipeline(step, TableClassifier(**QUICK))
    weight = np.linspace(1, 2, N)
    pipeline.fit(TABLE, Y, tableclassifier__sample_weight=weight)
    assert isinstance(pipeline, Pipeline)
    assert "many" in pipeline[-1].feature_names_in_
    assert len(pipeline.predict(TABLE)) == N
    expected = TableClassifier(**QUICK).fit(step.transform(TABLE), Y, sample_weight=weight)
    assert np.array_equal(
        pipeline.predict_proba(TABLE), expected.predict_proba(step.transform(TABLE))
    )


def test_calibrated_by_scikit_learn():
    model = CalibratedClassifierCV(TableClassifier(**QUICK), cv=2).fit(TABLE, Y)
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.predict_proba(TABLE).sum(axis=1) == pytest.approx(1)


def test_voting_with_another_model():
    x = TABLE[["rooms"]].assign(more=RNG.normal(size=N))
    voting = VotingClassifier(
        [("network", TableClassifier(**QUICK)), ("line", LogisticRegression())], voting="soft"
    ).fit(x, Y)
    assert set(voting.predict(x)) <= {"no", "yes"}
    assert voting.score(x, Y) > 0.5


@pytest.mark.parametrize("kind", [TableClassifier, TableRegressor])
def test_a_pickled_model_predicts_the_same(kind):
    model = kind(**QUICK).fit(TABLE, Y if kind is TableClassifier else PRICE)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(TABLE), model.predict(TABLE))
    assert repr(again) == repr(model)


def test_the_logarithm_of_probabilities(classifier):
    assert np.array_equal(
        classifier.predict_log_proba(TABLE), np.log(classifier.predict_proba(TABLE))
    )


def test_networks_predict_by_themselves_too(classifier, regressor):
    each = classifier.predict_by_network(TABLE)
    assert each.shape == (2, N, 2)
    assert each.sum(axis=2) == pytest.approx(1)
    assert np.abs(each.mean(axis=0) - classifier.predict_proba(TABLE)).max() < 0.05
    numbers = regressor.predict_by_network(TABLE)
    assert numbers.shape == (2, N)
    low, high = PRICE.min(), PRICE.max()
    assert ((numbers >= low) & (numbers <= high)).all()


def test_importance_of_columns_is_found_on_rows_held_out(regressor):
    importances = regressor.feature_importances_
    assert importances.shape == (3,)
    assert importances.argmax() == 0
    assert importances[0] > 0.1  # of R²
    assert (importances >= 0).all()
    found = permutation_importance(regressor, TABLE, PRICE, n_repeats=5, random_state=0)
    assert found.importances_mean.argmax() == 0
    assert importances[0] == pytest.approx(found.importances_mean[0], rel=0.5)
    assert np.array_equal(pickle.loads(pickle.dumps(regressor)).feature_importances_, importances)


def test_a_column_that_is_not_used_has_no_importance():
    model = TableRegressor(**QUICK, drop=["rooms"]).fit(TABLE, PRICE)
    assert model.feature_importances_[0] == 0
    assert not hasattr(TableRegressor(), "feature_importances_")


def test_importance_is_no_part_of_a_file(regressor, tmp_path):
    regressor.save(tmp_path / "model")
    with pytest.raises(AttributeError, match=r"permutation_importance\(model, X, y\)"):
        _ = load(tmp_path / "model").feature_importances_


@pytest.mark.parametrize("select", [RFE, SelectFromModel])
def test_columns_are_selected_by_importance(select):
    x = RNG.normal(size=(N, 4))
    y = 3 * x[:, 2] + 0.1 * RNG.normal(size=N)
    how = {"n_features_to_select": 1} if select is RFE else {"max_features": 1}
    selector = select(TableRegressor(**{**QUICK, "epochs": 20}), **how).fit(x, y)
    assert selector.get_support().tolist() == [False, False, True, False]


def test_several_labels_are_for_a_model_each():
    both = np.column_stack([TABLE.rooms > 4, TABLE.rooms > 6]).astype(int)
    with pytest.raises(TableError, match=r"MultiOutputClassifier\(TableClassifier\(\)\)"):
        TableClassifier(**QUICK).fit(TABLE, both)
    models = MultiOutputClassifier(TableClassifier(**QUICK)).fit(TABLE, both)
    assert models.predict(TABLE).shape == (N, 2)


@pytest.mark.parametrize("kind", [TableClassifier, TableRegressor])
def test_the_target_left_among_the_columns_is_named(kind):
    y = Y if kind is TableClassifier else PRICE
    table = TABLE.assign(answer=y.astype("category") if kind is TableClassifier else y)
    with pytest.warns(UserWarning, match=r"'answer' holds the target .* as drop=\['answer'\]"):
        model = kind(**QUICK).fit(table, y)
    assert "'answer'" in model.notes_[-1]
    table.loc[5, "answer"] = table.answer[np.flatnonzero(y != y[5])[0]]
    for other, options in ((table, {}), (TABLE.assign(answer=y), {"drop": ["answer"]})):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kind(**QUICK, **options).fit(other, y)


def test_an_array_goes_on_with_a_model_of_a_frame(classifier):
    model = copy.deepcopy(classifier)
    with pytest.warns(UserWarning, match="does not have valid feature names") as caught:
        model.partial_fit(TABLE.to_numpy(), Y)
    assert caught[0].filename == __file__
    with pytest.raises(TableError, match="X has 2 features, but TableClassifier is expecting 3"):
        model.partial_fit(TABLE.to_numpy()[:, :2], Y)


def test_a_column_of_labels_is_taken_with_scikit_learns_warning():
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        model = TableClassifier(**QUICK).fit(TABLE, Y.to_numpy()[:, None])
    assert model.classes_.tolist() == ["no", "yes"]
