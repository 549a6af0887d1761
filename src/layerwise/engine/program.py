"""The compiled program: it reads a plan's tables and trains, or predicts, any network.

Several threads may run `train` at once over the same arrays, each with its own number: a batch is
cut into shards of rows, and the parameters into tasks, by rules that do not look at the number of
threads; what is added up is added in the order of shards. So any number of threads gives the same
bits. Threads meet at barriers: before parameters are read after an update, before a gradient is
taken over rows that others computed, and for the statistics of batch normalisation.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine import columns as at
from layerwise.engine.compiling import kernel, program
from layerwise.engine.elementary import number
from layerwise.engine.elementwise import activate, activate_with_slope
from layerwise.engine.kernels import (
    add,
    add_to,
    affine,
    batch_gradient_sums,
    batch_moments,
    batch_normalize,
    batch_normalize_gradient,
    batch_sums,
    blend,
    drop,
    embed,
    embed_gradient,
    gather,
    layer_normalize,
    layer_normalize_gradient,
    link,
    loss_gradient,
    mark_alive,
    multiply_and_sum,
    periodic,
    periodic_gradient,
    product_sum,
    scale,
    scale_gradient,
)
from layerwise.engine.product import multiply
from layerwise.engine.updates import GRADIENT_ONLY, add_penalty, sum_of_squares, update

__all__ = ["predict", "train"]

# Tries before a waiting thread lets the operating system put it to sleep: about 50 microseconds.
_SPINS = 2000


@kernel
def wait(acquire, lock):
    """Take a lock: by trying for a while, then by sleeping."""
    for _ in range(_SPINS):
        if acquire(lock, np.int32(0)):
            return
    acquire(lock, np.int32(1))


@kernel
def meet(acquire, release, locks, thread, n_threads):
    """Wait until all threads are here. locks[0, t]: t has arrived; locks[1, t]: t may go on."""
    if n_threads == 1:
        return
    if thread == 0:
        for t in range(1, n_threads):
            wait(acquire, locks[0, t])
        for t in range(1, n_threads):
            release(locks[1, t])
    else:
        release(locks[0, thread])
        wait(acquire, locks[1, thread])


@kernel
def first_shard(thread, n_threads, n_shards):
    """The first of a thread's shards; its last is before the next thread's first."""
    return thread * n_shards // n_threads


@kernel
def forward_inputs(step, vector, work, x, codes, order, first, capacity):
    """One input step over the rows `order`, which stand from row `first` of the batch."""
    kind, width = step[at.KIND], step[at.ROW_WIDTH]
    if kind == at.SCALE:
        width = step[at.FAN_OUT]
        start = first * width
        scale(
            work[step[at.INPUT] * capacity + start :],
            vector[step[at.WEIGHTS] : step[at.WEIGHTS] + width],
            first,
            work[step[at.OUTPUT] * capacity + start :],
            order.size,
            width,
        )
        return
    out = work[step[at.OUTPUT] * capacity + first * width :]
    if kind == at.GATHER:
        gather(x, order, out, width)
    elif kind == at.PERIODIC:
        n = step[at.FAN_IN] * step[at.FAN_OUT]
        frequencies = vector[step[at.WEIGHTS] : step[at.WEIGHTS] + n]
        periodic(x, order, frequencies, step[at.FAN_OUT], out, width)
    else:
        table = vector[step[at.WEIGHTS] :]
        embed(
            codes, step[at.CODES_COLUMN], order, table, step[at.FAN_OUT], out, step[at.COLUMN], width
        )


@kernel
def forward_product(step, alpha, vector, work, first, rows, capacity, gemm, ints, floats, flags):
    """Rows of pre-activations, less the bias: alpha norm(x) W, into the SLOPE buffer."""
    fan_in, fan_out = step[at.FAN_IN], step[at.FAN_OUT]
    source = work[step[at.INPUT] * capacity + first * fan_in :]
    if step[at.GAIN] >= 0:
        scaled = work[step[at.SCALED] * capacity + first * fan_in :]
        affine(
            source, vector[step[at.GAIN] :], vector[step[at.SHIFT] :], scaled, rows, fan_in
        )
        source = scaled
    multiply(
        gemm, ints, floats, flags,
        source, fan_in, 0,
        vector[step[at.WEIGHTS] :], 0,
        work[step[at.SLOPE] * capacity + first * fan_out :],
        rows, fan_in, fan_out, alpha, 0,
    )


@kernel
def add_residual(step, work, first, rows, capacity):
    """OUTPUT = RESIDUAL + BRANCH."""
    n, width = rows * step[at.FAN_OUT], step[at.FAN_OUT]
    branch = work[step[at.BRANCH] * capacity + first * width :]
    out = work[step[at.OUTPUT] * capacity + first * width :]
    if step[at.OUTPUT] == step[at.RESIDUAL]:
        add_to(out, branch, n)
    else:
        add(work[step[at.RESIDUAL] * capacity + first * width :], branch, out, n)


@kernel
def forward_activation(step, rate, key, vector, work, alive, looks, first, rows, capacity):
    """Bias, activation with its slope, dropout and residual connection of some rows."""
    width = step[at.FAN_OUT]
    slope = work[step[at.SLOPE] * capacity + first * width :]
    branch = work[step[at.BRANCH] * capacity + first * width :]
    parameter = vector[max(0, step[at.ACTIVATION_PARAMETER]) :]
    q = work[max(0, step[at.PARAMETER_SLOPE]) * capacity + first * width :]
    activate_with_slope(
        step[at.ACTIVATION], slope, vector[step[at.BIASES] :], parameter, branch, q, rows, width
    )
    if looks:
        mark_alive(slope, alive[step[at.BIASES] :], rows, width)
    if rate > number(0.0, rate):
        layer_key = key ^ (step[at.LAYER] * 0x9E3779B1 & 0xFFFFFFFF)
        drop(layer_key, rate, first * width, branch, slope, rows * width)
        if step[at.PARAMETER_SLOPE] >= 0:
            # Already dropped with the slope: what is 0 there is 0 here.
            drop(layer_key, rate, first * width, q, q[:0], rows * width)
    if step[at.RESIDUAL] >= 0:
        add_residual(step, work, first, rows, capacity)


@kernel
def backward_dense(
    step, alpha, vector, work, partial, first, rows, capacity, gemm, ints, floats, flags
):
    """dL/dz, its sums over some rows, and the gradient at the layer's (normalised) input."""
    fan_in, fan_out = step[at.FAN_IN], step[at.FAN_OUT]
    grad = work[step[at.GRAD_OUTPUT] * capacity + first * fan_out :]
    slope = work[step[at.SLOPE] * capacity + first * fan_out :]
    sums = partial[step[at.PARTIAL] :]
    if step[at.PARAMETER_SLOPE] >= 0:
        q = work[step[at.PARAMETER_SLOPE] * capacity + first * fan_out :]
        product_sum(grad, q, sums[fan_out:], rows, fan_out)
    multiply_and_sum(grad, slope, sums, rows, fan_out)
    if step[at.GRAD_INPUT] >= 0 and rows > 0:
        multiply(
            gemm, ints, floats, flags,
            slope, fan_out, 0,
            vector[step[at.WEIGHTS] :], 1,
            work[step[at.GRAD_INPUT] * capacity + first * fan_in :],
            rows, fan_out, fan_in, alpha, step[at.ADD_GRADIENT],
        )


