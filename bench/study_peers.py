"""A study's own fits beside scikit-learn's networks: the same shapes, batches, rate and stopping.

    python bench/study_peers.py folder --results study_peers.jsonl

For each table that the folder's index.csv lists (at most `--rows` rows of each, drawn at random)
and for ten made ones, networks of each shape and activation are fitted as a study fits them, and by
scikit-learn's `MLPClassifier` or `MLPRegressor`: standard-scaled inputs, missing numbers filled
with the median and marked, a column for each category, a target that is a number brought to a
spread of 1, and the same batches, learning rate, epochs at most and epochs without improvement,
watched on as large a share of the training rows. Scores are accuracy or R² of the rows held out by
the folds of a repeated cross-validation, the same for both.

It prints scikit-learn's score, the difference (ours less theirs) and its standard error over the
folds, corrected for repeated cross-validation (Nadeau and Bengio 2003), marks what is behind by
more than one such error, and then sums up each shape over all tables.

Each fit is a line of the results file, and is not done again; with `--again` ours are.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from accuracy.tables import CLASSES, NUMBER, listed, made
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, r2_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from layerwise.study import DepthStudy
from layerwise.study.configurations import configurations_of
from layerwise.study.one_fit import fit_one, watched_rows
from layerwise.study.plan import Plan, make_plan
from layerwise.study.results import Configuration
from layerwise.study.study_table import Fold, StudyTable

FOLDS = 5
WHOSE = ("ours", "theirs")
MADE_ROWS = 400


@dataclass(frozen=True)
class Raw:
    """A table by name: its columns as they are, and what is to be predicted."""

    name: str
    task: str
    x: pd.DataFrame
    y: np.ndarray


_SPREADS: dict[str, Any] = {
    "normal": lambda random, n: random.normal(size=n),
    "uniform": lambda random, n: random.uniform(-2, 2, n),
    "heavy": lambda random, n: random.standard_t(3, n),
    "lognormal": lambda random, n: np.exp(random.normal(size=n)),
}
# How inputs are spread, which share of cells is missing, the columns.
_MADE: dict[str, tuple[str, float, list[str]]] = {
    "sine_square": ("normal", 0.1, ["a", "b"]),
    "sine_uniform": ("uniform", 0.0, ["a", "b", "c"]),
    "sine_heavy": ("heavy", 0.1, ["a", "b", "c"]),
    "linear_heavy": ("heavy", 0.0, ["a", "b", "c"]),
    "noise": ("normal", 0.0, ["a", "b", "c"]),
    "product": ("normal", 0.0, ["a", "b", "c"]),
    "log": ("lognormal", 0.0, ["a", "b", "c", "colour"]),
    "xor": ("uniform", 0.0, ["a", "b", "c"]),
    "ring": ("normal", 0.1, ["a", "b", "c"]),
    "half": ("heavy", 0.1, ["a", "b", "c"]),
}


def made_tables(n: int) -> Iterator[Raw]:
    """Tables of n rows whose truth is known."""
    for name, (spread, missing, columns) in _MADE.items():
        random = np.random.default_rng(sum(name.encode()))
        a, b, c = (_SPREADS[spread](random, n) for _ in range(3))
        noise, colour = random.normal(size=n), random.choice(["red", "green", "blue"], n)
        task = CLASSES if name in {"xor", "ring", "half"} else NUMBER
        y = {
            "sine_square": np.sin(2 * a) + b**2 + 0.3 * noise,
            "sine_uniform": np.sin(2 * a) + b**2 + 0.3 * noise,
            "sine_heavy": np.sin(2 * a) + 0.3 * noise,
            "linear_heavy": a - 2 * b + 0.5 * noise,
            "noise": noise,
            "product": a * b + 0.3 * noise,
            "log": np.log(np.abs(a)) + 0.3 * noise
            + np.where(colour == "red", 1, -1) * np.log(np.abs(b)),
            "xor": a * b + 0.1 * noise > 0,
            "ring": a**2 + b**2 + 0.3 * noise < 1.4,
            "half": a + b - c + 0.5 * noise > 0,
        }[name]  # fmt: skip
        x = pd.DataFrame({"a": a, "b": b, "c": c, "colour": colour})[columns]
        for column in x if missing else ():
            x.loc[random.random(n) < missing, column] = None
        yield Raw(name, task, x, np.where(y, "yes", "no") if task == CLASSES else y)


def public_tables(folder: Path, most: int) -> Iterator[Raw]:
    """A folder's tables, at most so many rows of each, without classes of fewer than 10 of them."""
    for table in listed(folder):
        frame = table.frame()
        if len(frame) > most:
            frame = frame.sample(most, random_state=0).sort_index()
        if table.task == CLASSES:
            frame = frame[frame.groupby(table.target)[table.target].transform("size") >= 10]
        frame = frame.reset_index(drop=True)
        x, y = frame.drop(columns=table.target), frame[table.target].to_numpy()
        yield Raw(table.name, table.task, x, y)


