"""What is to be predicted, apart from what it is predicted from, in whatever form they come."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_cells, as_column, as_table
from layerwise.tables.names import check_names

__all__ = ["targets_apart"]

_TARGET = "target"


def targets_apart(X: Any, y: Any, target: str | Sequence[str] | None) -> tuple[pa.Table, pa.Table]:
    """Return the columns to predict from, and the columns to be predicted.

    Parameters
    ----------
    X : data frame of pandas, Polars or PyArrow, dict of columns, or array, shape (n, n_columns)
    y : array-like, shape (n,) or (n, n_targets), or None
        What is to be predicted; or else
    target : str or sequence of str or None
        Which columns of X are.

    Raises
    ------
    TableError
        If neither or both are given, a column is not there, or X and y have not as many rows.

    Examples
    --------
    >>> table, targets = targets_apart({"age": [31, 45], "sex": ["F", "M"]}, None, "sex")
    >>> table.column_names, targets.column_names
    (['age'], ['sex'])
    """
    table = as_table(X)
    if (y is None) == (target is None):
        raise TableError("give y, or the name of the target column: fit(table, target='price')")
    if target is not None:
        names = [target] if isinstance(target, str) else list(target)
        check_names(names, table.column_names, "target")
        return table.drop_columns(names), table.select(names)
    targets = _as_targets(y)
    if targets.num_rows != table.num_rows:
        raise TableError(
            f"X has {table.num_rows:,} rows and y {targets.num_rows:,}; as many are wanted"
        )
    return table, targets


def _as_targets(y: Any) -> pa.Table:
    if hasattr(y, "columns"):
        return as_table(y)
    cells, name = as_cells(y), getattr(y, "name", None)
    if cells.ndim == 2 and cells.shape[1] != 1:
        table = as_table(cells)
        return table.rename_columns([f"{_TARGET} {i + 1}" for i in range(table.num_columns)])
    if cells.ndim == 2:
        y = cells[:, 0]
    return pa.table({str(name) if name else _TARGET: as_column(y, _TARGET)})
