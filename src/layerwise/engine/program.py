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
from layerwise.engine.compiling import kernel, program, reduction
from layerwise.engine.elementary import number
from layerwise.engine.elementwise import activate, activate_with_slope
from layerwise.engine.kernels import (
    add,
    affine,
    batch_gradient_sums,
    batch_moments,
    batch_normalize,
    batch_normalize_gradient,
    batch_sums,
    column_sums,
    drop,
    embed,
    embed_gradient,
    fill,
    gather,
    layer_normalize,
    layer_normalize_gradient,
    link,
    loss_gradient,
    mark_alive,
    multiply_by,
    periodic,
    periodic_gradient,
    product_sum,
    scale,
    scale_gradient,
    set_units,
)
from layerwise.engine.product import multiply
from layerwise.engine.updates import GRADIENT_ONLY, add_penalty, sum_of_squares, update

__all__ = ["predict", "predict_row", "train"]

# Tries before a waiting thread lets the operating system put it to sleep: about a quarter of a
# millisecond. Waking takes so long that, with few tries, threads put each other to sleep in turn.
_TRIES = 10_000


@kernel
def wait(acquire, lock):
    """Take a lock: by trying for a while, then by sleeping."""
    for _ in range(_TRIES):
        if acquire(lock, np.int32(0)):
            return
    acquire(lock, np.int32(1))


@kernel
def meet(acquire, release, locks, thread, n_threads):
    """Wait until all threads are here. locks[0, t]: t has arrived; locks[1, t]: t may go on."""
    if thread > 0:
        release(locks[0, thread])
        wait(acquire, locks[1, thread])
    else:
        for t in range(1, n_threads):
            wait(acquire, locks[0, t])
        for t in range(1, n_threads):
            release(locks[1, t])


@kernel
def forward_input(step, unit, vector, work, x, codes, order, low, high, first):
    """An input step for the rows order[low:high], which stand from row `first` of the batch."""
    kind, start, length = step[at.KIND], step[at.WEIGHTS], step[at.LENGTH]
    column, size = step[at.COLUMN], step[at.FAN_OUT]
    out = step[at.OUTPUT] + first * length + column
    if kind == at.GATHER:
        gather(x, order, low, high, work, out, length)
    elif kind == at.PERIODIC:
        periodic(x, order, low, high, vector, start, size, work, out, length)
    elif kind == at.EMBED:
        embed(
            codes, step[at.CODES_COLUMN], order, low, high, vector, start, size, work, out, length
        )
    else:
        inputs = step[at.INPUT] + first * length
        scale(vector, start, step[at.MEMBERS], first, work, inputs, out, high - low, size)
    if column == 0:
        set_units(unit, work, out, high - low, length - 1)


@kernel
def forward_product(step, alpha, vector, work, first, rows, widest, gemm, blas, ints, floats):
    """Rows of pre-activations into the SLOPE buffer: alpha (h gain + shift) W + b."""
    fan_in, fan_out = step[at.FAN_IN], step[at.FAN_OUT]
    source = step[at.INPUT] + first * (fan_in + 1)
    if step[at.GAIN] >= 0:
        scaled = step[at.SCALED] + first * widest
        affine(vector, step[at.GAIN], step[at.SHIFT], work, source, scaled, rows, fan_in)
        source = scaled
    z = step[at.SLOPE] + first * (fan_out + 1)
    size = blas[at.ITEMSIZE]
    multiply(
        gemm, blas, ints, floats, blas[at.WORK] + source * size, fan_in + 1, blas[at.AS_IT_IS],
        blas[at.VECTOR] + step[at.WEIGHTS] * size, fan_out, blas[at.AS_IT_IS],
        blas[at.WORK] + z * size, fan_out + 1,
        rows, fan_in + 1, fan_out, alpha, number(0.0, alpha),
    )  # fmt: skip


@kernel
def branch_place(step, first, widest):
    """Where the BRANCH of a shard's rows starts."""
    if step[at.RESIDUAL] >= 0:
        return step[at.BRANCH] + first * widest
    return step[at.BRANCH] + first * (step[at.FAN_OUT] + 1)


