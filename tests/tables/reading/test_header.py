"""Where a table's rows begin: titles, names, a second line of names."""

import io

import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading.header import find_head
from tests.tables.reading.files import columns, read_bytes

_STATES = ["Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Ohio", "Utah"]


def _rows(make, n=8) -> str:
    return "".join(make(i, _STATES[i]) + "\n" for i in range(n))


@pytest.mark.parametrize(
    ("header", "make"),
    [
        ("state,2022", lambda i, name: f"{name},{-3.5 - i / 8}"),
        ("county,2010,2020", lambda i, name: f"{name},{54571 + 907 * i},{58805 + 611 * i}"),
        ("country,2000,2005,2010", lambda i, name: f"{name},{i},{i + 1},{7 * i}"),
        ("product,quality,1", lambda i, name: f"{name},{'good' if i % 2 else 'bad'},{2 + i % 4}"),
        ("district,2018", lambda i, name: f"{name[:2].upper()}-{i},R+{i}.5"),
        ("State,2024", lambda i, name: f"{name},{1900 + 40 * i}"),
        ("Name,1/22/20,1/23/20,1/24/20", lambda i, name: f"{name},{i},{2 * i},{3 * i}"),
        ("지역,2023,2024", lambda i, name: f"서울 {i}동,{10 * i},{12 * i}"),
        ("land,2019,2020,2021", lambda i, name: f"{i},{i + 1},{i + 2},{i + 3}"),
        ("2019,2020,2021", lambda i, name: f"{i + 0.5},{i + 1.5},{i + 2.5}"),
        ("answer,remark", lambda i, name: f"{'yes' if i % 2 else 'no'},seen in {name}"),
    ],
)
@pytest.mark.parametrize("n", [3, 8])
def test_names_that_are_numbers(tmp_path, header, make, n):
    read = read_bytes(tmp_path, f"{header}\n{_rows(make, n)}")
    assert read.table.column_names == header.split(",")
    assert (read.n_rows, read.notes) == (n, ())


@pytest.mark.parametrize(
    "make",
    [
        lambda i, name: f"{i},x{i},{2.5 + i}",
        lambda i, name: f"5.{i},3.5,1.4,0.{i % 3},{'setosa' if i % 2 else 'virginica'}",
        lambda i, name: f"{39 + i},{name},{7516 + 13 * i},{'F' if i % 3 else 'M'},<=50K",
        lambda i, name: f"2024-01-{11 + i},{i}.25",
        lambda i, name: f"{'pe'[i % 2]},{'xfk'[i % 3]},s,{'yn'[i % 2]}",
        lambda i, name: f"{0.1 / (i + 1):.12f},{0.9 - i / 50:.12f}",
    ],
)
def test_a_first_line_that_is_a_row(tmp_path, make):
    read = read_bytes(tmp_path, _rows(make))
    assert read.n_rows == 8
    assert read.table.column_names[0] == "column_1"
    assert "The first line holds values as the lines below it do" in read.notes[0]


_TITLES = ["2023 Sales Report,,,", "Exported 2024-01-05,,,", ",,,"]
_TABLE = "shop,2022,2023,change\n" + _rows(lambda i, name: f"{name},{5 * i},{7 * i},{i / 8}")


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        (_TITLES, {1: "2023 Sales Report", 2: "Exported 2024-01-05"}),
        (["Sales of shops, in units"], {1: "Sales of shops, in units"}),
        (['"Sales of shops, in units",,,'], {1: '"Sales of shops, in units"'}),
        (['"Sales', 'of shops",,,', "", "by,shop"], {1: '"Sales', 4: "by,shop"}),
        (["Exported,2024-01-05,,", "", "Unit,pieces,,"],
         {1: "Exported,2024-01-05", 3: "Unit,pieces"}),
        (["Sales", "", ""], {1: "Sales"}),
        (["Sales, by shop, 2023, in EUR"], {1: "Sales, by shop, 2023, in EUR"}),
    ],
)  # fmt: skip
def test_titles_above_the_header(tmp_path, titles, told):
    read = read_bytes(tmp_path, "\n".join(titles) + "\n" + _TABLE)
    assert read.table.column_names == ["shop", "2022", "2023", "change"]
    assert columns(read)["2022"] == [5 * i for i in range(8)]
    assert {one.line: one.why for one in read.problems} == {
        line: f'it stands above the header: "{text}"' for line, text in told.items()
    }


