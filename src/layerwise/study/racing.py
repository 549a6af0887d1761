"""Which networks need no further fits, since these would hardly change what is recommended.

A race, as Maron and Moore 1994 run models against each other, with a stated chance for each network
that stops: by the spread of the fits done, moderated by what their rows say, and by what the rule
of `layerwise.study.recommendation_rule` asks. A network matters as long as it may, by 6.5 %,

- be shown to be better than the linear model; and then, if others surely will be too,
- become so good that the network that would be recommended falls behind it, or turn out to be good
  enough itself, being smaller. Where that network fails by chance on a split after it stopped, what
  it was compared with is no more, and it is taken up again.

How often the recommendation is changed by stopping is measured in `bench/study_truth.py`.

The best of each depth, width, activation and value of a setting is followed through a third of the
splits in any case, three at least, so that they can be compared; and through half of them if a fit
of it was far ahead, so that the others may have failed by chance. What stops is not worse for it:
it is not pursued, and no claim rests on that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from layerwise.study.paired import PairedScores
from layerwise.study.recommendation_rule import LEVEL, Choice, choose, size_of, smallest_of_the_best
from layerwise.study.results import StudyResults
from layerwise.study.statistics import Outlook, error_of_score
from layerwise.study.training_luck import lucky_networks, unlucky_fits

_FEWEST = 3  # splits, or a third of them, that levels are compared on
_CHANCE = 0.065  # that one not pursued would have been shown to be better, or recommended instead


def n_followed(n_splits: int) -> int:
    """Through how many splits the best of each level is followed, so that it can be compared.

    Examples
    --------
    >>> [n_followed(n) for n in (2, 5, 10, 25)]
    [2, 3, 3, 8]
    """
    return min(n_splits, max(_FEWEST, n_splits // 3))


def not_needed(results: StudyResults) -> list[int]:
    """Find configurations that need no further fits, while a study runs.

    Parameters
    ----------
    results : StudyResults
        So far, with all configurations not yet stopped fitted on the same splits.

    Returns
    -------
    list of int
        Configuration numbers, ascending; linear models are never among them, since what layers
        bring is measured against them.
    """
    race = _Race(results)
    running = race.running()
    if len(running) < 2 or race.n_done(running) < 2:
        return []
    choice = race.interim(running)
    kept = {choice.number, choice.best, *race.followed(running, choice)}
    chances = {number: race.chance_to_help(number, choice) for number in race.layered(running)}
    surest = max(chances, key=lambda number: chances[number], default=-1)
    is_open = choice.linear is None or chances.get(surest, 0.0) >= 1 - _CHANCE
    if not is_open and max(chances.values(), default=0.0) < _CHANCE:
        kept = set(race.followed(running, choice))  # the linear model, as good as surely
        return [number for number in race.layered(running) if number not in kept]
    if is_open:
        kept.add(surest)
    return [
        number
        for number in race.layered(running)
        if number not in kept
        and (chances[number] < _CHANCE or (is_open and not race.may_replace(number, choice)))
    ]


def may_change(results: StudyResults, choice: Choice) -> list[int]:
    """Find stopped configurations that, finished, could change what is recommended.

    Returns
    -------
    list of int
        Configuration numbers, ascending. With all of these finished, ask again: the answer may be
        another one by then.
    """
    race = _Race(results)
    stopped = [n for n in sorted(results.pruned) if n not in results.failed]
    is_open = choice.layers_help or choice.linear is None
    unlucky = unlucky_fits(results, choice, [choice.number, choice.best])
    return [
        number
        for number in stopped
        if race.chance_to_help(number, choice) >= _CHANCE
        and (
            not is_open
            or race.may_replace(number, choice)
            or (unlucky and not race.paired.done(number)[unlucky[0].split])
        )
    ]


class _Race:
    """Chances of configurations, by the splits that they were fitted on."""

    def __init__(self, results: StudyResults) -> None:
        self.results, self.paired = results, PairedScores(results)
        self.n_final = len(self.paired.splits)
        planned = sum(bool(one.hidden) for one in results.configurations)
        self._level = LEVEL / 2 / max(planned, 1)

    def running(self) -> list[int]:
        """Those neither stopped nor failed, with a score."""
        ended = self.results.pruned.keys() | self.results.failed.keys()
        numbers = [c.number for c in self.results.configurations if c.number not in ended]
        return [number for number in numbers if self.paired.done(number).any()]

    def layered(self, numbers: Sequence[int]) -> list[int]:
        """Those of them with hidden layers that have fits to come."""
        return [
            number
            for number in numbers
            if self.results.configurations[number].hidden and not self.paired.done(number).all()
        ]

    def n_done(self, numbers: Sequence[int]) -> int:
        """On how many splits all of them have a score."""
        return len(self._shared(numbers))

    def _shared(self, numbers: Sequence[int]) -> list[int]:
        done = np.logical_and.reduce([self.paired.done(number) for number in numbers])
        return np.flatnonzero(done).tolist()

    def interim(self, numbers: Sequence[int]) -> Choice:
        """What would be chosen now if hidden layers are taken to help.

        The best is the best of those that may be shown to.
        """
        splits = self._shared(numbers)
        choice = choose(self.results, self.paired, numbers, splits)
        may = [n for n in choice.over_linear if self.chance_to_help(n, choice) >= _CHANCE]
        scores = {n: choice.scores[n] for n in may or choice.scores}
        sign = -1.0 if self.results.higher_is_better else 1.0
        best = min(scores, key=lambda n: (sign * scores[n].mean, n))
        number = smallest_of_the_best(self.results, self.paired, list(scores), splits)
        return replace(choice, number=number, best=best)

    def followed(self, numbers: Sequence[int], choice: Choice) -> list[int]:
        """The best so far of each level, as each width, as long as they are followed."""
        n_done = self.n_done(numbers)
        if n_done >= max(n_followed(self.n_final), self.n_final / 2):
            return []
        sign = 1.0 if self.results.higher_is_better else -1.0
        best: dict[tuple[str, object], int] = {}
        for number in sorted(numbers, key=lambda n: (sign * choice.scores[n].mean, -n)):
            for name, level in self.results.configurations[number].levels.items():
                best[name, level] = number
        if n_done < n_followed(self.n_final):
            return list(best.values())
        return lucky_networks(self.results, choice, list(best.values()))

    def chance_to_help(self, number: int, choice: Choice) -> float:
        """How likely it will be shown to be better than the linear model."""
        from scipy.special import stdtrit

        if choice.linear is None:
            return 1.0
        outlook = self._outlook(number, choice.linear)
        if outlook is None:
            return 1.0
        error, weight = self._final_error(number, choice.linear, outlook)
        critical = float(stdtrit(weight, 1 - self._level))
        return outlook.chance_above(critical * error)

    def may_replace(self, number: int, choice: Choice) -> bool:
        """Whether it may be recommended, or be so good that another one is."""
        ours, best = choice.number, choice.best
        outlook = self._outlook(number, ours)
        if outlook is None:
            return True
        if outlook.chance_above(self._final_error(number, ours, outlook)[0]) >= _CHANCE:
            return True
        if size_of(self.results, number) > size_of(self.results, ours):
            return False
        ahead = self._outlook(best, number)
        if ahead is None:
            return True
        return ahead.chance_above(self._final_error(best, number, ahead)[0]) < 1 - _CHANCE

    def _outlook(self, number: int, other: int) -> Outlook | None:
        """Of the lead of one over another; None where they share no split."""
        leads = self.paired.leads(number, other)
        shared = np.isfinite(leads)
        if not shared.any():
            return None
        error = self.paired.row_error_of_lead(number, other)
        return Outlook.of(leads[shared], self.n_final, error)

    def _final_error(self, number: int, other: int, outlook: Outlook) -> tuple[float, float]:
        """The error that a lead will have, and the degrees of freedom behind it."""
        if not self.paired.is_known_by_row(number, other):
            weight = float(max(outlook.weight + self.n_final - outlook.n, 1))
            return outlook.spread * math.sqrt(1 / self.n_final + self.paired.test_share), weight
        leads = self.paired.leads(number, other)
        row_error = self.paired.row_error_of_lead(number, other)
        shared = leads[np.isfinite(leads)]
        error, weight = error_of_score(shared, self.n_final, self.paired.n_folds, row_error)
        return error, weight * (self.n_final - 1) / max(len(shared) - 1, 1)  # all fits' by then
