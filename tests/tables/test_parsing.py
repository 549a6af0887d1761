"""Text cells read as numbers and truth values, and what is refused; dates: test_dates.py."""

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
