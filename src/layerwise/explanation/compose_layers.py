"""The part of an explanation that goes through one network, layer by layer, to its output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwise.architecture import OUTPUTS
from layerwise.explanation.document import Block, Formulas, Heading, Paragraph
from layerwise.explanation.equations import Equation, calculation, settle, to_digits
from layerwise.explanation.expressions import Name, Number, Product, decimals_for
from layerwise.explanation.layers import LayerSeen, all_or_largest, node_equation, step_equation
from layerwise.explanation.outputs import loss_equations, output_equations
from layerwise.language import counted, tr
from layerwise.texts import first_up, of_many

if TYPE_CHECKING:
    from layerwise.explanation.explained_row import ExplainedRow


def shown_nodes(seen: ExplainedRow, i: int) -> list[int]:
    """Which nodes of a hidden layer are shown: all, or those that move the score most."""
    return all_or_largest(seen.effects[i], seen.top)


def shown_outputs(seen: ExplainedRow) -> list[int]:
    """Which of the network's outputs are shown: all; or what is explained, the answer, the most."""
    n = len(seen.scores)
    if seen.top is None or n <= seen.top + 2:
        return list(range(n))
    chosen = [min(seen.of, n - 1)]
    answer = seen.subject.answer
    if answer is not None and answer.place is not None:
        chosen.append(min(answer.place, n - 1))
    order = sorted(range(n), key=lambda k: -float(seen.scores[k]))
    return list(dict.fromkeys([*chosen, *order]))[: seen.top]


def layer_blocks(seen: ExplainedRow) -> list[Block]:
    """Every layer's formulas."""
    subject, n = seen.subject, len(seen.subject.networks)
    architecture = subject.networks[seen.member].architecture
    title = tr("The network, layer by layer")
    words = f"{architecture.title}: {architecture.summary}."
    if n > 1:
        title = tr("Network {i} of {n}, layer by layer", i=seen.member + 1, n=n)
        words += " " + tr(
            "The prediction averages {n} such networks; each can be shown (member 1 to {n}).", n=n
        )
    blocks: list[Block] = [Heading(title), Paragraph(words), *_entering(seen)]
    for i, layer in enumerate(seen.layers):
        is_last = i == len(seen.layers) - 1
        shown = shown_outputs(seen) if is_last else shown_nodes(seen, i)
        blocks += _layer(seen, layer, shown, is_last=is_last)
    return blocks


def _layer(seen: ExplainedRow, layer: LayerSeen, shown: list[int], *, is_last: bool) -> list[Block]:
    own = layer.layer
    name = tr("Output layer") if is_last else tr("Hidden layer {i}", i=own.name.split()[-1])
    size = counted(own.fan_out, "score") if is_last else counted(own.fan_out, "node")
    blocks: list[Block] = [Heading(f"{name}: {size}, {own.formula}", 3)]
    words = []
    if is_last and len(seen.scores) > 1:
        names = [
            tr("{score} is {name}", score=layer.node_names[k], name=seen.subject.score_names[k])
            for k in shown
        ]
        words.append(tr("Scores: {names}.", names=", ".join(names)))
    elif is_last:
        words.append(tr("s_1 is the score of {name}.", name=seen.subject.score_names[0]))
    if len(shown) < own.fan_out and is_last:
        words.append(of_many(len(shown), own.fan_out, "scores") + ".")
    elif len(shown) < own.fan_out:
        words.append(
            tr(
                "{shown}, those that move the score of {name} most.",
                shown=of_many(len(shown), own.fan_out, "nodes"),
                name=_score_name(seen),
            )
        )
    if seen.top is not None and own.fan_in > seen.top:
        words.append(
            tr(
                "In each, the {most} largest of {n:,} terms are written out.",
                most=seen.top,
                n=own.fan_in,
            )
        )
    if own.dropout:
        words.append(
            tr("Dropout ({share:g}) leaves nodes out in training alone.", share=own.dropout)
        )
    if words:
        blocks.append(Paragraph(" ".join(words)))
    if layer.first_step is not None:
        inputs = dict.fromkeys(i for node in shown for i in layer.largest_terms(node, seen.top))
        blocks += [
            Paragraph(tr(layer.first_step.words)),
            Formulas([step_equation(layer, i) for i in inputs]),
        ]
    blocks.append(Formulas([node_equation(layer, node, seen.top) for node in shown]))
    return blocks


