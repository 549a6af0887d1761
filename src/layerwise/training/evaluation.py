"""The loss and score of a network on held-out rows."""

from typing import Any

import numpy as np

from layerwise.architecture import Architecture, Loss
from layerwise.arrays import Array, Integers
from layerwise.engine.engines import Engine
from layerwise.engine.layout import layout_of
from layerwise.engine.protocol import Data
from layerwise.engine.reference import loss_of_scores, outputs_of_scores
from layerwise.network.inputs import is_sparse

# Multiplications between two looks at whether training is to end: some 20 ms.
_BITE = 1_000_000_000


def score_of(loss: Loss, scores: Array, y: Array, weight: Array) -> float:
    """Accuracy for classes (rows all of whose labels are right), R² for numbers, weighted."""
    w = weight if weight.size else np.ones(len(y))
    if loss.takes_classes:
        return float(np.average(scores.argmax(axis=1) == y[:, 0], weights=w))
    if loss.of_probabilities:
        return float(np.average(((scores > 0) == (y > 0.5)).all(axis=1), weights=w))
    predicted = outputs_of_scores(loss.output, scores)
    y = y.astype(np.float64)
    residual = np.average((predicted - y) ** 2, axis=0, weights=w)
    total = np.average((y - np.average(y, axis=0, weights=w)) ** 2, axis=0, weights=w)
    # A constant column has no spread to explain: 1 if it is met exactly, else 0.
    safe = np.where(total > 0, total, 1.0)
    return float(np.where(total > 0, 1 - residual / safe, (residual == 0) * 1.0).mean())


class Evaluator:
    """Evaluates parameters on rows of a table.

    Parameters
    ----------
    architecture, loss, data
        The network's architecture, the loss, and the table.
    rows : ndarray of int64
        Which rows of it.
    engine : Engine
    n_threads : int or None
    """

    def __init__(
        self,
        architecture: Architecture,
        loss: Loss,
        data: Data,
        rows: Integers,
        engine: Engine,
        n_threads: int | None,
    ) -> None:
        self.loss, self.data, self.rows, self.n_threads = loss, data, rows, n_threads
        self.y, self.weight = data.y[rows], data.weight[rows] if data.weight.size else data.weight
        self._sparse: Any = data.x if is_sparse(data.x) else None
        dtype = data.x.dtype
        self._predictor = engine.predictor(architecture, dtype, scores=True)
        # Compile now, before any progress is shown.
        nothing = np.zeros(architecture.n_parameters, dtype)
        state = np.zeros(layout_of(architecture).state_size, dtype)
        empty = np.zeros((0, architecture.n_inputs), dtype)
        self._predictor.outputs(nothing, state, empty, data.codes, 1, order=rows[:0])
        n_weights = max(1, sum(architecture.weight_counts))
        self._bite = max(1024, _BITE // n_weights) if self._sparse is None else 256

    def __call__(self, vector: Array, state: Array, stop: Any = False) -> tuple[float, float]:
        """(loss, score) of parameters; (nan, nan) where `stop` becomes true on the way."""
        parts = []
        for start in range(0, len(self.rows), self._bite):
            if stop:
                return float("nan"), float("nan")
            rows = self.rows[start : start + self._bite]
            x, codes, order = self.data.x, self.data.codes, rows
            if self._sparse is not None:
                x, codes = self._sparse[rows].toarray(), codes[rows]
                order = np.arange(len(rows))
            parts.append(
                self._predictor.outputs(vector, state, x, codes, self.n_threads, order=order)
            )
        scores = np.concatenate(parts)
        loss = loss_of_scores(self.loss, scores, self.y, self.weight)
        return loss, score_of(self.loss, scores, self.y, self.weight)