@kernel
def finish_output(step, unit, work, first, rows, widest):
    """OUTPUT = RESIDUAL + BRANCH, where there is a residual connection; and its units."""
    width = step[at.FAN_OUT]
    start = first * (width + 1)
    out = step[at.OUTPUT] + start
    if step[at.RESIDUAL] >= 0:
        branch = branch_place(step, first, widest)
        add(work, step[at.RESIDUAL] + start, branch, out, rows * (width + 1))
    set_units(unit, work, out, rows, width)


@kernel
def forward_activation(step, rate, key, vector, work, alive, looks, first, rows, widest):
    """Activation with its slope, and dropout, of some rows."""
    width = step[at.FAN_OUT]
    start = first * (width + 1)
    slope = step[at.SLOPE] + start
    branch = branch_place(step, first, widest)
    q = np.int64(-1)
    if step[at.PARAMETER_SLOPE] >= 0:
        q = step[at.PARAMETER_SLOPE] + start
    activate_with_slope(
        step[at.ACTIVATION], number(1.0, rate), vector, step[at.ACTIVATION_PARAMETER],
        work, slope, branch, q, rows, width,
    )  # fmt: skip
    if looks:
        mark_alive(work, slope, alive, step[at.BIASES], rows, width)
    if rate > number(0.0, rate):
        layer_key = (key ^ (step[at.LAYER] * 0x9E3779B1)) & 0xFFFFFFFF
        drop(layer_key, rate, start, work, branch, slope, q, rows * (width + 1))


@kernel
def forward_step(
    step, alpha, unit, rate, key, settings, vector, work, alive, looks, x, codes, order, low, high,
    first, widest, moments0, gemm, blas, ints, floats,
):  # fmt: skip
    """One step of the forward pass for some rows."""
    kind, width, rows = step[at.KIND], step[at.FAN_OUT], high - low
    if kind == at.DENSE:
        forward_product(step, alpha, vector, work, first, rows, widest, gemm, blas, ints, floats)
        forward_activation(step, rate, key, vector, work, alive, looks, first, rows, widest)
        finish_output(step, unit, work, first, rows, widest)
    elif kind == at.LAYER_NORM or kind == at.BATCH_NORM:
        start = first * (width + 1)
        inputs, out = step[at.INPUT] + start, step[at.OUTPUT] + start
        epsilon = settings[at.NORM_EPSILON]
        if kind == at.LAYER_NORM:
            layer_normalize(epsilon, work, inputs, out, step[at.ROOTS] + first, rows, width)
        else:
            batch_normalize(epsilon, work, moments0, work, inputs, out, rows, width)
        set_units(unit, work, out, rows, width)
    else:
        forward_input(step, unit, vector, work, x, codes, order, low, high, first)


@kernel
def backward_dense(step, alpha, vector, work, sums, first, rows, widest, gemm, blas, ints, floats):
    """dL/dz of some rows, and the gradient at the layer's (normalised) input."""
    fan_in, fan_out = step[at.FAN_IN], step[at.FAN_OUT]
    grad = step[at.GRAD_OUTPUT] + first * widest
    start = first * (fan_out + 1)
    slope = step[at.SLOPE] + start
    if step[at.PARAMETER_SLOPE] >= 0:
        product_sum(work, grad, step[at.PARAMETER_SLOPE] + start, sums + fan_out, rows, fan_out)
    multiply_by(work, slope, grad, rows * (fan_out + 1))
    if step[at.GAIN] >= 0:
        column_sums(work, slope, sums, rows, fan_out)
    if step[at.GRAD_INPUT] >= 0 and rows > 0:
        result = step[at.GRAD_INPUT] + first * widest
        size = blas[at.ITEMSIZE]
        multiply(
            gemm, blas, ints, floats, blas[at.WORK] + slope * size, fan_out + 1,
            blas[at.AS_IT_IS],
            blas[at.VECTOR] + step[at.WEIGHTS] * size, fan_out, blas[at.TURNED],
            blas[at.WORK] + result * size, fan_in + 1,
            rows, fan_out, fan_in, alpha, number(step[at.ADD_GRADIENT], alpha),
        )  # fmt: skip


