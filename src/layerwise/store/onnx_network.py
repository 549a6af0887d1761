"""A network as nodes of an ONNX graph, in float32."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Layer, Placed
from layerwise.architecture.losses import RATE_LIMIT
from layerwise.engine.layout import layout_of
from layerwise.files.atomic_writing import ModelFileError
from layerwise.network import Network

if TYPE_CHECKING:
    from layerwise.store.onnx_graph import Graph

__all__ = ["add_network"]

Array = NDArray[np.floating]


def add_network(graph: "Graph", network: Network, x: str | None, codes: Sequence[str]) -> str:
    """Add a network to a graph.

    Parameters
    ----------
    graph : Graph
    network : Network
    x : str or None
        The numbers, float of shape (n, n_inputs); None where the network takes none.
    codes : sequence of str
        The codes, int64 of shape (n, 1) each.

    Returns
    -------
    str
        The outputs, float of shape (n, n_outputs).

    Raises
    ------
    ModelFileError
        If ONNX has no expression for one of its steps or activations.
    """
    architecture, layout = network.architecture, layout_of(network.architecture)

    def through(placed: Placed, a: str) -> str:
        numbers = layout.numbers_of(placed, network.vector, network.state)
        try:
            return placed.step.onnx(graph, a, numbers)
        except NotImplementedError:
            raise ModelFileError(
                f"the step {placed.step.name!r} has no expression in ONNX; train without it"
            ) from None

    parts = []
    for placed in architecture.input_steps:
        entering = codes[placed.source] if placed.step.slot == "codes" else x
        assert entering is not None
        parts.append(through(placed, entering))
    a = graph.joined(parts)
    if architecture.scale_step is not None:
        a = through(architecture.scale_step, a)
    for layer, (first, dense) in zip(architecture.layers, architecture.layer_steps, strict=True):
        z = through(dense, a if first is None else through(first, a))
        f = _activation(graph, layer, layout.numbers_of(dense, network.vector, network.state), z)
        a = graph("Add", f, a) if layer.residual else f
    if architecture.output == "softmax":
        return graph("Softmax", a, axis=1)
    if architecture.output == "sigmoid":
        return graph("Sigmoid", a)
    if architecture.output == "exp":
        return graph("Exp", graph("Min", a, graph.constant(np.float32(RATE_LIMIT))))
    return a


# Activations that are one operator of ONNX's, and its settings.
_OPERATORS: dict[str, tuple[str, dict[str, float]]] = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {}),
    "selu": ("Selu", {}),
    "softplus": ("Softplus", {}),
    "hard_sigmoid": ("HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
}


def _activation(graph: "Graph", layer: Layer, numbers: dict[str, Array], z: str) -> str:
    name = layer.activation
    if name in _OPERATORS:
        operator, settings = _OPERATORS[name]
        return graph(operator, z, **settings)
    if name == "identity":
        return z
    if name == "prelu":
        return graph("PRelu", z, graph.constant(numbers["slope"].astype(np.float32)))
    if name == "silu":
        return graph("Mul", z, graph("Sigmoid", z))
    if name == "mish":
        return graph("Mul", z, graph("Tanh", graph("Softplus", z)))
    if name == "gelu":
        # Φ(z) = (1 + erf(z / √2)) / 2
        erf = graph("Erf", graph("Mul", z, graph.constant(np.float32(0.5**0.5))))
        twice = graph("Add", erf, graph.constant(np.float32(1)))
        return graph("Mul", z, graph("Mul", twice, graph.constant(np.float32(0.5))))
    raise ModelFileError(f"the activation {name!r} has no expression in ONNX; train with another")
