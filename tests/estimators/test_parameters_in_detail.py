"""What these classes have beyond scikit-learn's, further."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.utils.class_weight import compute_sample_weight

from layerwise import MLPClassifier, MLPRegressor, Network

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((120, 6)) * (RNG.random((120, 6)) < 0.5)
Y = (X @ RNG.standard_normal((6, 3)) + 0.2 * RNG.standard_normal((120, 3))).argmax(axis=1)
SMALL = {"hidden_layer_sizes": (6, 6), "random_state": 0, "max_iter": 4, "batch_size": 32}
FORMS = [sp.csr_array, sp.csr_matrix, sp.csc_array, sp.csc_matrix]
SOLVERS = ["adam", "adamw", "rmsprop", "sgd", "lbfgs"]


def fit(estimator=MLPClassifier, y=Y, x=X, more=None, **parameters):
    return estimator(**(SMALL | parameters)).fit(x, y, **(more or {}))


def same(a, b):
    return np.array_equal(a.network_.vector, b.network_.vector) and np.array_equal(
        a.network_.state, b.network_.state
    )


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_sparse_rows_of_each_solver_and_precision(solver, form, dtype):
    x = X.astype(dtype)
    dense, sparse = fit(x=x, solver=solver), fit(x=form(x), solver=solver)
    assert same(dense, sparse)
    assert sparse.network_.dtype == dtype
    assert np.array_equal(dense.predict_proba(x), sparse.predict_proba(form(x)))
    assert dense.loss_ == sparse.loss_


@pytest.mark.parametrize(
    "options",
    [
        {"normalization": "batch"}, {"normalization": "layer", "residual": True}, {"dropout": 0.3},
        {"early_stopping": True, "max_iter": 8}, {"ema": 0.9}, {"class_weight": "balanced"},
        {"shuffle": False}, {"n_threads": 5}, {"schedule": "one_cycle"}, {"batch_size": 500},
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Got `batch_size`")
def test_sparse_rows_with_all_the_rest(options):
    assert same(fit(**options), fit(x=sp.csr_array(X), **options))


def test_held_out_rows_may_be_sparse_and_those_of_training_dense():
    found = [
        fit(x=a(X[:90]), y=Y[:90], more={"validation_data": (b(X[90:]), Y[90:])})
        for a in (np.asarray, sp.csr_array)
        for b in (np.asarray, sp.csc_matrix)
    ]
    assert all(same(each, found[0]) for each in found)
    assert all(each.validation_scores_ == found[0].validation_scores_ for each in found)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_no_form_of_sparse_rows_is_made_dense_at_once(monkeypatch, solver):
    seen = []
    for kind in FORMS:
        for name in ("toarray", "todense"):
            original = getattr(kind, name)

            def dense(self, *args, original=original, **others):
                seen.append(self.shape[0])
                return original(self, *args, **others)

            monkeypatch.setattr(kind, name, dense)
    x = sp.random_array((2000, 20), density=0.1, rng=np.random.default_rng(0))
    for form in FORMS:
        rows = form(x)
        y = np.arange(2000) % 3
        model = fit(x=rows, y=y, solver=solver, more={"validation_data": (rows, y)}, max_iter=2)
        model.predict_proba(rows)
        model.partial_fit(rows, y)
    assert max(seen, default=0) <= 256


def test_any_activation_alone_or_in_a_row():
    names = ["mish", "prelu", "logistic"]
    model = fit(hidden_layer_sizes=(4, 5, 6), activation=names)
    assert model.network_.architecture.activation == ("mish", "prelu", "sigmoid")
    same_for_all = fit(hidden_layer_sizes=(4, 4), activation=["tanh", "tanh"])
    assert same(same_for_all, fit(hidden_layer_sizes=(4, 4), activation="tanh"))
    for given in (np.array(["relu", "tanh"]), ("relu", "tanh")):
        assert same(fit(activation=given), fit(activation=["relu", "tanh"]))


def test_dropout_is_for_training_alone():
    model = fit(dropout=[0.5, 0.0])
    assert model.network_.architecture.dropout == (0.5, 0.0)
    assert np.array_equal(model.predict_proba(X), model.predict_proba(X))
    assert not same(model, fit())
    assert same(fit(dropout=0.0), fit())


@pytest.mark.parametrize("names", [["a", "b", "c"], [5, -3, 40], [0.0, 1.0, 2.0]])
def test_class_weights_go_by_label(names):
    y = np.array(names)[Y]
    weights = {names[0]: 2.0, names[2]: 0.25}
    by_row = [weights.get(label, 1.0) for label in y.tolist()]
    assert same(fit(y=y, class_weight=weights), fit(y=y, more={"sample_weight": np.array(by_row)}))
    balanced = compute_sample_weight("balanced", y)
    assert same(fit(y=y, class_weight="balanced"), fit(y=y, more={"sample_weight": balanced}))


def test_class_weights_go_with_partial_fit_and_sample_weights():
    weight = RNG.uniform(0.5, 2, 120)
    by_row = np.array([3.0, 1.0, 0.5])[Y]
    a = MLPClassifier(**SMALL, class_weight={0: 3.0, 2: 0.5})
    b = MLPClassifier(**SMALL)
    a.partial_fit(X, Y, sample_weight=weight, classes=[0, 1, 2])
    b.partial_fit(X, Y, sample_weight=weight * by_row, classes=[0, 1, 2])
    assert same(a, b)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_label_smoothing_brings_probabilities_together(n_classes):
    y = Y % n_classes
    spread = [
        fit(y=y, max_iter=100, learning_rate_init=0.01, label_smoothing=s).predict_proba(X).std()
        for s in (0.0, 0.1, 0.4)
    ]
    assert spread[0] > spread[1] > spread[2]


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(
    "options", [{}, {"normalization": "batch"}, {"dropout": 0.3}, {"solver": "lbfgs"}]
)
def test_any_number_of_threads_gives_the_same_bits(estimator, options):
    fits = [fit(estimator, batch_size=120, n_threads=n, **options) for n in (1, 2, 5, None)]
    assert all(same(each, fits[0]) for each in fits)
    assert all(np.array_equal(each.predict(X), fits[0].predict(X)) for each in fits)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_bar_leaves_standard_output_alone(capfd, solver):
    fit(progress=True, solver=solver)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "epochs" in shown.err
    fit(solver=solver)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_are_given_the_network_and_end_training(solver):
    seen = []

    def look(network, epoch):
        seen.append(network)
        return epoch.number == 2

    model = fit(solver=solver, callbacks=[look])
    assert len(seen) == model.n_iter_ == 2
    assert all(isinstance(each, Network) and each is model.network_ for each in seen)
    assert model.history_.stopped == "callback"


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_the_weights_kept_are_those_of_the_best_score(estimator):
    held_out = (X[90:], Y[90:])
    vectors = []
    model = fit(
        estimator, x=X[:90], y=Y[:90], more={"validation_data": held_out}, early_stopping=True,
        max_iter=40, learning_rate_init=0.1, n_iter_no_change=40, tol=0.0,
        callbacks=[lambda network, epoch: vectors.append(network.vector.copy())],
    )  # fmt: skip
    scores = model.validation_scores_
    assert len(scores) == len(vectors)
    assert model.best_validation_score_ == max(scores)
    assert np.array_equal(model.network_.vector, vectors[int(np.argmax(scores))])
    assert model.score(*held_out) == pytest.approx(max(scores))


def test_without_early_stopping_the_last_weights_are_kept_and_scores_recorded():
    vectors = []
    model = fit(
        more={"validation_data": (X[90:], Y[90:])}, max_iter=12, learning_rate_init=0.2,
        callbacks=[lambda network, epoch: vectors.append(network.vector.copy())],
    )  # fmt: skip
    assert np.array_equal(model.network_.vector, vectors[-1])
    assert len(model.validation_scores_) == 12
    assert np.isfinite(model.best_loss_)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i4", "u1", "?"])
def test_only_float32_rows_make_a_float32_network(dtype):
    x = np.abs(10 * X).astype(dtype)
    wanted = "f4" if dtype == "f4" else "f8"
    model = fit(x=x)
    assert model.network_.dtype == model.predict_proba(x).dtype == wanted
    assert model.coefs_[0].dtype == model.intercepts_[0].dtype == wanted


def test_poisson_loss_falls_to_that_of_the_rates():
    y = RNG.poisson(np.exp(X[:, 0]))
    model = fit(MLPRegressor, y=y, loss="poisson", solver="lbfgs", max_iter=200)
    assert model.out_activation_ == "exp"
    assert 0 < model.loss_ < 0.7
    sums = model.predict(X).sum(), y.sum()
    assert sums[0] == pytest.approx(sums[1], rel=0.02)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_warm_start_begins_where_the_last_fit_ended(solver):
    model = fit(warm_start=True, solver=solver)
    first = model.network_.vector.copy()
    model.set_params(learning_rate_init=1e-300, max_iter=1)
    if solver == "lbfgs":
        before = model.loss_
        assert model.fit(X, Y).loss_ <= before
    else:
        assert np.allclose(model.fit(X, Y).network_.vector, first, rtol=1e-12, atol=0)
