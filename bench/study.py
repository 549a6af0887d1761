"""How fast a study is: 31 networks, 5 folds each, beside scikit-learn's grid search.

    python bench/study.py --rounds 3 --json study.json

A linear model, and depths 1 to 5 with widths 16 and 64 and logistic, tanh and ReLU, each trained
for 50 epochs of batches of 32 rows on a made table of 5,000 rows and 20 columns, nothing pruned and
nothing stopped early. It prints, of interleaved rounds,

- seconds of `DepthStudy` with one and with two one-thread workers, their processes started, the
  engine compiled and loaded before (target: two at least 1.7 times faster than one);
- seconds of the same study by `GridSearchCV` over `MLPClassifier`, at one and at two jobs, its
  processes started before too (target: the quicker at least 15 times slower than ours at its
  quicker).

`DepthStudy` measures gradients, and keeps every fit in a database; all of that is in its time. The
trees that it would score on the same folds, and the networks that `fit` would train, are left out,
since a grid search has none.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import machine
import numpy as np
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from layerwise import DepthStudy

FASTER_THAN_SCIKIT_LEARN, TWO_WORKERS = 15.0, 1.7
FOLDS, BATCH, RATE = 5, 32, 1e-3


def table(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of 20 numbers, and which of 3 classes each is of."""
    x, y = make_classification(
        n, 20, n_informative=12, n_classes=3, n_clusters_per_class=4, random_state=0
    )
    return x.astype(np.float32), y  # in which scikit-learn is quickest too


def ours(x: Any, y: Any, depths: int, widths: list[int], epochs: int, workers: int) -> float:
    """Seconds of the study, and not of what comes before: processes are there already."""
    study = DepthStudy(
        depth=range(1, depths + 1),
        width=widths,
        activation=["sigmoid", "tanh", "relu"],
        folds=FOLDS,
        seeds=1,
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=RATE,
        early_stopping=False,
        pruning=False,
        trees=False,
        fit_score=False,
        workers=workers,
    )
    started = time.perf_counter()
    study.fit(x, y)
    seconds = time.perf_counter() - started
    wanted = FOLDS * (1 + depths * len(widths) * 3)
    assert len(study.study_.fits) == wanted, study.study_.failed
    return seconds


def scikit_learn(x: Any, y: Any, depths: int, widths: list[int], epochs: int, jobs: int) -> float:
    """Seconds of the same by a grid search."""
    network = MLPClassifier(
        batch_size=BATCH,
        learning_rate_init=RATE,
        max_iter=epochs,
        n_iter_no_change=epochs + 1,
        random_state=0,
    )
    sizes = [(width,) * depth for depth in range(1, depths + 1) for width in widths]
    name = "mlpclassifier"
    grid = [
        {f"{name}__hidden_layer_sizes": [()]},
        {
            f"{name}__hidden_layer_sizes": sizes,
            f"{name}__activation": ["logistic", "tanh", "relu"],
        },
    ]
    search = GridSearchCV(
        make_pipeline(StandardScaler(), network),
        grid,
        cv=StratifiedKFold(FOLDS, shuffle=True, random_state=0),
        n_jobs=jobs,
        refit=False,
        return_train_score=True,  # as the study does
        error_score="raise",
    )
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        search.fit(x, y)
    return time.perf_counter() - started


def say(text: str) -> None:
    """A line to whoever waits."""
    print(text, file=sys.stderr, flush=True)


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds of each contestant, by round."""
    x, y = table(options.rows)
    size = (options.depths, options.widths, options.epochs)
    seconds: dict[str, list[float]] = {}
    jobs = [1, 2]
    for number in range(options.rounds):
        for workers in (1, 2):
            # Processes are started, and what they run is loaded, with a study of no size.
            ours(x[:200], y[:200], 1, [4], 1, workers)
            taken = ours(x, y, *size, workers)
            seconds.setdefault(f"{workers} worker", []).append(taken)
            say(f"round {number + 1}: Layerwise, {workers} workers: {taken:.1f} s")
        for n in jobs if not options.alone else []:
            warm = (x[:200], y[:200], 1, [4], 1)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scikit_learn(*warm, n)
                taken = scikit_learn(x, y, *size, n)
            seconds.setdefault(f"{n} job", []).append(taken)
            say(f"round {number + 1}: scikit-learn, {n} jobs: {taken:.1f} s")
        if number == 0 and not options.alone:
            jobs = [min(jobs, key=lambda n: seconds[f"{n} job"][0])]
    return seconds


def show(seconds: dict[str, list[float]], options: argparse.Namespace) -> None:
    """Print what was measured, and the ratios within each round."""
    for name, values in seconds.items():
        who = "scikit-learn" if "job" in name else "Layerwise"
        plural = "" if name.startswith("1") else "s"
        shown = ", ".join(f"{value:.1f}" for value in values)
        print(f"{who:13} {name}{plural:1}  {shown} s; median {statistics.median(values):.1f}")
    one, two = seconds["1 worker"], seconds["2 worker"]
    ratio = statistics.median(a / b for a, b in zip(one, two, strict=True))
    target = "" if options.smoke else f" (target {TWO_WORKERS})"
    print(f"two workers are {ratio:.2f} times as fast as one{target}")
    theirs = [values for name, values in seconds.items() if "job" in name]
    if theirs:
        best = max(theirs, key=len) if options.rounds > 1 else min(theirs)
        quick = [min(pair) for pair in zip(one, two, strict=True)]
        ratio = statistics.median(a / b for a, b in zip(best, quick, strict=True))
        target = "" if options.smoke else f" (target {FASTER_THAN_SCIKIT_LEARN:g})"
        print(f"Layerwise is {ratio:.1f} times as fast as scikit-learn's grid search{target}")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--depths", type=int, default=5)
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--alone", action="store_true", help="without scikit-learn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    parser.add_argument("--smoke", action="store_true", help="tiny, to see that it runs")
    options = parser.parse_args()
    if options.smoke:
        options.rows, options.depths, options.widths, options.epochs = 300, 2, [4], 2
    about = machine.describe()
    n_networks = 1 + options.depths * len(options.widths) * 3
    print(machine.headline(about))
    print(
        f"{n_networks} networks, {FOLDS} folds, {options.epochs} epochs, batches of {BATCH}, "
        f"{options.rows:,} rows of 20 numbers"
    )
    neighbours = machine.Neighbours()
    seconds = measure(options)
    show(seconds, options)
    others = neighbours.cores()
    if others is not None:
        print(f"meanwhile others kept {others:.2f} of {about['cores']} cores busy")
    if options.json:
        found = {"about": about, "networks": n_networks, "seconds": seconds}
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
