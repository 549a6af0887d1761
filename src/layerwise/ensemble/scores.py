"""How good predictions are, by the metrics that people ask for."""

from typing import Any

import numpy as np

from layerwise.arrays import Array, Integers, Mask
from layerwise.tables.targets import taken_as_classes

HIGHER_IS_BETTER = {
    "accuracy": True,
    "balanced_accuracy": True,
    "f1": True,
    "log_loss": False,
    "mae": False,
    "matthews_corrcoef": True,
    "r2": True,
    "rmse": False,
    "roc_auc": True,
}


@taken_as_classes()
def class_scores(
    y: Integers, p: Array, decided: Integers | None = None, weight: Array | None = None
) -> dict[str, float | None]:
    """Scores of probabilities.

    Parameters
    ----------
    y : ndarray of int, shape (n,)
        True classes' numbers.
    p : ndarray, shape (n, n_classes)
    decided : ndarray of int, shape (n,), or None
        Predicted classes; None: the likeliest.
    weight : ndarray, shape (n,), or None
        How much each row counts.

    Returns
    -------
    dict
        "log_loss", "accuracy", "balanced_accuracy", "f1" (two classes: of the second; else the mean
        over classes), "matthews_corrcoef" and "roc_auc" (two classes, else each against the rest,
        the mean over classes; None where the rows are all of one class).

    Examples
    --------
    >>> scores = class_scores(np.array([0, 1, 1]), np.array([[0.8, 0.2], [0.4, 0.6], [0.6, 0.4]]))
    >>> {name: round(score, 3) for name, score in scores.items()}  # doctest: +NORMALIZE_WHITESPACE
    {'log_loss': 0.55, 'accuracy': 0.667, 'balanced_accuracy': 0.75, 'f1': 0.667,
     'matthews_corrcoef': 0.5, 'roc_auc': 1.0}
    """
    from sklearn.metrics import f1_score, matthews_corrcoef, recall_score

    if decided is None:
        decided = p.argmax(axis=1)
    there = np.unique(y)
    counted: dict[str, Any] = {"sample_weight": weight}
    auc = None
    if len(there) > 1:
        counts = np.ones(len(y)) if weight is None else weight.astype(np.float64)
        told_apart = [1] if p.shape[1] == 2 else there.tolist()
        auc = float(np.mean([_area(y == k, p[:, k], counts) for k in told_apart]))
    average = "binary" if p.shape[1] == 2 else "macro"
    return {
        "log_loss": float(np.average(row_losses(y, p, "log_loss"), weights=weight)),
        "accuracy": float(np.average(decided == y, weights=weight)),
        "balanced_accuracy": float(
            recall_score(y, decided, labels=there, average="macro", zero_division=0.0, **counted)
        ),
        "f1": float(f1_score(y, decided, average=average, zero_division=0.0, **counted)),
        # Of rows and predictions that are all of one class scikit-learn warns, and says 0.
        "matthews_corrcoef": float(matthews_corrcoef(y, decided, **counted))
        if len(np.union1d(there, decided)) > 1
        else 0.0,
        "roc_auc": auc,
    }


def _area(is_of: Mask, p: Array, counts: Array) -> float:
    """How often a row of a class has a higher probability of it than another; ties count half.

    It is the area under the ROC curve (Mann and Whitney 1947), without what scikit-learn checks
    anew for each of hundreds of classes. NaN where all rows of one kind count nothing.
    """
    order = np.argsort(p, kind="stable")
    ties = np.flatnonzero(np.diff(p[order], prepend=np.nan))
    counts = counts[order]
    of, others = (np.add.reduceat(counts * of, ties) for of in (is_of[order], ~is_of[order]))
    pairs, right = of.sum() * others.sum(), (of * (np.cumsum(others) - 0.5 * others)).sum()
    return float(right / pairs) if pairs else np.nan


def number_scores(
    y: Array, predicted: Array, weight: Array | None = None
) -> dict[str, float | None]:
    """Scores of predicted numbers.

    Of several targets, which may be in different units, there is the mean R² alone.

    Parameters
    ----------
    y, predicted : ndarray, shape (n,) or (n, n_targets)
    weight : ndarray, shape (n,), or None
        How much each row counts.

    Returns
    -------
    dict
        "r2" (None where the targets have no spread), "rmse" and "mae" (None of several targets).

    Examples
    --------
    >>> number_scores(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    {'r2': 0.5, 'rmse': 0.5773502691896257, 'mae': 0.3333333333333333}
    """
    y, predicted = y.reshape(len(y), -1), predicted.reshape(len(y), -1)
    is_one = y.shape[1] == 1
    error = np.average((predicted - y) ** 2, axis=0, weights=weight)
    spread = np.average((y - np.average(y, axis=0, weights=weight)) ** 2, axis=0, weights=weight)
    r2 = float((1 - error[spread > 0] / spread[spread > 0]).mean()) if (spread > 0).any() else None
    return {
        "r2": r2,
        "rmse": float(np.sqrt(error[0])) if is_one else None,
        "mae": float(np.average(np.abs(predicted - y)[:, 0], weights=weight)) if is_one else None,
    }


def row_losses(y: Array, outputs: Array, name: str) -> Array:
    """Each row's part of a mean loss, shape (n,).

    Of several targets it is the mean over them, each error in units of its target's spread.

    Parameters
    ----------
    y, outputs : ndarray
        Class numbers and probabilities, or numbers.
    name : {"log_loss", "rmse", "r2", "mae"}
        -ln(p of the true class), the squared error, which makes both RMSE and R², the absolute
        one.
    """
    if name == "log_loss":
        return np.asarray(-np.log(np.maximum(outputs[np.arange(len(y)), y], 1e-15)))
    errors = np.abs((outputs - y).reshape(len(y), -1))
    if errors.shape[1] > 1:
        spread = y.std(axis=0)
        errors = errors / np.where(spread > 0, spread, 1.0)
    return np.asarray((errors if name == "mae" else errors**2).mean(axis=1))
