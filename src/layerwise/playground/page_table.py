"""A page's table, and its rows as they are learned from, made once for all pages that share it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import pyarrow as pa

from layerwise.playground.choices import WrongChoice
from layerwise.playground.exported import TableSource
from layerwise.playground.made_message import described
from layerwise.playground.material import Material, guess_target
from layerwise.tables.find_task import find_table_task
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import check_names

MOST_BYTES = 50_000_000  # of one table, as it comes and as it stands in memory
_MOST_COLUMNS, _MOST_ROWS = 500, 200_000


@dataclass(frozen=True, eq=False)
class PageTable:
    """One table of a page, or of all.

    Attributes
    ----------
    name : str
        As pages show it.
    table : pyarrow.Table
    source : TableSource
        What a program reads it from.
    target : str
        The column that is to be predicted, as far as can be guessed.
    notes : tuple of str
        What the reader left out, and why.
    """

    name: str
    table: pa.Table
    source: TableSource
    target: str
    notes: tuple[str, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _materials: WeakValueDictionary[object, Material] = field(default_factory=WeakValueDictionary)

    @classmethod
    def of(
        cls,
        name: str,
        table: pa.Table,
        source: TableSource,
        *,
        target: str = "",
        notes: tuple[str, ...] = (),
    ) -> PageTable:
        """Take a table that is in memory.

        Raises
        ------
        TableError
            If no column can be predicted, or not the one that is named.
        WrongChoice
            If it is too large for a page.
        """
        if table.num_columns > _MOST_COLUMNS or table.num_rows > _MOST_ROWS:
            raise WrongChoice(
                f"the table has {table.num_rows:,} rows and {table.num_columns:,} columns; a page "
                f"takes up to {_MOST_ROWS:,} and {_MOST_COLUMNS}: use `layerwise fit` for it"
            )
        if table.nbytes > MOST_BYTES:
            raise WrongChoice(
                f"the table takes {table.nbytes:,} bytes of memory; a page takes up to "
                f"{MOST_BYTES:,}: leave out columns, or use `layerwise fit`"
            )
        if target:
            (target,) = check_names([target], table.column_names, "target")
            find_table_task(table, [target])
        return cls(name, table, source, target or guess_target(table), notes)

    @property
    def nbytes(self) -> int:
        """How much memory it takes, without the rows that are made of it."""
        return int(self.table.nbytes)

    @cached_property
    def described(self) -> dict[str, Any]:
        """What a page is told of it."""
        columns = describe_columns(self.table)
        return {
            "name": self.name,
            "rows": self.table.num_rows,
            "columns": [described(one) for one in columns],
            "target": self.target,
            "notes": list(self.notes),
        }

    def material(self, target: str, *, inputs: tuple[str, ...], test: float, seed: int) -> Material:
        """Its rows as they are learned from; whoever chooses the same shares them.

        Raises
        ------
        TableError
            If a column is not there or of no use.
        """
        wanted = (target, inputs, test, seed)
        with self._lock:
            found = self._materials.get(wanted)
            if found is None:
                found = Material.of_table(self.table, target, inputs=inputs, test=test, seed=seed)
                self._materials[wanted] = found
            return found