def _score_name(seen: ExplainedRow) -> str:
    names = seen.subject.score_names
    return names[min(seen.of, len(names) - 1)]


def _entering(seen: ExplainedRow) -> list[Block]:
    """The numbers that enter the first layer, where they are not the row's own."""
    first = seen.layers[0]
    names, n = seen.feature_names, len(seen.feature_names)
    is_own = tuple(cell.column for cell in seen.subject.cells) == names
    if is_own and bool((seen.factors == 1.0).all()):
        return []
    nodes = shown_nodes(seen, 0) if len(seen.layers) > 1 else shown_outputs(seen)
    inputs = range(n)
    shown = sorted({i for node in nodes for i in first.largest_terms(node, seen.top)})
    if seen.top is None or len(shown) == n:
        shown = list(inputs)
    if len(shown) < n:
        words = tr(
            "What enters its first layer: {numbers}, of which {shown:,} are among the largest "
            "terms below.",
            numbers=counted(n, "number"),
            shown=len(shown),
        )
    else:
        words = tr("What enters its first layer: {numbers}.", numbers=counted(n, "number"))
    for placed in seen.subject.networks[seen.member].architecture.input_steps:
        if placed.step.slot == "numbers" and placed.step.words:
            words += f" {tr(placed.step.words)}"
    if not bool((seen.factors == 1.0).all()):
        words += " " + tr("Each is multiplied by a learned factor, written first.")
    return [Paragraph(words), Formulas([_entering_equation(seen, i) for i in shown])]


def _entering_equation(seen: ExplainedRow, i: int) -> Equation:
    factor, value = float(seen.factors[i]), float(seen.features[i])
    entered = factor * value

    def build(digits: int, more: int) -> list[Equation]:
        result = Number(entered, decimals_for(entered, 3) + more)
        if factor == 1.0:
            return [Equation(Name(seen.feature_names[i]), (to_digits(value, 4),))]
        formula = Product((to_digits(factor, digits), to_digits(value, digits)))
        return [calculation(seen.feature_names[i], formula, result)]

    return settle(build)[0]


def output_blocks(seen: ExplainedRow) -> list[Block]:
    """From the scores to the outputs, and to the loss where the answer is known."""
    subject = seen.subject
    network = subject.networks[seen.member]
    output, shown = network.architecture.output, shown_outputs(seen)
    names = subject.score_names
    outputs = seen.outputs[seen.member]
    blocks: list[Block] = []
    equations = output_equations(output, seen.scores, seen.layers[-1].node_names, names, shown)
    if equations:
        entry = OUTPUTS[output]
        blocks.append(Heading(tr(entry.title), 3))
        if entry.of_classes:
            blocks.append(Paragraph(_softmax_words(seen)))
        if seen.scores.max() > entry.limit:
            words = tr(
                "A score above {limit:g} counts as {limit:g}: no rate is larger.",
                limit=entry.limit,
            )
            blocks.append(Paragraph(words))
        blocks.append(Formulas(equations))
    answer, found = subject.answer, seen.backward
    if answer is None or found is None:
        return blocks
    loss = subject.loss
    title = tr("The loss of this network") if len(subject.networks) > 1 else tr("The loss")
    blocks.append(Heading(title, 3))
    formula = first_up(tr(loss.formula))
    words = tr("{formula}; p is the output, y the target.", formula=formula)
    if "ln(" in loss.formula:
        words = tr("{formula}; ln is the natural logarithm.", formula=formula)
    blocks.append(Paragraph(words))
    named = names if equations else list(seen.layers[-1].node_names)
    written = loss_equations(loss, seen.scores, outputs, answer.target[0], found.loss, named)
    blocks.append(Formulas([*answer.equations, *written]))
    return blocks


def _softmax_words(seen: ExplainedRow) -> str:
    words = [
        tr("Each score is made positive by exp, and divided by the sum: all shares add up to 1.")
    ]
    if abs(float(abs(seen.scores).max())) > 30:
        words.append(
            tr("The largest score is taken off all of them first, which changes no share.")
        )
    if len(seen.subject.networks) > 1:
        words.append(tr("This is one network's view of {result}.", result=seen.result_words))
    return " ".join(words)
