"""A small file that unpacks to more than it may is refused while it is unpacked."""

import gzip
import io
import sqlite3
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table, scratch_folder

MOST = 200_000
REFUSED = r"unpacks to more than 200,000 bytes.*--max-size on the command line, max_size in read_t"
TEXT = "x,y\n" + "0,1\n" * 100_000
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def xlsx(path, rows, shared=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" '
            f'ContentType="{kind}"/></Types>',
        )
        for folder, target, what in (
            ("_rels/.rels", "xl/workbook.xml", "officeDocument"),
            ("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "worksheet"),
        ):
            archive.writestr(
                folder,
                f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
                f'Type="{RELATED}/{what}" Target="{target}"/></Relationships>',
            )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        if shared:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        )


def cell(at, value="1", more=""):
    return f'<c r="{at}"{more}><v>{value}</v></c>'


def ods(path, rows):
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0"><manifest:file-entry '
            f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{OASIS}:office:1.0" '
            f'xmlns:table="{OASIS}:table:1.0" xmlns:text="{OASIS}:text:1.0"><office:body>'
            f'<office:spreadsheet><table:table table:name="S">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )


def ods_row(*values, repeated="", across=""):
    cells = "".join(
        f'<table:table-cell office:value-type="float" office:value="{value}"{across}/>'
        for value in values
    )
    empty = '<table:table-cell table:number-columns-repeated="16380"/>'
    return f"<table:table-row{repeated}>{cells}{empty}</table:table-row>"


EMPTY_ROWS = (
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
    'table:number-columns-repeated="16384"/></table:table-row>'
)


def lying(path):
    """A workbook whose sheet says that it is smaller than it is."""
    xlsx(path, "".join(f'<row r="{i}">{cell(f"A{i}")}</row>' for i in range(1, 9_000)))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    assert size > MOST
    honest = size.to_bytes(4, "little")
    path.write_bytes(content.replace(honest, (10).to_bytes(4, "little")))


T = ' t="s"'


def write_arrow(path):
    table = pa.table({"x": [7] * 90_000})
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(path, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=10_000)


BOMBS = {
    "a.csv.gz": lambda path: path.write_bytes(gzip.compress(TEXT.encode())),
    "a.csv.zst": lambda path: path.write_bytes(
        pa.compress(TEXT.encode(), codec="zstd", asbytes=True)
    ),
    "much-xml.xlsx": lambda path: xlsx(path, " " * 300_000 + f'<row r="1">{cell("A1")}</row>'),
    "lying.xlsx": lying,
    "corners.xlsx": lambda path: xlsx(
        path, f'<row r="1">{cell("A1")}</row><row r="1048576">{cell("XFD1048576")}</row>'
    ),
    "no-names.xlsx": lambda path: xlsx(
        path,
        f'<row r="1">{"<c><v>1</v></c>" * 20}</row><row r="1048576"><c><v>1</v></c></row>',
    ),
    "long-text.xlsx": lambda path: xlsx(
        path,
        "".join(f'<row r="{i}">{cell(f"A{i}", "0", T)}</row>' for i in range(1, 100)),
        f"<si><t>{'long ' * 2_000}</t></si>",
    ),
    "repeated.ods": lambda path: ods(
        path,
        ods_row(
            1,
            repeated=' table:number-rows-repeated="3000"',
            across=' table:number-columns-repeated="3000"',
        ),
    ),
    "text.parquet": lambda path: pq.write_table(
        pa.table({"x": pa.array(["long " * 100] * 9_000)}), path
    ),
    "numbers.parquet": lambda path: pq.write_table(pa.table({"x": [7] * 90_000}), path),
    "a.arrow": write_arrow,
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_unpacks_to_too_much_is_refused(tmp_path, name):
    path = tmp_path / name
    BOMBS[name](path)
    assert path.stat().st_size < MOST / 2
    with pytest.raises(TableError, match=REFUSED):
        read_table(path, max_size=MOST)


@pytest.mark.parametrize(
    ("name", "n_rows"),
    [
        ("a.csv.gz", 100_000),
        ("a.csv.zst", 100_000),
        ("text.parquet", 9_000),
        ("numbers.parquet", 90_000),
        ("a.arrow", 90_000),
        ("long-text.xlsx", 99),
    ],
)
def test_the_same_is_read_where_it_is_allowed(tmp_path, name, n_rows):
    path = tmp_path / name
    BOMBS[name](path)
    assert read_table(path, max_size=10**10).n_rows == n_rows


def test_a_workbook_with_room_below_and_beside_it_is_read(tmp_path):
    ods(tmp_path / "a.ods", ods_row(1, 2) + ods_row(3, 4) + ods_row(5, 6) + EMPTY_ROWS)
    assert read_table(tmp_path / "a.ods", max_size=MOST).table.to_pydict() == {
        "column_1": [1, 3, 5], "column_2": [2, 4, 6],
    }  # fmt: skip
    xlsx(
        tmp_path / "a.xlsx",
        "".join(f'<row r="{i}">{cell(f"C{i}")}{cell(f"D{i}")}</row>' for i in range(900, 950)),
    )
    assert read_table(tmp_path / "a.xlsx", max_size=MOST).n_rows == 50


def test_standard_input_that_does_not_end(monkeypatch):
    class Endless(io.RawIOBase):
        def read(self, n=-1):
            return b"1,2\n" * 10_000

    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": Endless()}))
    with pytest.raises(TableError, match=f"standard input {REFUSED}"):
        read_table("-", max_size=MOST)


def test_a_view_without_end(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute(
            "CREATE VIEW v AS WITH RECURSIVE c(x) AS "
            "(SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
        )
    with pytest.raises(TableError, match=REFUSED):
        read_table(tmp_path / "a.db", max_size=MOST)


def test_memory_is_the_limit_where_none_is_named(tmp_path, monkeypatch):
    BOMBS["a.csv.gz"](tmp_path / "a.csv.gz")
    monkeypatch.setattr(scratch_folder, "_memory", lambda: MOST)
    with pytest.raises(TableError, match=REFUSED):
        read_table(tmp_path / "a.csv.gz")
    monkeypatch.undo()
    assert 1 << 26 < scratch_folder._memory() < 1 << 46
    allowed = tmp_path / "memory.max"
    allowed.write_text("123456789\n")
    monkeypatch.setattr(scratch_folder, "_ALLOWED", (str(tmp_path / "none"), str(allowed)))
    assert scratch_folder._memory() == 123_456_789
    allowed.write_text("max\n")
    assert scratch_folder._memory() > 123_456_789
