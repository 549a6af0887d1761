"""L-BFGS: it finds what linear algebra finds, and refuses what it cannot do."""

import signal

import numpy as np
import pytest

from layerwise import LBFGS, Network, Trainer
from layerwise.architecture import Architecture
from layerwise.training import TrainingDiverged
from tests.helpers.compare import assert_close
from tests.training.training import class_table, number_table, series, train

LINEAR = "4-2"
EXACTLY = LBFGS(tolerance=1e-12)
X, Y = number_table(200, 4, 2)


def ones_beside(x: np.ndarray) -> np.ndarray:
    return np.column_stack([x, np.ones(len(x))])


def weights_and_biases(net: Network) -> np.ndarray:
    return np.vstack([net.weights[0], net.biases[0]])


@pytest.mark.parametrize("n_rows", [5, 200, 5000])
def test_a_linear_network_reaches_the_least_squares_solution(n_rows):
    x, y = number_table(n_rows, 4, 2)
    net, history = train(LINEAR, x, y, optimizer=EXACTLY, epochs=200)
    wanted = np.linalg.lstsq(ones_beside(x), y)[0]
    assert_close(weights_and_biases(net), wanted, 1e-6)
    assert history.stopped == "converged"
    assert history["loss"][-1] == pytest.approx(net.loss(x, y), rel=1e-9)


def test_with_l2_it_reaches_ridge_regression():
    l2 = 0.3
    net, _ = train(LINEAR, X, Y, optimizer=EXACTLY, epochs=200, l2=l2)
    # The mean of |r|² / 2 plus l2 |w|² / 2, the biases free.
    inputs = ones_beside(X)
    penalty = len(X) * l2 * np.diag([1, 1, 1, 1, 0])
    wanted = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ Y)
    assert_close(weights_and_biases(net), wanted, 1e-6)


def test_with_l1_it_reaches_the_lasso_where_no_weight_is_zero():
    l1 = 0.01
    net, _ = train(LINEAR, X, Y, optimizer=EXACTLY, epochs=200, l1=l1)
    inputs = ones_beside(X)
    least_squares = np.linalg.lstsq(inputs, Y)[0]
    signs = np.sign(least_squares) * [[1], [1], [1], [1], [0]]
    wanted = least_squares - len(X) * l1 * np.linalg.solve(inputs.T @ inputs, signs)
    assert (np.sign(wanted) == np.sign(least_squares)).all()
    assert_close(weights_and_biases(net), wanted, 1e-6)


@pytest.mark.parametrize("n_rows", [200, 5000])
def test_with_sample_weights_it_reaches_weighted_least_squares(n_rows):
    x, y = number_table(n_rows, 4, 2)
    weight = np.random.default_rng(1).random(n_rows)
    net, history = train(LINEAR, x, y, optimizer=EXACTLY, epochs=200, sample_weight=weight)
    root = np.sqrt(weight)[:, None]
    wanted = np.linalg.lstsq(root * ones_beside(x), root * y)[0]
    assert_close(weights_and_biases(net), wanted, 1e-6)
    assert history["loss"][-1] == pytest.approx(net.loss(x, y, sample_weight=weight), rel=1e-9)


def test_in_float32_it_comes_as_close_as_float32_can():
    net, _ = train(LINEAR, X, Y, optimizer="lbfgs", epochs=200, dtype="float32")
    assert_close(weights_and_biases(net), np.linalg.lstsq(ones_beside(X), Y)[0], 1e-3)


def test_a_network_with_hidden_layers_improves_at_every_iteration():
    x, y = class_table()
    net, history = train("4-8:tanh-3:softmax", x, y, optimizer="lbfgs", epochs=20)
    losses = history["loss"]
    assert len(history) == 20
    assert history.stopped == "epochs"
    assert (np.diff(losses) < 0).all()
    assert losses[-1] == pytest.approx(net.loss(x, y), rel=1e-9)


def test_threads_change_no_bit():
    x, y = class_table(3000)
    nets = [
        train("4-60-3:softmax", x, y, optimizer="lbfgs", epochs=5, n_threads=n)[0] for n in (1, 2)
    ]
    assert np.array_equal(nets[0].vector, nets[1].vector)


def test_the_seed_changes_nothing():
    x, y = class_table()
    first, second = (
        series(train("4-5-3:softmax", x, y, optimizer="lbfgs", epochs=5, seed=seed)[1])
        for seed in (1, 2)
    )
    assert first == second


def overfit(**settings):
    """(network, history, held-out rows) of a network that learns 40 rows by heart."""
    x, y = class_table(140, 8)
    held_out = x[40:], y[40:]
    settings["optimizer"] = "lbfgs"
    net, history = train("8-20-3:softmax", x[:40], y[:40], validation_data=held_out, **settings)
    return net, history, held_out


def test_with_held_out_rows_the_best_iteration_is_kept():
    net, history, held_out = overfit(epochs=30)
    losses = history["validation_loss"]
    assert 1 < history.best_epoch == losses.argmin() + 1 < len(history)
    assert net.loss(*held_out) == pytest.approx(losses.min(), rel=1e-9)


def test_patience_ends_it():
    _, history, _ = overfit(epochs=30, patience=3)
    assert history.stopped == "patience"
    assert len(history) == history.best_epoch + 3


@pytest.mark.parametrize(
    ("stopped", "end"),
    [("callback", lambda: True), ("interrupted", lambda: signal.raise_signal(signal.SIGINT))],
)
def test_a_callback_and_ctrl_c_end_it_with_the_latest_numbers(stopped, end):
    x, y = class_table()
    seen = []

    def after(net, epoch):
        seen.append(net.vector.copy())
        return end() if epoch.number == 4 else None

    net, history = train("4-5-3:softmax", x, y, optimizer="lbfgs", callbacks=[after])
    assert history.stopped == stopped
    assert len(history) == 4
    assert np.array_equal(net.vector, seen[-1])


def test_what_a_callback_raises_passes_through():
    def fail(net, epoch):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(LINEAR, X, Y, optimizer="lbfgs", callbacks=[fail])


@pytest.mark.parametrize("options", [{"dropout": 0.1}, {"normalization": "batch"}])
def test_a_loss_that_changes_by_itself_is_refused(options):
    architecture = Architecture([4, 5, 2], **options)
    with pytest.raises(ValueError, match="without dropout and batch normalisation"):
        train(architecture, X, Y, optimizer="lbfgs")


def test_layer_normalisation_is_welcome():
    architecture = Architecture([4, 5, 2], "tanh", normalization="layer")
    _, history = train(architecture, X, Y, optimizer="lbfgs", epochs=10)
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize(
    "setting", [{"gradient_clipping": 1.0}, {"ema": 0.9}, {"checkpoint": "a"}, {"batch_size": 8}]
)
def test_settings_without_a_meaning_are_refused(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"{name} has no meaning with the optimiser 'lbfgs'"):
        Trainer(optimizer="lbfgs", **setting)


def test_a_loss_that_is_infinite_from_the_start_is_divergence():
    with pytest.raises(TrainingDiverged, match="before the first step"):
        train(LINEAR, X, Y * 1e30, optimizer="lbfgs", dtype="float32")


def test_running_out_of_evaluations_is_not_convergence():
    x, y = class_table()
    _, history = train("4-8-3:softmax", x, y, optimizer=LBFGS(max_evaluations=3), epochs=50)
    assert history.stopped != "converged"


@pytest.mark.parametrize("setting", [{"memory": 0}, {"tolerance": -1.0}, {"max_evaluations": 0}])
def test_its_own_settings_are_checked(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=name):
        LBFGS(**setting)
