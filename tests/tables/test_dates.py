"""Dates, periods, times of day and durations of real files: what is read, what is left alone."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise import TableRegressor
from layerwise.ensemble.splitting import moment_of, times_of
from layerwise.tables.columns import cells_read
from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_task
from layerwise.tables.findings import check_table
from layerwise.tables.kinds import describe_columns
from layerwise.tables.parsing import (
    Reading,
    find_date_reading,
    find_number_reading,
    has_ambiguous_days,
    parse_dates,
    parse_numbers,
)
from layerwise.tables.preparation import Preparation


def moments(*texts, insist=False):
    """A column's moments as text, None if it is none of dates."""
    column = pa.array(texts, pa.string())
    reading = find_date_reading(column, insist=insist)
    return None if reading is None else [str(d) for d in parse_dates(column, reading)[0]]


def day(text):
    """As NumPy writes a moment in microseconds."""
    return str(np.datetime64(text, "us"))


def seconds(*texts, insist=False):
    column = pa.array(texts)
    reading = find_number_reading(column, insist=insist)
    return None if reading is None else parse_numbers(column, reading)[0].tolist()


def described(columns, **given):
    return {column.name: column for column in describe_columns(pa.table(columns), **given)}


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["2024-03-05", "2024-3-6"], ["2024-03-05", "2024-03-06"]),
        (["2024-03-05 10:20", None], ["2024-03-05T10:20", "NaT"]),
        (["2024-03-05T10:20:30Z"], ["2024-03-05T10:20:30"]),
        (["2024-03-05T10:20:30+09:00"], ["2024-03-05T01:20:30"]),
        (["2018-01-01 14:25 UTC"], ["2018-01-01T14:25"]),
        (["2018-01-01 14:25:30 KST"], ["2018-01-01T14:25:30"]),
        (["2015 -- 8", "2015 -- 11", "2016 -- 1"], ["2015-08-01", "2015-11-01", "2016-01-01"]),
        (["20140916T000000", "20140917T123015"], ["2014-09-16", "2014-09-17T12:30:15"]),
        (["2019/10/01 12:38:43 PM GMT+8"], ["2019-10-01T04:38:43"]),
        (["2019/10/1 3:38:43 오후 GMT+9"], ["2019-10-01T06:38:43"]),
        (["2024-03-05 10:20 GMT-3:30"], ["2024-03-05T13:50"]),
        (["Mon Jan  3 12:34:30 PST 2022"], ["2022-01-03T12:34:30"]),
        (["2024-03-05 10:20:30.123456"], ["2024-03-05T10:20:30.123456"]),
        (["2024-03-05 10:20:30.5"], ["2024-03-05T10:20:30.5"]),
        (["2024/03/05"], ["2024-03-05"]),
        (["2024.03.05", "2024.3.6"], ["2024-03-05", "2024-03-06"]),
        (["2024년 3월 5일", "2024년12월25일"], ["2024-03-05", "2024-12-25"]),
        (["2024. 3. 5.", "2024.3.6."], ["2024-03-05", "2024-03-06"]),
        (["2024. 3. 5. 오후 3:20"], ["2024-03-05T15:20"]),
        (["2024-03-05 오전 12:05:01"], ["2024-03-05T00:05:01"]),
        (["2024년 3월 5일 오후 12시 5분"], ["2024-03-05T12:05"]),
        (["2024년 3월", "2024년 11월"], ["2024-03-01", "2024-11-01"]),
        (["5 Mar 2024", "12 dec 2023"], ["2024-03-05", "2023-12-12"]),
        (["March 5, 2024", "July 14, 2023"], ["2024-03-05", "2023-07-14"]),
        (["05-Mar-24", "06-Apr-99"], ["2024-03-05", "1999-04-06"]),
        (["03/25/2024", "03/05/2024"], ["2024-03-25", "2024-03-05"]),
        (["25/03/2024", "03/05/2024"], ["2024-03-25", "2024-05-03"]),
        (["3/25/24 1:05 PM"], ["2024-03-25T13:05"]),
        (["31.12.2023", "01.02.2024"], ["2023-12-31", "2024-02-01"]),
        (["31.12.99", "01.02.68"], ["1999-12-31", "1968-02-01"]),
        (["24.03.05", "99.12.31"], ["2024-03-05", "1999-12-31"]),
        (["2024-03", "2024-12"], ["2024-03-01", "2024-12-01"]),
        (["1960-02-29", "0999-01-01"], ["1960-02-29", "0999-01-01"]),
        (["Q1 2000", "Q4 2001"], ["2000-01-01", "2001-10-01"]),
        (["1964Q2", "1964 Q3"], ["1964-04-01", "1964-07-01"]),
        (["2000-Q3", "2000-q4"], ["2000-07-01", "2000-10-01"]),
        (["Q42010", "Q12011"], ["2010-10-01", "2011-01-01"]),
        (["1939, May", "1940, June"], ["1939-05-01", "1940-06-01"]),
        (["3Q24", "1Q99"], ["2024-07-01", "1999-01-01"]),
        (["1분기 2024", "4분기 2023"], ["2024-01-01", "2023-10-01"]),
        (["2024년 3분기", "2023년 1분기"], ["2024-07-01", "2023-01-01"]),
        (["2024-W07", "2020-W53", "2021-W01"], ["2024-02-12", "2020-12-28", "2021-01-04"]),
        (["1989 W28"], ["1989-07-10"]),
        (["2024M03", "2024M12"], ["2024-03-01", "2024-12-01"]),
        (["Jan 2024", "Sept 2023"], ["2024-01-01", "2023-09-01"]),
        (["1996-97", "1999-00"], ["1996-01-01", "1999-01-01"]),
        (["2001-02", "2003-04", "2011-12"], ["2001-01-01", "2003-01-01", "2011-01-01"]),
        (["2001-02", "2001-03", "2011-12"], ["2001-02-01", "2001-03-01", "2011-12-01"]),
        (["2012/2013", "2013/2014"], ["2012-01-01", "2013-01-01"]),
        (["Feb. 28, 2015", "May 3, 2015"], ["2015-02-28", "2015-05-03"]),
        (["January 3rd, 2015", "March 21st, 2015"], ["2015-01-03", "2015-03-21"]),
        (["Tuesday, January 3, 2015", "Fri, May 1, 2015"], ["2015-01-03", "2015-05-01"]),
        (["EOW: Friday, August 25, 1876", "EOW: Monday, May 1, 1911"],
         ["1876-08-25", "1911-05-01"]),
        (["2024-03-05(화)", "2024-03-06 (수)"], ["2024-03-05", "2024-03-06"]),
        (["2024년 3월 5일 화요일"], ["2024-03-05"]),
        (["Mon Jan 03 12:34:30 +0000 2015"], ["2015-01-03T12:34:30"]),
        (["Thu, 01 Jan 2015 12:00:00 +0900"], ["2015-01-01T03:00:00"]),
        (["11:30:52  3 Sep 2020", "01:02:03 13 Sep 2020"],
         ["2020-09-03T11:30:52", "2020-09-13T01:02:03"]),
        (["2003", "2013-08-21", "2014-05"], ["2003-01-01", "2013-08-21", "2014-05-01"]),
        (["2014", "2015Q2", "2016Q4"], ["2014-01-01", "2015-04-01", "2016-10-01"]),
        (["9/23/77", "1/20/81", "1/20/17", "Still in office", "Still in office"],
         ["1977-09-23", "1981-01-20", "2017-01-20", "NaT", "NaT"]),
        (["06/15/2012", "11/01/2011-10/01/2012", "10/13/2012 - 10/27/2012"],
         ["2012-06-15", "2011-11-01", "2012-10-13"]),
        (["2010-05-01 - PRESENT", "2010-05-01 ~ 2011-12-31"], ["2010-05-01", "2010-05-01"]),
        (["2010-05-01", "PRESENT"], ["2010-05-01", "NaT"]),
    ],
)  # fmt: skip
def test_what_is_a_date(texts, wanted):
    assert moments(*texts) == [day(text) for text in wanted]


