"""Numbers as people write them: with marks between thousands, units, and signs behind; or times."""

import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layerwise.arrays import Floats, Integers
from layerwise.tables.parsing.amount_readings import find_amounts, find_pairs, find_ranges
from layerwise.tables.parsing.amounts import read_amounts, take_apart
from layerwise.tables.parsing.distinct import (
    SAMPLE,
    Cells,
    Reading,
    Values,
    as_array,
    find_cells,
    is_text,
    without_dictionary,
)
from layerwise.tables.parsing.durations import find_duration_reading, read_seconds
from layerwise.tables.parsing.figure_codes import CODE, has_codes
from layerwise.tables.parsing.measures import factors_of, is_no_unit, plain_unit
from layerwise.tables.parsing.stored_kinds import kind_in_words

# Marks of the fraction and of thousands, in the order in which they win where both read as much:
# "1.234" is a little more than one, "1,234" more than a thousand.
_MARKS = ((".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'"))

# A time of day such as 0640; where no cell begins with a zero, files have made numbers of them.
HOURS_AND_MINUTES = Reading(formats=("%H%M",))

_SPACE = "[\\s\u00a0\u2009\u202f]"
_THOUSANDS = {"": "", " ": _SPACE, "'": "['’]"}
_MINUS = "[-−–]"
_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"

# Before a number only money is a unit; other letters, as in "A12", make it a name.
_MONEY = frozenset([
    "$", "€", "£", "¥", "￥", "₩", "₹", "₽", "₺", "₫", "฿", "₴", "₪",
    "us$", "a$", "c$", "hk$", "nt$", "s$", "r$", "rs", "rs.", "fr.", "kr", "kr.", "zł", "usd",
    "eur", "gbp", "jpy", "krw", "cny", "rmb", "inr", "chf", "cad", "aud", "sek", "nok", "dkk",
])  # fmt: skip
_AROUND = re.compile(
    rf"""\(?{_SPACE}*[-+−–]?{_SPACE}*
    (?P<before>[^\d\s.,()+−–-][^\d,()+−–-]*?)?{_SPACE}*[-+−–]?{_SPACE}*
    (?P<body>[.,]?\d(?:[\d.,'’]|{_SPACE}(?=\d))*|∞|(?i:inf(?:inity)?))(?:[eE][+-]?\d+)?{_SPACE}*
    (?P<after>[^\d\s.,'()+−–-][^\d()]{{0,14}}?[²³23]?)?{_SPACE}*[-−–]?{_SPACE}*\)?""",
    re.VERBOSE,
)


def find_number_reading(
    values: Values | Cells, *, insist: bool = False, name: str = ""
) -> Reading | None:
    """How a column of text is read as numbers, or None if it is not a column of numbers.

    A column is one if at least 90 % of its cells read as numbers in one and the same way, and at
    most 2 % of them, or two, do not; words for a missing value, such as "n/a", count as neither.
    A column in which a whole number begins with a zero before other digits ("00123") holds codes,
    and so does one of variants of genes ("rs9697358"; see `has_codes`).
    Where every cell can be read in two ways, "1,234" is more than a thousand, "1.234" is not.
    Times of day and durations are numbers too, of seconds (`find_duration_reading`). Where limits,
    several units, scales, or a few kinds of other cells stand among them, see `find_amounts`.

    Parameters
    ----------
    values : pyarrow array of text, shape (n,), or Cells
    insist : bool
        Return the reading that reads most, however many cells are left, and read codes too.
    name : str
        Of the column, which may tell the unit of numbers without one, and rupees from variants.

    Examples
    --------
    >>> find_number_reading(pa.array(["1.234,5 €", "17 €"]))
    Reading(decimal=',', thousands='.', unit='€', true='', formats=(), first_year=1969)
    >>> find_number_reading(pa.array(["00123", "04567"]))
    """
    cells = find_cells(values)
    if not insist and has_codes(cells, name):
        return None
    marked, n_marked = _find_marks(cells, insist=insist)
    if marked is not None and not insist:
        return _with_more(cells, marked, n_marked, name) or marked
    timed = find_duration_reading(cells, insist=insist)
    if timed is None or (marked is None and insist):
        more = _with_more(cells, marked, n_marked, name, insist=insist)
        if more is None and insist:
            more = find_ranges(cells, name) or find_pairs(cells)
            if more is not None and marked is not None:
                read = ~np.isnan(read_amounts(cells.texts, more)[0])
                more = more if cells.counts[read].sum() > n_marked else None
        return more or marked or timed
    if marked is None:
        return timed
    n_timed = cells.counts[~np.isnan(read_seconds(cells.texts, timed))].sum()
    return timed if n_timed > n_marked else marked


