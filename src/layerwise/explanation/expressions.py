"""Formulas with this row's numbers in them: a small tree, evaluated as it is printed.

A `Number` knows how many decimals are shown of it, and its value here is the one shown. So a
formula can be asked what a reader who recomputes it by hand would get.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from layerwise.architecture import ACTIVATIONS
from layerwise.architecture.steps import steps_of_layers
from layerwise.harmless_text import on_one_line

# What a token is, for those who colour it, and its text.
Token = tuple[str, str]

# What these formulas call their own quantities, beside what steps make of them.
_OWN_NAMES = r"(?:(?:p|z|t|mean|target|loss|sum|dL/d[zwbn]|(?:dL/d)?(?:{}))\(.*\)|dL/d\w+)"
_SMALL, _LARGE = 1e-4, 1e13  # beyond these, powers of ten
_MOST_CHARACTERS = 120  # of a name, which may stand in a hundred formulas
_MOST_DECIMALS = 300  # what is smaller is 0 to a calculator

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ln": math.log,  # an unmarked log is of base 10 in many schools
    # Holzmüller et al. 2024; see `layerwise.tables.encoders.number.squash`.
    "squash": lambda z: z / math.sqrt(1.0 + (z / 3.0) ** 2),
}


def without_middle(name: str) -> str:
    """A name without its middle where it is very long: names often differ at their end.

    Examples
    --------
    >>> without_middle("age"), len(without_middle("a" * 1000 + ", month"))
    ('age', 120)
    """
    if len(name) <= _MOST_CHARACTERS:
        return name
    half = _MOST_CHARACTERS // 2
    return f"{name[: half - 1]}…{name[-half:]}"


def decimals_for(x: float, digits: int, least: int = 0) -> int:
    """How many decimals show so many significant digits of x, and at least `least`.

    Of numbers so large that they are written with powers of ten, places before the point are
    rounded too: decimals below 0.

    Examples
    --------
    >>> decimals_for(0.01234, 3), decimals_for(12.34, 3), decimals_for(1234.0, 3)
    (4, 1, 0)
    >>> decimals_for(1.234e20, 3)
    -18
    """
    if x == 0 or not math.isfinite(x):
        return digits
    decimals = min(digits - 1 - math.floor(math.log10(abs(x))), _MOST_DECIMALS)
    return decimals if abs(x) >= _LARGE else max(least, decimals)


@dataclass(frozen=True)
class Number:
    """A number of which so many decimals are shown; zeros at its end only where it goes on.

    Examples
    --------
    >>> Number(0.12345, 3).shown, Number(0.5, 3).shown, Number(-0.00001, 3).shown
    ('0.123', '0.5', '0')
    >>> Number(0.000012345, 7).shown, Number(0.5001, 3).shown, Number(1.234e20, -18).shown
    ('1.23e-5', '0.500', '1.23e20')
    """

    exact: float
    decimals: int

    @cached_property
    def shown(self) -> str:
        """As it is printed, in ASCII."""
        if not math.isfinite(self.exact):
            return str(self.exact)
        rounded = self.value
        if rounded == 0:
            return "0"
        exponent = ""
        if abs(rounded) < _SMALL or abs(rounded) >= _LARGE or self.decimals < 0:
            # As many digits as were left: 9.6e-10 to nine decimals is 1e-9.
            digits = max(0, self.decimals + math.floor(math.log10(abs(rounded))))
            text, _, exponent = f"{rounded:.{min(digits, 16)}e}".partition("e")
            exponent = f"e{int(exponent)}"
        else:
            text = f"{rounded:.{self.decimals}f}"
        return f"{_stripped(text) if rounded == self.exact else text}{exponent}"

    @property
    def value(self) -> float:
        """The number that is shown."""
        return round(self.exact, self.decimals)

    def shows(self, value: float) -> bool:
        """Whether another value, rounded as this one, is printed the same."""
        if not math.isfinite(self.exact):
            return value == self.exact
        # Beside half a unit, a number of so many digits that doubles end there may round to it.
        is_near = abs(value - self.value) <= 0.5 * 10.0**-self.decimals * (1 + 1e-9)
        return is_near and round(value, self.decimals) == self.value


def _stripped(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Name:
    """What stands for a number: an input, a node; it has no value of its own.

    Attributes
    ----------
    text : str
    is_words : bool
        Whether it only says how many terms are left out: "3 more".
    """

    text: str
    is_words: bool = False


@dataclass(frozen=True)
class Sum:
    """Terms added up."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Product:
    """Factors multiplied."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Quotient:
    """One expression divided by another."""

    top: Expression
    bottom: Expression


@dataclass(frozen=True)
class Power:
    """A base raised to an exponent."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True)
class Call:
    """A function of numbers: exp, ln, an activation; with "'" behind its name, its derivative."""

    function: str
    arguments: tuple[Expression, ...]


