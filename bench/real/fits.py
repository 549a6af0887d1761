"""How long one file takes to fit and judge, on one thread: seconds of the processor, by part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from layerwise.report.trial import Trial
from layerwise.tables.errors import TableError
from layerwise.tables.reading import read_table
from real.decisions import Decisions

MOST_SECONDS = 30.0
SETTINGS = {"effort": "low", "epochs": 15, "n_threads": 1}
PARTS = ("reading", "looking", "training", "judging")


@dataclass
class Fitted:
    """What came of a fit: seconds for each of `PARTS`, and what was refused or left out."""

    file: str
    target: str
    n_classes: int
    seconds: dict[str, float] = field(default_factory=dict)
    said: str = ""

    @property
    def total(self) -> float:
        """Seconds from the file to the scores."""
        return sum(self.seconds.values())


def most_work(found: Iterable[Decisions], n: int) -> list[Decisions]:
    """The files that should take longest: cells, times the trees of a round or the networks."""
    fitted = [one for one in found if one.read is not None and one.target]
    return sorted(fitted, key=_work, reverse=True)[:n]


def _work(one: Decisions) -> float:
    return sum(map(len, one.read.table.columns)) * (3 + one.n_classes) if one.read else 0


def fit(path: Path, one: Decisions) -> Fitted:
    """Fit and judge as `layerwise fit --effort low --epochs 15 --threads 1` does."""
    fitted = Fitted(one.file, one.target, one.n_classes)
    clock = time.process_time()

    def done(part: str) -> Callable[..., None]:
        def mark(*_: object) -> None:
            nonlocal clock
            now = time.process_time()
            fitted.seconds[part], clock = now - clock, now

        return mark

    table = read_table(path).data
    done("reading")()
    trial = Trial([one.target], settings=dict(SETTINGS))
    try:
        trial.run(table, decided=done("looking"), trained=done("training"))
    except TableError as error:
        fitted.said = str(error)
    done("judging" if "training" in fitted.seconds else "looking")()
    fitted.said = fitted.said or "; ".join(trial.notes)
    return fitted


def fits_table(fits: Iterable[Fitted]) -> Table:
    """The slowest first, what was left out behind it."""
    table = Table("file", "target", "classes", *PARTS, "seconds", "said")
    for one in sorted(fits, key=lambda one: -one.total):
        parts = [f"{one.seconds.get(part, 0.0):.1f}" for part in PARTS]
        n_classes = str(one.n_classes or "")
        table.add_row(one.file, one.target, n_classes, *parts, f"{one.total:.1f}", one.said)
    return table
