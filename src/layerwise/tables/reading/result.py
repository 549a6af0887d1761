"""What reading gives: the table, and the facts of how it was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.parsing import cells_of_file


@dataclass(frozen=True)
class Problem:
    """A line that could not be read, and is not in the table.

    Attributes
    ----------
    file : str
    line : int
        Counted from 1 in the file; the header counts.
    why : str
    """

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        """The same, for `retold`."""
        return said("{file}, line {line:,}: {why}", file=self.file, line=self.line, why=self.why)


class NoRowsError(TableError):
    """A file holds the columns of a table and no rows.

    Attributes
    ----------
    names : sequence of str
        The columns; none of an empty array in JSON.
    problems : sequence of Problem
        Lines that are no rows, such as a total.
    """

    def __init__(
        self, message: str, names: Sequence[str] = (), problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(message)
        self.names, self.problems = names, problems


@dataclass(frozen=True)
class Part:
    """What one file, or several of the same kind, gave."""

    table: pa.Table
    encoding: str | None = None
    delimiter: str | None = None
    problems: Sequence[Problem] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class ReadTable:
    """A table, and how it was read.

    Attributes
    ----------
    table : pyarrow.Table
        The cells as they stand in the file.
    files : tuple of str
        What was read, in the order of the rows; of a database, its address without the password.
    format : str
        "csv", "parquet", "arrow", "json", "excel", "sqlite" or "postgresql".
    encoding, delimiter : str or None
        Of text files: how characters are stored, and what stands between cells.
    n_bytes : int
        Size of the files as they were found (compressed, if they are); 0 for a server.
    problems : tuple of Problem
        The lines that are not in the table because they could not be read.
    notes : tuple of str
        What was decided on the way that a reader of the file may not expect, in sentences.

    Examples
    --------
    >>> read = ReadTable(pa.table({"a": [1, 2]}), ("a.csv",), "csv", "utf-8", ",", 6)
    >>> read.n_rows
    2
    >>> read.to_json()["delimiter"]
    ','
    """

    table: pa.Table
    files: tuple[str, ...]
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    n_bytes: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def data(self) -> pa.Table:
        """What the cells mean: blanks around text are none of it, and blank cells are missing."""
        columns = [cells_of_file(column) for column in self.table.columns]
        return pa.table(columns, self.table.column_names)

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return int(self.table.num_rows)

    def to_json(self) -> dict[str, object]:
        """Return the facts, without the table, as plain data."""
        return {
            "files": list(self.files),
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "n_rows": self.n_rows,
            "n_bytes": self.n_bytes,
            "problems": [vars(problem) for problem in self.problems],
            "notes": list(self.notes),
        }
