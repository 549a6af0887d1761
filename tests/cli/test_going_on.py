"""`layerwise fit` that was killed goes on with --resume; a model goes on with --continue."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from layerwise.cli import main
from layerwise.ensemble.live_training import LiveTraining
from layerwise.store import load
from layerwise.training import Trainer, TrainingDiverged

SETTINGS = ["--hidden", "8", "--effort", "low", "--folds", "3", "--repeats", "1"]
pytestmark = pytest.mark.usefixtures("no_pictures")


@pytest.fixture
def csv(tmp_path):
    return write(tmp_path / "rows.csv", 400)


def write(path, n, seed=0, shift=0.0):
    random = np.random.default_rng(seed)
    x, city = random.normal(size=n), random.choice(["Ulm", "Bonn"], n)
    y = 2 * x + (city == "Ulm") + shift + 0.2 * random.normal(size=n)
    lines = [f"{a:.6f},{b},{c:.6f}" for a, b, c in zip(x, city, y, strict=True)]
    path.write_text("\n".join(["x,city,y", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.slow
def test_killed_and_resumed_it_ends_with_the_same_bits(csv, command, tmp_path):
    fit = ["fit", csv, "--target", "y", "--epochs", "40", "--seed", "3", *SETTINGS]
    script = (
        "import time\n"
        "from layerwise.ensemble.ensemble_checkpoint import EnsembleCheckpoint as Checkpoint\n"
        "from layerwise.cli import main\n"
        "save = Checkpoint.save\n"
        "def save_and_wait(*arguments):\n"
        "    save(*arguments)\n"
        "    print('saved\\n', end='', flush=True)\n"  # at once, of all threads
        "    time.sleep(1000)\n"  # until it is killed
        "Checkpoint.save = save_and_wait\n"
        "main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, fit), "-o", "cut.layerwise"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    kept = tmp_path / "cut.layerwise.training"
    with process:
        assert b"saved\n" in iter(process.stdout.readline, b"")
        process.kill()
    assert list(kept.glob("mean/*.trained"))
    assert command(*fit, "-o", "whole.layerwise")[0] == 0
    assert command(*fit, "-o", "cut.layerwise", "--resume")[0] == 0
    assert not kept.exists()
    first, second = (load(tmp_path / name) for name in ("whole.layerwise", "cut.layerwise"))
    for one, other in zip(first.networks_, second.networks_, strict=True):
        assert np.array_equal(one.vector, other.vector)
        assert np.array_equal(one.state, other.state)


def test_nothing_to_resume_is_said(csv, command):
    code, out, _ = command("fit", csv, "-t", "y", "--epochs", 2, *SETTINGS, "--resume")
    assert code == 0
    assert "nothing to resume" in out


def test_a_model_goes_on_with_new_rows(csv, command, tmp_path):
    assert command("fit", csv, "-t", "y", "--epochs", 40, *SETTINGS, "-o", "m.layerwise")[0] == 0
    new = write(tmp_path / "new.csv", 400, seed=1, shift=4.0)
    before = json.loads(command("evaluate", "m.layerwise", new, "--json")[1])
    assert command("fit", new, "--continue", "m.layerwise", "-o", "n.layerwise")[0] == 0
    after = json.loads(command("evaluate", "n.layerwise", new, "--json")[1])
    assert after["metrics"]["rmse"] < 0.5 * before["metrics"]["rmse"]


def test_a_model_that_went_on_in_its_own_file_does_not_do_so_from_where_it_was(
    csv, command, monkeypatch
):
    pressed = []

    def told(self, *of_an_epoch):
        if not pressed:
            pressed.append(True)
            os.kill(os.getpid(), signal.SIGINT)

    assert command("fit", csv, "-t", "y", "--epochs", 2, *SETTINGS, "-o", "m.layerwise")[0] == 0
    again = ["fit", csv, "--continue", "m.layerwise", "-o", "m.layerwise", "--epochs", "3"]
    monkeypatch.setattr(LiveTraining, "__call__", told)
    code, out, _ = command(*again)
    assert (code, "ended early (interrupted)" in out, "--resume" in out) == (0, True, False)
    code, out, _ = command(*again, "--resume")
    assert (code, "nothing to resume" in out) == (0, True)


@pytest.fixture
def killed(command, monkeypatch):
    """killed("fit", ...): as if killed where it would clear the checkpoint."""

    class Killed(BaseException):
        pass

    def kill(folder):
        raise Killed

    def run(*arguments):
        with monkeypatch.context() as patch:
            patch.setattr("layerwise.ensemble.ensemble_checkpoint.remove_trained", kill)
            patch.setattr(sys, "argv", ["layerwise", *map(str, arguments)])
            with pytest.raises(Killed):
                main()

    return run


def test_killed_once_its_own_file_was_written_it_ends_with_the_same_model(
    csv, command, killed, monkeypatch, tmp_path
):
    """One of its networks diverges, and is left out, each time."""
    fit = Trainer.fit

    def diverging(self, network, x, *rest, **options):
        if self.seed % 1_000 == 1:
            raise TrainingDiverged("the loss is nan", "")
        return fit(self, network, x, *rest, **options)

    command("fit", csv, "-t", "y", "--epochs", 2, *SETTINGS, "-o", "m.layerwise")
    first = (tmp_path / "m.layerwise").read_bytes()
    again = [csv, "--continue", "m.layerwise", "-o", "m.layerwise", "--epochs", "3"]
    monkeypatch.setattr(Trainer, "fit", diverging)
    killed("fit", *again)
    cut = load(tmp_path / "m.layerwise")
    assert (tmp_path / "m.layerwise").read_bytes() != first
    code, out, err = command("fit", *again, "--resume")
    assert (code, err) == (0, "")
    assert "networks diverged and was left out" in out
    resumed = load(tmp_path / "m.layerwise")
    for one, other in zip(cut.networks_, resumed.networks_, strict=True):
        assert np.array_equal(one.vector, other.vector)
    assert not (tmp_path / "m.layerwise.training").exists()
    # Another model that was put there since is not written over.
    killed("fit", *again)
    (tmp_path / "m.layerwise").write_bytes(first)
    code, _, err = command("fit", *again, "--resume")
    assert code == 1
    assert "m.layerwise is neither the model with which the training in" in err
    assert (tmp_path / "m.layerwise").read_bytes() == first


def test_resumed_with_other_intervals_it_is_refused(csv, command, killed):
    again = ["fit", csv, "-t", "y", "--epochs", "2", *SETTINGS, "-o", "m.layerwise"]
    killed(*again, "--intervals", "0.9")
    code, _, err = command(*again, "--intervals", "0.8", "--resume")
    assert code == 1
    assert "with other settings (intervals); give the same ones to go on" in err


def test_to_continue_needs_the_same_columns(csv, command, tmp_path):
    command("fit", csv, "-t", "y", "--epochs", 2, *SETTINGS, "-o", "m.layerwise")
    other = tmp_path / "other.csv"
    other.write_text("x,y\n" + "\n".join(f"{i},{i}" for i in range(50)), encoding="utf-8")
    code, _, err = command("fit", other, "--continue", "m.layerwise")
    assert code == 1
    assert "lacks the column 'city'" in err
