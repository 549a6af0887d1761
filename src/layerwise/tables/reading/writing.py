"""`write_table`: an Arrow table to a file, or as CSV to a stream."""

import contextlib
import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from layerwise.files.atomic_writing import FileWriteError, is_special, whole_file
from layerwise.harmless_text import as_json
from layerwise.tables.errors import TableError
from layerwise.tables.reading.workbook_writing import write_workbook

_SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xlsx": "xlsx",
}
_COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
_FORMATS = ("csv", "tsv", "parquet", "arrow", "jsonl", "json", "xlsx")
_ROWS_AT_ONCE = 20_000


def write_table(
    table: pa.Table,
    target: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,  # noqa: A002
) -> None:
    """Write a table; a file is at all times the old one or the new one, whole.

    Parameters
    ----------
    table : pyarrow.Table
    target : path or binary stream
        A path, whose name tells the format and the compression ("out.csv", "out.parquet",
        "out.jsonl.gz", "out.tsv.zst"); or a stream such as `sys.stdout.buffer`, which gets CSV
        if no format is given, as a pipe or device does.
    format : str, optional
        "csv", "tsv", "parquet", "arrow", "jsonl" (an object a line), "json" (an array of them) or
        "xlsx".

    Raises
    ------
    TableError
        If the format cannot be told, or the file cannot be written.

    Examples
    --------
    >>> import io
    >>> stream = io.BytesIO()
    >>> write_table(pa.table({"rooms": [3, None], "name": ["a,b", "c"]}), stream)
    >>> print(stream.getvalue().decode())
    rooms,name
    3,"a,b"
    ,c
    <BLANKLINE>
    """
    if not isinstance(target, str | os.PathLike):
        _write(table, target, _format(format) or "csv")
        return
    path = Path(target)
    compression = _COMPRESSED.get(path.suffix.lower())
    suffix = Path(path.stem).suffix if compression else path.suffix
    chosen = _format(format) or _SUFFIXES.get(suffix.lower())
    if chosen is None and is_special(path):
        chosen = "csv"
    if chosen is None:
        raise TableError(
            f'the name "{path.name}" does not tell in which format to write; let it end in '
            f"{', '.join(_SUFFIXES)}"
        )
    try:
        with whole_file(path) as file, _compressing(file, compression) as stream:
            _write(table, stream, chosen)
    except FileWriteError as error:
        raise TableError(str(error)) from None
    except pa.ArrowException as error:
        raise TableError(f"cannot write {path}: {error}") from None


def _format(name: str | None) -> str | None:
    if name is None:
        return None
    if name not in _FORMATS:
        raise TableError(f'tables are not written as "{name}"; choose one of {", ".join(_FORMATS)}')
    return name


@contextlib.contextmanager
def _compressing(file: BinaryIO, compression: str | None) -> Iterator[BinaryIO | gzip.GzipFile]:
    if compression == "gzip":
        # Without the name and the time, so that the same table makes the same file.
        with gzip.GzipFile("", fileobj=file, mode="wb", mtime=0) as stream:
            yield stream
    elif compression == "zstd":
        kept_open = pa.output_stream(_KeptOpen(file))
        with pa.CompressedOutputStream(kept_open, "zstd") as stream:
            yield stream
    else:
        yield file


class _KeptOpen:
    """A file that Arrow writes to and does not close."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write
        self.flush = file.flush
        self.tell = file.tell

    def close(self) -> None:
        """Leave the file to who opened it."""


def _write(table: pa.Table, stream: BinaryIO | gzip.GzipFile, chosen: str) -> None:
    match chosen:
        case "csv" | "tsv":
            _write_delimited(table, stream, "," if chosen == "csv" else "\t")
        case "parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, stream)
        case "arrow":
            with pa.ipc.new_file(stream, table.schema) as writer:
                writer.write_table(table)
        case "xlsx":
            write_workbook(table, stream)
        case "jsonl":
            for row in _json_rows(table):
                stream.write(f"{row}\n".encode())
        case _:
            before = "["
            for row in _json_rows(table):
                stream.write(f"{before}\n{row}".encode())
                before = ","
            stream.write(b"\n]\n" if table.num_rows else b"[]\n")


def _json_rows(table: pa.Table) -> Iterator[str]:
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        for row in table.slice(start, _ROWS_AT_ONCE).to_pylist():
            yield as_json(row, indent=None)


def _write_delimited(table: pa.Table, stream: BinaryIO | gzip.GzipFile, delimiter: str) -> None:
    """Cells in quotes only where they must be; an empty line would be no row, so "" is one."""
    pattern = f'[{delimiter}"\r\n]'
    header = _cells(pa.array(table.column_names, pa.string()), pattern).to_pylist()
    stream.write((delimiter.join(header) + "\n").encode())
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        piece = table.slice(start, _ROWS_AT_ONCE)
        columns = [_cells(column.combine_chunks(), pattern) for column in piece.columns]
        if len(columns) == 1:
            columns[0] = pc.if_else(pc.equal(columns[0], ""), '""', columns[0])
        lines = pc.binary_join_element_wise(*columns, delimiter)
        stream.write(("\n".join(lines.to_pylist()) + "\n").encode())


def _cells(column: pa.Array, pattern: str) -> pa.StringArray:
    """The column as text, quoted where needed, missing cells empty."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        column = pa.array([None if one is None else str(one) for one in column.to_pylist()])
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    text = pc.cast(column, pa.string())
    if is_text:
        escaped = pc.replace_substring(text, '"', '""')
        quoted = pc.binary_join_element_wise('"', escaped, '"', "")
        text = pc.if_else(pc.match_substring_regex(text, pattern), quoted, text)
    return pc.fill_null(text, "")
