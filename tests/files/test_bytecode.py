"""Where Python has to compile libraries, it is said before it does; where not, nothing is."""

import pytest

from tests.helpers.other_python import run_python

SAID = "layerwise: Python compiles the libraries that are used, {}: this takes from 5 to 30 seconds"
ONCE, ALWAYS = "the first time in this environment", "at each start, as nothing is kept"


@pytest.fixture
def run(tmp_path):
    """Import the announcement, and a library of one line: what was said on standard error."""
    (tmp_path / "numberlike").mkdir()
    (tmp_path / "numberlike" / "__init__.py").write_text("x = 1\n")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from layerwise.files.bytecode import announce_bytecode as announce;"
        "announce('numberlike'); import numberlike; announce('numberlike'); announce('no_such')"
    )

    def run(**changes):
        variables = {"PYTHONDONTWRITEBYTECODE": "", **changes}
        return run_python("-c", program, tmp_path, **variables).stderr.splitlines()

    return run


def test_the_first_time_it_is_said(run):
    assert run() == [SAID.format(ONCE)]
    assert run() == []  # Python kept it


def test_where_it_is_not_kept_it_is_said_each_time(run):
    for _ in range(2):
        assert run(PYTHONDONTWRITEBYTECODE="1") == [SAID.format(ALWAYS)]