@pytest.mark.parametrize(
    "texts",
    [
        ["10:20", "11:30"],  # a time of day is no date
        ["2024", "2023"],
        ["20240305", "20240306"],
        ["2024-13-01", "2024-14-01"],
        ["192.168.0.1", "10.0.0.1"],
        ["2024-02-31", "2023-02-29"],  # there are no such days
        ["soon", "later"],
        ["12-34", "56-78"],
        ["1.2.3", "1.10.3", "2.0.14"],
        ["24-17", "31-10", "21-20"],
        ["10-20", "20-30"],
        ["12-01", "11-02"],
        ["16-17", "17-18"],
        ["1996-2004", "1990-1999"],
        ["555-1234", "555-0199"],
        ["010-1234-5678", "02-345-6789"],
        ["3/4", "1/2", "7/8"],
        ["3/16", "5/16", "11/32", "7/64", "9/64", "1/16", "3/32", "5/32"],
        ["7/10", "8/10", "9/10", "10/10", "6/10", "5/10"],
        ["26/59", "21/63", "20/63", "10/54", "12/58"],
        ["Q1", "Q2", "Q3", "Q4"],
        ["District 1", "District 12"],
        ["Week 2", "Week 12"],
        ["12 Main St 4", "15 Oak Ave 8"],
        ["1:17-cv-00361", "1:18-cv-01429"],
        ["2003", "2004", "soon", "later"],
    ],
)
def test_what_is_no_date(texts):
    assert moments(*texts) is None


