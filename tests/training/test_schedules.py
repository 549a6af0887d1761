"""Schedules: their formulas at points known beforehand, and that training follows them."""

import math

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from layerwise import SGD, Network, Trainer
from layerwise.architecture import Architecture
from layerwise.training import SCHEDULES, get_schedule
from tests.training.training import number_table, train

END = 1 - 1e-12  # t never reaches 1
POINTS = {
    "constant": {0: 1, 0.5: 1, END: 1},
    "adaptive": {0: 1, 0.5: 1, END: 1},
    "cosine": {0: 1, 1 / 3: 0.75, 0.5: 0.5, 2 / 3: 0.25, END: 0},
    # From 1/25 up to 1 at 0.3, down to 1/25 of 1/10,000; half-way between in the middle of each.
    "one_cycle": {0: 0.04, 0.15: 0.52, 0.3: 1, 0.65: (1 + 4e-6) / 2, END: 4e-6},
    "flat_cosine": {0: 1, 0.25: 1, 0.45: 1, 0.5: 1, 2 / 3: 0.75, 0.75: 0.5, END: 0},
    # Four cycles, each of double length: low at 0, 1/15, 3/15 and 7/15, high between.
    "multi_cycle_cosine": {
        0: 0,
        (2**0.5 - 1) / 15: 1,
        1 / 15: 0,
        (2**1.5 - 1) / 15: 1,
        3 / 15: 0,
        (2**2.25 - 1) / 15: 0.5,
        7 / 15: 0,
        (2**3.5 - 1) / 15: 1,
        END: 0,
    },
}


def rates_of(schedule: str, epochs: int, rate: float = 1.0, n_rows: int = 8) -> list[float]:
    """What training takes off a bias, step by step; there is one step in each epoch.

    The loss is |b - y| with a target that is out of reach, so that the gradient is -1.
    """
    net = Network("1-1", dtype="float64")
    net.vector[:] = 0
    places = [0.0]
    trainer = Trainer(
        optimizer=SGD(learning_rate=rate, momentum=0),
        loss="absolute",
        schedule=schedule,
        epochs=epochs,
        callbacks=[lambda net, epoch: places.append(float(net.biases[0][0]))],
    )
    trainer.fit(net, np.zeros((n_rows, 1)), np.full(n_rows, 1e9))
    return list(np.diff(places))


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "invscaling"])
def test_a_formula_at_known_points(name):
    t = np.array(list(POINTS[name]))
    assert get_schedule(name).factor(t, 0) == pytest.approx(list(POINTS[name].values()), abs=1e-9)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_factor_lies_between_0_and_1(name):
    factors = get_schedule(name).factor(np.linspace(0, END, 1001), 0)
    assert factors.shape == (1001,)
    assert factors.min() >= 0
    assert factors.max() <= 1


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "invscaling"])
def test_training_takes_its_steps_by_the_schedule(name):
    epochs = 12
    t = np.arange(epochs) / epochs
    wanted = 0.3 * get_schedule(name).factor(t, 0)
    assert rates_of(name, epochs, 0.3) == pytest.approx(wanted, abs=1e-6)


def test_a_schedule_moves_with_every_step_not_only_every_epoch():
    x, y = number_table(100)
    # 10 steps in each of 2 epochs; the last one of the first epoch is step 10 of 20.
    _, history = train(
        "4-1", x, y, optimizer=SGD(learning_rate=0.01), schedule="cosine", batch_size=10, epochs=2
    )
    wanted = [0.01 * 0.5 * (1 + math.cos(math.pi * t)) for t in (9 / 20, 19 / 20)]
    assert history["learning_rate"] == pytest.approx(wanted)


def test_invscaling_is_scikit_learns():
    epochs, rate = 6, 0.2
    x, y = number_table(30)
    model = MLPRegressor(solver="sgd", learning_rate="invscaling", learning_rate_init=rate)
    wanted = [rate]
    for _ in range(epochs - 1):
        model.partial_fit(x, y.ravel())
        wanted.append(model._optimizer.learning_rate)
    assert rates_of("invscaling", epochs, rate, n_rows=30) == pytest.approx(wanted, rel=1e-6)


