"""What stands around products and activations: units, gain and shift, dropout, sums.

Every kernel is a plain function of flat arrays and of places in them: `x0` is where the first row
of x stands, in `rows` rows of `width` numbers. Each row of the workspace is one number longer than
its width. What a layer multiplies ends in a 1 there, and its biases stand below its weights as
one more row: so the one product adds the biases, and its gradient's product sums theirs.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.architecture.elementary import u64
from layerwise.engine.compiled.compiling import kernel
from layerwise.engine.compiled.vectorized import number
from layerwise.engine.dropout import layer_key, random_bits

random_bits_of, layer_key_of = kernel(random_bits), kernel(layer_key)


@kernel
def fill(work, x0, n, value):
    """work[x0:][:n] = value."""
    x = u64(x0)
    for i in range(u64(n)):
        work[x + i] = value


@kernel
def set_units(unit, work, x0, rows, width):
    """The number after each row of x = unit: the 1 that biases are multiplied by."""
    for r in range(rows):
        work[x0 + r * (width + 1) + width] = unit


@kernel
def affine(vector, gain0, shift0, work, x0, out0, rows, width):
    """Out = x gain + shift; shift0 below 0: there is none."""
    length = width + 1
    gain, shift = u64(gain0), u64(max(0, shift0))
    for r in range(rows):
        x, out = u64(x0 + r * length), u64(out0 + r * length)
        if shift0 < 0:
            for j in range(u64(width)):
                work[out + j] = work[x + j] * vector[gain + j]
        else:
            for j in range(u64(width)):
                work[out + j] = work[x + j] * vector[gain + j] + vector[shift + j]
        work[out + u64(width)] = work[x + u64(width)]


@kernel
def drop(key, rate, first, work, a0, slope0, q0, n):
    """Set a share `rate` of a, and of slope and q with it, to 0; the rest grows by 1 / (1 - rate).

    Which ones, `layerwise.engine.dropout` says: rows being width + 1 long here, places are counted
    through, from `first` on. q0 below 0: there is no q.
    """
    kept = number(1.0, rate) / (number(1.0, rate) - rate)
    zero = number(0.0, rate)
    threshold = np.int64(rate * 4294967296.0)
    a, slope, q, has_q = u64(a0), u64(slope0), u64(max(0, q0)), q0 >= 0
    for i in range(u64(n)):
        bits = random_bits_of(int(i) + int(first), int(key))
        factor = kept if bits >= threshold else zero
        work[a + i] *= factor
        work[slope + i] *= factor
        if has_q:
            work[q + i] *= factor


@kernel
def add(share, work, a0, b0, out0, n):
    """Out = a + share b."""
    a, b, out = u64(a0), u64(b0), u64(out0)
    for i in range(u64(n)):
        work[out + i] = work[a + i] + share * work[b + i]


@kernel
def multiply_by(share, work, slope0, grad0, n):
    """Slope *= share grad, which makes it dL/dz."""
    slope, grad = u64(slope0), u64(grad0)
    for i in range(u64(n)):
        work[slope + i] *= share * work[grad + i]


@kernel
def column_sums(work, x0, sum0, rows, width):
    """Sums (width,) = x over the rows."""
    length = width + 1
    fill(work, sum0, width, number(0.0, work[sum0]))
    total = u64(sum0)
    for r in range(rows):
        x = u64(x0 + r * length)
        for j in range(u64(width)):
            work[total + j] += work[x + j]


@kernel
def product_sum(share, work, grad0, q0, sum0, rows, width):
    """Sums (width,) = share grad q over the rows."""
    length = width + 1
    fill(work, sum0, width, number(0.0, work[sum0]))
    total = u64(sum0)
    for r in range(rows):
        grad, q = u64(grad0 + r * length), u64(q0 + r * length)
        for j in range(u64(width)):
            work[total + j] += share * work[grad + j] * work[q + j]


@kernel
def mark_alive(work, slope0, alive, alive0, rows, width):
    """alive[alive0 + j] = 1 where any row's slope at node j is not 0."""
    length = width + 1
    for j in range(width):
        # Most are alive in their first row or two. No reading: other threads may write their 1.
        for r in range(rows):
            if work[slope0 + r * length + j] != number(0.0, work[slope0]):
                alive[alive0 + j] = np.uint8(1)
                break
