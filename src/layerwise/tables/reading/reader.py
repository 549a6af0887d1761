"""`read_table`: whatever holds a table, read."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from layerwise.files.passwords import hide_secrets, without_password
from layerwise.tables.errors import TableError
from layerwise.tables.names import spelled_as, unique_names
from layerwise.tables.parsing import kind_in_words
from layerwise.tables.reading.arrow_files import read_arrow, read_parquet
from layerwise.tables.reading.databases import is_server, read_postgresql, read_sqlite
from layerwise.tables.reading.delimited import check_same_columns, read_delimited
from layerwise.tables.reading.dialect import named_delimiter
from layerwise.tables.reading.formats import find_format, named_format
from layerwise.tables.reading.json_rows import read_json
from layerwise.tables.reading.result import NoRowsError, Part, ReadTable
from layerwise.tables.reading.scratch_folder import open_workplace
from layerwise.tables.reading.sources import SourceFile, find_files
from layerwise.tables.reading.text_files import named_encoding
from layerwise.tables.reading.workbooks import read_workbook

_TEXT = ("csv", "tsv")
# Which formats an option is for.
_MEANT_FOR = {
    "query": ("sqlite", "postgresql"),
    "table": ("sqlite", "postgresql"),
    "sheet": ("excel",),
    "delimiter": _TEXT,
    "encoding": (*_TEXT, "json"),
    "keep_total": (*_TEXT, "excel"),
    "keep_na": (*_TEXT, "excel"),
}


def read_table(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    query: str | None = None,
    format: str | None = None,  # noqa: A002
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    table: str | None = None,
    max_size: int | None = None,
    keep_total: bool = False,
    keep_na: bool = False,
    may_be_empty: bool = False,
) -> ReadTable:
    r"""Read a table from a file, several files, standard input or a database.

    What is not said is found out: the format from the first bytes and then the name, and of text
    files the delimiter, the encoding, the header and the columns' types. Files may be compressed
    with gzip or zstd. Several files with the same columns make one table, in sorted order.

    In text files and workbooks the first line is the header unless it is like the rows below it,
    column by column. Titles above it are among the problems. A second line of names is joined with
    the first, as "question: answer", or left out, as units are, and a note says so.

    In CSV and TSV files an empty cell is missing; so are NA, N/A, NaN, nan, null, NULL and ?, and
    in columns of numbers, truth values and dates also None and -. A column in which a number has a
    zero before other digits, such as 007, stays text. In a file of one column an empty line is a
    missing cell.

    Parameters
    ----------
    source : path, str or sequence of them
        A path; a pattern such as "2024-*.csv"; a list of these; "-" for standard input; or a
        server, postgresql://user:password@host/database.
    query : str, optional
        For databases: the SELECT that gives the rows.
    format : str, optional
        "csv", "tsv", "parquet", "arrow", "json", "excel" or "sqlite", where it is not to be found
        out.
    delimiter, encoding : str, optional
        For text files, where they are not to be found out; a delimiter is one character, `tab`,
        `::` or `||`.
    sheet : str or int, optional
        For workbooks: a sheet's name, or its number counted from 1.
    table : str, optional
        For databases: the table's name.
    max_size : int, optional
        Bytes that a compressed file, a workbook, a Parquet, Arrow or SQLite file or standard input
        may unpack to; else as many as the machine has memory.
    keep_total : bool
        For CSV, TSV and workbooks: to keep a last row that adds up the rows above it, or is their
        mean, such as "Total"; else it is left out and named among the problems.
    keep_na : bool
        For CSV, TSV and workbooks: to keep NA, null and the other words for a missing cell as they
        stand in columns of text, where NA may be Namibia or North America.
    may_be_empty : bool
        Whether a file with the columns of a table and no rows is one too, rather than an error;
        of several files none may be.

    Returns
    -------
    ReadTable
        The table, of shape (rows, columns), and how it was read.

    Raises
    ------
    TableError
        If there is no table to be read; the message says what came, what was wanted, what to do.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "houses.csv")
    ...     _ = path.write_text("rooms;price\n3;10.5\n4;?\n")
    ...     read = read_table(path)
    >>> read.table.to_pydict(), read.delimiter
    ({'rooms': [3, 4], 'price': [10.5, None]}, ';')
    """
    if query is not None and table is not None:
        raise TableError("give a query or a table's name, not both")
    given = {
        "query": query,
        "table": table,
        "sheet": sheet,
        "delimiter": delimiter,
        "encoding": encoding,
        "keep_total": keep_total or None,
        "keep_na": keep_na or None,
    }
    wanted = named_format(format) if format is not None else None
    if is_server(source) or wanted == "postgresql":
        if not is_server(source):
            raise TableError(
                f"{hide_secrets(str(source))!r} is not the address of a PostgreSQL server; one "
                "looks like postgresql://user@host/database"
            )
        _check_options("postgresql", given)
        part = _part_of(lambda: read_postgresql(str(source), query, table), may_be_empty)
        names: tuple[str, ...] = (without_password(str(source)),)
        return _finished(part, names, "postgresql", 0, may_be_empty)
    encoding = named_encoding(encoding) if encoding is not None else None
    delimiter = named_delimiter(delimiter) if delimiter is not None else None
    with open_workplace(max_size) as workplace:
        files = find_files(source, workplace)
        formats = {wanted or find_format(file.start, file.path, file.name) for file in files}
        for one in formats:
            _check_options(one, given)
        if len(formats) > 1:
            raise TableError(
                "files that are read together are to be of one format; these are "
                f"{', '.join(sorted(formats))}: read them one by one"
            )
        found = formats.pop()
        if found in _TEXT:
            if wanted == "tsv" and delimiter is None:
                delimiter = "\t"
            paths = [(file.path, file.name) for file in files]
            read = partial(
                read_delimited,
                paths,
                workplace,
                delimiter=delimiter,
                encoding=encoding,
                keep_total=keep_total,
                keep_na=keep_na,
            )
        else:
            readers: dict[str, Callable[[Path, str], Part]] = {
                "parquet": lambda path, name: read_parquet(path, name, workplace),
                "arrow": lambda path, name: read_arrow(path, name, workplace),
                "json": lambda path, name: read_json(path, name, workplace, encoding),
                "excel": lambda path, name: read_workbook(
                    path, name, workplace, sheet, keep_total=keep_total, keep_na=keep_na
                ),
                "sqlite": lambda path, name: read_sqlite(path, name, query, table, workplace),
            }
            read_one = readers[found]
            read = partial(_joined, read_one, files)
        part = _part_of(read, may_be_empty and len(files) == 1)
        names = tuple(file.name for file in files)
        n_bytes = sum(file.n_bytes for file in files)
        found = "csv" if found == "tsv" else found
        return _finished(part, names, found, n_bytes, may_be_empty and len(files) == 1)


def _part_of(read: Callable[[], Part], may_be_empty: bool) -> Part:
    try:
        return read()
    except NoRowsError as error:
        if not may_be_empty:
            raise
        names, notes = unique_names(error.names)
        return Part(
            pa.table({name: pa.nulls(0) for name in names}), problems=error.problems, notes=notes
        )


def _joined(read: Callable[[Path, str], Part], files: Sequence[SourceFile]) -> Part:
    parts = [read(file.path, file.name) for file in files]
    first = parts[0]
    if len(parts) == 1:
        return first
    names = first.table.column_names
    for part, file in zip(parts[1:], files[1:], strict=True):
        check_same_columns(names, files[0].name, part.table.column_names, file.name)
    tables = [spelled_as(part.table, names) for part in parts]
    for name in names:
        fields = [each.schema.field(name) for each in tables]
        try:
            pa.unify_schemas([pa.schema([one]) for one in fields], promote_options="permissive")
        except pa.ArrowException:
            types = {one.type: file.name for one, file in zip(fields, files, strict=True)}
            told = " and ".join(f"{kind_in_words(kind)} in {file}" for kind, file in types.items())
            raise TableError(
                f'column "{name}" is not of the same type in all files: {told}; make it so'
            ) from None
    table = pa.concat_tables(tables, promote_options="permissive")
    problems = [problem for part in parts for problem in part.problems]
    notes = list(dict.fromkeys(note for part in parts for note in part.notes))
    return Part(table, first.encoding, first.delimiter, problems, notes)


def _check_options(found: str, given: dict[str, str | int | None]) -> None:
    for option, value in given.items():
        if value is not None and found not in _MEANT_FOR[option]:
            raise TableError(
                f"{option} is for {' and '.join(_MEANT_FOR[option])}; what is read is {found}: "
                "leave it out"
            )


def _finished(
    part: Part, files: tuple[str, ...], found: str, n_bytes: int, may_be_empty: bool
) -> ReadTable:
    is_whole = part.table.num_columns and part.table.num_rows
    if not is_whole and (part.table.num_rows or not may_be_empty):
        lacks = "rows" if part.table.num_columns else "columns"
        raise TableError(f"{files[0]} holds a table without {lacks}; a table needs both")
    return ReadTable(
        part.table,
        files,
        found,
        part.encoding,
        part.delimiter,
        n_bytes,
        tuple(part.problems),
        tuple(part.notes),
    )
