"""Which columns are read as amounts, ranges or pairs, and what is kept of how they are read."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np

from layerwise.tables.names import composed
from layerwise.tables.parsing.amounts import (
    FEET,
    MARKS,
    PAIRS,
    Taken,
    ends_in_words,
    number_of,
    read_amounts,
    take_apart,
    value_of,
)
from layerwise.tables.parsing.distinct import Amounts, Cells, Reading
from layerwise.tables.parsing.measures import (
    factors_of,
    frequent_among,
    is_known,
    is_no_unit,
    unit_of_bare,
)

_BLANK = re.compile(
    r"[^\w\s]{1,4}|\(\s*\w{1,2}\s*\)|\[\s*\w{1,2}\s*\]|[a-z]|n\.?d\.?|tr\.?|trace|n\.?a\.?|n/?s|n/?r|"
    r"not (?:available|applicable|reported|known|recorded|stated|measured)|suppressed|withheld|"
    r"no (?:data|information|value)|redacted|비공개|해당\s?없음|무응답|자료\s?없음",
    re.IGNORECASE,
)
_UNDETECTED = re.compile(
    r"<?\s*(?:blq|bql|blloq|lloq|loq|lod|mdl|bdl|below (?:the )?(?:detection|quantification).*|"
    r"not detected|non-?detect)|검출\s?한계\s?(?:미만|이하)|불검출",
    re.IGNORECASE,
)
_DIGITS = frozenset("0123456789")  # beside which a single letter is one of a code
_ALLELES = frozenset("1234")  # of genes, of which each has two
_LEAST_READ = 0.75
_MOST_PARTS = 3  # of an amount: 5 st 7 lb 2 oz
_MOST_WORDS = 3  # kinds of cells that are no numbers
_SOME_NUMBERS, _MANY_NUMBERS = 3, 10
_MOST_REVERSED = 0.05  # of ranges, by mistake
_MOST_STRAY, _A_COUPLE = 0.02, 2


def find_amounts(cells: Cells, name: str = "", *, insist: bool = False) -> Reading | None:
    """How a column is read that is mostly numbers, with limits, several units or words among them.

    None if it is not: if fewer than three quarters of the cells that say something are numbers, if
    units have nothing to do with each other, or if the others are of too many kinds.

    Examples
    --------
    >>> import pyarrow as pa
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
    n_of = cells.counts_of_said
    known = {text: of for text in n_of if (of := _taken(text)) is not None}
    units = Counter[str]()
    for text, of in known.items():
        last = ""
        for _, unit in of.parts:
            if unit or last not in FEET:
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
        MARKS, key=lambda marks: sum(not np.isnan(number_of(b, *marks)) for b in bodies)
    )
    reading = Reading(decimal, thousands)
    numbers = {text: value_of(of, reading, factors) for text, of in known.items()}
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


def _is_amount(taken: Taken) -> bool:
    """Whether figures are numbers, as those of versions (1.10.2), lists, random keys are not."""
    return len(taken.parts) <= _MOST_PARTS and all(
        any(not np.isnan(number_of(body, *marks)) for marks in MARKS) for body, _ in taken.parts
    )


def _may_be(text: str) -> bool:
    is_word = bool(_BLANK.fullmatch(text) or _UNDETECTED.fullmatch(text))
    return is_word or take_apart(text) is not None


def find_hindrance(cells: Cells) -> tuple[float, list[str]] | None:
    """Of a column that is mostly numbers, the share of them, and cells that are none.

    Where all are numbers, of units that differ, one cell for each unit. None if less than three
    quarters are numbers.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> find_hindrance(find_cells(pa.array(["2 kg", "3 litres", "5 kg", "1 litres"])))
    (1.0, ['2 kg', '3 litres'])
    """
    texts, weights = cells.sample
    taken = {text: _taken(text) for text in texts.to_pylist()}
    known = {text: of for text, of in taken.items() if of is not None}
    are_others = [text in known and not _is_amount(known[text]) for text in texts.to_pylist()]
    if weights[are_others].sum() > _MOST_STRAY * weights.sum():
        return None
    known = {
        text: of
        for text, of in known.items()
        if _is_amount(of) and not any(is_no_unit(unit) for _, unit in of.parts)
    }
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
    are_codes = any(map(str.isalpha, blank)) and all(text in _DIGITS for text in read)
    if len(blank) > _MOST_WORDS or are_codes:
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


def find_ranges(cells: Cells, name: str = "") -> Reading | None:
    """How a column of ranges is read, with open ones among them: 18-29, 65+, <$25,000.

    None if fewer than three quarters of the cells are ranges or numbers, or if the second number
    is smaller in some. A few kinds of other cells, such as "no answer", count as missing.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from layerwise.tables.parsing.distinct import find_cells
    >>> cells = find_cells(pa.array(["10~20만원", "20~30만원", "30만원 이상"]))
    >>> read_amounts(cells.texts, find_ranges(cells))[0].tolist()
    [150000.0, 250000.0, 300000.0]
    """
    sampled, weights = cells.sample
    halves = {text: ends_in_words(text) for text in sampled.to_pylist()}
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
    best: dict[str, float] = {}
    for marks in MARKS:
        reading = Reading(*marks, amounts=Amounts("range", tuple(factors.items()), (), unit))
        numbers, _, _ = read_amounts(cells.texts, reading)
        read = dict(zip(cells.texts.to_pylist(), numbers.tolist(), strict=True))
        read = {text: x for text, x in read.items() if not np.isnan(x)}
        if len(read) > len(best):
            best, kept = read, reading
    are_reversed = [text in ranges and text not in best for text in sampled.to_pylist()]
    if weights[are_reversed].sum() > _MOST_REVERSED * n_ranges:
        return None  # scores
    if len(set(best.values())) < _SOME_NUMBERS:
        return None
    words = _words(cells.counts_of_said, best, _SOME_NUMBERS)
    if words is None:
        return None
    assert kept.amounts is not None
    amounts = replace(kept.amounts, words=tuple(dict.fromkeys(words).items()))
    return replace(kept, amounts=amounts)


def find_pairs(cells: Cells) -> Reading | None:
    """How a column of two numbers in each cell is read: scores, places, odds, leads of a side.

    None if nine of ten cells are not of one form. Those with a zero before other digits, and of
    more than three digits before the point, are codes or dates.

    Examples
    --------
    >>> import pyarrow as pa
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
    for form, pattern in PAIRS.items():
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
            if form == "ratio" and set(parts) <= _ALLELES:
                twice = {match["a"] for match in matches if match and match["a"] == match["b"]}
                if len(twice) > 1:
                    return None  # as no fractions are: 2/2 and 3/3
        reading = Reading(amounts=Amounts(form, tuple(factors.items())))
        numbers, _, _ = read_amounts(cells.texts, reading)
        read = ~np.isnan(numbers)
        if cells.are_mostly(read) and len(set(numbers[read].tolist())) >= _SOME_NUMBERS:
            return reading
    return None
