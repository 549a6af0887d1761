"""Columns with blanks between them, which stand within cells too, or with doubled characters."""

import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading.blank_columns import doubled_delimiter, n_parted_by_blanks
from tests.tables.reading.files import columns, read_bytes, types

ROWS = [(0.25 * i - 3, i * 37 % 101, f"car {i}") for i in range(12)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [None, " "])
def test_aligned_numbers_with_a_name_in_quotes(tmp_path, end, delimiter):
    lines = [f'{x:8.2f}   {n:<5d}\t"{name}"' for x, n, name in ROWS]
    read = read_bytes(tmp_path, end.join(["", *lines, "", lines[0]]), delimiter=delimiter)
    assert list(zip(*columns(read).values(), strict=True)) == [*ROWS, ROWS[0]]
    assert (read.delimiter, read.problems) == (" ", ())


@pytest.mark.parametrize("names", ['"x" "n" "who is"', " x n who "])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_rows_with_names_as_r_writes_them(tmp_path, names, mark):
    lines = [f'"{i}" {x} {n} "{name}, 5\' 9\\""' for i, (x, n, name) in enumerate(ROWS, 1)]
    read = read_bytes(tmp_path, mark + "\n".join([names, *lines, names]))
    found = columns(read)
    assert list(found)[:3] == ["column_1", "x", "n"]
    assert found["column_1"] == list(range(1, 13))
    assert list(found.values())[3] == [f"{name}, 5' 9\"" for _, _, name in ROWS]
    assert read.notes == ('Column 1 has no name; it is called "column_1".',)
    assert [(one.line, one.why) for one in read.problems] == [(14, "it is the header again")]


@pytest.mark.parametrize(
    "make",
    [
        lambda i: f"{i + 1} Jan 2024",
        lambda i: f"{i} {i * 37 % 1000:03} {i * 91 % 1000:03}",  # of thousands
        lambda i: f"{i % 3} h {i} min",
        lambda i: f"Item {i} of 9",
        lambda i: f"{i} Main St",
        lambda i: "word " * (i % 3 + 1),
        lambda i: f"{i} a b, c",
        lambda i: f'{i} {i} "a',
    ],
)
def test_blanks_within_cells_part_nothing(tmp_path, make):
    lines = [make(i) for i in range(15)]
    for text in ("\n".join(["what", *lines]), "\n".join(["what that", *lines])):
        try:
            read = read_bytes(tmp_path, text)
        except ValueError as error:
            assert "between cells" in str(error)  # as before
        else:
            assert read.delimiter != " "


def test_a_quote_that_is_left_open_far_down_stays(tmp_path):
    """The first lines alone are looked at before blanks part the columns."""
    lines = [f'{i} {i} "a {i}"' for i in range(1_100)]
    read = read_bytes(tmp_path, "\n".join(["n m what", *lines, '1 2 "open', "3 4 b", '5 6 "c"d"']))
    assert columns(read)["what"][-3:] == ['"open', "b", '"c"d"']
    assert read.n_rows == 1_103


