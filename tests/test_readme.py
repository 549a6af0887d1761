"""Every Python block of each README runs as it stands there, one after another."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
KOREAN = README.with_name("README.ko.md")


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("readme", [README, KOREAN], ids=lambda path: path.name)
def test_the_python_blocks_run(readme, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    assert blocks
    names = {"__name__": "readme"}
    for block in blocks:
        exec(compile(block, str(readme), "exec"), names)


def test_the_explanation_shown_is_the_one_printed():
    from layerwise import Network, explain

    small = Network("3-4:tanh-4:tanh-1", seed=0, dtype="float64")
    names = ["age", "income", "rent"]
    text = explain(
        small, [0.5, -1.0, 2.0], answer=1.0, input_names=names, weights="h1_2,h2_3"
    ).to_text()
    shown = re.search(r"```text\n(h1_2 = .*?)```", README.read_text("utf-8"), re.DOTALL)[1]
    first, *chain = shown.splitlines(keepends=True)
    assert first + "".join(chain[:2]) in text
    assert "".join(chain[2:]) in text


def test_the_printed_table_is_the_one_shown():
    from layerwise import Architecture

    shown = str(Architecture([30, 16, 16, 2], activation="relu", output="softmax"))
    assert shown in README.read_text("utf-8")
