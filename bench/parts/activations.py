"""A whole training step of ours with each activation, beside the same step with ReLU."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Any

from networks import Net
from rich.table import Table
from timing import paired_ratio
from worker import Worker, interleave

from parts.common import Scale, our_own, progress, workers_for
from parts.tables import Shown, at_most, titled

REFERENCE = "relu"
TARGET = 1.5


def run(scale: Scale) -> dict[str, Any]:
    """Seconds per step in every round, for every activation, product and network."""
    subjects, missing = our_own(scale)
    if missing:
        return {"missing": missing, "nets": []}
    nets = []
    with workers_for(subjects) as workers:
        for net in scale.nets[1:3]:
            progress(f"activations: {net.name}")
            nets.append({"net": net.name, "rounds": _rounds(workers, net, scale)})
    return {"missing": [], "nets": nets}


def _rounds(workers: list[Worker], net: Net, scale: Scale) -> dict[str, dict[str, list[float]]]:
    """By product and activation; all take their turns in each round."""
    turns = {}
    for worker in workers:
        for name in worker.ask("call", function="activations"):
            worker.ask(
                "prepare",
                task="training",
                seconds=scale.seconds,
                name=name,
                sizes=list(net.sizes),
                batch=net.batch,
                rows=scale.train_rows,
                activation=name,
            )
            turns[worker.subject.label, name] = partial(worker.ask, "round", name=name)
    times = interleave(turns, scale.rounds)
    for worker in workers:
        worker.ask("forget")
    labels = dict.fromkeys(label for label, _ in turns)
    return {
        label: {name: rounds for (whose, name), rounds in times.items() if whose == label}
        for label in labels
    }


def show(result: dict[str, Any], scale: Scale) -> list[Shown]:
    """A table for each product: the time, and its ratio to ReLU's beside the target."""
    if result["missing"]:
        return ["Activations: Layerwise is not installed"]
    return [_product_table(label, result["nets"], scale) for label in result["nets"][0]["rounds"]]


def _product_table(label: str, nets: list[dict[str, Any]], scale: Scale) -> Table:
    table = titled(f"Training step by activation, {label}, microseconds")
    for net in nets:
        table.add_column(net["net"], justify="right")
        table.add_column(f"times {REFERENCE}'s / target", justify="right")
    for name in nets[0]["rounds"][label]:
        cells = []
        for net in nets:
            rounds = net["rounds"][label]
            wanted = None if name == REFERENCE else scale.target(TARGET)
            cells.append(f"{median(rounds[name]) * 1e6:,.1f}")
            cells.append(at_most(paired_ratio(rounds[name], rounds[REFERENCE]), wanted))
        table.add_row(name, *cells)
    return table
