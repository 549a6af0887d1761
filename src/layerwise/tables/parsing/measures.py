"""Units and scales of numbers: what one is worth in another."""

import re
from collections import Counter
from collections.abc import Mapping

MONEY_SIGNS = "US$|A$|C$|HK$|NT$|S$|R$|$|€|£|¥|￥|₩|₹|₽|₺|₫|฿|₴|₪"

# By what is measured: the spellings of each unit, and its size.
_UNITS: dict[str, Mapping[str, float]] = {
    "length": {
        "mm": 1e-3, "cm": 1e-2, "m meter meters metre metres": 1.0,
        "km kilometer kilometers kilometre kilometres": 1e3,
        "in inch inches \" ” '' ″": 0.0254, "ft foot feet ' ’ ′": 0.3048,
        "yd yard yards": 0.9144, "mi mile miles": 1609.344,
    },
    "mass": {
        "mg": 1e-6, "g gram grams gr": 1e-3, "kg kgs kilo kilos kilogram kilograms 킬로": 1.0,
        "t ton tons tonne tonnes 톤": 1e3, "oz ounce ounces": 0.028349523125,
        "lb lbs pound pounds": 0.45359237, "st stone": 6.35029318,
    },
    "area": {
        "m² m2 sqm sq m ㎡ 제곱미터": 1.0, "km² km2 sq km": 1e6, "ha hectare hectares 헥타르": 1e4,
        "acre acres ac": 4046.8564224, "sq mile|sq miles|sq mi|square mile|square miles|mi²":
        2_589_988.110336, "sq ft|sqft|ft²|square feet": 0.09290304, "평": 3.305785,
    },
    "volume": {"ml": 1e-3, "cl": 1e-2, "l liter liters litre litres 리터": 1.0, "m³ m3": 1e3,
               "gal gallon gallons": 3.785411784, "fl oz": 0.0295735295625},
    "data": {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12},
    "time": {"day days 일": 1.0, "week weeks 주": 7.0, "month months 개월": 30.436875,
             "year years yr yrs 년": 365.2425},
}  # fmt: skip
_WITH_BLANKS = ("sq m", "sq km", "fl oz")
_SCALES = {
    "k": 1e3, "thousand": 1e3, "thousands": 1e3, "천": 1e3, "만": 1e4, "십만": 1e5, "백만": 1e6,
    "천만": 1e7, "억": 1e8, "조": 1e12, "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7,
    "m": 1e6, "mm": 1e6, "mn": 1e6, "mio": 1e6, "mil": 1e6, "million": 1e6, "millions": 1e6,
    "b": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "billions": 1e9, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_AMBIGUOUS = frozenset(["m", "mm", "b", "k", "mil"])  # alone they may be metres, bytes, others
_SCALE = re.compile(rf"({'|'.join(sorted(_SCALES, key=len, reverse=True))})(?:$|\s+|(?<=[가-힣]))")
_NO_UNIT = re.compile(
    r"o|(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|(?:mon|tues?|wed(?:nes)?|"
    r"thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"janvier|février|mars|avril|mai|juin|juillet|août|(?:sept|octo|novem|décem)(?:em)?bre|"
    r"januar|februar|märz|juni|juli|oktober|dezember|"
    r"(?:de )?(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    r"(?:septiem|octu|noviem|diciem)bre))"
    r"\.?"
)
_RARE = 0.02
_A_COUPLE, _TENTH = 2, 10


def _known_units() -> dict[str, tuple[str, float]]:
    known: dict[str, tuple[str, float]] = {}
    for measure, units in _UNITS.items():
        for spellings, size in units.items():
            kept = [unit for unit in _WITH_BLANKS if unit in spellings]
            alone = spellings.split("|") if "|" in spellings else spellings.split()
            parts = {part for unit in kept for part in unit.split()}
            for unit in [*kept, *(one for one in alone if one not in parts or one in ("m", "oz"))]:
                known.setdefault(unit, (measure, size))
    return known


_KNOWN = _known_units()


def plain_unit(unit: str) -> str:
    """A unit as it is looked up: "Sq. Miles," as "sq miles".

    Examples
    --------
    >>> plain_unit(" Sq. Miles,"), plain_unit("lbs.")
    ('sq miles', 'lbs')
    """
    return " ".join(unit.lower().replace(".", " ").strip(" ,;").split())


def is_known(unit: str) -> bool:
    """Whether a unit, as `plain_unit` gives it, is one of those that are converted."""
    return unit in _KNOWN


def are_of_one_measure(unit: str, other: str) -> bool:
    """Whether two units, as `plain_unit` gives them, measure the same.

    Examples
    --------
    >>> are_of_one_measure("fl oz", "ml"), are_of_one_measure("kg", "ml")
    (True, False)
    """
    return unit in _KNOWN and other in _KNOWN and _KNOWN[unit][0] == _KNOWN[other][0]


def is_no_unit(text: str) -> bool:
    """Whether a word behind numbers, in lower case, is none of theirs: a month, a weekday, an "o".

    The letter is a nought as a typist's or a scanner's mistake has it.

    Examples
    --------
    >>> is_no_unit("july"), is_no_unit("julep")
    (True, False)
    """
    return _NO_UNIT.fullmatch(text) is not None