def test_days_and_months_that_no_cell_settles():
    assert moments("03/05/2024", "04/06/2024") == [day("2024-03-05"), day("2024-04-06")]
    assert moments("03.05.2024", "04.06.2024") == [day("2024-05-03"), day("2024-06-04")]
    monthly = ["01/01/2024", "01/02/2024", "01/03/2024"]
    assert moments(*monthly) == [day("2024-01-01"), day("2024-02-01"), day("2024-03-01")]
    column = pa.array(monthly)
    assert has_ambiguous_days(column, find_date_reading(column))
    column = pa.array([*monthly, "15/03/2024"])
    assert not has_ambiguous_days(column, find_date_reading(column))


def test_one_cell_of_thousands_settles_the_order():
    texts = [f"{1 + i % 12:02}/{1 + i % 11:02}/{1000 + i}" for i in range(3000)]
    assert moments(*texts)[1] == day("1001-02-02")
    assert moments("02/01/2024", *texts, "13/01/2024")[0] == day("2024-01-02")


def test_mixed_formats():
    texts = ["2024-03-05", "06/25/2024", "7 Mar 2024", "2024-03-08 10:00", "n/a"]
    wanted = ["2024-03-05", "2024-06-25", "2024-03-07", "2024-03-08T10:00", "NaT"]
    assert moments(*texts) == [day(text) for text in wanted]


def test_a_day_that_does_not_exist_is_unreadable():
    column = pa.array(["2024-02-29", "2023-02-29", *["2024-01-01"] * 30])
    read, unread = parse_dates(column, find_date_reading(column))
    assert unread == [1]
    assert np.isnat(read).tolist() == [False, True] + [False] * 30


def test_digits_are_dates_where_a_person_says_so():
    assert moments("20240305", "20241231", insist=True) == [day("2024-03-05"), day("2024-12-31")]
    assert moments("2024", "2023", insist=True) == [day("2024-01-01"), day("2023-01-01")]
    read, unread = parse_dates(pa.array([20240305, None, 5]), Reading(formats=("%Y%m%d",)))
    assert [str(value) for value in read] == [day("2024-03-05"), "NaT", "NaT"]
    assert unread == [2]
    read, _ = parse_dates(pa.array([20240305.0]), Reading(formats=("%Y%m%d",)))
    assert str(read[0]) == day("2024-03-05")


@pytest.mark.parametrize(
    "column",
    [
        pa.array([dt.date(2024, 3, 5), None]),
        pa.array([dt.date(2024, 3, 5), None], pa.date64()),
        pa.array([dt.datetime(2024, 3, 5), None], pa.timestamp("ns")),
        pa.array([dt.datetime(2024, 3, 5), None], pa.timestamp("s", "UTC")),
        pa.chunked_array([[dt.date(2024, 3, 5)], [None]]),
        pa.array([dt.date(2024, 3, 5), None]).dictionary_encode(),
    ],
)
def test_stored_dates(column):
    read, unread = parse_dates(column)
    assert read.dtype == "M8[us]"
    assert [str(value) for value in read] == [day("2024-03-05"), "NaT"]
    assert unread == []


def test_numbers_are_no_dates_without_a_format():
    with pytest.raises(TypeError, match="no dates in a column of whole numbers"):
        parse_dates(pa.array([1, 2]))


