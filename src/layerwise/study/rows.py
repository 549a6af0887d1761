"""The rows a study is given, in whatever form, and its results in the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from layerwise.ensemble.splitting import group_numbers
from layerwise.study.folds import StudyTable
from layerwise.tables.frames import targets_apart
from layerwise.tables.task import find_table_task

__all__ = ["as_given", "study_table"]


def study_table(
    X: Any,
    y: Any,
    *,
    target: str | Sequence[str] | None,
    groups: Any,
    task: str | None,
    kinds: Mapping[str, list[str]],
) -> StudyTable:
    """Take the rows that have a target, and decide of what kind each column is.

    Parameters
    ----------
    X, y, target, groups
        As of `DepthStudy.fit`.
    task : {"classification", "regression"} or None
    kinds : mapping
        The names of columns whose kind is settled, by the kind.

    Raises
    ------
    TableError
        For X, y and groups that do not fit together, or a table that nothing can be learned from.
    """
    table, targets = targets_apart(X, y, target)
    found = find_table_task(targets, targets.column_names, task)
    which = None if groups is None else group_numbers(groups, table.num_rows)
    return StudyTable.of(table, targets, found, which, kinds)


def as_given(X: Any, table: pa.Table) -> Any:
    """Return a table as one of the library X is of: pandas, Polars, else PyArrow."""
    library = type(X).__module__.partition(".")[0]
    if library == "pandas":
        return table.to_pandas()
    if library == "polars":
        import polars as pl

        return pl.from_arrow(table)
    return table
