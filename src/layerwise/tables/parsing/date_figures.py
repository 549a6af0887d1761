"""What figures in dates mean: which is the day, which the month, and of which century a year is."""

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.parsing.date_formats import NOT_A_TIME, matches, read_moments
from layerwise.tables.parsing.distinct import FIRST_YEAR, Cells, Reading, Values, find_cells

_FIGURES = re.compile(r"%([dm])([-/.])%([dm])\2%([yY])")
_FEW_YEARS = 20
_SEVERAL = 5  # dates of either kind, of which none is so by chance
_LEAST_GAP = 10  # years of a hundred that no cell is of


def has_ambiguous_days(values: Values | Cells, reading: Reading) -> bool:
    """Whether nothing says which of day and month comes first, where both are figures.

    Examples
    --------
    >>> from layerwise.tables.parsing.dates import find_date_reading
    >>> cells = pa.array(["03/05/2024", "04/06/2024"])
    >>> has_ambiguous_days(cells, find_date_reading(cells))
    True
    >>> cells = pa.array(["7/9/14", "7/10/14", "7/11/14"])
    >>> has_ambiguous_days(cells, find_date_reading(cells))
    False
    """
    texts = find_cells(values).texts
    swaps = [(form, swapped(form)) for form in reading.formats if swapped(form) != form]
    return bool(swaps) and not any(
        (matches(texts, form) & ~matches(texts, other)).any() or _is_settled(texts, form, other)
        for form, other in swaps
    )


def _is_settled(texts: pa.StringArray, form: str, other: str) -> bool:
    """Whether something speaks for one of two orders of day and month, and nothing against it."""
    these, those = (order_signs(read_moments(texts, one)) for one in (form, other))
    signs = {a > b for a, b in zip(these, those, strict=True) if a != b}
    return len(signs) == 1


def figures(form: str) -> str:
    """The part of a format that is a day and a month in figures, and a year behind them.

    Examples
    --------
    >>> figures("%m/%d/%Y %H:%M"), figures("%Y-%m-%d")
    ('%m/%d/%Y', '')
    """
    found = _FIGURES.search(form)
    return found[0] if found else ""


def swapped(form: str) -> str:
    """A format with day and month in each other's place, if both stand in figures before the year.

    Examples
    --------
    >>> swapped("%m/%d/%Y %H:%M"), swapped("%Y-%m-%d")
    ('%d/%m/%Y %H:%M', '%Y-%m-%d')
    """
    return _FIGURES.sub(r"%\3\2%\1\2%\4", form)


def with_one_order(cells: Cells, formats: Sequence[str]) -> list[str]:
    """Formats of one order of day and month, where a spreadsheet left another appearance behind.

    One that reads months first as days turns 7/10/83 into a date of its own, shown as 07-10-1983,
    and leaves 9/19/83, of which there is no such month, as it was. Then no cell of the one form has
    a day after the twelfth, and every cell of the other has: what these tell is true of all. But
    days that are few (the first of each month), consecutive or in order of time are right as they
    are written, unless all of the column's are only then so when they are turned.

    Parameters
    ----------
    cells : Cells
    formats : sequence of str
        In the order in which they read the cells.

    Examples
    --------
    >>> cells = find_cells(
    ...     pa.array([f"10-0{i}-1983" for i in range(1, 8)] + [f"10/{i}/83" for i in range(13, 20)])
    ... )
    >>> with_one_order(cells, ["%d-%m-%Y", "%m/%d/%y"])
    ['%m-%d-%Y', '%m/%d/%y']
    """
    texts = cells.texts
    turned = [form for form in formats if swapped(form) != form]
    if len({figures(form) for form in turned}) < 2:
        return list(formats)
    told: dict[str, str] = {}  # "sure" where no cell fits the other order, "open" where all do
    for form in turned:
        fits, other = (matches(texts, one) for one in (form, swapped(form)))
        if fits.sum() >= _SEVERAL:
            told[form] = "sure" if not (fits & other).any() else "open" if other[fits].all() else ""
    first = {_is_month_first(form) for form in turned if told.get(form) == "sure"}
    if len(first) != 1:
        return list(formats)
    known = {figures(form) for form in formats}
    mended = [
        swapped(form)
        if told.get(form) == "open"
        and _is_month_first(form) not in first
        and figures(swapped(form)) not in known
        else form
        for form in formats
    ]
    changed = [form for form, other in zip(formats, mended, strict=True) if form != other]
    as_written = _moments(texts, changed)
    of_month = as_written.astype("M8[D]") - as_written.astype("M8[M]").astype("M8[D]")
    if len(np.unique(of_month[~np.isnat(of_month)])) < _SEVERAL or any(order_signs(as_written)):
        before, after = (order_signs(_moments(texts, all_of)) for all_of in (formats, mended))
        is_better = before != after and all(b <= a for b, a in zip(before, after, strict=True))
        return mended if is_better else list(formats)
    return mended


