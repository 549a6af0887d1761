"""The curves of a study's charts: which networks stand on which, and where."""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from layerwise.draw.chart import Curve, Panel
from layerwise.ensemble.named_settings import written
from layerwise.language import retold, said, tr
from layerwise.study.contrasts import told_networks
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.statistics import Estimate
from layerwise.study.written_scores import Units

_MOST_CURVES = 6
MOST_WIDTHS = 3
TREES = said("gradient-boosted trees")
Of = Callable[[Configuration], Estimate | None]
Point = tuple[float, Configuration, Estimate]


def panels_of(
    results: StudyResults,
    recommendation: Recommendation | None,
    value_of: Of,
    units: Units,
    *,
    x_of: Callable[[Configuration], float] = lambda c: c.depth,
    intervals: bool = True,
    folds: bool = False,
    is_dashed: bool = False,
    most: int | None = MOST_WIDTHS,
) -> tuple[Panel, ...]:
    """A panel for each width, with a curve for each kind of network and a point for the linear one.

    Kinds are the activations, and the settings varied beside them where those are few. Of more than
    `most` widths those have one that `telling_widths` names; None: all.
    """
    one_size = results.settings.get("parameters")
    there, labels = shown_configurations(results), curve_labels(results)
    names = list(dict.fromkeys(labels.values()))
    widths: list[int | None] = [None]
    if one_size is None:
        widths = [*telling_widths(results, recommendation, most)] or [None]
    panels = []
    for width in widths:
        groups = [(tr("linear"), -1, [c for c in there if not c.hidden])]
        groups += [
            (
                str(name),
                i,
                [
                    c
                    for c in there
                    if c.hidden and labels[c.number] == name and width in (None, c.width)
                ],
            )
            for i, name in enumerate(names)
        ]
        curves, marked = [], None
        for label, color, members in groups:
            points = [(x_of(c), c, value) for c in members if (value := value_of(c)) is not None]
            if not points:
                continue
            curve = curve_of(results, label, color, points, units, intervals=intervals, folds=folds)
            curves.append(replace(curve, is_dashed=is_dashed))
            marked = mark_of(curve, points, recommendation) or marked
        panels.append(Panel(_title(width, one_size), tuple(curves), marked))
    return tuple(panels)


def curve_of(
    results: StudyResults,
    label: str,
    color: int,
    points: Sequence[Point],
    units: Units,
    *,
    intervals: bool = True,
    folds: bool = False,
) -> Curve:
    """The curve of some configurations, (where it stands along x, the configuration, its value).

    With the scores of all folds behind each, if so asked.
    """
    stopped = tuple(c.number in results.pruned for _, c, _ in points)
    ends = [
        (math.nan, math.nan) if stops else units.interval(value)
        for stops, (*_, value) in zip(stopped, points, strict=True)
        if intervals
    ]
    return Curve(
        label,
        color,
        tuple(float(x) for x, *_ in points),
        tuple(units.factor * value.mean for *_, value in points),
        tuple(units.factor * low for low, _ in ends),
        tuple(units.factor * high for _, high in ends),
        stopped,
        behind=tuple(
            tuple(
                units.factor * y for y in results.scores_of(c.number).values() if math.isfinite(y)
            )
            for _, c, _ in points
            if folds
        ),
    )


def mark_of(
    curve: Curve, points: Sequence[Point], recommendation: Recommendation | None
) -> tuple[float, float, int] | None:
    """Where the recommended configuration stands on a curve; None where it does not."""
    for x, y, (_, c, _) in zip(curve.x, curve.y, points, strict=True):
        if recommendation is not None and c.number == recommendation.number:
            return x, y, curve.color
    return None


def curve_labels(results: StudyResults) -> dict[int, str]:
    """Of which curve each network with hidden layers is: its activation and settings.

    Of its activation alone where these would be too many.

    Returns
    -------
    dict of int to str
        By its number.
    """
    hidden = [c for c in results.configurations if c.hidden]
    labels = {}
    for c in hidden:
        own = [retold(written(*setting)) for setting in c.settings if setting[0] in results.varied]
        labels[c.number] = ", ".join([str(c.activation), *own])
    if len(set(labels.values())) <= _MOST_CURVES:
        return labels
    return {c.number: str(c.activation) for c in hidden}


def shown_configurations(results: StudyResults) -> list[Configuration]:
    """Those with a fit; of several that would stand at one place of one curve, the best."""
    labels = curve_labels(results)
    fitted = {fit.configuration for fit in results.fits}
    there = [c for c in results.configurations if c.number in fitted]
    if not results.varied:
        return there
    best = best_of_each(results, there, lambda c: (c.hidden, labels.get(c.number)))
    return [c for c in there if c.number in best]


def best_of_each(
    results: StudyResults,
    configurations: Iterable[Configuration],
    level_of: Callable[[Configuration], Hashable],
) -> dict[int, Hashable]:
    """The best configuration of each level by its mean score, all fits done before fewer.

    Returns
    -------
    dict of int to level
        By its number.
    """
    paired = PairedScores(results)
    sign = 1 if results.higher_is_better else -1
    best: dict[Hashable, tuple[bool, float, int]] = {}
    for c in configurations:
        score = paired.score(c.number)
        if score is None:
            continue
        candidate = (results.is_complete(c.number), sign * score.mean, -c.number)
        level = level_of(c)
        best[level] = max(best.get(level, candidate), candidate)
    return {-negative: level for level, (_, _, negative) in best.items()}


def of_best_settings(results: StudyResults) -> str:
    """What a title says where some are left out by `shown_configurations`; else ""."""
    fitted = {fit.configuration for fit in results.fits}
    return (
        tr(", with the best settings of each")
        if len(shown_configurations(results)) < len(fitted)
        else ""
    )


def telling_widths(
    results: StudyResults, recommendation: Recommendation | None, most: int | None = MOST_WIDTHS
) -> list[int]:
    """The widths that tell most: of the networks that answers speak of, widest, narrowest, middle.

    All, where they are no more than `most`, or that is None. In order.
    """
    there = [c.width for c in shown_configurations(results) if c.hidden]
    widths = sorted(set(there))
    if most is None or len(widths) <= most:
        return widths
    told = [] if recommendation is None else told_networks(results, recommendation)
    first = [width for number in told if (width := results.configurations[number].width) in widths]
    telling = [*first, widths[-1], widths[0], widths[len(widths) // 2], *widths]
    return sorted(list(dict.fromkeys(telling))[:most])


def widths_left_out(
    results: StudyResults,
    recommendation: Recommendation | None,
    most: int | None = MOST_WIDTHS,
) -> str:
    """What a title says where not all widths have a panel; else ""."""
    n = len(telling_widths(results, recommendation, None))
    shown = len(telling_widths(results, recommendation, most))
    is_one = results.settings.get("parameters") is not None
    return "" if is_one or shown == n else tr(", {shown} of {n} widths", shown=shown, n=n)


def _title(width: int | None, one_size: int | None) -> str:
    if one_size is not None:
        return tr("about {n:,} parameters at every depth", n=one_size)
    if width is None:
        return ""
    return tr("{n} nodes in each hidden layer", n=width)


def trees_line(paired: PairedScores, units: Units) -> tuple[str, float] | None:
    """The level of the trees, and its name; None where there are none."""
    score = paired.score("trees")
    return None if score is None else (tr(TREES), score.mean * units.factor)


def score_axis(units: Units) -> str:
    """What the axis of scores is called."""
    return f"{units.name} (%)" if units.is_share else units.name
