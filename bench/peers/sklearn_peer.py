"""scikit-learn's MLPClassifier, in float32, its BLAS limited to the given threads."""

from __future__ import annotations

import warnings

import numpy as np
from memory_use import Growth, growth
from networks import table
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from threadpoolctl import threadpool_limits
from timing import Run, differenced, loop
from whole_fits import WholeFit, fit_once

warnings.simplefilter("ignore", ConvergenceWarning)

PIECE = 4096


def use_threads(threads: int | None) -> None:
    """Hold every thread pool of this process at that many, for good."""
    threadpool_limits(limits=threads)


def _classifier(sizes: list[int], batch: int, epochs: int) -> MLPClassifier:
    """Its own Adam; no penalty, and no reason to stop early, so that all peers do the same."""
    return MLPClassifier(
        tuple(sizes[1:-1]),
        alpha=0.0,
        batch_size=batch,
        learning_rate_init=1e-3,
        max_iter=epochs,
        tol=1e-12,
        n_iter_no_change=10**9,
        random_state=0,
    )


def training(sizes: list[int], batch: int, rows: int) -> dict[str, Run]:
    """Steps through `fit`; its setting up is differenced out."""
    x, y = table(rows, sizes[0], sizes[-1])

    def fit(epochs: int) -> None:
        _classifier(sizes, batch, epochs).fit(x, y)

    return {"fit": differenced(fit, -(-rows // batch))}


def _fitted(sizes: list[int]) -> MLPClassifier:
    return _classifier(sizes, 128, 1).fit(*table(512, sizes[0], sizes[-1]))


def one_row(sizes: list[int]) -> dict[str, Run]:
    """`predict_proba` of one row."""
    model = _fitted(sizes)
    row, _ = table(max(1, sizes[-1]), sizes[0], sizes[-1])
    row = row[:1]
    return {"predict_proba": loop(lambda: model.predict_proba(row))}


def many_rows(sizes: list[int], rows: int) -> dict[str, Run]:
    """`predict_proba` of a table, at once or in pieces that stay in the cache."""
    model = _fitted(sizes)
    x, _ = table(rows, sizes[0], sizes[-1])
    pieces = [x[start : start + PIECE] for start in range(0, rows, PIECE)]
    return {
        "at once": loop(lambda: model.predict_proba(x)),
        "in pieces": loop(lambda: np.concatenate([model.predict_proba(p) for p in pieces])),
    }


def whole_fit(name: str, seed: int) -> WholeFit:
    """A fit with the defaults."""
    return fit_once({"classes": MLPClassifier, "numbers": MLPRegressor}, name, seed)


def memory(sizes: list[int], batch: int, rows: int) -> Growth:
    """Growth of the process while it trains for one epoch."""
    _fitted(sizes)
    return growth(
        lambda: table(rows, sizes[0], sizes[-1]),
        lambda data: sum(array.nbytes for array in data),
        lambda data: _classifier(sizes, batch, 1).fit(*data),
    )
