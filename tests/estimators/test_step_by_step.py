"""Step by step against scikit-learn's own networks: same first weights, same order of rows."""

import numpy as np
import pytest
import sklearn.neural_network as theirs
from numpy.testing import assert_allclose

import layerwise as ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((70, 5))
SIGNAL = X @ RNG.standard_normal((5, 3)) + 0.3 * RNG.standard_normal((70, 3))
TARGETS = {
    "two classes": ("MLPClassifier", SIGNAL[:, 0] > 0, {}),
    "three classes": ("MLPClassifier", SIGNAL.argmax(axis=1), {}),
    "several labels": ("MLPClassifier", (SIGNAL > 0).astype(int), {}),
    "one number": ("MLPRegressor", SIGNAL[:, 0], {}),
    "three numbers": ("MLPRegressor", SIGNAL, {}),
    "counts": ("MLPRegressor", RNG.poisson(np.exp(SIGNAL[:, 0] / 4)), {"loss": "poisson"}),
}
SOLVERS = {
    "gradient descent": {"solver": "sgd", "momentum": 0.0},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd"},
    "adam": {"solver": "adam", "epsilon": 1e-3},
    "large penalty": {"solver": "adam", "alpha": 30.0},
    "inverse scaling": {
        "solver": "sgd", "learning_rate": "invscaling", "power_t": 0.3, "momentum": 0.0,
    },
}  # fmt: skip
WEIGHT = RNG.uniform(0.2, 3.0, len(X))


def pair(name, **settings):
    """One estimator of each library, with the same weights."""
    common = {"hidden_layer_sizes": (7, 6), "batch_size": 16, "shuffle": False, "warm_start": True}
    kind, y, more = TARGETS[name]
    both = []
    for library in (ours, theirs):
        estimator = getattr(library, kind)(
            max_iter=1, learning_rate_init=1e-300, random_state=3, **common, **more
        )
        both.append(estimator.fit(X, y))
    for mine, other in zip(both[0].coefs_, both[1].coefs_, strict=True):
        mine[...] = other
    for mine, other in zip(both[0].intercepts_, both[1].intercepts_, strict=True):
        mine[...] = other
    # As if neither had trained yet.
    both[0]._state, both[0].t_ = None, 0
    del both[1]._optimizer
    both[1].t_ = 0
    for estimator in both:
        estimator.set_params(learning_rate_init=0.01, **settings)
    return *both, y


def assert_same_numbers(mine, other):
    for a, b in zip(mine.coefs_ + mine.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        assert_allclose(a, b, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("target", TARGETS)
def test_weights_after_some_epochs_are_those_of_scikit_learn(target, solver, weight):
    mine, other, y = pair(target, max_iter=4, **SOLVERS[solver])
    mine.fit(X, y, sample_weight=weight)
    other.fit(X, y, sample_weight=weight)
    assert_same_numbers(mine, other)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_activations_are_those_of_scikit_learn(activation):
    mine, other, y = pair("three classes", max_iter=4, activation=activation)
    mine.fit(X, y)
    other.fit(X, y)
    assert_same_numbers(mine, other)
    assert_allclose(mine.predict_proba(X), other.predict_proba(X), rtol=1e-7)


@pytest.mark.parametrize("target", TARGETS)
def test_losses_are_those_of_scikit_learn(target):
    mine, other, y = pair(target, max_iter=6, alpha=0.0)
    mine.fit(X, y)
    other.fit(X, y)
    assert_allclose(mine.loss_curve_[1:], other.loss_curve_[1:], rtol=1e-7)
    assert mine.loss_ == pytest.approx(other.loss_, rel=1e-7)
    assert mine.best_loss_ == pytest.approx(other.best_loss_, rel=1e-7)
    assert (mine.n_iter_, mine.t_, mine.n_layers_, mine.n_outputs_, mine.out_activation_) == (
        other.n_iter_, other.t_, other.n_layers_, other.n_outputs_, other.out_activation_,
    )  # fmt: skip


def test_the_loss_counts_the_penalty_as_scikit_learn_does():
    mine, other, y = pair("three classes", max_iter=3, alpha=2.0)
    mine.set_params(learning_rate_init=1e-12).fit(X, y)
    other.set_params(learning_rate_init=1e-12).fit(X, y)
    assert mine.loss_ == pytest.approx(other.loss_, rel=1e-6)


@pytest.mark.parametrize("target", TARGETS)
def test_partial_fits_are_those_of_scikit_learn(target):
    mine, other, y = pair(target)
    for part in (slice(0, 30), slice(30, 70), slice(10, 50)):
        mine.partial_fit(X[part], y[part])
        other.partial_fit(X[part], y[part])
    assert_same_numbers(mine, other)
    assert mine.t_ == other.t_


@pytest.mark.parametrize("settings", [{"tol": 0.02}, {"tol": 0.0, "n_iter_no_change": 1}])
def test_training_ends_when_that_of_scikit_learn_does(settings):
    mine, other, y = pair("one number", max_iter=400, alpha=0.0, n_iter_no_change=3)
    mine.set_params(learning_rate_init=0.1, **settings).fit(X, y)
    other.set_params(learning_rate_init=0.1, **settings).fit(X, y)
    assert mine.n_iter_ == other.n_iter_ < 400


@pytest.mark.slow
def test_lbfgs_reaches_what_scikit_learn_reaches():
    mine, other, y = pair("one number", solver="lbfgs", max_iter=2000, alpha=0.5)
    mine.fit(X, y)
    other.fit(X, y)
    assert mine.loss_ == pytest.approx(other.loss_, rel=0.05)


@pytest.mark.parametrize("activation", ["relu", "logistic"])
def test_first_weights_spread_as_those_of_scikit_learn_do(activation):
    settings = {
        "hidden_layer_sizes": (200, 150), "activation": activation, "max_iter": 1,
        "learning_rate_init": 1e-300, "random_state": 0,
    }  # fmt: skip
    y = TARGETS["three classes"][1]
    mine = ours.MLPClassifier(**settings).fit(X, y)
    other = theirs.MLPClassifier(**settings).fit(X, y)
    for a, b in zip(mine.coefs_ + mine.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        if a.size > 100:
            assert np.abs(a).max() == pytest.approx(np.abs(b).max(), rel=0.03)
            assert a.std() == pytest.approx(b.std(), rel=0.1)
