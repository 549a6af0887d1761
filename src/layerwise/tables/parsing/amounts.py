"""Numbers that say more than a plain one: limits, parts with units, ranges, pairs, odds, leads.

Each distinct text is taken apart once. What was found in a column (`Amounts`) is kept with it, so
that later tables are read alike.
"""

import re
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.names import composed
from layerwise.tables.parsing.distinct import Amounts, Cells, Reading
from layerwise.tables.parsing.units import (
    MONEY_SIGNS,
    factors_of,
    frequent_among,
    is_known,
    plain_unit,
    unit_of_bare,
)

__all__ = [
    "find_amounts",
    "find_hindrance",
    "find_pairs",
    "find_ranges",
    "is_about",
    "read_amounts",
]

_MARKS = ((".", ","), (",", "."), (".", " "), (",", " "), (".", "'"))
_ABOUT = (
    r"(?:~|≈|∼|±|c\.|ca\.?(?=[\s\d])|circa|approx(?:imately|\.)?|about|around|roughly|nearly|"
    r"est(?:imated|\.)?(?=[\s\d])|약|대략)\s*"
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
    r"|\s*(?:정도|쯤|\?|\((?:approx|est)[a-z.]*\)|\[\w{1,3}\]|[*†‡§¶]+))?",
    re.IGNORECASE | re.DOTALL,
)
_IS_ABOUT = re.compile(rf"{_ABOUT}.*\d|.*\d.*(?:정도|쯤|\?|\((?:approx|est).*)$", re.IGNORECASE)
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
_PAIR = {
    "ratio": re.compile(r"\(?\s*(?P<a>\d+(?:\.\d+)?)\s*/\s*(?P<b>\d+(?:\.\d+)?)\s*\)?"),
    "pair": re.compile(
        r"[(\[]?\s*(?P<a>[-+−]?\d{1,3}(?:\.\d+)?)°?\s*(?:,\s*|;\s*|\s[-–:x×]\s|(?<=\d)[-–:x×](?=\d)"
        r"|\s)\s*(?P<b>[-+−]?\d{1,3}(?:\.\d+)?)°?\s*[)\]]?"
    ),
    "lead": re.compile(r"(?P<a>[A-Za-z]{1,3})\s?\+\s?(?P<b>\d+(?:\.\d+)?)|(?i:(?P<even>even|tie))"),
}
_BLANK = re.compile(
    r"[^\w\s]{1,4}|\(\s*\w{1,2}\s*\)|\[\s*\w{1,2}\s*\]|[a-z]|n\.?d\.?|tr\.?|trace|n\.?a\.?|n/?s|n/?r|"
    r"not (?:available|applicable|reported|known|recorded|stated|measured)|suppressed|withheld|"
    r"redacted|비공개|해당\s?없음|무응답",
    re.IGNORECASE,
)
_UNDETECTED = re.compile(
    r"<?\s*(?:blq|bql|blloq|lloq|loq|lod|mdl|bdl|below (?:the )?(?:detection|quantification).*|"
    r"not detected|non-?detect)|검출\s?한계\s?(?:미만|이하)|불검출",
    re.IGNORECASE,
)
_FEET, _INCHES = ("'", "’", "′", "ft", "foot", "feet"), 12
_FIGURE = re.compile(r"\d")
_LONGEST = 60  # letters of an amount
_LEAST_READ = 0.75
_MOST_WORDS = 3  # kinds of cells that are no numbers
_SOME_NUMBERS, _MANY_NUMBERS = 3, 10
_MOST_STRAY, _A_COUPLE = 0.02, 2


def is_about(text: str) -> bool:
    """Whether a text says that its number is not exact.

    Examples
    --------
    >>> is_about("c. 40"), is_about("40쯤"), is_about("40")
    (True, True, False)
    """
    return _IS_ABOUT.match(text) is not None


