"""A command run in this process."""

import json
import sys
from functools import partial

import numpy as np
import pytest
from sklearn import ensemble

from layerwise.cli import main

# To begin a program with whose report is written without its pictures.
NO_PICTURES = "import layerwise.report.elements as e; e.inline_svg = lambda *_: ''\n"
QUICK = ["--effort", "low", "--epochs", "2", "--hidden", "8", "--folds", "2", "--repeats", "1"]


@pytest.fixture(autouse=True)
def compiled_engine(monkeypatch):
    """Whether this machine has compiled it before is not to be seen in what is said."""
    monkeypatch.setattr("layerwise.engine.compiled.program_cache._say", lambda words: None)


@pytest.fixture
def all_trees():
    """Trees to compare with are as many as ever: for tests of what is said of them."""


@pytest.fixture(autouse=True)
def few_trees(request, monkeypatch):
    """Trees to compare with are grown as ever, but few; see `all_trees`."""
    if "all_trees" in request.fixturenames:
        return
    for kind in ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"):
        monkeypatch.setattr(ensemble, kind, partial(getattr(ensemble, kind), max_iter=5))


@pytest.fixture
def no_pictures(monkeypatch):
    """A report is written without its pictures, which tests of it look at."""
    monkeypatch.setattr("layerwise.report.elements.inline_svg", lambda draw, description: "")


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """command("fit", ...) -> (exit code, standard output, standard error), in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    # However slow this machine is, it does not tell how far it is.
    monkeypatch.setattr("layerwise.training.progress._LEAST_SECONDS", float("inf"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["layerwise", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return ended.value.code, captured.out, captured.err

    return run


@pytest.fixture
def fit(command, no_pictures):
    """fit(table, ...): a quick `layerwise fit` whose target is y, without its report's pictures."""

    def run(table, *arguments, target="y"):
        return command("fit", table, "--target", target, "-o", "m.layerwise", *QUICK, *arguments)

    return run


@pytest.fixture(scope="module")
def fitted():
    """The bytes of the model that the first test fits, for them all."""
    return {}


@pytest.fixture
def model(fit, fitted, request, tmp_path):
    """m.layerwise, a model of t.csv, whose towns are the module's TOWNS in turn."""
    towns = request.module.TOWNS
    rows = (f"{i % 17},{towns[i % len(towns)]},{'ab'[i % 17 > 8]}" for i in range(80))
    (tmp_path / "t.csv").write_text("\n".join(["size,town,y", *rows]) + "\n")
    if not fitted:
        assert fit("t.csv")[0] == 0
        fitted["m.layerwise"] = (tmp_path / "m.layerwise").read_bytes()
    (tmp_path / "m.layerwise").write_bytes(fitted["m.layerwise"])
    return "m.layerwise"


@pytest.fixture
def table(tmp_path):
    """houses.csv: a class y, and numbers, categories, groups, weights and days to predict it."""
    random = np.random.default_rng(0)
    lines = ["size,town,street,count,day,price,y"]
    for i in range(120):
        size, town = random.random(), ["Rome", "Oslo", "Bern"][i % 3]
        lines.append(
            f"{size:.3f},{town},street {i % 12},{1 + i % 2},2024-{i % 12 + 1:02d}-01,"
            f"{100 * size + i % 3:.2f},{'yes' if size > 0.5 else 'no'}"
        )
    (tmp_path / "houses.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "houses.csv"


def assert_refused(ended, said, code=1, *, shows=False):
    """A command ended with one line that says why, and `shows` nothing else or what it read."""
    found, out, err = ended
    assert found == code
    assert shows or out == ""
    assert err.startswith("layerwise: ")
    assert said in err
    assert err.count("\n") == 1


def strict_json(text):
    """What JSON says, which may hold no NaN and no infinity."""

    def refuse(name):
        raise AssertionError(f"{name} in JSON")

    return json.loads(text, parse_constant=refuse)
