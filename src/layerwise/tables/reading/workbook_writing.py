"""An Arrow table as a workbook of one sheet (ECMA-376): text is text, and never a formula."""

import datetime as dt
import gzip
import math
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from html import escape
from typing import BinaryIO

import pyarrow as pa

from layerwise.tables.errors import TableError

__all__ = ["write_workbook"]

_MOST_ROWS, _MOST_COLUMNS, _MOST_LETTERS = 1_048_576, 16_384, 32_767
_MOST_DIGITS = 15  # of a number that a spreadsheet keeps
_ROWS_AT_ONCE = 20_000
_FIRST_DAY = dt.datetime(1900, 3, 1)  # before it, spreadsheets count days differently
_DAY_0 = dt.datetime(1899, 12, 30)
_DAY, _MOMENT = 1, 2  # styles
_NAMESPACE = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_NAMESPACE}/spreadsheetml/2006/main"'
_RELATIONS = f"{_NAMESPACE}/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATED = f'<Relationships xmlns="{_NAMESPACE}/package/2006/relationships">{{}}</Relationships>'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NAMESPACE}/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": _RELATED.format(
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    ),
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": _RELATED.format(
        f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    ),
    "xl/styles.xml": f"<styleSheet {_MAIN}>"
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/>'
    '</fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="165" applyNumberFormat="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
# What XML cannot hold or would change, and what looks like an escape of it.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def write_workbook(table: pa.Table, stream: BinaryIO | gzip.GzipFile) -> None:
    """Write a table as an .xlsx file; the same table makes the same bytes.

    Numbers of more digits than a spreadsheet keeps are written as text, and so is all that it has
    no kind of cell for. A missing cell is an empty one.

    Raises
    ------
    TableError
        If there are more rows, columns or letters in a cell than a sheet may hold.
    """
    if table.num_rows >= _MOST_ROWS or table.num_columns > _MOST_COLUMNS:
        raise TableError(
            f"a sheet holds at most {_MOST_ROWS - 1:,} rows below its header and "
            f"{_MOST_COLUMNS:,} columns, and there are {table.num_rows:,} rows and "
            f"{table.num_columns:,} columns; write .csv or .parquet"
        )
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(_part(name), _xml(text))
        with archive.open(_part("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(_xml(f"<worksheet {_MAIN}><sheetData>"))
            for piece in _pieces(table):
                sheet.write(piece.encode())
            sheet.write(b"</sheetData></worksheet>")


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name)  # of 1980, as all that was ever written
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _xml(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'.encode()


def _pieces(table: pa.Table) -> Iterator[str]:
    letters = [_letters(i) for i in range(table.num_columns)]
    yield _row(1, letters, table.column_names)
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        columns = [column.to_pylist() for column in table.slice(start, _ROWS_AT_ONCE).columns]
        rows = enumerate(zip(*columns, strict=True), start=start + 2)
        yield "".join(_row(number, letters, cells) for number, cells in rows)


def _letters(place: int) -> str:
    """What a spreadsheet calls a column.

    Examples
    --------
    >>> _letters(0), _letters(25), _letters(26), _letters(16_383)
    ('A', 'Z', 'AA', 'XFD')
    """
    rest, last = divmod(place, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + last)


def _row(number: int, letters: list[str], cells: "tuple[object, ...] | list[str]") -> str:
    written = (
        _cell(f"{letter}{number}", cell) for letter, cell in zip(letters, cells, strict=True)
    )
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell(place: str, cell: object) -> str:
    if cell is None or cell != cell:  # NaN
        return ""
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{cell:d}</v></c>'
    if isinstance(cell, int | float | Decimal) and math.isfinite(cell):
        text = repr(cell) if isinstance(cell, float) else str(cell)
        if isinstance(cell, float) or sum(map(str.isdigit, text)) <= _MOST_DIGITS:
            return f'<c r="{place}"><v>{text}</v></c>'
    if isinstance(cell, dt.date) and (days := _days(cell)) is not None:
        style = _MOMENT if isinstance(cell, dt.datetime) else _DAY
        return f'<c r="{place}" s="{style}"><v>{days!r}</v></c>'
    text = str(cell)
    if len(text.encode("utf-16-le", "surrogatepass")) > 2 * _MOST_LETTERS:
        raise TableError(
            f"a cell of a sheet holds at most {_MOST_LETTERS:,} letters, and {place} would have "
            f"{len(text):,}; write .csv or .parquet"
        )
    shown = escape(_ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text), quote=False)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _days(day: dt.date) -> float | None:
    """A day as spreadsheets count it; None for one that they cannot hold as it is."""
    moment = day if isinstance(day, dt.datetime) else dt.datetime(day.year, day.month, day.day)
    is_finer = moment.microsecond % 1000 or getattr(moment, "nanosecond", 0)
    if moment.tzinfo is not None or is_finer or moment < _FIRST_DAY:
        return None
    days = (moment - _DAY_0) / dt.timedelta(days=1)
    return int(days) if days == int(days) else days
