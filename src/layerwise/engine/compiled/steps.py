"""One step of a plan for some rows of a batch: forward, and backward.

All take a row of the plan's table, `step`. Rows stand from row `first` of the batch on.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

from layerwise.engine.compiled import program_columns as at
from layerwise.engine.compiled.compiling import kernel
from layerwise.engine.compiled.elementwise import activate_with_slope
from layerwise.engine.compiled.kernels import (
    add,
    affine,
    batch_normalize,
    batch_normalize_gradient,
    column_sums,
    drop,
    embed,
    fill,
    gather,
    layer_key_of,
    layer_normalize,
    layer_normalize_gradient,
    mark_alive,
    multiply_by,
    one_hot,
    periodic,
    periodic_gradient,
    piecewise,
    product_sum,
    scale,
    scale_gradient,
    set_units,
)
from layerwise.engine.compiled.product import multiply
from layerwise.engine.compiled.vectorized import number

__all__ = ["backward_step", "finish_output", "forward_input", "forward_product", "forward_step"]


@kernel
def forward_input(step, unit, vector, state, work, x, codes, order, low, high, first):
    """An input step for the rows order[low:high], which stand from row `first` of the batch."""
    kind, start, length = step[at.KIND], step[at.WEIGHTS], step[at.LENGTH]
    column, size = step[at.COLUMN], step[at.FAN_OUT]
    out = step[at.OUTPUT] + first * length + column
    if kind == at.GATHER:
        gather(x, order, low, high, work, out, length)
    elif kind == at.PERIODIC:
        periodic(x, order, low, high, vector, start, size, work, out, length)
    elif kind == at.PIECEWISE:
        source, edges = step[at.SOURCE], step[at.STATE]
        piecewise(x, source, order, low, high, state, edges, size, work, out, length)
    elif kind == at.EMBED:
        embed(codes, step[at.SOURCE], order, low, high, vector, start, size, work, out, length)
    elif kind == at.ONE_HOT:
        one_hot(codes, step[at.SOURCE], order, low, high, work, out, size, length)
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
    step, alpha, unit, rate, key, settings, vector, state, work, alive, looks, x, codes, order, low,
    high, first, widest, moments0, gemm, blas, ints, floats,
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
        forward_input(step, unit, vector, state, work, x, codes, order, low, high, first)


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
