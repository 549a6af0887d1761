"""Threads: how many, how they wait for each other, and keeping BLAS to one of them.

Python threads run compiled code side by side, since it releases the interpreter's lock. They meet
at barriers built on CPython's own locks, which compiled code takes and releases by their C
functions: portable, ordered in memory, and asleep when there is long to wait.
"""

import ctypes
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from statistics import median
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from layerwise.engine.product import CFunction, find_product

__all__ = ["Barrier", "Team", "available_cores", "single_threaded_blas"]


# Every so many runs the number of threads that was slower, or not yet tried, is tried.
_RUNS_A_TRIAL = 25


def available_cores() -> int:
    """Return how many cores this process may use.

    That is what its affinity and its container allow, and no more than OMP_NUM_THREADS says, by
    which joblib tells its workers how many threads each may have.
    """
    cores = _allowed_cores()
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return max(1, min(cores, int(limit))) if limit.isdecimal() else cores


@cache
def _allowed_cores() -> int:
    """What the machine has, less what a container's quota takes away."""
    from joblib import cpu_count

    return max(1, int(cpu_count()))


class _Budget:
    """Threads that compute now in this process, so that fits side by side share the cores."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.busy = 0

    @contextmanager
    def some(self, most: int) -> Iterator[int]:
        """Take up to `most` threads while the block runs, at least one."""
        with self.lock:
            granted = max(1, min(most, available_cores() - self.busy))
            self.busy += granted
        try:
            yield granted
        finally:
            with self.lock:
                self.busy -= granted


class _BlasLimit:
    """Keeps SciPy's BLAS to one thread while any fit runs, and puts it back after the last."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.limiter: Any = None

    def enter(self) -> None:
        with self.lock:
            self.users += 1
            if self.users == 1:
                _take_control()
                self.limiter = _blas_controller().limit(limits=1, user_api="blas")

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if self.users == 0:
                _take_control()
                self.limiter.restore_original_limits()
                _take_control()
                self.limiter = None


_budget = _Budget()
_blas_limit = _BlasLimit()


def _forget_other_threads() -> None:
    """In a forked child none of the parent's other threads go on, and no lock of theirs opens."""
    if _blas_limit.limiter is not None:
        _take_control()
        _blas_limit.limiter.restore_original_limits()
    _budget.__init__()  # type: ignore[misc]
    _blas_limit.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_other_threads)


@cache
def _blas_controller() -> Any:
    from threadpoolctl import ThreadpoolController

    find_product(4)  # a limit reaches only libraries that are loaded
    return ThreadpoolController()


