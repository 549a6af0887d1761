"""Which choice mattered how much: the variance of a study's scores, by what is behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from layerwise.arrays import Floats
from layerwise.study.paired import PairedScores
from layerwise.study.results import Configuration, StudyResults

_MOST_CHOICES = 10  # of which all subsets are tried


@dataclass(frozen=True)
class Share:
    """What one source makes up of the variance of all scores.

    Attributes
    ----------
    name : str
        "depth", "width", "activation", a setting, "combinations", "repeat", "fold" or "rest".
    share : float
        From 0 to 1; those of all sources sum to 1.
    by_chance : float or None
        What its share would be on average if it changed nothing; None of "repeat", "fold" and
        "rest", which are chance.
    """

    name: str
    share: float
    by_chance: float | None = None


@dataclass(frozen=True)
class Importance:
    """The variance of a study's scores, taken apart.

    Attributes
    ----------
    shares : tuple of Share
        Of the choices, the most important first; of what their combinations add; then of chance.
    spread : float
        Standard deviation of all scores, as they count, in the metric's own units.
    networks, splits : int
        Of so many networks, on so many splits that all of them were fitted on.
    is_bounded : bool
        Whether a score was so far below guessing that it counts as less far.
    """

    shares: tuple[Share, ...]
    spread: float
    networks: int
    splits: int
    is_bounded: bool = False


def importance(results: StudyResults) -> Importance | None:
    """Take the variance of the scores apart, as an analysis of variance does.

    Scores of networks on splits are a whole table: of all networks that did not fail, on the
    splits that all of them were fitted on. So it makes no difference which were not pursued later.
    Networks, splits, and both together share its variance without overlap. What networks differ by
    is told apart by their choices: a choice's share is what it adds to a sum of effects, averaged
    over all orders of adding (Lindeman, Merenda and Gold 1980), which is the classical share where
    every combination is there. What no such sum explains is the combinations': that depth helps
    one activation alone, for example. Width and activation are those of hidden layers; what a
    linear model is better or worse by counts for depth. One wild fit, of a rate far too high, would
    be all of the variance: what is further below guessing than the best fit is above it, or the
    middle one from it, counts as that far below.

    Returns
    -------
    Importance or None
        None where fewer than two networks share fewer than two splits, or all scores are the same.

    Examples
    --------
    >>> from layerwise.study.results import FitResult
    >>> configurations = [Configuration(i, (8,) * i, "relu", 10 + i) for i in (0, 1, 2)]
    >>> fits = [
    ...     FitResult(i, 0, fold, score, 0.9, 0.5, 0.4, 0.1, 50)
    ...     for i, scores in enumerate([(0.50, 0.52, 0.51), (0.90, 0.94, 0.92), (0.9, 0.93, 0.9)])
    ...     for fold, score in enumerate(scores)
    ... ]
    >>> sizes = {(0, fold): (20, 10) for fold in range(3)}
    >>> results = StudyResults(
    ...     "binary", "y", "accuracy", True, configurations, fits, split_sizes=sizes
    ... )
    >>> {one.name: round(one.share, 3) for one in importance(results).shares}
    {'depth': 0.995, 'fold': 0.004, 'rest': 0.001}
    """
    paired = PairedScores(results)
    done = np.isfinite(paired.scores)
    there = [
        c
        for c in results.configurations
        if c.number not in results.failed and done[c.number].sum() > 1
    ]
    numbers = [c.number for c in there]
    shared = np.flatnonzero(done[numbers].all(axis=0)) if there else np.zeros(0, int)
    if len(there) < 2 or len(shared) < 2:
        return None
    above = np.array([paired.leads(number, "guesses") for number in numbers])[:, shared]
    raw = paired.scores[numbers][:, shared]
    scores = _bounded(results, above, raw)
    n, m = scores.shape
    total = float(((scores - scores.mean()) ** 2).sum())
    if not total > 1e-12 * float((scores**2).sum()):
        return None
    of_networks = scores.mean(axis=1) - scores.mean()
    of_splits = scores.mean(axis=0) - scores.mean()
    rest = max(total - m * float(of_networks @ of_networks) - n * float(of_splits @ of_splits), 0.0)
    # What one degree of freedom of the networks' means gets by chance, their folds overlapping.
    by_chance = rest / ((n - 1) * (m - 1)) * (1 + m * paired.test_share) / total
    shares = _of_choices(there, of_networks, m / total, by_chance)
    repeats = np.array([paired.splits[i][0] for i in shared])
    of_repeats = np.array([of_splits[repeats == repeat].mean() for repeat in repeats])
    if (repeats != repeats[0]).any():
        shares.append(Share("repeat", n * float(of_repeats @ of_repeats) / total))
    within = of_splits - of_repeats  # of one repeat alone that is 0
    shares.append(Share("fold", n * float(within @ within) / total))
    shares.append(Share("rest", rest / total))
    return Importance(tuple(shares), float(scores.std()), n, m, bool((scores != raw).any()))


def _bounded(results: StudyResults, above: Floats, scores: Floats) -> Floats:
    """No score further below guessing than the best of all is above it, or the middle one off."""
    reach = max(float(above.max()), float(np.median(np.abs(above))))
    if math.isnan(reach):  # it is not known what guessing scores
        return scores
    sign = 1.0 if results.higher_is_better else -1.0
    return scores - sign * np.minimum(above + reach, 0.0)


def _of_choices(
    there: Sequence[Configuration], means: Floats, scale: float, by_chance: float
) -> list[Share]:
    """The shares of all that networks were chosen by, and of their combinations."""
    columns = {
        name: _effects(there, name) for name in dict.fromkeys(n for c in there for n in c.levels)
    }
    columns = {name: effects for name, effects in columns.items() if effects.shape[1]}
    names = list(columns)[:_MOST_CHOICES]
    explained = {
        subset: _explained([columns[name] for name in subset], means)
        for size in range(len(names) + 1)
        for subset in combinations(names, size)
    }
    shares = []
    for name in names:
        adds = [
            (explained[tuple(n for n in names if n in subset or n == name)] - alone)
            / (len(names) * comb(len(names) - 1, len(subset)))
            for subset, alone in explained.items()
            if name not in subset
        ]
        chance = columns[name].shape[1] * by_chance
        shares.append(Share(name, max(scale * sum(adds), 0.0), chance))
    shares.sort(key=lambda one: -one.share)
    rank = np.linalg.matrix_rank(np.column_stack([np.ones(len(means)), *columns.values()]))
    left = len(means) - int(rank)
    if left:
        others = max(scale * (float(means @ means) - explained[tuple(names)]), 0.0)
        shares.append(Share("combinations", others, left * by_chance))
    return shares


def _effects(there: Sequence[Configuration], name: str) -> Floats:
    """A column for each level but one, 0 where a network has no such choice: effects sum to 0."""
    own = [c.levels.get(name) for c in there]
    levels = list(dict.fromkeys(level for level in own if level is not None))
    columns = [
        [0 if level is None else (level == each) - (level == levels[-1]) for level in own]
        for each in levels[:-1]
    ]
    return np.array(columns, np.float64).reshape(len(columns), len(there)).T


def _explained(columns: Sequence[Floats], means: Floats) -> float:
    """The sum of squares of the part of the means that some effects explain together."""
    if not columns:
        return 0.0
    matrix = np.column_stack(columns)
    matrix = matrix - matrix.mean(axis=0)
    fitted = matrix @ np.linalg.lstsq(matrix, means, rcond=None)[0]
    return float(fitted @ fitted)
