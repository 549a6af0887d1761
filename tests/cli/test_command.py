"""The command as a whole: help, version, mistakes in what is typed, and how little it imports."""

import subprocess
import sys
from pathlib import Path

import pytest

import layerwise
from layerwise.cli import main
from tests.cli.conftest import assert_refused
from tests.helpers.other_python import run_python

COMMAND = [sys.executable, "-c", "from layerwise.cli import main; main()"]


@pytest.fixture
def run(monkeypatch, capsys):
    """run("show", "3-1") -> (exit code, standard output, standard error), in this process."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["layerwise", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


def test_version(run):
    assert run("--version") == (0, f"layerwise {layerwise.__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_the_commands(run, arguments):
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert "show" in out
    assert "demo" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shwo",), "No such command 'shwo'"),
        (("show",), "Missing argument"),
        (("show", "3-4-1", "--wide"), "No such option: --wide"),
        (("show", "-3"), "No such option: -3"),
        (("show", "3-4-1", "--dropout", "much"), "'--dropout'"),
        (("demo", "--epochs", "0"), "'--epochs'"),
        (("demo", "--seed", "-1"), "'--seed'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(run, arguments, said):
    assert_refused(run(*arguments), said, 2)


def test_help_imports_nothing_heavy():
    script = (
        "import sys; from layerwise.cli import main; sys.argv = ['layerwise', '--help']\n"
        "try: main()\n"
        "finally: print({'numpy', 'scipy', 'numba', 'matplotlib', 'sklearn'} & set(sys.modules))"
    )
    assert run_python("-c", script).stdout.splitlines()[-1] == "set()"


def test_what_cannot_be_encoded_is_no_traceback():
    done = subprocess.run(
        [*COMMAND, "show", "3-4-4-1"],
        capture_output=True,
        check=False,
        timeout=60,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
    )
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"hidden 1" in done.stdout


def test_a_reader_that_goes_away_is_no_traceback():
    done = subprocess.Popen(
        [*COMMAND, "show", "3-4-4-1", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    done.stdout.close()
    err = done.stderr.read()
    done.stderr.close()
    assert done.wait(timeout=60) == 1
    assert err == b""


@pytest.mark.parametrize("arguments", [["show", "3-4-4-1"], ["show", "3-4-4-1", "--json"]])
def test_a_full_disk_behind_standard_output_is_one_line(arguments):
    code = "from layerwise.cli import main; main()"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == (
        "layerwise: cannot write to standard output or a temporary file: No space left on device\n"
    )
