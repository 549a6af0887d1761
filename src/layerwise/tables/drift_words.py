"""What differs between a column's new cells and those that a model was trained on, in words."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np

from layerwise.language import message, said, said_count, said_list
from layerwise.tables.columns import Column
from layerwise.tables.encoders import CategoryEncoder, Encoder
from layerwise.tables.parsing import is_day, is_time_of_day
from layerwise.tables.profiles import Profile
from layerwise.texts import number, said_percent, said_seconds

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
    parts = list(_parts(facts, named))
    return facts.column.name + ": " + said_list("; ", parts) if parts else ""


def _parts(facts: Facts, named: Set[str]) -> Iterator[str]:
    column, n = facts.column, facts.n_rows
    if "unreadable" in named:
        wanted = said("numbers")
        if column.kind in {"date", "boolean"}:
            wanted = said("dates") if column.kind == "date" else said("yes or no")
        unread = facts.unreadable
        yield said(
            "{k:,} of {cells} hold no {wanted}, such as {example}, and count as missing ({before} "
            "when trained)",
            k=facts.n_unread,
            cells=said_count(n, "cell"),
            wanted=wanted,
            example=facts.stray,
            before=said_percent(unread.before, 0) if unread.before else said("none"),
        )
    if "missing" in named:
        yield said("missing in {shares}", shares=_now_and_before(facts.missing))
    if "unknown" in named:
        yield said(
            "values that were rare or not there, such as {example}, in {shares}",
            example=facts.newcomer,
            shares=_now_and_before(facts.unknown),
        )
    is_all = "moved" in named and facts.n_far > n / 2
    if facts.n_far and not is_all:
        value, seen = amount(column, facts.farthest), _range(column, facts.profile.edges)
        if facts.n_far == 1:
            yield said("{value} is far outside what was seen, {seen}", value=value, seen=seen)
        else:
            yield said(
                "{value} and {others} are far outside what was seen, {seen}",
                value=value,
                others=said_count(facts.n_far - 1, "other cell"),
                seen=seen,
            )
    # Of categories that are new no more is said.
    if "moved" in named and not ("unknown" in named and not facts.moved.place):
        yield _moved(facts, is_all=is_all)
    if facts.rewritten:
        yield said(
            "written otherwise than when trained, such as {example}", example=facts.rewritten
        )


def _moved(facts: Facts, *, is_all: bool) -> str:
    """How the distribution is another."""
    column, moved = facts.column, facts.moved
    if isinstance(facts.encoder, CategoryEncoder):
        shares = _now_and_before(moved)
        if not moved.place:
            return said("less frequent values in {shares}", shares=shares)
        return said("'{name}' in {shares}", name=facts.encoder.name_of(moved.place), shares=shares)
    if column.kind == "boolean":
        shares = _now_and_before(Share(1 - moved.before, 1 - moved.now))
        return said("yes in {shares}", shares=shares)
    text = _numbers_moved(facts, is_all=is_all)
    return said("letters in a text: ") + text if column.kind == "text" else text


def _numbers_moved(facts: Facts, *, is_all: bool) -> str:
    """How the distribution of numbers, dates or lengths is another."""
    column, profile, moved = facts.column, facts.profile, facts.moved
    low, middle, high = facts.spread
    seen = profile.edges
    if is_all or low > seen[-1] or high < seen[0]:
        template = message("{now} ({before} when trained)")
        if column.kind == "date" and low > seen[-1]:
            template = message("{now}, later ({before} when trained)")
        elif column.kind == "date" and high < seen[0]:
            template = message("{now}, earlier ({before} when trained)")
        return said(template, now=_range(column, (low, high)), before=_range(column, seen))
    below = sum(profile.counts[: int(np.searchsorted(seen, middle, "right"))]) / profile.n_known
    if not _MIDDLE[0] <= below <= _MIDDLE[1]:
        usual = amount(column, profile.quantile(0.5))
        now = amount(column, middle)
        return said("median {now} ({before} when trained)", now=now, before=usual)
    most = amount(column, seen[moved.place])
    return said("at most {most} in {shares}", most=most, shares=_now_and_before(moved))


def _range(column: Column, ends: Sequence[float]) -> str:
    low, high = amount(column, ends[0]), amount(column, ends[-1])
    return low if low == high else said("{low} to {high}", low=low, high=high)


def amount(column: Column, value: float) -> str:
    """A number of a column as people read it."""
    reading = column.reading
    if column.kind == "date":
        return str(np.datetime64(round(value * _A_DAY), "s"))[:10]
    if column.kind == "boolean":
        return said("yes") if value else said("no")
    plain = number(value)
    if "." in plain and "e" not in plain:
        plain = plain.rstrip("0").rstrip(".")
    if reading is None or column.kind != "number" or not np.isfinite(value):
        return plain
    if is_day(reading):
        return str(np.datetime64("1972-01-01") + int(value // _A_DAY))[5:]  # as 02-29
    if is_time_of_day(reading):
        return f"{int(value // 3600):02}:{int(value % 3600 // 60):02}"
    if reading.formats:
        return said_seconds(value)
    return f"{plain} {reading.amounts.unit if reading.amounts else reading.unit}".strip()


def _now_and_before(share: Share) -> str:
    return said(
        "{now} of the rows ({before} when trained)",
        now=said_percent(share.now, 0),
        before=said_percent(share.before, 0),
    )