@kernel
def backward_step(
    step, alpha, settings, vector, work, sums, x, order, low, high, first, n_rows, widest,
    all_sums, stride, n_shards, gemm, blas, ints, floats,
):  # fmt: skip
    """One step of the backward pass for some rows; `sums` is where their shard's sums go."""
    kind, width, rows = step[at.KIND], step[at.FAN_OUT], high - low
    start = first * (width + 1)
    grad = step[at.GRAD_OUTPUT] + first * widest
    if kind == at.DENSE:
        backward_dense(
            step, alpha, vector, work, sums, first, rows, widest, gemm, blas, ints, floats
        )
    elif kind == at.LAYER_NORM or kind == at.BATCH_NORM:
        if step[at.GRAD_INPUT] >= 0:
            h, result = step[at.OUTPUT] + start, step[at.GRAD_INPUT] + first * widest
            keep = number(step[at.ADD_GRADIENT], alpha)
            if kind == at.LAYER_NORM:
                roots = step[at.ROOTS] + first
                layer_normalize_gradient(
                    vector, step[at.GAIN], work, h, roots, grad, result, keep, rows, width
                )
            else:
                batch_normalize_gradient(
                    vector, step[at.GAIN], settings[at.NORM_EPSILON], keep, work, h,
                    all_sums + 4 * width, all_sums + 2 * width, stride, n_shards, n_rows,
                    grad, result, rows, width,
                )  # fmt: skip
    elif kind == at.PERIODIC:
        length = step[at.LENGTH]
        out = step[at.OUTPUT] + first * length
        fill(work, sums, step[at.FAN_IN] * width, number(0.0, alpha))
        periodic_gradient(x, order, low, high, width, work, out, grad, length, sums)
    elif kind == at.SCALE:
        members = step[at.MEMBERS]
        fill(work, sums, members * width, number(0.0, alpha))
        scale_gradient(
            vector, step[at.WEIGHTS], members, first, work, step[at.INPUT] + start, grad, sums,
            rows, width,
        )  # fmt: skip


@kernel
def sum_shards(work, sums, stride, n_shards, gradient, start, size):
    """gradient[start:][:size] = the shards' sums, added in their order."""
    for j in range(size):
        total = work[sums + j]
        for s in range(1, n_shards):
            total += work[sums + s * stride + j]
        gradient[start + j] = total


@kernel
def normalized_input_gradient(
    step, alpha, vector, gradient, work, sums, stride, n_shards, low, high
):
    """From G = alpha h' dL/dz, h the normalised input: the gradients of weights, gain and shift.

    The product saw h gain + shift, so that dL/dW = gain G + alpha shift (sum of dL/dz), and by
    the chain rule dL/dgain sums W G and dL/dshift sums alpha W (sum of dL/dz).
    """
    fan_out, zero = step[at.FAN_OUT], number(0.0, alpha)
    for i in range(low, min(high, step[at.FAN_IN])):
        w = np.uint64(step[at.WEIGHTS] + i * fan_out)
        gain, shift = vector[step[at.GAIN] + i], vector[step[at.SHIFT] + i] * alpha
        gain_gradient = zero
        shift_gradient = zero
        for j in range(np.uint64(fan_out)):
            d = zero
            for s in range(n_shards):
                d += work[np.uint64(sums + s * stride) + j]
            g = gradient[w + j]
            gain_gradient += vector[w + j] * g
            shift_gradient += vector[w + j] * d
            gradient[w + j] = gain * g + shift * d
        gradient[step[at.GAIN] + i] = gain_gradient
        gradient[step[at.SHIFT] + i] = shift_gradient * alpha


