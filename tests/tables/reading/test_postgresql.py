"""PostgreSQL: what needs no server, and a server of our own where one is installed."""

import datetime as dt
import sys

import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table
from tests.helpers.postgresql import postgresql_server
from tests.tables.reading.files import columns


def test_a_query_or_table_is_needed():
    with pytest.raises(TableError, match="say which rows with a query"):
        read_table("postgresql://me@localhost/houses")


def test_psycopg_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(TableError, match=r'pip install "layerwise\[postgresql\]"'):
        read_table("postgresql://me@localhost/houses", query="SELECT 1")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret@127.0.0.1:1/houses",
        "postgresql://me:s3cret@[::1/houses",
        "postgresql://me:s3cret@127.0.0.1:port/houses",
        "postgresql://127.0.0.1:1/houses?password=s3cret&user=me",
        "postgresql://me:s3cret@127.0.0.1:1/houses?nonsense=1",
    ],
)
def test_a_server_that_is_not_there(url):
    pytest.importorskip("psycopg")
    with pytest.raises(TableError, match="cannot be reached") as caught:
        read_table(url, query="SELECT 1")
    assert "s3cret" not in str(caught.value)


def test_options_of_files_are_refused():
    with pytest.raises(TableError, match="delimiter is for csv and tsv"):
        read_table("postgresql://me@localhost/houses", query="SELECT 1", delimiter=",")


@pytest.fixture(scope="module")
def server():
    """The address of a server that runs for these tests."""
    psycopg = pytest.importorskip("psycopg")
    with postgresql_server() as url:
        with psycopg.connect(url) as connection:
            connection.execute(
                'CREATE TABLE "집" (id bigint, price numeric(10,2), day date, seen timestamptz,'
                " name text, sold boolean)"
            )
            connection.execute("CREATE SEQUENCE counter")
            connection.execute(
                "INSERT INTO \"집\" VALUES (1, 10.5, '2024-01-31', '2024-01-31 10:00+00', '가',"
                " true), (2, NULL, NULL, NULL, NULL, NULL)"
            )
        yield url


_ROWS = {
    "id": [1, 2],
    "price": [10.5, None],
    "day": [dt.date(2024, 1, 31), None],
    "seen": [dt.datetime(2024, 1, 31, 10, tzinfo=dt.UTC), None],
    "name": ["가", None],
    "sold": [True, None],
}


def test_a_table(server):
    for table in ("집", "public.집"):
        read = read_table(server, table=table)
        assert columns(read) == _ROWS
    assert read.format == "postgresql"
    assert "s3cret" not in str(read)


def test_a_query(server):
    assert columns(read_table(server, query='SELECT * FROM "집" ORDER BY id;')) == _ROWS
    many = "SELECT n, n % 7 AS k, '100%' AS p FROM generate_series(1, 50000) AS n"
    read = read_table(server, query=many)
    assert columns(read)["n"] == list(range(1, 50_001))
    assert columns(read)["p"][0] == "100%"


@pytest.mark.parametrize(
    "query",
    ["SELEC 1", "SELECT * FROM nowhere", 'DELETE FROM "집"', 'DELETE FROM "집" RETURNING *'],
)
def test_queries_that_do_not_read(server, query):
    with pytest.raises(TableError, match="the query fails"):
        read_table(server, query=query)
    assert read_table(server, table="집").n_rows == 2


def test_a_function_that_writes_is_refused(server):
    with pytest.raises(TableError, match="read-only"):
        read_table(server, query="SELECT nextval('counter')")


def test_no_rows(server):
    with pytest.raises(TableError, match="no rows"):
        read_table(server, query="SELECT 1 AS a WHERE false")


def test_a_wrong_password(server):
    url = server.replace("s3cret", "wr0ng")
    with pytest.raises(TableError, match="cannot be reached") as caught:
        read_table(url, query="SELECT 1")
    assert "wr0ng" not in str(caught.value)


def test_a_file_is_no_server(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    for source in (path, str(path), [path]):
        with pytest.raises(TableError, match="is not the address of a PostgreSQL server"):
            read_table(source, format="postgresql")
