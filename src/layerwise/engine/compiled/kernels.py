"""What the steps of a network do to a block of rows, beside its products and activations.

Every kernel is a plain function of flat arrays and of places in them: `x0` is where the first row
of x stands, in `rows` rows of `width` numbers. Each row of the workspace is one number longer than
its width. What a layer multiplies ends in a 1 there, and its biases stand below its weights as
one more row: so the one product adds the biases, and its gradient's product sums theirs.

Places are made unsigned before a loop, which spares the compiled code a check for negative
indices at every access.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine.compiled.compiling import kernel, reduction
from layerwise.engine.compiled.vectorized import number
from layerwise.engine.dropout import layer_key, random_bits

u64 = np.uint64
random_bits_of, layer_key_of = kernel(random_bits), kernel(layer_key)

_TWO_PI = 6.283185307179586


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
def gather(x, order, low, high, work, out0, length):
    """Row r of out, up to x's width, = x[order[low + r]]; out's rows are `length` long."""
    n = u64(x.shape[1])
    for r in range(low, high):
        row = order[r]
        out = u64(out0 + (r - low) * length)
        for j in range(n):
            work[out + j] = x[row, j]


@kernel
def embed(codes, column, order, low, high, vector, table0, size, work, out0, length):
    """Row r of out, `size` numbers of it, = the table's row for codes[order[low + r], column]."""
    for r in range(low, high):
        source = u64(table0 + codes[order[r], column] * size)
        out = u64(out0 + (r - low) * length)
        for j in range(u64(size)):
            work[out + j] = vector[source + j]


@kernel
def embed_gradient(
    codes, column, order, low, high, work, grad0, length, shard_rows, widest, gradient, table0,
    size,
):  # fmt: skip
    """Each row of the table's gradient += the sum of grad's rows of its code, in their order.

    Every `shard_rows` rows of grad start anew, that many times `widest` apart.
    """
    for r in range(high - low):
        target = u64(table0 + codes[order[low + r], column] * size)
        first = r // shard_rows * shard_rows
        grad = u64(grad0 + first * widest + (r - first) * length)
        for j in range(u64(size)):
            gradient[target + j] += work[grad + j]


@kernel
def periodic(x, order, low, high, vector, c0, n_frequencies, work, out0, length):
    """Column i of x becomes sin(2π c x), cos(2π c x) for its frequencies c.

    Gorishniy et al. 2022, section 3.3.
    """
    n = u64(n_frequencies)
    for r in range(low, high):
        for i in range(x.shape[1]):
            turn = number(_TWO_PI, vector[c0]) * x[order[r], i]
            c = u64(c0 + i * n_frequencies)
            out = u64(out0 + (r - low) * length + 2 * i * n_frequencies)
            for k in range(n):
                v = turn * vector[c + k]
                work[out + k] = np.sin(v)
                work[out + n + k] = np.cos(v)


@kernel
def periodic_gradient(x, order, low, high, n_frequencies, work, out0, grad0, length, sum0):
    """Row i of the sums += dL/dc over the rows; sin and cos still stand in out."""
    n = u64(n_frequencies)
    for r in range(low, high):
        for i in range(x.shape[1]):
            turn = number(_TWO_PI, work[sum0]) * x[order[r], i]
            first = (r - low) * length + 2 * i * n_frequencies
            out, grad, total = u64(out0 + first), u64(grad0 + first), u64(sum0 + i * n_frequencies)
            for k in range(n):
                work[total + k] += turn * (
                    work[out + n + k] * work[grad + k] - work[out + k] * work[grad + n + k]
                )


@kernel
def piecewise(x, column, order, low, high, state, edge0, n_pieces, work, out0, length):
    """How far x is through each piece, from -1 at its start to 1 at its end.

    Gorishniy et al. 2022, equation 1, there from 0 to 1.
    """
    one = number(1.0, state[edge0])
    for r in range(low, high):
        v = x[order[r], column]
        edge, out = u64(edge0), u64(out0 + (r - low) * length)
        for k in range(u64(n_pieces)):
            left = state[edge + k]
            t = (v - left) / (state[edge + k + 1] - left)
            t = t + t - one
            t = one if t > one else t
            work[out + k] = -one if t < -one else t


