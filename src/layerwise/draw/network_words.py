"""The words of a picture of a network: title, headings, labels, counts and key."""

import math
from dataclasses import dataclass

import numpy as np

from layerwise.draw.drawn_model import DrawnModel, DrawnRow
from layerwise.draw.network_numbers import NetworkNumbers
from layerwise.language import counted, tr
from layerwise.texts import apart_when_cut

_LETTERS, _LETTERS_BESIDE_CELLS = 28, 14  # of an input's name, where they are many


def node_number(value: float) -> str:
    """A number short enough to stand in a node.

    Examples
    --------
    >>> [node_number(value) for value in (0.0, -0.123, 12.34, 1234.5, 23456.0, 3.2e-5)]
    ['0', '−0.12', '12.3', '1234', '2e4', '3e-5']
    """
    size = abs(value)
    if value == 0:
        text = "0"
    elif size < 0.005 or size >= 9999.5:
        digits, exponent = f"{value:.0e}".split("e")
        text = f"{digits}e{int(exponent)}"
    else:
        text = f"{value:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}"
    return text.replace("-", "−", 1) if value < 0 else text


@dataclass(frozen=True)
class NetworkWords:
    """What is written, from what is drawn.

    Attributes
    ----------
    drawn : DrawnModel
    numbers : NetworkNumbers or None
    row : DrawnRow or None
    gradients : bool
        Whether the numbers are derivatives of the row's loss.
    member : int
    """

    drawn: DrawnModel
    numbers: NetworkNumbers | None
    row: DrawnRow | None
    gradients: bool
    member: int

    @property
    def title(self) -> str:
        """The sizes, as people write them."""
        return self.drawn.architecture.title

    @property
    def subtitle(self) -> str:
        """What the numbers are."""
        drawn = self.drawn
        parts = []
        if drawn.n_networks > 1:
            parts.append(
                tr("network {i} of {n} that are averaged", i=self.member + 1, n=drawn.n_networks)
            )
        if self.row is None:
            parts.append(drawn.architecture.summary)
        elif self.gradients:
            loss = self.numbers.loss if self.numbers is not None else None
            parts.append(
                tr(
                    "gradients of one row; answer {answer}, loss {loss:.4g}",
                    answer=self.row.answer,
                    loss=loss,
                )
            )
        else:
            parts.append(tr("one row on its way through"))
            if self.row.answer:
                parts.append(tr("answer {answer}", answer=self.row.answer))
        return "; ".join(parts)

    def heading(self, layer: int) -> list[str]:
        """What stands above a column of nodes: its name, its nodes, what they compute."""
        architecture = self.drawn.architecture
        if layer == 0:
            n_columns, width = len(self.drawn.columns), architecture.input_width
            if n_columns == width:
                return [tr("input"), counted(width, "number")]
            return [tr("input"), counted(n_columns, "column"), counted(width, "number")]
        described = architecture.layers[layer - 1]
        is_output = layer == architecture.depth + 1
        function = architecture.output if is_output else described.activation
        lines = [described.name_shown, counted(described.fan_out, "node")]
        if function != "identity" or described.residual:
            lines.append(f"x + {function}{described.share}" if described.residual else function)
        if described.first_step:
            lines.append(tr(described.first_step.title))
        return lines

    def biases(self, layer: int) -> str:
        """What stands below a column of nodes."""
        if layer == 0:
            return ""
        return counted(self.drawn.architecture.bias_counts[layer - 1], "bias", "biases")

    def weights(self, layer: int) -> list[str]:
        """What stands below the lines into a layer: how many, and the largest number of one."""
        lines = [counted(self.drawn.architecture.weight_counts[layer - 1], "weight")]
        if self.numbers is not None:
            largest = float(self.numbers.lines[layer - 1].size.max())
            lines.append(tr("thickest: {value:.2g}", value=largest))
        return lines

    @property
    def input_labels(self) -> list[str]:
        """The inputs' names, with a row's cells."""
        names = [column.name for column in self.drawn.columns]
        cells = {} if self.row is None else self.row.cells
        shown = apart_when_cut(names, _LETTERS if self.row is None else _LETTERS_BESIDE_CELLS)
        return [
            f"{label} = {cells[name]}" if name in cells else label
            for name, label in zip(names, shown, strict=True)
        ]

    @property
    def output_labels(self) -> list[str]:
        """The outputs' names, with what the network gives for a row."""
        if self.numbers is None or self.numbers.outputs is None:
            return list(self.drawn.output_names)
        return self.drawn.output_texts(self.numbers.outputs)

    def in_node(self, layer: int, node: int) -> str:
        """What stands in a node: its number, or in an architecture its name."""
        if self.numbers is not None:
            value = float(self.numbers.nodes[layer][node])
            return "" if math.isnan(value) else node_number(value)
        is_hidden = 0 < layer <= self.drawn.architecture.depth
        return f"h{layer}_{node + 1}" if is_hidden else ""

    def keys(self, *, numbers_shown: bool) -> list[tuple[str, str]]:
        """The key: pairs of a mark ("first", "second", "grey" or "") and what it means."""
        if self.numbers is None:
            return [("grey", tr("a weight"))]
        if self.row is None:
            keys = [("first", tr("weight above 0")), ("second", tr("below 0"))]
            in_node = tr("its bias")
        elif self.gradients:
            keys = [("first", tr("loss rises with the weight")), ("second", tr("falls"))]
            in_node = tr("loss's derivative by it")
        else:
            keys = [("first", tr("adds to the node")), ("second", tr("takes away"))]
            in_node = tr("what it gives on")
        first = self.numbers.lines[0]
        if bool(np.any((first.sign == 0) & (first.size > 0))):
            keys.append(("grey", tr("several inputs of a column")))
        if numbers_shown:
            keys.append(("", tr("in a node: {what}", what=in_node)))
        return keys
