"""A study's charts against rows: what more of them bring, and from how many on depth pays."""

from dataclasses import replace

import numpy as np

from layerwise.draw.chart import Chart, Curve, Panel
from layerwise.language import counted, message, retold, tr
from layerwise.study.curves import score_axis
from layerwise.study.learning_curves import LearningCurve, LearningCurves, learning_curves
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate
from layerwise.study.words_on_rows import shown_from
from layerwise.study.written_scores import Units
from layerwise.texts import first_up, number

_ROWS = message("rows trained on (log scale)")
_LINE_POINTS = 40


def score_by_rows(results: StudyResults, recommendation: Recommendation | None) -> Chart | None:
    """Held-out score of the models against rows, with the power laws and what they foretell."""
    found = None if recommendation is None else learning_curves(results, recommendation)
    if found is None:
        return None
    units, curves, others = Units(results.metric), [], 0
    for model in found.models:
        is_linear = model.number is not None and not results.configurations[model.number].hidden
        curves += _with_law(model, -1 if is_linear else others, units)
        others += not is_linear
    return replace(
        _chart(found, tuple(curves), results, message("{score} against rows")),
        ticks=_ticks((*found.sizes, found.models[0].more_rows)),
        solid=tr("measured"),
        dashed=tr("power law"),
        hollow=tr("foretold"),
    )


def depth_by_rows(results: StudyResults, recommendation: Recommendation | None) -> Chart | None:
    """Held-out score of a network of each depth against rows.

    Marked is from how many rows on hidden layers are shown to be better than a linear model.
    """
    found = None if recommendation is None else learning_curves(results, recommendation)
    if found is None or len(found.depths) < 2:
        return None
    units = Units(results.metric)
    curves = [
        _curve(
            counted(depth, "hidden layer") if depth else tr("linear"),
            color,
            found.sizes,
            found.scores[depth],
            units,
        )
        for color, depth in enumerate(found.depths, start=-(0 in found.depths))
    ]
    start = shown_from(found.over_linear)
    marked = None
    if start is not None:
        sign = 1 if results.higher_is_better else -1
        x = found.sizes[start]
        at = [(sign * c.y[c.x.index(x)], c) for c in curves if c.color >= 0 and x in c.x]
        y, best = max(at, key=lambda one: one[0])
        marked = x, sign * y, best.color
    chart = _chart(found, tuple(curves), results, message("{score} against rows, by depth"))
    return replace(
        chart,
        panels=(Panel("", chart.panels[0].curves, marked),),
        mark=tr("better than linear from here on"),
    )


def _chart(
    found: LearningCurves, curves: tuple[Curve, ...], results: StudyResults, title: str
) -> Chart:
    units = Units(results.metric)
    return Chart(
        tr(title, score=first_up(units.name)),
        tr(_ROWS),
        score_axis(units),
        (Panel("", curves),),
        log_x=True,
        ticks=_ticks(found.sizes),
        bounds=units.shown_bounds,
    )


def _ticks(sizes: tuple[float, ...]) -> tuple[tuple[float, str], ...]:
    return tuple((size, number(round(size))) for size in sizes)


def _curve(
    label: str,
    color: int,
    sizes: tuple[float, ...],
    scores: tuple[Estimate | None, ...],
    units: Units,
) -> Curve:
    there = [(x, score) for x, score in zip(sizes, scores, strict=True) if score is not None]
    ends = [units.interval(score) for _, score in there]
    return Curve(
        label,
        color,
        tuple(x for x, _ in there),
        tuple(units.factor * score.mean for _, score in there),
        tuple(units.factor * low for low, _ in ends),
        tuple(units.factor * high for _, high in ends),
    )


def _with_law(model: LearningCurve, color: int, units: Units) -> list[Curve]:
    """The scores measured, the law through them, and the score that it foretells."""
    name = retold(model.name)
    measured = _curve(name, color, model.sizes, model.estimates, units)
    if not model.is_foretold:
        return [measured]
    places = np.geomspace(model.law.sizes[0], model.more_rows, _LINE_POINTS)
    line = units.factor * model.line(places)
    low, high = units.bounds
    expected = Curve(
        name,
        color,
        (model.more_rows,),
        (units.factor * model.expected.middle,),
        (units.factor * max(model.expected.low, low),),
        (units.factor * min(model.expected.high, high),),
        (True,),
    )
    law = Curve(
        name, color, tuple(places.tolist()), tuple(line.tolist()), is_dashed=True,
        has_marks=False,
    )  # fmt: skip
    return [measured, law, expected]
