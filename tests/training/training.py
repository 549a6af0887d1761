"""What the tests of training share: small tables, and one call that trains a new network."""

import threading
from typing import Any

import numpy as np

from layerwise import History, Network, Trainer
from layerwise.architecture import Architecture
from tests.helpers.compare import assert_same_bits


def class_table(
    n_rows: int = 120, n_inputs: int = 4, n_classes: int = 3, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """(x, class numbers): every class occurs, and x tells much about it, but not all."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n_rows, n_inputs))
    scores = x @ random.standard_normal((n_inputs, n_classes))
    y = (scores + random.gumbel(size=scores.shape)).argmax(axis=1)
    y[:n_classes] = np.arange(n_classes)
    return x, y


def number_table(
    n_rows: int = 120, n_inputs: int = 4, n_outputs: int = 1, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """(x, y): a line in x and noise."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n_rows, n_inputs))
    noise = 0.3 * random.standard_normal((n_rows, n_outputs))
    return x, x @ random.standard_normal((n_inputs, n_outputs)) + 0.5 + noise


def train(
    architecture: Architecture | str,
    x: np.ndarray,
    y: np.ndarray,
    *,
    first_seed: int = 0,
    dtype: str = "float64",
    codes: np.ndarray | None = None,
    sample_weight: np.ndarray | None = None,
    validation_data: tuple | None = None,
    resume: bool = False,
    **settings: Any,
) -> tuple[Network, History]:
    """(a new network after training, its history); `first_seed` draws its first numbers."""
    net = Network(architecture, seed=first_seed, dtype=dtype)
    history = Trainer(**{"seed": 0, **settings}).fit(
        net,
        x,
        y,
        codes=codes,
        sample_weight=sample_weight,
        validation_data=validation_data,
        resume=resume,
    )
    return net, history


def series(history: History) -> dict[str, list[float | None]]:
    """All that is the same in two trainings of the same seed: everything but time."""
    names = ("number", "loss", "learning_rate", "validation_loss", "validation_score")
    return {name: [getattr(epoch, name) for epoch in history] for name in names}


def assert_same_training(found: tuple[Network, History], wanted: tuple[Network, History]) -> None:
    """Two networks and their histories are the same, to the last bit, but for time."""
    (net, history), (other, others_history) = found, wanted
    assert_same_bits(net.vector, other.vector, "vector")
    assert_same_bits(net.state, other.state, "state")
    assert series(history) == series(others_history)
    for name in ("best_epoch", "stopped", "seed"):
        assert getattr(history, name) == getattr(others_history, name), name


def layerwise_threads() -> list[threading.Thread]:
    """The engine's threads that are alive now."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("layerwise")]