def _with_more(
    cells: Cells, marked: Reading | None, n_marked: int, name: str, *, insist: bool = False
) -> Reading | None:
    """A reading as amounts, if it reads more cells, or converts units that differ."""
    read = None if marked is None else ~np.isnan(_read(cells.texts, marked))
    if marked is not None and read is not None and not cells.n_stray(read):
        unit = plain_unit(marked.unit)
        if not unit or (found := factors_of({"": 1, unit: 1}, name)) is None:
            return None
        if found[1][unit] == 1.0:
            return None
    more = find_amounts(cells, name, insist=insist)
    if more is None or more.amounts is None or read is None:
        return more
    n_read = int(cells.counts[~np.isnan(read_amounts(cells.texts, more)[0])].sum())
    worths = {factor for _, factor in more.amounts.factors}
    return more if n_read > n_marked or (len(worths) > 1 and n_read == n_marked) else None


def may_be_number(text: str) -> bool:
    """Whether a text is a number in some column of numbers.

    Examples
    --------
    >>> may_be_number("12 kg"), may_be_number("1:05"), may_be_number("Ulm, 12 May 2019")
    (True, True, False)
    """
    alone = find_cells(pa.array([text]))
    return take_apart(text) is not None or find_number_reading(alone, insist=True) is not None


def _find_marks(cells: Cells, *, insist: bool) -> tuple[Reading | None, int]:
    """The marks and the unit that read most cells, None if that is too few; and how many it is."""
    texts, weights = cells.sample
    units, weight = _units(texts.to_pylist(), weights)
    if weight == 0 or (not insist and weight < weights.sum() / 2):
        return None, 0
    marks = _marks_in(cells.texts)
    candidates = [Reading(d, t, unit) for unit in units for d, t in marks]
    scores = [weights[~np.isnan(_read(texts, reading))].sum() for reading in candidates]
    best = max(scores)
    tied = [reading for reading, score in zip(candidates, scores, strict=True) if score == best]
    reading, read = tied[0], ~np.isnan(_read(cells.texts, tied[0]))
    for other in tied[1:]:
        if not cells.n_stray(read):
            break  # what a sample cannot tell apart, a cell outside it may
        other_read = ~np.isnan(_read(cells.texts, other))
        if cells.n_stray(other_read) < cells.n_stray(read):
            reading, read = other, other_read
    is_one = cells.are_mostly(read) or (insist and read.any())
    return reading if is_one else None, int(cells.counts[read].sum())


def _marks_in(texts: pa.StringArray) -> list[tuple[str, str]]:
    """Those of `_MARKS` that may read a text which none before them reads."""
    there = {
        mark
        for mark in ",. '"
        if pc.any(pc.match_substring_regex(texts, _THOUSANDS.get(mark, re.escape(mark)))).as_py()
    }
    return [
        (decimal, thousands)
        for decimal, thousands in _MARKS
        if (not thousands or thousands in there)
        and (decimal != "," or thousands == "." or "," in there)
    ]


