"""Normalisation: numbers brought to mean 0 and variance 1, over a row or over a batch."""

# mypy: disable-error-code="no-untyped-def"

from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.architecture.elementary import number, u64
from layerwise.architecture.steps.step import Array, Given, Kernels, Numbers, Parameter, Step
from layerwise.language import message

__all__ = ["BatchNorm", "LayerNorm"]

EPSILON = 1e-5


def layer_normalize(work, inputs, out, kept, rows, size):
    """Each row of out = that of x less its mean, over its standard deviation; kept: 1 / sd.

    Ba et al. 2016, equation 4.
    """
    length = size + 1
    epsilon = number(EPSILON, work[inputs])
    n = number(size, epsilon)
    for r in range(rows):
        x, place = u64(inputs + r * length), u64(out + r * length)
        mean = number(0.0, epsilon)
        for j in range(u64(size)):
            mean += work[x + j]
        mean /= n
        square = number(0.0, epsilon)
        for j in range(u64(size)):
            d = work[x + j] - mean
            square += d * d
        root = number(1.0, epsilon) / np.sqrt(square / n + epsilon)
        work[kept + r] = root
        for j in range(u64(size)):
            work[place + j] = (work[x + j] - mean) * root


def layer_normalize_gradient(vector, gain, work, out, kept, grad, result, keep, rows, size):
    """Result = keep result + the gradient at x; grad is that at out gain + shift."""
    length = size + 1
    n, zero = number(size, keep), number(0.0, keep)
    w = u64(gain)
    for r in range(rows):
        h, g, place = u64(out + r * length), u64(grad + r * length), u64(result + r * length)
        mean = zero
        along = zero
        for j in range(u64(size)):
            t = work[g + j] * vector[w + j]
            mean += t
            along += t * work[h + j]
        mean /= n
        along /= n
        root = work[kept + r]
        for j in range(u64(size)):
            t = (work[g + j] * vector[w + j] - mean - work[h + j] * along) * root
            work[place + j] = t if keep == zero else work[place + j] + t


# Batch normalisation's sums, (6, size): mean and variance of the whole batch; sums of a shard on
# the way forward; and on the way back.


def batch_sums(work, inputs, sums, rows, size):
    """Of x less its shard's first row, and of its square.

    That row, near enough to the mean, keeps the second from cancelling.
    """
    n, first, shift = u64(size), u64(sums + 2 * size), u64(inputs)
    for j in range(u64(2 * size)):
        work[first + j] = number(0.0, work[inputs])
    for r in range(1, rows):
        x = u64(inputs + r * (size + 1))
        for j in range(n):
            d = work[x + j] - work[shift + j]
            work[first + j] += d
            work[first + n + j] += d * d


def batch_moments(
    state, own_state, momentum, work, all_inputs, shard_rows, all_sums, stride, n_shards, n_rows,
    size,
):  # fmt: skip
    """Mean and variance of a whole batch from its shards' sums, taken in order.

    Shards' moments are joined as Chan et al. 1979 have it. The running mean and variance, (2,
    size), move towards them by `momentum`; the variance is the unbiased one there, as Ioffe and
    Szegedy 2015, algorithm 2, have it.
    """
    total = number(n_rows, momentum)
    unbiased = total / number(max(1, n_rows - 1), momentum)
    sums = all_sums + 2 * size
    for j in range(size):
        mean = number(0.0, momentum)
        square = number(0.0, momentum)
        for s in range(n_shards):
            first = s * shard_rows
            if first >= n_rows:
                break
            n = number(min(shard_rows, n_rows - first), momentum)
            before = number(first, momentum)
            offset = work[sums + s * stride + j] / n
            apart = work[all_inputs + first * (size + 1) + j] + offset - mean
            mean += apart * n / (before + n)
            square += work[sums + s * stride + size + j] - offset * offset * n
            square += apart * apart * before * n / (before + n)
        variance = square / total
        if variance < number(0.0, momentum):
            variance = number(0.0, momentum)
        work[all_sums + j] = mean
        work[all_sums + size + j] = variance
        state[own_state + j] += momentum * (mean - state[own_state + j])
        old = state[own_state + size + j]
        state[own_state + size + j] = old + momentum * (unbiased * variance - old)


def batch_normalize(measured, measures, work, inputs, out, rows, size):
    """Out = (x - mean) / sqrt(variance + epsilon): Ioffe and Szegedy 2015, algorithm 1."""
    mean, n = u64(measures), u64(size)
    epsilon = number(EPSILON, work[inputs])
    for r in range(rows):
        x, place = u64(inputs + r * (size + 1)), u64(out + r * (size + 1))
        for j in range(n):
            spread = np.sqrt(measured[mean + n + j] + epsilon)
            work[place + j] = (work[x + j] - measured[mean + j]) / spread


def batch_gradient_sums(vector, gain, work, out, grad, sums, rows, size):
    """Of t = grad gain over the rows, and of t h."""
    n, first, w = u64(size), u64(sums + 4 * size), u64(gain)
    for j in range(u64(2 * size)):
        work[first + j] = number(0.0, work[grad])
    for r in range(rows):
        h, g = u64(out + r * (size + 1)), u64(grad + r * (size + 1))
        for j in range(n):
            t = work[g + j] * vector[w + j]
            work[first + j] += t
            work[first + n + j] += t * work[h + j]


