"""In the company of scikit-learn's other tools."""

import copy
import io
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
import sklearn.neural_network as theirs
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate, learning_curve
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
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


def test_a_clone_has_the_parameters_and_nothing_learned():
    model = MLPClassifier(**SMALL, dropout=0.1, activation=["gelu"]).fit(X, Y)
    new = clone(model)
    assert new.get_params() == model.get_params()
    assert not hasattr(new, "network_")
    assert not hasattr(new, "coefs_")


def joblib_copy(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    return joblib.load(file)


def pickle_copy(model):
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("kept", [copy.deepcopy, pickle_copy, joblib_copy])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_weights_remain_views_after_loading(estimator, kept, solver):
    model = estimator(**SMALL, solver=solver).fit(X, Y)
    loaded, before = kept(model), model.network_(X)
    assert (loaded.network_(X) == before).all()
    for part in (*loaded.coefs_, *loaded.intercepts_):
        assert np.shares_memory(part, loaded.network_.vector)
        assert not np.shares_memory(part, model.network_.vector)
    loaded.coefs_[0][...] = 0.0
    assert len(np.unique(loaded.network_(X))) == 1
    assert (model.network_(X) == before).all()


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


def test_inspection():
    model = MLPClassifier(**SMALL).fit(X, Y)
    importance = permutation_importance(model, X, Y, random_state=0).importances_mean
    assert importance[:2].min() > importance[2:].max()
    shown = partial_dependence(model, X, [0])
    assert np.diff(shown["average"][0]).mean() > 0


@pytest.mark.parametrize("label", ["only", 3, True])
def test_one_class_has_the_shapes_of_theirs(label):
    mine, other = (
        each(**SMALL).fit(X, [label] * len(X)) for each in (MLPClassifier, theirs.MLPClassifier)
    )
    assert mine.predict(X[:3]).tolist() == [label] * 3
    assert mine.predict_proba(X).shape == other.predict_proba(X).shape
    assert mine.classes_.tolist() == other.classes_.tolist()


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


@pytest.mark.parametrize(
    "around",
    [
        lambda model: CalibratedClassifierCV(model, cv=3),
        lambda model: BaggingClassifier(model, n_estimators=3, random_state=0),
        lambda model: VotingClassifier([("a", model), ("b", model)], voting="soft"),
        lambda model: StackingClassifier([("a", model)], cv=3),
        OneVsRestClassifier,
    ],
)
def test_around_a_classifier(around):
    assert around(MLPClassifier(**SMALL)).fit(X, Y).score(X, Y) > 0.7


def test_around_several_classifiers_and_a_regressor():
    both = np.stack([Y, 1 - Y], axis=1)
    assert MultiOutputClassifier(MLPClassifier(**SMALL)).fit(X, both).predict(X).shape == (120, 2)
    model = TransformedTargetRegressor(MLPRegressor(**SMALL), transformer=StandardScaler())
    assert np.isfinite(model.fit(X, 100 + X[:, 0]).predict(X)).all()


def test_a_learning_curve_by_partial_fit():
    _, _, scores = learning_curve(
        MLPClassifier(**SMALL), X, Y, train_sizes=[20, 50], cv=3, exploit_incremental_learning=True
    )
    assert np.isfinite(scores).all()


@pytest.mark.slow
def test_a_search_by_two_workers_finds_what_one_finds():
    grid = {"activation": ["relu", "gelu"], "hidden_layer_sizes": [(3,), (4, 4)]}
    found = [
        GridSearchCV(MLPClassifier(**SMALL), grid, cv=2, n_jobs=n).fit(X, Y).cv_results_
        for n in (1, 2)
    ]
    for name in ("mean_test_score", "params"):
        assert np.array_equal(found[0][name], found[1][name])


@pytest.mark.slow
def test_tables_that_workers_read_from_a_file():
    x = np.tile(X, (450, 1))
    model = MLPClassifier((3,), max_iter=1, random_state=0)
    alone, together = (
        cross_val_predict(model, x, np.tile(Y, 450), cv=2, n_jobs=n, method="predict_proba")
        for n in (1, 2)
    )
    assert x.nbytes > 1e6
    assert (alone == together).all()


@pytest.mark.parametrize("solver", ["adam", "adamw", "rmsprop", "sgd"])
@pytest.mark.parametrize("options", [{}, {"normalization": "batch", "dropout": 0.2}])
def test_a_loaded_model_goes_on_with_the_bits_of_the_original(solver, options):
    model = MLPClassifier(**SMALL, solver=solver, batch_size=16, **options)
    for _ in range(3):
        model.partial_fit(X, Y, classes=[0, 1])
    loaded = pickle_copy(model)
    for each in (model, loaded):
        each.partial_fit(X[:40], Y[:40])
        each.partial_fit(X[40:], Y[40:])
    assert (loaded.network_.vector == model.network_.vector).all()
    assert (loaded.network_.state == model.network_.state).all()


def test_a_routed_weight_is_what_a_weight_given_by_hand_is():
    weight = RNG.uniform(0.5, 2.0, len(X))
    parts = [(np.arange(60), np.arange(60, 90))]
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPClassifier(**SMALL).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False)
        routed = cross_validate(
            model, X, Y, cv=parts, params={"sample_weight": weight}, return_estimator=True
        )["estimator"][0]
    by_hand = MLPClassifier(**SMALL).fit(X[:60], Y[:60], sample_weight=weight[:60])
    assert (routed.network_.vector == by_hand.network_.vector).all()


