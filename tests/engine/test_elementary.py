"""The compiled elementary functions against NumPy and SciPy in float64.

Bounds are of the relative error, in ranges that reach as far as the result is an ordinary number
of the precision. The float32 functions are held against float64's values at the same float32
arguments.
"""

import numba
import numpy as np
import pytest
from scipy import special

from layerwise.architecture import elementary
from layerwise.architecture.elementary import (
    EXP_LIMITS,
    exp,
    expm1,
    log1p_exp_of_minus,
    normal_cdf,
    normal_pdf,
    sigmoid,
    tanh,
    tanh_softplus,
)
from layerwise.engine.compiled import vectorized  # noqa: F401  their compiled forms

NAMES = [
    "exp",
    "expm1",
    "sigmoid",
    "tanh",
    "tanh_softplus",
    "log1p_exp_of_minus",
    "normal_cdf",
    "normal_pdf",
]


@numba.njit(error_model="numpy", fastmath={"contract"})
def every(x):
    """One column for each of NAMES."""
    out = np.empty((x.size, 8), x.dtype)
    for i in range(x.size):
        out[i, 0] = exp(x[i])
        out[i, 1] = expm1(x[i])
        out[i, 2] = sigmoid(x[i])
        out[i, 3] = tanh(x[i])
        out[i, 4] = tanh_softplus(x[i])
        out[i, 5] = log1p_exp_of_minus(x[i])
        out[i, 6] = normal_cdf(x[i])
        out[i, 7] = normal_pdf(x[i])
    return out


def compiled(name, x):
    return every(np.atleast_1d(x))[:, NAMES.index(name)]


def truth(name, x):
    """The function in float64."""
    x = np.asarray(x, np.float64)
    e = np.exp(np.minimum(x, 300.0))
    return {
        "exp": lambda: np.exp(x),
        "expm1": lambda: np.expm1(x),
        "sigmoid": lambda: special.expit(x),
        "tanh": lambda: np.tanh(x),
        "tanh_softplus": lambda: e * (e + 2) / (e * (e + 2) + 2),
        "log1p_exp_of_minus": lambda: np.log1p(np.exp(-x)),
        "normal_cdf": lambda: special.ndtr(x),
        "normal_pdf": lambda: np.exp(-x * x / 2) / np.sqrt(2 * np.pi),
    }[name]()


# Where each is tried, and the largest relative error there: in float32, in float64.
RANGES = {
    "exp": ((-87.0, 88.0, 3e-7), (-708.0, 709.0, 4e-16)),
    "expm1": ((-87.0, 88.0, 3e-7), (-708.0, 709.0, 1e-15)),
    "sigmoid": ((-87.0, 1e4, 3e-7), (-708.0, 1e4, 1e-15)),
    "tanh": ((-1e4, 1e4, 3e-7), (-1e4, 1e4, 1e-15)),
    "tanh_softplus": ((-85.0, 1e4, 3e-7), (-700.0, 1e4, 1e-15)),
    "log1p_exp_of_minus": ((0.0, 87.0, 3e-7), (0.0, 700.0, 1e-15)),
}
# These are good to an absolute error in float32: far out, where the result is small, the relative
# one is larger.
ABSOLUTE_32 = {"normal_cdf": 3e-7, "normal_pdf": 1e-7}
RANGES_64 = {"normal_cdf": (-37.0, 1e4, 1e-13), "normal_pdf": (-37.0, 37.0, 1e-15)}


def points(low, high, dtype):
    """Evenly spread, and close to 0 from both sides, as far as the range reaches."""
    near = np.logspace(-30, 3, 3000)
    x = np.concatenate([np.linspace(low, high, 20_001), near, -near, [0.0]]).astype(dtype)
    return x[(x >= low) & (x <= high)]


def worst(name, low, high, dtype):
    x = points(low, high, dtype)
    wanted = truth(name, x)
    difference = np.abs(compiled(name, x).astype(np.float64) - wanted)
    return np.max(difference / np.where(wanted == 0, 1.0, np.abs(wanted)))


@pytest.mark.parametrize("name", RANGES)
def test_float32(name):
    low, high, bound = RANGES[name][0]
    assert worst(name, low, high, np.float32) <= bound


@pytest.mark.parametrize("name", [*RANGES, *RANGES_64])
def test_float64(name):
    low, high, bound = RANGES[name][1] if name in RANGES else RANGES_64[name]
    assert worst(name, low, high, np.float64) <= bound


@pytest.mark.parametrize("name", ABSOLUTE_32)
def test_float32_of_the_normal_distribution(name):
    x = points(-40.0, 40.0, np.float32)
    difference = np.abs(compiled(name, x) - truth(name, x))
    assert difference.max() <= ABSOLUTE_32[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numpys_forms_are_the_same_functions(name, dtype):
    x = np.linspace(0.01, 20.0, 500).astype(dtype)
    if name != "log1p_exp_of_minus":
        x = np.concatenate([-x, x])
    tolerance = {np.float32: 1e-6, np.float64: 1e-12}[dtype]
    found = getattr(elementary, name)(x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, truth(name, x), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_in_gives_nan_out(name, dtype):
    x = np.array([np.nan, 1.0, np.nan], dtype)
    for found in (compiled(name, x), getattr(elementary, name)(x)):
        assert np.isnan(found).tolist() == [True, False, True]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturation_instead_of_overflow(name, dtype):
    low = 0.0 if name == "log1p_exp_of_minus" else -np.inf
    x = np.array([np.inf, 1e30, 1e4, 800.0, 90.0, -90.0, -800.0, -1e4, -1e30, -np.inf], dtype)
    x = x[x >= low]
    found = compiled(name, x)
    assert np.isfinite(found).all()
    if name in {"exp", "expm1"}:
        largest = np.exp(dtype(EXP_LIMITS[np.dtype(dtype).itemsize][1]), dtype=dtype)
        assert found[0] == pytest.approx(largest, rel=1e-5)
        assert found[-1] == pytest.approx(-1.0 if name == "expm1" else 0.0, abs=1e-37)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_limits(dtype):
    far = np.array([-1e4, 1e4], dtype)
    for name, (below, above) in {
        "sigmoid": (0.0, 1.0),
        "tanh": (-1.0, 1.0),
        "tanh_softplus": (0.0, 1.0),
        "normal_cdf": (0.0, 1.0),
        "normal_pdf": (0.0, 0.0),
    }.items():
        found = compiled(name, far)
        assert found[0] == pytest.approx(below, abs=1e-37), name
        assert found[1] == pytest.approx(above, abs=1e-37), name


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_odd_and_symmetric(dtype):
    x = np.linspace(0.0, 9.0, 1001).astype(dtype)
    tolerance = 4 * np.finfo(dtype).eps
    for name, total in {"tanh": 0.0, "sigmoid": 1.0, "normal_cdf": 1.0}.items():
        both = compiled(name, x) + compiled(name, -x)
        np.testing.assert_allclose(both, total, atol=tolerance, err_msg=name)
    np.testing.assert_array_equal(compiled("normal_pdf", -x), compiled("normal_pdf", x))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_never_falling(dtype):
    x = np.linspace(-30.0, 30.0, 200_001).astype(dtype)
    for name in ("exp", "sigmoid", "tanh"):
        steps = np.diff(compiled(name, x).astype(np.float64))
        scale = np.abs(compiled(name, x)[1:]) * np.finfo(dtype).eps
        assert (steps >= -3 * scale).all(), name
