"""One fit, in a process of its own, so that a crash loses one fit and no import is timed.

The process first does a tiny fit of the same kind, whichever the library: imports, thread pools
and compiled code (which ours loads from its cache) are there when the clock starts. Timed is
everything from the data frame in memory to the fitted model, then from the test rows' data frame
to their predictions.
"""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Any

import machine
import numpy as np

from accuracy.added_columns import WithAdded
from accuracy.models import MODELS, Model, Settings, for_frame
from accuracy.process import answer
from accuracy.tables import CLASSES, Table, listed, made

WARM_ROWS = 48


def fit(
    model: str, table: str, folder: str | None, seed: int, added: str | None = None
) -> dict[str, Any]:
    """The line that goes to the results file."""
    chosen = MODELS[model]
    version = chosen.version()  # before its code is loaded, which may be edited meanwhile
    tables = made() if folder is None else listed(Path(folder))
    if added is not None:
        tables = [WithAdded.of(each, added) for each in tables]
    on = next(each for each in tables if each.name == table)
    warm = next(each for each in made(WARM_ROWS) if each.task == on.task)
    _timed(chosen, warm, seed, quick=True)
    return {
        "model": model,
        "version": version,
        "table": table,
        "fingerprint": on.fingerprint,
        "seed": seed,
        **_timed(chosen, on, seed),
        "cores": machine.cores(),
        "processor": machine.processor(),
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _timed(model: Model, table: Table, seed: int, *, quick: bool = False) -> dict[str, Any]:
    x, x_test, y, y_test = table.split(seed)
    settings = Settings(table.task, seed, machine.cores(), quick=quick)
    gc.collect()
    neighbours = machine.Neighbours()
    start = time.perf_counter()
    fitted = model.make(for_frame(settings, x)).fit(x, y)
    middle = time.perf_counter()
    classes = fitted.classes_ if table.task == CLASSES else None
    predicted = fitted.predict(x_test) if classes is None else fitted.predict_proba(x_test)
    end = time.perf_counter()
    others = neighbours.cores()
    used = [c.name for c in fitted.columns_ if c.is_used] if model.ours else None
    return {
        "score": _score(y_test, predicted, classes),
        "fit_seconds": middle - start,
        "predict_seconds": end - middle,
        "test_rows": len(y_test),
        "others_cores": others,
        **({} if used is None else table.judged(used)),
    }


def _score(y: Any, predicted: Any, classes: Any) -> float:
    """Log loss where there are classes, else 1 - R2.

    Probabilities are kept from 0 by what float32 can tell from 1, for float64's givers too.
    """
    truth, predicted = np.asarray(y), np.asarray(predicted, dtype=np.float64)
    if not np.isfinite(predicted).all():
        raise ValueError("not every prediction is a finite number")
    if classes is None:
        off = truth - predicted.reshape(truth.shape)
        return float(np.sum(off**2) / np.sum((truth - truth.mean()) ** 2))
    least = float(np.finfo(np.float32).eps)
    p = np.clip(predicted, least, 1 - least)
    p /= p.sum(axis=1, keepdims=True)
    column = {label: number for number, label in enumerate(classes)}
    return float(-np.log(p[np.arange(len(p)), [column[label] for label in truth]]).mean())


if __name__ == "__main__":
    answer(fit)
