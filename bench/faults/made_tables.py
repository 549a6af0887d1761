"""The tables that are damaged: one of 300 rows, written in every format that is read."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from faults.damage import BINARY, TEXT, Damage, Rng, damaged

ROWS = 300
TARGET = "price"


@dataclass(frozen=True)
class MadeTable:
    """A file, and what can be asked of who reads it damaged.

    Attributes
    ----------
    name : str
        Of the file.
    ways : mapping
        In which it is damaged.
    is_checked : bool
        Whether the format holds checksums of all rows: then no change goes without a word.
    counts_rows : bool
        Whether the format says how many rows there are: then none is lost without a word.
    inside : str
        What is damaged is this member of a zip archive, or what gzip holds: written again after.
    """

    name: str
    ways: dict[str, Damage]
    is_checked: bool = False
    counts_rows: bool = False
    inside: str = ""

    @property
    def label(self) -> str:
        return f"{self.name}, {self.inside}" if self.inside else self.name

    def damaged(self, content: bytes, rng: Rng) -> tuple[bytes, str]:
        """The file's bytes, damaged, and how."""
        if not self.inside:
            return damaged(content, self.ways, rng)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members[self.inside], how = damaged(members[self.inside], self.ways, rng)
        again = io.BytesIO()
        with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, member in members.items():
                archive.writestr(name, member)
        return again.getvalue(), how


_TEXT, _BINARY = dict(TEXT), dict(BINARY)
MADE = (
    MadeTable("comma.csv", _TEXT),
    MadeTable("semicolon.csv", _TEXT),
    MadeTable("korean.csv", _TEXT),
    MadeTable("utf-16.csv", _TEXT),
    MadeTable("tab.tsv", _TEXT),
    MadeTable("comma.csv.gz", _BINARY, is_checked=True),
    MadeTable("comma.csv.zst", _BINARY, counts_rows=True),
    MadeTable("lines.jsonl", _TEXT),
    MadeTable("array.json", _TEXT),
    MadeTable("lines.jsonl.gz", _BINARY, is_checked=True),
    MadeTable("plain.parquet", _BINARY, counts_rows=True),
    MadeTable("checked.parquet", _BINARY, is_checked=True),
    MadeTable("file.arrow", _BINARY, counts_rows=True),
    MadeTable("packed.feather", _BINARY, counts_rows=True),
    MadeTable("stream.arrows", _BINARY, counts_rows=True),
    MadeTable("book.xlsx", _BINARY, is_checked=True),
    MadeTable("book.xlsx", _TEXT, inside="xl/worksheets/sheet1.xml"),
    MadeTable("book.xlsx", _TEXT, inside="xl/workbook.xml"),
    MadeTable("book.xlsx", _TEXT, inside="xl/sharedStrings.xml"),
    MadeTable("table.sqlite", _BINARY, counts_rows=True),
)


def write_all(folder: Path) -> None:
    """Write the undamaged files."""
    import pyarrow.feather as feather
    import pyarrow.parquet as pq

    from layerwise.tables.reading import write_table

    table = _table()
    write_table(table, folder / "comma.csv")
    plain = (folder / "comma.csv").read_text("utf-8")
    semicolon = plain.replace(";", " ").replace(",", ";")
    (folder / "semicolon.csv").write_bytes(semicolon.encode("cp1252", "replace"))
    (folder / "korean.csv").write_bytes(plain.encode("cp949", "replace"))
    (folder / "utf-16.csv").write_bytes(plain.encode("utf-16"))
    for name in ("tab.tsv", "comma.csv.gz", "comma.csv.zst", "lines.jsonl", "lines.jsonl.gz"):
        write_table(table, folder / name)
    (folder / "array.json").write_text(json.dumps(table.to_pylist(), default=str), "utf-8")
    pq.write_table(table, folder / "plain.parquet", row_group_size=100)
    pq.write_table(table, folder / "checked.parquet", write_page_checksum=True, compression="zstd")
    write_table(table, folder / "file.arrow")
    feather.write_feather(table, str(folder / "packed.feather"), chunksize=100)
    with (
        pa.OSFile(str(folder / "stream.arrows"), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table, max_chunksize=100)
    (folder / "book.xlsx").write_bytes(_workbook(table))
    connection = sqlite3.connect(folder / "table.sqlite")
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    connection.execute(f"CREATE TABLE houses ({columns})")
    rows = [[str(one) if hasattr(one, "year") else one for one in row.values()]
            for row in table.to_pylist()]  # fmt: skip
    connection.executemany(f"INSERT INTO houses VALUES ({','.join('?' * len(rows[0]))})", rows)
    connection.execute("CREATE INDEX by_rooms ON houses (rooms)")
    connection.commit()
    connection.close()


def _table() -> pa.Table:
    """Numbers, categories, dates, text with delimiters and quotes, missing cells."""
    rng = np.random.default_rng(0)
    rooms = rng.integers(1, 9, ROWS)
    area = np.round(rng.gamma(5, 15, ROWS), 1)
    towns = np.array(["서울", "부산", "Jeju", "São Paulo", "Zürich"], dtype=object)
    town = rng.integers(0, len(towns), ROWS)
    notes = np.array(['a "fine" house', "quiet, south", "two\nlines", "", "garden"], dtype=object)
    price = np.round(10 * rooms + area + 20 * town + rng.normal(0, 5, ROWS), 2)
    return pa.table(
        {
            "rooms": pa.array(rooms, mask=rng.random(ROWS) < 0.05),
            "area": pa.array(area, mask=rng.random(ROWS) < 0.05),
            "town": pa.array(towns[town]),
            "sold": pa.array(np.datetime64("2020-01-01") + rng.integers(0, 1500, ROWS)),
            "note": pa.array(notes[rng.integers(0, len(notes), ROWS)]),
            "garden": pa.array(rng.random(ROWS) < 0.5),
            TARGET: pa.array(price),
        }
    )


def _workbook(table: pa.Table) -> bytes:
    """The table as a workbook, in the few parts that one must have."""
    strings: dict[str, int] = {}

    def cell(value: Any, column: int, row: int) -> str:
        at = f"{chr(ord('A') + column)}{row}"
        if value is None:
            return ""
        if isinstance(value, bool):
            return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, int | float):
            return f'<c r="{at}"><v>{value}</v></c>'
        return f'<c r="{at}" t="s"><v>{strings.setdefault(str(value), len(strings))}</v></c>'

    records = [table.column_names, *(list(row.values()) for row in table.to_pylist())]
    lines = "".join(
        f'<row r="{row}">{"".join(cell(value, k, row) for k, value in enumerate(record))}</row>'
        for row, record in enumerate(records, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    escaped = [
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in strings
    ]
    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{sheet_type}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{sheet_type}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{sheet_type}.sharedStrings+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Houses" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">'
        f'<dimension ref="A1:G{len(records)}"/><sheetData>{lines}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}" count="{len(strings)}" '
        f'uniqueCount="{len(strings)}">'
        + "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in escaped)
        + "</sst>",
    }
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, head + part)
    return book.getvalue()
