"""Columns that nearly say what another one says, and nothing more of the target."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Array, Integers
from layerwise.ensemble.chances import chance_of_trace
from layerwise.ensemble.column_evidence import responses
from layerwise.ensemble.column_forms import ColumnForms, independent
from layerwise.tables.encoders.number import widened

ALIKE = 0.95  # of a column's variance that another explains
_MOST_NUMBERS = 2_000
_CHANCE = 0.01
_LEAST_CHANCE = 1e-300
_STRONGEST = 40
_LIMIT = 1e4  # quartile distances, within which numbers are again what they were
_FEWEST_ROWS = 100  # fewer do not show whether it is noise
_DECIMALS = 5
_FLAT = 1e-9


def find_column_doubles(
    forms: ColumnForms, x: Array, of_inputs: Array, y: Array, p: Array
) -> Integers:
    """Find columns of numbers that are another one again, with a little noise or in other units.

    Of columns alike the one stays that is most alike to all, of two the one beside which the other
    tells no more; another stays beside it if what it has of its own tells of what the columns leave
    unexplained. Its own is what a straight line leaves of it: a line through the ranks; or, since
    noise that is little beside a few large numbers leaves the order of the small ones to chance, a
    line through the numbers, if it leaves noise.

    Parameters
    ----------
    forms : ColumnForms
    x : ndarray, shape (n, n_inputs)
        The prepared numbers that are looked at.
    of_inputs : ndarray of int, shape (n_inputs,)
        The column that each is of.
    y : ndarray, shape (n, k)
        See `layerwise.ensemble.column_evidence.responses`.
    p : ndarray, shape (n_columns,)
        The chance of each column, by which one of two that are alike stays; of equals the first.

    Returns
    -------
    ndarray of int, shape (n_columns,)
        Which column each says again; -1: none.
    """
    double_of = np.full(forms.n_columns, -1)
    # Columns with one number, marks of its gaps aside: of several, as texts have, one alike does
    # not make the column so.
    low, high = x.min(axis=0), x.max(axis=0)
    is_number = ~((x == low) | (x == high)).all(axis=0)
    n_numbers = np.bincount(of_inputs[is_number], minlength=forms.n_columns)
    single = np.flatnonzero(is_number & (n_numbers[of_inputs] == 1))
    if not 2 <= len(single) <= _MOST_NUMBERS:
        return double_of
    owner = of_inputs[single]
    scores = forms.scores[:, np.cumsum(low < high)[single] - 1]
    stay, own = _pairs(x[:, single], scores, p[owner])
    if not own:
        return double_of
    others = np.zeros(forms.n_columns, bool)
    others[owner[stay][:_STRONGEST]] = True
    left = independent(forms.unexplained(y, others, []))
    n_copies = Counter(original for _, original in own)
    for (one, original), of_one in own.items():
        least = _CHANCE / n_copies[original]
        if _chance_of(of_one, left) > least:
            double_of[owner[one]] = owner[original]
            continue
        # Of two it may be the other that tells no more, beside this one.
        of_original = _beside(scores[:, original], scores[:, one])
        if n_copies[original] == 1 and of_original.var() <= 1 - ALIKE:
            swapped = others.copy()
            swapped[owner[[one, original]]] = True, False
            if _chance_of(of_original, independent(forms.unexplained(y, swapped, []))) > least:
                double_of[owner[original]] = owner[one]
    return double_of


def _pairs(x: Array, scores: Array, p: Array) -> tuple[list[int], dict[tuple[int, int], Array]]:
    """Which columns stay; of each other one the column that it is like, and what it has of its own.

    Parameters
    ----------
    x, scores : ndarray, shape (n, k)
        Columns of one number, prepared, and the normal scores of their ranks.
    p : ndarray, shape (k,)
    """
    numbers = np.column_stack([_unsquashed(column) for column in x.T])
    by_rank = np.round((scores.T @ scores / len(x)) ** 2, 6)
    by_number = np.round((numbers.T @ numbers / len(x)) ** 2, 6)
    alike = np.maximum(by_rank, by_number)
    middle = np.where(alike >= ALIKE, alike, 0.0).sum(axis=1)  # of its copies an original is
    # In other units rounding differs, which makes none of two equals the better one.
    middle, strength = np.round(middle, 3), np.round(np.log10(np.maximum(p, _LEAST_CHANCE)), 3)
    stay: list[int] = []
    own: dict[tuple[int, int], Array] = {}
    for place in np.lexsort((strength, -middle)).tolist():
        ranked = next((one for one in stay if by_rank[place, one] >= ALIKE), None)
        if ranked is not None:
            own[place, ranked] = _beside(scores[:, place], scores[:, ranked])
            continue
        nearest = max(stay, key=by_number[place].__getitem__, default=place)
        if nearest != place and by_number[place, nearest] >= ALIKE:
            there = (x[:, [place, nearest]] != 0).any(axis=1)  # rows with gaps in both have a 0
            of_place = _noise_beside(numbers[:, place], numbers[:, nearest], there, x.shape[1])
            if of_place is not None:
                own[place, nearest] = of_place
                continue
            # Of two, it may be the other that has the noise.
            of_nearest = _noise_beside(numbers[:, nearest], numbers[:, place], there, x.shape[1])
            if of_nearest is not None and all(nearest not in pair for pair in own):
                own[nearest, place] = of_nearest
                stay.remove(nearest)
        stay.append(place)
    return stay, own


def _beside(scores: Array, other: Array) -> Array:
    """What a line through another column's ranks leaves of a column's."""
    return scores - np.float32(scores @ other / len(scores)) * other


def _unsquashed(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """A column's numbers with mean 0 and variance 1, far ones as far as they were."""
    z = widened(x, _LIMIT).astype(np.float64)
    z -= z.mean()
    return np.asarray(z / z.std(), np.float32)


def _noise_beside(x: Array, other: Array, there: Array, n_tests: int) -> Array | None:
    """What a line through another column leaves of one, 0 where nothing is there.

    None if it knows of that other, in its mean or its size, or if one row alone makes them alike.
    """
    rows = there & (np.arange(len(x)) != np.abs(other).argmax())
    if rows.sum() < _FEWEST_ROWS or not (np.ptp(x[rows]) and np.ptp(other[rows])):
        return None
    if np.corrcoef(x[rows], other[rows])[0, 1] ** 2 < ALIKE:
        return None
    slope, start = np.polyfit(other[rows], x[rows], 1)
    left = np.where(there, x - slope * other - start, 0.0)
    about = responses(np.column_stack([left, np.abs(left)])[there], is_classes=False)
    return left if _forms_of(other[there]).alone(about)[0] > _CHANCE / n_tests else None


def _chance_of(own: Array, left: Array) -> float:
    """The chance of telling as much of what is left: by ranks, or by the rows that differ most."""
    own = np.round(own, _DECIMALS)  # where one is the other again, rounding is all its own
    own = own / max(float(own.std()), _FLAT)
    n, k = left.shape
    by_size = chance_of_trace(((own @ left / n) ** 2).sum(), 1, k, n) if k else 1.0
    return min(float(by_size), float(_forms_of(own).alone(left)[0]))


def _forms_of(x: Array) -> ColumnForms:
    no_codes = np.zeros((len(x), 0))
    return ColumnForms.at(x[:, None], no_codes, np.zeros(1, int), np.zeros(0, int), 1)
