"""Which rows each network is trained on, stopped by and measured by: folds, or windows in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Loss
from layerwise.arrays import Array, Codes, Integers
from layerwise.ensemble.column_selection import Selection
from layerwise.ensemble.recipe import Recipe
from layerwise.tables.errors import TableError

_FIRST_ROWS = 2 / 3  # the share of the rows, the earliest, that are trained on and never held out


@dataclass(frozen=True)
class Problem:
    """Prepared rows, and what is to be learned from them.

    Attributes
    ----------
    x : ndarray of float32, shape (n, n_inputs)
    codes : ndarray of int32, shape (n, n_codes)
    code_sizes : sequence of int
        How many codes each column of `codes` has.
    y : ndarray, shape (n,) of class numbers, or (n, n_outputs) of float32
    n_outputs : int
    loss : Loss
    weight : ndarray, shape (n,), or None
    groups : ndarray, shape (n,), or None
        Rows of one group are never parted.
    times : ndarray, shape (n,), or None
        Rows are held out that are later than those trained on.
    selection : Selection or None
        Which columns each network is given, by the rows it is trained on; None: all of them.
    """

    x: NDArray[np.float32]
    codes: Codes
    code_sizes: Sequence[int]
    y: Array
    n_outputs: int
    loss: Loss
    weight: Array | None = None
    groups: Array | None = None
    times: Array | None = None
    selection: Selection | None = None

    @property
    def is_classes(self) -> bool:
        """Whether classes are to be told apart."""
        return self.loss.takes_classes

    def __len__(self) -> int:
        return len(self.y)


class Fold(NamedTuple):
    """Which rows a network is trained on, stopped by and measured by.

    Attributes
    ----------
    rows : ndarray of int64, or None
        To train on; None: all but those that stop it.
    stopping : ndarray of int64
        By whose loss its epoch is chosen.
    measuring : ndarray of int64
        Whose predictions temperature, threshold and intervals are found by.
    """

    rows: Integers | None
    stopping: Integers
    measuring: Integers


def folds_of(problem: Problem, n_folds: int, seed: int) -> list[Integers]:
    """Row numbers of each fold: stratified for classes, groups together.

    Classes with fewer rows than folds are spread as far as they go.
    """
    n, random = len(problem), np.random.default_rng(seed)
    fold = np.empty(n, np.int64)
    if problem.groups is not None:
        _, group = np.unique(problem.groups, return_inverse=True)
        order = random.permutation(group.max() + 1)
        sizes, of_group = np.zeros(n_folds), np.empty(len(order), np.int64)
        counts = np.bincount(group)
        for g in order[np.argsort(-counts[order], kind="stable")]:
            of_group[g] = sizes.argmin()
            sizes[of_group[g]] += counts[g]
        fold = of_group[group]
    else:
        order = random.permutation(n)
        if problem.is_classes:
            order = order[np.argsort(problem.y[order], kind="stable")]
        fold[order] = np.arange(n) % n_folds
    return [np.flatnonzero(fold == f) for f in range(n_folds)]


def _n_parts(problem: Problem) -> int:
    """How many parts the rows can be put into: each row, or each group, in one of them."""
    if problem.groups is None:
        return len(problem)
    n_groups = len(np.unique(problem.groups))
    if n_groups < 2:
        raise TableError(
            "all rows to train on are of one group; at least two are wanted, so that one can be "
            "held out"
        )
    return n_groups


def round_of(problem: Problem, n_folds: int, seed: int) -> list[Fold]:
    """Return the folds of one round.

    At most `n_folds`, where there are rows or groups enough; later rows where they have times.
    """
    if problem.times is not None:
        return windows_of(problem.times, problem.groups, n_folds, seed)
    folds = folds_of(problem, min(n_folds, _n_parts(problem)), seed)
    return [Fold(None, held_out, held_out) for held_out in folds]


def windows_for(recipe: Recipe, n_networks: int) -> int:
    """How many windows in time so many networks are given.

    Two networks or more for each: what is measured is then, as the model is, an average, and no
    single network that is far off in the future.
    """
    return max(1, min(-(-recipe.n_folds // 2), n_networks // 2))


def recipe_as_done(recipe: Recipe, problem: Problem, n_networks: int) -> Recipe:
    """The recipe with as many folds, or windows, as there were rows, groups and moments for."""
    if problem.times is None:
        return replace(recipe, n_folds=len(round_of(problem, recipe.n_folds, 0)), n_windows=0)
    wanted = windows_for(recipe, n_networks)
    return replace(recipe, n_windows=len(round_of(problem, wanted, 0)))


def windows_of(times: Array, groups: Array | None, n_windows: int, seed: int) -> list[Fold]:
    """Return folds in the order of time, the latest first.

    The later third of the rows is cut into blocks. Before each but the last, all earlier rows are
    trained on; the block stops the network, and all rows after it measure it (Tashman 2000,
    "Out-of-sample tests of forecasting accuracy": the rolling origin). That they are others matters
    here: an epoch that happens to suit one block's future says little of the next. No moment is
    parted. With groups, the later rows are moreover of groups that are not trained on.

    Parameters
    ----------
    times : ndarray, shape (n,)
        Anything that can be put in order.
    groups : ndarray, shape (n,), or None
    n_windows : int
        At most so many: there may be fewer later moments.
    seed : int
        For which groups are held out together.

    Raises
    ------
    TableError
        If no row is later than another, or none of another group.

    Examples
    --------
    >>> for rows, stopping, measuring in windows_of(np.array([3, 0, 1, 2, 5, 4]), None, 1, 0):
    ...     print(rows, stopping, measuring)
    [0 1 2 3] [5] [4]
    """
    n = len(times)
    _, moment = np.unique(times, return_inverse=True)
    order = np.argsort(moment, kind="stable")
    starts = np.flatnonzero(np.diff(moment[order])) + 1  # of each moment but the first
    if not len(starts):
        raise TableError(
            "all rows to train on are of one moment; later ones are wanted, so that they can be "
            "held out"
        )
    wanted = n * np.linspace(_FIRST_ROWS, 1.0, n_windows + 2)[:-1]
    borders = np.unique(starts[np.abs(starts[:, None] - wanted).argmin(axis=0)]).tolist()
    if len(borders) == 1:
        borders = starts[-2:].tolist()
    part, n_parts = np.zeros(n, np.int64), 1
    if groups is not None:
        names, group = np.unique(groups, return_inverse=True)
        n_parts = min(n_windows + 1, len(names))
        part = (np.random.default_rng(seed).permutation(len(names)) % n_parts)[group]
    windows: list[Fold] = []
    for k, start in enumerate(borders[:-1] or borders):
        # With two moments the later one has to do for both.
        end = borders[k + 1] if len(borders) > 1 else n
        parts = [order[:start], order[start:end], order[end if end < n else start :]]
        if groups is not None:
            is_new = part == k % n_parts
            parts = [parts[0][~is_new[parts[0]]], *(rows[is_new[rows]] for rows in parts[1:])]
        if all(map(len, parts)):
            windows.append(Fold(*(np.sort(rows) for rows in parts)))
    if not windows:
        raise TableError(
            "the rows to train on leave none of another group and a later moment to be held out; "
            "give more groups, or more moments of each"
        )
    return windows[::-1]
