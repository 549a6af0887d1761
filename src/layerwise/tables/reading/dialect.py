"""How a delimited file is written: what stands between cells, how quotes are escaped, the header.

It is found out from the first lines; the whole file is then read by what was found.
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa

from layerwise.arrays import Integers
from layerwise.tables.errors import TableError
from layerwise.tables.reading.cell_grids import first_records, split_cells
from layerwise.tables.reading.commented_names import with_commented_names
from layerwise.tables.reading.header import MOST_LINES, Head, find_head
from layerwise.tables.reading.nameless_columns import with_nameless
from layerwise.tables.reading.record_splits import (
    NEARLY_ALL,
    Split,
    find_splits,
    split_records,
)
from layerwise.tables.reading.result import NoRowsError
from layerwise.tables.reading.text_files import FileBlocks
from layerwise.texts import plural

DELIMITERS = (",", ";", "\t", "|")
DOUBLED = ("::", "||")
_SAMPLE = 1 << 20
_LONGEST = csv.field_size_limit()  # characters of a cell
_END = 1 << 14
_NAMES = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar (|)", " ": "a space"}
# Excel's own first line, which says what stands between cells.
_SAID = re.compile(r'\ufeff?"?sep=([^"\r\n])"?[,;\t|]*(?:\r\n|\n|\r)', re.IGNORECASE)
_SAID_IN_BYTES = b"sep="
_COMMENTS = (b"#", b"%", b"//")
_BETWEEN_DIGITS = re.compile(rb"(?<=\d),(?=\d)")  # as marks between thousands are


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
    rows : sequence of sequences of str
        The cells of the first lines below the header.
    first_line : int
        The line of the first of them, counted from 1.
    """

    delimiter: str
    escape: str
    header: tuple[str, ...] | None
    n_columns: int
    n_skipped: int
    titles: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = field(default=(), repr=False)
    first_line: int = field(default=0, repr=False)

    def below(self, n_lines: int) -> Dialect:
        """The same below so many lines more."""
        return replace(
            self,
            titles=tuple(line + n_lines for line in self.titles),
            n_skipped=self.n_skipped + n_lines,
            first_line=self.first_line + n_lines,
        )


