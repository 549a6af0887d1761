"""Rows to train on and rows to test with."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise import TableClassifier, TableRegressor
from layerwise.ensemble.splitting import (
    group_numbers,
    moment_of,
    split_rows,
    times_of,
)
from layerwise.tables.errors import TableError

SIZES = st.floats(0.05, 0.9)
SEEDS = st.integers(0, 5)


def check(split, n):
    assert len(split.train)
    assert np.array_equal(np.sort(np.concatenate([split.train, split.test])), np.arange(n))
    assert (np.diff(split.train) > 0).all()
    assert (np.diff(split.test) > 0).all()


@given(st.integers(2, 200), SIZES, SEEDS)
def test_at_random_shares_are_right(n, share, seed):
    split = split_rows(n, test_size=share, seed=seed)
    check(split, n)
    assert len(split.test) == min(n - 1, max(1, round(share * n)))


@given(st.lists(st.integers(0, 4), min_size=2, max_size=120), SIZES, SEEDS)
def test_each_class_keeps_a_row_to_train_on_and_has_its_share(classes, share, seed):
    classes = np.array(classes)
    if len(set(classes)) == len(classes):
        with pytest.raises(TableError, match="classes has one row"):
            split_rows(len(classes), test_size=share, classes=classes, seed=seed)
        return
    split = split_rows(len(classes), test_size=share, classes=classes, seed=seed)
    check(split, len(classes))
    assert len(split.test)
    assert set(classes[split.train]) == set(classes)
    numbers, counts = np.unique(classes, return_counts=True)
    several = counts[counts > 1].sum()
    for number, count in zip(numbers, counts, strict=True):
        found = (classes[split.test] == number).sum()
        if count == 1:
            assert found == 0
        else:
            wanted = len(split.test) * count / several
            assert 0 <= found < count
            assert abs(found - wanted) <= 2


@given(st.lists(st.integers(0, 30), min_size=2, max_size=60), SIZES)
def test_no_row_to_train_on_is_later_than_one_to_test_with(times, share):
    times = np.array(times)
    if len(set(times)) == 1:
        with pytest.raises(TableError, match="all rows are of one moment"):
            split_rows(len(times), test_size=share, times=times)
        return
    split = split_rows(len(times), test_size=share, times=times)
    check(split, len(times))
    assert times[split.train].max() < times[split.test].min()  # so no moment is parted
    latest = "row" if len(split.test) == 1 else f"{len(split.test)} rows"
    assert f"the latest {latest}, from {times[split.test].min()} on" in split.how
    wanted = min(len(times) - 1, max(1, round(share * len(times))))
    possible = [(times >= moment).sum() for moment in sorted(set(times))[1:]]
    assert abs(len(split.test) - wanted) == min(abs(n - wanted) for n in possible)


@given(
    st.lists(st.sampled_from("abcdef"), min_size=2, max_size=60).filter(lambda g: len(set(g)) > 1),
    SIZES,
    SEEDS,
)
def test_groups_are_never_parted(groups, share, seed):
    groups = np.array(groups)
    split = split_rows(len(groups), test_size=share, groups=groups, seed=seed)
    check(split, len(groups))
    assert len(split.test)
    assert not set(groups[split.train]) & set(groups[split.test])


def test_seeds_differ_and_repeat():
    first, again, other = (split_rows(100, seed=seed).test for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_rows(n):
    with pytest.raises(TableError, match="give at least two"):
        split_rows(n)


def test_one_group():
    with pytest.raises(TableError, match="all rows are of one group"):
        split_rows(3, groups=np.zeros(3))


def test_new_groups_that_begin_with_the_test_are_the_test():
    groups = np.repeat([7, 3, 5, 9], 10)
    times = np.concatenate([np.arange(10), np.arange(50, 60), np.arange(20, 30), np.arange(5, 15)])
    split = split_rows(40, test_size=0.25, times=times, groups=groups)
    assert set(groups[split.test]) == {3}
    assert set(groups[split.train]) == {7, 5, 9}
    assert split.how == (
        "10 rows from 50 on are the test, of 1 of 4 groups, none of whose rows are trained on"
    )


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abcde")), min_size=4, max_size=60),
    SIZES,
    SEEDS,
)
def test_new_groups_are_tested_later_and_never_trained_on(rows, share, seed):
    times, groups = np.array([t for t, _ in rows]), np.array([g for _, g in rows])
    try:
        split = split_rows(len(rows), test_size=share, times=times, groups=groups, seed=seed)
    except TableError as error:
        assert str(error).startswith(("all rows are of one moment", "of the"))
        # Of one group before the test, and of no other from then on.
        assert len(set(times)) == 1 or len(set(groups[times == times.min()])) == 1
        return
    assert times[split.train].max() < times[split.test].min()
    assert not set(groups[split.train]) & set(groups[split.test])
    left_out = len(rows) - len(split.train) - len(split.test)
    are = "1 row is" if left_out == 1 else f"{left_out} rows are"
    assert (f"; {are} left out" in split.how) == (left_out > 0)


def test_a_panel_of_new_groups():
    times, groups = np.repeat(np.arange(10), 20), np.tile(np.arange(20), 10)
    split = split_rows(200, test_size=0.2, times=times, groups=groups)
    assert len(split.test) == 2 * 4  # two days of a fifth of the groups
    assert len(split.train) == 8 * 16
    assert "64 rows are left out" in split.how


def test_the_moment_with_which_the_test_begins():
    times = np.arange("2024-01-01", "2024-01-21", dtype="M8[D]")
    split = split_rows(20, times=times, test_from=np.datetime64("2024-01-18"))
    assert split.test.tolist() == [17, 18, 19]
    assert split.how == "the latest 3 rows, from 2024-01-18 on, are the test"
    for moment, said in (("2025-01-01", "no row is from"), ("2023-01-01", "all rows are from")):
        with pytest.raises(TableError, match=f"{said} {moment} on: .*2024-01-01 to 2024-01-20"):
            split_rows(20, times=times, test_from=np.datetime64(moment))


def test_ten_days_or_more_are_not_parted_and_fewer_are():
    hours = np.arange("2024-01-01T00", "2024-01-13T00", dtype="M8[h]").astype("M8[us]")
    times = times_of(pa.array(hours), "when")
    assert len(np.unique(times)) == 12
    assert times_of(pa.array(hours), "when", whole_days=False).tolist() == hours.tolist()
    assert len(np.unique(times_of(pa.array(hours[:48]), "when"))) == 48


@pytest.mark.parametrize(
    ("values", "text", "moment"),
    [
        (["05.03.2024", "31.12.2024"], "06.03.2024", np.datetime64("2024-03-06")),
        (["05.03.2024", "31.12.2024"], "2024-03-06", np.datetime64("2024-03-06")),
        ([dt.date(2024, 3, 5)], "2024-03-06", np.datetime64("2024-03-06")),
        ([1.5, 3.0], "2.5", 2.5),
    ],
)
def test_a_moment_is_written_as_the_column_has_it(values, text, moment):
    column = pa.chunked_array([values])
    assert moment_of(text, column, "when") == moment
    for word in ("soon", "today", "NaT"):
        with pytest.raises(TableError, match=f"'{word}' is no moment of the column 'when'"):
            moment_of(word, column, "when")


NAMES = ["b", None, "a", "b", None]
NUMBERS = [2.0, np.nan, 1.0, 2.0, np.nan]
DAYS = np.array(["2024-02-01", "NaT", "2024-01-01", "2024-02-01", "NaT"], "M8[D]")


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param(NAMES, id="list"),
        pytest.param(np.array(NAMES, object), id="objects"),
        pytest.param(np.array(["b", "", "a", "b", " "]), id="empty texts"),
        pytest.param(pd.Series(NAMES, dtype="string"), id="pandas text"),
        pytest.param(pd.Series(NAMES, dtype="category"), id="pandas categories"),
        pytest.param(pl.Series(NAMES), id="Polars text"),
        pytest.param(pl.Series(NAMES, dtype=pl.Categorical), id="Polars categories"),
        pytest.param(pa.chunked_array([["b", None], ["a", "b", None]]), id="Arrow"),
        pytest.param(pa.array(NAMES).dictionary_encode(), id="Arrow's dictionary"),
        pytest.param(NUMBERS, id="numbers"),
        pytest.param(np.array(NUMBERS, ">f4"), id="numbers in the other byte order"),
        pytest.param(np.ma.masked_invalid(NUMBERS), id="masked"),
        pytest.param(pd.Series([2, None, 1, 2, None], dtype="Int64"), id="pandas integers"),
        pytest.param([2**71, pd.NA, 2**70, 2**71, None], id="large integers"),
        pytest.param(pd.Series([True, None, False, True, None], dtype="boolean"), id="booleans"),
        pytest.param(DAYS, id="days"),
        pytest.param(pd.Series(DAYS.astype("M8[ns]")).dt.tz_localize("UTC"), id="moments"),
        pytest.param(pd.Series(DAYS).dt.to_period("M"), id="pandas periods"),
        pytest.param(["x", pd.NaT, 7, "x", np.nan], id="text and numbers"),
    ],
)
def test_groups_of_any_type_and_those_that_name_none(groups):
    numbers = group_numbers(groups, 5)
    wanted = [1, 2, 0, 1, 2]  # in order, and what is missing last
    assert numbers.tolist() == wanted


def test_a_group_is_told_by_what_is_written():
    assert group_numbers([1, "1", 2, "two"], 4).tolist() == [0, 0, 1, 2]
    assert group_numbers([" a", "a"], 2).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([1, 2], "groups must name one for each of the 3 rows; got 2"),
        (np.zeros((3, 2)), "2-dimensional"),
        (np.array([1j, 2, 3]), "Complex data not supported"),
        ([[1], [2], [3]], "2-dimensional"),
        ([{"a": 1}] * 3, "groups are records; numbers, text or dates"),
    ],
)
def test_groups_that_cannot_be_told_apart(groups, words):
    with pytest.raises(TableError, match=words):
        group_numbers(groups, 3)


@pytest.mark.parametrize("model", [TableClassifier, TableRegressor])
def test_a_fit_with_rows_that_name_no_group(model):
    x = np.random.default_rng(0).standard_normal((60, 2))
    short = {"effort": "low", "epochs": 1, "n_folds": 3, "n_repeats": 1, "hidden": [4]}
    y = (x[:, 0] > 0) * 1 if model is TableClassifier else x[:, 0]
    groups = [None if i % 5 == 0 else i // 6 for i in range(60)]
    fitted = model(**short, random_state=0).fit(x, y, groups=groups)
    nameless = np.arange(0, 60, 5)
    for member in fitted.ensemble_.members:
        assert len(set(np.isin(nameless, member.held_out))) == 1
