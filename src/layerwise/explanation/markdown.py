"""An explanation as Markdown, its formulas in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from layerwise.explanation.document import Bar, Block, Cell, Formulas, Grid, Heading, Paragraph
from layerwise.explanation.equations import Equation, lines_of
from layerwise.explanation.expressions import (
    Call,
    Expression,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    negated,
    without_middle,
)
from layerwise.harmless_text import as_latex, as_markdown
from layerwise.language import tr

_WIDTH = 72  # characters of an equation on one line


def to_markdown(blocks: Iterable[Block]) -> str:
    """Write blocks as Markdown."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {as_markdown(block.text)}"
        case Paragraph():
            return as_markdown(block.text)
        case Formulas():
            return _formulas(block.equations)
        case Grid():
            return _grid(block)


def _formulas(equations: Sequence[Equation]) -> str:
    lines = []
    for equation in equations:
        left = latex_of(equation.left)
        stages = [" = ".join(map(latex_of, line)) for line in lines_of(equation, _WIDTH)]
        note = rf" \quad \text{{({as_latex(equation.note)})}}" if equation.note else ""
        lines += [f"{left} &= {stages[0]}", *(f"&= {stage}" for stage in stages[1:])]
        lines[-1] += note
    body = " \\\\\n".join(lines)
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"


def latex_of(expression: Expression) -> str:
    r"""A formula in LaTeX.

    Examples
    --------
    >>> print(latex_of(Call("relu", (Product((Number(0.41, 2), Name("h1_2"))),))))
    \operatorname{relu}\left(0.41 \cdot h_{1,2}\right)
    """
    match expression:
        case Number():
            mantissa, _, exponent = expression.shown.partition("e")
            return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa
        case Name():
            if expression.is_words:
                return rf"\langle\text{{{as_latex(expression.text)}}}\rangle"
            return _name(expression.text)
        case Sum():
            return _sum(expression)
        case Product():
            factors = expression.factors
            first = factors[0]
            if isinstance(first, Number) and first.shown == "-1" and len(factors) > 1:
                return f"-{latex_of(Product(factors[1:]))}"
            return r" \cdot ".join(_factor(x, first=i == 0) for i, x in enumerate(factors))
        case Quotient():
            return rf"\frac{{{latex_of(expression.top)}}}{{{latex_of(expression.bottom)}}}"
        case Power():
            return rf"{_factor(expression.base, first=False)}^{{{latex_of(expression.exponent)}}}"
        case Call():
            inside = ", ".join(latex_of(argument) for argument in expression.arguments)
            return rf"{_function(expression.function)}\left({inside}\right)"


def _function(name: str) -> str:
    if name in {"exp", "ln", "sin", "cos"}:
        return rf"\{name}"
    prime = "'" if name.endswith("'") else ""
    escaped = name.removesuffix("'").replace("_", r"\_")
    return rf"\operatorname{{{escaped}}}{prime}"


def _sum(expression: Sum) -> str:
    parts = []
    for i, term in enumerate(expression.terms):
        positive = negated(term) if i else None
        sign = f"{'+' if positive is None else '-'} " if i else ""
        parts.append(f"{sign}{latex_of(positive or term)}")
    return " ".join(parts)


def _factor(expression: Expression, *, first: bool) -> str:
    text = latex_of(expression)
    alone = isinstance(expression, Name | Call | Quotient) or (
        isinstance(expression, Number) and (first or expression.value >= 0)
    )
    return text if alone or (first and isinstance(expression, Product)) else rf"\left({text}\right)"


_NODE = re.compile(r"(?:h(\d+)_(\d+)|s_(\d+)|e_(\d+))")


def _name(text: str) -> str:
    r"""A name: a node as h_{1,2}, a derivative as a fraction, all else upright."""
    node = _NODE.fullmatch(text)
    if node:
        layer, place, score, power = node.groups()
        if layer:
            return f"h_{{{layer},{place}}}"
        return f"s_{{{score}}}" if score else f"e_{{{power}}}"
    derivative = re.fullmatch(r"dL/d(?:(z|w|b|n)\((.*)\)|(.*))", text)
    if derivative:
        kind, inner, plain = derivative.groups()
        below = _name(plain) if plain else f"{kind}({_pair(inner)})"
        return rf"\frac{{\partial L}}{{\partial {below}}}"
    called = re.fullmatch(r"(p|z|t|mean|norm|target|loss|sum)\((.*)\)", text)
    if called:
        function, inner = called.groups()
        start = function if len(function) == 1 else rf"\operatorname{{{function}}}"
        return rf"{start}({_name(inner)})"
    return rf"\text{{{as_latex(without_middle(text))}}}"


def _pair(text: str) -> str:
    """Two nodes, or one; an input's own name may hold a comma."""
    source, comma, node = text.rpartition(",")
    return rf"{_name(source)} \to {_name(node)}" if comma else _name(node)


def _grid(grid: Grid) -> str:
    lines = [
        "| " + " | ".join(as_markdown(heading) for heading in grid.headings) + " |",
        "|" + "|".join("---:" if i in grid.numeric else "---" for i in range(len(grid.headings)))
        + "|",
    ]  # fmt: skip
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in grid.rows]
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return "*" + tr("missing") + "*"
        case Bar():
            blocks = "█" * round(10 * abs(cell.share))
            return f"{'−' if cell.share < 0 and blocks else ''}{blocks}"
        case Equation():
            sides = [latex_of(side) for side in (cell.left, *cell.stages)]
            return f"${' = '.join(sides)}$".replace("|", r"\|")
        case _:
            return as_markdown(cell)
