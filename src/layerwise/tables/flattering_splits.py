"""Tables of which rows drawn at random say more than new rows will be known by.

Rows near to each other in time, or of one thing, are alike: drawn at random, some are trained on
and others tested with. A quick model is tried both ways, on the same rows.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.columns import Column
from layerwise.tables.giveaways import strongest
from layerwise.tables.row_names import words_of
from layerwise.tables.targets import Targets, distinct_values
from layerwise.tables.tree_inputs import tree_input

__all__ = ["FlatteringSplit", "find_flattering_splits", "find_helpful_identifiers"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_MOST_ROWS = 3_000
_FEWEST_ROWS = 150
_MOST_COLUMNS = 30
_MOST_CLASSES = 6  # the others are one together
_FOLDS = 4
_TREES = 25
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
# What a split at random must gain to be called flattering: of R² or accuracy, and as a share of
# what was learned at all; and in standard errors of the same rows' mistakes.
_LEAST_GAIN = {True: 0.05, False: 0.1}
_LEAST_SHARE = 0.2
_ERRORS = 2.0
_BLOCKS = 40
_RANGES = 12  # of an identifier's numbers, whole ones of which are held out


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
        score, name = "accuracy" if is_classes else "R²", self.column
        both = f"{score} {self.at_random:.2f} on rows drawn at random, {self.apart:.2f} on"
        quick = "a split at random flatters here: a quick model has"
        if not self.is_time:
            return (
                f"{quick} {both} rows of which it knows no other of the same {name}. If new rows "
                f"will be of new ones, test so: --group-column {shlex.quote(name)}"
            )
        if not name:
            return (
                f"{quick} {both} the last fifth of the file. If its rows are in the order of time, "
                "and later ones are to be predicted, give them a column that says so, and name it: "
                "--time-column"
            )
        return (
            f"{quick} {both} the latest fifth by {name}, from what was before. If what comes later "
            f"is to be predicted, test so: --time-column {shlex.quote(name)}"
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
    if n < _FEWEST_ROWS or not any(column.is_used for column in columns):
        return []
    if is_classes:
        y = _few_classes(y)
    if y.min() == y.max():
        return []
    times, groups = _times(table, columns, y), _groups(table, columns, y, is_classes)
    if not (times or groups):
        return []
    rows = _some_rows(n)
    look = _Look.at(table, columns, y, rows, is_classes)
    if look.at_random - look.nothing < _LEAST_GAIN[is_classes]:
        return []
    found = [split for name, t in times.items() if (split := _by_time(look, name, t[rows]))][:1]
    for name, group in groups.items():
        if n > _MOST_ROWS:
            rows = _whole_groups(group)
            look = _Look.at(table, columns, y, rows, is_classes)
        if not any(split.column == name for split in found):
            found += filter(None, [_by_group(look, name, group[rows])])
    return found


def find_helpful_identifiers(
    table: pa.Table, columns: Sequence[Column], y: Targets, *, is_classes: bool
) -> dict[str, str]:
    """Find numbers that name the row and yet help where no near one was seen, and say how much.

    Whole ranges of such numbers are held out: that neighbours in a file are alike is no help to
    rows that come later.

    Parameters
    ----------
    table, columns, y, is_classes
        As of `find_flattering_splits`; rows to train on alone.
    """
    used = [column for column in columns if column.is_used]
    names = [
        column
        for column in columns
        if column.kind == "identifier" and not column.counts_rows and column.stored == "number"
    ]
    found: dict[str, str] = {}
    if len(y) < _FEWEST_ROWS or not used or not names or y.min() == y.max():
        return found
    y, rows = _few_classes(y) if is_classes else y, _some_rows(len(y))
    for column in names[:_MOST_CANDIDATES]:
        as_number = replace(column, kind="number")
        numbers = tree_input(table.column(column.name), as_number)[rows]
        place = np.argsort(np.argsort(numbers, kind="stable"), kind="stable")
        blocks = place * _RANGES // len(rows)
        without, beside = (
            _Look.at(table, chosen, y, rows, is_classes, blocks % _FOLDS)
            for chosen in (used, [*used, as_number])
        )
        scores = without.at_random, beside.at_random
        least = _LEAST_GAIN[is_classes]
        if scores[1] - max(scores[0], without.nothing) >= least and beside.is_beyond_chance(
            without.by_lot, blocks
        ):
            score = "accuracy" if is_classes else "R²"
            found[column.name] = (
                f"yet it helps where no near one was seen: {score} {scores[1]:.2f} with it and "
                f"{scores[0]:.2f} without, of a quick model"
            )
    return found


def _some_rows(n: int) -> Integers:
    if n <= _MOST_ROWS:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, _MOST_ROWS, replace=False))


def _few_classes(y: Targets) -> Targets:
    """The most frequent classes, and all others as one."""
    order = np.argsort(-np.bincount(y.astype(np.int64)), kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return np.minimum(place, _MOST_CLASSES - 1)[y.astype(np.int64)]


@dataclass(frozen=True)
class _Look:
    """Some rows as a quick model gets them, and what it gets wrong of them."""

    inputs: Floats
    y: Targets
    is_classes: bool
    by_lot: Floats  # the loss of each row, by models trained without its fold: by lot, or as given

    @classmethod
    def at(
        cls,
        table: pa.Table,
        columns: Sequence[Column],
        y: Targets,
        rows: Integers,
        is_classes: bool,
        fold: Integers | None = None,
    ) -> "_Look":
        used = [column for column in columns if column.is_used]
        part, y = table.select([c.name for c in used]).take(pa.array(rows)), y[rows]
        inputs = {column.name: tree_input(part.column(column.name), column) for column in used}
        inputs = {name: np.where(np.isfinite(x), x, np.nan) for name, x in inputs.items()}
        if len(inputs) > _MOST_COLUMNS:
            chosen = strongest(
                {name: np.nan_to_num(x) for name, x in inputs.items()},
                y,
                is_classes=is_classes,
                n_most=_MOST_COLUMNS,
            )
            inputs = {name: inputs[name] for name in chosen}
        x = np.column_stack(list(inputs.values()))
        if fold is None:
            fold = np.random.default_rng(0).permutation(len(y)) % _FOLDS
        look = cls(x, y, is_classes, np.empty(0))
        return cls(x, y, is_classes, look.losses_by(fold))

    def losses_by(self, fold: Integers) -> Floats:
        """Each row's loss by a model of the other folds."""
        losses = np.empty(len(self.y))
        for k in range(_FOLDS):
            losses[fold == k] = self.losses(fold != k, fold == k)
        return losses

    def losses(self, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> Floats:
        """Squared errors, or 1 for a wrong class, of the rows to test."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits

        y = self.y[train]
        known = ~np.isnan(self.inputs[train]).all(axis=0)  # without which trees are not grown
        if (self.is_classes and (y == y[0]).all()) or not known.any():
            common = np.bincount(y.astype(np.int64)).argmax() if self.is_classes else y.mean()
            return self._wrong(np.full(int(test.sum()), common), test)
        n_classes = len(np.unique(y)) if self.is_classes else 2
        kind = HistGradientBoostingClassifier if self.is_classes else HistGradientBoostingRegressor
        trees = _TREES if n_classes <= 2 else max(10, 2 * _TREES // n_classes)
        model = kind(
            max_iter=trees,
            max_leaf_nodes=15,
            learning_rate=0.2,
            early_stopping=False,
            random_state=0,
        )
        with threadpool_limits(1, "openmp"):
            model.fit(self.inputs[train][:, known], y)
            return self._wrong(model.predict(self.inputs[test][:, known]), test)

    def _wrong(self, predicted: NDArray[Any], test: NDArray[np.bool_]) -> Floats:
        y = self.y[test]
        return np.asarray(predicted != y if self.is_classes else (predicted - y) ** 2, np.float64)

    def score(self, losses: Floats, rows: NDArray[np.bool_]) -> float:
        """Accuracy, or R², of these rows."""
        if self.is_classes:
            return 1 - float(losses.mean())
        spread = float(np.var(self.y[rows]))
        return 1 - float(losses.mean()) / spread if spread else 0.0

    @property
    def at_random(self) -> float:
        """The score of all rows, drawn by lot."""
        return self.score(self.by_lot, np.ones(len(self.y), bool))

    @property
    def nothing(self) -> float:
        """What is scored without having learned anything."""
        if not self.is_classes:
            return 0.0
        return float(np.bincount(self.y.astype(np.int64)).max()) / len(self.y)

    def loses(self, apart: Floats, rows: NDArray[np.bool_]) -> bool:
        """Whether so much is lost on rows that were held out in another way that it matters."""
        least = max(_LEAST_GAIN[self.is_classes], _LEAST_SHARE * (self.at_random - self.nothing))
        then, same_rows = (self.score(losses[rows], rows) for losses in (apart, self.by_lot))
        return min(self.at_random - then, 2 * (same_rows - then)) >= least

    def is_beyond_chance(self, apart: Floats, blocks: Integers) -> bool:
        """Whether losses, NaN where there is none, are larger than those of rows by lot.

        `blocks` are the numbers of parts that are taken for independent of each other.
        """
        known = ~np.isnan(apart)
        gains = (apart - self.by_lot)[known]
        sums = np.bincount(blocks[known], gains - gains.mean())
        error = float(np.sqrt((sums**2).sum())) / len(gains)
        return float(gains.mean()) > _ERRORS * error


def _by_time(look: _Look, name: str, t: Floats) -> FlatteringSplit | None:
    n = len(t)
    earlier, start = (np.sort(t)[int(share * n)] for share in _WINDOWS)
    latest, between = t >= start, (t >= earlier) & (t < start)
    if not 0.05 <= latest.mean() <= 0.5:
        return None
    apart = np.full(n, np.nan)
    apart[latest] = look.losses(~latest, latest)
    if not look.loses(apart, latest):
        return None
    if between.any() and (t < earlier).any():
        apart[between] = look.losses(t < earlier, between)
    place = np.argsort(np.argsort(t, kind="stable"), kind="stable")
    if not look.is_beyond_chance(apart, place * _BLOCKS // n):
        return None
    return FlatteringSplit(name, True, look.at_random, look.score(apart[latest], latest))


def _by_group(look: _Look, name: str, group: Integers) -> FlatteringSplit | None:
    _, which = np.unique(group, return_inverse=True)
    fold = (np.random.default_rng(1).permutation(int(which.max()) + 1) % _FOLDS)[which]
    first, apart = fold == 0, np.empty(len(fold))
    apart[first] = look.losses(~first, first)
    if not look.loses(apart, first):
        return None
    apart, every = look.losses_by(fold), np.ones(len(fold), bool)
    if not (look.loses(apart, every) and look.is_beyond_chance(apart, which)):
        return None
    return FlatteringSplit(name, False, look.at_random, look.score(apart, every))


def _whole_groups(group: Integers) -> Integers:
    """The rows of some groups, in their order."""
    if len(group) <= _MOST_ROWS:
        return np.arange(len(group))
    _, which, counts = np.unique(group, return_inverse=True, return_counts=True)
    order = np.random.default_rng(0).permutation(len(counts))
    chosen = order[: int(np.searchsorted(np.cumsum(counts[order]), _MOST_ROWS))]
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
    held = [tree_input(table.column(c.name), c)[:_MOST_ROWS] for c in columns if c.is_used]
    # Rows that are sorted by what they hold are not sorted by time.
    if any(_is_sorted(values) for values in [*held, y[:_MOST_ROWS]]):
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
