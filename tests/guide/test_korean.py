"""The Korean pages: letters that their font has, wordings, numbers that both languages have."""

import re
import sys
from pathlib import Path

import pytest
from matplotlib.text import Text

from layerwise import Network, explain

DOCS = Path(__file__).parents[2] / "docs"
sys.path.append(str(DOCS / "_ext"))

import picture_words  # noqa: E402
import pictures  # noqa: E402
from hangul import ENDINGS, hangul_terms  # noqa: E402
from output_lines import line_that_begins, said_in  # noqa: E402
from picture_words import put_into_korean  # noqa: E402

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


@pytest.mark.parametrize("name", ["descent", "line", "neuron", "node", "paths"])
def test_no_english_word_is_left_in_a_korean_picture(name):
    figure = getattr(pictures, f"draw_{name}")()
    put_into_korean(figure)
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert not [text for text in texts if re.search("[A-Za-z]{3}", text)]
    assert any(re.search("[가-힣]", text) for text in texts)


def test_words_keep_their_numbers():
    for english, korean in picture_words._WORDS.items():
        places = korean.count("#") + len(set(re.findall(r"\{\d\}", korean)))
        assert places == english.count("#"), english


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("25 times as steep, rate 0.078", "25배 가파름, 학습률 0.078"),
        ("from -2.4, rate 0.05", "출발점 -2.4, 학습률 0.05"),
        ("10 x 2 nodes", "노드 2개짜리 층 10개"),
        ("GPT-4", "GPT-4"),
    ],
)
def test_words_with_numbers(english, korean):
    assert picture_words.in_korean(english) == korean


def asked(word):
    """The pairs of syllables that a search asks for, as its script makes them."""
    bare = re.sub(rf"(?<=..)({ENDINGS})$", "", word)
    return {bare[i : i + 2] for i in range(len(bare) - 1)} or {bare}


@pytest.mark.parametrize("query", ["손실", "손실이", "손실을", "손실에서"])
@pytest.mark.parametrize("word", ["손실", "손실은", "손실의", "손실함수", "제곱손실입니다"])
def test_a_word_is_found_with_any_particle(query, word):
    assert asked(query) <= {*hangul_terms(word)}


@pytest.mark.parametrize("word", ["손으로", "실손", "상실"])
def test_another_word_is_not(word):
    assert not asked("손실") <= {*hangul_terms(word)}


def test_lines_of_korean_outputs_are_found_by_their_english():
    explained = explain(Network("2-2-1", seed=0), [1.0, 2.0], answer=3.0, language="ko")
    text = explained.to_text()
    asked = ("Hidden layer 1", "Backwards", "The chain rule for", "Notes")
    lines = [text.splitlines()[line_that_begins(text, english, "ko")] for english in asked]
    assert [re.sub(r"가중치 \S+의", "가중치 w의", line).partition(":")[0] for line in lines] == [
        "은닉층 1", "역전파", "가중치 w의 연쇄 법칙", "참고",
    ]  # fmt: skip
    broken = explain(Network("2-2-1", seed=0), [1.0, 2.0], language="ko").to_text(20)
    first = "These are {result} of the baseline"
    assert broken.splitlines()[line_that_begins(broken, first, "ko")].startswith("기준 행의")
    sentence = "Each score is made positive by exp"
    said = said_in("ko", sentence)[0]
    assert line_that_begins(f"소프트맥스\n{said[:20]}\n{said[20:]}", sentence, "ko") == 1
    with pytest.raises(ValueError, match="no line begins with 'Layers of'"):
        line_that_begins(text, "Layers of", "ko")
