"""What a column's cells were like when the model was trained, as a few numbers: its profile.

Kept are how many cells were missing or could not be read, and how many of the others lie between
each two of up to 23 quantiles; of categories how many rows hold each, of free text the quantiles of
its length. New rows are counted between the same quantiles, so that the two can be compared
(`drift`) without the table that was trained on.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
import pyarrow.compute as pc

from layerwise.arrays import Floats, Integers
from layerwise.tables.columns import Column, categories_of, cells_read, days_of
from layerwise.tables.encoders import CategoryEncoder, Encoder
from layerwise.tables.parsing import Reading, Values, as_array, is_text

# The last percents too: what is rare is where a column's tail begins.
_LEVELS = np.array([0.0, 0.01, *np.arange(1, 20) / 20, 0.99, 1.0])
_MOST_EDGES = 40
_SAMPLE = 100_000  # rows that tell the quantiles
_TAIL = 20  # of the rows one
_LEAST_ROWS = 20  # whose ends say how far values reach


@dataclass(frozen=True)
class Measured:
    """A column's cells as numbers that can be counted.

    Attributes
    ----------
    x : ndarray of float64, shape (n,)
        Numbers; for yes and no 1 and 0, for dates days since 1970, for free text how many letters,
        for categories the encoder's codes. NaN where a cell is missing or cannot be read.
    unread : ndarray of int64
        Positions of cells that say something, but nothing of the column's kind.
    reading : Reading or None
        How cells are read that are written otherwise than when the model was trained.
    """

    x: Floats
    unread: Integers
    reading: Reading | None = None


def measure(column: Column, encoder: Encoder, values: Values) -> Measured:
    """Return a column's cells as numbers; raises a TableError for cells of another kind."""
    unread: list[int] = []
    reading = None
    if isinstance(encoder, CategoryEncoder):
        texts, places = categories_of(column, values)
        codes = encoder.encode(texts, places).codes
        assert codes is not None
        x = np.where(places < 0, np.nan, codes)
    elif column.kind == "text":
        x = np.full(len(values), np.nan)
        if is_text(values):
            lengths = pc.utf8_length(pc.utf8_trim_whitespace(values.cast("string")))
            x = as_array(pc.fill_null(lengths.cast("float64"), np.nan))
            x = np.where(x == 0, np.nan, x)
    else:
        x, unread, reading = cells_read(column, values)
        x = days_of(x) if column.kind == "date" else x
    return Measured(x, np.asarray(unread, np.int64), reading)


