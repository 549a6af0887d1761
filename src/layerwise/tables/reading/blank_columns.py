"""Columns with blanks between them, as R's write.table and old programs align them: to tabs.

Blanks stand within cells too. They part columns only where every line has as many pieces, of which
at least half are columns of numbers or of texts in quotes, and where the lines are not dates or
numbers of several words.
"""

import re
from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.parsing import find_date_reading, find_number_reading
from layerwise.tables.parsing.missing import MISSING_WORDS
from layerwise.tables.parsing.typed import is_value
from layerwise.tables.reading.dialect import Dialect, find_dialect, starts
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks

_FEWEST_COLUMNS, _FEWEST_ROWS, _MOST_ROWS = 3, 3, 1_000
_WHOLE = r'"(?:[^"\\]|\\.|"")*"'
_PIECE, _ENCLOSED = re.compile(rf"{_WHOLE}(?=\s|$)|\S+"), re.compile(_WHOLE)
_QUOTED = re.compile('"[^"]*"')
_OTHERS = re.compile("[,;|]")
_MARK = "\ufeff"  # of byte order


def n_parted_by_blanks(text: str) -> int:
    r"""How many columns the first lines of a file have with blanks between them; 0 if they do not.

    The first line may have a piece less, as where R names rows.

    Examples
    --------
    >>> n_parted_by_blanks('18.0  8  307 "a b"\n15.0  8  350 "c"\n 9.5 12 1e3 "d"\n')
    4
    >>> n_parted_by_blanks("name\nItem 1 of 3\nItem 2 of 3\nItem 3 of 3\n")
    0
    """
    if any(map(_is_of_another, text.split("\n", 2)[:2])):
        return 0
    lines = [line for line in text.split("\n", _MOST_ROWS)[:_MOST_ROWS] if line.strip()]
    if len(lines) < _FEWEST_ROWS:
        return 0
    split = [_PIECE.findall(line) for line in lines]
    first, rows = split[0], [pieces for pieces in split if pieces != split[0]]
    width = len(rows[-1]) if len(rows) >= _FEWEST_ROWS - 1 else 0
    if width < _FEWEST_COLUMNS or any(len(pieces) != width for pieces in rows):
        return 0
    if width - len(first) not in (0, 1) or any(map(_is_left_open, chain(*split))):
        return 0
    n_sure = sum(all(map(_is_sure, cells)) for cells in zip(*rows, strict=True))
    if 2 * n_sure < width:
        return 0
    whole = pa.array([line.strip() for line in lines[1:]])
    is_one = find_date_reading(whole) is not None or find_number_reading(whole) is not None
    return 0 if is_one else width


def parted_by_blanks(
    blocks: FileBlocks, text: str, name: str, workplace: Workplace
) -> tuple[FileBlocks, Dialect] | None:
    """A file with tabs for the blanks between its columns, None if that makes no table of it.

    Parameters
    ----------
    blocks : FileBlocks
    text : str
        Its first lines.
    name : str
        What to call it.
    workplace : Workplace
    """
    n_columns = n_parted_by_blanks(text)
    if not n_columns:
        return None
    tabbed = _with_tabs(blocks, n_columns, workplace)
    try:
        return tabbed, find_dialect(starts(tabbed), name, "\t")
    except TableError:
        return None


def _with_tabs(blocks: FileBlocks, n_columns: int, workplace: Workplace) -> FileBlocks:
    """A copy of a file whose columns blanks part, with tabs between them; lines stay as many.

    Where names lack one, it is that of the first column.
    """
    target = workplace.new_path(".csv")
    first: list[str] = []
    with target.open("wb") as file:
        for line in _lines(blocks):
            pieces = _PIECE.findall(line.decode("utf-8", "surrogateescape").removeprefix(_MARK))
            first = first or pieces
            before = [""] * (n_columns - len(first)) if pieces and pieces == first else []
            cells = "\t".join(map(_cell, [*before, *pieces]))
            file.write(cells.encode("utf-8", "surrogateescape") + b"\n")
    return FileBlocks(target)


def _lines(blocks: FileBlocks) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _is_of_another(line: str) -> bool:
    """Whether another delimiter may part a line's cells."""
    line = _QUOTED.sub("", line)
    return line.count("\t") > 1 or _OTHERS.search(line) is not None


def _is_left_open(piece: str) -> bool:
    """Whether a piece begins with a quote that does not end with it."""
    return piece[:1] == '"' and not _ENCLOSED.fullmatch(piece)


def _is_sure(piece: str) -> bool:
    """Whether a piece is a cell of its own: a number, a word for none, or a text in quotes."""
    return piece[0] == '"' or is_value(piece) or piece.lower() in MISSING_WORDS


def _cell(piece: str) -> str:
    """A piece as a cell between tabs, a quote within it written twice."""
    if piece[:1] != '"':
        return piece
    inner = piece.replace('"', '""') if _is_left_open(piece) else piece[1:-1].replace('\\"', '""')
    return '"' + inner.replace("\t", " ") + '"'