FORMATS = [
    "%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%d %B %Y",
    "%b %d, %Y", "%Y년 %m월 %d일", "%m/%d/%Y %I:%M:%S %p",
]  # fmt: skip
MOMENTS = st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(2999, 12, 31))


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(FORMATS))
def test_dates_are_read_as_the_standard_library_reads_them(moments, form):
    texts = [moment.strftime(form) for moment in moments]
    wanted = [dt.datetime.strptime(text, form) for text in texts]
    read, unread = parse_dates(pa.array(texts), Reading(formats=(form,)))
    assert read.tolist() == wanted
    assert unread == []


FORMS = {
    "Q%q %Y": lambda d: f"Q{d.month // 3 + (d.month % 3 > 0)} {d.year}",
    "%Y년 %q분기": lambda d: f"{d.year}년 {(d.month + 2) // 3}분기",
    "%G-W%V-%u": lambda d: "{}-W{:02}-{}".format(*d.isocalendar()),
    "%Y-%k": lambda d: f"{d.year}-{(d.year + 1) % 100:02}",
    "%a, %b %d, %Y": lambda d: d.strftime("%A, %B %d, %Y"),
    "%H:%M:%S %d %b %Y": lambda d: d.strftime("%H:%M:%S %d %b %Y"),
    "%a %b %d %H:%M:%S %z %Y": lambda d: d.strftime("%a %b %d %H:%M:%S +0000 %Y"),
}
BEGINNINGS = {
    "Q%q %Y": lambda d: dt.datetime(d.year, (d.month - 1) // 3 * 3 + 1, 1),
    "%Y년 %q분기": lambda d: dt.datetime(d.year, (d.month - 1) // 3 * 3 + 1, 1),
    "%Y-%k": lambda d: dt.datetime(d.year, 1, 1),
    "%H:%M:%S %d %b %Y": lambda d: d.replace(microsecond=0),
    "%a %b %d %H:%M:%S %z %Y": lambda d: d.replace(microsecond=0),
}
DATES = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2099, 12, 31))


@given(st.lists(DATES, min_size=20, max_size=30), st.sampled_from(sorted(FORMS)))
def test_a_date_written_in_each_form_comes_back(dates, form):
    texts = pa.array([FORMS[form](date) for date in dates])
    reading = find_date_reading(texts)
    begin = BEGINNINGS.get(form, lambda d: dt.datetime(d.year, d.month, d.day))
    assert parse_dates(texts, reading)[0].tolist() == [begin(date) for date in dates]


@pytest.mark.parametrize(
    ("texts", "years"),
    [
        (["Aug-62", "Jan-39", "Jun-99", "May-13"], [1962, 1939, 1999, 2013]),
        (["4/12/29", "5/30/61", "6/7/99"], [1929, 1961, 1999]),
        (["1/2/99", "3/4/05", "5/6/12"], [1999, 2005, 2012]),  # none is to come
        ([f"5/6/{year:02}" for year in range(100)], None),
        ([f"5/6/{year % 100:02}" for year in range(1906, 1930)], list(range(1906, 1930))),
    ],
)
def test_two_digits_are_the_century_that_makes_sense(texts, years):
    found = [int(moment[:4]) for moment in moments(*texts)]
    assert years is None or found == years
    assert max(found) <= dt.date.today().year
    assert max(found) - min(found) < 100


def test_contracts_of_a_few_years_may_end_in_years_to_come():
    now = dt.date.today().year
    texts = [f"5/6/{year % 100:02}" for year in range(now - 8, now + 9)]
    assert int(moments(*texts)[-1][:4]) == now + 8


def test_the_century_is_said_and_kept_for_rows_that_come_later():
    texts = ["Aug-62", "Jan-39", "Jun-99", "May-13"] * 5
    column = described({"x": texts, "y": range(20)})["x"]
    assert "with years of two digits, 1939 to 2013" in column.reason
    later, _ = parse_dates(pa.array(["Jan-20", "Jan-50"]), column.reading)
    assert later.astype("M8[Y]").astype(str).tolist() == ["2020", "1950"]
    assert "two digits" not in described({"x": ["2024-03-05", "5. 3. 2024"] * 5})["x"].reason


