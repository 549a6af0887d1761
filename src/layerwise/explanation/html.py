"""An explanation as HTML: a page of its own, or a fragment for a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable

from layerwise.draw.inline import themed
from layerwise.explanation.document import Bar, Block, Cell, Formulas, Grid, Heading, Paragraph
from layerwise.explanation.equations import Equation, lines_of
from layerwise.explanation.expressions import Expression, tokens
from layerwise.harmless_text import as_markup
from layerwise.language import spoken, tr

_WIDTH = 96  # characters of an equation on one line
_MOST_COLUMNS = 9
# The blue and the orange of Okabe and Ito 2008, which all kinds of colour blindness can tell apart.
_LIGHT = (
    "--ground: #fff; --text: #222; --muted: #59626d; --line: #d5d9de; --name: #005f96; "
    "--above: #0072b2; --below: #d55e00;"
)
_DARK = (
    "--ground: #16191d; --text: #e6e6e6; --muted: #a4adb7; --line: #3a4047; --name: #7cc6f2; "
    "--above: #56b4e9; --below: #e69f00;"
)
_STYLE = f"""
{themed(".lw-explanation", _LIGHT, _DARK)}"""
# Twice the class: notebooks have rules of their own for tables, which are stronger than one.
_STYLE += """
.lw-explanation { color: var(--text); background: var(--ground); line-height: 1.5;
  padding: .1rem 1rem;
  font-family: system-ui, "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo",
  "Malgun Gothic", sans-serif; max-width: 70rem; word-break: keep-all;
  overflow-wrap: break-word; }
.lw-explanation h1 { font-size: 1.5rem; } .lw-explanation h2 { font-size: 1.2rem;
  margin-top: 2rem; border-bottom: 1px solid var(--line); }
.lw-explanation h3 { font-size: 1.05rem; margin-bottom: .3rem; }
.lw-explanation .wide { overflow-x: auto; margin: .8rem 0; --shade: color-mix(in srgb,
  var(--text) 40%, transparent); background:
  linear-gradient(to right, var(--ground) 50%, transparent) left / 32px 100% no-repeat local,
  linear-gradient(to left, var(--ground) 50%, transparent) right / 32px 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) left / 12px 100% no-repeat scroll,
  linear-gradient(to left, var(--shade), transparent) right / 12px 100% no-repeat scroll; }
.lw-explanation.lw-explanation table { table-layout: auto; margin: 0; border-collapse: collapse;
  font-variant-numeric: tabular-nums; font-size: .92rem; }
.lw-explanation.lw-explanation :is(table, tr) { background: none; }
.lw-explanation.lw-explanation :is(th, td) { padding: .15rem .9rem .15rem 0; vertical-align: top;
  text-align: left; border-bottom: 1px solid var(--line); }