def parse_numbers(
    values: Values | Cells, reading: Reading | None = None
) -> tuple[Floats, list[int]]:
    """Read a column as numbers, NaN for a missing cell.

    Parameters
    ----------
    values : pyarrow array, shape (n,)
        Text, which needs a `reading`; or numbers, truth values, or durations and times of day,
        which become seconds as those of text do. Where the reading is of hours and minutes in
        four figures, 640 is 06:40.

    Returns
    -------
    ndarray of float64, shape (n,)
    list of int
        Positions of cells that could not be read; they are NaN.

    Raises
    ------
    TypeError
        If the column's type has no numbers in it.

    Examples
    --------
    >>> parse_numbers(pa.array(["(1,234)", "n/a", "$ 5", "many"]), Reading(".", ",", "$"))
    (array([-1234.,    nan,     5.,    nan]), [3])
    """
    if not is_text(values) and reading == HOURS_AND_MINUTES and _has_figures(values):
        values = _in_four_figures(values)
    if not is_text(values):
        bare = dict(reading.amounts.factors).get("", 1.0) if reading and reading.amounts else 1.0
        return _stored_numbers(values) * bare, []
    if reading is None:
        raise TypeError("a column of text needs a reading")
    if reading.decimal == "." and not (
        reading.formats or reading.amounts or isinstance(values, Cells)
    ):
        plain = _read_plain(values)
        if plain is not None:
            return plain, []
    cells = find_cells(values)
    if reading.amounts is not None:
        of_texts, _, is_word = read_amounts(cells.texts, reading)
        numbers, unread = cells.spread(of_texts)
        return numbers, [i for i in unread if not is_word[cells.codes[i]]]
    read = read_seconds if reading.formats else _read
    return cells.spread(read(cells.texts, reading))


def parse_beside(values: Values | Cells, reading: Reading | None) -> Floats:
    """What a column's cells say beside their number: a second one, or that it is beyond a limit.

    Zero where they say nothing, -1 below and 1 above a limit; see `Amounts.beside`.

    Examples
    --------
    >>> reading = find_number_reading(pa.array(["<.05", ".07", ".1", ".12", ">3"]))
    >>> parse_beside(pa.array([">2", ".1", None]), reading).tolist()
    [1.0, 0.0, 0.0]
    """
    if not is_text(values) or reading is None or reading.amounts is None:
        return np.zeros(len(values.codes) if isinstance(values, Cells) else len(values))
    cells = find_cells(values)
    _, beside, _ = read_amounts(cells.texts, reading)
    return np.append(np.nan_to_num(beside), 0.0)[cells.codes]


def find_plain_numbers(values: Values) -> Floats | None:
    """The numbers of a column of text that is nothing but plain numbers, and no codes (00123)."""
    if pa.types.is_dictionary(values.type) or (numbers := _read_plain(values)) is None:
        return None
    return None if pc.any(pc.match_substring_regex(values, CODE)).as_py() else numbers


def _read_plain(values: Values) -> Floats | None:
    """Numbers of a column of text, at the speed of memory, or None if a cell needs more care."""
    try:
        pc.cast(values.slice(0, SAMPLE), pa.float64())  # to fail is slow with many cells
        return as_array(pc.fill_null(pc.cast(values, pa.float64()), np.nan))
    except pa.ArrowInvalid:
        return None


def _has_figures(values: Values) -> bool:
    kind = without_dictionary(values).type
    return any(is_kind(kind) for is_kind in (pa.types.is_integer, pa.types.is_floating))


def _in_four_figures(values: Values) -> pa.StringArray:
    """Numbers as text of four figures, 640 as 0640; one with a fraction has more."""
    numbers = pc.cast(without_dictionary(values), pa.float64())
    numbers = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    is_whole = pc.and_(pc.is_finite(numbers), pc.equal(pc.floor(numbers), numbers))
    whole = pc.cast(pc.if_else(is_whole, numbers, 0.0), pa.int64(), safe=False)
    figures = pc.utf8_lpad(pc.cast(whole, pa.string()), 4, "0")
    return pc.if_else(is_whole, figures, pc.cast(numbers, pa.string()))


