"""Files to read, made by the tests."""

import gzip
from pathlib import Path

import pyarrow as pa

from layerwise.tables.reading import ReadTable, read_table


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


PACKED = {"": lambda content: content, ".gz": gzip.compress, ".zst": zstd}


def read_bytes(folder: Path, content: bytes | str, name: str = "table.csv", **options) -> ReadTable:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, **options)


def columns(read: ReadTable) -> dict[str, list]:
    return read.table.to_pydict()


def types(read: ReadTable) -> dict[str, str]:
    """The columns' types; a text column may be stored as a dictionary."""
    found = {}
    for field in read.table.schema:
        dtype = field.type
        found[field.name] = str(dtype.value_type if pa.types.is_dictionary(dtype) else dtype)
    return found
