"""Rows in the order of time: a network is stopped by later rows than its own, and then measured."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerwise.tables.errors import TableError

__all__ = ["Fold", "windows_of"]

_FIRST = 2 / 3  # the share of the rows, the earliest, that are trained on and never held out


class Fold(NamedTuple):
    """Which rows a network is trained on, stopped by and measured by.

    Attributes
    ----------
    rows : ndarray of int64, or None
        To train on; None: all but those that stop it.
    stopping : ndarray of int64
        By whose loss its epoch is chosen.
    measuring : ndarray of int64
        Whose predictions temperature, threshold and intervals are found by.
    """

    rows: NDArray[np.int64] | None
    stopping: NDArray[np.int64]
    measuring: NDArray[np.int64]


def windows_of(
    times: NDArray[Any], groups: NDArray[Any] | None, n_windows: int, seed: int
) -> list[Fold]:
    """Return folds in the order of time, the latest first.

    The later third of the rows is cut into blocks. Before each but the last, all earlier rows are
    trained on; the block stops the network, and all rows after it measure it (Tashman 2000,
    "Out-of-sample tests of forecasting accuracy": the rolling origin). That they are others matters
    here: an epoch that happens to suit one block's future says little of the next. No moment is
    parted. With groups, the later rows are moreover of groups that are not trained on.

    Parameters
    ----------
    times : ndarray, shape (n,)
        Anything that can be put in order.
    groups : ndarray, shape (n,), or None
    n_windows : int
        At most so many: there may be fewer later moments.
    seed : int
        For which groups are held out together.

    Raises
    ------
    TableError
        If no row is later than another, or none of another group.

    Examples
    --------
    >>> for rows, stopping, measuring in windows_of(np.array([3, 0, 1, 2, 5, 4]), None, 1, 0):
    ...     print(rows, stopping, measuring)
    [0 1 2 3] [5] [4]
    """
    n = len(times)
    _, moment = np.unique(times, return_inverse=True)
    order = np.argsort(moment, kind="stable")
    starts = np.flatnonzero(np.diff(moment[order])) + 1  # of each moment but the first
    if not len(starts):
        raise TableError(
            "all rows to train on are of one moment; later ones are wanted, so that they can be "
            "held out"
        )
    wanted = n * np.linspace(_FIRST, 1.0, n_windows + 2)[:-1]
    borders = np.unique(starts[np.abs(starts[:, None] - wanted).argmin(axis=0)]).tolist()
    if len(borders) == 1:
        borders = starts[-2:].tolist()
    part, n_parts = np.zeros(n, np.int64), 1
    if groups is not None:
        names, group = np.unique(groups, return_inverse=True)
        n_parts = min(n_windows + 1, len(names))
        part = (np.random.default_rng(seed).permutation(len(names)) % n_parts)[group]
    windows: list[Fold] = []
    for k, start in enumerate(borders[:-1] or borders):
        # With two moments the later one has to do for both.
        end = borders[k + 1] if len(borders) > 1 else n
        parts = [order[:start], order[start:end], order[end if end < n else start :]]
        if groups is not None:
            is_new = part == k % n_parts
            parts = [parts[0][~is_new[parts[0]]], *(rows[is_new[rows]] for rows in parts[1:])]
        if all(map(len, parts)):
            windows.append(Fold(*(np.sort(rows) for rows in parts)))
    if not windows:
        raise TableError(
            "the rows to train on leave none of another group and a later moment to be held out; "
            "give more groups, or more moments of each"
        )
    return windows[::-1]
