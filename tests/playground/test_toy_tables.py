"""The toy tables are what their names say, for every count, noise and seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.playground.toy_tables import EXTENT, TOYS, toy_table

COUNTED = [(name, toy) for name, toy in TOYS.items() if toy.option]


@given(
    st.sampled_from(sorted(TOYS)), st.integers(10, 200), st.floats(0, 1), st.integers(0, 2**32 - 1)
)
def test_each_has_as_many_rows_as_asked_for_and_finite_numbers(name, rows, noise, seed):
    x, y = toy_table(name, rows, noise, seed=seed)
    assert x.shape == (rows, len(TOYS[name].inputs))
    assert y.shape == (rows,)
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    again = toy_table(name, rows, noise, seed=seed)
    assert np.array_equal(x, again[0])


@pytest.mark.parametrize(("name", "toy"), COUNTED)
def test_arms_and_classes_are_counted(name, toy):
    for count in range(toy.least, toy.most + 1):
        _, y = toy_table(name, 120, count=count)
        assert set(y) == set(range(count))
        assert np.bincount(y.astype(int)).min() >= 120 // count
    with pytest.raises(ValueError, match=toy.option):
        toy_table(name, count=toy.most + 1)


@pytest.mark.parametrize("name", [name for name, toy in TOYS.items() if len(toy.inputs) == 2])
def test_without_noise_points_lie_in_the_square(name):
    x, _ = toy_table(name, 500, 0.0)
    if name != "blobs":
        assert np.abs(x).max() <= EXTENT + 0.31


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("line", lambda a, b: a + 0.5 * b > 0.5),
        ("xor", lambda a, b: a * b > 0),
        ("sine", lambda a, b: b > 3 * np.sin(a)),
        ("absolute", lambda a, b: b > np.abs(a) - 3),
        ("circles", lambda a, b: a**2 + b**2 < 9),
    ],
)
def test_without_noise_the_rule_holds(name, is_one):
    x, y = toy_table(name, 400, 0.0)
    assert np.array_equal(y == 1, is_one(x[:, 0], x[:, 1]))


def test_three_inputs_make_one_number():
    x, y = toy_table("triples", 100, 0.0)
    assert np.allclose(y, x[:, 0] * x[:, 1] / 12 + x[:, 2] / 6)
    assert not np.allclose(toy_table("triples", 100, 0.5)[1], y)


def test_two_classes_have_about_as_many_rows():
    for name, toy in TOYS.items():
        if toy.task == "classes" and name != "digits":
            share = toy_table(name, 1_000, 0.0)[1].mean()
            assert 0.3 < share < 0.7, name
