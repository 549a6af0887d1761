"""SQLite files."""

import sqlite3

import numpy as np
import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table
from tests.tables.reading.files import columns


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "it's 1%.data"
    with sqlite3.connect(path) as connection:
        connection.execute('CREATE TABLE "집 값" (id INTEGER, price REAL, note TEXT)')
        rows = [(1, 1.5, "x"), (2, None, "None"), (3, "dear", None)]
        connection.executemany('INSERT INTO "집 값" VALUES (?, ?, ?)', rows)
    connection.close()
    return path


def _add(path, name):
    with sqlite3.connect(path) as connection:
        connection.execute(f"CREATE TABLE {name} (a)")
    connection.close()


def test_the_only_table(path):
    read = read_table(path)
    assert read.format == "sqlite"
    assert columns(read) == {
        "id": [1, 2, 3],
        "price": ["1.5", None, "dear"],
        "note": ["x", "None", None],
    }


def test_a_table_or_a_query(path):
    _add(path, "other")
    assert columns(read_table(path, table="집 값"))["id"] == [1, 2, 3]
    query = 'SELECT id, id AS id, price FROM "집 값" WHERE id < 3'
    assert columns(read_table(path, query=query)) == {
        "id": [1, 2],
        "id_2": [1, 2],
        "price": [1.5, None],
    }


def test_which_table_is_asked(path):
    _add(path, "other")
    with pytest.raises(TableError, match=r"several tables, other, 집 값; choose one"):
        read_table(path)
    with pytest.raises(TableError, match=r'no table "othr" \(did you mean "other"\?\); it has'):
        read_table(path, table="othr")
    with pytest.raises(TableError, match="has no rows"):
        read_table(path, table="other")
    with pytest.raises(TableError, match="not both"):
        read_table(path, table="other", query="SELECT 1")


@pytest.mark.parametrize("query", ["SELEC 1", "SELECT * FROM nowhere", 'DELETE FROM "집 값"', ""])
def test_queries_that_do_not_read(path, query):
    with pytest.raises(TableError):
        read_table(path, query=query)
    assert read_table(path).n_rows == 3


def test_a_damaged_file(path):
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)
    with pytest.raises(TableError, match="cannot be read"):
        read_table(path)


def test_many_rows(tmp_path):
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (n)")
        connection.executemany("INSERT INTO t VALUES (?)", ((i,) for i in range(50_000)))
    connection.close()
    assert columns(read_table(tmp_path / "x.db"))["n"] == list(range(50_000))


def _stored(tmp_path, cells):
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (n, place)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", ((one, "a") for one in cells))
    connection.close()
    return read_table(tmp_path / "x.db")


@pytest.mark.parametrize(
    ("cells", "wanted", "said"),
    [
        (list(np.arange(3)), [0, 1, 2], "holds 3 numbers as bytes (a BLOB), as NumPy writes them"),
        ([np.float64(2.5).tobytes(), np.float64(-1e6).tobytes()], [2.5, -1e6], "2 numbers as byt"),
        ([np.int32(7).tobytes(), np.int32(8).tobytes(), 9, None], [7, 8, 9, None], "2 numbers"),
        ([np.float32(0.5).tobytes(), np.float32(8.25).tobytes()], [0.5, 8.25], "2 numbers"),
        ([b"3.5", b"4"], [3.5, 4.0], None),
        (["가".encode(), b"abc"], ["가", "abc"], None),
        ([b"\xff\x00\x01", None], ["ff0001", None], "1 cell of bytes (a BLOB) that are no text"),
        ([1, "2", 3.5, " 4 ", "n/a", ""], [1, 2, 3.5, 4, None, None], None),
        ([1, "2", "unknown"], [1, 2, None], None),
        (
            [1, "dear", 2.5],
            ["1", "dear", "2.5"],
            '1 cell of text among numbers, such as "dear"; it',
        ),
        (["1", "2"], ["1", "2"], None),
    ],
)
def test_numbers_as_bytes_or_text(tmp_path, cells, wanted, said):
    cells = [one.tobytes() if isinstance(one, np.integer) else one for one in cells]
    read = _stored(tmp_path, cells)
    assert columns(read)["n"] == wanted
    assert len(read.notes) == (said is not None)
    assert (said or "") in "".join(read.notes)
