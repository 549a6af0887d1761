"""Weka's ARFF: names and rows below `@data` as a CSV file, each line where it was."""

import csv
import re
from collections.abc import Iterator

from layerwise.tables.errors import TableError
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks

_BEGINS = re.compile(r"(?:\ufeff)?(?:[^\S\n]*(?:%[^\n]*)?\n)*[^\S\n]*@relation\b", re.IGNORECASE)
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ATTRIBUTE = re.compile(rf"\s*@attribute\s+(?P<name>{_QUOTED}|\S+)", re.IGNORECASE)
_DATA = re.compile(r"\s*@data\b", re.IGNORECASE)
_PIECE = re.compile(rf"{_QUOTED}|\S+")
_CELL = re.compile(rf"\s*(?P<cell>{_QUOTED}|[^,\t]*?)\s*(?:[,\t]|$)")


def is_arff(text: str) -> bool:
    r"""Whether a text begins as Weka's files do.

    Examples
    --------
    >>> is_arff("% Iris\n@RELATION iris\n"), is_arff("id,relation\n")
    (True, False)
    """
    return _BEGINS.match(text) is not None


def arff_as_csv(blocks: FileBlocks, name: str, workplace: Workplace) -> tuple[FileBlocks, int]:
    """A copy of an ARFF file with its names in the place of `@data`; how many empty lines above.

    Raises
    ------
    TableError
        If it has no `@data`, or its rows are sparse: in braces.
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
                cells = [] if row[:1] in ("%", "") else list(_cells(row))
                if len(cells) == 1 < len(names):  # with blanks between
                    cells = list(map(_plain, _PIECE.findall(row)))
                writer.writerow(cells)
    if not is_below:
        raise TableError(f"{name} is an ARFF file without @data, below which its rows would stand")
    return FileBlocks(target), n_above


def _cells(line: str) -> Iterator[str]:
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
