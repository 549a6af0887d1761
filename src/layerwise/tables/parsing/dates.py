"""Dates as people write them, with and without a time of day."""

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.arrays import Integers, Mask
from layerwise.tables.parsing.date_figures import (
    first_year,
    has_one_day,
    order_signs,
    with_one_order,
)
from layerwise.tables.parsing.date_formats import (
    BASIC,
    COMPACT,
    NOT_A_TIME,
    YEAR_FIRST,
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
from layerwise.tables.parsing.stored_kinds import kind_in_words

# In the order in which they win where several read as much: with slashes the month comes first,
# with dots and hyphens the day.
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y. %m. %d.", "%Y. %m. %d", "%Y년 %m월 %d일"),
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d. %b %Y", "%d %b, %Y", "%d%b%Y"),
    *("%b %d, %Y", "%b %d %Y", "%b-%d-%Y", "%Y-%b-%d", "%Y %b %d", "%d-%b-%y", "%d %b %y"),
    *("%m/%d/%y", "%d/%m/%y", "%y/%m/%d", "%d.%m.%y", "%y.%m.%d", "%y. %m. %d."),
    *("%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%y년 %m월 %d일", "%b %d, %y"),
)
_PERIODS = (
    *("%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%Y. %m.", "%Y년 %m월", "%y년 %m월", "%Y M%m", "%Y-M%m"),
    *("%b %Y", "%b-%Y", "%b/%Y", "%b, %Y", "%Y %b", "%Y, %b", "%Y-%b", "%b-%y", "%b '%y", "%b/%y"),
    *("%Y Q%q", "%Y-Q%q", "%Y/Q%q", "%Y.Q%q", "%Y:Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", "Q%q%Y"),
    *("%qQ %Y", "%qQ %y", "%qQ'%y", "Q%q %y", "Q%q-%y", "Q%q '%y", "%Y %qQ", "%Y.%qQ", "%Y-%qQ"),
    *("%Y년 %q분기", "%Y년 %q/4분기", "%Y %q분기", "%q분기 %Y", "%q분기 %Y년", "%y년 %q분기"),
    *("%G-W%V", "%G W%V", "%G-W%V-%u", "W%V %G", "W%V-%G", "Week %V %G", "Week %V, %G"),
    *("%G년 %V주", "%G년 %V주차", "%Y-%k", "%Y/%k", "%Y - %k", "%Y - %m"),
)
_TIMES = (
    *(" %H:%M:%S", " %H:%M", " %H:%M:%S.%f", "T%H:%M:%S", "T%H:%M", "T%H:%M:%S.%f"),
    *("T%H:%M:%S%z", "T%H:%M%z", "T%H:%M:%S.%f%z", " %H:%M:%S%z", " %H:%M%z", " %H:%M:%S.%f%z"),
    *(
        " %H:%M:%S %z",
        " %H:%M %z",
        " %H:%M:%S %Z",
        " %H:%M %Z",
        " %I:%M %p %Z",
        " %I:%M %p",
        " %I:%M:%S %p",
        " %I:%M:%S %p %z",
        " %p %I:%M",
        " %p %I:%M:%S",
        " %I %p",
        " %H",
    ),
    *(" %H시 %M분", " %p %I시 %M분", " %H시 %M분 %S초", " %p %I시 %M분 %S초"),
    *(", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p", " %H:%M:%S,%f"),
)
_ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")
_WHOLE = (
    *("%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S %Z %Y", "%a %b %d %H:%M:%S %Y"),
    *BASIC,
)
_LOOKS_LIKE = (
    r"(?i)^(?:\D{2,24}[:, ])??(?:\d{1,4}(?: ?[-–/.년]| ?[QWM]\d|Q|분기|주|:\d| [a-z0-9]|[a-z]{2,3})"
    r"|[a-z]{3,9}[., /'-]+\d|[QW]\d).*\d|^(?:1\d|20)\d\d(?:,?[ -][a-z]{3,9})?$|^\d\d?-[a-z]{3}$"
    r"|^\d{8}T\d{4}"
)
_KOREAN_WEEKDAY = r"\([월화수목금토일]\)|[월화수목금토일]요일"
_RANGE = r"\d\s*(?:[-–~]|to)\s*(?:\d+[./-]\d+[./-]\d|(?i:present|ongoing)|현재)"
_WORD = r"^(?P<word>[^\d%:]{1,20}:\s+)"
_A_YEAR = r"^(?:1\d|20)\d\d$"

