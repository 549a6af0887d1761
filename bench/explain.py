"""How long one row's explanation takes, for a network of three hidden layers of 256 nodes.

    python bench/explain.py folder

Everything from the row to the text: every node's value, backpropagation, integrated gradients,
formulas. On a network with plain inputs, and on models of a made-up table with categories and
missing cells, of one network and of several; and, where a folder of tables with its index.csv is
named, on each of them that has categories or missing cells: a row with such cells, whether all
names are the table's own, and by how much the contributions' sum misses what it should be.
`--smoke` takes small networks, to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from accuracy.tables import CLASSES, listed, made
from accuracy.tables import Table as RealTable
from parts.common import progress
from rich.console import Console
from rich.table import Table

from layerwise import Architecture, Network, TableClassifier, TableRegressor, explain

TARGET_SECONDS = 1.0
"""For one network of 3 x 256."""

ROWS_TO_FIT = 4_000
MOST_MISSED = 0.01
"""Of the contributions' sum, as a share of all their sizes."""


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", help="of real tables, and index.csv")
    parser.add_argument("--rounds", type=int, help="explanations of each, 7 unless told")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    parser.add_argument("--smoke", action="store_true", help="small networks, one round")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (1 if chosen.smoke else 7)
    return chosen


def made_table(n_rows: int) -> dict[str, Any]:
    """Numbers, categories and missing cells, and two classes."""
    random = np.random.default_rng(0)
    table: dict[str, Any] = {f"number {i + 1}": random.normal(size=n_rows) for i in range(8)}
    for name, n_values in (("town", 12), ("street", 60), ("kind", 4)):
        table[name] = random.choice([f"{name} {i}" for i in range(n_values)], n_rows).tolist()
    table["number 8"] = np.where(random.random(n_rows) < 0.1, np.nan, table["number 8"])
    table["kind"] = [None if random.random() < 0.1 else cell for cell in table["kind"]]
    table["class"] = np.where(table["number 1"] + table["number 2"] ** 2 > 1, "yes", "no")
    return table


def subjects(width: int, n_rows: int) -> dict[str, Callable[[], Any]]:
    """What is explained, by name."""
    network = Network(Architecture([20, width, width, width, 2], output="softmax"), seed=0)
    row = np.random.default_rng(0).normal(size=20)
    table = made_table(n_rows)
    cells = {name: column[5] for name, column in table.items()}
    found: dict[str, Callable[[], Any]] = {
        f"Network 20-{width}-{width}-{width}-2": lambda: explain(network, row, answer=1)
    }
    for n_folds in (2, 8):
        progress(f"training {n_folds} networks of 3 x {width} ...")
        model = TableClassifier(
            hidden=(width,) * 3, epochs=1, n_folds=n_folds, n_repeats=1, random_state=0
        ).fit(table, target="class")
        name = f"{n_folds} networks of 3 x {width}, 11 columns"
        found[name] = lambda model=model: explain(model, cells)  # type: ignore[misc]
    return found


def of_real_tables(tables: list[RealTable], width: int, rounds: int) -> list[dict[str, Any]]:
    """Explain a row of each that has categories or missing cells, by two networks."""
    found = []
    for table in tables:
        x, rows, y, _ = table.split(0)
        x, y = x.iloc[:ROWS_TO_FIT], y.iloc[:ROWS_TO_FIT]
        words = x.select_dtypes(exclude="number").columns
        if not len(words) and not x.isna().any(axis=None):
            continue
        progress(f"training on {table.name} ...")
        kind = TableClassifier if table.task == CLASSES else TableRegressor
        settings = {"hidden": (width,) * 3, "epochs": 2, "n_folds": 2, "n_repeats": 1}
        model = kind(random_state=0, **settings).fit(x, y)
        row = rows.iloc[int(rows.isna().sum(axis=1).to_numpy().argmax())]
        explain(model, row)
        seconds = []
        for _ in range(rounds):
            started = time.perf_counter()
            explanation = explain(model, row)
            explanation.to_text()
            seconds.append(time.perf_counter() - started)
        parts = explanation.contributions
        sizes = sum(map(abs, parts.values()))
        found.append(
            {
                "table": table.name,
                "columns": x.shape[1],
                "categories": len(words),
                "missing": int(row.isna().sum()),
                "seconds": median(seconds),
                "own_names": set(parts) <= set(x.columns),
                "missed": abs(explanation.attribution.gap) / sizes if sizes else 0.0,
            }
        )
    return found


def show_real(found: list[dict[str, Any]], width: int) -> Table:
    """The real tables, each a line."""
    shown = Table(
        "row of", "columns", "words", "missing", "seconds", "names", "sum off",
        title=f"Rows of real tables, by 2 networks of 3 x {width}",
    )  # fmt: skip
    for each in found:
        shown.add_row(
            each["table"], str(each["columns"]), str(each["categories"]), str(each["missing"]),
            f"{each['seconds']:.2f}", "own" if each["own_names"] else "OTHERS",
            f"{100 * each['missed']:.2f} %",
        )  # fmt: skip
    return shown


def main() -> None:
    """Measure, print, and complain with exit code 1 where the target is missed."""
    chosen = arguments()
    width, n_rows = (16, 200) if chosen.smoke else (256, 2_000)
    results: dict[str, Any] = {}
    table = Table("one row of", "explained in", "text in", "characters")
    for name, run in subjects(width, n_rows).items():
        run()  # what is imported or compiled once
        seconds: list[float] = []
        writing: list[float] = []
        for _ in range(chosen.rounds):
            started = time.perf_counter()
            explanation = run()
            seconds.append(time.perf_counter() - started)
            started = time.perf_counter()
            text = explanation.to_text()
            writing.append(time.perf_counter() - started)
        results[name] = {"explain": seconds, "text": writing, "characters": len(text)}
        table.add_row(
            name, f"{median(seconds):.3f} s", f"{median(writing):.3f} s", f"{len(text):,}"
        )
    console = Console()
    console.print(table)
    real = made() if chosen.smoke else listed(chosen.folder) if chosen.folder else []
    seen = of_real_tables(real, width, chosen.rounds)
    if seen:
        console.print(show_real(seen, width))
        results["tables"] = seen
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=2))
    wrong = [e["table"] for e in seen if not e["own_names"] or e["missed"] > MOST_MISSED]
    if wrong:
        sys.exit(f"names or sums are wrong on {', '.join(wrong)}")
    one = next(iter(results.values()))
    taken = median(one["explain"]) + median(one["text"])
    if not chosen.smoke and taken > TARGET_SECONDS:
        sys.exit(f"{taken:.2f} s for one network of 3 x {width}; {TARGET_SECONDS:g} s were wanted")


if __name__ == "__main__":
    main()
