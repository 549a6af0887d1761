"""A loss that stops being finite: an error that helps, and a network that can still be used."""

import re

import numpy as np
import pytest

from layerwise import SGD, Network, Trainer
from layerwise.architecture import Architecture
from layerwise.training import TrainingDiverged
from tests.helpers.compare import assert_same_bits
from tests.training.training import class_table, layerwise_threads, number_table

X, Y = number_table(120)
SIZES = "4-8-1"
FAR_TOO_LARGE = SGD(learning_rate=1e6)


def diverge(net=None, *, x=X, y=Y, validation_data=None, **settings):
    """(the network afterwards, the error, its numbers after each epoch)."""
    net = net or Network(SIZES, seed=0)
    seen = []
    settings = {"optimizer": FAR_TOO_LARGE, "batch_size": 20, "seed": 0} | settings
    trainer = Trainer(**settings, callbacks=[lambda net, epoch: seen.append(net.vector.copy())])
    with pytest.raises(TrainingDiverged) as caught:
        trainer.fit(net, x, y, validation_data=validation_data)
    return net, caught.value, seen


def test_the_error_says_where_and_what_to_do():
    _, error, _ = diverge()
    assert re.match(
        r"the loss became (nan|inf) at epoch 1, step [2-6], with the learning rate 1e\+06\. "
        r"Try a smaller one, such as 100000, or gradient_clipping=1\.0; and bring inputs "
        r".*The network holds its last good numbers$",
        str(error),
    )


def test_the_step_it_names_is_the_first_without_a_finite_loss():
    net, rate = Network(SIZES, seed=0), 1e6
    with np.errstate(all="ignore"):
        for step in range(1, 7):
            rows = slice(20 * (step - 1), 20 * step)
            gradients = net.backward(net.forward(X[rows]), Y[rows])
            if not np.isfinite(gradients.loss):
                break
            net.vector[:] -= np.float32(rate) * gradients.vector
    _, error, _ = diverge(optimizer=SGD(learning_rate=rate, momentum=0), shuffle=False)
    assert step > 2
    assert f"at epoch 1, step {step}, " in str(error)


def test_it_is_an_arithmetic_error():
    assert issubclass(TrainingDiverged, ArithmeticError)


def test_in_the_first_epoch_the_network_keeps_the_numbers_it_came_with():
    net, _, seen = diverge()
    assert not seen
    assert_same_bits(net.vector, Network(SIZES, seed=0).vector)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_later_it_has_those_of_the_last_epoch_whose_loss_was_finite(dtype):
    # The rate rises from 1/25 of it, and so the first epochs are harmless.
    net, error, seen = diverge(
        Network(SIZES, seed=0, dtype=dtype),
        optimizer=SGD(learning_rate=1.5),
        schedule="one_cycle",
        epochs=200,
    )
    assert len(seen) >= 3
    assert f"at epoch {len(seen) + 1}, step " in str(error)
    assert np.isfinite(net.vector).all()
    assert_same_bits(net.vector, seen[-1])


def test_with_held_out_rows_it_has_the_best_numbers():
    net, _, seen = diverge(
        optimizer=SGD(learning_rate=1.5),
        schedule="one_cycle",
        epochs=200,
        validation_data=(X[:60], Y[:60]),
    )
    losses = [Network.of(net.architecture, vector).loss(X[:60], Y[:60]) for vector in seen]
    assert_same_bits(net.vector, seen[int(np.argmin(losses))])
    assert np.isfinite(net.loss(X, Y))


def test_running_statistics_are_those_of_the_same_epoch():
    architecture = Architecture([4, 8, 8, 1], normalization="batch")
    net = Network(architecture, seed=0)
    before = net.state.copy()
    diverge(net, optimizer=SGD(learning_rate=1e30))
    assert_same_bits(net.state, before)


def test_classes_diverge_too():
    x, y = class_table()
    optimizer = SGD(learning_rate=1e30)
    net, _, _ = diverge(Network("4-8-3:softmax", seed=0), x=x, y=y, optimizer=optimizer)
    assert np.isfinite(net.vector).all()


@pytest.mark.parametrize("n_threads", [1, 2])
def test_nothing_is_left_behind(n_threads):
    diverge(n_threads=n_threads)
    assert not layerwise_threads()


def test_the_advice_helps():
    net = Network(SIZES, seed=0)
    trainer = Trainer(
        optimizer=SGD(learning_rate=0.1, momentum=0), batch_size=20, gradient_clipping=1.0
    )
    history = trainer.fit(net, X, Y * 1e6)
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize("epochs", [1, 5])
def test_a_last_step_that_goes_too_far_is_noticed(epochs):
    # One step an epoch: its loss is that before the step.
    y = 10 * Y
    net, _, _ = diverge(y=y, optimizer=SGD(learning_rate=3e38), batch_size=120, epochs=epochs)
    assert np.isfinite(net.vector).all()


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_both_engines_notice(engine):
    with np.errstate(all="ignore"):
        net, error, _ = diverge(engine=engine)
    assert "at epoch 1, step" in str(error)
    assert np.isfinite(net.vector).all()
