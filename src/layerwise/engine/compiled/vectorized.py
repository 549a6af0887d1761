"""The elementary functions, compiled: straight-line arithmetic that LLVM can vectorise.

The C library's exp, tanh and erf take one number at a time and cost most of a step. Here each is
a range reduction, a series and the exponent put in by its bits. In float32 the relative error is
below 3e-7 (of normal_cdf the absolute one, of normal_pdf 2e-6); in float64 exp, expm1, sigmoid
and tanh are good to about 1e-15, and the rest calls the C library.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from layerwise.architecture import elementary
from layerwise.architecture.elementary import number
from layerwise.engine.compiled.compiling import PART_OPTIONS

__all__ = ["number"]

_OPTIONS = {**PART_OPTIONS, "fastmath": {"contract"}}
_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first short enough that its product with an integer is exact.
_LN2_HIGH_32, _LN2_LOW_32 = np.float32(0.693359375), np.float32(-2.12194440e-4)
_LN2_HIGH_64, _LN2_LOW_64 = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# Adding and taking away 1.5 * 2^23 (2^52) leaves the nearest integer.
_ROUND_32, _ROUND_64 = np.float32(12582912.0), 6755399441055744.0

_f32 = np.float32
_LOW_32, _HIGH_32 = (_f32(limit) for limit in elementary.EXP_LIMITS[4])
_LOW_64, _HIGH_64 = elementary.EXP_LIMITS[8]


@register_jitable(**_OPTIONS)
def _exp_parts_32(x: Any) -> Any:
    """(2^k, q) with e^x = 2^k (1 + q), |q| < 0.42. Taylor series to degree 7."""
    x = _LOW_32 if x < _LOW_32 else x
    x = _HIGH_32 if x > _HIGH_32 else x
    k = (x * _f32(_LOG2_E) + _ROUND_32) - _ROUND_32
    r = (x - k * _LN2_HIGH_32) - k * _LN2_LOW_32
    q = _f32(1 / 5040)
    q = q * r + _f32(1 / 720)
    q = q * r + _f32(1 / 120)
    q = q * r + _f32(1 / 24)
    q = q * r + _f32(1 / 6)
    q = q * r + _f32(0.5)
    q = q * r * r + r
    return np.int32((np.int32(k) + np.int32(127)) << np.int32(23)).view(np.float32), q


@register_jitable(**_OPTIONS)
def _exp_parts_64(x: Any) -> Any:
    """(2^k, q) with e^x = 2^k (1 + q), |q| < 0.42. Taylor series to degree 13."""
    x = _LOW_64 if x < _LOW_64 else x
    x = _HIGH_64 if x > _HIGH_64 else x
    k = (x * _LOG2_E + _ROUND_64) - _ROUND_64
    r = (x - k * _LN2_HIGH_64) - k * _LN2_LOW_64
    q = 1 / 6227020800
    q = q * r + 1 / 479001600
    q = q * r + 1 / 39916800
    q = q * r + 1 / 3628800
    q = q * r + 1 / 362880
    q = q * r + 1 / 40320
    q = q * r + 1 / 5040
    q = q * r + 1 / 720
    q = q * r + 1 / 120
    q = q * r + 1 / 24
    q = q * r + 1 / 6
    q = q * r + 0.5
    q = q * r * r + r
    return np.int64((np.int64(k) + np.int64(1023)) << np.int64(52)).view(np.float64), q


def _exp_32(x: Any) -> Any:
    power, q = _exp_parts_32(x)
    return power * q + power


def _exp_64(x: Any) -> Any:
    power, q = _exp_parts_64(x)
    return power * q + power


def _expm1_32(x: Any) -> Any:
    power, q = _exp_parts_32(x)
    return power * q + (power - _f32(1))


def _expm1_64(x: Any) -> Any:
    power, q = _exp_parts_64(x)
    return power * q + (power - 1.0)


def _sigmoid_32(x: Any) -> Any:
    power, q = _exp_parts_32(-x)
    return _f32(1) / (_f32(1) + (power * q + power))


def _sigmoid_64(x: Any) -> Any:
    power, q = _exp_parts_64(-x)
    return 1.0 / (1.0 + (power * q + power))


def _tanh_32(x: Any) -> Any:
    # tanh(10) is 1 in float32.
    x = _f32(-10) if x < _f32(-10) else (_f32(10) if x > _f32(10) else x)
    power, q = _exp_parts_32(x + x)
    t = power * q + (power - _f32(1))
    return t / (t + _f32(2))


def _tanh_64(x: Any) -> Any:
    x = -20.0 if x < -20.0 else (20.0 if x > 20.0 else x)
    power, q = _exp_parts_64(x + x)
    t = power * q + (power - 1.0)
    return t / (t + 2.0)


def _tanh_softplus_32(x: Any) -> Any:
    power, q = _exp_parts_32(_f32(20) if x > _f32(20) else x)
    e = power * q + power
    return e * (e + _f32(2)) / (e * (e + _f32(2)) + _f32(2))


def _tanh_softplus_64(x: Any) -> Any:
    power, q = _exp_parts_64(20.0 if x > 20.0 else x)
    e = power * q + power
    return e * (e + 2.0) / (e * (e + 2.0) + 2.0)


def _log1p_exp_of_minus_32(x: Any) -> Any:
    # ln(1 + u) = 2 artanh(s) with s = u / (2 + u), at most 1/3: a series in s² / 9^n.
    power, q = _exp_parts_32(-x)
    u = power * q + power
    s = u / (u + _f32(2))
    w = s * s
    p = _f32(2 / 15)
    p = p * w + _f32(2 / 13)
    p = p * w + _f32(2 / 11)
    p = p * w + _f32(2 / 9)
    p = p * w + _f32(2 / 7)
    p = p * w + _f32(2 / 5)
    p = p * w + _f32(2 / 3)
    return p * w * s + (s + s)


def _log1p_exp_of_minus_64(x: Any) -> Any:
    return math.log1p(math.exp(-x))


def _normal_cdf_32(x: Any) -> Any:
    # erf by Abramowitz and Stegun 1964, formula 7.1.26 (absolute error 1.5e-7), in x / sqrt(2).
    z = x if x > _f32(0) else -x
    t = _f32(1) / (_f32(1) + _f32(0.3275911 * 0.7071067811865476) * z)
    p = _f32(1.061405429)
    p = p * t + _f32(-1.453152027)
    p = p * t + _f32(1.421413741)
    p = p * t + _f32(-0.284496736)
    p = p * t + _f32(0.254829592)
    power, q = _exp_parts_32(_f32(-0.5) * x * x)
    tail = _f32(0.5) * p * t * (power * q + power)
    return _f32(1) - tail if x > _f32(0) else tail


def _normal_cdf_64(x: Any) -> Any:
    return 0.5 * math.erfc(-x * 0.7071067811865476)


def _normal_pdf_32(x: Any) -> Any:
    power, q = _exp_parts_32(_f32(-0.5) * x * x)
    return _f32(0.3989422804014327) * (power * q + power)


def _normal_pdf_64(x: Any) -> Any:
    power, q = _exp_parts_64(-0.5 * x * x)
    return 0.3989422804014327 * (power * q + power)


def _compile_for(name: str, single: Callable[..., Any], double: Callable[..., Any]) -> None:
    """Give kernels that call ``elementary.name(x)`` the version for x's precision."""

    def choose(x: Any) -> Any:
        return single if x == types.float32 else double

    overload(getattr(elementary, name), jit_options=_OPTIONS)(choose)


_compile_for("exp", _exp_32, _exp_64)
_compile_for("expm1", _expm1_32, _expm1_64)
_compile_for("sigmoid", _sigmoid_32, _sigmoid_64)
_compile_for("tanh", _tanh_32, _tanh_64)
_compile_for("tanh_softplus", _tanh_softplus_32, _tanh_softplus_64)
_compile_for("log1p_exp_of_minus", _log1p_exp_of_minus_32, _log1p_exp_of_minus_64)
_compile_for("normal_cdf", _normal_cdf_32, _normal_cdf_64)
_compile_for("normal_pdf", _normal_pdf_32, _normal_pdf_64)


def _number_32(value: Any, like: Any) -> Any:
    return np.float32(value)


def _number_64(value: Any, like: Any) -> Any:
    return np.float64(value)


@overload(number, jit_options=_OPTIONS)
def _number(value: Any, like: Any) -> Any:
    return _number_32 if like == types.float32 else _number_64
