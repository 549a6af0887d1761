"""Every Python block of each README runs as it stands there, one after another."""

import re
import runpy
import shlex
import sys
import webbrowser
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from sklearn.datasets import load_digits

import layerwise
from layerwise import DepthStudy
from layerwise.cli import main
from layerwise.cli.demo_fit import write_penguins
from layerwise.draw.theme import THEMES
from layerwise.ensemble.recipe import EFFORTS
from layerwise.playground.opening import Playing

README = Path(__file__).parents[1] / "README.md"
PICTURES = README.parent / "docs" / "pictures"
KOREAN = README.with_name("README.ko.md")


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("readme", [README, KOREAN], ids=lambda path: path.name)
def test_the_python_blocks_run(readme, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sklearn.datasets, "load_digits", _fewer_digits)
    monkeypatch.setattr(layerwise, "DepthStudy", partial(DepthStudy, epochs=2))
    blocks = re.findall(r"```python\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    assert blocks
    names = {"__name__": "readme"}
    for block in blocks:
        exec(compile(block, str(readme), "exec"), names)


def _fewer_digits(**options):
    """What scikit-learn's function gives; fewer rows of the table that is studied."""
    bunch = load_digits(**options)
    if options.get("as_frame"):
        bunch.frame = bunch.frame.iloc[:150]
    return bunch


def _parts(readme):
    """Headings' levels, and how many rows each table has, as they stand there."""
    text = re.sub(r"```.*?```", "", readme.read_text("utf-8"), flags=re.DOTALL)
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return re.findall(r"^#+", text, re.MULTILINE), [table.count("\n") for table in tables]


def test_both_languages_have_the_same_parts_code_and_options():
    assert _parts(KOREAN) == _parts(README)
    english, korean = (page.read_text("utf-8") for page in (README, KOREAN))
    blocks = [re.findall(r"```python\n.*?```", text, re.DOTALL) for text in (english, korean)]
    assert len(blocks[0]) == len(blocks[1])
    # The first ones are of a table with names of its own language.
    assert blocks[0][3:] == blocks[1][3:]
    options = [set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) for text in (english, korean)]
    assert options[0] <= options[1]
    targets = [set(re.findall(r"`make ([a-z-]+)", text)) for text in (english, korean)]
    assert targets[0] <= targets[1]


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


@pytest.mark.slow
@pytest.mark.parametrize("readme", [README, KOREAN], ids=lambda path: path.name)
def test_the_commands_run(readme, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(EFFORTS, "high", EFFORTS["low"])  # fewer networks, the same way
    monkeypatch.setattr(webbrowser, "open", lambda address: None)
    monkeypatch.setattr(Playing, "serve", Playing.close)
    random = np.random.default_rng(0)
    areas = random.integers(30, 200, 60)
    towns = random.choice(["Ulm", "Bonn"], 60)
    lines = [f"{area},{town},{2000 * area}" for area, town in zip(areas, towns, strict=True)]
    lines.insert(0, "area,town,price")
    for name in ("houses.csv", "new.csv", "labelled.csv"):
        Path(name).write_text("\n".join(lines))
    Path("demo").mkdir()
    write_penguins(Path("demo"), seed=0)
    blocks = re.findall(r"```sh\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if "layerwise" in line]
    assert commands
    for command in commands:
        words = shlex.split(command, comments=True)
        if "study" in words:
            words += ["--depth", "0-1", "--epochs", "2"]  # fewer networks, the same way
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, f"{command}: {capsys.readouterr().err}"


def test_the_printed_table_is_the_one_shown():
    from layerwise import Architecture

    shown = str(Architecture([30, 16, 16, 2], activation="relu", output="softmax"))
    assert shown in README.read_text("utf-8")


@pytest.mark.parametrize("readme", [README, KOREAN], ids=lambda path: path.name)
def test_the_pictures_are_there_in_both_themes(readme):
    text = readme.read_text("utf-8")
    shown = re.findall(r"<picture>(.*?)</picture>", text, re.DOTALL)
    assert 3 <= len(shown) <= 4
    for picture in shown:
        dark = re.search(r'<source media="\(prefers-color-scheme: dark\)" srcset="(.*?)"', picture)
        light = re.search(r'<img src="(.*?)"', picture)
        assert dark[1] == light[1].replace("-light.", "-dark.")
        for path in (dark[1], light[1]):
            assert (README.parent / path).stat().st_size < 150_000
            assert re.fullmatch(r"docs/pictures/[a-z]+-(light|dark)\.(svg|png)", path)
        assert len(re.search(r'alt="(.*?)"', picture)[1]) > 40
    named = {Path(path).name for path in re.findall(r"docs/pictures/[a-z-]+\.\w+", text)}
    if readme is README:
        assert named == {path.name for path in PICTURES.iterdir() if path.suffix != ".py"}


def test_pictures_are_made_as_the_readme_says():
    make = runpy.run_path(str(PICTURES / "make.py"))
    text = README.read_text("utf-8")
    for command in (make["FIT"], *make["DRAW"].values(), make["PLAY"]):
        assert command in text
    assert f"```python\n{make['STUDY']}```" in text
    files = {f"{name}-{theme}.svg" for name in (*make["DRAW"], "depth") for theme in THEMES}
    assert files == {path.name for path in PICTURES.glob("*.svg")}
