"""A reader with a calculator: the formulas of a printed explanation, recomputed from its text."""

import math
import re
from itertools import pairwise

from layerwise.architecture import ACTIVATIONS

NAMES = {
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
    "squash": lambda z: z / math.sqrt(1 + (z / 3) ** 2),
}
for _entry in ACTIVATIONS.values():
    NAMES[_entry.name] = _entry.function
    NAMES[f"{_entry.name}_slope"] = _entry.slope
_NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?"
_WORD = re.compile(r"[a-zA-Z_]\w*(?=\()")
_NEITHER = re.compile(rf"{_NUMBER}|[-+*/(), ]")


def in_python(side):
    """A side of an equation as Python, or None where names stand in it."""
    code = side.replace("·", "*").replace("'", "_slope")
    code = code.replace("^", "**")
    if not all(word in NAMES for word in _WORD.findall(code)):
        return None
    return None if _NEITHER.sub("", _WORD.sub("", code)) else code


def computed(code):
    return float(eval(code, {"__builtins__": {}}, NAMES))


def unit_of(number):
    """The place of the last digit of a printed number: 0.01 of "0.83"."""
    mantissa, _, exponent = number.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return 10.0**-decimals


def agrees(value, number):
    """Whether a value, rounded to the digits of a printed number, is that number."""
    return abs(value - float(number)) <= 0.5 * unit_of(number) * (1 + 1e-9) + 1e-15


def equations_in(text):
    """(left side, other sides) of every line that ends in a number."""
    for line in text.splitlines():
        left, *sides = re.sub(r" {4}\(.*\)$", "", line).split(" = ")
        # Names of inputs may hold an equals sign, in brackets.
        while sides and (left + "".join(sides)).count("[") and left.count("[") > left.count("]"):
            left += " = " + sides.pop(0)
        joined = []
        for side in sides:
            if joined and joined[-1].count("[") > joined[-1].count("]"):
                joined[-1] += " = " + side
            else:
                joined.append(side)
        if joined and re.fullmatch(rf"-?{_NUMBER}", joined[-1]) and "  " not in left:
            yield left, joined


def check(text):
    """Recompute every formula; returns how many there were.

    Each side must give the number at the end; and where f(sum) is followed by f(z), the sum must
    give z.
    """
    n = 0
    for left, sides in equations_in(text):
        codes = [in_python(side) for side in sides]
        for side, code in zip(sides[:-1], codes[:-1], strict=True):
            if code is not None:
                n += 1
                assert agrees(computed(code), sides[-1]), f"{left} = {side} is not {sides[-1]}"
        for (one, first), (two, second) in pairwise(zip(sides, codes, strict=True)):
            step = re.match(rf"(.*?)(\w+)\((-?{_NUMBER})[,)]", two)
            if first is None or second is None or not step or step[2] not in NAMES:
                continue
            start = one.find(f"{step[2]}(") + len(step[2]) + 1
            if start > len(step[2]) and step[2] in ACTIVATIONS:
                n += 1
                inner = in_python(_inside(one[start:]))
                assert agrees(computed(inner), step[3]), f"{left}: {one} is not {two}"
    return n


def _inside(text):
    """Up to the comma or parenthesis that closes the call."""
    depth = 0
    for i, character in enumerate(text):
        if depth == 0 and character in "),":
            return text[:i]
        depth += (character == "(") - (character == ")")
    raise AssertionError(text)