@kernel
def backward_inputs(step, vector, work, partial, x, order, first, capacity):
    """Sums over some rows of the gradient of frequencies or input scales."""
    kind = step[at.KIND]
    sums = partial[step[at.PARTIAL] :]
    width = step[at.ROW_WIDTH] if kind == at.PERIODIC else step[at.FAN_OUT]
    grad = work[step[at.GRAD_OUTPUT] * capacity + first * width :]
    if kind == at.PERIODIC:
        n = step[at.FAN_IN] * step[at.FAN_OUT]
        sums[:n] = number(0.0, sums[0])
        out = work[step[at.OUTPUT] * capacity + first * width :]
        periodic_gradient(x, order, step[at.FAN_OUT], out, grad, width, sums)
    else:
        sums[:width] = number(0.0, sums[0])
        inputs = work[step[at.INPUT] * capacity + first * width :]
        factor = vector[step[at.WEIGHTS] : step[at.WEIGHTS] + width]
        scale_gradient(inputs, factor, first, grad, order.size, width, sums)


@kernel
def sum_shards(partials, offset, stride, n_shards, out):
    """out = the shards' partial sums, added in their order."""
    for j in range(out.size):
        total = partials[offset + j]
        for s in range(1, n_shards):
            total += partials[s * stride + offset + j]
        out[j] = total


