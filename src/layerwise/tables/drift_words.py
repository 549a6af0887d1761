"""What differs between a column's new cells and those that a model was trained on, in words."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np

from layerwise.tables.columns import Column
from layerwise.tables.encoders import CategoryEncoder, Encoder
from layerwise.tables.parsing import is_time_of_day
from layerwise.tables.profiles import Profile
from layerwise.texts import number, percent, plural, seconds

__all__ = ["Facts", "Share", "amount", "in_words"]

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
    n_rows, n_unread, n_far : int
        Of the new rows; how many hold nothing of the column's kind, or a number far outside.
    spread : tuple of float
        The least, the middle and the greatest number.
    farthest : float
        The number farthest outside.
    stray, newcomer, rewritten : str
        Cells in words: one that cannot be read; a category that was rare or not there; one that is
        written otherwise than when the model was trained.
    moved : Share
        Where the distributions are farthest apart.
    """

    column: Column
    encoder: Encoder
    profile: Profile
    n_rows: int
    n_unread: int
    n_far: int
    spread: tuple[float, float, float]
    farthest: float
    stray: str
    newcomer: str
    rewritten: str
    missing: Share
    unreadable: Share
    unknown: Share
    moved: Share


def in_words(facts: Facts, named: Set[str]) -> str:
    """A line on a column that differs, "" for one that does not; `named` are the shares to say."""
    said = "; ".join(_parts(facts, named))
    return f"{facts.column.name}: {said}" if said else ""


def _parts(facts: Facts, named: Set[str]) -> Iterator[str]:
    column, n = facts.column, facts.n_rows
    if "unreadable" in named:
        wanted = {"date": "dates", "boolean": "yes or no"}.get(column.kind, "numbers")
        before = percent(facts.unreadable.before, 0) if facts.unreadable.before else "none"
        yield (
            f"{facts.n_unread:,} of {plural(n, 'cell')} hold no {wanted}, such as {facts.stray}, "
            f"and count as missing ({before} when trained)"
        )
    if "missing" in named:
        yield f"missing in {_now_and_before(facts.missing)}"
    if "unknown" in named:
        shares = _now_and_before(facts.unknown)
        yield f"values that were rare or not there, such as {facts.newcomer}, in {shares}"
    is_all = "moved" in named and facts.n_far > n / 2
    if facts.n_far and not is_all:
        others = f"and {plural(facts.n_far - 1, 'other cell')} are" if facts.n_far > 1 else "is"
        yield (
            f"{amount(column, facts.farthest)} {others} far outside what was seen, "
            f"{_range(column, facts.profile.edges)}"
        )
    # Of categories that are new no more is said.
    if "moved" in named and not ("unknown" in named and not facts.moved.place):
        yield _moved(facts, is_all=is_all)
    if facts.rewritten:
        yield f"written otherwise than when trained, such as {facts.rewritten}"


def _moved(facts: Facts, *, is_all: bool) -> str:
    """How the distribution is another."""
    column, profile, moved = facts.column, facts.profile, facts.moved
    if isinstance(facts.encoder, CategoryEncoder):
        name = f"'{facts.encoder.name_of(moved.place)}'" if moved.place else "less frequent values"
        return f"{name} in {_now_and_before(moved)}"
    if column.kind == "boolean":
        return f"yes in {_now_and_before(Share(1 - moved.before, 1 - moved.now))}"
    low, middle, high = facts.spread
    seen = profile.edges
    of = "letters in a text: " if column.kind == "text" else ""
    if is_all or low > seen[-1] or high < seen[0]:
        how = ""
        if column.kind == "date":
            how = ", later" if low > seen[-1] else ", earlier" if high < seen[0] else ""
        return f"{of}{_range(column, (low, high))}{how} ({_range(column, seen)} when trained)"
    below = sum(profile.counts[: int(np.searchsorted(seen, middle, "right"))]) / profile.n_known
    if not _MIDDLE[0] <= below <= _MIDDLE[1]:
        usual = amount(column, profile.quantile(0.5))
        return f"{of}median {amount(column, middle)} ({usual} when trained)"
    return f"{of}at most {amount(column, seen[moved.place])} in {_now_and_before(moved)}"


def _range(column: Column, ends: Sequence[float]) -> str:
    low, high = amount(column, ends[0]), amount(column, ends[-1])
    return low if low == high else f"{low} to {high}"


def amount(column: Column, value: float) -> str:
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
