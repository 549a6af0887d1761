"""What a user names as a table, a path, a pattern, several of them, "-", as unpacked files."""

import contextlib
import difflib
import glob
import gzip
import os
import stat
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from layerwise.files.atomic_writing import NO_ROOM, note_input
from layerwise.tables.errors import TableError
from layerwise.tables.reading.scratch_folder import Workplace

STANDARD_INPUT = "standard input"
_BLOCK = 1 << 20
START = 4096  # bytes, by which the format of a file is told
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x04\x22\x4d\x18": "lz4",
}


@dataclass(frozen=True)
class SourceFile:
    """A file to read: where it is, unpacked; what to call it; its size as found; how it begins."""

    path: Path
    name: str
    n_bytes: int
    start: bytes


def find_files(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], workplace: Workplace
) -> list[SourceFile]:
    """The files that a path, a pattern, a list of them, or "-" stands for, in sorted order.

    What is compressed with gzip or zstd is unpacked to a file of the workplace; what is no file,
    such as a pipe, is put down as one.

    Raises
    ------
    TableError
        If there is none, or one cannot be opened, is empty, is cut off or damaged, is compressed in
        another way, or unpacks to more than it may.
    """
    several = [source] if isinstance(source, str | os.PathLike) else list(source)
    if not several:
        raise TableError("the list of files is empty; name at least one file")
    if any(not isinstance(one, str | os.PathLike) for one in several):
        raise TableError(
            f"a table is read from a path, a pattern or a list of them; got {several!r:.80}"
        )
    if len(several) == 1 and several[0] == "-":
        files = [_standard_input(workplace)]
    else:
        paths = {path for one in several for path in _matching(os.fspath(one))}
        files = [_checked(path, workplace) for path in sorted(paths)]
    return [_unpacked(file, workplace) for file in files]


def _matching(name: str) -> list[Path]:
    if name == "-":
        raise TableError('"-", standard input, cannot be read together with other files')
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise TableError(f"the home folder in {name} is not known; write out its path") from None
    # A name that exists is that file, whatever characters it has.
    if not glob.has_magic(name) or path.exists():
        return [path]
    found = [Path(one) for one in glob.glob(str(path), recursive=True)]  # noqa: PTH207
    found = [one for one in found if not one.is_dir()]
    if not found:
        raise TableError(f"no file matches the pattern {name}; check it, and quote it in a shell")
    return found


def _checked(path: Path, workplace: Workplace) -> SourceFile:
    try:
        file = path.open("rb", buffering=0)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a name with a zero, at last
        raise TableError(f"there is no file {path}{_nearest(path)}") from None
    except OSError as error:
        raise _unopened(path, error) from None
    where = path
    with file:
        try:
            facts = os.fstat(file.fileno())
            n_bytes = facts.st_size
            if not stat.S_ISREG(facts.st_mode):  # a pipe gives what it holds but once
                where = workplace.new_path()
                with where.open("wb") as content:
                    n_bytes = _copy(file, content, str(path), workplace)
            start = file.read(START) if where is path else _start_of(where)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise
            raise _unopened(path, error) from None
    note_input(path)
    if not start:
        raise TableError(f"{path} is empty (0 bytes); a table needs a header and rows")
    return SourceFile(where, str(path), n_bytes, start)


def _unopened(path: Path, error: OSError) -> TableError:
    if isinstance(error, IsADirectoryError) or (os.name == "nt" and path.is_dir()):
        return TableError(
            f"{path} is a folder, not a file; name a file in it, or a pattern such as "
            f"{path / '*.csv'}"
        )
    if isinstance(error, PermissionError):
        return TableError(
            f"{path} may not be read by this user (permission denied); change its permissions, "
            "or copy it to a place of your own"
        )
    return TableError(f"{path} cannot be opened: {error.strerror or error}")


def _nearest(path: Path) -> str:
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
    descriptor = None
    with contextlib.suppress(OSError):  # there is none in notebooks
        descriptor = sys.stdin.buffer.fileno()
    if descriptor is not None:
        note_input(descriptor)
    try:
        with path.open("wb") as file:
            n_bytes = _copy(sys.stdin.buffer, file, STANDARD_INPUT, workplace)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise
        raise TableError(f"standard input could not be read: {error.strerror or error}") from None
    if not n_bytes:
        raise TableError("standard input is empty (0 bytes); a table needs a header and rows")
    return SourceFile(path, STANDARD_INPUT, n_bytes, _start_of(path))


def _unpacked(file: SourceFile, workplace: Workplace) -> SourceFile:
    magics = (magic for magic in _COMPRESSED if file.start.startswith(magic))
    kind = _COMPRESSED.get(next(magics, b""))
    if kind is None:
        return file
    if kind not in ("gzip", "zstd"):
        raise TableError(
            f"{file.name} is compressed with {kind}; what is read are plain files and those "
            "compressed with gzip or zstd: unpack it first"
        )
    target = workplace.new_path()
    damage = None
    try:
        with _opened(file.path, kind) as packed, target.open("wb") as content:
            n_bytes = _copy(packed, content, file.name, workplace)
    except EOFError:
        damage = "cut off before its end"
    except (zlib.error, gzip.BadGzipFile) as error:
        damage = f"damaged ({error})"
    except OSError as error:
        if error.errno is not None:
            raise
        damage = "cut off or damaged"  # as Arrow says of zstd, rather than the operating system
    if damage is not None:
        raise TableError(
            f"{file.name} is compressed with {kind} and is {damage}; get or make the file again"
        )
    if not n_bytes:
        raise TableError(
            f"{file.name} is empty once it is unpacked; a table needs a header and rows"
        )
    return replace(file, path=target, start=_start_of(target))


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(START)


def _opened(path: Path, kind: str) -> gzip.GzipFile | pa.NativeFile:
    if kind == "gzip":
        return gzip.GzipFile(path)
    return pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")


def _copy(
    source: BinaryIO | gzip.GzipFile | pa.NativeFile,
    target: BinaryIO,
    name: str,
    workplace: Workplace,
) -> int:
    """Write all of a stream down, unless it is more than may be unpacked; return its bytes."""
    while block := source.read(_BLOCK):
        target.write(block)
        workplace.check_size(target.tell(), name)
    return target.tell()
