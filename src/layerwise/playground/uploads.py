"""Tables that pages bring: read within limits."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from layerwise.playground.choices import WrongChoice
from layerwise.playground.exported import EXAMPLE, TableSource
from layerwise.playground.page_table import MOST_BYTES, PageTable
from layerwise.tables.errors import TableError
from layerwise.tables.examples import PENGUINS
from layerwise.tables.reading import read_table

_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet", ".xlsx", ".arrow", ".feather")


def read_upload(name: str, content: bytes) -> PageTable:
    """Read a table that came over the network.

    Parameters
    ----------
    name : str
        Its file's, whoever wrote it.
    content : bytes

    Raises
    ------
    TableError
        If it cannot be read.
    WrongChoice
        If it is too large.
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
    return PageTable.of(shown, read.table, TableSource.of_file(shown), notes=notes)


@cache
def example_table() -> PageTable:
    """The table that comes with the package."""
    table = read_table(PENGUINS).table
    return PageTable.of("penguins-raw.csv", table, EXAMPLE, target="Species")
