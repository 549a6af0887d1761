"""Equations whose printed numbers can be recomputed: digits are added until that is true."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from layerwise.explanation.expressions import (
    Call,
    Expression,
    Name,
    Number,
    decimals_for,
    value_of,
)

__all__ = ["Check", "Equation", "activated", "settle", "to_digits"]

# Significant digits tried for what stands in a formula, and decimals added to its result.
_DIGITS = (3, 4, 5, 6, 7, 9, 12, 17)
_MORE_DECIMALS = (0, 1, 2, 3, 5)
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


def _follows(formula: Expression, number: Number) -> bool:
    try:
        return number.shows(value_of(formula))
    except (ArithmeticError, ValueError):  # 1 / 0 or log(0), of numbers shown with few digits
        return False


def settle(build: Callable[[int, int], Sequence[Equation]], n_terms: int = 1) -> list[Equation]:
    """Return equations with as few digits as let all of them hold.

    Parameters
    ----------
    build : callable
        build(digits, more) makes them, with so many significant digits of what stands in the
        formulas, and more decimals of results than usual.
    n_terms : int
        Of the longest formula. The errors of many add up, so that few digits need not be tried.

    Examples
    --------
    >>> def build(digits, more):
    ...     third, half = to_digits(1 / 3, digits), to_digits(0.5, digits)
    ...     result = Number(1 / 3 + 0.5, 4 + more)
    ...     formula = Sum((third, half))
    ...     return [Equation(Name("sum"), (formula, result), ((formula, result),))]
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
    return list(equations)


def to_digits(x: float, digits: int) -> Number:
    """A number of which so many significant digits are shown."""
    return Number(float(x), decimals_for(x, digits))


def activated(
    function: str, z: Number, a: float, slope: float, parameter: Sequence[Number] = ()
) -> tuple[Expression, Number]:
    """(f(z), its value), with as many decimals as those of z can tell, up to four digits.

    Parameters
    ----------
    function : str
    z : Number
        As it is printed.
    a, slope : float
        f and f' at z.
    """
    told = z.decimals - round(math.log10(max(abs(slope), 1e-12)))
    decimals = max(1, min(told, decimals_for(a, 4)))
    return Call(function, (z, *parameter)), Number(float(a), decimals)
