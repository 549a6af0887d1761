"""DuckDB within this process, which splits the lines of files into cells."""

import atexit
import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from layerwise.tables.reading.scratch_folder import Workplace

if TYPE_CHECKING:
    import duckdb


class _Instance:
    """DuckDB, started when first asked for: that takes 30 ms, more than a small file does.

    Its threads do not outlive a fork, so it stops before one, or is left behind by the child
    where another thread reads at that moment.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: duckdb.DuckDBPyConnection | None = None
        self._limit = ""
        self._n_users = 0
        self._left_behind: list[duckdb.DuckDBPyConnection | None] = []

    def open(self) -> "duckdb.DuckDBPyConnection":
        limit = os.environ.get("OMP_NUM_THREADS", "")
        limit = limit if limit.isdecimal() and int(limit) else ""
        with self._lock:
            if limit != self._limit:
                self.stop()
            if self._running is None:
                self._running, self._limit = _start(limit), limit
            connection = self._running.cursor()
            self._n_users += 1
        return connection

    def close(self, connection: "duckdb.DuckDBPyConnection", *, is_sound: bool) -> None:
        with self._lock:
            connection.close()
            self._n_users -= 1
            if not is_sound:  # some errors leave it unusable; who still reads keeps it
                self._running = None

    def stop(self) -> None:
        if self._running is not None and not self._n_users:
            self._running.close()
            self._running = None

    def before_fork(self) -> None:
        self._lock.acquire()
        self.stop()

    def after_fork_in_parent(self) -> None:
        self._lock.release()

    def after_fork_in_child(self) -> None:
        self._left_behind.append(self._running)  # to close it would wait for threads
        self._running, self._n_users = None, 0
        self._lock.release()


def _start(limit: str) -> "duckdb.DuckDBPyConnection":
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "temp_directory": "",  # it keeps to memory: lines are handed on as they are read
            **({"threads": limit} if limit else {}),  # its own is one for each core
        },
    )


_instance = _Instance()
atexit.register(_instance.stop)  # it complains of what still runs when Python ends
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_instance.before_fork,
        after_in_parent=_instance.after_fork_in_parent,
        after_in_child=_instance.after_fork_in_child,
    )


@contextlib.contextmanager
def connect() -> Iterator["duckdb.DuckDBPyConnection"]:
    """A connection with temporary tables of its own, which never downloads an extension.

    Examples
    --------
    >>> with connect() as connection:
    ...     connection.sql("SELECT 1 + 1").fetchall()
    [(2,)]
    """
    connection = _instance.open()
    is_sound = False
    try:
        yield connection
        is_sound = True
    finally:
        _instance.close(connection, is_sound=is_sound)


def is_plain(path: PurePath) -> bool:
    """Whether DuckDB takes a path as it stands: the colon behind a drive's letter is no address."""
    return not set("*?[]{}:") & set(str(path)[len(path.drive) :])


def readable_path(path: Path, workplace: Workplace) -> Path:
    """The path, or one to the same file that DuckDB takes for neither a pattern nor an address."""
    if is_plain(path):
        return path
    beside = workplace.new_path(".csv")
    try:
        beside.symlink_to(path.resolve())
    except OSError:  # where a user may not make links
        shutil.copyfile(path, beside)
    return beside
