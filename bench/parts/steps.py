"""One training step: everyone, every network."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from parts.common import Scale, everyone, measure, progress, workers_for
from parts.tables import ratios_table, times_table

TARGETS = {
    "sklearn": (40.0, 18.0, 4.2, 3.2),
    "torch": (50.0, 22.0, 2.0, 1.1),
    "jax": (6.0, 3.0, 2.0, 1.1),
}
"""Ours is to be at least this many times faster, network by network."""

OPTIONAL_PRODUCT_TARGET = 1.35
"""On the largest network, over PyTorch and JAX, when the optional product is installed."""


def run(scale: Scale) -> dict[str, Any]:
    """Seconds per step in every round, for every subject and network."""
    subjects, missing = everyone(scale)
    nets = []
    with workers_for(subjects) as workers:
        for net in scale.nets:
            progress(f"steps: {net.name}")
            result = measure(
                workers,
                scale,
                "training",
                sizes=list(net.sizes),
                batch=net.batch,
                rows=scale.train_rows,
            )
            nets.append({"net": net.name, **result})
    return {"missing": missing, "nets": nets}


def target(peer: str, number: int, product: str) -> float:
    """What is asked of that product against that peer, on the network of that number."""
    if product == "mkl" and number == 3 and peer != "sklearn":
        return OPTIONAL_PRODUCT_TARGET
    return TARGETS[peer][number]


def show(result: dict[str, Any], scale: Scale) -> list[Table]:
    """Times, then ratios beside their targets."""
    return [
        times_table("Training step, microseconds", result["nets"], result["missing"], 1e-6),
        *ratios_table(
            "Training step, times faster / target",
            result["nets"],
            lambda *which: scale.target(target(*which)),
        ),
    ]
