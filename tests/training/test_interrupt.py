"""Ctrl-C while training: it ends soon, with numbers to be used, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from layerwise import Network, Trainer
from tests.helpers.compare import assert_same_bits
from tests.training.training import class_table, layerwise_threads, train

# What is promised is 0.1 s; machines that run tests are busy.
SOON = 0.3
X, Y = class_table()
SIZES = "4-5-3:softmax"
WIDE = "100-512-512-10:softmax"
ROOT = str(Path(__file__).parents[2])


def press(*numbers):
    """A callback that presses Ctrl-C after these epochs, as often as they are named."""

    def callback(net, epoch):
        for _ in range(numbers.count(epoch.number)):
            signal.raise_signal(signal.SIGINT)

    return callback


@pytest.fixture(autouse=True)
def stray():
    """The presses that no training caught; whatever happens, none of them ends the tests."""
    pressed = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    yield pressed
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def large():
    """A table whose epoch takes the network WIDE about a second."""
    return class_table(25_000, 100, 10)


class Timed:
    """A callback that has Ctrl-C pressed a while after the first epoch: in the midst of a later."""

    def __init__(self, wait: float = 0.1) -> None:
        self.wait, self.at = wait, 0.0
        self.vector = np.zeros(0)

    def __call__(self, net, epoch):
        if epoch.number == 1:
            self.vector = net.vector.copy()
            threading.Timer(self.wait, self.kill).start()

    def kill(self):
        self.at = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)

    def seconds_until_now(self) -> float:
        assert self.at, "training ended before Ctrl-C was pressed"
        return time.perf_counter() - self.at


# What it leaves


def test_training_ends_after_the_epoch_with_its_numbers(stray):
    net, history = train(SIZES, X, Y, epochs=20, callbacks=[press(3)])
    assert history.stopped == "interrupted"
    assert len(history) == 3
    assert_same_bits(net.vector, train(SIZES, X, Y, epochs=3)[0].vector)
    assert not stray


def test_with_held_out_rows_the_network_holds_the_best_numbers():
    seen = []
    net, history = train(
        "4-50-3:softmax",
        X[:60],
        Y[:60],
        validation_data=(X[60:], Y[60:]),
        optimizer="adamw",
        batch_size=1,
        epochs=100,
        callbacks=[lambda net, epoch: seen.append(net.vector.copy()), press(30)],
    )
    assert history.stopped == "interrupted"
    assert history.best_epoch == history["validation_loss"].argmin() + 1 < len(history) == 30
    assert_same_bits(net.vector, seen[history.best_epoch - 1])


def test_with_a_moving_average_the_network_holds_the_average():
    net, _ = train(SIZES, X, Y, epochs=20, ema=0.9, callbacks=[press(3)])
    assert_same_bits(net.vector, train(SIZES, X, Y, epochs=3, ema=0.9)[0].vector)


def test_in_the_midst_of_an_epoch_the_network_holds_the_latest_numbers(large, stray):
    timed = Timed()
    net, history = train(WIDE, *large, dtype="float32", batch_size=50, callbacks=[timed])
    assert timed.seconds_until_now() < SOON
    assert history.stopped == "interrupted"
    assert len(history) == 1
    assert np.isfinite(net.vector).all()
    assert not np.array_equal(net.vector, timed.vector)
    assert not stray
    assert not layerwise_threads()


def test_in_the_midst_of_an_epoch_too_the_best_numbers_are_kept(large):
    timed = Timed()
    x, y = large
    net, history = train(
        WIDE, x, y, dtype="float32", batch_size=50, callbacks=[timed], validation_fraction=0.01
    )
    assert history.stopped == "interrupted"
    assert history.best_epoch == 1
    assert_same_bits(net.vector, timed.vector)


# How soon


def test_it_ends_soon_in_the_midst_of_lbfgs(large):
    timed = Timed()
    x, y = large[0][:8000], large[1][:8000]
    net, history = train(WIDE, x, y, dtype="float32", optimizer="lbfgs", callbacks=[timed])
    assert timed.seconds_until_now() < SOON
    assert history.stopped == "interrupted"
    assert np.isfinite(net.vector).all()


def test_it_ends_soon_while_held_out_rows_are_measured(large):
    # Few rows to train on, and a second or so for those held out.
    x, y = large
    timed = Timed()
    _, history = train(
        "100-1500-1500-10:softmax",
        x[:50],
        y[:50],
        dtype="float32",
        callbacks=[timed],
        validation_data=(x, y),
    )
    assert timed.seconds_until_now() < SOON
    assert history.stopped == "interrupted"
    assert len(history) == 1
    assert np.isfinite(history["validation_loss"]).all()


def test_it_ends_soon_with_many_small_steps():
    x, y = class_table(20_000)
    timed = Timed()
    _, history = train(SIZES, x, y, epochs=10**6, batch_size=2, callbacks=[timed])
    assert timed.seconds_until_now() < SOON
    assert history.stopped == "interrupted"


def test_a_process_ends_soon_and_cleanly():
    # Ctrl-C as a person presses it: the process is told by the operating system.
    code = f"""
        import json, sys, time
        sys.path.insert(0, {ROOT!r})
        from tests.training.training import class_table, train

        def ready(net, epoch):
            if epoch.number == 1:
                print("ready", flush=True)

        x, y = class_table(25_000, 100, 10)
        settings = {{"dtype": "float32", "batch_size": 128, "epochs": 1000}}
        net, history = train({WIDE!r}, x, y, callbacks=[ready], **settings)
        print(json.dumps([time.monotonic(), history.stopped, len(history), net.loss(x, y)]))
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.2)
        pressed = time.monotonic()  # the same clock in every process
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    ended, stopped, epochs, loss = json.loads(out)
    assert child.returncode == 0
    assert "Traceback" not in err
    assert stopped == "interrupted"
    assert epochs >= 1
    assert np.isfinite(loss)
    assert ended - pressed < SOON