class TestDoubled:
    def test_movielens_ratings_and_films_are_columns(self, tmp_path):
        ratings = [f"{i % 9 + 1}::{i * 37 % 400}::{i % 5 + 1}::{978300000 + i}" for i in range(50)]
        read = read_bytes(tmp_path, "\n".join(ratings) + "\n")
        assert read.table.num_columns == 4
        assert read.table.num_rows == 50
        assert read.delimiter == "::"
        films = [
            "1::Toy Story (1995)::Animation|Children's|Comedy",
            '2::"Great" Escape, The::Action',
            "3::Star Trek: First\tContact::Sci-Fi|Action",
            "4::Persuasion::",
        ]
        cells = list(columns(read_bytes(tmp_path, "\r\n".join(films))).values())
        assert cells[1] == [
            "Toy Story (1995)", '"Great" Escape, The', "Star Trek: First Contact", "Persuasion",
        ]  # fmt: skip
        assert cells[2][3] is None

    def test_bars_come_in_twos(self, tmp_path):
        lines = ["name||size||day", *(f"n{i}||{i}||2024-01-{i + 1:02d}" for i in range(20))]
        read = read_bytes(tmp_path, "\n".join(lines))
        assert read.table.column_names == ["name", "size", "day"]

    @pytest.mark.parametrize(
        "line", ["fe80::{i}::,fe81::{i}::,{i}", "a||{i}|b||c", "std::vector::push_back({i}), 1;2"]
    )
    def test_what_another_delimiter_parts_stays_so(self, line):
        text = "\n".join(line.format(i=i) for i in range(9))
        assert doubled_delimiter(text) is None

    def test_lines_that_have_not_as_many_are_no_columns(self):
        assert doubled_delimiter("1::2::3\n1::2::3\n1::2\n") is None
        assert doubled_delimiter("a::b\nc::d\ne::f\n") is None

    @pytest.mark.parametrize("line", ["std::chrono::f{i}", "a::b::", "::::"])
    def test_words_are_no_columns(self, line):
        assert doubled_delimiter("".join(f"{line.format(i=i)}\n" for i in range(9))) is None

    @pytest.mark.parametrize("n", [1, 2, 9])
    def test_few_rows_are_read_as_many(self, tmp_path, n):
        rows = "".join(f"{i}::Toy {i}::{i / 4}\n" for i in range(n))
        assert read_bytes(tmp_path, rows).table.num_columns == 3
        read = read_bytes(tmp_path, "u::i::r\n" + rows)
        assert (read.table.column_names, read.n_rows) == (["u", "i", "r"], n)
        read = read_bytes(tmp_path, "a||b||c\n" + rows.replace("::", "||"))
        assert (read.table.column_names, read.n_rows) == (["a", "b", "c"], n)

    def test_two_rows_of_empty_cells_between_bars_are_those(self):
        assert doubled_delimiter("1||2||3\n4||5||6\n") is None

    @pytest.mark.parametrize("one", ["::", "||"])
    @pytest.mark.parametrize("n", [1, 2, 9])
    def test_it_can_be_said(self, tmp_path, one, n):
        text = "".join(f"{row}\n" for row in [f"a{one}b", *[f"x y{one}z, w"] * n])
        read = read_bytes(tmp_path, text, delimiter=one)
        assert columns(read) == {"a": ["x y"] * n, "b": ["z, w"] * n}
        assert read.delimiter == one

    def test_it_is_said_where_it_is_not_so(self, tmp_path):
        with pytest.raises(TableError, match='with "::" between cells the lines of'):
            read_bytes(tmp_path, "a::b\n1::2::3\n1\n1::2::3\n", delimiter="::")
        with pytest.raises(TableError, match='"::" does not stand'):
            read_bytes(tmp_path, "a;b\n1;2\n3;4\n", delimiter="::")
        with pytest.raises(TableError, match="carriage returns alone"):
            read_bytes(tmp_path, "a::b\r1::2\r3::4\r", delimiter="::")
        with pytest.raises(TableError, match="no rows"):
            read_bytes(tmp_path, "a::b\n", delimiter="::")


class TestTwo:
    @pytest.mark.parametrize("names", ["eruptions waiting", 'eruptions "waiting"', '"a" "b"'])
    def test_columns_of_numbers_below_two_names(self, tmp_path, names):
        lines = [f"{1.5 + i / 9:.3f}   {50 + i}" for i in range(20)]
        read = read_bytes(tmp_path, "\n".join([names, *lines]))
        assert list(columns(read)) == names.replace('"', "").split()
        assert read.delimiter == " "

    def test_rows_that_r_names_beside_one_column(self, tmp_path):
        read = read_bytes(tmp_path, '"size"\n' + "".join(f'"{i}" {i * 7 % 5}\n' for i in range(9)))
        assert list(columns(read)) == ["column_1", "size"]

    @pytest.mark.parametrize(
        ("names", "make"),
        [
            ("total population", lambda i: f"{i + 1} {i * 37 % 1000:03}"),  # of thousands
            ("opening time", lambda i: f"{i % 9 + 1} am"),
            ("position", lambda i: f"{i}.5 -{i}.25"),
            ("1.5 2.5", lambda i: f"{i}.5 -{i}.25"),  # without names
            ("first name", lambda i: f"Anna {i}"),
            ("what", lambda i: f"{i} {i}"),
        ],
    )
    def test_what_stays_one(self, names, make):
        assert n_parted_by_blanks("\n".join([names, *map(make, range(20))])) == 0


