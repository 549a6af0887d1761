"""Parquet, Arrow, JSON and workbooks."""

import datetime as dt
import io
import json
import re
import struct
import zipfile
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table
from layerwise.tables.reading.arff_rows import is_arff
from tests.tables.reading.files import PACKED, columns, read_bytes, types

_TABLE = pa.table({"a": [1, None, 3], "이름": ["x", "NA", None]})


def _stored(kind: str) -> bytes:
    sink = pa.BufferOutputStream()
    if kind == "parquet":
        pq.write_table(_TABLE, sink)
    else:
        make = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with make(sink, _TABLE.schema) as writer:
            writer.write_table(_TABLE)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_arrow_and_parquet_whatever_their_name(tmp_path, kind, packing):
    read = read_bytes(tmp_path, PACKED[packing](_stored(kind)), "table.csv")
    assert read.format == ("parquet" if kind == "parquet" else "arrow")
    # Formats with types have a missing cell of their own: "NA" is text.
    assert columns(read) == _TABLE.to_pydict()


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_arrow_and_parquet_cut_off(tmp_path, kind):
    content = _stored(kind)
    with pytest.raises(TableError, match="cut off or damaged"):
        read_bytes(tmp_path, content[: len(content) // 2], "table.parquet")


def test_a_stream_that_ends_too_soon_is_said(tmp_path):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, _TABLE.schema) as writer:
        writer.write_table(_TABLE, max_chunksize=2)
        one_batch = sink.tell()
        writer.write_table(_TABLE)
    content = sink.getvalue().to_pybytes()
    assert read_bytes(tmp_path, content, "whole").notes == ()
    cut = read_bytes(tmp_path, content[:one_batch], "cut")
    assert cut.table.num_rows == 3
    assert "if it was cut off, rows of it are missing" in cut.notes[0]
    ended = content[:one_batch] + content[-8:] + content[one_batch:]
    with pytest.raises(TableError, match="more after the end of the stream"):
        read_bytes(tmp_path, ended, "ended")


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_arrow_whose_cells_lie_elsewhere_is_refused(tmp_path, kind):
    # The ends of the cells "x", "NA" and of the missing one, of which the second is now far away.
    content = _stored(kind).replace(
        struct.pack("<4i", 0, 1, 3, 3), struct.pack("<4i", 0, 1, 1 << 28, 3)
    )
    with pytest.raises(TableError, match="cut off or damaged"):
        read_bytes(tmp_path, content, "table.arrow")


def test_a_checksum_of_parquet_is_looked_at(tmp_path):
    sink = pa.BufferOutputStream()
    numbers = pa.table({"a": [1.5, 2.5, 3.5]})
    pq.write_table(
        numbers, sink, write_page_checksum=True, use_dictionary=False, compression="none"
    )
    content = sink.getvalue().to_pybytes()
    assert columns(read_bytes(tmp_path, content, "t")) == {"a": [1.5, 2.5, 3.5]}
    pages = slice(0, len(content) // 2)
    changed = content[pages].replace(struct.pack("<d", 2.5), struct.pack("<d", 2.25))
    with pytest.raises(TableError, match="cut off or damaged"):
        read_bytes(tmp_path, changed + content[pages.stop :], "t")


def test_an_empty_arrow_table(tmp_path):
    pq.write_table(_TABLE.slice(0, 0), tmp_path / "empty.parquet")
    with pytest.raises(TableError, match="without rows"):
        read_table(tmp_path / "empty.parquet")


def test_several_parquet_files(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": [2.5]}), tmp_path / "2.parquet")
    assert columns(read_table(tmp_path / "*.parquet")) == {"a": [1, 2.5]}
    pq.write_table(pa.table({"a": ["x"]}), tmp_path / "3.parquet")
    with pytest.raises(TableError, match=r'column "a" is not of the same type'):
        read_table(tmp_path / "*.parquet")
    (tmp_path / "4.csv").write_text("a\n1\n")
    with pytest.raises(TableError, match=r"one format; these are csv, parquet"):
        read_table(tmp_path / "*")


def test_json_lines(tmp_path):
    text = '{"a": 1, "b": "x"}\n\n{"b": "NA", "c": [1, {"k": "é"}]}\n{"a": 2.5, "b": null}\n'
    read = read_bytes(tmp_path, text, "rows")
    assert read.format == "json"
    assert columns(read) == {
        "a": [1, None, 2.5],
        "b": ["x", "NA", None],
        "c": [None, '[1, {"k": "é"}]', None],
    }


def test_json_lines_that_cannot_be_read(tmp_path):
    lines = ['{"a": 1}', '{"a": ', "[1]", '{"a": 2}', '{"a": 3}']
    read = read_bytes(tmp_path, "\n".join(lines), "x.jsonl")
    assert columns(read) == {"a": [1, 2, 3]}
    assert [problem.line for problem in read.problems] == [2, 3]


def test_json_of_many_rows_and_types(tmp_path):
    rows = [{"n": i, "m": i, "t": True} for i in range(45_000)]
    rows.append({"n": 2**70, "m": "late", "t": None, "new": 1})
    read = read_bytes(tmp_path, "\n".join(map(json.dumps, rows)), "x.jsonl")
    found = columns(read)
    assert [int(n) for n in found["n"][-2:]] == [44_999, 2**70]
    assert found["m"][0] == "0"
    assert found["m"][-1] == "late"
    assert found["new"] == [None] * 45_000 + [1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_json_array(tmp_path, encoding):
    content = '[{"a": 1, "이름": "가"},\n {"a": 2}]'.encode(encoding)
    assert columns(read_bytes(tmp_path, content, "x.json")) == {"a": [1, 2], "이름": ["가", None]}


ROWS = [{"a": i, "b": "xyz"[i % 3]} for i in range(12)]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("whole", "notes"),
    [
        ({"n": 12, "tags": ["x"], "data": ROWS}, ('The rows are those of "data".',)),
        ({name: [row[name] for row in ROWS] for name in ROWS[0]}, ()),
        ({name: {str(i): row[name] for i, row in enumerate(ROWS)} for name in ROWS[0]}, ()),
    ],
)
def test_json_of_one_object_that_holds_the_rows(tmp_path, whole, notes, indent):
    read = read_bytes(tmp_path, json.dumps(whole, indent=indent), "x.json")
    assert (read.table.to_pylist(), read.notes) == (ROWS, notes)


_CITIES = {"Ulm": (126, "x"), "Bonn": (327, "y"), "Jena": (111, None), "Hof": (46, "z")}


@pytest.mark.parametrize("indent", [None, 1])
def test_json_as_pandas_writes_it(tmp_path, indent):
    rows = {name: {"n": n, "zip": code} for name, (n, code) in _CITIES.items()}
    turned = {key: {name: row[key] for name, row in rows.items()} for key in ("n", "zip")}
    for whole in (rows, turned):
        read = read_bytes(tmp_path, json.dumps(whole, indent=indent), "x.json")
        assert columns(read) == {
            "column_1": list(_CITIES),
            "n": [126, 327, 111, 46],
            "zip": ["x", "y", None, "z"],
        }
    counted = {str(i): row for i, row in enumerate(rows.values(), 1)}
    read = read_bytes(tmp_path, json.dumps(counted, indent=indent), "x.json")
    assert columns(read) == {"n": [126, 327, 111, 46], "zip": ["x", "y", None, "z"]}
    data = [list(row.values()) for row in rows.values()]
    for index, first in ((list(_CITIES), ["column_1"]), ([0, 1, 2, 3], [])):
        split = {"columns": ["n", "zip"], "index": index, "data": data}
        read = read_bytes(tmp_path, json.dumps(split, indent=indent), "x.json")
        assert list(columns(read)) == [*first, "n", "zip"]
        assert read.n_rows == 4


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_rows_of_pandas_json_are_read_as_many(tmp_path, n):
    rows = {str(17 + 2 * i): {"n": i, "zip": f"x{i}"} for i in range(n)}
    turned = {key: {name: row[key] for name, row in rows.items()} for key in ("n", "zip")}
    for whole in (rows, turned):
        assert columns(read_bytes(tmp_path, json.dumps(whole), "x.json")) == {
            "column_1": [str(17 + 2 * i) for i in range(n)],
            "n": list(range(n)),
            "zip": [f"x{i}" for i in range(n)],
        }
    counted = json.dumps({str(i): row for i, row in enumerate(rows.values())})
    assert list(columns(read_bytes(tmp_path, counted, "x.json"))) == ["n", "zip"]


def test_a_row_of_json_with_an_object_in_a_cell_is_a_row(tmp_path):
    text = json.dumps({"address": {"street": "x", "zip": 1}})
    assert columns(read_bytes(tmp_path, text, "x.json")) == {
        "address": ['{"street": "x", "zip": 1}']
    }


def test_columns_of_pandas_json_that_share_a_name_or_have_none(tmp_path):
    split = {"columns": ["a", "a", ""], "index": ["u", "v"], "data": [[1, 2, 3], [4, 5, 6]]}
    read = read_bytes(tmp_path, json.dumps(split), "x.json")
    assert columns(read) == {"column_1": ["u", "v"], "a": [1, 4], "a_2": [2, 5], "column_3": [3, 6]}
    assert any('the second one named "a"' in note for note in read.notes)
    rows = {name: {"": n, "zip": code} for name, (n, code) in _CITIES.items()}
    read = read_bytes(tmp_path, json.dumps(rows), "x.json")
    assert columns(read)["index"] == list(_CITIES)
    assert columns(read)["column_2"] == [126, 327, 111, 46]


def test_json_of_one_object_whose_many_cells_hold_others_is_refused(tmp_path):
    for cell in ([1, 2], {"a": {"b": 1}}):
        text = json.dumps({f"user {i}": cell for i in range(30)} | {"other": [1]})
        with pytest.raises(TableError, match="holds one object"):
            read_bytes(tmp_path, text, "x.json")


def test_rows_of_csv_that_are_named_json(tmp_path):
    read = read_bytes(tmp_path, "data,visite,note\n08/03/2020,771,\n09/03/2020,607,x\n", "x.json")
    assert read.format == "csv"
    assert columns(read)["visite"] == [771, 607]


def test_a_row_of_json_with_a_few_objects_in_a_cell_is_a_row(tmp_path):
    row = {"a": 1, "events": ROWS[:3]}
    assert read_bytes(tmp_path, json.dumps(row), "x.jsonl").table.column_names == ["a", "events"]
    assert read_bytes(tmp_path, json.dumps({"a": [1, 2], "b": [3, 4]}), "x.jsonl").n_rows == 1
    read = read_bytes(tmp_path, f"{json.dumps(row)}\n" * 2, "x.jsonl")
    assert (read.table.column_names, read.n_rows) == (["a", "events"], 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"a": 1}, ', "cut off or damaged"),
        ('{\n"a": {"x": 1}\n}\n', "holds one object; wanted is an object for each row"),
        ('{"nodes": [{"a": 1}],\n"links": [{"b": 2}]}', r'it: "nodes" \(1\), "links" \(1\)'),
        ("[1, 2]", "element 1 of the array is no object"),
        ("[]", "no rows"),
        ("{}\n{}\n", "no rows"),
        ('{\n"a": 1\n}\n', "one object on each line"),
        ('{"a":[' * 100_000, "it is no JSON"),
    ],
)
def test_json_that_is_no_table(tmp_path, text, said):
    with pytest.raises(TableError, match=said):
        read_bytes(tmp_path, text, "x.json")


def _workbook(*sheets: list[list[object]], names: Sequence[str] = ("S1", "S2", "S3")) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in zip(names, sheets, strict=False):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_SHEET = [
    ["정수", "f", "text", "date", "mixed", "yes", "code"],
    [1, 1.5, "None", dt.datetime(2024, 1, 31), 5, True, "007"],
    [2, "N/A", "NA", None, "six", False, "12"],
    [],
    ["-", 3, "x", dt.datetime(2024, 2, 1), 7.5, None, None],
]


def test_excel(tmp_path):
    read = read_bytes(tmp_path, _workbook([[]], _SHEET), "book.csv")
    assert read.format == "excel"
    assert columns(read) == {
        "정수": [1, 2, None],
        "f": [1.5, None, 3.0],
        "text": ["None", None, "x"],
        "date": [dt.date(2024, 1, 31), None, dt.date(2024, 2, 1)],
        "mixed": ["5", "six", "7.5"],
        "yes": [True, False, None],
        "code": ["007", "12", None],
    }
    assert types(read)["정수"] == "int64"
    assert read.notes == ('Sheet "S2" is read; there are also "S1".',)


def test_a_sheet_of_notes_is_read_where_there_is_no_other(tmp_path):
    notes, rows = [["What"], ["Prices"]], [["a"], [1], [2], [3]]
    read = read_bytes(tmp_path, _workbook(notes, rows, names=["Read me", "2024"]), "book.xlsx")
    assert columns(read) == {"a": [1, 2, 3]}
    assert read.notes[0] == 'Sheet "2024" is read; there are also "Read me".'
    alone = read_bytes(tmp_path, _workbook(notes, names=["Read me"]), "book.xlsx")
    assert columns(alone) == {"What": ["Prices"]}


def test_a_sheet_by_name_and_number(tmp_path):
    book = _workbook([["a"], [1]], [["a"], [2]])
    for sheet in ("S2", 2, "2"):
        assert columns(read_bytes(tmp_path, book, "b.xlsx", sheet=sheet)) == {"a": [2]}
    for sheet in ("S3", 0, 3):
        with pytest.raises(TableError, match=r'no sheet .* its sheets are 1 "S1", 2 "S2"'):
            read_bytes(tmp_path, book, "b.xlsx", sheet=sheet)


@pytest.mark.parametrize(
    ("rows", "said"), [([[]], 'sheet "S1" is empty'), ([["a", "b"]], "a header and no rows")]
)
def test_a_sheet_without_a_table(tmp_path, rows, said):
    with pytest.raises(TableError, match=said):
        read_bytes(tmp_path, _workbook(rows), "b.xlsx")


def test_excel_cut_off(tmp_path):
    content = _workbook(_SHEET)
    with pytest.raises(TableError, match="cut off or damaged"):
        read_bytes(tmp_path, content[: len(content) // 2], "b.xlsx")


@pytest.mark.parametrize(
    ("part", "pattern", "instead", "said"),
    [
        ("xl/workbook.xml", rb"<sheets>.*</sheets>", b"", "there is no sheet in it"),
        ("xl/worksheets/sheet1.xml", rb'r="A2"', b'r="A2999999983"', "a cell lies below row"),
    ],
)
def test_excel_that_is_damaged_inside(tmp_path, part, pattern, instead, said):
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_workbook(_SHEET))) as book,
        zipfile.ZipFile(stream, "w") as archive,
    ):
        for name in book.namelist():
            content = book.read(name)
            if name == part:
                content, n_found = re.subn(pattern, instead, content)
                assert n_found
            archive.writestr(name, content)
    with pytest.raises(TableError, match=said):
        read_bytes(tmp_path, stream.getvalue(), "b.xlsx")


