"""The engines there are, by name: one registry, which everything that wants an engine reads."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.arrays import Floats
from layerwise.engine.protocol import Batches, Data, Predictor, Session, Setup


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

    def session(self, setup: Setup) -> Session:
        """Begin a fit; x may be a SciPy CSR array or matrix too."""
        if hasattr(setup.data.x, "tocsr"):
            return _StreamedSession(self.session_type, setup)
        return self.session_type(setup)


# Sparse rows made dense at a time, or those of one batch, if they are more.
_DENSE_ROWS = 256


class _StreamedSession:
    """A fit on sparse rows, of which a few batches at a time are made dense."""

    def __init__(self, session_type: type[Session], setup: Setup) -> None:
        data, batch_size = setup.data, setup.batch_size
        self._n_batches = max(1, _DENSE_ROWS // batch_size)
        n = self._n_batches * batch_size
        self._data = data
        self._dense = Data(
            np.zeros((n, setup.architecture.n_inputs), data.x.dtype),
            np.zeros((n, data.codes.shape[1]), np.int32),
            np.zeros((n, data.y.shape[1]), data.y.dtype),
            np.zeros(n if data.weight.size else 0, data.weight.dtype),
        )
        self._session = session_type(replace(setup, data=self._dense))
        self.vectors = self._session.vectors

    def run(self, batches: Batches) -> tuple[Floats, Floats]:
        losses, penalties = np.zeros((2, len(batches)))
        for i in range(0, len(batches), self._n_batches):
            part = slice(i, i + self._n_batches)
            losses[part], penalties[part] = self._session.run(self._made_dense(batches[part]))
        return losses, penalties

    def _made_dense(self, batches: Batches) -> Batches:
        """The same batches, of rows that stand in the dense table now."""
        bounds = zip(batches.starts, batches.stops, strict=True)
        rows = np.concatenate([batches.order[start:stop] for start, stop in bounds])
        data, dense, n = self._data, self._dense, len(rows)
        sparse: Any = data.x
        sparse[rows].toarray(out=dense.x[:n])
        dense.codes[:n], dense.y[:n] = data.codes[rows], data.y[rows]
        if data.weight.size:
            dense.weight[:n] = data.weight[rows]
        stops = np.cumsum(batches.stops - batches.starts)
        starts = np.append(0, stops[:-1])
        return replace(batches, order=np.arange(n), starts=starts, stops=stops)

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
