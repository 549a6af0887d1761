"""A study's charts: every number in its place, whatever the grid; and drawn in both themes."""

import io
import math

import numpy as np
import pytest
from hypothesis import given
from matplotlib.image import imread

from layerwise.draw.chart import Chart, Curve, Panel, view_of
from layerwise.draw.drawn_chart import draw_chart
from layerwise.draw.theme import THEMES
from layerwise.study.charts import (
    CHARTS,
    draw_study,
    gradients_by_layer,
    score_by_depth,
    score_by_size,
    time_by_depth,
    training_by_depth,
)
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import recommend
from layerwise.study.units import Units
from tests.helpers.pictures import SEEN_IN
from tests.study.made_up import grid, noisy, study_of
from tests.study.test_recommendation import studies

nan = math.nan
CONFIGURATIONS = grid((0, 1, 2, 4), (8, 32), ("relu", "tanh"))


def study(**changes):
    means = 0.9 - 0.4 / (1 + np.arange(len(CONFIGURATIONS)))
    return study_of(noisy(means, 5), CONFIGURATIONS, **changes)


def points(chart):
    return {
        (panel.title, curve.label, x): y
        for panel in chart.panels
        for curve in panel.curves
        for x, y in zip(curve.x, curve.y, strict=True)
    }


def test_each_score_stands_at_its_depth_in_the_panel_of_its_width():
    results = study(trees=0.95)
    chart = score_by_depth(results, recommend(results))
    paired, found = PairedScores(results), points(chart)
    for c in results.configurations:
        for width in {c.width} if c.hidden else {8, 32}:
            place = (f"{width} nodes in each hidden layer", c.activation or "linear", c.depth)
            assert found.pop(place) == pytest.approx(100 * paired.score(c.number).mean)
    assert not found
    assert chart.line == ("gradient-boosted trees", pytest.approx(95))
    # The recommended is marked where it stands.
    ours = results.configurations[recommend(results).number]
    [marked] = [panel.marked for panel in chart.panels if panel.marked]
    assert marked[:2] == (ours.depth, pytest.approx(100 * paired.score(ours.number).mean))


def test_intervals_are_those_of_the_estimates():
    results = study()
    curve = score_by_depth(results, None).panels[0].curves[1]
    expected = PairedScores(results).score(1).interval()
    assert (curve.low[0], curve.high[0]) == pytest.approx(tuple(100 * end for end in expected))


def test_intervals_end_at_what_a_score_can_be():
    results = study_of([[0.9, 1.0, 1.0, 1.0, 1.0]] * len(CONFIGURATIONS), CONFIGURATIONS)
    score = PairedScores(results).score(1)
    assert score.interval()[1] > 1  # the mean of a few fits, and what it may be by chance
    for panel in score_by_depth(results, None).panels:
        for curve in panel.curves:
            assert all(0 <= end <= 100 for end in (*curve.low, *curve.high))
    assert " ± " not in Units("accuracy").score(score)
    assert " to 100.0) %" in Units("accuracy").score(score)


def test_what_was_given_up_is_hollow():
    scores = noisy([0.5, 0.9, 0.6])
    scores[2, 2:] = nan
    chart = score_by_depth(study_of(scores, pruned={2: "behind"}), None)
    hollow = {curve.label: curve.is_hollow for panel in chart.panels for curve in panel.curves}
    assert hollow == {"linear": (False,), "relu": (False, True)}


def test_size_has_each_network_once_and_only_where_sizes_differ():
    results = study()
    [panel] = score_by_size(results, recommend(results)).panels
    sizes = sorted(x for curve in panel.curves for x in curve.x)
    assert sizes == sorted(c.n_parameters for c in results.configurations)
    one_size = [type(c)(c.number, c.hidden, c.activation, 5000) for c in CONFIGURATIONS]
    assert score_by_size(study_of(noisy([0.9] * 13), one_size), None) is None


def test_one_size_stands_in_one_panel():
    results = study(settings={"parameters": 5000})
    assert [panel.title for panel in score_by_depth(results, None).panels] == [
        "about 5,000 parameters at every depth"
    ]


