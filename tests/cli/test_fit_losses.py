"""`layerwise fit`: what is trained is not lost, where a disk is full or a person in a hurry."""

import errno
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from layerwise.store import load
from tests.cli.conftest import NO_PICTURES, QUICK
from tests.helpers.full_disk import largest_file


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("none/m.layerwise", "there is no folder none; make it first"),
        (".", "is a folder"),
        ("houses.csv", "is the table itself"),
        ("m.report.html", "name two files"),
    ],
)
def test_where_nothing_can_be_written_is_refused_before_training(
    command, table, monkeypatch, output, said
):
    monkeypatch.setattr(
        "layerwise.tables.reading.read_table", lambda *_, **__: pytest.fail("was read")
    )
    more = ["--report", "m.report.html"] if "report" in output else []
    code, _, err = command("fit", table, "--target", "y", "-o", output, *more)
    assert code == 1
    assert said in err


def test_a_full_disk_loses_nothing(fit, command, table, tmp_path):
    (tmp_path / "p.csv").write_text("old")
    assert fit(table)[0] == 0
    before = (tmp_path / "m.layerwise").read_bytes()
    page = (tmp_path / "m.report.html").read_bytes()
    for n_bytes in (100, len(before) // 2):
        with largest_file(n_bytes):
            code, out, err = fit(table, "--seed", "5")
        assert code == 1
        assert all(line.startswith("layerwise: ") for line in err.splitlines())
        assert "File too large" in err
        assert (tmp_path / "m.layerwise").read_bytes() == before
        assert (tmp_path / "m.report.html").read_bytes() == page
        assert not list(tmp_path.rglob("*.part"))
    assert "unchanged" in err
    assert "gradient-boosted trees" in out  # the result is not lost
    for arguments in (
        ("predict", "m.layerwise", table, "-o", "p.csv"),
        ("predict", "m.layerwise", table, "-o", "p.parquet"),
        ("export", "m.layerwise", "--weights", "-o", "m.safetensors"),
        ("explain", "m.layerwise", table, "-o", "e.html"),
        ("draw", "m.layerwise", "-o", "d.svg"),
    ):
        with largest_file(100):
            code, _, err = command(*arguments)
        assert code == 1
        assert err == f"layerwise: {err[11:].strip()}\n"
        assert f"cannot write {arguments[-1]}: File too large." in err
    assert {path.name for path in tmp_path.iterdir()} == {
        table.name, "m.layerwise", "m.layerwise.training", "m.report.html", "p.csv",
    }  # fmt: skip
    assert (tmp_path / "p.csv").read_text() == "old"
    assert fit(table, "--seed", "5", "--resume")[0] == 0
    assert (tmp_path / "m.layerwise").read_bytes() != before


def test_what_was_trained_is_saved_before_anything_else(fit, table, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("layerwise.report.trial.permutation_importance", interrupted)
    assert fit(table)[0] == 130
    assert load(tmp_path / "m.layerwise").classes_.tolist() == ["no", "yes"]


def test_a_model_that_could_not_be_saved_is_not_trained_again(fit, table, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    replace = os.replace
    with monkeypatch.context() as patched:
        patched.setattr(
            os, "replace", lambda a, b: (full if Path(b).suffix == ".layerwise" else replace)(a, b)
        )
        code, out, err = fit(table)
    assert code == 1
    assert "No space left on device" in err
    assert "with --resume goes on to save the model" in out
    monkeypatch.setattr("layerwise.training.Trainer.fit", lambda *_: pytest.fail("trained again"))
    assert fit(table, "--resume")[0] == 0
    assert load(tmp_path / "m.layerwise").task_.names == ("y",)
    assert not (tmp_path / "m.layerwise.training").exists()


def test_a_training_that_was_cut_off_is_not_begun_anew_in_silence(
    fit, table, tmp_path, monkeypatch
):
    own = tmp_path / "m.layerwise.training" / "notes.txt"
    own.parent.mkdir()
    own.write_text("mine")
    with monkeypatch.context() as patched:
        patched.setattr("layerwise.cli.fit.is_written", lambda write, what: False)
        assert fit(table)[0] == 1
    code, out, _ = fit(table)
    assert code == 0
    assert [path.name for path in own.parent.iterdir()] == ["notes.txt"]
    assert "--resume goes on" not in out
    assert "m.layerwise.training is removed (see --resume)" in out


def test_ctrl_c_once_keeps_the_best_so_far(table, tmp_path):
    arguments = ["fit", str(table), "--target", "y", *QUICK, "--epochs", "1000000"]
    script = NO_PICTURES + (
        "import sys, layerwise.ensemble.ensemble_training as e; real = e.train_ensemble\n"
        "from layerwise.cli import fit, main\n"
        "import layerwise.estimators.table as t\n"
        "def train(*a, **k):\n    print('training', file=sys.stderr, flush=True)\n"
        "    return real(*a, **k)\n"
        "e.train_ensemble = t.train_ensemble = train\n"
        "from dataclasses import replace\n"
        "before = t.BaseTable._recipe\n"
        "t.BaseTable._recipe = lambda *a: replace(before(*a), patience=None)\n"
        "main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr.readline() == "training\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=250)
    assert (process.returncode, err) == (0, "")
    said = " ".join(out.split())
    assert "ended early (interrupted)" in said
    assert "the same command with --resume goes on to train to the end" in said
    assert math.isfinite(load(tmp_path / "houses.layerwise").validation_loss_)
    assert (tmp_path / "houses.report.html").exists()
