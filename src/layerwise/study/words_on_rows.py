"""What a study says of more rows, and of how many rows deeper networks pay from."""

from collections.abc import Mapping, Sequence

from layerwise.language import counted, message, retold, tr
from layerwise.study.learning_curves import LearningCurve, LearningCurves
from layerwise.study.recommendation_rule import LEVEL
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate
from layerwise.study.words_on_shape import called
from layerwise.study.written_scores import Units
from layerwise.texts import clauses

Leads = Mapping[int, Sequence[tuple[Estimate | None, float]]]


def rows_words(results: StudyResults, curves: LearningCurves) -> str:
    """What twice the rows would bring the recommended network, and others beside it."""
    units, n = Units(results.metric), len(curves.models)
    ours, *others = curves.models
    verdict = ours.verdict(n)
    if verdict == "more":
        text = message(
            "Twice the rows, {k:,} rows to train on instead of {n:,}, would lower the {score} of "
            "{name} by {size}"
        )
        if results.higher_is_better:
            text = message(
                "Twice the rows, {k:,} rows to train on instead of {n:,}, would raise the {score} "
                "of {name} by {size}"
            )
    elif verdict == "nothing":
        text = message(
            "Twice the rows, {k:,} rows to train on instead of {n:,}, would gain {name} next to "
            "nothing: at most {size} of {score}"
        )
    elif not ours.is_foretold:
        text = message(
            "What twice the rows would bring {name} cannot be told: its curve follows no law that "
            "would foretell its largest size from the smaller ones"
        )
    else:
        text = message(
            "Whether twice the rows, {k:,} rows to train on instead of {n:,}, would help {name} "
            "cannot be told: they would lower its {score} by anything between nothing and {size}"
        )
        if results.higher_is_better:
            text = message(
                "Whether twice the rows, {k:,} rows to train on instead of {n:,}, would help "
                "{name} cannot be told: they would raise its {score} by anything between nothing "
                "and {size}"
            )
    size = _gain(ours, units) if verdict == "more" else _most(ours, units)
    first = tr(
        text,
        k=round(ours.more_rows),
        n=round(ours.rows),
        score=units.name,
        name=_called(results, ours),
        size=size,
    )
    told = [first, *(_beside(results, curve, units, n) for curve in others)]
    return f"{clauses(told)}."


def _beside(results: StudyResults, curve: LearningCurve, units: Units, n: int) -> str:
    name, verdict = _called(results, curve), curve.verdict(n)
    if verdict == "more":
        return tr("{name} would gain {size}", name=name, size=_gain(curve, units))
    most = _most(curve, units)
    if verdict == "nothing":
        return tr("{name} would gain nothing (at most {size})", name=name, size=most)
    if not curve.is_foretold:
        return tr("of {name} it cannot be told", name=name)
    return tr("of {name} it cannot be told (at most {size})", name=name, size=most)


def _gain(curve: LearningCurve, units: Units) -> str:
    return units.difference_between(curve.gain.low, curve.gain.high)


def _most(curve: LearningCurve, units: Units) -> str:
    return units.bound(curve.gain.high) if curve.is_foretold else ""


def foretold_words(results: StudyResults, curves: LearningCurves) -> str:
    """How the law, fitted to the smaller sizes, foretold the scores at the largest."""
    units = Units(results.metric)

    def of_one(curve: LearningCurve) -> str:
        text = message("for {name} {foretold}, and {measured} was measured")
        if not curve.is_foretold:
            text = message("for {name} {foretold}, and {measured} was measured, which is outside")
        return tr(
            text,
            name=_called(results, curve),
            foretold=units.score_between(curve.foretold.low, curve.foretold.high),
            measured=units.value(curve.score),
        )

    return tr(
        "Of {rows}, the power law that {n} sizes of fewer rows follow foretells {scores}.",
        rows=_rows(curves.sizes[-1]),
        n=len(curves.sizes) - 1,
        scores="; ".join(map(of_one, curves.models)),
    )


def depth_and_rows_words(results: StudyResults, curves: LearningCurves) -> str:
    """From how many rows on hidden layers, and more of them, are shown to be better."""
    if not curves.over_linear and not curves.over_shallow:
        return ""
    told = []
    if curves.over_linear:
        reverse = message("; with {rows} it is shown to be better")
        than = tr("a linear model")
        told.append(_from_rows(curves, curves.over_linear, tr("Hidden layers are"), than, reverse))
    if curves.over_shallow:
        fewest = min(depth for depth in curves.depths if depth)
        than = counted(fewest, "hidden layer")
        reverse = message("; with {rows} that is shown to be better")
        what = tr("More than {layers} is", layers=than)
        told.append(_from_rows(curves, curves.over_shallow, what, than, reverse))
    return " ".join(told)


def _from_rows(curves: LearningCurves, leads: Leads, what: str, than: str, reverse: str) -> str:
    columns = list(zip(*leads.values(), strict=True))
    worse = [all(_is_shown(lead, p, -1) for lead, p in column) for column in columns]
    start = shown_from(leads)
    if start is None:
        text = message("{what} not shown to be better than {than} with up to {rows}")
    elif start == 0:
        text = message(
            "{what} shown to be better than {than} with any number of rows that was tried, from "
            "{rows} on"
        )
    else:
        text = message("{what} shown to be better than {than} from {rows} on")
    place = -1 if start is None else start
    told = tr(text, what=what, than=than, rows=_rows(curves.sizes[place]))
    behind = max((i for i, is_worse in enumerate(worse) if is_worse), default=None)
    if behind is not None:
        told += tr(reverse, rows=_rows(curves.sizes[behind]))
    return f"{told}."


def shown_from(leads: Leads) -> int | None:
    """From which size on, up to the largest, some depth is shown to be better; None: of none."""
    columns = list(zip(*leads.values(), strict=True))
    better = [any(_is_shown(lead, p, 1) for lead, p in column) for column in columns]
    start = len(better)
    while start and better[start - 1]:
        start -= 1
    return start if start < len(better) else None


def rows_table(results: StudyResults, curves: LearningCurves) -> tuple[list[str], list[list[str]]]:
    """Scores of the models at each size, and what is foretold of twice the rows."""
    units = Units(results.metric)
    lines = [
        [f"{round(size):,}", *(units.score(curve.estimates[i]) for curve in curves.models)]
        for i, size in enumerate(curves.sizes)
    ]
    foretold = [
        units.score_between(curve.expected.low, curve.expected.high) if curve.is_foretold else "–"
        for curve in curves.models
    ]
    lines.append([tr("{n:,}, foretold", n=round(curves.models[0].more_rows)), *foretold])
    return [tr("rows"), *(retold(curve.name) for curve in curves.models)], lines


def _is_shown(lead: Estimate | None, p: float, sign: int) -> bool:
    return lead is not None and sign * lead.mean > 0 and p < LEVEL


def _called(results: StudyResults, curve: LearningCurve) -> str:
    if curve.number is None:
        return retold(curve.name)
    return called(results.configurations[curve.number])


def _rows(size: float) -> str:
    return counted(round(size), "row")
