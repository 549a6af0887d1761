"""Columns that tell of the target together, in pairs and triples, whatever each tells alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.ensemble.chances import chance_of_normal, chance_of_squares
from layerwise.ensemble.looks import Looks

__all__ = ["Combination", "combined"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

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

    def terms(self, looks: Looks) -> list[Array]:
        """What it adds to a linear model, shape (n, any number) each."""
        if self.binned is None:
            forms = (looks.sides, looks.factors)
            return [form[:, self.inputs].prod(axis=1)[:, None] for form in forms]
        bins = looks.bins[:, self.binned, None] == np.arange(looks.n_bins[self.binned])
        return [bins * looks.factors[:, self.inputs]]


def combined(looks: Looks, r: Floats) -> tuple[Floats, list[Combination]]:
    """Find what two columns, or three, tell of r together.

    Two sides multiplied, as in XOR; two scores multiplied; a score in the bins of another column;
    three sides multiplied. Each sum is divided by its own spread, of r as it is, so that a few far
    rows cannot make it large.

    Parameters
    ----------
    looks : Looks
    r : ndarray, shape (n, k)
        What the columns alone leave unexplained: independent, see `looks.independent`.

    Returns
    -------
    chance : ndarray, shape (n_columns,)
        For each column of doing as well with the best of the others (Bonferroni).
    combinations : list of Combination
        The strongest of those that chance would give at most once in twenty tables.
    """
    m, chance = looks.scores.shape[1], np.ones(looks.n_columns)
    work = float(len(looks)) * m**2
    if work * r.shape[1] > _MOST_WORK:
        r = r[:, -_MOST_OUTPUTS:]  # of the most frequent classes
    if not 2 <= m <= _MOST_INPUTS or work * r.shape[1] > _MOST_WORK:
        return chance, []
    outputs = list(r.T.astype(np.float32))
    found = _products_of_two(looks, outputs, chance)
    if looks.bins.shape[1]:
        found += _in_bins(looks, outputs[-_MOST_OUTPUTS:], chance)
    if work * m * len(outputs) <= _MOST_WORK:
        found += _products_of_three(looks, outputs, chance)
    return chance, sorted(found, key=lambda each: each.p)[:_MOST_FOUND]


def _products_of_two(
    looks: Looks, outputs: list[NDArray[np.float32]], chance: Floats
) -> list[Combination]:
    owner, m = looks.score_of, len(looks.score_of)
    z = np.zeros((m, m))
    for r in outputs:
        for form in (looks.sides, looks.factors):
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


def _in_bins(looks: Looks, outputs: list[NDArray[np.float32]], chance: Floats) -> list[Combination]:
    m, n_binned = len(looks.score_of), len(looks.n_bins)
    p = np.ones((n_binned, m))
    for r in outputs:
        by_r = looks.factors * r[:, None]
        squares = by_r**2
        for part, indicators, starts in looks.indicators():
            spread = np.maximum(indicators.T @ squares, _FLAT)
            far = np.add.reduceat(((indicators.T @ by_r) ** 2 / spread).astype(float), starts)
            p[part] = np.minimum(p[part], chance_of_squares(far, looks.n_bins[part, None]))
    p *= _FORMS * len(outputs)
    p[looks.bins_of[:, None] == looks.score_of] = 1.0
    _lower(chance, looks.bins_of, p.min(axis=1) * m)
    _lower(chance, looks.score_of, p.min(axis=0) * n_binned)
    p *= n_binned * m
    return [Combination((int(j),), int(i), float(p[i, j])) for i, j in np.argwhere(p < _CHANCE)]


def _products_of_three(
    looks: Looks, outputs: list[NDArray[np.float32]], chance: Floats
) -> list[Combination]:
    even = np.flatnonzero(looks.sides[0])
    sides, owner, m = looks.sides[:, even], looks.score_of[even], len(even)
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
