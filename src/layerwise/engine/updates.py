"""The optimisers' arithmetic: one fused loop each over a range of the vector.

Constants come ready for the step (learning rate, bias corrections), so that the loops hold
nothing but arithmetic that vectorises.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine import columns as at
from layerwise.engine.compiling import kernel
from layerwise.engine.elementary import number

__all__ = [
    "ADAM",
    "GRADIENT_ONLY",
    "RMSPROP",
    "SGD",
    "add_penalty",
    "average_weights",
    "sum_of_squares",
    "update",
]

GRADIENT_ONLY, SGD, ADAM, RMSPROP = range(4)


@kernel
def add_penalty(vector, gradient, low, high, l1, l2):
    """gradient += l1 sign(vector) + l2 vector, over [low, high)."""
    v, g = vector[low:high], gradient[low:high]
    zero = number(0.0, l1)
    for i in range(high - low):
        sign = l1 if v[i] > zero else (-l1 if v[i] < zero else zero)
        g[i] += sign + l2 * v[i]


@kernel
def sum_of_squares(gradient, low, high):
    """Sum of gradient² over [low, high), in float64."""
    total = 0.0
    for i in range(low, high):
        g = float(gradient[i])
        total += g * g
    return total


@kernel
def adam(v, g, m, s, beta1, beta2, rate, root, epsilon, factor):
    """Kingma and Ba 2015, algorithm 1, over one range; g times `factor` is the gradient."""
    one = number(1.0, beta1)
    for i in range(v.size):
        d = g[i] * factor
        m[i] = beta1 * m[i] + (one - beta1) * d
        s[i] = beta2 * s[i] + (one - beta2) * d * d
        v[i] -= rate * m[i] / (np.sqrt(s[i]) * root + epsilon)


@kernel
def sgd(v, g, m, momentum, nesterov, rate, factor):
    """Gradient descent with momentum, or Nesterov's (Sutskever et al. 2013), over one range."""
    if momentum == number(0.0, momentum):
        for i in range(v.size):
            v[i] -= rate * (g[i] * factor)
    elif nesterov:
        for i in range(v.size):
            d = g[i] * factor
            m[i] = momentum * m[i] + d
            v[i] -= rate * (d + momentum * m[i])
    else:
        for i in range(v.size):
            m[i] = momentum * m[i] + g[i] * factor
            v[i] -= rate * m[i]


@kernel
def rmsprop(v, g, s, beta2, rate, epsilon, factor):
    """Tieleman and Hinton 2012, lecture 6.5, over one range."""
    one = number(1.0, beta2)
    for i in range(v.size):
        d = g[i] * factor
        s[i] = beta2 * s[i] + (one - beta2) * d * d
        v[i] -= rate * d / (np.sqrt(s[i]) + epsilon)


@kernel
def average_weights(vector, average, low, high, decay):
    """average = decay average + (1 - decay) vector, over [low, high)."""
    v, a = vector[low:high], average[low:high]
    for i in range(high - low):
        a[i] += (number(1.0, decay) - decay) * (v[i] - a[i])


@kernel
def update(kind, vector, gradient, moments, average, low, high, group, decays, settings, hyper, factor):
    """One optimiser step over [low, high) of the vector.

    moments: (2, n), the first and second moment. `group` picks the learning-rate factor;
    `decays` says whether weight decay applies; `factor` is what clipping leaves of the gradient.
    """
    if low >= high:
        return
    group_rate = settings[at.GROUP_RATES + group]
    rate = hyper[at.RATE] * group_rate
    v, g = vector[low:high], gradient[low:high]
    m, s = moments[0, low:high], moments[1, low:high]
    decay = hyper[at.DECAY_RATE] * group_rate
    if decays and decay != number(0.0, decay):
        keep = number(1.0, decay) - decay
        for i in range(high - low):
            v[i] *= keep
    if kind == ADAM:
        adam(
            v, g, m, s,
            settings[at.BETA_1], settings[at.BETA_2],
            rate, hyper[at.SECOND_ROOT], settings[at.EPSILON], factor,
        )
    elif kind == SGD:
        sgd(v, g, m, settings[at.MOMENTUM], settings[at.NESTEROV] != 0, rate, factor)
    elif kind == RMSPROP:
        rmsprop(v, g, s, settings[at.BETA_2], rate, settings[at.EPSILON], factor)
    if hyper[at.AVERAGE] != number(0.0, rate):
        average_weights(vector, average, low, high, hyper[at.AVERAGE])
