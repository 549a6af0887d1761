"""Dates and times that are digits and nothing else, told by the column's name."""

from dataclasses import replace

import numpy as np

from layerwise.language import said
from layerwise.tables.cell_kinds import and_missing, describe_as_numbers
from layerwise.tables.columns import Column
from layerwise.tables.parsing import (
    HOURS_AND_MINUTES,
    Reading,
    Values,
    find_cells,
    find_date_reading,
    parse_dates,
    parse_numbers,
)
from layerwise.tables.row_names import words_of

_PERIOD_WORDS = frozenset([
    "day", "month", "period", "ym", "ymd", "yyyymm", "yyyymmdd", "yearmonth",
])  # fmt: skip
_DATE_WORDS = _PERIOD_WORDS | frozenset([
    "anniversary", "bday", "birthday", "date", "dates",
    *(of + "date" for of in (
        "birth", "close", "closing", "contract", "create", "death", "delivery", "due", "end",
        "entry", "event", "expiry", "full", "hire", "invoice", "issue", "join", "open", "order",
        "pay", "payment", "purchase", "release", "report", "sale", "sales", "ship", "signup",
        "start", "trade", "transaction", "visit",
    )),
])  # fmt: skip
# A name with such a word is of an amount or a key; but "sales_date" is of the date of sales.
_NO_DATE = frozenset([
    "code", "count", "counts", "days", "diff", "id", "ids", "key", "length", "months", "n", "no",
    "nr", "num", "number", "per", "since",
])  # fmt: skip
_AMOUNTS = frozenset([
    "amount", "average", "avg", "births", "cost", "deaths", "income", "index", "mean", "of", "pay",
    "population", "price", "quantity", "rate", "ratio", "revenue", "sales", "score", "sum", "total",
    "value", "visits", "volume",
])  # fmt: skip
_PERIOD_ENDS = ("시점", "년월", "연월")
_DATE_ENDS = (
    *_PERIOD_ENDS, "일자", "날짜", "년월일", "연월일", "생일",
    *(of + "일" for of in (
        "기준", "등록", "거래", "매출", "접수", "판매", "주문", "가입", "계약", "발생",
    )),
)  # fmt: skip
_TIME_WORDS = frozenset(["hhmm", "time"])
_TIME_END = "시각"
_FEWEST_TIMES = 10
_HOUR, _NIGHT = 3_600.0, 5 * 3_600.0  # seconds
_DAYS_OF_A_YEAR = (Reading(formats=("%m/%d",)), Reading(formats=("%d/%m",)))
_DAY, _MONTHS_OF_A_YEAR = 86_400, 12
_SEVERAL = 3  # months of days without a year; 1/4 and 2/4 may be fractions
_DIGITS_ALONE = ("%Y%m%d", "%Y%m", "%m%d%Y", "%d%m%Y")
_MONTHS = ("%Y.%m", "%Y.%m p)")  # behind which "p)" says that what is told of it may change
_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_FEWEST_MONTHS = 6  # 2005.01 to 2005.03 may be amounts


def as_named_dates(column: Column, values: Values) -> Column:
    """A column of digits such as 20240305, 202403 or 2024.03 as dates, if its name says so.

    So are 1/26 and 10/31 of a "date" or "birthday" days of a year and no fractions, and 0640 and
    1750 times of day, unless all are before five or within an hour, as durations are. All must be
    such.

    Parameters
    ----------
    column : Column
        As its cells show it; it comes back as it is where it is nothing of that.
    values : pyarrow array, shape (n,)

    Examples
    --------
    >>> import pyarrow as pa
    >>> from layerwise.tables.cell_kinds import describe_cells
    >>> for name in ("month", "price"):
    ...     values = pa.array([202312, 202401, 202402])
    ...     print(as_named_dates(describe_cells(name, values), values).kind)
    date
    number
    """
    if column.kind in {"category", "identifier"} and _is_named_like_times(column.name):
        return _as_times(column, values)
    if column.kind != "number" or not _is_named_like_dates(column.name):
        return column
    amounts = column.reading.amounts if column.reading else None
    if amounts is not None and amounts.form == "ratio":
        return _as_days(column, values)
    months = Reading(formats=_MONTHS)
    if column.n_distinct >= _FEWEST_MONTHS and _are_days(values, months):
        return _as_dates(column, values, months)
    if column.stored != "number" and column.reading != Reading():
        return column
    readings = [
        reading
        for form in _DIGITS_ALONE
        if (reading := find_date_reading(values, insist=True, form=form)) is not None
        and reading.formats == (form,)
        and _are_days(values, reading)
    ]
    return _as_dates(column, values, readings[0]) if len(readings) == 1 else column


def _as_times(column: Column, values: Values) -> Column:
    """A column of codes such as 0640 as times of day, if all are."""
    if column.stored != "text" or column.reading is not None:
        return column
    if column.n_distinct < _FEWEST_TIMES:
        return column
    cells = find_cells(values)
    seconds, unread = parse_numbers(cells, HOURS_AND_MINUTES)
    known = seconds[~np.isnan(seconds)]
    if unread or not len(known) or known.max() < _NIGHT or np.ptp(known) < _HOUR:
        return column
    return describe_as_numbers(column.name, cells, HOURS_AND_MINUTES)


def _as_days(column: Column, values: Values) -> Column:
    """A column of what may be fractions as days of a year, if all are and its name is of days."""
    name = column.name.strip()
    if name.endswith(_PERIOD_ENDS) or not _PERIOD_WORDS.isdisjoint(words_of(name)):
        return column
    cells = find_cells(values)
    for reading in _DAYS_OF_A_YEAR:
        seconds, unread = parse_numbers(cells, reading)
        known = seconds[~np.isnan(seconds)]
        if unread or not len(known):
            continue
        days = np.datetime64("1972-01-01") + (known // _DAY).astype("m8[D]")
        months = days.astype("M8[M]")
        is_late = (days - months.astype("M8[D]")).astype(np.int64) >= _MONTHS_OF_A_YEAR
        are_days = is_late.any() or len(np.unique(months)) >= _SEVERAL
        return describe_as_numbers(column.name, cells, reading) if are_days else column
    return column


def _as_dates(column: Column, values: Values, reading: Reading) -> Column:
    n_missing = int(np.isnat(parse_dates(values, reading)[0]).sum())
    reason = said("digits that read as dates, as the name says")
    reason += and_missing(n_missing, len(values))
    return replace(column, kind="date", reason=reason, n_missing=n_missing, reading=reading)


def _are_days(values: Values, reading: Reading) -> bool:
    """Whether all digits are days or months of a year that dates are of."""
    moments, unread = parse_dates(values, reading)
    years = moments[~np.isnat(moments)].astype("M8[Y]").astype(np.int64) + 1970
    return not unread and bool(((years >= _FIRST_YEAR) & (years <= _LAST_YEAR)).all())


def _is_named_like_times(name: str) -> bool:
    words = words_of(name)
    return words[-1:] != [] and (
        not _TIME_WORDS.isdisjoint(words[-1:]) or name.strip().endswith(_TIME_END)
    )


def _is_named_like_dates(name: str) -> bool:
    if name.strip().endswith(_DATE_ENDS):
        return True
    words = words_of(name)
    if _DATE_WORDS.isdisjoint(words) or not _NO_DATE.isdisjoint(words):
        return False
    is_of_date = words[-1] == "date" or words[:2] == ["date", "of"]
    return is_of_date or _AMOUNTS.isdisjoint(words)
