"""Any table that a person has in memory, as a `pyarrow.Table`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from layerwise.network.inputs import as_array
from layerwise.tables.errors import TableError
from layerwise.tables.names import check_names

__all__ = ["as_column", "as_table", "targets_apart"]

_TARGET = "target"
_UNITS = {"D", "s", "ms", "us", "ns"}  # of Arrow's moments and durations


def as_table(data: Any, names: Sequence[str] | None = None) -> pa.Table:
    """Turn a data frame, an array or a dictionary of columns into a `pyarrow.Table`.

    NaN, and what an array masks, becomes a missing value. Names that are no text become text.

    Parameters
    ----------
    data : pandas, Polars, PyArrow or other data frame that narwhals knows; array-like, shape (n,
        n_columns); or dict of columns
    names : sequence of str or None
        For an array: what its columns are called; None: "x0", "x1", ...

    Raises
    ------
    TableError
        If it is no table, or a column's cells cannot be told apart.

    Examples
    --------
    >>> as_table(np.array([[1.0, np.nan]])).to_pydict()
    {'x0': [1.0], 'x1': [None]}
    >>> as_table({"age": [31, 45], "sex": ["F", "M"]}).column_names
    ['age', 'sex']
    """
    import narwhals.stable.v1 as nw

    if isinstance(data, pa.Table):
        return _without_nan(data)
    if isinstance(data, pa.RecordBatch):
        return _without_nan(pa.Table.from_batches([data]))
    if hasattr(data, "toarray"):  # sparse; some of these are mappings too
        data = data.toarray()
    if isinstance(data, Mapping):
        return _table({str(name): as_column(cells, name) for name, cells in data.items()})
    repeated = _repeated([str(name) for name in _column_names(data)])
    if repeated is not None:
        raise _same_name(repeated)
    frame = nw.from_native(data, pass_through=True, allow_series=False)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        columns = [(str(name), frame.get_column(name)) for name in frame.columns]
        return _table({name: _of_series(series, name) for name, series in columns})
    cells = _cells(data)
    if cells.ndim != 2:
        raise TableError(
            f"a table has rows and columns; got {type(data).__name__} of shape {cells.shape}. "
            "Give a data frame, or an array of shape (rows, columns)"
        )
    if names is None:
        names = [f"x{i}" for i in range(cells.shape[1])]
    return _table({name: as_column(cells[:, i], name) for i, name in enumerate(names)}, len(cells))


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
    cells, name = _cells(y), getattr(y, "name", None)
    if cells.ndim == 2 and cells.shape[1] != 1:
        table = as_table(cells)
        return table.rename_columns([f"{_TARGET} {i + 1}" for i in range(table.num_columns)])
    if cells.ndim == 2:
        y = cells[:, 0]
    return pa.table({str(name) if name else _TARGET: as_column(y, _TARGET)})


def _table(columns: dict[str, Any], n_rows: int = 0) -> pa.Table:
    if not columns:
        raise TableError(f"the table has no columns ({n_rows:,} rows); at least one is wanted")
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise TableError(f"the table's columns are of different lengths: {sorted(lengths)}")
    return pa.table(columns)


def _of_series(series: Any, name: str) -> Any:
    try:
        column = series.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return as_column(series.to_numpy(), name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if isinstance(kind, pa.BaseExtensionType):  # pandas' periods and intervals
        return _as_text(series.to_list())
    return _nan_is_null(column)


def _repeated(names: Sequence[str]) -> str | None:
    """The first name that stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _column_names(data: Any) -> Iterable[Any]:
    """A data frame's column names; a lazy one's are asked for later."""
    names = getattr(data, "columns", ()) if not hasattr(data, "collect") else ()
    return () if callable(names) else names


def _same_name(name: str) -> TableError:
    return TableError(
        f"two columns are called {name!r}; rename one, so that each can be told by its name"
    )


def as_column(cells: Any, name: Any = "") -> Any:
    """Turn a sequence of cells into a pyarrow column; cells of several types become text.

    Raises
    ------
    TableError
        If the cells are themselves sequences, complex numbers, or bytes that are no text.

    Examples
    --------
    >>> as_column([1, "two", None]).to_pylist()
    ['1', 'two', None]
    """
    if isinstance(cells, (pa.Array, pa.ChunkedArray)):
        return _nan_is_null(cells)
    if hasattr(cells, "to_arrow"):
        return _of_series(cells, str(name))
    values = _cells(cells)
    if values.ndim != 1:
        raise TableError(
            f"the column {str(name)!r} holds {values.ndim}-dimensional cells; one value for each "
            "row is wanted"
        )
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    values = np.ma.getdata(values)
    if values.dtype != object:
        values = _plain(values, name)
    try:
        column = pa.array(values, mask=mask, from_pandas=True)
    except (pa.ArrowException, OverflowError):
        if values.dtype != object:
            raise TableError(
                f"the column {str(name)!r} is an array of {values.dtype}, of which no table can "
                "be made; give numbers, text, dates or truth values"
            ) from None
        plain = _plain(values, name)
        return _as_text(values) if plain.dtype == object else as_column(plain, name)
    if isinstance(column.type, pa.BaseExtensionType):  # such as UUIDs
        return _as_text(values)
    if pa.types.is_binary(column.type):
        try:
            column = column.cast(pa.string())
        except pa.ArrowInvalid:
            raise TableError(
                f"the column {str(name)!r} holds bytes that are no UTF-8; decode them to text first"
            ) from None
    return _nan_is_null(column)


def _cells(data: Any) -> Any:
    """Return an array of cells, masked ones still masked; of lists one of objects."""
    if isinstance(data, np.ma.MaskedArray):
        return data
    return np.asarray(data, dtype=object if isinstance(data, (list, tuple)) else None)


def _plain(values: Any, name: Any) -> Any:
    """An array of what Arrow has: the machine's byte order, 64 bits a number, known units."""
    try:
        values = as_array(values, f"the column {str(name)!r}")
    except ValueError as error:
        raise TableError(str(error)) from None
    if values.dtype.kind == "U":
        return values.astype(object)
    if values.dtype == np.float16:
        return values.astype(np.float32)
    if values.dtype.kind in "mM" and np.datetime_data(values.dtype)[0] not in _UNITS:
        return values.astype(f"{values.dtype.kind}8[s]")
    return values


def _as_text(cells: Iterable[Any]) -> Any:
    return pa.array([None if _is_nothing(cell) else str(cell) for cell in cells], pa.string())


def _is_nothing(cell: Any) -> bool:
    # NaN and NaT differ from themselves; pandas' NA does not say whether it does.
    return cell is None or type(cell).__name__ == "NAType" or bool(cell != cell)


def _nan_is_null(column: Any) -> Any:
    if pa.types.is_float16(column.type):  # of which Arrow computes little
        column = column.cast(pa.float32())
    if not pa.types.is_floating(column.type):
        return column
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    import pyarrow.compute as pc

    if not any(pc.any(pc.is_nan(chunk)).as_py() for chunk in chunks):
        return column
    return pc.if_else(pc.is_nan(column), None, column)


def _without_nan(table: pa.Table) -> pa.Table:
    if not table.num_columns:
        raise TableError("the table has no columns; at least one is wanted")
    repeated = _repeated(table.column_names)
    if repeated is not None:
        raise _same_name(repeated)
    columns = table.columns
    changed = [_nan_is_null(column) for column in columns]
    if all(new is old for new, old in zip(changed, columns, strict=True)):
        return table
    return pa.Table.from_arrays(changed, names=table.column_names)
