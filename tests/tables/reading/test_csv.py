"""CSV and TSV: what a user writes is what a user gets."""

import datetime as dt
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.tables.errors import TableError
from layerwise.tables.kinds import describe_columns
from layerwise.tables.reading import read_table
from layerwise.tables.reading.duckdb_process import is_plain
from tests.tables.reading.files import PACKED, columns, read_bytes, types


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    text = "a,b,c\n1,x,2.5\n2,y,3.5\n".replace(",", delimiter)
    read = read_bytes(tmp_path, text)
    assert read.delimiter == delimiter
    assert columns(read) == {"a": [1, 2], "b": ["x", "y"], "c": [2.5, 3.5]}
    assert (read.format, read.encoding, read.n_rows, read.n_bytes) == ("csv", "utf-8", 2, len(text))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("above", ["", "Sales of May\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_header_that_stands_among_the_rows_again(tmp_path, end, above, mark, quoted):
    rows = [f'{i},"a\n{i}"' if quoted else f"{i},x{i}" for i in range(20)]
    header = f"{mark}n,who"
    text = "\n".join([header, *rows[:8], header, header, *rows[8:], header])
    read = read_bytes(tmp_path, (mark + above + text.removeprefix(mark)).replace("\n", end))
    assert columns(read)["n"] == list(range(20))
    first = 10 + bool(above) + 8 * quoted
    told = [(one.line, one.why) for one in read.problems if "above" not in one.why]
    last = first + 14 + 12 * quoted
    assert told == [(line, "it is the header again") for line in (first, first + 1, last)]


def test_rows_that_are_like_a_header_but_for_a_cell_stay(tmp_path):
    rows = "".join(f"{i},x{i}\n" for i in range(20))
    for line in ("n,who else", "nn,who", "n", "what\nn,who"):
        assert read_bytes(tmp_path, f'n,who\n{rows}1,"{line}"\n{rows}').n_rows == 41
    assert read_bytes(tmp_path, "n\n" + "a\nb\nn\n" * 9).n_rows == 27


def test_a_header_within_quotes_is_a_line_of_their_cell(tmp_path):
    rows = "".join(f"{i},x{i}\n" for i in range(20))
    read = read_bytes(tmp_path, f'n,who\n{rows}n,who\n20,"as in\nn,who\n1,me"\nn,who\n21,x\n')
    assert columns(read)["who"][-2:] == ["as in\nn,who\n1,me", "x"]
    assert [one.line for one in read.problems] == [22, 26]
    read = read_bytes(tmp_path, f'n,who\n{rows}20,"Yes" or "no\n21,"a" "b"\nn,who\n22,"No" he\n')
    assert [one.line for one in read.problems] == [24]


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes_of_a_text_that_begins_with_them(tmp_path, delimiter, end):
    texts = ['"No" he said', "plain", '"Ulm"', '5" pipe', '"Yes" or "no', '"a" "b"', "x"]
    lines = [delimiter.join((str(i), text)) for i, text in enumerate(texts)]
    read = read_bytes(tmp_path, end.join([f"n{delimiter}text", *lines, ""]))
    assert columns(read)["text"] == [text if text != '"Ulm"' else "Ulm" for text in texts]
    assert not read.problems


@pytest.mark.parametrize("line", ['7,"a" b, c', '7,"a\nb" c', '7,"two\nlines"', '7,"open'])
def test_quotes_that_leave_a_doubt_stay_what_they_were(tmp_path, line):
    rows = "".join(f"{i},x\n" for i in range(9))
    read = read_bytes(tmp_path, f'n,text\n{rows}8,"no" he said\n{line}\n{rows}')
    assert "closed before the cell ends" in read.problems[0].why


def test_lines_of_a_cell_are_not_torn_where_each_has_as_many_commas(tmp_path):
    rows = '1,"one\ntwo, three"\n2,x\n3,"no" he said\n4,"yes" she said\n'
    read = read_bytes(tmp_path, f"n,text\n{rows}")
    assert columns(read) == {"n": [1, 2], "text": ["one\ntwo, three", "x"]}
    assert [one.line for one in read.problems] == [5, 6]


def test_decimal_commas_do_not_pass_for_delimiters(tmp_path):
    read = read_bytes(tmp_path, "a;b\n1,5;2,5\n3,5;4,5\n")
    assert columns(read) == {"a": ["1,5", "3,5"], "b": ["2,5", "4,5"]}


def test_other_delimiters_when_said(tmp_path):
    read = read_bytes(tmp_path, "a b\n1 2\n", delimiter=" ")
    assert columns(read) == {"a": [1], "b": [2]}
    assert columns(read_bytes(tmp_path, "a\tb\n1\t2\n", delimiter="tab")) == {"a": [1], "b": [2]}


def test_a_wrong_delimiter_is_refused_with_the_right_one(tmp_path):
    with pytest.raises(TableError, match=r"with a comma .* one cell; it seems to be a semicolon"):
        read_bytes(tmp_path, "a;b\n1;2\n3;4\n", delimiter=",")


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_tabs_alone_are_no_table_of_another_delimiter(tmp_path, delimiter):
    with pytest.raises(TableError, match="only empty lines"):
        read_bytes(tmp_path, "\t\n\t\n", delimiter=delimiter)


@pytest.mark.parametrize("delimiter", ["", '"', ":::", ";;", "\n", "é"])
def test_a_delimiter_that_is_none(tmp_path, delimiter):
    with pytest.raises(TableError, match="one character"):
        read_bytes(tmp_path, "a,b\n1,2\n", delimiter=delimiter)


def test_quotes(tmp_path):
    text = 'a,b\n"x, y","said ""no"""\n"two\nlines", 5" pipe\n'
    assert columns(read_bytes(tmp_path, text)) == {
        "a": ["x, y", "two\nlines"],
        "b": ['said "no"', ' 5" pipe'],
    }


def test_quotes_escaped_by_a_backslash(tmp_path):
    text = 'a,b\n"he said \\"no, no\\"",1\n"x",2\n"y, \\"z\\"",3\n'
    assert columns(read_bytes(tmp_path, text)) == {
        "a": ['he said "no, no"', "x", 'y, "z"'],
        "b": [1, 2, 3],
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(tmp_path, end, last):
    text = end.join(["a,b", "1,x", '2,"in\nside"', "3,z"]) + (end if last else "")
    assert columns(read_bytes(tmp_path, text)) == {"a": [1, 2, 3], "b": ["x", "in\nside", "z"]}


def test_mixed_line_ends(tmp_path):
    text = 'a,b\r\n1,x\n2,"in\r\nside"\r\n3\r4,w\n'
    read = read_bytes(tmp_path, text)
    assert columns(read) == {"a": [1, 2, 4], "b": ["x", "in\r\nside", "w"]}
    assert [problem.line for problem in read.problems] == [5]


@pytest.mark.parametrize("name", ["csv.csv", "it's [a] *?.csv", "day=3.csv", "표.csv", "none"])
def test_any_file_name(tmp_path, name):
    assert columns(read_bytes(tmp_path, "a,b\n1,2\n", name)) == {"a": [1], "b": [2]}


def test_one_column(tmp_path):
    read = read_bytes(tmp_path, "a\n1\n\n3\n")
    assert columns(read) == {"a": [1, None, 3]}


def test_one_column_with_a_delimiter_in_one_cell(tmp_path):
    read = read_bytes(tmp_path, "a\nx\ny;z\nw\n")
    assert columns(read) == {"a": ["x", "y;z", "w"]}


def test_empty_lines_are_no_rows_of_several_columns(tmp_path):
    read = read_bytes(tmp_path, "\n\na,b\n1,2\n\n3,4\n\n")
    assert columns(read) == {"a": [1, 3], "b": [2, 4]}
    assert not read.problems


def test_types(tmp_path):
    text = (
        "i,f,b,d,t,s,none,mixed\n"
        "1,1.5,true,2024-01-31,2024-01-31 10:00,x,,5\n"
        "-2,1e3,False,2024-02-01,2024-01-31T10:00:01.5,y,,six\n"
        ",,,,,,,\n"
    )
    read = read_bytes(tmp_path, text)
    assert columns(read) == {
        "i": [1, -2, None],
        "f": [1.5, 1000.0, None],
        "b": [True, False, None],
        "d": [dt.date(2024, 1, 31), dt.date(2024, 2, 1), None],
        "t": [
            dt.datetime(2024, 1, 31, 10),
            dt.datetime(2024, 1, 31, 10, 0, 1, 500_000),
            None,
        ],
        "s": ["x", "y", None],
        "none": [None, None, None],
        "mixed": ["5", "six", None],
    }
    assert types(read)["i"] == "int64"


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["007", "12"], ["007", "12"]),
        (["-01", "5"], ["-01", "5"]),
        (["00.5", "0.5"], ["00.5", "0.5"]),
        (["+82", "5"], ["+82", "5"]),
        (["0", "-5"], [0, -5]),
        (["0.5", ".5", "-0.5", "5."], [0.5, 0.5, -0.5, 5.0]),
        (["1_000", "1"], ["1_000", "1"]),
        (["0x10", "1"], ["0x10", "1"]),
        (["1,5", "2"], ["1,5", "2"]),
        (["1e400", "1"], ["1e400", "1"]),
        (["9223372036854775807"], [9223372036854775807]),
        (["9" * 39, "1"], ["9" * 39, "1"]),
        (["9" * 39, "1.5"], ["9" * 39, "1.5"]),
        (["2024-02-30", "2024-01-01"], ["2024-02-30", "2024-01-01"]),
        ([" 5", "6 "], [5, 6]),
        (["True", "yes"], ["True", "yes"]),
    ],
)
def test_no_value_changes(tmp_path, cells, wanted):
    text = "a;b\n" + "".join(f"{cell};x\n" for cell in cells)
    assert columns(read_bytes(tmp_path, text))["a"] == wanted


