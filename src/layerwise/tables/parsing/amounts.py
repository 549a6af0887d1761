"""Numbers that say more than a plain one: limits, parts with units, ranges, pairs, odds, leads.

Each distinct text is taken apart once. What was found in a column (`Amounts`) is kept with it, so
that later tables are read alike.
"""

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats, Mask
from layerwise.tables.names import composed
from layerwise.tables.parsing.distinct import Reading
from layerwise.tables.parsing.measures import (
    MONEY_SIGNS,
    are_of_one_measure,
    plain_unit,
    with_other_scales,
)

MARKS = ((".", ","), (",", "."), (".", " "), (",", " "), (".", "'"))
_ABOUT = (
    r"(?:~|≈|∼|±|c\.|ca\.?(?=[\s\d])|circa|approx(?:imately|\.)?|about|around|roughly|nearly|"
    r"est(?:imated|\.)?(?=[\s\d])|prov(?:isional|\.)?(?=[\s\d])|prelim(?:inary|\.)?(?=[\s\d])|"
    r"약|대략)\s*"
)
_BELOW = r"(?:<=?|=<|≤|≦|＜|(?:less|fewer|lower) than|under|below|up to|at most|no more than)\s*"
_ABOVE = r"(?:>=?|=>|≥|≧|＞|(?:more|greater|higher) than|over|above|at least|no less than)\s*"
_BELOW_END = r"\s*(?:미만|이하|or (?:less|fewer|under|below|lower)|(?:and|&) (?:under|below|less))"
_ABOVE_END = (
    r"\s*(?:\+|초과|이상|plus|or (?:more|over|above|older|higher)|"
    r"(?:and|&) (?:over|above|up|older|more|greater))"
)
_LIMIT = re.compile(
    rf"(?:(?P<below>{_BELOW})|(?P<above>{_ABOVE})|{_ABOUT})?(?P<rest>.*?)"
    rf"(?:(?P<below_end>{_BELOW_END})|(?P<above_end>{_ABOVE_END})"
    r"|\s*(?:정도|쯤|\?|\((?:approx|est)[a-z.]*\)|\[\w{1,3}\]|[*†‡§¶]+)"
    r"|\s+(?:est(?:imated|\.)?|prov(?:isional|\.)?|prelim(?:inary|\.)?))?",
    re.IGNORECASE | re.DOTALL,
)
_IS_ABOUT = re.compile(
    rf"{_ABOUT}.*\d|.*\d.*(?:정도|쯤|\?|\((?:approx|est).*|\s(?:est|prov|prelim)[a-z.]*)$",
    re.IGNORECASE,
)
# The same amount in another unit behind it: 0.52 kg (1.15 lb).
_AGAIN = re.compile(r"(.*?\d\s*([^\W\d][^\d()]*?))\s*[(\[]\s*[\d.,]+\s*([^\W\d][^\d()]*?)\s*[)\]]")
# The interval that an estimate lies in: 6.5 [3.5-10.4].
_WITHIN = re.compile(
    r"(?P<amount>[^([\d]*?(?P<x>[-+−]?[\d.,]*\d)[^([\d]*?)\s*[(\[]\s*"
    r"(?P<low>[-+−]?[\d.,]*\d)\s*(?:[-–—,;]|to)\s*(?P<high>[-+−]?[\d.,]*\d)\s*[)\]]"
)
_INSIDE = re.compile(r"^(\d[\d.,]*)(\s+or (?:less|fewer|more|over|under))(\s+[^\d\s].*)$")
_MONEY = "|".join(map(re.escape, MONEY_SIGNS.split("|")))
_BODY = r"\d(?:[\d.,]|['’\s\u00a0\u202f](?=\d{3}(?!\d)))*|[.,]\d+"
_PART = re.compile(
    rf"\s*(?P<money>{_MONEY})?\s*(?P<sign>[-−–])?\s*(?P<body>{_BODY})\s*"
    r"(?P<unit>[^\d\s.,()+~<>=/−–-][^\d()<>~=]{0,20}?)?\s*(?=\d|$)"
)
_TO = re.compile(r"\s*(?:~|∼|～|–|—|-|:|\bto\b|부터|\band\b)\s*", re.IGNORECASE)
_INTERVAL = re.compile(r"\[([^,;]+)[,;]([^,;]+)\)|\(([^,;]+)[,;]([^,;]+)\]")
_ENDLESS = re.compile(r"\s*[-+]?(?:inf|∞)\s*", re.IGNORECASE)
_WIDEST = 1_000  # times the lower end
PAIRS = {
    "ratio": re.compile(
        r"\(?\s*(?P<a>\d+(?:\.\d+)?)(?:\s*/\s*|\s+to\s+)(?P<b>\d+(?:\.\d+)?)\s*\)?"
    ),
    "pair": re.compile(
        r"(?:(?i:point)\s*)?[(\[]?\s*(?P<a>[-+−]?\d{1,3}(?:\.\d+)?)°?\s*(?:,\s*|;\s*|\s[-–:x×]\s|(?<=\d)(?:--|[-–:x×])(?=\d)"
        r"|\s)\s*(?P<b>[-+−]?\d{1,3}(?:\.\d+)?)°?\s*[)\]]?"
    ),
    "lead": re.compile(r"(?P<a>[A-Za-z]{1,3})\s?\+\s?(?P<b>\d+(?:\.\d+)?)|(?i:(?P<even>even|tie))"),
}
FEET, _INCHES = ("'", "’", "′", "ft", "foot", "feet"), 12
_FIGURE = re.compile(r"\d")
_LONGEST = 60  # letters of an amount


