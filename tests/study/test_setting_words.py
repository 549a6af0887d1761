"""What is said, and drawn, of settings that a study varies: only what the numbers bear."""

import math
import re

import numpy as np
import pytest

from layerwise.draw.drawn_chart import draw_chart
from layerwise.report.study_page import render_study_page
from layerwise.study.answers import answers
from layerwise.study.charts import charts_of, draw_study, score_by_depth
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import recommend
from tests.study.made_up import grid, noisy, study_of, varied

nan = math.nan
RATES = [0.001, 0.1, 10.0]
DIVERGED = "diverged: the loss became nan at epoch 1. Try less"


def study(means, values=RATES, name="learning_rate", spread=0.002, depths=(0, 1), **changes):
    """Depth 0 and 1 with each value: the mean scores of these, NaN where none trained."""
    configurations = varied(values, name, depths)
    scores = noisy(np.nan_to_num(means, nan=0.5), spread=spread)
    scores[np.isnan(means)] = nan
    failed = dict.fromkeys(np.flatnonzero(np.isnan(means)).tolist(), DIVERGED)
    return study_of(scores, configurations, failed=failed, **changes)


def say(results):
    return {answer.key: answer.text for answer in answers(results, recommend(results))}


def chart_of(results, name="learning_rate"):
    return charts_of(results)[name](results, recommend(results))


def test_which_value_is_a_good_choice():
    told = say(study([0.5, 0.5, 0.5, 0.8, 0.9, 0.7]))["learning_rate"]
    assert re.match(
        r"The learning rate: 0\.1 is a good choice here; "
        r"worse: 0\.001 by 1?[09]\.\d ± 0\.\d points, 10 by (20|19)\.\d ± 0\.\d points\.$",
        told,
    )


def test_a_value_at_the_end_of_those_tried():
    beyond = "Beyond 10, larger ones were not tried."
    assert beyond in say(study([0.5, 0.5, 0.5, 0.7, 0.8, 0.9]))["learning_rate"]
    below = "Below 0.001, none was tried."
    assert below in say(study([0.5, 0.5, 0.5, 0.9, 0.8, 0.7]))["learning_rate"]
    least = study([0.5, 0.5, 0.5, 0.9, 0.8, 0.7], [0.0, 0.1, 0.2], "dropout")
    assert "was tried" not in say(least)["dropout"]  # there is nothing below 0


def test_what_did_not_train_is_said_where_it_is_not_all():
    told = say(study([0.5, 0.5, nan, 0.8, 0.9, nan]))["learning_rate"]
    assert told.endswith("; did not train (diverged): 10.")
    told = say(study([0.5, 0.5, 0.5, 0.8, 0.9, nan]))["learning_rate"]
    assert "with 10, 1 of 2 networks did not train (diverged)." in told
    told = say(study([nan, nan, nan, 0.8, 0.9, 0.7]))["learning_rate"]
    assert "did not train" not in told
    assert "did not train" not in say(study([0.5, 0.5, 0.5, 0.8, 0.9, 0.7]))["learning_rate"]
    alone = say(study([0.5, nan, nan, 0.8, nan, nan]))["learning_rate"]
    assert alone.startswith("The learning rate: 0.001; did not train (diverged): 0.1, 10.")


def test_a_choice_that_makes_no_difference_is_not_called_one():
    def told(spread):
        results = study([0.5, 0.5, 0.9, 0.9], ["sgd", "adam"], "optimizer", spread=spread)
        return say(results)["optimizer"]

    assert told(0.0005).startswith("The optimiser hardly matters here: adam and sgd are level to ")
    assert "cannot be told: sgd (up to " in told(0.02)
    assert not any("worse: " in told(spread) for spread in (0.0005, 0.02))


def test_a_linear_model_has_no_word_on_what_it_does_not_have():
    results = study([0.9, 0.9, 0.9, 0.5, 0.5, 0.5])
    assert results.configurations[recommend(results).number].depth == 0
    configurations = [grid((0,))[0], *varied([0.0, 0.2], "dropout", (1,))]
    configurations[1:] = [type(c)(i, *_rest(c)) for i, c in enumerate(configurations[1:], 1)]
    linear = study_of(noisy([0.9, 0.5, 0.6], spread=0.002), configurations)
    assert "dropout" not in say(linear)


def _rest(c):
    return c.hidden, c.activation, c.n_parameters, c.settings


def test_at_which_rate_optimisers_were_compared():
    of = {"values": ["sgd", "adam"], "name": "optimizer"}
    own = say(study([0.5, 0.5, 0.7, 0.9], **of, settings={"learning_rate": None}))
    assert own["optimizer"].endswith(
        "Each was trained with its own learning rate (sgd 0.01, adam 0.001)."
    )
    one = say(study([0.5, 0.5, 0.7, 0.9], **of, settings={"learning_rate": 0.02}))
    assert one["optimizer"].endswith(
        "All were trained with the learning rate 0.02; another may turn this round."
    )


def test_the_linear_model_that_underfits_is_the_best_of_them():
    lead = np.full(6, 0.001)
    told = say(study([0.3, 0.6, 0.5, 0.8, 0.9, 0.7], training=lead))["overfitting"]
    assert re.search(r"A linear model underfits: (60|59)\.\d % and (60|59)\.\d %", told)


