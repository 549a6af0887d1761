"""Samples of the rows that a fold trains on: each larger one holds all of the smaller ones."""

from __future__ import annotations

import math
from zlib import crc32

import numpy as np

from layerwise.arrays import Array, Integers
from layerwise.study.results import StudyError

_N_SIZES = 6
_LEAST_SHARE, _MOST_SHARE = 1 / 32, 1 / 4  # that the smallest sample is of the rows trained on
_FEWEST_ROWS, _FEWEST_OF_A_CLASS, _FEWEST_GROUPS = 30, 3, 5  # in the smallest sample
_DIGITS = 6


def shares_for(n_rows: int, n_classes: int, n_groups: int | None) -> tuple[float, ...]:
    """Shares of the rows trained on at which learning curves are measured, all of them the last.

    Parameters
    ----------
    n_rows : int
        Rows that each fold trains on.
    n_classes : int
        0 for numbers.
    n_groups : int or None
        Groups among these rows.

    Raises
    ------
    StudyError
        If there are too few to tell a curve by.

    Examples
    --------
    >>> shares_for(1_600, 2, None)
    (0.03125, 0.0625, 0.125, 0.25, 0.5, 1.0)
    >>> [round(400 * share) for share in shares_for(400, 2, None)]
    [30, 50, 85, 142, 238, 400]
    """
    fewest = max(_FEWEST_ROWS, _FEWEST_OF_A_CLASS * n_classes)
    if fewest > _MOST_SHARE * n_rows:
        classes = (
            f" of {n_classes} classes" if n_classes > _FEWEST_ROWS / _FEWEST_OF_A_CLASS else ""
        )
        raise StudyError(
            f"learning curves begin with {fewest} rows{classes} and need at least "
            f"{math.ceil(fewest / _MOST_SHARE)} to train on; each fold here trains on {n_rows}. "
            "Take more folds, or leave out learning curves (--rows)"
        )
    least = max(_LEAST_SHARE, fewest / n_rows)
    if n_groups is not None:
        if n_groups < _FEWEST_GROUPS / _MOST_SHARE:
            raise StudyError(
                f"learning curves take whole groups and need at least "
                f"{_FEWEST_GROUPS / _MOST_SHARE:.0f} to train on; here each fold trains on "
                f"{n_groups}. Take more folds, or leave out learning curves (--rows)"
            )
        least = max(least, _FEWEST_GROUPS / n_groups)
    exponents = np.linspace(1.0, 0.0, _N_SIZES)
    return tuple(round(float(least**exponent), _DIGITS) for exponent in exponents)


def sample_of(
    rows: Integers,
    share: float,
    seed: int,
    *,
    classes: Integers | None = None,
    groups: Array | None = None,
) -> Integers:
    """Take a share of some rows, ascending: classes as they are among all, groups whole.

    A smaller share of the same rows, from the same seed, is part of a larger one.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Ascending.
    share : float
    seed : int
    classes : ndarray of int, shape (n,), or None
        The class of each.
    groups : ndarray, shape (n,), or None

    Examples
    --------
    >>> rows = np.arange(12)
    >>> sample_of(rows, 0.5, 0), sample_of(rows, 0.25, 0)
    (array([ 0,  5,  6,  8,  9, 10]), array([ 0,  5, 10]))
    """
    if share >= 1.0:
        return rows
    # Folds that hold out other rows draw otherwise: their samples share no more than need be.
    random = np.random.default_rng([seed, crc32(rows.astype("<i8").tobytes())])
    n, wanted = len(rows), share * len(rows)
    if groups is not None:
        _, group = np.unique(groups, return_inverse=True)
        sizes = np.bincount(group)
        order = random.permutation(len(sizes))
        drawn = np.cumsum(sizes[order])
        nearest = int(np.abs(drawn - wanted).argmin())
        return rows[np.isin(group, order[: max(nearest + 1, _FEWEST_GROUPS)])]
    order = random.permutation(n)
    if classes is not None:
        _, of_class = np.unique(classes[order], return_inverse=True)
        counts = np.bincount(of_class)
        # The k-th of a class that has n rows comes at (k + u) / n, its u drawn once.
        by_class = np.argsort(of_class, kind="stable")
        rank = np.empty(n)
        rank[by_class] = np.concatenate([np.arange(count) for count in counts])
        place = (rank + random.random(len(counts))[of_class]) / counts[of_class]
        order = order[np.argsort(place, kind="stable")]
    return np.sort(rows[order[: max(1, round(wanted))]])
