"""What each README shows: blocks that run, a screen that is printed, figures that are measured."""

import json
import math
import re
import runpy
import shlex
import sys
import webbrowser
from functools import partial
from pathlib import Path
from statistics import fmean

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
KOREAN = README.with_name("README.ko.md")
PICTURES = README.parent / "docs" / "pictures"
# Where the how-to pages of each language stand.
HOW_TO = {README: README.parent / "docs/how-to", KOREAN: README.parent / "docs/ko/how-to"}
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
each_readme = pytest.mark.parametrize("readme", [README, KOREAN], ids=lambda path: path.name)


def _blocks(readme, kind):
    return re.findall(rf"```{kind}\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)


def _table(page, heading):
    """The cells of the first table below the heading that begins so, without its names."""
    _, _, below = page.read_text("utf-8").partition(f"\n## {heading}")
    _, _, *rows = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_python_blocks_run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sklearn.datasets, "load_digits", _fewer_digits)
    monkeypatch.setattr(layerwise, "DepthStudy", partial(DepthStudy, epochs=2))
    blocks = _blocks(README, "python")
    assert blocks
    names = {"__name__": "readme"}
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)


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
    assert _blocks(KOREAN, "python") == _blocks(README, "python")
    commands = [[_commands(block) for block in _blocks(each, "sh")] for each in (README, KOREAN)]
    assert commands[0] == commands[1]
    english, korean = (page.read_text("utf-8") for page in (README, KOREAN))
    for named in (r"(?<![\w-])--[a-z][a-z-]+", r"`make ([a-z-]+)"):
        assert set(re.findall(named, english)) == set(re.findall(named, korean))


def _commands(block):
    return [shlex.split(line, comments=True) for line in block.splitlines()]


@each_readme
def test_it_is_short_enough_to_be_read(readme):
    text = readme.read_text("utf-8")
    assert text.count("\n") < 230
    no_prose = r"```.*?```|<picture>.*?</picture>|(?:^\|[^\n]*\n)+"
    prose = re.sub(no_prose, "", text, flags=re.DOTALL | re.MULTILINE)
    assert max(each.strip().count("\n") for each in re.split(r"\n\n|\n- ", prose)) < 5


@each_readme
def test_links_lead_to_files(readme):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", readme.read_text("utf-8"))
    assert links
    assert not [link for link in links if not (readme.parent / link).is_file()]


@pytest.mark.slow
def test_the_commands_run(capsys, tmp_path, monkeypatch):
    _write_the_demos_table(tmp_path, monkeypatch)
    monkeypatch.setitem(EFFORTS, "high", EFFORTS["low"])  # fewer networks, the same way
    monkeypatch.setattr(webbrowser, "open", lambda address: None)
    monkeypatch.setattr(Playing, "serve", Playing.close)
    lines = [words for block in _blocks(README, "sh") for words in _commands(block)]
    commands = [words for words in lines if words[0] == "layerwise"]
    assert commands
    for words in commands:
        if "study" in words:
            words += ["--depth", "0-1", "--epochs", "2"]  # fewer networks, the same way
        _run(words, monkeypatch)


def _write_the_demos_table(folder, monkeypatch):
    monkeypatch.chdir(folder)
    Path("demo").mkdir()
    write_penguins(Path("demo"), seed=0)


def _run(words, monkeypatch):
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code, words