@dataclass(frozen=True)
class Profile:
    """What a column's cells were like.

    Attributes
    ----------
    n_rows, n_missing, n_unread : int
        All cells; those without a value; and, not among these, those that could not be read.
    edges : tuple of float
        Quantiles of the numbers, ascending, each once; the first is the least, the last the
        greatest. None for categories.
    counts : tuple of int
        How many numbers are at most the first edge, above it and at most the second, ..., above
        the last; for categories how many rows hold each code.

    Examples
    --------
    >>> profile = Profile.of(Measured(np.array([2.0, 3.0, 3.0, 9.0, np.nan]), np.array([])))
    >>> profile.edges, profile.counts, profile.n_missing, profile.quantile(0.5)
    ((2.0, 3.0, 9.0), (1, 2, 1, 0), 1, 3.0)
    """

    n_rows: int
    n_missing: int
    n_unread: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, measured: Measured, n_codes: int = 0) -> Self:
        """Return the profile of a column, of which `n_codes` says that it is one of categories."""
        x = measured.x[np.isfinite(measured.x)]
        edges: tuple[float, ...] = ()
        if not n_codes and len(x):
            some = np.sort(x[:: max(1, len(x) // _SAMPLE)])
            chosen = some[np.rint(_LEVELS * (len(some) - 1)).astype(np.int64)]
            chosen[0], chosen[-1] = x.min(), x.max()
            edges = tuple(np.unique(chosen).tolist())
        empty = cls(0, 0, 0, edges, (0,) * (n_codes or len(edges) + 1))
        return empty.with_rows(measured)

    def with_rows(self, measured: Measured) -> Self:
        """The profile with rows added, which are counted between the same edges."""
        x = measured.x[~np.isnan(measured.x)]
        places = np.searchsorted(self.edges, x) if self.edges or not len(x) else x.astype(np.int64)
        counts = np.bincount(places, minlength=len(self.counts))[: len(self.counts)]
        return type(self)(
            self.n_rows + len(measured.x),
            self.n_missing + len(measured.x) - len(x) - len(measured.unread),
            self.n_unread + len(measured.unread),
            self.edges,
            tuple((np.asarray(self.counts) + counts).tolist()),
        )

    def trained_on(self, measured: Measured) -> Self:
        """The profile with rows added that the model is trained on too, which may reach farther."""
        x = measured.x[np.isfinite(measured.x)]
        more = self.with_rows(measured)
        if not self.edges or not len(x):
            return more
        edges, counts = list(self.edges), list(more.counts)
        if x.max() > edges[-1]:
            edges.append(float(x.max()))
            n_infinite = int(np.isposinf(measured.x).sum())
            counts[-1:] = [counts[-1] - n_infinite, n_infinite]
        if x.min() < edges[0]:
            n_least = int((x == x.min()).sum())
            edges.insert(0, float(x.min()))
            counts[:1] = [n_least, counts[0] - n_least]
        while len(edges) > _MOST_EDGES:  # the ends but one go
            for place in (1, len(edges) - 2):
                counts[place : place + 2] = [counts[place] + counts[place + 1]]
                del edges[place]
        return replace(more, edges=tuple(edges), counts=tuple(counts))

    def counted(self, measured: Measured) -> Self:
        """The profile of new rows, counted between this one's edges."""
        empty = type(self)(0, 0, 0, self.edges, (0,) * len(self.counts))
        return empty.with_rows(measured)

    @property
    def n_known(self) -> int:
        """How many cells hold a value."""
        return self.n_rows - self.n_missing - self.n_unread

    def quantile(self, level: float) -> float:
        """The edge that at least this share of the numbers does not exceed."""
        reached = np.cumsum(self.counts) >= level * self.n_known
        return self.edges[min(int(reached.argmax()), len(self.edges) - 1)]

    def reach(self, n_columns: int = 1) -> tuple[float, float]:
        """Numbers beyond which one lies far outside; infinite where too few rows tell.

        Far is what lies beyond the least or greatest by more than these lie apart, and farther than
        the tail leads to expect: by Pareto's law through the last twentieth of the rows and the
        farthest of all, so far as one in so many times as many rows as were trained on, times the
        columns. Where a few values are much greater than most, others are to be expected that are
        much greater still.
        """
        if not self.edges or self.n_known < _LEAST_ROWS:
            return -np.inf, np.inf
        edges, counts = np.asarray(self.edges), np.asarray(self.counts)
        middle, span = self.quantile(0.5), edges[-1] - edges[0]
        if not span:
            return -np.inf, np.inf
        reach = []
        for distances, outside in (
            (middle - edges[::-1], counts.cumsum()[-2::-1] - counts[-2::-1]),
            (edges - middle, self.n_known - counts.cumsum()[:-1]),
        ):
            far = distances[-1]
            tail = (distances > 0) & (outside <= self.n_known / _TAIL) & (outside > 1)
            beyond = far + span
            if tail.any():
                first = int(tail.argmax())
                power = np.log(far / distances[first]) / np.log(outside[first])
                with np.errstate(over="ignore"):
                    beyond = max(beyond, far * (self.n_known * n_columns) ** power)
            reach.append(float(beyond))
        return middle - reach[0], middle + reach[1]

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(**{**data, "edges": tuple(data["edges"]), "counts": tuple(data["counts"])})
