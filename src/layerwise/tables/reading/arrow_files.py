"""Parquet, and Arrow's own file and stream (Feather)."""

from pathlib import Path

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.reading.names import unique_names
from layerwise.tables.reading.result import Part

__all__ = ["read_arrow", "read_parquet"]


def read_parquet(path: Path, name: str) -> Part:
    """The rows of a Parquet file.

    Raises
    ------
    TableError
        If it is cut off or damaged.
    """
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise TableError(_damaged(name, "a Parquet", error)) from None
    return _part(table)


def read_arrow(path: Path, name: str) -> Part:
    """The rows of an Arrow file, which is Feather too, or of an Arrow stream.

    Raises
    ------
    TableError
        If it is cut off or damaged.
    """
    with path.open("rb") as file:
        start = file.read(6)
    try:
        if start.startswith(b"FEA1"):
            import pyarrow.feather

            table = pyarrow.feather.read_table(path)
        elif start == b"ARROW1":
            with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as reader:
                table = reader.read_all()
        else:
            with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as reader:
                table = reader.read_all()
    except (pa.ArrowException, OSError) as error:
        raise TableError(_damaged(name, "an Arrow", error)) from None
    return _part(table)


def _part(table: pa.Table) -> Part:
    names, notes = unique_names(table.column_names)
    return Part(table.replace_schema_metadata(None).rename_columns(names), notes=notes)


def _damaged(name: str, what: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:120]
    return f"{name} is not {what} file, or is cut off or damaged ({said}); get or make it again"
