"""How the time of a fit grows with rows and with columns, and what becomes of very wide tables.

    python bench/wide.py                 # minutes: each fit in turn, beside gradient-boosted trees
    python bench/wide.py --only wide     # tables of more columns than rows alone

Made tables: `rows` has 20 columns, of which three tell something; `columns` has 3,000 rows, and all
columns tell something, or three do; `wide` has far more columns than rows, ten of which matter,
beside logistic regression with an L1 penalty found by cross-validation; `noise` has none that does.
Trees are scikit-learn's. Tables go to stdout, progress to stderr. `--smoke` is tiny.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any

import machine
import numpy as np
from parts.common import progress
from parts.tables import titled
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import log_loss, r2_score

from layerwise import TableClassifier, TableRegressor

PARTS = ("rows", "columns", "wide", "noise")
_TESTED = 1_000


def few_of_many(n: int, p: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, three of which tell something: sin(x1) + x2 x3 and noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, p))
    return x, np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.3 * random.normal(size=n)


def all_of_many(n: int, p: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, each of which tells something: lines, waves, steps and products."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, p))
    y = np.zeros(n)
    for i, size in enumerate(random.normal(size=p)):
        forms = (x[:, i], np.sin(2 * x[:, i]), 2.0 * (x[:, i] > 0.3), x[:, i] * x[:, i - 1])
        y += size * forms[i % 4]
    return x, y / y.std() + 0.3 * random.normal(size=n)


def wide(n: int, p: int, n_told: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, some of which two classes depend on."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, p))
    sizes = random.choice([-1.0, 1.0], n_told) * (1 + random.random(n_told))
    score = 3 * x[:, :n_told] @ sizes / max(1.0, np.sqrt((sizes**2).sum()))
    return x, (random.random(n) < 1 / (1 + np.exp(-score))).astype(int)


def _timed(model: Any, x: np.ndarray, y: np.ndarray) -> tuple[Any, float]:
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y)
    return model, time.perf_counter() - started


def numbers(title: str, sizes: list[tuple[int, int]], make: Any, effort: str) -> Table:
    """R² and seconds, a row for each size."""
    table = titled(title, "columns used", "R²", "seconds", "trees' R²", "trees' seconds")
    for n, p in sizes:
        x, y = make(n + _TESTED, p, 0)
        ours, seconds = _timed(TableRegressor(effort=effort, random_state=0), x[:n], y[:n])
        trees, of_trees = _timed(HistGradientBoostingRegressor(random_state=0), x[:n], y[:n])
        used = sum(column.is_used for column in ours.columns_)
        scores = [r2_score(y[n:], model.predict(x[n:])) for model in (ours, trees)]
        cells = f"{used}", f"{scores[0]:.3f}", f"{seconds:.1f}", f"{scores[1]:.3f}"
        table.add_row(f"{n:,} x {p:,}", *cells, f"{of_trees:.2f}")
        progress(f"{n:,} x {p:,}: {seconds:.1f} s")
    return table


def classes(title: str, sizes: list[tuple[int, int, int]], seeds: int, effort: str) -> Table:
    """Log loss on as many new rows, and seconds; the mean over seeds."""
    lasso = LogisticRegressionCV(
        penalty="l1", solver="liblinear", Cs=10, cv=5, scoring="neg_log_loss", random_state=0
    )
    table = titled(title, "columns used", "log loss", "seconds", "L1 logistic", "trees", "shares")
    for n, p, n_told in sizes:
        found = []
        for seed in range(seeds):
            x, y = wide(2 * n, p, n_told, seed)
            ours, seconds = _timed(TableClassifier(effort=effort, random_state=0), x[:n], y[:n])
            others = [
                _timed(model, x[:n], y[:n])[0]
                for model in (lasso, HistGradientBoostingClassifier(random_state=0))
            ]
            losses = [log_loss(y[n:], m.predict_proba(x[n:])) for m in (ours, *others)]
            shares = np.tile(np.bincount(y[:n], minlength=2) / n, (n, 1))
            used = sum(column.is_used for column in ours.columns_)
            found.append([used, losses[0], seconds, *losses[1:], log_loss(y[n:], shares)])
            progress(f"{n:,} x {p:,}, seed {seed}: {seconds:.1f} s")
        used, loss, seconds, *rest = np.mean(found, axis=0)
        cells = f"{used:.0f}", f"{loss:.3f}", f"{seconds:.1f}", *(f"{one:.3f}" for one in rest)
        table.add_row(f"{n:,} x {p:,}, {n_told} tell", *cells)
    return table


def main() -> None:
    """Fit, and print a table for each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=PARTS, help="all parts unless told")
    parser.add_argument("--seeds", type=int, default=5, help="of wide tables")
    parser.add_argument("--smoke", action="store_true", help="tiny tables, to see that it runs")
    chosen = parser.parse_args()
    parts = PARTS if chosen.only is None else (chosen.only,)
    effort, seeds = ("low", 1) if chosen.smoke else ("high", chosen.seeds)
    rows = [(n, 20) for n in ((60,) if chosen.smoke else (1_000, 4_000, 16_000, 64_000))]
    columns = [(60, 12)] if chosen.smoke else [(3_000, p) for p in (10, 100, 400)]
    wides = [(40, 60, 2)] if chosen.smoke else [(60, 5_000, 3), (500, 20_000, 10)]
    console = Console(highlight=False, width=140)
    about = machine.describe()
    console.print(machine.headline(about))
    if "rows" in parts:
        console.print(numbers("Three columns tell something", rows, few_of_many, effort))
    if "columns" in parts:
        console.print(numbers("Three columns tell something", columns, few_of_many, effort))
        console.print(numbers("All columns tell something", columns, all_of_many, effort))
    if "wide" in parts:
        console.print(classes("More columns than rows", wides, seeds, effort))
    if "noise" in parts:
        noise = [(n, p, 0) for n, p, _ in wides]
        console.print(classes("No column tells anything", noise[:1], seeds, effort))


if __name__ == "__main__":
    main()
