"""Equations whose printed numbers can be recomputed: digits are added until that is true."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from layerwise.explanation.expressions import (
    Expression,
    Name,
    Number,
    decimals_for,
    tokens,
    value_of,
)
from layerwise.texts import letters

# Significant digits tried for what stands in a formula, and decimals added to its result.
_DIGITS = tuple(range(3, 16))
_MORE_DECIMALS = (0, 1, 2, 3, 5)
# At last all digits of a double, and decimals taken from the result: where huge terms cancel, it
# has no more.
_ALL_DIGITS = 17
_FEWER_DECIMALS = (0, -1, -2, -3)
# A formula, and the number that a reader must get from it.
Check = tuple[Expression, Number]


@dataclass(frozen=True)
class Equation:
    """left = stage = stage = ... = number, as one writes a computation down.

    Attributes
    ----------
    left : Name
    stages : tuple of expressions
        The last is the result.
    checks : tuple of (expression, Number)
        Which numbers follow from which formulas.
    note : str
        A remark behind it.
    """

    left: Name
    stages: tuple[Expression, ...]
    checks: tuple[Check, ...] = ()
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether each formula, computed from the digits shown, gives the digits shown."""
        return all(_follows(formula, number) for formula, number in self.checks)

    @property
    def result(self) -> Number:
        """The number at its end."""
        last = self.stages[-1]
        assert isinstance(last, Number)
        return last


def calculation(left: str, *stages: Expression, note: str = "") -> Equation:
    """An equation whose last formula, computed from the digits shown, must give its result.

    Examples
    --------
    >>> from layerwise.explanation.expressions import Quotient
    >>> half = calculation("half", Quotient(Number(1.0, 0), Number(2.0, 0)), Number(0.5, 1))
    >>> half.holds, half.result.shown
    (True, '0.5')
    """
    formula, result = stages[-2:]
    assert isinstance(result, Number)
    return Equation(Name(left), stages, ((formula, result),), note)


def _follows(formula: Expression, number: Number) -> bool:
    try:
        return number.shows(value_of(formula))
    except (ArithmeticError, ValueError):  # 1 / 0 or ln(0), of numbers shown with few digits
        return False


def settle(build: Callable[[int, int], Sequence[Equation]], n_terms: int = 1) -> list[Equation]:
    """Return equations with as few digits as let all of them hold.

    Parameters
    ----------
    build : callable
        build(digits, more) makes them, with so many significant digits of what stands in the
        formulas, and more decimals of results than usual; fewer where `more` is below 0.
    n_terms : int
        Of the longest formula. The errors of many add up, so that few digits need not be tried.

    Examples
    --------
    >>> def build(digits, more):
    ...     third, half = to_digits(1 / 3, digits), to_digits(0.5, digits)
    ...     result = Number(1 / 3 + 0.5, 4 + more)
    ...     formula = Sum((third, half))
    ...     return [calculation("sum", formula, result)]
    >>> from layerwise.explanation.expressions import Sum
    >>> equation = settle(build)[0]
    >>> [number.shown for number in equation.stages[0].terms], equation.result.shown
    (['0.3333', '0.5'], '0.8333')
    """
    equations: Sequence[Equation] = ()
    likely = _DIGITS[0] + round(0.5 * math.log10(n_terms))
    for more in _MORE_DECIMALS:
        for digits in (digits for digits in _DIGITS if digits >= likely):
            equations = build(digits, more)
            if all(equation.holds for equation in equations):
                return list(equations)
    for more in _FEWER_DECIMALS:
        equations = build(_ALL_DIGITS, more)
        if all(equation.holds for equation in equations):
            break
    return list(equations)


def to_digits(x: float, digits: int) -> Number:
    """A number of which so many significant digits are shown."""
    return Number(float(x), decimals_for(x, digits))


def activated_decimals(z_decimals: int, a: float, slope: float) -> tuple[int, int]:
    """How many decimals of f(z) those of z can tell, one to four digits; and those z needs for it.

    Parameters
    ----------
    z_decimals : int
        Of z, as it is printed.
    a, slope : float
        f and f' at z.
    """
    more = -round(math.log10(max(abs(slope), 1e-12)))
    fourth = decimals_for(a, 4, least=1)
    told = min(max(1, z_decimals + more), fourth) if fourth > 0 else fourth
    return told, max(z_decimals, told - more)


def least_decimals(start: int, holds: Callable[[int], bool]) -> int:
    """The least number of decimals from `start` on with which something holds, if any does."""
    return next((n for n in range(start, start + 10) if holds(n)), start)


def lines_of(equation: Equation, width: int) -> list[list[Expression]]:
    """All stages on one line where they fit; else each on its own, but the last, short ones.

    Parameters
    ----------
    equation : Equation
    width : int
        In characters.

    Returns
    -------
    list of list of expressions
        The stages on each line.
    """
    stages = list(equation.stages)
    room = width + 3
    for side in (equation.left, *stages):
        room -= _length(side)
        if room < 0:
            break
    else:
        return [stages]
    if len(stages) > 2 and sum(map(_length, stages[-2:])) < width // 2:
        return [*([stage] for stage in stages[:-2]), stages[-2:]]
    return [[stage] for stage in stages]


def _length(side: Expression) -> int:
    """Characters of a side, and of " = "."""
    return letters("".join(text for _, text in tokens(side))) + 3
