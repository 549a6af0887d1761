"""The section on the network: drawn with its layers and nodes, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, Layer
from layerwise.report.data import NetworkFacts
from layerwise.report.html import Html, element, figure, join, legend, section, table
from layerwise.report.wording import clip, number, plural

__all__ = ["network_section"]

# A layer with more nodes shows its first and last ones; a deep network its first and last layers.
_MOST_NODES, _MOST_LAYERS = 9, 7
_ROW, _TOP, _WIDTH = 30.0, 20.0, 760


@dataclass(frozen=True)
class _Column:
    """One column of nodes: which of a layer's nodes are shown, and what stands below it."""

    layer: int  # 0 for the inputs
    shown: tuple[int, ...]
    n_nodes: int
    lines: tuple[str, ...]


def network_section(facts: NetworkFacts | None) -> Html | None:
    """The network's picture, its layers and the number of its parameters."""
    if facts is None:
        return None
    architecture = facts.architecture
    n = architecture.n_parameters
    sizes = "-".join(str(size) for size in (architecture.input_width, *architecture.sizes[1:]))
    words = f"The network {_short_sizes(sizes)} has {plural(n, 'parameter')}: learned numbers."
    if facts.n_networks > 1:
        in_all = n * facts.n_networks if facts.n_in_all is None else facts.n_in_all
        words += (
            f" {facts.n_networks} networks like it are averaged, "
            f"{plural(in_all, 'parameter')} in all."
        )
    if facts.averaging:
        words += f" {facts.averaging[0].upper()}{facts.averaging[1:].rstrip('.')}."
    keys = None
    if facts.weights is not None:
        keys = legend(("first", "weight above 0"), ("second", "weight below 0"))
    return section(
        "network",
        "The network",
        element("p", words),
        figure(_picture(facts), _caption(facts), keys=keys),
        _layers(architecture),
    )


def _short_sizes(sizes: str) -> str:
    parts = sizes.split("-")
    runs = [(size, len(list(run))) for size, run in groupby(parts[1:-1])]
    hidden = [f"{size}x{times}" if times > 2 else "-".join([size] * times) for size, times in runs]
    return clip("-".join([parts[0], *hidden, parts[-1]]), 80)


def _caption(facts: NetworkFacts) -> str:
    layers = facts.architecture.layers
    words = (
        "Read it from left to right: each circle is a node, which adds up all nodes before it, "
        "each times the weight of its line"
    )
    words += ", and applies the activation written below it." if len(layers) > 1 else "."
    if facts.weights is None:
        return words
    sizes = [float(np.abs(weights).max()) for weights in facts.weights]
    place = int(np.argmax(sizes))
    which = " of the first network" if facts.n_networks > 1 else ""
    return (
        f"{words} The thicker a line, the larger its weight{which} beside the others of its "
        f"layer; the largest of all, {number(sizes[place], 3)} in size, is in "
        f"{'the output layer' if place == len(sizes) - 1 else layers[place].name}."
    )


