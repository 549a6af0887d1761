"""Ways to compare numbers, and derivatives by differences."""

from collections.abc import Callable

import numpy as np


def central_difference(function: Callable, x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The derivative of an elementwise function."""
    return (function(x + step) - function(x - step)) / (2 * step)


def central_gradient(value: Callable[[], float], x: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The gradient of value() by the numbers of x, which are moved in place and put back."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        before = x[place]
        x[place] = before + step
        above = value()
        x[place] = before - step
        below = value()
        x[place] = before
        gradient[place] = (above - below) / (2 * step)
    return gradient


def relative_error(found: np.ndarray, wanted: np.ndarray, floor: float = 0.0) -> float:
    """Largest difference over the largest number wanted, or over `floor`; NaN is infinitely far."""
    found, wanted = np.asarray(found, float), np.asarray(wanted, float)
    assert found.shape == wanted.shape, f"shapes {found.shape} and {wanted.shape}"
    if wanted.size == 0:
        return 0.0
    error, scale = np.abs(found - wanted).max(), max(np.abs(wanted).max(), floor)
    if error == 0:
        return 0.0
    return float("inf") if np.isnan(error) or scale == 0 else float(error / scale)


def assert_close(
    found: np.ndarray, wanted: np.ndarray, tolerance: float, what: str = "", floor: float = 0.0
) -> None:
    """Fail where `relative_error` is above the tolerance."""
    error = relative_error(found, wanted, floor)
    assert error <= tolerance, f"{what}: relative error {error:.2e} above {tolerance:.0e}"


def assert_same_bits(found: np.ndarray, wanted: np.ndarray, what: str = "") -> None:
    """Fail where any bit differs."""
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    differ = found.view(np.uint8) != wanted.view(np.uint8)
    assert not differ.any(), f"{what}: other bits in {np.count_nonzero(found != wanted)} numbers"
