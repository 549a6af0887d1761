"""The section on the network: drawn with its layers and nodes, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, Layer
from layerwise.draw.network_layout import (
    NodeColumn,
    choose_nodes,
    heights,
    short_title,
    visible_layers,
)
from layerwise.report.data import NetworkFacts
from layerwise.report.html import Html, element, figure, join, legend, section, table
from layerwise.report.wording import clip, number, plural

__all__ = ["network_section"]

# A layer with more nodes shows its first and last ones; a deep network its first and last layers.
_MOST_NODES, _MOST_LAYERS = 9, 7
_ROW, _TOP, _WIDTH = 30.0, 20.0, 760


@dataclass(frozen=True)
class _Column:
    """One column of nodes, and what stands below it."""

    nodes: NodeColumn
    lines: tuple[str, ...]


def network_section(facts: NetworkFacts | None) -> Html | None:
    """The network's picture, its layers and the number of its parameters."""
    if facts is None:
        return None
    architecture = facts.architecture
    n = architecture.n_parameters
    sizes = short_title([architecture.input_width, *architecture.sizes[1:]])
    words = f"The network {clip(sizes, 80)} has {plural(n, 'parameter')}: learned numbers."
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
    most = max(column.nodes.n_rows for column in columns)
    height = _TOP + most * _ROW
    rows = [heights(column.nodes, most * _ROW, _ROW) for column in columns]
    left_out = [
        None if column.nodes.gap is None else _TOP + own.pop(column.nodes.gap)
        for column, own in zip(columns, rows, strict=True)
    ]
    ys = [[_TOP + y for y in own] for own in rows]
    parts: list[Html] = []
    for i in range(len(columns) - 1):
        if gap is None or i + 1 != gap:
            weights = None
            if facts.weights is not None:
                weights = np.asarray(facts.weights[columns[i + 1].nodes.layer - 1], np.float64)
            parts += _edges(
                columns[i], columns[i + 1], (xs[i], xs[i + 1]), (ys[i], ys[i + 1]), weights
            )
    for column, x, own, gap_y in zip(columns, xs, ys, left_out, strict=True):
        parts += [element("circle", class_="node", cx=f"{x:.1f}", cy=f"{y:.1f}", r=8) for y in own]
        if gap_y is not None:
            parts.append(_text(x, gap_y + 5, "⋮", "strong"))
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
    layers, gap = visible_layers(architecture.depth + 2, _MOST_LAYERS)
    columns = []
    for i in layers:
        if i == 0:
            columns.append(_column(0, architecture.input_width, "inputs", ""))
            continue
        layer = architecture.layers[i - 1]
        below = architecture.output if layer.name == "output" else layer.activation
        words = "" if below == "identity" else below
        columns.append(_column(i, layer.fan_out, layer.name, words))
    return columns, gap


def _column(layer: int, n_nodes: int, name: str, below: str) -> _Column:
    noun = {"inputs": "input", "output": "output"}.get(name, "node")
    lines = [plural(n_nodes, noun), below]
    if noun == "node":
        lines.insert(0, name)
    lines = [line for line in lines if line]
    return _Column(choose_nodes(layer, n_nodes, _MOST_NODES - 1), tuple(lines))


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
    for y, i in zip(ys[0], a.nodes.shown, strict=True):
        for z, j in zip(ys[1], b.nodes.shown, strict=True):
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
        for y, i in zip(ys, column.nodes.shown, strict=True)
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
