"""The columns of a table as numbers for quick trees, by which a table is looked over."""

import numpy as np

from layerwise.arrays import Floats
from layerwise.tables.columns import Column, days_of
from layerwise.tables.parsing import (
    Values,
    find_cells,
    is_text,
    parse_booleans,
    parse_dates,
    parse_numbers,
    stored_as,
)

_SELDOM = 5  # rows; what is seen with a text that fewer hold helps no other row


def tree_input(values: Values, column: Column) -> Floats:
    """A column as numbers, NaN for missing cells.

    Texts are numbered by lot, since the order in which they come may be the target's; those that
    few rows hold have one number together.
    """
    if column.kind == "boolean":
        return parse_booleans(values, column.reading)[0]
    if column.kind == "date" or stored_as(values) == "date":
        return days_of(parse_dates(values, column.reading)[0])
    if column.kind != "number" and is_text(values):
        cells = find_cells(values)
        number = 1.0 + np.random.default_rng(0).permutation(len(cells.texts))
        number[cells.counts < _SELDOM] = 0
        return np.append(number, np.nan)[cells.codes]
    return parse_numbers(values, column.reading)[0]
