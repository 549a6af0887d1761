"""What a page says of a node, a line or the output: an explanation's formulas, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerwise.explanation import Explanation
from layerwise.explanation.compose_backward import chain_blocks
from layerwise.explanation.compose_layers import output_blocks
from layerwise.explanation.document import Formulas
from layerwise.explanation.explain_row import walk
from layerwise.explanation.features import features_of, in_double_precision
from layerwise.explanation.html import to_body
from layerwise.explanation.layers import LayerSeen, node_equation, see_layers
from layerwise.explanation.network_subject import network_subject
from layerwise.playground.choices import WrongChoice
from layerwise.playground.learner import Learner
from layerwise.playground.page_frames import Point

_MOST_TERMS = 8


def formula(learner: Learner, point: Point, asked: Mapping[str, Any]) -> str:
    """What a page asks to be explained.

    Parameters
    ----------
    learner : Learner
    point : Point
    asked : mapping
        "what" ("node", "weight" or "output"), "layer", "node", "from" and "to".

    Raises
    ------
    WrongChoice
        If there is nothing like it.
    """
    what, layer = asked["what"], asked["layer"]
    if what == "output":
        return output_formula(learner, point)
    if layer is None:
        raise WrongChoice("which layer is to be explained?")
    if what == "node":
        return node_formula(learner, point, layer, asked["node"] or 0)
    return weight_formula(learner, point, layer, asked["from"], asked["to"] or 0)


def node_formula(learner: Learner, point: Point, layer: int, node: int) -> str:
    """A node's formula with a row's numbers in it.

    Parameters
    ----------
    learner : Learner
    point : Point
    layer, node : int
        Counted from 0; the output layer is the last.

    Raises
    ------
    WrongChoice
        If there is no such node.
    """
    layers = _layers(learner, point)
    _check("layer", layer, len(layers))
    seen = layers[layer]
    _check("node", node, len(seen.node_names))
    return to_body([Formulas((node_equation(seen, node, _MOST_TERMS),))])


def weight_formula(
    learner: Learner, point: Point, layer: int, from_node: int | None, to: int
) -> str:
    """The chain rule for a weight, or for a bias (`from_node` None), with a row's numbers.

    Raises
    ------
    WrongChoice
        If there is no such weight, or the row's answer is not known.
    """
    layers = learner.network.architecture.layers
    _check("layer", layer, len(layers))
    _check("node", to, layers[layer].fan_out)
    end = f"s_{to + 1}" if layer == len(layers) - 1 else f"h{layer + 1}_{to + 1}"
    name = end
    if from_node is not None:
        _check("node", from_node, layers[layer].fan_in)
        name = f"{_layers(learner, point)[layer].input_names[from_node]},{end}"
    if point.y is None:
        raise WrongChoice("the gradient is the loss's, and a loss needs the right answer: choose "
                          "one of the rows")  # fmt: skip
    chain = _explanation(learner, point, weights=[name]).chains[0]
    return to_body(chain_blocks(chain))


def output_formula(learner: Learner, point: Point) -> str:
    """How the scores became the answer and, where the right one is known, the loss."""
    return to_body(output_blocks(_explanation(learner, point)))


def _layers(learner: Learner, point: Point) -> list[LayerSeen]:
    """What each layer did to the row, without what else an explanation finds out."""
    network = in_double_precision(learner.network)
    trace = network.forward(point.x.astype(np.float64), point.codes)
    names = [one.name for one in features_of(learner.network, learner.material.names)]
    n_scores = network.architecture.n_outputs
    return see_layers(network, trace, names, [f"s_{k + 1}" for k in range(n_scores)])


def _explanation(learner: Learner, point: Point, weights: Sequence[str] = ()) -> Explanation:
    material = learner.material
    answer: object = None
    if point.y is not None:
        answer = material.classes[int(point.y)] if material.classes else point.y
    subject = network_subject(
        learner.network,
        point.x[0],
        answer=answer,
        codes=point.codes[0] if point.codes.size else None,
        input_names=material.names,
        output_names=material.classes or (material.target,),
        loss=learner.loss,
    )
    return walk(subject, subject.predicted, weights=weights, top=_MOST_TERMS)


def _check(what: str, place: int, n: int) -> None:
    if not 0 <= place < n:
        raise WrongChoice(f"there is no {what} {place}: there are {n}, from 0")
