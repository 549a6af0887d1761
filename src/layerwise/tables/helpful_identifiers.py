"""Numbers that name the row and yet help to predict rows of which no near one was seen."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from layerwise.language import said
from layerwise.tables.columns import Column
from layerwise.tables.quick_model import (
    FEWEST_ROWS,
    N_FOLDS,
    QuickModel,
    few_classes,
    some_rows,
)
from layerwise.tables.targets import Targets
from layerwise.tables.tree_inputs import tree_input

_MOST_CANDIDATES = 2
_RANGES = 12  # of an identifier's numbers, whole ones of which are held out


def find_helpful_identifiers(
    table: pa.Table, columns: Sequence[Column], y: Targets, *, is_classes: bool
) -> dict[str, str]:
    """Find numbers that name the row and yet help where no near one was seen, and say how much.

    Whole ranges of such numbers are held out: that neighbours in a file are alike is no help to
    rows that come later.

    Parameters
    ----------
    table : pyarrow.Table, of n rows
        To train on; in the order of its file.
    columns : sequence of Column
    y : ndarray, shape (n,)
        Class numbers or numbers, without missing ones.
    is_classes : bool
    """
    used = [column for column in columns if column.is_used]
    names = [
        column
        for column in columns
        if column.kind == "identifier" and not column.counts_rows and column.stored == "number"
    ]
    found: dict[str, str] = {}
    if len(y) < FEWEST_ROWS or not used or not names or y.min() == y.max():
        return found
    y, rows = few_classes(y) if is_classes else y, some_rows(len(y))
    for column in names[:_MOST_CANDIDATES]:
        as_number = replace(column, kind="number")
        numbers = tree_input(table.column(column.name), as_number)[rows]
        place = np.argsort(np.argsort(numbers, kind="stable"), kind="stable")
        blocks = place * _RANGES // len(rows)
        without, beside = (
            QuickModel.at(table, chosen, y, rows, is_classes, blocks % N_FOLDS)
            for chosen in (used, [*used, as_number])
        )
        if beside.is_better_than(without) and beside.is_beyond_chance(without.by_lot, blocks):
            found[column.name] = said(
                "yet it helps where no near one was seen: {score} {beside:.2f} with it and "
                "{without:.2f} without, of a quick model",
                score=said("accuracy") if is_classes else "R²",
                beside=beside.at_random,
                without=without.at_random,
            )
    return found
