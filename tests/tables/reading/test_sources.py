"""Paths, patterns and standard input."""

import io
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table
from tests.tables.reading.files import PACKED, columns


def test_the_nearest_name_is_told(tmp_path):
    (tmp_path / "houses.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match=r'no file .*huoses\.csv; the nearest .* "houses.csv"'):
        read_table(tmp_path / "huoses.csv")
    with pytest.raises(TableError, match="has no file with a name like it"):
        read_table(tmp_path / "0123456789")
    with pytest.raises(TableError, match="nor a folder"):
        read_table(tmp_path / "no" / "houses.csv")


def test_a_folder(tmp_path):
    with pytest.raises(TableError, match=r"is a folder, not a file; name .* \*\.csv|\*\.csv"):
        read_table(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # to whom nothing is forbidden

        def refuse(self, *_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(TableError, match="may not be read by this user"):
        read_table(path)


def test_nothing_matches(tmp_path):
    with pytest.raises(TableError, match="no file matches the pattern"):
        read_table(tmp_path / "*.csv")
    with pytest.raises(TableError, match="list of files is empty"):
        read_table([])


def test_what_is_no_path():
    with pytest.raises(TableError, match="a path, a pattern or a list of them"):
        read_table([3])


@pytest.mark.parametrize("packing", PACKED)
def test_standard_input(monkeypatch, packing):
    content = PACKED[packing]("이름;b\n가;2\n".encode("cp949"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    read = read_table("-")
    assert columns(read) == {"이름": ["가"], "b": [2]}
    assert (read.files, read.n_bytes) == (("standard input",), len(content))


def test_parquet_on_standard_input(monkeypatch):
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), stream)
    stream.seek(0)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    assert columns(read_table("-")) == {"a": [1]}


def test_empty_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO()))
    with pytest.raises(TableError, match="standard input is empty"):
        read_table("-")


def in_pipe(content):
    """The path of a pipe that will hold this."""
    reading, writing = os.pipe()

    def write():
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    threading.Thread(target=write).start()
    return reading, f"/dev/fd/{reading}"


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="pipes have no path here")
@pytest.mark.parametrize("packing", PACKED)
def test_a_pipe_is_read_from_its_beginning(packing):
    rows = "".join(f"{i},row {i}\n" for i in range(2_000))
    content = PACKED[packing](f"n,what\n{rows}".encode())
    reading, path = in_pipe(content)
    read = read_table(path)
    os.close(reading)
    assert (read.n_rows, read.n_bytes, read.files) == (2_000, len(content), (path,))
    reading, path = in_pipe(b"")
    with pytest.raises(TableError, match="is empty"):
        read_table(path)
    os.close(reading)


def test_duckdb_downloads_nothing(tmp_path):
    """An address is a name of a file that there is not; no extension is asked for."""
    import duckdb

    from layerwise.tables.reading.duckdb_process import connect

    with connect() as connection:
        for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
            assert connection.sql(f"SELECT current_setting('{setting}')").fetchall() == [(False,)]
        with pytest.raises(duckdb.Error):
            connection.sql("SELECT * FROM read_csv('https://127.0.0.1:1/x.csv')").fetchall()
        installed = "SELECT count(*) FROM duckdb_extensions() WHERE install_mode = 'REPOSITORY'"
        assert connection.sql(installed).fetchall() == [(0,)]
    with pytest.raises(TableError, match="there is no file https:"):
        read_table("https://127.0.0.1:1/x.csv")
