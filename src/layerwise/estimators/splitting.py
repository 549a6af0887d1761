"""Which rows are trained on, and which test the result."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.tables.errors import TableError

__all__ = ["Split", "split_rows"]


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
        Rows of one group stay together.
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
    if times is not None:
        order = np.argsort(times, kind="stable")
        test = order[n - n_test :]
        how = f"the latest {n_test:,} rows are the test"
    elif groups is not None:
        names, group = np.unique(groups, return_inverse=True)
        if len(names) < 2:
            raise TableError(
                "all rows are of one group; at least two are wanted, so that one can be the test"
            )
        counts = np.bincount(group)
        order = random.permutation(len(names))
        filled = np.cumsum(counts[order])
        n_groups = min(len(names) - 1, int(np.searchsorted(filled, n_test)) + 1)
        test = np.flatnonzero(np.isin(group, order[:n_groups]))
        how = f"{n_groups:,} of {len(names):,} groups are the test"
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
