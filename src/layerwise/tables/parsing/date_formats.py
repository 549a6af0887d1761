"""Formats of dates: a regular expression for each, and moments from the texts that fit."""

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.tables.parsing.distinct import as_array

__all__ = ["COMPACT", "NOT_A_TIME", "matches", "pattern_of", "read_moments"]

# Digits alone are numbers; they become dates only where a person says that they are.
COMPACT = ("%Y%m%d", "%Y%m%d%H%M%S", "%Y%m", "%Y")
NOT_A_TIME = np.datetime64("NaT", "us")

_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_FULL_NAMES = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "m": "0?[1-9]|1[0-2]",
    "d": r"0?[1-9]|[12]\d|3[01]",
    "H": r"[01]?\d|2[0-3]",
    "I": "0?[1-9]|1[0-2]",
    "M": r"[0-5]?\d",
    "S": r"[0-5]?\d",
    "f": r"\d{1,9}",
    "p": r"(?i:[ap]\.?m\.?)|오전|오후",
    "b": f"(?i:{'|'.join(_NAMES)})",
    "B": f"(?i:{'|'.join(_FULL_NAMES)})",
    "z": r"(?i:Z|UTC|GMT)|[+-]\d{2}(?::?\d{2})?",
}
# Where no separator says where a part ends, each has all its digits.
_TWO_DIGITS = {
    "m": "0[1-9]|1[0-2]",
    "d": r"0[1-9]|[12]\d|3[01]",
    "H": r"[01]\d|2[0-3]",
    "M": r"[0-5]\d",
    "S": r"[0-5]\d",
}


def matches(texts: pa.StringArray, form: str, whole: bool = True) -> NDArray[np.bool_]:
    """Which texts a format fits; or begins, before a time of day, if not the whole is asked."""
    pattern = pattern_of(form)
    if not whole:
        pattern = pattern.removesuffix("$") + "(?:$|[T ,])"
    return as_array(pc.match_substring_regex(texts, pattern))


@cache
def pattern_of(form: str) -> str:
    """A regular expression for a format, with a group for each directive."""
    directives = _DIRECTIVES | (_TWO_DIGITS if form in COMPACT else {})
    parts = re.split(r"%(\w)", form)  # literal text and directives, by turns
    pattern = ""
    for i, part in enumerate(parts):
        if i % 2:
            pattern += f"(?P<{part}>{directives[part]})"
        elif part == " " and "p" not in parts[i - 1 : i + 2]:
            pattern += r"\s+"
        else:
            pattern += re.sub(r"\s+|\\ ", lambda _: r"\s*", re.escape(part))
    return f"^{pattern}$"


def read_moments(texts: pa.StringArray, form: str) -> NDArray[np.datetime64]:
    """Moments of distinct texts, NaT where the format does not fit or there is no such day."""
    pattern = pattern_of(form)
    names = re.findall(r"\?P<(\w)>", pattern)
    parts = pc.extract_regex(texts, pattern)
    fits = as_array(parts.is_valid())
    kept = parts.filter(pa.array(fits))
    part = {name: kept.field(i) for i, name in enumerate(names)}

    def number(name: str, default: int) -> NDArray[np.int64] | int:
        return as_array(part[name].cast(pa.int64())) if name in part else default

    n = int(fits.sum())
    if "y" in part:
        year = number("y", 0)
        year = year + np.where(year < 69, 2000, 1900)
    else:
        year = number("Y", 0)
    month = number("m", 1)
    for directive, names_of in (("b", _NAMES), ("B", _FULL_NAMES)):
        if directive in part:
            month = as_array(pc.index_in(pc.utf8_lower(part[directive]), pa.array(names_of))) + 1
    first = np.broadcast_to((year - 1970) * 12 + (month - 1), n).astype("M8[M]")
    day = first.astype("M8[D]") + (np.broadcast_to(number("d", 1), n) - 1)
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
    moments = day.astype("M8[us]") + np.broadcast_to(micro, n).astype("m8[us]")
    moments = np.where(day.astype("M8[M]") == first, moments, NOT_A_TIME)
    all_moments = np.full(len(texts), NOT_A_TIME)
    all_moments[fits] = moments
    return all_moments


def _offset(texts: pa.StringArray) -> NDArray[np.int64]:
    """Minutes that a time zone such as "+09:00" is ahead of UTC."""
    distinct = texts.dictionary_encode()
    minutes = [0]
    for zone in distinct.dictionary.to_pylist():
        figures = re.sub(r"\D", "", zone)
        ahead = int(figures[:2] or 0) * 60 + int(figures[2:] or 0)
        minutes.append(-ahead if zone.startswith("-") else ahead)
    places = as_array(distinct.indices) + 1
    return np.array(minutes, np.int64)[places.astype(np.int64)]
