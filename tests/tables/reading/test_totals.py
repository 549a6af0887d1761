"""A last row that adds up those above it is no row, unless it is asked for."""

import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table
from tests.tables.reading.files import columns, read_bytes
from tests.tables.reading.test_header import workbook

_ROWS = [("Ulm", 3, 5.25), ("Bonn", 4, 7.5), ("Kiel", 9, 1.75), ("Jena", 2, 4.5)]
_TEXT = "city,date,rooms,price\n" + "".join(
    f"{city},2024-01-0{rooms},{rooms},{price}\n" for city, rooms, price in _ROWS
)


@pytest.mark.parametrize(
    "line",
    [
        "Total,,18,19",
        "Sum,,18,19.0",
        "합계,,18,19",
        "총계,,18,",
        "Gesamt,,,19.00",
        "Gesamtsumme:,,,19",
        "Average,,4.5,4.75",
        "평균,,4.50,",
        "Mittelwert,,,4.75",
        "TOTAL,,18,",
        ",Total,18,19",
        ",,18,19",
        "Total,,,19\n,,,",
        "Total,,18,19\nAverage,,4.5,4.75",
        "Total,,18,16",  # as if a part were not shown
        "Итого,,18,19",
    ],
)
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_total_is_left_out_and_named(tmp_path, line, end):
    read = read_bytes(tmp_path, _TEXT + line + end)
    assert columns(read)["rooms"] == [3, 4, 9, 2]
    assert str(read.table.schema.field("date").type) == "date32[day]"
    first = read.problems[0]
    assert (first.line, "it is a total of the rows above it" in first.why) == (6, True)
    assert "--keep-total keeps it" in first.why
    assert read_bytes(tmp_path, _TEXT + line + end, keep_total=True).n_rows == 5 + line.count("\n")


@pytest.mark.parametrize(
    "line",
    [
        "Total,2024-02-01,3,2.5",  # a place of that name
        "Sumy,,18,19",
        "Ulm,2024-02-01,18,19",
        ",,4,4.75",
        ",2024-02-01,5,",
        "Average,,,",
    ],
)
def test_a_row_that_adds_up_nothing_stays(tmp_path, line):
    read = read_bytes(tmp_path, f"{_TEXT}{line}\n")
    assert (read.n_rows, read.problems) == (5, ())


def test_numbers_that_add_up_by_chance_beside_a_word_or_a_date_are_a_row(tmp_path):
    rows = ",yes,2024-02-01,1,red\n,no,2024-02-02,2,blue\n,yes,2024-02-01,3,red\n"
    text = f"note,is,day,n,colour\n{rows}"
    assert read_bytes(tmp_path, f"{text},no,2024-02-02,6,green\n").n_rows == 4
    assert read_bytes(tmp_path, f"{text},,,6,\n").n_rows == 3


@pytest.mark.parametrize(("last", "n_rows"), [("Annual,78,6.5", 12), ("Annual,90,9", 13)])
def test_a_year_below_its_months(tmp_path, last, n_rows):
    rows = "".join(f"month {i},{i},{i}\n" for i in range(1, 13))
    assert read_bytes(tmp_path, f"month,rain,heat\n{rows}{last}\n").n_rows == n_rows


def test_a_class_that_is_called_total_stays(tmp_path):
    rows = "".join(f"{kind},{n}\n" for n in (1, 2, 3) for kind in ("Men", "Women", "Total"))
    assert read_bytes(tmp_path, f"sex,n\n{rows}Men,4\nWomen,8\nTotal,24\n").n_rows == 12


def test_money_is_added_up_as_it_is_written(tmp_path):
    text = 'shop,sales\nUlm,"$1,250.50"\nBonn,"$2,000"\nKiel,"$3.50"\nTotal,"$3,254.00"\n'
    read = read_bytes(tmp_path, text)
    assert (read.n_rows, len(read.problems)) == (3, 1)


@pytest.mark.parametrize("line", ["Total,,18,19", "전체,,18,19.0", "Average,,4.5,", ",All,18,19"])
def test_a_total_in_the_first_row(tmp_path, line):
    header, *rows = _TEXT.splitlines()
    text = "\n".join([header, line, *rows]) + "\n"
    read = read_bytes(tmp_path, text)
    assert columns(read)["rooms"] == [3, 4, 9, 2]
    (problem,) = read.problems
    assert (problem.line, "it is a total of the rows below it" in problem.why) == (2, True)
    assert read_bytes(tmp_path, text, keep_total=True).n_rows == 5
    both = read_bytes(tmp_path, text + "Total,,18,19\n")
    assert (both.n_rows, [problem.line for problem in both.problems]) == (4, [2, 7])


