"""Periodic features: sines and cosines of numbers, whose frequencies are learned."""

# mypy: disable-error-code="no-untyped-def"

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.architecture.elementary import number, u64
from layerwise.architecture.lookup import check_count
from layerwise.architecture.steps.step import (
    Array,
    Given,
    Kernels,
    Numbers,
    Parameter,
    Spelled,
    Step,
)
from layerwise.language import message

__all__ = ["Periodic", "PeriodicNumbers"]

_TWO_PI = 6.283185307179586
_WAVES = ("sine", "cosine")


@dataclass(frozen=True)
class Periodic:
    """Periodic features: each number x becomes sin(2π c x) and cos(2π c x) for learned c.

    Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning",
    section 3.3.

    Attributes
    ----------
    n_frequencies : int
        How many c for each numeric input; it becomes ``2 * n_frequencies`` columns.
    sigma : float
        Standard deviation of the first c, drawn from a normal distribution around 0.
    """

    n_frequencies: int = 16
    sigma: float = 0.1

    def __post_init__(self) -> None:
        check_count("Periodic n_frequencies", self.n_frequencies)
        object.__setattr__(self, "n_frequencies", int(self.n_frequencies))
        if not (math.isfinite(self.sigma) and self.sigma > 0):
            raise ValueError(f"Periodic sigma must be a positive number; got {self.sigma!r}")
        object.__setattr__(self, "sigma", float(self.sigma))

    def step(self, n_inputs: int) -> "PeriodicNumbers":
        """The step for so many numeric inputs."""
        return PeriodicNumbers(n_inputs, self)


def waves(x, order, low, high, vector, parameters, size, work, out, length):
    n_frequencies = size // (2 * x.shape[1])
    n = u64(n_frequencies)
    for r in range(low, high):
        for i in range(x.shape[1]):
            turn = number(_TWO_PI, vector[parameters]) * x[order[r], i]
            c = u64(parameters + i * n_frequencies)
            place = u64(out + (r - low) * length + 2 * i * n_frequencies)
            for k in range(n):
                v = turn * vector[c + k]
                work[place + k] = np.sin(v)
                work[place + n + k] = np.cos(v)


def waves_gradient(x, order, low, high, size, work, out, grad, length, sums):
    """Sums (n_inputs, n_frequencies) = dL/dc over the rows; sin and cos still stand in out."""
    n_frequencies = size // (2 * x.shape[1])
    n = u64(n_frequencies)
    start = u64(sums)
    for k in range(u64(x.shape[1] * n_frequencies)):
        work[start + k] = number(0.0, work[sums])
    for r in range(low, high):
        for i in range(x.shape[1]):
            turn = number(_TWO_PI, work[sums]) * x[order[r], i]
            first = (r - low) * length + 2 * i * n_frequencies
            w, g, total = u64(out + first), u64(grad + first), u64(sums + i * n_frequencies)
            for k in range(n):
                work[total + k] += turn * (
                    work[w + n + k] * work[g + k] - work[w + k] * work[g + n + k]
                )


@dataclass(frozen=True)
class PeriodicNumbers(Step):
    """The step of periodic features, for so many numeric inputs."""

    n_inputs: int
    features: Periodic

    name, slot, learns = "periodic", "numbers", message("frequencies of numbers")
    kernels = Kernels(waves, waves_gradient)

    @property
    def width(self) -> int:
        return 2 * self.n_inputs * self.features.n_frequencies

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        sigma, shape = self.features.sigma, (self.n_inputs, self.features.n_frequencies)
        start = lambda random, shape: sigma * random.standard_normal(shape)  # noqa: E731
        return (Parameter("frequencies", shape, start=start),)

    @property
    def sources(self) -> list[int]:
        return [i for i in range(self.n_inputs) for _ in range(2 * self.features.n_frequencies)]

    def forward(self, given: Given) -> Array:
        x = given.x
        v = (2 * np.pi * x[:, :, None] * given.numbers["frequencies"]).astype(x.dtype)
        return np.concatenate([np.sin(v), np.cos(v)], axis=2).reshape(len(x), self.width)

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        shape = (len(grad), self.n_inputs, 2, self.features.n_frequencies)
        by_sin, by_cos = np.moveaxis(grad.reshape(shape), 2, 0)
        sin, cos = np.moveaxis(given.output.reshape(shape), 2, 0)
        by_v = by_sin * cos - by_cos * sin
        by_c = (by_v * 2 * np.pi * given.x[:, :, None]).sum(axis=0)
        by_x = (by_v * 2 * np.pi * given.numbers["frequencies"]).sum(axis=2)
        return by_x, {"frequencies": by_c}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        frequencies = (2 * np.pi * numbers["frequencies"].astype(np.float32)).astype(np.float32)
        one_each = graph("Unsqueeze", x, graph.constant([2]))
        v = graph("Mul", one_each, graph.constant(frequencies))
        both = graph("Concat", graph("Sin", v), graph("Cos", v), axis=2)
        return str(graph("Reshape", both, graph.constant([-1, self.width])))

    def names(self, names: Sequence[str], numbers: Numbers, spelled: Spelled) -> list[str]:
        return [
            f"{wave} of 2π·{c:.4g}·{name}"
            for name, own in zip(names, numbers["frequencies"], strict=True)
            for wave in _WAVES
            for c in own
        ]

    def short_names(self, names: Sequence[str], values: Sequence[str]) -> list[str]:
        numbers = range(1, self.features.n_frequencies + 1)
        return [f"{name}, {wave} {k}" for name in names for wave in _WAVES for k in numbers]
