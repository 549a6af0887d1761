"""The engines there are, by name: one registry, which everything that wants an engine reads."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture
from layerwise.architecture.lookup import look_up
from layerwise.engine.protocol import Batches, Data, HostVectors, Objective, Predictor, Session

__all__ = ["ENGINES", "Engine", "get_engine"]


@dataclass(frozen=True)
class Engine:
    """One engine: the classes that keep to `layerwise.engine.protocol`.

    Attributes
    ----------
    session_type : type
        Its `Session`.
    predictor : type
        Its `Predictor`.
    """

    session_type: type[Session]
    predictor: type[Predictor]

    def session(
        self,
        architecture: Architecture,
        objective: Objective,
        data: Data,
        vectors: HostVectors,
        batch_size: int,
        n_threads: int | None = None,
    ) -> Session:
        """Begin a fit; x may be a SciPy CSR array or matrix too."""
        arguments = architecture, objective, data, vectors, batch_size, n_threads
        if hasattr(data.x, "tocsr"):
            return _StreamedSession(self.session_type, *arguments)
        return self.session_type(*arguments)


class _StreamedSession:
    """A fit on sparse rows, of which one batch at a time is made dense."""

    def __init__(
        self,
        session_type: type[Session],
        architecture: Architecture,
        objective: Objective,
        data: Data,
        vectors: HostVectors,
        batch_size: int,
        n_threads: int | None,
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
        self._session = session_type(
            architecture, objective, self._batch, vectors, batch_size, n_threads
        )
        self.vectors = self._session.vectors

    def run(self, batches: Batches) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        results = np.zeros((2, len(batches)))
        for i in range(len(batches)):
            rows = batches.order[batches.starts[i] : batches.stops[i]]
            self._fill(rows)
            stops = np.array([len(rows)])
            batch = replace(
                batches[i : i + 1], order=self._order, starts=np.zeros_like(stops), stops=stops
            )
            results[:, i : i + 1] = self._session.run(batch)
        return results[0], results[1]

    def _fill(self, rows: NDArray[np.int64]) -> None:
        data, batch, n = self._data, self._batch, len(rows)
        sparse: Any = data.x
        sparse[rows].toarray(out=batch.x[:n])
        batch.codes[:n], batch.y[:n] = data.codes[rows], data.y[rows]
        if data.weight.size:
            batch.weight[:n] = data.weight[rows]

    def close(self) -> None:
        self._session.close()


def _compiled() -> Engine:
    from layerwise.engine.compiled import CompiledPredictor, CompiledSession

    return Engine(CompiledSession, CompiledPredictor)


def _reference() -> Engine:
    from layerwise.engine.reference import ReferencePredictor, ReferenceSession

    return Engine(ReferenceSession, ReferencePredictor)


# The first is taken where none is asked for. They are imported when they are used: Numba and its
# kernels take a while.
ENGINES: dict[str, Callable[[], Engine]] = {"compiled": _compiled, "numpy": _reference}


def get_engine(name: str = next(iter(ENGINES))) -> Engine:
    """Return an engine by name.

    Raises
    ------
    ValueError
        For a name that is none; the message offers the nearest.
    """
    return look_up(name, ENGINES, "engine")()
