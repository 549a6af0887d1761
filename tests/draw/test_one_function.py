"""Pictures of activations, of the loss and of softmax: the numbers in them, and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.architecture import ACTIVATIONS
from layerwise.draw import draw_activations, draw_loss, draw_softmax
from tests.helpers.pictures import KOREAN, SEEN_IN, assert_drawn, assert_texts_apart


@pytest.mark.slow
@pytest.mark.parametrize("theme", SEEN_IN)
def test_every_activation_is_drawn_with_its_derivative_and_formulas_apart(theme):
    figure = draw_activations(theme=theme)
    assert len(figure.axes) == len(ACTIVATIONS)
    assert_drawn(figure, theme)
    assert_texts_apart(figure)


def test_texts_that_cover_each_other_would_be_seen():
    figure = draw_activations("relu")
    figure.axes[0].text(0, 1, "one text")
    figure.axes[0].text(0.1, 1, "another")
    with pytest.raises(AssertionError, match="one text"):
        assert_texts_apart(figure)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_second_line_is_the_slope_of_the_first(name):
    function, slope = draw_activations(name).axes[0].lines[-2:]
    z, f = function.get_xdata(), function.get_ydata()
    measured = np.diff(f) / np.diff(z)
    told = (slope.get_ydata()[1:] + slope.get_ydata()[:-1]) / 2
    away_from_kinks = np.abs(np.diff(slope.get_ydata())) < 0.05
    np.testing.assert_allclose(measured[away_from_kinks], told[away_from_kinks], atol=2e-3)


def test_one_activation_by_an_alias_and_mistakes():
    assert len(draw_activations("logistic").axes) == 1
    with pytest.raises(ValueError, match="unknown activation 'rleu'; did you mean 'relu'"):
        draw_activations(["rleu"])
    with pytest.raises(ValueError, match="holds no activation"):
        draw_activations([])
    with pytest.raises(ValueError, match="unknown theme"):
        draw_activations("relu", theme="drak")


def test_the_loss_is_0_at_1_and_unbounded_at_0():
    curve = draw_loss().axes[0].lines[0]
    p, loss = curve.get_xdata(), curve.get_ydata()
    np.testing.assert_allclose(loss, -np.log(p))
    assert (p[-1], loss[-1]) == (1, 0)
    assert loss[0] >= 5


def test_the_logarithm_is_the_natural_one():
    assert draw_loss(marks=[0.13]).axes[0].texts[0].get_text() == "p = 0.13: loss 2.04"


@pytest.mark.parametrize("theme", SEEN_IN)
def test_rows_lie_on_the_curve(theme):
    p = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.05, 0.9, 0.05]])
    figure = draw_loss(["b", "c", KOREAN], p, [KOREAN, "b", "c"], theme=theme)
    ax = figure.axes[0]
    right, wrong = ax.lines[:2]
    assert right.get_xydata().tolist() == [[0.4, -np.log(0.4)]]
    np.testing.assert_allclose(wrong.get_xdata(), [0.2, 0.05])
    mean = -np.log([0.2, 0.4, 0.05]).mean()
    assert ax.get_title(loc="left") == f"Mean loss of 3 rows: {mean:.3g}"
    assert_drawn(figure, theme)


def test_a_probability_of_0_has_no_place_and_is_told():
    ax = draw_loss([0, 1], [[0.0, 1.0], [0.2, 0.8]]).axes[0]
    assert ax.get_title(loc="left") == "Mean loss of 2 rows: infinite (1 with p = 0)"
    assert np.isfinite(ax.get_ylim()).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0],), "give y_true and probabilities"),
        (([0, 1], [[0.5, 0.5]]), r"got \(1, 2\) and \(2,\)"),
        (([], np.zeros((0, 2))), "n at least 1"),
        (([0], [[1.5, -0.5]]), "between 0 and 1"),
        (([0], [[np.nan, 0.5]]), "between 0 and 1"),
        (([2], [[0.5, 0.5]]), "holds 2, which is none of the classes"),
        ((["cat"], [[0.5, 0.5]], ["cat"]), "each of the 2 columns"),
    ],
)
def test_bad_predictions(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_loss(*arguments)


@pytest.mark.parametrize("mark", [0, -0.1, 1.2, np.nan])
def test_bad_marks(mark):
    with pytest.raises(ValueError, match="marks must be probabilities"):
        draw_loss(marks=[mark])


@given(st.lists(st.floats(-60, 60), min_size=2, max_size=30))
@settings(max_examples=8)
def test_softmax_shows_probabilities_that_add_up(scores):
    figure = draw_softmax(scores)
    bars = [[bar.get_width() for bar in ax.patches] for ax in figure.axes]
    shown, exponentials, percent = map(np.array, bars)
    z = np.asarray(scores)
    expected = 100 * np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    if len(z) <= 20:
        np.testing.assert_allclose(shown, z)
        np.testing.assert_allclose(percent, expected, atol=1e-9)
        assert percent.sum() == pytest.approx(100)
    assert np.isfinite(exponentials).all()
    np.testing.assert_allclose(
        percent, 100 * exponentials / exponentials.sum() * percent.sum() / 100, atol=1e-6
    )


@pytest.mark.parametrize(("n", "theme"), [(2, "light"), (5, "dark"), (40, "light")])
def test_softmax_with_long_names(theme, n):
    random = np.random.default_rng(0)
    names = [f"{KOREAN} {'x' * 40} {i}" for i in range(n)]
    figure = draw_softmax(random.normal(0, 4, n), names, theme=theme)
    assert_drawn(figure, theme)
    assert_texts_apart(figure)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0],), "two or more finite numbers"),
        (([1.0, np.inf],), "two or more finite numbers"),
        (([[1.0, 2.0], [3.0, 4.0]],), "two or more finite numbers"),
        (([1.0, 2.0], ["cat"]), "must hold 2 names; got 1"),
    ],
)
def test_bad_scores(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_softmax(*arguments)