def _moments(texts: pa.StringArray, formats: Sequence[str]) -> NDArray[np.datetime64]:
    """Moments of texts as the first format has it that fits."""
    moments = np.full(len(texts), NOT_A_TIME)
    for form in formats:
        left = np.isnat(moments)
        moments[left] = read_moments(texts.filter(pa.array(left)), form)
    return moments


def _is_month_first(form: str) -> bool:
    return form.find("%m") < form.find("%d")


def order_signs(moments: NDArray[np.datetime64]) -> tuple[bool, bool, bool]:
    """What speaks for an order of day and month, the strongest first; moments are as in the rows.

    All are the first of a month, days are consecutive, rows are in order of time.
    """
    days = moments[~np.isnat(moments)].astype("M8[D]")
    distinct = np.unique(days)
    several = len(distinct) > 2
    if len(distinct) < 2:
        return False, False, False
    are_first = bool((distinct == distinct.astype("M8[M]")).all())
    span = int((distinct[-1] - distinct[0]).astype(np.int64)) + 1
    steps = np.diff(days).astype(np.int64)
    in_order = bool((steps >= 0).all() or (steps <= 0).all())
    return several and are_first, span <= 2 * len(distinct), several and in_order


def first_year(texts: pa.StringArray, formats: Sequence[str]) -> int:
    """The first of the hundred years that two digits mean.

    Those from `FIRST_YEAR` on, if no cell then lies in the future. Else the hundred that end now;
    but cells of nearly all years of a time stay together, and may end a few years ahead. What is
    left of the hundred is divided between the years before the first cell and behind the last.
    """
    short = [read_moments(texts, form) for form in formats if "%y" in form]
    years = np.unique(np.concatenate([*short, [NOT_A_TIME]]).astype("M8[Y]"))
    years = years[~np.isnat(years)].astype(np.int64) + 1970
    now = datetime.now().year
    if not len(years) or years[-1] <= now:
        return FIRST_YEAR
    years = np.sort(now - (now - years) % 100)
    digits = np.unique(years % 100)
    gaps = np.diff(digits, append=digits[0] + 100)
    first, span = int(years[0]), int(years[-1] - years[0])
    if gaps.max() >= _LEAST_GAP and 2 * len(digits) > 100 - gaps.max():
        last = int(digits[gaps.argmax()])
        last, span = now - (now - last) % 100, 100 - int(gaps.max())
        first = last - span
        if span <= _FEW_YEARS and first + 100 <= now and last + 100 <= now + _FEW_YEARS:
            first += 100
    return first - (99 - span) // 2


def has_one_day(texts: pa.StringArray, form: str) -> bool:
    """Whether all of three dates or more have the same day of the month."""
    moments = read_moments(texts, form)
    days = moments.astype("M8[D]") - moments.astype("M8[M]").astype("M8[D]")
    return "%d" in form and len(texts) > 2 and len(np.unique(days[~np.isnat(moments)])) == 1