class Taken(NamedTuple):
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
    >>> take_apart("never")
    """
    if len(text) > _LONGEST or _FIGURE.search(text) is None:
        return None
    match = _LIMIT.fullmatch(_INSIDE.sub(r"\1\3\2", composed(text.strip())))
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


def _number(body: str, decimal: str, thousands: str) -> float:
    whole, _, fraction = body.partition(decimal)
    mark = {" ": r"[\s\u00a0\u202f]", "'": "['’]"}.get(thousands, re.escape(thousands))
    if thousands and not whole.isdigit() and whole:
        if not re.fullmatch(rf"\d{{1,3}}(?:{mark}\d{{3}})+|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}", whole):
            return np.nan
        whole = re.sub(rf"{mark}|,", "", whole)
    if (whole and not whole.isdigit()) or (fraction and not fraction.isdigit()):
        return np.nan
    return float(f"{whole or 0}.{fraction or 0}") if whole or fraction else np.nan


def _value(taken: Taken, reading: Reading, factors: dict[str, float]) -> float:
    total, last, worth = 0.0, "", np.inf
    for body, unit in taken.parts:
        is_inches = not unit and last in _FEET  # as in 5 ft 7
        factor = factors[last] / _INCHES if is_inches else factors.get(unit)
        if factor is None or not factor < worth:  # a smaller unit follows: 5 ft 7 in
            return np.nan
        worth = factor
        total += factor * _number(body, reading.decimal, reading.thousands)
        last = unit
    return taken.sign * total


def read_amounts(
    texts: pa.StringArray, reading: Reading
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
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
    words, factors = dict(amounts.words), dict(amounts.factors)
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
        elif amounts.form in _PAIR:
            numbers[i], beside[i] = _pair(text, amounts.form, factors)
        elif amounts.form == "range" and (ends := _ends(text, reading, factors)) is not None:
            numbers[i] = (ends[0] + ends[1]) / 2
        elif amounts.form != "order" and (taken := take_apart(text)) is not None:
            numbers[i] = _value(taken, reading, factors)
            beside[i] = taken.limit
    return numbers, beside, is_word


def find_amounts(cells: Cells, name: str = "", *, insist: bool = False) -> Reading | None:
    """How a column is read that is mostly numbers, with limits, several units or words among them.

    None if it is not: if fewer than three quarters of the cells that say something are numbers, if
    units have nothing to do with each other, or if the others are of too many kinds.

    Examples
    --------
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> cells = find_cells(pa.array(["<.05", ".2", ".31", "**", "1.5", "c. 4", "**"]))
    >>> amounts = find_amounts(cells).amounts
    >>> amounts.has_limits, amounts.words
    (True, (('**', None),))
    """
    sampled, weights = cells.sample
    fits = np.array([_may_be(text) for text in sampled.to_pylist()], bool)
    if not len(fits) or (not insist and weights[fits].sum() < _LEAST_READ * weights.sum()):
        return None
    taken = {text: _taken(text) for text in cells.texts.to_pylist()}
    n_of = Counter[str]()
    for text, n, nothing in zip(
        cells.texts.to_pylist(), cells.counts.tolist(), cells.says_nothing.tolist(), strict=True
    ):
        if not nothing:
            n_of[text] += n
    known = {text: of for text in n_of if (of := taken[text]) is not None}
    units = Counter[str]()
    for text, of in known.items():
        last = ""
        for _, unit in of.parts:
            if unit or last not in _FEET:
                units[unit] += n_of[text]
            last = unit
    signs = Counter[str]()
    for text, of in known.items():
        signs[of.money] += n_of[text]
    no_sign = signs.pop("", 0)
    found = factors_of(units, name, is_money=bool(signs))
    if found is None or len(frequent_among(signs, no_sign + signs.total())) > 1:
        return None
    unit, factors = found
    bodies = [body for of in list(known.values())[:2_000] for body, _ in of.parts]
    decimal, thousands = max(
        _MARKS, key=lambda marks: sum(not np.isnan(_number(b, *marks)) for b in bodies)
    )
    reading = Reading(decimal, thousands)
    numbers = {text: _value(of, reading, factors) for text, of in known.items()}
    read = {text: x for text, x in numbers.items() if not np.isnan(x)}
    if units[""] and unit in units | {"inches": 1}:
        bare = {text for text in read if not any(of for _, of in known[text].parts)}
        middles = [
            float(np.median([x for text, x in read.items() if (text in bare) == is_bare]))
            for is_bare in (True, False)
            if bare and len(bare) < len(read)
        ]
        if middles and middles[1] and (told := unit_of_bare(unit, middles[0] / middles[1])):
            factors[""] = told[1]
            read = {text: x * (told[1] if text in bare else 1.0) for text, x in read.items()}
    limits = any(known[text].limit for text in read)
    words = _words(n_of, read, _SOME_NUMBERS if limits else _MANY_NUMBERS)
    if words is None and not insist:
        return None
    undetected = [text for text in words or {} if _UNDETECTED.fullmatch(text)]
    lowest = min((x for x in read.values()), default=0.0)
    meanings = {word: lowest if word in undetected else None for word in words or {}}
    if len(set(read.values())) < _SOME_NUMBERS:
        return None
    amounts = Amounts(
        "sum", tuple(factors.items()), tuple(meanings.items()), unit, limits or bool(undetected)
    )
    return replace(reading, amounts=amounts)


def _taken(text: str) -> Taken | None:
    return None if _UNDETECTED.fullmatch(text) else take_apart(text)


def _may_be(text: str) -> bool:
    is_word = bool(_BLANK.fullmatch(text) or _UNDETECTED.fullmatch(text))
    return is_word or take_apart(text) is not None


def find_hindrance(cells: Cells) -> tuple[float, list[str]] | None:
    """Of a column that is mostly numbers, the share of them, and cells that are none.

    Where all are numbers, of units that differ, one cell for each unit. None if less than three
    quarters are numbers.

    Examples
    --------
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> find_hindrance(find_cells(pa.array(["2 kg", "3 litres", "5 kg", "1 litres"])))
    (1.0, ['2 kg', '3 litres'])
    """
    texts, weights = cells.sample
    taken = {text: _taken(text) for text in texts.to_pylist()}
    known = {text: of for text, of in taken.items() if of is not None}
    fits = np.array([text in known for text in texts.to_pylist()], bool)
    if len(known) < 2 or weights[fits].sum() < _LEAST_READ * weights.sum():
        return None
    by_unit: dict[tuple[str, str], str] = {}
    for text, of in known.items():
        by_unit.setdefault((of.money, of.parts[-1][1]), text)
    units = {unit for _, unit in by_unit}
    if factors_of(dict.fromkeys(units, _MANY_NUMBERS)) is None and not all(
        is_known(unit) for unit in units if unit
    ):
        return None  # as of codes: 12a, 15x
    share = float(weights[fits].sum() / weights.sum())
    others = [text for text in taken if text not in known]
    if not others and len(by_unit) < 2:
        return None
    return (share, others) if others else (share, list(by_unit.values()))


def _words(n_of: Counter[str], read: dict[str, float], least: int) -> dict[str, int] | None:
    """Texts among numbers that mean none, in lower case; None if it is not a column of numbers.

    Words are told apart from categories by their kinds, few beside at least so many numbers.
    """
    others = Counter[str]()
    for text, n in n_of.items():
        if text not in read:
            others[composed(text.lower())] += n
    blank = {text: n for text, n in others.items() if _BLANK.fullmatch(text)}
    below = {text: n for text, n in others.items() if _UNDETECTED.fullmatch(text)}
    if len(blank) > _MOST_WORDS:
        return None
    strays = {text: n for text, n in others.items() if text not in blank and text not in below}
    n_read = sum(n_of[text] for text in read) + sum(below.values())
    n_stray = sum(strays.values())
    if n_stray <= max(_A_COUPLE, _MOST_STRAY * n_read) and n_stray <= 0.1 * (n_read + n_stray):
        return blank | below
    few = len(strays) <= _MOST_WORDS and n_read >= _LEAST_READ * (n_read + n_stray)
    if few and len(set(read.values())) >= least:
        return blank | below | strays
    return None


def _ends(text: str, reading: Reading, factors: dict[str, float]) -> tuple[float, float] | None:
    """The two ends of a range, None if it is none; of an open one the same twice."""
    low, high = (take_apart(half) for half in _halves(text))
    if low is None or high is None or low.limit or high.limit:
        return None
    unit = high.parts[-1][1]
    if unit and len(low.parts) == 1 and not low.parts[0][1]:
        low = low._replace(parts=((low.parts[0][0], unit),))
    ends = _value(low, reading, factors), _value(high, reading, factors)
    too_wide = ends[0] > 0 and ends[1] > _WIDEST * ends[0]
    return ends if ends[0] <= ends[1] and not too_wide else None


def _halves(text: str) -> tuple[str, str]:
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


def find_ranges(cells: Cells, name: str = "") -> Reading | None:
    """How a column of ranges is read, with open ones among them: 18-29, 65+, <$25,000.

    None if fewer than three quarters of the cells are ranges or numbers, or if the second number
    is smaller in some. A few kinds of other cells, such as "no answer", count as missing.

    Examples
    --------
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> cells = find_cells(pa.array(["10~20만원", "20~30만원", "30만원 이상"]))
    >>> read_amounts(cells.texts, find_ranges(cells))[0].tolist()
    [150000.0, 250000.0, 300000.0]
    """
    sampled, weights = cells.sample
    halves = {text: _halves(text) for text in sampled.to_pylist()}
    ranges = {text: of for text, of in halves.items() if all(map(take_apart, of))}
    fits = [text in ranges for text in sampled.to_pylist()]
    n_ranges = weights[fits].sum()
    may_be = [text in ranges or _may_be(text) for text in sampled.to_pylist()]
    if n_ranges < 2 or weights[may_be].sum() < _LEAST_READ * weights.sum():
        return None
    units, signs = Counter[str](), set[str]()
    for text, of in halves.items():
        for half in of if text in ranges else (text,):
            if (taken := take_apart(half)) is not None:
                signs.add(taken.money)
                units.update(unit for _, unit in taken.parts)
    # Codes of two parts, without any unit or number among them, are seldom repeated.
    are_alone = not any(units) and signs == {""} and len(ranges) == len(halves)
    if are_alone and len(halves) > cells.counts.sum() / 2 and len(halves) > _MANY_NUMBERS:
        return None
    del units[""]
    found = factors_of(units, name, is_money=bool(signs - {""}))
    if found is None or len(signs - {""}) > 1:
        return None
    unit, factors = found
    n_of = Counter[str]()
    said = zip(
        cells.texts.to_pylist(), cells.counts.tolist(), cells.says_nothing.tolist(), strict=True
    )
    for text, n, nothing in said:
        if not nothing:
            n_of[text] += n
    best: dict[str, float] = {}
    for marks in _MARKS:
        reading = Reading(*marks, amounts=Amounts("range", tuple(factors.items()), (), unit))
        numbers, _, _ = read_amounts(cells.texts, reading)
        read = dict(zip(cells.texts.to_pylist(), numbers.tolist(), strict=True))
        read = {text: x for text, x in read.items() if not np.isnan(x)}
        if len(read) > len(best):
            best, kept = read, reading
    if len(set(best.values())) < _SOME_NUMBERS:
        return None
    words = _words(n_of, best, _SOME_NUMBERS)
    if words is None:
        return None
    assert kept.amounts is not None
    amounts = replace(kept.amounts, words=tuple(dict.fromkeys(words).items()))
    return replace(kept, amounts=amounts)


def _pair(text: str, form: str, factors: dict[str, float]) -> tuple[float, float]:
    match = _PAIR[form].fullmatch(text)
    if match is None:
        return np.nan, np.nan
    if form == "lead":
        side = (match["a"] or "").lower()
        return (0.0 if match["even"] else factors.get(side, np.nan) * float(match["b"])), 0.0
    a, b = (float(match[part].replace("−", "-")) for part in "ab")
    if form == "ratio":
        return (a / b if b else np.nan), 0.0
    return a, b


def find_pairs(cells: Cells) -> Reading | None:
    """How a column of two numbers in each cell is read: scores, places, odds, leads of a side.

    None if nine of ten cells are not of one form. Those with a zero before other digits, and of
    more than three digits before the point, are codes or dates.

    Examples
    --------
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> for texts in (["24-17", "3-10", "7-7"], ["15/5", "1/2", "7/2"], ["R+15.21", "D+2", "EVEN"]):
    ...     cells = find_cells(pa.array(texts))
    ...     numbers, second, _ = read_amounts(cells.texts, find_pairs(cells))
    ...     print(numbers.tolist(), second.tolist())
    [24.0, 3.0, 7.0] [17.0, 10.0, 7.0]
    [3.0, 0.5, 3.5] [0.0, 0.0, 0.0]
    [15.21, -2.0, 0.0] [0.0, 0.0, 0.0]
    """
    sampled, weights = cells.sample
    for form, pattern in _PAIR.items():
        matches = [pattern.fullmatch(text) for text in sampled.to_pylist()]
        fits = [match is not None for match in matches]
        if not weights.sum() or weights[fits].sum() < 0.9 * weights.sum():
            continue
        factors: dict[str, float] = {}
        if form == "lead":
            sides = sorted({match["a"].lower() for match in matches if match and match["a"]})
            if len(sides) != 2:
                return None
            factors = {sides[0]: -1.0, sides[1]: 1.0}
        else:
            parts = [match[part] for match in matches if match for part in "ab"]
            if any(re.match(r"0\d", part) for part in parts):
                return None
        reading = Reading(amounts=Amounts(form, tuple(factors.items())))
        numbers, _, _ = read_amounts(cells.texts, reading)
        read = ~np.isnan(numbers)
        if cells.are_mostly(read) and len(set(numbers[read].tolist())) >= _SOME_NUMBERS:
            return reading
    return None
