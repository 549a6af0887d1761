"""The message that says what a page's network and data are, when they are made anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from layerwise.architecture import Layer
from layerwise.arrays import Array, Integers
from layerwise.engine.layout import layout_of
from layerwise.explanation.features import features_of
from layerwise.playground.choices import Choices
from layerwise.playground.input_plane import GRID, Plane
from layerwise.playground.learner import Learner
from layerwise.playground.material import Material
from layerwise.playground.page_frames import MOST_LAYERS_DRAWN, MOST_NODES_DRAWN
from layerwise.tables.columns import Column

_DIGITS = 6


def made_message(
    learner: Learner, choices: Choices, plane: Plane, rows: Integers, *, kept: bool
) -> dict[str, Any]:
    """Say all that frames do not say again.

    Parameters
    ----------
    learner : Learner
    choices : Choices
    plane : Plane
    rows : ndarray of int64
        Whose points are drawn.
    kept : bool
        Whether the network is the one that the page has.
    """
    material, architecture = learner.material, learner.network.architecture
    blocks = layout_of(architecture).blocks
    return {
        "type": "made",
        "kept": kept,
        "choices": choices.as_dict(),
        "task": {
            "kind": "classes" if material.classes else "number",
            "classes": list(material.classes),
            "target": material.target,
            "score": "accuracy" if material.classes else "R²",
            "loss": {"name": learner.loss.name, "formula": learner.loss.formula},
        },
        "inputs": [asdict(one) for one in material.inputs],
        "features": [one.name for one in features_of(learner.network, material.names)],
        "columns": [described(one) for one in material.columns],
        "plane": list(plane.axes),
        "held": [float(x) for x in (*plane.x, *plane.codes)],
        "grid": GRID,
        "layers": [
            _layer(layer, k < min(MOST_LAYERS_DRAWN, architecture.depth))
            for k, layer in enumerate(architecture.layers)
        ],
        "parameters": architecture.n_parameters,
        "summary": architecture.summary,
        "rows": _points(material, plane, rows),
        "n_train": len(material.train),
        "n_test": len(material.test),
        "steps_per_epoch": learner.training.steps_per_epoch,
        "vector": {
            kind: [[one.start, *one.shape] for one in blocks if one.kind == kind]
            for kind in ("weights", "biases")
        },
    }


def described(column: Column) -> dict[str, str]:
    """What was decided about a column, and why."""
    return {"name": column.name, "kind": column.kind, "reason": column.reason}


def _layer(layer: Layer, is_drawn: bool) -> dict[str, Any]:
    return {
        "name": layer.name,
        "fan_in": layer.fan_in,
        "nodes": layer.fan_out,
        "drawn": min(layer.fan_out, MOST_NODES_DRAWN) if is_drawn else 0,
        "activation": layer.activation,
        "formula": layer.formula,
        "residual": layer.residual,
        "normalization": layer.normalization or "",
        "dropout": layer.dropout,
    }


def _points(material: Material, plane: Plane, rows: Integers) -> dict[str, list[Any]]:
    """The rows that are drawn, where they lie, and what they are."""
    places = material.x[rows][:, list(plane.axes)] if plane.axes else np.zeros((len(rows), 2))
    return {
        "x": _short(places[:, 0]),
        "y": _short(places[:, 1]),
        "target": _short(material.in_units(material.y[rows, 0])),
        "test": np.isin(rows, material.test).astype(int).tolist(),
        "row": rows.tolist(),
    }


def _short(values: Array) -> list[float]:
    return [round(float(x), _DIGITS) for x in values]
