"""The Korean pages: letters that their font has, wordings, numbers that both languages have."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "ko").rglob("*.md"))
CHAPTERS = sorted((DOCS / "ko").glob("*.md"))
# What was said otherwise before, and what is said now.
REPLACED = {
    "부류": "클래스",
    "패퍼트": "페퍼트",
    "퍼진 정도": "표준편차",
    "확률의 정확함": "확률 보정",
    r"[A-Za-z] 외 ?\(?\d{4}": "등(2016)",
    r"\d %": "15.3%",
    "신경망은 오래된 생각": "개념",
}


def prose(page):
    text = re.sub(r"```\{(run|command)\}.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_font_has_every_syllable(page):
    """It holds those of KS X 1001, which Python calls euc_kr."""
    syllables = set(re.findall("[가-힣]", page.read_text("utf-8")))
    assert not [each for each in syllables if len(each.encode("euc_kr", "replace")) < 2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("wording", REPLACED)
def test_wordings(page, wording):
    assert not re.findall(wording, prose(page)), f"say {REPLACED[wording]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_line_begins_with_a_particle_behind_a_formula(page):
    lone = re.compile(r"^\$\$\n\n?(?:이고|이며|를|을|은|는|이|가|로)[ ,]", re.MULTILINE)
    assert not lone.findall(page.read_text("utf-8"))


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.name)
def test_numbers_are_those_of_the_english_page(page):
    """Years, percentages and numbers of four digits and more."""
    english = prose(DOCS / "introduction" / page.name)
    pattern = re.compile(r"(?<![\d.,{}])\d{4}(?!\d|[.,]\d)|\d+(?:\.\d+)? ?%")

    def numbers(text):
        return sorted({number.replace(" ", "") for number in pattern.findall(text)})

    assert numbers(prose(page)) == numbers(english)
