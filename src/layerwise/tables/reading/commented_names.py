"""Names of columns in a comment above the rows, as measuring stations and NumPy write them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from layerwise.tables.reading.columns_below import kind_of_cell
from layerwise.tables.reading.header import Head
from layerwise.tables.reading.record_splits import Split

_COMMENT = re.compile(r"\s*(?:#+|%+|//)\s*(?P<names>.*\S)\s*")
_PROSE = (".", ":", "!", "?")
_SEPARATORS = ("\t", ",", ";", "|")  # not blanks, which part the words of a title too


def with_commented_names(split: Split, head: Head, lines: Sequence[str]) -> Head:
    r"""A head without names, with those of the comment right above the rows, if it has as many.

    Parameters
    ----------
    split : Split
    head : Head
        As `find_head` finds it in the split's records.
    lines : sequence of str
        Those that were split.

    Examples
    --------
    >>> from layerwise.tables.reading.header import find_head
    >>> from layerwise.tables.reading.record_splits import find_splits
    >>> text = "% Ulm\n% Year, PM2.5\n2016\t3\n2017\t4\n2018\t3\n"
    >>> (split,) = find_splits(text, "\t")
    >>> with_commented_names(split, find_head(split.records, 2), text.split("\n")).names
    ('Year', 'PM2.5')
    """
    if head.names is not None or not head.titles or head.n_lines >= len(split.records):
        return head
    number, below = (int(split.first_lines[head.n_lines + i]) - 1 for i in (-1, 0))
    comment = _COMMENT.fullmatch(lines[number]) if below == number + 1 else None
    if comment is None:
        return head
    if comment["names"].endswith(_PROSE):
        return head
    for separator in _SEPARATORS:
        names = [name.strip() for name in comment["names"].split(separator)]
        are_as_many = len(names) == len(split.records[head.n_lines]) == len(set(names))
        if are_as_many and all(kind_of_cell(name) in ("text", "mixed") for name in names):
            return replace(head, titles=head.titles[:-1], names=tuple(names))
    return head
