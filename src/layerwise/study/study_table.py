"""A study's rows: the folds they are put into, and each fold prepared as the networks get it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from sklearn.model_selection import StratifiedGroupKFold

from layerwise.architecture import Loss, get_loss
from layerwise.arrays import Array, Integers
from layerwise.ensemble.folds import Problem, folds_of
from layerwise.ensemble.recipe import Recipe, recipe_for
from layerwise.ensemble.splitting import group_numbers
from layerwise.estimators.chosen_columns import ChosenColumns, choose_columns
from layerwise.study.configurations import Inputs
from layerwise.study.held_out_units import units_of
from layerwise.study.results import Split, StudyError
from layerwise.study.samples import sample_of
from layerwise.tables.columns import LEFT_OUT, Column
from layerwise.tables.find_task import find_table_task
from layerwise.tables.frames import targets_apart
from layerwise.tables.kinds import describe_columns, find_row_names
from layerwise.tables.names import spelled
from layerwise.tables.preparation import Preparation
from layerwise.tables.task import Task

_FEWEST_ROWS = 10
# Of prepared numbers: plain networks, which have no pieces, learn best of what is not far squashed.
_LIMIT = 8.0
_LEAST_SPREAD = 1e-6
_CACHED_BYTES = 1 << 29  # of prepared folds that a worker keeps


@dataclass(frozen=True, eq=False)
class StudyTable:
    """The rows of a table that have a target, and what is to be predicted.

    Attributes
    ----------
    table : pyarrow.Table
        The columns to predict from.
    y : ndarray
        The targets, as `Task.encode` gives them.
    task : Task
    columns : tuple of Column
        What was decided about each.
    groups : ndarray, shape (n,), or None
        Rows of one group are never parted.
    selection : bool
        Whether columns that tell nothing of the target, by the rows trained on, are left out.
    keep : frozenset of str
        Columns that are left out in no case.
    """

    table: pa.Table
    y: Array
    task: Task
    columns: tuple[Column, ...]
    groups: Array | None = None
    selection: bool = True
    keep: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        X: object,
        y: object,
        *,
        target: str | Sequence[str] | None,
        groups: object,
        task: str | None,
        kinds: Mapping[str, Sequence[str]],
        selection: bool,
    ) -> StudyTable:
        """Keep the rows that have a target, and decide of what kind each column is.

        Parameters
        ----------
        X, y, target, groups
            As of `DepthStudy.fit`.
        task : {"classification", "regression"} or None
        kinds : mapping
            The names of columns whose kind is settled, by the kind.
        selection : bool

        Raises
        ------
        TableError
            For X, y and groups that do not fit together, or a table that nothing can be learned
            from.
        """
        table, targets = targets_apart(X, y, target)
        found = find_table_task(targets, targets.column_names, task)
        which = None if groups is None else group_numbers(groups, table.num_rows)
        answers, missing = found.encode(*targets.columns)
        row_names = find_row_names(table, table.column_names)
        if missing.any():
            kept = ~missing
            table, answers = table.filter(pa.array(kept)), answers[kept]
            which = which if which is None else which[kept]
        columns = describe_columns(table, **kinds, row_names=row_names)
        keep = frozenset(spelled(kinds.get("keep", ()), table.column_names))
        return cls(table.combine_chunks(), answers, found, tuple(columns), which, selection, keep)

    def __len__(self) -> int:
        return len(self.y)

    @property
    def units(self) -> Integers:
        """Of each row, which rows it is not independent of: see `units_of`."""
        return units_of(len(self), self.groups)

    @property
    def n_classes(self) -> int:
        """How many classes there are; 0 for numbers."""
        return len(self.task.classes)

    @property
    def fingerprint(self) -> str:
        """A hash of all cells: the same for the same rows, wherever they were read.

        And of what was decided about the columns.
        """
        digest = hashlib.sha256()
        for column in self.table.columns:
            digest.update(_bytes_of(column))
        digest.update(" ".join(self.table.column_names).encode())
        digest.update(repr([(c.name, c.kind) for c in self.columns]).encode())
        digest.update(np.ascontiguousarray(self.y).tobytes())
        digest.update(repr(self.task.classes).encode())
        if self.groups is not None:
            digest.update(np.ascontiguousarray(self.groups).tobytes())
        if self.selection and self.keep:
            digest.update(repr(sorted(self.keep)).encode())
        return digest.hexdigest()

    @property
    def inputs(self) -> Inputs:
        """What networks take in and give out, by all rows: that is how large they are said to be.

        In a fold a category may have a few codes less, if some are only in the fold held out, and
        other columns may be left out.
        """
        preparation = self._prepared(np.arange(len(self)), 0)[0].preparation
        sizes = tuple(encoder.n_codes for encoder in preparation.code_encoders)
        n_inputs = len(preparation.input_names)
        recipe = recipe_for(len(self), n_inputs + len(sizes))
        n_outputs = self.n_classes or self.task.n_targets
        return Inputs(n_inputs, sizes, n_outputs, recipe.one_hot, recipe.embedding_size)

    def check(self, folds: int) -> None:
        """Refuse rows that cannot be put into so many folds.

        Raises
        ------
        StudyError
        """
        if not hasattr(folds, "__index__") or folds < 2:
            raise StudyError(f"folds must be a whole number of at least 2; got {folds!r}")
        if len(self) < max(folds, _FEWEST_ROWS):
            raise StudyError(
                f"{len(self)} rows have a target; at least {max(folds, _FEWEST_ROWS)} are needed "
                f"for {folds} folds, and some dozens to tell networks apart"
            )
        if self.groups is not None and len(np.unique(self.groups)) < folds:
            raise StudyError(
                f"the rows are of {len(np.unique(self.groups))} groups; at least {folds} are "
                f"needed for {folds} folds, since a group is never parted. Take fewer folds"
            )
        if self.n_classes:
            counts = np.bincount(self.y, minlength=self.n_classes)
            rare = int(counts.argmin())
            if counts[rare] < folds:
                fewer = f", or take {counts[rare]} folds" if counts[rare] > 1 else ""
                raise StudyError(
                    f"the class {self.task.classes[rare]!r} has {counts[rare]} "
                    f"row{'s' if counts[rare] != 1 else ''}, fewer than the {folds} folds, each of "
                    "which needs one. Leave such rows out, join the class to another" + fewer
                )

    def splits(self, folds: int, repeats: int, seed: int) -> dict[Split, Integers]:
        """Rows held out in each (repeat, fold): stratified for classes, groups together."""
        return {
            (repeat, fold): np.sort(rows)
            for repeat in range(repeats)
            for fold, rows in enumerate(self._folds(folds, seed + repeat))
        }

    def _folds(self, n_folds: int, seed: int) -> list[Integers]:
        if self.n_classes and self.groups is not None:
            # A score such as an area under the curve needs several classes in each fold.
            kind = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
            return [held_out for _, held_out in kind.split(self.y, self.y, self.groups)]
        nothing = np.zeros((len(self), 0))
        problem = self._problem(nothing.astype(np.float32), nothing.astype(np.int32), (), self.y)
        return folds_of(problem, n_folds, seed)

    @property
    def loss(self) -> Loss:
        """What networks learn by where nothing else is asked for."""
        return get_loss("softmax" if self.n_classes else "squared")

    def _problem(self, x: Array, codes: Array, sizes: Sequence[int], y: Array) -> Problem:
        n_outputs = self.n_classes or self.task.n_targets
        return Problem(x, codes, sizes, y, n_outputs, self.loss, groups=self.groups)

    def _prepared(self, rows: Integers, seed: int) -> tuple[ChosenColumns, Array, Array]:
        """Some rows as these alone say, and what their targets were scaled by: (mean, scale)."""
        train, y = self.table.take(rows), self.y[rows]
        preparation = Preparation.fit(train, self.columns, seed=seed)
        prepared = preparation.transform(train)
        sizes = [encoder.n_codes for encoder in preparation.code_encoders]
        mean, scale = np.zeros(1), np.ones(1)
        if not self.n_classes:
            numbers = y.reshape(len(y), -1)
            mean, scale = numbers.mean(axis=0), numbers.std(axis=0)
            scale = np.where(scale > 0, scale, 1.0)
            y = ((numbers - mean) / scale).astype(np.float32)
        groups = None if self.groups is None else self.groups[rows]
        problem = replace(self._problem(prepared.x, prepared.codes, sizes, y), groups=groups)
        is_parted = groups is None or len(np.unique(groups)) > 1
        if not (self.selection and is_parted):  # by one group alone nothing can be chosen
            return ChosenColumns(preparation, problem), mean, scale

        def recipe_of(problem: Problem) -> Recipe:
            return recipe_for(len(problem), problem.x.shape[1] + problem.codes.shape[1])

        chosen = choose_columns(preparation, problem, recipe_of, keep=self.keep, seed=seed)
        return chosen, mean, scale

    def training_rows(self, held_out: Integers, seed: int, share: float = 1.0) -> Integers:
        """Rows that are trained on where others are held out: all others, or a share of them."""
        is_held_out = np.zeros(len(self), bool)
        is_held_out[held_out] = True
        rows = np.flatnonzero(~is_held_out)
        classes = self.y[rows] if self.n_classes else None
        groups = None if self.groups is None else self.groups[rows]
        return sample_of(rows, share, seed, classes=classes, groups=groups)

    def fold(
        self, held_out: Integers, seed: int, *, like_fit: bool = False, share: float = 1.0
    ) -> Fold:
        """Prepare one fold, by the rows trained on alone.

        These say how columns become numbers, and which of them are left out.

        Parameters
        ----------
        held_out : ndarray of int
        seed : int
        like_fit : bool
            Whether prepared numbers are squashed as far as those of `layerwise fit`.
        share : float
            Of the other rows, how many are trained on; see `layerwise.study.samples`.
        """
        rows = self.training_rows(held_out, seed, share)
        chosen, mean, scale = self._prepared(rows, seed)
        preparation, problem = chosen.preparation, chosen.problem
        test = preparation.transform(self.table.take(held_out))
        x, x_test = problem.x, test.x
        if not like_fit:
            x, x_test = preparation.widened(x, _LIMIT), preparation.widened(x_test, _LIMIT)
            center, spread = (measure(x, axis=0, dtype=np.float64) for measure in (np.mean, np.std))
            spread = np.where(spread < _LEAST_SPREAD, 1.0, spread)
            x, x_test = (((part - center) / spread).astype(np.float32) for part in (x, x_test))
            # All networks of the fold have the same columns.
            problem = replace(problem, x=x, selection=None)
        left_out = tuple(one.name for one in preparation.columns if one.kind in LEFT_OUT)
        of_test = x_test, test.codes, self.y[held_out]
        units = self.units[held_out]
        return Fold(problem, self.y[rows], *of_test, units, mean, scale, share, left_out)


@dataclass(frozen=True, eq=False)
class Fold:
    """The rows of one fold as the networks get them.

    Attributes
    ----------
    problem : Problem
        The rows to train on; targets that are numbers have mean 0 and spread 1, and so have the
        prepared numbers of plain networks, which are squashed less than those of `layerwise fit`.
    y : ndarray
        Their targets as they are.
    x_test, codes_test, y_test : ndarray
        The rows held out.
    units_test : ndarray of int, shape (n_test,)
        Which of the table's units each of them belongs to: see `units_of`.
    mean, scale : ndarray, shape (n_targets,)
        What numbers were scaled by.
    share : float
        Of the rows that are not held out, how many are trained on.
    left_out : tuple of str
        Columns that no network gets, since they tell nothing of the target.
    """

    problem: Problem
    y: Array
    x_test: Array
    codes_test: Array
    y_test: Array
    units_test: Integers
    mean: Array
    scale: Array
    share: float = 1.0
    left_out: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Size in memory."""
        arrays = (self.problem.x, self.problem.codes, self.problem.y, self.x_test, self.codes_test)
        return sum(array.nbytes for array in arrays)

    def in_units(self, outputs: Array) -> Array:
        """A network's outputs as predictions: probabilities, or numbers in the target's units."""
        if self.problem.is_classes:
            return outputs
        y = outputs.astype(np.float64) * self.scale + self.mean
        return np.asarray(y.reshape((len(y), *self.y.shape[1:])))

    def scaled(self, y: Array) -> Array:
        """Targets as the loss takes them."""
        if self.problem.is_classes:
            return y
        return np.asarray(((y.reshape(len(y), -1) - self.mean) / self.scale).astype(np.float32))


