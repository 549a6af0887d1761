"""What is read or told in a shorter way is what the longer way gives."""

import csv
import io
import multiprocessing

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from layerwise.tables.errors import TableError
from layerwise.tables.parsing import Cells, find_cells, find_number_reading, numbers, typed
from layerwise.tables.parsing.missing import FILE_WORDS, without_file_words
from layerwise.tables.parsing.typed import TypedColumn
from layerwise.tables.reading import (
    cell_grids,
    columns_below,
    delimited_file,
    dialect,
    duckdb_rows,
    header,
    plain_files,
    read_table,
    record_splits,
    totals,
)
from layerwise.tables.reading.dialect import find_dialect
from layerwise.tables.reading.header import find_head
from tests.helpers.forks import needs_fork

_WRITTEN = st.sampled_from(
    [*("a", "12", "-1.5", "é", "NA", "", '""', '"x"', '"x,y"', '"a ""b"""', '"two\nlines"', '""""')]
)
_ODD = st.sampled_from(['"', ' "q"', 'it"s', '"a"b', '\\"', "\ufeff", "#", " ", '"a\r\nb"'])
_NUMBERS = [
    *("0", "7", "-12", "1.5", "-.5", "5.", "00", "-0", "007", "1.2.3", "12345678901234567890"),
    *(
        "1e5",
        "-1.5e-07",
        "1E+5",
        "0e5",
        "00e5",
        "1e",
        "e5",
        "+5",
        "1e5-",
        "1e999",
        "98117-2715",
        "1e-400",
    ),
]
_DATES = ["2024-01-05", "2024-02-31", "2024-01-05 10:20:30", "2024-01-05T10:20:30", "2024-1-5"]
_WORDS = ["NA", "-", "None", " NA ", "", " ", "n/a", "inf", "nan"]
_TEXTS = ["1,234.5", "1.234,5", "12,5 kg", "1 234", "1'234", "7", "0.5", "$ 5", "(3)", "x", "12%"]


def outcome(path):
    try:
        read = read_table(path)
    except TableError as error:
        return str(error)
    kinds = [str(field.type) for field in read.table.schema]
    return read.table.to_pydict(), kinds, read.problems, read.notes


@settings(max_examples=15)
@given(
    st.lists(st.lists(_WRITTEN, min_size=3, max_size=3), min_size=1, max_size=9),
    st.lists(_ODD, max_size=1),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\n", "\n\n", "1,2\n", "Total,12,3\n", "  \n"]),
)
def test_a_file_is_what_the_careful_reader_makes_of_it(tmp_path_factory, rows, odd, end, last):
    path = tmp_path_factory.mktemp("file", numbered=True) / "table.csv"
    rows[-1][-1:] = odd or rows[-1][-1:]
    lines = [",".join(row) for row in [["one", "two", "three"], *rows]]
    path.write_bytes((end.join([*lines, ""]) + last.replace("\n", end)).encode())
    shorter = outcome(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_grids, "_SHORT", 0)
        assert outcome(path) == shorter
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited_file, "guess_dialect", lambda *_: None)
        assert outcome(path) == shorter
        patch.setattr(delimited_file, "split_plain", lambda *_: None)
        assert outcome(path) == shorter


