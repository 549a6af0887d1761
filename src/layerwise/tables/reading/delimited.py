"""CSV and TSV files, of any number, as one table; DuckDB splits the lines into cells."""

import codecs
import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.names import some_names, spelled, unique_names
from layerwise.tables.parsing.missing import note_on_codes
from layerwise.tables.parsing.typed import TypedColumn
from layerwise.tables.reading.arff_rows import arff_as_csv, is_arff
from layerwise.tables.reading.blank_columns import parted_otherwise
from layerwise.tables.reading.dialect import (
    Dialect,
    find_dialect,
    last_records,
    starts,
)
from layerwise.tables.reading.duckdb_process import connect, readable_path
from layerwise.tables.reading.header import title_problem, without_header
from layerwise.tables.reading.literal_quotes import with_literal_quotes
from layerwise.tables.reading.plain_files import split_plain
from layerwise.tables.reading.repeated_headers import without_repeats
from layerwise.tables.reading.result import NoRowsError, Part, Problem
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import (
    FileBlocks,
    as_utf8,
    find_encoding,
    one_kind_of_line_end,
    physical_lines,
    with_empty_lines,
)
from layerwise.tables.reading.totals import TAIL, find_outsiders, last_rows, may_have_outsiders
from layerwise.texts import plural

# Small pieces keep memory low; the longest line is part of one.
_BUFFER = 1 << 23
_LONGEST_LINE = 1 << 22
_ROWS_AT_ONCE = 100_000
# A quote that is left open swallows the lines below it; of more than so many the rest of the file
# cannot be told apart.
_MOST_SWALLOWED = 20
# A total stands below a table that was made by hand, which is not large.
_LARGEST_WITH_TOTALS = 1 << 28

_WHY = {
    "TOO MANY COLUMNS": said("it has more cells than the header"),
    "MISSING COLUMNS": said("it has fewer cells than the header"),
    "UNQUOTED VALUE": said("a quote in it is not closed, or closed before the cell ends"),
    "LINE SIZE OVER MAXIMUM": said("it is longer than {n} MiB", n=_LONGEST_LINE >> 20),
    "INVALID ENCODING": said("it holds bytes that are no text in UTF-8"),
}


# Where a line that is no row begins, what is wrong in one word and in more, and the line.
_Reject = tuple[int, str, str, str | None]


@dataclass
class _File:
    """A file in UTF-8 with one kind of line end, ready to be split into cells."""

    path: Path
    name: str
    encoding: str
    newline: str
    dialect: Dialect
    names: list[str]
    notes: list[str]
    between: (
        str  # its cells, as the user wrote them; where that is no delimiter, tabs are there now
    )
    problems: list[Problem] = field(default_factory=list)
    cells: pa.RecordBatch | None = None  # of a plain file; those of others DuckDB gives
    n_first: int = 0  # rows that are a total
    n_wanted: int | None = None  # rows, where those below them are totals or footnotes


def read_delimited(
    paths: Sequence[tuple[Path, str]],
    workplace: Workplace,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    keep_total: bool = False,
    keep_na: bool = False,
) -> Part:
    """The rows of one or several delimited files with the same columns.

    Parameters
    ----------
    paths : sequence of (Path, str)
        Each file, not compressed, and what to call it.
    workplace : Workplace
    delimiter, encoding : str, optional
        Where they are not to be found out.
    keep_total : bool
        Whether a last row that adds up those above it is one of the rows.
    keep_na : bool
        Whether words for a missing cell stay what they are in text.

    Raises
    ------
    TableError
        If a file holds no table, or its columns are not those of the first one.
    """
    files = [_prepare(path, name, workplace, delimiter, encoding) for path, name in paths]
    first = files[0]
    for file in files[1:]:
        check_same_columns(first.names, first.name, file.names, file.name)
    for file in files:
        _leave_out_outsiders(file, keep_total=keep_total)
    columns = {
        f"c{index}": TypedColumn(keep_words=keep_na) for index in range(first.dialect.n_columns)
    }
    _read(files, columns)
    lost = {
        c: TypedColumn(as_text=True, keep_words=keep_na)
        for c, column in columns.items()
        if column.is_lost
    }
    if lost:
        _read(files, lost, is_again=True)
        columns |= lost
    finished = [(column.words, column.finish()) for column in columns.values()]
    table = pa.table([cells for _, cells in finished], names=first.names)
    notes = [note for file in files for note in file.notes] + note_on_codes(first.names, finished)
    return Part(
        table.unify_dictionaries(),
        first.encoding,
        first.between,
        [problem for file in files for problem in file.problems],
        list(dict.fromkeys(notes)),
    )


