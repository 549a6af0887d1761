"""A training taken step by step gives the bits of a whole one, whatever the steps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise import SGD, Adam, Architecture, Network, Trainer
from layerwise.training import OPTIMIZERS, SCHEDULES, TrainingDiverged
from layerwise.training.state import TrainerState

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 3)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
STEPWISE = sorted(OPTIMIZERS.keys() - {"lbfgs"})


def network(**options):
    return Network(Architecture([3, 5, 4, 2], output="softmax", **options), seed=1)


def both(trainer, sizes, **options):
    whole, stepped = network(**options), network(**options)
    trainer.fit(whole, X, Y)
    training = trainer.stepwise(stepped, X, Y)
    for size in sizes:
        training.take(size)
    while not training.is_done:
        training.take(3)
    training.close()
    return whole, stepped


@pytest.mark.parametrize("optimizer", STEPWISE)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_bits_are_those_of_a_whole_training(optimizer, schedule):
    trainer = Trainer(
        optimizer=optimizer, schedule=schedule, batch_size=8, epochs=7, seed=3, l2=1e-3
    )
    whole, stepped = both(trainer, [1, 6, 7, 8, 20])
    assert np.array_equal(whole.vector, stepped.vector)


@given(st.lists(st.integers(0, 40), max_size=6))
@settings(max_examples=20)
def test_however_the_steps_are_taken(sizes):
    trainer = Trainer(batch_size=16, epochs=6, seed=0, l1=1e-4, schedule="cosine")
    whole, stepped = both(trainer, sizes, dropout=0.3, normalization="batch")
    assert np.array_equal(whole.vector, stepped.vector)
    assert np.array_equal(whole.state, stepped.state)


def test_a_schedule_that_waits_for_improvement_ends_it_where_a_whole_one_ends():
    trainer = Trainer(
        optimizer=SGD(learning_rate=1e-9), schedule="adaptive", epochs=500, seed=0, batch_size=50,
        min_improvement=1e-3,
    )  # fmt: skip
    whole, stepped = network(), network()
    history = trainer.fit(whole, X, Y)
    training = trainer.stepwise(stepped, X, Y)
    while not training.is_done:
        training.take(1)
    assert training.n_epochs == len(history) < 500
    assert np.array_equal(whole.vector, stepped.vector)


def test_a_state_is_gone_on_from():
    whole, stepped, state = network(), network(), TrainerState()
    of_whole = TrainerState()
    for epochs, rate in ((3, 0.01), (2, 0.1)):
        trainer = Trainer(optimizer=Adam(learning_rate=rate), epochs=epochs, seed=0, batch_size=20)
        trainer.fit(whole, X, Y, state=of_whole)
        training = trainer.stepwise(stepped, X, Y, state=state)
        training.take(1_000)
        training.close()
    assert np.array_equal(whole.vector, stepped.vector)
    assert state.n_steps == of_whole.n_steps == 5 * 3
    assert state.n_epochs == of_whole.n_epochs == 5


def test_counts_rows_and_rates_are_those_of_the_next_step():
    trainer = Trainer(batch_size=20, epochs=2, seed=0, schedule="cosine")
    training = trainer.stepwise(network(), X, Y)
    assert (training.steps_per_epoch, training.n_epochs, training.steps_into_epoch) == (3, 0, 0)
    rows = [training.next_rows()]
    rates = [training.learning_rate()]
    for _ in range(2):
        training.take(1)
        rows.append(training.next_rows())
        rates.append(training.learning_rate())
    assert sorted(np.concatenate(rows).tolist()) == list(range(50))
    assert rates == sorted(rates, reverse=True)
    assert training.steps_into_epoch == 2
    training.take(1)
    assert (training.n_epochs, training.steps_into_epoch) == (1, 0)
    assert len(training.take(100)) == 3  # no more are left
    assert training.is_done
    assert training.learning_rate() == 0.0


def test_dead_nodes_are_of_the_rows_looked_at():
    dead = network()
    dead.biases[0] = [-100.0, 0, 0, 0, 0]
    training = Trainer(optimizer=SGD(), epochs=50, seed=0, batch_size=10).stepwise(dead, X, Y)
    assert training.dead_shares() is None
    training.take(5)
    assert training.dead_shares()[0] > 0.19  # one of five
    assert training.dead_shares() is None
    training.take(100)
    assert training.dead_shares()[0] > 0.19


def test_a_number_set_by_hand_is_learned_on_from():
    hand = network()
    training = Trainer(optimizer=SGD(), epochs=50, seed=0, batch_size=50).stepwise(hand, X, Y)
    training.set_number(0, 2.5)
    assert hand.weights[0][0, 0] == 2.5
    same = network()
    same.weights[0][0, 0] = 2.5
    Trainer(optimizer=SGD(), epochs=1, seed=0, batch_size=50).fit(same, X, Y)
    training.take(1)
    assert np.array_equal(hand.vector, same.vector)


def test_what_diverges_is_as_it_was_before_the_call():
    net = Network(Architecture([3, 4, 1]), seed=0)
    trainer = Trainer(optimizer=SGD(learning_rate=50.0), epochs=1_000, seed=0, batch_size=10)
    training = trainer.stepwise(net, X, X[:, 0] * 100)
    good, n = net.vector.copy(), 0

    def take_all():
        nonlocal good, n
        while True:
            good, n = net.vector.copy(), training.steps_into_epoch
            training.take(1)

    with pytest.raises(TrainingDiverged, match="smaller learning rate"):
        take_all()
    assert np.isfinite(net.vector).all()
    assert np.array_equal(net.vector, good)
    assert training.steps_into_epoch == n


def test_what_diverges_leaves_a_schedule_that_waits_for_improvement_as_it_was():
    def begun():
        net, state = Network(Architecture([3, 4, 1]), seed=0), TrainerState()
        trainer = Trainer(
            optimizer=SGD(learning_rate=0.1), epochs=1_000, seed=0, batch_size=10,
            schedule="adaptive",
        )  # fmt: skip
        return trainer.stepwise(net, X, X[:, 0], state=state), state

    training, state = begun()
    training.take(12)  # two epochs, and two steps of the third
    before = replace(state)
    net_before = training.network.vector.copy()
    training.set_number(0, 1e30)
    with pytest.raises(TrainingDiverged):
        training.take(20)
    assert (len(training.history), training.n_epochs) == (2, 2)
    assert state == before
    training.set_number(0, float(net_before[0]))
    training.take(8)
    other, _ = begun()
    other.take(20)
    assert np.array_equal(training.network.vector, other.network.vector)
    assert training.history["loss"].tolist() == other.history["loss"].tolist()


@pytest.mark.parametrize(
    ("options", "words"),
    [({"optimizer": "lbfgs"}, "lbfgs"), ({"validation_fraction": 0.2}, "holds no rows out")],
)
def test_what_takes_no_steps_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Trainer(**options).stepwise(network(), X, Y)


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="no rows"):
        Trainer().stepwise(network(), X[:0], Y[:0])