def is_about(text: str) -> bool:
    """Whether a text says that its number is not exact.

    Examples
    --------
    >>> is_about("c. 40"), is_about("40쯤"), is_about("40")
    (True, True, False)
    """
    return _IS_ABOUT.match(text) is not None


@dataclass(frozen=True)
class Taken:
    """A text taken apart: -1 or 1 beyond a limit, and each part's figures and unit."""

    limit: int
    parts: tuple[tuple[str, str], ...]
    money: str
    sign: int


def take_apart(text: str) -> Taken | None:
    """Take a text apart, None if it is no number.

    Examples
    --------
    >>> take_apart("<$25,000").limit, take_apart("c. 40").parts
    (-1, (('40', ''),))
    >>> take_apart("3억 5,000만원").parts
    (('3', '억'), ('5,000', '만원'))
    >>> take_apart("0.52Kg (1.15 lb)").parts
    (('0.52', 'kg'),)
    >>> take_apart("6.5 [3.5-10.4]").parts
    (('6.5', ''),)
    >>> take_apart("never")
    """
    if len(text) > _LONGEST or _FIGURE.search(text) is None:
        return None
    text = composed(text.strip())
    if text[-1:] in (")", "]"):
        text = _without_aside(text)
    match = _LIMIT.fullmatch(_INSIDE.sub(r"\1\3\2", text))
    assert match is not None  # `rest` takes anything
    limit = (match["above"] is not None or match["above_end"] is not None) - (
        match["below"] is not None or match["below_end"] is not None
    )
    rest = match["rest"].strip()
    sign = 1
    if rest[:1] == "(" and rest[-1:] == ")":
        rest, sign = rest[1:-1], -1
    elif rest[:1] in "-−–" and rest:
        rest, sign = rest[1:], -1
    parts, place, money = [], 0, ""
    while place < len(rest):
        part = _PART.match(rest, place)
        if part is None or (part["sign"] and place):
            return None
        sign = -sign if part["sign"] else sign
        parts.append((part["body"], plain_unit(part["unit"] or "")))
        money = money or part["money"] or ""
        place = part.end()
    if not parts or any(not unit for _, unit in parts[:-1]):
        return None
    return Taken(limit, tuple(parts), money, sign)


def _without_aside(text: str) -> str:
    """An amount without what stands in brackets behind it: itself in another unit, an interval."""
    if amount := before_interval(text):
        return amount
    again = _AGAIN.fullmatch(text)
    if again and are_of_one_measure(plain_unit(again[2]), plain_unit(again[3])):
        return again[1]
    return text


def before_interval(text: str) -> str:
    """The estimate before an interval in brackets that it lies in, "" if that is none.

    Examples
    --------
    >>> before_interval("6.5 kg [3.5-10.4]"), before_interval("50 (30-12)")
    ('6.5 kg', '')
    >>> before_interval("5551234 (1-5)")
    ''
    """
    found = _WITHIN.fullmatch(text.strip())
    if found is None:
        return ""
    for marks in MARKS:
        x, low, high = (_signed(found[end], marks) for end in ("x", "low", "high"))
        if low <= x <= high:
            return found["amount"]
    return ""


def _signed(figures: str, marks: tuple[str, str]) -> float:
    body = figures.lstrip("-+−")
    return number_of(body, *marks) * (-1 if figures[0] in "-−" else 1)


