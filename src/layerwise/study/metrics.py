"""The score of a fold, and each row's part in it."""

from __future__ import annotations

import math

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.arrays import Array, Floats, Reals
from layerwise.ensemble.scores import HIGHER_IS_BETTER
from layerwise.study.results import StudyError

CLASS_METRICS = ("accuracy", "balanced_accuracy", "log_loss", "roc_auc")
NUMBER_METRICS = ("r2", "rmse", "mae")
_LEAST_SPREAD = 1e-6  # what is left of it without one unit; less is rounding


def check_metric(metric: str | None, task: str, n_targets: int = 1) -> str:
    """Return the metric of a study: the one asked for, or accuracy for classes, R² for numbers.

    Raises
    ------
    StudyError
        For an unknown one, one of the other task, or one that has a unit of several targets.

    Examples
    --------
    >>> check_metric(None, "binary"), check_metric("mae", "regression")
    ('accuracy', 'mae')
    """
    own: tuple[str, ...] = CLASS_METRICS
    other: tuple[str, ...] = NUMBER_METRICS
    if task == "regression":
        own, other = other, own
    if metric is None:
        return own[0]
    if metric in other:
        what = "a number" if task == "regression" else "of classes"
        raise StudyError(
            f"the metric {metric!r} is of no use here: the target is {what}; "
            f"take one of {', '.join(own)}"
        )
    if n_targets > 1 and metric in {"rmse", "mae"}:
        raise StudyError(
            f"the metric {metric!r} is in units of a target, and {n_targets} targets have their "
            "own each; take r2, or study one target"
        )
    try:
        look_up(metric, dict.fromkeys(own), "metric")
    except ValueError as error:
        raise StudyError(str(error)) from None
    return metric


def higher_is_better(metric: str) -> bool:
    """Whether a larger score is a better one."""
    return HIGHER_IS_BETTER[metric]


def why_undefined(metric: str, y: Array) -> str:
    """What a metric lacks in the rows it is to score, whatever is predicted; "" if nothing.

    Parameters
    ----------
    metric : str
    y : ndarray, shape (n,) of class numbers, or (n,) or (n, n_targets) of numbers

    Examples
    --------
    >>> why_undefined("roc_auc", np.array([1, 1, 1])), why_undefined("accuracy", np.array([1, 1]))
    ('all are of one class', '')
    """
    if metric == "roc_auc" and len(np.unique(y)) < 2:
        return "all are of one class"
    if metric == "r2" and not y.reshape(len(y), -1).var(axis=0).min() > 0:
        return "the target does not vary"
    return ""


def score_of(metric: str, y: Array, outputs: Array) -> tuple[float, Floats]:
    """Score predictions of rows.

    Parameters
    ----------
    metric : str
    y : ndarray, shape (n,) of class numbers, or (n,) or (n, n_targets) of numbers
    outputs : ndarray, shape (n, n_classes) of probabilities, or as y

    Returns
    -------
    score : float
        As `class_scores` and `number_scores` of `layerwise.ensemble.scores` have it; NaN where
        the rows allow none, such as an area under the curve where all are of one class.
    parts : ndarray, shape (n,)
        Numbers of which the score is the mean, so that it varies with its rows as their mean does:
        of a mean, what it is the mean of; of other scores, the first term of their expansion around
        the means they are made of (Hampel 1974, "The Influence Curve"), of the area under the curve
        by the placements of DeLong, DeLong and Clarke-Pearson 1988. Of R² they are the errors' part
        alone; the spread's is added by `with_spread`.

    Examples
    --------
    >>> y, p = np.array([0, 1, 1, 1]), np.array([[0.8, 0.2], [0.4, 0.6], [0.6, 0.4], [0.1, 0.9]])
    >>> score_of("accuracy", y, p)
    (0.75, array([1., 1., 0., 1.]))
    """
    if metric in CLASS_METRICS:
        return _CLASSES[metric](y, outputs)
    return _NUMBERS[metric](y.reshape(len(y), -1), outputs.reshape(len(y), -1))


