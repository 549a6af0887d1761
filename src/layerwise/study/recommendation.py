"""Which network a study recommends, on what ground, and where the others stand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from layerwise.study.paired import PairedScores
from layerwise.study.racing import may_change
from layerwise.study.recommendation_rule import LEVEL, Choice, choose
from layerwise.study.results import Split, StudyResults
from layerwise.study.statistics import Estimate, adjust_holm


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
        Of `behind`, corrected for the number of networks planned (Holm 1979); NaN for a single fit.
    """

    number: int
    score: Estimate
    behind: Estimate
    p_value: float

    @property
    def is_worse(self) -> bool:
        """Whether it is shown to be worse than the best."""
        return self.p_value < LEVEL


@dataclass(frozen=True)
class Recommendation:
    """Which network to take, and why.

    Attributes
    ----------
    choice : Choice
        What the rule says of the configurations compared.
    standings : dict of int to Standing
        Of each configuration compared, by its number.
    splits : tuple of (repeat, fold)
        On which they were compared.
    left_out : dict of int to str
        Configurations not compared, and why.
    is_final : bool
        Whether all that was planned is done, but for what failed, and for what was not pursued and
        would hardly change it.
    """

    choice: Choice
    standings: dict[int, Standing]
    splits: tuple[Split, ...]
    left_out: dict[int, str]
    is_final: bool

    @property
    def number(self) -> int:
        """The configuration recommended."""
        return self.choice.number

    @property
    def best(self) -> int:
        """The configuration with the best mean score."""
        return self.choice.best

    @property
    def standing(self) -> Standing:
        """The recommended configuration's."""
        return self.standings[self.number]


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
    choice = choose(results, paired, compared, splits)
    left_out = {
        configuration.number: _why_left_out(results, paired, configuration.number)
        for configuration in results.configurations
        if configuration.number not in compared
    }
    where = tuple(paired.splits[i] for i in splits)
    standings = _standings(results, paired, choice, splits)
    answer = Recommendation(choice, standings, where, left_out, is_final=False)
    return replace(answer, is_final=_is_final(results) and not may_change(results, choice))


def _standings(
    results: StudyResults, paired: PairedScores, choice: Choice, splits: Sequence[int]
) -> dict[int, Standing]:
    behind = {number: paired.lead(choice.best, number, splits) for number in choice.scores}
    others = [number for number in behind if number != choice.best]
    p_values = [_there(behind[number]).p_value for number in others]
    missing = len(results.configurations) - 1 - len(others)
    adjusted = adjust_holm(p_values + [math.nan] * missing)[: len(others)]
    corrected = dict(zip(others, map(float, adjusted), strict=True))
    return {
        number: Standing(number, score, _there(behind[number]), corrected.get(number, 1.0))
        for number, score in choice.scores.items()
    }


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
        return f"not pursued {pruned.reason}"
    return f"{int(paired.done(number).sum())} of {len(paired.splits)} fits done"


def _is_final(results: StudyResults) -> bool:
    given_up = results.pruned.keys() | results.failed.keys()
    numbers = {configuration.number for configuration in results.configurations} - given_up
    return all(results.is_complete(number) for number in numbers)


def _there(value: Estimate | None) -> Estimate:
    assert value is not None
    return value
