"""How networks that are named differ, two by two, on the same rows."""

from collections.abc import Sequence

from layerwise.architecture.lookup import look_up
from layerwise.study.choice import LEVEL
from layerwise.study.paired import PairedScores
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.units import Units, p_words
from layerwise.texts import plural

__all__ = ["named_networks", "pair_words"]


def named_networks(
    configurations: Sequence[Configuration], names: Sequence[str]
) -> list[Configuration]:
    """The networks of these names, each once; a ValueError where there is none of a name."""
    by_name = {configuration.name: configuration for configuration in configurations}
    return [look_up(name, by_name, "network") for name in dict.fromkeys(names)]


def pair_words(results: StudyResults, names: Sequence[str]) -> list[str]:
    """How networks differ from the first of them, each on the splits that both were fitted on.

    Examples
    --------
    >>> from layerwise.study.results import FitResult
    >>> networks = [Configuration(0, (), None, 3), Configuration(1, (8,), "relu", 33)]
    >>> fits = [
    ...     FitResult(number, 0, fold, score, 0.9, 0.5, 0.4, 0.1, 50)
    ...     for number, scores in enumerate([(0.50, 0.52, 0.51), (0.90, 0.94, 0.92)])
    ...     for fold, score in enumerate(scores)
    ... ]
    >>> sizes = {(0, fold): (20, 10) for fold in range(3)}
    >>> results = StudyResults("binary", "y", "accuracy", True, networks, fits, split_sizes=sizes)
    >>> pair_words(results, ["linear", "1 x 8 relu"])
    ['1 x 8 relu against linear: better by 41.0 ± 3.9 points on the same 3 splits (p < 0.001).']
    """
    first, *others = named_networks(results.configurations, names)
    return [_words(results, first, other) for other in others]


def _words(results: StudyResults, first: Configuration, other: Configuration) -> str:
    start = f"{other.name} against {first.name}:"
    for configuration in (other, first):
        if configuration.number in results.pruned:
            return f"{start} {configuration.name} was not pursued; --no-prune fits all to the end."
    lead = PairedScores(results).lead(other.number, first.number)
    if lead is None or lead.n < 2:
        return f"{start} too few splits that both were fitted on."
    units = Units(results.metric)
    way = "better" if lead.mean > 0 else "worse"
    said = f"{way} by {units.difference(lead)} on the same {plural(lead.n, 'split')}"
    if not lead.p_value < LEVEL:
        said = f"they cannot be told apart on {plural(lead.n, 'split')}, {units.signed(lead)}"
    return f"{start} {said} ({p_words(lead.p_value)})."
