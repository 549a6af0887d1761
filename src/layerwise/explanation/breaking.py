"""Which stages of an equation stand together on a line."""

from __future__ import annotations

from layerwise.explanation.equations import Equation
from layerwise.explanation.expressions import Expression, tokens
from layerwise.explanation.width import width_of

__all__ = ["lines_of"]


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
    return width_of("".join(text for _, text in tokens(side))) + 3
