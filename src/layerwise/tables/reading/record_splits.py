"""The first lines of a delimited file, split into records under each delimiter that may be its."""

import csv
import io
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layerwise.tables.reading.header import MOST_LINES
from layerwise.tables.reading.quoted_cells import widths_of_lines

NEARLY_ALL = 0.9
_MOST_RECORDS = 1000
_ROUNDED = 0.01  # by less than which a score is more than the share that it is of
_LONGEST_CELL = csv.field_size_limit()
_PIECE = 1 << 16


@dataclass(frozen=True)
class Split:
    """The sample's records under one delimiter, without empty ones; the cells of the first."""

    delimiter: str
    escape: str
    records: list[list[str]]
    widths: list[int]
    first_lines: list[int]

    @cached_property
    def width(self) -> int:
        """The most frequent number of cells."""
        return Counter(self.widths).most_common(1)[0][0]

    def agreement(self, width: int) -> float:
        """The share of records with this number of cells."""
        return self.widths.count(width) / len(self.widths)

    @property
    def is_agreed(self) -> bool:
        """Whether so many records have the most frequent number that lines above it may not."""
        return self.agreement(self.width) >= NEARLY_ALL / 2

    @property
    def score(self) -> tuple[float, int]:
        """How well the records agree with the first one, or else with each other."""
        first = self.widths[0]
        alike = self.agreement(first) if first > 1 else 0.0
        among = self.agreement(self.width) if self.width > 1 else 0.0
        best = max(alike, 0.9 * among)
        return (round(best, 2), first if alike >= 0.9 * among else self.width)


class Sample:
    """The first lines, and what is the same of them under any delimiter.

    Parameters
    ----------
    text : str
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def escapes(self) -> list[str]:
        """The ways to write a quote within a cell that may occur."""
        return ['"', "\\"] if '\\"' in self.text else ['"']

    @cached_property
    def first(self) -> str:
        """As many lines as records are looked at, with their ends."""
        end = 0
        for _ in range(_MOST_RECORDS):
            end = self.text.find("\n", end) + 1
            if not end:
                return self.text
        return self.text[:end]

    @cached_property
    def lines(self) -> list[str] | None:
        """The first lines, where each is a record, without csv's care for quotes; else None."""
        if '"' in self.first or len(self.escapes) > 1:
            return None
        lines = self.first.removesuffix("\n").split("\n")
        if len(max(lines, key=len)) > _LONGEST_CELL:
            return None
        if "\r" in self.first:
            lines = [line.removesuffix("\r") for line in lines]
            if any("\r" in line for line in lines):
                return None
        return lines


def find_splits(sample: Sample, delimiter: str, least: float = 0.0) -> list[Split]:
    r"""The records under a delimiter, for each way to write a quote within a cell that occurs.

    Those are left out of which it shows soon that their score is below the least that is wanted.

    Examples
    --------
    >>> (split,) = find_splits(Sample('a,"b, c"\n1,2\n'), ",")
    >>> split.records, split.score
    ([['a', 'b, c'], ['1', '2']], (1.0, 2))
    """
    if sample.lines is not None:
        splits = [_split_of_lines(sample.lines, delimiter)]
    else:
        splits = [_split_of_quoted(sample, delimiter, escape, least) for escape in sample.escapes]
    return [split for split in splits if split.widths]


def _split_of_lines(lines: Sequence[str], delimiter: str) -> Split:
    counts = [line.count(delimiter) for line in lines]
    numbers = [i for i, n in enumerate(counts) if n or lines[i].strip()]
    return Split(
        delimiter,
        '"',
        [lines[i].split(delimiter) for i in numbers[:MOST_LINES]],
        [counts[i] + 1 for i in numbers],
        [i + 1 for i in numbers],
    )


def _split_of_quoted(sample: Sample, delimiter: str, escape: str, least: float) -> Split:
    most_alone = _MOST_RECORDS * (1 + _ROUNDED - least)
    of_lines = _split_of_quoted_lines(sample, delimiter, most_alone) if escape == '"' else None
    if of_lines is not None:
        return of_lines
    records, first_lines = split_records(sample.text, delimiter, escape, _MOST_RECORDS, most_alone)
    return Split(delimiter, escape, records[:MOST_LINES], list(map(len, records)), first_lines)


def _split_of_quoted_lines(sample: Sample, delimiter: str, most_alone: float) -> Split | None:
    """What csv makes of it, where each of the first lines is a record; else None."""
    text = sample.first.removesuffix("\n")
    lines = text.split("\n")
    if len(max(lines, key=len)) > _LONGEST_CELL:
        return None
    counted = widths_of_lines(text.encode() + b"\n", delimiter)
    if counted is None:
        return None
    widths, n_alone = counted.tolist(), 0
    for i in np.flatnonzero(counted == 1).tolist():
        (record,) = csv.reader([lines[i]], delimiter=delimiter)
        widths[i] = int(any(map(str.strip, record)))
        n_alone += widths[i]
        if n_alone > most_alone:
            return Split(delimiter, '"', [], [], [])
    numbers = [i for i, width in enumerate(widths) if width]
    last = numbers[MOST_LINES - 1] if len(numbers) > MOST_LINES else len(lines) - 1
    records, _ = split_records(text, delimiter, '"', last + 1)
    return Split(
        delimiter, '"', records, [width for width in widths if width], [i + 1 for i in numbers]
    )


def split_records(
    text: str,
    delimiter: str,
    escape: str,
    most: int | None = None,
    most_alone: float = math.inf,
) -> tuple[list[list[str]], list[int]]:
    """The cells of each record that is not empty, and the line it begins in, counted from 1.

    There are none where more than `most_alone` have one cell.
    """
    reader = csv.reader(
        _lines(text),
        delimiter=delimiter,
        doublequote=escape == '"',
        escapechar=None if escape == '"' else escape,
    )
    records: list[list[str]] = []
    first_lines: list[int] = []
    line, n_alone = 1, 0
    try:
        for record in itertools.islice(reader, most):
            if len(record) > 1 or (record and record[0].strip()):
                records.append(record)
                first_lines.append(line)
                n_alone += len(record) == 1
                if n_alone > most_alone:
                    return [], []
            line = reader.line_num + 1
    except csv.Error:
        pass  # a cell too long to be one: what was read up to it is sample enough
    return records, first_lines


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends as they are, for those within quotes; no more than are asked for.

    Of a text of which the first lines are wanted, most would else be copied in vain.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="")
        start = end
