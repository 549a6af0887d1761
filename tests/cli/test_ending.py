"""What ends a command before its time: signals, a limit of time, and what goes wrong at the end."""

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from layerwise.ensemble.intervals import fit_intervals
from layerwise.ensemble.live_training import LiveTraining
from layerwise.signals import catch_termination
from layerwise.store import load
from layerwise.study.live_study import LiveStudy
from layerwise.study.one_fit import Interrupted
from tests.cli.conftest import NO_PICTURES, QUICK

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
LONG = ["--epochs", "1000000", "--learning-rate", "1e-9"]


@pytest.fixture
def table(tmp_path):
    lines = ["size,town,y", *(f"{i % 17},{'ab'[i % 2]},{'uv'[i // 3 % 2]}" for i in range(120))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    return "t.csv"


@pytest.fixture
def numbers(tmp_path):
    lines = ["size,town,y", *(f"{i % 17},{'ab'[i % 2]},{i % 17 * 2 + i % 5}" for i in range(120))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    return "t.csv"


@pytest.fixture(autouse=True)
def handlers():
    """Those of a process that no shell started in the background."""
    wanted = {signal.SIGINT: signal.default_int_handler}
    wanted |= dict.fromkeys([signal.SIGTERM, signal.SIGHUP], signal.SIG_DFL)
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    yield
    assert {number: signal.getsignal(number) for number in wanted} == wanted
    for number, handler in before.items():
        signal.signal(number, handler)


def at_an_epoch(monkeypatch, number):
    """Have a signal come at the first epoch that is told."""
    sent = []

    def told(self, network, n_networks, epoch, most):
        if not sent:
            sent.append(number)
            os.kill(os.getpid(), number)

    monkeypatch.setattr(LiveTraining, "__call__", told)


def kill(number):
    def end(*_, **__):
        os.kill(os.getpid(), number)

    return end


@pytest.mark.parametrize("number", SIGNALS)
def test_once_while_training_keeps_the_best_so_far(number, fit, table, tmp_path, monkeypatch):
    at_an_epoch(monkeypatch, number)
    code, out, _ = fit(table, *LONG)
    assert code == (0 if number == signal.SIGINT else SIGNALS[number])
    assert "ended early (interrupted)" in out
    assert "gradient-boosted trees" in out
    assert load(tmp_path / "m.layerwise").predict({"size": [1], "town": ["a"]})[0] in {"u", "v"}
    assert (tmp_path / "m.report.html").exists()


@pytest.mark.parametrize("number", SIGNALS)
def test_again_it_ends_at_once_with_the_model_that_is_saved(
    number, fit, table, tmp_path, monkeypatch
):
    at_an_epoch(monkeypatch, number)
    monkeypatch.setattr("layerwise.report.trial.judge", kill(number))
    code, out, err = fit(table, *LONG)
    assert code == SIGNALS[number]
    assert "ended before the model was tested; it is saved in m.layerwise" in err
    assert load(tmp_path / "m.layerwise").classes_.tolist() == ["u", "v"]
    assert not (tmp_path / "m.report.html").exists()


@pytest.mark.parametrize("number", SIGNALS)
def test_before_training_there_is_nothing_to_keep(number, fit, table, tmp_path, monkeypatch):
    monkeypatch.setattr("layerwise.report.trial.describe_columns", kill(number))
    assert fit(table)[0] == SIGNALS[number]
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_once_while_training_for_intervals_is_told_to_programs_too(
    fit, numbers, tmp_path, monkeypatch
):
    def pressed(*arguments, **options):
        os.kill(os.getpid(), signal.SIGINT)
        return fit_intervals(*arguments, **options)

    monkeypatch.setattr("layerwise.estimators.table_regressor.fit_intervals", pressed)
    code, out, _ = fit(numbers, "--json", "--intervals", "0.8", "--epochs", "3")
    assert (code, json.loads(out)["stopped"]) == (0, "interrupted")
    assert (tmp_path / "m.layerwise.training").is_dir()


@pytest.mark.slow
def test_a_terminal_that_is_closed_costs_neither_model_nor_report(table, tmp_path):
    ours, theirs = pty.openpty()
    program = NO_PICTURES + (
        "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "from layerwise.cli.command import main; main()"
    )
    # Classes that can be told apart: learned so slowly, each epoch is better than the one before.
    lines = ["size,y", *(f"{i % 17},{'uv'[i % 17 > 8]}" for i in range(120))]
    (tmp_path / table).write_text("\n".join(lines) + "\n")
    slowly = ["--epochs", "1000000", "--learning-rate", "1e-6"]
    fit = ["fit", table, "-t", "y", "-o", "m.layerwise", *QUICK, *slowly]
    with subprocess.Popen(
        [sys.executable, "-c", program, *fit],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while b"epoch" not in shown:
            shown += os.read(ours, 4096)
        os.close(ours)
    assert process.returncode == SIGNALS[signal.SIGHUP]
    assert load(tmp_path / "m.layerwise").classes_.tolist() == ["u", "v"]
    assert (tmp_path / "m.report.html").exists()


def test_a_hang_up_that_nohup_has_ignored_stays_ignored(fit, table, monkeypatch):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    at_an_epoch(monkeypatch, signal.SIGHUP)
    code, out, _ = fit(table)
    assert code == 0
    assert "ended early" not in out
    assert signal.signal(signal.SIGHUP, signal.SIG_DFL) == signal.SIG_IGN


def test_a_program_of_the_users_keeps_its_own_meaning():
    def handler(number, frame): ...

    before = signal.signal(signal.SIGTERM, handler)
    try:
        with catch_termination():
            assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_study_before_anything_is_known(number, command, table, tmp_path, monkeypatch):
    def fit_one(fold, configuration, plan, split, stop):
        while not stop:
            pass
        raise Interrupted

    monkeypatch.setattr("layerwise.study.worker.fit_one", fit_one)
    sent = []

    def press(self, progress):
        if not sent:
            sent.append(number)
            os.kill(os.getpid(), number)

    monkeypatch.setattr(LiveStudy, "__call__", press)
    code, _, err = command(
        "study", table, "-t", "y", "--depth", "1", "--width", "2", "--seeds", "1", "--no-trees",
        "--workers", "1",
    )  # fmt: skip
    assert code == SIGNALS[number]
    assert "ended (interrupted) before any configuration was fitted" in err


# The limit of time


def test_what_there_is_no_time_for_is_left_out_and_said(fit, numbers, tmp_path):
    code, out, _ = fit(numbers, "--json", "--time-limit", "1e-9", "--intervals", "0.8")
    assert code == 0
    result = json.loads(out)
    assert result["stopped"] == "time limit"
    assert list(result["baselines"]) == ["trivial prediction"]
    assert result["importances"] is None
    trees, columns = result["notes"]
    assert trees == "Gradient-boosted trees were left out: no time is left"
    assert columns == "Which columns matter was not measured: no time is left"
    page = (tmp_path / "m.report.html").read_text("utf-8")
    assert "Gradient-boosted trees were left out" in page
    assert 'id="importance"' not in page


def test_with_time_enough_nothing_is_left_out(fit, table):
    code, out, _ = fit(table, "--json", "--time-limit", "1e6")
    result = json.loads(out)
    assert (code, result["notes"], result["stopped"]) == (0, [], None)
    assert len(result["baselines"]) == 2
    assert json.loads(fit(table, "--json")[1])["baselines"] == result["baselines"]


# What goes wrong at the end


def fail(*_, **__):
    raise ZeroDivisionError("by chance")


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("layerwise.report.trial.judge", 1, "The model could not be tested: ZeroDivision"),
        ("layerwise.report.trial.permutation_importance", 0, "Which columns matter was not"),
        (
            "layerwise.report.fit_page.table_section",
            1,
            "the report could not be made: ZeroDivision",
        ),
        ("layerwise.cli.words.print_scores", 1, "could not be shown: ZeroDivision"),
        ("layerwise.ensemble.intervals.margin_of", 0, "No prediction intervals: ZeroDivision"),
    ],
)
def test_the_model_is_saved_whatever_fails(place, code, said, fit, numbers, tmp_path, monkeypatch):
    monkeypatch.setattr(place, fail)
    ended, out, err = fit(numbers, "--intervals", "0.8")
    assert ended == code
    assert load(tmp_path / "m.layerwise").predict({"size": [1], "town": ["a"]}).shape == (1,)
    assert "model   m.layerwise" in out
    assert said in out + err