def test_a_plain_file_needs_no_careful_reader(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_text('name,says\nAnna,"yes, ""all"""\nBo,"two\nlines"\n')
    monkeypatch.setattr(duckdb_rows, "connect", None)
    assert read_table(path).table.to_pydict() == {
        "name": ["Anna", "Bo"],
        "says": ['yes, "all"', "two\nlines"],
    }


_LINES = st.lists(
    st.lists(
        st.sampled_from(
            ["a", "", "12", " x ", "é", '"b"', '"b,c"', '"x ""y"""', '""', '""""', '"two\nlines"']
        ),
        min_size=2,
        max_size=3,
    ),
    min_size=1,
    max_size=8,
)
_ENDS = st.sampled_from([("\n", ""), ("\n", "\n"), ("\r\n", ""), ("\r\n", "\r\n"), ("\n", "\n\n")])


@settings(max_examples=150)
@given(
    _LINES,
    st.sampled_from([[], ['a"b', "c"], ['"', "c"], ["a"], ["a\nb", "c", "d"]]),
    _ENDS,
    st.sampled_from([0, 1 << 16]),
)
@example([["x", "y"]], ["a\nb", "c", "d"], ("\n", ""), 1 << 16)
def test_cells_are_what_csv_makes_of_them(rows, odd, ends, short):
    text = ends[0].join(",".join(row) for row in [*rows, odd] if row) + ends[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_grids, "_SHORT", short)
        cells = cell_grids.split_cells(text.encode(), ",", len(rows[0]))
    if cells is not None:
        wanted = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
        assert cell_grids.first_records(cells, 99) == wanted
        assert [column.null_count for column in cells.columns] == [
            list(column).count("") for column in zip(*wanted, strict=True)
        ]


@settings(max_examples=200)
@given(
    _LINES,
    st.sampled_from(["x,y", "x,y,z", '"x","y"', "x;y,z", "x|y", "x", ",", "\ufeffx,y", "2024,"]),
    st.sampled_from(["", "a;b", "1,2", 'a\\"b,c', '"a\\",c', "x,y", '"two\nlines",y']),
    _ENDS,
    st.sampled_from([None, ",", ";", "::"]),
    st.sampled_from([0, 1 << 16]),
    st.sampled_from(",;\t"),
)
def test_a_dialect_is_guessed_as_it_is_found(rows, first, second, ends, given, short, between):
    lines = [first, *filter(None, [second]), *map(",".join, rows)]
    data = (ends[0].join(lines) + ends[1]).replace(",", between).encode()
    compare_guess(data, given, short)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\na;b\n1;2\n",
        'a;b\n1;"2 \\"3"\n',
        'a\\";b\n1;2\n',
        'Report 2024,\n"first\nname",size\nAnna,5\nBo,7\nCid,9\n',
        'name,size\n"of\nall",kg\nAnna,5\nBo,7\nCid,9\n',
        'x,"a\\"\n"d",e\n' * 3,
        "a,b\n\n1,2\n3,4\n5,6\n",
        "\ufeff\ufeffx,y\n1,2\n3,4\n",
        'Report 2024,\n"first\rname",size\nAnna,5\nBo,7\nCid,9\n',
        "a,b\n1,2\n3," + "x" * 140_000 + "\n" + "5,6\n" * 9,
    ],
    ids=range(10),
)
@pytest.mark.parametrize("short", [0, 1 << 16])
def test_a_file_of_which_more_than_the_first_line_tells_the_dialect(text, short):
    compare_guess(text.encode(), None, short)


@pytest.mark.parametrize(
    ("text", "delimiter", "names"),
    [
        ("x y\tz\n1 2\t3\n4 5\t6\n7 8\t9\n", None, ["x", "y", "z"]),
        ('x "y\t z" w\n1 2 3\n4 5 6\n7 8 9\n', " ", ["x", "y  z", "w"]),
    ],
)
def test_blanks_may_part_columns_better_than_one_sign(tmp_path, text, delimiter, names):
    path = tmp_path / "table.tsv"
    path.write_text(text)
    assert read_table(path, delimiter=delimiter).table.column_names == names


def compare_guess(data, given, short):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_grids, "_SHORT", short)
        guess = dialect.guess_dialect(data, given)
    if guess is not None:
        assert guess[0] == find_dialect(data.decode("utf-8-sig"), "table.csv", given)
        assert guess[1].equals(plain_files.split_plain(data, guess[0]))


def test_a_header_among_the_rows_makes_no_column_text(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,\n2,\na,b\n" + "".join(f"{i},{i}\n" for i in range(20)))
    assert [str(one.type) for one in read_table(path).table.schema] == ["int64", "int64"]


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from([*_NUMBERS[:6], *_DATES[:2], "x", "true", *_WORDS]), min_size=1),
    st.lists(st.sampled_from([*_NUMBERS[:6], "x", "NA"]), max_size=4),
)
def test_a_column_that_is_text_by_its_first_cells(first, others):
    cells = pa.array([cell or None for cell in [*first, *others]], pa.string())
    shorter, longer = TypedColumn(as_text=typed.is_text(first)), TypedColumn()
    shorter.add(cells)
    longer.add(cells)
    assert (shorter.finish(), shorter.words) == (longer.finish(), longer.words)