@kernel
def task_gradient(
    task, step, alpha, vector, gradient, work, codes, order, settings, call, gemm, ints, floats, flags
):
    """The gradient of one task's parameters over the whole batch; the sum of its squares."""
    capacity, rows = call[at.CAPACITY], order.size
    partials, stride, n_shards = work[call[at.PARTIALS] :], call[at.PARTIAL_STRIDE], call[at.N_SHARDS]
    fan_in, fan_out, kind = step[at.FAN_IN], step[at.FAN_OUT], step[at.KIND]
    low, high = task[at.TASK_LOW], task[at.TASK_HIGH]
    l1, l2 = settings[at.L1], settings[at.L2]
    start = step[at.WEIGHTS]
    if kind == at.PERIODIC or kind == at.SCALE:
        size = fan_in * fan_out if kind == at.PERIODIC else fan_out
        sum_shards(partials, step[at.PARTIAL], stride, n_shards, gradient[start : start + size])
        return sum_of_squares(gradient, start, start + size)
    if kind == at.EMBED:
        stop = start + fan_in * fan_out
        grad = work[step[at.GRAD_OUTPUT] * capacity :]
        embed_gradient(
            codes, step[at.CODES_COLUMN], order, grad, step[at.COLUMN], step[at.ROW_WIDTH], fan_out,
            gradient[start:stop],
        )
        if l1 != 0 or l2 != 0:
            add_penalty(vector, gradient, start, stop, l1, l2)
        return sum_of_squares(gradient, start, stop)
    begin, end = start + low * fan_out, start + high * fan_out
    multiply(
        gemm, ints, floats, flags,
        work[step[at.INPUT] * capacity + low :], fan_in, 1,
        work[step[at.SLOPE] * capacity :], 0,
        gradient[begin:], high - low, rows, fan_out, alpha, 0,
    )
    total = 0.0
    biases = gradient[step[at.BIASES] : step[at.BIASES] + fan_out]
    if low == 0:
        sum_shards(partials, step[at.PARTIAL], stride, n_shards, biases)
        total += sum_of_squares(biases, 0, fan_out)
        if step[at.ACTIVATION_PARAMETER] >= 0:
            p = step[at.ACTIVATION_PARAMETER]
            slopes = gradient[p : p + fan_out]
            sum_shards(partials, step[at.PARTIAL] + fan_out, stride, n_shards, slopes)
            total += sum_of_squares(slopes, 0, fan_out)
    if step[at.GAIN] >= 0:
        normalized_input_gradient(step, alpha, vector, gradient, partials, stride, n_shards, low, high)
        total += sum_of_squares(gradient, step[at.GAIN] + low, step[at.GAIN] + high)
        total += sum_of_squares(gradient, step[at.SHIFT] + low, step[at.SHIFT] + high)
    if l1 != 0 or l2 != 0:
        add_penalty(vector, gradient, begin, end, l1, l2)
    return total + (sum_of_squares(gradient, begin, end) if settings[at.CLIP_NORM] > 0 else 0.0)


@kernel
def normalized_input_gradient(
    step, alpha, vector, gradient, partials, stride, n_shards, low, high
):
    """From G = h' dL/dz, with h the normalised input: the gradients of weights, gain and shift.

    The product saw h gain + shift, so that dL/dW = gain G + shift (sum of dL/dz), and the chain
    rule gives dL/dgain and dL/dshift as sums of W times G and W times (sum of dL/dz).
    """
    fan_out = step[at.FAN_OUT]
    for i in range(low, high):
        start = step[at.WEIGHTS] + i * fan_out
        g, w = gradient[start : start + fan_out], vector[start : start + fan_out]
        gain, shift = vector[step[at.GAIN] + i], vector[step[at.SHIFT] + i] * alpha
        gain_gradient = number(0.0, gain)
        shift_gradient = number(0.0, gain)
        for j in range(fan_out):
            d = partials[step[at.PARTIAL] + j]
            for s in range(1, n_shards):
                d += partials[s * stride + step[at.PARTIAL] + j]
            gain_gradient += w[j] * g[j]
            shift_gradient += w[j] * d
            g[j] = gain * g[j] + shift * d
        gradient[step[at.GAIN] + i] = gain_gradient
        gradient[step[at.SHIFT] + i] = shift_gradient * alpha


