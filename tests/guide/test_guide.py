"""Every block of code and every command of the guide runs as it stands there."""

import ast
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
sys.path.append(str(DOCS / "_ext"))

from running import Page, blocks_of  # noqa: E402

PAGES = sorted(
    page for page in DOCS.rglob("*.md") if "_build" not in page.parts and blocks_of(page)
)


def listed(folder):
    """The pages that an introduction's index lists, in their order."""
    text = (DOCS / folder / "index.md").read_text("utf-8")
    (block,) = re.findall(r"^```\{toctree\}\n(?::.*\n)*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [f"{name}.md" for name in block.split()]


INTRODUCTION = listed("introduction")
CHAPTERS = [name for name in INTRODUCTION if blocks_of(DOCS / "introduction" / name)]
# The Korean chapters have the code of the English ones, which is run once.
RUN = [page for page in PAGES if "ko" not in page.relative_to(DOCS).parts]
HOW_TO = listed("ko/how-to")


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", RUN, ids=lambda path: str(path.relative_to(DOCS)))
def test_every_block_runs(path):
    page = Page()
    try:
        results = [page.run(block) for block in blocks_of(path)]
    finally:
        page.close()
    drawn = [picture for result in results for picture in result.pictures]
    themes = [
        picture.theme for picture in drawn if picture.width != "narrow" and picture.language != "ko"
    ]
    assert themes == ["light", "dark"] * (len(themes) // 2)
    if path.parent.name == "introduction":
        assert drawn, "each chapter has a picture"


def test_the_same_pages_are_there_in_both_languages():
    assert listed("ko") == INTRODUCTION
    for folder in ("introduction", "ko"):
        there = {path.name for path in (DOCS / folder).glob("*.md")}
        assert there == {"index.md", *INTRODUCTION}


@pytest.mark.parametrize("folder", ["introduction", "ko"])
def test_chapters_are_numbered_in_their_order_and_named_by_it(folder):
    texts = {name: (DOCS / folder / name).read_text("utf-8") for name in INTRODUCTION}
    numbers = {name: str(number) for number, name in enumerate(CHAPTERS, 1)}
    for name in CHAPTERS:
        assert texts[name].startswith(f"# {numbers[name]}. ")
    links = re.compile(r"\[(?:chapter )?(\d+)장?\]\(([\w-]+\.md)\)")
    for text in [*texts.values(), (DOCS / folder / "index.md").read_text("utf-8")]:
        assert [numbers[page] for _, page in links.findall(text)] == [
            number for number, _ in links.findall(text)
        ]


@pytest.mark.parametrize("name", CHAPTERS)
@pytest.mark.parametrize("folder", ["introduction", "ko"])
def test_a_chapter_ends_in_exercises_with_answers_that_are_computed(folder, name):
    _, _, exercises = (DOCS / folder / name).read_text("utf-8").rpartition("\n## ")
    assert exercises.splitlines()[0] in {"Exercises", "연습 문제"}
    numbers = re.findall(r"^\*\*(\d)\.\*\* ", exercises, re.MULTILINE)
    assert 5 <= len(numbers) <= 8
    assert numbers == [str(i) for i in range(1, len(numbers) + 1)]
    answers = re.findall(r"^:::\{answer\}\n(.*?)^:::$", exercises, re.MULTILINE | re.DOTALL)
    assert len(answers) == len(numbers)
    assert all("```{run}" in answer for answer in answers)


def in_both_languages():
    """Pages in English and in Korean."""
    for name in INTRODUCTION:
        yield DOCS / "introduction" / name, DOCS / "ko" / name
    for name in HOW_TO:
        folder = DOCS if name == "coming-from.md" else DOCS / "how-to"
        yield folder / name, DOCS / "ko" / "how-to" / name


BOTH = pytest.mark.parametrize(
    ("english", "korean"), list(in_both_languages()), ids=lambda page: page.stem
)


def test_each_page_on_how_to_is_there_in_both_languages():
    assert {path.name for path in (DOCS / "ko/how-to").glob("*.md")} == {"index.md", *HOW_TO}
    assert {path.name for path in (DOCS / "how-to").glob("*.md")} == {*HOW_TO} - {"coming-from.md"}


@BOTH
def test_the_korean_page_runs_the_same_code(english, korean):
    assert [*map(_meaning, blocks_of(english))] == [*map(_meaning, blocks_of(korean))]


def _meaning(block):
    """A block without its comments."""
    return ast.dump(ast.parse(block.code)) if block.kind == "run" else block.code


@BOTH
def test_the_korean_page_has_the_same_formulas_parts_and_options(english, korean):
    texts = [page.read_text("utf-8") for page in (english, korean)]
    counted = (
        r"^\$\$\n.*?\n\$\$$",
        r"^#+ ",
        r"^\|",
        r"^```\{interactive\} \w+$",
        r"^- ",
        r"^\d\. ",
    )
    for pattern in counted:
        counts = [len(re.findall(pattern, text, re.MULTILINE | re.DOTALL)) for text in texts]
        assert counts[0] == counts[1], pattern
    options = [set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) for text in texts]
    assert options[0] == options[1]
    rows = ["\n".join(re.findall(r"^\|.*", text, re.MULTILINE)) for text in texts]
    numbers = [re.findall(r"\d+(?:[.,]\d+)*", row) for row in rows]
    assert sorted(numbers[0]) == sorted(numbers[1])
    code = [re.findall(r"^```python\n.*?^```$", text, re.MULTILINE | re.DOTALL) for text in texts]
    assert code[0] == code[1]


def test_figures_to_play_with_have_a_script_and_a_picture():
    import pictures

    script = (DOCS / "_static" / "interactive.js").read_text("utf-8")
    named = set()
    for name in CHAPTERS:
        text = (DOCS / "introduction" / name).read_text("utf-8")
        named |= set(re.findall(r"^```\{interactive\} (\w+)$", text, re.MULTILINE))
    assert named == set(re.findall(r"^  (\w+)\(box\) \{$", script, re.MULTILINE))
    for name in named:
        assert getattr(pictures, f"draw_{name}")().axes