@pytest.mark.slow
@pytest.mark.parametrize(("readme", "language"), [(README, "C"), (KOREAN, "ko_KR")])
def test_the_screen_shown_is_the_one_printed(readme, language, capsys, tmp_path, monkeypatch):
    """Word for word; "..." stands for lines left out, and processors differ in what is learned."""
    _write_the_demos_table(tmp_path, monkeypatch)
    for name, value in {"COLUMNS": "92", "NO_COLOR": "1", "LC_ALL": f"{language}.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    command, screen = _blocks(readme, "sh")[1], _blocks(readme, "text")[0]
    _run(*_commands(command), monkeypatch)
    printed = iter([line.rstrip() for line in capsys.readouterr().out.splitlines()])
    for part in screen.split("...\n"):
        first, *others = part.splitlines()
        assert any(_is_alike(first, line) for line in printed), first
        for shown in others:
            assert _is_alike(shown, next(printed)), shown


def _is_alike(shown, printed):
    """Whether the words are the same, and numbers nearly; seconds are any."""
    shown, printed = (re.sub(r"[\d.]+( s|초)$", r"?\1", line) for line in (shown, printed))
    numbers = [[float(n.replace(",", "")) for n in NUMBER.findall(x)] for x in (shown, printed)]
    return NUMBER.sub("#", shown).split() == NUMBER.sub("#", printed).split() and all(
        math.isclose(*pair, rel_tol=0.1) for pair in zip(*numbers, strict=True)
    )


@each_readme
def test_scores_and_times_are_those_of_the_how_to_page(readme):
    page = HOW_TO[readme] / "how-good-and-how-fast.md"
    good, fast, scores = ("How good", "How fast", "Scores beside other libraries")
    if readme is KOREAN:
        good, fast, scores = ("얼마나 좋은가", "얼마나 빠른가", "다른 라이브러리와 견준 점수")
    assert _table(readme, good) == [row[:6] for row in _table(page, scores)]
    numbers = NUMBER.findall(page.read_text("utf-8"))
    for _, *times in _table(readme, fast):
        assert {time.split()[0] for time in times if time} <= set(numbers)


def test_scores_are_those_measured():
    """The last of each library's on each table's three splits, in the columns' order."""
    results = README.parent.joinpath("bench", "results", "accuracy.jsonl").read_text("utf-8")
    scores = {}
    for fit in map(json.loads, results.splitlines()):
        scores[fit["table"], fit["model"], fit["seed"]] = fit["score"]
    models = ("mlp", "lightgbm", "catboost", "realmlp", "layerwise-high")
    rows = _table(README, "How good")
    assert len(rows) == len({table for table, _, _ in scores})
    for table, *cells in rows:
        means = [fmean(scores[table, model, seed] for seed in range(3)) for model in models]
        assert cells == [f"{mean:.3f}" for mean in means], table


@each_readme
def test_the_printed_table_is_the_one_shown(readme):
    from layerwise import Architecture

    shown = str(Architecture([30, 16, 16, 2], activation="relu", output="softmax"))
    assert f"{shown}\n" in _blocks(readme, "text")


@each_readme
def test_the_pictures_are_there_in_both_themes(readme):
    text = readme.read_text("utf-8")
    shown = re.findall(r"<picture>(.*?)</picture>", text, re.DOTALL)
    assert len(shown) == 3
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


@each_readme
def test_pictures_are_made_as_it_is_said(readme):
    make = runpy.run_path(str(PICTURES / "make.py"))
    page = HOW_TO[readme].joinpath("pictures.md").read_text("utf-8")
    for command in (make["FIT"], make["DRAW"]):
        assert f"\n{command}\n" in page
    assert make["STUDY"] in _blocks(readme, "python")
    assert make["PLAY"] in readme.read_text("utf-8")
    files = {f"{name}-{theme}.svg" for name in ("row", "depth") for theme in THEMES}
    assert files == {path.name for path in PICTURES.glob("*.svg")}


@pytest.mark.slow
def test_the_row_that_is_drawn_is_on_its_way_through_todays_network(capsys, tmp_path, monkeypatch):
    make = runpy.run_path(str(PICTURES / "make.py"))
    _write_the_demos_table(tmp_path, monkeypatch)
    for command in (make["FIT"], make["DRAW"]):
        _run(shlex.split(command), monkeypatch)
    texts = [
        re.findall(r"<text[^>]*>([^<]+)<", path.read_text("utf-8"))
        for path in (tmp_path / "row.svg", PICTURES / "row-light.svg")
    ]
    words = [[text for text in each if not re.search(r"\d\.\d", text)] for each in texts]
    assert words[0]
    assert words[0] == words[1]
