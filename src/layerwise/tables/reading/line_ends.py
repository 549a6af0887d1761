"""How the lines of a text file end, and where in it a line stands."""

from collections.abc import Iterator
from pathlib import Path

from layerwise.tables.reading.workplace import Workplace

__all__ = ["one_kind_of_line_end", "physical_lines"]

_BLOCK = 1 << 20


def one_kind_of_line_end(path: Path, workplace: Workplace) -> tuple[Path, str]:
    r"""A file whose rows all end in the same way, and how: "\n", "\r\n" or "\r".

    It is the file itself, but where rows end in different ways a copy; what stands between quotes
    is left as it is.
    """
    kinds = _counts(path, outside_quotes=False)
    if len(kinds) > 1:
        kinds = _counts(path, outside_quotes=True)
    if len(kinds) <= 1:
        return path, next(iter(kinds), "\n")
    target = workplace.new_path(".csv")
    with target.open("wb") as file:
        quoted = False
        for block in _blocks(path):
            parts = block.split(b'"')
            for index, part in enumerate(parts):
                if not quoted:
                    parts[index] = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                if index < len(parts) - 1:
                    quoted = not quoted
            file.write(b'"'.join(parts))
    return target, "\n"


def physical_lines(path: Path, positions: list[int]) -> dict[int, int]:
    """For each position in the file, in bytes from 0, the line it is in, counted from 1."""
    lines: dict[int, int] = {}
    waiting = sorted(set(positions))
    start, line = 0, 1
    for block in _blocks(path):
        counted = 0
        while len(lines) < len(waiting) and waiting[len(lines)] < start + len(block):
            position = waiting[len(lines)]
            line += _ends(block[counted : position - start])
            counted = position - start
            lines[position] = line
        if len(lines) == len(waiting):
            break
        line += _ends(block[counted:])
        start += len(block)
    return lines


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in pieces, none of which ends between the two characters of a line end."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if block.endswith(b"\r"):
                block += file.read(1)
            yield block


def _ends(block: bytes) -> int:
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")


def _counts(path: Path, *, outside_quotes: bool) -> dict[str, int]:
    counts = {"\r\n": 0, "\n": 0, "\r": 0}
    quoted = False
    for block in _blocks(path):
        text = block
        if outside_quotes:
            parts = block.split(b'"')
            text = b'"'.join(parts[1 if quoted else 0 :: 2])
            quoted ^= len(parts) % 2 == 0
        both = text.count(b"\r\n")
        counts["\r\n"] += both
        counts["\n"] += text.count(b"\n") - both
        counts["\r"] += text.count(b"\r") - both
    return {kind: count for kind, count in counts.items() if count}
