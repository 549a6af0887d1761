"""A network as nodes of an ONNX graph, in float32."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerwise.architecture import OUTPUTS, Layer, Placed, get_activation
from layerwise.arrays import Reals
from layerwise.engine.layout import layout_of
from layerwise.files.atomic_writing import ModelFileError
from layerwise.network import Network
from layerwise.store.onnx_formulas import add_formula

if TYPE_CHECKING:
    from layerwise.store.onnx_graph import Graph


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
        if layer.divisor != 1.0:
            f = graph("Div", f, graph.constant(np.float32(layer.divisor)))
        a = graph("Add", f, a) if layer.residual else f
    output = OUTPUTS[architecture.output]
    if output.function is None:
        return graph("Softmax", a, axis=1)
    return add_formula(graph, output.function, f"the output {output.name!r}", a)


def _activation(graph: "Graph", layer: Layer, numbers: dict[str, Reals], z: str) -> str:
    entry = get_activation(layer.activation)
    learned = []
    if entry.has_parameter:
        learned.append(graph.constant(numbers["slope"].astype(np.float32)))
    if entry.onnx:
        return graph(entry.onnx, z, *learned, **dict(entry.onnx_settings))
    return add_formula(graph, entry.function, f"the activation {entry.name!r}", z, *learned)
