"""What a study found about the shape of a network: its depth and width.

A level is called worse or better only where its interval, which holds for all levels at once, lies
on that side of nothing; level where it ends nearer than what matters (`Units.small`), as two
one-sided tests would have it (Schuirmann 1987), also if one fit of all failed by chance, and none
is seen to; else it cannot be told, and how much cannot be excluded is said.
"""

from collections.abc import Callable, Hashable, Sequence

from layerwise.study.contrasts import Contrast, contrasts, not_pursued
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.units import Units
from layerwise.texts import plural

__all__ = ["called", "depth_words", "levels_words", "width_words"]


def called(configuration: Configuration, article: str = "the") -> str:
    """A configuration in the middle of a sentence.

    Examples
    --------
    >>> called(Configuration(0, (), None, 21)), called(Configuration(1, (64, 64), "relu", 5_000))
    ('the linear model', '2 x 64 relu')
    """
    name = configuration.name
    return name if configuration.hidden else name.replace("linear", f"{article} linear model", 1)


def depth_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """How many hidden layers are enough, and what deeper, shallower and linear ones reach."""
    ours = results.configurations[recommendation.number]
    others = contrasts(results, recommendation, lambda c: c.depth)
    stopped = [d for d in not_pursued(results, recommendation, lambda c: c.depth) if d > ours.depth]
    deeper = [c for c in others if c.level > ours.depth]
    shallower = [c for c in others if 0 < c.level < ours.depth]
    linear = [c for c in others if c.level == 0]
    told = [
        _deeper_words(deeper, stopped, ours, results, recommendation, units),
        *(f"a linear model {_against(contrast, recommendation, units)}" for contrast in linear),
    ]
    tried_deeper = deeper or stopped
    is_edge = not tried_deeper and ours.depth > 0 and all(c.is_worse for c in shallower + linear)
    is_open = bool(stopped) and not deeper  # nothing was followed far enough to say so
    is_edge = is_edge and bool(shallower)
    start = _enough(ours.depth, deeper, recommendation, units, is_edge=is_edge, is_open=is_open)
    text = f"{start}; {', '.join(told)}."
    if shallower:
        nearest = max(shallower, key=lambda c: (c.lead.mean, c.level))
        text += f" {_shallower_words(nearest, ours, results, recommendation, units)}"
    return text


def _enough(
    depth: int,
    deeper: Sequence[Contrast],
    recommendation: Recommendation,
    units: Units,
    *,
    is_edge: bool,
    is_open: bool,
) -> str:
    if depth == 0:
        small = units.small(recommendation.standing.score.mean)
        if is_open or any(contrast.most > small for contrast in deeper):
            return "Hidden layers are not shown to help here"
        return "A linear model is enough here"
    layers = plural(depth, "hidden layer")
    if is_edge:
        return f"{layers}, the most that were tried, do best"
    return f"{layers} {'is' if depth == 1 else 'are'} enough here"


def _deeper_words(
    deeper: Sequence[Contrast],
    stopped: Sequence[int],
    ours: Configuration,
    results: StudyResults,
    recommendation: Recommendation,
    units: Units,
) -> str:
    ones = "deeper ones" if ours.depth else "networks with hidden layers"
    if not deeper:
        return f"{ones} were not {'pursued' if stopped else 'tried'}"
    best = max(deeper, key=lambda c: c.lead.mean)
    name = results.configurations[best.number].name
    if all(c.is_worse for c in deeper):
        text = f"{ones} are worse, the best of them, {name}, by {units.difference(best.lead)}"
    elif best.is_better:
        text = (
            f"the best of {ones}, {name}, is better by only {units.difference(best.lead)}, within "
            "the standard error of the best score"
        )
    else:
        text = f"the best of {ones}, {name}, {_unclear(best, recommendation, units)}"
    return text + (f" ({_listed(stopped)} layers were not pursued)" if stopped else "")


