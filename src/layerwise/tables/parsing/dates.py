"""Dates as people write them, with and without a time of day."""

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.tables.parsing.date_formats import (
    COMPACT,
    NOT_A_TIME,
    matches,
    pattern_of,
    read_moments,
)
from layerwise.tables.parsing.distinct import (
    Cells,
    Reading,
    Values,
    as_array,
    find_cells,
    is_text,
    sample,
    without_dictionary,
)

__all__ = ["find_date_reading", "has_ambiguous_days", "parse_dates"]

# In the order in which they win where several read as much: with slashes the month comes first,
# with dots and hyphens the day.
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y. %m. %d.", "%Y. %m. %d", "%Y년 %m월 %d일"),
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d/%b/%Y", "%d. %B %Y", "%d. %b %Y"),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%Y-%b-%d", "%d-%b-%y", "%d %b %y"),
    *("%m/%d/%y", "%d/%m/%y", "%y/%m/%d", "%d.%m.%y", "%y.%m.%d", "%y. %m. %d."),
    *("%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%y년 %m월 %d일"),
)
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%Y년 %m월", "%b %Y", "%B %Y", "%b-%Y", "%b-%y")
_TIMES = (
    *(" %H:%M:%S", " %H:%M", " %H:%M:%S.%f", "T%H:%M:%S", "T%H:%M", "T%H:%M:%S.%f"),
    *("T%H:%M:%S%z", "T%H:%M%z", "T%H:%M:%S.%f%z", " %H:%M:%S%z", " %H:%M%z", " %H:%M:%S.%f%z"),
    *(" %H:%M:%S %z", " %I:%M %p", " %I:%M:%S %p", " %p %I:%M", " %p %I:%M:%S", " %H"),
    *(" %H시 %M분", " %p %I시 %M분", " %H시 %M분 %S초", " %p %I시 %M분 %S초"),
    *(", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p", " %H:%M:%S,%f"),
)
_ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
_LOOKS_LIKE = r"^(?:\d{1,4} ?[-/.년]|\d{1,2}[ -/.]+[A-Za-z]{3}|[A-Za-z]{3,9}[ -]\d).*\d"

_MOST_FORMATS = 8


def find_date_reading(values: Values | Cells, *, insist: bool = False) -> Reading | None:
    """How a column of text is read as dates, or None if it is not a column of dates.

    A column is one if at least 90 % of its cells read as dates and at most 2 % of them, or two, do
    not; words for a missing value count as neither. Formats are found one after the other, each
    the one that reads most of what is left. Whether the day or the month comes first is decided by
    the cells (a 13 is no month). Where none of them decides, the part that is the same in all
    cells is the day (monthly figures are dated so), else the month comes first with slashes and
    the day with dots and hyphens. Years of two digits are 1969 to 2068. A time of day alone is no
    date, nor is a year alone.

    Parameters
    ----------
    values : pyarrow array of text, shape (n,), or Cells
    insist : bool
        Return the formats that read most, however many cells are left, and try digits alone too,
        as text or as numbers: 20240305, 202403 and 2024.

    Examples
    --------
    >>> find_date_reading(pa.array(["2024-03-05", "2024-12-31"])).formats
    ('%Y-%m-%d',)
    >>> find_date_reading(pa.array(["03/05/2024", "13/05/2024 9:30"])).formats
    ('%d/%m/%Y', '%d/%m/%Y %H:%M')
    >>> find_date_reading(pa.array(["2024년 3월 5일 오후 3:20"])).formats
    ('%Y년 %m월 %d일 %p %I:%M',)
    """
    if insist and not is_text(values):
        values = _digits(values)
    cells = find_cells(values)
    if not insist and not _may_be_dates(cells):
        return None
    left = ~cells.says_nothing
    formats: list[str] = []
    while left.any() and len(formats) < _MOST_FORMATS:
        places = np.flatnonzero(left)
        found = _best_format(cells.texts.take(places), cells.counts[places], formats, insist)
        if found is None:
            break
        read = ~np.isnat(read_moments(cells.texts.take(places), found))
        if not read.any():
            break
        formats.append(found)
        left[places[read]] = False
    readable = ~left & ~cells.says_nothing
    if formats and (cells.are_mostly(readable) or insist):
        return Reading(formats=tuple(formats))
    return None


