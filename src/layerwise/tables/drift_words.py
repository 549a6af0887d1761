"""What differs between a column's new cells and those that a model was trained on, in words."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerwise.tables.columns import Column
from layerwise.tables.encoders import CategoryEncoder, Encoder
from layerwise.tables.parsing import Values, is_time_of_day, short
from layerwise.tables.profiles import Measured, Profile
from layerwise.texts import number, percent, plural, seconds

__all__ = ["Facts", "Share", "in_words"]

_A_DAY = 86_400  # seconds
_MIDDLE = (0.3, 0.7)  # of the rows, of which half may still be near


@dataclass(frozen=True)
class Share:
    """A share of the rows trained on and of the new ones, and the chance of it.

    Attributes
    ----------
    before, now : float
    chance : float
        That they are so far apart by accident, at most.
    place : int
        Of a distribution: the edge, or the code, that it is the share of.
    """

    before: float
    now: float
    chance: float = 1.0
    place: int = 0

    @property
    def rise(self) -> float:
        """By how much it rose."""
        return self.now - self.before


@dataclass(frozen=True)
class Facts:
    """What is compared of a column; see `drift.ComparedColumn`.

    Attributes
    ----------
    far : ndarray of int64
        Positions of cells far outside what was seen.
    moved : Share
        Where the distributions are farthest apart.
    """

    column: Column
    encoder: Encoder
    profile: Profile
    cells: Measured
    far: NDArray[np.int64]
    missing: Share
    unreadable: Share
    unknown: Share
    moved: Share

    @property
    def shares(self) -> tuple[Share, Share, Share, Share]:
        """All of them."""
        return self.missing, self.unreadable, self.unknown, self.moved


def in_words(facts: Facts, values: Values, named: Set[str]) -> str:
    """A line on a column that differs, "" for one that does not; `named` are the shares to say."""
    said = "; ".join(_parts(facts, values, named))
    return f"{facts.column.name}: {said}" if said else ""


def _parts(facts: Facts, values: Values, named: Set[str]) -> Iterator[str]:
    cells, column = facts.cells, facts.column
    n = len(cells.x)
    if "unreadable" in named:
        wanted = {"date": "dates", "boolean": "yes or no"}.get(column.kind, "numbers")
        before = percent(facts.unreadable.before, 0) if facts.unreadable.before else "none"
        yield (
            f"{len(cells.unread):,} of {plural(n, 'cell')} hold no {wanted}, such as "
            f"{_cell(values, cells.unread[0])}, and count as missing ({before} when trained)"
        )
    if "missing" in named:
        yield f"missing in {_now_and_before(facts.missing)}"
    if "unknown" in named:
        first = int(np.flatnonzero(cells.x == 0)[0])
        yield (
            f"values that were rare or not there, such as {_cell(values, first)}, in "
            f"{_now_and_before(facts.unknown)}"
        )
    is_all = "moved" in named and len(facts.far) > n / 2
    if len(facts.far) and not is_all:
        x = cells.x[facts.far]
        reach = facts.profile.reach
        worst = _amount(column, x[np.argmax(np.maximum(x - reach[1], reach[0] - x))])
        are = "is" if len(x) == 1 else f"and {plural(len(x) - 1, 'other cell')} are"
        yield f"{worst} {are} far outside what was seen, {_range(column, facts.profile.edges)}"
    # Of categories that are new no more is said.
    if "moved" in named and not ("unknown" in named and not facts.moved.place):
        yield _moved(facts, is_all=is_all)
    if cells.reading is not None:
        first = int(np.flatnonzero(~np.isnan(cells.x))[0])
        yield (
            f"written otherwise than when trained, such as {_cell(values, first)}, read as "
            f"{_amount(column, cells.x[first])}"
        )


def _moved(facts: Facts, *, is_all: bool) -> str:
    """How the distribution is another."""
    column, profile, moved = facts.column, facts.profile, facts.moved
    if isinstance(facts.encoder, CategoryEncoder):
        name = f"'{facts.encoder.name_of(moved.place)}'" if moved.place else "less frequent values"
        return f"{name} in {_now_and_before(moved)}"
    if column.kind == "boolean":
        return f"yes in {_now_and_before(Share(1 - moved.before, 1 - moved.now))}"
    known = np.sort(facts.cells.x[~np.isnan(facts.cells.x)])
    low, middle, high = known[0], known[(len(known) - 1) // 2], known[-1]
    seen, usual = profile.edges, profile.quantile(0.5)
    of = "letters in a text: " if column.kind == "text" else ""
    if is_all or low > seen[-1] or high < seen[0]:
        how = ""
        if column.kind == "date":
            how = ", later" if low > seen[-1] else ", earlier" if high < seen[0] else ""
        return f"{of}{_range(column, (low, high))}{how} ({_range(column, seen)} when trained)"
    below = sum(profile.counts[: int(np.searchsorted(seen, middle, "right"))]) / profile.n_known
    if not _MIDDLE[0] <= below <= _MIDDLE[1]:
        return (
            f"{of}half are at most {_amount(column, middle)} ({_amount(column, usual)} when "
            f"trained)"
        )
    edge = _amount(column, seen[moved.place])
    return f"{of}at most {edge} in {_now_and_before(moved)}"


def _range(column: Column, ends: Sequence[float]) -> str:
    low, high = _amount(column, ends[0]), _amount(column, ends[-1])
    return low if low == high else f"{low} to {high}"


def _amount(column: Column, value: float) -> str:
    """A number of a column as people read it."""
    reading = column.reading
    if column.kind == "date":
        return str(np.datetime64(round(value * _A_DAY), "s"))[:10]
    if column.kind == "boolean":
        return "yes" if value else "no"
    plain = number(value)
    if "." in plain and "e" not in plain:
        plain = plain.rstrip("0").rstrip(".")
    if reading is None or column.kind != "number" or not np.isfinite(value):
        return plain
    if is_time_of_day(reading):
        return f"{int(value // 3600):02}:{int(value % 3600 // 60):02}"
    if reading.formats:
        return seconds(value)
    return f"{plain} {reading.amounts.unit if reading.amounts else reading.unit}".strip()


def _now_and_before(share: Share) -> str:
    return f"{percent(share.now, 0)} of the rows ({percent(share.before, 0)} when trained)"


def _cell(values: Values, place: int) -> str:
    return f"'{short(values[int(place)].as_py())}'"
