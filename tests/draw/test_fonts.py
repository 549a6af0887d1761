"""Letters of every script in pictures: which font draws them, and what is said where none does."""

import warnings

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont

from layerwise.draw import draw_confusion, draw_network, fonts
from layerwise.draw.chart import Chart, Curve, Panel
from layerwise.draw.drawn_chart import draw_chart
from layerwise.draw.saving import figure_bytes

KOREAN = ["서울", "부산", "뷁"]
THAI = ["กรุงเทพ", "ภูเก็ต", "a"]
THAI_MISSING = "no font here has 'ก', 'ง', 'ต', 'ท', 'พ' and 6 more (Thai)"


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """A machine without fonts of its own, in a process that has reported nothing yet."""
    monkeypatch.setattr(fonts, "_installed_fonts", list)
    monkeypatch.setattr(fonts, "_lent", {})
    monkeypatch.setattr(fonts, "_reported", set())


def confusion(names, ax=None):
    return draw_confusion([0, 1, 2], [0, 1, 1], names, ax)


def warnings_of(draw):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        draw()
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_hangul_is_drawn_without_a_word(kind):
    network = draw_network("2-2-1", input_names=KOREAN[:2], output_names=["구매 확률"])
    curve = Curve("가", 0, (1, 2), (0.9, 0.8), (0.8, 0.7), (1.0, 0.9))
    chart = draw_chart(Chart("나이에 따른 점수", "나이", "점수", (Panel("서울", (curve,)),)))
    for figure in (network, confusion(KOREAN), chart):
        assert warnings_of(lambda figure=figure: figure_bytes(figure, kind)) == []


def test_the_fonts_are_those_of_installed_packages(caplog):
    files = [findfont(FontProperties(family=[name])) for name in fonts.font_families("서울 age")]
    assert ["koreanize_matplotlib" in file for file in files] == [False, True, False]
    assert all("site-packages" in file for file in files)
    assert not caplog.records


def test_letters_without_a_font_are_reported_once_for_each_script():
    figure = confusion(THAI)
    (message,) = warnings_of(lambda: figure_bytes(figure, "png"))
    assert message.startswith(THAI_MISSING)
    assert "Install a font" in message
    assert warnings_of(lambda: figure_bytes(confusion(["ไทย", "b", "c"]), "pdf")) == []
    (message,) = warnings_of(lambda: figure_bytes(confusion(["ไทย", "ሀ", "你"]), "png"))
    assert message.startswith("no font here has 'ሀ' (Ethiopic) or '你' (CJK): boxes")


def test_an_svg_keeps_text_whose_fonts_others_may_have():
    texts = []
    assert warnings_of(lambda: texts.append(figure_bytes(confusion(THAI), "svg").decode())) == []
    assert all(f">{name}</text>" in texts[0] for name in THAI)
    assert texts[0].count("'Malgun Gothic', 'Apple SD Gothic Neo', sans-serif") >= 6
    assert "Last Resort" not in texts[0]


def test_in_somebody_elses_figure_it_is_reported_too():
    figure = Figure()
    confusion(THAI, figure.subplots())
    (message,) = warnings_of(lambda: figure_bytes(figure, "png"))
    assert message.startswith(THAI_MISSING)


def test_an_installed_font_is_used_where_ours_have_no_letter(monkeypatch):
    stix = mpl.get_data_path() + "/fonts/ttf/STIXGeneral.ttf"
    letter = "\u1d84"
    damaged = __file__
    monkeypatch.setattr(fonts, "_installed_fonts", lambda: [damaged, stix])
    assert fonts.font_families(f"가 a {letter}")[:3] == [
        "DejaVu Sans",
        "NanumGothic",
        "STIXGeneral",
    ]
    assert warnings_of(lambda: figure_bytes(confusion([letter, "b", "c"]), "png")) == []


def test_installed_fonts_are_not_looked_at_for_latin_and_hangul(monkeypatch):
    monkeypatch.setattr(fonts, "_installed_fonts", lambda: pytest.fail("looked at"))
    figure_bytes(confusion(["서울 é", "α β", "б\u200b"]), "png")
