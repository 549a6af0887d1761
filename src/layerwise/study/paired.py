"""The scores of a study as a table, configurations by splits, for comparisons on shared splits."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from layerwise.arrays import Array, Floats, Integers, Mask
from layerwise.study.metrics import with_spread
from layerwise.study.results import Split, StudyResults
from layerwise.study.statistics import Estimate, estimate, estimate_by_units, estimate_score

Scored: TypeAlias = int | Literal["trees", "guesses"]  # a configuration's number, or these
# Where it is not kept how each row was scored: of the variance that rows give two scores, what is
# taken to be left in their difference, since most are as hard for one network as for another.
_LEFT_IN_A_LEAD = 1 / 8


class PairedScores:
    """Scores of each configuration on each split, and differences between any two of them.

    Two configurations are compared on the splits that both were fitted on: what makes one fold
    harder than another then falls out of the difference.

    Parameters
    ----------
    results : StudyResults

    Attributes
    ----------
    splits : list of (repeat, fold)
    scores : ndarray, shape (n_configurations, n_splits)
        In the metric's own units; NaN where there is no fit, or none with a finite score.
    trees, guesses : ndarray, shape (n_splits,)
        Of gradient-boosted trees, and of guessing; NaN where there are none.
    test_share : float
        `StudyResults.test_share`.
    n_folds : int
        Of each cross-validation.

    Examples
    --------
    >>> from layerwise.study.results import Configuration, FitResult, StudyResults
    >>> configurations = [Configuration(0, (), None, 3), Configuration(1, (8,), "relu", 33)]
    >>> fits = [
    ...     FitResult(number, 0, fold, score, 0.9, 0.5, 0.4, 0.1, 50)
    ...     for number, scores in enumerate([(0.50, 0.52, 0.51), (0.90, 0.94, 0.92)])
    ...     for fold, score in enumerate(scores)
    ... ]
    >>> sizes = {(0, fold): (20, 10) for fold in range(3)}
    >>> results = StudyResults(
    ...     "binary", "y", "accuracy", True, configurations, fits, split_sizes=sizes
    ... )
    >>> paired = PairedScores(results)
    >>> lead = paired.lead(1, 0)
    >>> f"{lead.mean:.2f} ± {lead.margin():.2f}"
    '0.41 ± 0.04'
    """

    def __init__(self, results: StudyResults) -> None:
        self.splits: list[Split] = results.splits
        self.scores = np.full((len(results.configurations), len(self.splits)), np.nan)
        self._errors = np.full(self.scores.shape, np.nan)
        places = {split: i for i, split in enumerate(self.splits)}
        for fit in results.fits:
            if math.isfinite(fit.score):
                self.scores[fit.configuration, places[fit.split]] = fit.score
                self._errors[fit.configuration, places[fit.split]] = fit.score_error
        self.trees, self.guesses = (
            np.array([scores.get(split, math.nan) for split in self.splits], np.float64)
            for scores in (results.trees, results.guesses)
        )
        self._units, self._deviations = results.held_out_units, results.unit_deviations
        self._too_low: dict[Scored, Floats] = {}
        if results.metric == "r2":
            self._add_spread(results)
        self._sign = 1.0 if results.higher_is_better else -1.0
        self.test_share = results.test_share
        self.n_folds = folds_of_each(self.splits)

    def done(self, number: int) -> Mask:
        """Which splits a configuration has a score on, shape (n_splits,)."""
        return np.asarray(np.isfinite(self.scores[number]), np.bool_)

    def score(self, scored: Scored, splits: Sequence[int] | None = None) -> Estimate | None:
        """Estimate a score over its splits, or the given ones; None without any.

        Of a configuration, the trees or guessing.
        """
        values = self._values(scored)
        chosen = _finite(values, splits)
        if not chosen:
            return None
        rows = self._rows_of(scored, chosen)
        if rows is not None:
            bias = self._bias_of(scored, chosen)
            return estimate_by_units(values[chosen], rows, self._units_of(chosen), bias=bias)
        row_error = math.nan if isinstance(scored, str) else self.row_error(scored, splits)
        return estimate_score(values[chosen], self.n_folds, row_error)

    def lead(
        self, scored: Scored, other: Scored, splits: Sequence[int] | None = None
    ) -> Estimate | None:
        """How much better one is than another, paired; None where they share no split.

        Positive where the first is better, whether the metric's higher or lower values are.
        """
        leads = self.leads(scored, other)
        chosen = _finite(leads, splits)
        if not chosen:
            return None
        apart = self._apart(scored, other, chosen)
        if apart is None:
            row_error = self._guessed_row_error(scored, other)
            return estimate(leads[chosen], self.test_share, row_error)
        unseen = self._unseen(scored, other, chosen)
        bias = self._bias_of(scored, chosen) - self._bias_of(other, chosen)
        return estimate_by_units(leads[chosen], apart, self._units_of(chosen), unseen, bias)

    def leads(self, scored: Scored, other: Scored) -> Floats:
        """By how much one is better than another on each split, NaN where either is not done."""
        return np.asarray(self._sign * (self._values(scored) - self._values(other)), np.float64)

    def row_error(self, number: int, splits: Sequence[int] | None = None) -> float:
        """The standard error that its rows give a configuration's score on a split; NaN: none."""
        errors = self._errors[number] if splits is None else self._errors[number, list(splits)]
        known = errors[np.isfinite(errors)]
        return math.sqrt(float(np.square(known).mean())) if len(known) else math.nan

    def row_error_of_lead(self, number: int, other: int) -> float:
        """The same of the lead of one configuration over another."""
        apart = self._apart(number, other, self._shared(number, other))
        if apart:
            return math.sqrt(float(np.mean([one @ one for one in apart])))
        return self._guessed_row_error(number, other)

    def is_known_by_row(self, number: int, other: int) -> bool:
        """Whether it was kept how each row was scored, wherever both have a score."""
        return bool(self._apart(number, other, self._shared(number, other)))

    def _add_spread(self, results: StudyResults) -> None:
        """Let what each unit adds to R² be of the target's spread too, where guessing tells it."""
        kept = self._deviations
        self._deviations = {which: dict(by_split) for which, by_split in kept.items()}
        scored: list[Scored] = [*range(len(results.configurations)), "trees", "guesses"]
        for which in scored:
            values, self._too_low[which] = self._values(which), np.zeros(len(self.splits))
            for place, split in enumerate(self.splits):
                if split in kept.get(which, {}) and split in kept.get("guesses", {}):
                    self._deviations[which][split], self._too_low[which][place] = with_spread(
                        values[place],
                        kept[which][split],
                        self.guesses[place],
                        kept["guesses"][split],
                    )

    def _bias_of(self, scored: Scored, places: Sequence[int]) -> float:
        """By how much a score is too low in the mean of some splits, as far as that is known."""
        return float(self._too_low[scored][places].mean()) if scored in self._too_low else 0.0

    def _shared(self, number: int, other: int) -> list[int]:
        return _finite(self.leads(number, other), None)

    def _values(self, scored: Scored) -> Floats:
        if scored == "trees":
            return self.trees
        return self.guesses if scored == "guesses" else self.scores[scored]

    def _units_of(self, places: Sequence[int]) -> list[Integers]:
        return [self._units[self.splits[place]] for place in places]

    def _rows_of(self, scored: Scored, places: Sequence[int]) -> list[Array] | None:
        """What each unit adds to scores on some splits; None where that is not known of each.

        A unit alone on a split tells nothing: what it adds is all of the score.
        """
        kept = self._deviations.get(scored, {})
        splits = [self.splits[place] for place in places]
        if not all(split in kept and len(kept[split]) > 1 for split in splits):
            return None
        return [kept[split] for split in splits]

    def _apart(self, scored: Scored, other: Scored, places: Sequence[int]) -> list[Array] | None:
        """By how much each unit tells one from another on some splits; None where not known."""
        one, two = self._rows_of(scored, places), self._rows_of(other, places)
        if one is None or two is None:
            return None
        return [self._sign * (of_one - of_two) for of_one, of_two in zip(one, two, strict=True)]

    def _unseen(self, scored: Scored, other: Scored, places: Sequence[int]) -> float:
        """The square of what one unit more adds to a lead in the mean, were both independent."""
        splits = [self.splits[place] for place in places]
        squares = sum(
            float(np.square(self._deviations[which][split], dtype=np.float64).sum())
            for which in (scored, other)
            for split in splits
        )
        held_out = np.concatenate(self._units_of(places))
        often = len(held_out) / len(np.unique(held_out))  # once in each cross-validation
        return squares / len(held_out) * (often / len(places)) ** 2

    def _guessed_row_error(self, scored: Scored, other: Scored) -> float:
        """What rows add to a lead, where no more is kept than what they add to each score."""
        one, two = (
            other if isinstance(number, str) else number
            for number, other in ((scored, other), (other, scored))
        )
        squares = np.square(self._errors[one]) + np.square(self._errors[two])
        known = squares[np.isfinite(squares)]
        return math.sqrt(_LEFT_IN_A_LEAD * float(known.mean())) if len(known) else math.nan


def folds_of_each(splits: Sequence[Split]) -> int:
    """How many of the splits a cross-validation has, the one with most of them; at least 1."""
    return max(Counter(repeat for repeat, _ in splits).values(), default=1)


def _finite(values: Floats, splits: Sequence[int] | None) -> list[int]:
    """Places of the values there are, among the given ones."""
    places = np.arange(len(values)) if splits is None else np.asarray(splits, np.int64)
    return [int(place) for place in places if np.isfinite(values[place])]
