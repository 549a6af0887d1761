"""Ways to choose columns beside the tests that `fit` uses: what they keep, how long they take.

    python bench/selection_ways.py TABLES_DIR                     # six tables of numbers: minutes
    python bench/selection_ways.py TABLES_DIR --only tests --tables kin8nm --seeds 0,1,2

To at most 3,000 rows of each table 50 columns are added that say nothing (see selection.py). Each
way sees the training rows, three quarters, and says which columns to keep: shadow columns (Kursa
and Rudnicki 2010) with extremely randomised trees; permutation importance of a first quick bag of
networks; and, in networks of two hidden layers of 64 nodes, stochastic gates (Yamada et al. 2020),
LassoNet (Lemhadri et al. 2021) and group lasso on each column's first weights, whose strength is
chosen by a quarter of the rows. What is kept is then given to the same networks of ours. Without
PyTorch these three are left out. Tables go to stdout, progress to stderr. `--smoke` runs tiny made
tables, to see that it runs.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import machine
import numpy as np
import pandas as pd
from accuracy.added_columns import NOISE, WithAdded
from accuracy.fits import headed_console, words
from accuracy.tables import CLASSES, listed, made
from choosing_networks import by_gates, by_path, group_lasso, hierarchical
from parts.common import progress
from parts.tables import titled
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss, r2_score
from sklearn.model_selection import train_test_split

from layerwise import TableClassifier, TableRegressor

TABLES = ("concrete", "segment", "phoneme", "kin8nm", "california_housing", "letter")


def ours(is_classes: bool, seed: int, **options: Any) -> Any:
    """A quarter of the networks that `fit` trains unless told."""
    kind = TableClassifier if is_classes else TableRegressor
    return kind(effort="low", random_state=seed, **options)


def by_tests(x: pd.DataFrame, y: Any, is_classes: bool, seed: int) -> Any:
    """What `fit` does before its networks are trained."""
    model = ours(is_classes, seed, epochs=1, hidden=(1,)).fit(x, y)
    return [column.is_used for column in model.columns_]


def by_shadows(x: pd.DataFrame, y: Any, is_classes: bool, seed: int) -> Any:
    """More important than 95 % of the columns' own shuffled copies, in two of three forests."""
    random, wins = np.random.default_rng(seed), np.zeros(x.shape[1])
    kind = ExtraTreesClassifier if is_classes else ExtraTreesRegressor
    for again in range(3):
        values = x.to_numpy(float)
        both = np.hstack([values, random.permuted(values, axis=0)])
        forest = kind(200, min_samples_leaf=5, random_state=3 * seed + again).fit(both, y)
        gain, of_shadows = np.split(forest.feature_importances_, 2)
        wins += gain > np.quantile(of_shadows, 0.95)
    return wins >= 2


def by_permutation(x: pd.DataFrame, y: Any, is_classes: bool, seed: int) -> Any:
    """By shuffling it networks that are given all lose, on a quarter of the rows, beyond chance."""
    by = y if is_classes else None
    x, x_out, y, y_out = train_test_split(x, y, test_size=0.25, random_state=seed, stratify=by)
    model = ours(is_classes, seed, selection=False).fit(x, y)
    loss = permutation_importance(model, x_out, y_out, n_repeats=5, random_state=seed)
    return loss.importances_mean > 2 * loss.importances_std


WAYS: dict[str, Callable[..., Any]] = {
    "tests": by_tests,
    "shadow columns": by_shadows,
    "permutation": by_permutation,
    "stochastic gates": by_gates,
    "LassoNet": by_path(hierarchical),
    "group lasso": by_path(group_lasso),
}
WITHOUT_TORCH = ("tests", "shadow columns", "permutation")


def measured(table: WithAdded, seed: int, ways: Sequence[str]) -> Iterator[list[float]]:
    """Of each way precision, recall, seconds, and the test loss over that of the real columns."""
    is_classes = table.task == CLASSES
    x, x_test, y, y_test = table.split(seed)
    x, x_test = (each.select_dtypes("number").fillna(0.0) for each in (x, x_test))
    is_real = np.array([not name.startswith(f"{NOISE} ") for name in x])

    def loss(kept: np.ndarray) -> float:
        model = ours(is_classes, seed, selection=False).fit(x.loc[:, kept], y)
        if is_classes:
            return float(log_loss(y_test, model.predict_proba(x_test.loc[:, kept])))
        return 1 - float(r2_score(y_test, model.predict(x_test.loc[:, kept])))

    least = loss(is_real)
    for way in ways:
        started = time.perf_counter()
        kept = np.asarray(WAYS[way](x, y, is_classes, seed))
        seconds = time.perf_counter() - started
        n_real, ratio = (kept & is_real).sum(), loss(kept) / least if kept.any() else float("nan")
        yield [n_real / max(1, kept.sum()), n_real / is_real.sum(), seconds, ratio]
        progress(f"{table.name}, seed {seed}, {way}: {kept.sum()} kept, {n_real} real, {ratio:.3f}")


def main() -> None:
    """Let each way choose; print what it kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, metavar="TABLES_DIR")
    parser.add_argument("--only", type=words, metavar="WAYS", help=f"of {', '.join(WAYS)}")
    parser.add_argument("--tables", type=words, metavar="NAMES", default=TABLES)
    parser.add_argument("--seeds", type=words, metavar="SEEDS", default=["0"], help="0 unless told")
    parser.add_argument("--smoke", action="store_true", help="tiny made tables, without PyTorch")
    chosen = parser.parse_args()
    if (chosen.folder is None) != chosen.smoke:
        parser.error("name the folder of tables, or --smoke: make's TABLES=folder")
    if unknown := sorted(set(chosen.only or ()) - set(WAYS)):
        parser.error(f"no way {', '.join(unknown)}; there are {', '.join(WAYS)}")
    every = made() if chosen.smoke else listed(chosen.folder)
    added = "10 noise" if chosen.smoke else "50 noise"
    tables = [each for each in every if chosen.smoke or each.name in chosen.tables]
    has_torch = not chosen.smoke and find_spec("torch") is not None
    ways = [way for way in (WAYS if has_torch else WITHOUT_TORCH) if way in (chosen.only or WAYS)]
    printed = titled(f"Precision, recall of the real columns; {added} added", *ways)
    found = []
    for table in tables:
        rows = [list(measured(WithAdded.of(table, added), int(s), ways)) for s in chosen.seeds]
        found += rows
        printed.add_row(table.name, *(f"{a:.2f}, {b:.2f}" for a, b, *_ in np.mean(rows, axis=0)))
    for name, row in zip(
        ("precision", "recall", "seconds"), np.mean(found, axis=0).T, strict=False
    ):
        printed.add_row(name, *(f"{figure:.2f}" for figure in row))
    ratios = np.exp(np.log(np.array(found)[:, :, 3]).mean(axis=0))
    printed.add_row("loss / real columns'", *(f"{ratio:.3f}" for ratio in ratios))
    headed_console(machine.describe()).print(printed)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
