"""The parts of an explanation on gradients, and on a whole table's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.explanation.chain_rule import Chain
from layerwise.explanation.document import Bar, Block, Cell, Formulas, Grid, Heading, Paragraph
from layerwise.explanation.equations import to_digits
from layerwise.explanation.layers import all_or_largest
from layerwise.language import tr
from layerwise.texts import of_many

if TYPE_CHECKING:
    from layerwise.ensemble.importance import Importance
    from layerwise.explanation.explained_row import ExplainedRow

_MOST_COLUMNS = 30


def backward_blocks(seen: ExplainedRow) -> list[Block]:
    """The gradient at nodes and weights, and the chain rule for some of them."""
    found = seen.backward
    if found is None:
        return []
    title = tr("Backwards: the gradient of the loss")
    if len(seen.subject.networks) > 1:
        title = tr("Backwards: the gradient of the loss of network {i}", i=seen.member + 1)
    blocks: list[Block] = [
        Heading(title),
        Paragraph(
            tr(
                "dL/dh is how fast the loss rises with what a node gives, dL/dz with what stands "
                "in its activation, dL/dw with a weight. Training moves each weight against its "
                "gradient."
            )
        ),
        _nodes(seen),
        _weights(seen),
    ]
    if seen.top is not None:
        blocks.append(Paragraph(tr("Of many, the largest gradients of each layer are shown.")))
    for chain in seen.chains:
        blocks += chain_blocks(chain)
    return blocks


def _nodes(seen: ExplainedRow) -> Grid:
    found = seen.backward
    assert found is not None
    rows: list[list[Cell]] = []
    for layer, by_node, by_z in zip(seen.layers, found.nodes, found.pre_activations, strict=True):
        rows += [
            [
                layer.node_names[j],
                *(to_digits(float(x[j]), 4).shown
                  for x in (layer.output, by_node, layer.slope, by_z)),
            ]
            for j in all_or_largest(by_z, seen.top)
        ]  # fmt: skip
    headings = [tr("node"), tr("gives"), "dL/dh", "f'(z)", "dL/dz"]
    return Grid(headings, rows, frozenset({1, 2, 3, 4}))


def _weights(seen: ExplainedRow) -> Grid:
    found = seen.backward
    assert found is not None
    rows: list[list[Cell]] = []
    for layer, by_weight, by_bias in zip(seen.layers, found.weights, found.biases, strict=True):
        values = np.concatenate([layer.weights, layer.biases[None]])
        gradients = np.concatenate([by_weight, by_bias[None]])
        names = [*layer.input_names, None]
        for place in all_or_largest(gradients.ravel(), seen.top):
            source, node = divmod(place, gradients.shape[1])
            name = layer.node_names[node]
            if names[source] is not None:
                name = f"{names[source]},{name}"
            value, gradient = float(values[source, node]), float(gradients[source, node])
            rows.append([name, to_digits(value, 4).shown, to_digits(gradient, 4).shown])
    return Grid([tr("weight, or bias"), tr("is"), "dL/dw"], rows, frozenset({1, 2}))


def chain_blocks(chain: Chain) -> list[Block]:
    """The chain rule written out for one weight, and its check."""
    what = tr("bias") if chain.weight.source is None else tr("weight")
    return [
        Heading(tr("The chain rule for the {what} {name}", what=what, name=chain.weight.name), 3),
        Paragraph(tr("The {what} is {value}.", what=what, value=to_digits(chain.value, 4).shown)),
        Formulas(chain.equations),
        Paragraph(
            tr(
                "The last line is the check: the loss with the {what} 0.00001 larger, less that "
                "with it 0.00001 smaller, divided by the difference of the two. Both ways agree "
                "to within {difference:.1g}.",
                what=what,
                difference=abs(chain.gradient - chain.by_difference),
            )
        ),
    ]


def importance_blocks(found: Importance | None) -> list[Block]:
    """How much each column matters for a whole table."""
    if found is None:
        return []
    loss = tr(found.loss)
    means, spreads = found.values.mean(axis=1), found.values.std(axis=1)
    size: Any = float(np.abs(means).max(initial=0.0)) or 1.0
    rows: list[list[Cell]] = []
    for name, mean, spread in list(zip(found.names, means, spreads, strict=True))[:_MOST_COLUMNS]:
        rows.append([name, f"{mean:+.4g}", f"± {spread:.2g}", Bar(float(mean / size))])
    headings = [tr("column"), tr("{loss} rises by", loss=loss), tr("spread"), ""]
    blocks: list[Block] = [
        Heading(tr("The whole table: how much each column matters")),
        Paragraph(
            tr(
                "Permutation importance (Breiman 2001): by how much {loss} rises when one column's "
                "cells are shuffled, the mean of {n} shuffles.",
                loss=loss,
                n=found.values.shape[1],
            )
        ),
        Grid(headings, rows, frozenset({1})),
    ]
    if len(rows) < len(found.names):
        blocks.append(Paragraph(of_many(len(rows), len(found.names), "columns") + "."))
    return blocks
