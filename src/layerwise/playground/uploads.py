"""Tables that pages bring: read within limits, and kept in memory as long as their page is open."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from layerwise.playground.choices import WrongChoice
from layerwise.playground.exported import EXAMPLE
from layerwise.playground.made_message import described
from layerwise.playground.material import guess_target
from layerwise.tables.errors import TableError
from layerwise.tables.examples import PENGUINS
from layerwise.tables.find_task import find_table_task
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import check_names
from layerwise.tables.reading import read_table

__all__ = ["MOST_BYTES", "PageTable", "Uploads"]

MOST_BYTES = 50_000_000  # of one table, as it comes and as it stands in memory
_MOST_BYTES_OF_ALL = 500_000_000
_MOST_COLUMNS, _MOST_ROWS = 500, 200_000
_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet", ".xlsx", ".arrow", ".feather")


@dataclass(frozen=True, eq=False)
class PageTable:
    """One table of a page.

    Attributes
    ----------
    name : str
        Of its file; for the code that reads it.
    table : pyarrow.Table
    notes : tuple of str
        What the reader left out, and why.
    target : str
        The column that is to be predicted, as far as can be guessed.
    is_example : bool
        Whether it is the one that comes with the package.
    """

    name: str
    table: pa.Table
    notes: tuple[str, ...]
    target: str
    is_example: bool = False

    @property
    def in_code(self) -> str:
        """How a program names it."""
        return EXAMPLE if self.is_example else repr(self.name)

    @classmethod
    def of(cls, name: str, table: pa.Table, notes: tuple[str, ...], target: str = "") -> PageTable:
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
        return cls(name, table, notes, target or guess_target(table))

    def described(self) -> dict[str, Any]:
        """What the page is told of it."""
        columns = describe_columns(self.table)
        return {
            "name": self.name,
            "rows": self.table.num_rows,
            "columns": [described(one) for one in columns],
            "target": self.target,
            "notes": list(self.notes),
        }


class Uploads:
    """Counts what all pages together hold."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes: dict[str, int] = {}

    def read(self, page: str, name: str, content: bytes) -> PageTable:
        """Read a table that came over the network, in the place of the page's earlier one.

        Raises
        ------
        TableError
            If it cannot be read.
        WrongChoice
            If it is too large, or all pages together hold too much.
        """
        if len(content) > MOST_BYTES:
            raise WrongChoice(f"{len(content):,} bytes came; up to {MOST_BYTES:,} are taken")
        shown = Path(name).name or "pasted.csv"
        ending = Path(name).suffix.lower()
        if ending not in _SUFFIXES:
            ending = ".csv"
        with tempfile.TemporaryDirectory(prefix="layerwise-play-") as folder:
            path = Path(folder, f"table{ending}")
            path.write_bytes(content)
            try:
                read = read_table(path, max_size=4 * MOST_BYTES)
            except TableError as error:
                raise TableError(str(error).replace(str(path), shown)) from None
        notes = tuple(str(problem) for problem in read.problems[:5])
        table = PageTable.of(shown, read.table, notes)
        with self._lock:
            others = sum(size for of, size in self._bytes.items() if of != page)
            if others + table.table.nbytes > _MOST_BYTES_OF_ALL:
                raise WrongChoice("all pages together hold as much as there is room for; close one")
            self._bytes[page] = table.table.nbytes
        return table

    @staticmethod
    def example() -> PageTable:
        """The table that comes with the package."""
        table = read_table(PENGUINS).table
        return replace(PageTable.of("penguins-raw.csv", table, (), "Species"), is_example=True)

    def forget(self, page: str) -> None:
        """The page is closed."""
        with self._lock:
            self._bytes.pop(page, None)
