"""What becomes of a model where a table holds columns that say nothing, or the same again.

    python bench/selection.py TABLES_DIR                        # all there is; the peers take hours
    python bench/selection.py TABLES_DIR --only layerwise-high --added "200 noise" --tables concrete

To at most 3,000 rows of each table columns are added: half of them a real column's values in
another order, half normal noise ("50 noise", "200 noise"), or ten copies of one column with a
little noise, every other one in other units ("10 double"). A quarter of the rows is tested on.
Every fit's result is appended to a file at once: start it again, and it goes on where it was.
Tables go to stdout, progress to stderr. `--smoke` runs tiny made tables, to see that it runs.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import fmean

import machine
from accuracy.added_columns import WithAdded
from accuracy.fits import fit_all, headed_console, opened, print_versions, words
from accuracy.models import DEFAULT, LIGHTGBM, MLP, MODELS, REALMLP
from accuracy.results import Result
from accuracy.show import remarks
from accuracy.summary import Summary
from accuracy.tables import listed, made
from parts.tables import titled
from rich.table import Table as Printed

RESULTS = Path(__file__).resolve().parent / "results" / "selection.jsonl"
ADDED = ("0 noise", "50 noise", "200 noise", "10 double")
COMPARED = (DEFAULT, LIGHTGBM, "catboost", REALMLP, MLP)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, metavar="TABLES_DIR")
    parser.add_argument("--only", type=words, metavar="MODELS", help=f"of {', '.join(MODELS)}")
    parser.add_argument("--tables", type=words, metavar="NAMES", help="all of them unless told")
    parser.add_argument("--added", type=words, metavar="WHAT", help=f"{','.join(ADDED)}")
    parser.add_argument("--seed", type=int, default=0, metavar="SEED")
    parser.add_argument("--results", type=Path, metavar="FILE", help=f"{RESULTS} unless told")
    parser.add_argument("--smoke", action="store_true", help="tiny made tables, no heavy library")
    chosen = parser.parse_args()
    if (chosen.folder is None) != chosen.smoke:
        parser.error("name the folder of tables, or --smoke: make's TABLES=folder")
    chosen.only = chosen.only or (["layerwise-low", MLP] if chosen.smoke else list(COMPARED))
    chosen.added = chosen.added or (["3 noise", "2 double"] if chosen.smoke else list(ADDED))
    unknown = sorted(set(chosen.only) - set(MODELS))
    if unknown:
        parser.error(f"no model {', '.join(unknown)}; there are {', '.join(MODELS)}")
    return chosen


def scores(summary: Summary, tables: Sequence[WithAdded], models: Sequence[str]) -> Printed:
    """A row for each table; then, of each kind of addition, what they come to."""
    printed = titled("Log loss or 1 - R2 (lower is better), seconds to fit", *models)
    for table in tables:
        cells = []
        for model in models:
            score, seconds = summary.score(model, table.name), summary.seconds(model, table.name)
            cells.append("-" if score is None or seconds is None else f"{score:.4f} {seconds:5.1f}")
        printed.add_row(table.name, *cells)
    return printed


def ratios(summary: Summary, tables: Sequence[WithAdded], models: Sequence[str]) -> Printed:
    """Geometric means over the tables that all the models have: scores, and times."""
    printed = titled("Score / LightGBM's; seconds / its own with nothing added", *models)
    plain = {table.name.partition(" + ")[0]: table for table in tables if table.added == ADDED[0]}
    for added in dict.fromkeys(table.added for table in tables):
        of_kind = [table for table in tables if table.added == added]
        cells = []
        for model in models:
            by_score, by_time = [], []
            for table in of_kind:
                fit, other = (_one(summary, name, table) for name in (model, LIGHTGBM))
                without = plain.get(table.name.partition(" + ")[0])
                before = None if without is None else _one(summary, model, without)
                if fit and other:
                    by_score.append(math.log(fit["score"] / other["score"]))
                if fit and before:
                    by_time.append(math.log(fit["fit_seconds"] / before["fit_seconds"]))
            cells.append(f"{_mean(by_score)} ({len(by_score)}), x {_mean(by_time)}")
        printed.add_row(added, *cells)
    return printed


def kept(summary: Summary, tables: Sequence[WithAdded], models: Sequence[str]) -> Printed:
    """Of the columns a model of ours uses the share that is real; of the real ones those used."""
    printed = titled("Columns used: precision, recall of the real ones", *models)
    for added in dict.fromkeys(table.added for table in tables):
        cells = []
        for model in models:
            fits = [_one(summary, model, table) for table in tables if table.added == added]
            there = [fit for fit in fits if fit]
            precision = [f["real_used"] / max(1, f["real_used"] + f["added_used"]) for f in there]
            recall = [f["real_used"] / f["real"] for f in there]
            cells.append(f"{fmean(precision):.2f}, {fmean(recall):.2f}" if there else "-")
        printed.add_row(added, *cells)
    return printed


def _one(summary: Summary, model: str, table: WithAdded) -> Result | None:
    there = summary.of(model, table.name)
    return there[0] if there else None


def _mean(logs: Sequence[float]) -> str:
    return f"{math.exp(fmean(logs)):.3f}" if logs else "-"


def main() -> None:
    """Fit what was asked for and is not there yet; print all there is."""
    chosen = arguments()
    every = made() if chosen.smoke else listed(chosen.folder)
    asked = [table for table in every if table.name in (chosen.tables or [table.name])]
    tables = [WithAdded.of(table, added) for added in chosen.added for table in asked]
    present = [MODELS[name] for name in chosen.only if MODELS[name].installed()]
    console = headed_console(machine.describe())
    with opened(chosen.results, RESULTS, smoke=chosen.smoke) as results:
        fits = list(product([chosen.seed], tables, present))
        failed = fit_all(fits, chosen.folder, results)
        versions = {
            m.name: m.version() if m.installed() else None
            for m in MODELS.values()
            if m.ours is False or m in present
        }
        summary = Summary(results.chosen(versions, tables, [chosen.seed]), tables, [chosen.seed])
    shown = print_versions(summary, console)
    if shown:
        console.print(scores(summary, tables, shown))
        console.print(ratios(summary, tables, shown))
        console.print(kept(summary, tables, [name for name in shown if MODELS[name].ours]))
    for line in remarks(summary):
        console.print(line)
    if failed:
        sys.exit(f"{len(failed)} fits failed: {'; '.join(failed)}")


if __name__ == "__main__":
    main()
