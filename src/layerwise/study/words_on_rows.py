"""What a study says of more rows, and of how many rows deeper networks pay from."""

from collections.abc import Mapping, Sequence

from layerwise.study.choice import LEVEL
from layerwise.study.learning_curves import LearningCurve, LearningCurves
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate
from layerwise.study.units import Units
from layerwise.study.words_on_shape import called
from layerwise.texts import plural

__all__ = ["depth_and_rows_words", "foretold_words", "rows_table", "rows_words", "shown_from"]

Leads = Mapping[int, Sequence[tuple[Estimate | None, float]]]


def rows_words(results: StudyResults, curves: LearningCurves) -> str:
    """What twice the rows would bring the recommended network, and others beside it."""
    units, n = Units(results.metric), len(curves.models)
    ours, *others = curves.models
    verdict, name = ours.verdict(n), _called(results, ours)
    change = "raise" if results.higher_is_better else "lower"
    how_many = f"{_rows(ours.more_rows)} to train on instead of {round(ours.rows):,}"
    if verdict == "more":
        text = (
            f"Twice the rows, {how_many}, would {change} the {units.name} of {name} by "
            f"{_gain(ours, units)}"
        )
    elif verdict == "nothing":
        text = (
            f"Twice the rows, {how_many}, would gain {name} next to nothing: at most "
            f"{units.bound(ours.gain.high)} of {units.name}"
        )
    elif not ours.is_foretold:
        text = (
            f"What twice the rows would bring {name} cannot be told: its curve follows no law that "
            "would foretell its largest size from the smaller ones"
        )
    else:
        text = (
            f"Whether twice the rows, {how_many}, would help {name} cannot be told: they would "
            f"{change} its {units.name} by anything between nothing and "
            f"{units.bound(ours.gain.high)}"
        )
    told = [text, *(_beside(results, curve, units, n) for curve in others)]
    return f"{'; '.join(told)}."


def _beside(results: StudyResults, curve: LearningCurve, units: Units, n: int) -> str:
    name, verdict = _called(results, curve), curve.verdict(n)
    if verdict == "more":
        return f"{name} would gain {_gain(curve, units)}"
    if verdict == "nothing":
        return f"{name} would gain nothing (at most {units.bound(curve.gain.high)})"
    if not curve.is_foretold:
        return f"of {name} it cannot be told"
    return f"of {name} it cannot be told (at most {units.bound(curve.gain.high)})"


def _gain(curve: LearningCurve, units: Units) -> str:
    return units.difference_between(curve.gain.low, curve.gain.high)


def foretold_words(results: StudyResults, curves: LearningCurves) -> str:
    """How the law, fitted to the smaller sizes, foretold the scores at the largest."""
    units = Units(results.metric)

    def of_one(curve: LearningCurve) -> str:
        expected = units.score_between(curve.foretold.low, curve.foretold.high)
        measured = units.value(curve.score)
        off = "" if curve.is_foretold else ", which is outside"
        return f"for {_called(results, curve)} {expected}, and {measured} was measured{off}"

    return (
        f"Of {_rows(curves.sizes[-1])}, the power law that {plural(len(curves.sizes) - 1, 'size')} "
        f"of fewer rows follow foretells {'; '.join(map(of_one, curves.models))}."
    )


def depth_and_rows_words(results: StudyResults, curves: LearningCurves) -> str:
    """From how many rows on hidden layers, and more of them, are shown to be better."""
    if not curves.over_linear and not curves.over_shallow:
        return ""
    told = []
    if curves.over_linear:
        told.append(
            _from_rows(curves, curves.over_linear, "Hidden layers", "a linear model", "it is")
        )
    if curves.over_shallow:
        fewest = min(depth for depth in curves.depths if depth)
        than = plural(fewest, "hidden layer")
        told.append(_from_rows(curves, curves.over_shallow, f"More than {than}", than, "that is"))
    return " ".join(told)


def _from_rows(curves: LearningCurves, leads: Leads, what: str, than: str, reverse: str) -> str:
    columns = list(zip(*leads.values(), strict=True))
    worse = [all(_is_shown(lead, p, -1) for lead, p in column) for column in columns]
    start = shown_from(leads)
    verb = "are" if what.endswith("layers") else "is"
    if start is None:
        text = (
            f"{what} {verb} not shown to be better than {than} with up to {_rows(curves.sizes[-1])}"
        )
    elif start == 0:
        text = (
            f"{what} {verb} shown to be better than {than} with any number of rows that was tried, "
            f"from {_rows(curves.sizes[0])} on"
        )
    else:
        text = f"{what} {verb} shown to be better than {than} from {_rows(curves.sizes[start])} on"
    behind = max((i for i, is_worse in enumerate(worse) if is_worse), default=None)
    if behind is not None:
        text += f"; with {_rows(curves.sizes[behind])} {reverse} shown to be better"
    return f"{text}."


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
    lines.append([f"{round(curves.models[0].more_rows):,}, foretold", *foretold])
    return ["rows", *(curve.name for curve in curves.models)], lines


def _is_shown(lead: Estimate | None, p: float, sign: int) -> bool:
    return lead is not None and sign * lead.mean > 0 and p < LEVEL


def _called(results: StudyResults, curve: LearningCurve) -> str:
    return curve.name if curve.number is None else called(results.configurations[curve.number])


def _rows(size: float) -> str:
    return plural(round(size), "row")