@pytest.mark.parametrize(
    ("name", "values", "is_log", "is_joined", "places"),
    [
        ("learning_rate", [10.0, 0.001, 0.1], True, True, [0.001, 0.1, 10]),
        ("learning_rate", [0.1, 0.2, 0.3], False, True, [0.1, 0.2, 0.3]),
        ("learning_rate", [0.1, 3.1], True, True, [0.1, 3.1]),
        ("l2", [0.1, 0.0, 0.001], False, True, [0, 1, 2]),
        ("dropout", [0.0, 0.1, 0.2], False, True, [0, 0.1, 0.2]),
        ("batch_size", [16, 1024], True, True, [16, 1024]),
        ("optimizer", ["sgd", "adam"], False, False, [0, 1]),
        ("normalization", [None, "layer"], False, False, [0, 1]),
        ("residual", [True, False], False, False, [0, 1]),
        ("gradient_clipping", [None, 1.0], False, False, [0, 1]),
        ("l2", [0.0, 0.5], False, True, [0, 0.5]),
    ],
)
def test_the_axis_fits_the_values(name, values, is_log, is_joined, places):
    results = study([0.5] * len(values) + [0.9] * len(values), values, name)
    chart = chart_of(results, name)
    assert (chart.log_x, chart.is_joined) == (is_log, is_joined)
    assert [place for place, _ in chart.ticks] == places
    [ax] = draw_chart(chart).axes
    assert ax.get_xscale() == ("log" if is_log else "linear")
    assert [label.get_text() for label in ax.get_xticklabels()] == [n for _, n in chart.ticks]


def test_each_value_has_its_best_network_in_the_picture():
    results = study(np.linspace(0.5, 0.9, 9), depths=(0, 1, 2))
    chart, paired = chart_of(results), PairedScores(results)
    assert [curve.label for curve in chart.curves] == [
        "linear",
        "1 hidden layer",
        "2 hidden layers",
    ]
    for start, curve in enumerate(chart.curves):
        scores = [100 * paired.score(3 * start + i).mean for i in range(3)]
        assert curve.y == pytest.approx(scores)
    ours = results.configurations[recommend(results).number]
    assert chart.panels[0].marked[0] == dict(ours.settings)["learning_rate"]


def test_what_did_not_train_is_marked_at_its_place():
    results = study([0.5, 0.5, nan, 0.8, 0.9, nan])
    chart = chart_of(results)
    assert chart.panels[0].missing == ((10.0, -1), (10.0, 0))
    assert "with hidden layers, learning rate 10: did not train" in chart.description
    figure = draw_chart(chart)
    assert "did not train" in [text.get_text() for text in figure.legends[0].get_texts()]
    marks = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(marks) == 2
    assert not chart_of(study([0.5, 0.5, 0.5, 0.8, 0.9, 0.7])).panels[0].missing


def test_what_is_far_off_is_marked_at_the_edge():
    results = study([0.5, 0.5, 0.5, 0.8, 0.9, -50.0], metric="r2")
    figure = draw_chart(chart_of(results))
    [named] = figure.axes[0].texts
    assert (named.get_text(), named.xy) == ("with hidden layers −50.00", (10.0, 0))
    assert not draw_chart(chart_of(study([0.5, 0.5, 0.5, 0.8, 0.9, 0.7]))).axes[0].texts


def test_the_first_picture_is_of_depth_where_there_is_a_choice():
    assert next(iter(charts_of(study([0.5] * 6)))) == "learning_rate"
    assert next(iter(charts_of(study([0.5] * 9, depths=(0, 1, 2))))) == "depth"
    assert "learning_rate" not in charts_of(study_of(noisy([0.5, 0.9])))


def test_the_picture_of_depth_shows_the_best_settings():
    results = study(np.linspace(0.5, 0.9, 24), list(range(1, 9)), "batch_size", depths=(0, 1, 2))
    chart = score_by_depth(results, recommend(results))
    assert chart.title == "Accuracy against depth, with the best settings of each"
    assert [curve.x for curve in chart.curves] == [(0,), (1, 2)]
    few = study(np.linspace(0.5, 0.9, 6), ["sgd", "adam"], "optimizer", depths=(0, 1, 2))
    labels = [curve.label for curve in score_by_depth(few, None).curves]
    assert labels == ["linear", "relu, sgd", "relu, adam"]


def test_a_page_tells_of_settings(monkeypatch):
    monkeypatch.setattr("layerwise.report.elements.inline_svg", lambda _, description: description)
    results = study([0.5, 0.5, nan, 0.8, 0.9, nan], trees=0.7)
    page = render_study_page(results, recommend(results), command="layerwise study t.csv")
    assert "Accuracy against the learning rate, the best network of each" in page
    assert "did not train (diverged: the loss became nan at epoch 1)" in page
    assert "alike in all that is not varied" in page
    assert re.search(r"<dt>learning rate</dt>\s*<dd>0.001, 0.1, 10</dd>", page)


def test_pictures_are_drawn_by_the_names_of_settings():
    results = study([0.5, 0.5, 0.5, 0.8, 0.9, 0.7])
    assert draw_study(results, "learning_rate").axes[0].get_xlabel() == "learning rate (log scale)"
    with pytest.raises(ValueError, match="unknown picture 'optimizer'"):
        draw_study(results, "optimizer")
