"""The columns of some rows in the forms that tests of them take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Array, Floats, Integers
from layerwise.ensemble.chances import chance_of_trace, of_columns

_MOST_BINS = 8
_ROWS_IN_BIN = 25
_LEAST_SHARE = 0.005  # of the rows; categories that fewer hold are one together
_FREQUENT_CODES = 3
# A side of an input by which rows are parted, and one of its values, must hold this share of them.
_LEAST_SIDE = 0.15
_CLIPPED = 3.0  # normal scores, where two are multiplied
_FLAT = 1e-9
_BLOCK = 2_048  # columns at a time
_RIDGE = 0.02
_MOST_LEVERAGE = 0.95


def normal_scores(x: Array) -> Floats:
    """Ranks as a normal number's places, of mean 0 and variance 1; equal cells have equal ones."""
    from scipy.special import ndtri

    _, places, counts = np.unique(x, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # from 1 on, their mean where cells are equal
    scores = ndtri((ranks[places] - 0.5) / len(x))
    scores -= scores.mean()
    return np.asarray(scores / max(scores.std(), _FLAT))


def independent(r: Floats) -> Floats:
    """Columns of mean 0 and variance 1 that are not correlated and span the same, shape (n, k)."""
    r = r - r.mean(axis=0)
    values, vectors = np.linalg.eigh(r.T @ r / len(r))
    kept = values > 1e-8 * max(values.max(initial=0.0), _FLAT)
    return np.asarray(r @ (vectors[:, kept] / np.sqrt(values[kept])))


@dataclass(frozen=True, eq=False)
class ColumnForms:
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
    score_of: Integers
    bins: NDArray[np.int16]
    n_bins: Integers
    bins_of: Integers
    n_columns: int

    @classmethod
    def at(
        cls, x: Array, codes: Array, of_inputs: Array, of_codes: Array, n_columns: int
    ) -> ColumnForms:
        """Look at prepared rows; `of_inputs` and `of_codes` say which column each input is of."""
        scores: list[Array] = []
        bins: list[Array] = []
        score_of: list[int] = []
        bins_of: list[int] = []
        for owner, (score, binned) in zip(of_inputs, _ranked(x), strict=True):
            if score is None:
                continue
            scores.append(score)
            score_of.append(owner)
            if binned.max() > 1:  # two say no more than the score
                bins.append(binned)
                bins_of.append(owner)
        for column, owner in zip(codes.T, of_codes, strict=True):
            coded = _frequent(column)
            counts = np.bincount(coded)
            if len(counts) < 2:
                continue
            for code in np.argsort(-counts, kind="stable")[: min(_FREQUENT_CODES, len(counts) - 1)]:
                scores.append(normal_scores(coded == code))
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

    def among(self, columns: Array) -> ColumnForms:
        """The same of some columns alone, in their order."""
        number = np.cumsum(columns) - 1
        part = self.of(columns, np.arange(len(self)))
        return replace(
            part,
            score_of=number[part.score_of],
            bins_of=number[part.bins_of],
            n_columns=int(columns.sum()),
        )

    def of(self, columns: Array, rows: Array) -> ColumnForms:
        """The same of some rows, and of some columns alone, all others having no input."""
        is_scored, is_binned = columns[self.score_of], columns[self.bins_of]
        return ColumnForms(
            self.scores[np.ix_(rows, is_scored)],
            self.score_of[is_scored],
            self.bins[np.ix_(rows, is_binned)],
            self.n_bins[is_binned],
            self.bins_of[is_binned],
            self.n_columns,
        )

    @cached_property
    def sides(self) -> NDArray[np.float32]:
        """Each score's side of its median, -1 or 1; 0 where one side holds too few rows."""
        middle = np.median(self.scores, axis=0)
        # Where many cells are the median, they go to the side that is the smaller without them.
        is_low = (self.scores < middle).mean(axis=0) <= (self.scores > middle).mean(axis=0)
        above = np.where(is_low, self.scores > middle, self.scores >= middle)
        share = above.mean(axis=0)
        even = (share >= _LEAST_SIDE) & (share <= 1 - _LEAST_SIDE)
        return np.where(even, np.where(above, np.float32(1), np.float32(-1)), np.float32(0))

    @cached_property
    def factors(self) -> NDArray[np.float32]:
        """Scores that are multiplied with each other."""
        return np.asarray(np.clip(self.scores, -_CLIPPED, _CLIPPED) * np.abs(self.sides))

    def alone(self, r: Floats) -> Floats:
        """The chance, for each column, of telling as much of r or more; shape (n_columns,).

        Pillai's trace for a line through the scores,
        and for a mean in each bin; the better of the two, Bonferroni; of a column's inputs by Simes
        (1986).
        """
        r = independent(r)
        n, k = r.shape
        if not k:
            return np.ones(self.n_columns)
        by_line = chance_of_trace(
            ((self.scores.T @ r.astype(np.float32) / n) ** 2).sum(axis=1), 1, k, n
        )
        by_bins = chance_of_trace(self._trace_of_bins(r), self.n_bins - 1, k, n)
        best = np.minimum(
            of_columns(by_line, self.score_of, self.n_columns),
            of_columns(by_bins, self.bins_of, self.n_columns),
        )
        return np.asarray(np.minimum(1.0, 2 * best))

    def _trace_of_bins(self, r: Floats) -> Floats:
        traces = np.empty(self.bins.shape[1])
        r32 = r.astype(np.float32)
        for part, indicators, starts in self.indicators():
            sums = (indicators.T @ r32).astype(np.float64)
            counts = np.maximum(indicators.sum(axis=0), 1.0)
            traces[part] = np.add.reduceat((sums**2).sum(axis=1) / counts, starts) / len(self)
        return traces

    def indicators(self) -> Iterator[tuple[slice, NDArray[np.float32], Array]]:
        """In which bins rows are, as 0 and 1, some binned inputs at a time; where each begins."""
        start, n_binned = 0, len(self.n_bins)
        while start < n_binned:
            stop = start + max(1, int(np.searchsorted(np.cumsum(self.n_bins[start:]), _BLOCK)))
            stop = min(stop, n_binned)
            starts = np.cumsum(self.n_bins[start:stop]) - self.n_bins[start:stop]
            indicators = np.zeros((len(self), int(self.n_bins[start:stop].sum())), np.float32)
            np.put_along_axis(indicators, self.bins[:, start:stop] + starts, 1.0, axis=1)
            yield slice(start, stop), indicators, starts
            start = stop

    def unexplained(self, r: Floats, columns: Array, terms: Sequence[Array]) -> Floats:
        """What these columns, and terms beside them, leave of r, each row by a model without it.

        Ridge regression on indicators of bins, scores and the terms; a row's leverage says what it
        would be without the row (Allen 1974).
        """
        from scipy.linalg import cho_factor, cho_solve, solve_triangular

        parts = [self.scores[:, columns[self.score_of]], *terms]
        parts += [
            self.bins[:, place, None] == np.arange(1, self.n_bins[place])
            for place in np.flatnonzero(columns[self.bins_of])
        ]
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


def _ranked(x: Array) -> Iterator[tuple[Array | None, NDArray[np.int16]]]:
    """Of each column its normal scores, None where all are the same, and its bins.

    Bins are of equally many rows; few values are a bin each.
    """
    n = len(x)
    n_bins = int(min(_MOST_BINS, max(2, n // _ROWS_IN_BIN)))
    # Of columns in which no value comes twice all is known beforehand, but the order.
    evenly = normal_scores(np.arange(n)).astype(np.float32)
    even_bins = (np.arange(n) * n_bins // n).astype(np.int16)
    for start in range(0, x.shape[1], _BLOCK):
        block = x[:, start : start + _BLOCK]
        order = np.argsort(block, axis=0, kind="stable")
        rises = np.diff(np.take_along_axis(block, order, axis=0), axis=0) > 0
        has_all_ranks = np.asarray(rises.all(axis=0))
        for place, column in enumerate(block.T):
            if has_all_ranks[place] and n > n_bins:
                score, binned = np.empty(n, np.float32), np.empty(n, np.int16)
                score[order[:, place]], binned[order[:, place]] = evenly, even_bins
                yield score, binned
            elif not rises[:, place].any():
                yield None, np.zeros(n, np.int16)
            else:
                yield normal_scores(column), _binned(column, n_bins)


def _binned(x: Array, n_bins: int) -> NDArray[np.int16]:
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