def _take_control() -> None:
    """Let the calling thread set limits: threadpoolctl obeys the first that did, and no other."""
    for library in _blas_controller().lib_controllers:
        clear = getattr(type(library), "clear_controlling_thread", None)
        if clear is not None:
            clear(force=True)


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Keep BLAS to one thread while the block runs. Blocks may overlap in several threads."""
    _blas_limit.enter()
    try:
        yield
    finally:
        _blas_limit.leave()


class Barrier:
    """What compiled code needs to wait for other threads: locks, by their addresses.

    Attributes
    ----------
    locks : ndarray of int64, shape (2, n_threads)
        Handles; row 0: a thread has arrived, row 1: it may go on.
    acquire, release : CFunction
        ``acquire(handle, wait)`` returns whether it got the lock; ``release(handle)``.
    """

    def __init__(self, n_threads: int) -> None:
        self._free = ctypes.pythonapi.PyThread_free_lock
        self._free.argtypes, self._free.restype = [ctypes.c_void_p], None
        allocate = ctypes.pythonapi.PyThread_allocate_lock
        allocate.restype = ctypes.c_void_p
        self.acquire, self.release = _lock_functions()
        self.locks = np.zeros((2, n_threads), np.int64)
        for place in np.ndindex(*self.locks.shape):
            handle = allocate()
            self.acquire(handle, 1)  # closed until a thread opens it
            self.locks[place] = handle

    def __del__(self) -> None:
        for handle in self.locks.ravel():
            self.release(int(handle))
            self._free(int(handle))


@cache
def _lock_functions() -> tuple[CFunction, CFunction]:
    def address(name: str) -> int:
        pointer = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value
        assert pointer
        return pointer

    handle = (types.intp, ctypes.c_void_p)
    flag = (types.int32, ctypes.c_int)
    acquire = CFunction(address("PyThread_acquire_lock"), flag, [handle, flag])
    release = CFunction(address("PyThread_release_lock"), (types.void, None), [handle])
    return acquire, release


class Team:
    """Threads that run one function side by side, again and again.

    Parameters
    ----------
    n_threads : int or None
        How many. None: at each run as many as there are cores free in this process, or one where
        that has been faster lately, as when other processes keep the cores busy.
    useful : int
        More than this many are of no use.
    """

    def __init__(self, n_threads: int | None, useful: int) -> None:
        self.fixed = n_threads is not None
        if n_threads is not None and n_threads < 1:
            raise ValueError(f"n_threads must be at least 1, or None; got {n_threads!r}")
        self.most = min(useful, n_threads or available_cores())
        self.barrier = Barrier(self.most)
        self._workers: list[ThreadPoolExecutor] = []
        # Seconds for a piece of work in the last runs, by number of threads.
        self._paces: dict[int, deque[float]] = {}
        self._n_runs = 0

    def run(self, function: Callable[[int, int], None], n_pieces: int = 0) -> None:
        """Call function(thread, n_threads) for every thread; thread 0 is the caller's own.

        n_pieces: how much work it is, where runs are to be compared.
        """
        if self.fixed:
            self._run(function, self.most)
            return
        with _budget.some(self.most) as most:
            n_threads = self._quickest(most) if n_pieces and most > 1 else most
            started = time.perf_counter()
            self._run(function, n_threads)
            # The first run starts the threads, and says nothing of how quick they are.
            if n_pieces and self._n_runs > 1:
                pace = (time.perf_counter() - started) / n_pieces
                self._paces.setdefault(n_threads, deque(maxlen=3)).append(pace)

    def _quickest(self, most: int) -> int:
        """`most` threads, or one where that has been clearly quicker; now and then the other."""
        self._n_runs += 1
        alone, together = self._paces.get(1), self._paces.get(most)
        one_is_quicker = alone and together and median(alone) < 0.9 * median(together)
        is_trial = self._n_runs % _RUNS_A_TRIAL == 0
        return 1 if bool(one_is_quicker) != is_trial else most

    def _run(self, function: Callable[[int, int], None], n_threads: int) -> None:
        n_threads = min(n_threads, 1 + self._start(n_threads - 1))
        others = [
            worker.submit(function, thread, n_threads)
            for thread, worker in enumerate(self._workers[: n_threads - 1], start=1)
        ]
        function(0, n_threads)
        for other in others:
            other.result()

    def _start(self, n_workers: int) -> int:
        """Have n threads beside the caller's, or as many as the system gives; return how many."""
        while len(self._workers) < n_workers:
            worker = ThreadPoolExecutor(1, thread_name_prefix="layerwise")
            try:
                worker.submit(int)
            except RuntimeError:  # "can't start new thread"
                worker.shutdown(wait=False)
                break
            self._workers.append(worker)
        return len(self._workers)

    def close(self) -> None:
        """End the threads."""
        for worker in self._workers:
            worker.shutdown()
        self._workers.clear()


def owners_of_tasks(costs: NDArray[np.int64], n_threads: int) -> NDArray[np.int64]:
    """Share tasks out: each, from the largest on, to the thread that has least to do so far."""
    owners = np.zeros(costs.size, np.int64)
    load = np.zeros(n_threads)
    for task in np.argsort(-costs, kind="stable"):
        owners[task] = np.argmin(load)
        load[owners[task]] += costs[task]
    return owners
