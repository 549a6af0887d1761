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
CHAPTERS = sorted(path.name for path in (DOCS / "introduction").glob("[1-8]-*.md"))
# The Korean chapters have the code of the English ones, which is run once.
RUN = [page for page in PAGES if page.parent.name != "ko"]


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
    assert [theme for theme, *_ in drawn] == ["light", "dark"] * (len(drawn) // 2)
    if path.parent.name == "introduction":
        assert drawn, "each chapter has a picture"


def test_there_are_eight_chapters_in_both_languages():
    assert len(CHAPTERS) == 8
    assert sorted(path.name for path in (DOCS / "ko").glob("[1-8]-*.md")) == CHAPTERS


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_korean_chapter_runs_the_same_code(name):
    english, korean = (blocks_of(DOCS / folder / name) for folder in ("introduction", "ko"))
    assert [_meaning(block) for block in english] == [_meaning(block) for block in korean]


def _meaning(block):
    """A block without its comments."""
    return ast.dump(ast.parse(block.code)) if block.kind == "run" else block.code


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_korean_chapter_has_the_same_formulas_and_parts(name):
    texts = [(DOCS / folder / name).read_text("utf-8") for folder in ("introduction", "ko")]
    for pattern in (r"^\$\$\n.*?\n\$\$$", r"^#+ ", r"^\|"):
        counts = [len(re.findall(pattern, text, re.MULTILINE | re.DOTALL)) for text in texts]
        assert counts[0] == counts[1], pattern
