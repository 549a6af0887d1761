"""Excel and OpenDocument workbooks: .xlsx, .xls, .xlsb and .ods."""

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from layerwise.tables.errors import TableError
from layerwise.tables.names import unique_names
from layerwise.tables.parsing.missing import FILE_VALUE_WORDS, FILE_WORDS
from layerwise.tables.reading.archives import check_workbook
from layerwise.tables.reading.python_values import ValueColumn, as_text, table_from
from layerwise.tables.reading.result import Part
from layerwise.tables.reading.workplace import Workplace

__all__ = ["read_workbook"]


def read_workbook(
    path: Path, name: str, workplace: Workplace, sheet: str | int | None = None
) -> Part:
    """The rows of one sheet of a workbook; its first row that is not empty is the header.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in an error.
    workplace : Workplace
    sheet : str or int, optional
        The sheet's name, or its number counted from 1; the first one that holds something if it
        is left out.

    Raises
    ------
    TableError
        If there is no such sheet, it holds no table, or the file is encrypted or damaged.
    """
    import python_calamine

    errors = (
        python_calamine.CalamineError, OSError, ValueError, EOFError, NotImplementedError,
        zipfile.BadZipFile, zlib.error, struct.error,
    )  # fmt: skip
    try:
        if zipfile.is_zipfile(path):
            check_workbook(path, name, workplace)
        # Read from memory: a name need not tell what kind of workbook it is.
        with path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
        sheets = list(book.sheet_names)
        notes = []
        if not sheets:
            raise ValueError("there is no sheet in it")
        if sheet is None:
            chosen, rows = _first_with_rows(book, sheets)
            if len(sheets) > 1:
                others = ", ".join(f'"{one}"' for one in sheets if one != chosen)
                notes.append(f'Sheet "{chosen}" is read; there are also {others}.')
        else:
            chosen = _named(sheets, sheet, name)
            rows = _rows(book, chosen)
    except python_calamine.PasswordError:
        raise TableError(
            f"{name} is encrypted with a password; open it, save it without one, and read that"
        ) from None
    except errors as error:
        if isinstance(error, TableError):
            raise
        raise TableError(
            f"{name} cannot be read as an Excel or OpenDocument workbook: it is cut off, damaged "
            f"or encrypted ({error}); open it and save it again"
        ) from None
    if not rows:
        raise TableError(f'{name}: sheet "{chosen}" is empty; choose one of {", ".join(sheets)}')
    header, rows = rows[0], rows[1:]
    if not rows:
        raise TableError(f'{name}: sheet "{chosen}" has a header and no rows; a table needs both')
    names, changed = unique_names(["" if cell is None else as_text(cell) for cell in header])
    columns = []
    for cells in zip(*rows, strict=True):
        column = ValueColumn()
        column.add(_typed(cells))
        columns.append(column)
    return Part(table_from(names, columns), notes=[*notes, *changed])


def _first_with_rows(book: Any, sheets: Sequence[str]) -> tuple[str, list[list[Any]]]:
    for sheet in sheets:
        if rows := _rows(book, sheet):
            return sheet, rows
    return sheets[0], []


def _rows(book: Any, sheet: str) -> list[list[Any]]:
    """The sheet's rows that are not empty, an empty cell as None."""
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
    found = [[None if cell == "" else cell for cell in row] for row in rows]
    return [row for row in found if any(cell is not None for cell in row)]


def _named(sheets: Sequence[str], sheet: str | int, name: str) -> str:
    if isinstance(sheet, str):
        if sheet in sheets:
            return sheet
        if sheet.isdecimal():
            sheet = int(sheet)
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    told = ", ".join(f'{number} "{one}"' for number, one in enumerate(sheets, start=1))
    raise TableError(f"{name} has no sheet {sheet!r}; its sheets are {told}")


def _typed(cells: Sequence[Any]) -> list[Any]:
    """The column's cells: words for "missing" are, and numbers without a fraction are whole."""
    texts = {cell for cell in cells if isinstance(cell, str)}
    stripped = {cell.strip() for cell in texts}
    is_text = not stripped <= FILE_VALUE_WORDS or len(texts) == len(set(cells) - {None})
    words = FILE_WORDS if is_text else FILE_VALUE_WORDS
    typed = [None if isinstance(cell, str) and cell.strip() in words else cell for cell in cells]
    numbers = [cell for cell in typed if isinstance(cell, float)]
    if numbers and all(number.is_integer() and abs(number) < 2**53 for number in numbers):
        return [int(cell) if isinstance(cell, float) else cell for cell in typed]
    return typed
