"""A study's chart of a setting that it varies: the best network of each of its values."""

from collections.abc import Callable, Sequence
from typing import Any

from layerwise.draw.chart import Chart, Panel
from layerwise.ensemble.named_settings import Setting, find_setting
from layerwise.language import counted, retold, said, tr
from layerwise.study.curves import (
    best_of_each,
    curve_of,
    mark_of,
    score_axis,
    trees_line,
)
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.written_scores import Units
from layerwise.texts import first_up

_MOST_CURVES = 6
_WIDE = 30.0  # positive numbers further apart than so many times stand on a logarithmic axis
_LINEAR, _BEST, _OTHERS = said("linear"), said("with hidden layers"), said("others")
Level = Callable[[Configuration], str | None]


def score_by_setting(
    results: StudyResults, recommendation: Recommendation | None, name: str
) -> Chart | None:
    """Held-out score against a setting, by its name; None where nothing of it was fitted.

    Each point is the best network of its value. What else is varied has curves of its own: a
    setting before the activation before the depth, whatever has few values.
    """
    setting, values = find_setting(name), results.varied[name]
    places, is_log = _places(setting, values)
    paired, units = PairedScores(results), Units(results.metric)
    label, labels = _curves(results, name)
    of_setting = [c for c in results.configurations if name in dict(c.settings)]

    def at(c: Configuration) -> Any:
        return dict(c.settings)[name]

    trained = [c for c in of_setting if c.number not in results.failed]
    best = best_of_each(results, trained, lambda c: (at(c), label(c)))
    curves, missing, marked = [], [], None
    for color, own in enumerate([_LINEAR, *labels], start=-1):
        there = [c for c in of_setting if label(c) == own]
        points = [
            (places[at(c)], c, value)
            for c in sorted(there, key=lambda c: places[at(c)])
            if c.number in best and (value := paired.score(c.number)) is not None
        ]
        some = {at(c) for c in there if c in trained}
        missing += [(places[v], color) for v in dict.fromkeys(map(at, there)) if v not in some]
        if there:
            curve = curve_of(results, retold(own), color, points, units)
            curves.append(curve)
            marked = mark_of(curve, points, recommendation) or marked
    if not best:
        return None
    return Chart(
        tr(
            "{score} against {setting}, the best network of each",
            score=first_up(units.name),
            setting=tr(setting.noun),
        ),
        tr("{what} (log scale)", what=setting.heading) if is_log else setting.heading,
        score_axis(units),
        (Panel("", tuple(curves), marked, tuple(missing)),),
        mark=tr("recommended"),
        line=trees_line(paired, units),
        log_x=is_log,
        ticks=tuple((place, retold(setting.label(value))) for value, place in places.items()),
        missing=tr("did not train"),
        bounds=units.shown_bounds,
        is_joined=_are_numbers(setting, values),
    )


def _places(setting: Setting, values: Sequence[Any]) -> tuple[dict[Any, float], bool]:
    """(where each value stands along x, whether that is a logarithmic axis).

    Numbers stand where they are, logarithmically where that spreads them; words side by side, and
    so do numbers with a 0 among them that would all stand at one place.
    """
    if not _are_numbers(setting, values):
        return {value: float(i) for i, value in enumerate(values)}, False
    ordered = sorted(values)
    positive = [value for value in ordered if value > 0]
    is_wide = max(positive) > _WIDE * min(positive)
    if not is_wide or len(positive) == len(ordered):
        return {value: float(value) for value in ordered}, is_wide
    return {value: float(i) for i, value in enumerate(ordered)}, False


def _are_numbers(setting: Setting, values: Sequence[Any]) -> bool:
    return setting.kind in (int, float) and None not in values


def _curves(results: StudyResults, name: str) -> tuple[Level, list[str]]:
    """(what tells the curves apart, their names in order): what else is varied, and has few values.

    Names before numbers, since curves of numbers are no steps of a scale.
    """
    hidden = [c for c in results.configurations if c.hidden]

    def of_setting(other: str) -> Level:
        setting = find_setting(other)

        def label(c: Configuration) -> str | None:
            own = dict(c.settings)
            return retold(setting.written(own[other])) if other in own else None

        return label

    others = [other for other in results.varied if other != name]
    are_numbers = {other: find_setting(other).kind in (int, float) for other in others}
    ways: list[Level] = [of_setting(other) for other in others if not are_numbers[other]]
    ways += [lambda c: c.activation, lambda c: counted(c.depth, "hidden layer")]
    ways += [of_setting(other) for other in others if are_numbers[other]]
    ways.append(lambda c: _BEST)
    for way in ways:
        names = list(dict.fromkeys(way(c) or _OTHERS for c in hidden))
        if 1 < len(names) <= _MOST_CURVES:
            break
    return lambda c: (way(c) or _OTHERS) if c.hidden else _LINEAR, names
