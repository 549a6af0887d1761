"""Any table that a person has in memory, as a `pyarrow.Table`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.arrays import Array
from layerwise.network.inputs import as_array
from layerwise.tables.errors import TableError
from layerwise.tables.names import check_names
from layerwise.texts import warn

_TARGET = "target"
_UNITS = {"D", "s", "ms", "us", "ns"}  # of Arrow's moments and durations


def as_table(data: object) -> pa.Table:
    """Turn a data frame, an array or a dictionary of columns into a `pyarrow.Table`.

    NaN, and what an array masks, becomes a missing value. Names that are no text become text.

    Parameters
    ----------
    data : pandas, Polars, PyArrow or other data frame that narwhals knows; array-like, shape (n,
        n_columns), whose columns are called "x0", "x1", ...; dict of columns; or list of dicts, the
        rows

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
    if are_records(data):
        records: Sequence[Mapping[Any, Any]] = data
        keys = dict.fromkeys(key for row in records for key in row)
        data = {key: [row.get(key) for row in records] for key in keys}
    if isinstance(data, Mapping):
        return _table({str(name): as_column(cells, name) for name, cells in data.items()})
    names_of_frame = () if hasattr(data, "collect") else getattr(data, "columns", ())
    if not callable(names_of_frame):
        _check_names_differ(str(name) for name in names_of_frame)
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
            "Give a data frame, or an array of shape (rows, columns). Reshape your data: "
            "array.reshape(1, -1) is one row, array.reshape(-1, 1) one column"
        )
    names = [f"x{i}" for i in range(cells.shape[1])]
    return _table({name: as_column(cells[:, i], name) for i, name in enumerate(names)}, len(cells))


def as_new_rows(
    data: object, names: Sequence[str], model: str, *, warns_of_arrays: bool = True
) -> pa.Table:
    """Turn rows into a table whose columns are called as those that a model was trained on.

    Parameters
    ----------
    data : as for `as_table`
        Columns that have names keep them, unless the model was trained on an array.
    names : sequence of str
        The columns trained on; those of an array are "x0", "x1", ...
    model : str
        The model's class, for what is said.
    warns_of_arrays : bool
        Whether to warn of an array where the model was trained on columns with names.

    Raises
    ------
    TableError
        If it is no table, or an array of another number of columns.
    """
    table = as_table(data)
    given = table.column_names
    is_of_array = list(names) == [f"x{i}" for i in range(len(names))]
    if are_records(data) or isinstance(data, Mapping) or hasattr(data, "columns"):
        if not is_of_array or len(given) != len(names) or set(given) & set(names):
            return table
        warn(f"X has feature names, but {model} was fitted without feature names")
    elif len(given) != len(names):
        raise TableError(
            f"X has {len(given)} features, but {model} is expecting {len(names)} features as "
            "input: an array has no names to tell its columns by, so give as many, or a data frame"
        )
    elif warns_of_arrays and not is_of_array:
        warn(f"X does not have valid feature names, but {model} was fitted with feature names")
    return table.rename_columns(list(names))


def are_records(data: object) -> TypeGuard[Sequence[Mapping[Any, Any]]]:
    """Whether it is a list of dicts, each a row with the names of its cells."""
    if not isinstance(data, (list, tuple)):
        return False
    return len(data) > 0 and all(isinstance(row, Mapping) for row in data)


def targets_apart(
    X: object, y: object, target: str | Sequence[str] | None
) -> tuple[pa.Table, pa.Table]:
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
        came = "both y and a target are given" if target is not None else (
            "fit requires y to be passed, but the target y is None"
        )  # fmt: skip
        raise TableError(
            f"{came}: give y, or the name of the target column: fit(table, target='price')"
        )
    if target is not None:
        names = [target] if isinstance(target, str) else list(target)
        names = check_names(names, table.column_names, "target")
        return table.drop_columns(names), table.select(names)
    if isinstance(y, str):
        is_column = "is a column of X" if y in table.column_names else "is a text"
        raise TableError(
            f"y holds a value for each row of X; got {y!r}, which {is_column}: a column of X is "
            f"named as fit(X, target={y!r})"
        )
    targets = _as_targets(y)
    if targets.num_rows != table.num_rows:
        raise TableError(
            f"X has {table.num_rows:,} rows and y {targets.num_rows:,}; as many are wanted"
        )
    return table, targets


