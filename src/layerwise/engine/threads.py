"""Threads: how many there may be, what of them is free, and keeping BLAS to one of them."""

import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any


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
    """What the machine has, less what a container's quota or joblib's own variable takes away.

    joblib counts the same, but importing it takes a tenth of what a first training does.
    """
    limit = os.environ.get("LOKY_MAX_CPU_COUNT", "")
    most = int(limit) if limit.isdecimal() else math.inf
    return int(max(1, min(os.cpu_count() or 1, most, container_cores())))


def container_cores(groups: Path = Path("/sys/fs/cgroup")) -> float:
    """How many cores Linux's control groups, of the second or the first version, leave a container.

    Examples
    --------
    >>> container_cores(Path("where", "nothing", "is"))
    inf
    """
    for names in (["cpu.max"], ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"]):
        with suppress(OSError):
            parts = " ".join((groups / name).read_text() for name in names).split()
            if len(parts) == 2 and all(map(str.isdecimal, parts)) and int(parts[1]):
                return math.ceil(int(parts[0]) / int(parts[1]))
    return math.inf


class _Budget:
    """Threads that compute now in this process, so that fits side by side share the cores."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.busy = 0


class SharedThreads:
    """Threads that fits side by side share out, each as many as the others.

    Parameters
    ----------
    most : int
        Of all of them together; each has at least one.

    Examples
    --------
    >>> shared = SharedThreads(2)
    >>> with shared.part(), threads_to_spare(4) as granted:
    ...     print(granted)
    2
    """

    def __init__(self, most: int) -> None:
        self.most, self._lock, self._n_parts = most, threading.Lock(), 0

    @contextmanager
    def part(self) -> Iterator[None]:
        """Let what this thread fits within the block have its part, which grows as others end."""
        with self._lock:
            self._n_parts += 1
        _of_thread.shared = self
        try:
            yield
        finally:
            _of_thread.shared = None
            with self._lock:
                self._n_parts -= 1

    @property
    def each(self) -> int:
        """How many threads each may have now."""
        return max(1, self.most // max(1, self._n_parts))


@contextmanager
def threads_to_spare(most: int) -> Iterator[int]:
    """Take up to `most` threads while the block runs, as many as are free, at least one.

    Of those that are shared out, see `SharedThreads`, where this thread has a part in them.
    """
    shared: SharedThreads | None = getattr(_of_thread, "shared", None)
    if shared is not None:
        yield min(most, shared.each)
        return
    with _budget.lock:
        granted = max(1, min(most, available_cores() - _budget.busy))
        _budget.busy += granted
    try:
        yield granted
    finally:
        with _budget.lock:
            _budget.busy -= granted


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
_of_thread = threading.local()
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
    import scipy.linalg.cython_blas  # noqa: F401  a limit reaches only libraries that are loaded
    from threadpoolctl import ThreadpoolController

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
