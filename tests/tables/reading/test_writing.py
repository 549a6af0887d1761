"""What is written is read back the same."""

import datetime as dt
import io
import json

import openpyxl
import pyarrow as pa
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table, write_table

_LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
_TEXT = st.text(_LETTERS | st.sampled_from('\n\r\t",;|가é'), max_size=6)
# A column of text as CSV has it: no cell that means "missing", and none that is a number.
_TEXT_CELLS = _TEXT.map("t".__add__)
_COLUMNS = {
    "integer": (st.integers(-(2**63), 2**63 - 1), pa.int64()),
    "number": (st.floats(allow_nan=False), pa.float64()),
    "truth": (st.booleans(), pa.bool_()),
    "day": (st.dates(), pa.date32()),
    "time": (st.datetimes(), pa.timestamp("us")),
    "text": (_TEXT_CELLS, pa.string()),
    "category": (st.sampled_from(["가", "tb", "None", "-"]), pa.string()),
}


@st.composite
def _tables(draw):
    n_rows = draw(st.integers(1, 8))
    arrays = {}
    for name in draw(st.lists(st.sampled_from(sorted(_COLUMNS)), min_size=1, unique=True)):
        values, dtype = _COLUMNS[name]
        cells = draw(st.lists(st.none() | values, min_size=n_rows, max_size=n_rows))
        arrays[name] = pa.array(cells, dtype)
    # One text cell in the first row tells a header from a row of numbers.
    arrays["always"] = pa.array(["t"] * n_rows)
    return pa.table(arrays)


def _plain(table, kind):
    """Values as the format can tell them apart: CSV has 1 and 1.0 alike, JSON no dates."""
    found = table.to_pydict()
    if kind in (".json", ".jsonl"):
        found = {
            name: [None if cell is None else str(cell) for cell in cells]
            if name in ("day", "time") else cells
            for name, cells in found.items()
        }  # fmt: skip
    # A column of None and - only is one of missing cells.
    if kind in (".csv", ".tsv") and not {"가", "tb"} & set(found.get("category", ["가"])):
        found["category"] = [None] * table.num_rows
    return found


@pytest.mark.parametrize(
    "kind",
    [
        ".csv",
        pytest.param(".tsv", marks=pytest.mark.slow),
        ".parquet",
        ".arrow",
        ".jsonl",
        pytest.param(".json", marks=pytest.mark.slow),
    ],
)
@settings(max_examples=45)
@given(packing=st.sampled_from(["", ".gz", ".zst"]), table=_tables())
def test_there_and_back(tmp_path_factory, kind, packing, table):
    path = tmp_path_factory.mktemp("written", numbered=True) / f"table{kind}{packing}"
    write_table(table, path)
    read = read_table(path)
    assert _plain(read.table, kind) == _plain(table, kind)
    assert not read.problems


