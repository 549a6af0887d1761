"""An explanation in Korean says nothing in English."""

import json
import re

import pytest
from rich.console import Console

from layerwise import Network, explain
from layerwise.explanation.document import Grid, Heading, Paragraph
from layerwise.explanation.plain import to_text
from layerwise.language import speaking
from tests.explanation.all_kinds import explanations

# What is no English sentence in a Korean one: people, formulas, options, and terms given beside
# their Korean.
TERMS = (
    "integrated gradients|permutation importance|gradient|Sundararajan|Breiman|member|delta|"
    "squash|sqrt|exp|mish|relu|tanh|prelu|silu|dropout|norm"
)
# Formulas stand in headings too, and inputs are called what they are called in English.
NAMES_OF_INPUTS = (
    r"(?:sine|cosine) of (?:month|day of year|weekday|hour)|is missing|is beyond|time|month|"
    r"beside|day of year|day|weekday|hour|length|text|vector|code|output|sine|cosine|to"
)


def told(explanation):
    """All sentences, headings and cells of tables; no formulas."""
    for block in explanation.blocks:
        match block:
            case Heading() | Paragraph():
                yield block.text
            case Grid():
                yield from block.headings
                yield from (cell for row in block.rows for cell in row if isinstance(cell, str))


def of_the_table(explanation):
    """Names and cells, which are the user's own, the longest first."""
    subject = explanation.subject
    names = {cell.column for cell in subject.cells} | {cell.cell for cell in subject.cells}
    names |= {*subject.results, *explanation.feature_names, *subject.baseline.cells.values()}
    names |= {explanation.subject.answer.text} if explanation.subject.answer else set()
    return sorted(filter(None, names), key=len, reverse=True)


@pytest.fixture(scope="module")
def korean():
    return dict(explanations(language="ko"))


@pytest.fixture(scope="module")
def english():
    return dict(explanations(language="en"))


def test_no_english_is_left(korean):
    for kind, explanation in korean.items():
        names = "|".join(map(re.escape, of_the_table(explanation)))
        known = re.compile(rf"{names}|(?<![A-Za-z])(?:{TERMS}|{NAMES_OF_INPUTS})(?![A-Za-z])")
        for text in told(explanation):
            if "정답 없이 설명합니다" in text:  # an error, which is English
                continue
            left = known.sub(" ", text)
            assert not re.search("[A-Za-z]{3,}", left), (kind, text)


def test_each_kind_says_as_much_in_korean(korean, english):
    for kind, explanation in english.items():
        for block, other in zip(explanation.blocks, korean[kind].blocks, strict=True):
            assert type(block) is type(other)
            if isinstance(block, Heading | Paragraph):
                assert re.search("[가-힣]", other.text), (kind, other.text)
                assert block.text != other.text


def test_the_numbers_are_the_same(korean, english):
    def numbers(explanation):
        text = re.sub(r"1번째|1부터|하나|0\.00001만큼", "", explanation.to_text(10_000))
        lines = [line for line in text.splitlines() if " = " in line and "[" not in line]
        return [re.findall(r"\d+\.\d+", line) for line in lines]

    for kind, explanation in english.items():
        assert numbers(explanation) == numbers(korean[kind])


def test_every_form_is_in_korean(korean):
    explanation = korean["new 2"]
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: PTH123,SIM115
    console.print(explanation)
    forms = [
        str(explanation), console.export_text(), explanation.to_markdown(), explanation.to_html(),
        explanation._repr_html_(),
    ]  # fmt: skip
    for text in forms:
        for said in ("이유: 열마다 기여한 정도", "빈칸", "출력층", "소프트맥스"):
            assert said in text
        assert "missing</span>" not in text
        assert "(missing)" not in text
    assert '<html lang="ko">' in explanation.to_html()
    assert '<div class="lw-explanation" lang="ko">' in explanation.to_html()


def test_the_natural_logarithm_is_called_so_in_both_languages(korean, english):
    for explanation in (korean["answered"], english["answered"]):
        for form, called in ((explanation.to_text(), "ln("), (explanation.to_markdown(), r"\ln")):
            assert called in form
            assert "log(" not in form
            assert r"\log" not in form


def test_the_names_of_data_stay_english(korean, english):
    def keys(data):
        if isinstance(data, dict):
            return {key: keys(value) for key, value in data.items()}
        return [keys(item) for item in data] if isinstance(data, list) else None

    for kind in ("answered", "number", "codes"):
        mine, theirs = korean[kind].to_dict(), english[kind].to_dict()
        assert keys(mine) == keys(theirs)
        json.dumps(mine)
    assert korean["answered"].to_dict()["columns"][0]["network_gets"].startswith("“서울”: 그 열이")


def test_korean_lines_are_as_wide_as_asked(korean):
    from layerwise.texts import letters

    for line in to_text(korean["answered"].blocks, 100).splitlines():
        assert letters(line) <= 100 or " = " in line


def test_an_explanation_keeps_its_language():
    network = Network("2-2-1", seed=0)
    with speaking("ko"):
        made = explain(network, [1, 2])
    assert made.language == "ko"
    assert "예측: " in made.to_text()
    assert "Predicted: " in explain(network, [1, 2]).to_text()
    with pytest.raises(ValueError, match="language must be one of en, ko; got 'korean'"):
        explain(network, [1, 2], language="korean")


def test_the_environment_is_asked(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    network = Network("2-2-1", seed=0)
    assert "예측: " in explain(network, [1, 2]).to_text()
    assert "Predicted: " in explain(network, [1, 2], language="en").to_text()