@kernel
def task_gradient(
    task, step, alpha, vector, gradient, work, codes, order, low, high, settings, normalizer,
    widest, shard_rows, sums, stride, n_shards, gemm, blas, ints, floats,
):  # fmt: skip
    """The gradient of one task's parameters over the whole batch."""
    fan_in, fan_out, kind = step[at.FAN_IN], step[at.FAN_OUT], step[at.KIND]
    first, last, start = task[at.TASK_LOW], task[at.TASK_HIGH], step[at.WEIGHTS]
    begin, end = start + first * fan_out, start + last * fan_out
    if kind == at.DENSE:
        size = blas[at.ITEMSIZE]
        multiply(
            gemm, blas, ints, floats,
            blas[at.WORK] + (step[at.INPUT] + first) * size, fan_in + 1, blas[at.TURNED],
            blas[at.WORK] + step[at.SLOPE] * size, fan_out + 1, blas[at.AS_IT_IS],
            blas[at.GRADIENT] + begin * size, fan_out,
            last - first, high - low, fan_out, alpha, number(0.0, alpha),
        )  # fmt: skip
        if step[at.GAIN] >= 0:
            normalized_input_gradient(
                step, alpha, vector, gradient, work, sums, stride, n_shards, first, last
            )
        if first == 0 and step[at.ACTIVATION_PARAMETER] >= 0:
            slopes = step[at.ACTIVATION_PARAMETER]
            sum_shards(work, sums + fan_out, stride, n_shards, gradient, slopes, fan_out)
        end = min(end, step[at.BIASES])
    elif kind == at.EMBED:
        grad = step[at.GRAD_OUTPUT] + step[at.COLUMN]
        fill(gradient, begin, end - begin, number(0.0, alpha))
        embed_gradient(
            codes, step[at.CODES_COLUMN], order, low, high, work, grad, step[at.LENGTH],
            shard_rows, widest, gradient, begin, fan_out,
        )  # fmt: skip
    else:
        sum_shards(work, sums, stride, n_shards, gradient, begin, end - begin)
    if kind == at.DENSE or kind == at.EMBED:
        l1, l2 = settings[at.L1], settings[at.L2]
        if settings[at.PENALIZE_SUM] != number(0.0, alpha):
            l1 /= normalizer
            l2 /= normalizer
        if l1 != number(0.0, l1) or l2 != number(0.0, l2):
            add_penalty(vector, gradient, begin, end, l1, l2)


@kernel
def task_part(part, task, step):
    """(start, stop, group) of one of a task's five runs of parameters; start -1: it has none.

    Groups: 0 weights, 1 biases, 2 scales, 3 embeddings.
    """
    low, high = task[at.TASK_LOW], task[at.TASK_HIGH]
    kind, fan_in, fan_out = step[at.KIND], step[at.FAN_IN], step[at.FAN_OUT]
    rows = min(high, fan_in) - low
    start, size, group = np.int64(-1), np.int64(0), np.int64(2)
    if kind != at.DENSE:
        if part == 0:
            start, size = step[at.WEIGHTS] + low * fan_out, (high - low) * fan_out
            group = np.int64(3 if kind == at.EMBED else 2)
    elif part == 0 and rows > 0:
        start, size, group = step[at.WEIGHTS] + low * fan_out, rows * fan_out, np.int64(0)
    elif part == 1 and high > fan_in:
        start, size, group = step[at.BIASES], fan_out, np.int64(1)
    elif part == 2 and low == 0:
        start, size = step[at.ACTIVATION_PARAMETER], fan_out
    elif part == 3 and step[at.GAIN] >= 0 and rows > 0:
        start, size = step[at.GAIN] + low, rows
    elif part == 4 and step[at.GAIN] >= 0 and rows > 0:
        start, size = step[at.SHIFT] + low, rows
    return start, start + size, group


@kernel
def task_squares(task, step, gradient):
    """Sum of squares of one task's gradient."""
    total = 0.0
    for part in range(5):
        start, stop, _ = task_part(part, task, step)
        if start >= 0:
            total += sum_of_squares(gradient, start, stop)
    return total


@kernel
def task_update(task, step, vector, gradient, moments, average, settings, hyper, b, kind, factor):
    """The optimiser's step for one task's parameters."""
    for part in range(5):
        start, stop, group = task_part(part, task, step)
        if start >= 0:
            update(
                kind, vector, gradient, moments, average, start, stop, group, settings, hyper, b,
                factor,
            )  # fmt: skip


