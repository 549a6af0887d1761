"""What a person should know about the columns of a table, one by one."""

import shlex
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from layerwise.harmless_text import on_one_line
from layerwise.language import part_from, said
from layerwise.tables.cell_kinds import MOSTLY_NUMBERS, NO_ORDER
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.finding import Finding, listed
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import some_names
from layerwise.tables.parsing import (
    Reading,
    Values,
    figures,
    parse_dates,
    parse_numbers,
    swapped,
)
from layerwise.tables.row_names import COUNTS_ROWS
from layerwise.tables.two_digit_years import OTHER_CENTURY

_SAMPLE = 5_000
_MANY_MISSING = 0.5
_MOST_NAMES = 100  # of columns that are not used, each of which is to be named
_MANY_CATEGORIES = 50
_MOST_SHOWN = 12  # of columns that each come with words of their own
_COMPACT_DATE = Reading(formats=("%Y%m%d",))


def about_columns(columns: Sequence[Column], n: int, table: pa.Table) -> Iterator[Finding]:
    """What was decided about columns that may be wrong, or spoils them.

    Parameters
    ----------
    columns : sequence of Column
    n : int
        By how many rows they were described.
    table : pyarrow.Table
    """
    is_part = n < table.num_rows
    unused: dict[str, list[str]] = {}
    for column in columns:
        kind = COUNTS_ROWS if column.counts_rows else column.kind
        unused.setdefault(kind, []).append(column.name)
    for kind, why in (
        (
            COUNTS_ROWS,
            said("it counts the rows, and where a row stands in the file is all it says"),
        ),
        (
            "identifier",
            said("it names the row, and what is learned of one row's name helps no other"),
        ),
        (
            "constant",
            said("all cells are the same in the rows trained on")
            if is_part
            else said("all cells are the same"),
        ),
        (
            "empty",
            said("no cell has a value in the rows trained on")
            if is_part
            else said("no cell has a value"),
        ),
    ):
        if names := unused.get(kind):
            message = said(
                "not used: {names}; {why}", names=some_names(names, _MOST_NAMES), why=why
            )
            if kind in {COUNTS_ROWS, "identifier"}:
                message += said(
                    ". If it means something, keep it: {option}",
                    option=f"--keep {shlex.quote(names[0])}",
                )
            yield Finding("warning", tuple(names), message)
    undecided = {
        column.name: next(filter(figures, column.reading.formats))
        for column in columns
        if column.reading is not None and NO_ORDER in column.reason
    }
    if undecided:
        name, form = next(iter(undecided.items()))
        first, other = said("month"), said("day")
        if figures(form)[1] != "m":
            first, other = other, first
        example = f"'{name}={swapped(form)}'"
        message = said(
            "{no_order} in {names}; the {first} was taken. If it is the {other}, name the format "
            "too: --dates {example}, or dates=[{example}] in Python",
            no_order=said(NO_ORDER),
            names=some_names(list(undecided)),
            first=first,
            other=other,
            example=example,
        )
        yield Finding("warning", tuple(undecided), message)
    if off := [column for column in columns if OTHER_CENTURY in column.reason]:
        names = [column.name for column in off]
        message = said(
            "years of two digits cannot be right in {columns}; write them with four, or leave the "
            "column out: --drop {name}",
            columns=_with_reasons(off, "with years"),
            name=shlex.quote(names[0]),
        )
        yield Finding("warning", tuple(names), message)
    hindered = [column for column in columns if MOSTLY_NUMBERS in column.reason]
    if hindered:
        message = said(
            "columns that might be numbers are taken as categories or left out: {columns}. Mend "
            "these cells",
            columns=_with_reasons(hindered, MOSTLY_NUMBERS),
        )
        if able := [c.name for c in hindered if _can_be_numbers(table, c.name)]:
            message += said(
                ", or have all that are no numbers count as missing: --numeric '{name}', or "
                "numeric=['{name}'] in Python",
                name=able[0],
            )
        yield Finding("warning", tuple(column.name for column in hindered), message)
    gaps = [c for c in columns if c.is_used and c.n_missing > _MANY_MISSING * n]
    if gaps:
        shown = [
            said(
                "{label} ({share:.0f} %)",
                label=on_one_line(column.name),
                share=100 * column.n_missing / n,
            )
            for column in gaps
        ]
        message = said(
            "more than half of the cells are missing: {columns}; what is learned of such a column "
            "is learned from the few rows that have a value, and from whether they have one. Find "
            "out why it is missing",
            columns=listed(shown, _MOST_SHOWN),
        )
        yield Finding("note", tuple(column.name for column in gaps), message)
    many = [
        column
        for column in columns
        if column.kind == "category"
        and column.n_distinct > max(_MANY_CATEGORIES, (n - column.n_missing) / 10)
    ]
    if many:
        shown = [
            said(
                "{name} ({k:,} in {n:,} rows)",
                name=on_one_line(column.name),
                k=column.n_distinct,
                n=n,
            )
            for column in many
        ]
        message = said(
            "many categories: {columns}; most are seen seldom, and new rows will bring new ones. "
            "If a part of them says enough (the region of an address, the group of a product), "
            "use that",
            columns=listed(shown, _MOST_SHOWN),
        )
        yield Finding("note", tuple(column.name for column in many), message)


