"""Rows held out that are later than those trained on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise import TableClassifier, TableRegressor
from layerwise.ensemble.folds import windows_of
from layerwise.tables.errors import TableError

TIMES = st.lists(st.integers(0, 12), min_size=2, max_size=80).map(np.array)
SMALL = {"effort": "high", "epochs": 3, "hidden": (8,), "n_folds": 4, "n_repeats": 1}
N = 120
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 3))
PRICE = 100 + 20 * X[:, 0] + RNG.normal(size=N)
TIME = RNG.permutation(N) // 3


@given(TIMES, st.integers(1, 6))
def test_rows_that_stop_are_later_and_rows_that_measure_later_still(times, n_windows):
    if len(set(times)) == 1:
        with pytest.raises(TableError, match="of one moment"):
            windows_of(times, None, n_windows, 0)
        return
    windows = windows_of(times, None, n_windows, 0)
    assert 1 <= len(windows) <= n_windows
    for rows, stopping, measuring in windows:
        assert times[rows].max() < times[stopping].min()
        assert len(rows) == (times < times[stopping].min()).sum()  # all that are earlier
        assert times[measuring].max() == times.max()
        assert times[stopping].max() < times[measuring].min() or len(set(times)) == 2
    starts = [times[fold.stopping].min() for fold in windows]
    assert starts == sorted(starts, reverse=True)  # the latest first


@given(TIMES, st.integers(1, 6), st.integers(0, 3))
def test_with_groups_rows_held_out_are_of_others_too(times, n_windows, seed):
    groups = np.arange(len(times)) % 5
    try:
        windows = windows_of(times, groups, n_windows, seed)
    except TableError:
        return
    for rows, *later in windows:
        for held_out in later:
            assert times[rows].max() < times[held_out].min()
            assert not set(groups[rows]) & set(groups[held_out])


def test_one_group_is_too_few():
    with pytest.raises(TableError, match="give more groups"):
        windows_of(np.arange(20), np.zeros(20), 3, 0)


@pytest.fixture(scope="module")
def model():
    return TableRegressor(**SMALL, intervals=0.8, random_state=0).fit(X, PRICE, times=TIME)


def test_every_network_is_measured_on_later_rows_and_trained_on_all(model):
    ensembles = model.ensemble_, model.intervals_.low, model.intervals_.high
    for member in [member for ensemble in ensembles for member in ensemble.members]:
        assert TIME[member.held_out].min() >= 0.5 * TIME.max()
        assert member.measured is not None
        assert not np.array_equal(member.measured.vector, member.network.vector)
        assert member.history.best_epoch
    assert len(model.ensemble_.members) == 4
    # Two networks or more for each window, so that what is measured is an average too.
    held_out = [member.held_out for member in model.ensemble_.members]
    assert np.array_equal(held_out[0], held_out[1])
    assert np.array_equal(held_out[2], held_out[3])
    assert TIME[held_out[0]].min() > TIME[held_out[2]].min()
    assert model.recipe_.n_windows == 2


def test_the_same_bits_on_any_number_of_threads_and_in_a_checkpoint(model, tmp_path):
    settings = {**SMALL, "intervals": 0.8, "random_state": 0, "n_threads": 1}
    again = TableRegressor(**settings, checkpoint=tmp_path / "kept").fit(X, PRICE, times=TIME)
    assert np.array_equal(again.predict(X), model.predict(X))
    assert np.array_equal(again.predict_interval(X), model.predict_interval(X))


def test_moments_are_of_any_kind_that_has_an_order(model):
    moments = np.datetime64("2024-01-01") + TIME
    other = TableRegressor(**SMALL, random_state=0).fit(X, PRICE, times=moments)
    assert np.array_equal(other.predict(X), model.predict(X))
    for times, said in (
        (np.where(TIME == 3, np.nan, TIME), "some are missing"),
        ([None, *TIME[1:].tolist()], "times must be numbers or moments"),
        (TIME[1:], "for each of the 120 rows"),
    ):
        with pytest.raises(ValueError, match=said):
            TableRegressor(**SMALL).fit(X, PRICE, times=times)


def test_times_and_groups_go_on_too():
    groups = RNG.choice(list("abcdefgh"), N)
    y = np.where(X[:, 0] > 0, "yes", "no")
    model = TableClassifier(**SMALL, random_state=0).fit(X, y, times=TIME, groups=groups)
    model.partial_fit(X, y, times=TIME, groups=groups)
    for member in model.ensemble_.members:
        assert TIME[member.held_out].min() > 0
        assert member.measured is not None
    model.partial_fit(X, y)
    assert all(member.measured is None for member in model.ensemble_.members)
    assert model.recipe_.n_windows == 0
