"""CSV and TSV files, of any number, as one table."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from layerwise.tables.errors import TableError
from layerwise.tables.names import some_names, spelled
from layerwise.tables.parsing.missing import note_on_codes
from layerwise.tables.parsing.typed import TypedColumn, is_text
from layerwise.tables.reading.delimited_file import DelimitedFile, prepare_file
from layerwise.tables.reading.dialect import last_records
from layerwise.tables.reading.duckdb_rows import all_cells, read_doubtful, report_rejects
from layerwise.tables.reading.result import NoRowsError, Part, Problem
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import physical_lines
from layerwise.tables.reading.totals import TAIL, find_outsiders, last_rows, may_have_outsiders
from layerwise.texts import plural

# A total stands below a table that was made by hand, which is not large.
_LARGEST_WITH_TOTALS = 1 << 28


def read_delimited(
    paths: Sequence[tuple[Path, str]],
    workplace: Workplace,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    keep_total: bool = False,
    keep_na: bool = False,
) -> Part:
    """The rows of one or several delimited files with the same columns.

    Parameters
    ----------
    paths : sequence of (Path, str)
        Each file, not compressed, and what to call it.
    workplace : Workplace
    delimiter, encoding : str, optional
        Where they are not to be found out.
    keep_total : bool
        Whether a last row that adds up those above it is one of the rows.
    keep_na : bool
        Whether words for a missing cell stay what they are in text.

    Raises
    ------
    TableError
        If a file holds no table, or its columns are not those of the first one.
    """
    files = [prepare_file(path, name, workplace, delimiter, encoding) for path, name in paths]
    first = files[0]
    for file in files[1:]:
        check_same_columns(first.names, first.name, file.names, file.name)
    for file in files:
        _leave_out_outsiders(file, keep_total=keep_total)
    columns = {
        f"c{index}": TypedColumn(as_text=one, keep_words=keep_na)
        for index, one in enumerate(_are_texts(files))
    }
    _read(files, columns)
    lost = {
        c: TypedColumn(as_text=True, keep_words=keep_na)
        for c, column in columns.items()
        if column.is_lost
    }
    if lost:
        _read(files, lost, is_again=True)
        columns |= lost
    finished = [(column.words, column.finish()) for column in columns.values()]
    table = pa.table([cells for _, cells in finished], names=first.names)
    notes = [note for file in files for note in file.notes] + note_on_codes(first.names, finished)
    return Part(
        table.unify_dictionaries(),
        first.encoding,
        first.between,
        [problem for file in files for problem in file.problems],
        list(dict.fromkeys(notes)),
    )


def _are_texts(files: Sequence[DelimitedFile]) -> list[bool]:
    """Which columns the first rows surely make text, so that they need not be asked for more."""
    first = files[0]
    n_columns = first.dialect.n_columns
    if len(files) > 1 or first.cells is None or first.n_wanted is not None or first.problems:
        return [False] * n_columns
    return list(map(is_text, zip(*first.dialect.rows, strict=True)))


def check_same_columns(names: Sequence[str], name: str, others: Sequence[str], other: str) -> None:
    """Refuse a file that has not the same columns in the same order as the first one.

    Raises
    ------
    TableError
        Naming the columns that differ.
    """
    others = spelled(others, names)
    if list(names) == others:
        return
    missing = [f'"{one}"' for one in names if one not in set(others)]
    extra = [f'"{one}"' for one in others if one not in set(names)]
    if not missing and not extra:
        raise TableError(
            f"{other} has the columns of {name} in another order; put them in the same order"
        )
    told = []
    if missing:
        told.append(f"lacks {some_names(missing, 5)}")
    if extra:
        told.append(f"has {some_names(extra, 5)}, which the other lacks")
    raise TableError(
        f"files that are read together need the same columns; compared with {name}, {other} "
        f"{' and '.join(told)}"
    )


def _leave_out_outsiders(file: DelimitedFile, *, keep_total: bool) -> None:
    """Find first and last rows that are none; where there may be some, all is read once more."""
    dialect = file.dialect
    if file.cells is None and file.path.stat().st_size > _LARGEST_WITH_TOTALS:
        return
    start, tail = 0, list[tuple[int, list[str]]]()
    if file.cells is None:
        start, tail = _tail(file)
        last = [tuple(cells) for _, cells in tail]
    else:
        last = last_rows(file.cells.columns)
    first = next(iter(dialect.rows), ())
    if not may_have_outsiders(first, last, keep_total=keep_total):
        return
    cells = file.cells if file.cells is not None else all_cells(file)
    if cells is None:
        return
    found = find_outsiders(cells.columns, keep_total=keep_total) if cells.num_rows else {}
    if not found:
        return
    file.n_first = int(0 in found)
    file.n_wanted = cells.num_rows - len(found)
    if not tail:
        start, tail = _tail(file)
    first_line = physical_lines(file.path, [start])[start]
    for place, why in sorted(found.items()):
        line = dialect.first_line
        if place:
            line = first_line + tail[place - cells.num_rows][0] - 1
        if why:
            file.problems.append(Problem(file.name, line, why))


def _tail(file: DelimitedFile) -> tuple[int, list[tuple[int, list[str]]]]:
    """Where the end of a file begins; and its last rows, with their lines from there on."""
    start, records = last_records(file.path, file.dialect, TAIL)
    return start, [record for record in records if len(record[1]) == len(file.names)]


def _read(
    files: Sequence[DelimitedFile],
    columns: Mapping[str, TypedColumn],
    *,
    is_again: bool = False,
) -> None:
    """Give the columns, by DuckDB's names, all their cells, and each file its problems, once."""
    for file in files:
        if file.cells is None:
            n_rows, rejects = read_doubtful(file, columns)
        else:
            cells, rejects = file.cells.slice(file.n_first, file.n_wanted), []
            n_rows = cells.num_rows
            for name, own in zip(cells.schema.names, cells.columns, strict=True):
                if name in columns:
                    columns[name].add(own)
        if not is_again:
            report_rejects(file, rejects)
            _check_enough(file, n_rows, len(rejects))


def _check_enough(file: DelimitedFile, n_rows: int, n_rejected: int) -> None:
    if n_rejected > n_rows:
        first = file.problems[0]
        raise TableError(
            f"of {file.name} {plural(n_rejected, 'line')} cannot be read, and {n_rows:,} can; the "
            f"first is line {first.line:,}: {first.why}. Say what stands between cells (the "
            "delimiter) or the encoding, or repair the lines"
        )
    if not n_rows:
        said = f"{file.name} has a header and no rows; a table needs both"
        raise NoRowsError(said, file.names, file.problems)