@pytest.mark.parametrize(
    "x",
    [
        np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X.astype(">f8"), X.tolist(),
        pd.DataFrame(X), pd.DataFrame(X, columns=list("abcd")).astype("Float64"),
        pd.DataFrame(X, index=RNG.permutation(120)), X.astype(object), X[::-1][::-1],
    ],
)  # fmt: skip
def test_one_table_in_many_forms_gives_the_same_bits(x):
    wanted = MLPClassifier(**SMALL).fit(X, Y)
    found = MLPClassifier(**SMALL).fit(x, Y)
    assert (found.network_.vector == wanted.network_.vector).all()
    assert (found.predict_proba(x) == wanted.predict_proba(X)).all()


WORDS = np.array(["no", "yes"])[Y]


@pytest.mark.parametrize(
    "y",
    [
        WORDS, WORDS.tolist(), WORDS.astype(object), pd.Series(WORDS),
        pd.Series(WORDS, dtype="string"), pd.Series(WORDS, dtype="category"), Y > 0,
        Y.astype("int8"), Y.astype(float), np.array([7, -2])[Y],
        pd.Series(Y, dtype="Int64"), pd.Series(Y > 0, dtype="boolean"),
    ],
)  # fmt: skip
def test_labels_in_many_forms_are_classes_as_theirs_are(y):
    mine = MLPClassifier(**SMALL).fit(X, y)
    other = theirs.MLPClassifier(**SMALL).fit(X, y)
    assert mine.classes_.tolist() == other.classes_.tolist()
    assert mine.predict(X).dtype == other.predict(X).dtype
    assert mine.score(X, y) > 0.7


def test_labels_of_several_may_be_sparse():
    y = (X[:, :3] > 0).astype(int)
    dense, sparse = (MLPClassifier(**SMALL).fit(X, each) for each in (y, sp.csr_array(y)))
    assert (dense.network_.vector == sparse.network_.vector).all()


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_other_names_are_refused_in_their_words(estimator):
    frame = pd.DataFrame(X, columns=list("abcd"))
    models = [each(**SMALL) for each in (estimator, getattr(theirs, estimator.__name__))]
    for table in (frame.rename(columns={"a": "z"}), frame[list("bacd")], frame[list("abc")]):
        texts = []
        for model in models:
            with pytest.raises(ValueError, match="feature names should match") as caught:
                model.fit(frame, Y).predict(table)
            texts.append(str(caught.value))
        assert texts[0] == texts[1]


def test_a_random_state_that_is_an_object_moves_on():
    state = np.random.RandomState(0)
    first, second = (MLPClassifier(**SMALL | {"random_state": state}).fit(X, Y) for _ in range(2))
    assert (first.network_.vector != second.network_.vector).any()
