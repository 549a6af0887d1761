"""From probabilities to classes: one rule, which models, baselines, reports and pictures follow."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Array, Integers


@dataclass(frozen=True)
class Decision:
    """The rule by which a row with these probabilities is given a class.

    Attributes
    ----------
    threshold : float
        Of two classes the second is chosen where its probability is above this.
    weights : ndarray, shape (n_classes,), or None
        Of more classes the one is chosen whose probability times its weight is largest.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.5, 0.5]])
    >>> Decision()(p), Decision(0.05)(p)
    (array([0, 0]), array([1, 1]))
    """

    threshold: float = 0.5
    weights: Array | None = None

    def __call__(self, p: Array) -> Integers:
        """Return each row's class number, shape (n,), from its probabilities."""
        if p.shape[1] == 2:
            return np.asarray(p[:, 1] > self.threshold, np.int64)
        return np.asarray(self.scores(p).argmax(axis=1))

    def scores(self, p: Array) -> Array:
        """What is largest for the class that is chosen of more than two, shape (n, n_classes)."""
        return p if self.weights is None else p * self.weights


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


def needs_threshold(metric: str) -> bool:
    """Whether held-out rows decide where a metric's threshold lies."""
    return metric in DECISION_METRICS and metric != "accuracy"


def decision_for(
    p: Array, y: Array, metric: str, class_weights: Array | None = None, weight: Array | None = None
) -> Decision:
    """Return the rule that suits a metric and the weights of the classes.

    A class's weight is what it costs to miss one of its rows: the class whose probability times
    its weight is largest costs least (Elkan 2001, "The Foundations of Cost-Sensitive Learning",
    equation 2). Of two classes a metric that needs a decision goes before the weights.

    Parameters
    ----------
    p : ndarray, shape (n, n_classes)
        Probabilities of rows that were not trained on.
    y : ndarray of int, shape (n,)
    metric : str
    class_weights : ndarray, shape (n_classes,), or None
    weight : ndarray, shape (n,), or None
        Of the rows.

    Examples
    --------
    >>> p, y = np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 1])
    >>> decision_for(p, y, "log_loss", np.array([1.0, 4.0])).threshold
    0.2
    """
    if p.shape[1] != 2:
        return Decision(weights=class_weights)
    if metric not in DECISION_METRICS and class_weights is not None:
        return Decision(float(class_weights[0] / class_weights.sum()))
    return Decision(best_threshold(p[:, 1], y, metric, weight))


def best_threshold(p: Array, y: Integers, metric: str, weight: Array | None = None) -> float:
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
    if not needs_threshold(metric):
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
