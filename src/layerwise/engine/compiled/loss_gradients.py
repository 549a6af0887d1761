"""From scores to outputs, losses and their gradients, row by row.

Places are as in `layerwise.engine.compiled.kernels`.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.architecture.elementary import exp
from layerwise.engine.compiled.compiling import kernel
from layerwise.engine.compiled.elementwise import (
    SOFTMAX,
    SOFTMAX_LOSS,
    loss_and_slope,
    outputs_in_place,
)
from layerwise.engine.compiled.kernels import fill
from layerwise.engine.compiled.vectorized import number

__all__ = ["link", "loss_gradient"]

u64 = np.uint64


@kernel
def softmax(work, s0, width):
    """Scores become exp(s - m) / sum, m being the largest; returns log of that sum."""
    s = u64(s0)
    largest = work[s0]
    for k in range(u64(width)):
        largest = work[s + k] if work[s + k] > largest else largest
    total = number(0.0, largest)
    for k in range(u64(width)):
        e = exp(work[s + k] - largest)
        work[s + k] = e
        total += e
    share = number(1.0, total) / total
    for k in range(u64(width)):
        work[s + k] *= share
    return np.log(total)


@kernel
def softmax_loss_gradient(
    smoothing, work, s0, grad0, width, y, weight, order, low, high, normalizer
):  # fmt: skip
    """`loss_gradient` for softmax with -ln p; its exponentials in one loop over all rows.

    Where all rows weigh the same, the logarithm is taken of the product of many rows' sums.
    """
    length, rows = width + 1, high - low
    one, zero = number(1.0, smoothing), number(0.0, smoothing)
    even = smoothing / number(width, smoothing)
    equal, share = weight.size == 0, one / normalizer
    total = 0.0
    for r in range(rows):
        row = order[low + r]
        s, g = u64(s0 + r * length), u64(grad0 + r * length)
        largest = work[s]
        for k in range(u64(width)):
            largest = work[s + k] if work[s + k] > largest else largest
        for k in range(u64(width)):
            work[g + k] = work[s + k] - largest
        loss = (one - smoothing) * work[g + u64(y[row, 0])]
        if smoothing > zero:
            for k in range(u64(width)):
                loss += even * work[g + k]
        if not equal:
            share = weight[row] / normalizer
        if share > zero:
            total -= np.float64(loss) * np.float64(share)
    grads = u64(grad0)
    for i in range(u64(rows * length)):
        work[grads + i] = exp(work[grads + i])
    product = 1.0
    for r in range(rows):
        row = order[low + r]
        g = u64(grad0 + r * length)
        if not equal:
            share = weight[row] / normalizer
        if share == zero:
            fill(work, grad0 + r * length, width, zero)
            continue
        part = zero
        for k in range(u64(width)):
            part += work[g + k]
        factor = share / part
        for k in range(u64(width)):
            work[g + k] = work[g + k] * factor - even * share
        work[g + u64(y[row, 0])] -= (one - smoothing) * share
        product *= np.float64(part)
        if not equal or product > 1e200:
            total += np.log(product) * np.float64(share)
            product = 1.0
    return total + np.log(product) * np.float64(share)


@kernel
def loss_gradient(
    code, parameter, work, s0, grad0, width, y, weight, order, low, high, normalizer
):  # fmt: skip
    """Sum of the rows' weighted losses over `normalizer`; grad = its gradient at the scores.

    y: (n, 1) class numbers for softmax, else (n, width). weight: (n,) or empty.
    """
    if code == SOFTMAX_LOSS:
        return softmax_loss_gradient(
            parameter, work, s0, grad0, width, y, weight, order, low, high, normalizer
        )
    length = width + 1
    total = 0.0
    one = number(1.0, parameter)
    for r in range(low, high):
        row = order[r]
        s, g = s0 + (r - low) * length, grad0 + (r - low) * length
        share = (weight[row] if weight.size else one) / normalizer
        if share == number(0.0, one):
            fill(work, g, width, share)
            continue
        loss = loss_and_slope(code, one, work, s, g, width, y, row, parameter, share)
        total += np.float64(loss) * np.float64(share)
    return total


@kernel
def link(code, work, s0, out, first, rows, width):
    """out[first + r] = the outputs of row r's scores; for codes see OUTPUT_CODES."""
    length = width + 1
    for r in range(rows):
        s = s0 + r * length
        if code == SOFTMAX:
            softmax(work, s, width)
        else:
            outputs_in_place(code, number(1.0, work[s]), work, s, width)
        for k in range(width):
            out[first + r, k] = work[s + k]
