"""The smallest network that is as good as the best, as far as the fits can tell.

The rule: of the configurations compared, recommend the one with the fewest parameters that

1. is within one standard error of the best mean score (Breiman et al. 1984), and
2. is not distinguishably worse than the best by the paired test of Nadeau and Bengio 2003, its
   p-values corrected for the number of comparisons (Holm 1979), at the level of 5 %.

Of several with equally many parameters the best is recommended. Where all were given the same
number of parameters, so that sizes differ by chance alone, fewer hidden layers take its place.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from layerwise.study.paired import PairedScores
from layerwise.study.results import Split, StudyResults
from layerwise.study.statistics import (
    Estimate,
    adjust_holm,
    bound_by_rows,
    bound_final_mean,
    within_one_standard_error,
)

__all__ = ["LEVEL", "Recommendation", "Standing", "hopeless", "may_change", "recommend"]

LEVEL = 0.05


@dataclass(frozen=True)
class Standing:
    """Where one configuration stands against the best.

    Attributes
    ----------
    number : int
        The configuration's.
    score : Estimate
        In the metric's own units.
    behind : Estimate
        How much worse than the best, paired: positive is worse.
    p_value : float
        Of `behind`, corrected for the number of comparisons; NaN for a single fit.
    is_within : bool
        Within one standard error of the best.
    """

    number: int
    score: Estimate
    behind: Estimate
    p_value: float
    is_within: bool

    @property
    def is_distinguishably_worse(self) -> bool:
        """Whether the corrected test tells it from the best."""
        return self.p_value < LEVEL

    @property
    def is_as_good(self) -> bool:
        """Whether it passes both parts of the rule."""
        return self.is_within and not self.is_distinguishably_worse


@dataclass(frozen=True)
class Recommendation:
    """Which network to take, and why.

    Attributes
    ----------
    number, best : int
        The configuration recommended, and the one with the best mean score.
    standings : dict of int to Standing
        Of each configuration compared, by its number.
    splits : tuple of (repeat, fold)
        On which they were compared.
    left_out : dict of int to str
        Configurations not compared, and why.
    is_final : bool
        Whether all that was planned is done, but for what failed, and for what was pruned and would
        not change it.
    """

    number: int
    best: int
    standings: dict[int, Standing]
    splits: tuple[Split, ...]
    left_out: dict[int, str]
    is_final: bool

    @property
    def standing(self) -> Standing:
        """The recommended configuration's."""
        return self.standings[self.number]

    @property
    def as_good(self) -> list[int]:
        """Numbers of all configurations that pass both parts of the rule, ascending."""
        return [number for number, one in self.standings.items() if one.is_as_good]


def recommend(results: StudyResults) -> Recommendation | None:
    """Apply the rule to a study's results, finished or not.

    Where fits are missing, those configurations are compared, on those splits, that hold the most
    fits between them: every configuration compared has a score on every split compared on. Tried
    are, for each number of fits, the configurations that have as many; and for each configuration,
    those that have all that it has.

    Parameters
    ----------
    results : StudyResults

    Returns
    -------
    Recommendation or None
        None where no configuration has a fit with a finite score.

    Examples
    --------
    >>> from layerwise.study.results import Configuration, FitResult, StudyResults
    >>> configurations = [
    ...     Configuration(0, (), None, 3),
    ...     Configuration(1, (8,), "relu", 33),
    ...     Configuration(2, (64,), "relu", 257),
    ... ]
    >>> scores = [(0.50, 0.52, 0.51), (0.91, 0.93, 0.92), (0.90, 0.94, 0.93)]
    >>> fits = [
    ...     FitResult(number, 0, fold, score, 0.9, 0.5, 0.4, 0.1, 50)
    ...     for number in range(3)
    ...     for fold, score in enumerate(scores[number])
    ... ]
    >>> sizes = {(0, fold): (20, 10) for fold in range(3)}
    >>> results = StudyResults(
    ...     "binary", "y", "accuracy", True, configurations, fits, split_sizes=sizes
    ... )
    >>> answer = recommend(results)
    >>> configurations[answer.best].name, configurations[answer.number].name
    ('1 x 64 relu', '1 x 8 relu')
    """
    paired = PairedScores(results)
    compared, splits = _ground(results, paired)
    if not compared:
        return None
    sign = -1.0 if results.higher_is_better else 1.0
    scores = [_there(paired.score(number, splits)) for number in compared]
    sizes = [_size(results, number) for number in compared]
    order = range(len(compared))
    best = min(order, key=lambda i: (sign * scores[i].mean, sizes[i], compared[i]))
    within = within_one_standard_error(scores, higher_is_better=results.higher_is_better)
    behind = [_there(paired.lead(compared[best], number, splits)) for number in compared]
    others = [i for i in order if i != best]
    adjusted = dict(zip(others, adjust_holm([behind[i].p_value for i in others]), strict=True))
    standings = {
        compared[i]: Standing(
            compared[i], scores[i], behind[i], float(adjusted.get(i, 1.0)), bool(within[i])
        )
        for i in order
    }
    as_good = [i for i in order if standings[compared[i]].is_as_good]
    number = compared[min(as_good, key=lambda i: (sizes[i], sign * scores[i].mean, compared[i]))]
    left_out = {
        configuration.number: _why_left_out(results, paired, configuration.number)
        for configuration in results.configurations
        if configuration.number not in standings
    }
    where = tuple(paired.splits[i] for i in splits)
    answer = Recommendation(number, compared[best], standings, where, left_out, is_final=False)
    return replace(answer, is_final=_is_final(results) and not may_change(results, answer))


