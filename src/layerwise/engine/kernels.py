"""What the steps of a network do to a block of rows, beside its products and activations.

Every kernel is a plain function of flat arrays that hold `rows` rows of `width` numbers.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.architecture.elementary import exp, sigmoid
from layerwise.engine.compiling import kernel, reduction
from layerwise.engine.elementary import number
from layerwise.engine.elementwise import SOFTMAX, loss_and_slope

_TWO_PI = 6.283185307179586
_LOW_32_BITS = 0xFFFFFFFF


@kernel
def gather(x, order, out, out_width):
    """out[r, :n] = x[order[r], :n]."""
    n = x.shape[1]
    for r in range(order.size):
        row, source = out[r * out_width : r * out_width + n], x[order[r]]
        for j in range(n):
            row[j] = source[j]


@kernel
def embed(codes, column, order, table, size, out, out_column, out_width):
    """out[r, out_column:][:size] = table[codes[order[r], column]]."""
    for r in range(order.size):
        start = codes[order[r], column] * size
        row = out[r * out_width + out_column : r * out_width + out_column + size]
        for j in range(size):
            row[j] = table[start + j]


@kernel
def embed_gradient(codes, column, order, grad_out, out_column, out_width, size, grad_table):
    """grad_table = sum of grad_out's rows by code; rows in order, so always the same bits."""
    grad_table[:] = number(0.0, grad_table[0])
    for r in range(order.size):
        start = codes[order[r], column] * size
        row = grad_out[r * out_width + out_column : r * out_width + out_column + size]
        for j in range(size):
            grad_table[start + j] += row[j]


@kernel
def periodic(x, order, frequencies, n_frequencies, out, out_width):
    """Column i of x becomes sin(2π c x), cos(2π c x) for its frequencies c.

    Gorishniy et al. 2022, section 3.3.
    """
    for r in range(order.size):
        for i in range(x.shape[1]):
            turn = number(_TWO_PI, frequencies[0]) * x[order[r], i]
            start = r * out_width + 2 * i * n_frequencies
            for l in range(n_frequencies):
                v = turn * frequencies[i * n_frequencies + l]
                out[start + l] = np.sin(v)
                out[start + n_frequencies + l] = np.cos(v)


@kernel
def periodic_gradient(x, order, n_frequencies, out, grad_out, out_width, total):
    """total[i, l] += sum over rows of dL/dc; sin and cos are still in `out`."""
    for r in range(order.size):
        for i in range(x.shape[1]):
            turn = number(_TWO_PI, total[0]) * x[order[r], i]
            start = r * out_width + 2 * i * n_frequencies
            for l in range(n_frequencies):
                cosine, sine = out[start + n_frequencies + l], out[start + l]
                total[i * n_frequencies + l] += turn * (
                    cosine * grad_out[start + l] - sine * grad_out[start + n_frequencies + l]
                )


@kernel
def scale(x, factor, first_row, out, rows, width):
    """out = x factor, row r of the batch by factor[r % members], for factor (members, width)."""
    members = factor.size // width
    for r in range(rows):
        f = (first_row + r) % members * width
        factor_row = factor[f : f + width]
        for j in range(width):
            out[r * width + j] = x[r * width + j] * factor_row[j]


@kernel
def scale_gradient(x, factor, first_row, grad, rows, width, total):
    """total += sum over rows of x grad, by member; then grad *= factor."""
    members = factor.size // width
    for r in range(rows):
        f = (first_row + r) % members * width
        for j in range(width):
            g = grad[r * width + j]
            total[f + j] += x[r * width + j] * g
            grad[r * width + j] = g * factor[f + j]


@kernel
def affine(x, gain, shift, out, rows, width):
    """out = x gain + shift."""
    for i in range(0, rows * width, width):
        x_row, out_row = x[i : i + width], out[i : i + width]
        for j in range(width):
            out_row[j] = x_row[j] * gain[j] + shift[j]


@reduction
def layer_normalize(x, epsilon, out, root, rows, width):
    """Each row of out: that of x less its mean, over its standard deviation; root = 1 / sd.

    Ba et al. 2016, equation 4.
    """
    n = number(width, x[0])
    for r in range(rows):
        x_row, out_row = x[r * width : (r + 1) * width], out[r * width : (r + 1) * width]
        mean = number(0.0, n)
        for j in range(width):
            mean += x_row[j]
        mean /= n
        square = number(0.0, n)
        for j in range(width):
            square += (x_row[j] - mean) * (x_row[j] - mean)
        factor = number(1.0, n) / np.sqrt(square / n + epsilon)
        root[r] = factor
        for j in range(width):
            out_row[j] = (x_row[j] - mean) * factor


