"""A file of 1,000,000 rows and 20 columns: time by phase, peak memory, an epoch beside PyTorch's.

    python bench/scale.py --rounds 5 --json scale.json

The file is made anew each time (seeded, so it is the same one) in a folder that goes away. Its
whole way through Layerwise, with one epoch, runs in a process whose memory is watched; then the
matrix it prepared is trained on for an epoch by ours and by PyTorch, round after round, in
processes of their own. `--smoke` takes few rows, to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import machine
from accuracy.process import ProcessError, ask
from parts.common import progress
from parts.tables import at_least, at_most, titled
from rich.console import Console
from rich.table import Table
from scale.made_file import TARGET, write
from timing import paired_ratio

ROWS, SMOKE_ROWS = 1_000_000, 3_000
MEMORY_TARGET = 4.0
"""Times the file's size that the process may take at its peak."""

EPOCH_TARGET = 1.0
MB = 1e6


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, help=f"{ROWS:,} unless told")
    parser.add_argument("--rounds", type=int, help="interleaved epochs, 3 unless told")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    parser.add_argument("--smoke", action="store_true", help="few rows")
    chosen = parser.parse_args()
    chosen.rows = chosen.rows or (SMOKE_ROWS if chosen.smoke else ROWS)
    chosen.rounds = chosen.rounds or (1 if chosen.smoke else 3)
    return chosen


def measure(rows: int, rounds: int, *, with_torch: bool) -> dict[str, Any]:
    """Make the file, fit it, and train on what was prepared."""
    with tempfile.TemporaryDirectory() as folder:
        path, matrix = Path(folder) / "table.csv", Path(folder) / "matrix.npz"
        progress(f"making a file of {rows:,} rows ...")
        write(path, rows)
        progress("fitting it ...")
        fit = ask("scale.work", work="whole_fit", path=str(path), target=TARGET, matrix=str(matrix))
        arguments = {"matrix": str(matrix), "hidden": fit["hidden"], "batch": fit["batch"]}
        epochs: dict[str, list[dict[str, float]]] = {"our_epoch": []}
        if with_torch:
            epochs["torch_epoch"] = []
        for number in range(rounds):
            progress(f"epochs, round {number + 1} of {rounds} ...")
            for work, found in epochs.items():
                found.append(ask("scale.work", work=work, **arguments))
        return {"rows": rows, "file": path.stat().st_size, "fit": fit, "epochs": epochs}


def show(result: dict[str, Any], *, smoke: bool) -> list[Table]:
    """Phases, memory, epochs."""
    fit, file = result["fit"], result["file"]
    phases = titled(f"{result['rows']:,} rows, {file / MB:,.1f} MB of CSV, one epoch", "seconds")
    for phase, seconds in fit["seconds"].items():
        phases.add_row(phase, f"{seconds:.2f}")
    phases.add_section()
    phases.add_row("together", f"{sum(fit['seconds'].values()):.2f}")
    memory = titled("Memory of the process", "MB", "times the file / target")
    for label, key, wanted in (
        ("with what is imported", "before", None),
        ("with the table", "made", None),
        ("at its peak", "peak", None if smoke else MEMORY_TARGET),
    ):
        size = fit["memory"][key]
        memory.add_row(label, f"{size / MB:,.1f}", at_most(size / file, wanted))
    shape = "-".join(map(str, [fit["columns"], *fit["hidden"]]))
    epochs = titled(
        f"One epoch on the prepared matrix, {shape}, batch {fit['batch']}",
        "Layerwise, s", "PyTorch, s", "times faster / target",
    )  # fmt: skip
    ours = [each["fit"] for each in result["epochs"]["our_epoch"]]
    theirs = [min(each.values()) for each in result["epochs"].get("torch_epoch", [])]
    epochs.add_row(
        "median",
        f"{median(ours):.2f}",
        f"{median(theirs):.2f}" if theirs else "not installed",
        at_least(paired_ratio(theirs, ours), None if smoke else EPOCH_TARGET) if theirs else "-",
    )
    return [phases, memory, epochs]


def main() -> None:
    """Measure, print, write."""
    chosen = arguments()
    about = machine.describe()
    console = Console(highlight=False)
    console.print(machine.headline(about))
    neighbours = machine.Neighbours()
    with_torch = find_spec("torch") is not None and not chosen.smoke
    try:
        result = measure(chosen.rows, chosen.rounds, with_torch=with_torch)
    except ProcessError as error:
        sys.exit(f"A process of this benchmark {error}")
    others = neighbours.cores()
    for table in show(result, smoke=chosen.smoke):
        console.print(table)
    if others is not None:
        console.print(f"meanwhile others kept {others:.2f} of {about['cores']} cores busy")
    if chosen.json:
        everything = {"about": about, "others_cores": others, **result}
        chosen.json.write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()
