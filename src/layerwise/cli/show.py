"""An architecture as a table for people and as JSON for programs."""

import json
from dataclasses import replace
from itertools import groupby

from rich import box
from rich.table import Table

from layerwise.architecture import Architecture, Layer
from layerwise.language import tr

# Of a network with more rows than this, those in the middle are left out.
_MOST_ROWS = 24


def layer_table(architecture: Architecture) -> Table:
    """The layers of an architecture; equal ones that follow each other share a row.

    Examples
    --------
    >>> from rich.console import Console
    >>> table = layer_table(Architecture([3, 4, 4, 4, 1]))
    >>> Console(width=80, color_system=None).print(table)
    layer       computes       fan_in  nodes  weights  biases
    ─────────────────────────────────────────────────────────
    hidden 1    relu(x W + b)       3      4       12       4
    hidden 2-3  relu(x W + b)       4      4   2 x 16   2 x 4
    output      x W + b             4      1        4       1
    ─────────────────────────────────────────────────────────
    all                                            48      13
    """
    others = architecture.n_parameters - sum(architecture.weight_counts + architecture.bias_counts)
    table = Table(
        box=box.HORIZONTALS,
        show_edge=False,
        show_footer=True,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column(tr("layer"), tr("all"), no_wrap=True)
    table.add_column(tr("computes"))
    table.add_column("fan_in", justify="right")
    table.add_column(tr("nodes"), justify="right")
    table.add_column(tr("weights"), f"{sum(architecture.weight_counts):,}", justify="right")
    table.add_column(tr("biases"), f"{sum(architecture.bias_counts):,}", justify="right")
    if others:
        table.add_column(tr("other"), f"{others:,}", justify="right")
    rows = _rows(architecture)
    if len(rows) > _MOST_ROWS:
        half = _MOST_ROWS // 2
        left_out = ["...", tr("{n} more rows", n=len(rows) - 2 * half), *[""] * 5]
        rows = [*rows[:half], left_out, *rows[-half:]]
    for row in rows:
        table.add_row(*row[: len(table.columns)])
    return table


def as_json(architecture: Architecture) -> str:
    """The architecture, as `Architecture.from_json` reads it, and its layers counted.

    Examples
    --------
    >>> counts = json.loads(as_json(Architecture([3, 4, 4, 1])))
    >>> counts["weight_counts"], counts["bias_counts"], counts["n_parameters"]
    ([12, 16, 4], [4, 4, 1], 41)
    >>> Architecture.from_json(json.dumps(counts["architecture"]))
    Architecture([3, 4, 4, 1], activation='relu')
    """
    layers: list[dict[str, object]] = [
        {
            **vars(layer),
            "computes": layer.formula,
            "n_weights": layer.n_weights,
            "n_biases": layer.fan_out,
            "n_other": layer.n_extra,
        }
        for layer in architecture.layers
    ]
    values = {
        "architecture": json.loads(architecture.to_json()),
        "layers": layers,
        "weight_counts": architecture.weight_counts,
        "bias_counts": architecture.bias_counts,
        "n_parameters": architecture.n_parameters,
    }
    return json.dumps(values, indent=2)


def _rows(architecture: Architecture) -> list[list[str]]:
    """The cells of each row: a layer, or several that differ in nothing but their name."""
    rows = []
    for nameless, run in groupby(architecture.layers, lambda layer: replace(layer, name="")):
        layers = list(run)
        row = [_name(layers), nameless.formula, f"{nameless.fan_in:,}", f"{nameless.fan_out:,}"]
        times = f"{len(layers)} x " if len(layers) > 1 else ""
        counts = (nameless.n_weights, nameless.fan_out, nameless.n_extra)
        rows.append([*row, *(f"{times}{count:,}" if count else "" for count in counts)])
    return rows


def _name(layers: list[Layer]) -> str:
    first, last = (layer.name.removeprefix("hidden ") for layer in (layers[0], layers[-1]))
    if first == "output":
        return tr("output")
    return tr("hidden {i}", i=first if len(layers) == 1 else f"{first}-{last}")