def _picture(facts: NetworkFacts) -> Html:
    columns, gap = _columns(facts)
    places = np.linspace(0, 1, len(columns) + (gap is not None))
    left = 150.0 if facts.input_names else 60.0
    right = _WIDTH - (130.0 if facts.output_names else 60.0)
    xs = [float(x) for x in left + places * (right - left)]
    gap_x = None if gap is None else xs.pop(gap)
    most = max(_rows(column) for column in columns)
    height = _TOP + most * _ROW
    ys = [_heights(column, most) for column in columns]
    parts: list[Html] = []
    for i in range(len(columns) - 1):
        if gap is None or i + 1 != gap:
            weights = None
            if facts.weights is not None:
                weights = np.asarray(facts.weights[columns[i + 1].layer - 1], np.float64)
            parts += _edges(
                columns[i], columns[i + 1], (xs[i], xs[i + 1]), (ys[i], ys[i + 1]), weights
            )
    for column, x, heights in zip(columns, xs, ys, strict=True):
        parts += [
            element("circle", class_="node", cx=f"{x:.1f}", cy=f"{y:.1f}", r=8) for y in heights
        ]
        if len(column.shown) < column.n_nodes:
            y = (heights[len(heights) // 2 - 1] + heights[len(heights) // 2]) / 2
            parts.append(_text(x, y + 5, "⋮", "strong"))
        for k, line in enumerate(column.lines):
            style = ("strong", "on", "")[min(k, 2)]
            parts.append(_text(x, height + 22 + 15 * k, line, f"small {style}".strip()))
    if gap is not None and gap_x is not None:
        hidden = facts.architecture.depth - (len(columns) - 2)
        parts.append(_text(gap_x, _TOP + most * _ROW / 2, "…", "strong"))
        parts.append(_text(gap_x, height + 22, f"{hidden} more", "small strong"))
        parts.append(_text(gap_x, height + 37, "layers", "small on"))
    parts += _names(facts.input_names, columns[0], xs[0] - 14, ys[0], "end")
    parts += _names(facts.output_names, columns[-1], xs[-1] + 14, ys[-1], "start")
    drawn = element(
        "svg", join(parts), class_="plot wide", role="img",
        viewBox=f"0 0 {_WIDTH} {height + 60:.0f}",
        aria_label=f"The network as layers of nodes joined by lines: {_in_words(facts)}.",
    )  # fmt: skip
    return element("div", drawn, class_="scroll")


def _in_words(facts: NetworkFacts) -> str:
    layers = facts.architecture.layers
    words = [plural(facts.architecture.input_width, "input")]
    words += [f"{layer.name} of {plural(layer.fan_out, 'node')}" for layer in layers[:-1]]
    return ", ".join([*words, plural(layers[-1].fan_out, "output")])


def _columns(facts: NetworkFacts) -> tuple[list[_Column], int | None]:
    """The columns drawn, and before which of them layers are left out."""
    architecture = facts.architecture
    columns = [_column(0, architecture.input_width, ("inputs", ""))]
    for i, layer in enumerate(architecture.layers, start=1):
        last = layer.name == "output"
        below = architecture.output if last else layer.activation
        columns.append(
            _column(i, layer.fan_out, (layer.name, "" if below == "identity" else below))
        )
    if len(columns) <= _MOST_LAYERS:
        return columns, None
    first, last_ones = _MOST_LAYERS - 3, 2
    return [*columns[:first], *columns[-last_ones:]], first


def _column(layer: int, n_nodes: int, words: tuple[str, str]) -> _Column:
    if n_nodes <= _MOST_NODES:
        shown = tuple(range(n_nodes))
    else:
        half = _MOST_NODES // 2
        shown = (*range(half), *range(n_nodes - half, n_nodes))
    noun = "input" if layer == 0 else "output" if words[0] == "output" else "node"
    lines = [plural(n_nodes, noun), words[1]]
    if words[0] not in {"inputs", "output"}:
        lines.insert(0, words[0])
    return _Column(layer, shown, n_nodes, tuple(line for line in lines if line))


def _rows(column: _Column) -> int:
    return len(column.shown) + (len(column.shown) < column.n_nodes)


def _heights(column: _Column, most: int) -> list[float]:
    """Where each node stands, the column centred; the middle is left free where nodes are."""
    n = _rows(column)
    start = _TOP + (most - n) * _ROW / 2 + _ROW / 2
    rows = [i for i in range(n) if n == len(column.shown) or i != n // 2]
    return [start + _ROW * i for i in rows]


def _edges(
    a: _Column,
    b: _Column,
    xs: tuple[float, float],
    ys: tuple[list[float], list[float]],
    weights: NDArray[np.float64] | None,
) -> list[Html]:
    if weights is None:
        lines = (f"M{xs[0]:.1f} {y:.1f}L{xs[1]:.1f} {z:.1f}" for y in ys[0] for z in ys[1])
        return [element("path", d="".join(lines), class_="edges")]
    largest = float(np.abs(weights).max()) or 1.0
    parts = []
    for y, i in zip(ys[0], a.shown, strict=True):
        for z, j in zip(ys[1], b.shown, strict=True):
            size = abs(float(weights[i, j])) / largest
            parts.append(
                element(
                    "path",
                    element("title", f"weight {number(float(weights[i, j]), 3)}"),
                    d=f"M{xs[0]:.1f} {y:.1f}L{xs[1]:.1f} {z:.1f}",
                    class_="line first" if weights[i, j] >= 0 else "line second",
                    style=f"stroke-width:{0.3 + 3.2 * size:.2f};opacity:{0.25 + 0.7 * size:.2f}",
                )
            )
    return parts


def _names(
    names: Sequence[str] | None, column: _Column, x: float, ys: list[float], anchor: str
) -> list[Html]:
    if names is None:
        return []
    return [
        _text(x, y + 4, clip(names[i], 20), "small on", anchor)
        for y, i in zip(ys, column.shown, strict=True)
    ]


def _text(x: float, y: float, text: str, class_: str, anchor: str = "middle") -> Html:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)


def _layers(architecture: Architecture) -> Html:
    """A line for each layer; equal ones that follow each other share one."""
    lines = []
    for nameless, run in groupby(architecture.layers, lambda layer: replace(layer, name="")):
        layers = list(run)
        times = f"{len(layers)} × " if len(layers) > 1 else ""
        counts = (nameless.n_weights, nameless.fan_out, nameless.n_extra)
        lines.append(
            [
                _layer_name(layers), nameless.formula, f"{nameless.fan_in:,}",
                f"{nameless.fan_out:,}", *(f"{times}{c:,}" if c else "–" for c in counts),
            ]
        )  # fmt: skip
    of_layers = sum(
        layer.n_weights + layer.fan_out + layer.n_extra for layer in architecture.layers
    )
    before = architecture.n_parameters - of_layers
    if before:
        made = []
        if architecture.embeddings:
            made.append("vectors of categories")
        if architecture.periodic:
            made.append("frequencies of numbers")
        if architecture.input_scale:
            made.append("a factor for each input")
        lines.insert(0, ["inputs", ", ".join(made), "–", "–", "–", "–", f"{before:,}"])
    headings = ["layer", "computes", "fan_in", "nodes", "weights", "biases", "others"]
    if all(line[-1] == "–" for line in lines):
        headings, lines = headings[:-1], [line[:-1] for line in lines]
    if len(lines) > 24:
        lines = [*lines[:12], ["…"] * len(headings), *lines[-11:]]
    totals = (sum(architecture.weight_counts), sum(architecture.bias_counts))
    others = architecture.n_parameters - sum(totals)
    lines.append(["all", "", "", "", *(f"{c:,}" for c in (*totals, others)[: len(headings) - 4])])
    return table(
        headings, lines, caption="The layers of the network", numeric=range(2, len(headings))
    )


def _layer_name(layers: Sequence[Layer]) -> str:
    first, last = layers[0].name, layers[-1].name.removeprefix("hidden ")
    return first if len(layers) == 1 else f"{first}–{last}"
