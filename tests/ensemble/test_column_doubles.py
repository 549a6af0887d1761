"""Columns that say what another one says are told from those that look so."""

import numpy as np
import pytest

from layerwise.ensemble.column_selection import select_columns
from layerwise.tables.encoders.number import scaling_of

N, N_OTHERS = 600, 12


def skewed(random, n=N):
    """Most of it within 1 of 0, and a few rows up to hundreds."""
    return np.exp(2.0 * random.normal(size=n))


def noisy(x, random, share=0.1):
    return x + share * np.nanstd(x) * random.normal(size=len(x))


def doubles_among(columns, y, *, noise=1.0, seed=0):
    """Which column each of these says again, beside others that tell of y as well."""
    random = np.random.default_rng(seed + 100)
    columns = columns | {f"other {i}": random.normal(size=len(y)) for i in range(N_OTHERS)}
    y = y + sum(columns[f"other {i}"] for i in range(N_OTHERS)) + noise * random.normal(size=len(y))
    inputs, of_inputs = [], []
    for place, x in enumerate(columns.values()):
        inputs.append(scaling_of(x)(x))
        of_inputs.append(place)
        if np.isnan(x).any():
            inputs.append(np.isnan(x).astype(np.float32))
            of_inputs.append(place)
    selection = select_columns(
        np.column_stack(inputs),
        np.zeros((len(y), 0), np.int32),
        y,
        of_inputs=of_inputs,
        of_codes=[],
        always=[False] * len(columns),
        is_classes=False,
        seed=0,
    )
    names = list(columns)
    return {names[i]: names[k] for i, k in enumerate(selection.double_of) if k >= 0}


@pytest.mark.parametrize("seed", range(3))
def test_noise_that_is_little_beside_a_few_large_numbers_makes_a_double(seed):
    random = np.random.default_rng(seed)
    x = skewed(random)
    columns = {f"copy {i}": 1.8 * noisy(x, random) + 32 for i in range(5)} | {"x": x}
    doubles = doubles_among(columns, np.log(x), seed=seed)
    assert doubles == {f"copy {i}": "x" for i in range(5)}


@pytest.mark.parametrize("order", [("x", "copy"), ("copy", "x")])
@pytest.mark.parametrize("tells", [0.0, 1.0])
def test_of_two_the_one_that_has_the_noise_is_the_double(order, tells):
    random = np.random.default_rng(3)
    x = skewed(random)
    columns = {"x": x, "copy": noisy(x, random)}
    doubles = doubles_among({name: columns[name] for name in order}, tells * np.log(x))
    assert doubles == {"copy": "x"}


def test_gaps_in_the_same_rows_are_no_likeness_and_hide_none():
    random = np.random.default_rng(4)
    x = skewed(random)
    x[random.random(N) < 0.3] = np.nan
    columns = {"x": x, **{f"copy {i}": noisy(x, random) for i in range(3)}}
    doubles = doubles_among(columns, np.nan_to_num(np.log(x)))
    assert doubles == {f"copy {i}": "x" for i in range(3)}


@pytest.mark.parametrize("told", [np.sign, lambda noise: 4 * np.abs(noise)])
def test_a_copy_whose_noise_tells_of_the_target_stays(told):
    random = np.random.default_rng(5)
    x, noise = skewed(random), random.normal(size=N)
    columns = {"x": x, "copy": x + 0.1 * x.std() * noise}
    assert doubles_among(columns, np.log(x)) == {"copy": "x"}
    assert doubles_among(columns, np.log(x) + told(noise)) == {}


def test_another_that_differs_in_a_few_rows_that_tell_of_the_target_stays():
    random = np.random.default_rng(11)
    x, by = random.normal(size=(2, 3_000))
    few = np.arange(3_000) < 2
    other = x + np.where(few, np.sign(by), 0.02 * by)
    columns = {"x": x, "other": other}
    assert doubles_among(columns, np.zeros(3_000)) != {}
    assert doubles_among(columns, np.where(few, 20 * np.sign(by), 0.0)) == {}


@pytest.mark.parametrize("transformed", [np.asarray, np.exp])
def test_the_same_again_is_a_double_whatever_its_units_and_its_order(transformed):
    x = transformed(np.random.default_rng(12).normal(size=N))
    doubles = doubles_among(
        {"x": x, "again": x, "in euros": 0.7 * x, "bent": np.exp(-x)}, x, noise=0
    )
    assert len(doubles) == 3
    assert len(set(doubles.values())) == 1


def test_two_columns_that_one_row_makes_alike_are_none():
    random = np.random.default_rng(6)
    x, other = 0.05 * random.normal(size=N), random.normal(size=N)
    x[7], other[7] = 300.0, 300.0
    assert np.corrcoef(x, other)[0, 1] ** 2 > 0.99
    assert doubles_among({"x": x, "other": other}, np.zeros(N)) == {}


def test_one_row_makes_no_column_of_two_values_like_another():
    random = np.random.default_rng(0)
    x, other = np.zeros(N), np.zeros(N)  # a gap is filled with it, the middle of all
    rows = random.permutation(N)[:200]
    x[rows], other[rows] = 1.0, 0.1 * random.normal(size=len(rows))
    x[rows[0]] = other[rows[0]] = 300.0
    assert doubles_among({"x": x, "other": other}, np.zeros(N)) == {}


@pytest.mark.parametrize(
    "bent", [lambda x: 0.3 * x**0.5, lambda x: 0.1 * x * np.random.default_rng(8).normal(size=N)]
)
def test_what_differs_by_more_than_noise_stays_though_it_tells_nothing(bent):
    x = skewed(np.random.default_rng(7)) + 0.1
    other = x + bent(x) + 0.5 * np.random.default_rng(9).normal(size=N)
    assert np.corrcoef(x, other)[0, 1] ** 2 > 0.95
    assert doubles_among({"x": x, "other": other}, np.zeros(N)) == {}


def test_of_few_rows_noise_is_not_told_from_more():
    random = np.random.default_rng(10)
    x = skewed(random, 80)
    assert doubles_among({"x": x, "copy": noisy(x, random)}, np.log(x)) == {}
