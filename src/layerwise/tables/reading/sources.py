"""What a user names as a table, a path, a pattern, several of them, "-", turned into files."""

import difflib
import glob
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from layerwise.files.writing import NO_ROOM
from layerwise.tables.errors import TableError
from layerwise.tables.reading.workplace import Workplace

__all__ = ["STANDARD_INPUT", "SourceFile", "find_files"]

STANDARD_INPUT = "standard input"


@dataclass(frozen=True)
class SourceFile:
    """A file to read: where it is, and what to call it when speaking of it."""

    path: Path
    name: str
    n_bytes: int


def find_files(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], workplace: Workplace
) -> list[SourceFile]:
    """The files that a path, a pattern, a list of them, or "-" stands for, in sorted order.

    Raises
    ------
    TableError
        If there is none, or one cannot be opened or is empty.
    """
    several = [source] if isinstance(source, str | os.PathLike) else list(source)
    if not several:
        raise TableError("the list of files is empty; name at least one file")
    if any(not isinstance(one, str | os.PathLike) for one in several):
        raise TableError(
            f"a table is read from a path, a pattern or a list of them; got {several!r:.80}"
        )
    if len(several) == 1 and several[0] == "-":
        return [_standard_input(workplace)]
    paths: set[Path] = set()
    for one in several:
        paths.update(_matching(os.fspath(one)))
    return [_checked(path) for path in sorted(paths)]


def _matching(name: str) -> list[Path]:
    if name == "-":
        raise TableError('"-", standard input, cannot be read together with other files')
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise TableError(f"the home folder in {name} is not known; write out its path") from None
    # A name that exists is that file, whatever characters it has.
    if path.exists() or not glob.has_magic(name):
        return [path]
    found = [Path(one) for one in glob.glob(str(path), recursive=True)]  # noqa: PTH207
    found = [one for one in found if not one.is_dir()]
    if not found:
        raise TableError(f"no file matches the pattern {name}; check it, and quote it in a shell")
    return found


def _checked(path: Path) -> SourceFile:
    if not path.exists():
        raise TableError(f"there is no file {path}{_nearest(path)}")
    if path.is_dir():
        raise TableError(
            f"{path} is a folder, not a file; name a file in it, or a pattern such as "
            f"{path / '*.csv'}"
        )
    try:
        with path.open("rb") as file:
            n_bytes = os.fstat(file.fileno()).st_size
            is_empty = path.is_file() and not file.read(1)
    except PermissionError:
        raise TableError(
            f"{path} may not be read by this user (permission denied); change its permissions, "
            "or copy it to a place of your own"
        ) from None
    except OSError as error:
        raise TableError(f"{path} cannot be opened: {error.strerror or error}") from None
    if is_empty:
        raise TableError(f"{path} is empty (0 bytes); a table needs a header and rows")
    return SourceFile(path, str(path), n_bytes)


def _nearest(path: Path) -> str:
    """What else the user may have meant, as the end of a sentence."""
    folder = path.parent
    if not folder.is_dir():
        return f", nor a folder {folder}; check the path"
    try:
        names = [one.name for one in folder.iterdir() if one.is_file()]
    except OSError:
        return "; check the path"
    lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(path.name.lower(), lower, n=1, cutoff=0.5)
    if close:
        return f'; the nearest name in its folder is "{lower[close[0]]}"'
    return f"; its folder, {folder.resolve()}, has no file with a name like it"


def _standard_input(workplace: Workplace) -> SourceFile:
    """Standard input, put down as a file: most formats are not read from front to back."""
    path = workplace.new_path()
    try:
        with path.open("wb") as file:
            while block := sys.stdin.buffer.read(1 << 20):
                file.write(block)
                workplace.check_size(file.tell(), STANDARD_INPUT)
            n_bytes = file.tell()
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise TableError(f"standard input could not be read: {error.strerror or error}") from None
    if not n_bytes:
        raise TableError("standard input is empty (0 bytes); a table needs a header and rows")
    return SourceFile(path, STANDARD_INPUT, n_bytes)
