"""The best network of each depth, of each width, of each activation, against the recommended."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from layerwise.study.paired import PairedScores
from layerwise.study.racing import n_followed
from layerwise.study.recommendation import Recommendation
from layerwise.study.recommendation_rule import LEVEL
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.statistics import Estimate
from layerwise.study.training_luck import unseen_loss


@dataclass(frozen=True)
class Contrast:
    """What could be had at one depth, width or activation other than the recommended one.

    Attributes
    ----------
    level : int or str
        The depth, width or activation.
    number : int
        Its configuration with the best mean.
    lead : Estimate
        How much better that one is than the recommended, paired: positive is better.
    least, most : float
        How much better it is, at least and at most: true of all levels at once in 95 % of studies,
        corrected for the number of levels and for having chosen the best of each (Bonferroni).
    unseen : float
        What fits that fail by chance could add to the difference unseen: see `unseen_loss`.
    """

    level: Any
    number: int
    lead: Estimate
    least: float
    most: float
    unseen: float

    @property
    def is_worse(self) -> bool:
        """Whether the best of the level is shown to be worse than the recommended."""
        return self.most < 0

    @property
    def is_better(self) -> bool:
        """Whether it is shown to be better than the recommended."""
        return self.least > 0

    @property
    def is_clear(self) -> bool:
        """Whether the difference is more than chance would make it."""
        return self.is_worse or self.is_better

    @property
    def reach(self) -> float:
        """How large a difference cannot be excluded, either way."""
        return max(abs(self.least), abs(self.most))

    @property
    def bound(self) -> float:
        """The same with what may have failed unseen."""
        return self.reach + self.unseen

    def is_level(self, small: float) -> bool:
        """Whether no difference that matters is left: two one-sided tests (Schuirmann 1987)."""
        return not self.is_clear and self.bound <= small


def contrasts(
    results: StudyResults,
    recommendation: Recommendation,
    level_of: Callable[[Configuration], Hashable],
) -> list[Contrast]:
    """Compare the networks of each level with the recommended one.

    Parameters
    ----------
    results : StudyResults
    recommendation : Recommendation
    level_of : callable
        What a configuration's level is, such as its depth; None: it has none.

    Returns
    -------
    list of Contrast
        In the order in which levels come among the configurations, without the recommended one's
        own, and without those that were not pursued, or share fewer than two splits with it.
    """
    paired = PairedScores(results)
    leads: dict[Hashable, dict[int, Estimate]] = {}
    levels = _levels(results, recommendation, level_of)
    for level, numbers in levels.items():
        pursued = [number for number in numbers if _is_pursued(results, number)]
        found = {number: paired.lead(number, recommendation.number) for number in pursued}
        there = {n: lead for n, lead in found.items() if lead is not None and lead.n > 1}
        if there:
            leads[level] = there
    unseen = unseen_loss(results, recommendation.choice)
    return [
        _contrast(level, of_level, len(levels) * len(levels[level]), unseen)
        for level, of_level in leads.items()
    ]


def not_pursued(
    results: StudyResults,
    recommendation: Recommendation,
    level_of: Callable[[Configuration], Hashable],
) -> list[Any]:
    """Levels, other than the recommended one's, none of whose networks was pursued."""
    levels = _levels(results, recommendation, level_of)
    return [
        level
        for level, numbers in levels.items()
        if not any(_is_pursued(results, number) for number in numbers)
    ]


def told_networks(results: StudyResults, recommendation: Recommendation) -> list[int]:
    """The networks that the answers speak of most: the linear, the recommended, the best model.

    Where all of them are linear, also the best with hidden layers that was followed long enough.
    """
    linear = recommendation.choice.linear
    told = [*([] if linear is None else [linear]), recommendation.number, recommendation.best]
    if not any(results.configurations[number].hidden for number in told):
        told += [c.number for c in contrasts(results, recommendation, lambda c: bool(c.hidden))]
    return list(dict.fromkeys(told))


def _levels(
    results: StudyResults,
    recommendation: Recommendation,
    level_of: Callable[[Configuration], Hashable],
) -> dict[Hashable, list[int]]:
    own = level_of(results.configurations[recommendation.number])
    levels: dict[Hashable, list[int]] = {}
    for configuration in results.configurations:
        level = level_of(configuration)
        if level is not None and level != own and configuration.number not in results.failed:
            levels.setdefault(level, []).append(configuration.number)
    return levels


def _is_pursued(results: StudyResults, number: int) -> bool:
    """Whether it was not stopped too early for anything to be claimed."""
    pruned = results.pruned.get(number)
    return pruned is None or pruned.after_fits >= n_followed(len(results.split_sizes))


def _contrast(
    level: Hashable, leads: dict[int, Estimate], n_compared: int, unseen: float
) -> Contrast:
    number = max(leads, key=lambda n: (leads[n].mean, -n))
    ends = leads[number].interval(1 - LEVEL / n_compared)
    return Contrast(level, number, leads[number], *ends, unseen)
