"""Damage that a library tells of in a way of its own: refused as all damage is."""

import io
import sqlite3
import struct
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table

# DuckDB gives up on it, and does not say where.
QUOTES = b'a;b;c;d;e;f;g\n1;2;3;4;5;6;7\n""x";;;;;;8\r'


def sqlite_file(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE houses (rooms INTEGER)")
        connection.execute("INSERT INTO houses VALUES (3)")
    connection.close()
    return path.read_bytes()


def workbook(cell):
    sheet = f'<worksheet><sheetData><row r="1"><c r="{cell}"/></row></sheetData></worksheet>'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return content.getvalue()


def stream():
    content = io.BytesIO()
    table = pa.table({"rooms": [3, 4], "area": [70.5, 80.0]})
    with pa.ipc.new_stream(content, table.schema) as writer:
        writer.write(table)
    return content.getvalue()


def test_a_quote_out_of_place_is_found(tmp_path):
    path = tmp_path / "houses.csv"
    path.write_bytes(QUOTES)
    with pytest.raises(TableError, match="line 3 or above it, a quote stands within a cell"):
        read_table(path)


def test_names_that_are_no_text(tmp_path):
    path = tmp_path / "houses.sqlite"
    path.write_bytes(sqlite_file(path).replace(b"TABLE", b"T\xffBLE"))
    with pytest.raises(TableError, match="cannot be read: the file is damaged"):
        read_table(path)
    path = tmp_path / "houses.arrows"
    path.write_bytes(stream().replace(b"rooms", b"r\xffoms"))
    with pytest.raises(TableError, match="is not an Arrow file, or is cut off or damaged"):
        read_table(path)


def test_parquet_columns_of_two_names(tmp_path):
    path = tmp_path / "houses.parquet"
    pq.write_table(pa.table({"rooms": [3, 4], "area": [70.5, 80.0]}), path)
    assert read_table(path).table.column_names == ["rooms", "area"]
    path.write_bytes(path.read_bytes().replace(b"rooms", b"ro/ms", 1))
    with pytest.raises(TableError, match=r"damaged .*a column is called"):
        read_table(path)


@pytest.mark.parametrize("cell", ["XFDA1", "z" * 500 + "1", "z" * 5000])
def test_a_cell_beyond_all_columns(cell, tmp_path):
    path = tmp_path / "houses.xlsx"
    path.write_bytes(workbook(cell))
    with pytest.raises(TableError, match="right of column XFD"):
        read_table(path)


def test_an_archive_of_a_version_to_come(tmp_path):
    path = tmp_path / "houses.xlsx"
    content = bytearray(workbook("A1"))
    struct.pack_into("<H", content, content.rfind(b"PK\x01\x02") + 6, 255)
    path.write_bytes(content)
    with pytest.raises(TableError, match="cut off or damaged"):
        read_table(path)


def test_quotes_out_of_their_places_where_lines_end_in_several_ways(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b'one,two,three,four\r1, ,a,"NA"\r"NA","a"b,","x"\r"\r\n","x", "q","a"b\r')
    with pytest.raises(TableError, match=r"4 lines cannot be read, and 1 can"):
        read_table(path)
