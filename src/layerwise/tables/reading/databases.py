"""Tables of databases: a SQLite file, and a PostgreSQL server; both are only read."""

import contextlib
import difflib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from layerwise.files.passwords import has_bare_signs, hide_secrets, without_password
from layerwise.tables.errors import TableError
from layerwise.tables.names import spelled, unique_names
from layerwise.tables.reading.mixed_values import Mixture
from layerwise.tables.reading.python_values import ValueColumn, table_from
from layerwise.tables.reading.result import NoRowsError, Part
from layerwise.tables.reading.scratch_folder import Workplace

if TYPE_CHECKING:
    import psycopg

_ROWS_AT_ONCE = 20_000
_SECONDS_TO_CONNECT = 10


def is_server(source: object) -> bool:
    """Whether a source is the address of a PostgreSQL server.

    Examples
    --------
    >>> is_server("postgresql://me@host/houses"), is_server("houses.csv")
    (True, False)
    """
    return isinstance(source, str) and source.startswith(("postgresql://", "postgres://"))


def read_sqlite(
    path: Path, name: str, query: str | None, table: str | None, workplace: Workplace
) -> Part:
    """The rows of a table of a SQLite file, or those that a query gives.

    With neither a table nor a query, the file's only table is read. It may be a view, which a few
    bytes make endless.

    Raises
    ------
    TableError
        If there is no such table, the query is wrong, or the file is damaged.
    """
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            if query is None:
                tables = [
                    row[0]
                    for row in connection.execute(
                        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                        "AND name NOT LIKE 'sqlite_%' ORDER BY name"
                    )
                ]
                chosen = _chosen(tables, table, name)
                quoted = chosen.replace('"', '""')
                query = f'SELECT * FROM "{quoted}"'
            cursor = connection.execute(query)
            return _part(cursor, name, workplace)
    except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError) as error:
        # What SQLite says repeats what stands in the file, which then may be no text.
        is_damaged = isinstance(error, UnicodeDecodeError) or "malformed" in str(error)
        what = "the file is damaged" if is_damaged else "the query fails"
        raise TableError(
            f"{name} cannot be read: {what} ({_said(error, query or '')}); a query that only reads "
            "is wanted, such as SELECT * FROM houses"
        ) from None


def read_postgresql(url: str, query: str | None, table: str | None) -> Part:
    """The rows of a table of a PostgreSQL server, or those that a query gives.

    Raises
    ------
    TableError
        If psycopg is missing, the server cannot be reached, or the query fails. No message holds
        the password.
    """
    shown = without_password(url)
    if query is None and table is None:
        raise TableError(
            f"{shown} is a server; say which rows with a query (SELECT ...) or a table's name"
        )
    if has_bare_signs(url):
        raise TableError(
            f"the address {shown} is not understood: in a user's name or password / is to be "
            "written %2F, and @ %40"
        )
    try:
        import psycopg
        from psycopg import sql
    except ImportError:
        raise TableError(
            "to read from PostgreSQL, psycopg is needed; install it with "
            'pip install "layerwise[postgresql]"'
        ) from None
    command: sql.Composed | bytes = sql.SQL("SELECT * FROM {}").format(
        sql.Identifier(*(table or "").split("."))
    )
    if query is not None:
        command = query.strip().rstrip(";").encode()
    try:
        connection = psycopg.connect(url, connect_timeout=_SECONDS_TO_CONNECT)
    except (psycopg.Error, ValueError, UnicodeError) as error:
        raise TableError(
            f"{shown} cannot be reached: {_said(error, url)}; check the address, the user and "
            "that the server is running"
        ) from None
    try:
        with connection:
            connection.read_only = True
            # A named cursor: the server hands out the rows in pieces.
            with connection.cursor(name="layerwise") as cursor:
                cursor.execute(command)
                return _part(cursor, shown)
    except psycopg.Error as error:
        raise TableError(
            f"{shown}: the query fails: {_said(error, url, query or '')}; one that only reads is "
            "wanted, such as SELECT * FROM houses"
        ) from None


def _chosen(tables: Sequence[str], table: str | None, name: str) -> str:
    if not tables:
        raise TableError(f"{name} is a SQLite file without a table")
    told = ", ".join(tables[:20]) + (", ..." if len(tables) > 20 else "")
    if table is None:
        if len(tables) > 1:
            raise TableError(f"{name} has several tables, {told}; choose one, or give a query")
        return tables[0]
    (table,) = spelled([table], tables)
    if table not in tables:
        close = difflib.get_close_matches(table, tables, n=1)
        meant = f' (did you mean "{close[0]}"?)' if close else ""
        raise TableError(f'{name} has no table "{table}"{meant}; it has {told}')
    return table


def _part(
    cursor: "sqlite3.Cursor | psycopg.ServerCursor", name: str, workplace: Workplace | None = None
) -> Part:
    """All rows of a cursor, a few at a time; as many as may be unpacked, where that is limited."""
    if cursor.description is None:
        raise TableError(f"{name}: the query gives no rows; wanted is one that reads (SELECT ...)")
    columns: list[ValueColumn] = []
    n_bytes = 0
    mixtures: list[Mixture] = []
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        if workplace is not None:
            n_bytes += sum(
                len(cell) if isinstance(cell, str | bytes) else 8 for row in rows for cell in row
            )
            workplace.check_size(n_bytes, name)
        columns = columns or [ValueColumn() for _ in rows[0]]
        mixtures = mixtures or [Mixture() for _ in rows[0]]
        for column, mixture, values in zip(columns, mixtures, zip(*rows, strict=True), strict=True):
            column.add(mixture.decoded(values))
    if not columns:
        described = [column[0] for column in cursor.description]
        raise NoRowsError(f"{name}: the table or query has no rows", described)
    # A server's cursor describes its columns once the first rows are there.
    names, notes = unique_names([column[0] for column in cursor.description])
    notes += [note for name, one in zip(names, mixtures, strict=True) for note in one.notes(name)]
    return Part(table_from(names, columns), notes=notes)


def _said(error: Exception, *given: str) -> str:
    """What the server or psycopg said, on one line, without the password."""
    return hide_secrets(" ".join(str(error).split()), *given)
