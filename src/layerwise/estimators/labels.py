"""Class labels and the numbers a network is trained on."""

from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import column_or_1d

__all__ = ["Labels"]

Array = NDArray[Any]
_LONGEST = 64  # letters of a label in an array of fixed width


class Labels:
    """What stands between a classifier's labels and its network's outputs.

    Parameters
    ----------
    y : array-like, shape (n,) or (n, n_labels)
        Labels; two or more columns of 0 and 1 are labels that do not exclude each other.

    Attributes
    ----------
    classes : ndarray
    kind : {"binary", "multiclass", "multilabel-indicator"}
    n_outputs : int
        The network's outputs: one for two classes (or one alone), else one for each.

    Examples
    --------
    >>> labels = Labels(np.array(["no", "yes", "no"]))
    >>> labels.encode(np.array(["yes", "no"])).tolist()
    [[1.0], [0.0]]
    >>> labels.decode(np.array([[0.9], [0.2]])).tolist()
    ['yes', 'no']
    """

    def __init__(self, y: ArrayLike) -> None:
        self.classes: Array
        self.kind: str
        if _are_objects(y) and y.ndim == 1 and len(y) and isinstance(y[0], str):
            self.classes = _distinct(y)
            self.kind = "multiclass" if len(self.classes) > 2 else "binary"
        else:
            binarizer = LabelBinarizer().fit(y)  # scikit-learn's rules, and its errors
            self.classes, self.kind = binarizer.classes_, binarizer.y_type_
        self.n_outputs = 1 if self.kind == "binary" else len(self.classes)

    @property
    def output(self) -> str:
        """The output function."""
        return "softmax" if self.kind == "multiclass" else "sigmoid"

    def encode(self, y: Array) -> Array:
        """Targets as a network takes them, (n, 1) class numbers or (n, n_outputs) of 0 and 1."""
        if self.kind == "multilabel-indicator":
            dense = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
            return np.asarray(dense, np.float64)
        numbers = np.searchsorted(self.classes, column_or_1d(y))
        return np.asarray(numbers, np.float64).reshape(-1, 1)

    def unknown(self, y: Array) -> Array:
        """The labels of y that are not among the classes."""
        if self.kind == "multilabel-indicator":
            if type_of_target(y) != self.kind or np.shape(y)[1] != self.n_outputs:
                raise ValueError(
                    f"y must have a column for each of the {self.n_outputs} labels of the first "
                    f"call; got the shape {np.shape(y)}"
                )
            return np.zeros(0)
        return np.setdiff1d(self.among(column_or_1d(y)), self.classes, assume_unique=True)

    def among(self, y: Array) -> Array:
        """The distinct labels of y, sorted."""
        return _distinct(y) if _are_objects(y) else unique_labels(y)

    def decode(self, outputs: Array) -> Array:
        """Labels of a network's outputs."""
        if self.kind == "multiclass":
            return np.asarray(self.classes[outputs.argmax(axis=1)])
        if self.kind == "multilabel-indicator":
            return np.asarray(outputs > 0.5, int)
        chosen = (outputs[:, 0] > 0.5).astype(int)
        return np.asarray(self.classes[np.minimum(chosen, len(self.classes) - 1)])

    def probabilities(self, outputs: Array) -> Array:
        """Probabilities of all classes, in their order."""
        if self.kind != "binary":
            return outputs
        both = np.empty((len(outputs), 2), outputs.dtype)
        both[:, 1] = outputs[:, 0]
        np.subtract(1.0, both[:, 1], out=both[:, 0])
        return both


def _are_objects(y: ArrayLike) -> TypeGuard[Array]:
    return isinstance(y, np.ndarray) and y.dtype == object


def _distinct(labels: Array) -> Array:
    """Distinct words, sorted: as scikit-learn has them, or objects where a long one is among them.

    In an array of fixed width each word, and each prediction, takes as much as the longest.
    """
    words = sorted(set(labels.tolist()))
    is_short = all(isinstance(word, str) and len(word) <= _LONGEST for word in words)
    return np.array(words, None if is_short else object)
