"""Formulas of entries as nodes of an ONNX graph, in float32.

An activation or an output function is written once, with arithmetic, comparisons and the functions
of `layerwise.architecture.elementary`. Called with a `Traced`, it adds its nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING

import numpy as np

from layerwise.architecture.elementary import EXP_LIMITS
from layerwise.files.atomic_writing import ModelFileError

if TYPE_CHECKING:
    from layerwise.store.onnx_graph import Graph

__all__ = ["add_formula"]


@dataclass(frozen=True, eq=False)
class Traced:
    """A result in a graph under construction."""

    graph: Graph
    name: str

    __array_ufunc__ = None  # NumPy's numbers leave arithmetic to it

    def node(self, operator: str, *operands: Operand) -> Traced:
        """A node of these."""
        return Traced(self.graph, self.graph(operator, *map(self.name_of, operands)))

    def name_of(self, operand: Operand) -> str:
        """What it is called in the graph, a number becoming a constant."""
        if isinstance(operand, Traced):
            return operand.name
        return self.graph.constant(np.float32(operand))

    def __bool__(self) -> bool:
        raise TypeError("a graph has no branches: use `where`")

    def __neg__(self) -> Traced:
        return self.node("Neg", self)

    def __add__(self, other: Operand) -> Traced:
        return self.node("Add", self, other)

    def __radd__(self, other: Operand) -> Traced:
        return self.node("Add", other, self)

    def __sub__(self, other: Operand) -> Traced:
        return self.node("Sub", self, other)

    def __rsub__(self, other: Operand) -> Traced:
        return self.node("Sub", other, self)

    def __mul__(self, other: Operand) -> Traced:
        return self.node("Mul", self, other)

    def __rmul__(self, other: Operand) -> Traced:
        return self.node("Mul", other, self)

    def __truediv__(self, other: Operand) -> Traced:
        return self.node("Div", self, other)

    def __rtruediv__(self, other: Operand) -> Traced:
        return self.node("Div", other, self)

    def __lt__(self, other: Operand) -> Traced:
        return self.node("Less", self, other)

    def __le__(self, other: Operand) -> Traced:
        return self.node("LessOrEqual", self, other)

    def __gt__(self, other: Operand) -> Traced:
        return self.node("Greater", self, other)

    def __ge__(self, other: Operand) -> Traced:
        return self.node("GreaterOrEqual", self, other)


Operand = Traced | float


def exp(x: Traced) -> Traced:
    return x.node("Exp", x.node("Clip", x, *EXP_LIMITS[4]))


def tanh_softplus(x: Traced) -> Traced:
    return x.node("Tanh", x.node("Softplus", x))


def normal_cdf(x: Traced) -> Traced:
    # Φ(x) = (1 + erf(x / √2)) / 2
    return (x.node("Erf", x * 0.5**0.5) + 1.0) * 0.5


def where(condition: Traced, yes: Operand, no: Operand) -> Traced:
    return condition.node("Where", condition, yes, no)


# The functions of `layerwise.architecture.elementary`.
_FUNCTIONS: dict[str, Callable[..., Operand]] = {
    "exp": exp,
    "expm1": lambda x: exp(x) - 1.0,
    "sigmoid": lambda x: x.node("Sigmoid", x),
    "tanh": lambda x: x.node("Tanh", x),
    "tanh_softplus": tanh_softplus,
    "log1p_exp_of_minus": lambda x: x.node("Softplus", -x),
    "normal_cdf": normal_cdf,
    "normal_pdf": lambda x: exp(-0.5 * x * x) * 0.3989422804014327,
    "one": lambda x: 1.0,
    "number": lambda value, like: float(value),
    "where": where,
}


def add_formula(
    graph: Graph, function: Callable[..., object], what: str, x: str, *others: str
) -> str:
    """Add the nodes of function(x, *others), and name their result.

    Parameters
    ----------
    graph : Graph
    function : callable
        Of an entry.
    what : str
        What it is, for the message.
    x, *others : str
        What enters it: names in the graph.

    Raises
    ------
    ModelFileError
        If the formula is of more than arithmetic, comparisons and elementary functions.
    """
    operands = [Traced(graph, name) for name in (x, *others)]
    try:
        assert isinstance(function, FunctionType)
        names = {**function.__globals__, **_FUNCTIONS}
        result = FunctionType(function.__code__, names)(*operands)
        return operands[0].name_of(result)
    except (AssertionError, AttributeError, TypeError, ValueError):
        raise ModelFileError(f"{what} has no expression in ONNX; train with another") from None