@dataclass
class FoldCache:
    """Folds that were prepared already, as many as fit into half a gigabyte.

    Parameters
    ----------
    table : StudyTable
    splits : dict of (repeat, fold) to ndarray
    seed : int
    like_fit : bool
        As of `StudyTable.fold`.
    on_fold : callable or None
        Told of each fold with all of its rows once it is prepared, as on_fold(split, fold).
    """

    table: StudyTable
    splits: Mapping[Split, Integers]
    seed: int
    like_fit: bool = False
    on_fold: Callable[[Split, Fold], None] | None = None
    _folds: dict[tuple[Split, float], Fold] = field(default_factory=dict)

    def __getitem__(self, split: Split) -> Fold:
        return self.sample(split, 1.0)

    def sample(self, split: Split, share: float) -> Fold:
        """The fold of a split, with a share of the rows to train on."""
        fold = self._folds.pop((split, share), None)
        if fold is None:
            fold = self.table.fold(
                self.splits[split], self.seed, like_fit=self.like_fit, share=share
            )
            if self.on_fold is not None and share == 1.0:
                self.on_fold(split, fold)
            while self._folds and self._n_bytes() + fold.n_bytes > _CACHED_BYTES:
                del self._folds[next(iter(self._folds))]
        self._folds[split, share] = fold  # the latest last
        return fold

    def _n_bytes(self) -> int:
        return sum(fold.n_bytes for fold in self._folds.values())


def _bytes_of(column: pa.ChunkedArray) -> pa.Buffer:
    """The same for the same cells, however they are cut into pieces in memory."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    sink = pa.BufferOutputStream()
    bare = pa.table([column.combine_chunks()], schema=pa.schema([pa.field("", column.type)]))
    with pa.ipc.new_stream(sink, bare.schema) as writer:
        writer.write_table(bare)
    return sink.getvalue()


def as_given(X: object, table: pa.Table) -> object:
    """Return a table as one of the library X is of: pandas, Polars, else PyArrow."""
    library = type(X).__module__.partition(".")[0]
    if library == "pandas":
        return table.to_pandas()
    if library == "polars":
        import polars as pl

        return pl.from_arrow(table)
    return table