def may_change(results: StudyResults, recommendation: Recommendation) -> list[int]:
    """Find pruned configurations that, finished, could change what is recommended.

    One smaller than the recommended network could if it came within one standard error of the
    best; any other if it became the best itself. A pruned configuration is held to be past that
    where the chance is small that the rest of its fits would bring it there, by the spread of those
    it has: the level of 5 %, divided by the number of pruned configurations.

    Returns
    -------
    list of int
        Configuration numbers, ascending. With all of these finished, ask again: the best may be
        another one by then.
    """
    paired = PairedScores(results)
    pruned = [number for number in sorted(results.pruned) if number not in results.failed]
    size = _size(results, recommendation.number)
    error = _error_of_best(results, recommendation)
    changing = []
    for number in pruned:
        is_smaller = _size(results, number) <= size
        allowed = error if is_smaller else 0.0
        bound = _bound(results, paired, number, recommendation.best, LEVEL / len(pruned))
        if bound >= -allowed:
            changing.append(number)
    return changing


def hopeless(results: StudyResults) -> list[int]:
    """Find configurations that need no further fits: to prune, while a study runs.

    They would neither become the best nor come within one standard error of it: distinguishably
    worse than the best so far by the paired test, and with a chance of less than 5 %, divided by
    the number of configurations, to be within one standard error of it when all fits are done.
    After a single split there is no such test, and the chance is judged by what the scores' rows
    make of them (`FitResult.score_error`), with twice that spread to be on the safe side.

    Parameters
    ----------
    results : StudyResults
        So far, with all configurations not yet pruned fitted on the same splits.

    Returns
    -------
    list of int
        Configuration numbers, ascending, of those not pruned, not failed and not complete.
    """
    answer = recommend(results)
    if answer is None or len(answer.standings) < 2:
        return []
    paired = PairedScores(results)
    error, is_single = _error_of_best(results, answer), len(answer.splits) == 1
    chance = LEVEL / (len(answer.standings) - 1)
    return [
        number
        for number, standing in answer.standings.items()
        if not paired.done(number).all()
        and (is_single or standing.behind.p_value < LEVEL)
        and _bound(results, paired, number, answer.best, chance) < -error
    ]


def _error_of_best(results: StudyResults, answer: Recommendation) -> float:
    """The standard error of the best score; of a single fit, the one that its rows give it."""
    if len(answer.splits) > 1:
        return answer.standings[answer.best].score.standard_error
    [split] = answer.splits
    error = next(fit.score_error for fit in results.fits_of(answer.best) if fit.split == split)
    return math.inf if math.isnan(error) else error


def _size(results: StudyResults, number: int) -> int:
    """What makes a network small: its parameters; its layers, where all have as many of those."""
    configuration = results.configurations[number]
    is_one_size = results.settings.get("parameters") is not None
    return configuration.depth if is_one_size else configuration.n_parameters


def _bound(
    results: StudyResults, paired: PairedScores, number: int, best: int, chance: float
) -> float:
    """The most by which a configuration would lead the best when all fits are done."""
    leads = paired.leads(number, best)
    shared = np.flatnonzero(np.isfinite(leads))
    if not len(shared):
        return math.inf
    if len(shared) > 1:
        tied = paired.tied_spread(leads[shared])
        return bound_final_mean(leads[shared], len(paired.splits), chance, tied)
    split = paired.splits[shared[0]]
    errors = [
        fit.score_error
        for one in (number, best)
        for fit in results.fits_of(one)
        if fit.split == split
    ]
    return bound_by_rows(float(leads[shared[0]]), math.hypot(*errors), len(paired.splits), chance)


def _ground(results: StudyResults, paired: PairedScores) -> tuple[list[int], list[int]]:
    """Which configurations to compare on which splits (their places): most fits, none missing."""
    done = {
        configuration.number: paired.done(configuration.number)
        for configuration in results.configurations
        if configuration.number not in results.pruned and configuration.number not in results.failed
    }
    choices = [
        [number for number, fits in done.items() if fits.sum() >= least]
        for least in sorted({int(fits.sum()) for fits in done.values()} - {0})
    ]
    # And those that have what one of them has, of which there is one wherever there is a fit.
    choices += [
        [number for number, fits in done.items() if fits[own].all()]
        for own in done.values()
        if own.any()
    ]
    grounds = []
    for compared in choices:
        shared = np.logical_and.reduce([done[number] for number in compared])
        if shared.any():
            grounds.append((compared, np.flatnonzero(shared).tolist()))
    return max(grounds, key=lambda ground: len(ground[0]) * len(ground[1]), default=([], []))


def _why_left_out(results: StudyResults, paired: PairedScores, number: int) -> str:
    if number in results.failed:
        return f"failed: {results.failed[number]}"
    if number in results.pruned:
        pruned = results.pruned[number]
        return f"pruned after {pruned.after_fits} of {len(paired.splits)} fits: {pruned.reason}"
    return f"{int(paired.done(number).sum())} of {len(paired.splits)} fits done"


def _is_final(results: StudyResults) -> bool:
    given_up = results.pruned.keys() | results.failed.keys()
    numbers = {configuration.number for configuration in results.configurations} - given_up
    return all(results.is_complete(number) for number in numbers)


def _there(value: Estimate | None) -> Estimate:
    assert value is not None
    return value
