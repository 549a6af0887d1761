"""Compressed files, unpacked in a stream to a temporary file."""

import gzip
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.reading.workplace import Workplace

__all__ = ["unpack"]

_BLOCK = 1 << 20
_OTHERS = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"\x04\x22\x4d\x18": "lz4",
}


def unpack(path: Path, name: str, workplace: Workplace) -> Path:
    """The file's own path or, if it is compressed with gzip or zstd, that of its content.

    Raises
    ------
    TableError
        If it is cut off or damaged, compressed in another way, or unpacks to more than it may.
    """
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\x1f\x8b"):
        kind = "gzip"
    elif start.startswith(b"\x28\xb5\x2f\xfd"):
        kind = "zstd"
    else:
        for magic, other in _OTHERS.items():
            if start.startswith(magic):
                raise TableError(
                    f"{name} is compressed with {other}; what is read are plain files and those "
                    "compressed with gzip or zstd: unpack it first"
                )
        return path
    target = workplace.new_path()
    n_bytes = 0
    try:
        with _opened(path, kind) as packed, target.open("wb") as content:
            while block := packed.read(_BLOCK):
                content.write(block)
                n_bytes = content.tell()
                workplace.check_size(n_bytes, name)
    except EOFError:
        raise TableError(_damaged(name, kind, "cut off before its end")) from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise TableError(_damaged(name, kind, f"damaged ({error})")) from None
    except OSError as error:
        if error.errno is None:  # what Arrow says of zstd, rather than the operating system
            raise TableError(_damaged(name, kind, "cut off or damaged")) from None
        raise
    if not n_bytes:
        raise TableError(f"{name} is empty once it is unpacked; a table needs a header and rows")
    return target


def _opened(path: Path, kind: str) -> Any:
    if kind == "gzip":
        return gzip.open(path)
    return pa.CompressedInputStream(pa.OSFile(str(path)), "zstd")


def _damaged(name: str, kind: str, how: str) -> str:
    return f"{name} is compressed with {kind} and is {how}; get or make the file again"