def parse_dates(
    values: Values | Cells, reading: Reading | None = None
) -> tuple[NDArray[np.datetime64], list[int]]:
    """Read a column as moments, NaT for a missing cell.

    Parameters
    ----------
    values : pyarrow array, shape (n,)
        Text or numbers such as 20240305, which need a `reading`; or dates. Those that know their
        time zone become UTC.

    Returns
    -------
    ndarray of datetime64[us], shape (n,)
    list of int
        Positions of cells that could not be read; they are NaT.

    Raises
    ------
    TypeError
        If the column's type has no dates in it.

    Examples
    --------
    >>> parse_dates(pa.array(["2024-03-05", "soon"]), Reading(formats=("%Y-%m-%d",)))
    (array(['2024-03-05T00:00:00.000000', 'NaT'], dtype='datetime64[us]'), [1])
    """
    if not isinstance(values, Cells):
        values = without_dictionary(values)
        if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
            moments = pc.cast(values, pa.timestamp("us"), safe=False)  # nanoseconds go
            return as_array(moments), []
        if reading is None:
            raise TypeError(f"there are no dates in a column of type {values.type}")
        if not is_text(values):
            values = _digits(values)
        elif (moments := _read_iso(values, reading)) is not None:
            return moments, []
    elif reading is None:
        raise TypeError("a column of text needs a reading")
    cells = find_cells(values)
    moments = np.full(len(cells.texts), NOT_A_TIME)
    for form in reading.formats:
        left = np.isnat(moments)
        if left.any():
            moments[left] = read_moments(cells.texts.filter(pa.array(left)), form)
    return cells.spread(moments)


def has_ambiguous_days(values: Values | Cells, reading: Reading) -> bool:
    """Whether day and month could change places in every cell that has them in figures.

    Examples
    --------
    >>> cells = pa.array(["03/05/2024", "04/06/2024"])
    >>> has_ambiguous_days(cells, find_date_reading(cells))
    True
    """
    cells = find_cells(values)
    swapped = {form: form.translate(str.maketrans("dm", "md")) for form in reading.formats}
    days = {form: _day_part(form) for form in reading.formats}
    swaps = [
        (form, other)
        for form, other in swapped.items()
        if other != form and "%m" in days[form] and other[: len(days[form])] in _DAYS
    ]
    for form, other in swaps:
        if (matches(cells.texts, form) & ~matches(cells.texts, other)).any():
            return False
    return bool(swaps)


@cache
def _day_part(form: str) -> str:
    days = (*_DAYS, *_MONTHS, *COMPACT)
    return max((day for day in days if form.startswith(day)), key=len)


def _may_be_dates(cells: Cells) -> bool:
    """Whether a sample looks as dates do; a quick no for most columns."""
    texts, weights = cells.sample
    alike = as_array(pc.match_substring_regex(texts, _LOOKS_LIKE))
    return bool(alike.any() and weights[alike].sum() >= weights.sum() / 2)


def _best_format(
    texts: pa.StringArray, weights: NDArray[np.int64], known: list[str], compact: bool
) -> str | None:
    """The format that reads most of the texts, None if none reads one of a sample."""
    chosen = sample(texts, weights)
    some, its_weights = texts.take(chosen), weights[chosen]
    scores: dict[str, int] = {}
    for day in (*_DAYS, *_MONTHS, *(COMPACT if compact else ())):
        if not matches(some, day, whole=False).any():
            continue
        for time in ("", *_TIMES) if day not in COMPACT else ("",):
            score = int(its_weights[matches(some, day + time)].sum())
            if score:
                scores[day + time] = score
    if not scores:
        return None
    best = max(scores.values())
    tied = [form for form, score in scores.items() if score == best]
    if len(tied) == 1:
        return tied[0]
    # Another time of day may settle the order of day and month, and so may cells not looked at.
    days = {day: matches(texts, day, whole=False) for day in map(_day_part, tied)}
    known_days = {_day_part(form) for form in known}
    ranks = {
        form: (
            int(weights[days[_day_part(form)]].sum()),
            _day_part(form) in known_days,
            _has_one_day(some, form),
        )
        for form in tied
    }
    return max(tied, key=lambda form: ranks[form])  # of equals the first


def _has_one_day(texts: pa.StringArray, form: str) -> bool:
    if "%d" not in form or len(texts) < 3:
        return False
    moments = read_moments(texts, form)
    days = moments.astype("M8[D]") - moments.astype("M8[M]").astype("M8[D]")
    return len(np.unique(days[~np.isnat(moments)])) == 1


def _read_iso(values: Values, reading: Reading) -> NDArray[np.datetime64] | None:
    """Moments at the speed of memory, if all cells are of the reading's own plain formats."""
    if not set(reading.formats) <= set(_ISO):
        return None
    texts = values.cast(pa.string())
    pattern = "|".join(pattern_of(form) for form in reading.formats)
    pattern = re.sub(r"\?P<\w>", "?:", pattern)
    if not pc.all(pc.match_substring_regex(texts, pattern)).as_py():
        return None
    try:
        return as_array(texts.cast(pa.timestamp("us")))
    except pa.ArrowInvalid:  # such as 2024-3-5, or 2024-02-31
        return None


def _digits(values: Values) -> pa.ChunkedArray:
    """Whole numbers as text, for dates such as 20240305; others as they are written."""
    numbers = values.cast(pa.float64())
    whole = pc.equal(pc.floor(numbers), numbers)
    short = pc.cast(numbers, pa.int64(), safe=False).cast(pa.string())
    return pc.if_else(whole, short, values.cast(pa.string()))
