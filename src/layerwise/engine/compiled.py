"""The compiled engine: a fit's arrays handed to the compiled program, and predictions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture
from layerwise.engine import columns as at
from layerwise.engine import prediction, program
from layerwise.engine.compiling import compiling
from layerwise.engine.elementwise import LOSS_CODES
from layerwise.engine.outputs import LINK_CODES
from layerwise.engine.plan import Plan, plan_of
from layerwise.engine.product import find_product
from layerwise.engine.session import NORM_EPSILON, Data, Objective, Vectors
from layerwise.engine.threads import Team, owners_of_tasks, single_threaded_blas

__all__ = ["CompiledSession", "Predictor", "shards_of"]

Array = NDArray[Any]

# A shard of a batch has at least so many rows, and its step so many multiplications: less is
# not worth a second thread.
_SHARD_ROWS = 48
_SHARD_WORK = 500_000
# More than a few have so many rows: a BLAS packs the weights anew for each.
_FEW_SHARDS, _ROWS_OF_MANY = 4, 256
_LINE = 16  # numbers: places are rounded up to it, so that threads share no cache line
_PREDICT_ROWS = 256
_WHOLE_UPDATE = 32_768  # numbers
_LETTERS = np.frombuffer(b"NT", np.uint8).copy()


def shards_of(batch_size: int, weights_per_row: int) -> tuple[int, int]:
    """(number of shards, rows of each) of a batch, a rule of sizes alone.

    Examples
    --------
    >>> shards_of(128, 100_000)
    (2, 64)
    >>> shards_of(32, 700)
    (1, 32)
    >>> shards_of(1024, 100_000)
    (4, 256)
    """
    n_shards = 1
    while (
        batch_size // (2 * n_shards) >= (_SHARD_ROWS if n_shards < _FEW_SHARDS else _ROWS_OF_MANY)
        and batch_size * weights_per_row // (2 * n_shards) >= _SHARD_WORK
    ):
        n_shards *= 2
    return n_shards, -(-batch_size // n_shards)


def _rounded(n: int) -> int:
    return -(-n // _LINE) * _LINE


def _aligned(n: int, dtype: Any) -> NDArray[Any]:
    """N zeros that start at a cache line."""
    itemsize = np.dtype(dtype).itemsize
    raw = np.zeros(n * itemsize + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + n * itemsize].view(dtype)


def _blas_scratch(
    work: Array, vector: Array, gradient: Array
) -> tuple[NDArray[np.int64], NDArray[np.int32], Array]:
    """(blas, ints, floats): what one thread's calls of gemm need."""
    ints, floats = _aligned(_LINE, np.int32), _aligned(_LINE, work.dtype)
    blas = np.zeros(at.N_BLAS, np.int64)
    blas[at.ITEMSIZE] = work.dtype.itemsize
    for column, array in (
        (at.WORK, work),
        (at.VECTOR, vector),
        (at.GRADIENT, gradient),
        (at.INTS, ints),
        (at.FLOATS, floats),
        (at.AS_IT_IS, _LETTERS[:1]),
        (at.TURNED, _LETTERS[1:]),
    ):
        blas[column] = array.ctypes.data
    return blas, ints, floats


def _to_read(array: Array) -> Array:
    """The same memory as an array of the one type that the program, which only reads it, takes.

    To Numba an array that must not be written to is one of another type, for which it would
    compile everything once more.
    """
    return array if array.flags.writeable else np.asarray(_WritableAlias(array))


class _WritableAlias:
    """What NumPy makes a writable array of the same memory from."""

    def __init__(self, array: Array) -> None:
        self.owner = array
        address = (array.ctypes.data, False)
        self.__array_interface__ = dict(array.__array_interface__, data=address)


@contextmanager
def _compiled_first(name: str, dtype: Any) -> Iterator[None]:
    """Run the block as what compiles, if it is the first to call a program."""
    if (name, dtype) in _compiled:
        yield
        return
    with compiling():  # one thread at a time: others find it done
        yield
        _compiled.add((name, dtype))


_compiled: set[tuple[str, Any]] = set()


