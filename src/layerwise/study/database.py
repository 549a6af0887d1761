"""The database that a study is kept in: its tables, its transactions, and what goes wrong there."""

from __future__ import annotations

import hashlib
import math
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from layerwise.files.passwords import has_bare_signs, hide_secrets
from layerwise.study.results import StudyError

if TYPE_CHECKING:
    import psycopg

__all__ = ["FITS", "FOLDS", "LIKE_FIT", "PRUNED", "RUNS", "STUDIES", "Database", "shown_address"]

Result = TypeVar("Result")
_METADATA = sa.MetaData()
_BUSY_SECONDS = 5.0  # to wait for another program's lock before it counts as an error
# Of a PostgreSQL server: a program that was stopped, or lost, within a transaction is cut off, so
# that its locks block the others no longer than they are ready to wait for them.
_IDLE_SECONDS, _LOCK_SECONDS = 30.0, 60.0
_PATIENCE = 120.0  # seconds for which work under way waits for its database
_ALONE = 0x6C61796572  # the key of a PostgreSQL lock, of this program's own choice
# SQLite's errors that pass once another program lets go of its lock, and those that come of the
# system: a file out of reach for a moment comes back at once or not at all.
_LOCKED = frozenset([sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL])
_OUT_OF_REACH = frozenset([sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN])
_REACH_SECONDS = 2.0
_EXHAUSTED = frozenset(["53100", "53200"])  # PostgreSQL's disk, or memory
_DIGITS = 16  # of a text's checksum