def test_training_is_dashed_and_beside_held_out():
    results = study(training=np.linspace(0.01, 0.1, 13))
    [panel, _] = training_by_depth(results, None).panels
    held_out = next(c for c in panel.curves if c.label == "relu" and not c.is_dashed)
    training = next(c for c in panel.curves if c.label == "relu" and c.is_dashed)
    assert held_out.x == training.x
    assert training.y[0] - held_out.y[0] == pytest.approx(100 * np.linspace(0.01, 0.1, 13)[1])


def test_time_is_the_mean_over_fits():
    results = study()
    found = points(time_by_depth(results, None))
    assert found["8 nodes in each hidden layer", "relu", 4] == pytest.approx(0.502)


def test_gradients_by_layer():
    chart = gradients_by_layer(study(), None)
    assert [panel.title for panel in chart.panels] == ["relu", "tanh"]
    deepest = chart.panels[0].curves[-1]
    assert deepest.x == (1, 2, 3, 4, 5)
    assert deepest.y == pytest.approx(0.1 * 0.5 ** np.arange(4, -1, -1))
    many = grid(range(17), (8,))
    assert len(gradients_by_layer(study_of(noisy([0.9] * 17), many), None).panels[0].curves) == 6
    assert gradients_by_layer(study_of([[0.9] * 5], grid((0,))), None) is None


@given(studies(missing=True))
def test_any_study_can_be_charted(results):
    if results.fits:
        for chart in CHARTS.values():
            made = chart(results, recommend(results))
            if made is not None:
                low, high = view_of(made)
                assert low < high
                assert math.isfinite(high - low)


@pytest.mark.parametrize("theme", SEEN_IN)
@pytest.mark.parametrize("picture", CHARTS)
def test_pictures_are_drawn_on_a_background_of_their_own(picture, theme):
    scores = noisy(np.linspace(0.5, 0.9, 13))
    scores[-1, 2:] = nan
    results = study_of(scores, CONFIGURATIONS, trees=0.85, pruned={12: "behind"})
    file = io.BytesIO()
    draw_study(results, picture, theme=theme).savefig(file, dpi=50)
    file.seek(0)
    image = imread(file)
    background = [int(THEMES[theme].background[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    np.testing.assert_allclose(image[0, 0], [*background, 1], atol=1 / 255)
    assert (np.abs(image - image[0, 0]).max(axis=2) > 0.3).mean() > 0.005


def test_the_legend_names_all_that_is_drawn_once():
    figure = draw_study(study(trees=0.95, pruned={12: "behind"}))
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == [
        "linear", "relu", "tanh", "not pursued", "gradient-boosted trees", "recommended",
    ]  # fmt: skip


def test_panels_beyond_three_go_below():
    curve = Curve("relu", 0, (1, 2), (0.1, 0.2))
    chart = Chart("many", "depth", "score", (Panel("a panel", (curve,)),) * 5, whole_x=True)
    figure = draw_chart(chart)
    assert sum(ax.get_visible() for ax in figure.axes) == 5
    assert [bool(ax.get_xlabel()) for ax in figure.axes[:5]] == [False, False, True, True, True]


def test_one_wild_network_does_not_hide_the_others():
    scores = np.array([[0.9, 0.91, 0.9, 0.92, 0.91]] * 6)
    scores[5] = -1e6
    results = study_of(scores, grid((0, 1, 2, 3, 4, 5), (8,)), metric="r2")
    low, high = view_of(score_by_depth(results, None))
    assert low > 0.5
    assert high < 1.5


@pytest.mark.parametrize(
    ("picture", "theme", "message"),
    [
        ("breadth", "light", "picture"),
        ("depth", "sepia", "theme"),
        ("size", "light", "about as many parameters"),
    ],
)
def test_what_cannot_be_drawn(picture, theme, message):
    one = study_of([[0.9, 0.8]])
    with pytest.raises(ValueError, match=message):
        draw_study(one, picture, theme=theme)


def test_nothing_done_nothing_drawn():
    with pytest.raises(ValueError, match="no fit is done yet"):
        draw_study(study_of([[nan, nan]]))
    with pytest.raises(ValueError, match="no panel"):
        draw_chart(Chart("", "", "", ()))
