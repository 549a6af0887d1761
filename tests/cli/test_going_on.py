"""`layerwise fit` that was killed goes on with --resume; a model goes on with --continue."""

import json
import subprocess
import sys

import numpy as np
import pytest

from layerwise.store import load

RUN = [sys.executable, "-c", "from layerwise.cli import main; main()"]
SETTINGS = ["--hidden", "8", "--effort", "low"]


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


def run(*arguments, cwd):
    done = subprocess.run(
        [*RUN, *map(str, arguments)], cwd=cwd, capture_output=True, encoding="utf-8", timeout=200,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def test_killed_and_resumed_it_ends_with_the_same_bits(csv, tmp_path):
    command = ["fit", csv, "--target", "y", "--epochs", "100000", "--seed", "3", *SETTINGS]
    script = (
        "import time\n"
        "from layerwise.estimators.ensemble_checkpoint import EnsembleCheckpoint as Checkpoint\n"
        "from layerwise.cli import main\n"
        "save = Checkpoint.save\n"
        "def save_and_wait(*arguments):\n"
        "    save(*arguments)\n"
        "    print('saved', flush=True)\n"
        "    time.sleep(1000)\n"  # until it is killed
        "Checkpoint.save = save_and_wait\n"
        "main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, command), "-o", "cut.layerwise"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    kept = tmp_path / "cut.layerwise.training"
    with process:
        assert b"saved\n" in iter(process.stdout.readline, b"")
        process.kill()
    assert list(kept.glob("mean/*.trained"))
    whole = run(*command, "-o", "whole.layerwise", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    resumed = run(*command, "-o", "cut.layerwise", "--resume", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert not kept.exists()
    first, second = (load(tmp_path / name) for name in ("whole.layerwise", "cut.layerwise"))
    for one, other in zip(first.networks_, second.networks_, strict=True):
        assert np.array_equal(one.vector, other.vector)
        assert np.array_equal(one.state, other.state)


def test_nothing_to_resume_is_said(csv, tmp_path):
    done = run("fit", csv, "-t", "y", "--epochs", 2, *SETTINGS, "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing to resume" in done.stdout


def test_a_model_goes_on_with_new_rows(csv, tmp_path):
    first = run("fit", csv, "-t", "y", "--epochs", 40, *SETTINGS, "-o", "m.layerwise", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    new = write(tmp_path / "new.csv", 400, seed=1, shift=4.0)
    before = json.loads(run("evaluate", "m.layerwise", new, "--json", cwd=tmp_path).stdout)
    done = run("fit", new, "--continue", "m.layerwise", "-o", "n.layerwise", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    after = json.loads(run("evaluate", "n.layerwise", new, "--json", cwd=tmp_path).stdout)
    assert after["metrics"]["rmse"] < 0.5 * before["metrics"]["rmse"]


def test_to_continue_needs_the_same_columns(csv, tmp_path):
    run("fit", csv, "-t", "y", "--epochs", 2, *SETTINGS, "-o", "m.layerwise", cwd=tmp_path)
    other = tmp_path / "other.csv"
    other.write_text("x,y\n" + "\n".join(f"{i},{i}" for i in range(50)), encoding="utf-8")
    done = run("fit", other, "--continue", "m.layerwise", cwd=tmp_path)
    assert done.returncode == 1
    assert "lacks the column 'city'" in done.stderr