def adaptive_rates(**settings) -> tuple[list[float], str]:
    """(the epochs' rates, why it ended) of a training in which no epoch counts as better."""
    x, y = number_table(20)
    optimizer = SGD(learning_rate=settings.pop("rate", 0.01))
    _, history = train(
        "4-1", x, y, optimizer=optimizer, schedule="adaptive", min_improvement=1e9, **settings
    )
    return history["learning_rate"].tolist(), history.stopped


@pytest.mark.parametrize("patience", [1, 2, 5])
def test_adaptive_takes_a_fifth_after_patience_epochs_without_improvement(patience):
    rates, _ = adaptive_rates(patience=patience, epochs=1 + 3 * patience)
    # The first epoch improves on nothing at all.
    wanted = [0.01, *np.repeat([0.01, 0.01 / 5, 0.01 / 25], patience)]
    assert rates == pytest.approx(wanted)


def test_adaptive_waits_ten_epochs_where_no_patience_is_asked_for():
    rates, _ = adaptive_rates(epochs=13)
    assert rates == pytest.approx([0.01] * 11 + [0.002] * 2)


def test_adaptive_ends_once_the_rate_is_below_a_millionth():
    rates, stopped = adaptive_rates(patience=1, epochs=100)
    assert stopped == "learning rate"
    assert rates[-1] <= 1e-6 < rates[-2]
    assert rates[-1] == pytest.approx(0.01 / 5**6)


def test_adaptive_leaves_the_rate_alone_while_the_loss_improves():
    x, y = number_table()
    _, history = train("4-1", x, y, optimizer=SGD(), schedule="adaptive", patience=2, epochs=20)
    assert (np.diff(history["loss"]) < 0).all()
    assert set(history["learning_rate"]) == {0.01}


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "adaptive"])
def test_weight_decay_follows_its_schedule(name):
    # Without inputs there is no gradient at the weight; it only decays.
    net = Network("1-1", dtype="float64")
    net.vector[:] = 1, 0
    epochs, n_rows = 8, 4
    weights = [1.0]
    trainer = Trainer(
        optimizer=SGD(learning_rate=0.5, weight_decay=0.1),
        decay_schedule=name,
        epochs=epochs,
        callbacks=[lambda net, epoch: weights.append(net.weights[0].item())],
    )
    trainer.fit(net, np.zeros((n_rows, 1)), np.zeros(n_rows))
    t, seen = np.arange(epochs) / epochs, n_rows * np.arange(epochs)
    factors = [float(get_schedule(name).factor(t[[i]], seen[i])[0]) for i in range(epochs)]
    shares_left = 1 - 0.5 * 0.1 * np.array(factors)
    assert np.divide(weights[1:], weights[:-1]) == pytest.approx(shares_left, rel=1e-6)


def test_weight_decay_also_follows_the_learning_rates_schedule():
    net = Network("1-1", dtype="float64")
    net.vector[:] = 1, 0
    optimizer = SGD(learning_rate=0.5, weight_decay=0.1)
    trainer = Trainer(optimizer=optimizer, schedule="cosine", epochs=2)
    trainer.fit(net, np.zeros((4, 1)), np.zeros(4))
    assert net.weights[0].item() == pytest.approx((1 - 0.05) * (1 - 0.025), rel=1e-6)


@pytest.mark.parametrize("name", ["constant", "cosine", "flat_cosine", "one_cycle"])
def test_dropout_follows_its_schedule(name):
    # Every one of k nodes gives 1/k of the target. With the share p dropped, and the others
    # scaled up, the output's variance is p / (1 - p) / k, and the loss is half of it.
    k, epochs, p = 64, 8, 0.5
    net = Network(Architecture([1, k, 1], dropout=p), dtype="float64")
    net.vector[:] = 0
    net.biases[0] = np.ones(k)
    net.weights[1] = np.full((k, 1), 1 / k)
    trainer = Trainer(
        optimizer=SGD(learning_rate=0.0),
        batch_size=4000,
        dropout_schedule=name,
        epochs=epochs,
        seed=0,
    )
    losses = trainer.fit(net, np.zeros((4000, 1)), np.ones(4000))["loss"]
    odds = 2 * k * losses
    share = p * get_schedule(name).factor(np.arange(epochs) / epochs, 0)
    assert odds / (1 + odds) == pytest.approx(share, rel=0.1, abs=1e-9)
