"""Ctrl-C while training: it ends soon, with numbers to be used, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from layerwise import MLPClassifier, Network, Trainer, signals
from layerwise.engine.compiled import CompiledPredictor, CompiledSession
from layerwise.training import epochs, evaluation, lbfgs
from tests.helpers.compare import assert_same_bits
from tests.training.training import class_table, layerwise_threads, train

X, Y = class_table()
SIZES = "4-5-3:softmax"
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


@pytest.fixture
def pressed_within(monkeypatch):
    """Arrange that Ctrl-C is pressed within the n-th call of something; gives all its calls."""

    def arrange(owner, name, n):
        calls, real = [], getattr(owner, name)

        def counted(*args, **kwargs):
            calls.append(args)
            if len(calls) == n:
                os.kill(os.getpid(), signal.SIGINT)
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, counted)
        return calls

    return arrange


@pytest.fixture
def step_by_step(monkeypatch):
    """One batch in each call of the engine, however fast the machine is."""
    monkeypatch.setattr(epochs, "BITE_SECONDS", 0.0)


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


def test_in_the_midst_of_an_epoch_the_network_holds_the_latest_numbers(
    pressed_within, step_by_step, stray
):
    calls = pressed_within(CompiledSession, "run", 17)
    net, history = train(SIZES, X, Y, batch_size=10, epochs=5)  # 12 batches an epoch
    assert len(calls) == 17
    assert (history.stopped, len(history)) == ("interrupted", 1)
    assert np.isfinite(net.vector).all()
    assert not np.array_equal(net.vector, train(SIZES, X, Y, batch_size=10, epochs=1)[0].vector)
    assert not stray
    assert not layerwise_threads()


def test_in_the_midst_of_an_epoch_too_the_best_numbers_are_kept(pressed_within, step_by_step):
    calls, held_out = pressed_within(CompiledSession, "run", 17), (X[:20], Y[:20])
    net, history = train(SIZES, X, Y, batch_size=10, epochs=5, validation_data=held_out)
    assert len(calls) == 17
    assert (history.stopped, history.best_epoch) == ("interrupted", 1)
    assert_same_bits(net.vector, train(SIZES, X, Y, batch_size=10, epochs=1)[0].vector)


# How soon: after the call of the engine, or the piece of the table, in which it was pressed


def test_a_call_of_the_engine_is_as_long_as_promised(monkeypatch):
    now, step_seconds, calls = [0.0], 0.001, []
    run = CompiledSession.run

    def timed(self, batches):
        now[0] += step_seconds * len(batches)
        calls.append(step_seconds * len(batches))
        return run(self, batches)

    monkeypatch.setattr(CompiledSession, "run", timed)
    monkeypatch.setattr(epochs, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    x, y = class_table(2_000)
    for step_seconds in (0.001, 0.01, 1.0):
        calls.clear()
        train(SIZES, x, y, epochs=2, batch_size=10)  # 200 batches an epoch
        assert sum(calls) == pytest.approx(400 * step_seconds)
        assert max(calls) <= max(epochs.BITE_SECONDS + 1e-9, step_seconds)


def test_it_ends_in_the_midst_of_lbfgs(pressed_within, monkeypatch):
    monkeypatch.setattr(lbfgs, "_ROWS_AT_ONCE", 10)
    calls = pressed_within(CompiledSession, "run", 57)  # 12 calls for all rows
    net, history = train(SIZES, X, Y, optimizer="lbfgs")
    assert len(calls) == 57
    assert history.stopped == "interrupted"
    assert np.isfinite(net.vector).all()


def test_it_ends_while_held_out_rows_are_measured(pressed_within, monkeypatch):
    monkeypatch.setattr(evaluation, "_BITE", 0)  # 1024 rows at once
    held_out = class_table(5_000)
    # One call that compiles, five for all held-out rows, and some of the next five.
    calls = pressed_within(CompiledPredictor, "outputs", 1 + 5 + 2)
    _, history = train(SIZES, X, Y, validation_data=held_out)
    assert len(calls) == 8
    assert (history.stopped, len(history)) == ("interrupted", 1)
    assert np.isfinite(history["validation_loss"]).all()


@pytest.mark.slow
def test_a_process_ends_cleanly():
    # Ctrl-C as a person presses it: the process is told by the operating system.
    code = f"""
        import json, sys
        sys.path.insert(0, {ROOT!r})
        from tests.training.training import class_table, train

        def ready(net, epoch):
            if epoch.number == 1:
                print("ready", flush=True)

        x, y = class_table()
        net, history = train({SIZES!r}, x, y, callbacks=[ready], epochs=10**9)
        print(json.dumps([history.stopped, len(history), net.loss(x, y)]))
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=200)
    stopped, n_epochs, loss = json.loads(out)
    assert child.returncode == 0
    assert "Traceback" not in err
    assert stopped == "interrupted"
    assert n_epochs >= 1
    assert np.isfinite(loss)


