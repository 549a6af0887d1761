"""An explanation on a terminal, in colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table

from layerwise.explanation.document import Bar, Block, Cell, Formulas, Grid, Heading, Paragraph
from layerwise.explanation.equations import Equation, lines_of
from layerwise.explanation.expressions import Expression, tokens
from layerwise.language import tr
from layerwise.screen import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLES = {"name": "cyan", "function": "bold", "operator": "", "number": ""}
_BAR = 10  # characters to each side
_WIDTH, _WIDEST_LEFT = 88, 40  # of an equation on one line, and of its left side
# Blue and orange differ to all eyes, and the side of the middle line says it once more.
_ABOVE, _BELOW = "blue", "dark_orange"


def to_rich(blocks: Iterable[Block]) -> RenderableType:
    """Make blocks what Rich prints."""
    parts: list[RenderableType] = []
    for block in blocks:
        if parts:
            parts.append(Text(""))
        parts += _parts(block)
    return Group(*parts)


def _parts(block: Block) -> list[RenderableType]:
    match block:
        case Heading():
            style = {1: "bold reverse", 2: "bold underline"}.get(block.level, "bold")
            return [Text(f" {block.text} " if block.level == 1 else block.text, style=style)]
        case Paragraph():
            return [Text(block.text)]
        case Formulas():
            return [_equation(equation) for equation in block.equations]
        case Grid():
            return [_table(block)]


def _formula(expression: Expression) -> Text:
    text = Text()
    for kind, part in tokens(expression):
        text.append(part, style=_STYLES[kind])
    return text


def _equation(equation: Equation) -> RenderableType:
    """The left side and the first stage; below it, in line, the others."""
    left = _formula(equation.left)
    left.stylize("bold")
    shown = Table.grid(padding=0)
    shown.add_column(no_wrap=len(left) <= _WIDEST_LEFT)
    shown.add_column(no_wrap=True)
    shown.add_column()
    lines = lines_of(equation, _WIDTH)
    for i, stages in enumerate(lines):
        written = Text(" = ").join(map(_formula, stages))
        if i == len(lines) - 1 and equation.note:
            written.append(f"   ({equation.note})", style="dim")
        shown.add_row(left if i == 0 else "", " = ", written)
    return shown


def _table(grid: Grid) -> Table:
    table = Table(box=box.HORIZONTALS, show_edge=False, pad_edge=False, collapse_padding=True)
    for i, heading in enumerate(grid.headings):
        table.add_column(Text(heading), justify="right" if i in grid.numeric else "left")
    for row in grid.rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(cell: Cell) -> RenderableType:
    match cell:
        case None:
            return Text(tr("missing"), style="italic dim")
        case Bar():
            n = min(_BAR, round(abs(cell.share) * _BAR))
            left = Text(f"{'━' * n if cell.share < 0 else '':>{_BAR}}", style=_BELOW)
            right = Text("━" * n if cell.share > 0 else "", style=_ABOVE)
            return Text.assemble(left, "│", right, no_wrap=True)
        case Equation():
            sides = [_formula(side) for side in (cell.left, *cell.stages)]
            return Text(" = ").join(sides)
        case _:
            return Text(cell)
