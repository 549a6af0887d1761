"""Small products against NumPy's in float64, through the same door as every product."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled import small_product
from layerwise.engine.compiled.calling import blas_scratch
from layerwise.engine.compiled.compiling import program
from layerwise.engine.compiled.product import find_product, multiply
from layerwise.engine.compiled.small_product import is_small, multiply_small

EDGE = 7.25  # what stands around the result, and must go on standing there


@program
def product(
    gemm, blas, ints, floats, a, a_length, a_letter, b, b_length, b_letter, c, c_length, m, k, n,
    alpha, keep,
):  # fmt: skip
    """The product that a step makes."""
    multiply(
        gemm, blas, ints, floats, a, a_length, a_letter, b, b_length, b_letter, c, c_length,
        m, k, n, alpha, keep,
    )  # fmt: skip


@program
def small(a, a_row, a_step, b, b_length, turned, c, c_length, m, k, n, itemsize, alpha, keep):
    """The small product alone, however large."""
    multiply_small(
        a, a_row, a_step, b, b_length, turned, c, c_length, m, k, n, itemsize, alpha, keep
    )


@program
def ask(m, k, n, itemsize):
    """Whether a product is a small one."""
    return is_small(m, k, n, itemsize)


def multiplied(a, b, before, turned_a, turned_b, alpha, keep, how):
    """The result with one more row and column around it that nobody may touch."""
    (m, k), n, dtype = a.shape, b.shape[1], a.dtype
    a_stands = np.ascontiguousarray(a.T if turned_a else a)
    b_stands = np.ascontiguousarray(b.T if turned_b else b)
    c = np.full((m + 1, n + 1), EDGE, dtype)
    c[:m, :n] = before
    places = [x.ctypes.data for x in (a_stands, b_stands, c)]
    numbers = dtype.type(alpha), dtype.type(keep)
    a_length, b_length = a_stands.shape[1], b_stands.shape[1]
    if how == "small":
        row, step = (1, a_length) if turned_a else (a_length, 1)
        small(
            places[0], row, step, places[1], b_length, turned_b, places[2], n + 1,
            m, k, n, dtype.itemsize, *numbers,
        )  # fmt: skip
    else:
        blas, ints, floats = blas_scratch(a_stands, a_stands, a_stands)
        letters = [
            blas[at.TURNED] if turned else blas[at.AS_IT_IS] for turned in (turned_a, turned_b)
        ]
        product(
            find_product(dtype.itemsize), blas, ints, floats, places[0], a_length, letters[0],
            places[1], b_length, letters[1], places[2], n + 1, m, k, n, *numbers,
        )  # fmt: skip
    assert (c[m] == EDGE).all()
    assert (c[:, n] == EDGE).all()
    return c[:m, :n]


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    return np.dtype(request.param)


@settings(max_examples=150, deadline=None)
@given(
    shape=st.tuples(*[st.integers(1, 40)] * 3),
    turned=st.tuples(st.booleans(), st.booleans()),
    numbers=st.tuples(st.floats(-2, 2), st.sampled_from([0.0, 1.0, -0.5])),
    how=st.sampled_from(["small", "as in a step"]),
    dtype=st.sampled_from([np.dtype("float32"), np.dtype("float64")]),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_is_the_product(shape, turned, numbers, how, dtype, seed):
    m, k, n = shape
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(m, k)).astype(dtype), rng.normal(size=(k, n)).astype(dtype)
    before = rng.normal(size=(m, n)).astype(dtype)
    result = multiplied(a, b, before, *turned, *numbers, how)
    alpha, keep = (float(dtype.type(number)) for number in numbers)
    a, b, before = (x.astype(np.float64) for x in (a, b, before))
    bound = (k + 4) * np.finfo(dtype).eps
    scale = abs(alpha) * abs(a) @ abs(b) + abs(keep * before)
    assert (abs(result - (alpha * a @ b + keep * before)) <= bound * scale + 1e-30).all()


@pytest.mark.parametrize("turned_b", [False, True])
def test_a_number_does_not_depend_on_its_neighbours(dtype, turned_b):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(13, 33)).astype(dtype), rng.normal(size=(33, 37)).astype(dtype)
    zeros = np.zeros((13, 37), dtype)
    whole = multiplied(a, b, zeros, False, turned_b, 1, 0, "small")
    for rows, columns in ((1, 37), (5, 8), (12, 1), (13, 23)):
        part = multiplied(
            a[:rows], b[:, :columns], zeros[:rows, :columns], False, turned_b, 1, 0, "small"
        )
        np.testing.assert_array_equal(part, whole[:rows, :columns])


def test_what_is_not_kept_is_not_read(dtype):
    a, b = np.ones((5, 3), dtype), np.ones((3, 9), dtype)
    nothing = np.full((5, 9), np.nan, dtype)
    np.testing.assert_array_equal(multiplied(a, b, nothing, False, False, 1, 0, "small"), 3)


def test_not_a_number_stays_in_its_row(dtype):
    a, b = np.ones((6, 4), dtype), np.ones((4, 10), dtype)
    a[2, 1] = np.nan
    result = multiplied(a, b, np.zeros((6, 10), dtype), False, True, 1, 0, "small")
    assert np.isnan(result[2]).all()
    np.testing.assert_array_equal(np.delete(result, 2, axis=0), 4)


def test_large_products_are_left_to_the_blas():
    assert not ask(256, 257, 256, 4)
    assert not ask(1, small_product._MOST_TERMS + 1, 1, 4)
    assert ask(32, 65, 64, 4) == small_product._IS_OF_USE
