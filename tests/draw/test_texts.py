"""Names that are cut stay different where they are."""

import io
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure

from layerwise import Network
from layerwise.draw import draw_confusion, draw_network
from layerwise.texts import apart_when_cut, letters, shortened
from tests.draw.test_network import boxes, check_apart

MIDDLE = [f"measurement number {i + 1} of the sensor" for i in range(100)]
KOREAN = [f"기상 관측소에서 잰 {i + 1}번째 하루 평균 기온" for i in range(100)]


@pytest.mark.parametrize("names", [MIDDLE, KOREAN], ids=["English", "Korean"])
@pytest.mark.parametrize("most", [14, 22, 30])
def test_they_differ_and_fit(names, most):
    cut = [shortened(name, most) for name in apart_when_cut(names, most)]
    assert len(set(cut)) == len(names)
    assert max(map(letters, cut)) <= most


ACTING = "\x1b[2J\x00 $\\hi$ K$$ $0-$50"


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_texts_are_no_formulas_whoever_saves_the_picture(kind):
    figure = draw_confusion([0, 1], [0, 1], [ACTING, "K$$"])
    figure.axes[0].set_title(ACTING)
    figure.text(0, 0, ACTING)
    saved = io.BytesIO()
    figure.savefig(saved, format=kind)
    figure.savefig(io.BytesIO(), format=kind, bbox_inches="tight")
    assert figure.axes[0].get_title() == r"\x1b[2J\x00 $\hi$ K$$ $0-$50"
    if kind == "svg":
        ET.fromstring(saved.getvalue())


def test_axes_of_other_figures_take_no_name_for_a_formula():
    figure = draw_confusion([0, 1], [0, 1], [ACTING, "K$$"], ax=Figure().subplots())
    saved = io.BytesIO()
    figure.savefig(saved, format="svg")
    ET.fromstring(saved.getvalue())


def test_what_differs_once_cut_is_left_alone():
    names = [f"average yearly precipitation, station {i}" for i in range(10)]
    assert apart_when_cut(names, 16) == names
    assert apart_when_cut(["age", "age"], 2) == ["age", "age"]


@pytest.mark.parametrize("has_row", [False, True])
def test_inputs_that_differ_in_the_middle(has_row):
    net = Network("60-8-2:softmax", seed=0)
    row = [0.25] * 60 if has_row else None
    figure = draw_network(net, row, nodes=60, input_names=MIDDLE[:60])
    check_apart(figure)
    shown = [text for text, _ in boxes(figure) if "sensor" in text or "nsor" in text]
    assert len(shown) == len(set(shown)) == 60
