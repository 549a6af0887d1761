"""A network as nodes of an ONNX graph, in float32."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, Layer, OneHot
from layerwise.architecture.losses import RATE_LIMIT
from layerwise.engine.layout import edges_of
from layerwise.engine.protocol import NORM_EPSILON
from layerwise.estimators.fitted_state import network_arrays
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
        If ONNX has no expression for one of its activations.
    """
    numbers = {name: array.astype(np.float32) for name, array in network_arrays(network).items()}
    architecture = network.architecture
    a = graph.joined(_features(graph, network, numbers, x, codes))
    if "inputs.scale" in numbers:
        a = graph("Mul", a, graph.constant(numbers["inputs.scale"]))
    for layer in architecture.layers:
        a = _layer(graph, architecture, layer, numbers, a)
    if architecture.output == "softmax":
        return graph("Softmax", a, axis=1)
    if architecture.output == "sigmoid":
        return graph("Sigmoid", a)
    if architecture.output == "exp":
        return graph("Exp", graph("Min", a, graph.constant(np.float32(RATE_LIMIT))))
    return a


def _features(
    graph: "Graph",
    network: Network,
    numbers: dict[str, Array],
    x: str | None,
    codes: Sequence[str],
) -> list[str]:
    """The parts of what reaches the first layer, as `layerwise.engine.reference` has them."""
    architecture, parts = network.architecture, []
    if x is not None:
        parts.append(_periodic(graph, numbers, x) if architecture.periodic else x)
        edges = edges_of(architecture, network.state)
        if edges:
            parts.append(_pieces(graph, edges, x))
    for i, (embedding, code) in enumerate(zip(architecture.embeddings, codes, strict=True)):
        if isinstance(embedding, OneHot):
            known = graph.constant(np.arange(1, embedding.n_values))
            parts.append(graph.cast(graph("Equal", code, known), "float"))
        else:
            vectors = graph.constant(numbers[f"codes {i + 1}.embedding"])
            place = graph("Squeeze", code, graph.constant([1]))
            parts.append(graph("Gather", vectors, place, axis=0))
    return parts


def _periodic(graph: "Graph", numbers: dict[str, Array], x: str) -> str:
    """sin(2π c x) and cos(2π c x) of each number, for its c."""
    frequencies = (2 * np.pi * numbers["inputs.frequencies"]).astype(np.float32)
    n_inputs, n_frequencies = frequencies.shape
    one_each = graph("Unsqueeze", x, graph.constant([2]))
    v = graph("Mul", one_each, graph.constant(frequencies))
    waves = graph("Concat", graph("Sin", v), graph("Cos", v), axis=2)
    return graph("Reshape", waves, graph.constant([-1, 2 * n_inputs * n_frequencies]))


def _pieces(graph: "Graph", edges: Sequence[Array], x: str) -> str:
    """How far each number is through each of its pieces, from -1 to 1."""
    inputs = np.repeat(np.arange(len(edges)), [max(0, len(own) - 1) for own in edges])
    starts = np.concatenate([own[:-1] for own in edges]).astype(np.float32)
    widths = np.concatenate([np.diff(own) for own in edges]).astype(np.float32)
    own = graph("Gather", x, graph.constant(inputs), axis=1)
    through = graph("Div", graph("Sub", own, graph.constant(starts)), graph.constant(widths))
    one, two = graph.constant(np.float32(1)), graph.constant(np.float32(2))
    both_sides = graph("Sub", graph("Mul", through, two), one)
    return graph("Clip", both_sides, graph.constant(np.float32(-1)), one)


def _layer(
    graph: "Graph", architecture: Architecture, layer: Layer, numbers: dict[str, Array], a: str
) -> str:
    def block(kind: str) -> Array:
        return numbers[f"{layer.name}.{kind}"]

    h = a
    if layer.normalization == "layer":
        gain, shift = graph.constant(block("gain")), graph.constant(block("shift"))
        h = graph("LayerNormalization", a, gain, shift, axis=1, epsilon=NORM_EPSILON)
    elif layer.normalization == "batch":
        factor = block("gain") / np.sqrt(block("variance") + np.float32(NORM_EPSILON))
        centered = graph("Sub", a, graph.constant(block("mean")))
        h = graph(
            "Add",
            graph("Mul", centered, graph.constant(factor.astype(np.float32))),
            graph.constant(block("shift")),
        )
    weights = block("weights")
    if architecture.scaling == "neural_tangent":
        weights = (weights * layer.fan_in**-0.5).astype(np.float32)
    product = graph("MatMul", h, graph.constant(weights))
    z = graph("Add", product, graph.constant(block("biases")))
    f = _activation(graph, layer, numbers, z)
    return graph("Add", f, a) if layer.residual else f


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
        return graph("PRelu", z, graph.constant(numbers[f"{layer.name}.slope"]))
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