def prepared(raw: Raw, options: argparse.Namespace) -> tuple[StudyTable, Plan]:
    """The rows as a study gets them, and a plan of the shapes that are asked for."""
    study = DepthStudy(task=raw.task, folds=FOLDS, seeds=options.repeats, epochs=options.epochs)
    rows = study.rows(raw.x, raw.y)
    plan = make_plan(study, rows)
    wanted: list[Configuration] = []
    for shape in options.shapes:
        depth, width = map(int, shape.split("x"))
        wanted += configurations_of(rows.inputs, [depth], [width], options.activations)[1:]
    numbered = tuple(replace(c, number=number) for number, c in enumerate(wanted))
    return rows, replace(plan, configurations=numbered)


def peer(raw: Raw, plan: Plan, configuration: Configuration, share: float, seed: int) -> Any:
    """Scikit-learn's network of the same shape, which takes the raw columns."""
    numbers = list(raw.x.select_dtypes("number").columns)
    categories = [name for name in raw.x if name not in numbers]
    filled = SimpleImputer(strategy="median", add_indicator=True)
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(filled, StandardScaler()), numbers),
            ("categories", one_hot, categories),
        ]
    )
    settings: dict[str, Any] = {
        "hidden_layer_sizes": configuration.hidden,
        "activation": {"sigmoid": "logistic"}.get(
            str(configuration.activation), configuration.activation
        ),
        "batch_size": plan.batch_size,
        "learning_rate_init": plan.learning_rate,
        "max_iter": plan.epochs,
        "early_stopping": True,
        "validation_fraction": share,
        "n_iter_no_change": plan.patience,
        "random_state": seed,
    }
    if raw.task == CLASSES:
        return make_pipeline(columns, MLPClassifier(**settings))
    network = MLPRegressor(**settings)
    return make_pipeline(columns, TransformedTargetRegressor(network, transformer=StandardScaler()))


def of_peer(
    raw: Raw, fold: Fold, held_out: Any, plan: Plan, configuration: Configuration, seed: int
) -> float:
    """Scikit-learn's score on the rows held out."""
    train = np.setdiff1d(np.arange(len(raw.y)), held_out)
    share = len(watched_rows(fold, seed)) / len(fold.problem)
    model = peer(raw, plan, configuration, share, seed)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(raw.x.iloc[train], raw.y[train])
    predicted, y = model.predict(raw.x.iloc[held_out]), raw.y[held_out]
    return float(accuracy_score(y, predicted) if raw.task == CLASSES else r2_score(y, predicted))


Key = tuple[str, str, str, int, int]  # whose, table, network, repeat, fold


def compare(raw: Raw, options: argparse.Namespace, done: dict[Key, Any], file: Any) -> None:
    """Fit what is not there yet, and write it."""
    rows, plan = prepared(raw, options)
    if len(rows) != len(raw.y):
        raise ValueError(f"{raw.name} has rows without a target")
    for split, held_out in rows.splits(FOLDS, options.repeats, plan.seed).items():
        fold = rows.fold(held_out, plan.seed)
        for configuration in plan.configurations:
            for whose in WHOSE:
                key = (whose, raw.name, configuration.name, *split)
                if key in done:
                    continue
                began = time.perf_counter()
                if whose == "ours":
                    score = fit_one(fold, configuration, plan, split).score
                else:
                    seed = 1_009 * split[0] + split[1]
                    score = of_peer(raw, fold, held_out, plan, configuration, seed)
                done[key] = {"key": key, "score": score, "seconds": time.perf_counter() - began}
                if file is not None:
                    file.write(json.dumps(done[key]) + "\n")
                    file.flush()


