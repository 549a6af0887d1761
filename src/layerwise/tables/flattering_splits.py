"""Tables of which rows drawn at random say more than new rows will be known by.

Rows near to each other in time, or of one thing, are alike: drawn at random, some are trained on
and others tested with. A quick model is tried both ways, on the same rows.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.arrays import Floats, Integers
from layerwise.language import said
from layerwise.tables.columns import Column
from layerwise.tables.quick_model import (
    FEWEST_ROWS,
    MOST_ROWS,
    N_FOLDS,
    QuickModel,
    few_classes,
    some_rows,
)
from layerwise.tables.row_names import words_of
from layerwise.tables.targets import Targets, distinct_values
from layerwise.tables.tree_inputs import tree_input

_WINDOWS = (0.6, 0.8)  # of the rows in order, where a part begins that is to be foreseen
_TIME_WORDS = frozenset(["date", "year", "time", "timestamp", "datetime", "yr"])
_NO_TIME = frozenset(["birth", "born", "dob", "built", "birthday", "founded", "death"])
_NEARLY_ALL = 0.98
_IN_RUNS = 0.3  # of the changes that a random order has
_FEWEST_MOMENTS = 8
_MOST_CANDIDATES = 2
_FEWEST_GROUPS = 20
_MEAN_OF_GROUP = (1.5, 12.0)  # rows; of larger groups new rows are mostly of known ones
_LARGEST_GROUP = 0.2
_LEAST_SHARED = 0.3  # of the target's spread that lies between the groups
_BLOCKS = 40


@dataclass(frozen=True)
class FlatteringSplit:
    """Two scores of one quick model: R², or of classes accuracy.

    Attributes
    ----------
    column : str
        Of the moments, or of the groups; "" for the order of the file.
    is_time : bool
    at_random : float
        On rows drawn at random.
    apart : float
        On the latest fifth, trained on what is before; or on rows of groups that are held out.
    """

    column: str
    is_time: bool
    at_random: float
    apart: float

    def in_words(self, *, is_classes: bool) -> str:
        """What was measured, and the option to test by."""
        name = self.column
        measured = {
            "score": said("accuracy") if is_classes else "R²",
            "at_random": self.at_random,
            "apart": self.apart,
        }
        if not self.is_time:
            return said(
                "a split at random flatters here: a quick model has {score} {at_random:.2f} on "
                "rows drawn at random, {apart:.2f} on rows of which it knows no other of the same "
                "{name}. If new rows will be of new ones, test so: --group-column {option}",
                name=name,
                option=shlex.quote(name),
                **measured,
            )
        if not name:
            return said(
                "a split at random flatters here: a quick model has {score} {at_random:.2f} on "
                "rows drawn at random, {apart:.2f} on the last fifth of the file. If its rows are "
                "in the order of time, and later ones are to be predicted, give them a column that "
                "says so, and name it: --time-column",
                **measured,
            )
        return said(
            "a split at random flatters here: a quick model has {score} {at_random:.2f} on rows "
            "drawn at random, {apart:.2f} on the latest fifth by {name}, from what was before. If "
            "what comes later is to be predicted, test so: --time-column {option}",
            name=name,
            option=shlex.quote(name),
            **measured,
        )


def find_flattering_splits(
    table: pa.Table, columns: Sequence[Column], y: Targets, *, is_classes: bool
) -> list[FlatteringSplit]:
    """Find by which times and groups a split at random scores better than chance explains.

    Parameters
    ----------
    table : pyarrow.Table, of n rows
        In the order of its file.
    columns : sequence of Column
    y : ndarray, shape (n,)
        Class numbers or numbers, without missing ones.
    is_classes : bool

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = pa.table({"time": np.arange(300.0)})
    >>> columns = [Column("time", "number", "", "number", 0, 300)]
    >>> found = find_flattering_splits(
    ...     table, columns, rng.normal(size=300).cumsum(), is_classes=False
    ... )
    >>> [split.column for split in found]
    ['time']
    """
    n = len(y)
    if n < FEWEST_ROWS or not any(column.is_used for column in columns):
        return []
    if is_classes:
        y = few_classes(y)
    if y.min() == y.max():
        return []
    times, groups = _times(table, columns, y), _groups(table, columns, y, is_classes)
    if not (times or groups):
        return []
    rows = some_rows(n)
    model = QuickModel.at(table, columns, y, rows, is_classes)
    if not model.has_learned:
        return []
    found = [split for name, t in times.items() if (split := _by_time(model, name, t[rows]))][:1]
    for name, group in groups.items():
        if n > MOST_ROWS:
            rows = _whole_groups(group)
            model = QuickModel.at(table, columns, y, rows, is_classes)
        if not any(split.column == name for split in found):
            found += filter(None, [_by_group(model, name, group[rows])])
    return found


def _by_time(model: QuickModel, name: str, t: Floats) -> FlatteringSplit | None:
    n = len(t)
    earlier, start = (np.sort(t)[int(share * n)] for share in _WINDOWS)
    latest, between = t >= start, (t >= earlier) & (t < start)
    if not 0.05 <= latest.mean() <= 0.5:
        return None
    apart = np.full(n, np.nan)
    apart[latest] = model.losses(~latest, latest)
    if not model.loses(apart, latest):
        return None
    if between.any() and (t < earlier).any():
        apart[between] = model.losses(t < earlier, between)
    place = np.argsort(np.argsort(t, kind="stable"), kind="stable")
    if not model.is_beyond_chance(apart, place * _BLOCKS // n):
        return None
    return FlatteringSplit(name, True, model.at_random, model.score(apart[latest], latest))


def _by_group(model: QuickModel, name: str, group: Integers) -> FlatteringSplit | None:
    _, which = np.unique(group, return_inverse=True)
    fold = (np.random.default_rng(1).permutation(int(which.max()) + 1) % N_FOLDS)[which]
    first, apart = fold == 0, np.empty(len(fold))
    apart[first] = model.losses(~first, first)
    if not model.loses(apart, first):
        return None
    apart, every = model.losses_by(fold), np.ones(len(fold), bool)
    if not (model.loses(apart, every) and model.is_beyond_chance(apart, which)):
        return None
    return FlatteringSplit(name, False, model.at_random, model.score(apart, every))


def _whole_groups(group: Integers) -> Integers:
    """The rows of some groups, in their order."""
    if len(group) <= MOST_ROWS:
        return np.arange(len(group))
    _, which, counts = np.unique(group, return_inverse=True, return_counts=True)
    order = np.random.default_rng(0).permutation(len(counts))
    chosen = order[: int(np.searchsorted(np.cumsum(counts[order]), MOST_ROWS))]
    return np.flatnonzero(np.isin(which, chosen))


def _times(table: pa.Table, columns: Sequence[Column], y: Targets) -> dict[str, Floats]:
    """Columns of moments, and else the order of the file where it may be one of time."""
    found = {}
    for column in columns:
        words = words_of(column.name)
        is_named = column.kind == "number" and _TIME_WORDS & {*words}
        if column.n_missing or not (column.kind == "date" or is_named) or _NO_TIME & {*words}:
            continue
        moments = tree_input(table.column(column.name), column)
        is_dated = column.kind == "date" or (moments.min() >= 1500 and moments.max() <= 2200)
        if not is_dated and not (np.diff(moments) >= 0).all():  # how long it took
            continue
        if not np.isnan(moments).any() and len(np.unique(moments)) >= _FEWEST_MOMENTS:
            found[column.name] = moments
    if found:
        return dict(list(found.items())[:_MOST_CANDIDATES])
    place = np.arange(table.num_rows, dtype=np.float64)
    held = [tree_input(table.column(c.name), c)[:MOST_ROWS] for c in columns if c.is_used]
    # Rows that are sorted by what they hold are not sorted by time.
    if any(_is_sorted(values) for values in [*held, y[:MOST_ROWS]]):
        return {}
    for column in columns:
        if not column.counts_rows or column.stored != "number":
            continue
        if (np.diff(tree_input(table.column(column.name), column)) > 0).all():
            return {column.name: place}
    return {"": place}


def _is_sorted(values: NDArray[np.generic]) -> bool:
    """Whether values rise or fall, or equal ones stand together."""
    numbers = np.nan_to_num(np.asarray(values, np.float64))
    steps = np.diff(numbers)
    if (steps >= 0).mean() > _NEARLY_ALL or (steps <= 0).mean() > _NEARLY_ALL:
        return True
    counts = np.unique(numbers, return_counts=True)[1]
    by_lot = 1 - float(((counts / len(numbers)) ** 2).sum())  # of the steps lead to another value
    return float((steps != 0).mean()) < _IN_RUNS * by_lot


def _groups(
    table: pa.Table, columns: Sequence[Column], y: Targets, is_classes: bool
) -> dict[str, Integers]:
    """Columns of small groups in which the target is much alike, the most alike first."""
    n, found = len(y), {}
    for column in columns:
        if column.kind not in {"category", "date", "text", "identifier", "number"}:
            continue
        if column.counts_rows or n < _MEAN_OF_GROUP[0] * column.n_distinct:
            continue
        codes = _codes(table, column)
        if codes is None:
            continue
        _, which, counts = np.unique(codes, return_inverse=True, return_counts=True)
        small = _MEAN_OF_GROUP[0] <= n / len(counts) <= _MEAN_OF_GROUP[1]
        if not small or len(counts) < _FEWEST_GROUPS or counts.max() > _LARGEST_GROUP * n:
            continue
        shared = _shared(which, counts, y, is_classes)
        if shared >= _LEAST_SHARED:
            found[column.name] = (shared, which)
    best = sorted(found, key=lambda name: -found[name][0])[:_MOST_CANDIDATES]
    return {name: found[name][1] for name in best}


def _codes(table: pa.Table, column: Column) -> Integers | None:
    """A number for each cell that is the same where the cell is, None for measurements."""
    values = table.column(column.name)
    if column.kind == "date":
        return np.unique(tree_input(values, column), return_inverse=True)[1]
    if column.kind == "number":
        numbers = tree_input(values, column)
        if (numbers != np.floor(numbers)).any():
            return None
        return np.unique(numbers, return_inverse=True)[1]
    return distinct_values(values)[1]


def _shared(which: Integers, counts: Integers, y: Targets, is_classes: bool) -> float:
    """The share of the target's variance that lies between groups, corrected for their number."""
    n, n_groups = len(y), len(counts)
    parts = np.eye(int(y.max()) + 1)[y.astype(np.int64)].T if is_classes else y[None]
    within = total = 0.0
    for numbers in parts:
        part = numbers - numbers.mean()
        sums = np.bincount(which, part)
        total += float((part**2).sum())
        within += float((part**2).sum() - (sums**2 / counts).sum())
    if n <= n_groups or not total:
        return 0.0
    return 1 - (within / (n - n_groups)) / (total / (n - 1))