def _stored_numbers(values: Values) -> Floats:
    values = without_dictionary(values)
    kind = values.type
    per_second = 1
    if pa.types.is_time(kind) or pa.types.is_duration(kind):
        per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
        values = values.cast(pa.int32()) if kind in (pa.time32("s"), pa.time32("ms")) else values
        values = values.cast(pa.int64())
    elif not (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    ):
        raise TypeError(f"there are no numbers in a column of {kind_in_words(kind)}")
    if pa.types.is_integer(values.type):
        values = pc.cast(values, pa.float64(), safe=False)  # beyond 2^53 the last digits go
    numbers = as_array(pc.fill_null(values.cast(pa.float64()), np.nan))
    return numbers if per_second == 1 else numbers / per_second


def _units(texts: list[str], weights: Integers) -> tuple[list[str], int]:
    """No unit and those found most often; and how many cells look as numbers do at all."""
    found: Counter[str] = Counter()
    for text, weight in zip(texts, weights.tolist(), strict=True):
        match = _AROUND.fullmatch(text)
        if match is None:
            continue
        before = (match["before"] or "").strip().lower()
        after = (match["after"] or "").strip().lower()
        if is_no_unit(after):
            continue
        if not before or (before in _MONEY and not after):
            found[before or after] += weight
    units = [unit for unit, _ in found.most_common(3) if unit]
    return ["", *units[:2]], found.total()


def _read(texts: pa.StringArray, reading: Reading) -> Floats:
    """Numbers of distinct texts, NaN where there is none."""
    numbers = np.full(len(texts), np.nan)
    rest = np.ones(len(texts), bool)
    if reading.decimal == ".":
        rest = ~as_array(pc.match_substring_regex(texts, _PLAIN))
        numbers[~rest] = as_array(texts.filter(pa.array(~rest)).cast(pa.float64()))
    if rest.any():
        numbers[rest] = _read_marked(texts.filter(pa.array(rest)), reading)
    return numbers


def _read_marked(texts: pa.StringArray, reading: Reading) -> Floats:
    parts = pc.extract_regex(texts, _pattern(reading))
    opened, before, after, closed = (
        as_array(pc.fill_null(pc.greater(pc.binary_length(parts.field(i)), 0), False))
        for i in (_OPEN, _BEFORE, _AFTER, _CLOSE)
    )
    matched = as_array(parts.is_valid()) & (opened == closed)
    body = parts.field(_BODY)
    thousands = _THOUSANDS.get(reading.thousands, re.escape(reading.thousands))
    if thousands:
        body = pc.replace_substring_regex(body, thousands, "")
    if reading.decimal != ".":
        body = pc.replace_substring(body, reading.decimal, ".")
    body = pc.if_else(pc.match_substring(body, "∞"), "inf", body)
    body = pc.if_else(pa.array(matched), body, pa.scalar(None, pa.string()))
    numbers = as_array(pc.fill_null(body.cast(pa.float64()), np.nan))
    return np.where(opened | before | after, -numbers, numbers)


# Places of the groups in the pattern below.
_OPEN, _BEFORE, _BODY, _AFTER, _CLOSE = 0, 1, 2, 3, 4


def _pattern(reading: Reading) -> str:
    mark = _THOUSANDS.get(reading.thousands, re.escape(reading.thousands))
    whole = r"\d+"
    if mark:
        whole += rf"|[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"
    if mark == ",":
        whole += r"|[1-9]\d?(?:,\d{2})+,\d{3}"  # as in India: 12,34,567
    point = re.escape(reading.decimal)
    body = rf"(?:(?:{whole})(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?|(?i:inf|infinity)|∞"
    unit = f"(?i:{re.escape(reading.unit)})?" if reading.unit else ""
    space = f"{_SPACE}*"
    sign = rf"(?:\+|(?P<before>{_MINUS}))?"
    # The sign stands before or behind the unit: "-$ 5", "$ -5". Between a sign and the number, and
    # around the unit, there may be space.
    lead = f"(?:{unit}{space})?{sign}{space}{unit}" if unit else sign
    return (
        rf"^(?P<open>\(?){space}{lead}{space}(?P<body>{body})"
        rf"{space}{unit}{space}(?P<after>{_MINUS}?){space}(?P<close>\)?)$"
    )
