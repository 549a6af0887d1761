"""Quotes that are signs of a text and no more, in files that put none around their cells."""

import re

import numpy as np

from layerwise.tables.reading.dialect import Dialect
from layerwise.tables.reading.quoted_cells import enclose_cells
from layerwise.tables.reading.scratch_folder import Workplace
from layerwise.tables.reading.text_files import FileBlocks

_WHOLE = re.compile(rb'"(?:[^"]|"")*"')


def with_literal_quotes(blocks: FileBlocks, dialect: Dialect, workplace: Workplace) -> FileBlocks:
    r"""A copy of a file in which such quotes are those of a cell, where no doubt is left.

    A cell may begin with a quote that ends before it, as in `"No," he said`. Where each line has as
    many cells as there are columns, be it with its quotes around cells or without, none goes on in
    the next one, unless one is left open that ends in a line below. It is the file itself where a
    cell may go on, where no quote is of this kind, and where as many are never ended, of which one
    may be left open.
    """
    data = blocks.whole
    if data is None or b'"' not in data or dialect.escape != '"' or dialect.n_columns == 1:
        return blocks
    if enclose_cells(np.frombuffer(data, np.uint8), dialect.delimiter):
        return blocks
    between = dialect.delimiter.encode()
    cell = rb'(?:"(?:[^"]|"")*"|[^"%b][^%b]*|)' % (re.escape(between), re.escape(between))
    proper = re.compile(rb"%b(?:%b%b)*" % (cell, re.escape(between), cell))
    pieces = re.compile(rb"(?:^|%b)(%b)" % (re.escape(between), cell))
    at_end = re.compile(rb'"(?:%b|$)' % re.escape(between))
    lines = data.split(b"\n")
    n_open = n_ended = 0
    for i in range(dialect.n_skipped, len(lines)):
        line = lines[i].removesuffix(b"\r")
        if proper.fullmatch(line):
            n = len(pieces.findall(line)) if b'"' in line else line.count(between) + 1
            if n != dialect.n_columns and line.strip():
                return blocks
            if n_open and line.count(b'"') % 2 and at_end.search(line):
                return blocks
            continue
        cells = line.split(between)
        if len(cells) != dialect.n_columns:
            return blocks
        if line.count(b'"') % 2:
            n_open += 1
        else:
            n_ended += 1
        end = lines[i][len(line) :]
        lines[i] = between.join(map(_as_one, cells)) + end
    if n_open >= n_ended:
        return blocks
    target = workplace.new_path(".csv")
    target.write_bytes(b"\n".join(lines))
    return FileBlocks(target)


def _as_one(cell: bytes) -> bytes:
    """A cell within quotes of its own, where one stands in it and none around it."""
    if b'"' not in cell or _WHOLE.fullmatch(cell):
        return cell
    return b'"' + cell.replace(b'"', b'""') + b'"'
