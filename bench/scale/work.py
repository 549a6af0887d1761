"""What is done with the large file, each piece of work in a process of its own.

`whole_fit` goes the way of `layerwise fit` and leaves the prepared matrix for `our_epoch` and
`torch_epoch`, which train the same network on it: ReLU, softmax, Adam, the same batches.
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import machine
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from accuracy.process import answer
from memory_use import growth

LEARNING_RATE = 1e-3
WARM_ROWS = 8_192


def whole_fit(path: str, target: str, matrix: str) -> dict[str, Any]:
    """Seconds of each phase, and memory: with the imports, the table, and at its peak."""
    from layerwise import TableClassifier
    from layerwise.tables.reading import read_table

    seconds: dict[str, float] = {}

    def timed(phase: str, work: Any) -> Any:
        start = time.perf_counter()
        done = work()
        seconds[phase] = time.perf_counter() - start
        return done

    estimator = TableClassifier(epochs=1, random_state=0)

    def fit_and_predict(table: Any) -> None:
        estimator.fit(table, target=target)
        phases = dict(estimator.fit_seconds_)
        phases.pop("all")
        seconds.update(phases)
        timed("predicting", lambda: estimator.predict_proba(table.drop_columns(target)))

    table = None

    def read() -> Any:
        nonlocal table
        table = timed("reading", lambda: read_table(path).data)
        return table

    memory = growth(read, lambda table: int(table.nbytes), fit_and_predict)
    prepared, hidden, batch = _prepared(estimator, table, target)
    np.savez(matrix, **prepared)
    return {
        "seconds": seconds,
        "memory": memory,
        "columns": int(prepared["x"].shape[1]),
        "hidden": hidden,
        "batch": batch,
    }


def _prepared(estimator: Any, table: Any, target: str) -> tuple[dict[str, Any], list[int], int]:
    """The matrix, codes of few values one-hot, the classes, the hidden layers, the batch size."""
    prepared = estimator.prepare(table.drop_columns(target))
    recipe = estimator.recipe_
    few = [codes for codes in prepared.codes.T if codes.max() < recipe.one_hot]
    one_hot = [np.eye(codes.max() + 1, dtype=np.float32)[codes, 1:] for codes in few]
    x = np.concatenate([prepared.x, *one_hot], axis=1)
    y = pc.index_in(table[target], pa.array(estimator.classes_)).to_numpy()
    return {"x": x, "y": y.astype(np.int64)}, list(recipe.hidden), recipe.batch_size


def our_epoch(matrix: str, hidden: list[int], batch: int) -> dict[str, float]:
    """Seconds of one epoch after a short one."""
    from layerwise import Adam, Architecture, Network, Trainer

    x, y = _load(matrix)
    sizes = [x.shape[1], *hidden, int(y.max()) + 1]

    def epoch(rows: int) -> float:
        network = Network(Architecture(sizes, activation="relu", output="softmax"), seed=0)
        adam = Adam(learning_rate=LEARNING_RATE)
        trainer = Trainer(optimizer=adam, batch_size=batch, epochs=1, seed=0)
        start = time.perf_counter()
        trainer.fit(network, x[:rows], y[:rows])
        return time.perf_counter() - start

    epoch(WARM_ROWS)
    return {"fit": epoch(len(x))}


def torch_epoch(matrix: str, hidden: list[int], batch: int) -> dict[str, float]:
    """The same, with rows gathered in two ways, of which the faster one counts."""
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    torch.set_num_threads(machine.cores())
    x, y = (torch.from_numpy(array) for array in _load(matrix))
    sizes = [x.shape[1], *hidden, int(y.max()) + 1]

    def epoch(rows: int, at_once: bool) -> float:
        torch.manual_seed(0)
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        model = nn.Sequential(*layers[:-1])
        optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
        start = time.perf_counter()
        order = torch.randperm(rows)
        if at_once:
            batches = zip(x[order].split(batch), y[order].split(batch), strict=True)
        else:
            batches = ((x[taken], y[taken]) for taken in order.split(batch))
        for x_batch, y_batch in batches:
            cross_entropy(model(x_batch), y_batch).backward()
            optimizer.step()
            optimizer.zero_grad()
        return time.perf_counter() - start

    ways = {"gathered at once": True, "gathered batch by batch": False}
    for at_once in ways.values():
        epoch(min(WARM_ROWS, len(x)), at_once)
    return {way: epoch(len(x), at_once) for way, at_once in ways.items()}


def _load(matrix: str) -> tuple[Any, Any]:
    with np.load(Path(matrix)) as arrays:
        return arrays["x"], arrays["y"]


WORK = {"whole_fit": whole_fit, "our_epoch": our_epoch, "torch_epoch": torch_epoch}

if __name__ == "__main__":
    answer(lambda work, **arguments: WORK[work](**arguments))
