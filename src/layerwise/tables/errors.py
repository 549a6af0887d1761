"""What is raised when a table, or a file that should hold one, cannot be used."""

from collections.abc import Sequence

from layerwise.literal import visible

__all__ = ["NoRowsError", "TableError"]


class TableError(ValueError):
    """A table cannot be used as it is; the message says what came, what was wanted, what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


class NoRowsError(TableError):
    """A file holds the columns of a table and no rows.

    Attributes
    ----------
    names : sequence of str
        The columns; none of an empty array in JSON.
    """

    def __init__(self, message: str, names: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.names = names
