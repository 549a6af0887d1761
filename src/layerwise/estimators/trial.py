"""A model of a table, and how good it is on rows it never saw: all that `layerwise fit` does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.estimators.baselines import boosted_trees, trivial
from layerwise.estimators.importance import Importance, permutation_importance
from layerwise.estimators.scores import class_scores, number_scores
from layerwise.estimators.splitting import Split, split_rows
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.findings import Finding, check_table
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import check_names
from layerwise.tables.parsing import find_date_reading, is_text, parse_dates, parse_numbers
from layerwise.tables.preparation import Prepared, category_cells
from layerwise.tables.task import Task, find_table_task

__all__ = ["TREES", "TRIVIAL", "Judgement", "Trial", "judge"]

Array = NDArray[Any]
NETWORK, TRIVIAL, TREES = "Layerwise", "trivial prediction", "gradient-boosted trees"
_FEWEST_ROWS = 10
_KINDS = ("categorical", "numeric", "text", "dates", "drop")


@dataclass
class Judgement:
    """Predictions of rows whose targets are known, and how good they are.

    Attributes
    ----------
    y : ndarray
        The targets, as `Task.encode` gives them.
    outputs : ndarray, shape (n, n_classes) or (n,) or (n, n_targets)
        Probabilities or numbers.
    scores : dict of str to float or None
    rows : ndarray of int64, shape (n,)
        Which rows of the table they are: those that have a target.
    prepared : Prepared
    interval : tuple of ndarray, or None
        Ends of the prediction intervals, where the model has them.
    coverage : float or None
        Share of the targets within them.
    notes : list of str
    """

    y: Array
    outputs: Array
    scores: dict[str, float | None]
    rows: NDArray[np.int64]
    prepared: Prepared
    interval: tuple[Array, Array] | None = None
    coverage: float | None = None
    notes: list[str] = field(default_factory=list)


def judge(model: BaseTable, table: pa.Table) -> Judgement:
    """Predict the rows of a table that has the model's target, and score the predictions.

    Raises
    ------
    TableError
        If the target is not in the table, or no row has one that the model knows.
    """
    task = model.task_
    check_names(task.names, table.column_names, "the target that the model predicts")
    notes: list[str] = []
    targets = [table.column(name) for name in task.names]
    if task.kind != "regression":
        targets, unknown = _without_unknown(task, targets[0])
        if unknown:
            notes.append(
                f"{unknown:,} rows are of classes that were not there while training, and are left "
                "out"
            )
    y, missing = task.encode(*targets)
    rows = np.flatnonzero(~missing)
    if not len(rows):
        raise TableError(
            f"no row has a target ({', '.join(task.names)}) that the model knows; give rows with "
            "one, or predict instead of evaluating"
        )
    there = set(table.column_names)
    known = [column.name for column in model.columns_ if column.name in there]
    prepared = model.preparation_.transform(table.select(known).take(rows))
    y = y[rows]
    outputs = model.outputs(prepared.x, prepared.codes)
    judged = Judgement(y, outputs, {}, rows, prepared, notes=notes + prepared.notes)
    if isinstance(model, TableClassifier):
        judged.scores = class_scores(y, outputs, model.decide(outputs))
    else:
        assert isinstance(model, TableRegressor)
        judged.scores = number_scores(y, outputs)
        if model.intervals_ is not None:
            low, high = model.interval_of(prepared.x, prepared.codes)
            judged.interval = low, high
            judged.coverage = float(((low <= y) & (y <= high)).mean())
    return judged


def _without_unknown(task: Task, target: Any) -> tuple[list[Any], int]:
    """The target, cells of classes unknown to the task made missing; and how many there were."""
    texts, places = category_cells(target)
    known = {str(label) for label in task.classes}
    if all(isinstance(label, (int, float)) for label in task.classes):
        known |= {f"{float(label):g}" for label in task.classes}
    is_known = np.array([text in known for text in texts] + [True])
    unknown = int((~is_known[places]).sum())
    if unknown == int((places >= 0).sum()):
        return [target], 0  # nothing fits: let the task say so
    if not unknown:
        return [target], 0
    import pyarrow.compute as pc

    mask = pa.array(is_known[places])
    if isinstance(target, pa.ChunkedArray):
        target = target.combine_chunks()
    return [pc.if_else(mask, target, pa.scalar(None, target.type))], unknown


@dataclass
class Trial:
    """A model trained on some rows of a table and judged on the others.

    Parameters
    ----------
    targets : sequence of str
    task : str or None
        "classification", "regression"; None: found out.
    test_size : float
        Share of the rows that test the result.
    time_column, group_column, weight_column : str or None
        The latest rows test; rows of one group stay together; rows count by their weight.
    seed : int
    settings : dict
        Parameters of `TableClassifier` or `TableRegressor`.
    before : TableClassifier, TableRegressor or None
        A model that goes on learning, from these rows; `targets` and `task` are then its own.

    Attributes
    ----------
    model : TableClassifier or TableRegressor
    split : Split
    columns : tuple of Column
        What was decided about each.
    findings : list of Finding
        What may spoil the model.
    judged : Judgement
        On the test rows.
    baselines : dict of str to dict
        Scores on the same rows.
    importance : Importance
    n_rows : int
        Rows with a target.
    seconds : dict of str to float

    Examples
    --------
    >>> table = pa.table({"x": [float(i) for i in range(60)], "y": ["no"] * 30 + ["yes"] * 30})
    >>> trial = Trial(["y"], settings={"effort": "low", "epochs": 5}).run(table)
    >>> sorted(trial.baselines)
    ['gradient-boosted trees', 'trivial prediction']
    """

    targets: Sequence[str]
    task: str | None = None
    test_size: float = 0.2
    time_column: str | None = None
    group_column: str | None = None
    weight_column: str | None = None
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    before: BaseTable | None = None
    columns: tuple[Column, ...] = field(init=False, default=())
    model: BaseTable = field(init=False)
    split: Split = field(init=False)
    findings: list[Finding] = field(init=False, default_factory=list)
    judged: Judgement = field(init=False)
    baselines: dict[str, dict[str, float | None]] = field(init=False, default_factory=dict)
    importance: Importance = field(init=False)
    n_rows: int = field(init=False, default=0)
    seconds: dict[str, float] = field(init=False, default_factory=dict)

    def run(
        self,
        table: pa.Table,
        test: pa.Table | None = None,
        *,
        decided: Callable[[Trial, Task], None] | None = None,
    ) -> Trial:
        """Train and judge.

        Parameters
        ----------
        table : pyarrow.Table
        test : pyarrow.Table or None
            Rows to test with; None: some of the table's.
        decided : callable or None
            Called as decided(trial, task) once rows, columns and the task are known, before
            training.
        """
        started = time.perf_counter()
        before = self.before
        if table.num_rows < _FEWEST_ROWS:
            raise TableError(_too_few(table.num_rows, "the table's rows"))
        task = find_table_task(table, self.targets, self.task) if before is None else before.task_
        check_names(task.names, table.column_names, "target")
        if task.classes and "intervals" in self.settings:
            raise TableError(
                "intervals are for numbers, and the target has classes; leave them out"
            )
        if not task.classes and "class_weight" in self.settings:
            raise TableError("class weights are for classes, and the target is a number")
        coded, missing = task.encode(*(table.column(name) for name in task.names))
        kept = np.flatnonzero(~missing)
        self.n_rows = len(kept)
        if self.n_rows < _FEWEST_ROWS:
            raise TableError(_too_few(self.n_rows, "the rows with a target"))
        set_aside = [name for name in (self.group_column, self.weight_column) if name is not None]
        check_names(set_aside, table.column_names, "named for rows")
        if test is None:
            self.split = self._split(table, task, coded, kept)
            test = table.take(self.split.test)
        else:
            self.split = Split(kept, np.arange(test.num_rows), "the rows of the test file")
        train = table.take(self.split.train)
        settings = dict(self.settings)
        if before is None:
            settings["drop"] = [*settings.get("drop", ()), *set_aside]
            kinds = {name: settings.get(name, ()) for name in _KINDS}
            self.columns = tuple(describe_columns(train, target_names=task.names, **kinds))
            model_of = TableRegressor if task.kind == "regression" else TableClassifier
            self.model = model_of(**{"random_state": self.seed, **settings})
        else:
            self.columns = before.columns_
            before.preparation_.check(table)
            self.model = before.set_params(random_state=self.seed, **settings)
        self.findings = check_table(table, self.columns, task, coded)
        self.seconds["looking"] = time.perf_counter() - started
        if decided is not None:
            decided(self, task)
        weight = self._weights(train)
        groups = None if self.group_column is None else _groups(train.column(self.group_column))
        self.model.partial_fit(  # of a new model, fit
            train.drop_columns(set_aside) if before is not None else train,
            target=list(task.names) if task.n_targets > 1 else task.names[0],
            sample_weight=weight,
            groups=groups,
        )
        if before is None:
            self.model.task_ = replace(self.model.task_, reason=task.reason)  # of all rows
        self.seconds |= self.model.fit_seconds_
        with_tests = time.perf_counter()
        self.judged = judge(self.model, test)
        self._compare(train, weight)
        self.importance = permutation_importance(
            self.model, self.judged.prepared, self.judged.y, seed=self.seed
        )
        self.seconds["judging"] = time.perf_counter() - with_tests
        self.seconds["all"] = time.perf_counter() - started
        return self

    def _split(self, table: pa.Table, task: Task, y: Array, kept: NDArray[np.int64]) -> Split:
        times = groups = None
        if self.time_column is not None:
            check_names([self.time_column], table.column_names, "order in time")
            times = _times(table.column(self.time_column), self.time_column)[kept]
        if self.group_column is not None:
            groups = _groups(table.column(self.group_column))[kept]
        split = split_rows(
            len(kept),
            test_size=self.test_size,
            classes=None if task.kind == "regression" else y[kept],
            times=times,
            groups=groups,
            seed=self.seed,
        )
        return Split(kept[split.train], kept[split.test], split.how)

    def _weights(self, table: pa.Table) -> Array | None:
        if self.weight_column is None:
            return None
        try:
            weights, unread = parse_numbers(table.column(self.weight_column))
        except TypeError:
            unread = [0]
        if unread or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise TableError(
                f"the weights in {self.weight_column!r} must be numbers of at least 0, one in each "
                "row, and not all 0; fill or leave out rows without one"
            )
        return weights

    def _compare(self, train: pa.Table, weight: Array | None) -> None:
        model, judged = self.model, self.judged
        task = model.task_
        n_classes = len(task.classes)
        y, _ = task.encode(*(train.column(name) for name in task.names))
        prepared = model.preparation_.transform(train)
        by_trees = boosted_trees(
            prepared.x,
            prepared.codes,
            y,
            judged.prepared.x,
            judged.prepared.codes,
            n_classes=n_classes,
            weight=weight,
            seed=self.seed,
        )
        score = class_scores if n_classes else number_scores
        self.baselines = {
            TRIVIAL: score(judged.y, trivial(y, n_classes, len(judged.y))),
            TREES: score(judged.y, by_trees),
        }


def _too_few(n: int, what: str) -> str:
    return (
        f"{what} are {n}; at least {_FEWEST_ROWS} are needed to train and to test with, and some "
        "dozens to learn anything"
    )


def _times(values: Any, name: str) -> Array:
    """Something that can be put in order, of a column of dates, numbers or text."""
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        times = parse_dates(values)[0].astype(np.int64)
    elif is_text(values):
        reading = find_date_reading(values)
        if reading is None:
            raise TableError(
                f"the column {name!r} holds no dates and no numbers that rows could be ordered by"
            )
        times = parse_dates(values, reading)[0].astype(np.int64)
    else:
        return parse_numbers(values)[0]
    if values.null_count:
        raise TableError(
            f"the column {name!r} lacks {values.null_count:,} values; to order rows by it, each "
            "needs one"
        )
    return times


def _groups(values: Any) -> NDArray[np.int64]:
    """A number for each group; a missing one is a group of its own."""
    _, places = category_cells(values)
    return places