@pytest.mark.parametrize("line", ["Total,,3,2", "Ulm,,18,19", "All,2024-02-01,,"])
def test_a_first_row_that_adds_up_nothing_stays(tmp_path, line):
    header, *rows = _TEXT.splitlines()
    read = read_bytes(tmp_path, "\n".join([header, line, *rows]) + "\n")
    assert (read.n_rows, read.problems) == (5, ())


@pytest.mark.parametrize(
    ("lines", "n_told"),
    [
        ("Source: city office,,,", 1),
        ("* without cellars,,,\n,,,\n[1] an estimate,,,", 2),
        (",,,\n주: 2024년 기준,,,\n자료: 시청,,,", 2),
        (",,,\nKitchens are counted as rooms,,,", 1),
        ('"Note (2024): a, b",,,\n,,,', 1),
        ("Total,,18,19\n,,,\nSource: city office,,,", 2),
    ],
)
def test_footnotes_below_the_rows_are_named(tmp_path, lines, n_told):
    read = read_bytes(tmp_path, f"{_TEXT}{lines}\n")
    assert columns(read)["rooms"] == [3, 4, 9, 2]
    assert (read.problems[0].line >= 6, len(read.problems)) == (True, n_told)
    assert 'it stands below the rows: "' in read.problems[-1].why
    sheet = [
        line.split(",")
        for line in (_TEXT + lines.replace(", b", " b").replace('"', "")).splitlines()
    ]
    told = read_bytes(tmp_path, workbook(sheet), "x.xlsx").problems
    assert "it stands below the rows" in told[-1].why


@pytest.mark.parametrize("lines", ["Bern,,,", "Bern,,,\nGenf,,,", "Source of the Rhine,,,", ",,,"])
def test_rows_of_one_cell_are_no_footnotes(tmp_path, lines):
    read = read_bytes(tmp_path, f"{_TEXT}{lines}\n")
    assert (read.n_rows, read.problems) == (5 + lines.count("\n"), ())


def test_each_file_has_its_own_total(tmp_path):
    (tmp_path / "1.csv").write_text(_TEXT + "Total,,18,19\n")
    (tmp_path / "2.csv").write_text(_TEXT + "Ulm,2024-01-09,18,19\n")
    read = read_table(tmp_path / "*.csv")
    assert (read.n_rows, len(read.problems)) == (9, 1)


def test_the_total_of_a_sheet(tmp_path):
    rows = [["Rooms of 2024"], [], ["city", "rooms", "price"], *_ROWS, ["Total", 18, 19.0]]
    read = read_bytes(tmp_path, workbook(rows), "x.xlsx")
    assert columns(read)["city"] == ["Ulm", "Bonn", "Kiel", "Jena"]
    assert [problem.line for problem in read.problems] == [1, 8]
    assert read_bytes(tmp_path, workbook(rows), "x.xlsx", keep_total=True).n_rows == 5


def test_a_table_with_types_has_no_totals(tmp_path):
    with pytest.raises(TableError, match="keep_total is for csv and tsv and excel"):
        read_bytes(tmp_path, '{"a": 1}\n', "x.json", keep_total=True)


def test_na_among_the_codes_of_a_sheet(tmp_path):
    rows = [["continent", "n"], *([code, n] for n, code in enumerate(["AF", "AS", "EU", "NA"] * 2))]
    read = read_bytes(tmp_path, workbook(rows), "x.xlsx")
    assert read.table.column("continent").null_count == 2
    assert 'In column "continent", 2 cells hold NA' in read.notes[0]
    kept = read_bytes(tmp_path, workbook(rows), "x.xlsx", keep_na=True)
    assert (columns(kept)["continent"][3], kept.notes) == ("NA", ())


@pytest.mark.parametrize(("last", "n_rows"), [(",100%", 3), (",40%", 4), (",50%", 4)])
def test_shares_without_a_word_for_their_sum(tmp_path, last, n_rows):
    assert read_bytes(tmp_path, f"shop,share\na,20%\nb,30%\nc,50%\n{last}\n").n_rows == n_rows
