"""Columns that tell of the target together, in pairs and triples, whatever each tells alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Array, Floats
from layerwise.ensemble.chances import chance_of_normal, chance_of_squares
from layerwise.ensemble.column_forms import ColumnForms

# Multiplications that pairs, and triples, may take: within about a second each.
_MOST_WORK = 3e10
_MOST_INPUTS = 1_500
_MOST_OUTPUTS = 4
_MOST_FOUND = 60
_CHANCE = 0.05  # of one or more that are none
_FORMS = 3  # in which pairs are looked at
_FLAT = 1e-9


@dataclass(frozen=True)
class Combination:
    """Inputs that tell of the target together.

    Attributes
    ----------
    inputs : tuple of int
        Two or three scored inputs whose product tells something; or one, beside
    binned : int or None
        a binned input, in whose bins it tells different things.
    p : float
        The chance of one as strong or stronger among all that were looked at.
    """

    inputs: tuple[int, ...]
    binned: int | None
    p: float

    def terms(self, forms: ColumnForms) -> list[Array]:
        """What it adds to a linear model, shape (n, any number) each."""
        if self.binned is None:
            both = (forms.sides, forms.factors)
            return [form[:, self.inputs].prod(axis=1)[:, None] for form in both]
        bins = forms.bins[:, self.binned, None] == np.arange(forms.n_bins[self.binned])
        return [bins * forms.factors[:, self.inputs]]


def combined(forms: ColumnForms, r: Floats) -> tuple[Floats, list[Combination]]:
    """Find what two columns, or three, tell of r together.

    Two sides multiplied, as in XOR; two scores multiplied; a score in the bins of another column;
    three sides multiplied. Each sum is divided by its own spread, of r as it is, so that a few far
    rows cannot make it large.

    Parameters
    ----------
    forms : ColumnForms
    r : ndarray, shape (n, k)
        What the columns alone leave unexplained: independent, see `column_forms.independent`.

    Returns
    -------
    chance : ndarray, shape (n_columns,)
        For each column of doing as well with the best of the others (Bonferroni).
    combinations : list of Combination
        The strongest of those that chance would give at most once in twenty tables.
    """
    m, chance = forms.scores.shape[1], np.ones(forms.n_columns)
    work = float(len(forms)) * m**2
    if work * r.shape[1] > _MOST_WORK:
        r = r[:, -_MOST_OUTPUTS:]  # of which most is left unexplained
    if not r.shape[1] or not 2 <= m <= _MOST_INPUTS or work * r.shape[1] > _MOST_WORK:
        return chance, []
    outputs = list(r.T.astype(np.float32))
    found = _products_of_two(forms, outputs, chance)
    if forms.bins.shape[1]:
        found += _in_bins(forms, outputs[-_MOST_OUTPUTS:], chance)
    if work * m * len(outputs) <= _MOST_WORK:
        found += _products_of_three(forms, outputs, chance)
    return chance, sorted(found, key=lambda each: each.p)[:_MOST_FOUND]


def _products_of_two(
    forms: ColumnForms, outputs: list[NDArray[np.float32]], chance: Floats
) -> list[Combination]:
    owner, m = forms.score_of, len(forms.score_of)
    z = np.zeros((m, m))
    for r in outputs:
        for form in (forms.sides, forms.factors):
            z = np.maximum(z, _far(form, r))
    z[owner[:, None] == owner] = 0.0
    p = chance_of_normal(z) * _FORMS * len(outputs)
    _lower(chance, owner, p.min(axis=1) * (m - 1))
    p *= m * (m - 1) / 2
    return [
        Combination((int(i), int(j)), None, float(p[i, j]))
        for i, j in np.argwhere(np.triu(p < _CHANCE, 1))
    ]


def _far(factors: NDArray[np.float32], r: NDArray[np.float32]) -> Floats:
    """How many times its own spread the sum over rows of r times two factors is, of all pairs."""
    by_r = factors * r[:, None]
    spread = (by_r**2).T @ (factors**2)
    return np.asarray(np.abs(by_r.T @ factors) / np.sqrt(np.maximum(spread, _FLAT)), np.float64)


def _in_bins(
    forms: ColumnForms, outputs: list[NDArray[np.float32]], chance: Floats
) -> list[Combination]:
    m, n_binned = len(forms.score_of), len(forms.n_bins)
    p = np.ones((n_binned, m))
    for r in outputs:
        by_r = forms.factors * r[:, None]
        squares = by_r**2
        for part, indicators, starts in forms.indicators():
            sums, spread = ((indicators.T @ each).astype(np.float64) for each in (by_r, squares))
            far = np.add.reduceat(sums**2 / np.maximum(spread, _FLAT), starts)
            # What a line says of r in all bins alike is none of the other column's.
            alike = np.add.reduceat(sums, starts) ** 2
            far -= alike / np.maximum(np.add.reduceat(spread, starts), _FLAT)
            degrees = forms.n_bins[part, None] - 1
            p[part] = np.minimum(p[part], chance_of_squares(far.clip(0.0), degrees))
    p *= _FORMS * len(outputs)
    p[forms.bins_of[:, None] == forms.score_of] = 1.0
    _lower(chance, forms.bins_of, p.min(axis=1) * m)
    _lower(chance, forms.score_of, p.min(axis=0) * n_binned)
    p *= n_binned * m
    return [Combination((int(j),), int(i), float(p[i, j])) for i, j in np.argwhere(p < _CHANCE)]


def _products_of_three(
    forms: ColumnForms, outputs: list[NDArray[np.float32]], chance: Floats
) -> list[Combination]:
    even = np.flatnonzero(forms.sides[0])
    sides, owner, m = forms.sides[:, even], forms.score_of[even], len(even)
    n_triples = m * (m - 1) * (m - 2) / 6 * len(outputs)
    found = []
    for i in range(m - 2):
        rest = owner[i + 1 :]
        is_one_of_two = (rest[:, None] == rest) | (rest == owner[i]) | (rest == owner[i])[:, None]
        for r in outputs:
            z = _far(sides[:, i + 1 :], r * sides[:, i])
            z[is_one_of_two] = 0.0
            j, k = np.unravel_index(z.argmax(), z.shape)
            p = float(chance_of_normal(z[j, k])) * n_triples
            if p < _CHANCE:
                places = (i, i + 1 + int(j), i + 1 + int(k))
                found.append(Combination(tuple(int(even[place]) for place in places), None, p))
                np.minimum.at(chance, owner[list(places)], p)
    return found


def _lower(chance: Floats, owner: Array, p: Floats) -> None:
    """Lower columns' chances to those of their inputs, Bonferroni."""
    counts = np.bincount(owner, minlength=len(chance))
    np.minimum.at(chance, owner, np.minimum(1.0, p * counts[owner]))
