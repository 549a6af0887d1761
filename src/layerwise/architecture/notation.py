"""An architecture as it is written: sizes joined by "-", a table of its layers, JSON."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from layerwise.architecture.layer import Layer
from layerwise.architecture.steps import STEPS, Embedding, Periodic, Step
from layerwise.language import tr
from layerwise.texts import letters, padded

_JSON_VERSION = 1


def sizes_written(text: str) -> list[tuple[int, str]]:
    """Read sizes, and what stands behind each: "3-4x2:tanh-1" has (4, "tanh") twice.

    Raises
    ------
    ValueError
        If the text is none such.
    """
    if not re.fullmatch(r"\s*\d+(\s*-\s*\d+(x\d+)?(:\w+)?)+\s*", text):
        raise ValueError(
            f"cannot read {text!r} as an architecture; write sizes joined by '-', "
            "as in '3-4-4-1' or '3-4:tanh-1:sigmoid'"
        )
    parts: list[tuple[int, str]] = []
    for part in text.split("-"):
        sizes, _, name = part.strip().partition(":")
        size, _, times = sizes.partition("x")
        if times and int(times) == 0:
            raise ValueError(f"{text!r} repeats a size 0 times; leave the layer out instead")
        parts += [(int(size), name)] * int(times or 1)
    if times:
        raise ValueError(f"{text!r} repeats its outputs; only hidden sizes can be repeated")
    return parts


def sizes_joined(sizes: Sequence[int]) -> str:
    """Join sizes by "-", more than two equal hidden ones counted: "64-32x9-10"."""
    runs = [(size, len(list(run))) for size, run in groupby(sizes[1:-1])]
    hidden = [
        f"{size}x{count}" if count > 2 else "-".join([str(size)] * count) for size, count in runs
    ]
    return "-".join([str(sizes[0]), *hidden, str(sizes[-1])])


def layer_table(layers: Sequence[Layer]) -> list[str]:
    """Lines that say what each layer computes, and how many numbers it has."""
    counts = tr("nodes"), tr("weights"), tr("biases"), tr("other")
    header = (tr("layer"), tr("computes"), "fan_in", *counts)
    rows = [
        (
            layer.name_shown,
            layer.formula,
            f"{layer.fan_in:,}",
            f"{layer.fan_out:,}",
            f"{layer.n_weights:,}",
            f"{layer.fan_out:,}",
            f"{layer.n_extra:,}" if layer.n_extra else "",
        )
        for layer in layers
    ]
    table = [header, *_shortened(rows)]
    if not any(layer.n_extra for layer in layers):
        table = [row[:-1] for row in table]
    return _aligned(table)


def _shortened(rows: Sequence[tuple[str, ...]], most: int = 24) -> Sequence[tuple[str, ...]]:
    """The rows, those in the middle of a very deep network counted and left out."""
    if len(rows) <= most:
        return rows
    left_out = len(rows) - most + 1
    middle = ("...", tr("{n} more layers", n=left_out), "", "", "", "", "")
    return [*rows[: most // 2], middle, *rows[-(most // 2 - 1) :]]


def _aligned(rows: Sequence[Sequence[str]], left: int = 2) -> list[str]:
    """Columns padded to the same width, the first ones to the left and numbers to the right."""
    widths = [max(map(letters, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            padded(cell, width, right=i >= left)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def to_json(values: Mapping[str, Any]) -> str:
    """Write the arguments of an architecture."""
    steps = [
        vars(step) | ({} if isinstance(step, Embedding) else {step.name: True})
        for step in values["embeddings"]
    ]
    periodic = vars(values["periodic"]) if values["periodic"] else None
    version = {"layerwise_architecture": _JSON_VERSION}
    return json.dumps({**version, **values, "embeddings": steps, "periodic": periodic})


def from_json(text: str, known: Collection[str]) -> dict[str, Any]:
    """Read what `to_json` wrote; `known` are the arguments there must be.

    Raises
    ------
    ValueError
        If the text is not such JSON, or was written by a newer version.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not an architecture: {error}") from None
    version = values.pop("layerwise_architecture", None) if isinstance(values, dict) else None
    if not isinstance(version, int) or version < 1:
        raise ValueError("not an architecture: the key 'layerwise_architecture' is missing")
    if version > _JSON_VERSION:
        raise ValueError(
            f"this architecture was written by a newer Layerwise (format {version}; this one "
            f"reads up to {_JSON_VERSION}): install the newer version to read it"
        )
    if values.keys() != known:
        wrong = ", ".join(sorted(values.keys() ^ known))
        raise ValueError(f"not an architecture: missing or unknown keys: {wrong}")
    try:
        steps = [_revived_step(entry) for entry in values["embeddings"]]
        periodic = Periodic(**values["periodic"]) if values["periodic"] else None
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"not an architecture: {error}") from None
    return {**values, "embeddings": steps, "periodic": periodic}


def _revived_step(values: Mapping[str, Any]) -> Step:
    """A step of codes: one that is no embedding has its kind's name as a key."""
    kind = next((STEPS[key] for key in values if key in STEPS), Embedding)
    return kind(**{key: value for key, value in values.items() if key not in STEPS})