@pytest.mark.parametrize(
    "rows",
    [
        "1\n",
        '1,2 "x"\n',
        '1,"2" \n',
        '"1,2\n',
        '"1"2,3\n',
        "1,2\n   \n",
        "\xef\xbb\xbf1,2\n",
    ],
)
def test_a_file_that_is_not_plain(rows):
    dialect_of = find_dialect("a,b\n1,2\n", "table.csv")
    assert plain_files.split_plain(b"a,b\n" + rows.encode("latin-1"), dialect_of) is None


def test_a_file_with_bytes_that_are_no_text_is_left_to_the_careful_reader(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n" + "é,ü\n".encode() * 40 + b"1,\xff\n")
    monkeypatch.setattr(delimited_file, "guess_dialect", None)
    monkeypatch.setattr(delimited_file, "split_plain", None)
    read = read_table(path)
    assert (read.n_rows, [problem.line for problem in read.problems]) == (40, [42])


def test_an_empty_cell_alone_in_its_line_is_said_to_be_no_row(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('a,b\n""\n1,2\n')
    read = read_table(path)
    assert (read.n_rows, [problem.line for problem in read.problems]) == (1, [2])


def test_a_line_too_long_is_left_to_the_careful_reader(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n3," + "x" * (delimited_file.LONGEST_LINE + 1) + "\n4,5\n")
    read = read_table(path)
    assert read.table.to_pydict() == {"a": [1, 4], "b": [2, 5]}
    assert [problem.line for problem in read.problems] == [3]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_cell_longer_than_csv_takes_is_read(tmp_path, end):
    path = tmp_path / "table.csv"
    cell = ("x" * 100_000 + end) * 2
    path.write_text("a,b\n" + "1,2\n" * 3 + f'5,"{cell}"\n' + "6,7\n" * 2_000)
    assert read_table(path).table.column("b")[3].as_py() == cell


@needs_fork
def test_a_plain_file_is_read_before_a_fork_and_behind_it(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,x\n" * 2_000)
    assert read_table(path).n_rows == 2_000
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(n_rows_of, [path] * 4) == [2_000] * 4


def n_rows_of(path):
    return read_table(path).n_rows


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from([_NUMBERS, _DATES, _NUMBERS[:5]]).flatmap(
        lambda cells: st.lists(st.sampled_from([*cells, *_WORDS[:3], None]), max_size=6)
    ), min_size=1, max_size=3),
    st.lists(st.sampled_from(_WORDS), max_size=2),
)  # fmt: skip
def test_a_column_is_what_expressions_make_of_it(parts, words):
    shorter, longer = TypedColumn(), TypedColumn()
    parts[-1] += words
    for part in parts:
        shorter.add(pa.array(part, pa.string()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typed, "plain_kind", lambda _: None)
        patch.setattr(typed, "denied_kinds", lambda _: frozenset())
        for part in parts:
            longer.add(pa.array(part, pa.string()))
    assert shorter.is_lost == longer.is_lost
    if not shorter.is_lost:
        assert (shorter.finish(), shorter.words) == (longer.finish(), longer.words)


@pytest.mark.parametrize("n", [1, 3_000])
@pytest.mark.parametrize("keep_words", [False, True])
def test_words_for_a_missing_cell(n, keep_words):
    others = ["na", "N A", "NAN", "\xa0NA", "-", "None", "\x0bNA", "nullnull"]
    words = [f"{before}{word}{behind}" for word in FILE_WORDS for before, behind in
             (("", ""), (" ", ""), ("\t", "  "))]  # fmt: skip
    cells = [*words, *others, None] * n
    found = without_file_words(pa.array(cells), keep_words=keep_words).to_pylist()
    gone = [cell for cell in words if not keep_words or not cell.strip()]
    assert found == [None if cell in gone else cell for cell in cells]


@settings(max_examples=30)
@given(st.lists(st.sampled_from(_TEXTS), min_size=1, max_size=6, unique=True))
def test_marks_that_do_not_occur_read_nothing_more(texts):
    cells = find_cells(pa.array(texts))
    shorter = find_number_reading(cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "_marks_in", lambda _: list(numbers._MARKS))
        assert find_number_reading(Cells(cells.texts, cells.codes)) == shorter


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.sampled_from(["", "kg", "a", "b", "x1", "7", "8.5", "Response", "NA", "two words"]),
            min_size=3,
            max_size=3,
        ),
        min_size=2,
        max_size=8,
    )
)
def test_a_second_line_of_names(records):
    records = [["length", "", "kind"], *records]
    shorter = find_head(records, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "_most_as_second", lambda *_: 1e9)
        assert find_head(records, 3) == shorter


