"""Prediction: one row, and a whole table."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from parts.common import Scale, everyone, measure, progress, workers_for
from parts.tables import ratios_table, times_table

ONE_ROW_TARGETS = (5.0, 5.0, None, None)
"""Microseconds that one row may take at most, network by network."""

TABLE_TARGET = 1.0
"""A whole table: at least as fast as each peer."""


def run(scale: Scale) -> dict[str, Any]:
    """Seconds per call in every round; ours as it is, the peers with each thread count."""
    subjects, missing = everyone(scale)
    subjects = [s for s in subjects if s.peer != "layerwise" or s.threads is None]
    one_row, many_rows = [], []
    with workers_for(subjects) as workers:
        for net in scale.nets:
            progress(f"inference: {net.shape}")
            sizes, rows = list(net.sizes), scale.predict_rows
            one = measure(workers, scale, "one_row", sizes=sizes)
            many = measure(workers, scale, "many_rows", sizes=sizes, rows=rows)
            one_row.append({"net": net.shape, **one})
            many_rows.append({"net": net.shape, "rows": rows, **many})
    return {"missing": missing, "one_row": one_row, "many_rows": many_rows}


def show(result: dict[str, Any], scale: Scale) -> list[Table]:
    """For one row and for a table: times, then ratios."""
    missing = result["missing"]
    one_row, many_rows = result["one_row"], result["many_rows"]
    rows = f"{scale.predict_rows:,} rows"
    limits = () if scale.smoke else ONE_ROW_TARGETS
    return [
        times_table(
            "Prediction of one row, microseconds / target", one_row, missing, 1e-6, most=limits
        ),
        *ratios_table("Prediction of one row, times faster", one_row, lambda *_: None),
        times_table(f"Prediction of {rows}, milliseconds", many_rows, missing, 1e-3, ",.2f"),
        *ratios_table(
            f"Prediction of {rows}, times faster / target",
            many_rows,
            lambda *_: scale.target(TABLE_TARGET),
        ),
    ]
