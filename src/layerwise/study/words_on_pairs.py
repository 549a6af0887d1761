"""How networks that are named differ, two by two, on the same rows."""

from collections.abc import Sequence

from layerwise.architecture.lookup import look_up
from layerwise.language import message, retold, tr
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation_rule import LEVEL
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.written_scores import Units, p_words


def named_networks(
    configurations: Sequence[Configuration], names: Sequence[str]
) -> list[Configuration]:
    """The networks of these names, each once; a ValueError where there is none of a name.

    Names may also be those that are shown in the language spoken.
    """
    by_name = {configuration.name: configuration for configuration in configurations}
    shown = {retold(name): name for name in by_name}
    asked = dict.fromkeys(shown.get(name, name) for name in names)
    return [look_up(name, by_name, "network") for name in asked]


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
    both = {"other": other.name, "first": first.name}
    for configuration in (other, first):
        if configuration.number in results.pruned:
            return tr(
                "{other} against {first}: {network} was not pursued; --no-prune fits all to the "
                "end.",
                network=configuration.name,
                **both,
            )
    lead = PairedScores(results).lead(other.number, first.number)
    if lead is None or lead.n < 2:
        return tr("{other} against {first}: too few splits that both were fitted on.", **both)
    units = Units(results.metric)
    verdict, size = (
        message("{other} against {first}: worse by {lead} on the same {n:,} splits ({p})."),
        units.difference(lead),
    )
    if not lead.p_value < LEVEL:
        verdict, size = (
            message(
                "{other} against {first}: they cannot be told apart on {n:,} splits, {lead} ({p})."
            ),
            units.signed(lead),
        )
    elif lead.mean > 0:
        verdict = message(
            "{other} against {first}: better by {lead} on the same {n:,} splits ({p})."
        )
    return tr(verdict, lead=size, n=lead.n, p=p_words(lead.p_value), **both)
