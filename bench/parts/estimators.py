"""The same through the public classes: steps, predictions, whole fits, and the import."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from statistics import mean, median
from typing import Any

from rich.table import Table
from timing import paired_ratio
from whole_fits import SMOKE_FITS, WHOLE_FITS
from worker import Worker, interleave

from parts.common import Scale, everyone, progress, workers_for
from parts.inference import TABLE_TARGET
from parts.steps import target
from parts.tables import at_least, at_most, best_of, ours, ratios_table, times_table, titled

ONE_ROW_TARGET = 15.0
"""Microseconds that `predict_proba` of one row may take at most."""

WHOLE_FIT_TARGET = 8.0
IMPORT_TARGET = 0.1
"""Seconds that our import may take beyond scikit-learn's own."""

IMPORTS = {
    "scikit-learn": "from sklearn.neural_network import MLPClassifier",
    "layerwise": "from layerwise import MLPClassifier",
}


def run(scale: Scale) -> dict[str, Any]:
    """All of it; peers that have no estimators stand beside it with what they have."""
    subjects, missing = everyone(scale)
    subjects = [s for s in subjects if s.peer != "layerwise" or s.threads is None]
    tasks: dict[str, list[dict[str, Any]]] = {"training": [], "one_row": [], "many_rows": []}
    with workers_for(subjects) as workers:
        for net in scale.nets:
            progress(f"estimators: {net.name}")
            sizes = list(net.sizes)
            arguments = {
                "training": {"batch": net.batch, "rows": scale.train_rows},
                "one_row": {},
                "many_rows": {"rows": scale.predict_rows},
            }
            for task, rest in arguments.items():
                measured = _measure(workers, scale, task, sizes=sizes, **rest)
                tasks[task].append({"net": net.name, "rounds": measured})
        fits = {} if "layerwise" in missing else _whole_fits(workers, scale)
    return {
        "missing": missing,
        **tasks,
        "whole_fits": fits,
        "imports": {} if "layerwise" in missing else _imports(scale),
    }


def _measure(
    workers: list[Worker], scale: Scale, task: str, **arguments: Any
) -> dict[str, list[float]]:
    for worker in workers:
        own = worker.subject.peer == "layerwise"
        name = f"estimator_{task}" if own else task
        worker.ask("prepare", task=name, seconds=scale.seconds, **arguments)
    turns = {worker.subject.label: partial(worker.ask, "round") for worker in workers}
    rounds = interleave(turns, scale.rounds)
    for worker in workers:
        worker.ask("forget")
    return rounds


def _whole_fits(workers: list[Worker], scale: Scale) -> dict[str, Any]:
    pair = [w for w in workers if w.subject.peer in ("sklearn", "layerwise")]
    results: dict[str, Any] = {}
    for name in SMOKE_FITS if scale.smoke else WHOLE_FITS:
        progress(f"estimators: whole fits, {name}")
        results[name] = {
            worker.subject.label: [] for worker in pair if "mkl" not in worker.subject.label
        }
        for seed in range(1 if scale.smoke else 10):
            for worker in pair:
                if worker.subject.label in results[name]:
                    fit = worker.ask("call", function="whole_fit", name=name, seed=seed)
                    results[name][worker.subject.label].append(fit)
    return results


def _imports(scale: Scale) -> dict[str, list[float]]:
    def seconds(line: str) -> float:
        code = f"import time; s = time.perf_counter(); {line}; print(time.perf_counter() - s)"
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        return float(done.stdout)

    turns = {name: partial(seconds, line) for name, line in IMPORTS.items()}
    return interleave(turns, 1 if scale.smoke else 7)


def show(result: dict[str, Any], scale: Scale) -> list[Table]:
    """Times, then ratios beside their targets."""
    missing = result["missing"]
    limits = () if scale.smoke else (ONE_ROW_TARGET,) * 2 + (None,) * 2
    rows = f"{scale.predict_rows:,} rows"
    tables = [
        times_table("Training step through fit, microseconds", result["training"], missing, 1e-6),
        *ratios_table(
            "Training step through fit, times faster / target",
            result["training"],
            lambda *which: scale.target(target(*which)),
        ),
        times_table(
            "predict_proba of one row, microseconds / target",
            result["one_row"],
            missing,
            1e-6,
            most=limits,
        ),
        *ratios_table(
            f"predict_proba of {rows}, times faster / target",
            result["many_rows"],
            lambda *_: scale.target(TABLE_TARGET),
        ),
    ]
    if result["whole_fits"]:
        tables += [_show_fits(result["whole_fits"], scale), _show_imports(result, scale)]
    return tables


def _show_fits(fits: dict[str, Any], scale: Scale) -> Table:
    table = titled(
        "A whole fit with the defaults, medians (score: means) over seeds",
        "scikit-learn, s", "ours, s", "times faster / target", "epochs", "ours", "score", "ours",
    )  # fmt: skip
    for name, by_label in fits.items():
        rounds = {label: [fit["seconds"] for fit in each] for label, each in by_label.items()}
        theirs, mine = best_of(rounds, "sklearn"), ours("scipy")
        if theirs is None or mine not in by_label:
            continue
        ratio = paired_ratio(rounds[theirs], rounds[mine])
        table.add_row(
            name,
            f"{median(rounds[theirs]):.3f}",
            f"{median(rounds[mine]):.3f}",
            at_least(ratio, scale.target(WHOLE_FIT_TARGET)),
            *(f"{median(fit['epochs'] for fit in by_label[each]):.0f}" for each in (theirs, mine)),
            *(f"{mean(fit['score'] for fit in by_label[each]):.4f}" for each in (theirs, mine)),
        )
    return table


def _show_imports(result: dict[str, Any], scale: Scale) -> Table:
    times = {name: median(seconds) for name, seconds in result["imports"].items()}
    table = titled("Importing the class, seconds", *times, "beyond scikit-learn's / target")
    beyond = times["layerwise"] - times["scikit-learn"]
    table.add_row(
        "MLPClassifier",
        *(f"{seconds:.2f}" for seconds in times.values()),
        at_most(beyond, scale.target(IMPORT_TARGET)),
    )
    return table
