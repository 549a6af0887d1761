"""The progress bar: in a terminal, a notebook or lines, and only where it is asked for."""

import sys
import threading
import time
from types import SimpleNamespace

import pytest

from layerwise.training import progress
from layerwise.training.progress import LINES, NOTEBOOK, TERMINAL, LiveBar, find_place
from tests.training.training import class_table, train

X, Y = class_table()
SIZES = "4-5-3:softmax"


@pytest.fixture(autouse=True, scope="module")
def _compiled():
    """Train once before, so that nothing is said of compiling."""
    train(SIZES, X, Y, epochs=1, validation_fraction=0.2)
    train(SIZES, X, Y, epochs=1, optimizer="lbfgs")


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_it_is_written_to_standard_error_alone(capfd, optimizer):
    _, history = train(
        SIZES, X, Y, optimizer=optimizer, epochs=3, progress=True, validation_fraction=0.2
    )
    out, err = capfd.readouterr()
    assert out == ""
    line, seconds = err.rsplit("; took ", 1)
    assert line == (
        f"layerwise: training: 3/3 epochs, loss {history['loss'][-1]:.4f}, "
        f"held-out score {history['validation_score'][-1]:.4f}"
    )
    assert seconds.endswith(" s\n")


def test_without_held_out_rows_no_score_is_shown(capfd):
    train(SIZES, X, Y, epochs=3, progress=True)
    assert "held-out" not in capfd.readouterr().err


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_nothing_is_written_where_it_is_not_wanted(capfd, optimizer):
    train(SIZES, X, Y, optimizer=optimizer, epochs=3, validation_fraction=0.2)
    assert capfd.readouterr() == ("", "")


def test_it_ends_when_training_fails(capfd, monkeypatch):
    threads = []
    monkeypatch.setattr(progress, "find_place", lambda: TERMINAL)

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


# Where it is shown


@pytest.fixture
def notebook(monkeypatch):
    """A notebook's IPython: what is displayed, and each change of it."""
    seen = []
    handle = SimpleNamespace(update=lambda data, **options: seen.append(data))

    def display(data, **options):
        assert options == {"raw": True, "display_id": True}
        seen.append(data)
        return handle

    shell = SimpleNamespace(
        display_formatter=SimpleNamespace(active_types=["text/plain", "text/html"])
    )
    module = SimpleNamespace(get_ipython=lambda: shell, version_info=(9, 0), seen=seen, shell=shell)
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    return module


@pytest.fixture
def terminal(monkeypatch):
    for name in ("JPY_PARENT_PID", "GIT_PAGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    is_one = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(progress, "sys", SimpleNamespace(modules=sys.modules, stderr=is_one))
    return is_one


def test_in_a_terminal_and_where_there_is_none(terminal):
    assert find_place() == TERMINAL
    terminal.isatty = lambda: False
    assert find_place() == LINES


@pytest.mark.parametrize(("name", "value"), [("JPY_PARENT_PID", "7"), ("GIT_PAGER", "cat")])
def test_a_command_in_a_cell_has_a_terminal_that_is_none(terminal, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert find_place() == LINES


def test_in_a_notebook_and_at_ipythons_prompt(terminal, notebook):
    assert find_place() == NOTEBOOK
    notebook.shell.display_formatter.active_types = ["text/plain"]
    assert find_place() == TERMINAL


def test_a_notebook_shows_a_bar_that_is_changed_now_and_then(notebook, monkeypatch, capfd):
    now = [100.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with LiveBar("training", NOTEBOOK, stays=True) as bar:
        bar.start()
        assert notebook.seen[0]["text/plain"] == "training"
        assert "value" not in notebook.seen[0]["text/html"]
        for done in range(1, 1_001):
            now[0] += 0.01
            bar.show(done, 2_000, f"network {done} < 2")
    assert 20 < len(notebook.seen) < 45  # in 10 seconds
    assert 'value="1000" max="2000"' in notebook.seen[-1]["text/html"]
    assert "training: network 1000 &lt; 2; took 10.0 s</div>" in notebook.seen[-1]["text/html"]
    assert capfd.readouterr() == ("", "")


def test_a_terminal_shows_counts_on_standard_error(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    with LiveBar("shuffling", TERMINAL) as bar:
        bar.show(2, 4, "2/4 [b]")
    out, err = capsys.readouterr()
    assert out == ""
    assert "shuffling" in err
    assert "2/4 [b]" in err


@pytest.mark.parametrize("place", ["", TERMINAL, NOTEBOOK, LINES])
def test_where_nothing_is_done_nothing_is_shown(place, capsys, notebook):
    with LiveBar("shuffling", place, stays=True):
        pass
    assert capsys.readouterr() == ("", "")
    assert not notebook.seen
