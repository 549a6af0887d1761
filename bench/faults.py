"""Fits and studies killed, files damaged, room denied: thousands of cases, and nothing is lost.

    python bench/faults.py --seed 1
    python bench/faults.py --only tables --seed 1 --case 4711

Every case depends on the seed and its number alone. What fails is kept in a folder that is named
at the end, with the command that tries it again, and the exit code is 1. `--smoke` tries few.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import machine
from faults.pool import Outcome, run
from parts.common import progress
from parts.tables import titled
from rich.console import Console
from rich.table import Table

# Cases of each part: of all of it, and of the smoke.
PARTS = {
    "tables": (10_000, 24),
    "models": (10_000, 24),
    "fits": (1_100, 3),
    "limits": (198, 4),
    "studies": (200, 1),
}
KEPT = Path("bench-faults")
MOST_SHOWN = 20


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--seed", type=int, default=0, help="0 unless told")
    parser.add_argument("--cases", type=int, help="how many of each part")
    parser.add_argument("--case", type=int, help="this one alone, of the part in --only")
    parser.add_argument("--workers", type=int, help="at once; as many as cores unless told")
    parser.add_argument("--kept", type=Path, default=KEPT, help=f"folder of failures; {KEPT}/")
    parser.add_argument("--smoke", action="store_true", help="few cases")
    chosen = parser.parse_args()
    if chosen.case is not None and chosen.only is None:
        parser.error("--case is of a part: name it with --only")
    chosen.workers = chosen.workers or (1 if chosen.smoke else machine.cores())
    return chosen


def outcomes_of(part: str, numbers: range, chosen: argparse.Namespace) -> Iterator[Outcome]:
    """Try the cases of a part; what fails is put away."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        context = get_context("spawn")
        maker = context.Process(target=import_module(f"faults.{part}").prepare, args=(folder,))
        maker.start()
        maker.join()
        if maker.exitcode:
            sys.exit(f"what {part} needs could not be made: exit code {maker.exitcode}")
        keep = getattr(import_module(f"faults.{part}"), "keep", None)
        for outcome in run(part, folder, chosen.seed, numbers, min(chosen.workers, len(numbers))):
            if outcome.is_fault and keep:
                kept = chosen.kept / f"{part}-{chosen.seed}"
                kept.mkdir(parents=True, exist_ok=True)
                subject, damage = keep(folder, chosen.seed, outcome.number, kept)
                yield replace(outcome, subject=subject, damage=damage, kept=str(kept))
            else:
                yield outcome


def studies(rounds: int, seed: int, console: Console) -> int:
    """Kill studies, in a way of their own; returns the faults, which standard error tells of."""
    started = time.perf_counter()
    counts = import_module("faults.studies").run(rounds, seed)
    seconds = time.perf_counter() - started
    table = titled(f"studies killed: {rounds:,} rounds in {seconds:,.0f} s", *counts)
    table.add_row("together", *(f"{count:,}" for count in counts.values()))
    console.print(table)
    return sum(counts[fault] for fault in import_module("faults.studies").FAULTS)


def table_of(part: str, outcomes: list[Outcome], seconds: float) -> Table:
    """How many cases of each subject came to what."""
    verdicts = sorted({outcome.verdict for outcome in outcomes}, key=lambda one: (_rank(one), one))
    table = titled(f"{part}: {len(outcomes):,} cases in {seconds:,.0f} s", *verdicts)
    counts: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        counts.setdefault(outcome.subject, Counter())[outcome.verdict] += 1
    for subject, counted in sorted(counts.items()):
        table.add_row(subject, *(f"{counted[verdict]:,}" for verdict in verdicts))
    table.add_section()
    together = Counter(outcome.verdict for outcome in outcomes)
    table.add_row("together", *(f"{together[verdict]:,}" for verdict in verdicts))
    return table


def _rank(verdict: str) -> bool:
    return Outcome(0, "", "", verdict).is_fault


def main() -> None:
    """Try, print, and fail if anything was lost."""
    chosen = arguments()
    console = Console(highlight=False)
    failed: list[tuple[str, Outcome]] = []
    n_faults = 0
    for part, (many, few) in PARTS.items():
        if chosen.only not in (None, part):
            continue
        n = chosen.cases or (few if chosen.smoke else many)
        if part == "studies":
            progress(f"studies: {n:,} rounds ...")
            n_faults += studies(n, chosen.seed, console)
            continue
        numbers = range(n) if chosen.case is None else range(chosen.case, chosen.case + 1)
        progress(f"{part}: {len(numbers):,} cases ...")
        started = time.perf_counter()
        outcomes = []
        for outcome in outcomes_of(part, numbers, chosen):
            outcomes.append(outcome)
            if outcome.is_fault:
                failed.append((part, outcome))
            if len(outcomes) % 1_000 == 0:
                progress(f"{part}: {len(outcomes):,} of {len(numbers):,}")
        console.print(table_of(part, outcomes, time.perf_counter() - started))
    for part, outcome in failed[:MOST_SHOWN]:
        console.print(
            f"{part} {outcome.number} ({outcome.subject}; {outcome.damage}): {outcome.verdict}: "
            f"{outcome.said}\n  {f'kept in {outcome.kept}; ' if outcome.kept else ''}again: python "
            f"bench/faults.py --only {part} --seed {chosen.seed} --case {outcome.number}",
            markup=False,
        )
    n_faults += len(failed)
    if n_faults:
        console.print(f"{n_faults:,} faults")
        sys.exit(1)
    console.print("nothing lost")


if __name__ == "__main__":
    main()
