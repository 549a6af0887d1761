"""Columns that give the target away: one or two that predict it almost without a mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.stats import rankdata

from layerwise.arrays import Floats, Integers
from layerwise.tables.parsing import Values, some
from layerwise.tables.targets import Targets, taken_as_classes

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

_MOST_CELLS = 2_000_000
_MOST_CANDIDATES = 24
_MOST_PAIRED = 4
# Held-out mistakes, as a share of those of the trivial prediction. On public tables the best two
# honest columns leave more than a tenth; a copy of the target, or one with small changes, leaves
# next to nothing.
_MOST_ERROR = 0.005
# So many rows must be at stake for the share to mean anything.
_LEAST_AT_STAKE = 20
_FOLDS = 3
_ROWS_OF_A_VALUE = 10  # with less, a value's rows are held out together
_MANY_PAIRS = 20
_TIMES_BETTER = 3  # a pair must be, than either column
_LARGEST = 1e15
_OF_ITS_OWN, _LEFT = 0.5, 1e-7  # shares: of the dates, of the variance
_MOST_DECIMALS = 8


@dataclass(frozen=True)
class Giveaway:
    """One or two columns that predict the target.

    Attributes
    ----------
    names : tuple of str
    error : float
        Held-out mistakes as a share of the trivial prediction's; of numbers, squared ones of
        their ranks.
    """

    names: tuple[str, ...]
    error: float


@taken_as_classes()
def find_giveaways(inputs: Mapping[str, Floats], y: Targets, *, is_classes: bool) -> list[Giveaway]:
    """Find single columns, and then pairs, from which a decision tree predicts the target.

    Pairs are looked for among the few columns that matter most, together with their sum,
    difference, product and ratio. All rows of a value that few have are held out together: that
    it was seen with its target says nothing of others.

    Parameters
    ----------
    inputs : mapping of str to ndarray, shape (n,)
        Columns as numbers, NaN for missing cells.
    y : ndarray, shape (n,)
        Class numbers or numbers, without missing ones.
    is_classes : bool

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 300)
    >>> inputs = {"noise": rng.normal(size=300), "paid_back": y + 1.0}
    >>> [giveaway.names for giveaway in find_giveaways(inputs, y, is_classes=True)]
    [('paid_back',)]
    """
    if not inputs or not _is_enough(y, is_classes):
        return []
    if not is_classes:
        y = rankdata(y) / len(y)  # the largest few would else outweigh all others
    inputs = {name: np.clip(x, -_LARGEST, _LARGEST) for name, x in inputs.items()}
    candidates = strongest(inputs, y, is_classes=is_classes)
    errors = {name: _error(inputs[name][:, None], y, is_classes) for name in candidates}
    found = [Giveaway((name,), e) for name, e in errors.items() if e <= _MOST_ERROR]
    alone = {giveaway.names[0] for giveaway in found}
    paired = [name for name in candidates if name not in alone][:_MOST_PAIRED]
    for a, b in combinations(paired, 2):
        error = _error(_combined(inputs[a], inputs[b]), y, is_classes)
        if error <= min(_MOST_ERROR, min(errors[a], errors[b]) / _TIMES_BETTER):
            found.append(Giveaway((a, b), error))
    return found


def is_course(y: Targets, days: Floats, *others: Floats) -> bool:
    """Whether numbers run along with dates, so that those of the days before and after tell them.

    They do, as prices and counts of all cases so far, where nearly every date has numbers of its
    own. What a date decides has few values, as the year has; or it is the date in other units, or
    the date and another column added up: then a line leaves no more of it than it was rounded by.

    Parameters
    ----------
    y, days : ndarray, shape (n,)
    *others : ndarray, shape (n,)
        What gives the numbers away together with the dates.

    Examples
    --------
    >>> days = np.arange(500.0)
    >>> is_course(np.sqrt(days), days), is_course(days // 365, days)
    (True, False)
    >>> is_course(np.round(30 - days / 365.25, 2), days), is_course(days + days % 7, days, days % 7)
    (False, False)
    """
    x = np.clip(np.column_stack([days, *others]), -_LARGEST, _LARGEST)
    known = ~np.isnan(x).any(axis=1)
    x, y = x[known], y[known]
    if len(np.unique(y)) <= _OF_ITS_OWN * len(np.unique(x[:, 0])):
        return False
    x = x - x.mean(axis=0)
    x /= np.maximum(np.abs(x).max(axis=0), 1 / _LARGEST)
    size = np.abs(y).max()
    around = y / size - (y / size).mean()
    left = around - x @ np.linalg.lstsq(x, around, rcond=None)[0]
    is_line = np.abs(left).max() <= _last_place(y) / size or left.var() <= _LEFT * around.var()
    return not is_line


def _last_place(y: Targets) -> float:
    """What the last decimal that numbers are written with is worth; 0 if they have too many."""
    for k in range(_MOST_DECIMALS):
        if np.allclose(y, np.round(y, k), rtol=1e-12, atol=0):
            return float(10.0**-k)
    return 0.0


def copies_of_target(
    table: pa.Table, targets: pa.Table, dropped: Sequence[str] = ()
) -> tuple[str, ...]:
    """A sentence on the columns that hold what a target does, cell for cell; none for few rows.

    Examples
    --------
    >>> price = [float(i % 7) for i in range(60)]
    >>> table = pa.table({"cost": price, "rooms": [i % 5 for i in range(60)]})
    >>> copies_of_target(table, pa.table({"price": price}))
    ("the column 'cost' holds the target 'price' itself: leave it out, as drop=['cost']",)
    """
    if table.num_rows < 2 * _LEAST_AT_STAKE:
        return ()
    found = []
    for target in targets.column_names:
        names = [
            name
            for name in table.column_names
            if name not in dropped and _are_the_same(table.column(name), targets.column(target))
        ]
        if names:
            one = len(names) == 1
            found.append(
                f"the column{'' if one else 's'} {some(names)} hold{'s' if one else ''} the "
                f"target {target!r} itself: leave {'it' if one else 'them'} out, as drop={names}"
            )
    return tuple(found)


def _are_the_same(a: Values, b: Values) -> bool:
    n_first = 100  # most columns differ there
    return all(
        _comparable(a.slice(0, n)).equals(_comparable(b.slice(0, n))) for n in (n_first, len(a))
    )


def _comparable(cells: Values) -> pa.ChunkedArray:
    """Cells such that those of one value are equal, whatever type holds them."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if pa.types.is_boolean(cells.type):
        cells = cells.cast(pa.int8())
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        cells = cells.cast(pa.float64(), safe=False)
    if pa.types.is_large_string(cells.type) or pa.types.is_string_view(cells.type):
        cells = cells.cast(pa.string())
    return pa.chunked_array([cells]) if isinstance(cells, pa.Array) else cells


def _is_enough(y: Targets, is_classes: bool) -> bool:
    if is_classes:
        return len(y) - int(np.bincount(y.astype(np.int64)).max()) >= _LEAST_AT_STAKE
    return len(y) >= 2 * _LEAST_AT_STAKE and float(np.var(y)) > 0


@taken_as_classes()
def strongest(
    inputs: Mapping[str, Floats], y: Targets, *, is_classes: bool, n_most: int = _MOST_CANDIDATES
) -> list[str]:
    """The columns that a tree over all of them uses most."""
    names = list(inputs)
    n = min(len(y), max(500, _MOST_CELLS // len(names)))
    x = np.column_stack([inputs[name][:n] for name in names]).astype(np.float32)
    tree = _tree(is_classes, max_leaf_nodes=16).fit(x, y[:n])
    order = np.argsort(-tree.feature_importances_, kind="stable")
    return [names[i] for i in order[:n_most]]


def _folds(x: Floats) -> Integers:
    """A fold for each row: the same for all rows of a value that few have, or of a pair."""
    known = np.nan_to_num(x[:, :2], nan=2 * _LARGEST)
    _, which, counts = np.unique(known, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    of_rows, of_values = (np.random.default_rng(0).permutation(n) for n in (len(x), len(counts)))
    seldom = counts[which] < _ROWS_OF_A_VALUE
    if x.shape[1] > 1 and len(counts) > _MANY_PAIRS:  # which may name a thing that has many rows
        seldom[:] = True
    fold = np.where(seldom, of_values[which], of_rows) % _FOLDS
    return np.asarray(fold)


def _error(x: Floats, y: Targets, is_classes: bool) -> float:
    """Held-out mistakes as a share of the trivial prediction's; of the first folds if far off."""
    fold = _folds(x)
    trivial = mistakes = 0.0
    for k in range(_FOLDS):
        train, test = fold != k, fold == k
        predicted = _tree(is_classes).fit(x[train], y[train]).predict(x[test])
        if is_classes:
            common = np.bincount(y[train].astype(np.int64)).argmax()
            mistakes += float((predicted != y[test]).sum())
            trivial += float((y[test] != common).sum())
        else:
            mistakes += float(((predicted - y[test]) ** 2).sum())
            trivial += float(((y[test] - y[train].mean()) ** 2).sum())
        if mistakes > 4 * _MOST_ERROR * trivial:
            break
    return mistakes / trivial if trivial else 1.0


def _combined(a: Floats, b: Floats) -> Floats:
    with np.errstate(all="ignore"):
        columns = np.column_stack([a, b, a + b, a - b, a * b, a / b])
    return np.clip(columns, -_LARGEST, _LARGEST)


def _tree(is_classes: bool, **settings: int) -> "DecisionTreeClassifier | DecisionTreeRegressor":
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    kind = DecisionTreeClassifier if is_classes else DecisionTreeRegressor
    return kind(random_state=0, **settings)
