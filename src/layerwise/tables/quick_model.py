"""A quick model of some rows, by which a table is looked over before it is trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from layerwise.arrays import Array, Floats, Integers, Mask
from layerwise.tables.columns import Column
from layerwise.tables.giveaways import strongest
from layerwise.tables.targets import Targets
from layerwise.tables.tree_inputs import tree_input

MOST_ROWS = 3_000
FEWEST_ROWS = 150
N_FOLDS = 4
_MOST_COLUMNS = 30
_MOST_CLASSES = 6  # the others are one together
_TREES = 25
# What must be gained for it to matter: of R² or accuracy, and as a share of what was learned at
# all; and in standard errors of the same rows' mistakes.
_LEAST_GAIN = {True: 0.05, False: 0.1}
_LEAST_SHARE = 0.2
_ERRORS = 2.0


def some_rows(n: int) -> Integers:
    """The numbers of all rows, or of as many, drawn by lot, as are looked at."""
    if n <= MOST_ROWS:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, MOST_ROWS, replace=False))


def few_classes(y: Targets) -> Targets:
    """The most frequent classes, and all others as one."""
    order = np.argsort(-np.bincount(y.astype(np.int64)), kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return np.minimum(place, _MOST_CLASSES - 1)[y.astype(np.int64)]


@dataclass(frozen=True)
class QuickModel:
    """Some rows as a few quick trees get them, and what these get wrong of rows held out.

    Attributes
    ----------
    inputs : ndarray, shape (n, n_columns)
    y : ndarray, shape (n,)
    is_classes : bool
    by_lot : ndarray, shape (n,)
        The loss of each row, by models trained without its fold: by lot, or as given.
    """

    inputs: Floats
    y: Targets
    is_classes: bool
    by_lot: Floats

    @classmethod
    def at(
        cls,
        table: pa.Table,
        columns: Sequence[Column],
        y: Targets,
        rows: Integers,
        is_classes: bool,
        fold: Integers | None = None,
    ) -> "QuickModel":
        """Train on these rows of a table without each fold in turn; None: by lot."""
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
            fold = np.random.default_rng(0).permutation(len(y)) % N_FOLDS
        untrained = cls(x, y, is_classes, np.empty(0))
        return cls(x, y, is_classes, untrained.losses_by(fold))

    def losses_by(self, fold: Integers) -> Floats:
        """Each row's loss by a model of the other folds."""
        losses = np.empty(len(self.y))
        for k in range(N_FOLDS):
            losses[fold == k] = self.losses(fold != k, fold == k)
        return losses

    def losses(self, train: Mask, test: Mask) -> Floats:
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

    def _wrong(self, predicted: Array, test: Mask) -> Floats:
        y = self.y[test]
        return np.asarray(predicted != y if self.is_classes else (predicted - y) ** 2, np.float64)

    def score(self, losses: Floats, rows: Mask) -> float:
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

    @property
    def has_learned(self) -> bool:
        """Whether more is right than without having learned anything."""
        return self.at_random - self.nothing >= _LEAST_GAIN[self.is_classes]

    def is_better_than(self, other: "QuickModel") -> bool:
        """Whether it scores so much better than one of other columns that it matters."""
        least = _LEAST_GAIN[self.is_classes]
        return self.at_random - max(other.at_random, other.nothing) >= least

    def loses(self, apart: Floats, rows: Mask) -> bool:
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
