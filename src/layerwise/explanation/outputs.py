"""From scores to outputs, softmax written out step by step; and from outputs to the loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from layerwise.architecture import OUTPUTS, Loss, Output
from layerwise.architecture.output_functions import RATE_LIMIT
from layerwise.arrays import Reals
from layerwise.explanation.equations import (
    Equation,
    activated_decimals,
    calculation,
    settle,
    to_digits,
)
from layerwise.explanation.expressions import (
    Call,
    Expression,
    Name,
    Number,
    Product,
    Quotient,
    Sum,
    decimals_for,
    value_of,
)
from layerwise.explanation.written import Written, minus, written
from layerwise.language import tr

Build = Callable[[int, int], list[Equation]]
_NEXT_TO_0 = 1e-9
_MOST_DECIMALS = 12
_LARGEST_SCORE = RATE_LIMIT  # beyond it, exp() of scores is written with the largest taken off


def output_equations(
    output: str,
    scores: Reals,
    score_names: Sequence[str],
    results: Sequence[str],
    shown: Sequence[int],
) -> list[Equation]:
    """What the output function makes of the scores.

    Parameters
    ----------
    output : str
        Key of `layerwise.architecture.OUTPUTS`.
    scores : ndarray, shape (n_outputs,)
    score_names, results : sequence of str
        What scores and outputs are called.
    shown : sequence of int
        Which outputs are written out; of softmax, the others are in the sum as one number.
    """
    entry = OUTPUTS[output]
    if entry.of_classes:
        return _softmax(scores, score_names, results, shown)
    if entry.written is None:
        return []
    equations = []
    for k in shown:
        equations += settle(_of_one_score(entry, float(scores[k]), score_names[k], results[k]))
    return equations


def _of_one_score(entry: Output, score: float, name: str, result: str) -> Build:
    assert entry.function is not None
    assert entry.slope is not None
    assert entry.written is not None
    write, s = entry.written, min(score, entry.limit)
    p, slope = float(entry.function(s)), float(entry.slope(s))

    def build(digits: int, more: int) -> list[Equation]:
        number = Number(s, decimals_for(s, digits))
        told, _ = activated_decimals(number.decimals, p, slope)
        value = Number(p, max(min(told, decimals_for(p, 4)), decimals_for(p, 3)))
        formula = written(write, Written(number, s))
        left = f"p({result})" if entry.of_probabilities else result
        stages = (Call(entry.name, (Name(name),)), formula, value)
        return [calculation(left, *stages)]

    return build


def _softmax(
    scores: Reals, score_names: Sequence[str], results: Sequence[str], shown: Sequence[int]
) -> list[Equation]:
    largest = float(scores.max())
    off = largest if np.abs(scores).max() > _LARGEST_SCORE else 0.0
    powers = np.exp(scores - off)
    total = float(powers.sum())
    n_left = len(scores) - len(shown)
    rest = total - float(powers[list(shown)].sum())

    def build(digits: int, more: int) -> list[Equation]:
        equations, terms = [], []
        for k in shown:
            # As exact as the power is: exp makes differences of scores proportions.
            score = Number(float(scores[k]), digits + 1)
            power = Number(float(powers[k]), decimals_for(max(powers[k], 1e-4 * total), digits))
            exponent: Expression = score
            by_name: Expression = Name(score_names[k])
            if off:
                maximum = Number(-off, digits + 1)
                exponent, by_name = (Sum((x, maximum)) for x in (exponent, by_name))
            formula = Call("exp", (exponent,))
            stages = (Call("exp", (by_name,)), formula, power)
            equations.append(calculation(f"e_{k + 1}", *stages))
            terms.append(power)
        if n_left:
            terms.append(Number(rest, decimals_for(max(rest, 1e-4 * total), digits)))
        sum_of_powers = to_digits(total, max(3, digits - 1))
        added = Sum(tuple(terms))
        names = [Name(f"e_{k + 1}") for k in shown]
        names += [Name(tr("{n:,} more", n=n_left), is_words=True)] if n_left else []
        equations.append(calculation("sum", Sum(tuple(names)), added, sum_of_powers))
        for k, power in zip(shown, terms, strict=False):
            p = float(powers[k]) / total
            # Of a probability near 1, what it lacks counts.
            value = Number(p, max(3, decimals_for(min(max(p, 1e-6), max(1 - p, 1e-6)), 3)))
            share = Quotient(power, sum_of_powers)
            named = Quotient(Name(f"e_{k + 1}"), Name("sum"))
            equations.append(calculation(f"p({results[k]})", named, share, value))
        return equations

    return settle(build)


def loss_equations(
    loss: Loss, scores: Reals, outputs: Reals, target: Reals, value: float, results: Sequence[str]
) -> list[Equation]:
    """The loss of one network's outputs, written out; in its scores where an output is next to 0.

    Parameters
    ----------
    loss : Loss
    scores, outputs : ndarray, shape (n_outputs,)
        Probabilities, rates or numbers.
    target : ndarray, shape (1,) of a class number, or (n_outputs,)
    value : float
        The loss, as the engine has it.
    results : sequence of str
        What the outputs are called.
    """
    targets = targets_of(loss, target, len(outputs))

    def build(digits: int, more: int) -> list[Equation]:
        terms = []
        for k, t in enumerate(targets):
            if t == 0 and loss.takes_classes:
                continue
            named, number = _output(loss, scores, k, float(outputs[k]), results[k], digits)
            y = t if loss.of_probabilities else Written(to_digits(t, digits), t)
            if number.logarithm is not None and not loss.of_probabilities:
                y = Written(Number(t, 17), t)
            terms.append([written(loss.written, p, y, loss.parameter) for p in (named, number)])
        by_name, formula = (
            side[0] if len(side) == 1 else Sum(side) for side in zip(*terms, strict=True)
        )
        result = Number(value, min(decimals_for(value, 3) + more, _MOST_DECIMALS))
        return [calculation("loss", by_name, formula, result)]

    _, formula, _ = build(17, 0)[0].stages
    try:
        is_the_loss = math.isclose(value_of(formula), value, rel_tol=1e-3, abs_tol=1e-9)
    except (ArithmeticError, ValueError):
        is_the_loss = False
    if not is_the_loss:  # as of an entry that is written wrongly
        return [Equation(Name("loss"), (to_digits(value, 4),))]
    return settle(build)


def targets_of(loss: Loss, target: Reals, n_outputs: int) -> list[float]:
    """What each output is held against: 0 or 1 for each class; smoothed, if the loss does that."""
    targets = list(map(float, target))
    if loss.takes_classes:
        targets = [float(k == int(target[0])) for k in range(n_outputs)]
    if loss.target is None:
        return targets
    n_classes = n_outputs if loss.takes_classes else 2
    return [float(loss.target(y, loss.parameter, n_classes)) for y in targets]


def _output(
    loss: Loss, scores: Reals, k: int, p: float, result: str, digits: int
) -> tuple[Written, Written]:
    """(an output by its name, its number), to be put into a loss.

    Where it is next to 0, or beyond what can be written, its logarithm comes from the scores.
    """
    s, entry = float(scores[k]), OUTPUTS[loss.output]
    if entry.of_probabilities:
        name, one = Name(f"p({result})"), Number(1.0, 0)
        named = Written(name, p, rest=Written(Sum((one, minus(name))), 1.0 - p))
        number = to_digits(p, digits)
        log_p = log_rest = None
        if entry.of_labels and entry.written_logarithm and min(p, 1.0 - p) < _NEXT_TO_0:
            # 1 - p is the output of -s.
            log_p, log_rest = (
                written(entry.written_logarithm, Written(to_digits(x, digits + 2), x))
                for x in (s, -s)
            )
        elif entry.of_classes and min(p, 1.0 - p) < _NEXT_TO_0:  # -ln p = ln(sum exp(s_j)) - s
            largest = float(scores.max())
            sum_of_powers = to_digits(float(np.exp(scores - largest).sum()), digits + 2)
            distance = to_digits(largest - s, digits + 2)
            log_p = minus(Sum((distance, Call("ln", (sum_of_powers,)))))
        # 1 - p has digits of its own where p is near 1.
        rest = Written(to_digits(1.0 - p, digits), 1.0 - p, log_rest)
        return named, Written(number, p, log_p, rest)
    if entry.written_logarithm is None or (s <= entry.limit and p >= _NEXT_TO_0):
        return Written(Name(result), p), Written(to_digits(p, digits), p)
    log_p = written(entry.written_logarithm, Written(to_digits(s, digits + 2), s))
    sides: list[Expression] = [Name(result), to_digits(p, digits + 2)]
    if s > entry.limit:  # where the loss is a straight line
        steeper = to_digits(1.0 + s - entry.limit, digits + 2)
        sides = [Product((side, steeper)) for side in sides]
    by_name, by_number = (Written(side, p, log_p) for side in sides)
    return by_name, by_number
