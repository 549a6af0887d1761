"""What is written is read back the same."""

import io

import pyarrow as pa
import pytest
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
    if kind == ".jsonl":
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
    "kind", [".csv", pytest.param(".tsv", marks=pytest.mark.slow), ".parquet", ".arrow", ".jsonl"]
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
    with pytest.raises(TableError, match=r'not written as "xlsx"; choose one of csv'):
        write_table(pa.table({"a": [1]}), tmp_path / "table.xlsx", format="xlsx")


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
