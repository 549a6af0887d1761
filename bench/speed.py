"""How fast Layerwise is, beside scikit-learn, PyTorch and JAX, in one run on one machine.

    python bench/speed.py --only steps --rounds 15 --json speed.json

Tables go to stdout, progress to stderr. `--smoke` runs everything small, to see that it runs.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import machine
from parts.common import Scale, progress
from rich.console import Console

PARTS = ("steps", "activations", "inference", "estimators", "peak", "memory", "startup")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    parser.add_argument(
        "--only", default=",".join(PARTS), metavar="PARTS", help=f"of {', '.join(PARTS)}"
    )
    parser.add_argument("--rounds", type=int, help="interleaved rounds, 15 unless told")
    parser.add_argument("--smoke", action="store_true", help="everything small and short")
    chosen = parser.parse_args()
    chosen.only = chosen.only.split(",")
    unknown = set(chosen.only) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return chosen


def main() -> None:
    """Measure the parts that were asked for, print them, write them."""
    chosen = arguments()
    scale = Scale(chosen.rounds or (2 if chosen.smoke else 15), chosen.smoke, machine.cores())
    about = machine.describe()
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=160)
    console.print(machine.headline(about))
    console.print(
        ", ".join(f"{name} {version or '-'}" for name, version in about["versions"].items())
    )
    console.print(
        f"{scale.rounds} interleaved rounds: times are their medians, ratios the medians of the "
        "ratios within each round; a target, where there is one, stands after a slash"
    )
    results: dict[str, Any] = {"about": about, "rounds": scale.rounds, "smoke": scale.smoke}
    for name in chosen.only:
        progress(f"{name} ...")
        part = import_module(f"parts.{name}")
        neighbours = machine.Neighbours()
        results[name] = part.run(scale)
        results[name]["others_cores"] = others = neighbours.cores()
        for table in part.show(results[name], scale):
            console.print()
            console.print(table)
        if others is not None:
            console.print(f"meanwhile others kept {others:.2f} of {scale.cores} cores busy")
        if chosen.json:  # after every part, so that what was measured outlives a later failure
            chosen.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
