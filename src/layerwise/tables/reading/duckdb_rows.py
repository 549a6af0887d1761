"""The rows of a file that is not plain, split by DuckDB, and the lines that are none."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.parsing.typed import TypedColumn
from layerwise.tables.reading.delimited_file import LONGEST_LINE, DelimitedFile
from layerwise.tables.reading.duckdb_process import connect
from layerwise.tables.reading.result import Problem
from layerwise.tables.reading.text_files import physical_lines

# Small pieces keep memory low; the longest line is part of one.
_BUFFER = 1 << 23
_ROWS_AT_ONCE = 100_000
# A quote that is left open swallows the lines below it; of more than so many the rest of the file
# cannot be told apart.
_MOST_SWALLOWED = 20
_WHY = {
    "TOO MANY COLUMNS": said("it has more cells than the header"),
    "MISSING COLUMNS": said("it has fewer cells than the header"),
    "UNQUOTED VALUE": said("a quote in it is not closed, or closed before the cell ends"),
    "LINE SIZE OVER MAXIMUM": said("it is longer than {n} MiB", n=LONGEST_LINE >> 20),
    "INVALID ENCODING": said("it holds bytes that are no text in UTF-8"),
}


# Where a line that is no row begins, what is wrong in one word and in more, and the line.
Reject = tuple[int, str, str, str | None]


def all_cells(file: DelimitedFile) -> pa.Table | None:
    """The rows as DuckDB reads them; None where it cannot, which is said when they are wanted."""
    import duckdb

    try:
        with connect() as connection:
            return connection.sql(f"SELECT * FROM {_source(file)}").to_arrow_reader().read_all()
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        return None


def read_doubtful(
    file: DelimitedFile, columns: Mapping[str, TypedColumn]
) -> tuple[int, list[Reject]]:
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
            rejects: list[Reject] = connection.sql(
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


def _unreadable(file: DelimitedFile, said: str) -> TableError:
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


def _source(file: DelimitedFile) -> str:
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
        "max_line_size": str(LONGEST_LINE),
    }
    told = ", ".join(f"{name}={value}" for name, value in options.items())
    return f"read_csv({_literal(str(file.path))}, {told})"


def report_rejects(file: DelimitedFile, rejects: Sequence[Reject]) -> None:
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


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
