"""A weight by its name: found, or the one that matters most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.arrays import Reals
from layerwise.explanation.layers import LayerSeen
from layerwise.tables.names import composed, spelled


@dataclass(frozen=True)
class ChosenWeight:
    """A weight, or a bias, by its place.

    Attributes
    ----------
    layer : int
    source : int or None
        Which of the layer's inputs it comes from; None for the bias.
    node : int
    name : str
        "h1_2,h2_3", or "h2_3" for a bias.
    """

    layer: int
    source: int | None
    node: int
    name: str


def find_weight(text: str, layers: Sequence[LayerSeen], results: Sequence[str]) -> ChosenWeight:
    """Find the weight that a text like "h1_2,h2_3" names, or the bias that "h2_3" does.

    Outputs may be named by their score or by what they predict: "h2_3,s_1", "h2_3,yes".

    Raises
    ------
    ValueError
        If there is no such weight; the message offers what there is.
    """
    by_result = dict(zip(results, layers[-1].node_names, strict=True))
    text = composed(text.strip())
    for i, layer in enumerate(layers):
        for j, node in enumerate(layer.node_names):
            names = {node} | {r for r, score in by_result.items() if score == node}
            if text in map(composed, names):
                return ChosenWeight(i, None, j, node)
            for name in map(composed, names):
                source = text.removesuffix(name).rstrip()
                if source == text or not source.endswith(","):
                    continue
                source = source[:-1].rstrip()
                (source,) = spelled([source], layer.input_names)
                if source in layer.input_names:
                    place = layer.input_names.index(source)
                    return ChosenWeight(i, place, j, f"{source},{node}")
    raise ValueError(_no_such_weight(text, layers, by_result))


def _no_such_weight(text: str, layers: Sequence[LayerSeen], by_result: dict[str, str]) -> str:
    """Say which weights there are, near what was asked for."""
    source, _, node = (part.strip() for part in text.rpartition(","))
    for layer in layers:
        if by_result.get(node, node) in layer.node_names:
            try:
                look_up(source, dict.fromkeys(layer.input_names), "input")
            except ValueError as error:
                words = str(error)
                known = ", ".join(layer.input_names[:8])
                hint = words.partition("; ")[2].partition("Known:")[0]
                more = ", ..." if layer.layer.fan_in > 8 else ""
                return (
                    f"there is no weight {text!r}: {node} gets nothing from {source!r}; {hint}"
                    f"it gets {known}{more}"
                )
    sizes = "; ".join(
        f"{layer.node_names[0]} to {layer.node_names[-1]}" if layer.layer.fan_out > 1
        else layer.node_names[0]
        for layer in layers[:12]
    )  # fmt: skip
    return (
        f"there is no weight {text!r}. Write the two nodes it joins, as in "
        f"{layers[0].input_names[0]},{layers[0].node_names[0]}; or one node for its bias. "
        f"Inputs: {', '.join(layers[0].input_names[:8])}"
        f"{', ...' if layers[0].layer.fan_in > 8 else ''}; nodes: {sizes}"
    )


def largest_weight(layers: Sequence[LayerSeen], gradients: Sequence[Reals]) -> ChosenWeight:
    """The weight that the loss depends on most, of the hidden layers' if there are any."""
    some = range(max(1, len(layers) - 1))
    layer = max(some, key=lambda i: float(np.abs(gradients[i]).max(initial=0.0)))
    source, node = np.unravel_index(int(np.abs(gradients[layer]).argmax()), gradients[layer].shape)
    seen = layers[layer]
    name = f"{seen.input_names[int(source)]},{seen.node_names[int(node)]}"
    return ChosenWeight(layer, int(source), int(node), name)