class Sealed(sa.TypeDecorator[str]):
    """Text with a checksum before it, since SQLite has none: damage never goes unnoticed."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        return None if value is None else _digest(value) + value

    def process_result_value(self, value: object, dialect: object) -> str | None:
        if value is None:
            return None
        digest, text = str(value)[:_DIGITS], str(value)[_DIGITS:]
        if digest != _digest(text):
            raise StudyError(
                "the database of the study is damaged, or was made by another version of "
                "Layerwise: take another copy of it, or begin anew in another file (--database)"
            )
        return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


STUDIES = sa.Table(
    "layerwise_study",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False, unique=True),
    sa.Column("format", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # of the rows
    sa.Column("versions", Sealed, nullable=False),
    sa.Column("plan", Sealed, nullable=False),
    sa.Column("facts", Sealed, nullable=False),
    sa.Column("rung", sa.Integer, nullable=False),
    sa.Column("is_finished", sa.Boolean, nullable=False),
)
FITS = sa.Table(
    "layerwise_fit",
    _METADATA,
    sa.Column("study", sa.Integer, sa.ForeignKey("layerwise_study.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rung", sa.Integer, nullable=False),
    sa.Column("configuration", sa.Integer),  # NULL: the gradient-boosted trees
    sa.Column("repeat", sa.Integer, nullable=False),
    sa.Column("fold", sa.Integer, nullable=False),
    sa.Column("share", sa.Double, nullable=False),  # of the rows not held out, those trained on
    # "waiting", "running", "done", "failed", "pruned"
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("owner", sa.String(255)),
    sa.Column("lease_until", sa.Double),  # seconds since 1970, by the database's clock
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("score", sa.Double),
    sa.Column("result", Sealed),  # JSON, or why it failed
    sa.Index("layerwise_fit_by_state", "study", "state", "rung", "position"),
)
PRUNED = sa.Table(
    "layerwise_pruned",
    _METADATA,
    sa.Column("study", sa.Integer, sa.ForeignKey("layerwise_study.id"), primary_key=True),
    sa.Column("configuration", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("after_fits", sa.Integer, nullable=False),
    sa.Column("reason", Sealed, nullable=False),
)
# Scores of a configuration as `layerwise fit` would train it; see `layerwise.study.fit_scores`.
LIKE_FIT = sa.Table(
    "layerwise_like_fit",
    _METADATA,
    sa.Column("study", sa.Integer, sa.ForeignKey("layerwise_study.id"), primary_key=True),
    sa.Column("configuration", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("repeat", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fold", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("score", sa.Double, nullable=False),
)
# What was found of a fold's columns by the rows trained on.
FOLDS = sa.Table(
    "layerwise_fold",
    _METADATA,
    sa.Column("study", sa.Integer, sa.ForeignKey("layerwise_study.id"), primary_key=True),
    sa.Column("repeat", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fold", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("left_out", Sealed, nullable=False),  # JSON: names
)
# Each start of the study that has workers of its own: they end when it asks them to, or is gone.
RUNS = sa.Table(
    "layerwise_run",
    _METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("study", sa.Integer, sa.ForeignKey("layerwise_study.id"), nullable=False),
    sa.Column("seen_until", sa.Double, nullable=False),
    sa.Column("stop", sa.Boolean, nullable=False),
)


class Database:
    """A SQLite file, or a PostgreSQL server.

    Parameters
    ----------
    address : str
        The path of a file, made if it is not there, or ``postgresql://user@host/name``.

    Raises
    ------
    StudyError
        If it cannot be reached, is locked, or is no database.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> database = Database(f"{folder.name}/a.study.db")
    >>> database.transact(lambda connection: connection.execute(sa.select(STUDIES.c.name)).all())
    []
    >>> database.close(), folder.cleanup()
    (None, None)
    """

    def __init__(self, address: str) -> None:
        self.address = str(address)
        self.url = _url_of(self.address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.shown = shown_address(self.address)
        if self.is_sqlite:
            self._check_file()
            # Workers take the address, and may stand in another folder.
            self.address = str(Path(self.shown).absolute())
            self.url = _url_of(self.address)
        self.engine = self._engine()
        try:
            # Another process may just be making the same file.
            patience = 2 * _BUSY_SECONDS if self.is_sqlite else 0.0
            self.transact(_METADATA.create_all, patience=patience, alone=True)
            self.transact(self._check_columns, patience=patience, reads=True)
            if self.is_sqlite:
                self.transact(self._check_pages, reads=True)
        except BaseException:
            self.close()
            raise

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            options = {
                "connect_timeout": 10,
                "application_name": "layerwise study",
                "keepalives_idle": 30,
                "keepalives_interval": 10,
                "keepalives_count": 3,
            }
            engine = sa.create_engine(
                self.url,
                pool_pre_ping=True,
                connect_args=options,
                # What others have written is to be seen once their locks are gone.
                isolation_level="READ COMMITTED",
            )
            sa.event.listen(engine, "connect", _set_up_postgresql)
            return engine
        engine = sa.create_engine(self.url, connect_args={"timeout": _BUSY_SECONDS})
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _check_file(self) -> None:
        path = Path(self.shown)
        if path.is_dir():
            raise StudyError(f"the database {path} is a folder; name a file")
        if not path.parent.is_dir():
            raise StudyError(
                f"the database {path} cannot be made: there is no folder {path.parent}; make it "
                "first, or name another with --database"
            )

    def _check_columns(self, connection: Connection) -> None:
        there = sa.inspect(connection)
        for table in _METADATA.sorted_tables:
            names = {column["name"] for column in there.get_columns(table.name)}
            missing = [column.name for column in table.columns if column.name not in names]
            if missing:
                raise self._damaged(f"{table.name} has no column {', '.join(missing)}")

    def _check_pages(self, connection: Connection) -> None:
        """Refuse a file whose tables and indices do not agree with each other."""
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if found != "ok":
            raise self._damaged(str(found))

    @property
    def now(self) -> sa.ColumnElement[float]:
        """The database's own clock, in seconds since 1970."""
        if self.is_sqlite:
            return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Double)
        return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)

    def transact(
        self,
        work: Callable[[Connection], Result],
        *,
        patience: float = _PATIENCE,
        reads: bool = False,
        alone: bool = False,
    ) -> Result:
        """Run work(connection) in one transaction, again if the database was out of reach.

        Parameters
        ----------
        work : callable
        patience : float
            Seconds for which it is tried again.
        reads : bool
            It only reads: no lock is taken.
        alone : bool
            No other such work is done at the same time, wherever: for what is made where it is not
            there yet.

        Raises
        ------
        StudyError
            If the database stays out of reach.
        """
        began = time.monotonic()
        deadline = began + patience
        pause = 0.1
        while True:
            try:
                engine = self.engine.execution_options(layerwise_reads=reads)
                with engine.begin() as connection:
                    if alone and not self.is_sqlite:  # where every writer is alone
                        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ALONE)))
                    return work(connection)
            except DBAPIError as error:
                deadline = min(deadline, began + self._seconds_to_pass(error))
                if time.monotonic() + pause > deadline:
                    raise self._refusal(error) from None
            except UnicodeDecodeError as error:  # of what SQLite says, which repeats the file's
                raise self._damaged(str(error)) from None
            time.sleep(pause)
            pause = min(2 * pause, 5.0)

    def _seconds_to_pass(self, error: DBAPIError) -> float:
        """For how long it is worth trying again: not at all with a full disk, say."""
        if self.is_sqlite:
            kind = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            return math.inf if kind in _LOCKED else _REACH_SECONDS if kind in _OUT_OF_REACH else 0.0
        if getattr(error.orig, "sqlstate", None) in _EXHAUSTED:
            return 0.0
        is_lost = isinstance(error, OperationalError) or error.connection_invalidated
        return math.inf if is_lost else 0.0

    def _damaged(self, how: str) -> StudyError:
        return StudyError(
            f"{self.shown} is not a database of a study, or is damaged ({how}); name another "
            "file with --database"
        )

    def _refusal(self, error: DBAPIError) -> StudyError:
        said = " ".join(str(error.orig).split())
        if "locked" in said or "lock timeout" in said:
            return StudyError(
                f"the database {self.shown} is locked by another program: close it, or name "
                "another database with --database. Fits that are done are kept in it"
            )
        if any(word in said for word in ("not a database", "malformed", "UTF-8", "no such")):
            return self._damaged(said[:200])
        if self.is_sqlite:
            return StudyError(
                f"the database {self.shown} cannot be used ({said}): see that it and its folder "
                "can be written to and that the disk is not full, or name another with --database. "
                "Fits that are done are kept in it"
            )
        said = hide_secrets(said, self.address)
        return StudyError(
            f"the database {self.shown} cannot be reached or used: {said}. See that the server "
            "runs and lets this user make tables; fits that are done are kept in it"
        )

    def close(self) -> None:
        """Let go of its connections."""
        self.engine.dispose()