def given_target(X: object, y: object, name: str) -> Any:
    """Return a target as it was given: y, or the column of a frame; see `targets_apart`."""
    import narwhals.stable.v1 as nw

    data = X if y is None else y
    if isinstance(data, (pa.Table, pa.RecordBatch)):
        return data.column(name)
    if isinstance(data, Mapping):
        return next(cells for key, cells in data.items() if str(key) == name)
    frame = nw.from_native(data, pass_through=True, allow_series=False)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if not isinstance(frame, nw.DataFrame):
        return data
    return next(frame.get_column(key).to_native() for key in frame.columns if str(key) == name)


def _as_targets(y: object) -> pa.Table:
    if hasattr(y, "columns"):
        return as_table(y)
    cells, name = _cells(y), getattr(y, "name", None)
    if cells.ndim == 2 and cells.shape[1] != 1:
        table = as_table(cells)
        return table.rename_columns([f"{_TARGET} {i + 1}" for i in range(table.num_columns)])
    if cells.ndim == 2:
        y = cells[:, 0]
    return pa.table({str(name) if name else _TARGET: as_column(y, _TARGET)})


def _table(columns: dict[str, pa.Array | pa.ChunkedArray], n_rows: int = 0) -> pa.Table:
    if not columns:
        raise _no_columns(n_rows)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise TableError(f"the table's columns are of different lengths: {sorted(lengths)}")
    return pa.table(columns)


def _no_columns(n_rows: int) -> TableError:
    return TableError(
        f"the table has no columns: 0 feature(s) (shape=({n_rows}, 0)) while a minimum of 1 is "
        "required to predict from"
    )


def _of_series(series: Any, name: str) -> pa.Array | pa.ChunkedArray:
    try:
        column = series.to_arrow()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return as_column(series.to_numpy(), name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if isinstance(kind, pa.BaseExtensionType):  # pandas' periods and intervals
        return _as_text(series.to_list())
    return _nan_is_null(column)


def _check_names_differ(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise TableError(
                f"two columns are called {name!r}; rename one, so that each can be told by its name"
            )
        seen.add(name)


def as_column(cells: object, name: object = "") -> pa.Array | pa.ChunkedArray:
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


def _cells(data: object) -> NDArray[np.generic]:
    """Return an array of cells, masked ones still masked; of lists one of objects."""
    if isinstance(data, np.ma.MaskedArray):
        return data
    return np.asarray(data, dtype=object if isinstance(data, (list, tuple)) else None)


def _plain(values: Array, name: object) -> NDArray[np.generic]:
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


def _as_text(cells: Iterable[object]) -> pa.Array:
    texts = (None if is_missing(cell) else str(cell) for cell in cells)
    return pa.array(list(texts), pa.string())


def is_missing(cell: object) -> bool:
    """Whether a cell of memory holds nothing: None, NaN, NaT, or pandas' NA."""
    # NaN and NaT differ from themselves; pandas' NA does not say whether it does.
    return cell is None or type(cell).__name__ == "NAType" or bool(cell != cell)


def _nan_is_null(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if pa.types.is_float16(column.type):  # of which Arrow computes little
        column = column.cast(pa.float32())
    if not pa.types.is_floating(column.type):
        return column
    import pyarrow.compute as pc

    if not pc.any(pc.is_nan(column)).as_py():
        return column
    return pc.if_else(pc.is_nan(column), None, column)


def _without_nan(table: pa.Table) -> pa.Table:
    if not table.num_columns:
        raise _no_columns(table.num_rows)
    _check_names_differ(table.column_names)
    columns = table.columns
    changed = [_nan_is_null(column) for column in columns]
    if all(new is old for new, old in zip(changed, columns, strict=True)):
        return table
    return pa.Table.from_arrays(changed, names=table.column_names)
