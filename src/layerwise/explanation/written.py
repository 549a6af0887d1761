"""Formulas that write themselves down: a loss's `written`, called with an output, becomes one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, total_ordering
from typing import Any

import numpy as np

from layerwise.explanation.expressions import (
    Call,
    Expression,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    function_called,
)


@total_ordering
@dataclass(frozen=True, eq=False)
class Written:
    """A value and its formula. Arithmetic gives such again; comparisons are those of values.

    Attributes
    ----------
    expression : Expression
    value : float
        As exact as it is, whatever is shown of it.
    logarithm : Expression or None
        How its logarithm is written, where not as a function of it.
    rest : Written or None
        1 minus it, where that has digits of its own.
    """

    expression: Expression
    value: float
    logarithm: Expression | None = None
    rest: Written | None = None

    def __getattr__(self, name: str) -> Callable[[], Written]:
        """A function by its name: NumPy's functions ask their objects for these."""
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self._call, name, function_called(name))

    def _call(self, name: str, function: Callable[[float], float]) -> Written:
        formula: Expression = Call("ln" if name == "log" else name, (self.expression,))
        if name == "log" and self.logarithm is not None:
            formula = self.logarithm
        try:
            value = float(function(self.value))
        except (ArithmeticError, ValueError):  # ln(0)
            value = math.nan
        return Written(formula, value)

    def __eq__(self, other: object) -> bool:
        return self.value == _as_written(other).value

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: Operand) -> bool:
        return self.value < _as_written(other).value

    def __neg__(self) -> Written:
        return Written(minus(self.expression), -self.value)

    def __abs__(self) -> Written:
        return self._call("abs", abs)

    def __add__(self, other: Operand) -> Written:
        first, other = self.expression, _as_written(other)
        terms = first.terms if isinstance(first, Sum) else (first,)
        return Written(Sum((*terms, other.expression)), self.value + other.value)

    def __sub__(self, other: Operand) -> Written:
        return self + -_as_written(other)

    def __mul__(self, other: Operand) -> Written:
        first, other = self.expression, _as_written(other)
        factors: tuple[Expression, ...] = (first, other.expression)
        match other.expression:
            case Product((Number(-1.0), *rest)) if isinstance(first, Number):
                factors = (minus(first), *rest)
        return Written(Product(factors), self.value * other.value)

    def __truediv__(self, other: Operand) -> Written:
        other = _as_written(other)
        return Written(Quotient(self.expression, other.expression), self.value / other.value)

    def __pow__(self, other: Operand) -> Written:
        other = _as_written(other)
        return Written(Power(self.expression, other.expression), self.value**other.value)

    def __radd__(self, other: Operand) -> Written:
        return _as_written(other) + self

    def __rsub__(self, other: Operand) -> Written:
        return self.rest if other == 1 and self.rest is not None else _as_written(other) - self

    def __rmul__(self, other: Operand) -> Written:
        return _as_written(other) * self

    def __rtruediv__(self, other: Operand) -> Written:
        return _as_written(other) / self


Operand = Written | float


def _as_written(value: Any) -> Written:
    if isinstance(value, Written):
        return value
    return Written(Number(float(value), 17), float(value))


def minus(x: Expression) -> Expression:
    """An expression with the other sign."""
    match x:
        case Number():
            return Number(-x.exact, x.decimals)
        case Product((Number() as first, *rest)):
            return Product((minus(first), *rest))
        case _:
            return Product((Number(-1.0, 0), x))


def written(function: Callable[..., object], *arguments: Operand, **numbers: Operand) -> Expression:
    """The formula of a function of what is written down and of numbers."""
    # An array, where it is `where`.
    result = np.asarray(function(*arguments, **numbers), object).item()
    return _as_written(result).expression
