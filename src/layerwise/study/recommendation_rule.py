"""The rule: which network a study recommends, by the scores of some networks on some splits.

1. A linear model, unless networks with hidden layers are shown to be better than it: by the paired
   t-test of `layerwise.study.paired`, its p-values corrected for the number of networks with hidden
   layers (Holm 1979), at the level of 5 %.
2. If some are, the smallest of these, by its number of parameters, that is behind the best of them
   by no more than one standard error: the rule of Breiman et al. 1984, by the error of the paired
   difference.

Of several with equally many parameters the best is recommended. Where all were given the same
number of parameters, so that sizes differ by chance alone, fewer hidden layers take its place.

Hidden layers have to be shown to help, since most who ask how deep would take one for nothing. How
large the network then is, is no question of proof: the smallest that cannot be told from the best
would be one whose scores vary most. What the rule does on tables of which the truth is known is
measured in `bench/study_truth.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layerwise.study.paired import PairedScores
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Estimate, adjust_holm, within_one_standard_error

LEVEL = 0.05


@dataclass(frozen=True)
class Choice:
    """What the rule says of some networks.

    Attributes
    ----------
    number, best : int
        The configuration recommended, and the one with the best mean score.
    linear : int or None
        The linear model that hidden layers have to be better than: the best, of several.
    shown : frozenset of int
        Networks with hidden layers that are shown to be better than it.
    scores : dict of int to Estimate
        In the metric's own units.
    over_linear : dict of int to (Estimate, float)
        How much better than the linear model each network with hidden layers is, and the corrected
        p-value.
    """

    number: int
    best: int
    linear: int | None
    shown: frozenset[int]
    scores: Mapping[int, Estimate]
    over_linear: Mapping[int, tuple[Estimate, float]]

    @property
    def layers_help(self) -> bool:
        """Whether hidden layers are shown to help."""
        return bool(self.shown)


def choose(
    results: StudyResults, paired: PairedScores, numbers: Sequence[int], splits: Sequence[int]
) -> Choice:
    """Apply the rule.

    Parameters
    ----------
    results : StudyResults
    paired : PairedScores
        Of these results.
    numbers : sequence of int
        Configurations with a score on each of the splits.
    splits : sequence of int
        Places of the splits, as in `PairedScores.splits`.
    """
    scores = {number: _there(paired.score(number, splits)) for number in numbers}
    best = min(numbers, key=lambda n: _place(results, scores, n))
    linear = [number for number in numbers if not results.configurations[number].hidden]
    against = min(linear, key=lambda n: _place(results, scores, n)) if linear else None
    over = {} if against is None else _over_linear(results, paired, numbers, splits, against)
    shown = frozenset(n for n, (lead, p) in over.items() if lead.mean > 0 and p < LEVEL)
    if against is None or len(splits) == 1:
        number = smallest_of_the_best(results, paired, numbers, splits)
    elif shown:
        number = smallest_of_the_best(results, paired, sorted(shown), splits)
    else:
        number = against
    return Choice(number, best, against, shown, scores, over)


def smallest_of_the_best(
    results: StudyResults, paired: PairedScores, numbers: Sequence[int], splits: Sequence[int]
) -> int:
    """The second part of the rule alone, of some configurations."""
    scores = {number: _there(paired.score(number, splits)) for number in numbers}
    best = min(numbers, key=lambda n: _place(results, scores, n))
    behind = [_there(paired.lead(best, number, splits)) for number in numbers]
    is_within = within_one_standard_error(behind)
    within = [number for number, is_in in zip(numbers, is_within, strict=True) if is_in]
    return min(within, key=lambda n: (size_of(results, n), *_place(results, scores, n)))


def size_of(results: StudyResults, number: int) -> int:
    """What makes a network small: its parameters; its layers, where all have as many of those."""
    configuration = results.configurations[number]
    is_one_size = results.settings.get("parameters") is not None
    return configuration.depth if is_one_size else configuration.n_parameters


def _place(
    results: StudyResults, scores: Mapping[int, Estimate], number: int
) -> tuple[float, int, int]:
    sign = -1.0 if results.higher_is_better else 1.0
    return sign * scores[number].mean, size_of(results, number), number


def _over_linear(
    results: StudyResults,
    paired: PairedScores,
    numbers: Sequence[int],
    splits: Sequence[int],
    linear: int,
) -> dict[int, tuple[Estimate, float]]:
    """Each network with hidden layers against the linear one; all that were planned count."""
    leads = {
        number: _there(paired.lead(number, linear, splits))
        for number in numbers
        if results.configurations[number].hidden
    }
    planned = sum(bool(configuration.hidden) for configuration in results.configurations)
    p_values = [lead.p_value for lead in leads.values()]
    adjusted = adjust_holm(p_values + [math.nan] * (planned - len(leads)))
    return {n: (lead, float(p)) for (n, lead), p in zip(leads.items(), adjusted, strict=False)}


def _there(value: Estimate | None) -> Estimate:
    assert value is not None
    return value