@pytest.mark.parametrize("largest", [2**63, 10**37, 10**38 - 1])
def test_whole_numbers_beyond_64_bits_stay_exact(tmp_path, largest):
    read = read_bytes(tmp_path, f"a,b\n1,x\n{largest},y\n{-largest},z\n")
    assert [int(value) for value in columns(read)["a"]] == [1, largest, -largest]


def test_infinite_numbers_stay_infinite(tmp_path):
    read = read_bytes(tmp_path, "a,b\n1,x\ninf,y\n-Infinity,z\n")
    assert columns(read)["a"] == [1.0, float("inf"), float("-inf")]


@pytest.mark.parametrize("word", ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "-", " "])
def test_words_for_missing_in_columns_of_numbers_dates_and_truth_values(tmp_path, word):
    text = f"i,f,b,d\n1,1.5,true,2024-01-31\n{word},{word},{word},{word}\n"
    assert [cells[1] for cells in columns(read_bytes(tmp_path, text)).values()] == [None] * 4


def test_words_for_missing_in_columns_of_text(tmp_path):
    text = "a,b\n" + "".join(f"{word},1\n" for word in ["x", "None", "-", "?", "NA", "null", ""])
    assert columns(read_bytes(tmp_path, text))["a"] == ["x", "None", "-", *[None] * 4]