# Pressed twice, and by whom it is caught


def test_pressed_twice_it_raises_keyboard_interrupt():
    net = Network(SIZES, seed=0, dtype="float64")
    with pytest.raises(KeyboardInterrupt):
        Trainer(epochs=20, seed=0, callbacks=[press(3, 3)]).fit(net, X, Y)
    assert_same_bits(net.vector, train(SIZES, X, Y, epochs=3)[0].vector)
    assert not layerwise_threads()


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize("ended_by", ["epochs", "one press", "two presses", "error"])
def test_the_handler_of_before_is_put_back(ended_by, optimizer):
    def handler(number, frame): ...

    def fail(net, epoch):
        raise ZeroDivisionError

    callbacks, error = {
        "epochs": ([], None),
        "one press": ([press(2)], None),
        "two presses": ([press(2, 2)], KeyboardInterrupt),
        "error": ([fail], ZeroDivisionError),
    }[ended_by]
    signal.signal(signal.SIGINT, handler)
    settings = {"epochs": 4, "optimizer": optimizer, "callbacks": callbacks}
    if error is None:
        train(SIZES, X, Y, **settings)
    else:
        with pytest.raises(error):
            train(SIZES, X, Y, **settings)
    assert signal.getsignal(signal.SIGINT) is handler


def test_the_default_handler_is_put_back():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    train(SIZES, X, Y, epochs=2)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_ctrl_c_is_ignored_training_ignores_it_too():
    # As in a process that a shell started in the background.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, history = train(SIZES, X, Y, epochs=5, callbacks=[press(2)])
    assert history.stopped == "epochs"


def test_the_next_training_knows_nothing_of_it():
    train(SIZES, X, Y, epochs=5, callbacks=[press(2)])
    _, history = train(SIZES, X, Y, epochs=5)
    assert history.stopped == "epochs"


def test_in_another_thread_training_works_and_leaves_signals_alone(stray):
    result = []

    def work():
        result.append(train(SIZES, X, Y, epochs=20, callbacks=[press(3)]))

    handler = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    net, history = result[0]
    assert history.stopped == "epochs"
    assert_same_bits(net.vector, train(SIZES, X, Y, epochs=20)[0].vector)
    assert signal.getsignal(signal.SIGINT) is handler
    assert stray == [signal.SIGINT]


# Without Ctrl-C


class After:
    """True from the moment `seconds` after the first time it is asked."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.at = seconds, float("inf")

    def __bool__(self) -> bool:
        self.at = min(self.at, time.perf_counter() + self.seconds)
        return time.perf_counter() > self.at


def test_stop_ends_training_in_the_midst_of_an_epoch(large, stray):
    net, stop = Network(WIDE, seed=0), After(0.1)
    history = Trainer(epochs=5, batch_size=32, seed=0).fit(net, *large, stop=stop)
    assert time.perf_counter() - stop.at < SOON
    assert (history.stopped, len(history)) == ("interrupted", 0)
    assert not np.array_equal(net.vector, Network(WIDE, seed=0).vector)


def test_stop_ends_training_in_another_thread_too(large, stray):
    found, stop = [], After(0.1)

    def fit():
        net = Network(WIDE, seed=0)
        found.append(Trainer(epochs=5, batch_size=32, seed=0).fit(net, *large, stop=stop))

    thread = threading.Thread(target=fit)
    thread.start()
    thread.join()
    assert (found[0].stopped, len(found[0])) == ("interrupted", 0)


def test_stop_ends_lbfgs():
    history = Trainer(optimizer="lbfgs", epochs=500, seed=0).fit(
        Network(SIZES, seed=0), X, Y, stop=After(0.0)
    )
    assert history.stopped == "interrupted"
    assert len(history) < 500
