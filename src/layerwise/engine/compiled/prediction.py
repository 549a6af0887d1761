"""The compiled programs of prediction, for many rows and, by the shortest way, for one."""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import kernel, program
from layerwise.engine.compiled.elementwise import activate
from layerwise.engine.compiled.kernels import affine, fill
from layerwise.engine.compiled.loss_gradients import link
from layerwise.engine.compiled.steps import finish_output, forward_entry, forward_product
from layerwise.engine.compiled.vectorized import number

__all__ = ["predict", "predict_row"]


@program
def predict(
    steps, alphas, units, shares, call, chunk, x, codes, order, low, high, vector, state, work,
    blas, ints, floats, gemm, out,
):  # fmt: skip
    """Fill out[low:high] for the rows order[low:high], `chunk` rows at a time."""
    n_outputs = out.shape[1]
    for start in range(low, high, chunk):
        stop = min(start + chunk, high)
        rows = stop - start
        for i in range(steps.shape[0]):
            step = steps[i]
            if step[at.KIND] == at.DENSE:
                forward_product(step, alphas[i], vector, work, 0, rows, 0, gemm, blas, ints, floats)
                activate(
                    step[at.ACTIVATION], number(1.0, alphas[i]), vector,
                    step[at.ACTIVATION_PARAMETER], work, step[at.SLOPE], rows, step[at.FAN_OUT],
                )  # fmt: skip
                finish_output(step, units[i], shares[i], work, 0, rows, 0)
            else:
                forward_entry(
                    step, units[i], vector, state, work, x, codes, order, start, stop, 0, state,
                    step[at.STATE],
                )  # fmt: skip
        link(call[at.LINK], work, call[at.SCORES], out, start, rows, n_outputs)


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
def predict_row(steps, alphas, units, shares, call, order, vector, state, work, x, codes, out):
    """Fill out[0] for the one row of x and codes. order: the one number 0."""
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
                step[at.ACTIVATION], number(1.0, alphas[i]), vector, step[at.ACTIVATION_PARAMETER],
                work, z, 1, width,
            )  # fmt: skip
            finish_output(step, units[i], shares[i], work, 0, 1, 0)
        else:
            forward_entry(
                step, units[i], vector, state, work, x, codes, order, 0, 1, 0, state,
                step[at.STATE],
            )  # fmt: skip
    link(call[at.LINK], work, call[at.SCORES], out, 0, 1, out.shape[1])
