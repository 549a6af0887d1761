"""What a page's network learns from: rows of numbers and codes, some kept for testing."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from layerwise.arrays import Array, Codes, Integers
from layerwise.explanation.cell_equations import inputs_of
from layerwise.explanation.features import Inputs
from layerwise.playground.toy_tables import EXTENT, TOYS, toy_table
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_table_task
from layerwise.tables.frames import as_table
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import check_names
from layerwise.tables.preparation import Preparation
from layerwise.tables.reading import read_table

_MARKS = 20  # words along a slider
_FEW_VALUES = 5
_TELLING_ROWS = 20_000


@dataclass(frozen=True)
class Input:
    """One number, or code, that a network gets.

    Attributes
    ----------
    name : str
    low, high, typical : float
        Among the rows; of a code, the least, the largest and the most frequent one.
    values : tuple of str
        What the codes stand for; () for a number.
    marks : tuple of str
        What evenly spaced numbers from low to high are in the table; () where they are themselves.
    """

    name: str
    low: float
    high: float
    typical: float
    values: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Material:
    """Rows to learn from and to test with.

    Attributes
    ----------
    x : ndarray of float32, shape (n, n_inputs)
    codes : ndarray of int32, shape (n, n_codes)
    y : ndarray of float32, shape (n, 1)
        Class numbers; or numbers of mean 0 and spread 1, as far as `mean` and `spread` say.
    train, test : ndarray of int64
        Row numbers.
    names : Inputs
        What numbers and codes are called.
    code_sizes : tuple of int
    classes : tuple of str
        () for numbers.
    target : str
    mean, spread : float
        target = mean + spread y.
    columns : tuple of Column
        Of a table, and what was decided about each.

    Examples
    --------
    >>> material = Material.of_toy("spirals", rows=90, count=3, test=0.2, seed=1)
    >>> material.x.shape, material.classes, len(material.train), len(material.test)
    ((90, 2), ('0', '1', '2'), 72, 18)
    """

    x: NDArray[np.float32]
    codes: Codes
    y: NDArray[np.float32]
    train: Integers
    test: Integers
    names: Inputs
    code_sizes: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    target: str = "y"
    mean: float = 0.0
    spread: float = 1.0
    columns: tuple[Column, ...] = ()
    is_square: bool = field(default=False)

    @classmethod
    def of_toy(
        cls,
        name: str,
        rows: int = 300,
        noise: float = 0.1,
        *,
        count: int = 2,
        test: float = 0.3,
        seed: int = 0,
    ) -> Material:
        """Make one of the toy tables; see `toy_table`."""
        x, y = toy_table(name, rows, noise, count=count, seed=seed)
        toy = TOYS[name]
        n_classes = int(y.max()) + 1 if toy.task == "classes" else 0
        if toy.option:
            n_classes = count
        return cls._of_numbers(x, y, n_classes, toy.inputs, test, seed)

    @classmethod
    def of_points(cls, points: ArrayLike, *, test: float = 0.3, seed: int = 0) -> Material:
        """Take points of a plane.

        Parameters
        ----------
        points : array-like, shape (n, 3)
            Two inputs, and the class of each.

        Raises
        ------
        TableError
            If they are of fewer than two classes, or too few to be tested with too.
        """
        given = np.asarray(points, np.float64).reshape(-1, 3)
        present = np.unique(given[:, 2])
        if len(present) < 2 or len(given) < 4:
            raise TableError("draw at least 4 points, and of two classes or more")
        return cls._of_numbers(
            given[:, :2], given[:, 2], int(present[-1]) + 1, ("x1", "x2"), test, seed
        )

    @classmethod
    def of_table(
        cls,
        table: object,
        target: str,
        *,
        inputs: Sequence[str] = (),
        test: float = 0.3,
        seed: int = 0,
    ) -> Material:
        """Take a table's columns as `layerwise fit` does.

        Parameters
        ----------
        table : path, or data frame of any kind
        target : str
            The column to predict.
        inputs : sequence of str
            The columns to predict it from; none named: all.

        Raises
        ------
        TableError
            If the table cannot be read, or a column is not there or of no use.
        """
        whole = (
            read_table(table).table if isinstance(table, (str, os.PathLike)) else as_table(table)
        )
        check_names([target], whole.column_names, "the target")
        check_names(inputs, whole.column_names, "an input")
        task = find_table_task(whole, [target])
        encoded, missing = task.encode(whole.column(target))
        known = np.flatnonzero(~missing)
        table_known, y = whole.take(known), encoded[known]
        others = [name for name in whole.column_names if name != target]
        drop = [name for name in others if inputs and name not in inputs]
        columns = describe_columns(table_known, target_names=[target], drop=drop, keep=inputs)
        train, held_out = _split(len(y), test, seed, y if task.classes else None)
        preparation = Preparation.fit(table_known.take(train), columns, seed=seed)
        prepared = preparation.transform(table_known)
        mean, spread = 0.0, 1.0
        if not task.classes:
            mean, spread = float(y[train].mean()), float(y[train].std()) or 1.0
        return cls(
            prepared.x,
            prepared.codes,
            ((y - mean) / spread).astype(np.float32)[:, None],
            train,
            held_out,
            inputs_of(preparation),
            tuple(encoder.n_codes for encoder in preparation.code_encoders),
            tuple(map(str, task.classes)),
            target,
            mean,
            spread,
            preparation.columns,
        )

    @classmethod
    def _of_numbers(
        cls, x: Array, y: Array, n_classes: int, names: tuple[str, ...], test: float, seed: int
    ) -> Material:
        train, held_out = _split(len(y), test, seed, y if n_classes else None)
        return cls(
            x.astype(np.float32),
            np.zeros((len(x), 0), np.int32),
            y.astype(np.float32)[:, None],
            train,
            held_out,
            Inputs(names),
            classes=tuple(str(k) for k in range(n_classes)),
            is_square=names[:2] == ("x1", "x2"),
        )

    def __len__(self) -> int:
        return len(self.x)

    @property
    def nbytes(self) -> int:
        """How much memory its arrays take."""
        return sum(one.nbytes for one in (self.x, self.codes, self.y, self.train, self.test))

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """The numbers, and after them the codes, that the network gets."""
        return (
            *(self._number(i) for i in range(self.x.shape[1])),
            *(self._code(k) for k in range(self.codes.shape[1])),
        )

    def _number(self, i: int) -> Input:
        name = self.names.names[i]
        if self.is_square:
            return Input(name, -EXTENT, EXTENT, 0.0)
        values = self.x[:, i].astype(np.float64)
        low, high = float(values.min()), float(values.max())
        if low == high:
            low, high = low - 1.0, high + 1.0
        typical = float(np.median(values[self.train]))
        marks: tuple[str, ...] = ()
        if self.columns:
            marks = tuple(
                self.names.in_units(i, float(v)) for v in np.linspace(low, high, _MARKS + 1)
            )
        return Input(name, low, high, typical, (), marks)

    def _code(self, k: int) -> Input:
        size = self.code_sizes[k]
        counts = np.bincount(self.codes[self.train, k], minlength=size)
        values = tuple(self.names.value_name(k, code) if code else "other" for code in range(size))
        return Input(self.names.code_names[k], 0.0, size - 1.0, float(counts.argmax()), values)

    @cached_property
    def telling(self) -> tuple[int, ...]:
        """The two numbers that tell most of the target by themselves, in the order of the inputs.

        By the share of variance between classes, or the squared correlation with numbers, in up to
        20,000 rows or so; of those with more than a few values first.
        """
        if self.x.shape[1] <= 2:
            return tuple(range(self.x.shape[1]))
        rows = self.train[:: max(1, len(self.train) // _TELLING_ROWS)]
        x, y = self.x[rows].astype(np.float64), self.y[rows, 0].astype(np.float64)
        x -= x.mean(axis=0)
        y -= y.mean()
        total = (x**2).sum(axis=0)
        told = (x * y[:, None]).sum(axis=0) ** 2 / max(float(y @ y), 1e-12)
        if self.classes:
            order = np.argsort(self.y[rows, 0], kind="stable")
            _, starts, counts = np.unique(
                self.y[rows[order], 0], return_index=True, return_counts=True
            )
            told = (np.add.reduceat(x[order], starts) ** 2 / counts[:, None]).sum(axis=0)
        share = told / np.where(total > 0, total, 1.0)
        few = [len(np.unique(column[:1_000])) <= _FEW_VALUES for column in x.T]
        order = np.lexsort((-share, few))
        return tuple(sorted(int(i) for i in order[:2]))

    def in_units(self, y: Array) -> Array:
        """Numbers as the target has them."""
        return y if self.classes else self.mean + self.spread * y


def guess_target(table: pa.Table) -> str:
    """The last column that could be a target.

    Raises
    ------
    TableError
        If none could.

    Examples
    --------
    >>> guess_target(pa.table({"x": [1.0, 2.5, 3.0], "kind": ["a", "b", "a"], "same": [1, 1, 1]}))
    'kind'
    """
    for name in reversed(table.column_names):
        try:
            find_table_task(table, [name])
        except TableError:
            continue
        return str(name)
    raise TableError("no column of the table can be predicted: each is empty, or always the same")


def _split(n: int, share: float, seed: int, classes: Array | None) -> tuple[Integers, Integers]:
    """(rows to train on, rows to test with), each class by its share where it has enough rows."""
    n_test = min(math.ceil(share * n), n - 2)
    if n_test <= 0:
        return np.arange(n), np.zeros(0, np.int64)
    order = np.random.default_rng([seed, 1]).permutation(n)
    if classes is None:
        return np.sort(order[n_test:]), np.sort(order[:n_test])
    tested: list[Integers] = []
    owed = 0.0
    for label in np.unique(classes):  # of each its share, and in all as many as are wanted
        rows = order[classes[order] == label]
        owed += len(rows) * n_test / n
        taken = min(round(owed), len(rows) - 1)
        tested.append(rows[:taken])
        owed -= taken
    held_out = np.sort(np.concatenate(tested))
    return np.setdiff1d(np.arange(n), held_out), held_out
