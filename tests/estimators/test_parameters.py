"""What these classes have beyond scikit-learn's."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from layerwise import MLPClassifier, MLPRegressor, Network
from layerwise.training import OPTIMIZERS, SCHEDULES

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((150, 5))
Y = (X @ RNG.standard_normal((5, 3)) + 0.2 * RNG.standard_normal((150, 3))).argmax(axis=1)
SMALL = {"hidden_layer_sizes": (8, 8), "random_state": 0, "max_iter": 10, "batch_size": 32}


def fit(estimator=MLPClassifier, y=Y, x=X, more=None, **parameters):
    return estimator(**(SMALL | parameters)).fit(x, y, **(more or {}))


def same(a, b):
    return np.array_equal(a.network_.vector, b.network_.vector) and np.array_equal(
        a.network_.state, b.network_.state
    )


def test_any_activation_alone_or_in_a_row():
    names = ["mish", "prelu", "logistic"]
    model = fit(hidden_layer_sizes=(4, 5, 6), activation=names)
    assert model.network_.architecture.activation == ("mish", "prelu", "sigmoid")
    assert same(fit(activation=["tanh", "tanh"]), fit(activation="tanh"))
    for given in (np.array(["relu", "tanh"]), ("relu", "tanh")):
        assert same(fit(activation=given), fit(activation=["relu", "tanh"]))


def test_layers_that_keep_depth_in_order():
    model = fit(
        hidden_layer_sizes=(8,) * 12, normalization="layer", residual=True, dropout=0.1,
        learning_rate_init=0.01, max_iter=60,
    )  # fmt: skip
    layers = model.network_.architecture.layers
    assert all(layer.residual and layer.normalization == "layer" for layer in layers[1:-1])
    assert model.network_.architecture.dropout == (0.1,) * 12
    assert model.score(X, Y) > 0.8
    assert fit(normalization="batch").network_.state.size > 0


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
    by_row = np.array([weights.get(label, 1.0) for label in y.tolist()])
    assert same(fit(y=y, class_weight=weights), fit(y=y, more={"sample_weight": by_row}))
    balanced = compute_sample_weight("balanced", y)
    assert same(fit(y=y, class_weight="balanced"), fit(y=y, more={"sample_weight": balanced}))


def test_class_weights_go_with_partial_fit_and_sample_weights():
    weight = RNG.uniform(0.5, 2, 150)
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


def test_clipped_gradients_take_short_steps():
    free, clipped = (
        fit(solver="sgd", momentum=0.0, max_iter=1, gradient_clipping=clip) for clip in (None, 1e-6)
    )
    untrained = fit(solver="sgd", momentum=0.0, max_iter=1, learning_rate_init=1e-300)

    def moved(model):
        return np.abs(model.network_.vector - untrained.network_.vector).max()

    assert moved(clipped) < 1e-7 < moved(free)


@pytest.mark.parametrize("solver", ["adam", "adamw", "rmsprop", "sgd"])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_with_every_solver(schedule, solver):
    rates = fit(schedule=schedule, solver=solver, max_iter=6).history_["learning_rate"]
    # Half of flat_cosine is flat.
    wanted = {"constant": 1, "adaptive": 1, "flat_cosine": 4}.get(schedule, 6)
    assert len(set(rates)) == wanted


def test_power_t_is_the_exponent_of_invscaling():
    model = fit(solver="sgd", learning_rate="invscaling", power_t=0.25, max_iter=3)
    expected = 0.001 / (1 + 150 * np.arange(3)) ** 0.25
    np.testing.assert_allclose(model.history_["learning_rate"], expected)


def test_the_moving_average_is_what_the_network_ends_with():
    plain, averaged = fit(), fit(ema=0.99)
    assert (plain.network_.vector != averaged.network_.vector).any()
    assert averaged.loss_curve_ == pytest.approx(plain.loss_curve_)


@pytest.mark.parametrize("solver", ["adamw", "rmsprop"])
def test_further_solvers_learn(solver):
    assert fit(solver=solver, max_iter=100, learning_rate_init=0.01).score(X, Y) > 0.9


def test_adamw_takes_alpha_as_decay():
    free, decayed = (fit(solver="adamw", alpha=a, max_iter=50) for a in (0.0, 50.0))
    assert np.abs(decayed.coefs_[0]).mean() < 0.2 * np.abs(free.coefs_[0]).mean()


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(
    "options", [{}, {"normalization": "batch"}, {"dropout": 0.3}, {"solver": "lbfgs"}]
)
def test_any_number_of_threads_gives_the_same_bits(estimator, options):
    fits = [fit(estimator, batch_size=150, n_threads=n, **options) for n in (1, 2, 5, None)]
    assert all(same(each, fits[0]) for each in fits)
    assert all(np.array_equal(each.predict(X), fits[0].predict(X)) for each in fits)


@pytest.mark.parametrize(("solver", "said"), [("adam", "10/10"), ("lbfgs", "epochs")])
def test_the_bar_leaves_standard_output_alone(capfd, solver, said):
    fit(progress=True, solver=solver)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert said in shown.err
    fit(solver=solver)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_see_each_epoch_and_can_end_training(solver):
    seen = []

    def look(network, epoch):
        seen.append((network, epoch.number))
        return epoch.number == 4

    model = fit(solver=solver, callbacks=[look])
    assert [number for _, number in seen] == [1, 2, 3, 4]
    assert all(isinstance(each, Network) and each is model.network_ for each, _ in seen)
    assert (model.n_iter_, model.history_.stopped) == (4, "callback")


def test_held_out_rows_of_ones_own_are_scored():
    held_out = (X[100:], Y[100:])
    model = fit(x=X[:100], y=Y[:100], more={"validation_data": held_out})
    assert len(model.validation_scores_) == model.n_iter_ == 10
    assert model.validation_scores_[-1] == pytest.approx(model.score(*held_out))
    assert np.isfinite(model.best_loss_)
    assert same(fit(x=X[:100], y=Y[:100]), model)  # the last weights, without early stopping


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_the_weights_kept_are_those_of_the_best_score(estimator):
    held_out = (X[100:], Y[100:])
    vectors = []
    model = fit(
        estimator, x=X[:100], y=Y[:100], more={"validation_data": held_out}, early_stopping=True,
        max_iter=40, learning_rate_init=0.1, n_iter_no_change=40, tol=0.0,
        callbacks=[lambda network, epoch: vectors.append(network.vector.copy())],
    )  # fmt: skip
    scores = model.validation_scores_
    assert len(scores) == len(vectors)
    assert (model.best_validation_score_, model.best_loss_) == (max(scores), None)
    assert np.array_equal(model.network_.vector, vectors[int(np.argmax(scores))])
    assert model.score(*held_out) == pytest.approx(max(scores))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i4", "u1", "?"])
def test_only_float32_rows_make_a_float32_network(dtype):
    x = np.abs(10 * X).astype(dtype)
    wanted = "f4" if dtype == "f4" else "f8"
    model = fit(x=x)
    assert model.network_.dtype == model.predict_proba(x).dtype == wanted
    assert model.coefs_[0].dtype == model.intercepts_[0].dtype == wanted
    assert fit(MLPRegressor, x=x, y=X[:, 0]).predict(x).dtype == wanted


def test_several_labels_and_several_numbers():
    labels = (X[:, :3] > 0).astype(int)
    model = fit(y=labels, max_iter=300, learning_rate_init=0.01)
    assert model.score(X, labels) > 0.9
    assert model.predict_proba(X).shape == (150, 3)
    numbers = fit(MLPRegressor, y=X[:, :2] ** 2, max_iter=300, learning_rate_init=0.01)
    assert numbers.predict(X).shape == (150, 2)
    assert numbers.score(X, X[:, :2] ** 2) > 0.8


def test_poisson_loss_falls_to_that_of_the_rates():
    y = RNG.poisson(np.exp(X[:, 0]))
    model = fit(MLPRegressor, y=y, loss="poisson", solver="lbfgs", max_iter=200)
    assert model.out_activation_ == "exp"
    assert (model.predict(X) > 0).all()
    assert 0 < model.loss_ < 0.7
    sums = model.predict(X).sum(), y.sum()
    assert sums[0] == pytest.approx(sums[1], rel=0.02)


def test_a_warm_start_goes_on():
    model = fit(warm_start=True)
    once = model.loss_
    model.fit(X, Y)
    assert model.loss_ < once
    assert (len(model.loss_curve_), model.n_iter_, model.t_) == (20, 10, 3000)
    with pytest.raises(ValueError, match="go on with the network there is"):
        model.set_params(hidden_layer_sizes=(3,)).fit(X, Y)


@pytest.mark.parametrize("solver", OPTIMIZERS)
def test_a_warm_start_begins_where_the_last_fit_ended(solver):
    model = fit(warm_start=True, solver=solver)
    first, loss = model.network_.vector.copy(), model.loss_
    model.set_params(learning_rate_init=1e-300, max_iter=1).fit(X, Y)
    if solver == "lbfgs":
        assert model.loss_ <= loss
    else:
        assert np.allclose(model.network_.vector, first, rtol=1e-12, atol=0)


def test_verbose_prints_as_scikit_learn_does(capsys):
    model = fit(verbose=True, early_stopping=True, max_iter=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Iteration 1, loss = {model.loss_curve_[0]:.8f}"
    assert lines[1] == f"Validation score: {model.validation_scores_[0]:f}"
    assert len(lines) == 6
    fit(verbose=True, tol=10.0, n_iter_no_change=2)
    assert "did not improve more than tol=10.000000 for 2 consecutive epochs. Stopping." in (
        capsys.readouterr().out
    )


def test_training_that_diverges_with_early_stopping_keeps_the_best():
    with pytest.warns(UserWarning, match="with the best weights so far"):
        model = fit(
            MLPRegressor, y=X[:, 0], solver="sgd", activation="identity", learning_rate_init=0.5,
            early_stopping=True, max_iter=200, n_iter_no_change=200, batch_size=8,
            hidden_layer_sizes=(50, 50),
        )  # fmt: skip
    assert np.isnan(model.validation_scores_[-1])
    assert np.isfinite(model.network_.vector).all()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"max_iter": 2}, "Maximum iterations"),
        ({"max_iter": 2, "batch_size": 1000, "schedule": "cosine"}, "Got `batch_size`"),
        ({"max_iter": 2, "solver": "lbfgs"}, "lbfgs failed to converge"),
    ],
)
def test_warnings_point_at_the_line_that_called(parameters, text):
    model = MLPClassifier(**(SMALL | parameters))
    with pytest.warns(UserWarning, match=text) as caught:
        model.fit(X, Y)
    assert [warning.filename for warning in caught] == [__file__]
