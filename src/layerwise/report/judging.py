"""Predictions of rows whose targets are known, and how good they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from layerwise.arrays import Array, Integers
from layerwise.ensemble.scores import class_scores, number_scores
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.names import check_names, spelled_as
from layerwise.tables.parsing import without_cells
from layerwise.tables.prepared import Prepared
from layerwise.tables.targets import class_codes, with_targets_of_file
from layerwise.tables.task import Task

Scores = dict[str, float | None]
# What models say of the rows that are judged: probabilities and decisions, or numbers and None.
Outputs = Mapping[str, tuple[Array, Array | None]]


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
        Of all rows that count, by their weight where they have one.
    rows : ndarray of int64, shape (n,)
        Which rows of the table they are: those that have a target and count.
    weight : ndarray, shape (n,), or None
        How much each row counts in the scores.
    decided : ndarray, shape (n,), or None
        Predicted classes' numbers.
    targets : tuple of str
        What is predicted, where it is more than one.
    prepared : Prepared
    interval : tuple of ndarray, or None
        Ends of the prediction intervals, where the model has them.
    coverage : float or None
        Share of the targets within them.
    own_notes : list of str
        Notes but those on the cells.
    """

    y: Array
    outputs: Array
    scores: Scores
    rows: Integers
    prepared: Prepared
    weight: Array | None = None
    decided: Array | None = None
    targets: tuple[str, ...] = ()
    interval: tuple[Array, Array] | None = None
    coverage: float | None = None
    own_notes: list[str] = field(default_factory=list)

    def scored(self, outputs: Array, decided: Array | None, *, is_weighted: bool = True) -> Scores:
        """The scores of a model's probabilities and the classes it decides for, or its numbers."""
        weight = self.weight if is_weighted else None
        if decided is None:
            return number_scores(self.y, outputs, weight)
        return class_scores(self.y, outputs, decided, weight)

    def unweighted(self, models: Outputs) -> dict[str, Scores]:
        """Models' scores with each row counted once; {} where `scores` are these already."""
        if self.weight is None:
            return {}
        return {who: self.scored(*said, is_weighted=False) for who, said in models.items()}

    def by_target(self, models: Outputs) -> dict[str, dict[str, Scores]]:
        """Of several targets, models' scores for each, rows counted by their weight."""
        return {
            name: {
                who: number_scores(self.y[:, k], outputs[:, k], self.weight)
                for who, (outputs, _) in models.items()
            }
            for k, name in enumerate(self.targets)
        }

    @property
    def notes(self) -> list[str]:
        """What is to be known of the rows."""
        return self.notes_without(())

    def notes_without(self, columns: Collection[str]) -> list[str]:
        """The notes, but those on the cells of columns of which all is said elsewhere."""
        return self.own_notes + self.prepared.notes_without(columns)

    @property
    def endless(self) -> float:
        """The share of intervals that reach to infinity, since too few rows were held out."""
        if self.interval is None:
            return 0.0
        return float(np.isinf(self.interval[1]).mean())

    @property
    def n_counted(self) -> int:
        """As how many rows of equal weight they count (Kish 1965, "Survey Sampling", 11.7)."""
        if self.weight is None:
            return len(self.y)
        return round(
            float(self.weight.sum(dtype=float) ** 2 / (self.weight.astype(float) ** 2).sum())
        )


def judge(model: BaseTable, table: pa.Table, weight: Array | None = None) -> Judgement:
    """Predict the rows of a table that has the model's target, and score the predictions.

    Parameters
    ----------
    model : TableClassifier or TableRegressor
    table : pyarrow.Table, of n rows
    weight : ndarray, shape (n,), or None
        How much each row counts in the scores; those of weight 0 are left out.

    Raises
    ------
    TableError
        If the target is not in the table, or no row has one that the model knows.
    """
    table = spelled_as(table, [*model.task_.names, *(one.name for one in model.columns_)])
    y, rows, notes = known_rows(model.task_, table)
    if weight is not None:
        counts = weight[rows] > 0
        y, rows, weight = y[counts], rows[counts], weight[rows[counts]]
        if not len(rows):
            raise TableError("no row with a target has a weight above 0; nothing can be scored")
    there = set(table.column_names)
    known = [column.name for column in model.columns_ if column.name in there]
    prepared = model.preparation_.transform(table.select(known).take(rows))
    outputs = model.outputs(prepared.x, prepared.codes)
    decided = model.decide(outputs) if isinstance(model, TableClassifier) else None
    targets = model.task_.names if model.task_.n_targets > 1 else ()
    judged = Judgement(y, outputs, {}, rows, prepared, weight, decided, targets, own_notes=notes)
    judged.scores = judged.scored(outputs, decided)
    if isinstance(model, TableClassifier):
        if model.class_weight is not None and model.class_weights_ is None:
            judged.own_notes.append(
                said(
                    "the model was saved by an earlier version: its probabilities are those of a "
                    "table in which classes have the weights that it was trained with"
                )
            )
    else:
        assert isinstance(model, TableRegressor)
        if model.intervals_ is not None:
            low, high = model.interval_of(prepared.x, prepared.codes)
            judged.interval = low, high
            is_within = ((low <= y) & (y <= high)).reshape(len(y), -1).mean(axis=1)
            judged.coverage = float(np.average(is_within, weights=weight))
    return judged


def known_rows(task: Task, table: pa.Table) -> tuple[Array, Integers, list[str]]:
    """The targets that a task knows, the rows that have them, and notes on those that do not."""
    check_names(task.names, table.column_names, "the target that the model predicts")
    notes: list[str] = []
    table = with_targets_of_file(table, task.names, task.classes)
    targets = [table.column(name) for name in task.names]
    is_strange = np.zeros(table.num_rows, np.bool_)
    if task.kind != "regression":
        codes = class_codes(targets[0], task.names[0], task.classes, unknown=-2)
        unknown = int((codes == -2).sum())
        if 0 < unknown < int((codes != -1).sum()):  # where nothing fits, the task says so
            is_strange = codes == -2
            notes.append(
                said("1 row is of a class not there while training, and left out")
                if unknown == 1
                else said(
                    "{n:,} rows are of classes not there while training, and left out", n=unknown
                )
            )
            targets = [without_cells(targets[0], is_strange)]
    y, missing = task.encode(*targets)
    rows = np.flatnonzero(~missing)
    if not len(rows):
        raise TableError(
            f"no row has a target ({', '.join(task.names)}) that the model knows; give rows with "
            "one, or predict instead of evaluating"
        )
    lacking = task.left_out(targets, missing & ~is_strange)
    if lacking:
        notes.append(lacking + said(", and left out"))
    return y[rows], rows, notes