def test_excel_with_a_password(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(TableError, match="encrypted with a password; open it, save it without"):
        read_bytes(tmp_path, ole, "b.xlsx")


def test_an_old_excel_file_that_is_damaged(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    with pytest.raises(TableError, match="cannot be read as an Excel"):
        read_bytes(tmp_path, ole, "b.xls")


def test_open_document(tmp_path):
    name = "urn:oasis:names:tc:opendocument:xmlns"
    cells = [
        ['<t:table-cell o:value-type="string"><x:p>a</x:p></t:table-cell>',
         '<t:table-cell o:value-type="string"><x:p>b</x:p></t:table-cell>'],
        ['<t:table-cell o:value-type="float" o:value="1"><x:p>1</x:p></t:table-cell>',
         '<t:table-cell o:value-type="string"><x:p>가</x:p></t:table-cell>'],
    ]  # fmt: skip
    rows = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in cells)
    rows = rows.replace("t:table-cell", "table:table-cell").replace(" o:", " office:")
    rows = rows.replace("x:p>", "text:p>")
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f'xmlns:office="{name}:office:1.0" xmlns:table="{name}:table:1.0" '
        f'xmlns:text="{name}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="S1">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    assert columns(read_bytes(tmp_path, stream.getvalue(), "b.ods")) == {"a": [1], "b": ["가"]}


def test_a_zip_archive(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("houses.csv", "a,b\n1,2\n")
    with pytest.raises(TableError, match=r"zip archive of houses.csv; unpack it"):
        read_bytes(tmp_path, stream.getvalue(), "x.csv")


def test_a_format_that_is_said(tmp_path):
    assert columns(read_bytes(tmp_path, "a,b\tc\n1,2\t3\n", format="tsv")) == {
        "a,b": ["1,2"],
        "c": [3],
    }
    with pytest.raises(TableError, match='there is no format "xml"; choose one of csv, tsv'):
        read_bytes(tmp_path, "a,b\n1,2\n", format="xml")


@pytest.mark.parametrize("option", ["query", "table", "sheet"])
def test_options_of_other_formats_are_refused(tmp_path, option):
    with pytest.raises(TableError, match=f"{option} is for .* what is read is csv: leave it out"):
        read_bytes(tmp_path, "a,b\n1,2\n", **{option: "x"})


@pytest.mark.parametrize("name", ["houses.csv", "houses.csv.gz", "houses.txt", "houses"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 12345678\n",
            r"a pointer of Git LFS to a file of 12,345,678 bytes.*git lfs pull",
        ),
        ("<!DOCTYPE html>\n<title>Sign in</title>", r'a web page or XML document \("Sign in"\)'),
        ("\n<!-- made by -->\n<html><body>a,b</body>", "a web page or XML document, not"),
        ("<?xml version='1.0'?><Error><Message>Access Denied</Message>", r'\("Access Denied"\)'),
        ('{"error": {"code": 404, "message": "no such file"}}', "a server answered.*no such file"),
        ('{\n "message": "Not Found",\n "status": "404"\n}\n', 'answered.*"message": "Not Found"'),
        ("404: Not Found", "a server answered in its place: 404: Not Found; download it again"),
        (" \n\n", "only empty lines.*download it again"),
        ("\ufeff", "only empty lines"),
    ],
)
def test_what_is_often_found_in_a_tables_place(tmp_path, name, text, said):
    content = PACKED[".gz"](text.encode()) if name.endswith(".gz") else text
    with pytest.raises(TableError, match=f"(?s){said}"):
        read_bytes(tmp_path, content, name)


def test_rows_of_json_that_are_named_csv(tmp_path):
    wanted = {"message": ["x", "y"], "n": [1, 2]}
    lines = '{"message": "x", "n": 1}\n{"message": "y", "n": 2}\n'
    assert columns(read_bytes(tmp_path, lines, "rows.csv")) == wanted
    array = f"[{lines.strip().replace(chr(10), ',')}]"
    assert columns(read_bytes(tmp_path, array, "rows.csv")) == wanted
    text = "a,b\n{x},1\n"
    assert columns(read_bytes(tmp_path, text)) == {"a": ["{x}"], "b": [1]}


_ARFF = r"""% Labor: about the work
%
@RELATION 'labor'
@attribute duration real
@ATTRIBUTE 'cost of living' {'none', 'tc f', tcf}
@attribute "union's" numeric % of members
@data
% rows
1, none, 5.5

2,'tc f',?
3,"a, b",	0.25
'4', it\'s ,
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_arff(tmp_path, end):
    read = read_bytes(tmp_path, _ARFF.replace("\n", end), "x.arff")
    assert columns(read) == {
        "duration": [1, 2, 3, 4],
        "cost of living": ["none", "tc f", "a, b", "it\\'s"],
        "union's": [5.5, None, 0.25, None],
    }
    assert read.problems == ()
    read = read_bytes(tmp_path, _ARFF + "5,none\n6,tcf,8\n", "x.arff")
    assert [(one.line, read.n_rows) for one in read.problems] == [(14, 5)]


def test_many_empty_lines_are_soon_no_arff():
    assert not is_arff("\n  " * 200_000 + "a,b\n1,2\n")


def test_arff_with_blanks_between_cells(tmp_path):
    text = "@relation x\n@attribute a real\n@attribute b string\n@data\n5 'x y'\n 7  z\n8 w\n"
    assert columns(read_bytes(tmp_path, text, "x.arff")) == {"a": [5, 7, 8], "b": ["x y", "z", "w"]}
    read = read_bytes(tmp_path, text.replace("x y", "x, y"), "x.arff")
    assert columns(read) == {"a": [5, 7, 8], "b": ["x, y", "z", "w"]}


@pytest.mark.parametrize("names", [["yes", "no"], ["A", "B"], ["1", "2"], ["0.5", "1.0"]])
@pytest.mark.parametrize("n", [1, 2, 30])
def test_arff_names_are_not_guessed(tmp_path, names, n):
    """Nor is a row the header again that holds the names' words."""
    head = "".join(f"@attribute {name}{{{','.join(names)}}}\n" for name in names)
    rows = [names[:: 1 - 2 * (i % 3 == 0)] for i in range(n)]
    text = f"@relation x\n{head}@data\n" + "".join(",".join(row) + "\n" for row in rows)
    read = read_bytes(tmp_path, text, "x.arff")
    assert (read.table.column_names, read.n_rows, read.problems) == (names, n, ())


def test_arff_below_many_comments(tmp_path):
    text = (
        "%\n" * 2_000
        + "@relation x\n@attribute 7 real\n@attribute b real\n@data\n5,1\n7,2\n9\n8,2\n"
    )
    read = read_bytes(tmp_path, text, "x.arff")
    assert columns(read) == {"7": [5, 7, 8], "b": [1, 2, 2]}
    assert [one.line for one in read.problems] == [2_007]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@relation x\n@attribute a real\n1\n2\n", "without @data"),
        ("@relation x\n@attribute a real\n@data\n{0 5}\n{0 7}\n", "sparse"),
        ("@relation x\n@data\n1,2\n3,4\n", "without @attribute"),
        ("@relation x\n@attribute a real\n@data\n", "no rows"),
        (
            "@relation x\n@attribute a real\n@data\n1,{2}\n3,{4}\n5\n",
            "names 1 column, and 2 of its first 3 rows .* mostly 2",
        ),
    ],
)
def test_arff_that_is_not_read(tmp_path, text, said):
    with pytest.raises(TableError, match=said):
        read_bytes(tmp_path, text, "x.arff")