def test_numbers_with_marks_between_thousands_are_cells(tmp_path):
    lines = [f"{1947 + i}  {100 + i},827     {i + 50}.3 " for i in range(20)]
    read = read_bytes(tmp_path, "\r\n".join(["year adult.pop rate  ", *lines]))
    assert columns(read)["adult.pop"][:2] == ["100,827", "101,827"]
    assert n_parted_by_blanks("\n".join(["a b c", *(f"{i}, {i}, x" for i in range(20))])) == 0


def test_tabs_beside_blanks_part_where_tabs_alone_do_not(tmp_path):
    names = ["Ulm", "New Town", "Jena"]
    lines = [f'{i} \t"{names[i % 3]}" \t.9{i} {i % 4}' for i in range(20)]
    assert list(columns(read_bytes(tmp_path, "\n".join(["rank state hdi dist", *lines])))) == [
        "rank", "state", "hdi", "dist",
    ]  # fmt: skip
    title = ["My three words", *(f"{i}\t{i * 7 % 5}\t{i / 9:.2f}" for i in range(20))]
    assert n_parted_by_blanks("\n".join(title)) == 0


@pytest.mark.parametrize("mark", ["# ", "#", "% "])
def test_names_in_a_comment_above_the_rows(tmp_path, mark):
    lines = [f"{i / 2}  {20 + i / 7:.2f}   {1013 - i}" for i in range(20)]
    text = "\n".join([f"{mark}made on Monday by a station", f"{mark}time temp hPa", *lines])
    read = read_bytes(tmp_path, text)
    assert list(columns(read)) == ["time", "temp", "hPa"]
    assert [problem.line for problem in read.problems] == [1]


@pytest.mark.parametrize(
    ("header", "row"),
    [("# name score", "{i} ann {i}.5"), ("%  age pct", "{i} 4{i} 0.{i}"),
     ("%CPU %MEM PID", "0.{i} 1.{i} {i}")],
)  # fmt: skip
def test_a_header_that_begins_with_a_mark(tmp_path, header, row):
    text = "\n".join([header, *(row.format(i=i) for i in range(9))])
    read = read_bytes(tmp_path, text)
    assert (read.table.column_names, read.n_rows) == (header.split(), 9)
    assert read.problems == ()


def test_numbers_in_a_comment_are_no_cells_with_its_mark(tmp_path):
    text = "\n".join(["#1 2 3", *(f"{i} {2 * i} {i / 2}" for i in range(9))])
    assert list(types(read_bytes(tmp_path, text)).values()) == ["int64", "int64", "double"]


@pytest.mark.parametrize("header", ["", "colour size ratio\n"])
def test_rows_that_all_begin_with_a_mark(tmp_path, header):
    text = header + "".join(f"#0a{i} {i} {i}.5\n" for i in range(9))
    read = read_bytes(tmp_path, text)
    first, *others = columns(read).values()
    assert first == [f"#0a{i}" for i in range(9)]
    assert others == [list(range(9)), [i + 0.5 for i in range(9)]]


@pytest.mark.parametrize(
    ("title", "between"),
    [("# Max Planck", ";"), ("# Data from NASA", "\t"), ("#include stdio", ";"),
     ("# measured by Smith", " "), ("# measured by Smith", "\t")],
)  # fmt: skip
def test_a_title_gives_no_names(tmp_path, title, between):
    n = max(2, len(title.split()) - 1)
    rows = [between.join(f"{37 * i % 50 + 5 * k}.5" for k in range(n)) for i in range(9)]
    read = read_bytes(tmp_path, "\n".join([title, *rows]))
    assert read.table.column_names == [f"column_{k + 1}" for k in range(n)]
    assert read.n_rows == 9