@reduction
def layer_normalize_gradient(normalized, root, gain, grad_out, grad_x, add, rows, width):
    """grad_x = (or += where `add` is 1) the gradient through layer_normalize.

    grad_out is the gradient at normalized * gain + shift.
    """
    n = number(width, gain[0])
    for r in range(rows):
        h, g = normalized[r * width : (r + 1) * width], grad_out[r * width : (r + 1) * width]
        x = grad_x[r * width : (r + 1) * width]
        mean = number(0.0, n)
        along = number(0.0, n)
        for j in range(width):
            t = g[j] * gain[j]
            mean += t
            along += t * h[j]
        mean /= n
        along /= n
        factor = root[r]
        if add:
            for j in range(width):
                x[j] += (g[j] * gain[j] - mean - h[j] * along) * factor
        else:
            for j in range(width):
                x[j] = (g[j] * gain[j] - mean - h[j] * along) * factor


@kernel
def batch_sums(x, shift, sums, rows, width):
    """sums[0] = sum over rows of x - shift, sums[1] = of its square; (2, width).

    `shift`, one number for each column, keeps the second from cancelling.
    """
    sums[: 2 * width] = number(0.0, sums[0])
    first, second = sums[:width], sums[width : 2 * width]
    for r in range(rows):
        x_row = x[r * width : (r + 1) * width]
        for j in range(width):
            d = x_row[j] - shift[j]
            first[j] += d
            second[j] += d * d


@kernel
def batch_moments(partials, stride, n_shards, n_rows, shift, mean, variance):
    """Mean and variance of a whole batch from its shards' sums, added in their order."""
    width = mean.size
    n = number(n_rows, mean[0])
    for j in range(width):
        first = number(0.0, n)
        second = number(0.0, n)
        for s in range(n_shards):
            first += partials[s * stride + j]
            second += partials[s * stride + width + j]
        first /= n
        mean[j] = shift[j] + first
        square = second / n - first * first
        variance[j] = square if square > number(0.0, n) else number(0.0, n) * square


@kernel
def batch_normalize(x, mean, variance, epsilon, out, rows, width):
    """out = (x - mean) / sqrt(variance + epsilon). Ioffe and Szegedy 2015, algorithm 1."""
    one = number(1.0, x[0])
    for r in range(rows):
        x_row, out_row = x[r * width : (r + 1) * width], out[r * width : (r + 1) * width]
        for j in range(width):
            out_row[j] = (x_row[j] - mean[j]) * (one / np.sqrt(variance[j] + epsilon))


@kernel
def batch_gradient_sums(normalized, gain, grad_out, sums, rows, width):
    """sums[0] = sum over rows of t = grad_out gain, sums[1] = of t normalized; (2, width)."""
    sums[: 2 * width] = number(0.0, sums[0])
    first, second = sums[:width], sums[width : 2 * width]
    for r in range(rows):
        g, h = grad_out[r * width : (r + 1) * width], normalized[r * width : (r + 1) * width]
        for j in range(width):
            t = g[j] * gain[j]
            first[j] += t
            second[j] += t * h[j]


@kernel
def batch_normalize_gradient(
    normalized, variance, epsilon, gain, partials, stride, n_shards, n_rows, grad_out, grad_x,
    add, rows, width,
):
    """grad_x = (or += where `add` is 1) the gradient through batch_normalize."""
    n = number(n_rows, gain[0])
    one = number(1.0, n)
    for j in range(width):
        mean = number(0.0, n)
        along = number(0.0, n)
        for s in range(n_shards):
            mean += partials[s * stride + j]
            along += partials[s * stride + width + j]
        mean /= n
        along /= n
        factor = one / np.sqrt(variance[j] + epsilon)
        for i in range(j, rows * width, width):
            g = (grad_out[i] * gain[j] - mean - normalized[i] * along) * factor
            grad_x[i] = grad_x[i] + g if add else g


@kernel
def blend(running, new, momentum):
    """running moves towards new by `momentum`."""
    for j in range(running.size):
        running[j] += momentum * (new[j] - running[j])


