"""One step of a plan for some rows of a batch: forward, and backward.

All take a row of the plan's table, `step`. Rows stand from row `first` of the batch on.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import kernel
from layerwise.engine.compiled.elementwise import activate_with_slope
from layerwise.engine.compiled.entries import entry_backward, entry_forward
from layerwise.engine.compiled.kernels import (
    add,
    affine,
    column_sums,
    drop,
    layer_key_of,
    mark_alive,
    multiply_by,
    product_sum,
    set_units,
)
from layerwise.engine.compiled.product import multiply
from layerwise.engine.compiled.vectorized import number

__all__ = ["backward_step", "finish_output", "forward_entry", "forward_product", "forward_step"]


@kernel
def forward_entry(
    step, unit, vector, state, work, x, codes, order, low, high, first, measured, measures
):  # fmt: skip
    """A step that is no product for the rows order[low:high], from row `first` of the batch on."""
    entry_forward(
        step, vector, state, work, x, codes, order, low, high, first, measured, measures
    )  # fmt: skip
    if step[at.COLUMN] == 0:
        length = step[at.LENGTH]
        set_units(unit, work, step[at.OUTPUT] + first * length, high - low, length - 1)


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
def finish_output(step, unit, share, work, first, rows, widest):
    """OUTPUT = RESIDUAL + share BRANCH, where there is a residual connection; and its units."""
    width = step[at.FAN_OUT]
    start = first * (width + 1)
    out = step[at.OUTPUT] + start
    if step[at.RESIDUAL] >= 0:
        branch = branch_place(step, first, widest)
        add(share, work, step[at.RESIDUAL] + start, branch, out, rows * (width + 1))
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
        drop(
            layer_key_of(key, step[at.LAYER]),
            rate,
            start,
            work,
            branch,
            slope,
            q,
            rows * (width + 1),
        )


@kernel
def forward_step(
    step, alpha, unit, share, rate, key, vector, state, work, alive, looks, x, codes, order, low,
    high, first, widest, all_sums, gemm, blas, ints, floats,
):  # fmt: skip
    """One step of the forward pass for some rows."""
    rows = high - low
    if step[at.KIND] == at.DENSE:
        forward_product(step, alpha, vector, work, first, rows, widest, gemm, blas, ints, floats)
        forward_activation(step, rate, key, vector, work, alive, looks, first, rows, widest)
        finish_output(step, unit, share, work, first, rows, widest)
    else:
        forward_entry(
            step, unit, vector, state, work, x, codes, order, low, high, first, work, all_sums
        )  # fmt: skip


@kernel
def backward_dense(
    step, alpha, share, vector, work, sums, first, rows, widest, gemm, blas, ints, floats
):
    """dL/dz of some rows, and the gradient at the layer's (normalised) input."""
    fan_in, fan_out = step[at.FAN_IN], step[at.FAN_OUT]
    grad = step[at.GRAD_OUTPUT] + first * widest
    start = first * (fan_out + 1)
    slope = step[at.SLOPE] + start
    if step[at.PARAMETER_SLOPE] >= 0:
        slopes = step[at.PARAMETER_SLOPE] + start
        product_sum(share, work, grad, slopes, sums + fan_out, rows, fan_out)
    multiply_by(share, work, slope, grad, rows * (fan_out + 1))
    if step[at.SHIFT] >= 0:
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
    step, alpha, share, vector, state, work, sums, x, order, low, high, first, n_rows, widest,
    all_sums, stride, n_shards, gemm, blas, ints, floats,
):  # fmt: skip
    """One step of the backward pass for some rows; `sums` is where their shard's sums go."""
    if step[at.KIND] == at.DENSE:
        backward_dense(
            step, alpha, share, vector, work, sums, first, high - low, widest, gemm, blas, ints,
            floats,
        )  # fmt: skip
    elif step[at.LAYER] < 0 or step[at.GRAD_INPUT] >= 0:
        entry_backward(
            step, alpha, vector, state, work, x, order, low, high, first, n_rows, widest, sums,
            all_sums, stride, n_shards,
        )  # fmt: skip
