"""What studies recommend on real tables, and whether that holds on rows they never saw.

    python bench/study_tables.py folder --results study_tables.jsonl

For each table that the folder's index.csv lists: a fifth of the rows is set aside; the others are
studied (the smaller of all and of `--rows`, drawn at random); then every network that was tried is
trained on all rows that were studied, from `--seeds` seeds, and scored on the fifth. It prints what
was recommended, its score there beside that of the best of all networks there, and whether it is
within one standard error of that best (the error that the test rows give the best's score).

Each table's result is a line of the results file, and tables that have one are not done again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import machine
import numpy as np
import pandas as pd
from accuracy.tables import Table, listed, made
from joblib import Parallel, delayed

from layerwise.study import DepthStudy
from layerwise.study.one_fit import fit_one
from layerwise.study.plan import Plan, make_plan
from layerwise.study.study_table import Fold, StudyTable


def rows_of(table: Table, study: DepthStudy, most: int) -> tuple[StudyTable, Fold]:
    """The rows to study; and those to train on, the test rows held out."""
    x, x_test, y, y_test = table.split(0)
    if len(x) > most:
        drawn = np.random.default_rng(0).permutation(len(x))[:most]
        x, y = x.iloc[drawn], y.iloc[drawn]
    x, x_test = x.reset_index(drop=True), x_test.reset_index(drop=True)
    frame = x.assign(**{table.target: y.to_numpy()})
    test = x_test.assign(**{table.target: y_test.to_numpy()})
    studied = study.rows(frame, target=table.target)
    both = study.rows(pd.concat([frame, test], ignore_index=True), target=table.target)
    held_out = np.arange(len(both) - len(test), len(both))
    return studied, both.fold(held_out, 0)


def tested(fold: Fold, plan: Plan, number: int, seeds: int) -> tuple[float, float]:
    """(mean score over seeds, its standard error by the test rows)."""
    fits = [fit_one(fold, plan.configurations[number], plan, (seed, 0)) for seed in range(seeds)]
    return float(np.mean([f.score for f in fits])), float(np.mean([f.score_error for f in fits]))


def result_of(table: Table, options: argparse.Namespace) -> dict[str, Any]:
    """Study one table, and test every network of it."""
    study = DepthStudy(
        depth=range(options.depths + 1),
        width=options.widths,
        activation=options.activations,
        epochs=options.epochs,
        seeds=options.repeats,
        task=table.task,
        workers=options.workers,
    )
    started = time.perf_counter()
    studied, fold = rows_of(table, study, options.rows)
    study.fit_rows(studied)
    seconds = time.perf_counter() - started
    plan, results = make_plan(study, studied), study.study_
    numbers = [c.number for c in plan.configurations if c.number not in results.failed]
    with_test = Parallel(n_jobs=options.workers)(
        delayed(tested)(fold, plan, number, options.seeds) for number in numbers
    )
    found = dict(zip(numbers, with_test, strict=True))
    sign = 1 if results.higher_is_better else -1
    best = max(numbers, key=lambda number: sign * found[number][0])
    chosen = study.recommended_.number
    score, (of_best, error) = found[chosen][0], found[best]
    return {
        "table": table.name,
        "rows": len(studied),
        "test_rows": len(fold.y_test),
        "metric": results.metric,
        "recommended": study.recommended_.name,
        "n_parameters": study.recommended_.n_parameters,
        "best_studied": plan.configurations[study.recommendation_.best].name,
        "test_score": score,
        "best_on_test": plan.configurations[best].name,
        "best_test_score": of_best,
        "standard_error": error,
        "is_within": bool(sign * (of_best - score) <= error),
        "trees": float(np.mean(list(results.trees.values()))),
        "studied_score": study.recommendation_.standing.score.mean,
        "n_networks": len(numbers),
        "n_pruned": len(results.pruned),
        "n_fits": len(results.fits),
        "seconds": seconds,
        "all_test_scores": {plan.configurations[n].name: found[n][0] for n in numbers},
    }


def show(results: list[dict[str, Any]]) -> None:
    """A line for each table, and how many hold."""
    print(
        f"{'table':20}{'recommended':>16}{'on test':>9}{'best on test':>18}{'':9}{'± s.e.':>8}"
        f"{'within':>8}{'given up':>10}{'seconds':>9}"
    )
    for r in results:
        print(
            f"{r['table']:20}{r['recommended']:>16}{r['test_score']:9.4f}{r['best_on_test']:>18}"
            f"{r['best_test_score']:9.4f}{r['standard_error']:8.4f}"
            f"{'yes' if r['is_within'] else 'no':>8}{r['n_pruned']:10}{r['seconds']:9.0f}"
        )
    n = sum(r["is_within"] for r in results)
    print(f"within one standard error of the best on test: {n} of {len(results)} tables")


def main() -> None:
    """Run what is not done yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", help="with an index.csv")
    parser.add_argument("--results", type=Path, default=Path("study_tables.jsonl"))
    parser.add_argument("--only", help="names of tables, with commas between them")
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--depths", type=int, default=4)
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--activations", nargs="+", default=["relu", "tanh"])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--repeats", type=int, help="of the cross-validation")
    parser.add_argument("--seeds", type=int, default=3, help="of the networks on test")
    parser.add_argument("--workers", type=int, default=machine.cores())
    parser.add_argument("--smoke", action="store_true", help="two tiny tables")
    options = parser.parse_args()
    if options.smoke:
        options.depths, options.widths, options.epochs, options.seeds = 1, [4], 2, 1
        options.activations, options.workers, options.repeats = ["relu"], 1, 1
        show([result_of(table, options) for table in made()])
        return
    if options.folder is None:
        parser.error("name the folder of the tables")
    tables = listed(options.folder)
    if options.only:
        tables = [table for table in tables if table.name in options.only.split(",")]
    done: dict[str, dict[str, Any]] = {}
    if options.results.exists():
        lines = options.results.read_text().splitlines()
        done = {result["table"]: result for result in map(json.loads, lines)}
    for table in tables:
        if table.name not in done:
            done[table.name] = result_of(table, options)
            with options.results.open("a") as file:
                file.write(json.dumps(done[table.name]) + "\n")
    show([done[table.name] for table in tables])


if __name__ == "__main__":
    main()
