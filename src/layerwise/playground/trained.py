"""A trained model on a page: its columns as sliders and choices, a row's prediction and reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from layerwise.estimators import TableClassifier, TableRegressor
from layerwise.explanation import explain
from layerwise.playground.choices import WrongChoice
from layerwise.tables.columns import Column
from layerwise.tables.encoders import CategoryEncoder, Encoder
from layerwise.tables.errors import TableError
from layerwise.tables.parsing.booleans import spelled_booleans
from layerwise.tables.profiles import Profile

_MOST_VALUES = 100
_YES = "yes"


class TrainedModel:
    """A table's model, asked about single rows.

    Parameters
    ----------
    model : TableClassifier or TableRegressor
        Fitted.

    Examples
    --------
    >>> table = pa.table({"x": [0.1, 0.9, 0.2, 0.8] * 5, "kind": ["a", "b", "a", "b"] * 5})
    >>> model = TableClassifier(effort="low", epochs=2, hidden=(2,), random_state=0)
    >>> model = model.fit(table, target="kind")
    >>> trained = TrainedModel(model)
    >>> [(column["name"], column["kind"]) for column in trained.described()["columns"]]
    [('x', 'number')]
    >>> [one["name"] for one in trained.results({"x": 0.3})]
    ['a', 'b']
    """

    def __init__(self, model: TableClassifier | TableRegressor) -> None:
        self.model = model
        preparation = model.preparation_
        self._used = preparation.used
        profiles = preparation.profiles or (None,) * len(self._used)
        self._columns = [
            _column(*one) for one in zip(self._used, preparation.encoders, profiles, strict=True)
        ]
        self.typical = {one["name"]: one["typical"] for one in self._columns}

    def described(self) -> dict[str, Any]:
        """Columns, what is predicted, and a typical row."""
        task = self.model.task_
        return {
            "columns": self._columns,
            "target": ", ".join(task.names),
            "classes": list(map(str, task.classes)) if task.classes else None,
            "row": self.typical,
            "networks": len(self.model.networks_),
        }

    def results(self, cells: Mapping[str, object]) -> list[dict[str, Any]]:
        """What is predicted for a row: each class's probability, or each target's value.

        Raises
        ------
        WrongChoice
            For a column that there is not, or a cell that cannot be read.
        """
        table = self._row(cells)
        task = self.model.task_
        try:
            if isinstance(self.model, TableClassifier):
                values = self.model.predict_proba(table)[0]
                order: list[int] = task.order_for_people
                names = [str(label) for label in task.classes]
            else:
                values = np.atleast_1d(self.model.predict(table)[0])
                names, order = list(task.names), list(range(len(task.names)))
        except TableError as error:
            raise WrongChoice(str(error)) from None
        return [{"name": names[k], "value": float(values[k])} for k in order]

    def contributions(self, cells: Mapping[str, object]) -> dict[str, Any]:
        """What each column contributed to the prediction, the most first, and of what."""
        found = explain(self.model, self._row(cells))
        named = sorted(found.contributions.items(), key=lambda one: -abs(one[1]))
        return {
            "of": found.subject.results[found.of],
            "contributions": [
                {"column": name, "value": value} for name, value in named if math.isfinite(value)
            ],
        }

    def _row(self, cells: Mapping[str, object]) -> pa.Table:
        unknown = sorted(cells.keys() - self.typical.keys())
        if unknown:
            raise WrongChoice(f"the model has no column {unknown[0][:60]!r}")
        row = {**self.typical, **cells}
        try:
            return pa.table({column.name: _cell(column, row[column.name]) for column in self._used})
        except (ValueError, pa.ArrowInvalid) as error:
            raise WrongChoice(f"a cell cannot be read: {error}") from None


def _cell(column: Column, value: object) -> pa.Array:
    """A column of one cell, of the type that the column's kind has by itself."""
    is_number = column.kind == "number"
    if value in ("", None):
        return pa.array([None], pa.float64() if is_number else pa.string())
    text = str(value)
    try:
        if is_number:
            return pa.array([float(text)])
        if column.kind == "date":
            return pa.array([datetime.fromisoformat(text)])
    except ValueError:
        wanted = "a number" if is_number else "a date such as 2024-05-31"
        raise WrongChoice(f"{column.name} is {wanted}; got {text[:40]!r}") from None
    if column.kind == "boolean":
        if column.stored == "number":
            return pa.array([float(text == _YES)])
        if column.stored == "boolean":
            return pa.array([text == _YES])
        true = column.reading.true if column.reading else _YES
        words = spelled_booleans(true).items()
        return pa.array([next(word for word, value in words if value == (text == _YES))])
    return pa.array([text])


def _column(column: Column, encoder: Encoder, profile: Profile | None) -> dict[str, Any]:
    seen: dict[str, Any] = {
        "name": column.name,
        "kind": column.kind,
        "reason": column.reason,
        "typical": "",
        "values": [],
        "low": None,
        "high": None,
        "whole": False,
    }
    edges = profile.edges if profile is not None else ()
    if isinstance(encoder, CategoryEncoder):
        seen["values"] = [
            encoder.name_of(code) for code in range(1, min(encoder.n_codes, _MOST_VALUES))
        ]
        seen["typical"] = seen["values"][0] if seen["values"] else ""
    elif column.kind == "boolean":
        seen["values"], seen["typical"] = ["no", _YES], "no"
    elif edges and profile is not None:
        middle = profile.quantile(0.5)
        if column.kind == "date":
            seen["low"], seen["high"], seen["typical"] = map(_date, (edges[0], edges[-1], middle))
        elif column.kind == "number":
            seen["low"], seen["high"], seen["typical"] = edges[0], edges[-1], middle
            seen["whole"] = all(edge == round(edge) for edge in edges)
    return seen


def _date(days: float) -> str:
    return str(np.datetime64(0, "D") + round(days))
