"""How good and how fast the defaults are on real tables, beside the libraries people use.

    python bench/accuracy.py TABLES_DIR                     # all there is; the peers take an hour
    python bench/accuracy.py TABLES_DIR --only layerwise-medium --tables concrete --seeds 0

Every fit's result is appended to a file at once: start it again, and it goes on where it was.
The result shown holds all fits in that file of the versions that are installed, so `--only`
chooses what is fitted, not what it is compared with. TABLES_DIR holds index.csv (name, task,
target, rows) and each table as NAME.csv.gz. Tables go to stdout, progress to stderr.
`--smoke` runs tiny made tables without the heavy libraries, to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
from itertools import product
from pathlib import Path

import machine
from accuracy.fits import fit_all, headed_console, opened, print_versions, words
from accuracy.models import MODELS, Model
from accuracy.results import Result, disturbed
from accuracy.show import as_json, remarks, scores_and_times, targets
from accuracy.summary import Summary
from accuracy.tables import listed, made

RESULTS = Path(__file__).resolve().parent / "results" / "accuracy.jsonl"
DISTURBED = "disturbed"
SMOKE_MODELS = ("layerwise-low", *(m.name for m in MODELS.values() if not m.ours and not m.heavy))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, metavar="TABLES_DIR")
    parser.add_argument("--only", type=words, metavar="MODELS", help=f"of {', '.join(MODELS)}")
    parser.add_argument("--tables", type=words, metavar="NAMES", help="all of them unless told")
    parser.add_argument("--seeds", type=_seeds, metavar="SEEDS", help="0,1,2 unless told")
    parser.add_argument(
        "--again",
        type=words,
        default=[],
        metavar="MODELS",
        help=f"fit these anew; '{DISTURBED}': the fits during which others kept the cores busy",
    )
    parser.add_argument("--results", type=Path, metavar="FILE", help=f"{RESULTS} unless told")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    parser.add_argument("--smoke", action="store_true", help="tiny made tables, no heavy library")
    chosen = parser.parse_args()
    if (chosen.folder is None) != chosen.smoke:
        parser.error(
            "--smoke makes its own tables; leave TABLES_DIR out"
            if chosen.smoke
            else "name the folder of tables: bench/accuracy.py TABLES_DIR, or make's TABLES=folder"
        )
    if chosen.folder is not None and not (chosen.folder / "index.csv").is_file():
        parser.error(f"{chosen.folder} holds no index.csv, which lists the tables")
    there = [table.name for table in (made() if chosen.smoke else listed(chosen.folder))]
    chosen.only = chosen.only or list(SMOKE_MODELS if chosen.smoke else MODELS)
    chosen.tables = chosen.tables or there
    chosen.seeds = chosen.seeds or ([0] if chosen.smoke else [0, 1, 2])
    for what, names, known in (
        ("model", chosen.only, list(MODELS)),
        ("model to fit anew", chosen.again, [*chosen.only, DISTURBED]),
        ("table", chosen.tables, there),
    ):
        unknown = sorted(set(names) - set(known))
        if unknown:
            parser.error(f"no {what} {', '.join(unknown)}; there are {', '.join(known)}")
    return chosen


def _seeds(text: str) -> list[int]:
    return [int(word) for word in words(text)]


def main() -> None:
    """Fit what was asked for and is not there yet; print all there is."""
    chosen = arguments()
    every = made() if chosen.smoke else listed(chosen.folder)
    tables = [table for table in every if table.name in chosen.tables]
    present = [model for model in MODELS.values() if model.installed()]
    about = machine.describe()
    console = headed_console(about)
    with opened(chosen.results, RESULTS, smoke=chosen.smoke) as results:
        for name in chosen.only:
            if MODELS[name] not in present:
                console.print(f"{name} is not installed here and is left out")
        failed, stopped = [], False

        def is_again(model: Model, there: Result) -> bool:
            return model.name in chosen.again or (DISTURBED in chosen.again and disturbed(there))

        try:
            asked = [model for model in present if model.name in chosen.only]
            fits = list(product(chosen.seeds, tables, asked))
            failed = fit_all(fits, chosen.folder, results, is_again)
        except KeyboardInterrupt:
            stopped = True
        versions = {m.name: m.version() if m in present else None for m in MODELS.values()}
        summary = Summary(results.chosen(versions, tables, chosen.seeds), tables, chosen.seeds)
    shown = print_versions(summary, console)
    judged = None if chosen.smoke else targets(summary, shown)
    for part in (scores_and_times(summary, shown) if shown else "No fit is there yet.", judged):
        if part is not None:
            console.print(part)
    for line in [] if chosen.smoke else remarks(summary):
        console.print(line)
    if chosen.json:
        everything = {"about": about, **as_json(summary, shown)}
        chosen.json.write_text(json.dumps(everything, indent=1) + "\n")
    if stopped:
        console.print("Interrupted: start it again, and it goes on from here.")
    if failed:
        console.print(f"Failed, to be tried again at the next start: {'; '.join(failed)}")
    if stopped or failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
