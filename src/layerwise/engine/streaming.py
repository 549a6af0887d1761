"""Training on a table that is not a dense array: only one batch at a time is made one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture
from layerwise.engine import columns as at
from layerwise.engine.session import Data, Objective, Session, Vectors

__all__ = ["StreamedSession"]


class StreamedSession:
    """One fit on sparse rows; see `layerwise.engine.session.Session`.

    Parameters
    ----------
    engine : type
        The session that takes the steps.
    data : Data
        Its x is a SciPy CSR array or matrix.
    """

    def __init__(
        self,
        engine: type[Session],
        architecture: Architecture,
        objective: Objective,
        data: Data,
        vectors: Vectors,
        batch_size: int,
        n_threads: int | None = None,
    ) -> None:
        self._data = data
        n_weights = batch_size if data.weight.size else 0
        self._batch = Data(
            np.zeros((batch_size, architecture.n_inputs), data.x.dtype),
            np.zeros((batch_size, data.codes.shape[1]), np.int32),
            np.zeros((batch_size, data.y.shape[1]), data.y.dtype),
            np.zeros(n_weights, data.weight.dtype),
        )
        self._order = np.arange(batch_size)
        self._session = engine(architecture, objective, self._batch, vectors, batch_size, n_threads)

    def run(
        self, order: NDArray[np.int64], batches: NDArray[np.int64], hyper: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one step for each batch; see `Session.run`."""
        losses = np.zeros(len(batches))
        self.penalties = np.zeros(len(batches))
        for i in range(len(batches)):
            rows = order[batches[i, at.BATCH_START] : batches[i, at.BATCH_STOP]]
            self._fill(rows)
            batch = batches[i : i + 1].copy()
            batch[0, at.BATCH_START], batch[0, at.BATCH_STOP] = 0, len(rows)
            losses[i] = self._session.run(self._order, batch, hyper[i : i + 1])[0]
            self.penalties[i] = self._session.penalties[0]
        return losses

    def _fill(self, rows: NDArray[np.int64]) -> None:
        data, batch, n = self._data, self._batch, len(rows)
        sparse: Any = data.x
        sparse[rows].toarray(out=batch.x[:n])
        batch.codes[:n], batch.y[:n] = data.codes[rows], data.y[rows]
        if data.weight.size:
            batch.weight[:n] = data.weight[rows]

    def close(self) -> None:
        """End the session's threads."""
        self._session.close()
