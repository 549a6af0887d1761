"""JSON: an object a line, one array of objects, or one object that holds the rows."""

import json
from collections.abc import Iterator
from pathlib import Path

from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.names import unique_names
from layerwise.tables.reading.pandas_json import pandas_rows
from layerwise.tables.reading.python_values import ValueColumn, table_from
from layerwise.tables.reading.result import NoRowsError, Part, Problem
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks, as_utf8, find_encoding

_ROWS_AT_ONCE = 20_000
_FEWEST_OF_A_LINE = 10  # an object in one line may be a row, with a few others in a cell


def read_json(path: Path, name: str, workplace: Workplace, encoding: str | None = None) -> Part:
    """The rows of a file of JSON: each object is one, and its keys are the columns.

    Of one object that is no row, they are what its one array of objects holds, such as "data" or
    "features"; or its keys are the columns, where each has an array of as many cells, or an object
    of cells numbered from 0; or it is written as pandas does in other ways (`pandas_rows`).

    A key that a row lacks is a missing cell; an object or array within a row is kept as the text
    of its JSON.

    Raises
    ------
    TableError
        If there are no objects in it.
    """
    blocks = FileBlocks(path)
    found = encoding or find_encoding(blocks, name)
    path = as_utf8(blocks, found, name, workplace).path
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        start = file.read(4096).lstrip()
    problems: list[Problem] = []
    notes: list[str] = []
    rows = _array(path, name) if start.startswith("[") else _of_object(path, name, notes)
    rows = _lines(path, name, problems) if rows is None else rows
    columns: dict[str, ValueColumn] = {}
    n_rows = 0
    waiting: list[dict[str, object]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _ROWS_AT_ONCE:
            n_rows = _add(waiting, columns, n_rows)
    n_rows = _add(waiting, columns, n_rows)
    if len(problems) > n_rows:
        raise TableError(
            f"{name} was taken for JSON lines, one object a line, and {len(problems):,} of its "
            f"lines are none; the first is line {problems[0].line:,}: {problems[0].why}. Write "
            "one object on each line, or one array of objects"
        )
    if not n_rows or not columns:
        kind = TableError if n_rows else NoRowsError
        raise kind(f"{name} holds no rows; wanted is JSON with one object a row")
    names, changed = unique_names(list(columns))
    table = table_from(names, list(columns.values()))
    return Part(table, found.removesuffix("-sig"), None, problems, [*notes, *changed])


def _add(rows: list[dict[str, object]], columns: dict[str, ValueColumn], n_before: int) -> int:
    """Give the columns these rows, and those that begin here their missing cells above."""
    for key in dict.fromkeys(key for row in rows for key in row):
        if key not in columns:
            columns[key] = ValueColumn()
            if n_before:
                columns[key].add([None] * n_before)
    for key, column in columns.items():
        column.add([row.get(key) for row in rows])
    n_rows = n_before + len(rows)
    rows.clear()
    return n_rows


def _lines(path: Path, name: str, problems: list[Problem]) -> Iterator[dict[str, object]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if not text:
                    continue
                row = json.loads(text)
            except UnicodeDecodeError:
                problems.append(
                    Problem(name, number, said("it holds bytes that are no text in UTF-8"))
                )
                continue
            except (ValueError, RecursionError) as error:
                problems.append(Problem(name, number, said("it is no JSON ({error})", error=error)))
                continue
            if isinstance(row, dict):
                yield row
            else:
                problems.append(
                    Problem(name, number, said("it is no object: {text}", text=text[:40]))
                )


def _of_object(path: Path, name: str, notes: list[str]) -> Iterator[dict[str, object]] | None:
    """The rows that the one object of a file holds, None if it is no such object."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        lines = (line.strip() for line in file)
        first, second = (next(filter(None, lines), "") for _ in range(2))
        if second and _is_object(first):
            return None  # an object a line
        file.seek(0)
        try:
            whole = json.load(file)
        except (ValueError, RecursionError):
            return None
    if not isinstance(whole, dict) or not whole:
        return None
    least = 1 if second else _FEWEST_OF_A_LINE
    arrays = {
        key: value
        for key, value in whole.items()
        if isinstance(value, list) and len(value) >= least and all(map(_is_dict, value))
    }
    if len(arrays) == 1:
        ((key, rows),) = arrays.items()
        notes.append(said('The rows are those of "{key}".', key=key))
        return iter(rows)
    if (columns := _columns(whole, least)) is not None:
        cells = zip(*columns.values(), strict=True)
        return (dict(zip(columns, row, strict=True)) for row in cells)
    if (rows_of_pandas := pandas_rows(whole, notes)) is not None:
        return iter(rows_of_pandas)
    holds_all = len(whole) >= _FEWEST_OF_A_LINE and all(map(_is_container, whole.values()))
    if second or arrays or holds_all:
        held = ", ".join(f'"{key}" ({len(rows):,})' for key, rows in arrays.items())
        several = f", and several arrays of objects in it: {held}" if arrays else ""
        raise TableError(
            f"{name} holds one object{several}; wanted is an object for each row. Write the array "
            "of the rows to a file of its own, or one object on each line"
        )
    return None


def _columns(whole: dict[str, object], least: int) -> dict[str, list[object]] | None:
    """The cells of each key, where all have as many, in an array or numbered from 0; else None."""
    columns: dict[str, list[object]] = {}
    for key, value in whole.items():
        is_numbered = isinstance(value, dict) and list(value) == list(map(str, range(len(value))))
        cells = list(value.values()) if isinstance(value, dict) and is_numbered else value
        if not isinstance(cells, list) or any(isinstance(cell, dict | list) for cell in cells):
            return None
        columns[key] = cells
        least = 1 if is_numbered else least
    lengths = set(map(len, columns.values()))
    return columns if len(lengths) == 1 and max(lengths) >= least else None


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _is_container(value: object) -> bool:
    return isinstance(value, dict | list)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _array(path: Path, name: str) -> Iterator[dict[str, object]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            rows = json.load(file)
    except (ValueError, RecursionError) as error:
        raise TableError(
            f"{name} begins as a JSON array and is cut off or damaged: {error}; get or make the "
            "file again"
        ) from None
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise TableError(
                f"{name}: element {number:,} of the array is no object but {str(row)[:40]}; "
                'wanted are objects such as {"rooms": 3, "price": 10}'
            )
        yield row