def _with_reasons(columns: Sequence[Column], start: str) -> str:
    """Columns, each with the part of its reason that begins so."""
    shown = [
        on_one_line(column.name) + " (" + part_from(column.reason, start) + ")"
        for column in columns
    ]
    return listed(shown, _MOST_SHOWN)


def _can_be_numbers(table: pa.Table, name: str) -> bool:
    """Whether a person who says that a column is of numbers is not refused."""
    try:
        describe_columns(table.select([name]), numeric=[name])
    except TableError:
        return False
    return True


def about_cells(table: pa.Table, used: Sequence[Column]) -> Iterator[Finding]:
    """Numbers that are infinite, or dates in disguise."""
    for column in used:
        if column.kind != "number":
            continue
        values = table.column(column.name)
        if pa.types.is_floating(values.type) or column.reading is not None:
            numbers, _ = parse_numbers(values, column.reading)
            n_infinite = int(np.isinf(numbers).sum())
            if n_infinite:
                message = (
                    said(
                        "in {name} 1 cell is infinite, as a division by zero gives; mend where "
                        "they come from, or make missing cells of them",
                        name=column.name,
                    )
                    if n_infinite == 1
                    else said(
                        "in {name} {n:,} cells are infinite, as a division by zero gives; mend "
                        "where they come from, or make missing cells of them",
                        name=column.name,
                        n=n_infinite,
                    )
                )
                yield Finding("warning", (column.name,), message)
        if _is_date_in_disguise(values, column):
            first = str(values.drop_null()[0].as_py()).removesuffix(".0")
            message = said(
                "the numbers of {name} look like dates, such as {first}; name it as a date, else "
                "the step from December to January counts as a large one",
                name=column.name,
                first=first,
            )
            yield Finding("note", (column.name,), message)


def _is_date_in_disguise(values: Values, column: Column) -> bool:
    """Whether (nearly) all numbers are days between 1900 and 2100 written as 20240131."""
    first, _ = parse_numbers(values.slice(0, _SAMPLE), column.reading)
    first = first[~np.isnan(first)]
    if len(first) == 0 or not 19_000_101 <= np.median(first) <= 21_001_231:
        return False
    moments, _ = parse_dates(values.drop_null(), _COMPACT_DATE)
    years = moments.astype("M8[Y]").astype(np.int64) + 1970
    days = ~np.isnat(moments) & (years >= 1900) & (years <= 2100)
    return bool(days.mean() >= 0.98)
