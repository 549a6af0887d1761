"""DuckDB is started once for a process, and what becomes of it in threads and forks."""

import multiprocessing
import threading

import duckdb
import pytest

from layerwise.tables.reading import read_table
from layerwise.tables.reading.duckdb_process import connect
from tests.helpers.forks import needs_fork


def file_of(folder, n_bad):
    path = folder / f"{n_bad}.csv"
    path.write_text("a,b\n" + "1,x\n2,y\n" * 50 + "1,2,3\n" * n_bad)
    return path


def n_unread(path):
    return len(read_table(path).problems)


def test_lines_that_are_not_read_are_told_apart_by_reader(tmp_path):
    paths = [file_of(tmp_path, n) for n in range(1, 9)]
    found = {}

    def read(path):
        found[path] = [n_unread(path) for _ in range(5)]

    threads = [threading.Thread(target=read, args=[path]) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {path: [n] * 5 for n, path in enumerate(paths, 1)}


@needs_fork
def test_a_fork_while_nothing_or_something_is_read(tmp_path):
    path = file_of(tmp_path, 3)
    assert n_unread(path) == 3
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(n_unread, [path] * 4) == [3] * 4
    with connect() as connection:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(n_unread, [path] * 4) == [3] * 4
        assert connection.sql("SELECT 1").fetchall() == [(1,)]
    assert n_unread(path) == 3


def test_threads_are_as_many_as_the_environment_says(monkeypatch):
    for limit in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", limit)
        with connect() as connection:
            found = connection.sql("SELECT current_setting('threads')").fetchall()
        assert found == [(int(limit),)]


def test_after_an_error_it_is_started_anew():
    with connect() as connection:
        connection.execute("CREATE TABLE memory.main.kept AS SELECT 1")
    with pytest.raises(duckdb.Error), connect() as connection:
        connection.sql("SELECT error('no more') FROM kept").fetchall()
    with connect() as connection:
        assert connection.sql("SHOW ALL TABLES").fetchall() == []
