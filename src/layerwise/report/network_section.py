"""The section on the network: drawn with its layers and nodes, and as a table."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from layerwise.architecture import Architecture, Layer
from layerwise.architecture.layer import shown_name
from layerwise.draw import draw_network
from layerwise.estimators.table import BaseTable
from layerwise.language import counted, tr
from layerwise.report.elements import Html, element, figure, picture, section, table
from layerwise.report.model_words import averaging
from layerwise.texts import clip


def network_section(model: BaseTable) -> Html:
    """The network's picture, its layers and the number of its parameters."""
    networks = model.networks_
    architecture, several = networks[0].architecture, len(networks) > 1
    words = tr(
        "The network {title} has {parameters}: learned numbers.",
        title=clip(architecture.title, 80),
        parameters=counted(architecture.n_parameters, "parameter"),
    )
    if several:
        in_all = sum(network.n_parameters for network in networks)
        words += tr(
            " {n} networks like it are averaged, {parameters} in all.",
            n=len(networks),
            parameters=counted(in_all, "parameter"),
        )
    how = averaging(model)
    words += f" {how[0].upper()}{how[1:]}."
    return section(
        "network",
        tr("The network"),
        element("p", words),
        figure(
            picture(
                lambda: draw_network(model, theme="page"),
                tr(
                    "The network as layers of nodes joined by lines: {layers}.",
                    layers=_in_words(architecture),
                ),
            ),
            _caption(architecture, several=several),
        ),
        _layers(architecture),
    )


def _caption(architecture: Architecture, *, several: bool) -> str:
    activation = which = ""
    if architecture.depth:
        activation = tr(", and applies the activation written above it")
    if several:
        which = tr(" of the first network")
    return tr(
        "Read it from left to right: each circle is a node, which adds up all nodes before it, "
        "each times the weight of its line{activation}. The thicker a line, the larger its "
        "weight{which} beside the others of its layer, of which the largest is written below. Of "
        "a long layer those nodes are drawn whose lines are strongest.",
        activation=activation,
        which=which,
    )


def _in_words(architecture: Architecture) -> str:
    *hidden, last = architecture.layers
    words = [counted(architecture.input_width, "input")]
    words += [
        tr("{name} of {nodes}", name=layer.name_shown, nodes=counted(layer.fan_out, "node"))
        for layer in hidden
    ]
    return ", ".join([*words, counted(last.fan_out, "output")])


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
        steps = (placed.step for placed in architecture.steps if placed.layer < 0)
        made = list(dict.fromkeys(step.learns for step in steps if step.learns))
        lines.insert(0, [tr("inputs"), ", ".join(map(tr, made)), "–", "–", "–", "–", f"{before:,}"])
    headings = [tr("layer"), tr("computes"), "fan_in"]
    headings += [tr("nodes"), tr("weights"), tr("biases"), tr("others")]
    if all(line[-1] == "–" for line in lines):
        headings, lines = headings[:-1], [line[:-1] for line in lines]
    if len(lines) > 24:
        lines = [*lines[:12], ["…"] * len(headings), *lines[-11:]]
    totals = (sum(architecture.weight_counts), sum(architecture.bias_counts))
    others = architecture.n_parameters - sum(totals)
    lines.append(
        [tr("all"), "", "", "", *(f"{c:,}" for c in (*totals, others)[: len(headings) - 4])]
    )
    return table(
        headings, lines, caption=tr("The layers of the network"), numeric=range(2, len(headings))
    )


def _layer_name(layers: Sequence[Layer]) -> str:
    first, last = layers[0].name, layers[-1].name.removeprefix("hidden ")
    return shown_name(first if len(layers) == 1 else f"{first}–{last}")
