"""The compiled program of training: it reads a plan's tables and trains any network.

Several threads may run `train` at once over the same arrays, each with its own number: a batch is
cut into shards of rows, and the parameters into tasks, by rules that do not look at the number of
threads; what is added up is added in the order of shards. So any number of threads gives the same
bits. Threads meet at barriers: before parameters are read after an update, before a gradient is
taken over rows that others computed, and for steps that look at the whole batch.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import kernel, program, reduction
from layerwise.engine.compiled.entries import (
    entry_gradient,
    entry_join,
    entry_measure,
    entry_measure_back,
)
from layerwise.engine.compiled.loss_gradients import loss_gradient
from layerwise.engine.compiled.product import multiply
from layerwise.engine.compiled.steps import backward_step, forward_step
from layerwise.engine.compiled.updates import GRADIENT_ONLY, add_penalty, sum_of_squares, update
from layerwise.engine.compiled.vectorized import number
from layerwise.engine.layout import EMBEDDINGS, WEIGHTS

__all__ = ["train"]

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


@reduction
def scaled_input_gradient(step, vector, gradient, low, high):
    """The same without a shift: from G = alpha x' dL/dz the gradients of weights and gain.

    No gradient at the inputs is asked for, which would be a product more.
    """
    fan_out = np.uint64(step[at.FAN_OUT])
    for i in range(low, min(high, step[at.FAN_IN])):
        w = np.uint64(step[at.WEIGHTS] + i * step[at.FAN_OUT])
        gain = vector[step[at.GAIN] + i]
        gain_gradient = number(0.0, gain)
        for j in range(fan_out):
            g = gradient[w + j]
            gain_gradient += vector[w + j] * g
            gradient[w + j] = gain * g
        gradient[step[at.GAIN] + i] = gain_gradient


@kernel
def is_penalized(task):
    """Whether an entry's numbers are of a kind that penalties apply to."""
    return task[at.TASK_GROUP] == WEIGHTS or task[at.TASK_GROUP] == EMBEDDINGS


