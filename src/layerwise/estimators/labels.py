"""Class labels and the numbers a network is trained on."""

import datetime as dt
from typing import Any, TypeGuard

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import column_or_1d

from layerwise.arrays import Array, Mask
from layerwise.estimators.input_checks import as_targets
from layerwise.tables.errors import TableError
from layerwise.tables.frames import is_missing
from layerwise.tables.parsing import Values, is_text, short, without_dictionary

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


def dtype_of_labels(given: Any, column: Values, name: str) -> np.dtype[Any]:
    """The type of the array that holds a target's classes, such that they are what was given.

    An array's own type, where there is one; else objects for text, and for numbers and truth
    values what their column has.

    Parameters
    ----------
    given : array-like, shape (n,)
        The target as it came.
    column : pyarrow array, shape (n,)
        What was made of it.
    name : str

    Raises
    ------
    TableError
        For labels that are no text, whole numbers or truth values, or several of these.
    """
    column = without_dictionary(column)
    own = getattr(given, "dtype", None)
    own = own.newbyteorder("=") if isinstance(own, np.dtype) else np.dtype(object)
    if is_text(column):
        if own.kind == "U":
            return own
        cells = np.asarray(given, object).ravel().tolist()
        kinds = sorted({_called(type(cell)) for cell in cells if not is_missing(cell)} - {"str"})
        if not kinds:
            return np.dtype(object)
        first = next(cell for cell in cells if _called(type(cell)) == kinds[0])
        what = f"{short(first)!r}, of the type {kinds[0]}"
    elif pa.types.is_boolean(column.type) or pa.types.is_integer(column.type):
        return own if own.kind in "biu" else np.dtype(column.type.to_pandas_dtype())
    elif pa.types.is_floating(column.type):
        distinct = [x for x in column.unique().to_pylist() if x is not None]
        broken = [x for x in distinct if not x.is_integer()]
        if not broken:
            return own if own.kind == "f" and own.itemsize < 8 else np.dtype(float)
        raise TableError(
            f"Unknown label type: continuous. The target {name!r} holds {len(distinct):,} "
            f"different numbers, such as {broken[0]:.6g}; classes are whole numbers, text or truth "
            "values. Numbers are predicted by TableRegressor; pandas.cut(y, ...).astype(str) makes "
            "classes of them"
        )
    elif pa.types.is_null(column.type):
        return np.dtype(object)  # the task says that nothing is there
    else:
        first = next(cell for cell in column.to_pylist() if cell is not None)
        what = f"{short(first)!r}, of the type {_called(type(first))}"
    raise TableError(
        f"the target {name!r} holds labels such as {what}; text, whole numbers of at most 64 bits "
        "or truth values, all of one kind, are wanted: as text they are y.astype(str)"
    )


def _called(kind: type) -> str:
    """A type's name in Python: what pandas gives for a time depends on its resolution."""
    own = (base for base in (str, dt.datetime, dt.timedelta) if issubclass(kind, base))
    return next(own, kind).__name__


def known_labels(y: Any) -> tuple[Any, Mask]:
    """Labels without those that are missing, and which are there, shape (n,)."""
    if (
        isinstance(y, np.ndarray)
        and y.dtype.kind in "biuU"
        and not isinstance(y, np.ma.MaskedArray)
    ):
        return y, np.ones(len(y), bool)
    cells = y if isinstance(y, list | tuple | np.ma.MaskedArray) else np.asarray(y)
    masked = np.ma.getmaskarray(y).ravel() if isinstance(y, np.ma.MaskedArray) else False
    flat = np.asarray(cells, object).ravel().tolist()
    known = ~(np.array([is_missing(cell) for cell in flat], bool) | masked)
    if known.all():
        return as_targets(cells), known
    return as_targets([cell for cell, there in zip(flat, known, strict=True) if there]), known


def _are_objects(y: ArrayLike) -> TypeGuard[Array]:
    return isinstance(y, np.ndarray) and y.dtype == object


def _distinct(labels: Array) -> Array:
    """Distinct words, sorted: as scikit-learn has them, or objects where a long one is among them.

    In an array of fixed width each word, and each prediction, takes as much as the longest.
    """
    words = sorted(set(labels.tolist()))
    is_short = all(isinstance(word, str) and len(word) <= _LONGEST for word in words)
    return np.array(words, None if is_short else object)
