"""Which rows are trained on, and which test the result."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_column
from layerwise.tables.parsing import find_date_reading, is_text, parse_dates, parse_numbers
from layerwise.tables.targets import distinct_values

__all__ = ["Split", "group_numbers", "groups_of", "split_rows", "times_of"]


@dataclass(frozen=True)
class Split:
    """Rows to train on and rows to test with.

    Attributes
    ----------
    train, test : ndarray of int64
        Row numbers, in rising order.
    how : str
        In words.
    """

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    how: str


def split_rows(
    n: int,
    *,
    test_size: float = 0.2,
    classes: NDArray[Any] | None = None,
    times: NDArray[Any] | None = None,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
) -> Split:
    """Split rows: at random, stratified where there are classes; by time; or by groups.

    Parameters
    ----------
    n : int
    test_size : float
        Share of the rows to test with.
    classes : ndarray of int, shape (n,), or None
        Class numbers; each class then has its share among the test rows.
    times : ndarray, shape (n,), or None
        Anything that can be put in order; the latest rows are then the test.
    groups : ndarray, shape (n,), or None
        Rows of one group stay together. With times, the groups whose last row is latest are the
        test.
    seed : int

    Raises
    ------
    TableError
        If the rows are too few, for their classes too, or of one group.

    Examples
    --------
    >>> split = split_rows(10, test_size=0.3, times=np.arange(10)[::-1])
    >>> split.test.tolist(), split.how
    ([0, 1, 2], 'the latest 3 rows are the test')
    """
    if n < 2:
        raise TableError(
            f"{n} row with a target cannot be split into rows to train on and rows to test with; "
            "give at least two, and some dozens to learn anything"
        )
    n_test = min(n - 1, max(1, round(test_size * n)))
    random = np.random.default_rng(seed)
    if groups is not None:
        test, how = _whole_groups(groups, times, n_test, random)
    elif times is not None:
        order = np.argsort(times, kind="stable")
        test = order[n - n_test :]
        how = f"the latest {n_test:,} rows are the test"
    elif classes is not None:
        # A row that is the only one of its class is needed to train on.
        _, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
        order = random.permutation(np.flatnonzero(counts[which] > 1))
        order = order[np.argsort(classes[order], kind="stable")]
        n_test = min(n_test, len(order))
        # Rows at equal distances along the classes: of each class its share.
        places = ((np.arange(n_test) + random.random()) * len(order) / max(1, n_test)).astype(
            np.int64
        )
        test = order[np.minimum(places, len(order) - 1)]
        # Where all of a class's rows were taken, one goes back.
        taken = np.bincount(which[test], minlength=len(counts))
        full = np.flatnonzero(taken == counts)
        test = np.delete(test, [np.flatnonzero(which[test] == k)[0] for k in full])
        if not len(test):
            raise TableError(
                f"each of the {len(counts):,} classes has one row, which is needed to train on; "
                "give at least one class two rows, so that one can be the test"
            )
        how = "at random, each class by its share"
    else:
        test = random.permutation(n)[:n_test]
        how = "at random"
    test = np.sort(test)
    return Split(np.setdiff1d(np.arange(n), test), test, how)


def _whole_groups(
    groups: NDArray[Any], times: NDArray[Any] | None, n_test: int, random: np.random.Generator
) -> tuple[NDArray[np.int64], str]:
    """The rows of so many groups that they are as many as wanted, or some more; and in words."""
    names, group = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise TableError(
            "all rows are of one group; at least two are wanted, so that one can be the test"
        )
    order, which = random.permutation(len(names)), ""
    if times is not None:
        by_time = group[np.argsort(times, kind="stable")][::-1]
        _, first = np.unique(by_time, return_index=True)
        order, which = np.argsort(first), "the latest "
    filled = np.cumsum(np.bincount(group)[order])
    n_groups = min(len(names) - 1, int(np.searchsorted(filled, n_test)) + 1)
    test = np.flatnonzero(np.isin(group, order[:n_groups]))
    return test, f"{which}{n_groups:,} of {len(names):,} groups are the test"


def times_of(values: Any, name: str) -> NDArray[Any]:
    """Something that can be put in order, of a column of dates, numbers or text."""
    times: NDArray[Any]
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        times = parse_dates(values)[0]
    elif is_text(values):
        reading = find_date_reading(values)
        if reading is None:
            raise TableError(
                f"the column {name!r} holds no dates and no numbers that rows could be ordered by"
            )
        times = parse_dates(values, reading)[0]
    else:
        times = parse_numbers(values)[0]
    missing = int((np.isnat(times) if times.dtype.kind == "M" else np.isnan(times)).sum())
    if missing:
        raise TableError(
            f"the column {name!r} lacks {missing:,} values, or holds what is no moment; to order "
            "rows by it, each needs one: fill them, or leave these rows out"
        )
    return times


def groups_of(values: Any) -> NDArray[np.int64]:
    """A number for each group of a column, -1 for the one of all rows that name none."""
    return distinct_values(values)[1]


def group_numbers(groups: Any, n: int) -> NDArray[np.int64]:
    """A number for each row's group, in the order of what they are called.

    What is missing, be it None, NaN, NaT or an empty text, names no group: such rows are one group
    together, the last, since they may belong to one another. In a mixture of numbers and text all
    are read as text, so that 1 and "1" are one group.

    Parameters
    ----------
    groups : array-like, shape (n,)
        Numbers, text, dates, truth values or categories, of NumPy, pandas, Polars or PyArrow.
    n : int
        How many rows there are.

    Raises
    ------
    TableError
        For another number of groups, or what cannot be told apart.

    Examples
    --------
    >>> group_numbers(["b", None, "a", "b", None], 5).tolist()
    [1, 2, 0, 1, 2]
    """
    column = as_column(groups, "groups")
    if len(column) != n:
        raise TableError(f"groups must name one for each of the {n:,} rows; got {len(column):,}")
    try:
        distinct, places = distinct_values(column)
    except pa.ArrowNotImplementedError:
        raise TableError(
            f"groups are of the type {column.type}; numbers, text or dates are wanted"
        ) from None
    order = sorted(range(len(distinct)), key=distinct.__getitem__)
    number = np.empty(len(distinct) + 1, np.int64)
    number[order], number[-1] = np.arange(len(distinct)), len(distinct)
    return number[places]
