"""Cells that look like dates or times of another kind than they are, and are read as they stand."""

import numpy as np
import pyarrow as pa
import pytest

from layerwise.tables.kinds import describe_columns
from layerwise.tables.parsing import find_date_reading, parse_dates

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FIRSTS = [f"01.{i % 12 + 1:02}.{2019 + i // 12}" for i in range(24)]
LATE = [f"7/{i}/2018" for i in range(19, 27)]


def described(name, cells):
    return describe_columns(pa.table({name: cells, "other": np.arange(len(cells)) % 2 + 0.5}))[0]


def days(cells):
    """Each cell's day."""
    values = pa.array(cells)
    read = parse_dates(values, find_date_reading(values))[0].astype("M8[D]").astype(str)
    return dict(zip(cells, read.tolist(), strict=True))


@pytest.mark.parametrize("other", ["one day", "in order", "few days"])
def test_right_dates_stay_right_beside_those_of_another_order(other):
    cells = {
        "one day": FIRSTS,
        "in order": [f"{i % 2 * 6 + 1 + i // 8:02}.{i // 2 + 1:02}.2019" for i in range(24)],
        "few days": [f"{(1, 10)[i % 2]:02}.{i * 5 % 12 + 1:02}.{2019 + i % 3}" for i in range(36)],
    }[other]
    for mixed in (cells + LATE, LATE + cells):
        read = days(mixed)
        assert read["7/19/2018"] == "2018-07-19"
        for cell in cells:
            day, month, year = cell.split(".")
            assert read[cell] == f"{year}-{month}-{day}"


def test_dates_of_one_month_are_turned_where_all_then_follow_one_another():
    turned = [f"09-{i:02}-1983" for i in range(1, 13)]
    left = [f"9/{i}/83" for i in range(13, 31)]
    assert days(turned + left)["09-02-1983"] == "1983-09-02"


@pytest.mark.parametrize("form", ["{month} {year}", "{month}. {year}", "{year} {month}"])
@pytest.mark.parametrize("first", [15, 8])
@pytest.mark.parametrize("is_mixed", [False, True])
def test_months_of_years_are_no_days_of_a_year(form, first, is_mixed):
    cells = [form.format(month=m, year=y) for y in range(first, first + 6) for m in MONTHS]
    if is_mixed:
        cells = np.random.default_rng(0).permutation(cells).tolist()
    assert "days of a year" not in described("x", cells).reason


@pytest.mark.parametrize("is_mixed", [False, True])
@pytest.mark.parametrize("step", [1, 5, 14])
def test_days_of_all_months_are_days_of_a_year(step, is_mixed):
    cells = [f"{m} {d}" for m in MONTHS for d in range(1, 29, step)]
    if is_mixed:
        cells = np.random.default_rng(0).permutation(cells).tolist()
    assert "days of a year" in described("x", cells).reason


@pytest.mark.parametrize("name", ["dep_time", "출발시각"])
def test_times_that_all_differ_are_no_names_of_rows(name):
    times = [f"{6 + i // 4:02}{i * 7 % 60:02}" for i in range(60)]
    assert len(set(times)) == 60
    column = described(name, times)
    assert (column.kind, column.reading.formats) == ("number", ("%H%M",))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("reaction_time", [f"{i:04}" for i in range(9, 60)]),
        ("time", [f"01{i:02}" for i in range(10, 60)]),
        ("근무시간", [f"{i:04}" for i in range(10)]),
        ("근무시간", [f"{i % 24:02}30" for i in range(48)]),
    ],
)
def test_durations_of_four_figures_are_no_times_of_day(name, cells):
    assert "times of day" not in described(name, cells * 3).reason


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("month", [f"{i}/12" for i in range(1, 13)]),
        ("period", [f"{i}/4" for i in range(1, 5)]),
        ("period", ["2/9", "3/9", "4/9", "5/9"]),
        ("day", [f"{i}/7" for i in range(1, 8)]),
        ("기준시점", [f"{i}/12" for i in range(1, 13)]),
        ("date", ["1/4", "2/4", "1/2", "2/3"]),
    ],
)
def test_fractions_of_a_month_or_day_are_no_days_of_a_year(name, cells):
    assert "days of a year" not in described(name, cells * 9).reason


def test_seasons_between_blanks_are_years_and_far_years_none():
    seasons = pa.array([f"{2000 + i} - {i + 1:02}" for i in range(8)])
    reading = find_date_reading(seasons)
    assert parse_dates(seasons, reading)[0].astype("M8[D]").astype(str).tolist() == [
        f"{2000 + i}-01-01" for i in range(8)
    ]
    assert find_date_reading(pa.array([f"{1000 + i} - {i % 12 + 1:02}" for i in range(30)])) is None
    assert find_date_reading(pa.array(["2000 - 05", "2000 - 06", "2001 - 11"])) is not None
