"""The score of a fold, and how sure its rows make it."""

from __future__ import annotations

import math

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.arrays import Array
from layerwise.ensemble.scores import HIGHER_IS_BETTER
from layerwise.study.results import StudyError

CLASS_METRICS = ("accuracy", "balanced_accuracy", "log_loss", "roc_auc")
NUMBER_METRICS = ("r2", "rmse", "mae")


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


def score_of(metric: str, y: Array, outputs: Array) -> tuple[float, float]:
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
    error : float
        Its standard error as a function of independent rows: of a mean, sd / sqrt(n); of other
        scores, of the first term of their expansion around the means they are made of (for the
        area under the curve see Hanley and McNeil 1982).

    Examples
    --------
    >>> y, p = np.array([0, 1, 1, 1]), np.array([[0.8, 0.2], [0.4, 0.6], [0.6, 0.4], [0.1, 0.9]])
    >>> score_of("accuracy", y, p)
    (0.75, 0.25)
    """
    if metric in CLASS_METRICS:
        return _CLASSES[metric](y, outputs)
    return _NUMBERS[metric](y.reshape(len(y), -1), outputs.reshape(len(y), -1))


def _mean(values: Array) -> tuple[float, float]:
    n = len(values)
    error = float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return float(values.mean()), error


def _accuracy(y: Array, p: Array) -> tuple[float, float]:
    return _mean((p.argmax(axis=1) == y).astype(np.float64))


def _balanced_accuracy(y: Array, p: Array) -> tuple[float, float]:
    right = (p.argmax(axis=1) == y).astype(np.float64)
    of_classes = [_mean(right[y == k]) for k in np.unique(y)]
    scores = np.array([score for score, _ in of_classes])
    errors = np.nan_to_num(np.array([error for _, error in of_classes]), nan=0.5)
    return float(scores.mean()), float(np.sqrt((errors**2).sum()) / len(errors))


def _log_loss(y: Array, p: Array) -> tuple[float, float]:
    true = np.asarray(p[np.arange(len(y)), y], np.float64)
    return _mean(-np.log(np.maximum(true, 1e-15)))


def _roc_auc(y: Array, p: Array) -> tuple[float, float]:
    from scipy.stats import rankdata

    there = np.unique(y)
    if len(there) < 2:
        return math.nan, math.nan
    of_classes = []
    for k in [1] if p.shape[1] == 2 else there.tolist():
        is_k = y == k
        n, m = int(is_k.sum()), int((~is_k).sum())
        area = float(rankdata(p[:, k])[is_k].sum() - n * (n + 1) / 2) / (n * m)
        # Hanley and McNeil 1982, equations 1 and 2.
        q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
        variance = area * (1 - area) + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)
        of_classes.append((area, max(variance, 0.0) / (n * m)))
    areas, variances = np.array(of_classes).T
    # The same rows stand behind each class's area: as if they erred together.
    return float(areas.mean()), float(np.sqrt(variances).mean())


def _r2(y: Array, predicted: Array) -> tuple[float, float]:
    squares = (predicted - y) ** 2
    spread = y.var(axis=0)
    varies = spread > 0
    if not varies.any():
        return math.nan, math.nan
    shares = squares[:, varies].mean(axis=0) / spread[varies]
    # By the error's part alone: the spread of y is the same for all that is compared.
    _, error = _mean((squares[:, varies] / spread[varies]).mean(axis=1))
    return float((1 - shares).mean()), error


def _rmse(y: Array, predicted: Array) -> tuple[float, float]:
    squares = np.asarray((predicted - y) ** 2, np.float64)
    roots = np.sqrt(squares.mean(axis=0))
    _, error = _mean((squares / np.maximum(2 * roots, 1e-300)).mean(axis=1))
    return float(roots.mean()), error


def _mae(y: Array, predicted: Array) -> tuple[float, float]:
    return _mean(np.abs(predicted - y).mean(axis=1))


_CLASSES = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "log_loss": _log_loss,
    "roc_auc": _roc_auc,
}
_NUMBERS = {"r2": _r2, "rmse": _rmse, "mae": _mae}
