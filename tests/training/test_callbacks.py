"""Callbacks: when they are called, with what, and what they can do."""

import signal

import numpy as np
import pytest

from layerwise import Network, Trainer
from tests.training.training import class_table, layerwise_threads, train

X, Y = class_table()
SIZES = "4-5-3:softmax"


def test_each_is_called_after_each_epoch_with_the_network_and_the_epoch():
    seen, calls = [], []
    net = Network(SIZES, seed=0)
    trainer = Trainer(
        epochs=3,
        callbacks=[lambda *given: seen.append(given), lambda *given: calls.append(given)],
    )
    history = trainer.fit(net, X, Y)
    assert seen == calls == [(net, epoch) for epoch in history]
    assert [epoch.number for _, epoch in seen] == [1, 2, 3]


def test_it_sees_the_numbers_of_its_epoch():
    seen = []
    train(SIZES, X, Y, epochs=4, callbacks=[lambda net, epoch: seen.append(net.vector.copy())])
    for epochs, vector in enumerate(seen, start=1):
        assert np.array_equal(train(SIZES, X, Y, epochs=epochs)[0].vector, vector)


@pytest.mark.parametrize("answer", [True, 1, "enough", np.True_])
def test_what_is_true_ends_training(answer):
    _, history = train(
        SIZES, X, Y, epochs=9, callbacks=[lambda n, e: answer if e.number == 3 else 0]
    )
    assert len(history) == 3
    assert history.stopped == "callback"


@pytest.mark.parametrize("answer", [None, False, 0, ""])
def test_what_is_not_true_does_not(answer):
    _, history = train(SIZES, X, Y, epochs=4, callbacks=[lambda n, e: answer])
    assert len(history) == 4
    assert history.stopped == "epochs"


def test_the_others_are_called_even_so():
    seen = []
    train(SIZES, X, Y, epochs=4, callbacks=[lambda n, e: True, lambda n, e: seen.append(e.number)])
    assert seen == [1]


def test_an_exception_passes_through_and_leaves_nothing_behind():
    def fail(net, epoch):
        if epoch.number == 2:
            raise ZeroDivisionError("from a callback")

    def handler(number, frame): ...

    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(ZeroDivisionError, match="from a callback"):
            train(SIZES, X, Y, callbacks=[fail], n_threads=2, progress=True)
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert not layerwise_threads()


def test_a_network_can_be_trained_on_after_an_exception():
    def fail(net, epoch):
        if epoch.number == 2:
            raise ZeroDivisionError

    net = Network(SIZES, seed=0, dtype="float64")
    with pytest.raises(ZeroDivisionError):
        Trainer(seed=0, callbacks=[fail]).fit(net, X, Y)
    wanted, _ = train(SIZES, X, Y, epochs=2)
    assert np.array_equal(net.vector, wanted.vector)
    assert Trainer(epochs=20).fit(net, X, Y)["loss"][-1] < wanted.loss(X, Y)


def test_it_may_set_the_networks_numbers():
    def freeze(net, epoch):
        net.biases[0][:2] = 7.0

    net, _ = train(SIZES, X, Y, epochs=3, callbacks=[freeze])
    assert net.biases[0][:2].tolist() == [7.0, 7.0]
    assert (net.biases[0][2:] != 7.0).all()


def test_it_may_train_another_network():
    inner = []

    def train_another(net, epoch):
        inner.append(train(SIZES, X, Y, epochs=2)[0].vector)

    net, _ = train(SIZES, X, Y, epochs=2, callbacks=[train_another])
    assert all(np.array_equal(vector, net.vector) for vector in inner)
    assert len(inner) == 2
