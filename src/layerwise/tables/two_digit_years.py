"""Years of two digits beside a column of whole years, which says of which century they are."""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats
from layerwise.language import exchanged, said
from layerwise.tables.columns import Column
from layerwise.tables.parsing import Values, parse_dates, stored_as, without_dictionary

# In the reason of dates of which some lie a hundred years off, as another column tells.
OTHER_CENTURY = "of another century"
_NEARLY_ALL = 0.95  # of the rows have the same two digits
_LEAST_ROWS = 10
_YEARS = (1000, 2200)
_SPAN = re.compile(r"(?<=; with years of two digits, )\d{4} to \d{4}")


def years_of(columns: Mapping[str, Values]) -> dict[str, Floats]:
    """Those columns that may hold whole years, NaN where a cell is missing.

    Examples
    --------
    >>> years_of({"year": pa.array([1906, 2016]), "rooms": pa.array([3, 4])})
    {'year': array([1906., 2016.])}
    """
    found = {}
    for name, cells in columns.items():
        values = without_dictionary(cells)
        if stored_as(values) != "number" or not pa.types.is_integer(values.type):
            continue
        numbers = np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), np.float64)
        known = numbers[~np.isnan(numbers)]
        if len(known) and known.min() >= _YEARS[0] and known.max() <= _YEARS[1]:
            found[name] = numbers
    return found


def in_their_century(column: Column, values: Values, years: Mapping[str, Floats]) -> Column:
    """A column of dates with years of two digits, read as a column of whole years says.

    Where that one spans more than a hundred years, no reading is right about all, and the reason
    says so.
    """
    reading = column.reading
    if reading is None or not any("%y" in form for form in reading.formats):
        return column
    moments, _ = parse_dates(values, reading)
    is_date = ~np.isnat(moments)
    own = moments.astype("M8[Y]").astype(np.int64) + 1970
    for name, told in years.items():
        known = is_date & ~np.isnan(told)
        alike = known & ((told - own) % 100 == 0)
        if known.sum() < _LEAST_ROWS or alike.sum() < _NEARLY_ALL * known.sum():
            continue
        true = told[alike].astype(np.int64)
        if (true == own[alike]).all():
            return column
        low, high = int(true.min()), int(true.max())
        first, off = low - (99 - (high - low)) // 2, ""
        is_off = np.zeros(len(true), bool)
        if high - low > 99:  # then as many are right as can be
            firsts = range(low, high - 98)
            first = max(firsts, key=lambda y: int(((true >= y) & (true <= y + 99)).sum()))
            is_off = (true < first) | (true > first + 99)
            n_off = int(is_off.sum())
            off = (
                said("; 1 is of another century, as {name} says", name=name)
                if n_off == 1
                else said("; {n:,} are of another century, as {name} says", n=n_off, name=name)
            )
        read = true[~is_off]
        span = said("{low} to {high}", low=read.min(), high=read.max())
        if not off:
            span += said(", as {name} says", name=name)
        before = _SPAN.search(column.reason)
        reason = column.reason + off
        if before:
            reason = exchanged(column.reason, before[0], span) + off
        return replace(column, reason=reason, reading=replace(reading, first_year=first))
    return column