@settings(max_examples=30)
@given(st.lists(st.none() | _TEXT_CELLS, min_size=1, max_size=8).filter(any))
def test_one_column_there_and_back(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("written", numbered=True) / "table.csv"
    write_table(pa.table({"a": pa.array(cells, pa.string())}), path)
    assert read_table(path).table.to_pydict() == {"a": cells}


def test_names_are_quoted_where_needed():
    stream = io.BytesIO()
    write_table(pa.table({'a,"b"': [1], "c": ["x"]}), stream)
    assert stream.getvalue() == b'"a,""b""",c\n1,x\n'


def test_categories_are_written_as_text():
    stream = io.BytesIO()
    table = pa.table({"k": pa.array(["x", None, "x"]).dictionary_encode(), "n": [1, 2, 3]})
    write_table(table, stream, format="tsv")
    assert stream.getvalue() == b"k\tn\nx\t1\n\t2\nx\t3\n"


def test_the_format_is_needed(tmp_path):
    with pytest.raises(TableError, match="does not tell in which format"):
        write_table(pa.table({"a": [1]}), tmp_path / "table")
    with pytest.raises(TableError, match=r'not written as "xls"; choose one of csv'):
        write_table(pa.table({"a": [1]}), tmp_path / "table.xls", format="xls")


_CELLS = [
    "=1+1",
    "+1",
    "-1",
    "@a",
    " x ",
    "",
    "a\x00\x1b\r\n\tb",
    "_x0041_ <b>&",
    "007",
    "1e5",
    None,
]


def test_text_is_text_in_a_workbook(tmp_path):
    path = tmp_path / "t.xlsx"
    write_table(pa.table({"=name": _CELLS}), path)
    sheet = openpyxl.load_workbook(path).active
    assert {cell.data_type for (cell,) in sheet.iter_rows(max_row=len(_CELLS))} == {"s"}
    book = python_calamine.load_workbook(str(path)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in book] == ["=name", *_CELLS[:-1]]


def test_a_workbook_holds_what_it_can_and_the_rest_as_text(tmp_path):
    day, moment = dt.date(2024, 3, 5), dt.datetime(2024, 3, 5, 18, 30, 1)
    columns = {
        "number": [1.5, 1e300, -0.25],
        "whole": [1, -(10**15) + 1, 2**60],
        "truth": [True, False, None],
        "day": [day, dt.date(1850, 1, 1), None],
        "moment": [moment, moment.replace(microsecond=5), None],
        "none": [float("nan"), float("inf"), None],
    }
    write_table(pa.table(columns), tmp_path / "a.xlsx")
    write_table(pa.table(columns), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    _, *rows = openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(values_only=True)
    found = dict(zip(columns, zip(*rows, strict=True), strict=True))
    assert list(found["number"]) == columns["number"]
    assert found["whole"] == (1, -(10**15) + 1, str(2**60))
    assert found["truth"] == (True, False, None)
    assert found["day"] == (dt.datetime(2024, 3, 5), "1850-01-01", None)
    assert found["moment"] == (moment, "2024-03-05 18:30:01.000005", None)
    assert found["none"] == (None, "inf", None)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table({"a": ["x" * 32_768]}), "row 2, column 1 would have 32,768"),
        (pa.table({"a": pa.nulls(1_048_576)}), "1,048,576 rows"),
    ],
)
def test_what_no_sheet_holds_is_refused(tmp_path, table, said):
    with pytest.raises(TableError, match=said):
        write_table(table, tmp_path / "t.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_json_is_strict_and_holds_the_text_itself(kind):
    text, stream = "a\x1b\x85\u202e\ufffe é", io.BytesIO()
    write_table(pa.table({text: [text, None], "x": [float("nan"), 2.0]}), stream, format=kind)
    written = stream.getvalue().decode()
    assert not {"\x1b", "\x85", "\u202e", "\ufffe"} & set(written)
    lines = written.splitlines() if kind == "jsonl" else []
    rows = [json.loads(line) for line in lines] or json.loads(written)
    assert rows == [{text: text, "x": None}, {text: None, "x": 2.0}]


@pytest.mark.parametrize(("kind", "text"), [("json", "[]\n"), ("jsonl", ""), ("csv", "a\n")])
def test_no_rows_are_written(kind, text):
    stream = io.BytesIO()
    write_table(pa.table({"a": pa.nulls(0)}), stream, format=kind)
    assert stream.getvalue().decode() == text


def test_where_nothing_can_be_written(tmp_path):
    with pytest.raises(TableError, match="is a folder"):
        write_table(pa.table({"a": [1]}), tmp_path, format="csv")
    with pytest.raises(TableError, match=r"there is no folder .*no; make it first"):
        write_table(pa.table({"a": [1]}), tmp_path / "no" / "table.csv")


@pytest.mark.parametrize("name", ["t.csv", "t.csv.zst", "t.parquet", "t.jsonl.gz"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, name):
    path = tmp_path / name
    write_table(pa.table({"a": [1]}), path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TableError, match=r"cannot write .*: No space left"):
        write_table(pa.table({"a": [2]}), path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_the_same_table_makes_the_same_compressed_file(tmp_path):
    table = pa.table({"x": [1, 2, 3]})
    for name in ("a.csv.gz", "b.csv.gz"):
        write_table(table, tmp_path / name)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
