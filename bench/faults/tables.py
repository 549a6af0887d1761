"""Damaged tables: read, or refused with a `TableError`, and no rows lost without a word."""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from faults.made_tables import MADE, TARGET, write_all
from faults.pool import Outcome

_DECIDED_EVERY = 20
"""So many cases go on to what `layerwise fit` decides about the columns."""


def prepare(folder: Path) -> None:
    """Write the undamaged files."""
    write_all(folder)


@cache
def open_part(folder: Path, seed: int) -> _Tables:
    """Read the undamaged files."""
    return _Tables(folder, seed)


def keep(folder: Path, seed: int, number: int, kept: Path) -> tuple[str, str]:
    """Put the damaged file of a case into a folder."""
    made, content, how = open_part(folder, seed).case(number)
    (kept / f"{number}-{made.name}").write_bytes(content)
    return made.label, how


class _DecidedError(Exception):
    """The columns are decided: what comes then is training."""


class _Tables:
    def __init__(self, folder: Path, seed: int) -> None:
        from layerwise.tables.reading import read_table

        self.seed = seed
        self.place = tempfile.TemporaryDirectory(dir=folder)
        self.contents = {made.name: (folder / made.name).read_bytes() for made in MADE}
        self.before = {name: read_table(folder / name).table for name in self.contents}
        for name in ("comma.csv", "book.xlsx"):
            _decide(self.before[name])

    def case(self, number: int) -> tuple[Any, bytes, str]:
        made = MADE[number % len(MADE)]
        rng = np.random.default_rng([self.seed, number])
        content, how = made.damaged(self.contents[made.name], rng)
        return made, content, how

    def run(self, number: int) -> Outcome:
        from layerwise.tables.errors import TableError
        from layerwise.tables.reading import read_table

        made, content, how = self.case(number)
        path = Path(self.place.name) / made.name
        path.write_bytes(content)

        def outcome(verdict: str, said: str = "") -> Outcome:
            return Outcome(number, made.label, how, verdict, said[:300])

        try:
            read = read_table(path)
            if number // len(MADE) % _DECIDED_EVERY == 0:
                _decide(read.table)
        except TableError as error:
            return outcome("refused", str(error))
        except BaseException as error:  # noqa: BLE001 - a library's panic is no Exception
            return outcome("traceback", f"{type(error).__name__}: {error}")
        before = self.before[made.name]
        if read.table.equals(before):
            return outcome("read")
        if read.problems:
            return outcome("changed", read.problems[0].why)
        is_outside = not made.inside
        if made.is_checked and is_outside:
            return outcome("silent", "the rows changed without a word")
        if made.counts_rows and not read.notes and read.table.num_rows < before.num_rows:
            return outcome("silent", f"{read.table.num_rows} of {before.num_rows} rows")
        if how == "cut off" and made.name == "comma.csv" and content.count(b'"') % 2:
            return outcome("silent", "cut off within a quoted cell")
        return outcome("changed")


def _decide(table: Any) -> None:
    """Go as far as `layerwise fit` does before it trains."""
    from layerwise.report.trial import Trial

    def stop(*_: object) -> None:
        raise _DecidedError

    target = TARGET if TARGET in table.column_names else table.column_names[-1]
    with contextlib.suppress(_DecidedError):
        Trial([target]).run(table, decided=stop)
