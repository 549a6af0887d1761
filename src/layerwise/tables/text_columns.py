"""The kind of a column of text: what it reads as, else a category, text or an identifier."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.tables.columns import Column
from layerwise.tables.number_columns import and_missing, describe_numbers, one_value
from layerwise.tables.parsing import (
    Cells,
    Reading,
    Values,
    as_array,
    find_boolean_reading,
    find_cells,
    find_date_reading,
    find_number_reading,
    has_ambiguous_days,
    parse_booleans,
    parse_dates,
    parse_numbers,
    some,
)
from layerwise.tables.parsing.numbers import read_plain

__all__ = ["describe_as_dates", "describe_as_numbers", "describe_text"]

# Fewer rows than this say little about whether values repeat.
_FEW_ROWS = 20
_MANY_TEXTS = 5_000
_LONG = 30
_RANDOM_KEY = (
    "^[{]?[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}[}]?$"
    "|^(?:[0-9a-fA-F]{24}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"
)


def describe_text(name: str, values: Values) -> Column:
    """Describe a column of text.

    Parameters
    ----------
    name : str
    values : pyarrow array of text, shape (n,)

    Examples
    --------
    >>> describe_text("price", pa.array(["€ 1,200", "€ 950", "€ 1,010"])).reason
    "all 3 cells are text that reads as numbers (',' between thousands, unit '€')"
    >>> describe_text("city", pa.array(["Bonn", "Ulm", "Jena", "Bonn"])).reason
    '3 distinct values in 4 rows'
    """
    numbers = _plain_numbers(values)
    if numbers is not None:
        column = _of_numbers(name, numbers, Reading(), [], [])
        if column.n_distinct > 2:
            return column
    cells = find_cells(values)
    n = len(cells.codes)
    n_missing = int((cells.codes < 0).sum())
    n_distinct = pc.count_distinct(cells.texts).as_py()
    if n_distinct <= 1:
        value = cells.texts[0].as_py() if n_distinct else ""
        return Column(name, *one_value(value, n_missing, n), "text", n_missing, n_distinct)
    if (reading := find_boolean_reading(cells)) is not None:
        return _as_booleans(name, cells, reading)
    if (reading := find_number_reading(cells)) is not None:
        column = describe_as_numbers(name, cells, reading)
        if column.n_distinct > 2:
            return column
    elif (reading := find_date_reading(cells)) is not None:
        column = describe_as_dates(name, cells, reading)
        if column.n_distinct > 1:
            return column
    kind, reason = _unread_kind(cells, n_distinct)
    return Column(name, kind, reason, "text", n_missing, n_distinct)


def describe_as_numbers(name: str, cells: Cells, reading: Reading) -> Column:
    """Describe a column of text as the numbers that it reads as."""
    numbers, unread = parse_numbers(cells, reading)
    return _of_numbers(name, numbers, reading, unread, cells.examples(unread))


def describe_as_dates(name: str, cells: Cells, reading: Reading) -> Column:
    """Describe a column of text as the dates that it reads as."""
    moments, unread = parse_dates(cells, reading)
    there = moments[~np.isnat(moments)]
    n, n_missing = len(moments), len(moments) - len(there)
    shown = cells.texts[int(cells.codes[np.flatnonzero(~np.isnat(moments))[0]])].as_py()
    how = f"dates written like '{shown}'"
    if len(reading.formats) > 1:
        how += f" and in {len(reading.formats) - 1} other ways"
    order = "month" if reading.formats[0].find("%m") < reading.formats[0].find("%d") else "day"
    if has_ambiguous_days(cells, reading):
        how += f"; nothing says whether day or month comes first, the {order} was taken"
    reason = f"{how}{_strays(unread, 'dates', cells.examples(unread))}{and_missing(n_missing, n)}"
    return Column(name, "date", reason, "text", n_missing, len(np.unique(there)), reading)


def _as_booleans(name: str, cells: Cells, reading: Reading) -> Column:
    truth, _ = parse_booleans(cells, reading)
    n, n_missing = len(truth), int(np.isnan(truth).sum())
    words = some(sorted({text.lower() for text in _said(cells)}, reverse=True), most=4)
    reason = words + and_missing(n_missing, n)
    return Column(name, "boolean", reason, "text", n_missing, 2, reading)


def _of_numbers(
    name: str,
    numbers: NDArray[np.float64],
    reading: Reading,
    unread: list[int],
    examples: list[str],
) -> Column:
    marks = []
    if reading.decimal != ".":
        marks.append(f"'{reading.decimal}' before the fraction")
    if reading.thousands:
        marks.append(f"'{reading.thousands}' between thousands")
    if reading.unit:
        marks.append(f"unit '{reading.unit}'")
    how = "text that reads as numbers" + (f" ({', '.join(marks)})" if marks else "")
    how += _strays(unread, "numbers", examples)
    there = numbers[~np.isnan(numbers)]
    return describe_numbers(name, there, len(numbers), "text", reading, how)


def _plain_numbers(values: Values) -> NDArray[np.float64] | None:
    """The numbers of a column that is nothing but plain numbers, without looking for texts."""
    if pa.types.is_dictionary(values.type) or (numbers := read_plain(values)) is None:
        return None
    codes = pc.any(pc.match_substring_regex(values, r"^[+-]?0\d+$")).as_py()
    return None if codes else numbers


def _unread_kind(cells: Cells, n_distinct: int) -> tuple[str, str]:
    """Kind and reason of text that is neither number nor date nor boolean."""
    counts = cells.counts
    n = int(counts.sum())
    share = n_distinct / n
    length = float(as_array(pc.utf8_length(cells.texts)) @ counts) / n
    words = 1 + float(as_array(pc.count_substring(cells.texts, " ")) @ counts) / n
    distinct = f"{n_distinct:,} distinct values in {len(cells.codes):,} rows"
    described = f"{distinct}, of {words:.0f} words" if words >= 1.5 else distinct
    described += f" and {length:.0f} characters" if words >= 1.5 else f", {length:.0f} characters"
    described += " in the mean"
    if share > 0.5:
        keys = as_array(pc.match_substring_regex(cells.texts, _RANDOM_KEY))
        if counts[keys].sum() >= 0.95 * n:
            return "identifier", f"{distinct}, all of them random keys"
    is_long = words >= 4 or length >= _LONG
    seldom_repeats = share > 0.5 or (share > 0.2 and n_distinct > 20) or n_distinct > _MANY_TEXTS
    if (is_long and seldom_repeats) or (words >= 1.8 and share > 0.5 and n >= _FEW_ROWS):
        return "text", described
    if share >= 0.95 and n >= _FEW_ROWS:
        return "identifier", f"{distinct}; so few repeat that they only name the row"
    return "category", distinct


def _strays(unread: list[int], what: str, examples: list[str]) -> str:
    if not unread:
        return ""
    cells = "1 cell is" if len(unread) == 1 else f"{len(unread):,} cells are"
    none = "none" if len(unread) == 1 else f"no {what}"
    return f"; {cells} {none}, such as {some(examples)}, and count as missing"


def _said(cells: Cells) -> list[str]:
    said: list[str] = cells.texts.filter(pa.array(~cells.says_nothing)).to_pylist()
    return said
