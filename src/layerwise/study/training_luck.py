"""Whether training is partly luck: a fit that is far behind the others of its own network.

Of ten fits of a network that fails to learn once in a hundred none may have failed: the scores
seen agree, and their interval leaves out the truth. But where that happens, it seldom happens to
one network alone, so all fits of a study are asked. How often it is found, and what is claimed
falsely without it, is measured in `bench/study_truth.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Floats
from layerwise.study.paired import PairedScores
from layerwise.study.recommendation_rule import Choice
from layerwise.study.results import StudyResults
from layerwise.study.written_scores import Units

_LOST = 1 / 4  # of what the recommended network is better than guessing
_ROW_ERRORS = 4  # standard errors of one score: what the rows of a fold hardly ever explain


@dataclass(frozen=True)
class UnluckyFit:
    """A fit far behind the others of its network.

    Attributes
    ----------
    number : int
        The configuration's.
    split : int
        Its place, as in `PairedScores.splits`.
    behind : float
        By how much it falls short of the median, beyond what all networks fall short on its rows.
    """

    number: int
    split: int
    behind: float


def unlucky_fits(
    results: StudyResults, choice: Choice, numbers: Sequence[int] | None = None
) -> list[UnluckyFit]:
    """Find fits with hidden layers that are far behind the others of their network.

    Parameters
    ----------
    results : StudyResults
    choice : Choice
    numbers : sequence of int or None
        The configurations asked; None: all.

    Returns
    -------
    list of UnluckyFit
        Each loses a quarter of what the recommended network is better than guessing, more than
        matters (`Units.small`), and more than its rows explain; the farthest behind first. None
        where guessing is not known.
    """
    paired = PairedScores(results)
    lost = _lost(results, paired, choice)
    behind = _behind(paired.scores if results.higher_is_better else -paired.scores)
    unlucky = []
    for configuration in results.configurations:
        number = configuration.number
        is_asked = numbers is None or number in numbers
        if not is_asked or not configuration.hidden or not paired.done(number).any():
            continue
        rows = _ROW_ERRORS * float(np.nan_to_num(paired.row_error(number)))
        unlucky += [
            UnluckyFit(number, split, float(behind[number, split]))
            for split in np.flatnonzero(behind[number] > max(lost, rows)).tolist()
        ]
    return sorted(unlucky, key=lambda fit: (-fit.behind, fit.number, fit.split))


def lucky_networks(results: StudyResults, choice: Choice, numbers: Sequence[int]) -> list[int]:
    """Those that were far ahead of the recommended network on a split: more often they may be, too.

    By as much as an unlucky fit is behind; the recommended one itself, of the linear model.
    """
    paired = PairedScores(results)
    lost = _lost(results, paired, choice)

    def is_lucky(number: int) -> bool:
        rows = _ROW_ERRORS * float(np.nan_to_num(paired.row_error(number)))
        other = choice.linear if number == choice.number else choice.number
        return other is not None and bool((paired.leads(number, other) > max(lost, rows)).any())

    return [number for number in numbers if is_lucky(number)]


def _lost(results: StudyResults, paired: PairedScores, choice: Choice) -> float:
    """What an unlucky fit loses at least; infinite where nothing is better than guessing."""
    gain = paired.lead(choice.number, "guesses")
    small = Units(results.metric).small(choice.scores[choice.number].mean)
    return math.inf if gain is None or gain.mean <= small else max(small, _LOST * gain.mean)


def share_at_most(count: int, of: int, level: float = 0.95) -> float:
    """How large a share may be of which so many were seen (Clopper and Pearson 1934), one-sided.

    Examples
    --------
    >>> [round(share_at_most(count, 10), 2) for count in (0, 1, 10)]
    [0.26, 0.39, 1.0]
    """
    from scipy.special import betaincinv

    return 1.0 if count == of else float(betaincinv(count + 1, of - count, level))


def unseen_loss(results: StudyResults, choice: Choice) -> float:
    """By how much means may be too good, of fits that fail by chance.

    Where none is seen to, one in all fits with hidden layers may, and be no better than guessing;
    where some are, ten fits of a network do not tell how many: infinity.
    """
    if unlucky_fits(results, choice):
        return math.inf
    gain = PairedScores(results).lead(choice.number, "guesses")
    n = sum(bool(results.configurations[fit.configuration].hidden) for fit in results.fits)
    return 0.0 if gain is None or not n else max(gain.mean, 0.0) / n


def _behind(scores: Floats) -> Floats:
    """How far each fit is behind its network's median, less the median of all on its split.

    Scores, of which higher are better, have shape (n_configurations, n_splits).
    """
    losses = -scores
    for axis in (1, 0):
        has_any = np.isfinite(losses).any(axis=axis, keepdims=True)
        middle = np.nanmedian(np.where(has_any, losses, 0.0), axis=axis, keepdims=True)
        losses = losses - middle
    return losses