def with_spread(
    r2: float, errors_part: Reals, r2_of_guessing: float, of_guessing: Reals
) -> tuple[Floats, float]:
    """What each unit adds to R², as it changes both the errors and the spread they are held to.

    Both by leaving each unit out in turn (Quenouille 1956, "Notes on Bias in Estimation"; Tukey
    1958). How far units are from the mean is told by what they add to the R² of guessing it. Of
    several targets, what is known are means over them, and they are taken to be alike.

    Parameters
    ----------
    r2, r2_of_guessing : float
        Of the same rows.
    errors_part, of_guessing : ndarray, shape (m,)
        What each unit adds to the errors' part of them, beyond the mean of all. Units are taken to
        be of the same size.

    Returns
    -------
    deviations : ndarray, shape (m,)
        The same of the whole of R². As they were for a single unit, or where R² has no meaning
        without one of them.
    too_low : float
        By how much R² of so few units is lower in the mean than that of many: 1 / spread is higher
        in the mean, and errors are held to the mean of these units, not of those trained on.

    Examples
    --------
    >>> y, outputs = np.array([-1.0, 0.0, 0.0, 1.0]), np.array([-1.0, 0.5, 0.0, 0.5])
    >>> (r2, parts), (guess, of_guess) = (
    ...     score_of("r2", y, to) for to in (outputs, np.full(4, 0.5))
    ... )
    >>> mean_parts = [(own - own.mean()) / 4 for own in (parts, of_guess)]
    >>> deviations, too_low = with_spread(r2, mean_parts[0], guess, mean_parts[1])
    >>> r2, deviations.round(3), round(too_low, 3)
    (0.75, array([ 0.46 , -0.188, -0.085, -0.188]), 0.492)
    """
    m = len(errors_part)
    as_they_were = np.asarray(errors_part, np.float64), 0.0
    if m == 1:
        return as_they_were
    errors, spread, others = 1 - r2, 1 - r2_of_guessing, m / (m - 1)
    spread_without = 1 + others * np.asarray(of_guessing, np.float64) / spread
    if spread_without.min() < _LEAST_SPREAD:
        return as_they_were
    without = 1 - (errors + others * as_they_were[0]) / spread_without
    too_low = (m - 1) * (r2 - without.mean()) + errors * (1 - 1 / spread)
    return (without.mean() - without) / others, float(too_low)


def row_error(parts: Floats) -> float:
    """The standard error that independent rows give a score; NaN for a single row.

    Parameters
    ----------
    parts : ndarray, shape (n,)
        As `score_of` gives them.

    Examples
    --------
    >>> row_error(np.array([1.0, 1.0, 0.0, 1.0]))
    0.25
    """
    n = len(parts)
    return float(parts.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan


def _mean(values: Array) -> tuple[float, Floats]:
    parts = np.asarray(values, np.float64)
    return float(parts.mean()), parts


def _accuracy(y: Array, p: Array) -> tuple[float, Floats]:
    return _mean(p.argmax(axis=1) == y)


def _balanced_accuracy(y: Array, p: Array) -> tuple[float, Floats]:
    is_right = (p.argmax(axis=1) == y).astype(np.float64)
    there, of_which, counts = np.unique(y, return_inverse=True, return_counts=True)
    of_classes = np.bincount(of_which, is_right) / counts
    score = float(of_classes.mean())
    share = counts * len(there) / len(y)
    return score, score + (is_right - of_classes[of_which]) / share[of_which]


def _log_loss(y: Array, p: Array) -> tuple[float, Floats]:
    true = np.asarray(p[np.arange(len(y)), y], np.float64)
    return _mean(-np.log(np.maximum(true, 1e-15)))


def _roc_auc(y: Array, p: Array) -> tuple[float, Floats]:
    from scipy.stats import rankdata

    there = np.unique(y)
    if len(there) < 2:
        return math.nan, np.full(len(y), math.nan)
    of_classes = []
    for k in [1] if p.shape[1] == 2 else there.tolist():
        is_k = y == k
        ranks, placements = rankdata(p[:, k]), np.empty(len(y))
        # Of a row of the class: the share of others below it. Of another row: that of the class
        # above it.
        placements[is_k] = (ranks[is_k] - rankdata(p[is_k, k])) / (~is_k).sum()
        placements[~is_k] = 1 - (ranks[~is_k] - rankdata(p[~is_k, k])) / is_k.sum()
        area = placements[is_k].mean()
        share = np.where(is_k, is_k.mean(), 1 - is_k.mean())
        of_classes.append(area + (placements - area) / share)
    return _mean(np.mean(of_classes, axis=0))


def _r2(y: Array, predicted: Array) -> tuple[float, Floats]:
    spread = y.var(axis=0)
    varies = spread > 0
    if not varies.any():
        return math.nan, np.full(len(y), math.nan)
    # The spread of y is the same for all that is scored on these rows: `with_spread` adds its part.
    return _mean(1 - ((predicted - y)[:, varies] ** 2 / spread[varies]).mean(axis=1))


def _rmse(y: Array, predicted: Array) -> tuple[float, Floats]:
    squares = np.asarray((predicted - y) ** 2, np.float64)
    means = squares.mean(axis=0)
    roots = np.sqrt(means)
    return float(roots.mean()), (roots + (squares - means) / np.maximum(2 * roots, 1e-300)).mean(
        axis=1
    )


def _mae(y: Array, predicted: Array) -> tuple[float, Floats]:
    return _mean(np.abs(predicted - y).mean(axis=1))


_CLASSES = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "log_loss": _log_loss,
    "roc_auc": _roc_auc,
}
_NUMBERS = {"r2": _r2, "rmse": _rmse, "mae": _mae}
