"""Teams of threads that run one compiled program, and how they wait for each other.

Python threads run compiled code side by side, since it releases the interpreter's lock. They meet
at barriers built on CPython's own locks, which compiled code takes and releases by their C
functions: portable, ordered in memory, and asleep when there is long to wait.
"""

import ctypes
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from statistics import median

import numpy as np
from numba import types

from layerwise.arrays import Integers
from layerwise.engine.compiled.product import CFunction
from layerwise.engine.threads import available_cores, threads_to_spare

# Every so many runs the number of threads that was slower, or not yet tried, is tried.
_RUNS_A_TRIAL = 25


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
        check_n_threads(n_threads)
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
        with threads_to_spare(self.most) as most:
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


def check_n_threads(n_threads: int | None) -> None:
    """Refuse, with a ValueError, what is no number of threads."""
    if n_threads is not None and n_threads < 1:
        raise ValueError(f"n_threads must be at least 1, or None; got {n_threads!r}")


def owners_of_tasks(costs: Integers, n_threads: int) -> Integers:
    """Share tasks out: each, from the largest on, to the thread that has least to do so far."""
    owners = np.zeros(costs.size, np.int64)
    load = np.zeros(n_threads)
    for task in np.argsort(-costs, kind="stable"):
        owners[task] = np.argmin(load)
        load[owners[task]] += costs[task]
    return owners