def frequent_among(counts: Mapping[str, int], n: int) -> list[str]:
    """Those of which there are more than 2 % among n, or than two where n is small."""
    return [one for one, k in counts.items() if k > _RARE * n and (k > _A_COUPLE or k * _TENTH > n)]


def factors_of(
    units: Mapping[str, int], name: str = "", *, is_money: bool = False
) -> tuple[str, dict[str, float]] | None:
    """A unit to convert to, and what each of a column's units is worth in it.

    The one that most cells have is taken. Numbers without a unit ("") are in the one that the
    column's name tells, else in that of most. None if the units have nothing to do with each
    other; those of a few cells are left out.

    Parameters
    ----------
    units : mapping of str to int
        As `plain_unit` gives them, and how many numbers have each.
    name : str
        Of the column.
    is_money : bool
        Whether there are signs of money, so that "m" is a million.

    Examples
    --------
    >>> factors_of({"kg": 5, "lbs": 3})
    ('kg', {'kg': 1.0, 'lbs': 0.45359237, '': 1.0})
    >>> factors_of({"": 9, "sq miles": 1}, "acres_affected")
    ('acres', {'sq miles': 640.0, '': 1.0})
    >>> factors_of({"억": 2, "만원": 1})
    ('원', {'억': 100000000.0, '만원': 10000.0, '원': 1.0, '': 1.0})
    >>> factors_of({"kg": 2, "litres": 3})
    """
    n = sum(units.values())
    said = Counter({unit: k for unit, k in units.items() if unit})
    frequent = frequent_among(said, n)
    if any(map(is_no_unit, frequent)):
        return None
    scaled = {unit: found for unit in said if (found := _scale_of(unit)) is not None}
    is_scaled = is_money or any(
        unit in scaled and unit.split()[0] not in _AMBIGUOUS for unit in frequent
    )
    is_scaled |= sum(unit in scaled for unit in frequent) > 1 and not all(
        unit in _KNOWN for unit in frequent
    )
    rests = {scaled[unit][1] if unit in scaled else unit for unit in frequent} - {""}
    if is_scaled and scaled and len(rests) <= 1:
        rest = next(iter(rests), "")
        factors = {unit: factor for unit, (factor, of) in scaled.items() if of in ("", rest)}
        return rest, factors | ({rest: 1.0} if rest else {}) | {"": 1.0}
    measures = Counter[str]()
    for unit, k in said.items():
        if unit in _KNOWN:
            measures[_KNOWN[unit][0]] += k
    if measures and all(unit in _KNOWN for unit in frequent):
        measure = measures.most_common(1)[0][0]
        if any(_KNOWN[unit][0] != measure for unit in frequent):
            return None
        own = [unit for unit in said if _KNOWN.get(unit, ("", 0.0))[0] == measure]  # as in the rows
        words = re.findall(r"[a-z가-힣]+|[²³㎡]", name.lower())
        told = next((w for w in words if _KNOWN.get(w, ("", 0.0))[0] == measure), "")
        base = told if told and units.get("") else max(own, key=lambda unit: said[unit])
        if base in _FEET:
            base = "inches"
        size = _KNOWN[base][1]
        return base, {unit: _worth(unit, size) for unit in said if unit in own} | {"": 1.0}
    if len(frequent) > 1:
        return None
    unit = next(iter(frequent), "")
    return unit, {unit: 1.0, "": 1.0}


def with_other_scales(factors: Mapping[str, float]) -> dict[str, float]:
    """What units are worth, and other scales beside those of them that are one: k and b beside m.

    Examples
    --------
    >>> with_other_scales({"m": 1e6, "": 1.0})["b"], with_other_scales({"m": 1.0, "": 1.0}).get("b")
    (1000000000.0, None)
    """
    is_scaled = any(_SCALES.get(unit) == factor for unit, factor in factors.items())
    return {**_SCALES, **factors} if is_scaled else dict(factors)


_COMMON = {"length": ("cm", "m", "inches", "ft"), "mass": ("kg", "lbs", "g"), "area": ("m²", "ha")}
_ALIKE = (1.25, 2.0)
_FEET = frozenset(["'", "’", "′", "ft", "foot", "feet"])


def unit_of_bare(base: str, ratio: float) -> tuple[str, float] | None:
    """Of numbers without a unit the one they may be in, and its size, if it is not the base.

    `ratio` is how many times larger their median is than that of the others, in the base: where it
    is more than two, and another common unit makes both alike, it is that one.

    Examples
    --------
    >>> unit_of_bare("inches", 170 / 67)
    ('cm', 0.393700787402)
    >>> unit_of_bare("inches", 70 / 67)
    """
    if base not in _KNOWN or not ratio > 0 or max(ratio, 1 / ratio) <= _ALIKE[1]:
        return None
    measure, size = _KNOWN[base]
    for unit in _COMMON.get(measure, ()):
        worth = _worth(unit, size)
        if max(ratio * worth, 1 / (ratio * worth)) < _ALIKE[0]:
            return unit, worth
    return None


def _worth(unit: str, size: float) -> float:
    return float(f"{_KNOWN[unit][1] / size:.12g}")


def _scale_of(unit: str) -> tuple[float, str] | None:
    match = _SCALE.match(unit)
    if match is None:
        return None
    return _SCALES[match[1]], unit[match.end() :].strip()
