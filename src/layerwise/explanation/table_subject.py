"""A row of a table, and the model that predicts from it, as a subject to explain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.utils.validation import check_is_fitted

from layerwise.arrays import Reals
from layerwise.estimators import TableClassifier, TableRegressor
from layerwise.explanation.cell_equations import cells_of, inputs_of, text_of, typical_row
from layerwise.explanation.combining import AveragedNumbers, AveragedProbabilities
from layerwise.explanation.equations import Equation, settle, to_digits
from layerwise.explanation.expressions import Name, Number, Quotient, Sum, decimals_for
from layerwise.explanation.subject import Answer, Baseline, Combining, Subject
from layerwise.language import retold, tr
from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_column, as_table
from layerwise.tables.names import some_names, spelled_as

TableModel = TableClassifier | TableRegressor


def table_subject(
    model: TableModel, row: object, answer: object = None, baseline: object = None
) -> Subject:
    """Prepare a row as the model does, and look up its answer.

    Parameters
    ----------
    model : TableClassifier or TableRegressor
    row : table of one row, dict of column to cell, or sequence of cells
    answer : object
        None: what the row's own target column holds, if it has one.
    baseline : like row, or None
        None: the typical row.

    Raises
    ------
    TableError
        For another number of rows, a missing column, an answer that is not among the classes.
    """
    check_is_fitted(model, "ensemble_")
    columns = {column.name for column in model.preparation_.columns}
    table = spelled_as(one_row(row, model), [*columns, *model.task_.names])
    targets = [name for name in model.task_.names if name in table.column_names]
    prepared = model.prepare(table.drop_columns([n for n in targets if n not in columns]))
    preparation, networks = model.preparation_, model.networks_
    own = np.asarray(model.outputs(prepared.x, prepared.codes)).reshape(1, -1)
    results = tuple(map(str, model.classes_ if _is_classes(model) else model.task_.names))
    notes = list(map(retold, prepared.notes))
    found = None
    if answer is not None:
        found = _given_answer(model, answer)
    elif len(targets) == model.task_.n_targets:
        try:
            found = _encoded(model, [table.column(name) for name in model.task_.names])
        except TableError as error:
            notes.append(tr("without the answer: {error}", error=error))
    if not _is_classes(model):
        assert isinstance(model, TableRegressor)
        limits = model.target_low_, model.target_high_
        notes += [
            tr(
                "the networks say more than the targets trained on reach to: {name} is kept within "
                "{low:.6g} and {high:.6g}",
                name=name,
                low=low,
                high=high,
            )
            for name, value, low, high in zip(results, own[0], *limits, strict=True)
            if value in (low, high)
        ]
    return Subject(
        networks=networks,
        inputs=inputs_of(preparation),
        x=prepared.x,
        codes=prepared.codes,
        cells=cells_of(preparation, table, prepared, networks[0].architecture),
        combining=_combining(model, results),
        results=results,
        score_names=results,
        is_classes=_is_classes(model),
        predicted=int(model.decide(own)[0]) if isinstance(model, TableClassifier) else 0,
        decided_by=_decided_by(model, own) if isinstance(model, TableClassifier) else "",
        own_outputs=own[0],
        loss=model.loss_entry,
        baseline=typical_row(preparation) if baseline is None else _given(model, baseline),
        answer=found,
        notes=tuple(notes),
    )


def one_row(row: Any, model: TableModel) -> pa.Table:
    """A row, however it came, as a table of one row.

    Raises
    ------
    TableError
        If it is none, or several.
    """
    if isinstance(row, Mapping) or (hasattr(row, "items") and hasattr(row, "to_dict")):
        given = {str(name): cell for name, cell in row.items()}
        if not any(_is_column(cell) for cell in given.values()):
            row = {name: [cell] for name, cell in given.items()}
    elif isinstance(row, (list, tuple)) or (isinstance(row, np.ndarray) and row.ndim == 1):
        names = [column.name for column in model.columns_]
        if len(row) != len(names):
            raise TableError(
                f"the row has {len(row)} cells, and the model was trained with {len(names)} "
                f"columns: {some_names(names)}. Give as many, or a dict of column to cell"
            )
        row = {name: [cell] for name, cell in zip(names, row, strict=True)}
    table = as_table(row)
    if table.num_rows != 1:
        raise TableError(
            f"one row is wanted; got a table of {table.num_rows:,}. Take one of them: "
            "table.iloc[[6]] of pandas, table[6] of Polars, table.slice(6, 1) of PyArrow"
        )
    return table


def _is_column(cell: object) -> bool:
    return not isinstance(cell, (str, bytes)) and hasattr(cell, "__len__")


def _decided_by(model: TableClassifier, p: Reals) -> str:
    """Why a class is predicted that is not the likeliest, or "" where it is."""
    if model.decide(p)[0] == p[0].argmax():
        return ""
    if p.shape[1] == 2:
        return tr(
            "{name} is predicted where its probability is above {threshold:.4g}",
            name=model.classes_[1],
            threshold=model.threshold_,
        )
    return tr("the class is predicted whose probability times its weight is largest")


def _is_classes(model: TableModel) -> bool:
    return isinstance(model, TableClassifier)


def _columns_of(answer: Any, model: TableModel) -> list[pa.ChunkedArray]:
    """An answer as a column of one cell for each target."""
    names = model.task_.names
    answers = list(answer) if _is_column(answer) else [answer]
    if len(answers) != len(names):
        raise TableError(
            f"an answer for each of the targets {some_names(names)} is wanted; got {len(answers)}"
        )
    return [pa.chunked_array([as_column([cell])]) for cell in answers]


def _given_answer(model: TableModel, answer: object) -> Answer | None:
    try:
        return _encoded(model, _columns_of(answer, model))
    except TableError:
        if not isinstance(model, TableClassifier):
            raise
        classes = some_names(list(map(str, model.classes_)))
        raise TableError(f"there is no class {answer!r}; the classes: {classes}") from None


def _encoded(model: TableModel, columns: list[pa.ChunkedArray]) -> Answer | None:
    y, missing = model.task_.encode(*columns)
    if missing[0]:
        return None
    text = ", ".join(str(text_of(column)) for column in columns)
    if isinstance(model, TableClassifier):
        return Answer(text, np.array([[int(y[0])]]), int(y[0]))
    numbers = np.asarray(y, np.float64).reshape(1, -1)
    target = (numbers - model.target_mean_) / model.target_scale_
    equations = tuple(
        _scaled_target(name, float(number), float(mean), float(scale))
        for name, number, mean, scale in zip(
            model.task_.names, numbers[0], model.target_mean_, model.target_scale_, strict=True
        )
    )
    return Answer(text, target, None, tuple(numbers[0].tolist()), equations)


def _scaled_target(name: str, y: float, mean: float, scale: float) -> Equation:
    """A target as the networks were trained on it."""
    value = (y - mean) / scale

    def build(digits: int, more: int) -> list[Equation]:
        distance = Sum((to_digits(y, digits + 1), to_digits(-mean, digits + 1)))
        formula = Quotient(distance, to_digits(scale, digits))
        result = Number(value, decimals_for(value, 3) + more)
        return [Equation(Name(f"target({name})"), (formula, result), ((formula, result),))]

    return settle(build)[0]


def _combining(model: TableModel, results: tuple[str, ...]) -> Combining:
    weights = model.ensemble_.weights
    if isinstance(model, TableClassifier):
        return AveragedProbabilities(
            results, weights, model.temperature_, model.share_, model.class_weights_
        )
    return AveragedNumbers(
        results,
        weights,
        model.target_mean_,
        model.target_scale_,
        model.target_low_,
        model.target_high_,
    )


def _given(model: TableModel, row: object) -> Baseline:
    """A baseline that is a row of the user's."""
    table = one_row(row, model)
    prepared = model.prepare(table)
    cells = {
        column.name: text_of(table.column(column.name)) or tr("missing")
        for column in model.preparation_.used
    }
    return Baseline(tr("the row given"), prepared.x, prepared.codes, cells)
