"""An explanation as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from layerwise.explanation.document import Bar, Block, Cell, Formulas, Grid, Heading, Paragraph
from layerwise.explanation.equations import Equation, lines_of
from layerwise.explanation.expressions import Expression, tokens
from layerwise.harmless_text import on_one_line
from layerwise.language import tr
from layerwise.texts import letters, padded, wrapped

_BAR = 10  # characters to each side


def to_text(blocks: Iterable[Block], width: int) -> str:
    """Write blocks as text."""
    lines: list[str] = []
    for block in blocks:
        if lines:
            lines.append("")
        lines += _lines(block, width)
    return "\n".join(lines) + "\n"


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading():
            text = on_one_line(block.text)
            yield text
            yield {1: "=", 2: "-"}.get(block.level, "~") * letters(text)
        case Paragraph():
            yield from wrapped(on_one_line(block.text), width, break_on_hyphens=False)
        case Formulas():
            for equation in block.equations:
                yield from _equation_lines(equation, width)
        case Grid():
            yield from _grid_lines(block, width)


def equation_text(equation: Equation) -> str:
    """An equation on one line.

    Examples
    --------
    >>> from layerwise.explanation.expressions import Call, Name, Number
    >>> z = Number(-0.8312, 3)
    >>> equation_text(Equation(Name("h1_2"), (Call("relu", (z,)), Number(0.0, 3))))
    'h1_2 = relu(-0.831) = 0'
    """
    return " = ".join(map(_written, (equation.left, *equation.stages)))


def _equation_lines(equation: Equation, width: int) -> Iterator[str]:
    """The left side and the first stage; below it, in line, the others."""
    note = f"    ({on_one_line(equation.note)})" if equation.note else ""
    left = _written(equation.left)
    indent = min(letters(left), 12)
    lines = lines_of(equation, width)
    for i, stages in enumerate(lines):
        written = " = ".join(map(_written, stages))
        start = f"{left} = " if i == 0 else f"{' ' * indent} = "
        rows = [start + written]
        if letters(rows[0]) > width:
            rows = wrapped(
                written,
                width,
                initial_indent=start,
                subsequent_indent=" " * (indent + 5),
                break_long_words=False,
                break_on_hyphens=False,
            )
        if i == len(lines) - 1:
            rows[-1] += note
        yield from rows


def _written(expression: Expression) -> str:
    return "".join(text for _, text in tokens(expression))


def bar_text(share: float) -> str:
    """A bar of characters.

    Examples
    --------
    >>> bar_text(0.5), bar_text(-0.3)
    ('          |+++++     ', '       ---|          ')
    """
    n = min(_BAR, round(abs(share) * _BAR))
    left = "-" * n if share < 0 else ""
    right = "+" * n if share > 0 else ""
    return f"{left:>{_BAR}}|{right:<{_BAR}}"


def _grid_lines(grid: Grid, width: int) -> Iterator[str]:
    headings = [on_one_line(heading) for heading in grid.headings]
    rows = [[_cell_text(cell) for cell in row] for row in grid.rows]
    columns = list(zip(headings, *rows, strict=True))
    widths = [max(map(letters, column)) for column in columns]
    while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 16:
        widths[widths.index(max(widths))] -= 1
    yield from _row_lines(headings, widths, grid.numeric)
    yield "  ".join("-" * w for w in widths)
    for row in rows:
        yield from _row_lines(row, widths, grid.numeric)


def _row_lines(
    cells: Sequence[str], widths: Sequence[int], numeric: frozenset[int]
) -> Iterator[str]:
    """A row, on as many lines as its longest cell takes."""
    broken = [
        wrapped(cell, w, break_on_hyphens=False) if letters(cell) > w else [cell]
        for cell, w in zip(cells, widths, strict=True)
    ]
    for i in range(max(map(len, broken))):
        parts = [
            padded(lines[i] if i < len(lines) else "", w, right=k in numeric)
            for k, (lines, w) in enumerate(zip(broken, widths, strict=True))
        ]
        yield "  ".join(parts).rstrip()


def _cell_text(cell: Cell) -> str:
    match cell:
        case None:
            return "(" + tr("missing") + ")"
        case Bar():
            return bar_text(cell.share)
        case Equation():
            return equation_text(cell)
        case _:
            return on_one_line(cell)
