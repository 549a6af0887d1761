"""Ours, through its public interface. LAYERWISE_PRODUCT in the environment sets the product."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from memory_use import Growth, growth
from networks import table
from timing import Run, differenced, loop
from whole_fits import WholeFit, fit_once

from layerwise import Adam, Architecture, MLPClassifier, MLPRegressor, Network, Trainer
from layerwise.architecture import ACTIVATIONS

warnings.filterwarnings("ignore", message=".*Maximum iterations")

_settings: dict[str, Any] = {}


def use_threads(threads: int | None) -> None:
    """Remember the count; None leaves the choice to the trainer."""
    _settings["n_threads"] = threads


def activations() -> list[str]:
    """Every activation there is."""
    return list(ACTIVATIONS)


def _network(sizes: list[int], activation: str = "relu") -> Network:
    return Network(Architecture(list(sizes), activation=activation, output="softmax"), seed=0)


def _trainer(batch: int, epochs: int) -> Trainer:
    return Trainer(
        optimizer=Adam(learning_rate=1e-3),
        batch_size=batch,
        epochs=epochs,
        seed=0,
        **_settings,
    )


def training(sizes: list[int], batch: int, rows: int, activation: str = "relu") -> dict[str, Run]:
    """Steps through `fit`; its setting up is differenced out."""
    x, y = table(rows, sizes[0], sizes[-1])

    def fit(epochs: int) -> None:
        _trainer(batch, epochs).fit(_network(sizes, activation), x, y)

    return {"fit": differenced(fit, -(-rows // batch))}


def one_row(sizes: list[int]) -> dict[str, Run]:
    """`net(x)` of one row, a matrix as for everyone else."""
    net = _network(sizes)
    row = table(max(1, sizes[-1]), sizes[0], sizes[-1])[0][:1].copy()
    return {"call": loop(lambda: net(row))}


def many_rows(sizes: list[int], rows: int) -> dict[str, Run]:
    """`net(x)` of a table."""
    net = _network(sizes)
    x, _ = table(rows, sizes[0], sizes[-1])
    return {"call": loop(lambda: net(x))}


def _estimator(sizes: list[int], batch: int, epochs: int) -> MLPClassifier:
    """As scikit-learn's peer has it: no penalty, and no reason to stop early."""
    return MLPClassifier(
        tuple(sizes[1:-1]),
        alpha=0.0,
        batch_size=batch,
        max_iter=epochs,
        tol=0.0,
        n_iter_no_change=np.inf,
        random_state=0,
        **_settings,
    )


def estimator_training(sizes: list[int], batch: int, rows: int) -> dict[str, Run]:
    """Steps through `MLPClassifier.fit`; its setting up is differenced out."""
    x, y = table(rows, sizes[0], sizes[-1])

    def fit(epochs: int) -> None:
        _estimator(sizes, batch, epochs).fit(x, y)

    return {"fit": differenced(fit, -(-rows // batch))}


def estimator_one_row(sizes: list[int]) -> dict[str, Run]:
    """`predict_proba` of one row, with all its checks."""
    x, y = table(512, sizes[0], sizes[-1])
    model, row = _estimator(sizes, 128, 1).fit(x, y), x[:1]
    return {"predict_proba": loop(lambda: model.predict_proba(row))}


def estimator_many_rows(sizes: list[int], rows: int) -> dict[str, Run]:
    """`predict_proba` of a table."""
    x, y = table(rows, sizes[0], sizes[-1])
    model = _estimator(sizes, 128, 1).fit(x[:512], y[:512])
    return {"predict_proba": loop(lambda: model.predict_proba(x))}


def whole_fit(name: str, seed: int) -> WholeFit:
    """A fit with the defaults."""
    return fit_once({"classes": MLPClassifier, "numbers": MLPRegressor}, name, seed)


def memory(sizes: list[int], batch: int, rows: int) -> Growth:
    """Growth of the process while it trains for one epoch."""
    training(sizes, batch, 512)["fit"](1)
    return growth(
        lambda: table(rows, sizes[0], sizes[-1]),
        lambda data: sum(array.nbytes for array in data),
        lambda data: _trainer(batch, 1).fit(_network(sizes), *data),
    )
