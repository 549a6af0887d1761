"""Few threads or little address space: libraries that start a thread for each core are held back.

BLAS, OpenMP and Arrow end the process, or crash, where the system refuses them a thread.
"""

import os
from pathlib import Path

_PER_CORE = 8  # threads of one library or another, at the worst, for each core in use
_BYTES_A_CORE = 512 << 20  # address space of their stacks and buffers
_CONTAINER_LIMITS = ("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max")


def limit_threads() -> None:
    """Set OMP_NUM_THREADS, which all of them obey, where the limits ask for it.

    To be called before NumPy is imported. What the user has set stays.
    """
    n_cores = os.cpu_count() or 1
    n_affordable = min(_affordable_cores(), n_cores)
    if n_affordable < n_cores:
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, n_affordable)))


def _affordable_cores() -> int:
    """How many cores this process has threads and address space for."""
    n_threads = [_in_file(Path(path)) for path in _CONTAINER_LIMITS]
    n_bytes = None
    try:
        import resource
    except ImportError:  # Windows has no such limits
        pass
    else:
        n_threads.append(_finite(resource.getrlimit(resource.RLIMIT_NPROC)[0]))
        n_bytes = _finite(resource.getrlimit(resource.RLIMIT_AS)[0])
    affordable = [n // _PER_CORE for n in n_threads if n is not None]
    if n_bytes is not None:
        affordable.append(n_bytes // _BYTES_A_CORE)
    return min(affordable, default=1 << 30)


def _finite(limit: int) -> int | None:
    return limit if limit >= 0 else None  # RLIM_INFINITY is -1 as Python sees it


def _in_file(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None
