"""The progress bar: on standard error, and only where it is asked for."""

import threading
import time

import pytest

from tests.training.training import class_table, train

X, Y = class_table()
SIZES = "4-5-3:softmax"


@pytest.fixture(autouse=True)
def _compiled(capfd):
    """Train once before, so that nothing is said of compiling."""
    train(SIZES, X, Y, epochs=1, validation_fraction=0.2)
    train(SIZES, X, Y, epochs=1, optimizer="lbfgs")
    capfd.readouterr()


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_it_is_written_to_standard_error_alone(capfd, optimizer):
    _, history = train(
        SIZES, X, Y, optimizer=optimizer, epochs=3, progress=True, validation_fraction=0.2
    )
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "training" in shown.err
    assert "3/3 epochs" in shown.err
    assert f"loss {history['loss'][-1]:.4f}" in shown.err
    assert f"held-out score {history['validation_score'][-1]:.4f}" in shown.err


def test_without_held_out_rows_no_score_is_shown(capfd):
    train(SIZES, X, Y, epochs=3, progress=True)
    assert "held-out" not in capfd.readouterr().err


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_nothing_is_written_where_it_is_not_wanted(capfd, optimizer):
    train(SIZES, X, Y, optimizer=optimizer, epochs=3, validation_fraction=0.2)
    assert capfd.readouterr() == ("", "")


def test_it_ends_when_training_fails(capfd):
    threads = []

    def fail(net, epoch):
        threads.append(threading.active_count())
        raise ZeroDivisionError

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        train(SIZES, X, Y, epochs=3, n_threads=1, progress=True, callbacks=[fail])
    assert "1/3 epochs" in capfd.readouterr().err
    # The bar draws itself in a thread of its own.
    assert threads == [before + 1]
    deadline = time.monotonic() + 100
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before
