"""The product of a layer: x W + b, and its activation's learned parameter."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.architecture.activations import get_activation
from layerwise.architecture.steps.step import Array, Given, Numbers, Parameter, Step


@dataclass(frozen=True)
class Dense(Step):
    """The pre-activations of a layer: factor x W + b.

    It has no kernels: the compiled engine has products built in, with the activation behind and
    the affine step before them, since they are calls of a BLAS and nearly all of the time.

    Attributes
    ----------
    fan_in, fan_out : int
    activation : str
    factor : float
        1, or the neural-tangent scaling's 1 / sqrt(fan_in).
    """

    fan_in: int
    fan_out: int
    activation: str
    factor: float = 1.0

    name = "dense"

    @property
    def width(self) -> int:
        return self.fan_out

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        activation = get_activation(self.activation)
        slope = Parameter("slope", (self.fan_out,), start=activation.parameter_start)
        return (
            Parameter("weights", (self.fan_in, self.fan_out), "weights", None),
            Parameter("biases", (self.fan_out,), "biases", None),
            *([slope] if activation.has_parameter else []),
        )

    def forward(self, given: Given) -> Array:
        product = given.x @ given.numbers["weights"]
        return np.asarray(self.factor * product + given.numbers["biases"])

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        by_weights, by_x = given.x.T @ grad, grad @ given.numbers["weights"].T
        numbers = {"weights": self.factor * by_weights, "biases": grad.sum(axis=0)}
        return self.factor * by_x, numbers

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        weights = numbers["weights"].astype(np.float32)
        if self.factor != 1.0:
            weights = (weights * self.factor).astype(np.float32)
        product = graph("MatMul", x, graph.constant(weights))
        return str(graph("Add", product, graph.constant(numbers["biases"].astype(np.float32))))
