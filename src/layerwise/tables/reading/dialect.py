"""How a delimited file is written: what stands between cells, how quotes are escaped, the header.

It is found out from the first lines; the whole file is then read by what was found.
"""

import csv
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from layerwise.tables.errors import TableError
from layerwise.tables.parsing.typed import is_value
from layerwise.tables.reading.header import MOST_LINES, Head, find_head
from layerwise.tables.reading.quoted_cells import widths_of_lines
from layerwise.tables.reading.result import NoRowsError
from layerwise.tables.reading.text_files import FileBlocks

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 20
_MOST_RECORDS = 1000
_ROUNDED = 0.01  # by less than which a score is more than the share that it is of
_LONGEST_CELL = csv.field_size_limit()
_END = 1 << 14
_PIECE = 1 << 16
_NAMES = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar (|)", " ": "a space"}
_NEARLY_ALL = 0.9
# Excel's own first line, which says what stands between cells.
_SAID = re.compile(r'\ufeff?"?sep=([^"\r\n])"?[,;\t|]*(?:\r\n|\n|\r)', re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How the file is written.

    Attributes
    ----------
    delimiter, escape : str
        What stands between cells, and before a quote that is part of a cell.
    header : tuple of str or None
        The columns' names; None if the first row is data.
    n_columns : int
    n_skipped : int
        Lines above the last one of the header, or else above the first row.
    titles : tuple of int
        The lines above the header that hold something, counted from 1.
    notes : tuple of str
        What a reader of the header may not expect.
    first_row : tuple of str
        The cells below the header.
    first_line : int
        Its line, counted from 1.
    """

    delimiter: str
    escape: str
    header: tuple[str, ...] | None
    n_columns: int
    n_skipped: int
    titles: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    first_row: tuple[str, ...] = field(default=(), repr=False)
    first_line: int = field(default=0, repr=False)


@dataclass(frozen=True)
class _Split:
    """The sample's records under one delimiter, without empty ones; the cells of the first."""

    delimiter: str
    escape: str
    records: list[list[str]]
    widths: list[int]
    first_lines: list[int]

    @cached_property
    def width(self) -> int:
        """The most frequent number of cells."""
        return Counter(self.widths).most_common(1)[0][0]

    def agreement(self, width: int) -> float:
        """The share of records with this number of cells."""
        return self.widths.count(width) / len(self.widths)

    @property
    def is_agreed(self) -> bool:
        """Whether so many records have the most frequent number that lines above it may not."""
        return self.agreement(self.width) >= _NEARLY_ALL / 2

    @property
    def score(self) -> tuple[float, int]:
        """How well the records agree with the first one, or else with each other."""
        first = self.widths[0]
        alike = self.agreement(first) if first > 1 else 0.0
        among = self.agreement(self.width) if self.width > 1 else 0.0
        best = max(alike, 0.9 * among)
        return (round(best, 2), first if alike >= 0.9 * among else self.width)


def named_delimiter(delimiter: str) -> str:
    r"""The character that a user names; "tab" and "\\t" are the tab.

    Raises
    ------
    TableError
        If it is not one character that can stand between cells.

    Examples
    --------
    >>> named_delimiter("tab") == named_delimiter("\\t") == "\t"
    True
    """
    found = "\t" if delimiter in ("tab", "\\t") else delimiter
    if len(found) != 1 or found in '"\r\n\\' or not found.isascii():
        raise TableError(
            f"the delimiter is to be one character such as , or ; or tab; got {delimiter!r}"
        )
    return found


def delimiter_name(delimiter: str) -> str:
    """The delimiter in words.

    Examples
    --------
    >>> delimiter_name(";"), delimiter_name("#")
    ('a semicolon', '"#"')
    """
    return _NAMES.get(delimiter, f'"{delimiter}"')


def starts(blocks: FileBlocks) -> str:
    """The first lines of a file in UTF-8, none of them cut off unless it is a very long one."""
    block = blocks.start(_SAMPLE)
    text = block.decode("utf-8-sig", "replace")
    if len(block) < _SAMPLE:
        return text
    end = max(text.rfind("\n"), text.rfind("\r"))
    return text if end < 0 else text[: end + 1]


def last_records(path: Path, dialect: Dialect, n: int) -> tuple[int, list[tuple[int, list[str]]]]:
    """Where the end of a file begins, and its last records, with their lines from there on."""
    start = max(0, path.stat().st_size - _END)
    with path.open("rb") as file:
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    records, first_lines = _records(text, dialect.delimiter, dialect.escape)
    return start, list(zip(first_lines, records, strict=True))[-n:]


def find_dialect(text: str, name: str, delimiter: str | None = None) -> Dialect:
    r"""How a file is written, from its first lines.

    Parameters
    ----------
    text : str
        The first lines.
    name : str
        What to call the file in an error.
    delimiter : str, optional
        What stands between cells, where the user says so.

    Raises
    ------
    TableError
        If the lines make no table: too few, cells that differ in number, another delimiter.

    Examples
    --------
    >>> find_dialect("a;b\n1,5;2\n", "a.csv")
    Dialect(delimiter=';', escape='"', header=('a', 'b'), n_columns=2, n_skipped=0, titles=(),
            notes=())
    """
    said = _SAID.match(text)
    if said is not None:
        text = text[said.end() :]
        found = find_dialect(text, name, delimiter or said[1])
        titles = tuple(line + 1 for line in found.titles)
        n_skipped, first_line = found.n_skipped + 1, found.first_line + 1
        return replace(found, titles=titles, n_skipped=n_skipped, first_line=first_line)
    # Under one that does not occur every line is one cell, than which the first is no worse.
    tried = [one for one in DELIMITERS if one in text or one == DELIMITERS[0]]
    lines = _plain_lines(text)
    splits: list[_Split] = []
    for one in tried:
        least = max((split.score[0] for split in splits), default=0.0)
        splits += _splits(text, lines, one, least)
    under_given = splits if delimiter is None else _splits(text, lines, delimiter)
    if not splits or not under_given:
        raise TableError(f"{name} has only empty lines; a table needs a header and rows")
    best = max(splits, key=lambda split: split.score)
    if delimiter is not None:
        seems = best
        best = max(under_given, key=lambda split: split.score)
        if best.width == 1 and seems.delimiter != delimiter and seems.score[0] > _NEARLY_ALL:
            raise TableError(
                f"with {delimiter_name(delimiter)} between cells every line of {name} is one "
                f"cell; it seems to be {delimiter_name(seems.delimiter)}: give that, or leave "
                "the delimiter out to have it found"
            )
    head = find_head(best.records, best.width if best.is_agreed else len(best.records[0]))
    n_above = len(head.titles)
    first, rest = best.records[n_above], best.widths[head.n_lines :]
    if not rest and len(text) < _SAMPLE // 2:
        raise NoRowsError(
            f"{name} has a header ({', '.join(first)[:80]}) and no rows; a table needs both", first
        )
    if 2 * rest.count(len(first)) < len(rest):
        head = _with_nameless(best, head)
        first = list(head.names or first)
    _check_widths(best, len(first), rest, name)
    # DuckDB passes over the last line of the header by itself, and over those above by number.
    last = max(n_above, head.n_lines - 1)
    return Dialect(
        best.delimiter,
        best.escape,
        head.names,
        len(first),
        best.first_lines[last] - 1,
        tuple(best.first_lines[index] for index in head.titles),
        head.notes,
        tuple(best.records[head.n_lines]) if rest else (),
        best.first_lines[head.n_lines] if rest else 0,
    )


def _with_nameless(split: _Split, head: Head) -> Head:
    """The header where rows have a cell more: their names at first, as R writes, or none at last.

    It stays as it is where it is not sure which column has no name.
    """
    first, below = split.records[len(head.titles)], split.records[head.n_lines :]
    rows = [row for row in below if len(row) == len(first) + 1]
    is_title = len(first) == 1 or all(cell[:1] == " " for cell in first[1:])
    if is_title or len(rows) < _NEARLY_ALL * len(below):
        return head
    if not any(row[-1].strip() for row in rows):
        padded = [*first, ""]
    elif _name_rows([row[0].strip() for row in rows]):
        padded = ["", *first]
    else:
        return head
    found = find_head([padded, *rows], len(padded))
    is_whole = found.names is not None and not found.titles and found.n_lines == 1
    return replace(head, names=found.names) if is_whole else head


def _name_rows(cells: Sequence[str]) -> bool:
    """Whether cells are names, all different, or count from 0 or 1 on."""
    are_counts = any(
        cells == [str(number) for number in range(start, start + len(cells))] for start in (0, 1)
    )
    return are_counts or (len(set(cells)) == len(cells) and not any(map(is_value, cells)))


def _check_widths(split: _Split, n_columns: int, rest: Sequence[int], name: str) -> None:
    ragged = len(rest) - rest.count(n_columns)
    if ragged <= len(rest) / 2:
        return
    width = Counter(rest).most_common(1)[0][0]
    hint = "say what stands between cells (the delimiter), or repair the lines"
    if width == n_columns + 1 > 2:
        hint = "give the column of row names a name in the header, or the delimiter"
    raise TableError(
        f"with {delimiter_name(split.delimiter)} between cells the first line of {name} has "
        f"{n_columns:,} cell{'s' if n_columns > 1 else ''} and {ragged:,} of the "
        f"{len(rest):,} lines looked at have "
        f"another number, mostly {width}; {hint}"
    )


def _splits(
    text: str, lines: Sequence[str] | None, delimiter: str, least: float = 0.0
) -> list[_Split]:
    """The records under a delimiter, for each way to write a quote within a cell that occurs.

    Those are left out of which it shows soon that their score is below the least that is wanted.
    """
    if lines is not None:
        splits = [_split_of_lines(lines, delimiter)]
    else:
        escapes = ['"', "\\"] if '\\"' in text else ['"']
        splits = [_split_of_quoted(text, delimiter, escape, least) for escape in escapes]
    return [split for split in splits if split.widths]


def _plain_lines(text: str) -> list[str] | None:
    """The first lines, where each is a record, without csv's care for quotes; else None."""
    quote = text.find('"')
    if quote >= 0 and (text.count("\n", 0, quote) < _MOST_RECORDS or '\\"' in text):
        return None
    lines = text.split("\n", _MOST_RECORDS)
    n_sample = len(text) - (len(lines.pop()) if len(lines) > _MOST_RECORDS else 0)
    if len(max(lines, key=len)) > _LONGEST_CELL:
        return None
    if text.find("\r", 0, n_sample) >= 0:
        lines = [line.removesuffix("\r") for line in lines]
        if any("\r" in line for line in lines):
            return None
    return lines


def _split_of_lines(lines: Sequence[str], delimiter: str) -> _Split:
    counts = [line.count(delimiter) for line in lines]
    numbers = [i for i, n in enumerate(counts) if n or lines[i].strip()]
    return _Split(
        delimiter,
        '"',
        [lines[i].split(delimiter) for i in numbers[:MOST_LINES]],
        [counts[i] + 1 for i in numbers],
        [i + 1 for i in numbers],
    )


def _split_of_quoted(text: str, delimiter: str, escape: str, least: float) -> _Split:
    most_alone = _MOST_RECORDS * (1 + _ROUNDED - least)
    of_lines = _split_of_quoted_lines(text, delimiter, most_alone) if escape == '"' else None
    if of_lines is not None:
        return of_lines
    records, first_lines = _records(text, delimiter, escape, _MOST_RECORDS, most_alone)
    return _Split(delimiter, escape, records[:MOST_LINES], list(map(len, records)), first_lines)


def _split_of_quoted_lines(text: str, delimiter: str, most_alone: float) -> _Split | None:
    """What csv makes of it, where each of the first lines is a record; else None."""
    lines = text.split("\n", _MOST_RECORDS)
    rest = lines.pop() if len(lines) > _MOST_RECORDS or not lines[-1] else ""
    sample = text[: len(text) - len(rest)].encode()
    if not lines or len(max(lines, key=len)) > _LONGEST_CELL:
        return None
    counted = widths_of_lines(sample if sample.endswith(b"\n") else sample + b"\n", delimiter)
    if counted is None:
        return None
    widths, n_alone = counted.tolist(), 0
    for i in np.flatnonzero(counted == 1).tolist():
        (record,) = csv.reader([lines[i]], delimiter=delimiter)
        widths[i] = int(any(map(str.strip, record)))
        n_alone += widths[i]
        if n_alone > most_alone:
            return _Split(delimiter, '"', [], [], [])
    numbers = [i for i, width in enumerate(widths) if width]
    last = numbers[MOST_LINES - 1] if len(numbers) > MOST_LINES else len(lines) - 1
    records, _ = _records(text, delimiter, '"', last + 1)
    return _Split(
        delimiter, '"', records, [width for width in widths if width], [i + 1 for i in numbers]
    )


def _records(
    text: str,
    delimiter: str,
    escape: str,
    most: int | None = None,
    most_alone: float = math.inf,
) -> tuple[list[list[str]], list[int]]:
    """The cells of each record that is not empty, and the line it begins in, counted from 1.

    There are none where more than `most_alone` have one cell.
    """
    reader = csv.reader(
        _lines(text),
        delimiter=delimiter,
        doublequote=escape == '"',
        escapechar=None if escape == '"' else escape,
    )
    records: list[list[str]] = []
    first_lines: list[int] = []
    line, n_alone = 1, 0
    try:
        for record in itertools.islice(reader, most):
            if len(record) > 1 or (record and record[0].strip()):
                records.append(record)
                first_lines.append(line)
                n_alone += len(record) == 1
                if n_alone > most_alone:
                    return [], []
            line = reader.line_num + 1
    except csv.Error:
        pass  # a cell too long to be one: what was read up to it is sample enough
    return records, first_lines


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends as they are, for those within quotes; no more than are asked for.

    Of a text of which the first lines are wanted, most would else be copied in vain.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="")
        start = end