def test_years_alone_and_ranges_are_said():
    reason = described({"x": ["2003", "2013-08-21", "2014-05-01 - 2014-06-01"]})["x"].reason
    assert "and in 1 other way; a range is taken as its first day; 1 is a year alone" in reason
    reason = described({"x": ["2003", "2004", "2013-08-21", "2014-05-01"]})["x"].reason
    assert reason == (
        "dates written like '2003'; 2 are years alone, taken as their first day"
    )  # fmt: skip


WEEK = ["7/9/14", "7/10/14", "7/11/14", "7/12/14"]


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (WEEK, "2014-07-09"),  # a week
        (["05.06.2020", "06.06.2020", "07.06.2020"], "2020-06-05"),
        (["1/5/2020 8:00", "2/5/2020 9:30", "3/5/2020 8:15"], "2020-05-01T08:00:00"),
        (["1/2/20", "2/9/20", "3/4/20", "5/1/20"], "2020-01-02"),  # the order of the rows
        (["2/1/20", "9/2/20", "4/3/20", "1/5/20"], "2020-01-02"),
        (["01/01/2023", "01/07/2023", "01/01/2024", "01/07/2024"], "2023-01-01"),  # half years
    ],
)
def test_day_and_month_that_the_rows_tell(texts, first):
    assert moments(*texts)[0] == day(first)
    assert "nothing says" not in described({"x": texts})["x"].reason


NEITHER = ["03/05/2024", "01/06/2024", "08/02/2024", "01/04/2024"]


def test_a_second_column_tells_day_and_month():
    day_first = ["13/05/2024", "25/06/2024", "08/02/2024", "11/04/2024"]
    columns = described({"begin": NEITHER, "end": day_first})
    assert columns["begin"].reading.formats == ("%d/%m/%Y",)
    assert "the day comes first, as in end" in columns["begin"].reason
    other_form = [text.replace("/", ".") for text in day_first]
    columns = described({"begin": NEITHER, "end": other_form})
    assert columns["begin"].reading.formats == ("%m/%d/%Y",)
    assert "nothing says" in columns["begin"].reason


def findings_of(table, columns):
    task = find_task(table["y"], name="y")
    return " ".join(
        f.message for f in check_table(table, columns, task, task.encode(table["y"])[0])
    )


def test_what_nothing_decides_is_said_with_an_option_that_decides_it():
    table = pa.table({"begin": NEITHER * 5, "y": np.linspace(0, 1, 20)})
    columns = describe_columns(table, target_names=["y"])
    said = findings_of(table, columns)
    assert "nothing says whether day or month comes first in begin; the month was taken" in said
    option = said.split("--dates '")[1].split("'")[0]
    assert option == "begin=%d/%m/%Y"
    columns = describe_columns(table, target_names=["y"], dates=[option])
    assert columns[0].reading.formats == ("%d/%m/%Y",)
    assert "the day comes first, as you said" in columns[0].reason
    assert "nothing says" not in findings_of(table, columns)


def test_a_format_that_is_none_is_refused():
    for form in ("%d/%n/%Y", "%d/%d/%Y", "%"):
        with pytest.raises(TableError, match="is no format for the dates of 'x'; one such as"):
            described({"x": NEITHER}, dates=[f"x={form}"])
    with pytest.raises(TableError, match="no column 'z=%d'"):
        described({"x": NEITHER}, dates=["z=%d"])
    assert described({"x=%d": NEITHER}, dates=["x=%d"])["x=%d"].kind == "date"