def difference(ours: list[float], theirs: list[float]) -> tuple[float, float, float]:
    """(their mean score, the mean difference, its standard error) of one network on one table."""
    gains = np.array(ours) - np.array(theirs)
    error = float("nan")
    if len(gains) > 1:
        error = gains.std(ddof=1) * (1 / len(gains) + 1 / (FOLDS - 1)) ** 0.5
    return float(np.mean(theirs)), float(gains.mean()), float(error)


def show(done: dict[Key, Any]) -> None:
    """Print the differences, and each shape over all tables."""
    cells: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for whose, *rest in done:
        if whose == "ours" and ("theirs", *rest) in done:
            cells[rest[0], rest[1]].append([done[who, *rest]["score"] for who in WHOSE])
    found = {cell: difference(*zip(*scores, strict=True)) for cell, scores in cells.items()}
    tables, networks = (list(dict.fromkeys(names)) for names in zip(*cells, strict=True))
    print("scikit-learn's score, and ours less theirs ± its standard error, in hundredths;")
    print("! behind by more than that error")
    print(f"{'':26}" + "".join(f"{name:>20}" for name in networks))
    for table in tables:
        shown = ""
        for network in networks:
            if (table, network) not in found:
                shown += f"{'–':>20}"
                continue
            theirs, gain, error = found[table, network]
            mark = "!" if gain < -error else " "
            shown += f"{100 * theirs:7.1f}{100 * gain:+6.1f} ±{100 * error:4.1f}{mark}"
        print(f"{table:26}{shown}")
    print()
    for network in networks:
        of_shape = [found[table, network] for table in tables if (table, network) in found]
        gains = np.array([gain for _, gain, _ in of_shape])
        spread = gains.std(ddof=1) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
        behind = sum(gain < -error for _, gain, error in of_shape)
        ahead = sum(gain > error for _, gain, error in of_shape)
        print(
            f"{network:14} {100 * gains.mean():+5.2f} ± {100 * spread:.2f} on {len(gains)} tables; "
            f"ahead by more than its error on {ahead}, behind on {behind}"
        )
    for who in WHOSE:
        seconds = [line["seconds"] for key, line in done.items() if key[0] == who]
        print(f"{who}: {sum(seconds) / len(seconds):.2f} seconds a fit")


def main() -> None:
    """Run what is not done yet, and print all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", help="with an index.csv; none: made tables")
    parser.add_argument("--results", type=Path, default=Path("study_peers.jsonl"))
    parser.add_argument("--only", help="names of tables, with semicolons between them")
    parser.add_argument("--rows", type=int, default=1_500)
    parser.add_argument("--shapes", nargs="+", default=["1x16", "2x16", "3x64"])
    parser.add_argument("--activations", nargs="+", default=["relu", "tanh"])
    parser.add_argument("--repeats", type=int, default=3, help="of the cross-validation")
    parser.add_argument("--epochs", type=int, help="at most; none: as a study's")
    parser.add_argument("--again", action="store_true", help="fit ours anew, as after a change")
    parser.add_argument("--smoke", action="store_true", help="two tiny tables")
    options = parser.parse_args()
    done: dict[Key, Any] = {}
    if options.smoke:
        options.repeats, options.epochs, options.shapes = 1, 2, ["1x4"]
        for table in made():
            frame = table.frame()
            x, y = frame.drop(columns=table.target), frame[table.target].to_numpy()
            compare(Raw(table.name, table.task, x, y), options, done, None)
        show(done)
        return
    tables = [*made_tables(MADE_ROWS)]
    if options.folder is not None:
        tables += public_tables(options.folder, options.rows)
    if options.only:
        tables = [table for table in tables if table.name in options.only.split(";")]
    if options.results.exists():
        lines = map(json.loads, options.results.read_text().splitlines())
        done = {tuple(line["key"]): line for line in lines}
    if options.again:
        done = {key: line for key, line in done.items() if key[0] == "theirs"}
    with options.results.open("a") as file:
        for raw in tables:
            print(f"{raw.name}: {len(raw.y)} rows", file=sys.stderr, flush=True)
            compare(raw, options, done, file)
    names = {raw.name for raw in tables}
    show({key: line for key, line in done.items() if key[1] in names})


if __name__ == "__main__":
    main()
