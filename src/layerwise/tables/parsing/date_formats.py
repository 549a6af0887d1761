"""Formats of dates: a regular expression for each, and moments from the texts that fit.

A format is written as `datetime.strptime` has it, with "%q" for a quarter, "%V" for a week of the
year "%G" (also where no weekday follows), and "%k" for the year after "%Y", which ends a season
such as 1996-97. "%Z" is the name of a time zone, and the time is taken as it stands. Names of
months and weekdays may be short or whole, weekdays Korean too, and what follows the day may be
"st", "nd", "rd" or "th". A weekday is read over, and so are "%E", the end of a range of days, and
"%U", which stands for a day that is not known: -9, 00, ??, XX.
"""

import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.arrays import Integers, Mask
from layerwise.tables.parsing.distinct import FIRST_YEAR, as_array

# Digits alone are numbers; they become dates only where a person, or the column's name, says so.
COMPACT = ("%Y%m%d", "%Y%m%d%H%M%S", "%Y%m", "%Y")
# With a T between them digits are a day and a time: 20140916T000000.
BASIC = ("%Y%m%dT%H%M%S", "%Y%m%dT%H%M%S%z", "%Y%m%dT%H%M", "%Y%m%dT%H%M%z")
_HOURS_AND_MINUTES = "%H%M"  # a time of day where the column's name says so: 0640
YEAR_FIRST = "%y-%b"  # as spreadsheets make of March 2005: 5-Mar
NOT_A_TIME = np.datetime64("NaT", "us")

_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    "(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "k": r"\d{2}(?:\d{2})?",
    "G": r"\d{4}",
    "q": "[1-4]",
    "m": "0?[1-9]|1[0-2]",
    "V": r"0?[1-9]|[1-4]\d|5[0-3]",
    "u": "[1-7]",
    "d": r"0?[1-9]|[12]\d|3[01]",
    "H": r"[01]?\d|2[0-3]",
    "I": "0?[1-9]|1[0-2]",
    "M": r"[0-5]?\d",
    "S": r"[0-5]?\d",
    "f": r"\d{1,9}",
    "p": r"(?i:[ap]\.?m\.?)|오전|오후",
    "b": _MONTH,
    "B": _MONTH,
    "a": "(?i:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    "|sat(?:urday)?|sun(?:day)?)|[월화수목금토일](?:요일)?",
    "E": r"\s*(?:[-–~]|to)\s*(?:\d[\d./ -]*\d|(?i:present|ongoing)|현재)",
    "U": r"-9{1,2}|00?|\?\?|[xX]{2}|--",
    "z": r"(?i:Z|UTC|GMT)|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|(?:UTC|GMT)[+-]\d(?::\d{2})?",
    "Z": "(?i:UTC|GMT|[ECMP][SD]T|CES?T|BST|KST|JST)",
}
_BEHIND = {"b": r"\.?", "B": r"\.?", "a": r"\.?", "d": "(?i:st|nd|rd|th)?"}
# Where no separator says where a part ends, each has all its digits.
_TWO_DIGITS = {
    "m": "0[1-9]|1[0-2]",
    "d": r"0[1-9]|[12]\d|3[01]",
    "H": r"[01]\d|2[0-3]",
    "M": r"[0-5]\d",
    "S": r"[0-5]\d",
}


def matches_any(texts: pa.StringArray, forms: Iterable[str]) -> Mask:
    """Which texts one of several formats fits."""
    fits = np.zeros(len(texts), bool)
    for form in forms:
        fits |= matches(texts, form)
    return fits


def matches(texts: pa.StringArray, form: str, whole: bool = True) -> Mask:
    """Which texts a format fits; or begins, before a time of day, if not the whole is asked."""
    pattern = pattern_of(form)
    if not whole:
        pattern = pattern.removesuffix("$") + "(?:$|[T ,])"
    return as_array(pc.match_substring_regex(texts, pattern))


