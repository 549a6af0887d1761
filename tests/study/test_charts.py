"""A study's charts: every number in its place, whatever the grid; and drawn in both themes."""

import io
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from matplotlib.image import imread
from matplotlib.markers import CARETDOWN

from layerwise.draw.chart import Chart, Curve, Panel, view_of
from layerwise.draw.drawn_chart import draw_chart
from layerwise.draw.theme import THEMES
from layerwise.study.charts import (
    CHARTS,
    draw_study,
    first_chart,
    gradients_by_layer,
    score_by_depth,
    score_by_size,
    time_by_depth,
    training_by_depth,
)
from layerwise.study.fold_chart import score_by_fold
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import recommend
from layerwise.study.written_scores import Units
from layerwise.texts import number
from tests.helpers.pictures import SEEN_IN
from tests.study.made_up import grid, noisy, study_of, with_samples
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


def test_what_was_given_up_is_no_point_of_a_line_and_has_no_interval():
    scores = noisy(np.linspace(0.5, 0.9, 13))
    scores[3, 2:] = nan  # 1 x 32 relu
    results = study_of(scores, CONFIGURATIONS, pruned={3: "behind"})
    chart = score_by_depth(results, None)
    [curve] = [c for c in chart.panels[1].curves if c.label == "relu"]
    assert curve.is_hollow == (True, False, False)
    assert math.isnan(curve.low[0])
    assert math.isfinite(curve.low[1])
    [line] = [line for line in draw_chart(chart).axes[1].lines if len(line.get_ydata()) == 3][:1]
    assert np.isnan(line.get_ydata()).tolist() == [True, False, False]
    assert "(not pursued)" in chart.description


def test_the_folds_behind_each_mean_are_shown():
    results = study()
    chart = score_by_depth(results, None)
    for curve in chart.curves:
        assert [np.mean(values) for values in curve.behind] == pytest.approx(curve.y)
        assert {len(values) for values in curve.behind} == {5}


@pytest.mark.parametrize("picture", ["depth", "size", "training"])
def test_whatever_lies_beyond_a_picture_is_named_at_its_edge(picture):
    scores = noisy(np.linspace(0.85, 0.9, 13))
    scores[0] -= 30
    scores[-1] += 30
    figure = draw_study(study_of(scores, CONFIGURATIONS, metric="r2", trees=-40.0), picture)
    chart = CHARTS[picture](study_of(scores, CONFIGURATIONS, metric="r2", trees=-40.0), None)
    low, high = view_of(chart)
    assert high < 2
    named = [text.get_text() for ax in figure.axes for text in ax.texts]
    hidden = [(c.label, y) for c in chart.curves for y in c.y if not low <= y <= high]
    levels = [chart.line] * len(chart.panels) if chart.line else []
    assert {label for label, _ in hidden} == {"linear", "tanh"}
    assert sorted(named) == sorted(f"{name} {number(y)}" for name, y in [*hidden, *levels])


def test_of_many_widths_the_most_telling_stand_in_panels_and_the_others_are_counted():
    many = grid((0, 1, 2), range(2, 22))
    means = 0.7 + 0.01 * np.arange(len(many)) * (np.arange(len(many)) > 0)
    results = study_of(noisy(means, spread=0.001), many)
    found = recommend(results)
    chart = score_by_depth(results, found)
    titles = [panel.title for panel in chart.panels]
    told = {results.configurations[n].width for n in (found.number, found.best)}
    assert {f"{width} nodes in each hidden layer" for width in told} <= set(titles)
    assert len(titles) == 3
    assert "3 of 20 widths" in chart.title
    name, first = first_chart(results, found)
    assert (name, len(first.panels)) == ("depth", 1)
    assert first.panels[0].marked
    [panel] = score_by_size(results, found).panels
    assert sum(len(curve.x) for curve in panel.curves) == len(many)


def test_folds_are_paired_from_network_to_network():
    results = study(trees=0.95)
    chart = score_by_fold(results, recommend(results), ["2 x 32 tanh", "linear"])
    *folds, mean = chart.panels[0].curves
    [number] = [c.number for c in CONFIGURATIONS if c.name == "2 x 32 tanh"]
    paired = 100 * PairedScores(results).scores[[number, 0]]
    assert pytest.approx(paired) == np.array([curve.y for curve in folds]).T
    assert mean.y == pytest.approx(paired.mean(axis=1))
    assert [name for _, name in chart.ticks] == ["2 x 32 tanh", "linear"]
    found = recommend(results)
    told = [results.configurations[n].name for n in (0, found.number, found.best)]
    of_all = score_by_fold(results, found)
    expected = [*dict.fromkeys(told), "gradient-boosted trees"]
    assert [name for _, name in of_all.ticks] == expected


def test_folds_of_what_was_not_pursued_are_those_that_it_has():
    scores = noisy([0.5, 0.9, 0.6])
    scores[2, 3:] = nan
    results = study_of(scores, pruned={2: "behind"})
    chart = score_by_fold(results, None, ["linear", "2 x 4 relu"])
    *folds, mean = chart.panels[0].curves
    assert len(folds) == 3
    assert mean.is_hollow == (False, True)
    assert "on the 3 of 5 folds" in chart.title


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
                assert made.bounds[0] <= low
                assert high <= made.bounds[1]


