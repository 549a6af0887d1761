"""Means over repeated cross-validation with the standard errors they deserve, and their tests.

What is asked is what the networks that were trained here score on new rows, or differ by there. Of
that a mean over folds errs by its rows (Bayle, Bayle, Janson and Mackey 2020, "Cross-validation
Confidence Intervals for Test Error"): each is held out once in each cross-validation, and repeating
it brings no new ones. Two networks are scored on the same rows, and what these add to a difference
is told row by row: where both are right, or wrong by as much, it is nothing. Rows of one group are
one unit (Liang and Zeger 1986). What fits vary by beyond their rows, the luck of training, is added
as the error of a mean of independent fits (`estimate_by_units`).

Another question is what networks trained on another table would score. The scores of one
cross-validation are not independent there: their training rows overlap. Nadeau and Bengio 2003,
"Inference for the Generalization Error", section 5, arrive at

    t = mean / sqrt((1 / n + n_test / n_train) * variance)     with n - 1 degrees of freedom

for n differences of paired scores. Bouckaert and Frank 2004 found its false alarms near the level
for repeated cross-validation too. n_train are the rows that the weights are trained on: those that
only watch when to stop are none of them. It allows for more than the question above asks, and holds
where it is not known how each row was scored, as in studies of earlier versions (`estimate`).

Of two to ten fits the variance is hardly known, and at times small by chance, which makes false
alarms. But the rows of each fold tell one too, the standard error of its score, which is all of it
where nothing but the rows differs from fold to fold. Where fits alone tell the error, the two are
averaged, that of the rows with the weight of three fits, which moderates what few fits say (Smyth
2004, "Linear Models and Empirical Bayes Methods"); where the fits alone say more, what they say is
kept. What this does is measured in `bench/study_truth.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from layerwise.arrays import Floats, Integers, Mask, Reals

_ROWS_COUNT = 3  # fits that the variance told by rows counts as


@dataclass(frozen=True)
class Estimate:
    """A mean over fits, and how far it can be trusted.

    Attributes
    ----------
    mean : float
    standard_error : float
        Corrected for repeated cross-validation; NaN for a single fit, which says nothing of it.
    n : int
        Number of fits.
    weight : float or None
        Degrees of freedom behind the standard error, infinite where it is known; None: n - 1.

    Examples
    --------
    >>> differences = estimate([0.03, 0.01, 0.02, 0.04, 0.02], test_share=1 / 4)
    >>> f"{differences.mean:.3f} ± {differences.margin():.3f}, p = {differences.p_value:.3f}"
    '0.024 ± 0.021, p = 0.035'
    """

    mean: float
    standard_error: float
    n: int
    weight: float | None = None

    @property
    def _freedom(self) -> float:
        return self.n - 1 if self.weight is None else self.weight

    @property
    def p_value(self) -> float:
        """Of the two-sided test that the true mean is zero; NaN for a single fit.

        Fits that agree to the last digit leave no doubt: 0, or 1 where their mean is zero.
        """
        from scipy.special import stdtr

        if self.n < 2 or math.isnan(self.standard_error):
            return math.nan
        if self.standard_error == 0:
            return float(self.mean == 0)
        return float(2 * stdtr(self._freedom, -abs(self.mean / self.standard_error)))

    def margin(self, level: float = 0.95) -> float:
        """Half the width of the confidence interval: what stands behind a ±."""
        from scipy.special import stdtrit

        if self.n < 2:
            return math.nan
        return float(stdtrit(self._freedom, (1 + level) / 2)) * self.standard_error

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Ends of the confidence interval."""
        margin = self.margin(level)
        return self.mean - margin, self.mean + margin

    def __neg__(self) -> "Estimate":
        return replace(self, mean=-self.mean)