def shown_address(address: str) -> str:
    """A database's address as it may be seen: without a password.

    Examples
    --------
    >>> shown_address("postgresql://me:secret@host/houses")
    'postgresql://me:***@host/houses'
    """
    url = _url_of(address)
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    # Without what follows a "?", where there may be a password too.
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def _url_of(address: str) -> URL:
    if "://" not in address and "password=" in address.replace(" ", "").lower():
        raise StudyError(
            "the database's address is not understood: write postgresql://user@host/name instead "
            "of names and values"
        )
    if has_bare_signs(address):
        raise StudyError(
            f"the database's address {hide_secrets(address)} is not understood: in a user's name "
            "or password / is to be written %2F, and @ %40"
        )
    if "://" not in address:
        return URL.create("sqlite", database=address)
    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        raise StudyError(
            "the database's address is not understood; a file, or an address such as "
            "postgresql://user:password@host/name is wanted"
        ) from None
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite" and url.database:
        return url
    if kind not in {"postgresql", "postgres"}:
        raise StudyError(
            f"studies are kept in SQLite files or on PostgreSQL servers; got the address of "
            f"{kind!r}"
        )
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise StudyError(
            'a PostgreSQL server needs psycopg: pip install "layerwise[postgresql]"'
        ) from None
    return url.set(drivername="postgresql+psycopg")


def _set_up_postgresql(connection: psycopg.Connection, record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{1000 * _IDLE_SECONDS:.0f}ms'")
        cursor.execute(f"SET lock_timeout = '{1000 * _LOCK_SECONDS:.0f}ms'")
    connection.commit()


def _set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:
    # The driver is not to begin transactions by itself; see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    # Readers and a writer side by side. A commit then survives the end of any process.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the lock at once where something will be written, or two that read first may clash."""
    reads = connection.get_execution_options().get("layerwise_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
