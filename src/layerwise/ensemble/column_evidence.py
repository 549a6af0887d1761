"""Whether columns tell of the target more than chance: tests of each, and of pairs and triples.

All of it is linear algebra on ranks, so that thousands of columns are looked at within seconds, and
each answer is a probability of what chance alone would do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Combination", "Evidence", "Looks", "responses"]

Array = NDArray[Any]
Floats = NDArray[np.float64]

_MOST_BINS = 8
_ROWS_IN_BIN = 25
_LEAST_SHARE = 0.005  # of the rows; categories that fewer hold are one together
_FREQUENT_CODES = 3
# A side of an input by which rows are parted, and one of its values, must hold this share of them.
_LEAST_SIDE = 0.15
_CLIPPED = 3.0  # normal scores, where two are multiplied
_FLAT = 1e-9
_BLOCK = 2_048  # indicators at a time
# Multiplications that pairs and triples of columns may take: within about a second each.
_MOST_WORK = 3e10
_MOST_OUTPUTS = 4
_MOST_PAIRED = 1_500
_MOST_COMBINATIONS = 60
_CHANCE = 0.05  # of one or more combinations that are none
_RIDGE = 0.02
_MOST_LEVERAGE = 0.95
_STEPS = 3  # looks at the columns: as they are, and twice at what is left unexplained
_STRONGEST = 40  # columns by which the target is explained before the next look


@dataclass(frozen=True)
class Combination:
    """Inputs that tell of the target together.

    Attributes
    ----------
    inputs : tuple of int
        Two or three of the scored inputs.
    p : float
        The chance of one as strong or stronger among all that were looked at.
    """

    inputs: tuple[int, ...]
    p: float


def responses(y: Array, *, is_classes: bool) -> Floats:
    """Targets as columns of mean 0 that the tests are of, shape (n, k).

    A class each, weighted so that squared correlations add up to Pearson's chi-squared; numbers as
    normal scores of their ranks, so that no single row decides.
    """
    if is_classes:
        present = np.unique(y)
        each = (y[:, None] == present).astype(np.float64)
        shares = each.mean(axis=0)
        return (each - shares) / np.sqrt(shares)
    columns = y.reshape(len(y), -1)
    return np.column_stack([_normal_scores(column) for column in columns.T])


def _normal_scores(x: Array) -> Floats:
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores = ndtri((rankdata(x) - 0.5) / len(x))
    scores -= scores.mean()
    return np.asarray(scores / max(scores.std(), _FLAT))


def _independent(r: Floats) -> Floats:
    """Columns of mean 0 and variance 1 that are not correlated and span the same, shape (n, k)."""
    r = r - r.mean(axis=0)
    values, vectors = np.linalg.eigh(r.T @ r / len(r))
    kept = values > 1e-8 * max(values.max(initial=0.0), _FLAT)
    return r @ (vectors[:, kept] / np.sqrt(values[kept]))


@dataclass(frozen=True, eq=False)
class Looks:
    """The inputs of some rows in the forms that the tests take; targets play no part in them.

    Attributes
    ----------
    scores : ndarray of float32, shape (n, n_scores)
        Numbers as normal scores of their ranks, and the most frequent codes, each of mean 0 and
        variance 1.
    score_of : ndarray of int, shape (n_scores,)
        The column that each is of.
    bins : ndarray of int16, shape (n, n_binned)
        In which of a few bins, or which code, a row is.
    n_bins, bins_of : ndarray of int, shape (n_binned,)
    n_columns : int
    """

    scores: NDArray[np.float32]
    score_of: NDArray[np.int64]
    bins: NDArray[np.int16]
    n_bins: NDArray[np.int64]
    bins_of: NDArray[np.int64]
    n_columns: int

    @classmethod
    def at(
        cls, x: Array, codes: Array, of_inputs: Array, of_codes: Array, n_columns: int
    ) -> Looks:
        """Look at prepared rows; `of_inputs` and `of_codes` say which column each input is of."""
        scores, score_of, bins, n_bins, bins_of = [], [], [], [], []
        for column, owner in zip(x.T, of_inputs, strict=True):
            if column.min() == column.max():
                continue
            scores.append(_normal_scores(column))
            score_of.append(owner)
            binned = _binned(column)
            if binned.max() > 1:  # two say no more than the score
                bins.append(binned)
                bins_of.append(owner)
        for column, owner in zip(codes.T, of_codes, strict=True):
            coded = _frequent(column)
            counts = np.bincount(coded)
            if len(counts) < 2:
                continue
            for code in np.argsort(-counts, kind="stable")[: min(_FREQUENT_CODES, len(counts) - 1)]:
                scores.append(_normal_scores(coded == code))
                score_of.append(owner)
            if len(counts) > 2:
                bins.append(coded)
                bins_of.append(owner)
        n = len(x)
        n_bins = [int(each.max()) + 1 for each in bins]
        return cls(
            np.array(scores, np.float32).reshape(-1, n).T,
            np.array(score_of, np.int64),
            np.array(bins, np.int16).reshape(-1, n).T,
            np.array(n_bins, np.int64),
            np.array(bins_of, np.int64),
            n_columns,
        )

    def __len__(self) -> int:
        return len(self.scores)

    def among(self, columns: Array) -> Looks:
        """The same of some columns alone, in their order."""
        number = np.cumsum(columns) - 1
        part = self.of(columns, np.arange(len(self)))
        return replace(
            part,
            score_of=number[part.score_of],
            bins_of=number[part.bins_of],
            n_columns=int(columns.sum()),
        )

    def of(self, columns: Array, rows: Array) -> Looks:
        """The same of some rows, and of some columns alone, all others having no input."""
        is_scored, is_binned = columns[self.score_of], columns[self.bins_of]
        return Looks(
            self.scores[np.ix_(rows, is_scored)],
            self.score_of[is_scored],
            self.bins[np.ix_(rows, is_binned)],
            self.n_bins[is_binned],
            self.bins_of[is_binned],
            self.n_columns,
        )

    @cached_property
    def _sides(self) -> NDArray[np.float32]:
        """Each score's side of its median, -1 or 1; 0 where one side holds too few rows."""
        above = self.scores > np.median(self.scores, axis=0)
        share = above.mean(axis=0)
        even = (share >= _LEAST_SIDE) & (share <= 1 - _LEAST_SIDE)
        return np.where(above, np.float32(1), np.float32(-1)) * even.astype(np.float32)

    @cached_property
    def _factors(self) -> NDArray[np.float32]:
        """Scores that are multiplied with each other."""
        return np.clip(self.scores, -_CLIPPED, _CLIPPED) * np.abs(self._sides)

    def alone(self, r: Floats) -> Floats:
        """The chance, for each column, of telling as much of r or more; shape (n_columns,).

        Pillai's trace for a line through the scores,
        and for a mean in each bin; the better of the two, Bonferroni; of a column's inputs by Simes
        (1986).
        """
        r = _independent(r)
        n, k = r.shape
        if not k:
            return np.ones(self.n_columns)
        by_line = _chance_of_trace(
            ((self.scores.T @ r.astype(np.float32) / n) ** 2).sum(axis=1), 1, k, n
        )
        by_bins = _chance_of_trace(self._trace_of_bins(r), self.n_bins - 1, k, n)
        best = np.minimum(
            _of_columns(by_line, self.score_of, self.n_columns),
            _of_columns(by_bins, self.bins_of, self.n_columns),
        )
        return np.minimum(1.0, 2 * best)

    def _trace_of_bins(self, r: Floats) -> Floats:
        traces = np.empty(self.bins.shape[1])
        r32, start = r.astype(np.float32), 0
        while start < len(traces):
            stop = start + max(1, int(np.searchsorted(np.cumsum(self.n_bins[start:]), _BLOCK)))
            at = np.concatenate([[0], np.cumsum(self.n_bins[start:stop])])
            indicators = np.zeros((len(self), at[-1]), np.float32)
            places = self.bins[:, start:stop] + at[:-1]
            np.put_along_axis(indicators, places, 1.0, axis=1)
            sums = indicators.T @ r32
            counts = np.maximum(indicators.sum(axis=0), 1.0)
            of_each = (sums.astype(np.float64) ** 2).sum(axis=1) / counts
            traces[start:stop] = np.add.reduceat(of_each, at[:-1]) / len(self)
            start = stop
        return traces

    def together(self, r: Floats) -> tuple[Floats, list[Combination]]:
        """What two columns, or three, tell of r by the product of their sides or scores.

        r is to be what the columns alone leave unexplained. The sums are divided by their own
        spread, as of r as it is, so that a few far rows cannot make one large.

        Returns
        -------
        chance : ndarray, shape (n_columns,)
            For each column of doing as well with the best of the others, Bonferroni.
        combinations : list of Combination
            The strongest of those that chance would give at most once in twenty tables.
        """
        m, chance = self.scores.shape[1], np.ones(self.n_columns)
        outputs = r[:, :_MOST_OUTPUTS] if self._work(2) * r.shape[1] > _MOST_WORK else r
        if not 2 <= m <= _MOST_PAIRED or self._work(2) * outputs.shape[1] > _MOST_WORK:
            return chance, []
        z = np.zeros((m, m))
        for column in outputs.T.astype(np.float32):
            z = np.maximum(z, _products(self._sides, column))
            z = np.maximum(z, _products(self._factors, column))
        z[self.score_of[:, None] == self.score_of[None, :]] = 0.0
        p = _chance_of_normal(z) * 2 * outputs.shape[1]
        _lower(chance, self.score_of, p.min(axis=1) * (m - 1))
        p *= m * (m - 1) / 2
        first, second = np.nonzero(np.triu(p < _CHANCE, 1))
        found = [
            Combination((int(i), int(j)), float(p[i, j]))
            for i, j in zip(first, second, strict=True)
        ]
        if self._work(3) * outputs.shape[1] <= _MOST_WORK:
            found += self._triples(outputs, chance)
        return chance, sorted(found, key=lambda each: each.p)[:_MOST_COMBINATIONS]

    def _work(self, order: int) -> float:
        return float(len(self)) * float(self.scores.shape[1]) ** order

    def _triples(self, r: Floats, chance: Floats) -> list[Combination]:
        """Three sides multiplied; `chance` is lowered where they tell something."""
        even = np.flatnonzero(np.abs(self._sides[0]) > 0)
        sides = self._sides[:, even]
        m, owner = len(even), self.score_of[even]
        n_triples = m * (m - 1) * (m - 2) / 6 * r.shape[1]
        found = []
        for i in range(m - 2):
            rest = slice(i + 1, m)
            for column in r.T.astype(np.float32):
                z = _products(sides[:, rest], column * sides[:, i])
                z[owner[rest, None] == owner[None, rest]] = 0.0
                z[owner[rest] == owner[i]] = 0.0
                z[:, owner[rest] == owner[i]] = 0.0
                j, k = np.unravel_index(z.argmax(), z.shape)
                p = float(_chance_of_normal(z[j, k])) * n_triples
                if p < _CHANCE:
                    places = (i, i + 1 + int(j), i + 1 + int(k))
                    found.append(Combination(tuple(int(even[place]) for place in places), p))
                    for place in places:
                        column_of = owner[place]
                        chance[column_of] = min(chance[column_of], p)
        return found

    def unexplained(
        self, r: Floats, columns: Array, combinations: Sequence[Combination]
    ) -> Floats:
        """What these columns and combinations leave of r, each row by a model without it.

        Ridge regression on indicators of bins, scores and products; a row's leverage says what it
        would be without the row (Allen 1974).
        """
        from scipy.linalg import cho_factor, cho_solve, solve_triangular

        parts = [self.scores[:, columns[self.score_of]]]
        for place in np.flatnonzero(columns[self.bins_of]):
            parts.append(self.bins[:, place, None] == np.arange(1, self.n_bins[place]))
        for each in combinations:
            parts.append(self._sides[:, each.inputs].prod(axis=1)[:, None])
            parts.append(self._factors[:, each.inputs].prod(axis=1)[:, None])
        design = np.concatenate(parts, axis=1).astype(np.float64)
        if not design.shape[1]:
            return r
        design -= design.mean(axis=0)
        design /= np.maximum(design.std(axis=0), _FLAT)
        gram = design.T @ design
        gram[np.diag_indices_from(gram)] += _RIDGE * len(design)
        factor = cho_factor(gram, lower=True)
        half = solve_triangular(factor[0], design.T, lower=True)
        leverage = (half**2).sum(axis=0) + 1 / len(design)
        fitted = design @ cho_solve(factor, design.T @ r)
        return np.asarray((r - fitted) / (1 - np.minimum(leverage, _MOST_LEVERAGE))[:, None])