_MOST_FORMATS = 8
_FEW_WORDS = 3
_LEAST_MONTHS = 6  # that are no fractions
_FIRST_YEAR, _LAST_YEAR = 1800, 2100


def find_date_reading(
    values: Values | Cells, *, insist: bool = False, form: str = ""
) -> Reading | None:
    """How a column of text is read as dates, or None if it is not a column of dates.

    A column is one if at least 90 % of its cells read as dates and at most 2 % of them, or two, do
    not, or if these are fewer cells, of at most three different words, such as "still in office";
    words for a missing value count as neither. Formats are found one after the other, each
    the one that reads most of what is left. Whether the day or the month comes first is decided by
    the cells: a 13 is no month; else figures of the first of each month are monthly, days that
    follow one another are consecutive, the part that is the same in all cells is the day, and
    rows stand in order of time. Where a spreadsheet turned those dates about that it could read,
    the others tell (`with_one_order`). Where none of this decides, the month comes first with
    slashes and the day with dots and hyphens. Years of two digits are 1969 to 2068, unless some
    cells would lie in the future: then a hundred years in which none does, or few do. A time of day
    alone is no date, nor is a year alone, but beside dates it is that year's first day.

    Parameters
    ----------
    values : pyarrow array of text, shape (n,), or Cells
    insist : bool
        Return the formats that read most, however many cells are left, and try digits alone too,
        as text or as numbers: 20240305, 202403 and 2024.
    form : str
        A format that is known, to be tried first.

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
        texts = cells.texts.take(places)
        found = form if form and not formats else None
        found = found or _best_format(texts, cells.counts[places], formats, insist)
        if found is None:
            break
        read = ~np.isnat(read_moments(texts, found))
        if not read.any() and found != form:
            break
        formats.append(found)
        left[places[read]] = False
    formats = with_one_order(cells, formats)
    years = left & as_array(pc.match_substring_regex(cells.texts, _A_YEAR))
    if formats and years.any():
        formats.append("%Y")
        left &= ~years
    readable = ~left & ~cells.says_nothing
    if not insist and formats == ["%b-%y"] and _may_be_days(cells):
        return None
    if not insist and formats in (["%Y - %k"], ["%Y - %m"]) and not _are_of_our_time(cells):
        return None
    if formats and (insist or cells.are_mostly(readable) or _are_few_words(cells, readable)):
        return Reading(formats=tuple(formats), first_year=first_year(cells.texts, formats))
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
            raise TypeError(f"there are no dates in a column of {kind_in_words(values.type)}")
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
            texts = cells.texts.filter(pa.array(left))
            moments[left] = read_moments(texts, form, reading.first_year)
    return cells.spread(moments)


def _may_be_days(cells: Cells) -> bool:
    """Whether a few texts such as Jun-15 may be days of a year as well as months of several."""
    figures = pc.extract_regex(cells.texts, r"(?P<n>\d+)$").drop_null().field("n")
    return len(cells.texts) < _LEAST_MONTHS and pc.max(figures.cast(pa.int64())).as_py() <= 31


def _are_of_our_time(cells: Cells) -> bool:
    """Whether no text such as 1000 - 05, which may be a range of amounts, is of a far year."""
    figures = pc.extract_regex(cells.texts, r"^(?P<n>\d{4})").drop_null().field("n")
    least, most = pc.min_max(figures.cast(pa.int64())).as_py().values()
    return bool(_FIRST_YEAR <= least <= most <= _LAST_YEAR)


def _are_few_words(cells: Cells, readable: Mask) -> bool:
    """Whether all that is no date are a few words among more dates, such as "still in office"."""
    stray = cells.texts.filter(pa.array(~readable & ~cells.says_nothing))
    has_digit = as_array(pc.match_substring_regex(stray, r"\d")).any()
    few = len(stray) <= _FEW_WORDS and not has_digit
    return few and int(cells.counts[readable].sum()) > cells.n_stray(readable)


def _may_be_dates(cells: Cells) -> bool:
    """Whether a sample looks as dates do; a quick no for most columns."""
    texts, weights = cells.sample
    alike = as_array(pc.match_substring_regex(texts, _LOOKS_LIKE))
    return bool(alike.any() and weights[alike].sum() >= weights.sum() / 2)


def _candidates(texts: pa.StringArray, compact: bool) -> Iterator[tuple[str, str]]:
    """Formats that may fit, each after the part of it that is a day or a longer time."""
    periods = (*_PERIODS, *(COMPACT if compact else ()))
    if compact or _are_months(texts):
        periods = (*periods, "%m/%y")
    for before, behind in _frames(texts):
        for day in _DAYS:
            whole = f"{before}{day}{behind}"
            if matches(texts, whole, whole=False).any():
                yield from ((whole, whole + time) for time in ("", *_TIMES))
        if not behind:
            yield from ((before + period, before + period) for period in periods)
    if as_array(pc.match_substring_regex(texts, r"^\d{1,2}:\d\d")).any():
        for day in _DAYS:
            yield from ((day, f"{time.strip(', ')} {day}") for time in _TIMES if "T" not in time)
    yield from ((whole, whole) for whole in _WHOLE)


def _are_months(texts: pa.StringArray) -> bool:
    """Whether what looks like 3/88 is every month, or every other, of more than a year."""
    moments = read_moments(texts, "%m/%y")
    months = np.unique(moments[~np.isnat(moments)].astype("M8[M]").astype(np.int64))
    if len(months) < _LEAST_MONTHS or months[0] // 12 == months[-1] // 12:
        return False
    return bool(months[-1] - months[0] < 2 * len(months))


def _frames(texts: pa.StringArray) -> list[tuple[str, str]]:
    """What stands before and behind days: nothing, a word with a colon, the day of the week."""
    found = pc.extract_regex(texts, _WORD).drop_null()
    words = ["", *dict.fromkeys(found.field(0).to_pylist())] if len(found) else [""]
    frames = [(word, "") for word in words[:3]]
    for word in words[:3]:
        for weekday in ("%a, ", "%a "):
            pattern = pattern_of(word + weekday).removesuffix("$")
            if as_array(pc.match_substring_regex(texts, pattern)).any():
                frames.append((word + weekday, ""))
    if as_array(pc.match_substring_regex(texts, _KOREAN_WEEKDAY)).any():
        frames += [("", " (%a)"), ("", " %a")]
    if as_array(pc.match_substring_regex(texts, _RANGE)).any():
        frames.append(("", "%E"))
    return frames


def _best_format(
    texts: pa.StringArray, weights: Integers, known: list[str], compact: bool
) -> str | None:
    """The format that reads most of the texts, None if none reads one of a sample."""
    chosen = sample(texts, weights)
    some, its_weights = texts.take(chosen), weights[chosen]
    scores: dict[str, int] = {}
    days: dict[str, str] = {}
    beside = [form.replace("%d", "%U") for form in known if "%d" in form]
    beside += [YEAR_FIRST] if "%b-%y" in known else []
    for day, form in [*_candidates(some, compact), *((form, form) for form in beside)]:
        fits = ~np.isnat(read_moments(some, form)) if "%k" in form else matches(some, form)
        if score := int(its_weights[fits].sum()):
            scores[form], days[form] = score, day
    if not scores:
        return None
    best = max(scores.values())
    tied = [form for form, score in scores.items() if score == best]
    if len(tied) == 1:
        return tied[0]
    # Another time of day may settle the order of day and month, and so may cells not looked at.
    ranks = {
        form: (
            int(weights[matches(texts, days[form], whole=False)].sum()),
            any(other.startswith(days[form]) for other in known),
            "%k" in form,  # such as 2000-01, 2001-02, which would be months too
            *order_signs(read_moments(some, form)),
            has_one_day(some, form),
        )
        for form in tied
    }
    return max(tied, key=lambda form: ranks[form])  # of equals the first


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
    """Whole numbers as text, for dates such as 20240305; others as they are written.

    Those with two digits behind the point, or one, have two: 2005.1 is the tenth month, 2005.10.
    """
    numbers = values.cast(pa.float64())
    whole = pc.equal(pc.floor(numbers), numbers)
    short = pc.cast(numbers, pa.int64(), safe=False).cast(pa.string())
    written = values.cast(pa.string())
    padded = pc.replace_substring_regex(written, r"^(\d+\.\d)$", r"\10")  # the group, and 0
    return pc.if_else(whole, short, padded)
