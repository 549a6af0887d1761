"""A learned factor for each number that enters the first layer."""

# mypy: disable-error-code="no-untyped-def"

from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.architecture.elementary import number, u64
from layerwise.architecture.steps.step import Array, Given, Kernels, Numbers, Parameter, Step
from layerwise.language import message

__all__ = ["InputScale"]


def scale(vector, parameters, work, inputs, out, rows, size):
    for r in range(rows):
        f = u64(parameters)
        x, place = u64(inputs + r * (size + 1)), u64(out + r * (size + 1))
        for j in range(u64(size)):
            work[place + j] = work[x + j] * vector[f + j]


def scale_gradient(vector, parameters, work, inputs, grad, sums, rows, size):
    f, total = u64(parameters), u64(sums)
    for j in range(u64(size)):
        work[total + j] = number(0.0, work[sums])
    for r in range(rows):
        x, place = u64(inputs + r * (size + 1)), u64(grad + r * (size + 1))
        for j in range(u64(size)):
            g = work[place + j]
            work[total + j] += work[x + j] * g
            work[place + j] = g * vector[f + j]


@dataclass(frozen=True)
class InputScale(Step):
    """A learned factor for each number that enters the first layer, 1 at first."""

    width: int

    name, learns = "input_scale", message("a factor for each input")
    kernels = Kernels(scale, scale_gradient)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return (Parameter("scale", (self.width,), start=1.0),)

    def forward(self, given: Given) -> Array:
        return np.asarray(given.x * given.numbers["scale"])

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        return grad * given.numbers["scale"], {"scale": (grad * given.x).sum(axis=0)}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        return str(graph("Mul", x, graph.constant(numbers["scale"].astype(np.float32))))