# Pressed twice, and by whom it is caught


def test_pressed_twice_it_raises_keyboard_interrupt():
    net = Network(SIZES, seed=0, dtype="float64")
    with pytest.raises(KeyboardInterrupt):
        Trainer(epochs=20, seed=0, callbacks=[press(3, 3)]).fit(net, X, Y)
    assert_same_bits(net.vector, train(SIZES, X, Y, epochs=3)[0].vector)
    assert not layerwise_threads()


@pytest.fixture
def clock(monkeypatch):
    """The time, in seconds, as what is pressed looks at it."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(signals, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    return now


def test_pressed_again_soon_it_ends_what_goes_on_with_another_fit(clock, stray):
    clock.seconds += 60.0  # of a training after which it is pressed
    assert train(SIZES, X, Y, epochs=5, callbacks=[press(2)])[1].stopped == "interrupted"
    clock.seconds += 4.9
    with pytest.raises(KeyboardInterrupt):
        train(SIZES, X, Y, epochs=5, callbacks=[press(2)])
    # That was heard: the next one begins anew.
    assert train(SIZES, X, Y, epochs=5, callbacks=[press(2)])[1].stopped == "interrupted"
    clock.seconds += 5.0
    assert train(SIZES, X, Y, epochs=5, callbacks=[press(2)])[1].stopped == "interrupted"
    assert not stray


def test_a_search_can_be_stopped(clock):
    """Also where what a fit raises counts as a score, and by the presses of a person alone."""
    seen = []

    def pressed_twice(network, epoch):
        seen.append(epoch.number)
        if len(seen) in {2, 5}:
            clock.seconds += 2.0
            signal.raise_signal(signal.SIGINT)

    model = MLPClassifier(max_iter=50, callbacks=[pressed_twice], random_state=0)
    search = GridSearchCV(model, {"alpha": [0.0, 0.1]}, cv=2, error_score=0.0)
    with (
        pytest.warns(UserWarning, match=r"interrupted by user\. Pressed again within 5 s, Ctrl-C"),
        pytest.raises(KeyboardInterrupt),
    ):
        search.fit(X, Y)
    assert seen == [1, 2, 1, 2, 3]


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


class AfterAsking:
    """Becomes true at the n-th time it is asked."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __bool__(self) -> bool:
        self.left -= 1
        return self.left <= 0


def test_stop_ends_training_in_the_midst_of_an_epoch(step_by_step):
    net = Network(SIZES, seed=0)
    history = Trainer(epochs=5, batch_size=10, seed=0).fit(net, X, Y, stop=AfterAsking(6))
    assert (history.stopped, len(history)) == ("interrupted", 0)
    assert not np.array_equal(net.vector, Network(SIZES, seed=0).vector)


def test_stop_ends_training_in_another_thread_too(step_by_step):
    found = []

    def fit():
        net = Network(SIZES, seed=0)
        found.append(Trainer(epochs=5, batch_size=10, seed=0).fit(net, X, Y, stop=AfterAsking(6)))

    thread = threading.Thread(target=fit)
    thread.start()
    thread.join()
    assert (found[0].stopped, len(found[0])) == ("interrupted", 0)


def test_stop_ends_lbfgs():
    history = Trainer(optimizer="lbfgs", epochs=500, seed=0).fit(
        Network(SIZES, seed=0), X, Y, stop=AfterAsking(5)
    )
    assert history.stopped == "interrupted"
    assert len(history) < 500
