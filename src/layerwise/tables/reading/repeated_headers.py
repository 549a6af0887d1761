"""A header that stands among the rows again, as where files were put below each other."""

import codecs
import mmap

from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks

_BLOCK = 1 << 20


def without_repeats(
    blocks: FileBlocks, n_above: int, newline: str, workplace: Workplace
) -> tuple[FileBlocks, list[int]]:
    """A file with an empty line for each that is its header again, and their numbers.

    It is the file itself where there is none.

    Parameters
    ----------
    blocks : FileBlocks
    n_above : int
        Lines above the header, which is one line.
    newline : str
        How its lines end.
    workplace : Workplace
    """
    data: bytes | mmap.mmap | None = blocks.whole
    if data is None:
        with blocks.path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    places = _places(data, n_above, newline.encode())
    if not places:
        return blocks, []
    numbers, line, last = [], 1, 0
    target = workplace.new_path(".csv")
    with target.open("wb") as copy:
        for start, end in places:
            before = data[last:start]
            line += before.count(newline.encode())
            numbers.append(line)
            copy.write(before)
            last = end
        copy.write(data[last:])
    return FileBlocks(target), numbers


def _places(data: "bytes | mmap.mmap", n_above: int, newline: bytes) -> list[tuple[int, int]]:
    """Where the lines begin and end that are the one behind so many others, and in no quotes."""
    first = 0
    for _ in range(n_above):
        first = data.find(newline, first) + len(newline)
    first += len(codecs.BOM_UTF8) * (data[first : first + 3] == codecs.BOM_UTF8)
    end = data.find(newline, first)
    line = data[first:end]
    places = []
    counted, n_quotes = end, 0
    start = data.find(line, end) if end > first else -1
    while start >= 0:
        end = start + len(line)
        begin = start - len(codecs.BOM_UTF8) * (data[start - 3 : start] == codecs.BOM_UTF8)
        is_alone = data[begin - len(newline) : begin] == newline
        if is_alone and data[end : end + len(newline)] in (newline, b""):
            n_quotes += _count_quotes(data, counted, begin)
            counted = begin
            if n_quotes % 2 == 0:
                places.append((begin, end))
        start = data.find(line, end)
    return places


def _count_quotes(data: "bytes | mmap.mmap", start: int, end: int) -> int:
    blocks = range(start, end, _BLOCK)
    return sum(data[block : min(block + _BLOCK, end)].count(b'"') for block in blocks)
