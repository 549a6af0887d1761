"""Peak memory of a piece of work, from the operating system's own count."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict


class Growth(TypedDict):
    """Bytes: the data, the resident memory before, and its peak during the work."""

    data: int
    before: int
    peak: int


def growth(work: Callable[[], object], data_bytes: int) -> Growth:
    """Do the work and see how far the process grew."""
    _forget_peak()
    before = _resident("VmRSS")
    work()
    return {"data": data_bytes, "before": before, "peak": _resident("VmHWM")}


def _forget_peak() -> None:
    """Linux can start counting the peak anew; elsewhere it is the peak since the start."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def _resident(key: str) -> int:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