@pytest.mark.parametrize("theme", SEEN_IN)
@pytest.mark.parametrize("picture", CHARTS)
def test_pictures_are_drawn_on_a_background_of_their_own(picture, theme):
    scores = noisy(np.linspace(0.5, 0.9, 13))
    scores[-1, 2:] = nan
    results = study_of(scores, CONFIGURATIONS, trees=0.85, pruned={12: "behind"})
    results = with_samples(results, seed=0)
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
        "linear", "relu", "tanh", "not pursued", "one fold", "gradient-boosted trees",
        "recommended",
    ]  # fmt: skip


def test_panels_beyond_three_go_below():
    curve = Curve("relu", 0, (1, 2), (0.1, 0.2))
    chart = Chart("many", "depth", "score", (Panel("a panel", (curve,)),) * 5, whole_x=True)
    figure = draw_chart(chart)
    assert sum(ax.get_visible() for ax in figure.axes) == 5
    assert [bool(ax.get_xlabel()) for ax in figure.axes[:5]] == [False, False, True, True, True]


def test_what_is_not_so_far_from_the_others_is_shown():
    """As the folds of a linear model, where nearly all others are at the same place."""
    curve = Curve("a fold", 0, tuple(range(8)), (80, 80, 80, 80, 80, 80, 79.4, 60))
    low, _ = view_of(Chart("", "", "", (Panel("", (curve,)),), bounds=(0, 100)))
    assert low < 60


def test_the_recommended_is_seen_where_most_learn_nothing():
    curve = Curve("sigmoid", 0, tuple(range(20)), (*np.linspace(-0.016, 0, 19), 0.98))
    bounds = (-math.inf, 1.0)
    low, high = view_of(Chart("", "", "", (Panel("", (curve,)),), bounds=bounds))
    assert high < 0.1  # one in twenty is few
    panel = Panel("", (curve,), marked=(19.0, 0.98, 0))
    low, high = view_of(Chart("", "", "", (panel,), bounds=bounds))
    assert low < 0 < 0.98 < high
    level = Curve("level", 0, tuple(range(21)), (*[0.9] * 20, 0.89))
    assert view_of(Chart("", "", "", (Panel("", (level,)),), bounds=bounds))[0] < 0.89


def test_one_wild_network_does_not_hide_the_others():
    scores = np.array([[0.9, 0.91, 0.9, 0.92, 0.91]] * 6)
    scores[5] = -1e6
    results = study_of(scores, grid((0, 1, 2, 3, 4, 5), (8,)), metric="r2")
    low, high = view_of(score_by_depth(results, None))
    assert low > 0.5
    assert high < 1.5


def test_long_names_below_an_axis_stand_in_lines():
    names = ("linear (learning rate 0.01, adam)", "1 x 16 relu (learning rate 0.1, adam)", "trees")
    curve = Curve("mean", 0, (0.0, 1.0, 2.0), (0.1, 0.9, 0.6))
    figure = draw_chart(
        Chart("", "network", "R²", (Panel("", (curve,)),), ticks=tuple(enumerate(names)))
    )
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_points_beyond_that_were_not_pursued_speak_for_themselves():
    y = (*[0.0] * 8, *np.linspace(0.1, 1, 8))
    hollow = tuple(i < 4 for i in range(16))
    curve = Curve("relu", 0, tuple(range(16)), y, is_hollow=hollow)
    [ax] = draw_chart(Chart("", "", "", (Panel("", (curve,)),), log_y=True)).axes
    assert [text.get_text() for text in ax.texts] == ["relu: 0 (4 points)"] * 2


def test_of_many_points_beyond_an_edge_one_speaks():
    """As of a hundred layers of which none but the last has a gradient."""
    y = (0.0,) * 97 + (1e-3, 1e-2, 1.0)
    deep = Curve("depth 100", 0, tuple(range(1, 101)), y)
    wide = Curve("depth 2", 1, (1, 2), (0.5, 1.0))
    chart = Chart("gradients", "layer", "size", (Panel("relu", (deep, wide)),), log_y=True)
    [ax] = draw_chart(chart).axes
    assert [text.get_text() for text in ax.texts] == ["depth 100: 0 (97 points)"]
    carets = [line for line in ax.lines if line.get_marker() == CARETDOWN]
    assert [len(line.get_xdata()) for line in carets] == [97]


@pytest.mark.parametrize(
    ("picture", "theme", "message"),
    [
        ("breadth", "light", "picture"),
        ("depth", "sepia", "theme"),
        ("size", "light", "about as many parameters"),
        ("rows", "light", "no learning curves"),
    ],
)
def test_what_cannot_be_drawn(picture, theme, message):
    one = study_of([[0.9, 0.8]])
    with pytest.raises(ValueError, match=message):
        draw_study(one, picture, theme=theme)


def test_networks_to_compare_that_are_none():
    with pytest.raises(ValueError, match="unknown network '3 x 9 relu'"):
        draw_study(study(), "folds", compare=["linear", "3 x 9 relu"])
    with pytest.raises(ValueError, match='compare is for the picture "folds"'):
        draw_study(study(), "size", compare=["linear", "1 x 8 relu"])
    with pytest.raises(ValueError, match="two networks with a fold in common"):
        draw_study(study(), "folds", compare=["linear"])


def test_nothing_done_nothing_drawn():
    with pytest.raises(ValueError, match="no fit is done yet"):
        draw_study(study_of([[nan, nan]]))
    with pytest.raises(ValueError, match="no panel"):
        draw_chart(Chart("", "", "", ()))