@pytest.mark.parametrize(
    ("texts", "wanted", "what"),
    [
        (["09:00", "17:30", "08:05"], [32400, 63000, 29100], "times of day"),
        (["9:05 PM", "10:15 am", "12:00 a.m."], [75900, 36900, 0], "times of day"),
        (["10:00PM EST", "3:15PM EDT", "9:00AM EST"], [79200, 54900, 32400], "times of day"),
        (["10:00 KST", "09:15 KST", "17:00 KST"], [36000, 33300, 61200], "times of day"),
        (["오후 3:20", "오전 9:10", "오전 9:15"], [55200, 33000, 33300], "times of day"),
        (["10am", "2pm", "6am"], [36000, 50400, 21600], "times of day"),
        (["13:30", "9:25", "8:04"], [48600, 33900, 29040], "times of day"),
        (["11:38:36", "19:03:28", "20:22:42"], [41916, 68608, 73362], "times of day"),
        (["1:02:03", "0:59:10", "2:10:00"], [3723, 3550, 7800], "durations"),
        (["128:28:00", "12:00:00", "9:00:01"], [462480, 43200, 32401], "durations"),
        (["7:42:12", "8:00:00", "6:59:59"], [27732, 28800, 25199], "durations"),
        (["54:10", "1:02:03", "8:01"], [3250, 3723, 481], "durations"),
        (["1 day, 2:03:04", "2:03:04", "3:00:00"], [93784, 7384, 10800], "durations"),
        (["1h 51m", "2h", "45m"], [6660, 7200, 2700], "durations"),
        (["1 hr 5 mins", "2 hours", "1.5 hours"], [3900, 7200, 5400], "durations"),
        (["1 hour(s) 5 minute(s)", "2 hour(s)", "9 min"], [3900, 7200, 540], "durations"),
        (["3일 4시간", "2일", "5시간 30분"], [273600, 172800, 19800], "durations"),
        (["2 years", "3 weeks", "4 days"], [63115200, 1814400, 345600], "durations"),
        (["PT1H30M", "PT45M", "P1D"], [5400, 2700, 86400], "durations"),
    ],
)
def test_times_of_day_and_durations(texts, wanted, what):
    assert seconds(*texts) == wanted
    assert seconds(*texts, insist=True) == wanted
    column = described({"x": texts})["x"]
    assert column.kind == "number"
    assert what in column.reason
    assert "taken as seconds" in column.reason


@pytest.mark.parametrize(
    "texts",
    [
        ["24:17", "31:28", "27:26"],  # scores
        ["2:1", "0:3", "1:1"],
        ["98:102", "110:99"],
        ["5'2\"", "6'1\""],
        ["1M", "3M", "10Y"],
        ["00:1B:44", "11:3A:B7"],
        ["3:16", "5:1", "12:30"],
        ["16:9", "4:3"],
        ["10-20", "30-45"],
        ["3/4", "1/2"],
    ],
)
def test_what_is_neither_a_time_nor_a_duration(texts):
    assert seconds(*texts) is None


def test_one_unit_is_a_number_with_it():
    assert seconds("2h", "3h", "5h") == [2, 3, 5]
    assert seconds("15 min", "20 min") == [15, 20]


@pytest.mark.parametrize(
    ("texts", "given", "kind"),
    [
        (["3/86", "5/90", "seldom"], "dates", "date"),
        (["14/03", "15/04"], "numeric", None),
        (["7:42:12", "8:00:00", "x"], "numeric", "number"),
        ([*["1h 51m"] * 9, "2h", "3h", "?"], "numeric", "number"),
    ],
)
def test_what_a_person_says_is_tried_on_these_cells(texts, given, kind):
    values = {"x": texts}
    if kind is None:
        with pytest.raises(TableError, match="cannot be a number"):
            described(values, **{given: ["x"]})
        return
    column = described(values, **{given: ["x"]})["x"]
    assert column.kind == kind
    assert column.n_missing == sum(text in {"seldom", "x", "?"} for text in texts)