@dataclass(frozen=True)
class Evidence:
    """What rows say of each column.

    Attributes
    ----------
    p : ndarray, shape (n_columns,)
        The chance of telling as much of the target, alone or with others, where there is nothing.
    combinations : tuple of Combination
    """

    p: Floats
    combinations: tuple[Combination, ...] = ()

    @classmethod
    def of(cls, looks: Looks, y: Floats, is_told: Callable[[Floats], Array]) -> Evidence:
        """Test columns alone; then, of what these leave unexplained, alone and together, twice.

        `is_told(p)` says which columns the chances p are small enough for.
        """
        p = np.minimum(1.0, _STEPS * looks.alone(y))
        combinations: dict[tuple[int, ...], Combination] = {}
        for _ in range(_STEPS - 1):
            strongest = np.zeros(len(p), bool)
            strongest[np.argsort(p, kind="stable")[:_STRONGEST]] = True
            left = looks.unexplained(y, strongest & is_told(p), list(combinations.values()))
            independent = _independent(left)
            if not independent.shape[1]:
                break
            together, found = looks.together(independent)
            combinations |= {each.inputs: each for each in found}
            p = np.minimum(p, 2 * _STEPS * np.minimum(looks.alone(independent), together))
        return cls(p, tuple(combinations.values()))


