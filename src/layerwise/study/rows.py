"""The rows a study is given, in whatever form, and its results in the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from layerwise.study.errors import StudyError
from layerwise.study.folds import StudyTable
from layerwise.tables.targets_apart import targets_apart
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
    StudyError
        For groups that are not one for each row.
    TableError
        For X and y that do not fit together, or a table that nothing can be learned from.
    """
    table, targets = targets_apart(X, y, target)
    found = find_table_task(targets, targets.column_names, task)
    return StudyTable.of(table, targets, found, _groups(groups, table.num_rows), kinds)


def as_given(X: Any, table: pa.Table) -> Any:
    """Return a table as one of the library X is of: pandas, Polars, else PyArrow."""
    library = type(X).__module__.partition(".")[0]
    if library == "pandas":
        return table.to_pandas()
    if library == "polars":
        import polars as pl

        return pl.from_arrow(table)
    return table


def _groups(groups: Any, n_rows: int) -> Any:
    """Groups as numbers from 0."""
    if groups is None:
        return None
    which = np.asarray(groups)
    if which.shape != (n_rows,):
        raise StudyError(f"groups must name one for each of the {n_rows:,} rows; got {which.shape}")
    return np.unique(which, return_inverse=True)[1]