def test_remarks_with_gaps_above_the_header(tmp_path):
    remarks = ["Lots of shops,,,", "one cannot help,,,writing", "at,the,top,", "or,merging,,cells"]
    read = read_bytes(tmp_path, "\n".join([*remarks, _TABLE]))
    assert read.table.column_names == ["shop", "2022", "2023", "change"]
    assert [one.line for one in read.problems] == [1, 2, 3, 4]
    rows = _rows(lambda i, name: f"{name},{50_000 + i},{70_000 - i},{9 * i},{i * i}")
    groups = "Table 8,,,,\nSales by year,,,,\n,Pieces,,Money,"
    read = read_bytes(tmp_path, f"{groups}\nshop,2021,2022,2021,2022\n{rows}")
    assert read.table.column_names == [
        *("shop", "Pieces: 2021", "Pieces: 2022", "Money: 2021", "Money: 2022"),
    ]
    assert (read.n_rows, [one.line for one in read.problems]) == (8, [1, 2])


def test_rows_of_words_that_come_again_are_no_header(tmp_path):
    rows = "blue,large blue,large large,mid north,east north,eps north,alpha blue,large large,eps "
    rows += "large,eps blue,small large,alpha large,good blue,alpha mid,eps"
    read = read_bytes(tmp_path, rows.replace(" ", "\n"))
    assert (read.n_rows, read.problems) == (14, ())


def test_rows_of_words_with_gaps_are_no_remarks(tmp_path):
    rows = (
        "old,,\nwest,,\n,Seoul,\nSeoul,Busan,Far from here\nnorth,green,Garden\nhill,delta,Near\n"
    )
    rows += "good,good,\n,east,The house in the park\nnear,small,East of it\n,,Large\n"
    read = read_bytes(tmp_path, f"color,id,\n{rows}")
    assert read.table.column_names == ["color", "id", "column_3"]
    assert (read.n_rows, read.problems) == (10, ())


def test_names_of_few_columns_are_no_title(tmp_path):
    read = read_bytes(tmp_path, "name,value,,\n" + _rows(lambda i, name: f"{name},{i},,"))
    assert read.table.column_names == ["name", "value", "column_3", "column_4"]
    assert not read.problems
    read = read_bytes(tmp_path, "city,\n" + _rows(lambda i, name: f"{name},{i}"))
    assert read.table.column_names == ["city", "column_2"]