def test_a_time_of_day_is_a_place_on_a_circle():
    table = pa.table({"opens": ["23:50", "00:10", "12:00", None] * 10, "other": range(40)})
    preparation = Preparation.fit(table, describe_columns(table))
    x = preparation.transform(table).x
    assert preparation.input_names == (
        "opens", "opens, sine", "opens, cosine", "opens is missing"
    )  # fmt: skip
    late, early, noon, none = x[:4]
    assert np.linalg.norm(late[1:3] - early[1:3]) < 0.1
    np.testing.assert_allclose(noon[1:3], [0, -1], atol=1e-6)
    assert none.tolist() == [0, 0, 0, 1]
    stored = [None if t is None else dt.time.fromisoformat(t) for t in table["opens"].to_pylist()]
    of_times = table.set_column(0, "opens", pa.array(stored))
    prepared = Preparation.fit(of_times, describe_columns(of_times)).transform(of_times)
    np.testing.assert_array_equal(prepared.x, x)
    np.testing.assert_array_equal(preparation.transform(of_times).x, x)


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (["31 December", "1 Jan.", "29 February", "2nd July", None], "x"),
        (["31-Dec", "01-Jan", "29-Feb", "02-Jul", None], "x"),
        (["12월 31일", "1월 1일", "2월 29일", "7월 2일", None], "x"),
        (["12/31", "1/1", "2/29", "7/2", None], "Birthday"),
        (["31/12", "1/1", "29/2", "2/7", None], "date of the visit"),
    ],
)
def test_a_day_without_a_year_is_a_place_on_a_circle(cells, name):
    table = pa.table({name: cells * 9, "other": range(45)})
    column = describe_columns(table)[0]
    assert column.kind == "number"
    assert "days of a year" in column.reason
    preparation = Preparation.fit(table, [column])
    assert preparation.input_names == (
        name,
        f"{name}, sine",
        f"{name}, cosine",
        f"{name} is missing",
    )
    last, first, leap, middle, none = preparation.transform(table).x[:5]
    assert np.linalg.norm(last[1:3] - first[1:3]) < 0.02
    np.testing.assert_allclose(
        leap[1:3], [np.sin(2 * np.pi * 59 / 366), np.cos(2 * np.pi * 59 / 366)], atol=1e-6
    )
    np.testing.assert_allclose(middle[1:3], [0, -1], atol=1e-6)
    assert none.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ([f"{i % 12 + 1}/{i % 28 + 1}" for i in range(60)], "share"),
        ([f"{i % 12 + 1}/{i % 40 + 1}" for i in range(60)], "date"),
        ([f"apr {i}" for i in range(40, 60)], "x"),
        (["05-Jan", "02-Feb", "03-Jan", "01-Apr", "04-Mar"] * 9, "score"),
    ],
)
def test_what_is_no_day_of_a_year(cells, name):
    assert "days of a year" not in described({name: cells})[name].reason


def test_four_figures_are_times_of_day_where_the_name_says_so():
    times = [f"{i * 7 % 24:02}{i * 11 % 60:02}" for i in range(80)] * 2
    for name in ("CRSDepTime", "출발시각"):
        column = described({name: times})[name]
        assert column.reason.endswith("times of day written like '0000', taken as seconds")
        assert parse_numbers(pa.array(["0640"]), column.reading)[0].tolist() == [6 * 3600 + 40 * 60]
    assert described({"zip": times})["zip"].kind == "category"
    assert described({"time": [*times, "2575"]})["time"].kind == "category"


