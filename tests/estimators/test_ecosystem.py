"""In the company of scikit-learn's other tools."""

import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from layerwise import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
SMALL = {"hidden_layer_sizes": (6,), "max_iter": 60, "random_state": 0, "learning_rate_init": 0.05}


def test_a_search_over_a_pipeline():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), MLPClassifier(**SMALL)),
        {
            "mlpclassifier__activation": ["relu", "silu"],
            "mlpclassifier__hidden_layer_sizes": [(4,), (6, 6)],
        },
        cv=3,
    ).fit(X, Y)
    assert search.best_score_ > 0.8
    assert search.best_estimator_[-1].network_.architecture.n_inputs == 4


def test_cross_validation_by_two_workers_gives_the_same_scores():
    alone, together = (cross_val_score(MLPClassifier(**SMALL), X, Y, n_jobs=n) for n in (1, 2))
    assert (alone == together).all()


def test_a_clone_has_the_parameters_and_nothing_learned():
    model = MLPClassifier(**SMALL, dropout=0.1, activation=["gelu"]).fit(X, Y)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "network_")
    assert not hasattr(copy, "coefs_")


@pytest.mark.parametrize("way", ["pickle", "joblib"])
@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_a_model_is_kept_and_goes_on_where_it_was(tmp_path, estimator, way):
    model = estimator(**SMALL)
    more = {"classes": [0, 1]} if estimator is MLPClassifier else {}
    model.partial_fit(X, Y, **more)
    if way == "pickle":
        loaded = pickle.loads(pickle.dumps(model))
    else:
        joblib.dump(model, tmp_path / "model")
        loaded = joblib.load(tmp_path / "model")
    assert (loaded.predict(X) == model.predict(X)).all()
    for each in (model, loaded):
        each.partial_fit(X[:50], Y[:50])
    assert (loaded.network_.vector == model.network_.vector).all()
    loaded.coefs_[0][...] = 0.0
    assert len(np.unique(loaded.predict(X))) == 1


def test_frames_in_and_out():
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = make_pipeline(StandardScaler(), MLPClassifier(**SMALL)).set_output(transform="pandas")
    model.fit(frame, Y)
    network = model[-1]
    assert network.feature_names_in_.tolist() == list("abcd")
    scaled = model[:-1].transform(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network.predict_proba(scaled)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        network.predict_proba(scaled.to_numpy())
    with pytest.raises(ValueError, match="feature names should match those that were passed"):
        network.predict_proba(scaled[list("dcba")])


def test_sample_weights_are_routed():
    weight = RNG.uniform(0.5, 2.0, len(X))
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPClassifier(**SMALL).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False)
        result = cross_validate(
            model, X, Y, params={"sample_weight": weight}, return_estimator=True, cv=3
        )
        plain = cross_validate(MLPClassifier(**SMALL), X, Y, return_estimator=True, cv=3)
    assert (result["estimator"][0].network_.vector != plain["estimator"][0].network_.vector).any()


def test_inspection():
    model = MLPClassifier(**SMALL).fit(X, Y)
    importance = permutation_importance(model, X, Y, random_state=0).importances_mean
    assert importance[:2].min() > importance[2:].max()
    shown = partial_dependence(model, X, [0])
    assert np.diff(shown["average"][0]).mean() > 0


@pytest.mark.parametrize("label", ["only", 3, True])
def test_one_class_alone(label):
    model = MLPClassifier(**SMALL).fit(X, [label] * len(X))
    assert model.predict(X[:3]).tolist() == [label] * 3


def test_one_row_alone():
    assert MLPClassifier(**SMALL).fit(X[:1], Y[:1]).predict(X[:1]) == Y[0]
    model = MLPRegressor(**SMALL).fit(X[:1], [2.0])
    assert model.predict(X[:1]).shape == (1,)


def test_no_hidden_layer_is_a_linear_model():
    model = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=0.0, max_iter=500)
    y = X @ [1.0, -2.0, 0.5, 3.0] + 0.7
    model.fit(X, y)
    np.testing.assert_allclose(model.coefs_[0][:, 0], [1.0, -2.0, 0.5, 3.0], atol=1e-3)
    np.testing.assert_allclose(model.intercepts_[0], 0.7, atol=1e-3)


def test_labels_of_any_kind():
    for labels in (np.array(["yes", "no"]), np.array([7, -2]), np.array([True, False])):
        y = labels[Y]
        model = MLPClassifier(**SMALL).fit(X, y)
        assert set(model.predict(X)) <= set(labels.tolist())
        assert model.predict(X).dtype == y.dtype
        assert model.score(X, y) > 0.8