@reduction
def penalty_of(tasks, steps, vector, l1, l2):
    """l1 |w| + l2 w² / 2 over weights and embeddings, in float64."""
    total = 0.0
    if l1 == number(0.0, l1) and l2 == number(0.0, l2):
        return total
    absolute, square = np.float64(l1), 0.5 * np.float64(l2)
    for t in range(tasks.shape[0]):
        step = steps[tasks[t, at.TASK_STEP]]
        kind, fan_out, stop = step[at.KIND], step[at.FAN_OUT], tasks[t, at.TASK_HIGH]
        if kind == at.DENSE:
            stop = min(stop, step[at.FAN_IN])
        elif kind != at.EMBED:
            continue
        begin = step[at.WEIGHTS] + tasks[t, at.TASK_LOW] * fan_out
        for i in range(np.uint64(begin), np.uint64(step[at.WEIGHTS] + stop * fan_out)):
            w = np.float64(vector[i])
            total += square * w * w + absolute * abs(w)
    return total


@kernel
def batch_weight(weight, order, low, high):
    """Sum of the rows' weights, in float64; never 0."""
    if weight.size == 0:
        return np.float64(high - low)
    total = 0.0
    for r in range(low, high):
        total += np.float64(weight[order[r]])
    return total if total > 0.0 else 1.0


