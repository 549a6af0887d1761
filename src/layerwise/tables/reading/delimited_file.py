"""A CSV or TSV file made ready: in UTF-8, with one kind of line end, and how it is written."""

import codecs
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from layerwise.language import said
from layerwise.tables.names import unique_names
from layerwise.tables.reading.arff_rows import arff_as_csv, is_arff
from layerwise.tables.reading.blank_columns import parted_otherwise
from layerwise.tables.reading.dialect import Dialect, find_dialect, guess_dialect, starts
from layerwise.tables.reading.duckdb_process import readable_path
from layerwise.tables.reading.header import title_problem, without_header
from layerwise.tables.reading.literal_quotes import with_literal_quotes
from layerwise.tables.reading.plain_files import split_plain
from layerwise.tables.reading.repeated_headers import without_repeats
from layerwise.tables.reading.result import Problem
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import (
    FileBlocks,
    as_utf8,
    find_encoding,
    one_kind_of_line_end,
    with_empty_lines,
)

LONGEST_LINE = 1 << 22


@dataclass
class DelimitedFile:
    """A file in UTF-8 with one kind of line end, ready to be split into cells."""

    path: Path
    name: str
    encoding: str
    newline: str
    dialect: Dialect
    names: list[str]
    notes: list[str]
    between: str  # its cells, as the user wrote them; where that is no delimiter, tabs are there
    problems: list[Problem] = field(default_factory=list)
    cells: pa.RecordBatch | None = None  # of a plain file; those of others DuckDB gives
    n_first: int = 0  # rows that are a total
    n_wanted: int | None = None  # rows, where those below them are totals or footnotes


class _Split(NamedTuple):
    """How a file is written, the file without what repeats its header, and its cells if plain."""

    blocks: FileBlocks
    newline: str
    dialect: Dialect
    between: str
    repeats: list[int]
    cells: pa.RecordBatch | None


def prepare_file(
    path: Path, name: str, workplace: Workplace, delimiter: str | None, encoding: str | None
) -> DelimitedFile:
    """A file's dialect, its columns' names, and the cells of a plain one.

    A plain file is one of which no cell is in doubt. How it is written is guessed from its first
    lines; that all lines agree shows in its being split so. Others are looked at longer.

    Parameters
    ----------
    path : Path
    name : str
        What to call it.
    workplace : Workplace
    delimiter, encoding : str, optional
        Where they are not to be found out.

    Raises
    ------
    TableError
        If it holds no table.
    """
    blocks = FileBlocks(path)
    found = encoding or find_encoding(blocks, name)
    blocks = as_utf8(blocks, found, name, workplace)
    blocks, newline = one_kind_of_line_end(blocks, workplace)
    split = _guessed(blocks, newline, delimiter, workplace)
    if split is None or split.cells is None:
        split = _looked_at(blocks, newline, name, delimiter, workplace)
    blocks, newline, dialect, cells = split.blocks, split.newline, split.dialect, split.cells
    path = blocks.path
    if dialect.header is None:
        names, told = without_header(dialect.n_columns)
        notes = [told]
    else:
        names, notes = unique_names(dialect.header)
    file = DelimitedFile(
        path, name, found.removesuffix("-sig"), newline, dialect,
        names, [*dialect.notes, *notes], split.between,
    )  # fmt: skip
    file.problems += [Problem(name, line, said("it is the header again")) for line in split.repeats]
    if cells is not None:
        file.cells = cells
    else:
        file.path = readable_path(path, workplace)
    if not dialect.n_skipped:
        has_lines = _has_line_end(dialect.header or next(iter(dialect.rows), ()))
        if file.cells is None and has_lines and blocks.start(3) == codecs.BOM_UTF8:
            # DuckDB takes no quote behind the mark for one that opens a cell of several lines.
            file.path = with_empty_lines(file.path, newline, 0, workplace)
        return file
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as lines:
        above = list(itertools.islice(lines, dialect.n_skipped))
    titles = [
        (number, above[number - 1].strip().rstrip(dialect.delimiter)) for number in dialect.titles
    ]
    file.problems[:0] = [Problem(name, i, title_problem(title)) for i, title in titles if title]
    if file.cells is None and any('"' in line for line in above):
        # DuckDB passes over lines as it reads quotes.
        file.path = with_empty_lines(file.path, newline, dialect.n_skipped, workplace)
    return file


def _guessed(
    blocks: FileBlocks, newline: str, delimiter: str | None, workplace: Workplace
) -> _Split | None:
    """What the first line tells, if all others agree."""
    if blocks.whole is None or newline == "\r" or not blocks.is_utf_8:
        return None
    guess = guess_dialect(blocks.whole, delimiter)
    if guess is None:
        return None
    dialect, cells = guess
    whole, repeats = _without_repeats(blocks, dialect, newline, workplace)
    plain = _plain_cells(whole, dialect) if repeats else cells
    return _Split(whole, newline, dialect, dialect.delimiter, repeats, plain)


def _looked_at(
    blocks: FileBlocks, newline: str, name: str, delimiter: str | None, workplace: Workplace
) -> _Split:
    """What the first lines tell, looked at for all that they may be."""
    text = starts(blocks)
    if is_arff(text):
        whole, dialect = arff_as_csv(blocks, name, workplace)
        cells = _plain_cells(whole, dialect)
        return _Split(whole, "\n", dialect, dialect.delimiter, [], cells)
    tabbed = None
    if newline != "\r":
        tabbed = parted_otherwise(blocks, text, name, workplace, delimiter)
    if tabbed is None:
        dialect = find_dialect(text, name, delimiter)
        between = dialect.delimiter
    else:
        (blocks, dialect, between), newline = tabbed, "\n"
    if newline != "\r":
        blocks = with_literal_quotes(blocks, dialect, workplace)
    whole, repeats = _without_repeats(blocks, dialect, newline, workplace)
    return _Split(whole, newline, dialect, between, repeats, _plain_cells(whole, dialect))


def _without_repeats(
    blocks: FileBlocks, dialect: Dialect, newline: str, workplace: Workplace
) -> tuple[FileBlocks, list[int]]:
    header = dialect.header or ()
    if len(header) < 2 or not any(header) or _has_line_end(header):
        return blocks, []
    return without_repeats(blocks, dialect.n_skipped, newline, workplace)


def _plain_cells(blocks: FileBlocks, dialect: Dialect) -> pa.RecordBatch | None:
    data = blocks.whole
    if data is None or len(data) > LONGEST_LINE or not blocks.is_utf_8:
        return None
    return split_plain(data, dialect)


def _has_line_end(cells: Iterable[str]) -> bool:
    return any("\n" in cell or "\r" in cell for cell in cells)
