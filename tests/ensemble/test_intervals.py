"""Prediction intervals hold the share of targets that they promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise import TableRegressor
from layerwise.ensemble.intervals import margin_of, rows_needed

SMALL = {"effort": "low", "epochs": 5, "hidden": (8,), "n_folds": 3, "n_repeats": 1}
NUMBERS = st.integers(-20, 20)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=30), st.floats(0.05, 0.95)
)
def test_the_margin_is_the_least_that_holds_enough_rows(rows, level):
    low, high, y = np.array(rows, float).T
    margin = margin_of(low, high, y, level)
    wanted = math.ceil(level * (len(y) + 1))
    assert (wanted > len(y)) == (len(y) < rows_needed(level)) == math.isinf(margin)
    if wanted > len(y):
        return
    inside = ((low - margin <= y) & (y <= high + margin)).sum()
    assert inside >= wanted
    less = margin - 1  # ends and targets are whole numbers
    assert ((low - less <= y) & (y <= high + less)).sum() < wanted


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("weight", [0.1, 1 / 3, 7.0])
def test_rows_of_equal_weight_count_as_rows_without(level, weight):
    for n in range(1, 40):
        y = np.arange(n) % 7.0
        margin = margin_of(0 * y, 0 * y, y, level)
        assert margin_of(0 * y, 0 * y, y, level, np.full(n, weight, np.float32)) == margin


def test_too_few_rows_are_too_few_whatever_they_count():
    low, y, weight = np.zeros(9), np.arange(9.0), np.arange(1.0, 10.0)
    assert math.isinf(margin_of(low[:8], low[:8], y[:8], 0.9, weight[:8]))
    assert margin_of(low, low, y, 0.9, weight) == 8


def simulated(seed, n=1_600):
    """Numbers whose spread grows with x."""
    random = np.random.default_rng(seed)
    x = random.uniform(0, 1, (n, 2))
    return x, 3 * x[:, 0] + (0.1 + x[:, 1]) * random.normal(size=n)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_coverage_is_near_the_level_where_the_spread_varies(seed):
    x, y = simulated(seed)
    model = TableRegressor(intervals=0.8, random_state=seed, **SMALL).fit(x[:600], y[:600])
    low, high = model.predict_interval(x[600:])
    assert low.shape == high.shape == (1_000,)
    assert (low <= high).all()
    assert ((low <= y[600:]) & (y[600:] <= high)).mean() == pytest.approx(0.8, abs=0.07)


def test_a_higher_level_gives_wider_intervals():
    x, y = simulated(0, 300)
    widths = []
    for level in (0.5, 0.95):
        model = TableRegressor(intervals=level, random_state=0, **SMALL).fit(x, y)
        low, high = model.predict_interval(x)
        widths.append((high - low).mean())
    assert widths[1] > 1.5 * widths[0]


def test_intervals_of_several_targets():
    x, y = simulated(0, 200)
    y = np.column_stack([y, 100 * y])
    model = TableRegressor(intervals=0.8, random_state=0, **SMALL).fit(x, y)
    low, high = model.predict_interval(x)
    assert low.shape == (200, 2)
    assert (((low <= y) & (y <= high)).mean(axis=0) > 0.6).all()


def test_a_model_without_intervals_says_how_to_get_them():
    x, y = simulated(0, 50)
    with pytest.raises(AttributeError, match=r"train it with intervals=0\.9"):
        TableRegressor(random_state=0, **SMALL).fit(x, y).predict_interval(x)
