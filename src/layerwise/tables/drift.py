"""What differs between new rows and those that a model was trained on, column by column.

A column is named for what it holds now (`Profile` says what it held then): cells that cannot be
read, numbers far outside what was seen, values missing or unknown more or less often, and another
distribution. The last three are named only where they are both large and no accident, so that a few
rows raise no alarm, and a million none for a trifle:

- how large: a share of rows that differs by 10 percentage points (by 1, of cells that were never
  missing before); for distributions a fifth of the rows: the greatest distance of the cumulative
  shares (Kolmogorov and Smirnov), or of the shares of a category; for normal numbers that is a
  shift by half a standard deviation, which the population stability index (Yurdakul 2018) calls
  0.25. So it does not grow with the number of rows, as the index does when they are few.
- no accident: counts of both tables are as if drawn from one pile; the chance of a share so far
  from the pile's is at most exp(-n D), D being the Kullback-Leibler divergence (Hoeffding 1963,
  also for draws without replacement), which holds for few rows as for many. It is corrected for all
  shares of a column, and by Holm 1979 for all columns: of 100 tables at most 1 is named without a
  cause. Numbers far outside are a rule of their own (`Profile.reach`).

Dates of new rows are later as a rule; that is a note and no warning.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats, Mask
from layerwise.language import retold, said, speaks
from layerwise.tables.columns import Column
from layerwise.tables.drift_words import Facts, Share, amount, in_words
from layerwise.tables.encoders import Encoder
from layerwise.tables.names import some_names, spelled_as
from layerwise.tables.parsing import Values, some
from layerwise.tables.preparation import Preparation
from layerwise.tables.profiles import Measured, Profile
from layerwise.texts import cell_text, plural

_ACCIDENTS = 0.01  # tables of which one is named without a cause
_LEAST_MOVED = 0.2  # share of the rows, of a distribution
_LEAST_SHARE = 0.1  # by which cells are missing more or less often
_LEAST_NEW = 0.01  # of what was never there
_LEAST_ROWS = 10  # that are a distribution
_FREQUENT = 10  # rows of a category that is looked at by itself
_MOST_CATEGORIES = 50
_TEN_YEARS = 3652.5  # days: dates go on


@dataclass(frozen=True)
class ComparedColumn:
    """A column of new rows beside what it was like when the model was trained.

    Attributes
    ----------
    column : str
    severity : str or None
        None: nothing differs that matters; "note" or "warning".
    message : str
        What differs, and by how much.
    missing, unreadable, unknown : tuple of two floats
        Shares of the rows trained on and of the new ones: without a value; with one that cannot be
        read; with a category that was rare or not there, of the rows trained on as is to be
        expected.
    n_far : int
        New cells with a number far outside what was seen.
    distance : float
        How far the distributions are apart, 0 to 1: the greatest difference of a cumulative share,
        or of a category's share.
    """

    column: str
    severity: str | None
    message: str
    missing: tuple[float, float]
    unreadable: tuple[float, float]
    unknown: tuple[float, float]
    n_far: int
    distance: float


@dataclass(frozen=True, repr=False)
class Comparison:
    """New rows beside those that a model was trained on.

    Attributes
    ----------
    n_rows : int
        The new ones.
    n_trained : int or None
        Those trained on; None where the model was saved by an earlier version, which did not keep
        what they were like: nothing is compared then.
    columns : tuple of ComparedColumn
        Those that the model uses, in the table's order.
    """

    n_rows: int
    n_trained: int | None
    columns: tuple[ComparedColumn, ...] = ()

    @property
    def differences(self) -> tuple[ComparedColumn, ...]:
        """The columns that differ, warnings first, and what is most different first."""
        found = [column for column in self.columns if column.severity]
        found.sort(key=lambda one: (one.severity == "note", -_size(one)))
        return tuple(found)

    @property
    def warnings(self) -> tuple[ComparedColumn, ...]:
        """Those of the differences that are no notes."""
        return tuple(one for one in self.differences if one.severity == "warning")

    @speaks
    def sentences(self, *, language: str | None = None) -> list[str]:
        """What differs, a line for each of the `differences`.

        Parameters
        ----------
        language : {"en", "ko"} or None
            Of the lines; None: by the environment, else English.

        Examples
        --------
        >>> from layerwise.tables.kinds import describe_columns
        >>> table = pa.table({"price": [2.0, 4.5, 6.0, 9.0] * 10})
        >>> preparation = Preparation.fit(table, describe_columns(table))
        >>> compare(preparation, pa.table({"price": [5.0, 50.0]})).sentences(language="ko")
        ['price: 50이 학습할 때의 범위(2~9)를 크게 벗어남']
        """
        return [retold(one.message) for one in self.differences]

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    def __repr__(self) -> str:
        rows, different = plural(self.n_rows, "row"), [one.column for one in self.differences]
        differ = f": {some_names(different)} differ" if different else ""
        return f"<Comparison of {rows} in {plural(len(self.columns), 'column')}{differ}>"


def _size(one: ComparedColumn) -> float:
    pairs = (one.missing, one.unreadable, one.unknown)
    shares = [abs(now - before) for before, now in pairs]
    return max(*shares, one.distance, float(one.n_far > 0))


def compare(preparation: Preparation, table: pa.Table) -> Comparison:
    """Compare the rows of a table with those that a preparation was fitted to.

    Raises
    ------
    TableError
        If a column is missing, or holds something of another kind.

    Examples
    --------
    >>> from layerwise.tables.kinds import describe_columns
    >>> table = pa.table({"price": [2.0, 4.5, 6.0, 9.0] * 10})
    >>> preparation = Preparation.fit(table, describe_columns(table))
    >>> compare(preparation, pa.table({"price": [5.0, 50.0]})).differences[0].message
    'price: 50 is far outside what was seen, 2 to 9'
    >>> compare(preparation, pa.table({"price": [5.0, 10.0]})).differences
    ()
    """
    if preparation.profiles is None:
        return Comparison(table.num_rows, None)
    table = spelled_as(table, (column.name for column in preparation.columns))
    measured = preparation.measured(table)
    if not table.num_rows:
        return Comparison(0, preparation.profiles[0].n_rows)
    facts = []
    for column, encoder, profile, cells in zip(
        preparation.used,
        preparation.encoders,
        preparation.profiles,
        measured,
        strict=True,
    ):
        reach = _reach(column, profile, len(preparation.used))
        facts.append(_facts_of(column, encoder, profile, cells, table.column(column.name), reach))
    chances = np.array(
        [[one.missing.chance, one.unreadable.chance, one.unknown.chance, one.moved.chance]
         for one in facts]
    )  # fmt: skip
    are_real = _are_real(chances.ravel()).reshape(chances.shape)
    columns = [_compared(fact, are_real[i].tolist()) for i, fact in enumerate(facts)]
    return Comparison(table.num_rows, preparation.profiles[0].n_rows, tuple(columns))


def _reach(column: Column, profile: Profile, n_columns: int) -> tuple[float, float]:
    if column.kind == "text":
        return -np.inf, np.inf
    low, high = profile.reach(n_columns)
    more = _TEN_YEARS if column.kind == "date" else 0.0
    return low - more, high + more


def _facts_of(
    column: Column,
    encoder: Encoder,
    profile: Profile,
    cells: Measured,
    values: Values,
    reach: tuple[float, float],
) -> Facts:
    """All that is said of a column's new cells, so that they need not be kept."""
    now, is_category = profile.counted(cells), column.kind == "category"
    unknown = Share(0.0, 0.0)
    if is_category:
        unknown = _share(_n_expected(profile), profile.n_known, now.counts[0], now.n_known)
    moved = _moved(profile, now, is_category=is_category)
    known = cells.x[~np.isnan(cells.x)]
    far = known[(known < reach[0]) | (known > reach[1])]
    spread = known if abs(moved.rise) >= _LEAST_MOVED else np.zeros(1)
    low, middle, high = np.quantile(spread, (0, 0.5, 1), method="inverted_cdf").tolist()
    first = int((~np.isnan(cells.x)).argmax())
    return Facts(
        column,
        encoder,
        profile,
        now.n_rows,
        now.n_unread,
        len(far),
        (low, middle, high),
        farthest=float(far[abs(far - profile.quantile(0.5)).argmax()]) if len(far) else np.nan,
        stray=_cell(values, cells.unread[0]) if now.n_unread else "",
        newcomer=_cell(values, (cells.x == 0).argmax()) if unknown.now else "",
        rewritten=said(
            "{cell}, read as {value}",
            cell=_cell(values, first),
            value=amount(column, cells.x[first]),
        )
        if cells.reading
        else "",
        missing=_share(profile.n_missing, profile.n_rows, now.n_missing, now.n_rows),
        unreadable=_share(profile.n_unread, profile.n_rows, now.n_unread, now.n_rows),
        unknown=unknown,
        moved=moved,
    )