@kernel
def task_update(task, step, vector, gradient, moments, average, settings, hyper, kind, factor):
    """The optimiser's step for one task's parameters. Groups: weights, biases, scales, embeddings."""
    low, high = task[at.TASK_LOW], task[at.TASK_HIGH]
    fan_in, fan_out, start = step[at.FAN_IN], step[at.FAN_OUT], step[at.WEIGHTS]
    what = step[at.KIND]
    if what == at.DENSE:
        begin, end, group, decays = start + low * fan_out, start + high * fan_out, 0, True
    elif what == at.EMBED:
        begin, end, group, decays = start, start + fan_in * fan_out, 3, True
    else:
        size = fan_in * fan_out if what == at.PERIODIC else fan_out
        begin, end, group, decays = start, start + size, 2, False
    for part in range(5):
        if part == 1:
            if what != at.DENSE:
                break
            begin = step[at.BIASES] if low == 0 else -1
            end, group, decays = begin + fan_out, 1, False
        elif part == 2:
            begin = step[at.ACTIVATION_PARAMETER] if low == 0 else -1
            end, group = begin + fan_out, 2
        elif part == 3:
            begin = step[at.GAIN] + low if step[at.GAIN] >= 0 else -1
            end = begin + high - low
        elif part == 4:
            begin = step[at.SHIFT] + low if step[at.SHIFT] >= 0 else -1
            end = begin + high - low
        if begin >= 0:
            update(
                kind, vector, gradient, moments, average, begin, end, group, decays, settings, hyper,
                factor,
            )


@kernel
def batch_weight(weight, order):
    """Sum of the rows' weights, in float64; never 0."""
    if weight.size == 0:
        return float(order.size)
    total = 0.0
    for r in range(order.size):
        total += float(weight[order[r]])
    return total if total > 0.0 else 1.0


