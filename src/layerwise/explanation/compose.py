"""From an explanation to the blocks that are shown: what is said, and in which order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from layerwise.explanation.compose_backward import backward_blocks, importance_blocks
from layerwise.explanation.compose_layers import layer_blocks, output_blocks
from layerwise.explanation.document import Bar, Block, Cell, Formulas, Grid, Heading, Paragraph
from layerwise.explanation.equations import Equation, calculation, settle, to_digits
from layerwise.explanation.expressions import (
    Call,
    Expression,
    Name,
    Number,
    Product,
    Sum,
    decimals_for,
    without_middle,
)
from layerwise.explanation.layers import largest
from layerwise.language import counted, spoken, tr
from layerwise.texts import of_many

if TYPE_CHECKING:
    from layerwise.explanation.explained_row import ExplainedRow

_MOST_NETWORKS = 30
_MOST_RESULTS = 4


def compose(seen: ExplainedRow) -> list[Block]:
    """All of an explanation, the prediction first, then why, then each step of it."""
    blocks = [
        Heading(_capital(seen.title), 1),
        *_prediction(seen),
        *_why(seen),
        *_inputs(seen),
        *layer_blocks(seen),
        *output_blocks(seen),
        *_together(seen),
        *backward_blocks(seen),
        *importance_blocks(seen.importance),
        *_notes(seen),
    ]
    return [_with_short_names(block) for block in blocks]


def _with_short_names(block: Block) -> Block:
    """A table without the middle of very long names and cells."""
    if not isinstance(block, Grid):
        return block
    rows = [[without_middle(c) if isinstance(c, str) else c for c in row] for row in block.rows]
    return replace(block, rows=rows)


def _capital(text: str) -> str:
    """A sentence of English begins with a capital; one of Korean, with a name as it is."""
    return text[:1].upper() + text[1:] if spoken() == "en" else text


def _prediction(seen: ExplainedRow) -> list[Block]:
    subject = seen.subject
    results = subject.combining.kept(seen.results)
    if subject.is_classes:
        k = subject.predicted
        sentences = [
            tr(
                "Predicted: {name}, with the probability {p:.4g}{reason}.",
                name=subject.results[k],
                p=results[k],
                reason=f": {subject.decided_by}" if subject.decided_by else "",
            )
        ]
        if seen.of != k:
            sentences.append(
                tr(
                    "Explained: {name}, whose probability is {p:.4g}.",
                    name=subject.results[seen.of],
                    p=results[seen.of],
                )
            )
    else:
        values = zip(subject.results, results, strict=True)
        shown = ", ".join(f"{name} {value:.6g}" for name, value in values)
        sentences = [tr("Predicted: {values}.", values=shown)]
    answer = subject.answer
    if answer is not None and answer.place is not None:
        loss = -np.log(max(float(results[answer.place]), 1e-15))
        sentences.append(
            tr(
                "The answer: {answer}, for which the loss -ln(p) is {loss:.4g}.",
                answer=answer.text,
                loss=loss,
            )
        )
    elif answer is not None and len(answer.values) == 1 and len(results) == 1:
        sentences.append(
            tr(
                "The answer: {answer}; the prediction is off by {distance:+.4g}.",
                answer=answer.text,
                distance=results[0] - answer.values[0],
            )
        )
    elif answer is not None:
        sentences.append(tr("The answer: {answer}.", answer=answer.text))
    return [Paragraph(" ".join(sentences))]


def _why(seen: ExplainedRow) -> list[Block]:
    """What each column contributed."""
    subject, found = seen.subject, seen.attribution
    values = found.contributions
    shown = largest(values, len(values) if seen.top is None else max(seen.top, 12))
    equations, decimals = _completeness(seen, shown)
    size = float(np.abs(values).max(initial=0.0)) or 1.0
    rows: list[list[Cell]] = []
    for i in shown:
        cell = subject.cells[i]
        number = Number(float(values[i]), decimals)
        sign = "+" if number.value > 0 else ""
        start = subject.baseline.cells.get(cell.column, "")
        rows.append(
            [cell.column, cell.cell, start, f"{sign}{number.shown}", Bar(float(values[i]) / size)]
        )
    words = tr(
        "How each column moved {result} away from what it is for the baseline, {baseline}: "
        "integrated gradients (Sundararajan et al. 2017).",
        result=seen.result_words,
        baseline=subject.baseline.words,
    )
    if len(shown) < len(values):
        words += " " + of_many(len(shown), len(values), "columns") + "."
    n_left = len(values) - len(shown)
    others = tr(" and of {more}", more=counted(n_left, "more column")) if n_left else ""
    ends = decimals_for(max(abs(found.result), abs(found.baseline), size), 5)
    gap = tr(
        "These are {result} of the baseline, and the contributions above{others}. "
        "Completeness: the sum should be {sum}, and misses it by {gap:.2g} (the way from the "
        "baseline to the row was cut into {n_steps} steps).",
        result=seen.result_name,
        others=others,
        sum=Number(found.result, ends).shown,
        gap=abs(found.gap),
        n_steps=found.n_steps,
    )
    headings = [tr("column"), tr("in this row"), tr("in the baseline"), tr("contribution"), ""]
    return [
        Heading(tr("Why: what each column contributed")),
        Paragraph(words),
        Grid(headings, rows, frozenset({3})),
        Formulas(equations),
        Paragraph(gap),
    ]


def _completeness(seen: ExplainedRow, shown: list[int]) -> tuple[list[Equation], int]:
    """The baseline's result and all contributions added up; and the contributions' decimals."""
    found = seen.attribution
    values = found.contributions
    rest = float(values.sum() - values[shown].sum())
    n_left = len(values) - len(shown)
    reached = float(found.baseline + values.sum())
    size = max(float(np.abs(values).max(initial=0.0)), 1e-3 * abs(reached), 1e-12)
    # The sum is as exact as the steps are fine.
    told = min(decimals_for(size, 3, least=1), decimals_for(max(abs(found.gap), 1e-9), 1))
    told = max(told, decimals_for(size, 1, least=1))
    used: list[int] = []

    def build(digits: int, more: int) -> list[Equation]:
        decimals = decimals_for(size, digits)
        used.append(decimals)
        terms = [Number(found.baseline, decimals), *(Number(float(values[i]), decimals)
                                                     for i in shown)]  # fmt: skip
        if n_left:
            terms.append(Number(rest, decimals))
        formula = Sum((terms[0], *(term for term in terms[1:] if term.value != 0)))
        result = Number(reached, told + min(more, 0))
        return [calculation("sum", formula, result)]

    return settle(build), used[-1]


def _inputs(seen: ExplainedRow) -> list[Block]:
    """The row as it stands in the table, and as the network gets it."""
    subject = seen.subject
    cells = list(enumerate(subject.cells))
    if seen.top is not None and len(cells) > max(seen.top, 20):
        kept = set(largest(seen.attribution.contributions, max(seen.top, 12)))
        cells = [(i, cell) for i, cell in cells if i in kept]
    is_plain = all(cell.became == tr("as it is") for _, cell in cells)
    rows: list[list[Cell]] = []
    squashed = False
    for _, cell in cells:
        equations = cell.equations
        squashed |= any("squash" in str(equation) for equation in equations)
        first = equations[0] if equations else ""
        if is_plain:
            rows.append([cell.column, cell.cell])
            continue
        rows.append([cell.column, cell.cell, cell.became, first])
        rows += [["", "", "", equation] for equation in equations[1:]]
    headings = [tr("column"), tr("in the table"), tr("the network gets"), tr("which is")]
    title = tr("The row, as the table has it and as the network gets it")
    if is_plain:
        headings, title = [tr("input"), tr("value")], tr("The row")
    blocks: list[Block] = [Heading(title)]
    if len(cells) < len(subject.cells):
        words = tr(
            "{shown:,} of {n:,} columns are shown, those that contributed most.",
            shown=len(cells),
            n=len(subject.cells),
        )
        blocks.append(Paragraph(words))
    blocks.append(Grid(headings, rows))
    if squashed:
        blocks.append(
            Paragraph(
                tr(
                    "Numbers are taken from their median and divided by the distance of their "
                    "quartiles; squash(z) = z / sqrt(1 + (z / 3)^2) brings them to within -3 and 3."
                )
            )
        )
    return blocks


def _together(seen: ExplainedRow) -> list[Block]:
    """How the networks' outputs become the prediction."""
    subject = seen.subject
    n = len(subject.networks)
    equations = subject.combining.equations(seen.outputs, seen.of)
    if n == 1 and not equations:
        return []
    blocks: list[Block] = [
        Heading(
            tr("From {n} networks to one prediction", n=n)
            if n > 1
            else tr("From the network's output to the prediction")
        ),
        Paragraph(subject.combining.words),
    ]
    if n > 1:
        n_outputs = seen.outputs.shape[1]
        columns = list(range(n_outputs)) if n_outputs <= _MOST_RESULTS else [seen.of]
        names = [
            f"p({subject.score_names[k]})"
            if subject.is_classes
            else tr("output({name})", name=subject.score_names[k])
            for k in columns
        ]
        weights = subject.combining.weights
        given: list[list[str]] = [[] for _ in weights]
        if (weights != 1.0).any():
            names.insert(0, tr("weight"))
            given = [[to_digits(float(weight), 4).shown] for weight in weights]
        rows: list[list[Cell]] = [
            [
                tr("{i}, shown above", i=i + 1) if i == seen.member else f"{i + 1}",
                *given[i],
                *(to_digits(float(row[k]), 4).shown for k in columns),
            ]
            for i, row in enumerate(seen.outputs)
            if i < _MOST_NETWORKS or i == seen.member
        ]
        blocks.append(Grid([tr("network"), *names], rows, frozenset(range(1, len(names) + 1))))
        if len(rows) < n:
            blocks.append(Paragraph(of_many(len(rows), n, "networks") + "."))
    answer = subject.answer
    if answer is not None and answer.place is not None and n > 1:
        equations.append(_loss_of_all(seen, answer.place))
    blocks.append(Formulas(equations))
    kept = float(subject.combining.kept(seen.results)[seen.of])
    if kept != seen.results[seen.of]:
        blocks.append(
            Paragraph(
                tr(
                    "Kept within the targets trained on, {name} is {value:.6g}.",
                    name=seen.result_name,
                    value=kept,
                )
            )
        )
    return blocks


def _loss_of_all(seen: ExplainedRow, place: int) -> Equation:
    """The loss of what the networks say together."""
    p, name = float(seen.results[place]), seen.subject.results[place]

    def build(digits: int, more: int) -> list[Equation]:
        def formula(x: Expression) -> Product:
            return Product((Number(-1.0, 0), Call("ln", (x,))))

        loss = -math.log(p)
        result = Number(loss, min(decimals_for(loss, 3) + more, 12))
        computed = formula(to_digits(p, digits))
        stages = (formula(Name(f"p({name})")), computed, result)
        return [calculation("loss(all)", *stages)]

    return settle(build)[0]


def _notes(seen: ExplainedRow) -> list[Block]:
    notes = list(seen.subject.notes)
    notes.append(
        tr(
            "Computed in double precision from the networks' own numbers; what the model itself "
            "predicts differs by {gap:.1g}.",
            gap=seen.precision_gap,
        )
    )
    return [Heading(tr("Notes")), *(Paragraph(_capital(f"{note.rstrip('.')}.")) for note in notes)]