def estimate(values: ArrayLike, test_share: float, row_error: float = math.nan) -> Estimate:
    """Estimate the mean of scores, or of paired differences of scores, over fits.

    Parameters
    ----------
    values : array-like, shape (n,)
        One for each fit of a repeated cross-validation, or of some of its folds.
    test_share : float
        n_test / n_train of a fit: 1 / 4 for five folds without early stopping. 0: as if the fits
        were independent.
    row_error : float
        The standard error that its rows alone give one value; NaN: not known.

    Raises
    ------
    ValueError
        For no values, values that are not finite, or a share below 0.

    Examples
    --------
    >>> estimate([1.0, 2.0, 3.0], test_share=1 / 2)  # variance 1: sqrt(1/3 + 1/2)
    Estimate(mean=2.0, standard_error=0.9128709291752768, n=3, weight=2)
    >>> estimate([1.0, 2.0, 3.0], test_share=1 / 2, row_error=1.0)
    Estimate(mean=2.0, standard_error=0.9128709291752768, n=3, weight=5)
    """
    numbers = np.asarray(values, np.float64)
    if numbers.ndim != 1 or not len(numbers):
        raise ValueError(f"an estimate needs values of at least one fit; got {numbers.shape}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"an estimate needs finite values; got {numbers[~np.isfinite(numbers)]}")
    if not test_share >= 0:
        raise ValueError(f"test_share must be n_test / n_train, at least 0; got {test_share}")
    n = len(numbers)
    if n == 1:
        return Estimate(float(numbers[0]), math.nan, 1)
    variance, weight = _moderated_variance(numbers, row_error)
    error = math.sqrt(variance * (1 / n + test_share))
    return Estimate(float(numbers.mean()), error, n, weight)


def estimate_by_units(
    values: ArrayLike,
    deviations: Sequence[Reals],
    units: Sequence[Integers],
    unseen: float = 0.0,
    bias: float = 0.0,
) -> Estimate:
    """Estimate what networks trained here score on new rows, or by how much one is ahead there.

    Parameters
    ----------
    values : array-like, shape (n,)
        Scores of the fits of a repeated cross-validation, or of some of its folds, or paired
        differences of them.
    deviations : n ndarrays
        What each unit held out adds to its value, beyond the mean of all units.
    units : n ndarrays of int, of the same shapes
        The units' numbers; no unit is twice in one array.
    unseen : float
        The square of what one unit more would add, which counts among the others: of differences,
        since rows that tell two networks apart may all have been elsewhere.
    bias : float
        What the mean is known to be off by: the mean stays as it is, its error counts that too.

    Raises
    ------
    ValueError
        As `estimate`.

    Examples
    --------
    >>> folds = [0.5, 0.7]
    >>> rows = [[-0.1, 0.1, 0.0], [0.1, -0.1, 0.0]]
    >>> numbers = [[0, 2, 4], [1, 3, 5]]
    >>> once = estimate_by_units(folds, list(map(np.array, rows)), list(map(np.array, numbers)))
    >>> round(once.standard_error, 3)
    0.122
    """
    plain = estimate(values, 0.0)
    if plain.n == 1:
        return plain
    numbers = np.asarray(values, np.float64)
    n_held_out = [len(where) for where in units]
    own = [
        np.asarray(of_split, np.float64) * math.sqrt(m / (m - 1))
        for of_split, m in zip(deviations, n_held_out, strict=True)
    ]
    of_values = sum(float(of_split @ of_split) for of_split in own) / plain.n
    there, places = np.unique(np.concatenate(units), return_inverse=True)
    squares = np.append((np.bincount(places, np.concatenate(own)) / plain.n) ** 2, unseen)
    often = sum(n_held_out) / len(there)  # once in each cross-validation
    rows, luck = float(squares.sum()), max(float(numbers.var(ddof=1)) - of_values, 0.0) / plain.n
    variance = rows + luck
    if not variance > 0:
        return Estimate(plain.mean, abs(bias), plain.n)
    # What is known of each counts as much as it makes up of both (Satterthwaite 1946). Of the units
    # the less is known, the fewer of them make up the most.
    shares = squares / variance
    doubt = float(((shares - shares.mean()) ** 2).sum()) / 2
    doubt = max(doubt, (rows / variance) ** 2 / (len(there) - plain.n / often))
    doubt += (luck / variance) ** 2 / (plain.n - 1)
    return Estimate(plain.mean, math.hypot(math.sqrt(variance), bias), plain.n, 1 / doubt)


def estimate_score(values: ArrayLike, n_folds: int, row_error: float = math.nan) -> Estimate:
    """Estimate what the networks behind the scores of a cross-validation score on new rows.

    Parameters
    ----------
    values : array-like, shape (n,)
        One for each fit of a repeated cross-validation, or of some of its folds.
    n_folds : int
        Of each cross-validation: folds of another one hold out the same rows again.
    row_error : float
        The standard error that its rows alone give one value; NaN: not known, and what values vary
        by is taken to be that.

    Raises
    ------
    ValueError
        As `estimate`.

    Examples
    --------
    >>> folds_and_again = [0.5, 0.7, 0.6, 0.5, 0.7, 0.6]
    >>> round(estimate_score(folds_and_again, 3, row_error=0.09).standard_error, 3)
    0.052
    >>> round(estimate_score(folds_and_again, 3, row_error=0.01).standard_error, 3)
    0.037
    """
    plain = estimate(values, 0.0)
    if plain.n == 1:
        return plain
    error, weight = error_of_score(values, plain.n, n_folds, row_error)
    return Estimate(plain.mean, error, plain.n, weight)


def error_of_score(
    values: ArrayLike, n: int, n_folds: int, row_error: float = math.nan
) -> tuple[float, float]:
    """(standard error of a mean of n scores that vary as these, degrees of freedom behind it).

    As `estimate_score` has it. That of the rows is taken to be known; what is known of the luck
    counts as much as it makes up of both (Satterthwaite 1946).
    """
    numbers = np.asarray(values, np.float64)
    variance, fewer = _moderated_variance(numbers, math.nan)
    freedom: float = fewer
    is_known = row_error > 0
    of_rows = row_error**2 if is_known else variance
    rows, luck = of_rows / min(n, n_folds), max(variance - of_rows, 0.0) / n
    if is_known:
        freedom = fewer * ((rows + luck) / luck) ** 2 if luck else math.inf
    return math.sqrt(rows + luck), freedom


def _moderated_variance(numbers: Floats, row_error: float) -> tuple[float, int]:
    """(variance of one value, degrees of freedom behind it)."""
    weight, variance = len(numbers) - 1, 0.0
    # Exactly 0 where all are the same but for rounding.
    if weight and (spread := float(numbers.std(ddof=1))) > 1e-12 * float(np.abs(numbers).max()):
        variance = spread**2
    if not row_error > 0:
        return variance, weight
    whole = weight + _ROWS_COUNT
    return max(variance, (weight * variance + _ROWS_COUNT * row_error**2) / whole), whole


def adjust_holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values for their number, so that one false alarm among all is as rare as the level.

    Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure". NaN, where there was
    nothing to test with, stays NaN and counts as a comparison.

    Examples
    --------
    >>> adjust_holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    given = np.asarray(p_values, np.float64)
    known = np.where(np.isnan(given), 1.0, given)
    order = np.argsort(known, kind="stable")
    factors = np.arange(len(known), 0, -1)
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * known[order]), 1.0)
    return np.where(np.isnan(given), np.nan, adjusted)


