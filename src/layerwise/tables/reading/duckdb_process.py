"""DuckDB within this process, which splits the lines of files into cells."""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect"]


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
        with self._lock:
            self._n_users += 1
            if self._running is None:
                self._running, self._limit = _start(), ""
            limit = os.environ.get("OMP_NUM_THREADS", "")  # its own is a thread for each core
            limit = limit if limit.isdecimal() and int(limit) else ""
            if limit != self._limit:
                self._running.execute(f"SET threads TO {limit}" if limit else "RESET threads")
                self._limit = limit
            return self._running.cursor()

    def close(self, connection: "duckdb.DuckDBPyConnection") -> None:
        with self._lock:
            connection.close()
            self._n_users -= 1

    def before_fork(self) -> None:
        self._lock.acquire()
        if self._running is not None and not self._n_users:
            self._running.close()
            self._running = None

    def after_fork_in_parent(self) -> None:
        self._lock.release()

    def after_fork_in_child(self) -> None:
        self._left_behind.append(self._running)  # to close it would wait for threads
        self._running, self._n_users = None, 0
        self._lock.release()


def _start() -> "duckdb.DuckDBPyConnection":
    import duckdb

    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "temp_directory": "",  # it keeps to memory: lines are handed on as they are read
        },
    )


_instance = _Instance()
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
    try:
        yield connection
    finally:
        _instance.close(connection)
