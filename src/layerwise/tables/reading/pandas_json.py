"""One object of JSON as pandas writes a table: by its rows' names, by columns, or split."""

from collections.abc import Iterable, Mapping
from itertools import chain, count

from layerwise.tables.names import unique_names

Row = dict[str, object]
_FEWEST_ROWS = 3
_MOSTLY = 0.5  # of all keys that each row has


def pandas_rows(whole: Mapping[str, object], notes: list[str]) -> list[Row] | None:
    """The rows of one object, None if it is none that pandas writes.

    Of `orient="split"` they stand in "data", the columns' names in "columns". Else each key has an
    object with the same keys: a row by its name (`orient="index"`), or a column, by the rows' names
    (`orient="columns"`), whichever makes columns of one type, or else more rows. One or two rows
    are told by their names alone, which are whole numbers while the columns' are not. A name that
    only counts the rows is left out.

    Parameters
    ----------
    whole : mapping
    notes : list of str
        What became of columns' names is added to them.

    Examples
    --------
    >>> pandas_rows({"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]}, [])
    [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]
    >>> rows = {"Ulm": {"n": 1, "zip": "x"}, "Bonn": {"n": 2, "zip": "y"}, "Jena": {"n": 3}}
    >>> pandas_rows(rows, [])[0]
    {'': 'Ulm', 'n': 1, 'zip': 'x'}
    """
    if {"columns", "data"} <= set(whole) <= {"columns", "data", "index"}:
        return _split(whole, notes)
    inner = {key: value for key, value in whole.items() if isinstance(value, dict) and value}
    if len(inner) < len(whole) or any(
        isinstance(cell, dict) for value in inner.values() for cell in value.values()
    ):
        return None
    keys = list(dict.fromkeys(chain.from_iterable(inner.values())))
    if any(len(value) < _MOSTLY * len(keys) for value in inner.values()):
        return None
    by_row = _named(inner)
    turned = {key: {of: value[key] for of, value in inner.items() if key in value} for key in keys}
    by_column = _named(turned)
    worths = [
        (_share_of_one_type(rows, columns), len(rows))
        for rows, columns in ((by_row, keys), (by_column, list(inner)))
    ]
    rows = by_row if worths[0] >= worths[1] else by_column
    if len(inner) < _FEWEST_ROWS and _are_numbers(inner) and not _are_numbers(keys):
        return by_row
    if len(keys) < _FEWEST_ROWS and _are_numbers(keys) and not _are_numbers(inner):
        return by_column
    return rows if len(rows) >= _FEWEST_ROWS else None


def _are_numbers(names: Iterable[str]) -> bool:
    return all(name.isascii() and name.removeprefix("-").isdigit() for name in names)


def _split(whole: Mapping[str, object], notes: list[str]) -> list[Row] | None:
    names, data, index = whole["columns"], whole["data"], whole.get("index")
    if not isinstance(names, list) or not isinstance(data, list) or not data:
        return None
    if any(not isinstance(row, list) or len(row) != len(names) for row in data):
        return None
    columns, changed = unique_names(list(map(str, names)))
    notes += changed
    rows = [dict(zip(columns, row, strict=True)) for row in data]
    if not isinstance(index, list) or len(index) != len(rows):
        return rows
    return _named(dict(zip(map(str, index), rows, strict=True))) if _differ(index) else rows


def _differ(index: list[object]) -> bool:
    return len(set(map(str, index))) == len(index)


def _named(rows: Mapping[str, Row]) -> list[Row]:
    """Rows with their names before them, if these do more than count."""
    counted = [str(start + i) for start in (0, 1) for i in range(len(rows))]
    if list(rows) in (counted[: len(rows)], counted[len(rows) :]):
        return [dict(row) for row in rows.values()]
    taken = set(chain.from_iterable(rows.values()))
    possible = chain(["", "index"], (f"index_{i}" for i in count(2)))
    of_names = next(name for name in possible if name not in taken)
    return [{of_names: name, **row} for name, row in rows.items()]


def _share_of_one_type(rows: list[Row], columns: list[str]) -> float:
    """Of how many columns all cells are texts, or none is."""
    of_one = 0
    for column in columns:
        cells = [row[column] for row in rows if row.get(column) is not None]
        of_one += len({isinstance(cell, str) for cell in cells}) <= 1
    return of_one / len(columns)