@kernel
def one_hot(codes, column, order, low, high, work, out0, n, length):
    """Code k puts 1 into column k - 1 of n, code 0 into none."""
    zero = number(0.0, work[out0])
    for r in range(low, high):
        out = u64(out0 + (r - low) * length)
        for k in range(u64(n)):
            work[out + k] = zero
        code = codes[order[r], column]
        if code > 0:
            work[out + u64(code - 1)] = number(1.0, zero)


@kernel
def scale(vector, factor0, members, first_row, work, x0, out0, rows, width):
    """Out = x factor; row r of the batch by factor[r % members], of shape (members, width)."""
    length = width + 1
    for r in range(rows):
        f = u64(factor0 + (first_row + r) % members * width)
        x, out = u64(x0 + r * length), u64(out0 + r * length)
        for j in range(u64(width)):
            work[out + j] = work[x + j] * vector[f + j]


@kernel
def scale_gradient(vector, factor0, members, first_row, work, x0, grad0, sum0, rows, width):
    """Sums (members, width) += x grad over the rows; then grad *= factor."""
    length = width + 1
    for r in range(rows):
        member = (first_row + r) % members * width
        f, total = u64(factor0 + member), u64(sum0 + member)
        x, grad = u64(x0 + r * length), u64(grad0 + r * length)
        for j in range(u64(width)):
            g = work[grad + j]
            work[total + j] += work[x + j] * g
            work[grad + j] = g * vector[f + j]


@kernel
def affine(vector, gain0, shift0, work, x0, out0, rows, width):
    """Out = x gain + shift."""
    length = width + 1
    gain, shift = u64(gain0), u64(shift0)
    for r in range(rows):
        x, out = u64(x0 + r * length), u64(out0 + r * length)
        for j in range(u64(width)):
            work[out + j] = work[x + j] * vector[gain + j] + vector[shift + j]
        work[out + u64(width)] = work[x + u64(width)]


@reduction
def layer_normalize(epsilon, work, x0, out0, root0, rows, width):
    """Each row of out = that of x less its mean, over its standard deviation; root = 1 / sd.

    Ba et al. 2016, equation 4.
    """
    length = width + 1
    n = number(width, epsilon)
    for r in range(rows):
        x, out = u64(x0 + r * length), u64(out0 + r * length)
        mean = number(0.0, epsilon)
        for j in range(u64(width)):
            mean += work[x + j]
        mean /= n
        square = number(0.0, epsilon)
        for j in range(u64(width)):
            d = work[x + j] - mean
            square += d * d
        root = number(1.0, epsilon) / np.sqrt(square / n + epsilon)
        work[root0 + r] = root
        for j in range(u64(width)):
            work[out + j] = (work[x + j] - mean) * root


@reduction
def layer_normalize_gradient(vector, gain0, work, h0, root0, grad0, result0, keep, rows, width):
    """Result = keep result + the gradient through layer_normalize. keep: 0 or 1.

    h: the normalised rows; grad: the gradient at h gain + shift.
    """
    length = width + 1
    n = number(width, keep)
    gain = u64(gain0)
    zero = number(0.0, keep)
    for r in range(rows):
        h, grad, result = u64(h0 + r * length), u64(grad0 + r * length), u64(result0 + r * length)
        mean = zero
        along = zero
        for j in range(u64(width)):
            t = work[grad + j] * vector[gain + j]
            mean += t
            along += t * work[h + j]
        mean /= n
        along /= n
        root = work[root0 + r]
        for j in range(u64(width)):
            t = (work[grad + j] * vector[gain + j] - mean - work[h + j] * along) * root
            work[result + j] = t if keep == zero else work[result + j] + t


@kernel
def batch_sums(work, x0, sum0, rows, width):
    """Sums (2, width): of x less its first row, and of its square.

    That row, near enough to the mean, keeps the second from cancelling.
    """
    length = width + 1
    n, first, shift = u64(width), u64(sum0), u64(x0)
    fill(work, sum0, 2 * width, number(0.0, work[x0]))
    for r in range(1, rows):
        x = u64(x0 + r * length)
        for j in range(n):
            d = work[x + j] - work[shift + j]
            work[first + j] += d
            work[first + n + j] += d * d