def within_one_standard_error(behind: Sequence[Estimate]) -> Mask:
    """Find what is behind the best by no more than one standard error.

    Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees", section 3.4.3.
    Where there is no standard error, only what equals the best is within.

    Examples
    --------
    >>> behind = [Estimate(0.0, 0.0, 5), Estimate(0.01, 0.02, 5), Estimate(0.02, 0.01, 5)]
    >>> within_one_standard_error(behind)
    array([ True,  True, False])
    """
    means = np.array([one.mean for one in behind])
    errors = np.nan_to_num(np.array([one.standard_error for one in behind]))
    # What is off by rounding alone is within.
    return np.asarray(means <= errors * (1 + 1e-9) + 1e-12 * np.abs(means).max(), np.bool_)


@dataclass(frozen=True)
class Outlook:
    """What the first of some fits tell of the mean over all of them.

    Attributes
    ----------
    mean : float
        Of the values there are.
    spread : float
        The standard deviation that one value is taken to have.
    weight : int
        Degrees of freedom behind it.
    n, n_final : int
        Fits done and planned.

    Examples
    --------
    >>> outlook = Outlook.of([-0.10, -0.11, -0.12], 5, row_error=0.02)
    >>> [round(outlook.chance_above(threshold), 3) for threshold in (-0.12, -0.10)]
    [0.919, 0.081]
    """

    mean: float
    spread: float
    weight: int
    n: int
    n_final: int

    @classmethod
    def of(cls, values: ArrayLike, n_final: int, row_error: float = math.nan) -> "Outlook":
        """Look ahead from some values, such as paired differences; `row_error` as of `estimate`."""
        numbers = np.asarray(values, np.float64)
        variance, weight = _moderated_variance(numbers, row_error)
        return cls(float(numbers.mean()), math.sqrt(variance), weight, len(numbers), n_final)

    def chance_above(self, threshold: float) -> float:
        """How likely the final mean is above a threshold; 0.5 where a single fit tells too little.

        With n values there and m to come, their means differ with a standard deviation of
        s sqrt(1/n + 1/m), of which the share m / (n + m) reaches the final mean.
        """
        from scipy.special import stdtr

        to_come = self.n_final - self.n
        if to_come <= 0:
            return float(self.mean > threshold)
        if self.n < 2:
            return 0.5
        spread = self.spread * math.sqrt(1 / self.n + 1 / to_come) * to_come / self.n_final
        if not spread > 0:
            return float(self.mean > threshold)
        return float(stdtr(self.weight, (self.mean - threshold) / spread))
