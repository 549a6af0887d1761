"""Times of day, days of a year and durations as people write them, in seconds.

A time of day has a format of `date_formats`, such as "%H:%M", and so has a day without a year, such
as "%d %b"; a duration one of `_DURATIONS`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layerwise.arrays import Floats, Integers
from layerwise.language import said
from layerwise.tables.parsing.date_formats import matches, read_moments
from layerwise.tables.parsing.distinct import Cells, Reading, as_array

_CLOCKS = (
    *("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%p %I:%M", "%p %I:%M:%S"),
    *("%H:%M %Z", "%H:%M:%S %Z", "%I:%M %p %Z", "%I:%M:%S %p %Z"),
    *("%I %p", "%H시 %M분", "%H시 %M분 %S초", "%p %I시 %M분", "%p %I시"),
)
_DAYS_OF_A_YEAR = ("%d %b", "%d. %b", "%d-%b", "%d/%b", "%b %d", "%m월 %d일")
_LIKE_DAYS = r"(?i)^\d{1,2}(?:st|nd|rd|th)?[. /-]{1,2}[a-z]{3}|^[a-z]{3,9}\.?[ -]\d|^\d{1,2}월"
_ORDINAL = r"(?i)\d(?:st|nd|rd|th)"
_FEWEST_DAYS, _FEWEST_MONTHS, _FEWEST_QUARTERS, _MONTHS = 3, 6, 4, 12
_NEARLY_ALL = 0.75  # of the months; the first year and the last may be short
_LEAP_YEAR = "1972"
_DAY, _YEAR = 86_400.0, 366 * 86_400.0
_UNITS = {
    "y": (31_557_600, "(?i:years?|yrs?|y)|년"),
    "o": (2_629_800, "(?i:months?|mos?)|개월|달"),
    "w": (604_800, "(?i:weeks?|wks?|w)|주일?"),
    "d": (86_400, "(?i:days?|d)|일"),
    "h": (3_600, "(?i:hours?|hrs?|h)|시간"),
    "m": (60, "(?i:minutes?|mins?)|m|분"),
    "s": (1, "(?i:seconds?|secs?|s)|초"),
}
_WORDS = "".join(
    rf"(?:(?P<{name}>\d+(?:[.,]\d+)?)[\s-]*(?:{unit})(?:\(s\))?\.?,?\s*(?:(?:and|&)\s+)?)?"
    for name, (_, unit) in _UNITS.items()
)
_SECONDS = r"(?P<s>[0-5]\d(?:[.,]\d+)?)"
_IN_UNITS = "2h 15m"
_DURATIONS = {
    "h:m:s": r"^(?P<sign>-?)(?:(?P<d>\d+)(?:\s*days?,?\s+|\s*d\s*|\.))?"
    rf"(?P<h>\d+):(?P<m>[0-5]\d):{_SECONDS}$",
    "m:s": rf"^(?P<sign>-?)(?P<m>\d+):{_SECONDS}$",
    "h:m": r"^(?P<sign>-?)(?P<h>\d+):(?P<m>[0-5]\d)$",
    _IN_UNITS: rf"^(?P<sign>-?){_WORDS}$",
    "PT2H15M": r"^(?P<sign>-?)P(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?"
    r"(?:(?P<s>\d+(?:\.\d+)?)S)?)?$",
}
_COLONS = r"^-?(?:.*[ d.])?(?P<first>\d+):(?P<second>[0-5]\d)(?P<third>:[0-5]\d)?"
_ONE_DIGIT = r":\d(?:\D|$)"  # as in scores
_MANY = r"^-?\d{3,}:\d\d$"  # seconds would be written behind, had these been minutes
_LIKE_THESE = r"^-?P?T?(?:(?:오전|오후|[AaPp][Mm]) ?)?\d.*[^\d.,)]"
_A_DAY, _NOON, _NIGHT = 24, 12, 5  # hours
_SEVERAL = 5
_A_FEW = 10


def find_duration_reading(cells: Cells, *, insist: bool = False) -> Reading | None:
    """How a column of text is read as times of day or as durations, None if it is neither.

    So many cells must be readable as are for a date (`find_date_reading`). With a colon, figures
    are times of day if none has 24 hours or more and if hours have two digits or some are after
    noon; durations else, also where all of many would lie between midnight and five. Where they
    are two, some must begin with a zero ("9:05", "09:30") or all minutes be fives, else they may be
    scores. Durations with units must have two at least; those of one are numbers with a unit.

    Examples
    --------
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> find_duration_reading(find_cells(pa.array(["09:00", "17:30"]))).formats
    ('%H:%M',)
    >>> find_duration_reading(find_cells(pa.array(["1h 51m", "2h", "45 min"]))).formats
    ('2h 15m',)
    >>> find_duration_reading(find_cells(pa.array(["24:17", "31:28"])))
    """
    texts, weights = cells.sample
    alike = as_array(pc.match_substring_regex(texts, _LIKE_THESE))
    if not alike.any() or (not insist and weights[alike].sum() < weights.sum() / 2):
        return None
    texts = cells.texts.filter(pa.array(~cells.says_nothing))
    if not insist and as_array(pc.match_substring_regex(texts, _ONE_DIGIT)).any():
        return None
    clocks = tuple(form for form in _CLOCKS if matches(texts, form).any())
    amounts = _duration_forms(texts, insist=insist)
    parts = pc.extract_regex(texts, _COLONS).drop_null()
    if len(parts) and not any("%p" in form for form in clocks):
        first, second = parts.field("first"), parts.field("second")
        hours = as_array(first.cast(pa.int64()))
        is_padded = as_array(pc.match_substring_regex(first, "^0\\d")).any()
        minutes = as_array(second.cast(pa.int64()))
        are_fives = len(minutes) >= _SEVERAL and (minutes % 5 == 0).all()
        may_be_scores = not (is_padded or are_fives or (minutes < 10).any())
        if may_be_scores and not insist and as_array(pc.equal(parts.field("third"), "")).all():
            return None
        many_at_night = len(hours) >= _A_FEW and hours.max() < _NIGHT
        if hours.max() >= _A_DAY or many_at_night or (not is_padded and hours.max() <= _NOON):
            clocks = ()
    readings = [Reading(formats=forms) for forms in (clocks, amounts) if forms]
    read = [~np.isnan(read_seconds(cells.texts, reading)) for reading in readings]
    if not readings:
        return None
    best = int(np.argmax([cells.counts[of].sum() for of in read]))  # of equals the first
    return readings[best] if insist or cells.are_mostly(read[best]) else None


def find_day_reading(cells: Cells) -> Reading | None:
    """How a column of days without a year is read, None if it is none: 9 July, 01-Apr, 3월 5일.

    As many cells must be readable as of dates, and three days must differ. With a hyphen they must
    be of one month, or some after the twelfth: spreadsheets make 05-Jan of a score of 5-1. What
    may be months of several years, such as Jan 15 to Dec 20, is none.

    Examples
    --------
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> find_day_reading(find_cells(pa.array(["9 July", "29 Feb.", "1st May"]))).formats
    ('%d %b',)
    >>> find_day_reading(find_cells(pa.array(["May 1", "Route 66", "Apollo 11"])))
    """
    texts, weights = cells.sample
    alike = as_array(pc.match_substring_regex(texts, _LIKE_DAYS))
    if weights[alike].sum() < weights.sum() / 2:
        return None
    reading = Reading(formats=tuple(f for f in _DAYS_OF_A_YEAR if matches(texts, f).any()))
    seconds = read_seconds(cells.texts, reading)
    is_read = ~np.isnan(seconds)
    days = np.datetime64(_LEAP_YEAR, "D") + np.unique(seconds[is_read] // _DAY).astype("m8[D]")
    if len(days) < _FEWEST_DAYS or not cells.are_mostly(is_read):
        return None
    months = days.astype("M8[M]")
    late = (days - months.astype("M8[D]")).astype(np.int64) + 1 > _MONTHS
    may_be_scores = reading.formats == ("%d-%b",) and not late.any() and len(np.unique(months)) > 1
    may_be_months = "%m월 %d일" not in reading.formats and _are_months(cells.texts, seconds)
    return None if may_be_scores or may_be_months else reading


def _are_months(texts: pa.StringArray, seconds: Floats) -> bool:
    """Whether days of a year, such as Jan 15, are rather months of several: January 2015.

    They are where the rows are in order of time by this reading alone, or by none or both and each
    of a few years that follow one another has nearly all of some months.
    """
    if as_array(pc.match_substring_regex(texts, _ORDINAL)).any():
        return False
    seconds = seconds[~np.isnan(seconds)]
    days = np.datetime64(_LEAP_YEAR, "D") + (seconds // _DAY).astype("m8[D]")
    months = days.astype("M8[M]")
    years = (days - months.astype("M8[D]")).astype(np.int64)
    counted = years * _MONTHS + months.astype(np.int64) % _MONTHS
    if len(counted) < _FEWEST_MONTHS:
        return False
    by_month, by_day = (_is_in_order(one) for one in (counted, seconds))
    if by_month != by_day:
        return by_month
    n_years, n_months = len(np.unique(years)), len(np.unique(months))
    follow = years.max() - years.min() + 1 == n_years <= _MONTHS
    is_full = len(np.unique(counted)) >= _NEARLY_ALL * n_years * n_months
    return bool(follow and is_full and n_months >= _FEWEST_QUARTERS)


def _is_in_order(numbers: Floats | Integers) -> bool:
    steps = np.diff(numbers)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _duration_forms(texts: pa.StringArray, *, insist: bool) -> tuple[str, ...]:
    found = {
        form: as_array(pc.match_substring_regex(texts, pattern))
        for form, pattern in _DURATIONS.items()
    }
    forms = [form for form, fits in found.items() if fits.any()]
    if "m:s" in forms and "h:m" in forms:
        many = as_array(pc.match_substring_regex(texts, _MANY)).any()
        is_minutes = "h:m:s" in forms or not many
        forms.remove("h:m" if is_minutes else "m:s")
    if _IN_UNITS in forms and not insist:
        parts = pc.extract_regex(texts.filter(pa.array(found[_IN_UNITS])), _DURATIONS[_IN_UNITS])
        used = [name for name in _UNITS if pc.any(pc.not_equal(parts.field(name), "")).as_py()]
        if len(used) < 2:
            forms.remove(_IN_UNITS)
    return tuple(forms)


def read_seconds(texts: pa.StringArray, reading: Reading) -> Floats:
    """Seconds of distinct texts, NaN where no format fits.

    Of a time of day they are those since midnight; of a day without a year, since the first of
    January in a leap year.
    """
    seconds = np.full(len(texts), np.nan)
    for form in reading.formats:
        left = np.isnan(seconds)
        if left.any():
            some = texts.filter(pa.array(left))
            if form in _DURATIONS:
                seconds[left] = _amounts(some, form)
            elif "%d" in form:
                seconds[left] = _since_new_year(some, form)
            else:
                seconds[left] = _since_midnight(some, form)
    return seconds


def _since_midnight(texts: pa.StringArray, form: str) -> Floats:
    moments = read_moments(texts, form)
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1e6)


def _since_new_year(texts: pa.StringArray, form: str) -> Floats:
    dated = pc.binary_join_element_wise(texts, _LEAP_YEAR, " ")
    moments = read_moments(dated, form + " %Y")
    first = np.datetime64(_LEAP_YEAR, "us")
    return np.where(np.isnat(moments), np.nan, (moments - first).astype(np.int64) / 1e6)


def _amounts(texts: pa.StringArray, form: str) -> Floats:
    parts = pc.extract_regex(texts, _DURATIONS[form])
    fits = as_array(parts.is_valid())
    kept = parts.filter(pa.array(fits))
    total = np.zeros(len(kept))
    is_said = np.zeros(len(kept), bool)
    for name, (size, _) in _UNITS.items():
        if kept.type.get_field_index(name) < 0:
            continue
        amount = pc.replace_substring(kept.field(name), ",", ".")
        is_said |= as_array(pc.not_equal(amount, ""))
        total += size * as_array(pc.if_else(pc.equal(amount, ""), "0", amount).cast(pa.float64()))
    negative = as_array(pc.equal(kept.field("sign"), "-"))
    seconds = np.full(len(texts), np.nan)
    seconds[fits] = np.where(is_said, np.where(negative, -total, total), np.nan)
    return seconds


def is_time_of_day(reading: Reading | None) -> bool:
    """Whether a number is read as a time of day, after whose last comes the first.

    Examples
    --------
    >>> is_time_of_day(Reading(formats=("%H:%M",))), is_time_of_day(Reading(unit="kg"))
    (True, False)
    """
    if reading is None or is_day(reading):
        return False
    return any("%" in form for form in reading.formats)


def is_day(reading: Reading | None) -> bool:
    """Whether a number is read as a day without a year, after whose last comes the first.

    Examples
    --------
    >>> is_day(Reading(formats=("%d %b",))), is_day(Reading(formats=("%H:%M",)))
    (True, False)
    """
    return reading is not None and any("%d" in form for form in reading.formats)


def cycle_of(reading: Reading | None) -> float:
    """After how many seconds what a number is read as begins anew; 0 if it does not.

    Examples
    --------
    >>> cycle_of(Reading(formats=("%H:%M",))), cycle_of(None)
    (86400.0, 0.0)
    """
    if is_day(reading):
        return _YEAR
    return _DAY if is_time_of_day(reading) else 0.0


def seconds_in_words(reading: Reading) -> str:
    """What the numbers of such a column are.

    Examples
    --------
    >>> seconds_in_words(Reading(formats=("m:s",)))
    'durations (minutes:seconds)'
    """
    if is_day(reading):
        return said("days of a year")
    if is_time_of_day(reading):
        return said("times of day")
    if reading.formats[0] == "m:s":
        return said("durations (minutes:seconds)")
    return said("durations (hours:minutes)") if reading.formats[0] == "h:m" else said("durations")
