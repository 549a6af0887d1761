"""The scores of a study as a table, configurations by splits, for comparisons on shared splits."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from layerwise.arrays import Floats, Mask
from layerwise.study.results import Split, StudyResults
from layerwise.study.statistics import Estimate, estimate, estimate_score

# Of the variance that rows give two scores, what is left in their difference on the same rows: that
# most rows are as hard for one network as for another. Measured in `bench/study_truth.py`.
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
        places = {split: i for i, split in enumerate(self.splits)}
        self.scores = np.full((len(results.configurations), len(self.splits)), np.nan)
        self._errors = np.full(self.scores.shape, np.nan)
        for fit in results.fits:
            if math.isfinite(fit.score):
                self.scores[fit.configuration, places[fit.split]] = fit.score
                self._errors[fit.configuration, places[fit.split]] = fit.score_error
        self.trees, self.guesses = (
            np.array([scores.get(split, math.nan) for split in self.splits], np.float64)
            for scores in (results.trees, results.guesses)
        )
        self._sign = 1.0 if results.higher_is_better else -1.0
        self.test_share = results.test_share
        self.n_folds = folds_of_each(self.splits)

    def done(self, number: int) -> Mask:
        """Which splits a configuration has a score on, shape (n_splits,)."""
        return np.asarray(np.isfinite(self.scores[number]), np.bool_)

    def score(self, number: int, splits: Sequence[int] | None = None) -> Estimate | None:
        """Estimate a configuration's score over its splits, or the given ones; None without any."""
        return self._score(self.scores[number], splits, self.row_error(number, splits))

    def trees_score(self) -> Estimate | None:
        """Estimate the trees' score; None where there are no trees."""
        return self._score(self.trees)

    def guesses_score(self) -> Estimate | None:
        """Estimate the score of guessing; None where it is not known."""
        return self._score(self.guesses)

    def lead(self, number: int, other: int, splits: Sequence[int] | None = None) -> Estimate | None:
        """How much better one is than another, paired; None where they share no split.

        Positive where the first is better, whether the metric's higher or lower values are.
        """
        leads = self.leads(number, other)
        return self._lead(leads, splits, self.row_error_of_lead(number, other, splits))

    def leads(self, number: int, other: int) -> Floats:
        """By how much one is better than another on each split, NaN where either is not done."""
        return np.asarray(self._sign * (self.scores[number] - self.scores[other]), np.float64)

    def lead_of_trees(self, number: int) -> Estimate | None:
        """How much better the trees are than a configuration; None without shared splits."""
        leads = self._sign * (self.trees - self.scores[number])
        return self._lead(leads, None, self.row_error_of_lead(number, number))

    def lead_over_guessing(self, number: int) -> Estimate | None:
        """How much better a configuration is than guessing; None without shared splits."""
        leads = self._sign * (self.scores[number] - self.guesses)
        return self._lead(leads, None, self.row_error_of_lead(number, number))

    def row_error(self, number: int, splits: Sequence[int] | None = None) -> float:
        """The standard error that its rows give a configuration's score on a split; NaN: none."""
        return self._root_mean(np.square(self._errors[number]), splits)

    def row_error_of_lead(
        self, number: int, other: int, splits: Sequence[int] | None = None
    ) -> float:
        """The same of the lead of one configuration over another."""
        squares = np.square(self._errors[number]) + np.square(self._errors[other])
        return self._root_mean(_LEFT_IN_A_LEAD * squares, splits)

    def _root_mean(self, squares: Floats, splits: Sequence[int] | None) -> float:
        known = _known(squares, splits)
        return math.sqrt(float(known.mean())) if len(known) else math.nan

    def _score(
        self, values: Floats, splits: Sequence[int] | None = None, row_error: float = math.nan
    ) -> Estimate | None:
        chosen = _known(values, splits)
        return estimate_score(chosen, self.n_folds, row_error) if len(chosen) else None

    def _lead(
        self, values: Floats, splits: Sequence[int] | None, row_error: float
    ) -> Estimate | None:
        chosen = _known(values, splits)
        return estimate(chosen, self.test_share, row_error) if len(chosen) else None


def folds_of_each(splits: Sequence[Split]) -> int:
    """How many of the splits a cross-validation has, the one with most of them; at least 1."""
    return max(Counter(repeat for repeat, _ in splits).values(), default=1)


def _known(values: Floats, splits: Sequence[int] | None) -> Floats:
    chosen = values if splits is None else values[list(splits)]
    return np.asarray(chosen[np.isfinite(chosen)], np.float64)
