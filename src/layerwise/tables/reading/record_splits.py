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

from layerwise.arrays import Integers
from layerwise.tables.reading.header import MOST_LINES
from layerwise.tables.reading.quoted_cells import widths_of_records

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
    widths: Integers
    first_lines: Integers

    @cached_property
    def width(self) -> int:
        """The most frequent number of cells."""
        first = int(self.widths[0])
        if self.agreement(first) > 0.5:
            return first
        (most_frequent,) = Counter(map(int, self.widths)).most_common(1)
        return most_frequent[0]

    def agreement(self, width: int) -> float:
        """The share of records with this number of cells."""
        return int(np.count_nonzero(self.widths == width)) / len(self.widths)

    @property
    def is_agreed(self) -> bool:
        """Whether so many records have the most frequent number that lines above it may not."""
        return self.agreement(self.width) >= NEARLY_ALL / 2

    @cached_property
    def score(self) -> tuple[float, int]:
        """How well the records agree with the first one, or else with each other."""
        first = int(self.widths[0])
        alike = self.agreement(first) if first > 1 else 0.0
        among = alike
        if self.width not in (1, first):
            among = self.agreement(self.width)
        best = max(alike, 0.9 * among)
        return (round(best, 2), first if alike >= 0.9 * among else self.width)


class Sample:
    """The first lines, and what is the same of them under any delimiter.

    Parameters
    ----------
    text : str
    n_lines : int or None
        How many are looked at; None: as many as records are.

    Attributes
    ----------
    text : str
    lines : list of str
        Those that are looked at, without their ends.
    is_cut : bool
        Whether there are more.
    escapes : list of str
        The ways to write a quote within a cell that may occur.
    """

    def __init__(self, text: str, n_lines: int | None = None) -> None:
        self.text = text
        n_lines = _MOST_RECORDS if n_lines is None else n_lines
        self.lines = text.split("\n", n_lines)
        self.is_cut = len(self.lines) > n_lines and self.lines[-1] != ""
        if self.is_cut or not self.lines[-1]:
            self.lines.pop()
        has_escapes = "\\" in text and '\\"' in text
        self.escapes = ['"', "\\"] if has_escapes else ['"']

    @cached_property
    def with_more_lines(self) -> "Sample":
        """The same with more of the lines, as records are less than these."""
        return Sample(self.text, 2 * len(self.lines))

    @cached_property
    def first(self) -> bytes:
        """The lines with their ends, all but the carriage return of which is a line feed."""
        return "\n".join([*self.lines, ""]).encode()


def find_splits(sample: Sample, delimiter: str, least: float = 0.0) -> list[Split]:
    r"""The records under a delimiter, for each way to write a quote within a cell that occurs.

    Those are left out of which it shows soon that their score is below the least that is wanted.

    Examples
    --------
    >>> (split,) = find_splits(Sample('a,"b, c"\n1,2\n'), ",")
    >>> split.records, split.score
    ([['a', 'b, c'], ['1', '2']], (1.0, 2))
    """
    splits = [_split(sample, delimiter, escape, least) for escape in sample.escapes]
    return [split for split in splits if len(split.widths)]


def _split(sample: Sample, delimiter: str, escape: str, least: float) -> Split:
    most_alone = _MOST_RECORDS * (1 + _ROUNDED - least)
    of_lines = _split_of_lines(sample, delimiter, most_alone) if escape == '"' else None
    if of_lines is not None:
        return of_lines
    records, first_lines = split_records(sample.text, delimiter, escape, _MOST_RECORDS, most_alone)
    widths = np.array(list(map(len, records)), int)
    return Split(delimiter, escape, records[:MOST_LINES], widths, np.array(first_lines, int))


def _split_of_lines(sample: Sample, delimiter: str, most_alone: float) -> Split | None:
    """What csv makes of it, where each of the first lines is a record; else None."""
    found = widths_of_records(sample.first, delimiter, is_cut=sample.is_cut)
    if found is None:
        return None
    lines, widths, bounds = sample.lines, found[0][:_MOST_RECORDS], found[1]
    if len(widths) < _MOST_RECORDS and sample.is_cut:
        return _split_of_lines(sample.with_more_lines, delimiter, most_alone)
    if len(sample.first) > _LONGEST_CELL:
        places = np.cumsum([0, *(len(line) + 1 for line in lines)])[bounds]
        if np.diff(places).max(initial=0) > _LONGEST_CELL:
            return None
    n_alone = 0
    for i in np.flatnonzero(widths == 1).tolist():
        (record,) = _records(lines[bounds[i] : bounds[i + 1]], delimiter)
        widths[i] = any(map(str.strip, record))
        n_alone += widths[i]
        if n_alone > most_alone:
            return Split(delimiter, '"', [], widths[:0], bounds[:0])
    numbers = np.flatnonzero(widths)
    first = numbers[:MOST_LINES].tolist()
    records = _records(lines[: bounds[first[-1] + 1] if first else 0], delimiter)
    return Split(delimiter, '"', [records[i] for i in first], widths[numbers], bounds[numbers] + 1)


def _records(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The cells of lines of which it is sure where they end."""
    if '"' in "".join(lines):
        return list(csv.reader([line + "\n" for line in lines], delimiter=delimiter))
    return [line.removesuffix("\r").split(delimiter) for line in lines]


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
