"""The first lines of a delimited file, split into records under each delimiter that may be its."""

import csv
import io
import itertools
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layerwise.arrays import Integers
from layerwise.tables.reading.header import MOST_LINES

NEARLY_ALL = 0.9
_MOST_RECORDS = 1000
_ROUNDED = 0.01  # by less than which a score is more than the share that it is of
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


def find_splits(text: str, delimiter: str, least: float = 0.0) -> list[Split]:
    r"""The first records under a delimiter, for each way to write a quote in a cell that occurs.

    Those are left out of which it shows soon that their score is below the least that is wanted.

    Examples
    --------
    >>> (split,) = find_splits('a,"b, c"\n1,2\n', ",")
    >>> split.records, split.score
    ([['a', 'b, c'], ['1', '2']], (1.0, 2))
    """
    escapes = ['"', "\\"] if '\\"' in text else ['"']
    most_alone = _MOST_RECORDS * (1 + _ROUNDED - least)
    splits = []
    for escape in escapes:
        records, first_lines = split_records(text, delimiter, escape, _MOST_RECORDS, most_alone)
        if records:
            widths = np.array(list(map(len, records)), int)
            places = np.array(first_lines, int)
            splits.append(Split(delimiter, escape, records[:MOST_LINES], widths, places))
    return splits


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
