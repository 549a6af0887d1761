"""An Arrow table as a workbook of one sheet, by XlsxWriter: text is text, and never a formula."""

import datetime as dt
import gzip
import math
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa

from layerwise.tables.errors import TableError

_MOST_ROWS, _MOST_COLUMNS, _MOST_LETTERS = 1_048_576, 16_384, 32_767
_MOST_DIGITS = 15  # of a number that a spreadsheet keeps
_ROWS_AT_ONCE = 20_000
_FIRST_DAY = dt.datetime(1900, 3, 1)  # before it, spreadsheets count days differently
_MADE = dt.datetime(1980, 1, 1)  # as all that was ever written: the same table, the same bytes


def write_workbook(table: pa.Table, stream: BinaryIO | gzip.GzipFile) -> None:
    """Write a table as an .xlsx file; the same table makes the same bytes.

    Numbers of more digits than a spreadsheet keeps are written as text, and so is all that it has
    no kind of cell for. A missing cell is an empty one.

    Raises
    ------
    TableError
        If there are more rows, columns or letters in a cell than a sheet may hold.
    """
    from xlsxwriter import Workbook

    if table.num_rows >= _MOST_ROWS or table.num_columns > _MOST_COLUMNS:
        raise TableError(
            f"a sheet holds at most {_MOST_ROWS - 1:,} rows below its header and "
            f"{_MOST_COLUMNS:,} columns, and there are {table.num_rows:,} rows and "
            f"{table.num_columns:,} columns; write .csv or .parquet"
        )
    with Workbook(stream, {"constant_memory": True}) as book:
        book.set_properties({"created": _MADE})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        moments = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet()
        for column, name in enumerate(table.column_names):
            _write(sheet, 0, column, name, days, moments)
        for start in range(0, table.num_rows, _ROWS_AT_ONCE):
            columns = [column.to_pylist() for column in table.slice(start, _ROWS_AT_ONCE).columns]
            for row, cells in enumerate(zip(*columns, strict=True), start=start + 1):
                for column, cell in enumerate(cells):
                    _write(sheet, row, column, cell, days, moments)


def _write(sheet: Any, row: int, column: int, cell: object, days: Any, moments: Any) -> None:
    if cell is None or cell != cell:  # NaN
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float | Decimal) and _is_kept(cell):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, dt.datetime) and _is_counted(cell):
        sheet.write_datetime(row, column, cell, moments)
    elif type(cell) is dt.date and cell >= _FIRST_DAY.date():
        sheet.write_datetime(row, column, cell, days)
    elif sheet.write_string(row, column, text := str(cell)) < 0:
        raise TableError(
            f"a cell of a sheet holds at most {_MOST_LETTERS:,} letters, and that of row "
            f"{row + 1:,}, column {column + 1:,} would have {len(text):,}; write .csv or .parquet"
        )


def _is_kept(number: int | float | Decimal) -> bool:
    """Whether a spreadsheet has it, with all its digits where it is a whole one."""
    if isinstance(number, float):
        return math.isfinite(number)
    return math.isfinite(number) and sum(map(str.isdigit, str(number))) <= _MOST_DIGITS


def _is_counted(moment: dt.datetime) -> bool:
    """Whether a spreadsheet can hold a moment as it is."""
    is_finer = moment.microsecond % 1000 or getattr(moment, "nanosecond", 0)
    return moment.tzinfo is None and not is_finer and moment >= _FIRST_DAY