def _binned(x: Array) -> NDArray[np.int16]:
    """Which of a few bins of equally many rows each cell is in; few values are a bin each."""
    n_bins = int(min(_MOST_BINS, max(2, len(x) // _ROWS_IN_BIN)))
    values, places = np.unique(x, return_inverse=True)
    if len(values) > n_bins:
        inner = np.unique(np.quantile(x, np.linspace(0, 1, n_bins + 1)[1:-1]))
        places = np.unique(np.searchsorted(inner, x, side="right"), return_inverse=True)[1]
    return places.astype(np.int16)


def _frequent(codes: Array) -> NDArray[np.int16]:
    """Codes numbered anew, those that few rows hold being one together."""
    counts = np.bincount(codes)
    least = max(5, _LEAST_SHARE * len(codes))
    place = np.where(counts >= least, np.arange(len(counts)) + 1, 0)[codes]
    return np.unique(place, return_inverse=True)[1].astype(np.int16)


def _chance_of_trace(trace: Floats, n_terms: Any, k: int, n: int) -> Floats:
    """The chance of Pillai's trace or more, by its F (Pillai 1955): n_terms terms, k responses."""
    from scipy.special import fdtrc

    left = n - 1 - np.asarray(n_terms, np.float64)
    s = np.minimum(n_terms, k)
    m = (np.abs(n_terms - k) - 1) / 2
    half = (left - k - 1) / 2
    above, below = s * (2 * m + s + 1), s * (2 * half + s + 1)
    inside = np.clip(trace, 0.0, s * (1 - 1e-12))
    f = inside / (s - inside) * below / above
    return np.where(below > 0, fdtrc(above, np.maximum(below, 1.0), f), 1.0)


def _chance_of_normal(z: Any) -> Any:
    from scipy.special import ndtr

    return 2 * ndtr(-np.abs(z))


def _products(factors: NDArray[np.float32], r: NDArray[np.float32]) -> Floats:
    """|z| of the sum over rows of r times each two factors."""
    by_r = factors * r[:, None]
    spread = (by_r**2).T @ (factors**2)
    return np.asarray(np.abs(by_r.T @ factors) / np.sqrt(np.maximum(spread, _FLAT)), np.float64)


def _of_columns(p: Floats, owner: Array, n_columns: int) -> Floats:
    """Of each column the chance by all its inputs: Simes (1986); 1 where it has none."""
    chance = np.ones(n_columns)
    order = np.lexsort((p, owner))
    owner, p = owner[order], p[order]
    counts = np.bincount(owner, minlength=n_columns)
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(p)) - starts[owner] + 1
    np.minimum.at(chance, owner, p * counts[owner] / rank)
    return chance


def _lower(chance: Floats, owner: Array, p: Floats) -> None:
    counts = np.bincount(owner, minlength=len(chance))
    np.minimum.at(chance, owner, np.minimum(1.0, p * counts[owner]))