@program
def train(
    steps, dropout, alphas, units, tasks, owners, call, settings, hyper, batches, order, x, codes,
    y, weight, vector, gradient, moments, average, state, work, alive, losses, penalties,
    shard_losses, squares, blas, ints, floats, locks, gemm, acquire, release,
):  # fmt: skip
    """Run the batches one after another, as thread call[THREAD] of call[N_THREADS].

    steps, dropout, alphas, units, tasks: the plan. owners (n_tasks,): each task's thread. hyper,
    batches: a row for each batch. vector, gradient, average (n,), moments (2, n). work: the
    workspace. losses, penalties (n_batches,) float64 are filled; shard_losses (n_shards,),
    squares (n_tasks,): scratch. blas, ints, floats: this thread's own, for its calls of gemm.
    """
    thread, n_threads = call[at.THREAD], call[at.N_THREADS]
    n_shards, shard_rows = call[at.N_SHARDS], call[at.ROWS_PER_SHARD]
    sums0, stride, kind = call[at.PARTIALS], call[at.PARTIAL_STRIDE], call[at.OPTIMIZER]
    n_outputs, widest, n_steps = call[at.N_OUTPUTS], call[at.WIDEST], steps.shape[0]
    first_shard, end_shard = thread * n_shards // n_threads, (thread + 1) * n_shards // n_threads
    clip = np.float64(settings[at.CLIP_NORM])
    whole = call[at.WHOLE] == 1 and n_threads == 1
    one = number(1.0, settings[0])
    for b in range(batches.shape[0]):
        start, stop = batches[b, at.BATCH_START], batches[b, at.BATCH_STOP]
        key, looks, n_rows = batches[b, at.BATCH_KEY], batches[b, at.BATCH_LOOKS], stop - start
        normalizer = settings[at.NORMALIZER]
        if normalizer <= number(0.0, one):
            normalizer = number(batch_weight(weight, order, start, stop), one)
        for i in range(n_steps):
            step = steps[i]
            sums, width = sums0 + step[at.PARTIAL], step[at.FAN_OUT]
            if step[at.KIND] == at.BATCH_NORM:
                for s in range(first_shard, end_shard):
                    first = min(s * shard_rows, n_rows)
                    rows = min(first + shard_rows, n_rows) - first
                    inputs = step[at.INPUT] + first * (width + 1)
                    batch_sums(work, inputs, sums + s * stride, rows, width)
                meet(acquire, release, locks, thread, n_threads)
                if thread == 0:
                    batch_moments(
                        state, step[at.STATE], settings[at.NORM_MOMENTUM], work, step[at.INPUT],
                        shard_rows, sums, stride, n_shards, n_rows, sums + 4 * width, width,
                    )  # fmt: skip
                meet(acquire, release, locks, thread, n_threads)
            for s in range(first_shard, end_shard):
                first = min(s * shard_rows, n_rows)
                end = min(first + shard_rows, n_rows)
                forward_step(
                    step, alphas[i], units[i], dropout[i] * hyper[b, at.DROPOUT], key, settings,
                    vector, work, alive, looks, x, codes, order, start + first, start + end, first,
                    widest, sums + 4 * width, gemm, blas, ints, floats,
                )  # fmt: skip
        for s in range(first_shard, end_shard):
            first = min(s * shard_rows, n_rows)
            end = min(first + shard_rows, n_rows)
            scores = call[at.SCORES] + first * (n_outputs + 1)
            grad = call[at.GRAD_SCORES] + first * widest
            shard_losses[s] = loss_gradient(
                call[at.LOSS], settings[at.LOSS_PARAMETER], work, scores, grad, n_outputs,
                y, weight, order, start + first, start + end, normalizer,
            )  # fmt: skip
        for back in range(n_steps):
            i = n_steps - 1 - back
            step = steps[i]
            sums, width = sums0 + step[at.PARTIAL], step[at.FAN_OUT]
            if step[at.KIND] == at.BATCH_NORM and step[at.GRAD_INPUT] >= 0:
                for s in range(first_shard, end_shard):
                    first = min(s * shard_rows, n_rows)
                    rows = min(first + shard_rows, n_rows) - first
                    h = step[at.OUTPUT] + first * (width + 1)
                    grad = step[at.GRAD_OUTPUT] + first * widest
                    batch_gradient_sums(
                        vector, step[at.GAIN], work, h, grad, sums + s * stride + 2 * width,
                        rows, width,
                    )  # fmt: skip
                meet(acquire, release, locks, thread, n_threads)
            for s in range(first_shard, end_shard):
                first = min(s * shard_rows, n_rows)
                end = min(first + shard_rows, n_rows)
                backward_step(
                    step, alphas[i], settings, vector, work, sums + s * stride, x, order,
                    start + first, start + end, first, n_rows, widest, sums, stride, n_shards,
                    gemm, blas, ints, floats,
                )  # fmt: skip
        meet(acquire, release, locks, thread, n_threads)
        if thread == 0:
            losses[b] = 0.0
            for s in range(n_shards):
                losses[b] += shard_losses[s]
        factor = one
        # With clipping, all gradients come first and then all updates; without, by turns, while
        # a gradient is still in the cache.
        for turn in range(2 if clip > 0.0 else 1):
            if turn == 1:
                meet(acquire, release, locks, thread, n_threads)
                norm = 0.0
                for t in range(tasks.shape[0]):
                    norm += squares[t]
                norm = np.sqrt(norm)
                if norm > clip:
                    factor = number(clip / norm, one)
            for t in range(tasks.shape[0]):
                if owners[t] != thread:
                    continue
                i = tasks[t, at.TASK_STEP]
                if turn == 0:
                    task_gradient(
                        tasks[t], steps[i], alphas[i], vector, gradient, work, codes, order, start,
                        stop, settings, normalizer, widest, shard_rows,
                        sums0 + steps[i, at.PARTIAL], stride, n_shards, gemm, blas, ints, floats,
                    )  # fmt: skip
                    if clip > 0.0:
                        squares[t] = task_squares(tasks[t], steps[i], gradient)
                if kind != GRADIENT_ONLY and not whole and (turn == 1 or clip == 0.0):
                    task_update(
                        tasks[t], steps[i], vector, gradient, moments, average, settings, hyper, b,
                        kind, factor,
                    )  # fmt: skip
        if whole and kind != GRADIENT_ONLY:
            update(
                kind, vector, gradient, moments, average, np.int64(0), vector.size, np.int64(0),
                settings, hyper, b, factor,
            )  # fmt: skip
        meet(acquire, release, locks, thread, n_threads)
        if thread == 0 and batches[b, at.BATCH_ENDS_EPOCH] == 1:
            penalties[b] = penalty_of(tasks, steps, vector, settings[at.L1], settings[at.L2])


