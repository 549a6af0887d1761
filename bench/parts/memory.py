"""Memory: training on a table that is large, in a process of its own each time."""

from __future__ import annotations

from statistics import median
from typing import Any

from networks import Net
from peers import NAMES
from rich.table import Table

from parts.common import Scale, everyone, progress, workers_for
from parts.tables import at_most, titled

ROWS, NET = 1_000_000, Net((100, 64, 64, 10), 1024)
SMOKE_ROWS, SMOKE_NET = 20_000, Net((10, 16, 16, 3), 256)
TARGET = 20.0
"""Percent of the data that training may take beyond the data."""

MB = 1e6


def run(scale: Scale) -> dict[str, Any]:
    """Bytes for everyone who can say them; threads make no difference worth three rows."""
    subjects, missing = everyone(scale)
    most = min(2, scale.cores)
    chosen = [
        s
        for s in subjects
        if s.peer != "jax" and s.threads == (None if s.peer == "layerwise" else most)
    ]
    rows, net = (SMOKE_ROWS, SMOKE_NET) if scale.smoke else (ROWS, NET)
    rounds: dict[str, list[dict[str, int]]] = {subject.label: [] for subject in chosen}
    for _ in range(1 if scale.smoke else min(scale.rounds, 3)):
        for subject in chosen:
            progress(f"memory: {subject.label}")
            with workers_for([subject]) as (worker,):
                rounds[subject.label].append(
                    worker.ask(
                        "call",
                        function="memory",
                        sizes=list(net.sizes),
                        batch=net.batch,
                        rows=rows,
                    )
                )
    return {
        "missing": [peer for peer in missing if peer != "jax"],
        "net": net.name,
        "rows": rows,
        "rounds": rounds,
    }


def show(result: dict[str, Any], scale: Scale) -> list[Table]:
    """What the process grew by beyond the data, in MB and as a share of the data."""
    table = titled(
        f"Memory, one epoch of {result['net']} on {result['rows']:,} rows",
        "data, MB",
        "peak beyond the data, MB",
        "% of the data / target",
    )
    for label, rounds in result["rounds"].items():
        data = rounds[0]["data"]
        beyond = median(each["peak"] - each["before"] - data for each in rounds)
        wanted = scale.target(TARGET) if label.startswith("layerwise ") else None
        table.add_row(
            label,
            f"{data / MB:,.1f}",
            f"{beyond / MB:,.1f}",
            at_most(100 * beyond / data, wanted, ".1f"),
        )
    for peer in result["missing"]:
        table.add_row(NAMES[peer], "not installed", "", "")
    return [table]
