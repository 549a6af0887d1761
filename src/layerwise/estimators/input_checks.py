"""Checking what an estimator is given: scikit-learn's checks, and where the bad cells are."""

import math
from numbers import Number
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy.sparse import csr_array, csr_matrix, spmatrix
from sklearn.base import BaseEstimator, is_regressor
from sklearn.utils.validation import (
    check_array,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from layerwise.arrays import Array, Mask, Reals
from layerwise.network.inputs import as_array, check_weights

# Rows as they are handed over, data frames among them, and as networks take them.
Given: TypeAlias = ArrayLike | spmatrix
Matrix: TypeAlias = Reals | csr_matrix | csr_array

_SPARSE = ("csr", "csc")


def checked_table(
    estimator: BaseEstimator, X: Given, y: ArrayLike, *, reset: bool
) -> tuple[Matrix, Array]:
    """X and y for a training, as scikit-learn's own networks check them."""
    X, y = _unmasked(X), as_targets(y)
    try:
        rows, targets = validate_data(
            estimator,
            X,
            y,
            accept_sparse=_SPARSE,
            multi_output=True,
            dtype=(np.float64, np.float32),
            reset=reset,
            y_numeric=is_regressor(estimator),
        )
    except ValueError as error:
        raise _with_place(error, X, y) from error.__cause__
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = column_or_1d(targets, warn=True)
    return rows, targets


def as_targets(y: Any) -> Any:
    """Targets of which scikit-learn would not make what they are: `as_array`.

    Of lists of words it makes arrays as wide as the longest; what is masked it takes for data.

    Raises
    ------
    ValueError
        For labels of several kinds, and as `as_array` does.
    """
    is_odd = isinstance(y, list | tuple | np.ndarray) or str(getattr(y, "dtype", "")) == "object"
    if not is_odd:
        return y
    y = as_array(y, "y")
    kinds = {type(label) for label in y.ravel().tolist()} if y.dtype == object else set()
    if len(kinds) > 1 and float not in kinds:  # a float is NaN, of which scikit-learn tells
        names = " and ".join(sorted(kind.__name__ for kind in kinds))
        raise ValueError(
            f"y mixes {names}; make all labels text, or all numbers, and leave out rows without one"
        )
    return y


def _unmasked(X: Given) -> Given:
    is_odd = isinstance(X, np.ndarray) and (type(X) is np.ma.MaskedArray or X.dtype == object)
    return as_array(X, "X") if is_odd else X


def checked_weights(
    sample_weight: ArrayLike | None, rows: Any, dtype: DTypeLike | None = None
) -> Reals | None:
    """Sample weights, one for each of the rows, or a number for all; None for none.

    Of the type that is given, else of their own, where that is one that networks compute in.
    """
    if sample_weight is None:
        return None
    n = rows.shape[0] if hasattr(rows, "shape") else len(rows)
    if isinstance(sample_weight, Number):
        sample_weight = np.full(n, sample_weight)
    weights = as_array(sample_weight, "sample_weight")
    own = weights.dtype if weights.dtype in (np.float32, np.float64) else np.float64
    return check_weights(weights, n, own if dtype is None else dtype)


def checked_targets(y: ArrayLike, dtype: str | None = None) -> Array:
    """Targets of held-out rows."""
    y = as_targets(y)
    try:
        return np.asarray(check_array(y, ensure_2d=False, dtype=dtype, input_name="y"))
    except ValueError as error:
        raise _with_place(error, None, y) from error.__cause__


def checked_rows(estimator: BaseEstimator, X: Given) -> Matrix:
    """X for a prediction.

    A matrix of numbers, given to an estimator that knows no column names, needs none of the
    detours that scikit-learn's checks take: they cost more than the network.
    """
    if "network_" not in vars(estimator):
        check_is_fitted(estimator)
    if (
        type(X) is np.ndarray
        and X.ndim == 2
        and X.shape[1] == estimator.n_features_in_
        and X.shape[0] > 0
        and X.dtype.kind == "f"
        and X.dtype.itemsize in (4, 8)
        and not hasattr(estimator, "feature_names_in_")
        # A sum that is finite has finite terms.
        and math.isfinite(np.add.reduce(X, None))
    ):
        return X
    X = _unmasked(X)
    try:
        return validate_data(
            estimator, X, accept_sparse=_SPARSE, dtype=(np.float64, np.float32), reset=False
        )
    except ValueError as error:
        raise _with_place(error, X) from error.__cause__


def _with_place(error: ValueError, X: Given, y: ArrayLike | None = None) -> ValueError:
    """The error, with where the bad cells are and how many."""
    text = str(error)
    place = ""
    if text.startswith(("Input X contains NaN", "Input X contains infinity")):
        place = _not_finite(X)
    elif text.startswith(("Input y contains", "Input contains NaN")):
        place = _not_finite(y)
    elif "could not convert string" in text or "dtype='numeric' is not compatible" in text:
        place = _texts(X)
    return type(error)(f"{text}\n{place}") if place else error


def _not_finite(table: Any) -> str:
    if hasattr(table, "tocoo"):
        entries = table.tocsr().tocoo()
        bad = np.flatnonzero(~np.isfinite(entries.data))
        row, column, n_bad = entries.row[bad[0]], entries.col[bad[0]], len(bad)
        n_columns = len(np.unique(entries.col[bad]))
    else:
        is_bad = _is_not_finite(table)
        if not is_bad.any():
            return ""
        row, column = np.argwhere(is_bad)[0]
        n_bad, n_columns = int(is_bad.sum()), int(is_bad.any(axis=0).sum())
    cells = "1 cell" if n_bad == 1 else f"{n_bad} cells"
    if n_bad > 1:
        cells += " in 1 column" if n_columns == 1 else f" in {n_columns} columns"
    return f"That is {cells}, the first in row {row}, column {_name(table, int(column))}."


def _is_not_finite(table: Any) -> Mask:
    """Of each cell of a table or column, as a matrix."""
    try:
        if hasattr(table, "to_numpy"):  # pandas' own missing cells are no numbers
            numbers = table.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            numbers = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError):  # words, some of them missing
        cells = np.asarray(table, dtype=object)
        is_bad = np.array([cell is None or cell != cell for cell in cells.ravel()])  # NaN
        return is_bad.reshape(len(cells), -1)
    with np.errstate(over="ignore"):
        numbers = numbers.reshape(len(numbers), -1).astype(_dtype_of(table))
    return np.asarray(~np.isfinite(numbers))


def _dtype_of(table: Any) -> DTypeLike:
    dtype = getattr(table, "dtype", None)
    return dtype if dtype in (np.float32, np.float64) else np.float64


def _texts(table: Any) -> str:
    cells = np.asarray(table, dtype=object)
    if cells.ndim != 2:
        return ""
    for column in range(cells.shape[1]):
        for row in range(cells.shape[0]):
            if isinstance(cells[row, column], str) and not _is_number(cells[row, column]):
                return (
                    f"The first such cell is in row {row}, column {_name(table, column)}: turn "
                    "categories into numbers first, with OneHotEncoder for example."
                )
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _name(table: Any, column: int) -> str:
    names = getattr(table, "columns", None)
    return str(column) if names is None else repr(names[column])