def batch_normalize_gradient(
    vector, gain, keep, work, out, all_sums, stride, n_shards, n_rows, grad, result, rows, size
):  # fmt: skip
    """Result = keep result + the gradient at x."""
    n, zero, one = number(n_rows, keep), number(0.0, keep), number(1.0, keep)
    sums = all_sums + 4 * size
    for j in range(size):
        mean = zero
        along = zero
        for s in range(n_shards):
            mean += work[sums + s * stride + j]
            along += work[sums + s * stride + size + j]
        mean /= n
        along /= n
        factor = one / np.sqrt(work[all_sums + size + j] + number(EPSILON, keep))
        for r in range(rows):
            i = r * (size + 1) + j
            t = (work[grad + i] * vector[gain + j] - mean - work[out + i] * along) * factor
            work[result + i] = t if keep == zero else work[result + i] + t


@dataclass(frozen=True)
class _Normalization(Step):
    """(x - mean) / sd, and then a learned gain and shift."""

    width: int

    slot, symbol, is_affine = "layer", "norm", True

    def _normalized(self, given: Given, mean: Array, variance: Array) -> Array:
        given.kept = root = (1.0 / np.sqrt(variance + EPSILON)).astype(given.x.dtype)
        return np.asarray(((given.x - mean) * root).astype(given.x.dtype))

    def _gradient(self, given: Given, grad: Array, axis: int) -> Array:
        """At x, the mean and sd being functions of x."""
        along = (grad * given.output).mean(axis=axis, keepdims=True)
        centred = grad - grad.mean(axis=axis, keepdims=True) - given.output * along
        return np.asarray(centred * given.kept)

    def written(self, x: Any, **numbers: Any) -> Any:
        distance = (x - numbers["mean"]) / numbers["sd"]
        return numbers["gain"] * distance + numbers["shift"]

    def written_with(self, given: Given, i: int) -> dict[str, float]:
        root = float(np.broadcast_to(np.ravel(given.kept), self.width)[i])
        mean = float(given.x[0, i]) - float(given.output[0, i]) / root
        gain, shift = (float(given.numbers[kind][i]) for kind in ("gain", "shift"))
        return {"gain": gain, "mean": mean, "sd": 1.0 / root, "shift": shift}

    def written_back(self, g: Any, x: Any, **numbers: Any) -> Any:
        return g / numbers["sd"]


class LayerNorm(_Normalization):
    """Each row brought to mean 0 and variance 1. Ba et al. 2016."""

    name, title = "layer", message("layer norm")
    words = message(
        "Each row is brought to mean 0 and standard deviation 1 over the layer's inputs, then "
        "multiplied by a learned gain and shifted."
    )
    kernels = Kernels(layer_normalize, layer_normalize_gradient, reorders=True)

    @property
    def n_kept(self) -> int:
        return 1

    def forward(self, given: Given) -> Array:
        x = given.x
        return self._normalized(given, x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True))

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        return self._gradient(given, grad, 1), {}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        both = (graph.constant(numbers[kind].astype(np.float32)) for kind in ("gain", "shift"))
        return str(graph("LayerNormalization", x, *both, axis=1, epsilon=EPSILON))

    def written_back(self, g: Any, x: Any, **numbers: Any) -> Any:
        along = numbers["n"] * numbers["mean_gn"]
        return (g - numbers["mean_g"] - along) / numbers["sd"]

    def written_back_with(self, given: Given, i: int, grads: Array) -> dict[str, float]:
        n, sd = given.output[0], self.written_with(given, i)["sd"]
        means = {"mean_g": float(grads.mean()), "mean_gn": float((grads * n).mean())}
        return {"n": float(n[i]), **means, "sd": sd}


class BatchNorm(_Normalization):
    """Each number brought to mean 0 and variance 1 over a batch. Ioffe and Szegedy 2015."""

    name, title, of_batch = "batch", message("batch norm"), True
    words = message(
        "Each input is brought to mean 0 and standard deviation 1, both as they were over the "
        "rows trained on, then multiplied by a learned gain and shifted."
    )
    kernels = Kernels(
        batch_normalize, batch_normalize_gradient, measure=batch_sums, join=batch_moments,
        measure_back=batch_gradient_sums,
    )  # fmt: skip

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(kind, (self.width,), start=start, is_learned=False)
            for kind, start in (("mean", 0.0), ("variance", 1.0))
        )

    @property
    def n_sums(self) -> int:
        return 6 * self.width

    def forward(self, given: Given) -> Array:
        x, running = given.x, given.numbers
        if not given.training:
            return self._normalized(given, running["mean"], running["variance"])
        mean, variance = x.mean(axis=0), x.var(axis=0)
        unbiased = variance * len(x) / max(1, len(x) - 1)
        running["mean"] += given.momentum * (mean - running["mean"])
        running["variance"] += given.momentum * (unbiased - running["variance"])
        return self._normalized(given, mean, variance)

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        return self._gradient(given, grad, 0) if given.training else grad * given.kept, {}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        gain, shift, mean, variance = (
            numbers[kind].astype(np.float32) for kind in ("gain", "shift", "mean", "variance")
        )
        factor = (gain / np.sqrt(variance + np.float32(EPSILON))).astype(np.float32)
        centred = graph("Sub", x, graph.constant(mean))
        scaled = graph("Mul", centred, graph.constant(factor))
        return str(graph("Add", scaled, graph.constant(shift)))
