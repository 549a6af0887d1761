"""The section on the network: drawn with its layers and nodes, and as a table."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from layerwise.architecture import Architecture, Layer
from layerwise.draw import draw_network
from layerwise.draw.network_layout import short_title
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.report.report_data import NetworkFacts
from layerwise.texts import clip, plural

__all__ = ["network_section"]


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
    drawn = facts.architecture if facts.model is None else facts.model
    return section(
        "network",
        "The network",
        element("p", words),
        figure(
            picture(
                lambda: draw_network(
                    drawn,
                    input_names=facts.input_names,
                    output_names=facts.output_names,
                    theme="page",
                ),
                f"The network as layers of nodes joined by lines: {_in_words(facts)}.",
            ),
            _caption(facts),
        ),
        _layers(architecture),
    )


def _caption(facts: NetworkFacts) -> str:
    words = (
        "Read it from left to right: each circle is a node, which adds up all nodes before it, "
        "each times the weight of its line"
    )
    words += ", and applies the activation written above it." if facts.architecture.depth else "."
    if facts.model is None:
        return words
    which = " of the first network" if facts.n_networks > 1 else ""
    return (
        f"{words} The thicker a line, the larger its weight{which} beside the others of its "
        "layer, of which the largest is written below. Of a long layer those nodes are drawn whose "
        "lines are strongest."
    )


def _in_words(facts: NetworkFacts) -> str:
    layers = facts.architecture.layers
    words = [plural(facts.architecture.input_width, "input")]
    words += [f"{layer.name} of {plural(layer.fan_out, 'node')}" for layer in layers[:-1]]
    return ", ".join([*words, plural(layers[-1].fan_out, "output")])


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
