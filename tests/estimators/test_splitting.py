"""Rows to train on and rows to test with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.estimators.splitting import split_rows
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
    split = split_rows(len(times), test_size=share, times=times)
    check(split, len(times))
    assert times[split.train].max() <= times[split.test].min()
    assert "latest" in split.how


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


def test_with_times_whole_groups_are_the_latest():
    groups = np.repeat([7, 3, 5, 9], 10)
    times = np.concatenate([np.arange(10), np.arange(50, 60), np.arange(20, 30), np.arange(5, 15)])
    split = split_rows(40, test_size=0.4, times=times, groups=groups)
    assert set(groups[split.test]) == {3, 5}
    assert len(split.test) == 20
    assert split.how == "the latest 2 of 4 groups are the test"
