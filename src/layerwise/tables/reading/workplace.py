"""A folder for what has to be unpacked or rewritten before it can be read."""

import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from layerwise.tables.errors import TableError

__all__ = ["Workplace", "open_workplace"]


class Workplace:
    """Hands out paths, one after the other, in a folder that is removed in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()

    def new_path(self, suffix: str = "") -> Path:
        """A path at which no file stands yet."""
        return self.folder / f"{next(self._numbers)}{suffix}"


@contextlib.contextmanager
def open_workplace() -> Iterator[Workplace]:
    """Make the folder for as long as the table is being read.

    Raises
    ------
    TableError
        If there is no room for it.
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="layerwise-", ignore_cleanup_errors=True)
    except OSError as error:
        raise TableError(
            f"no folder could be made for temporary files ({error.strerror or error}); set "
            "TMPDIR to one that can be written"
        ) from None
    with folder as name:
        yield Workplace(Path(name))