class CompiledSession:
    """One fit in the compiled engine; see `layerwise.engine.session.Session`."""

    def __init__(
        self,
        architecture: Architecture,
        objective: Objective,
        data: Data,
        vectors: Vectors,
        batch_size: int,
        n_threads: int | None = None,
    ) -> None:
        self.vectors = vectors
        self.plan = plan = plan_of(architecture, True)
        dtype = vectors.parameters.dtype
        n_shards, shard_rows = shards_of(batch_size, plan.weights_per_row)
        capacity, stride = _rounded(batch_size), _rounded(plan.partial_size)
        self._call = call = np.zeros(at.N_CALL, np.int64)
        call[at.OPTIMIZER] = objective.optimizer
        call[at.LOSS] = LOSS_CODES[objective.loss.name]
        call[at.N_SHARDS] = n_shards
        call[at.ROWS_PER_SHARD] = shard_rows
        call[at.PARTIALS] = plan.row_size * capacity
        call[at.PARTIAL_STRIDE] = stride
        call[at.SCORES] = plan.scores * capacity
        call[at.GRAD_SCORES] = plan.grad_scores * capacity
        call[at.N_OUTPUTS] = architecture.n_outputs
        call[at.WIDEST] = plan.widest
        self._team = Team(n_threads, useful=n_shards)
        n_tasks = len(plan.tasks)
        self._owners = {
            n: owners_of_tasks(_task_costs(plan), n) for n in range(1, self._team.most + 1)
        }
        self._tables = (
            plan.steps_for(capacity),
            plan.dropout.astype(dtype),
            plan.alphas.astype(dtype),
            plan.units.astype(dtype),
            plan.tasks,
        )
        self._settings = settings = objective.settings_array(dtype)
        rates = settings[at.GROUP_RATES :]
        # Large vectors are better updated part by part, while a part's gradient is in the cache.
        call[at.WHOLE] = (
            vectors.parameters.size <= _WHOLE_UPDATE
            and bool((rates == rates[0]).all())
            and not objective.decays
        )
        self._data = tuple(_to_read(array) for array in (data.x, data.codes, data.y, data.weight))
        self._work = _aligned(plan.row_size * capacity + stride * n_shards, dtype)
        self._scratch = (np.zeros(n_shards), np.zeros(n_tasks))
        self._blas = [
            _blas_scratch(self._work, vectors.parameters, vectors.gradient)
            for _ in range(self._team.most)
        ]
        self._gemm = find_product(dtype.itemsize)
        self._train: Callable[..., None] = program.train
        with _compiled_first("train", str(dtype)):
            self.run(
                np.zeros(0, np.int64),
                np.zeros((0, at.N_BATCH_COLUMNS), np.int64),
                np.zeros((0, at.N_HYPER)),
            )
        self._train = _entry_of(program.train, dtype)

    def run(
        self, order: NDArray[np.int64], batches: NDArray[np.int64], hyper: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one step for each batch; see `Session.run`."""
        losses = np.zeros(len(batches))
        self.penalties = np.zeros(len(batches))
        hyper = hyper.astype(self.vectors.parameters.dtype)
        run_thread = partial(self._run_thread, order, batches, hyper, losses)
        with single_threaded_blas():
            if len(batches):
                self._team.run(run_thread, n_pieces=len(batches))
            else:
                run_thread(0, 1)
        return losses

    def _run_thread(
        self,
        order: NDArray[np.int64],
        batches: NDArray[np.int64],
        hyper: NDArray[Any],
        losses: NDArray[np.float64],
        thread: int,
        n_threads: int,
    ) -> None:
        call = self._call.copy()
        call[at.THREAD], call[at.N_THREADS] = thread, n_threads
        v, barrier = self.vectors, self._team.barrier
        self._train(
            *self._tables, self._owners[n_threads], call, self._settings, hyper, batches, order,
            *self._data, v.parameters, v.gradient, v.moments, v.average, v.state, self._work,
            v.alive, losses, self.penalties, *self._scratch, *self._blas[thread],
            barrier.locks, self._gemm, barrier.acquire, barrier.release,
        )  # fmt: skip

    def close(self) -> None:
        """End the session's threads."""
        self._team.close()


def _entry_of(compiled: Any, dtype: Any) -> Callable[..., None]:
    """The version of a program for one precision, which Numba then need not look for.

    Looking for it by the types of thirty arguments takes as long as steps of a small network.
    """
    for types, version in getattr(compiled, "overloads", {}).items():
        vector = types[compiled.py_func.__code__.co_varnames.index("vector")]
        if str(vector.dtype) == str(dtype):
            entry: Callable[..., None] = version.entry_point
            return entry
    return compiled  # type: ignore[no-any-return]


def _task_costs(plan: Plan) -> NDArray[np.int64]:
    rows = plan.tasks[:, at.TASK_HIGH] - plan.tasks[:, at.TASK_LOW]
    costs: NDArray[np.int64] = rows * plan.steps[plan.tasks[:, at.TASK_STEP], at.FAN_OUT]
    return costs


class Predictor:
    """Predictions of one architecture: the tables that every call of the program needs.

    Parameters
    ----------
    architecture : Architecture
    dtype : dtype
        Precision of the network.
    scores : bool
        Whether to leave out the output function.
    """

    def __init__(self, architecture: Architecture, dtype: Any, scores: bool = False) -> None:
        self.plan = plan = plan_of(architecture, False)
        self.dtype = np.dtype(dtype)
        self.n_outputs = architecture.n_outputs
        call = np.zeros(at.N_CALL, np.int64)
        call[at.SCORES] = plan.scores
        call[at.LINK] = LINK_CODES["identity" if scores else architecture.output]
        settings = np.zeros(at.N_SETTINGS, dtype)
        settings[at.NORM_EPSILON] = NORM_EPSILON
        factors = plan.alphas.astype(dtype), plan.units.astype(dtype)
        self._row_tables = (plan.steps, *factors, settings, call, np.zeros(1, np.int64))
        call = call.copy()
        call[at.SCORES] *= _PREDICT_ROWS
        self._row_is_compiled = False
        self._tables = (plan.steps_for(_PREDICT_ROWS), *factors, settings, call, _PREDICT_ROWS)

    def row(self, vector: Array, state: Array, x: Array, codes: Array) -> Array:
        """The outputs for one row, shape (1, n_outputs), by the shortest way."""
        out = np.empty((1, self.n_outputs), self.dtype)
        work = np.empty(self.plan.row_size, self.dtype)
        # Each call of a function would count here.
        if not (x.flags.writeable and vector.flags.writeable and codes.flags.writeable):
            vector, state, x, codes = map(_to_read, (vector, state, x, codes))
        if self._row_is_compiled:
            prediction.predict_row(*self._row_tables, vector, state, work, x, codes, out)
        else:
            with _compiled_first("predict_row", str(self.dtype)):
                prediction.predict_row(*self._row_tables, vector, state, work, x, codes, out)
            self._row_is_compiled = True
        return out

    def rows(
        self,
        vector: Array,
        state: Array,
        x: Array,
        codes: Array,
        n_threads: int | None = None,
        order: NDArray[np.int64] | None = None,
    ) -> Array:
        """The outputs for each row, shape (n, n_outputs).

        Parameters
        ----------
        vector, state : ndarray
            The network's parameters and running statistics.
        x : ndarray, shape (n, n_inputs), in the precision of the network
        codes : ndarray of int32, shape (n, n_codes)
        n_threads : int or None
            None: as many as there are cores to spare and work for.
        order : ndarray of int64 or None
            Which rows; None: all, in their order.
        """
        if order is None:
            order = np.arange(len(x))
        n = len(order)
        vector, state, x, codes = map(_to_read, (vector, state, x, codes))
        out = np.empty((n, self.n_outputs), self.dtype)
        n_chunks = -(-n // _PREDICT_ROWS)
        worth = n * self.plan.weights_per_row // _SHARD_WORK
        team = Team(n_threads, useful=max(1, min(n_chunks, worth)))
        gemm = find_product(self.dtype.itemsize)

        def run(thread: int, n_threads: int) -> None:
            low = min(n, _PREDICT_ROWS * (thread * n_chunks // n_threads))
            high = min(n, _PREDICT_ROWS * ((thread + 1) * n_chunks // n_threads))
            work = _aligned(self.plan.row_size * _PREDICT_ROWS, self.dtype)
            prediction.predict(
                *self._tables, x, codes, order, low, high, vector, state, work,
                *_blas_scratch(work, vector, vector), gemm, out,
            )  # fmt: skip

        with _compiled_first("predict", str(self.dtype)), single_threaded_blas():
            team.run(run)
        team.close()
        return out