_WORDS_OF_ROWS = st.sampled_from([a + b for a in "bcdfghklmnp" for b in ("al", "er", "on", "ut")])
_CELLS_OF_ROWS = [
    _WORDS_OF_ROWS,
    st.integers(10, 99).map(str),
    st.integers(10, 99).map(lambda number: f"{number / 8}"),
    st.sampled_from(["x1", "", "NA", " 8", "--", "$5", "x\ny", "5\n", "unknown", "é", "1/2"]),
]


@settings(max_examples=300)
@given(st.data(), st.lists(st.sampled_from(_CELLS_OF_ROWS[:3]), min_size=3, max_size=3))
def test_a_first_line_is_of_names_or_a_row(data, columns):
    odd = data.draw(st.booleans())
    rows = [[data.draw(cells) for cells in columns] for _ in range(data.draw(st.integers(4, 12)))]
    first = [data.draw(st.one_of(cells, _WORDS_OF_ROWS)) for cells in columns]
    if odd:
        rows[1] = [data.draw(_CELLS_OF_ROWS[3]) for _ in columns]
    shorter = find_head([first, *rows], 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "_lowest", lambda *_: -1.0)
        patch.setattr(columns_below.ColumnBelow, "are_figures", False)
        patch.setattr(columns_below, "_are_words", lambda _: False)
        assert find_head([first, *rows], 3) == shorter


_FIGURES = st.sampled_from(["7.25", "-3", "12", "1/2", "5%", "", "8", "-", "12.5", "kg", "120"])
_SOME_WORDS = st.sampled_from(["kg", "Ulm", "ÖBB", "K", "two words", "", "NA", "a_b", "서울", "x"])


@settings(max_examples=150)
@given(
    st.lists(_FIGURES, max_size=14)
    | st.lists(st.sampled_from(["12", "7.25", "1/2", ""]), max_size=14)
    | st.lists(_SOME_WORDS, max_size=14),
    st.sampled_from(["8.5", "kg", "-12", "2024", "", "1/7", "UM", "a b", "_", "1e9"]),
)
def test_a_column_of_figures_or_words_below_the_header(cells, cell):
    shorter = columns_below.ColumnBelow(cells)
    kinds, strangeness = shorter.kinds, shorter.strangeness(cell)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns_below.ColumnBelow, "are_figures", False)
        patch.setattr(columns_below.ColumnBelow, "are_words", False)
        longer = columns_below.ColumnBelow(cells)
        assert (longer.kinds, longer.strangeness(cell)) == (kinds, strangeness)


@settings(max_examples=150)
@given(
    st.lists(
        st.lists(
            st.sampled_from(["", "5%", "20 %", "25%", "30%", "0%", "7"]), min_size=2, max_size=2
        ),
        min_size=4,
        max_size=9,
    )
)
def test_a_share_below_a_larger_one_is_no_total(rows):
    columns = [
        pa.array([one or None for one in column], pa.string()) for column in zip(*rows, strict=True)
    ]
    shorter = totals.find_outsiders(columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(totals, "_is_lower_share", lambda *_: False)
        assert totals.find_outsiders(columns) == shorter


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(["a,b", "a;b", "a", "a,b;c", '"a;b",c', '"a', "a;b;c", " ", ""]),
             min_size=1, max_size=12)
)  # fmt: skip
def test_a_delimiter_is_given_up_only_where_another_wins(lines):
    text = "\n".join(["first;second,third", *lines])

    def found():
        try:
            return find_dialect(text, "table.csv")
        except TableError as error:
            return str(error)

    shorter = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            dialect, "find_splits", lambda text, one, *_: record_splits.find_splits(text, one)
        )
        assert found() == shorter