def named_delimiter(delimiter: str) -> str:
    r"""The delimiter that a user names; "tab" and "\\t" are the tab.

    Raises
    ------
    TableError
        If it is neither one character that can stand between cells, nor `::` or `||`.

    Examples
    --------
    >>> named_delimiter("tab") == named_delimiter("\\t") == "\t"
    True
    """
    found = "\t" if delimiter in ("tab", "\\t") else delimiter
    if found in DOUBLED:
        return found
    if len(found) != 1 or found in '"\r\n\\' or not found.isascii():
        raise TableError(
            "the delimiter is to be one character such as , or ; or tab, or one of :: and ||; got "
            f"{delimiter!r}"
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
    records, first_lines = split_records(text, dialect.delimiter, dialect.escape)
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
    if delimiter in DOUBLED:  # for which tabs stand where lines end in line feeds
        raise TableError(
            f'"{delimiter}" parts cells only in lines that end in a line feed; those of {name} end '
            "in carriage returns alone: write it with line feeds"
        )
    said = _SAID.match(text)
    if said is not None:
        text = text[said.end() :]
        return find_dialect(text, name, delimiter or said[1]).below(1)
    # Under one that does not occur every line is one cell, than which the first is no worse.
    tried = [one for one in DELIMITERS if one in text or one == DELIMITERS[0]]
    splits: list[Split] = []
    for one in tried:
        least = max((split.score[0] for split in splits), default=0.0)
        splits += find_splits(text, one, least)
    under_given = splits if delimiter is None else find_splits(text, delimiter)
    if not splits or not under_given:
        raise TableError(f"{name} has only empty lines; a table needs a header and rows")
    best = max(splits, key=lambda split: split.score)
    if delimiter is not None:
        seems = best
        best = max(under_given, key=lambda split: split.score)
        if best.width == 1 and seems.delimiter != delimiter and seems.score[0] > NEARLY_ALL:
            raise TableError(
                f"with {delimiter_name(delimiter)} between cells every line of {name} is one "
                f"cell; it seems to be {delimiter_name(seems.delimiter)}: give that, or leave "
                "the delimiter out to have it found"
            )
    head = find_head(best.records, best.width if best.is_agreed else len(best.records[0]))
    lines = text.split("\n", int(best.first_lines[-1]))
    head = with_commented_names(best, head, lines)
    n_above = len(head.titles)
    first, rest = list(head.names or best.records[n_above]), best.widths[head.n_lines :]
    if not len(rest) and len(text) < _SAMPLE // 2:
        raise _without_rows(name, first)
    if 2 * np.count_nonzero(rest == len(first)) < len(rest):
        head = with_nameless(best, head, lines)
        first = list(head.names or first)
    _check_widths(best, len(first), rest, name)
    return _dialect_of(best, head, len(first))


def named_dialect(text: str, name: str, names: Sequence[str]) -> Dialect:
    r"""How a file is written with commas, quotes twice, and a first line that is its header.

    Parameters
    ----------
    text : str
        The first lines.
    name : str
        What to call the file in an error.
    names : sequence of str
        Those in the first line.

    Raises
    ------
    TableError
        If there are no rows, or most of them have another number of cells.

    Examples
    --------
    >>> named_dialect("yes,no\nyes,no\n", "a.arff", ["yes", "no"]).header
    ('yes', 'no')
    """
    records, first_lines = split_records(text[text.find("\n") + 1 :], ",", '"', MOST_LINES)
    if not records and len(text) < _SAMPLE // 2:
        raise _without_rows(name, names)
    records, lines = [list(names), *records], np.array([1, *(line + 1 for line in first_lines)])
    split = Split(",", '"', records, np.array(list(map(len, records))), lines)
    ragged = np.count_nonzero(split.widths[1:] != len(names))
    if 2 * ragged > len(records) - 1:
        width = Counter(split.widths[1:].tolist()).most_common(1)[0][0]
        raise TableError(
            f"{name} names {plural(len(names), 'column')}, and {ragged:,} of its first "
            f"{len(records) - 1:,} rows have another number of cells, mostly {width}; repair its "
            "names or its rows"
        )
    return _dialect_of(split, Head((), tuple(names), 1), len(names))


def guess_dialect(
    data: bytes, delimiter: str | None = None
) -> tuple[Dialect, pa.RecordBatch] | None:
    r"""How a file is written, if each of its records is as wide as the first one, and its cells.

    What does not stand in the first line can be no better then: neither another delimiter nor
    another way to write a quote; nor can blanks.

    Parameters
    ----------
    data : bytes
        The whole file, in UTF-8.
    delimiter : str, optional
        What stands between cells, where the user says so.

    Returns
    -------
    tuple of Dialect and pyarrow.RecordBatch, or None
        The cells below the header, as `split_cells` gives them. None where it takes more than a
        look at the first line.

    Examples
    --------
    >>> dialect, cells = guess_dialect(b"a;b\n1,5;2\n")
    >>> dialect.delimiter, dialect.header, cells.to_pylist()
    (';', ('a', 'b'), [{'c0': '1,5', 'c1': '2'}])
    >>> guess_dialect(b"a;b,c\n1,5;2\n")
    """
    start = len(BOM_UTF8) * data.startswith(BOM_UTF8)
    first = data[start : max(start, data.find(b"\n", start))]
    tried = [one for one in DELIMITERS if one.encode() in first]
    if delimiter in DOUBLED:
        return None
    if delimiter is not None:
        tried = [delimiter]
    is_odd = b'\\"' in first or first.count(b'"') % 2 or data.startswith(BOM_UTF8, start)
    if len(tried) != 1 or is_odd or _SAID_IN_BYTES in first[:8].lower():
        return None
    if first.startswith(_COMMENTS) or b"||" in first:  # names in it; as wide as two
        return None
    if tried == [" "] or (tried == ["\t"] and first.count(b"\t") == 1):  # blanks may be better
        return None
    if b" " in first and len(_BETWEEN_DIGITS.findall(first)) == first.count(tried[0].encode()):
        return None
    try:
        (names,) = csv.reader([first.decode()], delimiter=tried[0])
    except csv.Error:  # a cell too long to be one
        return None
    cells = split_cells(data[start:], tried[0], len(names)) if len(names) > 1 else None
    if cells is None:
        return None
    records = first_records(cells, MOST_LINES)
    head = find_head(records, len(names))
    above = "".join(chain.from_iterable(records[: head.n_lines]))
    if head.n_lines == cells.num_rows or "\n" in above or "\r" in above:
        return None
    first_lines = data[start:].split(b"\n", head.n_lines + 1)[: head.n_lines + 1]
    is_long = len(data) > _LONGEST and sum(map(len, chain.from_iterable(records))) > _LONGEST
    if is_long or not all(line.strip(b"\r") for line in first_lines):
        return None
    lines = np.arange(1, len(records) + 1)
    split = Split(tried[0], '"', records, np.full(len(records), len(names)), lines)
    return _dialect_of(split, head, len(names)), cells.slice(head.n_lines)


def _without_rows(name: str, names: Sequence[str]) -> NoRowsError:
    return NoRowsError(
        f"{name} has a header ({', '.join(names)[:80]}) and no rows; a table needs both", names
    )


def _dialect_of(split: Split, head: Head, n_columns: int) -> Dialect:
    # DuckDB passes over the last line of the header by itself, and over those above by number.
    last = max(len(head.titles), head.n_lines - 1)
    has_rows = head.n_lines < len(split.records)
    return Dialect(
        split.delimiter,
        split.escape,
        head.names,
        n_columns,
        int(split.first_lines[last]) - 1,
        tuple(split.first_lines[list(head.titles)].tolist()),
        head.notes,
        split.records[head.n_lines :],
        int(split.first_lines[head.n_lines]) if has_rows else 0,
    )


def _check_widths(split: Split, n_columns: int, rest: Integers, name: str) -> None:
    ragged = np.count_nonzero(rest != n_columns)
    if ragged <= len(rest) / 2:
        return
    width = Counter(rest.tolist()).most_common(1)[0][0]
    hint = "say what stands between cells (the delimiter), or repair the lines"
    if width == n_columns + 1 > 2:
        hint = (
            "give the column of row names a name in the header, put quotes around cells that "
            "hold the delimiter, or give another one"
        )
    raise TableError(
        f"with {delimiter_name(split.delimiter)} between cells the first line of {name} has "
        f"{n_columns:,} cell{'s' if n_columns > 1 else ''} and {ragged:,} of the "
        f"{len(rest):,} lines looked at have "
        f"another number, mostly {width}; {hint}"
    )
