"""Korean particles behind any name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.korean_particles import with_particles

PAIRS = ("을/를", "이/가", "은/는", "과/와", "으로/로", "이라는/라는")
SYLLABLES = st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣"))
CLOSING = st.sampled_from(["", ")", "”", "'", "」", "]", ")'", "* "])


def forms(name):
    return [with_particles(name, pair).removeprefix(name) for pair in PAIRS]


@given(st.text(max_size=8), SYLLABLES, CLOSING)
def test_the_last_syllable_decides(start, syllable, closing):
    """By its canonical decomposition: three parts where there is a final consonant."""
    parts = unicodedata.normalize("NFD", syllable)
    has_final, is_rieul = len(parts) == 3, parts[-1] == "\u11af"
    place = 0 if has_final else 1
    expected = [pair.split("/")[place] for pair in PAIRS]
    if is_rieul:
        expected[4] = "로"
    for spelled in (syllable, parts):
        name = start + spelled + closing
        assert forms(name) == expected


@given(st.integers(0, 10**6))
def test_numbers_are_read_in_korean(n):
    last = "영일이삼사오육칠팔구"[n % 10]
    assert forms(str(n)) == forms(last)
    assert forms(f"{n:,}") == forms(last)
    assert forms(f"{n}%") == forms("퍼센트")


@given(st.text(), st.sampled_from(PAIRS))
def test_one_form_or_both_with_brackets(name, pair):
    first, second = pair.split("/")
    both = {"으로/로": "(으)로", "이라는/라는": "(이)라는"}.get(pair, f"{first}({second})")
    assert with_particles(name, pair).removeprefix(name) in {first, second, both}


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("age", "에이지"),
        ("label", "레이블"),
        ("income", "인컴"),
        ("price", "프라이스"),
        ("dropout", "아웃"),
        ("Adelie", "아델리"),
        ("Chinstrap", "친스트랩"),
        ("Gentoo", "젠투"),
        ("male", "메일"),
        ("FEMALE", "피메일"),
        ("SQL", "에스큐엘"),
        ("R", "알"),
        ("x", "엑스"),
        ("h1_2", "이"),
        ("relu", "렐루"),
        ("x²", "제곱"),
        ("p(yes)", "예스"),
        ("5 kg", "그램"),
        ("9,000,000 m²", "제곱미터"),
        ("120cm", "센티미터"),
        ("20 min", "분"),
        ("0.5 l", "리터"),
        ("12 €", "유로"),
        ("-0.5", "오"),
        ("1e-7", "칠"),
    ],
)
def test_latin_letters_are_read_as_most_read_them(name, read):
    assert forms(name) == forms(read)


@pytest.mark.parametrize("name", ["키(cm)", "키 (cm)", "1 x 8 relu (adam)", "소득(만원, 세전)"])
def test_brackets_beside_a_word_are_not_read(name):
    assert forms(name) == forms(name[: name.index("(")])


def test_what_nobody_can_read_gets_both():
    assert forms("東京") == ["을(를)", "이(가)", "은(는)", "과(와)", "(으)로", "(이)라는"]
    assert with_particles("", "을/를") == "을(를)"


def test_particles_in_what_is_filled_in_stay():
    assert with_particles("을/를 은/는", " 물을/를") == "을/를 은/는 물을"
