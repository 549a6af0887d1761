"""Weka's ARFF: names and rows below `@data` as a CSV file, each line where it was."""

import csv
import re
from collections.abc import Iterator

from layerwise.tables.errors import TableError
from layerwise.tables.reading.dialect import Dialect, named_dialect, starts
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks

_BEGINS = re.compile(r"(?:\ufeff)?(?:[^\S\n]*(?:%[^\n]*)?\n)*[^\S\n]*@relation\b", re.IGNORECASE)
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ATTRIBUTE = re.compile(rf"\s*@attribute\s+(?P<name>{_QUOTED}|[^\s{{]+)", re.IGNORECASE)
_DATA = re.compile(r"\s*@data\b", re.IGNORECASE)
_PIECE = re.compile(rf"{_QUOTED}|\S+")
_QUOTED_CELL = re.compile(rf"(?<![^\s,])(?:{_QUOTED})")
_CELL = re.compile(rf"\s*(?P<cell>{_QUOTED}|[^,\t]*?)\s*(?:[,\t]|$)")


def is_arff(text: str) -> bool:
    r"""Whether a text begins as Weka's files do.

    Examples
    --------
    >>> is_arff("% Iris\n@RELATION iris\n"), is_arff("id,relation\n")
    (True, False)
    """
    return _BEGINS.match(text) is not None


def arff_as_csv(blocks: FileBlocks, name: str, workplace: Workplace) -> tuple[FileBlocks, Dialect]:
    """A copy of an ARFF file with its names in the place of `@data`, and how that is written.

    Above the names are as many empty lines as stood above `@data`.

    Raises
    ------
    TableError
        If it has no `@data` or no `@attribute`, its rows are sparse: in braces, or most of them
        have not as many cells as there are attributes.
    """
    target = workplace.new_path(".csv")
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        names: list[str] = []
        is_below, n_above = False, 0
        with blocks.path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, start=1):
                if not is_below:
                    is_below = _DATA.match(line) is not None
                    n_above = number - 1
                    writer.writerow(names if is_below else [])
                    if (attribute := _ATTRIBUTE.match(line)) is not None:
                        names.append(_plain(attribute["name"]))
                    continue
                if line.lstrip().startswith("{"):
                    raise TableError(
                        f"{name} is an ARFF file with sparse rows, in braces; write it with all of "
                        "its cells (in Weka: the filter SparseToNonSparse)"
                    )
                row = line.strip(" \r\n")
                writer.writerow([] if row[:1] in ("%", "") else _cells(row, len(names)))
    if not is_below:
        raise TableError(f"{name} is an ARFF file without @data, below which its rows would stand")
    if not names:
        raise TableError(
            f"{name} is an ARFF file without @attribute, which would name its columns above @data"
        )
    copy = FileBlocks(target)
    return copy, named_dialect(starts(copy)[n_above:], name, names).below(n_above)


def _cells(row: str, n_columns: int) -> list[str]:
    """A row's cells; with blanks between where no comma or tab stands outside of quotes."""
    bare = _QUOTED_CELL.sub("", row) if "'" in row or '"' in row else row
    if n_columns > 1 and "," not in bare and "\t" not in bare:
        return list(map(_plain, _PIECE.findall(row)))
    return list(_parted(row))


def _parted(line: str) -> Iterator[str]:
    place, is_last = 0, False
    while not is_last:
        match = _CELL.match(line, place)
        assert match is not None  # of an empty cell too
        yield _plain(match["cell"])
        place = match.end()
        is_last = match[0][-1:] not in (",", "\t")


def _plain(text: str) -> str:
    """A name or cell without its quotes."""
    if text[:1] in ("'", '"') and len(text) > 1 and text[0] == text[-1]:
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text
