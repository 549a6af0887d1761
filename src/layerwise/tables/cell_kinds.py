"""The kind that a column's cells show: numbers, a boolean, dates, text, categories, a mere name."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.tables.columns import Column
from layerwise.tables.parsing import (
    Cells,
    Reading,
    Values,
    as_array,
    find_boolean_reading,
    find_cells,
    find_date_reading,
    find_hindrance,
    find_number_reading,
    find_order,
    find_pairs,
    find_plain_numbers,
    find_ranges,
    has_ambiguous_days,
    has_codes,
    is_about,
    matches_any,
    parse_beside,
    parse_booleans,
    parse_dates,
    parse_numbers,
    read_amounts,
    seconds_in_words,
    short,
    some,
    stored_as,
)
from layerwise.tables.row_names import is_named_like_a_count, why_it_names_rows
from layerwise.texts import plural

__all__ = [
    "MOSTLY_NUMBERS",
    "NO_ORDER",
    "and_missing",
    "describe_as_dates",
    "describe_as_numbers",
    "describe_cells",
    "n_missing_and_distinct",
]

# In the reason of a column whose days and months may be in each other's place.
NO_ORDER = "nothing says whether day or month comes first"
# In the reason of a column of numbers that other cells, or units, keep from being one.
MOSTLY_NUMBERS = "mostly numbers"
_STORED_TIMES = Reading(formats=("%H:%M:%S", "%H:%M:%S.%f", "%H:%M"))

_FEW_ROWS = 20  # fewer say little about what repeats
_MANY_TEXTS = 5_000
_LONG = 30
_RANDOM_KEY = (
    "^[{]?[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}[}]?$"
    "|^(?:[0-9a-fA-F]{24}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$"
)


def describe_cells(name: str, values: Values) -> Column:
    """Describe a column by its cells.

    Parameters
    ----------
    name : str
        A column named like an identifier is one where all whole numbers differ.
    values : pyarrow array of text, dates, numbers or truth values, shape (n,)

    Examples
    --------
    >>> describe_cells("age", pa.array([31, 45, None, 28])).reason
    'numbers, 1 of 4 cells missing'
    >>> describe_cells("row", pa.array(range(1, 51))).reason
    'counts the rows, 1 to 50'
    >>> describe_cells("price", pa.array(["€ 1,200", "€ 950", "€ 1,010"])).reason
    "all 3 cells are text that reads as numbers (',' between thousands, unit '€')"
    >>> describe_cells("city", pa.array(["Bonn", "Ulm", "Jena", "Bonn"])).reason
    '3 distinct values in 4 rows'
    """
    stored = stored_as(values)
    if stored == "text":
        return _of_text(name, values)
    n, n_missing = len(values), values.null_count
    if stored == "date":
        n_distinct = pc.count_distinct(values).as_py()
        if n_distinct <= 1:
            value = str(values.drop_null()[0].as_py()) if n_distinct else ""
            return Column(name, *_one_value(value, n_missing, n), stored, n_missing, n_distinct)
        return Column(name, "date", _all_or("dates", n_missing, n), stored, n_missing, n_distinct)
    how, reading = "numbers", None
    if pa.types.is_time(values.type):
        how, reading = "times of day, taken as seconds", _STORED_TIMES
    elif pa.types.is_duration(values.type):
        how = "durations, taken as seconds"
    if pa.types.is_integer(values.type):  # as they are, so that large ones stay distinct
        numbers = as_array(values.drop_null())
    else:
        numbers, _ = parse_numbers(values)
        numbers = numbers[~np.isnan(numbers)]
    return _of_numbers(name, numbers, n, stored, reading, how)


def n_missing_and_distinct(values: Values, cells: Cells) -> tuple[int, int]:
    """How many cells of text are missing and how many differ; blank ones, if any, are no less."""
    n_distinct, is_blank = len(cells.texts), cells.codes < 0
    if int(is_blank.sum()) > values.null_count:
        n_distinct += pc.count_distinct(values.filter(pa.array(is_blank))).as_py()
    return values.null_count, n_distinct


def describe_as_numbers(name: str, cells: Cells, reading: Reading) -> Column:
    """Describe a column of text as the numbers that it reads as."""
    numbers, unread = parse_numbers(cells, reading)
    if reading.amounts is not None:
        how = _amounts_in_words(cells, reading) + _strays(cells, unread, "numbers")
        return _of_numbers(name, numbers[~np.isnan(numbers)], len(numbers), "text", reading, how)
    if not reading.formats:
        return _of_read_numbers(name, numbers, reading, _strays(cells, unread, "numbers"))
    known = ~np.isnan(numbers)
    what = seconds_in_words(reading)
    how = f"{what} written like '{_example(cells, known)}', taken as seconds"
    how += _strays(cells, unread, what.split(" (")[0])
    return _of_numbers(name, numbers[known], len(numbers), "text", reading, how)


def _amounts_in_words(cells: Cells, reading: Reading) -> str:
    """How a column is read in which numbers say more than plain ones."""
    amounts = reading.amounts
    assert amounts is not None
    told = []
    if amounts.form == "pair":
        told.append("two in each cell, such as {first}")
    elif amounts.form == "ratio":
        told.append("one divided by the other, as in {first}")
    elif amounts.form == "lead":
        low, high = (side.upper() for side, _ in amounts.factors)
        told.append(f"leads of {high}, below 0 those of {low}")
    elif amounts.form == "range":
        told.append("the middle of ranges such as {first}")
    worths = [
        f"{unit or 'no unit'} = {factor:.6g}" for unit, factor in amounts.factors if factor != 1
    ]
    if worths and amounts.form in ("sum", "range"):
        told.append(f"in {amounts.unit or 'ones'}: {', '.join(worths[:6])}")
    beside = parse_beside(cells, reading)
    if amounts.has_limits:
        beyond = np.flatnonzero(beside)
        are = "1 cell is" if len(beyond) == 1 else f"{len(beyond):,} cells are"
        told.append(f"{are} beyond a limit, such as {some(cells.examples(beyond.tolist()))}")
    if about := [text for text in cells.texts.to_pylist() if is_about(text)]:
        n = int(cells.counts[as_array(pc.is_in(cells.texts, pa.array(about)))].sum())
        cell_is = "1 cell is" if n == 1 else f"{n:,} cells are"
        told.append(f"{cell_is} not exact, such as {some(about)}")
    if nothing := [word for word, number in amounts.words if number is None]:
        texts = as_array(pc.is_in(pc.utf8_lower(cells.texts), pa.array(nothing)))
        n = int(cells.counts[texts].sum())
        words = some(cells.texts.filter(pa.array(texts)).to_pylist())
        told.append(f"{words} in {n:,} cell{'s' * (n > 1)} taken as missing")
    numbers, _, _ = read_amounts(cells.texts, reading)
    shown = [text for text, x in zip(cells.texts.to_pylist(), numbers, strict=True) if x == x]
    first = some(sorted(shown, key=lambda text: text[:1] in "<>≤≥" or text.isdigit()), most=1)
    return (
        "text that reads as numbers"
        + ("; " if told else "")
        + "; ".join(told).replace("{first}", first)
    )


def describe_as_dates(name: str, cells: Cells, reading: Reading, order: str = "") -> Column:
    """Describe a column of text as the dates that it reads as.

    `order` says by what it is known whether day or month comes first, if it is: "as in end".
    """
    moments, unread = parse_dates(cells, reading)
    known = ~np.isnat(moments)
    n, n_missing = len(moments), int((~known).sum())
    formats = [form for form in reading.formats if form != "%Y"] or ["%Y"]
    how = f"dates written like '{_example(cells, known)}'"
    if len(formats) > 1:
        how += f" and in {len(formats) - 1} other way{'s' if len(formats) > 2 else ''}"
    if any("%E" in form for form in formats):
        how += "; a range is taken as its first day"
    if len(formats) < len(reading.formats):
        years = as_array(pc.match_substring_regex(cells.texts, r"^\d{4}$"))
        n_years = int(cells.counts[years].sum())
        are, its = ("is a year", "its") if n_years == 1 else ("are years", "their")
        how += f"; {n_years:,} {are} alone, taken as {its} first day"
    if unknown := [form for form in formats if "%U" in form]:
        n_unknown = int(cells.counts[matches_any(cells.texts, unknown)].sum())
        lack = "lacks the day and is" if n_unknown == 1 else "lack the day and are"
        how += f"; {n_unknown:,} {lack} taken as the month's first"
    if any("%y" in form for form in formats):
        years = np.unique(moments[known].astype("M8[Y]").astype(str))
        how += f"; with years of two digits, {years[0]} to {years[-1]}"
    first = "month" if formats[0].find("%m") < formats[0].find("%d") else "day"
    if order:
        how += f"; the {first} comes first, {order}"
    elif has_ambiguous_days(cells, reading):
        how += f"; {NO_ORDER}, the {first} was taken"
    reason = how + _strays(cells, unread, "dates") + and_missing(n_missing, n)
    n_distinct = len(np.unique(moments[known]))
    return Column(name, "date", reason, "text", n_missing, n_distinct, reading)


def _example(cells: Cells, known: NDArray[np.bool_]) -> str:
    """The first cell that is read."""
    return cells.texts[int(cells.codes[known.argmax()])].as_py()  # type: ignore[no-any-return]


def and_missing(n_missing: int, n: int) -> str:
    """The end of a reason: how many cells are missing, if any is."""
    return f", {n_missing:,} of {n:,} cells missing" if n_missing else ""


def _all_or(what: str, n_missing: int, n: int) -> str:
    return what + and_missing(n_missing, n) if n_missing else f"all {n:,} cells are {what}"


def _one_value(value: str, n_missing: int, n: int) -> tuple[str, str]:
    """Kind and reason of a column with one value at most."""
    value = short(value)
    if n_missing == n:
        return "empty", f"all {n:,} cells are missing"
    if n_missing == 0:
        return "constant", f"all {n:,} cells are '{value}'"
    nothing = f"nothing ({n_missing:,} of {n:,} cells)"
    return "category", f"'{value}' or {nothing}; that a cell is missing may matter"


def _of_numbers(
    name: str, numbers: NDArray[np.number], n: int, stored: str, reading: Reading | None, how: str
) -> Column:
    """Describe n cells by the numbers among them, in the order of the rows."""
    ordered = np.sort(numbers)
    n_missing = n - len(numbers)
    n_distinct = int((ordered[1:] != ordered[:-1]).sum()) + min(len(ordered), 1)
    kind, reason = "number", _all_or(how, n_missing, n)
    if n_distinct <= 1:
        kind, reason = _one_value(f"{ordered[0]:.6g}" if n_distinct else "", n_missing, n)
    elif n_distinct == 2 and (ordered[0], ordered[-1]) == (0, 1):
        values = "yes or no" if stored == "boolean" else "0 or 1"
        kind, reason = "boolean", values + and_missing(n_missing, n)
    elif n_distinct == 2 and (len(numbers) > 2 or n == 2):  # two of many rows are numbers
        values = f"{ordered[0]:.6g} and {ordered[-1]:.6g}"
        kind, reason = "category", f"2 distinct values in {n:,} rows: {values}"
    elif is_named_like_a_count(name) and n_distinct > n / 2 and not _are_whole(numbers):
        kind, reason = "identifier", "the rows' names, by its own"
    elif _are_whole(numbers) and (why := why_it_names_rows(name, numbers, n)):
        kind, reason = "identifier", why
    return Column(name, kind, reason, stored, n_missing, n_distinct, reading)


def _are_whole(numbers: NDArray[np.number]) -> bool:
    if numbers.dtype.kind in "iu":
        return True
    return bool(np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all())


def _of_text(name: str, values: Values) -> Column:
    if (numbers := find_plain_numbers(values)) is not None:
        column = _of_read_numbers(name, numbers, Reading(), "")
        if column.n_distinct > 2:
            return column
    cells = find_cells(values)
    n = len(cells.codes)
    n_missing, n_distinct = n_missing_and_distinct(values, cells)
    if n_distinct <= 1:
        value = cells.texts[0].as_py() if len(cells.texts) else ""
        return Column(name, *_one_value(value, n_missing, n), "text", n_missing, n_distinct)
    if (reading := find_boolean_reading(cells)) is not None:
        n_unsaid = int(np.isnan(parse_booleans(cells, reading)[0]).sum())
        said = cells.texts.filter(pa.array(~cells.says_nothing)).to_pylist()
        words = some(sorted({text.lower() for text in said}, reverse=True), most=4)
        reason = words + and_missing(n_unsaid, n)
        return Column(name, "boolean", reason, "text", n_unsaid, 2, reading)
    if (reading := find_number_reading(cells, name=name)) is not None:
        column = describe_as_numbers(name, cells, reading)
        if column.n_distinct > 2:
            return column
    elif (reading := find_date_reading(cells)) is not None:
        column = describe_as_dates(name, cells, reading)
        if column.n_distinct > 1:
            return column
    if n_distinct == n > 2 and is_named_like_a_count(name):
        reason = f"the rows' names, by its own, and all {n:,} cells differ"
        return Column(name, "identifier", reason, "text", n_missing, n_distinct)
    if (reading := find_order(cells)) is not None and reading.amounts is not None:
        written = {text.lower(): text for text in cells.texts.to_pylist()}
        steps = [written[word] for word, _ in reading.amounts.words]
        order = f"'{short(steps[0])}' to '{short(steps[-1])}'"
        reason = f"{n_distinct:,} distinct values in {n:,} rows, in the order {order}"
        return Column(name, "category", reason, "text", n_missing, n_distinct, reading)
    if reading := None if has_codes(cells) else find_ranges(cells, name) or find_pairs(cells):
        column = describe_as_numbers(name, cells, reading)
        if column.n_distinct > 2:
            return column
    kind, reason = _unread_kind(cells, n_distinct)
    hindrance = None if kind == "text" or has_codes(cells) else find_hindrance(cells)
    if hindrance is not None:
        share, others = hindrance
        reason += f"; {MOSTLY_NUMBERS} ({100 * share:.0f} %), but for cells such as {some(others)}"
        if share == 1:
            reason = reason.replace("but for cells such as", "of units that differ:")
    return Column(name, kind, reason, "text", n_missing, n_distinct)


def _of_read_numbers(
    name: str, numbers: NDArray[np.float64], reading: Reading, strays: str
) -> Column:
    marks = []
    if reading.decimal != ".":
        marks.append(f"'{reading.decimal}' before the fraction")
    if reading.thousands:
        marks.append(f"'{reading.thousands}' between thousands")
    if reading.unit:
        marks.append(f"unit '{reading.unit}'")
    how = "text that reads as numbers" + (f" ({', '.join(marks)})" if marks else "") + strays
    known = numbers[~np.isnan(numbers)]
    return _of_numbers(name, known, len(numbers), "text", reading, how)


def _strays(cells: Cells, unread: list[int], what: str) -> str:
    """Words for the cells that are not what the others are."""
    if not unread:
        return ""
    are = "1 cell is" if len(unread) == 1 else f"{len(unread):,} cells are"
    none = "none" if len(unread) == 1 else f"no {what}"
    return f"; {are} {none}, such as {some(cells.examples(unread))}, and count as missing"


def _unread_kind(cells: Cells, n_distinct: int) -> tuple[str, str]:
    """Kind and reason of text that is neither number nor date nor boolean."""
    counts = cells.counts
    n = max(1, int(counts.sum()))
    share = len(cells.texts) / n
    length = float(as_array(pc.utf8_length(cells.texts)) @ counts) / n
    words = 1 + float(as_array(pc.count_substring(cells.texts, " ")) @ counts) / n
    distinct = f"{plural(n_distinct, 'distinct value')} in {len(cells.codes):,} rows"
    if share > 0.5:
        keys = as_array(pc.match_substring_regex(cells.texts, _RANDOM_KEY))
        if counts[keys].sum() >= 0.95 * n:
            return "identifier", f"{distinct}, all of them random keys"
    is_long = words >= 4 or length >= _LONG
    seldom_repeats = share > 0.5 or (share > 0.2 and n_distinct > 20) or n_distinct > _MANY_TEXTS
    if (is_long and seldom_repeats) or (words >= 1.8 and share > 0.5 and n >= _FEW_ROWS):
        size = f", of {words:.0f} words and" if words >= 1.5 else ","
        return "text", f"{distinct}{size} {length:.0f} characters in the mean"
    if share >= 0.95 and n >= _FEW_ROWS:
        return "identifier", f"{distinct}; so few repeat that they only name the row"
    return "category", distinct
