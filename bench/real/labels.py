"""What a careful person says of real files, and which decisions are right by that.

A label is a line of a TSV file: collection, file, the column's number from 1, its name as it
stands in the file (its first 40 letters), the kind or kinds that are right, and cells that must be
read as a certain number or moment ("6/9/17 = 2017-06-09", "6,310 sq. miles = 4038400|nan"). Kinds
are those of the product, and finer: "rows" counts the rows or names them by numbers, "ordered" are
categories with an order, ranges among them, "time" is of day, "day" is one without a year.

Column 0 is the file itself: "(header)" with the lines that hold the names (1, 2, 1-2, none; or
"refused", if it is no table), "(left out)" with how many last lines are sums, "(target)", and
"(giveaway)" for each warning of that kind that is true, once a person has seen that it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from layerwise.tables.columns import Column, moments_in, numbers_in
from layerwise.tables.errors import TableError
from real.decisions import REFUSED, Decisions, kind_of

# Kinds that come to the same, since the network gets neither.
_SAME = {"rows": "identifier"}
# An order beside the categories is better than the categories alone, which are not wrong.
NEARLY = {"ordered": "category"}


@dataclass(frozen=True)
class Label:
    """What is right for a column: its kinds, the first being the best, and some cells' values."""

    column: int
    name: str
    kinds: tuple[str, ...]
    cells: tuple[tuple[str, str], ...] = ()


@dataclass
class FileLabels:
    """What is right for a file."""

    header: str = "1"
    n_left_out: int = 0
    target: str = ""
    giveaways: set[str] = field(default_factory=set)
    columns: list[Label] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """A column's decision beside its label."""

    file: str
    label: Label
    kind: str
    is_right: bool
    is_nearly: bool = False
    why: str = ""


def read_labels(path: Path) -> dict[str, FileLabels]:
    """The labels by "collection/file"."""
    found: dict[str, FileLabels] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            of_file = found.setdefault(f"{row['collection']}/{row['file']}", FileLabels())
            name, kind = row["name"], row["kind"]
            if row["column"] != "0":
                cells = tuple(
                    (cell, value)
                    for cell, _, value in (
                        pair.rpartition(" = ") for pair in row["cells"].split(" & ") if pair
                    )
                )
                label = Label(int(row["column"]), name, tuple(kind.split("|")), cells)
                of_file.columns.append(label)
            elif name == "(giveaway)":
                of_file.giveaways.add(kind)
            elif name == "(left out)":
                of_file.n_left_out = int(kind)
            elif name == "(target)":
                of_file.target = kind
            else:
                of_file.header = kind
    return found


def judge(found: Decisions, labels: FileLabels) -> Iterator[Verdict]:
    """Compare the decision on each labelled column with its label."""
    for label in labels.columns:
        if label.column > len(found.columns):
            kind, is_right = "not there", label.kinds == ("empty",)
            yield Verdict(found.file, label, kind, is_right)
            continue
        column = found.columns[label.column - 1]
        kind = kind_of(column)
        wanted = {_SAME.get(one, one) for one in label.kinds}
        if _SAME.get(kind, kind) not in wanted:
            is_nearly = any(NEARLY.get(one) == kind for one in wanted)
            yield Verdict(found.file, label, kind, is_right=False, is_nearly=is_nearly)
            continue
        why = "; ".join(_misread(column, label))
        yield Verdict(found.file, label, kind, is_right=not why, why=why)


def header_fault(found: Decisions, labels: FileLabels, path: Path) -> str:
    """What is wrong about the header and the number of rows, "" if nothing is."""
    if labels.header == REFUSED or found.read is None:
        return "" if labels.header == found.outcome else f"{found.outcome}: {found.said[:100]}"
    records = list(_records(path, found))
    if labels.header == "none":
        first = last = 0
        if found.has_names:
            return f"taken for names: {', '.join(found.names)[:80]}"
    else:
        first, last = (int(labels.header.split("-")[i]) for i in (0, -1))
    lines = [record for line, record in records if first <= line <= last]
    for i, name in enumerate(found.names):
        cells = [_plain(record[i]) for record in lines if i < len(record) and record[i].strip()]
        if cells and not any(cell in _plain(name) for cell in cells):
            return f"column {i + 1} is called {name[:40]!r}, and {cells[0][:40]!r} in the file"
    below = [record for line, record in records if line > last]
    n_blank = sum(not any(cell.strip() for cell in record) for record in below)
    n_not_read = len(found.read.problems) - found.n_above
    n_missed = len(below) - n_not_read - found.read.n_rows
    if n_not_read < labels.n_left_out or not 0 <= n_missed <= n_blank:
        return f"{found.read.n_rows:,} rows, where {len(below) - labels.n_left_out:,} are right"
    return ""


def false_giveaways(found: Decisions, labels: FileLabels) -> list[str]:
    """Columns that are said to give the target away, and do not by the labels."""
    return [said for said in found.giveaways if said not in labels.giveaways]


def _misread(column: Column, label: Label) -> Iterator[str]:
    """Cells whose number or moment is not one of the labelled ones, or is there where none is."""
    if column.stored != "text" or column.kind not in {"number", "date"}:
        return
    for cell, right in label.cells:
        cells = pa.array([cell])
        try:
            if column.kind == "date":
                read = str(moments_in(column, cells)[0])
                wanted = [str(np.datetime64(value, "us")) for value in right.split("|")]
            else:
                read = f"{numbers_in(column, cells)[0]:.6g}"
                wanted = [f"{float(value):.6g}" for value in right.split("|")]
        except TableError:
            read, wanted = "nan", right.split("|")
        if read not in wanted:
            yield f"{cell!r} is read as {read}, not {right}"


def _records(path: Path, found: Decisions) -> Iterator[tuple[int, list[str]]]:
    """The file's lines as cells, each with the number of its last line."""
    assert found.read is not None
    text = path.read_bytes().decode(found.read.encoding or "utf-8", "replace").lstrip("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=found.read.delimiter or ",")
    for record in reader:
        if record:
            yield reader.line_num, record


def _plain(name: str) -> str:
    return " ".join(name.split())
