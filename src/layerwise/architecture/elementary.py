"""The elementary functions that activations, losses and steps are written with.

The entries in :mod:`layerwise.architecture.activations`, :mod:`layerwise.architecture.losses` and
:mod:`layerwise.architecture.steps` call these names and nothing else, so that one formula serves
both engines: here each name is NumPy's or SciPy's own function, and
:mod:`layerwise.engine.compiled.vectorized` gives the compiled engine its vectorised versions of the
same names.
"""

from typing import Any

import numpy as np

# Places are made unsigned before a loop, which spares compiled code a check for negative indices.
u64 = np.uint64

# Largest and smallest argument of exp whose result is an ordinary number, by precision.
EXP_LIMITS = {4: (-87.3, 88.3), 8: (-708.3, 709.4)}


def exp(x: Any) -> Any:
    """e^x, kept within the finite numbers: it saturates instead of overflowing to infinity."""
    low, high = EXP_LIMITS[np.asarray(x).dtype.itemsize]
    return np.exp(np.clip(x, low, high))


def expm1(x: Any) -> Any:
    """e^x - 1, accurate near 0; saturates like `exp`."""
    low, high = EXP_LIMITS[np.asarray(x).dtype.itemsize]
    return np.expm1(np.clip(x, low, high))


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x)."""
    from scipy.special import expit  # here, since importing it takes a while

    return expit(x)


def tanh(x: Any) -> Any:
    """(e^2x - 1) / (e^2x + 1)."""
    return np.tanh(x)


def tanh_softplus(x: Any) -> Any:
    """tanh(ln(1 + e^x)) = (e² + 2e) / (e² + 2e + 2) with e = e^x; 1 from x = 20 on."""
    e = np.exp(np.minimum(x, 20.0))
    return e * (e + 2.0) / (e * (e + 2.0) + 2.0)


def log1p_exp_of_minus(x: Any) -> Any:
    """ln(1 + e^-x) for x >= 0: what is left of softplus once its linear part is taken out."""
    return np.log1p(np.exp(-x))


def normal_cdf(x: Any) -> Any:
    """Φ(x), the share of a standard normal distribution below x."""
    from scipy.special import ndtr

    return ndtr(x)


def normal_pdf(x: Any) -> Any:
    """φ(x), the density of the standard normal distribution at x."""
    return np.exp(-0.5 * x * x) * 0.3989422804014327


def one(x: Any) -> Any:
    """1 for each x."""
    return np.ones_like(x)


def number(value: Any, like: Any) -> Any:
    """`value` in the precision of `like`."""
    return np.asarray(like).dtype.type(value)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, `no` elsewhere."""
    return np.where(condition, yes, no)
