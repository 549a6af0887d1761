"""What is decided on one file: how it is read, of what kind each column is, what is warned of."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from layerwise.report.trial import Trial
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_table_task
from layerwise.tables.finding import Finding
from layerwise.tables.kinds import describe_columns
from layerwise.tables.parsing import Reading
from layerwise.tables.reading import read_table
from layerwise.tables.reading.result import ReadTable
from layerwise.tables.task import Task

READ, REFUSED, CRASHED = "read", "refused", "crashed"
ROUNDS, LONG = 3, 1.0
"""Reading is timed so many times, and once only if it takes so many seconds."""


@dataclass
class Decisions:
    """What came of a file; `outcome` says whether it was read at all.

    `columns` has those of the table in its order, the target among them; `pandas_seconds` is None
    where pandas cannot read the file.
    """

    file: str
    outcome: str
    said: str = ""
    read: ReadTable | None = None
    columns: list[Column] = field(default_factory=list)
    target: str = ""
    n_classes: int = 0
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0
    pandas_seconds: float | None = None

    @property
    def names(self) -> list[str]:
        """What the columns are called."""
        return self.read.table.column_names if self.read else []

    @property
    def has_names(self) -> bool:
        """Whether a line of the file was taken for the columns' names."""
        return any(re.fullmatch(r"column_\d+", name) is None for name in self.names)

    @property
    def n_above(self) -> int:
        """Lines above the header that are named and left out."""
        problems = self.read.problems if self.read else ()
        return sum("above the header" in problem.why for problem in problems)

    @property
    def giveaways(self) -> list[str]:
        """Columns said to give the target away, as "target <- column and column"."""
        told: list[str] = []
        for finding in self.findings:
            if re.search(" alone predicts? ", finding.message):
                is_each = ", each alone predict" in finding.message
                sets = finding.columns if is_each else [" and ".join(finding.columns)]
                told += [f"{self.target} <- {one}" for one in sets]
        return told

    @property
    def ratio(self) -> float | None:
        """How many times longer than pandas it took to read."""
        return self.seconds / self.pandas_seconds if self.pandas_seconds else None


class _DecidedError(Exception):
    """All is decided, and nothing is to be trained."""


def decide(path: Path, file: str, target: str = "") -> Decisions:
    """Read a file, and decide on its columns as `layerwise fit` does before it trains.

    The target is the one named, else the last column that can be predicted and has a value in half
    of the rows.
    """
    try:
        seconds, read = _timed(lambda: read_table(path))
    except TableError as error:
        return Decisions(file, REFUSED, str(error).replace(str(path), path.name))
    except Exception as error:  # noqa: BLE001  which is what is looked for
        return Decisions(file, CRASHED, f"{type(error).__name__}: {error}")
    found = Decisions(file, READ, read=read, seconds=seconds)
    try:
        found.pandas_seconds, _ = _timed(lambda: pd.read_csv(path, sep=read.delimiter))
    except (ValueError, UnicodeError, pd.errors.ParserError):
        found.pandas_seconds = None
    table = read.table
    try:
        whole = describe_columns(table)
        found.columns = list(whole)
        candidates = [target] if target in table.column_names else reversed(table.column_names)
        found.target = next((name for name in candidates if _can_be_predicted(table, name)), "")
        if found.target:
            decided = _as_fit_decides(found, table)
            by_name = {column.name: column for column in decided}
            found.columns = [by_name.get(column.name, column) for column in whole]
    except TableError as error:
        found.said = str(error)
    except Exception as error:  # noqa: BLE001
        found.outcome, found.said = CRASHED, f"{type(error).__name__}: {error}"
    return found


def kind_of(column: Column) -> str:
    """The kind in the words of the labels, which tell more of them apart than the product."""
    if column.kind == "identifier" and "counts the rows" in column.reason:
        return "rows"
    if column.kind == "number":
        kinds = {"times of day": "time", "days of a year": "day", "durations": "duration"}
        for words, kind in kinds.items():
            if words in column.reason:
                return kind
    if column.kind == "category" and re.search(r"\border(ed)?\b", column.reason):
        return "ordered"
    return column.kind


def read_as(column: Column) -> str:
    """How its cells are read: what differs from reading them as they stand."""
    if column.reading is None:
        return column.stored
    plain = Reading()
    told = [
        f"{one.name} {_words(getattr(column.reading, one.name))}"
        for one in fields(column.reading)
        if getattr(column.reading, one.name) != getattr(plain, one.name)
    ]
    return "; ".join([column.stored, *told])


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _can_be_predicted(table: pa.Table, name: str) -> bool:
    try:
        return find_table_task(table, [name]).n_missing <= table.num_rows / 2
    except TableError:
        return False


def _as_fit_decides(found: Decisions, table: pa.Table) -> tuple[Column, ...]:
    def stop(trial: Trial, task: Task) -> None:
        found.n_classes = len(task.classes)
        raise _DecidedError

    trial = Trial([found.target])
    with suppress(_DecidedError):
        trial.run(table, decided=stop)
    found.findings = trial.findings
    return trial.columns


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest of some turns; where others are at work, the processor's time is shorter."""
    shortest = float("inf")
    for _ in range(ROUNDS):
        started, worked = time.perf_counter(), time.process_time()
        result = call()
        taken = time.perf_counter() - started, time.process_time() - worked
        shortest = min(shortest, *taken)
        if shortest > LONG:
            break
    return shortest, result
