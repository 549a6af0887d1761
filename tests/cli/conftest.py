"""A command run in this process."""

import sys

import pytest

from layerwise.cli import main

QUICK = ["--effort", "low", "--epochs", "2", "--hidden", "8", "--folds", "2", "--repeats", "1"]


@pytest.fixture(autouse=True)
def compiled_engine(monkeypatch):
    """Whether this machine has compiled it before is not to be seen in what is said."""
    monkeypatch.setattr("layerwise.engine.compiled.program_cache._say", lambda words: None)


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """command("fit", ...) -> (exit code, standard output, standard error), in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    # However slow this machine is, it does not tell how far it is.
    monkeypatch.setattr("layerwise.cli.live._LEAST_SECONDS", float("inf"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["layerwise", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return ended.value.code, captured.out, captured.err

    return run


@pytest.fixture
def fit(command, monkeypatch):
    """fit(table, ...): a quick `layerwise fit` whose target is y, without its report's pictures."""
    monkeypatch.setattr("layerwise.report.elements.inline_svg", lambda draw, description: "")

    def run(table, *arguments, target="y"):
        return command("fit", table, "--target", target, "-o", "m.layerwise", *QUICK, *arguments)

    return run
