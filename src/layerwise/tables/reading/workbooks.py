"""Excel and OpenDocument workbooks: .xlsx, .xls, .xlsb and .ods."""

import itertools
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.names import spelled, unique_names
from layerwise.tables.parsing.missing import FILE_VALUE_WORDS, FILE_WORDS, note_on_codes
from layerwise.tables.reading.header import MOST_LINES, find_head, title_problem, without_header
from layerwise.tables.reading.python_values import ValueColumn, as_text, table_from
from layerwise.tables.reading.result import NoRowsError, Part, Problem
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.totals import TAIL, find_outsiders, may_have_outsiders

if TYPE_CHECKING:
    import python_calamine


def read_workbook(
    path: Path,
    name: str,
    workplace: Workplace,
    sheet: str | int | None = None,
    *,
    keep_total: bool = False,
    keep_na: bool = False,
) -> Part:
    """The rows of one sheet of a workbook, with the names above them.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in an error.
    workplace : Workplace
    sheet : str or int, optional
        The sheet's name, or its number counted from 1; if it is left out, the first one that holds
        something and is not named like notes on the others ("Contents", "README").
    keep_total : bool
        Whether a last row that adds up those above it is one of the rows.
    keep_na : bool
        Whether words for a missing cell stay what they are in text.

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
            _check_size(path, name, workplace)
        # Read from memory: a name need not tell what kind of workbook it is.
        with path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
        sheets = list(book.sheet_names)
        notes = []
        if not sheets:
            raise ValueError("there is no sheet in it")
        if sheet is None:
            # `sorted` keeps the order of those that are alike.
            opened = (_opened(book, one) for one in sorted(sheets, key=_is_named_like_notes))
            read = next((one for one in opened if one.rows), _Sheet(sheets[0]))
            chosen = read.name
            if len(sheets) > 1:
                others = ", ".join(f'"{one}"' for one in sheets if one != chosen)
                notes.append(
                    said(
                        'Sheet "{name}" is read; there are also {others}.',
                        name=chosen,
                        others=others,
                    )
                )
        else:
            chosen = _named(sheets, sheet, name)
            read = _opened(book, chosen)
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
    rows = read.rows
    if not rows:
        raise TableError(f'{name}: sheet "{chosen}" is empty; choose one of {", ".join(sheets)}')
    top = [[_text(cell) for cell in row] for _, row in rows[:MOST_LINES]]
    head = find_head(top, len(top[0]))
    read.fill_merged(head.n_lines)
    header, rows = rows[: head.n_lines], rows[head.n_lines :]
    outsiders = _outsiders(rows, keep_total=keep_total)
    filled = [row for place, (_, row) in enumerate(rows) if place not in outsiders]
    problems = [
        Problem(name, header[index][0], title_problem(" ".join(filter(None, top[index]))))
        for index in head.titles
    ]
    problems += [Problem(name, rows[place][0], why) for place, why in sorted(outsiders.items())]
    if not filled:
        message = f'{name}: sheet "{chosen}" has a header and no rows; a table needs both'
        raise NoRowsError(message, head.names or (), problems)
    names, changed = unique_names(head.names or ())
    if head.names is None:
        names, told = without_header(len(top[0]))
        changed = [told]
    columns, words = [], []
    for cells in zip(*filled, strict=True):
        column = ValueColumn()
        typed, in_words = _typed(cells, keep_na=keep_na)
        column.add(typed)
        columns.append(column)
        words.append(in_words)
    table = table_from(names, columns)
    on_codes = note_on_codes(names, list(zip(words, table.columns, strict=True)))
    return Part(table, problems=problems, notes=[*notes, *head.notes, *changed, *on_codes])


_NOTES = re.compile(
    r"about|contents?|table of contents|cover(?: ?page| ?sheet)?|info(?:rmation)?|introduction|"
    r"index|legend|metadata|notes?|read ?me|목차|표지|설명|안내|메타데이터|목차 ?및 ?설명",
    re.IGNORECASE,
)


@dataclass
class _Sheet:
    """The rows of a sheet that are not empty and their numbers, an empty cell as None.

    Of cells that are merged over several rows of a column, the first row, the last, the column.
    """

    name: str
    rows: list[tuple[int, list[object]]] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)

    def fill_merged(self, n_above: int) -> None:
        """Give each row below the header the cell that is merged over it."""
        below = dict(self.rows[n_above:])
        for first, last, column in self.merged:
            for number in range(first + 1, last + 1 if first in below else 0):
                if number in below:
                    below[number][column] = below[first][column]


def _opened(book: "python_calamine.CalamineWorkbook", name: str) -> _Sheet:
    sheet = book.get_sheet_by_name(name)
    top, left = sheet.start or (0, 0)
    cells = sheet.to_python(skip_empty_area=True)
    rows: Iterator[list[object]] = ([None if cell == "" else cell for cell in row] for row in cells)
    filled = [
        pair for pair in enumerate(rows, top + 1) if any(cell is not None for cell in pair[1])
    ]
    merged = [
        (first + 1, last + 1, column - left)
        for (first, column), (last, end) in sheet.merged_cell_ranges or ()
        if column == end
    ]
    return _Sheet(name, filled, merged)


def _outsiders(rows: Sequence[tuple[int, list[object]]], *, keep_total: bool) -> dict[int, str]:
    """The places of the first and last rows that are none, and why."""
    lines: list[list[str]] = []
    places: list[int] = []
    for place, (number, row) in enumerate(rows):
        if place and number > rows[place - 1][0] + 1:  # empty rows between, which may part notes
            lines.append([""] * len(row))
            places.append(-1)
        lines.append([_text(cell) for cell in row])
        places.append(place)
    if not rows or not may_have_outsiders(lines[0], lines[-TAIL:], keep_total=keep_total):
        return {}
    columns = [pa.array(cells, pa.string()) for cells in zip(*lines, strict=True)]
    found = find_outsiders(columns, keep_total=keep_total)
    return {places[i]: why for i, why in found.items() if places[i] >= 0}


def _text(cell: object) -> str:
    return "" if cell is None else as_text(cell)


def _is_named_like_notes(sheet: str) -> bool:
    return _NOTES.fullmatch(sheet.strip()) is not None


def _named(sheets: Sequence[str], sheet: str | int, name: str) -> str:
    if isinstance(sheet, str):
        (sheet,) = spelled([sheet], sheets)
        if sheet in sheets:
            return sheet
        if sheet.isdecimal():
            sheet = int(sheet)
    if isinstance(sheet, int) and 1 <= sheet <= len(sheets):
        return sheets[sheet - 1]
    told = ", ".join(f'{number} "{one}"' for number, one in enumerate(sheets, start=1))
    raise TableError(f"{name} has no sheet {sheet!r}; its sheets are {told}")


def _typed(cells: Sequence[object], *, keep_na: bool) -> tuple[list[object], Counter[str]]:
    """The column's cells: words for "missing" are, and numbers without a fraction are whole.

    Of text, also the words that were read as missing.
    """
    texts = {cell for cell in cells if isinstance(cell, str)}
    stripped = {cell.strip() for cell in texts}
    is_text = not stripped <= FILE_VALUE_WORDS or len(texts) == len(set(cells) - {None})
    of_text = {""} if keep_na else FILE_WORDS
    words = of_text if is_text else FILE_VALUE_WORDS
    typed = [None if isinstance(cell, str) and cell.strip() in words else cell for cell in cells]
    numbers = [cell for cell in typed if isinstance(cell, float)]
    if numbers and all(number.is_integer() and abs(number) < 2**53 for number in numbers):
        typed = [int(cell) if isinstance(cell, float) else cell for cell in typed]
    taken = Counter(
        cell.strip() for cell in cells if isinstance(cell, str) and cell.strip() in words
    )
    return typed, taken if is_text else Counter()


_BLOCK = 1 << 20
_OVERLAP = 400  # a cell's tag, or a short cell, lies within so many bytes
_MOST_ROWS = 1_048_576  # of a sheet
_CELL_BYTES = 50  # of an empty cell, in the reader and in Python
_CELL = re.compile(rb'\br="([A-Za-z]{1,3})(\d+)"')
# Columns have three letters at most; one that reads on may be hundreds long, and is damage.
_FAR = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="[A-Za-z]{4}')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_BARE_CELL = re.compile(rb"<(?:\w+:)?c(?=[ >])(?![^>]*\br=)")
_SHARED = re.compile(rb't="s"[^>]*>\s*<(?:\w+:)?v>(\d{1,9})<')
_ROW_OF_ODS = b"<table:table-row"
_REPEATED_ROWS = re.compile(rb'number-rows-repeated="(\d{1,9})"')
_REPEATED_COLUMNS = re.compile(rb'number-columns-repeated="(\d{1,9})"')


def _check_size(path: Path, name: str, workplace: Workplace) -> None:
    """Refuse a workbook that takes more than may be unpacked, found before anything is made of it.

    A workbook is a zip archive of XML. A few hundred bytes of it can stand for more than any memory
    holds: XML that is packed a thousandfold, two cells in opposite corners of a sheet (all between
    them is made), a row that is repeated a million times, a long text that a million cells share.
    """
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        members = archive.infolist()
        workplace.check_size(sum(member.file_size for member in members), name)
        total = n_cells = 0
        texts: list[int] = []
        shared: Counter[bytes] = Counter()

        def blocks_of(member: zipfile.ZipInfo) -> Iterator[bytes]:
            nonlocal total
            for block in _blocks(file, member):
                total += len(block)
                workplace.check_size(total, name)
                yield block

        for member in members:
            blocks = blocks_of(member)
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                n_cells = max(n_cells, _cells_of_xlsx(blocks, shared))
            elif member.filename == "xl/sharedStrings.xml":
                texts = _lengths(blocks)
            elif member.filename == "content.xml":
                n_cells = max(n_cells, _cells_of_ods(blocks))
            else:
                for _ in blocks:
                    pass
    n_letters = sum(
        count * texts[int(number)] for number, count in shared.items() if int(number) < len(texts)
    )
    workplace.check_size(_CELL_BYTES * n_cells + n_letters, name)


def _blocks(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """All that a member unpacks to, also beyond the size that the archive says it has."""
    file.seek(member.header_offset + 26)
    n_name, n_extra = struct.unpack("<HH", file.read(4))
    file.seek(n_name + n_extra, 1)
    left = member.compress_size
    inflating = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (packed := file.read(min(left, _BLOCK))):
        left -= len(packed)
        if inflating is None:
            yield packed
            continue
        while packed:
            yield inflating.decompress(packed, _BLOCK)
            packed = inflating.unconsumed_tail


def _cells_of_xlsx(blocks: Iterator[bytes], shared: Counter[bytes]) -> int:
    """How many cells lie between the first and the last, and which shared texts they show."""
    columns: set[bytes] = set()
    first, last, widest = 1 << 30, 0, 0
    rest = b""
    for block in blocks:
        text = rest + block
        cells = set(_CELL.findall(text))
        if _FAR.search(text):
            raise ValueError("a cell lies right of column XFD, the last of a sheet")
        columns |= {column for column, _ in cells}
        rows = [int(row) for _, row in cells] + [int(row) for row in _ROW.findall(text)]
        if rows:
            if max(rows) > _MOST_ROWS:
                raise ValueError(f"a cell lies below row {_MOST_ROWS:,}, the last of a sheet")
            first, last = min(first, *rows), max(last, *rows)
        if _BARE_CELL.search(text):
            widest = max(widest, *(row.count(b"<c") for row in re.split(rb"<(?:\w+:)?row\b", text)))
        shared.update(_SHARED.findall(text, len(rest)))
        rest = text[-_OVERLAP:]
    numbers = [_column_number(column) for column in columns]
    width = max(widest, max(numbers) - min(numbers) + 1 if numbers else 0)
    return width * max(0, last - first + 1)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _lengths(blocks: Iterator[bytes]) -> list[int]:
    """Of each shared text, about how long it is: what stands in the file between two ends."""
    lengths, open_length = [], 0
    rest = b""
    for block in blocks:
        *done, rest = (rest + block).split(b"</si>")
        for piece in done:
            lengths.append(open_length + len(piece))
            open_length = 0
        open_length += max(0, len(rest) - _OVERLAP)
        rest = rest[-_OVERLAP:]
    return lengths


def _cells_of_ods(blocks: Iterator[bytes]) -> int:
    """How many cells a table has down to its last row, and across to its last column, in use."""
    n_rows, n_used, width = 0, 0, 0
    rest = b""
    for block in itertools.chain(blocks, (_ROW_OF_ODS,)):
        *pieces, rest = (rest + block).split(_ROW_OF_ODS)
        for piece in pieces:
            repeats = _REPEATED_ROWS.search(piece[: piece.find(b">")])
            n_rows += int(repeats[1]) if repeats else 1
            end = piece.rfind(b"office:value-type")
            if end >= 0:
                used = piece[: piece.find(b">", end)]
                across = used.count(b"<table:table-cell") + used.count(b"<table:covered-table-cell")
                across += sum(int(count) - 1 for count in _REPEATED_COLUMNS.findall(used))
                n_used, width = n_rows, max(width, across)
    return n_used * width
