"""Columns that nearly say what another one says, and nothing more of the target."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.ensemble.chances import chance_of_trace
from layerwise.ensemble.looks import Looks, independent

__all__ = ["find_column_doubles"]

Array = NDArray[Any]

ALIKE = 0.95  # of a column's variance that another explains
_MOST_SCORES = 2_000
_CHANCE = 0.01
_STRONGEST = 40


def find_column_doubles(looks: Looks, y: Array, p: Array) -> NDArray[np.int64]:
    """Find columns of numbers that are another one again, with a little noise or in other units.

    Of columns alike the one stays that is most alike to all; another stays beside it if what it has
    of its own, beyond a straight line through the ranks, tells of what the columns leave
    unexplained.

    Parameters
    ----------
    looks : Looks
    y : ndarray, shape (n, k)
        See `layerwise.ensemble.column_evidence.responses`.
    p : ndarray, shape (n_columns,)
        The chance of each column, by which one of two equals stays.

    Returns
    -------
    ndarray of int, shape (n_columns,)
        Which column each says again; -1: none.
    """
    n, double_of = len(looks), np.full(looks.n_columns, -1)
    # Columns with one number, marks of its gaps aside: of several, as texts have, one alike does
    # not make the column so.
    ends = (looks.scores == looks.scores.min(axis=0, initial=0)) | (
        looks.scores == looks.scores.max(axis=0, initial=0)
    )
    is_number = ~ends.all(axis=0)
    n_numbers = np.bincount(looks.score_of[is_number], minlength=looks.n_columns)
    single = np.flatnonzero(is_number & (n_numbers[looks.score_of] == 1))
    if not 2 <= len(single) <= _MOST_SCORES:
        return double_of
    scores, owner = looks.scores[:, single], looks.score_of[single]
    correlation = scores.T @ scores / n
    squared = np.round(correlation**2, 6)
    middle = np.where(squared >= ALIKE, squared, 0.0).sum(axis=1)  # of its copies an original is
    order = np.lexsort((p[owner], -middle))
    kept: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place in order:
        alike = [one for one in kept if squared[place, one] >= ALIKE]
        if alike:
            pairs.append((int(place), alike[0]))
        else:
            kept.append(int(place))
    if not pairs:
        return double_of
    others = np.zeros(looks.n_columns, bool)
    others[owner[kept][:_STRONGEST]] = True
    left = independent(looks.unexplained(y, others, []))
    for place, one in pairs:
        own = scores[:, place] - correlation[place, one] * scores[:, one]
        own /= max(float(own.std()), 1e-6)
        trace = ((own @ left / n) ** 2).sum()
        if not left.shape[1] or chance_of_trace(trace, 1, left.shape[1], n) > _CHANCE / len(pairs):
            double_of[owner[place]] = owner[one]
    return double_of
