"""Columns with blanks or a doubled character between them: to tabs.

R's write.table and old programs align columns by blanks, which stand within cells too. They part
columns only where every line has as many pieces, of which at least half are columns of numbers or
of texts in quotes, and where the lines are not dates or numbers of several words.

`::`, as in MovieLens' files, parts them where every line has as many, two or more, no other
delimiter does, and a column is of numbers below the first line. `||` does where a line has no other
bars; of one or two lines the first is to be of names, as rows of empty cells look alike.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.parsing import find_date_reading, find_number_reading
from layerwise.tables.parsing.missing import MISSING_WORDS
from layerwise.tables.parsing.typed import is_value
from layerwise.tables.reading.dialect import DELIMITERS, DOUBLED, Dialect, find_dialect, starts
from layerwise.tables.reading.result import NoRowsError
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
_PROSE = frozenset(("and", "at", "by", "for", "from", "in", "is", "of", "on", "the", "was", "with"))
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
    names = _names_in(comments[-1]) if comments else first
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

    A comment's first sign is a mark that not all lines begin with. A single one with as many pieces
    as the last line, no number among them, is no comment but the header, as in `# name size`.
    """
    lines = [line for line in text.split("\n", _MOST_ROWS)[:_MOST_ROWS] if line.strip()]
    n = next((i for i, line in enumerate(lines) if not _is_comment(line)), 0)
    if n == 1 and not any(map(is_value, _PIECE.findall(lines[0].lstrip(_MARK + _COMMENT)))):
        n = int(len(_PIECE.findall(lines[0])) != len(_PIECE.findall(lines[-1])))
    return lines[:n], lines[n:]


def _names_in(comment: str) -> list[str]:
    """A comment's pieces, none if its words are those of a sentence."""
    pieces = _PIECE.findall(comment.removeprefix(_MARK).lstrip(_COMMENT + " "))
    return [] if _PROSE & {piece.lower() for piece in pieces} else pieces


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
    if not any(one in text[:_LONG] for one in DOUBLED):
        return None
    lines = list(filter(None, map(str.strip, text.split("\n", _MOST_ROWS)[:_MOST_ROWS])))
    for one in DOUBLED:
        n = lines[0].count(one)
        if n < _FEWEST_DOUBLED or any(line.count(one) != n for line in lines):
            continue
        others = [each for each in DELIMITERS if each != one[0] and each in lines[0]]
        if any(len({line.count(each) for line in lines}) == 1 for each in others):
            continue
        columns = list(zip(*(line.split(one) for line in lines[1:] or lines), strict=True))
        if one[0] not in DELIMITERS:
            return one if any(map(_are_numbers, columns)) else None
        if any(line.count(one[0]) != 2 * n for line in lines):
            continue
        if len(lines) >= _FEWEST_ROWS or not any(map(is_value, lines[0].split(one))):
            return one
    return None


def _are_numbers(cells: Sequence[str]) -> bool:
    there = [cell for cell in map(str.strip, cells) if cell]
    return bool(there) and all(map(is_value, there))


def parted_otherwise(
    blocks: FileBlocks, text: str, name: str, workplace: Workplace, delimiter: str | None = None
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
    delimiter : str, optional
        What stands between cells, where the user says so.

    Raises
    ------
    TableError
        If a doubled character is to part the columns and does not.
    """
    if delimiter not in (None, " ", *DOUBLED):
        return None
    if delimiter in DOUBLED and delimiter not in text:
        raise TableError(
            f'"{delimiter}" does not stand in the first lines of {name}; leave the delimiter out '
            "to have it found"
        )
    doubled = delimiter if delimiter in DOUBLED else doubled_delimiter(text)
    n_columns = 0 if doubled else n_parted_by_blanks(text)
    if doubled:
        tabbed = _with_tabs(blocks, lambda line: map(_literal, line.split(doubled)), workplace)
    elif n_columns:
        comments, _ = _split_comments(text)
        tabbed = _with_tabs(blocks, _by_blanks(n_columns, comments), workplace)
    else:
        return None
    try:
        return tabbed, find_dialect(starts(tabbed), name, "\t"), doubled or " "
    except NoRowsError:
        raise
    except TableError:
        if delimiter not in DOUBLED:
            return None
        raise TableError(
            f'with "{delimiter}" between cells the lines of {name} have not as many each; say what '
            "else stands there, or repair the lines"
        ) from None


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


def _by_blanks(n_columns: int, comments: Sequence[str]) -> Callable[[str], Iterable[str]]:
    """How lines are parted; where names lack one, it is that of the first column.

    Of the comments above the rows that alone which may hold the names is parted.
    """
    first: list[str] = []
    header = comments[-1].strip() if comments else ""

    def cells_of(line: str) -> Iterable[str]:
        if comments and not first and _is_comment(line):
            names = _names_in(line)
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