@program
def predict(
    steps, alphas, units, settings, call, chunk, x, codes, order, low, high, vector, state, work,
    blas, ints, floats, gemm, out,
):  # fmt: skip
    """Fill out[low:high] for the rows order[low:high], `chunk` rows at a time."""
    n_outputs = out.shape[1]
    epsilon = settings[at.NORM_EPSILON]
    for start in range(low, high, chunk):
        stop = min(start + chunk, high)
        rows = stop - start
        for i in range(steps.shape[0]):
            step = steps[i]
            if step[at.KIND] == at.DENSE:
                forward_product(step, alphas[i], vector, work, 0, rows, 0, gemm, blas, ints, floats)
                activate(
                    step[at.ACTIVATION], number(1.0, epsilon), vector,
                    step[at.ACTIVATION_PARAMETER], work, step[at.SLOPE], rows, step[at.FAN_OUT],
                )  # fmt: skip
                finish_output(step, units[i], work, 0, rows, 0)
            else:
                predict_input(
                    step, units[i], epsilon, vector, state, work, x, codes, order, start, stop
                )
        link(call[at.LINK], work, call[at.SCORES], out, start, rows, n_outputs)


@kernel
def predict_input(step, unit, epsilon, vector, state, work, x, codes, order, low, high):
    """A step without a product, for the rows order[low:high], at prediction."""
    kind, width, rows = step[at.KIND], step[at.FAN_OUT], high - low
    inputs, out = step[at.INPUT], step[at.OUTPUT]
    if kind == at.LAYER_NORM:
        layer_normalize(epsilon, work, inputs, out, step[at.ROOTS], rows, width)
        set_units(unit, work, out, rows, width)
    elif kind == at.BATCH_NORM:
        batch_normalize(epsilon, state, step[at.STATE], work, inputs, out, rows, width)
        set_units(unit, work, out, rows, width)
    else:
        forward_input(step, unit, vector, work, x, codes, order, low, high, 0)


@kernel
def row_product(vector, weights0, work, x0, z0, fan_in, fan_out, alpha):
    """Z = alpha x W for one row, where a call of gemm would cost more than the product."""
    z, n = np.uint64(z0), np.uint64(fan_out)
    fill(work, z0, fan_out, number(0.0, alpha))
    for i in range(0, fan_in - 3, 4):
        a, b = alpha * work[x0 + i], alpha * work[x0 + i + 1]
        c, d = alpha * work[x0 + i + 2], alpha * work[x0 + i + 3]
        w = np.uint64(weights0 + i * fan_out)
        for j in range(n):
            work[z + j] += (a * vector[w + j] + b * vector[w + n + j]) + (
                c * vector[w + n + n + j] + d * vector[w + n + n + n + j]
            )
    for i in range(fan_in // 4 * 4, fan_in):
        a = alpha * work[x0 + i]
        w = np.uint64(weights0 + i * fan_out)
        for j in range(n):
            work[z + j] += a * vector[w + j]


@program
def predict_row(steps, alphas, units, settings, call, order, vector, state, work, x, codes, out):
    """Fill out[0] for the one row of x and codes. order: the one number 0."""
    epsilon = settings[at.NORM_EPSILON]
    for i in range(steps.shape[0]):
        step = steps[i]
        if step[at.KIND] == at.DENSE:
            fan_in, width, inputs, z = (
                step[at.FAN_IN],
                step[at.FAN_OUT],
                step[at.INPUT],
                step[at.SLOPE],
            )
            if step[at.GAIN] >= 0:
                scaled = step[at.SCALED]
                affine(vector, step[at.GAIN], step[at.SHIFT], work, inputs, scaled, 1, fan_in)
                inputs = scaled
            row_product(vector, step[at.WEIGHTS], work, inputs, z, fan_in + 1, width, alphas[i])
            activate(
                step[at.ACTIVATION], number(1.0, epsilon), vector, step[at.ACTIVATION_PARAMETER],
                work, z, 1, width,
            )  # fmt: skip
            finish_output(step, units[i], work, 0, 1, 0)
        else:
            predict_input(step, units[i], epsilon, vector, state, work, x, codes, order, 0, 1)
    link(call[at.LINK], work, call[at.SCORES], out, 0, 1, out.shape[1])
