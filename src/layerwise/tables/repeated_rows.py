"""Rows that occur more than once, found by a number for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.tables.columns import Column
from layerwise.tables.parsing import find_cells, is_text, parse_dates, parse_numbers, stored_as

__all__ = ["Repeats", "count_repeats"]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Repeats:
    """How many rows repeat others.

    Attributes
    ----------
    n_same : int
        Rows that repeat an earlier one, the target included.
    n_contradicting : int
        Rows for which there is another row with the same features and another target.
    """

    n_same: int
    n_contradicting: int


def count_repeats(table: Any, columns: Sequence[Column], y: NDArray[Any]) -> Repeats:
    """Count rows with the same features and the same, or another, target.

    Rows are compared by a hash of 64 bits: of a million different rows two are taken for the same
    with a chance of about 3 in 10^8.

    Parameters
    ----------
    table : pyarrow.Table, of n rows
    columns : sequence of Column
        The features to compare.
    y : ndarray, shape (n,) or (n, n_targets)

    Examples
    --------
    >>> import pyarrow as pa
    >>> column = Column("x", "number", "", "number", 0, 2)
    >>> count_repeats(pa.table({"x": [1, 1, 2, 1]}), [column], np.array([0, 0, 0, 1]))
    Repeats(n_same=1, n_contradicting=3)
    """
    features = np.zeros(len(y), np.uint64)
    for column in columns:
        features = _mix(features, _bits(table.column(column.name)))
    rows = features
    for target in np.atleast_2d(y.T):
        rows = _mix(rows, _float_bits(target))
    order = np.argsort(features)
    features, rows = features[order], rows[order]
    starts = np.flatnonzero(np.append(True, features[1:] != features[:-1]))
    sizes = np.diff(np.append(starts, len(features)))
    differs = rows != np.repeat(rows[starts], sizes)
    contradicts = np.logical_or.reduceat(differs, starts)
    rows = np.sort(rows)
    n_same = int((rows[1:] == rows[:-1]).sum())
    return Repeats(n_same, int(sizes[contradicts].sum()))


def _mix(hashes: NDArray[np.uint64], bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = (hashes ^ bits) * _MULTIPLIER
    mixed ^= mixed >> np.uint64(32)
    mixed *= _MULTIPLIER
    mixed ^= mixed >> np.uint64(29)
    return mixed


def _bits(values: Any) -> NDArray[np.uint64]:
    """For each cell a number that is the same where the cell is."""
    if is_text(values):
        return find_cells(values).codes.view(np.uint64)
    if stored_as(values) == "date":
        return parse_dates(values)[0].view(np.uint64)
    return _float_bits(parse_numbers(values)[0])


def _float_bits(numbers: NDArray[Any]) -> NDArray[np.uint64]:
    # Adding zero makes 0 of -0; every NaN becomes the same one.
    numbers = np.asarray(numbers, np.float64) + 0.0
    return np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64)
