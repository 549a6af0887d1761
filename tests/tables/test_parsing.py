"""Text cells read as numbers, truth values and dates, and what is refused."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.tables.parsing import (
    Reading,
    find_boolean_reading,
    find_cells,
    find_date_reading,
    find_number_reading,
    has_ambiguous_days,
    parse_booleans,
    parse_dates,
    parse_numbers,
)
from tests.helpers.strategies import LETTERS


def numbers(*texts):
    """What a column of these cells is read as; None if it is not one of numbers."""
    column = pa.array(texts, pa.string())
    reading = find_number_reading(column)
    return None if reading is None else parse_numbers(column, reading)[0].tolist()


def dates(*texts, insist=False):
    column = pa.array(texts, pa.string())
    reading = find_date_reading(column, insist=insist)
    return None if reading is None else [str(d) for d in parse_dates(column, reading)[0]]


def day(text):
    """As NumPy writes a moment in microseconds."""
    return str(np.datetime64(text, "us"))


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["1", "-2", "+3.5", ".5", "5.", "1e3", "1E-2"], [1, -2, 3.5, 0.5, 5, 1000, 0.01]),
        (["1,234.5", "12", "-1,234,567"], [1234.5, 12, -1234567]),
        (["1.234,5", "12", "-1.234.567"], [1234.5, 12, -1234567]),
        (["1 234,5", "12"], [1234.5, 12]),
        (["1\u00a0234.5", "1\u202f234"], [1234.5, 1234]),
        (["1'234.5", "1’234"], [1234.5, 1234]),
        (["12,34,567", "1,23,456"], [1234567, 123456]),
        (["0,5", "1,25"], [0.5, 1.25]),
        (["€ 12", "€1.5", "-€ 3", "€ -4"], [12, 1.5, -3, -4]),
        (["$1,200", "$ 7"], [1200, 7]),
        (["₩1,200", "₩700"], [1200, 700]),
        (["12 kg", "7.5kg", "1e3 KG"], [12, 7.5, 1000]),
        (["15%", "3.5 %", "4"], [15, 3.5, 4]),
        (["1,200원", "15원"], [1200, 15]),
        (["36 m²", "15 m²"], [36, 15]),
        (["36 m2", "15m2"], [36, 15]),
        (["12 sq ft", "900 sq ft"], [12, 900]),
        (["(12)", "(1,234.5)", "7"], [-12, -1234.5, 7]),
        (["12-", "7"], [-12, 7]),
        (["−5", "5"], [-5, 5]),
        (["inf", "-Infinity", "1", "∞"], [math.inf, -math.inf, 1, math.inf]),
        (["  7 ", "8\t"], [7, 8]),
        (["0", "0.5", "-0"], [0, 0.5, 0]),
        (["100000000000000000000", "1"], [1e20, 1]),
    ],
)
def test_numbers_as_people_write_them(texts, wanted):
    assert numbers(*texts) == wanted


def test_what_cannot_be_settled_follows_the_rule():
    assert numbers("1,234", "5,678") == [1234, 5678]  # thousands
    assert numbers("1.234", "5.678") == [1.234, 5.678]  # a fraction
    assert numbers("1,234", "5,678", "1,5") == [1.234, 5.678, 1.5]  # one cell settles it
    assert numbers("1.234", "1.234.567") == [1234, 1234567]
    assert numbers("0,234", "0,100") == [0.234, 0.1]  # no thousand begins with a zero


def test_a_cell_beyond_the_sample_settles_it():
    texts = [f"{i},{i + 100}" for i in range(100, 899)]
    assert numbers(*texts)[0] == 100200
    assert numbers(*texts, "1,5")[0] == 100.2


@pytest.mark.parametrize(
    "texts",
    [
        ["00123", "04567", "98765"],  # postal codes
        ["A12", "A13", "A14"],
        ["x126", "x127"],
        ["12 kg", "500 litres", "3 rooms", "7 oz"],  # units that differ
        ["$ 5", "€ 6", "£ 7", "¥ 8"],
        ["1.2.3", "1.10.0"],
        ["2024-03-05", "2024-03-06"],
        ["010-1234-5678", "010-8765-4321"],
        ["10:20", "11:30"],
        ["(5", "(6", "(7"],
        ["1,23", "4,5,6", "7,8,9"],
        ["five", "six"],
        ["n/a", "-", None],
        [None, None],
        [],
    ],
)
def test_what_is_no_number(texts):
    assert numbers(*texts) is None


def test_stray_cells_become_missing_and_are_counted():
    column = pa.array([str(i) for i in range(200)] + ["see note", "n/a", None, "?", "abc"])
    reading = find_number_reading(column)
    read, unread = parse_numbers(column, reading)
    assert unread == [200, 204]  # "n/a" and "?" say that there is nothing
    assert np.flatnonzero(np.isnan(read)).tolist() == [200, 201, 202, 203, 204]


def test_too_many_stray_cells():
    column = [str(i) for i in range(100)]
    assert numbers(*column, "a", "b") is not None
    assert numbers(*column, "a", "b", "c", "d") is None
    assert numbers("1", "2", "a") is None
    assert find_number_reading(pa.array(["1", "2", "a"]), insist=True) == Reading()


def test_a_column_is_read_later_as_it_was_at_first():
    reading = find_number_reading(pa.array(["1.234,5", "3,5"]))
    assert parse_numbers(pa.array(["1.234"]), reading)[0] == [1234]
    read, unread = parse_numbers(pa.array(["1,234.5", "x"]), reading)
    assert np.isnan(read).all()
    assert unread == [0, 1]


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (pa.array([1, None, 3], pa.int8()), [1, None, 3]),
        (pa.array([1.5, None]), [1.5, None]),
        (pa.array([Decimal("1.25"), None]), [1.25, None]),
        (pa.array([True, False, None]), [1, 0, None]),
        (pa.array([dt.time(1, 0, 1), None], pa.time64("us")), [3601, None]),
        (pa.array([dt.time(1, 0, 1)], pa.time32("s")), [3601]),
        (pa.array([dt.timedelta(minutes=2)], pa.duration("ms")), [120]),
        (pa.array([3, None, 3]).dictionary_encode(), [3, None, 3]),
        (pa.array([2**63], pa.uint64()), [2.0**63]),
        (pa.array([None, None]), [None, None]),
        (pa.chunked_array([[1], [2, None]]), [1, 2, None]),
        (pa.chunked_array([], pa.float64()), []),
    ],
)
def test_stored_numbers(column, wanted):
    read, unread = parse_numbers(column)
    assert [None if math.isnan(x) else x for x in read] == wanted
    assert unread == []


def test_types_that_hold_no_numbers():
    with pytest.raises(TypeError, match="no numbers in a column of lists of whole numbers"):
        parse_numbers(pa.array([[1]]))
    with pytest.raises(TypeError, match="needs a reading"):
        parse_numbers(pa.array(["1"]))


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30),
    st.sampled_from([",", ".", " ", "'"]),
    st.sampled_from(["", "€", "kg", "%"]),
)
def test_thousands_and_units_are_read_back(values, mark, unit):
    decimal = "," if mark == "." else "."
    texts = [f"{value:,}".replace(",", mark) + f"{decimal}25 {unit}" for value in values]
    wanted = [
        value + (-0.25 if text.startswith("-") else 0.25)
        for value, text in zip(values, texts, strict=True)
    ]
    assert numbers(*texts) == wanted


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=30))
def test_plain_numbers_keep_every_digit(values):
    texts = [repr(value) for value in values]
    assert numbers(*texts) == values


@given(st.lists(st.none() | st.text(LETTERS, max_size=12), max_size=20))
def test_any_text_is_read_or_refused(texts):
    column = pa.array(texts, pa.string())
    for find, parse in (
        (find_number_reading, parse_numbers),
        (find_date_reading, parse_dates),
    ):
        for insist in (False, True):
            reading = find(column, insist=insist)
            if reading is not None:
                values, unread = parse(column, reading)
                assert len(values) == len(texts)
                assert all(texts[i] is not None for i in unread)
    find_boolean_reading(column)


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["2024-03-05", "2024-3-6"], ["2024-03-05", "2024-03-06"]),
        (["2024-03-05 10:20", None], ["2024-03-05T10:20", "NaT"]),
        (["2024-03-05T10:20:30Z"], ["2024-03-05T10:20:30"]),
        (["2024-03-05T10:20:30+09:00"], ["2024-03-05T01:20:30"]),
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
    ],
)
def test_dates_as_people_write_them(texts, wanted):
    assert dates(*texts) == [day(text) for text in wanted]


def test_days_and_months_that_no_cell_settles():
    assert dates("03/05/2024", "04/06/2024") == [day("2024-03-05"), day("2024-04-06")]
    assert dates("03.05.2024", "04.06.2024") == [day("2024-05-03"), day("2024-06-04")]
    monthly = ["01/01/2024", "01/02/2024", "01/03/2024"]
    assert dates(*monthly) == [day("2024-01-01"), day("2024-02-01"), day("2024-03-01")]
    column = pa.array(monthly)
    assert has_ambiguous_days(column, find_date_reading(column))
    column = pa.array([*monthly, "15/03/2024"])
    assert not has_ambiguous_days(column, find_date_reading(column))


def test_one_cell_of_thousands_settles_the_order():
    texts = [f"{1 + i % 12:02}/{1 + i % 11:02}/{1000 + i}" for i in range(3000)]
    assert dates(*texts)[1] == day("1001-02-02")
    assert dates("02/01/2024", *texts, "13/01/2024")[0] == day("2024-01-02")


def test_mixed_formats():
    texts = ["2024-03-05", "06/25/2024", "7 Mar 2024", "2024-03-08 10:00", "n/a"]
    wanted = ["2024-03-05", "2024-06-25", "2024-03-07", "2024-03-08T10:00", "NaT"]
    assert dates(*texts) == [day(text) for text in wanted]


@pytest.mark.parametrize(
    "texts",
    [
        ["10:20", "11:30"],  # a time of day is no date
        ["2024", "2023"],
        ["20240305", "20240306"],
        ["2024-13-01", "2024-14-01"],
        ["1.10.3", "2.0.1"],
        ["192.168.0.1", "10.0.0.1"],
        ["2024-02-31", "2023-02-29"],  # there are no such days
        ["soon", "later"],
        ["12-34", "56-78"],
    ],
)
def test_what_is_no_date(texts):
    assert dates(*texts) is None


def test_a_day_that_does_not_exist_is_unreadable():
    column = pa.array(["2024-02-29", "2023-02-29", *["2024-01-01"] * 30])
    read, unread = parse_dates(column, find_date_reading(column))
    assert unread == [1]
    assert np.isnat(read).tolist() == [False, True] + [False] * 30


def test_digits_are_dates_where_a_person_says_so():
    assert dates("20240305", "20241231", insist=True) == [day("2024-03-05"), day("2024-12-31")]
    assert dates("2024", "2023", insist=True) == [day("2024-01-01"), day("2023-01-01")]
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


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["yes", "No", "YES", None], [1, 0, 1, None]),
        (["y", "n"], [1, 0]),
        (["True", "False"], [1, 0]),
        (["t", "f"], [1, 0]),
        (["on", "off"], [1, 0]),
        (["0", "1"], [0, 1]),
        (["예", "아니오", "아니요"], [1, 0, 0]),
        (["yes", "no", "n/a"], [1, 0, None]),
        (["있음", "없음"], [1, 0]),
    ],
)
def test_booleans(texts, wanted):
    column = pa.array(texts)
    read, unread = parse_booleans(column, find_boolean_reading(column))
    assert [None if math.isnan(x) else x for x in read] == wanted
    assert unread == []


@pytest.mark.parametrize("texts", [["yes", "perhaps", "no"], ["yes"], ["M", "F"], ["1", "2"], []])
def test_what_is_no_boolean(texts):
    assert find_boolean_reading(pa.array(texts, pa.string())) is None


def test_a_new_word_among_booleans_is_missing():
    read, unread = parse_booleans(pa.array(["yes", "perhaps"]), Reading(true="yes"))
    assert read[0] == 1
    assert math.isnan(read[1])
    assert unread == [1]
    assert parse_booleans(pa.array([True, None]))[0][0] == 1
    assert parse_booleans(pa.array([0, 1, 7]))[1] == [2]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("encoded", [False, True])
def test_text_of_every_storage(kind, encoded):
    column = pa.chunked_array([["7", None], ["", "8"], []], pa.string())
    column = column.dictionary_encode() if encoded else column.cast(kind)
    assert find_cells(column).codes.tolist() == [0, -1, -1, 1]
    read, unread = parse_numbers(column, find_number_reading(column))
    assert read[[0, 3]].tolist() == [7, 8]
    assert np.isnan(read[1:3]).all()
    assert unread == []


def test_texts_that_a_filter_left_out_do_not_count():
    column = (
        pa.array(["1", "x", "y", "2"])
        .dictionary_encode()
        .filter(pa.array([True, False, False, True]))
    )
    assert find_cells(column).texts.to_pylist() == ["1", "2"]
    assert find_number_reading(column) == Reading()