@kernel
def task_gradient(
    task, step, alpha, vector, gradient, work, codes, order, low, high, settings, normalizer,
    widest, shard_rows, sums, stride, n_shards, gemm, blas, ints, floats,
):  # fmt: skip
    """The gradient of one task's parameters over the whole batch."""
    fan_in, fan_out, is_dense = step[at.FAN_IN], step[at.FAN_OUT], step[at.KIND] == at.DENSE
    first, last, start = task[at.TASK_LOW], task[at.TASK_HIGH], step[at.WEIGHTS]
    begin, end = start + first, start + last
    if is_dense:
        begin, end = start + first * fan_out, start + last * fan_out
        size = blas[at.ITEMSIZE]
        multiply(
            gemm, blas, ints, floats,
            blas[at.WORK] + (step[at.INPUT] + first) * size, fan_in + 1, blas[at.TURNED],
            blas[at.WORK] + step[at.SLOPE] * size, fan_out + 1, blas[at.AS_IT_IS],
            blas[at.GRADIENT] + begin * size, fan_out,
            last - first, high - low, fan_out, alpha, number(0.0, alpha),
        )  # fmt: skip
        if step[at.SHIFT] >= 0:
            normalized_input_gradient(
                step, alpha, vector, gradient, work, sums, stride, n_shards, first, last
            )
        elif step[at.GAIN] >= 0:
            scaled_input_gradient(step, vector, gradient, first, last)
        if first == 0 and step[at.ACTIVATION_PARAMETER] >= 0:
            slopes = step[at.ACTIVATION_PARAMETER]
            sum_shards(work, sums + fan_out, stride, n_shards, gradient, slopes, fan_out)
        end = min(end, step[at.BIASES])
    elif not entry_gradient(
        step, work, codes, order, low, high, shard_rows, widest, gradient, begin, end
    ):
        sum_shards(work, sums + first, stride, n_shards, gradient, begin, end - begin)
    if is_dense or is_penalized(task):
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
            start, size, group = step[at.WEIGHTS] + low, high - low, task[at.TASK_GROUP]
    elif part == 0 and rows > 0:
        start, size, group = step[at.WEIGHTS] + low * fan_out, rows * fan_out, np.int64(0)
    elif part == 1 and high > fan_in:
        start, size, group = step[at.BIASES], fan_out, np.int64(1)
    elif part == 2 and low == 0:
        start, size = step[at.ACTIVATION_PARAMETER], fan_out
    elif part == 3 and step[at.GAIN] >= 0 and rows > 0:
        start, size = step[at.GAIN] + low, rows
    elif part == 4 and step[at.SHIFT] >= 0 and rows > 0:
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
        width, stop = step[at.FAN_OUT], tasks[t, at.TASK_HIGH]
        if step[at.KIND] == at.DENSE:
            stop = min(stop, step[at.FAN_IN])
        elif is_penalized(tasks[t]):
            width = np.int64(1)
        else:
            continue
        begin = step[at.WEIGHTS] + tasks[t, at.TASK_LOW] * width
        for i in range(np.uint64(begin), np.uint64(step[at.WEIGHTS] + stop * width)):
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
    steps, dropout, alphas, units, shares, tasks, owners, call, settings, hyper, batches, order, x,
    codes, y, weight, vector, gradient, moments, average, state, work, alive, losses, penalties,
    shard_losses, squares, blas, ints, floats, locks, gemm, acquire, release,
):  # fmt: skip
    """Run the batches one after another, as thread call[THREAD] of call[N_THREADS].

    steps, dropout, alphas, units, shares, tasks: the plan. owners (n_tasks,): each task's thread.
    hyper, batches: a row for each batch. vector, gradient, average (n,), moments (2, n). work: the
    workspace. losses, penalties (n_batches,) float64 are filled; shard_losses (n_shards,),
    squares (n_tasks,): scratch. blas, ints, floats: this thread's own, for its calls of gemm.
    """
    thread, n_threads = call[at.THREAD], call[at.N_THREADS]
    n_shards, shard_rows = call[at.N_SHARDS], call[at.ROWS_PER_SHARD]
    sums0, stride, kind = call[at.PARTIALS], call[at.PARTIAL_STRIDE], call[at.RULE]
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
            sums = sums0 + step[at.PARTIAL]
            if step[at.OF_BATCH] == 1:
                for s in range(first_shard, end_shard):
                    first = min(s * shard_rows, n_rows)
                    end = min(first + shard_rows, n_rows)
                    entry_measure(step, work, start + first, start + end, first, sums + s * stride)
                meet(acquire, release, locks, thread, n_threads)
                if thread == 0:
                    entry_join(
                        step, state, settings[at.NORM_MOMENTUM], work, shard_rows, sums, stride,
                        n_shards, n_rows,
                    )  # fmt: skip
                meet(acquire, release, locks, thread, n_threads)
            for s in range(first_shard, end_shard):
                first = min(s * shard_rows, n_rows)
                end = min(first + shard_rows, n_rows)
                forward_step(
                    step, alphas[i], units[i], shares[i], dropout[i] * hyper[b, at.DROPOUT], key,
                    vector, state, work, alive, looks, x, codes, order, start + first, start + end,
                    first, widest, sums, gemm, blas, ints, floats,
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
            sums = sums0 + step[at.PARTIAL]
            if step[at.OF_BATCH] == 1 and step[at.GRAD_INPUT] >= 0:
                for s in range(first_shard, end_shard):
                    first = min(s * shard_rows, n_rows)
                    end = min(first + shard_rows, n_rows)
                    entry_measure_back(
                        step, vector, work, start + first, start + end, first, widest,
                        sums + s * stride,
                    )  # fmt: skip
                meet(acquire, release, locks, thread, n_threads)
            for s in range(first_shard, end_shard):
                first = min(s * shard_rows, n_rows)
                end = min(first + shard_rows, n_rows)
                backward_step(
                    step, alphas[i], shares[i], vector, state, work, sums + s * stride, x, order,
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
