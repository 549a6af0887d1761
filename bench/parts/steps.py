"""One training step: everyone, every network."""

from __future__ import annotations

from statistics import median
from typing import Any

from peers import NAMES, PEERS
from rich.table import Table
from timing import paired_ratio

from parts.common import Scale, everyone, measure, progress, workers_for

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


def best_of(rounds: dict[str, list[float]], start: str) -> str | None:
    """The label, of those that start so, with the lowest median."""
    labels = [label for label in rounds if label.startswith(start + " ")]
    return min(labels, key=lambda label: median(rounds[label]), default=None)


def times_table(result: dict[str, Any], title: str, unit: float, digits: int = 1) -> Table:
    """Median times, a row for each subject and a column for each network."""
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for net in result["nets"]:
        table.add_column(net["net"], justify="right")
    labels = list(result["nets"][0]["rounds"])
    for label in labels:
        medians = (median(net["rounds"][label]) / unit for net in result["nets"])
        table.add_row(label, *(f"{m:,.{digits}f}" for m in medians))
    for peer in result["missing"]:
        table.add_row(NAMES[peer], *("not installed" for _ in result["nets"]))
    return table


def target(peer: str, number: int, product: str) -> float:
    """What is asked of that product against that peer, on the network of that number."""
    if product == "mkl" and number == 3 and peer != "sklearn":
        return OPTIONAL_PRODUCT_TARGET
    return TARGETS[peer][number]


def show(result: dict[str, Any], scale: Scale) -> list[Table]:
    """Times, then ratios beside their targets."""
    tables = [times_table(result, "Training step, median microseconds", 1e-6)]
    ratios = Table(
        title="Training step, times faster than (median of paired rounds) / target",
        title_justify="left",
    )
    ratios.add_column("ours")
    ratios.add_column("against")
    for net in result["nets"]:
        ratios.add_column(net["net"], justify="right")
    for product in ("scipy", "mkl"):
        ours = f"layerwise {product} auto"
        if ours not in result["nets"][0]["rounds"]:
            continue
        for peer in PEERS:
            if best_of(result["nets"][0]["rounds"], peer) is None:
                continue
            cells = []
            for number, net in enumerate(result["nets"]):
                theirs = best_of(net["rounds"], peer)
                assert theirs is not None
                ratio = paired_ratio(net["rounds"][theirs], net["rounds"][ours])
                cells.append(judged(ratio, None if scale.smoke else target(peer, number, product)))
            ratios.add_row(ours, NAMES[peer], *cells)
    return [*tables, ratios] if ratios.row_count else tables


def judged(ratio: float, wanted: float | None) -> str:
    """A ratio beside its target, and whether it meets it."""
    if wanted is None:
        return f"{ratio:.2f}"
    if ratio >= wanted:
        return f"[green]{ratio:.2f} / {wanted:g} met[/]"
    return f"[red]{ratio:.2f} / {wanted:g} not met[/]"
