"""The moving average of the parameters (the setting ema)."""

import numpy as np
import pytest

from layerwise import SGD, Network, Trainer
from tests.helpers.compare import assert_close, assert_same_bits
from tests.training.training import number_table, train

X, Y = number_table()


def test_the_network_ends_with_the_average_of_what_it_was_after_each_step():
    # One step an epoch, so that a callback sees every step's numbers.
    steps = []
    decay = 0.4
    settings = {"epochs": 8, "optimizer": SGD(learning_rate=0.3), "ema": decay, "shuffle": False}
    net, _ = train(
        "4-5-1", X, Y, callbacks=[lambda n, e: steps.append(n.vector.copy())], **settings
    )
    average = Network("4-5-1", seed=0, dtype="float64").vector
    for t, vector in enumerate(steps, start=1):
        keep = min(decay, (1 + t) / (10 + t))
        average = keep * average + (1 - keep) * vector
    assert_close(net.vector, average, 1e-12)


def test_the_steps_themselves_are_those_without_an_average():
    plain, average = [], []
    train("4-5-1", X, Y, epochs=5, callbacks=[lambda n, e: plain.append(n.vector.copy())])
    train(
        "4-5-1", X, Y, epochs=5, ema=0.9, callbacks=[lambda n, e: average.append(n.vector.copy())]
    )
    assert_same_bits(np.array(average), np.array(plain))


def test_what_is_judged_on_held_out_rows_is_the_average():
    held_out = number_table(50, seed=1)
    net, history = train("4-5-1", X, Y, epochs=1, batch_size=10, ema=0.9, validation_data=held_out)
    assert history["validation_loss"][0] == pytest.approx(net.loss(*held_out), rel=1e-12)
    raw, _ = train("4-5-1", X, Y, epochs=1, batch_size=10)
    assert abs(raw.loss(*held_out) - net.loss(*held_out)) > 1e-6


def test_training_on_goes_on_from_the_average():
    net = Network("4-5-1", seed=0, dtype="float64")
    trainer = Trainer(epochs=2, ema=0.9, seed=0)
    trainer.fit(net, X, Y)
    start = net.vector.copy()
    trainer.fit(net, X, Y)
    assert not np.array_equal(net.vector, start)
    assert np.abs(net.vector - start).max() < 0.1
