"""Each activation's slope, gain and formula."""

import math
import re

import numpy as np
import pytest
from scipy import integrate, stats

from layerwise.architecture import ACTIVATIONS
from tests.helpers.compare import central_difference

# Away from the kinks, which stand at 0 and, for hard_sigmoid, at -3 and 3.
POINTS = np.array([-30.0, -8.1, -4.0, -2.9, -1.3, -0.4, -1e-3, 1e-3, 0.2, 0.9, 2.5, 3.1, 7.7, 30.0])
EVERY = pytest.mark.parametrize("entry", ACTIVATIONS.values(), ids=ACTIVATIONS)
PARAMETERS = (0.25, -0.5, 1.5)


def functions_of(entry):
    """(f, f') of an entry as functions of z alone, for some values of its parameter."""
    if not entry.has_parameter:
        return [(entry.function, entry.slope)]
    return [
        (lambda z, p=p: entry.function(z, p), lambda z, p=p: entry.slope(z, p)) for p in PARAMETERS
    ]


@EVERY
def test_the_slope_is_the_derivative(entry):
    for function, slope in functions_of(entry):
        wanted = central_difference(function, POINTS, 1e-5)
        np.testing.assert_allclose(
            np.broadcast_to(slope(POINTS), POINTS.shape), wanted, rtol=1e-6, atol=1e-9
        )


@pytest.mark.parametrize(
    "entry", [e for e in ACTIVATIONS.values() if e.has_parameter], ids=lambda entry: entry.name
)
def test_the_parameters_slope_is_the_derivative_by_it(entry):
    for p in PARAMETERS:
        wanted = central_difference(lambda p: entry.function(POINTS, p), p, 1e-5)
        np.testing.assert_allclose(entry.parameter_slope(POINTS, p), wanted, rtol=1e-6, atol=1e-9)


@EVERY
def test_the_gain_keeps_the_mean_square(entry):
    f = functions_of(entry)[0][0]

    def square(z):
        return float(f(np.float64(z))) ** 2 * stats.norm.pdf(z)

    pieces = [integrate.quad(square, a, b)[0] for a, b in [(-12, -3), (-3, 0), (0, 3), (3, 12)]]
    assert entry.gain * math.sqrt(sum(pieces)) == pytest.approx(1.0, rel=1e-6)


@EVERY
def test_nan_goes_through(entry):
    for function, _ in functions_of(entry):
        assert np.isnan(function(np.array([np.nan]))).all()


@EVERY
def test_far_out_it_stays_finite(entry):
    z = np.array([-1e4, -200.0, 200.0, 1e4], np.float32)
    with np.errstate(over="raise", invalid="raise"):
        for function, slope in functions_of(entry):
            assert np.isfinite(function(z)).all()
            assert np.isfinite(slope(z)).all()


def as_python(formula: str) -> str:
    """A formula with the multiplications that people leave out: "0.01 z" becomes "0.01*z"."""
    return re.sub(r"(?<=[\dz)]) ?(?=z|\(|tanh)", "*", formula)


WITH_WORDS = {"prelu", "gelu", "hard_sigmoid"}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - WITH_WORDS))
def test_the_formula_says_what_is_computed(name):
    entry = ACTIVATIONS[name]
    names = {"exp": math.exp, "ln": math.log, "tanh": math.tanh, "max": max}
    for z in (-3.0, -0.7, -0.1, 0.0, 0.3, 1.0, 5.0):
        written = eval(as_python(entry.formula), {**names, "z": z})
        # selu's constants are written with four digits.
        assert written == pytest.approx(float(entry.function(np.float64(z))), rel=1e-4, abs=1e-12)


def test_formulas_with_words():
    gelu, hard = ACTIVATIONS["gelu"].function, ACTIVATIONS["hard_sigmoid"].function
    for z in (-4.0, -3.0, -1.0, 0.0, 0.5, 3.0, 4.0):
        assert gelu(np.float64(z)) == pytest.approx(z * stats.norm.cdf(z))
        assert hard(np.float64(z)) == pytest.approx(min(1.0, max(0.0, z / 6 + 1 / 2)))
