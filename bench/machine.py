"""What a result was measured with: processor, cores, versions, and who else was at work."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "layerwise",
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "mkl",
    "scikit-learn",
    "torch",
    "jax",
    "jaxlib",
)


def cores() -> int:
    """Processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name, with its family and model, which virtual machines leave true."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    fields: dict[str, str] = {}
    for line in info.read_text().splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    name = fields.get("model name", platform.machine())
    if "cpu family" in fields:
        name += f" (family {fields['cpu family']}, model {fields['model']})"
    return name


class Neighbours:
    """How busy the processor is with what is not this benchmark; Linux alone can tell."""

    def __init__(self) -> None:
        self._start = self._now()

    def cores(self) -> float | None:
        """Cores kept busy by others (or taken by the host) since the start, on average.

        Processes started here count as others' until they have ended.
        """
        if self._start is None:
            return None
        wall, busy, own = (b - a for a, b in zip(self._start, self._now() or (), strict=True))
        return max(0.0, (busy - own) / wall)

    @staticmethod
    def _now() -> tuple[float, float, float] | None:
        """Seconds: the clock, processor time of everyone, processor time of this process."""
        statistics = Path("/proc/stat")
        if not statistics.exists():
            return None
        user, nice, system, _idle, _waiting, irq, soft_irq, stolen = (
            int(field) / os.sysconf("SC_CLK_TCK")
            for field in statistics.read_text().splitlines()[0].split()[1:9]
        )
        busy = user + nice + system + irq + soft_irq + stolen
        return time.monotonic(), busy, sum(os.times()[:4])


def headline(about: dict[str, Any]) -> str:
    """The first line of a result, of what `describe` gave."""
    return f"{about['processor']}, {about['cores']} cores, Python {about['python']}"


def describe() -> dict[str, Any]:
    """Everything, for the header and the JSON."""
    versions: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "processor": processor(),
        "cores": cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": versions,
    }