@cache
def pattern_of(form: str) -> str:
    """A regular expression for a format, with a group for each directive."""
    is_joined = form in {*COMPACT, *BASIC, _HOURS_AND_MINUTES}
    directives = DIRECTIVES | (_TWO_DIGITS if is_joined else {})
    if form == YEAR_FIRST:
        directives |= {"y": r"\d{1,2}"}
    parts = re.split(r"%(\w)", form)  # literal text and directives, by turns
    pattern = ""
    for i, part in enumerate(parts):
        if i % 2:
            pattern += f"(?P<{part}>{directives[part]}){_BEHIND.get(part, '')}"
        elif part == " " and "p" not in parts[i - 1 : i + 2]:
            pattern += r"\s+"
        else:
            literal = re.sub(r"\s+|\\ ", lambda _: r"\s*", re.escape(part))
            literal = literal.replace(r"\-", "(?:--|[-–])")
            pattern += f"(?i:{literal})"
    return f"^{pattern}$"


def read_moments(
    texts: pa.StringArray, form: str, first_year: int = FIRST_YEAR
) -> NDArray[np.datetime64]:
    """Moments of distinct texts, NaT where the format does not fit or there is no such day.

    Of a month, a quarter, a week, a season or a year it is the first moment. Years of two digits
    are those of the hundred years from `first_year` on. Where a format has no year, it is 1970.
    """
    pattern = pattern_of(form)
    names = re.findall(r"\?P<(\w)>", pattern)
    parts = pc.extract_regex(texts, pattern)
    fits = as_array(parts.is_valid())
    kept = parts.filter(pa.array(fits))
    part = {name: kept.field(i) for i, name in enumerate(names)}

    def number(name: str, default: int) -> Integers:
        if name not in part:
            return np.full(len(kept), default)
        return as_array(part[name].cast(pa.int64()))

    year = number("G" if "G" in part else "Y", 1970)
    if "y" in part:
        year = first_year + (number("y", 0) - first_year) % 100
    month = number("q", 1) * 3 - 2 if "q" in part else number("m", 1)
    for directive in {"b", "B"} & set(part):
        name = pc.utf8_slice_codeunits(pc.utf8_lower(part[directive]), 0, 3)
        month = as_array(pc.index_in(name, pa.array(_NAMES))) + 1
    first = ((year - 1970) * 12 + (month - 1)).astype("M8[M]")
    day = first.astype("M8[D]") + (number("d", 1) - 1)
    exists = day.astype("M8[M]") == first
    if "V" in part:  # the first week is that of 4 January
        fourth = first.astype("M8[D]") + 3
        monday = fourth - (fourth.astype(np.int64) + 3) % 7
        day = monday + (7 * (number("V", 1) - 1) + number("u", 1) - 1)
        exists = (day + (4 - number("u", 1))).astype("M8[Y]") == first.astype("M8[Y]")
    if "k" in part:
        exists &= (number("k", 0) - year - 1) % np.where(number("k", 0) < 100, 100, 10_000) == 0
    hour = number("H", 0)
    if "p" in part:
        hour = number("I", 0) % 12 + 12 * as_array(
            pc.match_substring_regex(part["p"], "^[pP]|오후")
        )
    micro = ((hour * 60 + number("M", 0)) * 60 + number("S", 0)) * 1_000_000
    if "f" in part:
        micro = micro + as_array(
            pc.utf8_slice_codeunits(pc.utf8_rpad(part["f"], 6, "0"), 0, 6).cast(pa.int64())
        )
    if "z" in part:
        micro = micro - _offset(part["z"]) * 60_000_000
    moments = np.where(exists, day.astype("M8[us]") + micro.astype("m8[us]"), NOT_A_TIME)
    all_moments = np.full(len(texts), NOT_A_TIME)
    all_moments[fits] = moments
    return all_moments


def _offset(texts: pa.StringArray) -> Integers:
    """Minutes that a time zone such as "+09:00" is ahead of UTC."""
    distinct = texts.dictionary_encode()
    minutes = [0]
    for zone in distinct.dictionary.to_pylist():
        found = re.search(r"(\d{1,2}):?(\d{2})?$", zone)
        ahead = int(found[1]) * 60 + int(found[2] or 0) if found else 0
        minutes.append(-ahead if "-" in zone else ahead)
    places = as_array(distinct.indices) + 1
    return np.array(minutes, np.int64)[places.astype(np.int64)]
