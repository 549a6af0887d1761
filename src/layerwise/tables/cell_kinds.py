"""The kind that a column's cells show: numbers, a boolean, dates, text, categories, a mere name."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.arrays import Floats, Mask
from layerwise.language import message, said, said_count, said_list
from layerwise.tables.columns import Column
from layerwise.tables.parsing import (
    Amounts,
    Cells,
    Reading,
    Values,
    as_array,
    before_interval,
    find_boolean_reading,
    find_cells,
    find_date_reading,
    find_day_reading,
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
    spelled_booleans,
    stored_as,
)
from layerwise.tables.row_names import is_named_like_a_count, why_it_names_rows

# In the reason of a column whose days and months may be in each other's place.
NO_ORDER = message("nothing says whether day or month comes first")
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
        return Column(
            name, "date", _all_or(said("dates"), n_missing, n), stored, n_missing, n_distinct
        )
    how, reading = said("numbers"), None
    if pa.types.is_time(values.type):
        how, reading = said("times of day, taken as seconds"), _STORED_TIMES
    elif pa.types.is_duration(values.type):
        how = said("durations, taken as seconds")
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
        n_distinct += len(values.filter(pa.array(is_blank)).drop_null().unique())
    return values.null_count, n_distinct


def describe_as_numbers(name: str, cells: Cells, reading: Reading) -> Column:
    """Describe a column of text as the numbers that it reads as."""
    numbers, unread = parse_numbers(cells, reading)
    if reading.amounts is not None:
        how = _amounts_in_words(cells, reading) + _strays(cells, unread, said("numbers"))
        return _of_numbers(name, numbers[~np.isnan(numbers)], len(numbers), "text", reading, how)
    if not reading.formats:
        strays = _strays(cells, unread, said("numbers"))
        return _of_read_numbers(name, numbers, reading, strays)
    known = ~np.isnan(numbers)
    what = seconds_in_words(reading)
    example = _example(cells, known)
    how = said("{what} written like '{example}', taken as seconds", what=what, example=example)
    whole = {said("times of day"), said("days of a year")}
    held = what if what in whole else said("durations")
    how += _strays(cells, unread, held)
    return _of_numbers(name, numbers[known], len(numbers), "text", reading, how)


def worths_in_words(amounts: Amounts) -> str:
    """The unit in which amounts are read and what others are worth; "" if there is but one."""
    worths = [
        (unit or said("no unit")) + f" = {factor:.6g}"
        for unit, factor in amounts.factors
        if factor != 1
    ]
    if not worths or amounts.form not in ("sum", "range"):
        return ""
    unit, worth = amounts.unit or said("ones"), said_list(", ", worths[:6])
    return said("in {unit}: {worth}", unit=unit, worth=worth)


def _amounts_in_words(cells: Cells, reading: Reading) -> str:
    """How a column is read in which numbers say more than plain ones."""
    amounts = reading.amounts
    assert amounts is not None
    numbers, _, _ = read_amounts(cells.texts, reading)
    shown = [text for text, x in zip(cells.texts.to_pylist(), numbers, strict=True) if x == x]
    first = some(sorted(shown, key=lambda text: text[:1] in "<>≤≥" or text.isdigit()), most=1)
    told: list[str] = []
    if amounts.form == "pair":
        told.append(said("two in each cell, such as {first}", first=first))
    elif amounts.form == "ratio":
        told.append(said("one divided by the other, as in {first}", first=first))
    elif amounts.form == "lead":
        low, high = (side.upper() for side, _ in amounts.factors)
        told.append(said("leads of {high}, below 0 those of {low}", high=high, low=low))
    elif amounts.form == "range":
        told.append(said("the middle of ranges such as {first}", first=first))
    if worth := worths_in_words(amounts):
        told.append(worth)
    beside = parse_beside(cells, reading)
    if amounts.has_limits:
        beyond = np.flatnonzero(beside)
        examples = some(cells.examples(beyond.tolist()))
        told.append(
            said("1 cell is beyond a limit, such as {examples}", examples=examples)
            if len(beyond) == 1
            else said(
                "{n:,} cells are beyond a limit, such as {examples}",
                n=len(beyond),
                examples=examples,
            )
        )
    if about := [text for text in cells.texts.to_pylist() if is_about(text)]:
        n = int(cells.counts[as_array(pc.is_in(cells.texts, pa.array(about)))].sum())
        told.append(
            said("1 cell is not exact, such as {examples}", examples=some(about))
            if n == 1
            else said("{n:,} cells are not exact, such as {examples}", n=n, examples=some(about))
        )
    if estimates := [text for text in shown if before_interval(text)]:
        example = some(estimates, most=1)
        told.append(
            said("without the interval that stands behind it, as in {example}", example=example)
        )
    if nothing := [word for word, number in amounts.words if number is None]:
        texts = as_array(pc.is_in(pc.utf8_lower(cells.texts), pa.array(nothing)))
        n = int(cells.counts[texts].sum())
        words = some(cells.texts.filter(pa.array(texts)).to_pylist())
        cell = said_count(n, "cell")
        told.append(said("{words} in {cells} taken as missing", words=words, cells=cell))
    return said_list("; ", [said("text that reads as numbers"), *told])


def describe_as_dates(name: str, cells: Cells, reading: Reading, order: str = "") -> Column:
    """Describe a column of text as the dates that it reads as.

    `order` says by what it is known whether day or month comes first, if it is: "as in end".
    """
    moments, unread = parse_dates(cells, reading)
    known = ~np.isnat(moments)
    n, n_missing = len(moments), int((~known).sum())
    formats = [form for form in reading.formats if form != "%Y"] or ["%Y"]
    how = said("dates written like '{example}'", example=_example(cells, known))
    if len(formats) > 1:
        how += said(" and in {ways}", ways=said_count(len(formats) - 1, "other way"))
    if any("%E" in form for form in formats):
        how += said("; a range is taken as its first day")
    if len(formats) < len(reading.formats):
        years = as_array(pc.match_substring_regex(cells.texts, r"^\d{4}$"))
        n_years = int(cells.counts[years].sum())
        how += (
            said("; 1 is a year alone, taken as its first day")
            if n_years == 1
            else said("; {n:,} are years alone, taken as their first day", n=n_years)
        )
    if unknown := [form for form in formats if "%U" in form]:
        n_unknown = int(cells.counts[matches_any(cells.texts, unknown)].sum())
        how += (
            said("; 1 lacks the day and is taken as the month's first")
            if n_unknown == 1
            else said("; {n:,} lack the day and are taken as the month's first", n=n_unknown)
        )
    if any("%y" in form for form in formats):
        years = np.unique(moments[known].astype("M8[Y]").astype(str))
        span = said("{low} to {high}", low=years[0], high=years[-1])
        how += "; " + said("with years of two digits, {span}", span=span)
    is_month = formats[0].find("%m") < formats[0].find("%d")
    first = said("month") if is_month else said("day")
    if order:
        how += said("; the {first} comes first, {order}", first=first, order=order)
    elif has_ambiguous_days(cells, reading):
        how += "; " + said(NO_ORDER) + said(", the {first} was taken", first=first)
    reason = how + _strays(cells, unread, said("dates")) + and_missing(n_missing, n)
    n_distinct = len(np.unique(moments[known]))
    return Column(name, "date", reason, "text", n_missing, n_distinct, reading)


def _example(cells: Cells, known: Mask) -> str:
    """The first cell that is read."""
    return cells.texts[int(cells.codes[known.argmax()])].as_py()  # type: ignore[no-any-return]


def distinct_values(k: int, n: int) -> str:
    """The reason of a column that is nothing else than so many values."""
    return said("{values} in {n:,} rows", values=said_count(k, "distinct value"), n=n)


def and_missing(n_missing: int, n: int) -> str:
    """The end of a reason: how many cells are missing, if any is."""
    return said(", {k:,} of {n:,} cells missing", k=n_missing, n=n) if n_missing else ""


def _all_or(what: str, n_missing: int, n: int) -> str:
    if n_missing:
        return what + and_missing(n_missing, n)
    return said("all {n:,} cells are {what}", n=n, what=what)


def _one_value(value: str, n_missing: int, n: int) -> tuple[str, str]:
    """Kind and reason of a column with one value at most."""
    value = short(value)
    if n_missing == n:
        return "empty", said("all {n:,} cells are missing", n=n)
    if n_missing == 0:
        return "constant", said("all {n:,} cells are '{value}'", n=n, value=value)
    reason = said(
        "'{value}' or nothing ({k:,} of {n:,} cells); that a cell is missing may matter",
        value=value,
        k=n_missing,
        n=n,
    )
    return "category", reason


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
        values = said("yes or no") if stored == "boolean" else said("0 or 1")
        kind, reason = "boolean", values + and_missing(n_missing, n)
    elif n_distinct == 2 and (len(numbers) > 2 or n == 2):  # two of many rows are numbers
        kind = "category"
        reason = said(
            "2 distinct values in {n:,} rows: {low:.6g} and {high:.6g}",
            n=n,
            low=ordered[0],
            high=ordered[-1],
        )
    elif is_named_like_a_count(name) and n_distinct > n / 2 and not _are_whole(numbers):
        kind, reason = "identifier", said("the rows' names, by its own")
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
        answers = {text.lower() for text in cells.texts.to_pylist()}
        words = some(sorted(answers & spelled_booleans(reading.true).keys(), reverse=True), most=4)
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
    elif (reading := find_day_reading(cells)) is not None:
        return describe_as_numbers(name, cells, reading)
    if n_distinct == n > 2 and is_named_like_a_count(name):
        reason = said("the rows' names, by its own, and all {n:,} cells differ", n=n)
        return Column(name, "identifier", reason, "text", n_missing, n_distinct)
    if (reading := find_order(cells)) is not None and reading.amounts is not None:
        written = {text.lower(): text for text in cells.texts.to_pylist()}
        steps = [written[word] for word, _ in reading.amounts.words]
        reason = said(
            "{k:,} distinct values in {n:,} rows, in the order '{first}' to '{last}'",
            k=n_distinct,
            n=n,
            first=short(steps[0]),
            last=short(steps[-1]),
        )
        return Column(name, "category", reason, "text", n_missing, n_distinct, reading)
    if reading := None if has_codes(cells, name) else find_ranges(cells, name) or find_pairs(cells):
        column = describe_as_numbers(name, cells, reading)
        if column.n_distinct > 2:
            return column
    kind, reason = _unread_kind(cells, n_distinct)
    hindrance = None if kind == "text" or has_codes(cells, name) else find_hindrance(cells)
    if hindrance is not None:
        share, others = hindrance
        reason += "; " + (
            said("mostly numbers (100 %), of units that differ: {examples}", examples=some(others))
            if share == 1
            else said(
                "mostly numbers ({share:.0f} %), but for cells such as {examples}",
                share=100 * share,
                examples=some(others),
            )
        )
    return Column(name, kind, reason, "text", n_missing, n_distinct)


def _of_read_numbers(name: str, numbers: Floats, reading: Reading, strays: str) -> Column:
    marks = []
    if reading.decimal != ".":
        marks.append(said("'{mark}' before the fraction", mark=reading.decimal))
    if reading.thousands:
        marks.append(said("'{mark}' between thousands", mark=reading.thousands))
    if reading.unit:
        marks.append(said("unit '{unit}'", unit=reading.unit))
    in_brackets = " (" + said_list(", ", marks) + ")" if marks else ""
    how = said("text that reads as numbers") + in_brackets + strays
    known = numbers[~np.isnan(numbers)]
    return _of_numbers(name, known, len(numbers), "text", reading, how)


def _strays(cells: Cells, unread: list[int], what: str) -> str:
    """Words for the cells that are not what the others are."""
    if not unread:
        return ""
    examples, n = some(cells.examples(unread)), len(unread)
    if n == 1:
        return said(
            "; 1 cell is none, such as {examples}, and counts as missing", examples=examples
        )
    return said(
        "; {n:,} cells are no {what}, such as {examples}, and count as missing",
        n=n,
        what=what,
        examples=examples,
    )


def _unread_kind(cells: Cells, n_distinct: int) -> tuple[str, str]:
    """Kind and reason of text that is neither number nor date nor boolean."""
    counts = cells.counts
    n = max(1, int(counts.sum()))
    share = len(cells.texts) / n
    length = float(as_array(pc.utf8_length(cells.texts)) @ counts) / n
    words = 1 + float(as_array(pc.count_substring(cells.texts, " ")) @ counts) / n
    distinct = distinct_values(n_distinct, len(cells.codes))
    if share > 0.5:
        keys = as_array(pc.match_substring_regex(cells.texts, _RANDOM_KEY))
        if counts[keys].sum() >= 0.95 * n:
            return "identifier", distinct + said(", all of them random keys")
    is_long = words >= 4 or length >= _LONG
    seldom_repeats = share > 0.5 or (share > 0.2 and n_distinct > 20) or n_distinct > _MANY_TEXTS
    if (is_long and seldom_repeats) or (words >= 1.8 and share > 0.5 and n >= _FEW_ROWS):
        if words < 1.5:
            return "text", distinct + said(", {n:.0f} characters in the mean", n=length)
        size = said(", of {k:.0f} words and {n:.0f} characters in the mean", k=words, n=length)
        return "text", distinct + size
    if share >= 0.95 and n >= _FEW_ROWS:
        return "identifier", distinct + said("; so few repeat that they only name the row")
    return "category", distinct