def _cell(values: Values, place: int | np.integer) -> str:
    return some([cell_text(values[int(place)].as_py())])


def _compared(facts: Facts, are_real: Sequence[bool]) -> ComparedColumn:
    missing, unreadable, unknown = facts.missing, facts.unreadable, facts.unknown
    is_missing, is_unreadable, is_unknown, has_moved = are_real
    named = {
        "missing": is_missing and _is_large(missing),
        "unreadable": unreadable.now > 0
        and (not unreadable.before or (is_unreadable and unreadable.rise >= _LEAST_SHARE)),
        "unknown": is_unknown and unknown.rise > 0 and _is_large(unknown),
        "moved": has_moved and abs(facts.moved.rise) >= _LEAST_MOVED,
    }
    message = in_words(facts, {name for name, is_named in named.items() if is_named})
    has_moved = named.pop("moved")
    is_warning = any(named.values()) or facts.n_far or (has_moved and facts.column.kind != "date")
    return ComparedColumn(
        facts.column.name,
        ("warning" if is_warning else "note") if message else None,
        message,
        (missing.before, missing.now),
        (unreadable.before, unreadable.now),
        (unknown.before, unknown.now),
        facts.n_far,
        round(abs(facts.moved.rise), 6),
    )


def _is_large(share: Share) -> bool:
    return abs(share.rise) >= (_LEAST_SHARE if share.before else _LEAST_NEW)


