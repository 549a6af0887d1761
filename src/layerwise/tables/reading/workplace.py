"""A folder for what has to be unpacked or rewritten before it can be read."""

import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from layerwise.tables.errors import TableError

__all__ = ["Workplace", "open_workplace"]


class Workplace:
    """Hands out paths, one after the other, to files that are gone in the end."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._numbers = itertools.count()

    def new_path(self, suffix: str = "") -> Path:
        """A path at which nothing stands yet.

        Raises
        ------
        TableError
            If there is neither a folder for it nor, as on Linux, a file in memory.
        """
        if self.folder is not None:
            return self.folder / f"{next(self._numbers)}{suffix}"
        if not hasattr(os, "memfd_create"):
            raise TableError(
                "no folder could be made for temporary files; set TMPDIR to one that can be "
                "written to"
            )
        descriptor = os.memfd_create("layerwise")
        self._stack.callback(os.close, descriptor)
        return Path(f"/proc/self/fd/{descriptor}")

    @cached_property
    def folder(self) -> Path | None:
        """A folder of its own in the temporary one; None where that cannot be written to."""
        with contextlib.suppress(OSError):
            folder = tempfile.TemporaryDirectory(prefix="layerwise-", ignore_cleanup_errors=True)
            return Path(self._stack.enter_context(folder))
        return None


@contextlib.contextmanager
def open_workplace() -> Iterator[Workplace]:
    """Have a workplace for as long as the table is being read; its folder is made when needed."""
    with contextlib.ExitStack() as stack:
        yield Workplace(stack)
