"""What there is to choose from, as a page is told it once: entries and their formulas."""

from __future__ import annotations

from typing import Any

from layerwise.architecture import ACTIVATIONS, LOSSES
from layerwise.architecture.initialization import INITIALIZATIONS
from layerwise.architecture.steps import steps_of_layers
from layerwise.engine.optimizers import OPTIMIZERS, Optimizer
from layerwise.playground.choices import (
    MOST_CLASSES_DRAWN,
    MOST_LAYERS,
    MOST_NODES,
    MOST_POINTS,
    MOST_ROWS,
    Choices,
)
from layerwise.playground.input_plane import GRID
from layerwise.playground.page_frames import MOST_LAYERS_DRAWN, MOST_NODES_DRAWN
from layerwise.playground.toy_tables import EXTENT, TOYS
from layerwise.training import SCHEDULES


def catalogue() -> dict[str, Any]:
    """Everything that can be chosen, and the limits.

    Examples
    --------
    >>> [entry["name"] for entry in catalogue()["datasets"]][:3]
    ['circles', 'xor', 'spirals']
    """
    return {
        "datasets": [
            {
                "name": name,
                "task": toy.task,
                "options": [toy.option] if toy.option else [],
                "most": toy.most,
            }
            for name, toy in TOYS.items()
        ],
        "activations": [
            {"name": one.name, "formula": one.formula, "source": one.source}
            for one in ACTIVATIONS.values()
        ],
        "optimizers": [
            {
                "name": name,
                "formula": getattr(one, "formula", ""),
                "source": getattr(one, "source", ""),
                "rate": one().learning_rate if issubclass(one, Optimizer) else None,
            }
            for name, one in OPTIMIZERS.items()
        ],
        "schedules": [
            {"name": one.name, "formula": one.formula, "source": one.source}
            for one in SCHEDULES.values()
        ],
        "losses": [
            {
                "name": one.name,
                "formula": one.formula,
                "task": "classes" if one.output == "softmax" else "number",
                "smoothing": one.parameter_name == "label_smoothing",
            }
            for one in LOSSES.values()
            if one.output in {"softmax", "identity"}
        ],
        "normalizations": list(steps_of_layers()),
        "initializations": list(INITIALIZATIONS),
        "limits": {
            "layers": MOST_LAYERS,
            "layers_drawn": MOST_LAYERS_DRAWN,
            "nodes": MOST_NODES,
            "nodes_drawn": MOST_NODES_DRAWN,
            "rows": MOST_ROWS,
            "points": MOST_POINTS,
            "point_classes": MOST_CLASSES_DRAWN,
            "extent": EXTENT,
            "grid": GRID,
        },
        "defaults": Choices().as_dict(),
    }