@pytest.mark.parametrize("ends", ["", ",,,,"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_excels_line_that_names_the_delimiter(tmp_path, ends, quote):
    text = f"{quote}sep=;{quote}{ends}\r\na;b,c;d\r\n1;2,5;x\r\n2;3,5;y\r\n3;4\r\n"
    read = read_bytes(tmp_path, text)
    assert columns(read) == {"a": [1, 2], "b,c": ["2,5", "3,5"], "d": ["x", "y"]}
    assert (read.delimiter, [one.line for one in read.problems]) == (";", [5])


def test_a_delimiter_of_its_own_that_the_first_line_names(tmp_path):
    read = read_bytes(tmp_path, "\ufeffsep=^\nTitle\n\na^b\n1^2\n3^4\n5^6\n".encode())
    assert columns(read) == {"a": [1, 3, 5], "b": [2, 4, 6]}
    assert [one.line for one in read.problems] == [2]


@pytest.mark.parametrize(
    ("header", "make", "first", "last"),
    [
        ("mpg,cyl", lambda i, name: f"{name},{i}.5,{i}", "", "cyl"),  # as R writes row names
        ('"mpg","cyl"', lambda i, name: f'"{name}",{i}.5,"{i} "" x"', "", "cyl"),
        ("mpg,cyl", lambda i, name: f"{i + 1},{i}.5,{i}", "", "cyl"),
        ('"height","weight"', lambda i, name: f'"{i + 1}",{58 + i},{115 + i}', "", "weight"),
        ("mpg,cyl", lambda i, name: f"{i}.5,{i},", "mpg", ""),  # each row ends in a delimiter
    ],
)
def test_rows_with_a_cell_more_than_the_header(tmp_path, header, make, first, last):
    read = read_bytes(tmp_path, f"{header}\n{_rows(make)}")
    names, n = read.table.column_names, len(read.table.column_names)
    assert (names[0], names[-1]) == (first or "column_1", last or f"column_{n}")
    assert (read.n_rows, n) == (8, header.count(",") + 2)
    number = n if last == "" else 1
    assert read.notes[-1] == f'Column {number} has no name; it is called "column_{number}".'
    lacks = "it is taken to lack that of the first column, which names the rows."
    assert [note.split("; ")[1] for note in read.notes[:-1]] == ([] if last == "" else [lacks])
    assert (read.table.column(n - 1).null_count == 8) == (last == "")


@pytest.mark.parametrize(
    ("header", "make"),
    [
        ("name,price", lambda i, name: f"Item {i},1,{100 + i}"),  # 1,100 without quotes
        ("model,price", lambda i, name: f"{name},{i},5"),
        ("mpg,price", lambda i, name: f"{name},{i},{100 + i}"),
        ("mpg,price", lambda i, name: f"{i + 1},{i},{100 + i}"),
        ("mpg,price", lambda i, name: f'"{i + 2}",{i},{100 + i}'),
        ("mpg,price", lambda i, name: f'{i + 1},"{i}",{100 + i}'),
        ("mpg,price,rooms", lambda i, name: f"{name},1,{100 + i},{i}"),
        ("mpg,litres", lambda i, name: f"{name},{i},0{i}"),  # 5,05 without quotes
        ("name,salary", lambda i, name: f"Smith{i}, John,{1000 + i}"),
        ("who,salary", lambda i, name: f"Smith{i}, John,{1000 + i}"),
        ("who,salary", lambda i, name: f"Smith{i},John,{1000 + i}"),
        ("address,rooms,price", lambda i, name: f"{i} Main St,Springfield,{i},{1000 + i}"),
        ("house,rooms,price", lambda i, name: f"{i} Main St,Springfield,{i},{1000 + i}"),
        ("rank,name", lambda i, name: f"{i + 1},Smith,{name}"),
        ("id,name", lambda i, name: f"{i + 1},Smith,{name}"),
        ("회사명,매출", lambda i, name: f"{name},{i},5"),
    ],
)
def test_a_cell_that_a_comma_tears_is_refused(tmp_path, header, make):
    with pytest.raises(TableError, match="put quotes around"):
        read_bytes(tmp_path, f"{header}\n{_rows(make)}")


@pytest.mark.parametrize("header", ["Sales, 2023", "1,2", "a,b"])
def test_a_first_line_that_lacks_a_cell_and_is_no_header(tmp_path, header):
    rows = _rows(lambda i, name: f"{i % 3},{i + 3},{i * i}")
    with pytest.raises(TableError, match="the first line of"):
        read_bytes(tmp_path, f"{header}\n{rows}")


def test_units_below_the_names_are_left_out(tmp_path):
    text = "city,temperature,rain,wind\n,°C,mm,m/s\n"
    read = read_bytes(tmp_path, text + _rows(lambda i, name: f"{name},{i}.5,{3 * i},{i % 3}"))
    assert columns(read)["temperature"] == [i + 0.5 for i in range(8)]
    assert list(read.notes) == [
        'The line below the header holds no values ("°C", "mm", "m/s"); it is left out.'
    ]


@pytest.mark.parametrize(
    ("units", "make"),
    [
        (",명,km2", lambda i, name: f"{name},{94 + i},{60 + 7 * i}"),
        ("(name),(kg),(cm)", lambda i, name: f"{name},{i}.5,{i}"),
        (",MW,EUR/MWh", lambda i, name: f"2024-01-0{1 + i},{120 + i},{33.5 - i}"),
    ],
)
def test_units_above_few_rows(tmp_path, units, make):
    read = read_bytes(tmp_path, f"first,second,third\n{units}\n{_rows(make, 3)}")
    assert (read.n_rows, len(read.notes)) == (3, 1)
    assert read.table.column_names == ["first", "second", "third"]


def test_three_lines_of_names(tmp_path):
    text = """StartDate,Q1,Q2
Start Date,How old are you?,Do you smoke?
{'ImportId':'startDate'},{'ImportId':'QID1'},{'ImportId':'QID2'}
"""
    read = read_bytes(
        tmp_path, text + _rows(lambda i, _: f"2024-01-0{i + 1},{30 + 5 * i},{'yn'[i % 2]}")
    )
    assert read.table.column_names == ["StartDate", "Q1", "Q2"]
    assert columns(read)["Q1"] == [30 + 5 * i for i in range(8)]


_SURVEY = (
    "RespondentID,Are you a fan?,Which of these films have you seen?,,,Your age?\n"
    ",Response,Episode I,Episode II,Episode III,Response\n"
)


def _answers(i: int, name: str) -> str:
    seen = [f"Episode {'I' * k}" if i % (k + 1) else "" for k in (1, 2, 3)]
    return f"{3292879998 + 77 * i},{'Yes' if i % 2 else 'No'},{','.join(seen)},{'18-29'}"


def test_answers_below_their_questions_are_joined(tmp_path):
    read = read_bytes(tmp_path, _SURVEY + _rows(_answers))
    question = "Which of these films have you seen?"
    assert read.table.column_names == [
        "RespondentID", "Are you a fan?", f"{question}: Episode I", f"{question}: Episode II",
        f"{question}: Episode III", "Your age?",
    ]  # fmt: skip
    assert set(columns(read)["Are you a fan?"]) == {"Yes", "No"}
    (note,) = read.notes
    assert note.startswith("The header has two lines; they are joined, as in ")
    assert note.endswith(f'"{question}: Episode I".')


def test_groups_above_the_names_are_joined(tmp_path):
    text = ",2010,,2020,\nregion,people,area,people,area\n"
    read = read_bytes(tmp_path, text + _rows(lambda i, name: f"{name},{i},{9 - i},{2 * i},{i}.5"))
    assert read.table.column_names == [
        "region", "2010: people", "2010: area", "2020: people", "2020: area",
    ]  # fmt: skip
    assert read.n_rows == 8


@pytest.mark.parametrize(
    "first_row",
    [
        "1,,,,",  # as series with lags begin
        "1,absent,,,",
        "1,pending,pending,,",
        "1,3,,x,",
        ",,,,",
    ],
)
def test_a_first_row_of_few_cells_is_a_row(tmp_path, first_row):
    rows = _rows(lambda i, name: f"{i + 2},{i}.5,{i}.25,{name},{i * i}")
    read = read_bytes(tmp_path, f"rownames,price,price_1,name,t\n{first_row}\n{rows}")
    assert (read.n_rows, read.notes) == (9, ())


def test_many_columns_without_a_name_are_one_line(tmp_path):
    read = read_bytes(tmp_path, "a,,,b,,,,\n" + "1,2,3,4,5,6,7,8\n" * 3)
    assert read.notes == (
        '6 columns have no name; they are called "column_2", "column_3", ... and "column_8".',
    )
    read = read_bytes(tmp_path, "a,a,b,a,b\n" + "1,2,3,4,5\n" * 3)
    assert read.notes == (
        '3 columns have the name of another; they are called "a_2", "a_3" and "b_2".',
    )


def test_without_rows_below_names_are_names():
    assert find_head([["a", "b"]], 2).names == ("a", "b")


def workbook(rows: list[list[object]], *merged: str) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_sheet_with_a_title_units_and_merged_cells(tmp_path):
    rows = [
        ["Sales of shops, 2023"],
        [],
        ["region", "shop", "2022", None, "2023"],
        [None, None, "sales", "area", "sales"],
        [None, None, "EUR", "m²", "EUR"],
        *(["north" if i == 0 else None, name, 5 * i, i + 0.5, 7 * i] for i, name in
          enumerate(_STATES)),
    ]  # fmt: skip
    merged = ("A1:E1", "A3:A5", "B3:B5", "C3:D3", "A6:A13")
    read = read_bytes(tmp_path, workbook(rows, *merged), "sales.xlsx")
    assert read.table.column_names == ["region", "shop", "2022: sales", "2022: area", "2023"]
    found = columns(read)
    assert found["region"] == ["north"] * 8
    assert found["2023"] == [7 * i for i in range(8)]
    assert [(one.line, one.why) for one in read.problems] == [
        (1, 'it stands above the header: "Sales of shops, 2023"')
    ]
    assert "two lines" in read.notes[0]


def test_a_sheet_whose_names_are_years_and_one_without_names(tmp_path):
    rows = [["state", 2010, 2020], *([name, 5.5 * i, 7.5 * i] for i, name in enumerate(_STATES))]
    assert read_bytes(tmp_path, workbook(rows), "x.xlsx").table.column_names == [
        "state", "2010", "2020",
    ]  # fmt: skip
    read = read_bytes(tmp_path, workbook(rows[1:]), "x.xlsx")
    assert (read.n_rows, read.table.column_names[0]) == (8, "column_1")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("above", [[], ['"A title\nof two lines"']])
@pytest.mark.parametrize("last", [[], ["3,z,9"]])  # with which it is no plain file
def test_lines_within_a_cell_above_the_rows_take_no_row(tmp_path, mark, end, above, last):
    records = [*above, '"size\n(m)",name', "1,x", "2,y", *last, ""]
    read = read_bytes(tmp_path, (mark + end.join(records)).encode())
    assert read.table.to_pydict() == {"size\n(m)": [1, 2], "name": ["x", "y"]}
    assert len(read.problems) == len(above) + len(last)


def test_a_file_of_empty_cells_alone_has_rows_without_a_value(tmp_path):
    read = read_bytes(tmp_path, b",\n,\n")
    assert set(map(tuple, read.table.to_pydict().values())) == {(None,)}


@pytest.mark.parametrize("end", [",", ",,", ', ,""'])
@pytest.mark.parametrize("last", [[], ["3,N,4.5,extra"]])  # with which it is no plain file
def test_a_header_that_ends_with_delimiters_has_no_more_columns_than_rows(tmp_path, end, last):
    rows = [f"{i},{'MB'[i % 2]},{i / 7:.3f}" for i in range(20)]
    read = read_bytes(tmp_path, "\n".join([f"id,diagnosis,radius{end}", *rows, *last]))
    assert read.table.column_names == ["id", "diagnosis", "radius"]
    assert read.n_rows == 20
    assert [problem.line for problem in read.problems] == [22] * len(last)


def test_names_that_rows_have_fewer_cells_than_are_refused(tmp_path):
    with pytest.raises(TableError, match="another number"):
        read_bytes(tmp_path, "a,b,c,d\n" + "1,2,3\n" * 9)


@pytest.mark.parametrize(("above", "between"), [("% Year, PM2.5", "\t"), ("#Year\tPM2.5", ",")])
def test_names_in_a_comment_that_is_written_another_way(tmp_path, above, between):
    rows = [f"{2000 + i}{between}{i * 7 % 9}" for i in range(20)]
    read = read_bytes(tmp_path, "\n".join(["% City: Ulm", above, *rows]))
    assert read.table.column_names == ["Year", "PM2.5"]
    assert [problem.line for problem in read.problems] == [1]
    assert read.notes == ()


@pytest.mark.parametrize(
    "above", ["% 2000, 5", "% Year, PM2.5, mask", "Year; PM2.5", "# Two words."]
)
def test_a_comment_that_names_no_columns_is_a_title(tmp_path, above):
    rows = [f"{2000 + i}\t{i * 7 % 9}" for i in range(20)]
    read = read_bytes(tmp_path, "\n".join([above, *rows]))
    assert read.table.column_names == ["column_1", "column_2"]
    assert [problem.line for problem in read.problems] == [1]