@kernel
def random_bits(key, index):
    """32 bits that look random, a function of two 32-bit numbers: counter-based.

    Two rounds of Wellons 2018, "lowbias32", with the key put in before each.
    """
    h = index ^ key
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & _LOW_32_BITS
    h = ((h ^ (h >> 15)) * 0x846CA68B) & _LOW_32_BITS
    h = (h ^ (h >> 16)) + key & _LOW_32_BITS
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & _LOW_32_BITS
    h = ((h ^ (h >> 15)) * 0x846CA68B) & _LOW_32_BITS
    return h ^ (h >> 16)


@kernel
def drop(key, rate, first, a, slope, n):
    """Set a share `rate` of a, and of the slope with it, to 0; the rest grows by 1 / (1 - rate).

    Which ones depends on the key and on the place in the batch, `first` + i, alone.
    """
    kept = number(1.0, rate) / (number(1.0, rate) - rate)
    zero = number(0.0, rate)
    threshold = np.int64(rate * 4294967296.0)
    for i in range(n):
        factor = kept if random_bits(key, first + i) >= threshold else zero
        a[i] *= factor
        slope[i] *= factor


@kernel
def add_to(out, x, n):
    """out += x."""
    for i in range(n):
        out[i] += x[i]


@kernel
def add(a, b, out, n):
    """out = a + b."""
    for i in range(n):
        out[i] = a[i] + b[i]


@kernel
def multiply_and_sum(grad, slope, total, rows, width):
    """slope *= grad, which makes it dL/dz; total = sum over rows of that."""
    total[:width] = number(0.0, grad[0])
    for i in range(0, rows * width, width):
        g, s, t = grad[i : i + width], slope[i : i + width], total[:width]
        for j in range(width):
            d = g[j] * s[j]
            s[j] = d
            t[j] += d


@kernel
def product_sum(grad, q, total, rows, width):
    """total = sum over rows of grad q."""
    total[:width] = number(0.0, grad[0])
    for i in range(0, rows * width, width):
        for j in range(width):
            total[j] += grad[i + j] * q[i + j]


@kernel
def mark_alive(slope, alive, rows, width):
    """alive[j] = 1 where any row's slope at node j is not 0."""
    for i in range(0, rows * width, width):
        for j in range(width):
            if slope[i + j] != 0:
                alive[j] = 1


@kernel
def softmax(scores, n):
    """scores = exp(scores) / sum; returns (m, log sum exp(scores - m)) with m the largest score."""
    largest = scores[0]
    for k in range(1, n):
        largest = scores[k] if scores[k] > largest else largest
    total = number(0.0, largest)
    for k in range(n):
        scores[k] = exp(scores[k] - largest)
        total += scores[k]
    for k in range(n):
        scores[k] /= total
    return largest, np.log(total)


@kernel
def loss_gradient(code, parameter, scores, y, weight, order, normalizer, grad, width):
    """Sum of the rows' weighted losses over `normalizer`; grad = its gradient at the scores.

    scores, grad: (rows, width). y: (n, 1) class numbers for softmax, else (n, width). weight:
    (n,) or empty. order: the rows of y that the batch's rows are.
    """
    total = 0.0
    one = number(1.0, parameter)
    zero = number(0.0, parameter)
    for r in range(order.size):
        w = weight[order[r]] if weight.size else one
        share = w / normalizer
        s, g = scores[r * width : (r + 1) * width], grad[r * width : (r + 1) * width]
        if w == zero:
            g[:] = zero
            continue
        if code == SOFTMAX:
            true = int(y[order[r], 0])
            even = parameter / number(width, parameter)
            for k in range(width):
                g[k] = s[k]
            largest, loss = softmax(g, width)
            for k in range(width):
                loss -= even * (s[k] - largest)
            loss -= (one - parameter) * (s[true] - largest)
            for k in range(width):
                g[k] = (g[k] - even) * share
            g[true] -= (one - parameter) * share
        else:
            loss = loss_and_slope(code, s, y[order[r]], share, parameter, g)
        total += float(loss) * float(share)
    return total


@kernel
def link(code, scores, out, out_start, rows, width):
    """out[out_start + r, k] = the output of scores[r, k]; code: 0 as is, 1 softmax, 2 sigmoid, 3 exp."""
    for r in range(rows):
        s = scores[r * width : (r + 1) * width]
        if code == 1:
            softmax(s, width)
        for k in range(width):
            if code == 2:
                s[k] = sigmoid(s[k])
            elif code == 3:
                limit = number(30.0, s[k])
                s[k] = exp(limit if s[k] > limit else s[k])
            out[out_start + r, k] = s[k]
