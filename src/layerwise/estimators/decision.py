"""From a probability to yes or no: the threshold that suits a metric best on held-out rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DECISION_METRICS", "best_threshold"]

Array = NDArray[Any]


def _accuracy(tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    return np.asarray((tp + tn) / (tp + fp + fn + tn))


def _balanced_accuracy(tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    return np.asarray(0.5 * (tp / np.maximum(tp + fn, 1e-30) + tn / np.maximum(tn + fp, 1e-30)))


def _f1(tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    return np.asarray(2 * tp / np.maximum(2 * tp + fp + fn, 1e-30))


def _matthews(tp: Array, fp: Array, fn: Array, tn: Array) -> Array:
    root = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return np.asarray((tp * tn - fp * fn) / np.maximum(root, 1e-30))


# Each a function of the rows rightly and wrongly called yes (tp, fp), wrongly and rightly no.
DECISION_METRICS: dict[str, Callable[..., Array]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
    "matthews_corrcoef": _matthews,
}


def best_threshold(
    p: Array, y: NDArray[np.int64], metric: str, weight: Array | None = None
) -> float:
    """Return the threshold with which a metric is best.

    For accuracy it is 1/2 whatever the rows: with calibrated probabilities no other is better.

    Parameters
    ----------
    p : ndarray, shape (n,)
        Probability of yes, for rows that were not trained on.
    y : ndarray of 0 and 1, shape (n,)
    metric : str
        A key of `DECISION_METRICS`; others, which need no decision, get 1/2 too.

    Returns
    -------
    float
        Half-way between two of the probabilities. p above it is yes.

    Examples
    --------
    >>> best_threshold(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0, 0, 1, 1]), "f1")
    0.25
    """
    if metric not in DECISION_METRICS or metric == "accuracy":
        return 0.5
    w = np.ones(len(y)) if weight is None else weight.astype(np.float64)
    order = np.argsort(p, kind="stable")
    p, yes, no = p[order], w[order] * y[order], w[order] * (1 - y[order])
    # Of the cut before row i: rows i and later are called yes.
    fn, tn = np.append(0.0, np.cumsum(yes)), np.append(0.0, np.cumsum(no))
    tp, fp = yes.sum() - fn, no.sum() - tn
    values = DECISION_METRICS[metric](tp, fp, fn, tn)
    cuts = np.concatenate([[p[0] / 2], (p[1:] + p[:-1]) / 2, [(p[-1] + 1) / 2]])
    possible = np.concatenate([[p[0] > 0], p[1:] > p[:-1], [True]])
    values = np.where(possible, values, -np.inf)
    best = np.flatnonzero(values >= values.max() - 1e-12)
    return float(cuts[best[np.abs(cuts[best] - 0.5).argmin()]])
