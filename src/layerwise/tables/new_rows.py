"""New rows for a model: their columns told by name or, of an array, by their order."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.frames import are_records, as_table
from layerwise.texts import warn

__all__ = ["as_new_rows"]


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

    Examples
    --------
    >>> as_new_rows([[3, 1.5]], ["x0", "x1"], "TableRegressor").column_names
    ['x0', 'x1']
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
