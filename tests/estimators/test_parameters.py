"""What these classes have beyond scikit-learn's."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from layerwise import MLPClassifier, MLPRegressor
from layerwise.training import SCHEDULES

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((150, 5))
Y = (X @ RNG.standard_normal((5, 3)) + 0.2 * RNG.standard_normal((150, 3))).argmax(axis=1)
SMALL = {"hidden_layer_sizes": (8, 8), "random_state": 0, "max_iter": 10, "batch_size": 32}


def fit(estimator=MLPClassifier, y=Y, x=X, more=None, **parameters):
    return estimator(**(SMALL | parameters)).fit(x, y, **(more or {}))


def test_an_activation_for_each_layer():
    model = fit(activation=["silu", "tanh"])
    assert model.network_.architecture.activation == ("silu", "tanh")


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


def test_class_weights_are_sample_weights():
    weights = {0: 1.0, 1: 3.0, 2: 0.5}
    by_row = np.array([weights[label] for label in Y])
    a = fit(class_weight=weights)
    b = fit(more={"sample_weight": by_row})
    assert (a.network_.vector == b.network_.vector).all()
    balanced = fit(class_weight="balanced")
    c = fit(more={"sample_weight": compute_sample_weight("balanced", Y)})
    assert (balanced.network_.vector == c.network_.vector).all()
    both = fit(class_weight=weights, more={"sample_weight": np.full(150, 2.0)})
    d = fit(more={"sample_weight": 2.0 * by_row})
    assert (both.network_.vector == d.network_.vector).all()


def test_smoothed_labels_make_probabilities_less_sure():
    sure = fit(max_iter=200, learning_rate_init=0.01)
    smooth = fit(max_iter=200, learning_rate_init=0.01, label_smoothing=0.2)
    assert smooth.predict_proba(X).max() < sure.predict_proba(X).max()


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


def test_threads_change_nothing():
    vectors = [fit(n_threads=n, batch_size=150).network_.vector for n in (None, 1, 2, 5)]
    assert all((vector == vectors[0]).all() for vector in vectors)


def test_the_bar_is_on_standard_error(capsys):
    fit(progress=True)
    shown = capsys.readouterr()
    assert "10/10" in shown.err
    assert shown.out == ""


def test_callbacks_see_each_epoch_and_can_end_training():
    seen = []

    def look(network, epoch):
        seen.append((network.n_parameters, epoch.number))
        return epoch.number == 4

    model = fit(callbacks=[look])
    assert seen == [(model.network_.n_parameters, number) for number in (1, 2, 3, 4)]
    assert model.n_iter_ == 4


def test_held_out_rows_of_ones_own_are_scored():
    held_out = (X[100:], Y[100:])
    model = fit(x=X[:100], y=Y[:100], more={"validation_data": held_out})
    assert len(model.validation_scores_) == model.n_iter_ == 10
    assert model.validation_scores_[-1] == pytest.approx(model.score(*held_out))
    plain = fit(x=X[:100], y=Y[:100])
    assert (plain.network_.vector == model.network_.vector).all()


def test_early_stopping_takes_held_out_rows_of_ones_own_and_keeps_the_best():
    held_out = (X[100:], Y[100:])
    model = fit(
        x=X[:100], y=Y[:100], more={"validation_data": held_out}, early_stopping=True,
        max_iter=100, learning_rate_init=0.05,
    )  # fmt: skip
    assert model.score(*held_out) == pytest.approx(max(model.validation_scores_))
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_loss_ is None


@pytest.mark.parametrize(("given", "wanted"), [("f4", "f4"), ("f8", "f8"), ("i8", "f8")])
def test_the_precision_is_that_of_the_rows(given, wanted):
    x = (10 * X).astype(given)
    model = fit(x=x)
    assert model.network_.dtype == wanted
    assert model.predict_proba(x).dtype == wanted
    assert fit(MLPRegressor, x=x, y=X[:, 0]).predict(x).dtype == wanted


def test_several_labels_and_several_numbers():
    labels = (X[:, :3] > 0).astype(int)
    model = fit(y=labels, max_iter=300, learning_rate_init=0.01)
    assert model.score(X, labels) > 0.9
    assert model.predict_proba(X).shape == (150, 3)
    numbers = fit(MLPRegressor, y=X[:, :2] ** 2, max_iter=300, learning_rate_init=0.01)
    assert numbers.predict(X).shape == (150, 2)
    assert numbers.score(X, X[:, :2] ** 2) > 0.8


def test_counts_have_rates():
    y = RNG.poisson(np.exp(X[:, 0]))
    model = fit(MLPRegressor, y=y, loss="poisson", max_iter=200, learning_rate_init=0.01)
    assert (model.predict(X) > 0).all()
    assert model.score(X, y) > 0.5


def test_a_warm_start_goes_on():
    model = fit(warm_start=True)
    once = model.loss_
    model.fit(X, Y)
    assert model.loss_ < once
    assert (len(model.loss_curve_), model.n_iter_, model.t_) == (20, 10, 3000)
    with pytest.raises(ValueError, match="go on with the network there is"):
        model.set_params(hidden_layer_sizes=(3,)).fit(X, Y)


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
