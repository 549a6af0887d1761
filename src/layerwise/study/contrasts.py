"""The best network of each depth, of each width, of each activation, against the recommended."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from layerwise.study.paired import PairedScores
from layerwise.study.recommendation import LEVEL, Recommendation
from layerwise.study.results import Configuration, StudyResults
from layerwise.study.statistics import Estimate, adjust_holm

__all__ = ["Contrast", "contrasts"]


@dataclass(frozen=True)
class Contrast:
    """What could be had at one depth, width or activation other than the recommended one.

    Attributes
    ----------
    level : int or str
        The depth, width or activation.
    number : int
        Its best configuration.
    lead : Estimate
        How much better that one is than the recommended, paired: positive is better.
    p_value : float
        Corrected for the number of levels compared (Holm); NaN for a single fit.
    is_given_up : bool
        Whether even the best of the level was given up early as hopeless.
    """

    level: Any
    number: int
    lead: Estimate
    p_value: float
    is_given_up: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether the difference is more than chance would make it."""
        return self.p_value < LEVEL or (self.is_given_up and self.lead.mean < 0)

    @property
    def is_worse(self) -> bool:
        """Whether it is clearly worse than the recommended."""
        return self.is_clear and self.lead.mean < 0

    @property
    def is_better(self) -> bool:
        """Whether it is clearly better than the recommended."""
        return self.is_clear and self.lead.mean > 0


def contrasts(
    results: StudyResults,
    recommendation: Recommendation,
    level_of: Callable[[Configuration], Hashable],
) -> list[Contrast]:
    """Compare the best configuration of each level with the recommended one.

    The best of each is chosen by its mean, and chosen means look better than they are: so what is
    called worse here is, if anything, worse than it looks.

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
        own, and without those of which nothing was fitted on a split shared with it.
    """
    paired = PairedScores(results)
    ours = recommendation.number
    own = level_of(results.configurations[ours])
    found: dict[Hashable, tuple[bool, float, int, Estimate]] = {}
    for configuration in results.configurations:
        level, number = level_of(configuration), configuration.number
        if level is None or level == own or number in results.failed:
            continue
        lead = paired.lead(number, ours)
        if lead is None:
            continue
        # Those with all their fits come before those that were given up.
        candidate = (number in recommendation.standings, lead.mean, -number, lead)
        if level not in found or candidate[:3] > found[level][:3]:
            found[level] = candidate
    adjusted = adjust_holm([lead.p_value for *_, lead in found.values()])
    return [
        Contrast(level, -negative, lead, float(p), -negative in results.pruned)
        for (level, (_, _, negative, lead)), p in zip(found.items(), adjusted, strict=True)
    ]