def _shallower_words(
    nearest: Contrast,
    ours: Configuration,
    results: StudyResults,
    recommendation: Recommendation,
    units: Units,
) -> str:
    other = results.configurations[nearest.number]
    layers = plural(other.depth, "hidden layer")
    if nearest.is_worse:
        return (
            f"With {layers}, the best, {other.name}, is worse by {units.difference(nearest.lead)}."
        )
    apart = _against(nearest, recommendation, units)
    if other.n_parameters > ours.n_parameters:
        return (
            f"With {layers}, {other.name} {apart}, and has {other.n_parameters:,} parameters "
            f"against {ours.n_parameters:,}."
        )
    why = (
        "is more than a standard error behind the best"
        if nearest.number in recommendation.choice.shown
        else "is not shown to be better than a linear model"
    )
    return f"With {layers}, {other.name} {apart}, and {why}."


def width_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """How wide the layers should be; "" where the grid or a linear model leaves no choice."""
    ours = results.configurations[recommendation.number]
    if ours.depth == 0 or results.settings.get("parameters") is not None:
        return ""
    return levels_words(
        "The width",
        f"{ours.width} nodes in each hidden layer are enough here",
        results,
        recommendation,
        lambda c: c.width or None,
        units,
    )


def levels_words(
    what: str,
    choice: str,
    results: StudyResults,
    recommendation: Recommendation,
    level_of: Callable[[Configuration], Hashable],
    units: Units,
) -> str:
    """How the levels of anything that was varied do; "" where there is one alone.

    Parameters
    ----------
    what : str
        "The activation": what is said to matter little where all levels are level.
    choice : str
        "relu is a good choice here": what is said of the recommended one's.
    results, recommendation, level_of
        As of `contrasts`.
    units : Units
    """
    others = contrasts(results, recommendation, level_of)
    stopped = not_pursued(results, recommendation, level_of)
    if not others and not stopped:
        return ""
    small = units.small(recommendation.standing.score.mean)
    alike = [c for c in others if c.is_level(small)]
    if len(alike) == len(others) and not stopped:
        own = level_of(results.configurations[recommendation.number])
        levels = _listed([own, *(c.level for c in others)])
        bound = max(c.bound for c in others)
        return f"{what} hardly matters here: {levels} are level to within {units.bound(bound)}."
    told = [choice]
    for which, verb in (
        ([c for c in others if c.is_worse], "worse"),
        ([c for c in others if c.is_better], "better, within one standard error of the best"),
    ):
        if which:
            each = ", ".join(f"{c.level} by {units.difference(c.lead)}" for c in which)
            told.append(f"{verb}: {each}")
    if alike:
        each = ", ".join(f"{c.level} to within {units.bound(c.bound)}" for c in alike)
        told.append(f"level: {each}")
    open_ = [c for c in others if not c.is_clear and not c.is_level(small)]
    if open_:
        each = ", ".join(f"{c.level} ({_ways(c, small, units)})" for c in open_)
        told.append(f"cannot be told: {each}")
    if stopped:
        told.append(f"not pursued: {_listed(stopped)}")
    return "; ".join(told) + "."


def _against(contrast: Contrast, recommendation: Recommendation, units: Units) -> str:
    if contrast.is_clear:
        way = "worse" if contrast.is_worse else "better"
        return f"is {way} by {units.difference(contrast.lead)}"
    return _unclear(contrast, recommendation, units)


def _unclear(contrast: Contrast, recommendation: Recommendation, units: Units) -> str:
    small = units.small(recommendation.standing.score.mean)
    if contrast.is_level(small):
        return f"is level with it to within {units.bound(contrast.bound)}"
    return f"cannot be told from it ({_ways(contrast, small, units)})"


def _ways(contrast: Contrast, small: float, units: Units) -> str:
    """How much cannot be excluded, either way."""
    if contrast.reach <= small:
        return f"level to within {units.bound(contrast.reach)} but for fits that fail by chance"
    if not units.is_bound(contrast.reach):
        return "too few fits"
    better, worse = units.bound(contrast.most), units.bound(-contrast.least)
    return f"up to {better.removesuffix(' points')} better or {worse} worse"


def _listed(names: Sequence[object]) -> str:
    texts = [str(name) for name in names]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