def test_times_of_four_figures_are_read_from_new_rows_that_hold_numbers():
    times = [f"{i * 7 % 24:02}{i * 11 % 60:02}" for i in range(80)] * 2
    hours = np.array([int(time) // 100 for time in times], float)
    table = pa.table({"dep_time": times, "y": hours})
    model = TableRegressor(hidden=(8,), epochs=3, n_folds=2, random_state=0).fit(table, target="y")
    written = ["1730", "0640", None, "0005", "2575"]
    with pytest.warns(UserWarning, match="1 of 5 cells of 'dep_time' cannot be read"):
        wanted = model.predict(pa.table({"dep_time": written}))
    for values in (
        pa.array([1730, 640, None, 5, 2575]),
        pa.array([1730.0, 640.0, float("nan"), 5.0, 17.5]),
        pa.array([1730, 640, None, 5, -7], pa.int16()),
    ):
        with pytest.warns(UserWarning, match="1 of 5 cells of 'dep_time' cannot be read"):
            assert (model.predict(pa.table({"dep_time": values})) == wanted).all()
    column = described({"dep_time": times})["dep_time"]
    assert cells_read(column, pa.array([1730, 2575, 5]))[1] == [1]


def test_dates_that_a_spreadsheet_could_read_have_the_order_of_those_it_could_not():
    """September 19 is no month: 9/19/83 stayed, 7/10/83 became 07-10-1983."""
    left = [f"{i % 12 + 1}/{i % 16 + 13}/{70 + i % 20}" for i in range(40)]
    turned = [f"{i % 12 + 1:02}-{i * 5 % 12 + 1:02}-19{70 + i % 20}" for i in range(1, 70)]
    for cells in (left + turned, turned + left):
        read = dict(zip(cells, moments(*cells), strict=True))
        assert read["02-06-1971"] == day("1971-02-06")
        assert read["2/14/71"] == day("1971-02-14")
    # Two sources, of which one has days after the twelfth, stay as each is written.
    cells = [*left, *turned, "13-02-1980", "28-11-1981"]
    assert dict(zip(cells, moments(*cells), strict=True))["02-06-1971"] == day("1971-06-02")


def test_a_duration_is_a_number_and_no_place_on_a_circle():
    table = pa.table({"run": ["1h 51m", "2h", "45m"] * 10})
    assert Preparation.fit(table, describe_columns(table)).input_names == ("run",)


def test_a_target_of_durations_is_told_in_seconds():
    task = find_task(pa.array(["1:02:03", "128:28:00", "0:59:10"]), name="y")
    assert task.kind == "regression"
    assert task.reason == "durations from 0:59:10 to 5 days, 8:28:00, in seconds"
    assert task.encode(pa.array(["0:00:10"]))[0].tolist() == [10]
    stored = pa.array([60, 3600, 7], pa.duration("s"))
    assert find_task(stored, name="y").reason == "durations from 0:00:07 to 1:00:00, in seconds"
    assert "seconds" not in find_task(pa.array(["1.5 kg", "2 kg", "3 kg"]), name="y").reason


def test_dates_are_no_classes_however_often_they_repeat():
    target = pa.array([f"2024-01-{1 + i % 25:02}" for i in range(300)])
    with pytest.raises(TableError, match=r"the target 'y' holds dates.*'classification'"):
        find_task(target, name="y")
    assert len(find_task(target, name="y", task="classification").classes) == 25


def test_rows_are_put_in_order_as_their_dates_were_said_to_be_read():
    values = pa.array(NEITHER)
    (column,) = describe_columns(pa.table({"x": values}), dates=["x=%d/%m/%Y"])
    times = times_of(values, "x", column.reading)
    assert times.argsort().tolist() == [2, 3, 0, 1]
    assert times_of(values, "x").argsort().tolist() == [3, 1, 0, 2]
    assert str(moment_of("01/06/2024", values, "x", column.reading))[:10] == "2024-06-01"


def test_a_column_of_years_tells_the_century():
    true = np.array([1921, 1958, 1987, 2003, 1930] * 4)
    texts = [f"5/{i + 1}/{year % 100:02}" for i, year in enumerate(true)]
    column = described({"day": texts, "year": true})["day"]
    assert "with years of two digits, 1921 to 2003, as year says" in column.reason
    years = parse_dates(pa.array(texts), column.reading)[0].astype("M8[Y]").astype(int) + 1970
    assert years.tolist() == true.tolist()
    other = described({"day": texts, "year": true[::-1]})["day"]
    assert "says" not in other.reason


def test_years_of_more_than_a_hundred_are_said_to_be_wrong():
    true = np.array([1906, 1911, 1958, 1987, 2003, 2016, 2014, 2015] * 3)
    texts = [f"5/{i + 1}/{year % 100:02}" for i, year in enumerate(true)]
    column = described({"day": texts, "year": true})["day"]
    years = parse_dates(pa.array(texts), column.reading)[0].astype("M8[Y]").astype(int) + 1970
    n_off = int((years != true).sum())
    assert f"; {n_off} are of another century, as year says" in column.reason
    assert n_off == 6


@pytest.mark.parametrize("unknown", ["-9", "00", "??", "xx"])
def test_days_that_are_not_known_are_the_first(unknown):
    texts = ["3/15/1848", f"3/{unknown}/1848", "5/30/1900", f"11/{unknown}/1950"]
    column = described({"x": texts})["x"]
    assert (column.kind, column.n_missing) == ("date", 0)
    assert "; 2 lack the day and are taken as the month's first" in column.reason
    assert moments(*texts)[1] == day("1848-03-01")


def test_a_month_that_a_spreadsheet_turned_round():
    texts = ["Sep-63", "Mar-64", "Aug-73", "Nov-88", "Jan-92", "10-Aug", "5-Mar", "13-Feb"]
    assert [moment[:7] for moment in moments(*texts)][-3:] == ["2010-08", "2005-03", "2013-02"]
    assert find_date_reading(pa.array(["14-Nov", "3-Dec", "15-Nov"] * 3)) is None


def test_a_few_months_that_may_be_days_are_no_dates():
    assert find_date_reading(pa.array(["Jun-01", "Jun-15", "Jul-01", "Jul-15"] * 5)) is None
    assert find_date_reading(pa.array(["Jun-01", "Jun-15", "Jul-88", "Jul-15"])) is not None
