"""The optimisers' arithmetic: one fused loop each over the range [low, high) of the vector.

Constants come ready for the step (learning rate, bias corrections), so that the loops hold
nothing but arithmetic that vectorises.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine import columns as at
from layerwise.engine import layout
from layerwise.engine.compiling import kernel
from layerwise.engine.elementary import number

__all__ = [
    "ADAM",
    "GRADIENT_ONLY",
    "RMSPROP",
    "SGD",
    "add_penalty",
    "sum_of_squares",
    "update",
]

GRADIENT_ONLY, SGD, ADAM, RMSPROP = range(4)


@kernel
def add_penalty(vector, gradient, low, high, l1, l2):
    """Gradient += l1 sign(vector) + l2 vector."""
    zero = number(0.0, l1)
    for i in range(np.uint64(low), np.uint64(high)):
        v = vector[i]
        gradient[i] += l2 * v + (l1 if v > zero else (-l1 if v < zero else zero))


@kernel
def sum_of_squares(gradient, low, high):
    """Sum of gradient², in float64."""
    total = 0.0
    for i in range(np.uint64(low), np.uint64(high)):
        total += np.float64(gradient[i]) * np.float64(gradient[i])
    return total


@kernel
def adam(
    vector, gradient, moments, low, high, beta1, rest1, beta2, rest2, rate, root, epsilon, factor
):
    """Kingma and Ba 2015, algorithm 1; the gradient times `factor` is what counts."""
    for i in range(np.uint64(low), np.uint64(high)):
        g = gradient[i] * factor
        m = beta1 * moments[0, i] + rest1 * g
        v = beta2 * moments[1, i] + rest2 * g * g
        moments[0, i] = m
        moments[1, i] = v
        vector[i] -= rate * m / (np.sqrt(v) * root + epsilon)


@kernel
def sgd(vector, gradient, moments, low, high, momentum, nesterov, rate, factor):
    """Gradient descent with momentum; nesterov 1: Nesterov's (Sutskever et al. 2013), else 0."""
    one = number(1.0, momentum)
    along = momentum if nesterov == one else one
    now = nesterov
    if momentum == number(0.0, momentum):
        for i in range(np.uint64(low), np.uint64(high)):
            vector[i] -= rate * (gradient[i] * factor)
    else:
        for i in range(np.uint64(low), np.uint64(high)):
            g = gradient[i] * factor
            m = momentum * moments[0, i] + g
            moments[0, i] = m
            vector[i] -= rate * (now * g + along * m)


@kernel
def rmsprop(vector, gradient, moments, low, high, beta2, rest, rate, epsilon, factor):
    """Tieleman and Hinton 2012, lecture 6.5."""
    for i in range(np.uint64(low), np.uint64(high)):
        g = gradient[i] * factor
        v = beta2 * moments[1, i] + rest * g * g
        moments[1, i] = v
        vector[i] -= rate * g / (np.sqrt(v) + epsilon)


@kernel
def update(kind, vector, gradient, moments, average, low, high, group, settings, hyper, b, factor):
    """One optimiser step. hyper[b]: the step's numbers; moments: (2, n), first and second.

    `group` picks the learning-rate factor, and weights and embeddings decay; `factor` is what
    clipping leaves of the gradient.
    """
    zero = number(0.0, factor)
    one = number(1.0, factor)
    group_rate = settings[at.GROUP_RATES + group]
    rate = hyper[b, at.RATE] * group_rate
    decay = hyper[b, at.DECAY_RATE] * group_rate
    if (group == layout.WEIGHTS or group == layout.EMBEDDINGS) and decay != zero:
        for i in range(np.uint64(low), np.uint64(high)):
            vector[i] *= one - decay
    if kind == ADAM:
        adam(
            vector, gradient, moments, low, high, settings[at.BETA_1], settings[at.REST_1],
            settings[at.BETA_2], settings[at.REST_2], rate, hyper[b, at.SECOND_ROOT],
            settings[at.EPSILON], factor,
        )  # fmt: skip
    elif kind == SGD:
        sgd(
            vector, gradient, moments, low, high, settings[at.MOMENTUM], settings[at.NESTEROV],
            rate, factor,
        )  # fmt: skip
    else:
        rmsprop(
            vector, gradient, moments, low, high, settings[at.BETA_2], settings[at.REST_2],
            rate, settings[at.EPSILON], factor,
        )  # fmt: skip
    share = hyper[b, at.AVERAGE]
    if share != zero:
        for i in range(np.uint64(low), np.uint64(high)):
            average[i] += share * (vector[i] - average[i])
