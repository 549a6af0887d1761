"""JSON: an object a line, or one array of objects."""

import json
from collections.abc import Iterator
from pathlib import Path

from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.names import unique_names
from layerwise.tables.reading.python_values import ValueColumn, table_from
from layerwise.tables.reading.result import NoRowsError, Part, Problem
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks, as_utf8, find_encoding

_ROWS_AT_ONCE = 20_000


def read_json(path: Path, name: str, workplace: Workplace, encoding: str | None = None) -> Part:
    """The rows of a file of JSON: each object is one, and its keys are the columns.

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
    rows = _array(path, name) if start.startswith("[") else _lines(path, name, problems)
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
    names, notes = unique_names(list(columns))
    table = table_from(names, list(columns.values()))
    return Part(table, found.removesuffix("-sig"), None, problems, notes)


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