@program
def train(
    steps, dropout, alphas, tasks, owners, call, settings, hyper, batches, order,
    x, codes, y, weight, vector, gradient, moments, average, state, work, alive,
    losses, shard_losses, task_squares, ints, floats, flags, locks, gemm, acquire, release,
):
    """Run the batches one after another, as thread call[THREAD] of call[N_THREADS].

    steps, dropout, alphas, tasks: the plan. owners (n_tasks,): each task's thread. hyper, batches:
    a row for each batch. vector, gradient, average (n,), moments (2, n). work: the workspace.
    losses (n_batches,) float64 is filled; shard_losses (n_shards,), task_squares (n_tasks,):
    scratch. ints, floats: a row for each thread.
    """
    thread, n_threads, capacity = call[at.THREAD], call[at.N_THREADS], call[at.CAPACITY]
    n_shards, rows_per_shard = call[at.N_SHARDS], call[at.ROWS_PER_SHARD]
    stride, n_outputs, kind = call[at.PARTIAL_STRIDE], call[at.N_OUTPUTS], call[at.OPTIMIZER]
    partials = work[call[at.PARTIALS] :]
    low_shard = first_shard(thread, n_threads, n_shards)
    high_shard = first_shard(thread + 1, n_threads, n_shards)
    my_ints, my_floats = ints[thread], floats[thread]
    one = number(1.0, settings[0])
    clips = settings[at.CLIP_NORM] > 0
    for b in range(batches.shape[0]):
        rows = order[batches[b, at.BATCH_START] : batches[b, at.BATCH_STOP]]
        key, looks = batches[b, at.BATCH_KEY], batches[b, at.BATCH_LOOKS]
        normalizer = settings[at.NORMALIZER]
        if normalizer == 0:
            normalizer = number(batch_weight(weight, rows), normalizer)
        for i in range(steps.shape[0]):
            step = steps[i]
            if step[at.KIND] == at.BATCH_NORM:
                width = step[at.FAN_OUT]
                running = state[step[at.STATE] : step[at.STATE] + 2 * width]
                for s in range(low_shard, high_shard):
                    low = min(s * rows_per_shard, rows.size)
                    n = min(low + rows_per_shard, rows.size) - low
                    batch_sums(
                        work[step[at.INPUT] * capacity + low * width :], running,
                        partials[s * stride + step[at.PARTIAL] :], n, width,
                    )
                meet(acquire, release, locks, thread, n_threads)
                here = partials[step[at.PARTIAL] + 4 * width :]
                if thread == 0:
                    batch_moments(
                        partials[step[at.PARTIAL] :], stride, n_shards, rows.size,
                        running, here[:width], here[width : 2 * width],
                    )
                    unbiased = number(rows.size, one) / number(max(1, rows.size - 1), one)
                    momentum = settings[at.NORM_MOMENTUM]
                    blend(running[:width], here[:width], momentum)
                    for j in range(width):
                        running[width + j] += momentum * (
                            unbiased * here[width + j] - running[width + j]
                        )
                meet(acquire, release, locks, thread, n_threads)
            for s in range(low_shard, high_shard):
                low = min(s * rows_per_shard, rows.size)
                high = min(low + rows_per_shard, rows.size)
                n = high - low
                if n == 0:
                    continue
                if step[at.KIND] == at.DENSE:
                    forward_product(
                        step, alphas[i], vector, work, low, n, capacity,
                        gemm, my_ints, my_floats, flags,
                    )
                    forward_activation(
                        step, dropout[i] * hyper[b, at.DROPOUT], key, vector, work, alive, looks,
                        low, n, capacity,
                    )
                elif step[at.KIND] == at.LAYER_NORM:
                    width = step[at.FAN_OUT]
                    layer_normalize(
                        work[step[at.INPUT] * capacity + low * width :], settings[at.NORM_EPSILON],
                        work[step[at.OUTPUT] * capacity + low * width :],
                        work[step[at.ROOTS] * capacity + low :], n, width,
                    )
                elif step[at.KIND] == at.BATCH_NORM:
                    width = step[at.FAN_OUT]
                    here = partials[step[at.PARTIAL] + 4 * width :]
                    batch_normalize(
                        work[step[at.INPUT] * capacity + low * width :],
                        here, here[width:], settings[at.NORM_EPSILON],
                        work[step[at.OUTPUT] * capacity + low * width :], n, width,
                    )
                else:
                    forward_inputs(step, vector, work, x, codes, rows[low:high], low, capacity)
        for s in range(low_shard, high_shard):
            low = min(s * rows_per_shard, rows.size)
            high = min(low + rows_per_shard, rows.size)
            shard_losses[s] = loss_gradient(
                call[at.LOSS], settings[at.LOSS_PARAMETER],
                work[call[at.SCORES] * capacity + low * n_outputs :], y, weight, rows[low:high],
                normalizer, work[call[at.GRAD_SCORES] * capacity + low * n_outputs :], n_outputs,
            )
        for back in range(steps.shape[0]):
            i = steps.shape[0] - 1 - back
            step = steps[i]
            width = step[at.FAN_OUT]
            if step[at.KIND] == at.BATCH_NORM and step[at.GRAD_INPUT] >= 0:
                for s in range(low_shard, high_shard):
                    low = min(s * rows_per_shard, rows.size)
                    n = min(low + rows_per_shard, rows.size) - low
                    batch_gradient_sums(
                        work[step[at.OUTPUT] * capacity + low * width :], vector[step[at.GAIN] :],
                        work[step[at.GRAD_OUTPUT] * capacity + low * width :],
                        partials[s * stride + step[at.PARTIAL] + 2 * width :], n, width,
                    )
                meet(acquire, release, locks, thread, n_threads)
            for s in range(low_shard, high_shard):
                low = min(s * rows_per_shard, rows.size)
                high = min(low + rows_per_shard, rows.size)
                n = high - low
                if step[at.KIND] == at.DENSE:
                    backward_dense(
                        step, alphas[i], vector, work, partials[s * stride :], low, n, capacity,
                        gemm, my_ints, my_floats, flags,
                    )
                elif step[at.KIND] == at.LAYER_NORM and step[at.GRAD_INPUT] >= 0:
                    layer_normalize_gradient(
                        work[step[at.OUTPUT] * capacity + low * width :],
                        work[step[at.ROOTS] * capacity + low :], vector[step[at.GAIN] :],
                        work[step[at.GRAD_OUTPUT] * capacity + low * width :],
                        work[step[at.GRAD_INPUT] * capacity + low * width :],
                        step[at.ADD_GRADIENT], n, width,
                    )
                elif step[at.KIND] == at.BATCH_NORM and step[at.GRAD_INPUT] >= 0:
                    here = partials[step[at.PARTIAL] + 4 * width :]
                    batch_normalize_gradient(
                        work[step[at.OUTPUT] * capacity + low * width :], here[width:],
                        settings[at.NORM_EPSILON], vector[step[at.GAIN] :],
                        partials[step[at.PARTIAL] + 2 * width :], stride, n_shards, rows.size,
                        work[step[at.GRAD_OUTPUT] * capacity + low * width :],
                        work[step[at.GRAD_INPUT] * capacity + low * width :],
                        step[at.ADD_GRADIENT], n, width,
                    )
                elif step[at.KIND] == at.PERIODIC or step[at.KIND] == at.SCALE:
                    backward_inputs(
                        step, vector, work, partials[s * stride :], x, rows[low:high], low, capacity
                    )
        meet(acquire, release, locks, thread, n_threads)
        if thread == 0:
            losses[b] = 0.0
            for s in range(n_shards):
                losses[b] += shard_losses[s]
        for t in range(tasks.shape[0]):
            if owners[t] == thread:
                i = tasks[t, at.TASK_STEP]
                task_squares[t] = task_gradient(
                    tasks[t], steps[i], alphas[i], vector, gradient, work, codes, rows, settings,
                    call, gemm, my_ints, my_floats, flags,
                )
                if kind != GRADIENT_ONLY and not clips:
                    task_update(
                        tasks[t], steps[i], vector, gradient, moments, average, settings, hyper[b],
                        kind, one,
                    )
        if clips and kind != GRADIENT_ONLY:
            meet(acquire, release, locks, thread, n_threads)
            norm = np.sqrt(np.sum(task_squares))
            factor = one
            if norm > settings[at.CLIP_NORM]:
                factor = number(float(settings[at.CLIP_NORM]) / norm, one)
            for t in range(tasks.shape[0]):
                if owners[t] == thread:
                    i = tasks[t, at.TASK_STEP]
                    task_update(
                        tasks[t], steps[i], vector, gradient, moments, average, settings, hyper[b],
                        kind, factor,
                    )
        meet(acquire, release, locks, thread, n_threads)


