"""How a time becomes a number that can be believed on a noisy machine.

Everyone is measured in turn, round after round, so that a slow minute of the machine slows
everyone; a ratio is taken within each round, and its median over the rounds is reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple


class Timed(NamedTuple):
    """What one measurement took, and how many units (steps, calls) it did."""

    seconds: float
    units: int


Run = Callable[[int], Timed]
"""Does a piece of work so many times over."""


def per_unit(timed: Timed) -> float:
    """Seconds for one unit."""
    return timed.seconds / timed.units


def loop(call: Callable[[], object]) -> Run:
    """Time a plain call, repeated."""

    def run(repeats: int) -> Timed:
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        return Timed(time.perf_counter() - start, repeats)

    return run


def differenced(fit: Callable[[int], object], steps_per_epoch: int) -> Run:
    """Time epochs of a `fit(epochs)`: a longer fit less a fit of one epoch.

    What a fit does once, such as checking the data and drawing the weights, drops out.
    """

    def run(repeats: int) -> Timed:
        start = time.perf_counter()
        fit(1)
        middle = time.perf_counter()
        fit(1 + repeats)
        end = time.perf_counter()
        return Timed((end - middle) - (middle - start), repeats * steps_per_epoch)

    return run


def calibrated(run: Run, seconds: float) -> int:
    """How many repeats take about that long; the first calls warm everything up."""
    run(1)
    repeats = 1
    while True:
        took = max(run(repeats).seconds, 1e-9)
        if took >= seconds / 3:  # unless somebody else was in the way
            took = max(min(took, run(repeats).seconds), 1e-9)
        if took >= seconds / 3:
            return max(1, round(repeats * seconds / took))
        repeats = max(repeats + 1, min(repeats * 10, round(repeats * seconds / took)))


def fastest(runs: Mapping[str, Run], seconds: float = 0.1) -> tuple[str, Run]:
    """The fastest way of several that do the same, by the median of three turns."""
    if len(runs) == 1:
        return next(iter(runs.items()))
    repeats = {name: calibrated(run, seconds) for name, run in runs.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(3):
        for name, run in runs.items():
            times[name].append(per_unit(run(repeats[name])))
    best = min(runs, key=lambda name: median(times[name]))
    return best, runs[best]


def paired_ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How many times longer theirs took, as the median over the rounds."""
    return median(t / o for t, o in zip(theirs, ours, strict=True))
