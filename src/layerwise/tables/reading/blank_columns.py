"""Columns with blanks or a doubled character between them: to tabs.

R's write.table and old programs align columns by blanks, which stand within cells too. They part
columns only where every line has as many pieces, of which at least half are columns of numbers or
of texts in quotes, and where the lines are not dates or numbers of several words.

`::`, as in MovieLens' files, parts them where every line has as many, two or more, and no other
delimiter does.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.parsing import find_date_reading, find_number_reading
from layerwise.tables.parsing.missing import MISSING_WORDS
from layerwise.tables.parsing.typed import is_value
from layerwise.tables.reading.dialect import DELIMITERS, Dialect, find_dialect, starts
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks

_FEWEST_COLUMNS, _FEWEST_ROWS, _MOST_ROWS = 2, 3, 1_000
_LONG = 4_096  # characters
_WHOLE = r'"(?:[^"\\]|\\.|"")*"'
_PIECE, _ENCLOSED = re.compile(rf"{_WHOLE}(?=\s|$)|\S+"), re.compile(_WHOLE)
_QUOTED = re.compile('"[^"]*"')
_WITH_COMMA = re.compile(r"(?<!\S)[-+]?\d+(?:,\d+)+(?:\.\d+)?(?!\S)")
_OTHERS = re.compile("[,;|]")
_MARK = "\ufeff"  # of byte order
_COMMENT = "#%"
_DOUBLED = ("::", "||")
_FEWEST_DOUBLED = 2  # in a line


def n_parted_by_blanks(text: str) -> int:
    r"""How many columns the first lines of a file have with blanks between them; 0 if they do not.

    The first line may have a piece less, as where R names rows. Two columns are told by their names
    and by numbers alone below these.

    Examples
    --------
    >>> n_parted_by_blanks('18.0  8  307 "a b"\n15.0  8  350 "c"\n 9.5 12 1e3 "d"\n')
    4
    >>> n_parted_by_blanks("name\nItem 1 of 3\nItem 2 of 3\nItem 3 of 3\n")
    0
    """
    top = [line for line in text.split("\n", 2)[:2] if not _is_comment(line)]
    if any(map(_is_of_another, top)):
        return 0
    comments, lines = _split_comments(text)
    if any(map(_is_of_another, lines[:2])) or (lines and lines[0].count("\t") > 1):
        return 0
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
    names = _PIECE.findall(comments[-1].lstrip(_COMMENT + " ")) if comments else first
    if width == _FEWEST_COLUMNS:
        are_names = not any(_is_sure(name) and name[0] != '"' for name in names)
        are_named = are_names and (len(names) == width or first[0][0] == rows[0][0][0] == '"')
        if n_sure < width or not are_named:
            return 0
    if 2 * n_sure < width or _are_parted_by_tabs(lines, width):
        return 0
    whole = pa.array([line.strip() for line in lines[1:]])
    is_one = find_date_reading(whole) is not None or find_number_reading(whole) is not None
    return 0 if is_one else width


def _split_comments(text: str) -> tuple[list[str], list[str]]:
    """The comments that a file's first lines begin with, and the lines below that hold something.

    A comment's first sign is a mark that no line below begins with.
    """
    lines = [line for line in text.split("\n", _MOST_ROWS)[:_MOST_ROWS] if line.strip()]
    n = next((i for i, line in enumerate(lines) if not _is_comment(line)), 0)
    return lines[:n], lines[n:]


def _is_comment(line: str) -> bool:
    return line.removeprefix(_MARK).lstrip()[:1] in _COMMENT


def _are_parted_by_tabs(lines: Sequence[str], width: int) -> bool:
    """Whether tabs alone part rows into as many columns, so that a title stands above them."""
    return all(line.count("\t") == width - 1 for line in lines[1:])


def doubled_delimiter(text: str) -> str | None:
    r"""The doubled character between the cells of a file's first lines; None if there is none.

    Examples
    --------
    >>> doubled_delimiter("1::Toy Story (1995)::4\n2::Jumanji::3\n3::Sabrina::5\n")
    '::'
    >>> doubled_delimiter("::1,fe80::2\n::3,fe80::4\n::5,fe80::6\n")
    """
    if not any(one in text[:_LONG] for one in _DOUBLED):
        return None
    lines = [line for line in text.split("\n", _MOST_ROWS)[:_MOST_ROWS] if line.strip()]
    if len(lines) < _FEWEST_ROWS:
        return None
    for one in _DOUBLED:
        n = lines[0].count(one)
        if n < _FEWEST_DOUBLED or any(line.count(one) != n for line in lines):
            continue
        others = [each for each in DELIMITERS if each != one[0] and each in lines[0]]
        if any(len({line.count(each) for line in lines}) == 1 for each in others):
            continue
        if one[0] not in DELIMITERS or all(line.count(one[0]) == 2 * n for line in lines):
            return one
    return None


def parted_otherwise(
    blocks: FileBlocks, text: str, name: str, workplace: Workplace
) -> tuple[FileBlocks, Dialect, str] | None:
    """A file with tabs for what is between its columns, and what that was.

    None if neither blanks nor doubled characters make a table of it.

    Parameters
    ----------
    blocks : FileBlocks
    text : str
        Its first lines.
    name : str
        What to call it.
    workplace : Workplace
    """
    doubled = doubled_delimiter(text)
    n_columns = 0 if doubled else n_parted_by_blanks(text)
    if doubled:
        tabbed = _with_tabs(blocks, lambda line: map(_literal, line.split(doubled)), workplace)
    elif n_columns:
        comments, _ = _split_comments(text)
        header = comments[-1].strip() if comments else ""
        tabbed = _with_tabs(blocks, _by_blanks(n_columns, header), workplace)
    else:
        return None
    try:
        return tabbed, find_dialect(starts(tabbed), name, "\t"), doubled or " "
    except TableError:
        return None


def _with_tabs(
    blocks: FileBlocks, cells_of: Callable[[str], Iterable[str]], workplace: Workplace
) -> FileBlocks:
    """A copy of a file with tabs between the cells of each line; lines stay as many."""
    target = workplace.new_path(".csv")
    with target.open("wb") as file:
        for line in _lines(blocks):
            text = line.decode("utf-8", "surrogateescape").removeprefix(_MARK).rstrip("\r")
            cells = "\t".join(cells_of(text))
            file.write(cells.encode("utf-8", "surrogateescape") + b"\n")
    return FileBlocks(target)


def _by_blanks(n_columns: int, header: str) -> Callable[[str], Iterable[str]]:
    """How lines are parted; where names lack one, it is that of the first column.

    Of the comments above the rows that alone which may hold the names is parted.
    """
    first: list[str] = []

    def cells_of(line: str) -> Iterable[str]:
        if not first and _is_comment(line):
            names = _PIECE.findall(line.lstrip(_COMMENT + " "))
            is_header = line.strip() == header and len(names) == n_columns
            return names if is_header else [_literal(line)]
        pieces = _PIECE.findall(line)
        first.extend([] if first else pieces)
        before = [""] * (n_columns - len(first)) if pieces and pieces == first else []
        return map(_cell, [*before, *pieces])

    return cells_of


def _lines(blocks: FileBlocks) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        yield rest


def _is_of_another(line: str) -> bool:
    """Whether another delimiter than tabs may part a line's cells."""
    line = _WITH_COMMA.sub("0", _QUOTED.sub("", line))
    return _OTHERS.search(line) is not None


def _is_left_open(piece: str) -> bool:
    """Whether a piece begins with a quote that does not end with it."""
    return piece[:1] == '"' and not _ENCLOSED.fullmatch(piece)


def _is_sure(piece: str) -> bool:
    """Whether a piece is a cell of its own: a number, a word for none, or a text in quotes."""
    is_number = is_value(piece) or _WITH_COMMA.fullmatch(piece) is not None
    return piece[0] == '"' or is_number or piece.lower() in MISSING_WORDS


def _literal(cell: str) -> str:
    """A cell as it is, quotes too, between tabs."""
    cell = cell.replace("\t", " ")
    return '"' + cell.replace('"', '""') + '"' if '"' in cell else cell


def _cell(piece: str) -> str:
    """A piece as a cell between tabs, a quote within it written twice."""
    if piece[:1] != '"':
        return piece
    inner = piece.replace('"', '""') if _is_left_open(piece) else piece[1:-1].replace('\\"', '""')
    return '"' + inner.replace("\t", " ") + '"'
