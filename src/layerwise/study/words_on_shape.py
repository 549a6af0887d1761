"""What a study found about the shape of a network: its depth and width.

A level is called worse or better only where its interval, which holds for all levels at once, lies
on that side of nothing; level where it ends nearer than what matters (`Units.small`), as two
one-sided tests would have it (Schuirmann 1987), also if one fit of all failed by chance, and none
is seen to; else it cannot be told, and how much cannot be excluded is said.
"""

from collections.abc import Callable, Hashable, Sequence

from layerwise.language import counted, message, retold, said, tr
from layerwise.study.contrasts import Contrast, contrasts, not_pursued
from layerwise.study.recommendation import Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.written_scores import Units
from layerwise.texts import clauses, first_up, listed


def called(configuration: Configuration, article: str = "the") -> str:
    """A configuration in the middle of a sentence.

    Examples
    --------
    >>> called(Configuration(0, (), None, 21)), called(Configuration(1, (64, 64), "relu", 5_000))
    ('the linear model', '2 x 64 relu')
    """
    if configuration.hidden:
        return retold(configuration.name)
    model = said("the linear model") if article == "the" else said("a linear model")
    return retold(configuration.with_settings(model))


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
        *(
            tr("a linear model {verdict}", verdict=_against(contrast, recommendation, units))
            for contrast in linear
        ),
    ]
    tried_deeper = deeper or stopped
    is_edge = not tried_deeper and ours.depth > 0 and all(c.is_worse for c in shallower + linear)
    is_open = bool(stopped) and not deeper  # nothing was followed far enough to say so
    is_edge = is_edge and bool(shallower)
    start = _enough(ours.depth, deeper, recommendation, units, is_edge=is_edge, is_open=is_open)
    text = clauses([start, clauses(told, message("{clause}, {next}"))]) + "."
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
            return tr("Hidden layers are not shown to help here")
        return tr("A linear model is enough here")
    layers = counted(depth, "hidden layer")
    if is_edge:
        return tr("{layers}, the most that were tried, do best", layers=layers)
    if depth == 1:
        return tr("{layers} is enough here", layers=layers)
    return tr("{layers} are enough here", layers=layers)


def _deeper_words(
    deeper: Sequence[Contrast],
    stopped: Sequence[int],
    ours: Configuration,
    results: StudyResults,
    recommendation: Recommendation,
    units: Units,
) -> str:
    ones = tr("deeper ones") if ours.depth else tr("networks with hidden layers")
    if not deeper:
        if stopped:
            return tr("{networks} were not pursued", networks=ones)
        return tr("{networks} were not tried", networks=ones)
    best = max(deeper, key=lambda c: c.lead.mean)
    lead, text = units.difference(best.lead), message("the best of {networks}, {name}, {verdict}")
    if all(c.is_worse for c in deeper):
        text = message("{networks} are worse, the best of them, {name}, by {lead}")
    elif best.is_better and not ours.depth:
        text = message(
            "the best of {networks}, {name}, is ahead by {lead}, which is not shown to be more "
            "than chance among so many networks"
        )
    elif best.is_better:
        text = message(
            "the best of {networks}, {name}, is better by only {lead}, within the standard error "
            "of the best score"
        )
    told = tr(
        text,
        networks=ones,
        name=results.configurations[best.number].name,
        lead=lead,
        verdict=_unclear(best, recommendation, units),
    )
    if stopped:
        told += tr(" ({depths} layers were not pursued)", depths=listed(stopped))
    return told


def _shallower_words(
    nearest: Contrast,
    ours: Configuration,
    results: StudyResults,
    recommendation: Recommendation,
    units: Units,
) -> str:
    other = results.configurations[nearest.number]
    network = {"layers": counted(other.depth, "hidden layer"), "name": other.name}
    if nearest.is_worse:
        lead = units.difference(nearest.lead)
        return tr("With {layers}, the best, {name}, is worse by {lead}.", lead=lead, **network)
    text = message(
        "With {layers}, {name} {verdict}, and is not shown to be better than a linear model."
    )
    if other.n_parameters > ours.n_parameters:
        text = message(
            "With {layers}, {name} {verdict}, and has {n:,} parameters against {ours:,}."
        )
    elif nearest.number in recommendation.choice.shown:
        text = message(
            "With {layers}, {name} {verdict}, and is more than a standard error behind the best."
        )
    elif nearest.number not in recommendation.standings:
        text = message("With {layers}, {name} {verdict}, and was not pursued to the end.")
    return tr(
        text,
        verdict=_against(nearest, recommendation, units),
        n=other.n_parameters,
        ours=ours.n_parameters,
        **network,
    )


def width_words(results: StudyResults, recommendation: Recommendation, units: Units) -> str:
    """How wide the layers should be; "" where the grid or a linear model leaves no choice."""
    ours = results.configurations[recommendation.number]
    if ours.depth == 0 or results.settings.get("parameters") is not None:
        return ""
    return levels_words(
        first_up(tr("the width")),
        tr("{n} nodes in each hidden layer are enough here", n=ours.width),
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
        return tr(
            "{what} hardly matters here: {levels} are level to within {bound}.",
            what=what,
            levels=listed([own, *(c.level for c in others)]),
            bound=units.bound(max(c.bound for c in others)),
        )
    told = [choice]
    for which, text in (
        ([c for c in others if c.is_worse], message("worse: {levels}")),
        ([c for c in others if c.is_better], message("better: {levels}")),
    ):
        if which:
            leads = ((c.level, units.difference(c.lead)) for c in which)
            each = (tr("{level} by {lead}", level=level, lead=lead) for level, lead in leads)
            told.append(tr(text, levels=", ".join(each)))
    if alike:
        bounds = ((c.level, units.bound(c.bound)) for c in alike)
        each = (tr("{level} to within {bound}", level=level, bound=end) for level, end in bounds)
        told.append(tr("level: {levels}", levels=", ".join(each)))
    open_ = [c for c in others if not c.is_clear and not c.is_level(small)]
    if open_:
        each = (tr("{level} ({ways})", level=c.level, ways=_ways(c, small, units)) for c in open_)
        told.append(tr("cannot be told: {levels}", levels=", ".join(each)))
    if stopped:
        told.append(tr("not pursued: {levels}", levels=listed(stopped)))
    return clauses(told) + "."


def _against(contrast: Contrast, recommendation: Recommendation, units: Units) -> str:
    if contrast.is_clear:
        lead = units.difference(contrast.lead)
        if contrast.is_worse:
            return tr("is worse by {lead}", lead=lead)
        return tr("is better by {lead}", lead=lead)
    return _unclear(contrast, recommendation, units)


def _unclear(contrast: Contrast, recommendation: Recommendation, units: Units) -> str:
    small = units.small(recommendation.standing.score.mean)
    if contrast.is_level(small):
        return tr(
            "is level with the recommended one to within {bound}", bound=units.bound(contrast.bound)
        )
    return tr(
        "cannot be told from the recommended one ({ways})", ways=_ways(contrast, small, units)
    )


def _ways(contrast: Contrast, small: float, units: Units) -> str:
    """How much cannot be excluded, either way."""
    if contrast.reach <= small:
        return tr(
            "level to within {bound} but for fits that fail by chance",
            bound=units.bound(contrast.reach),
        )
    if not units.is_bound(contrast.reach):
        return tr("too few fits")
    text = message("up to {better} better or {worse} worse")
    if units.is_share:
        text = message("up to {better} better or {worse} points worse")
    better, worse = units.bare_bound(contrast.most), units.bare_bound(-contrast.least)
    return tr(text, better=better, worse=worse)
