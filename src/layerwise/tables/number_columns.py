"""The kind of a column of numbers: numbers, a boolean, a category, or a count of the rows."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.tables.columns import Column
from layerwise.tables.parsing import Reading, short

__all__ = ["and_missing", "describe_numbers", "is_named_like_an_id", "one_value"]

# Fewer rows than this may be counted from 1 by chance.
_FEW_ROWS = 20
_ID_WORDS = frozenset(["id", "ids", "uuid", "guid", "key", "rowid", "no", "nr", "idx"])
_ID_ENDS = ("번호", "아이디", "식별자")


def describe_numbers(
    name: str,
    numbers: NDArray[Any],
    n: int,
    stored: str,
    reading: Reading | None = None,
    how: str = "numbers",
) -> Column:
    """Describe a column by the numbers in it.

    Parameters
    ----------
    name : str
    numbers : ndarray, shape (n - n_missing,)
        The values that are there, in the order of the rows.
    n : int
        Rows.
    stored : str
    reading : Reading or None
    how : str
        What the cells are, for the reason.

    Examples
    --------
    >>> describe_numbers("age", np.array([31, 45, 28]), 4, "number").reason
    'numbers, 1 of 4 cells missing'
    >>> describe_numbers("row", np.arange(1, 51), 50, "number").reason
    'counts the rows, 1 to 50'
    """
    ordered = np.sort(numbers)
    n_missing = n - len(numbers)
    n_distinct = int((ordered[1:] != ordered[:-1]).sum()) + min(len(ordered), 1)

    def column(kind: str, reason: str) -> Column:
        return Column(name, kind, reason, stored, n_missing, n_distinct, reading)

    if n_distinct <= 1:
        return column(*one_value(f"{ordered[0]:.6g}" if n_distinct else "", n_missing, n))
    low, high = ordered[0], ordered[-1]
    if n_distinct == 2 and (low, high) == (0, 1):
        values = "yes or no" if stored == "boolean" else "0 or 1"
        return column("boolean", values + and_missing(n_missing, n))
    if n_distinct == 2:
        return column("category", f"2 distinct values in {n:,} rows: {low:.6g} and {high:.6g}")
    if n_distinct == len(numbers) and _are_whole(numbers):
        starts = n_missing == 0 and n >= _FEW_ROWS and low in (0, 1)
        if starts and (numbers[1:] == numbers[:-1] + 1).all():
            return column("identifier", f"counts the rows, {low:.0f} to {high:.0f}")
        if is_named_like_an_id(name):
            return column("identifier", f"named like one, and all {len(numbers):,} values differ")
    if n_missing == 0:
        return column("number", f"all {n:,} cells are {how}")
    return column("number", how + and_missing(n_missing, n))


def one_value(value: str, n_missing: int, n: int) -> tuple[str, str]:
    """Kind and reason of a column with one value at most.

    Examples
    --------
    >>> one_value("f", 0, 20)
    ('constant', "all 20 cells are 'f'")
    >>> one_value("f", 5, 20)
    ('category', "'f' or nothing (5 of 20 cells); that a cell is missing may matter")
    """
    value = short(value)
    if n_missing == n:
        return "empty", f"all {n:,} cells are missing"
    if n_missing == 0:
        return "constant", f"all {n:,} cells are '{value}'"
    nothing = f"nothing ({n_missing:,} of {n:,} cells)"
    return "category", f"'{value}' or {nothing}; that a cell is missing may matter"


def and_missing(n_missing: int, n: int) -> str:
    """The end of a reason: how many cells are missing, if any is."""
    return f", {n_missing:,} of {n:,} cells missing" if n_missing else ""


def is_named_like_an_id(name: str) -> bool:
    """Whether a name's first or last word says that it is a key.

    Examples
    --------
    >>> [is_named_like_an_id(name) for name in ("PassengerId", "row_no", "고객번호", "humidity")]
    [True, True, True, False]
    """
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    first_and_last = {word.lower() for word in (words[:1] + words[-1:])}
    return bool(first_and_last & _ID_WORDS) or name.strip().endswith(_ID_ENDS)


def _are_whole(numbers: NDArray[Any]) -> bool:
    if numbers.dtype.kind in "iu":
        return True
    return bool(np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all())
