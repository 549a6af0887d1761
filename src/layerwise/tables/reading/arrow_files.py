"""Parquet, and Arrow's own file and stream (Feather)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.names import unique_names
from layerwise.tables.reading.result import Part
from layerwise.tables.reading.scratch_folder import Workplace

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_ROWS_AT_ONCE = 4_096
# What a damaged file raises: names of columns may be no text.
_DAMAGED = (pa.ArrowException, OSError, UnicodeDecodeError)
_END = b"\xff\xff\xff\xff\0\0\0\0"  # of an Arrow stream: nothing more comes


def read_parquet(path: Path, name: str, workplace: Workplace) -> Part:
    """The rows of a Parquet file.

    Raises
    ------
    TableError
        If it is cut off or damaged.
    """
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            _check_names(file.metadata)
            table = _careful(file, name, workplace) if _may_grow(file, workplace) else file.read()
        table.validate(full=True)
        return _part(table)
    except _DAMAGED as error:
        raise TableError(_damaged(name, "a Parquet", error)) from None


def read_arrow(path: Path, name: str, workplace: Workplace) -> Part:
    """The rows of an Arrow file, which is Feather too, or of an Arrow stream.

    Raises
    ------
    TableError
        If it is cut off or damaged.
    """
    with path.open("rb") as file:
        start = file.read(6)
    notes = []
    try:
        if start.startswith(b"FEA1"):
            import pyarrow.feather

            table = pyarrow.feather.read_table(path)
            table.validate(full=True)
        elif start == b"ARROW1":
            with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as reader:
                batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
                table = _table_of(batches, reader.schema, name, workplace)
        else:
            with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as reader:
                table = _table_of(reader, reader.schema, name, workplace)
                if source.tell() < source.size():
                    raise pa.ArrowInvalid("there is more after the end of the stream")
                source.seek(source.size() - len(_END))
                if source.read() != _END:
                    notes.append(
                        said(
                            "{name} does not end as an Arrow stream does: if it was cut off, rows "
                            "of it are missing.",
                            name=name,
                        )
                    )
        return _part(table, notes)
    except _DAMAGED as error:
        raise TableError(_damaged(name, "an Arrow", error)) from None


def _check_names(facts: "pq.FileMetaData") -> None:
    """Refuse a Parquet file whose columns are not called the same in both places that name them.

    Checksums guard its cells alone.
    """
    for i in range(facts.num_columns if facts.num_row_groups else 0):
        named, found = facts.schema.column(i).path, facts.row_group(0).column(i).path_in_schema
        if named != found:
            raise pa.ArrowInvalid(f'a column is called "{named}" and "{found}"')


def _may_grow(file: "pq.ParquetFile", workplace: Workplace) -> bool:
    """Whether a Parquet file may hold more than may be unpacked, as far as its footer tells.

    Values that repeat are written once, so that a chunk may hold its size as often as it has rows.
    """
    facts = file.metadata
    groups = [facts.row_group(i) for i in range(facts.num_row_groups)]
    chunks = [group.column(i) for group in groups for i in range(facts.num_columns)]
    most = sum(chunk.num_values * max(8, chunk.total_uncompressed_size) for chunk in chunks)
    return bool(most > workplace.max_size)


def _careful(file: "pq.ParquetFile", name: str, workplace: Workplace) -> pa.Table:
    facts = file.metadata
    fixed = sum(_bits(field.type) for field in file.schema_arrow) // 8
    workplace.check_size(facts.num_rows * fixed, name)
    batches = file.iter_batches(batch_size=_ROWS_AT_ONCE)
    return _table_of(batches, file.schema_arrow, name, workplace)


def _bits(kind: pa.DataType) -> int:
    try:
        return int(kind.bit_width)
    except ValueError:  # of text, which may be empty
        return 32


def _table_of(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, name: str, workplace: Workplace
) -> pa.Table:
    """Batches as a table, as long as they are not more than may be unpacked."""
    parts, n_bytes = [], 0
    for batch in batches:
        # Arrow believes what a file says of lengths and places, and would look there.
        batch.validate(full=True)
        n_bytes += batch.nbytes
        workplace.check_size(n_bytes, name)
        parts.append(batch)
    return pa.Table.from_batches(parts, schema)


def _part(table: pa.Table, notes: Sequence[str] = ()) -> Part:
    names, changed = unique_names(table.column_names)
    table = table.replace_schema_metadata(None).rename_columns(names)
    return Part(table, notes=[*notes, *changed])


def _damaged(name: str, what: str, error: Exception) -> str:
    said = " ".join(str(error).split())[:120]
    return f"{name} is not {what} file, or is cut off or damaged ({said}); get or make it again"
