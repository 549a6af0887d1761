"""Every Python block of the README runs as it stands there, one after another."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.filterwarnings("default")
def test_the_python_blocks_run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert blocks
    names = {"__name__": "readme"}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)


def test_the_printed_table_is_the_one_shown():
    from layerwise import Architecture

    shown = str(Architecture([30, 16, 16, 2], activation="relu", output="softmax"))
    assert shown in README.read_text("utf-8")