.lw-explanation.lw-explanation th { color: var(--muted); font-weight: 500; }
.lw-explanation td { max-width: 22rem; } .lw-explanation td:first-child { max-width: 18rem;
  overflow-wrap: anywhere; min-width: 6rem; }
{numeric} { text-align: right; white-space: nowrap; }
.lw-explanation .missing, .lw-explanation .note { color: var(--muted); font-style: italic; }
.lw-explanation .formula, .lw-explanation td .inline { font-size: .88rem; font-family:
  ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Noto Sans KR", monospace; }
.lw-explanation .formula { display: grid; grid-template-columns: fit-content(40%) minmax(0, 1fr);
  column-gap: .6ch; margin: .35rem 0; }
.lw-explanation .formula .left { grid-column: 1; }
.lw-explanation .formula .stage { grid-column: 2; padding-left: 3ch; text-indent: -3ch; }
.lw-explanation b { color: var(--name); font-weight: inherit; }
.lw-explanation .function { font-weight: 600; }
.lw-explanation .bar { display: block; width: 9rem; height: .8rem; position: relative;
  margin-top: .35rem; background: linear-gradient(var(--muted), var(--muted)) center/1px 100%
  no-repeat; }
.lw-explanation .bar i { position: absolute; top: .1rem; bottom: .1rem; }
.lw-explanation .bar .above { left: 50%; background: var(--above); }
.lw-explanation .bar .below { right: 50%; background: var(--below); }
@media (max-width: 40rem) { .lw-explanation .bar { width: 5rem; }
  .lw-explanation td:first-child { max-width: 10rem; }
  .lw-explanation td:has(.inline) { min-width: 14rem; }
  .lw-explanation td:nth-child(3) { min-width: 4.5rem; }
  .lw-explanation .formula { grid-template-columns: 1fr; }
  .lw-explanation .formula .stage { grid-column: 1; padding-left: 5ch; } }
""".replace(
    "{numeric}",
    ", ".join(
        f".lw-explanation .n{i} :is(td, th):nth-child({i})" for i in range(1, _MOST_COLUMNS + 1)
    ),
)
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>body {{ margin: 1.4rem auto; max-width: 72rem; background: #fff; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #16191d; }} }}</style>
</head>
<body>
{body}
</body>
</html>
"""


def to_page(blocks: Iterable[Block], title: str) -> str:
    """Write blocks as a page that needs nothing else."""
    return _PAGE.format(language=spoken(), title=as_markup(title), body=to_fragment(blocks))


def to_fragment(blocks: Iterable[Block]) -> str:
    """Write blocks as one element, with its style."""
    language = "" if spoken() == "en" else f' lang="{spoken()}"'
    body = to_body(blocks)
    return f'<div class="lw-explanation"{language}><style>{_STYLE}</style>\n{body}\n</div>'


def to_body(blocks: Iterable[Block]) -> str:
    """Write blocks alone, for a page that has a style of its own for them."""
    return "\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{as_markup(block.text)}</h{block.level}>"
        case Paragraph():
            return f"<p>{as_markup(block.text)}</p>"
        case Formulas():
            return "\n".join(_equation(equation) for equation in block.equations)
        case Grid():
            return _grid(block)


def _formula(expression: Expression) -> str:
    parts = []
    for kind, text in tokens(expression, minus="−"):
        match kind:  # of tens of thousands of weights, with as little around them as can be
            case "number":
                parts.append(_power_of_ten(text))
            case "name":
                parts.append(f"<b>{as_markup(text)}</b>")
            case "function":
                parts.append(f'<span class="function">{as_markup(text)}</span>')
            case _:
                parts.append(as_markup(text))
    return "".join(parts)


def _power_of_ten(text: str) -> str:
    return re.sub(r"e(.+)", r"·10<sup>\1</sup>", text)


def _equation(equation: Equation) -> str:
    note = f' <span class="note">({as_markup(equation.note)})</span>' if equation.note else ""
    lines = [" = ".join(map(_formula, stages)) for stages in lines_of(equation, _WIDTH)]
    lines[-1] += note
    rows = "".join(f'<span class="stage">= {line}</span>' for line in lines)
    left = _formula(equation.left)
    return f'<div class="formula"><span class="left">{left}</span>{rows}</div>'


def _grid(grid: Grid) -> str:
    head = "".join(f"<th>{as_markup(heading)}</th>" for heading in grid.headings)
    # HTML needs no end of a cell, nor of a row.
    rows = "\n".join("<tr>" + "".join(f"<td>{_cell(cell)}" for cell in row) for row in grid.rows)
    numeric = " ".join(f"n{i + 1}" for i in sorted(grid.numeric))
    return (
        f'<div class="wide" tabindex="0"><table class="{numeric}"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return '<span class="missing">' + tr("missing") + "</span>"
        case Bar():
            side = "below" if cell.share < 0 else "above"
            width = f"{50 * abs(cell.share):.1f}%"
            return f'<span class="bar"><i class="{side}" style="width: {width}"></i></span>'
        case Equation():
            sides = " = ".join(_formula(side) for side in (cell.left, *cell.stages))
            return f'<span class="inline">{sides}</span>'
        case _:
            return as_markup(cell).replace("-", "−") if _is_number(cell) else as_markup(cell)


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[\d.]+(e-?\d+)?", cell))
