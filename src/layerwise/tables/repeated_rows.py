"""Rows that occur more than once, found by a number for each row."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.parsing import (
    Values,
    find_cells,
    is_text,
    parse_dates,
    parse_numbers,
    stored_as,
)
from layerwise.tables.targets import Targets

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Repeats:
    """How many rows repeat others.

    Attributes
    ----------
    n_same : int
        Rows that repeat an earlier one in all columns, the target included.
    n_contradicting : int
        Rows for which there is another one with the same features and another target.
    """

    n_same: int
    n_contradicting: int


def count_repeats(
    table: pa.Table, features: Sequence[str], others: Sequence[str], y: Targets
) -> Repeats:
    """Count rows that are the same, and rows with the same features and another target.

    Rows are compared by a hash of 64 bits: of a million different rows two are taken for the same
    with a chance of about 3 in 10^8.

    Parameters
    ----------
    table : pyarrow.Table, of n rows
    features, others : sequence of str
        Columns that are predicted from, and those that are not.
    y : ndarray, shape (n,) or (n, n_targets)

    Examples
    --------
    >>> count_repeats(pa.table({"x": [1, 1, 2, 1]}), ["x"], [], np.array([0, 0, 0, 1]))
    Repeats(n_same=1, n_contradicting=3)
    """
    known = np.zeros(len(y), np.uint64)
    for name in features:
        known = _mix(known, _bits(table.column(name)))
    answered = known
    for target in np.atleast_2d(y.T):
        answered = _mix(answered, _float_bits(target))
    rows = answered
    for name in others:
        rows = _mix(rows, _bits(table.column(name)))
    order = np.argsort(known)
    known, answered = known[order], answered[order]
    starts = np.flatnonzero(np.append(True, known[1:] != known[:-1]))
    sizes = np.diff(np.append(starts, len(known)))
    differs = answered != np.repeat(answered[starts], sizes)
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


def _bits(values: Values) -> NDArray[np.uint64]:
    """For each cell a number that is the same where the cell is."""
    if is_text(values):
        return find_cells(values).codes.view(np.uint64)
    if stored_as(values) == "date":
        return parse_dates(values)[0].view(np.uint64)
    try:
        return _float_bits(parse_numbers(values)[0])
    except TypeError:  # lists, bytes and such, which no model gets
        return _bits(pa.array([repr(cell) for cell in values.to_pylist()]))


def _float_bits(numbers: Targets) -> NDArray[np.uint64]:
    # Adding zero makes 0 of -0; every NaN becomes the same one.
    numbers = np.asarray(numbers, np.float64) + 0.0
    return np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64)
