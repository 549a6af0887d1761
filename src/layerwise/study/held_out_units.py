"""What each row held out adds to a score, as it is kept with a fit: a few kilobytes of text.

What is independent of each other is a unit: a row; a group of rows, where rows of one group are
never parted; or, in large tables, some rows, as far apart in the table's order as can be, whose sum
is independent of other sums. So a study's file does not grow with the table, and an error still has
enough units behind it.
"""

from __future__ import annotations

import base64
import zlib

import numpy as np
from numpy.typing import ArrayLike

from layerwise.arrays import Array, Floats, Integers

MOST_UNITS = 2_048
_KINDS = {"i": "<i4", "f": "<f4", "d": "<f8"}
_LEAST, _MOST = 1e-30, 1e30  # within which single precision has room for numbers far smaller too


def units_of(n_rows: int, groups: Array | None) -> Integers:
    """Number the units of a table's rows.

    Parameters
    ----------
    n_rows : int
    groups : ndarray of int, shape (n_rows,), or None

    Returns
    -------
    ndarray of int, shape (n_rows,)

    Examples
    --------
    >>> units_of(4, None), units_of(4, np.array([7, 7, 9, 7]))
    (array([0, 1, 2, 3]), array([0, 0, 1, 0]))
    """
    numbers = np.arange(n_rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    return np.asarray(numbers % MOST_UNITS, np.int64)


def deviations_of(parts: Floats, units: Integers) -> Floats:
    """What each unit adds to a score beyond the mean of all.

    Parameters
    ----------
    parts : ndarray, shape (n,)
        Of the rows held out, numbers of which the score is the mean.
    units : ndarray of int, shape (n,)
        Each row's unit.

    Returns
    -------
    ndarray, shape (number of different units,)
        By unit, ascending. The sum is 0, that of the squares the variance of the score, but for
        m / (m - 1) of m units.

    Examples
    --------
    >>> deviations_of(np.array([1.0, 1.0, 0.0, 1.0]), np.array([5, 3, 3, 4]))
    array([-0.125 ,  0.0625,  0.0625])
    """
    of_which = np.unique(units, return_inverse=True)[1]
    return np.bincount(of_which, parts - parts.mean()) / len(parts)


def pack(values: ArrayLike) -> str:
    """Write whole numbers, or others in single precision where that has room for them, as text.

    Examples
    --------
    >>> unpack(pack([0.25, -0.5])), unpack(pack([3, 5]))
    (array([ 0.25, -0.5 ]), array([3, 5], dtype=int32))
    """
    numbers = np.asarray(values)
    largest = np.abs(numbers).max(initial=0)
    kind = "f" if largest == 0 or _LEAST < largest < _MOST else "d"
    kind = "i" if numbers.dtype.kind in "iu" else kind
    packed = zlib.compress(numbers.astype(_KINDS[kind]).tobytes())
    return kind + base64.b85encode(packed).decode()


def unpack(text: str) -> Array:
    """Read what `pack` wrote: whole numbers, or others in double precision.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    try:
        data = zlib.decompress(base64.b85decode(text[1:]))
        numbers = np.frombuffer(data, _KINDS[text[:1]])
    except (zlib.error, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"packed numbers are damaged: {error}") from None
    return numbers if numbers.dtype.kind == "i" else numbers.astype(np.float64)