def number_of(body: str, decimal: str, thousands: str) -> float:
    """The number that figures mean with these marks, NaN if none."""
    whole, _, fraction = body.partition(decimal)
    mark = {" ": r"[\s\u00a0\u202f]", "'": "['’]"}.get(thousands, re.escape(thousands))
    if thousands and not whole.isdigit() and whole:
        if not re.fullmatch(rf"\d{{1,3}}(?:{mark}\d{{3}})+|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}", whole):
            return np.nan
        whole = re.sub(rf"{mark}|,", "", whole)
    if (whole and not whole.isdigit()) or (fraction and not fraction.isdigit()):
        return np.nan
    return float(f"{whole or 0}.{fraction or 0}") if whole or fraction else np.nan


def value_of(taken: Taken, reading: Reading, factors: dict[str, float]) -> float:
    """The sum of a text's parts in one unit, NaN if a unit is not known."""
    total, last, worth = 0.0, "", np.inf
    for body, unit in taken.parts:
        is_inches = not unit and last in FEET  # as in 5 ft 7
        factor = factors[last] / _INCHES if is_inches else factors.get(unit)
        if factor is None or not factor < worth:  # a smaller unit follows: 5 ft 7 in
            return np.nan
        worth = factor
        total += factor * number_of(body, reading.decimal, reading.thousands)
        last = unit
    return taken.sign * total


def read_amounts(texts: pa.StringArray, reading: Reading) -> tuple[Floats, Floats, Mask]:
    """Numbers of distinct texts, NaN where there is none, and what else they say.

    Returns
    -------
    numbers : ndarray of float64, shape (n_texts,)
    beside : ndarray of float64, shape (n_texts,)
        Of a pair the second number; else -1 below a limit, 1 above one, 0 for neither.
    is_word : ndarray of bool, shape (n_texts,)
        Whether the whole text is one of those whose meaning is kept.
    """
    amounts = reading.amounts
    assert amounts is not None
    words, factors = dict(amounts.words), with_other_scales(dict(amounts.factors))
    numbers = np.full(len(texts), np.nan)
    beside = np.zeros(len(texts))
    is_word = np.zeros(len(texts), bool)
    for i, text in enumerate(texts.to_pylist()):
        word = composed(text.lower())
        if word in words:
            is_word[i] = True
            number = words[word]
            if number is not None:
                numbers[i], beside[i] = number, -1.0 if amounts.has_limits else 0.0
        elif amounts.form in PAIRS:
            numbers[i], beside[i] = _pair(text, amounts.form, factors)
        elif amounts.form == "range" and (ends := _ends(text, reading, factors)) is not None:
            numbers[i] = (ends[0] + ends[1]) / 2
        elif amounts.form != "order" and (taken := take_apart(text)) is not None:
            numbers[i] = value_of(taken, reading, factors)
            beside[i] = taken.limit
    return numbers, beside, is_word


def _ends(text: str, reading: Reading, factors: dict[str, float]) -> tuple[float, float] | None:
    """The two ends of a range, None if it is none; of an open one the same twice."""
    low, high = (take_apart(half) for half in ends_in_words(text))
    if low is None or high is None or low.limit or high.limit:
        return None
    unit = high.parts[-1][1]
    if unit and len(low.parts) == 1 and not low.parts[0][1]:
        low = replace(low, parts=((low.parts[0][0], unit),))
    ends = value_of(low, reading, factors), value_of(high, reading, factors)
    too_wide = ends[0] > 0 and ends[1] > _WIDEST * ends[0]
    return ends if ends[0] <= ends[1] and not too_wide else None


def ends_in_words(text: str) -> tuple[str, str]:
    """What stands on both sides of a range's mark; ("", "") if it is none."""
    interval = _INTERVAL.fullmatch(text.strip())
    halves = [half for half in interval.groups() if half] if interval else _TO.split(text.strip())
    if len(halves) != 2:
        return "", ""
    low, high = halves
    if interval and _ENDLESS.fullmatch(low):
        low = high
    if interval and _ENDLESS.fullmatch(high):
        high = low
    return low, high


def _pair(text: str, form: str, factors: dict[str, float]) -> tuple[float, float]:
    match = PAIRS[form].fullmatch(text)
    if match is None:
        return np.nan, np.nan
    if form == "lead":
        side = (match["a"] or "").lower()
        return (0.0 if match["even"] else factors.get(side, np.nan) * float(match["b"])), 0.0
    a, b = (float(match[part].replace("−", "-")) for part in "ab")
    if form == "ratio":
        return (a / b if b else np.nan), 0.0
    return a, b