def _many(cell: str, rows: int, *, of: str = "5") -> str:
    return "n,k\n" + f"{of},x\n" * rows + f"{cell},y\n"


@pytest.mark.parametrize("n", [25_000, pytest.param(120_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("cell", ["late", "007", "", "1.5", str(2**70)])
def test_a_cell_far_down(tmp_path, cell, n):
    """Nothing is decided by a sample: DuckDB's is of 20,480 rows."""
    found = columns(read_bytes(tmp_path, _many(cell, n)))["n"]
    assert len(found) == n + 1
    wanted = {
        "late": ("5", "late"),
        "007": ("5", "007"),
        "": (5, None),
        "1.5": (5.0, 1.5),
        str(2**70): (5, 2**70),
    }
    assert (found[0], found[-1]) == wanted[cell]


def test_text_far_down_gives_the_cells_above_back_as_they_were(tmp_path):
    for above in ("5.50", "-", "2024-01-31", "True"):
        found = columns(read_bytes(tmp_path, _many("late", 25_000, of=above)))["n"]
        assert set(found[:-1]) == {above}
        assert found[-1] == "late"


def test_ragged_lines_are_reported_with_their_numbers(tmp_path):
    text = 'a,b\n1,"two\nlines"\n2\n3,x,y\n4,z\n"5"x,w\n6,v\n'
    read = read_bytes(tmp_path, text)
    assert columns(read)["a"] == [1, 4, 6]
    assert [(problem.line, problem.file) for problem in read.problems] == [
        (line, str(tmp_path / "table.csv")) for line in (4, 5, 7)
    ]
    few, many, quote = (problem.why for problem in read.problems)
    assert "fewer cells than the header: 1, where 2 are wanted" in few
    assert "more cells than the header: 3, where 2 are wanted" in many
    assert "quote" in quote


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize("packing", PACKED)
def test_ragged_lines_of_rewritten_files(tmp_path, encoding, packing):
    text = "이름,값\r\n가나다,1\r\n라마,2,3\r\n바사,4\r\n아자,5\r\n"
    content = PACKED[packing](text.encode(encoding))
    read = read_bytes(tmp_path, content, f"table.csv{packing}")
    assert columns(read) == {"이름": ["가나다", "바사", "아자"], "값": [1, 4, 5]}
    assert [problem.line for problem in read.problems] == [3]


@pytest.mark.parametrize("n", [40_000, pytest.param(400_000, marks=pytest.mark.slow)])
def test_ragged_lines_far_down(tmp_path, n):
    bad = {n // 6, n // 2 + 1, n - 1}
    lines = [f'{i},"x\ny"' if i not in bad else f"{i}" for i in range(n)]
    read = read_bytes(tmp_path, "a,b\n" + "\n".join(lines) + "\n")
    # Every row but the bad ones has two lines.
    wanted = [2 + 2 * i - sum(b < i for b in bad) for i in sorted(bad)]
    assert [problem.line for problem in read.problems] == wanted
    assert columns(read)["a"] == [i for i in range(n) if i not in bad]


def test_mostly_ragged_lines_are_refused(tmp_path):
    with pytest.raises(TableError, match=r"2 cells and 3 of the 3 .* mostly 3; .* row names"):
        read_bytes(tmp_path, "a,b\n1,2,3\n4,5,6\n7,8,9\n")


def test_lines_that_turn_ragged_are_refused(tmp_path):
    text = "a,b\n" + f"{'x' * 100},2\n" * 12_000 + "1;2\n" * 13_000
    with pytest.raises(TableError, match=r"13,000 lines cannot be read.*line 12,002: it has few"):
        read_bytes(tmp_path, text)


def test_lines_above_the_header_are_reported(tmp_path):
    read = read_bytes(tmp_path, "Prices of 2024\n\na,b\n" + "1,2\n" * 20)
    assert columns(read) == {"a": [1] * 20, "b": [2] * 20}
    assert [(one.line, "Prices of 2024" in one.why) for one in read.problems] == [(1, True)]


def test_a_quote_left_open(tmp_path):
    with pytest.raises(TableError, match=r"line 3, a quote opens a cell and is not closed"):
        read_bytes(tmp_path, 'a,b\n1,2\n3,"4\n' + "5,6\n" * 1000)


def test_a_quote_left_open_over_few_lines(tmp_path):
    read = read_bytes(tmp_path, "a,b\n" + "1,2\n" * 50 + '3,"4\n5,6\n')
    assert columns(read)["a"] == [1] * 50
    assert "lines 52 to 53 are not read" in read.problems[0].why


def test_names_are_made_unique(tmp_path):
    read = read_bytes(tmp_path, "a,a,,a_2, b \n1,2,3,4,5\n")
    assert list(columns(read)) == ["a", "a_2_", "column_3", "a_2", "b"]
    assert len(read.notes) == 2
    assert '"a_2_"' in read.notes[0]
    assert '"column_3"' in read.notes[1]


def test_no_header(tmp_path):
    read = read_bytes(tmp_path, "1,x,2.5\n2,y,3.5\n")
    assert columns(read) == {"column_1": [1, 2], "column_2": ["x", "y"], "column_3": [2.5, 3.5]}
    assert "so it is a row" in read.notes[0]


def test_one_row_without_a_header(tmp_path):
    assert columns(read_bytes(tmp_path, "1.5,2.5\n")) == {"column_1": [1.5], "column_2": [2.5]}


@pytest.mark.parametrize("header", ["land,2019,2020,2021", "0,1,2,3", ",a,b,c", "a,b,c,d"])
def test_headers_with_numbers(tmp_path, header):
    read = read_bytes(tmp_path, header + "\n5,2,3,4\n7,6,7,9\n")
    assert list(columns(read)) == [name or "column_1" for name in header.split(",")]
    assert read.n_rows == 2


def test_text_only_has_a_header(tmp_path):
    assert columns(read_bytes(tmp_path, "a,b\nx,y\n")) == {"a": ["x"], "b": ["y"]}


@pytest.mark.parametrize("n", [1_000, pytest.param(5_000, marks=pytest.mark.slow)])
def test_many_columns(tmp_path, n):
    names = [f"f{i}" for i in range(n)]
    rows = (",".join(str(i + j) for i in range(n)) for j in range(30))
    text = "\n".join([",".join(names), *rows])
    read = read_bytes(tmp_path, text)
    assert read.table.column_names == names
    assert read.table.column(n - 1).to_pylist() == list(range(n - 1, n + 29))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n\n \n", "only empty lines"),
        ("a,b\n", "no rows"),
        ("a,b", "no rows"),
        ("a\n", "no rows"),
        ("a,b\n1,x\0\n", r"NUL.* line 2"),
        (b"a,b\n" + bytes(range(256)) * 20, "not a text file|NUL"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG picture"),
        ("<html><table>", "web page"),
    ],
)
def test_what_is_no_table(tmp_path, text, said):
    with pytest.raises(TableError, match=said):
        read_bytes(tmp_path, text)


def test_a_zero_byte_far_down(tmp_path):
    with pytest.raises(TableError, match=r"NUL.* line 400,002"):
        read_bytes(tmp_path, "a,b\n" + "1,2\n" * 400_000 + "3,\0\n")


def test_several_files(tmp_path):
    for number in (10, 2, 1):
        (tmp_path / f"part-{number:02}.csv").write_text(f"a,b\n{number},x{number}\n")
    (tmp_path / "part-99.csv").write_text("a;b\n1.5;late\n")
    read = read_table(tmp_path / "part-*.csv")
    assert columns(read) == {"a": [1, 2, 10, 1.5], "b": ["x1", "x2", "x10", "late"]}
    assert [Path(file).name for file in read.files] == [
        "part-01.csv", "part-02.csv", "part-10.csv", "part-99.csv",
    ]  # fmt: skip
    two = [tmp_path / "part-02.csv", tmp_path / "part-01.csv"]
    assert columns(read_table(two))["a"] == [1, 2]


def test_several_files_of_different_types(tmp_path):
    (tmp_path / "1.csv").write_text("a,b\n1,2.50\n")
    (tmp_path / "2.csv").write_text("a,b\nx,y\n")
    assert columns(read_table(tmp_path / "*.csv")) == {"a": ["1", "x"], "b": ["2.50", "y"]}


def test_several_files_report_their_own_lines(tmp_path):
    (tmp_path / "1.csv").write_text("a,b\n1,2\n3\n4,5\nx,y\n")
    (tmp_path / "2.csv").write_text("a,b\n1,2\n3,4\n5\n")
    problems = read_table(tmp_path / "*.csv").problems
    assert [(Path(one.file).name, one.line) for one in problems] == [
        ("1.csv", 3),
        ("2.csv", 4),
    ]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("a,c\n1,2\n", r'2.csv lacks "b" and has "c", which the other lacks'),
        ("a\n1\n", r'2.csv lacks "b"'),
        ("b,a\n1,2\n", "another order"),
    ],
)
def test_several_files_with_different_columns(tmp_path, other, said):
    (tmp_path / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "2.csv").write_text(other)
    with pytest.raises(TableError, match=said):
        read_table(tmp_path / "*.csv")


def test_repeated_categories_are_stored_once(tmp_path):
    text = "k,n\n" + "".join(f"category {i % 7},{i}\n" for i in range(30_000))
    read = read_bytes(tmp_path, text)
    assert columns(read)["k"][:8] == [f"category {i % 7}" for i in range(8)]
    assert read.table.column("k").nbytes < 5 * read.n_rows


_LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
_CELLS = st.text(_LETTERS | st.sampled_from('\t\n\r",;|가é'), max_size=8)


@settings(max_examples=20)
@given(
    st.lists(st.tuples(_CELLS, st.integers(-(2**70), 2**70)), min_size=1, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_text_when_quoted(tmp_path_factory, rows, delimiter, end):
    """A letter before each cell keeps it text, and from meaning "missing"."""
    folder = tmp_path_factory.mktemp("quoted", numbered=True)
    cells = ["a" + cell for cell, _ in rows]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    lines = [f"text{delimiter}number", *(
        f"{cell}{delimiter}{number}" for cell, (_, number) in zip(quoted, rows, strict=True)
    )]  # fmt: skip
    read = read_bytes(folder, (end.join(lines) + end).encode())
    found = columns(read)
    assert found["text"] == cells
    assert [int(number) for number in found["number"]] == [number for _, number in rows]
    assert not read.problems


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_no_file_is_left_behind(tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    read_bytes(tmp_path, PACKED[".gz"]("a,b\n1,é\n".encode("utf-16")), "x.csv.gz")
    assert not list((tmp_path / "temporary").iterdir())
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["x.csv.gz"]


@pytest.mark.parametrize(
    ("words", "in_numbers", "in_categories"),
    [
        (["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"], (1, 1), (1, 1)),
        (["None", "-"], (1, 1), (0, 0)),
        (["n/a", "none", "unknown", "--", "없음"], (0, 1), (0, 0)),
    ],
    ids=["in the file", "in the file's numbers", "where text is read as numbers"],
)
def test_where_a_word_means_that_a_cell_is_missing(tmp_path, words, in_numbers, in_categories):
    """How many cells the table lacks, and how many its column, in which text is read."""
    for word in words:
        for cells, kind, wanted in (
            (["1.5", "2", "3"], "number", in_numbers),
            (["a", "b", "b"], "category", in_categories),
        ):
            lines = ["x,y", *(f"{cell},1" for cell in [*cells * 9, word])]
            table = read_bytes(tmp_path, "\n".join(lines)).table
            column = describe_columns(table)[0]
            assert column.kind == kind
            assert (table.column("x").null_count, column.n_missing) == wanted, word


_PLACES = ["AF,1", "AS,2", "EU,3", "NA,4", "OC,5", "NA,6", ",7", "null,8"]


def test_na_among_codes_is_named_and_kept_where_asked(tmp_path):
    text = "continent,n\n" + "\n".join(_PLACES) + "\n"
    read = read_bytes(tmp_path, text)
    assert read.table.column("continent").null_count == 4
    assert " ".join(read.notes) == (
        'In column "continent", 2 cells hold NA and are read as missing; beside AF, AS, EU it may '
        "be a code: --keep-na keeps it as text."
    )
    kept = read_bytes(tmp_path, text + "AF,NA\n", keep_na=True)
    wanted = ["AF", "AS", "EU", "NA", "OC", "NA", None, "null", "AF"]
    assert (columns(kept)["continent"], kept.notes) == (wanted, ())
    assert columns(kept)["n"][-1] is None


@pytest.mark.parametrize(
    "texts", [["yes", "no", "maybe"], ["M", "F"], ["Ulm", "Bonn", "Kiel"], ["US", "UK"]]
)
def test_na_among_other_words_is_not_named(tmp_path, texts):
    text = "place,n\n" + "".join(f"{one},1\n" for one in [*texts, "NA"] * 4)
    read = read_bytes(tmp_path, text)
    assert (read.table.column("place").null_count, read.notes) == (4, ())


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        (PureWindowsPath(r"C:\tables\a b.csv"), True),
        (PureWindowsPath(r"\\server\share\a.csv"), True),
        (PureWindowsPath(r"C:\tables\a[1].csv"), False),
        (PurePosixPath("/tables/a.csv"), True),
        (PurePosixPath("s3:a.csv"), False),
    ],
)
def test_a_drive_is_no_address(path, plain):
    assert is_plain(path) == plain