def check_same_columns(names: Sequence[str], name: str, others: Sequence[str], other: str) -> None:
    """Refuse a file that has not the same columns in the same order as the first one.

    Raises
    ------
    TableError
        Naming the columns that differ.
    """
    others = spelled(others, names)
    if list(names) == others:
        return
    missing = [f'"{one}"' for one in names if one not in set(others)]
    extra = [f'"{one}"' for one in others if one not in set(names)]
    if not missing and not extra:
        raise TableError(
            f"{other} has the columns of {name} in another order; put them in the same order"
        )
    told = []
    if missing:
        told.append(f"lacks {some_names(missing, 5)}")
    if extra:
        told.append(f"has {some_names(extra, 5)}, which the other lacks")
    raise TableError(
        f"files that are read together need the same columns; compared with {name}, {other} "
        f"{' and '.join(told)}"
    )


def _prepare(
    path: Path, name: str, workplace: Workplace, delimiter: str | None, encoding: str | None
) -> _File:
    blocks = FileBlocks(path)
    found = encoding or find_encoding(blocks, name)
    blocks = as_utf8(blocks, found, name, workplace)
    blocks, newline = one_kind_of_line_end(blocks, workplace)
    text, tabbed, n_above = starts(blocks), None, 0
    if is_arff(text):
        (blocks, n_above), newline = arff_as_csv(blocks, name, workplace), "\n"
        text = starts(blocks)[n_above:]
    elif delimiter in (None, " ") and newline != "\r":
        tabbed = parted_otherwise(blocks, text, name, workplace)
    if tabbed is None:
        dialect = find_dialect(text, name, delimiter).below(n_above)
        between = dialect.delimiter
    else:
        (blocks, dialect, between), newline = tabbed, "\n"
    if newline != "\r":
        blocks = with_literal_quotes(blocks, dialect, workplace)
    repeats: list[int] = []
    header = dialect.header or ()
    if len(header) > 1 and any(header) and not _has_line_end(header):
        blocks, repeats = without_repeats(blocks, dialect.n_skipped, newline, workplace)
    path = blocks.path
    if dialect.header is None:
        names, told = without_header(dialect.n_columns)
        notes = [told]
    else:
        names, notes = unique_names(dialect.header)
    file = _File(
        path, name, found.removesuffix("-sig"), newline, dialect,
        names, [*dialect.notes, *notes], between,
    )  # fmt: skip
    file.problems += [Problem(name, line, said("it is the header again")) for line in repeats]
    if blocks.whole is not None and len(blocks.whole) <= _LONGEST_LINE and blocks.is_utf_8:
        file.cells = split_plain(blocks.whole, dialect)
    if file.cells is None:
        file.path = readable_path(path, workplace)
    if not dialect.n_skipped:
        has_lines = _has_line_end(dialect.header or dialect.first_row)
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
    if any('"' in line for line in above):
        # DuckDB passes over lines as it reads quotes.
        file.path = with_empty_lines(file.path, newline, dialect.n_skipped, workplace)
    return file


def _has_line_end(cells: Iterable[str]) -> bool:
    return any("\n" in cell or "\r" in cell for cell in cells)


def _leave_out_outsiders(file: _File, *, keep_total: bool) -> None:
    """Find first and last rows that are none; where there may be some, all is read once more."""
    dialect = file.dialect
    if file.cells is None and file.path.stat().st_size > _LARGEST_WITH_TOTALS:
        return
    start, tail = 0, list[tuple[int, list[str]]]()
    if file.cells is None:
        start, tail = _tail(file)
        last = [tuple(cells) for _, cells in tail]
    else:
        last = last_rows(file.cells.columns)
    if not may_have_outsiders(dialect.first_row, last, keep_total=keep_total):
        return
    cells = file.cells if file.cells is not None else _all_cells(file)
    if cells is None:
        return
    found = find_outsiders(cells.columns, keep_total=keep_total) if cells.num_rows else {}
    if not found:
        return
    file.n_first = int(0 in found)
    file.n_wanted = cells.num_rows - len(found)
    if not tail:
        start, tail = _tail(file)
    first_line = physical_lines(file.path, [start])[start]
    for place, why in sorted(found.items()):
        line = dialect.first_line
        if place:
            line = first_line + tail[place - cells.num_rows][0] - 1
        if why:
            file.problems.append(Problem(file.name, line, why))


def _tail(file: _File) -> tuple[int, list[tuple[int, list[str]]]]:
    """Where the end of a file begins; and its last rows, with their lines from there on."""
    start, records = last_records(file.path, file.dialect, TAIL)
    return start, [record for record in records if len(record[1]) == len(file.names)]


def _all_cells(file: _File) -> pa.Table | None:
    """The rows as DuckDB reads them; None where it cannot, which is said when they are wanted."""
    import duckdb

    try:
        with connect() as connection:
            return connection.sql(f"SELECT * FROM {_source(file)}").to_arrow_reader().read_all()
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        return None


def _read(
    files: Sequence[_File],
    columns: Mapping[str, TypedColumn],
    *,
    is_again: bool = False,
) -> None:
    """Give the columns, by DuckDB's names, all their cells, and each file its problems, once."""
    for file in files:
        if file.cells is None:
            n_rows, rejects = _read_doubtful(file, columns)
        else:
            cells, rejects = file.cells.slice(file.n_first, file.n_wanted), []
            n_rows = cells.num_rows
            for name, column in columns.items():
                column.add(cells.column(name))
        if not is_again:
            _report(file, rejects)
            _check_enough(file, n_rows, len(rejects))