@kernel
def batch_moments(
    state, running0, momentum, work, x0, shard_rows, sum0, stride, n_shards, n_rows, mean0, width
):  # fmt: skip
    """Mean and variance, (2, width), of a whole batch from its shards' sums, taken in order.

    Shards' moments are joined as Chan et al. 1979 have it. The running mean and variance in
    `state`, (2, width), move towards them by `momentum`; the variance is the unbiased one there,
    as Ioffe and Szegedy 2015, algorithm 2, have it.
    """
    total = number(n_rows, momentum)
    unbiased = total / number(max(1, n_rows - 1), momentum)
    for j in range(width):
        mean = number(0.0, momentum)
        square = number(0.0, momentum)
        for s in range(n_shards):
            first = s * shard_rows
            if first >= n_rows:
                break
            n = number(min(shard_rows, n_rows - first), momentum)
            before = number(first, momentum)
            offset = work[sum0 + s * stride + j] / n
            apart = work[x0 + first * (width + 1) + j] + offset - mean
            mean += apart * n / (before + n)
            square += work[sum0 + s * stride + width + j] - offset * offset * n
            square += apart * apart * before * n / (before + n)
        variance = square / total
        if variance < number(0.0, momentum):
            variance = number(0.0, momentum)
        work[mean0 + j] = mean
        work[mean0 + width + j] = variance
        state[running0 + j] += momentum * (mean - state[running0 + j])
        old = state[running0 + width + j]
        state[running0 + width + j] = old + momentum * (unbiased * variance - old)


@kernel
def batch_normalize(epsilon, moments, mean0, work, x0, out0, rows, width):
    """Out = (x - mean) / sqrt(variance + epsilon), both in moments[mean0:], (2, width).

    Ioffe and Szegedy 2015, algorithm 1.
    """
    length = width + 1
    mean, n = u64(mean0), u64(width)
    for r in range(rows):
        x, out = u64(x0 + r * length), u64(out0 + r * length)
        for j in range(n):
            spread = np.sqrt(moments[mean + n + j] + epsilon)
            work[out + j] = (work[x + j] - moments[mean + j]) / spread


@kernel
def batch_gradient_sums(vector, gain0, work, h0, grad0, sum0, rows, width):
    """Sums (2, width): of t = grad gain over the rows, and of t h."""
    length = width + 1
    n, first, gain = u64(width), u64(sum0), u64(gain0)
    fill(work, sum0, 2 * width, number(0.0, work[grad0]))
    for r in range(rows):
        h, grad = u64(h0 + r * length), u64(grad0 + r * length)
        for j in range(n):
            t = work[grad + j] * vector[gain + j]
            work[first + j] += t
            work[first + n + j] += t * work[h + j]


@kernel
def batch_normalize_gradient(
    vector, gain0, epsilon, keep, work, h0, mean0, sum0, stride, n_shards, n_rows, grad0, result0,
    rows, width,
):  # fmt: skip
    """Result = keep result + the gradient through batch_normalize. keep: 0 or 1."""
    length = width + 1
    n = number(n_rows, keep)
    zero = number(0.0, keep)
    for j in range(width):
        mean = zero
        along = zero
        for s in range(n_shards):
            mean += work[sum0 + s * stride + j]
            along += work[sum0 + s * stride + width + j]
        mean /= n
        along /= n
        factor = number(1.0, keep) / np.sqrt(work[mean0 + width + j] + epsilon)
        for r in range(rows):
            i = r * length + j
            t = (work[grad0 + i] * vector[gain0 + j] - mean - work[h0 + i] * along) * factor
            work[result0 + i] = t if keep == zero else work[result0 + i] + t


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
def add(work, a0, b0, out0, n):
    """Out = a + b."""
    a, b, out = u64(a0), u64(b0), u64(out0)
    for i in range(u64(n)):
        work[out + i] = work[a + i] + work[b + i]


@kernel
def multiply_by(work, slope0, grad0, n):
    """Slope *= grad, which makes it dL/dz."""
    slope, grad = u64(slope0), u64(grad0)
    for i in range(u64(n)):
        work[slope + i] *= work[grad + i]


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
def product_sum(work, grad0, q0, sum0, rows, width):
    """Sums (width,) = grad q over the rows."""
    length = width + 1
    fill(work, sum0, width, number(0.0, work[sum0]))
    total = u64(sum0)
    for r in range(rows):
        grad, q = u64(grad0 + r * length), u64(q0 + r * length)
        for j in range(u64(width)):
            work[total + j] += work[grad + j] * work[q + j]


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