@program
def predict(
    steps, alphas, settings, scores, link_code, chunk, x, codes, order, low, high, vector, state, work,
    ints, floats, flags, gemm, out,
):
    """Fill out[low:high] for the rows order[low:high], `chunk` rows at a time.

    link_code: 0 leaves scores as they are, 1 softmax, 2 sigmoid, 3 exp.
    """
    n_outputs = out.shape[1]
    parameterless = work[:0]
    for start in range(low, high, chunk):
        rows = order[start : min(start + chunk, high)]
        n = rows.size
        for i in range(steps.shape[0]):
            step = steps[i]
            width = step[at.FAN_OUT]
            if step[at.KIND] == at.DENSE:
                forward_product(
                    step, alphas[i], vector, work, 0, n, chunk, gemm, ints, floats, flags
                )
                z = work[step[at.SLOPE] * chunk :]
                parameter = vector[max(0, step[at.ACTIVATION_PARAMETER]) :]
                activate(step[at.ACTIVATION], z, vector[step[at.BIASES] :], parameter, n, width)
                if step[at.RESIDUAL] >= 0:
                    add_residual(step, work, 0, n, chunk)
            elif step[at.KIND] == at.LAYER_NORM:
                layer_normalize(
                    work[step[at.INPUT] * chunk :], settings[at.NORM_EPSILON],
                    work[step[at.OUTPUT] * chunk :], work[step[at.ROOTS] * chunk :], n, width,
                )
            elif step[at.KIND] == at.BATCH_NORM:
                mean = state[step[at.STATE] : step[at.STATE] + width]
                variance = state[step[at.STATE] + width : step[at.STATE] + 2 * width]
                batch_normalize(
                    work[step[at.INPUT] * chunk :], mean, variance, settings[at.NORM_EPSILON],
                    work[step[at.OUTPUT] * chunk :], n, width,
                )
            else:
                forward_inputs(step, vector, work, x, codes, rows, 0, chunk)
        link(link_code, work[scores * chunk :], out, start, n, n_outputs)