def _read_doubtful(file: _File, columns: Mapping[str, TypedColumn]) -> tuple[int, list[_Reject]]:
    """Give the columns their cells by DuckDB; how many rows there are, and what is none."""
    import duckdb

    n_rows = 0
    with connect() as connection:
        try:
            reader = connection.sql(f"SELECT {', '.join(columns)} FROM {_source(file)}")
            n_first = file.n_first
            for whole in _larger(reader.to_arrow_reader(_ROWS_AT_ONCE)):
                most = None if file.n_wanted is None else file.n_wanted - n_rows
                batch, n_first = whole.slice(n_first, most), 0
                n_rows += batch.num_rows
                for column, cells in zip(columns.values(), batch.columns, strict=True):
                    column.add(cells)
            rejects: list[_Reject] = connection.sql(
                "SELECT line_byte_position, any_value(error_type), "
                "any_value(error_message), any_value(csv_line) FROM reject_errors "
                "GROUP BY line_byte_position ORDER BY line_byte_position"
            ).fetchall()
        # Once the first rows are there, it is Arrow that tells of DuckDB's errors.
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise _unreadable(file, str(error).splitlines()[0]) from None
    return n_rows, rejects


def _larger(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in fewer batches, for which there is as much to do for one row as for many."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= _ROWS_AT_ONCE / 2:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def _unreadable(file: _File, said: str) -> TableError:
    """Why DuckDB gave up; it does not say where if what it met is a quote out of its place."""
    dialect = file.dialect
    is_doubled = dialect.escape == '"'
    with file.path.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = csv.reader(
            lines,
            delimiter=dialect.delimiter,
            doublequote=is_doubled,
            escapechar=None if is_doubled else dialect.escape,
            strict=True,
        )
        try:
            for _ in rows:
                pass
        except csv.Error as error:
            if "expected after" in str(error) or "unexpected end" in str(error):
                return TableError(
                    f"in {file.name}, line {rows.line_num:,} or above it, a quote stands within a "
                    "cell, or closes one that another line opened; close each cell that a quote "
                    "opens, and write a quote within it twice"
                )
    return TableError(
        f"{file.name} could not be read as a table with {dialect.n_columns:,} columns: {said}"
    )


def _source(file: _File) -> str:
    """DuckDB's words for the file with everything about it said, so that nothing is guessed."""
    dialect = file.dialect
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(dialect.n_columns))
    newline = {"\n": "\\n", "\r\n": "\\r\\n", "\r": "\\r"}[file.newline]
    options = {
        "auto_detect": "false",
        "columns": f"{{{columns}}}",
        "delim": _literal(dialect.delimiter),
        "quote": _literal('"'),
        "escape": _literal(dialect.escape),
        "new_line": _literal(newline),
        "header": "true" if dialect.header is not None else "false",
        "skip": str(dialect.n_skipped),
        "compression": "'none'",
        "hive_partitioning": "false",
        "store_rejects": "true",
        "buffer_size": str(_BUFFER),
        "max_line_size": str(_LONGEST_LINE),
    }
    told = ", ".join(f"{name}={value}" for name, value in options.items())
    return f"read_csv({_literal(str(file.path))}, {told})"


def _report(file: _File, rejects: Sequence[_Reject]) -> None:
    """Put down each line that was not read, with the number by which an editor finds it."""
    if not rejects:
        return
    lines = physical_lines(file.path, [position - 1 for position, *_ in rejects])
    for position, kind, message, text in rejects:
        line = lines[position - 1]
        why = _WHY.get(kind, message)
        if kind in ("TOO MANY COLUMNS", "MISSING COLUMNS"):
            found = message.rpartition("Found: ")[2]
            n = file.dialect.n_columns
            why = why + said(": {found}, where {n:,} are wanted", found=found, n=n)
        swallowed = len((text or "").splitlines()) - 1
        if kind == "UNQUOTED VALUE" and swallowed > 0:
            if swallowed > _MOST_SWALLOWED:
                raise TableError(
                    f"in {file.name}, line {line:,}, a quote opens a cell and is not closed, so "
                    "that the lines below it cannot be told apart; close it, or remove it"
                )
            last = line + swallowed
            why = why + said(
                ", so that lines {first:,} to {last:,} are not read", first=line, last=last
            )
        file.problems.append(Problem(file.name, line, why))


def _check_enough(file: _File, n_rows: int, n_rejected: int) -> None:
    if n_rejected > n_rows:
        first = file.problems[0]
        raise TableError(
            f"of {file.name} {plural(n_rejected, 'line')} cannot be read, and {n_rows:,} can; the "
            f"first is line {first.line:,}: {first.why}. Say what stands between cells (the "
            "delimiter) or the encoding, or repair the lines"
        )
    if not n_rows:
        said = f"{file.name} has a header and no rows; a table needs both"
        raise NoRowsError(said, file.names, file.problems)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