Expression = Number | Name | Sum | Product | Quotient | Power | Call


def value_of(expression: Expression) -> float:
    """What a reader gets who computes a formula from the numbers shown.

    Raises
    ------
    TypeError
        If a name stands in it.

    Examples
    --------
    >>> value_of(Sum((Product((Number(0.41, 2), Number(2.0, 2))), Number(-0.1, 2))))
    0.72
    """
    match expression:
        case Number():
            return expression.value
        case Sum():
            return math.fsum(value_of(term) for term in expression.terms)
        case Product():
            return math.prod(value_of(factor) for factor in expression.factors)
        case Quotient():
            return value_of(expression.top) / value_of(expression.bottom)
        case Power():
            return float(value_of(expression.base) ** value_of(expression.exponent))
        case Call():
            arguments = [value_of(argument) for argument in expression.arguments]
            return float(function_called(expression.function)(*arguments))
        case Name():
            raise TypeError(f"{expression.text!r} stands for a number; a formula with it has none")


def function_called(name: str) -> Callable[..., float]:
    """What a name stands for in a formula: an activation, its slope, or what `math` calls so."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    activation = ACTIVATIONS.get(name.removesuffix("'"))
    if activation is None:
        function: Callable[..., float] = getattr(math, name)
        return function
    return activation.slope if name.endswith("'") else activation.function


def _is_plain(name: str) -> bool:
    """Whether a name can stand in a formula without brackets around it.

    Examples
    --------
    >>> (
    ...     _is_plain("age"),
    ...     _is_plain("norm(h1_2)"),
    ...     _is_plain("capital-gain"),
    ...     _is_plain("height (cm)"),
    ... )
    (True, True, False, False)
    """
    steps = "|".join(re.escape(step.symbol) for step in steps_of_layers().values())
    return name.isidentifier() or re.fullmatch(_OWN_NAMES.format(steps), name) is not None


def tokens(expression: Expression, minus: str = "-") -> Iterator[Token]:
    """Cut a formula into what a line of it is written with.

    Parameters
    ----------
    expression : Expression
    minus : str
        "-", or a true minus sign.

    Yields
    ------
    kind : {"number", "name", "function", "operator"}
    text : str

    Examples
    --------
    >>> formula = Sum((Product((Number(0.41, 2), Name("age"))), Number(-1.2, 2)))
    >>> "".join(text for _, text in tokens(formula))
    '0.41·age - 1.2'
    """
    match expression:
        case Number():
            yield "number", expression.shown.replace("-", minus)
        case Name():
            text = on_one_line(without_middle(expression.text))
            yield "name", text if _is_plain(text) else f"[{text}]"
        case Sum():
            for i, term in enumerate(expression.terms):
                positive = negated(term) if i else None
                if i:
                    yield "operator", f" {'+' if positive is None else minus} "
                yield from tokens(positive or term, minus)
        case Product():
            factors = expression.factors
            first = factors[0]
            is_one = isinstance(first, Number) and first.shown in {"1", "-1"}
            if is_one and len(factors) > 1 and not isinstance(factors[1], Number):  # 1·x is x
                if value_of(first) < 0:
                    yield "operator", minus
                factors = factors[1:]
            for i, factor in enumerate(factors):
                if i:
                    yield "operator", "·"
                yield from _within(factor, minus, first=i == 0)
        case Quotient():
            yield from _within(expression.top, minus, first=True)
            yield "operator", "/"
            yield from _within(expression.bottom, minus, tight=True)
        case Power():
            yield from _within(expression.base, minus, tight=True)
            yield "operator", "^"
            yield from _within(expression.exponent, minus, tight=True)
        case Call():
            yield "function", f"{expression.function}("
            for i, argument in enumerate(expression.arguments):
                if i:
                    yield "operator", ", "
                yield from tokens(argument, minus)
            yield "function", ")"


def _within(
    expression: Expression, minus: str, *, first: bool = False, tight: bool = False
) -> Iterator[Token]:
    """A factor, in parentheses where it would be read wrongly without."""
    bare = isinstance(expression, Name | Call) or (
        isinstance(expression, Number) and (first or expression.value >= 0)
    )
    if bare or (isinstance(expression, Product | Quotient | Power) and first and not tight):
        yield from tokens(expression, minus)
        return
    yield "operator", "("
    yield from tokens(expression, minus)
    yield "operator", ")"


def negated(term: Expression) -> Expression | None:
    """A term without its minus sign; None where it begins with none."""
    match term:
        case Number() if term.value < 0:
            return Number(-term.exact, term.decimals)
        case Product():
            first = negated(term.factors[0])
            return None if first is None else Product((first, *term.factors[1:]))
        case Quotient():
            top = negated(term.top)
            return None if top is None else Quotient(top, term.bottom)
        case _:
            return None
