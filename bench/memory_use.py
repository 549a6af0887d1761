"""Peak memory of a piece of work, from the operating system's own count."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypedDict, TypeVar

Data = TypeVar("Data")


class Growth(TypedDict):
    """Bytes: the data itself; resident memory before it, with it, and at its peak thereafter."""

    data: int
    before: int
    made: int
    peak: int


def growth(
    make: Callable[[], Data], n_bytes: Callable[[Data], int], work: Callable[[Data], object]
) -> Growth:
    """Make the data, do the work, and see how far the process grew."""
    _forget_peak()
    before = _resident("VmRSS")
    data = make()
    made = _resident("VmRSS")
    work(data)
    return {"data": n_bytes(data), "before": before, "made": made, "peak": _resident("VmHWM")}


def _forget_peak() -> None:
    """Linux can start counting the peak anew; elsewhere it is the peak since the start."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _resident(key: str) -> int:
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