def _n_expected(profile: Profile) -> int:
    """How many of as many rows would hold a rare category or a new one (Good 1953)."""
    twice = 2 * sum(count == 2 for count in profile.counts[1:])
    return min(profile.n_known, profile.counts[0] + twice)


def _moved(before: Profile, now: Profile, *, is_category: bool) -> Share:
    """Where the distributions are farthest apart."""
    n_before, n_now = before.n_known, now.n_known
    if n_now < _LEAST_ROWS or n_before < _LEAST_ROWS:
        return Share(0.0, 0.0)
    counts, new = np.asarray(before.counts), np.asarray(now.counts)
    if is_category:
        often = 1 + np.flatnonzero(counts[1:] >= _FREQUENT)[:_MOST_CATEGORIES]
        counts, new = (np.append(c[often], c.sum() - c[often].sum()) for c in (counts, new))
    else:
        counts, new = counts.cumsum()[:-1], new.cumsum()[:-1]
    rises = new / n_now - counts / n_before
    place = int((abs(rises) + 1e-9 * (rises > 0)).argmax())  # of equals, what is more frequent now
    share = _share(int(counts[place]), n_before, int(new[place]), n_now)
    if is_category:
        place = int(often[place]) if place < len(often) else 0
    return Share(share.before, share.now, min(1.0, len(counts) * share.chance), place)


def _share(before: int, n_before: int, now: int, n_now: int) -> Share:
    """Shares of two tables, with a bound of the chance that they are so far apart by accident."""
    if not n_before or not n_now:
        return Share(0.0, 0.0)
    p, q, pile = before / n_before, now / n_now, (before + now) / (n_before + n_now)
    exponent = max(n_before * _divergence(p, pile), n_now * _divergence(q, pile))
    return Share(p, q, min(1.0, 2 * math.exp(-exponent)))


def _divergence(p: float, q: float) -> float:
    """Of Kullback and Leibler, of one share from another."""
    one = p * math.log(p / q) if p > 0 else 0.0
    return one + ((1 - p) * math.log((1 - p) / (1 - q)) if p < 1 else 0.0)


def _are_real(chances: Floats) -> Mask:
    """Which of all are no accidents (Holm 1979)."""
    order = np.argsort(chances, kind="stable")
    passed = chances[order] <= _ACCIDENTS / np.arange(len(chances), 0, -1)
    real = np.zeros(len(chances), bool)
    real[order[np.logical_and.accumulate(passed)]] = True
    return real
