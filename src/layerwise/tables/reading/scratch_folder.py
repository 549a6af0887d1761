"""A folder for what has to be unpacked or rewritten before it can be read, and how much may be."""

import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from layerwise.files.atomic_writing import NO_ROOM
from layerwise.tables.errors import TableError

# What a container allows: of the second version of Linux's control groups, and of the first.
_ALLOWED = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_UNKNOWN_MEMORY = 16 << 30


class Workplace:
    """Hands out paths, one after the other, to files that are gone in the end.

    Parameters
    ----------
    stack : ExitStack
        What is made is removed when it is closed.
    max_size : int or None
        Bytes that a file may unpack to; None: as many as there is memory.
    """

    def __init__(self, stack: contextlib.ExitStack, max_size: int | None = None) -> None:
        self._stack = stack
        self._max_size = max_size
        self._numbers = itertools.count()

    @cached_property
    def max_size(self) -> int:
        """Bytes that a file may unpack to."""
        return _memory() if self._max_size is None else self._max_size

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

    def check_size(self, n_bytes: float, name: str) -> None:
        """Refuse, with a TableError, what takes more bytes than may be unpacked."""
        if n_bytes > self.max_size:
            raise TableError(
                f"{name} unpacks to more than {self.max_size:,} bytes, which may not fit into "
                "memory; if you trust it, allow more: --max-size on the command line, max_size in "
                "read_table"
            )


@contextlib.contextmanager
def open_workplace(max_size: int | None = None) -> Iterator[Workplace]:
    """Have a workplace for as long as the table is being read; its folder is made when needed.

    Raises
    ------
    TableError
        If there is no room in it.
    """
    with contextlib.ExitStack() as stack:
        place = Workplace(stack, max_size)
        try:
            yield place
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            where = "memory" if place.folder is None else place.folder.parent
            raise TableError(
                f"there is no room to unpack or rewrite the table in {where} ({error.strerror}); "
                "set TMPDIR to a folder with more"
            ) from None


def _memory() -> int:
    """Bytes of memory that this process may have."""
    sizes = []
    with contextlib.suppress(AttributeError, ValueError, OSError):  # not on Windows
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in _ALLOWED:
        with contextlib.suppress(OSError, ValueError):
            sizes.append(int(Path(path).read_text()))
    return min((size for size in sizes if size > 0), default=_UNKNOWN_MEMORY)
