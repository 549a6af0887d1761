"""What a study found about the shape of a network: its depth, width and activation."""

from collections.abc import Sequence

from layerwise.study.contrasts import Contrast, contrasts
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.units import Units, p_words
from layerwise.texts import plural

__all__ = ["activation_words", "called", "depth_words", "width_words"]


def called(configuration: Configuration, article: str = "the") -> str:
    """A configuration in the middle of a sentence.

    Examples
    --------
    >>> called(Configuration(0, (), None, 21)), called(Configuration(1, (64, 64), "relu", 5_000))
    ('the linear model', '2 x 64 relu')
    """
    return configuration.name if configuration.hidden else f"{article} linear model"


def depth_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """How many hidden layers are enough, and what deeper, shallower and linear ones reach."""
    ours = results.configurations[recommendation.number]
    others = contrasts(results, recommendation, lambda c: c.depth)
    deeper = [c for c in others if c.level > ours.depth]
    shallower = [c for c in others if 0 < c.level < ours.depth]
    linear = [c for c in others if c.level == 0]
    told = [
        _deeper_words(deeper, ours, results, units),
        *(f"a linear model is {_against(contrast, units)}" for contrast in linear),
    ]
    is_edge = not deeper and ours.depth > 0 and all(c.is_worse for c in shallower + linear)
    text = f"{_enough(ours.depth, is_edge and bool(shallower))}; {', '.join(told)}."
    if shallower:
        nearest = max(shallower, key=lambda c: (c.lead.mean, c.level))
        text += f" {_shallower_words(nearest, ours, results, units)}"
    if _nothing_differs(recommendation):
        text += (
            f" Nothing here can be told apart: all {len(recommendation.standings)} networks are "
            "as good as the best, as far as these fits can tell."
        )
    return text


def _enough(depth: int, is_edge: bool) -> str:
    if depth == 0:
        return "A linear model is enough here"
    layers = plural(depth, "hidden layer")
    if is_edge:
        return f"{layers}, the most that were tried, do best"
    return f"{layers} {'is' if depth == 1 else 'are'} enough here"


def _deeper_words(
    deeper: Sequence[Contrast], ours: Configuration, results: StudyResults, units: Units
) -> str:
    ones = "deeper ones" if ours.depth else "networks with hidden layers"
    if not deeper:
        return f"{ones} were not tried"
    best = max(deeper, key=lambda c: c.lead.mean)
    name = results.configurations[best.number].name
    if all(c.is_worse for c in deeper):
        return f"{ones} are worse, the best of them, {name}, by {units.difference(best.lead)}"
    if best.is_better:
        return (
            f"the best of {ones}, {name}, is better by only {units.difference(best.lead)} "
            f"({p_words(best.p_value)}), within the standard error of the best score"
        )
    return f"{ones} are not better ({p_words(best.p_value)})"


def _shallower_words(
    nearest: Contrast, ours: Configuration, results: StudyResults, units: Units
) -> str:
    other = results.configurations[nearest.number]
    layers = plural(other.depth, "hidden layer")
    if nearest.is_worse:
        return (
            f"With {layers}, the best, {other.name}, is worse by {units.difference(nearest.lead)}."
        )
    if other.n_parameters > ours.n_parameters:
        return (
            f"With {layers} as much can be had for more parameters: {other.name} has "
            f"{other.n_parameters:,}, against {ours.n_parameters:,} ({_apart(nearest, units)})."
        )
    return (
        f"With {layers}, {other.name} cannot be told from it with certainty "
        f"({_apart(nearest, units)}), but is more than one standard error behind the best score."
    )


def width_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """How wide the layers should be; "" where the grid or a linear model leaves no choice."""
    ours = results.configurations[recommendation.number]
    if ours.depth == 0 or results.settings.get("parameters") is not None:
        return ""
    others = contrasts(results, recommendation, lambda c: c.width or None)
    if not others:
        return ""
    wider = [c for c in others if c.level > ours.width]
    narrower = [c for c in others if c.level < ours.width]
    if not any(c.is_clear for c in others):
        return _alike("Width", [ours.width, *(c.level for c in others)], others, units)
    told = [f"{ours.width} nodes in each hidden layer are enough here"]
    if wider and all(c.is_worse for c in wider):
        told.append(f"wider networks are worse ({_each(wider, units)})")
    elif wider:
        best = max(wider, key=lambda c: c.lead.mean)
        told.append(
            f"wider ones are better by only {units.difference(best.lead)}"
            if best.is_better
            else f"wider ones are not better ({p_words(best.p_value)})"
        )
    for is_worse, verb in ((True, "are worse"), (False, "may be as good")):
        which = [c for c in narrower if c.is_worse == is_worse]
        if which:
            told.append(f"narrower ones {verb} ({_each(which, units)})")
    return "; ".join(told) + "."


def activation_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """Which activations do; "" where the grid or a linear model leaves no choice."""
    ours = results.configurations[recommendation.number]
    if ours.activation is None:
        return ""
    others = contrasts(results, recommendation, lambda c: c.activation)
    if not others:
        return ""
    if not any(c.is_clear for c in others):
        return _alike(
            "The activation", [ours.activation, *(c.level for c in others)], others, units
        )
    told = [f"{ours.activation} is a good choice here"]
    for which, verb in (
        ([c for c in others if c.is_worse], "worse"),
        ([c for c in others if c.is_better], "better, within one standard error"),
        ([c for c in others if not c.is_clear], "as good, as far as can be told"),
    ):
        if which:
            told.append(f"{verb}: {_each(which, units)}")
    return "; ".join(told) + "."


def _alike(what: str, levels: list[object], others: Sequence[Contrast], units: Units) -> str:
    first = min(others, key=lambda c: (c.p_value, -abs(c.lead.mean)))
    return (
        f"{what} does not matter here, as far as can be told: the best networks with "
        f"{_listed(levels)} are level; the clearest difference is {first.level} against "
        f"{levels[0]}, {_apart(first, units)}."
    )


def _nothing_differs(recommendation: Recommendation) -> bool:
    return len(recommendation.standings) > 1 and all(
        standing.is_as_good for standing in recommendation.standings.values()
    )


def _against(contrast: Contrast, units: Units) -> str:
    is_behind = contrast.lead.mean < 0
    if contrast.is_clear:
        return f"{'worse' if is_behind else 'better'} by {units.difference(contrast.lead)}"
    chance = p_words(contrast.p_value)
    if contrast.lead.mean == 0:
        return f"level with it ({chance})"
    which = "behind" if is_behind else "ahead"
    return f"{which} by {units.difference(contrast.lead)}, which may be chance ({chance})"


def _apart(contrast: Contrast, units: Units) -> str:
    return f"{units.signed(contrast.lead)}, {p_words(contrast.p_value)}"


def _each(which: Sequence[Contrast], units: Units) -> str:
    """Levels with how far they are from the recommended one; what is clear needs no sign."""
    return ", ".join(
        f"{c.level} by {units.difference(c.lead)}"
        if c.is_clear
        else f"{c.level}: {_apart(c, units)}"
        for c in which
    )


def _listed(names: Sequence[object]) -> str:
    texts = [str(name) for name in names]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
