"""From scores to outputs, softmax written out step by step; and from outputs to the loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Loss
from layerwise.architecture.losses import RATE_LIMIT
from layerwise.engine.reference import outputs_of_scores
from layerwise.explanation.equations import Check, Equation, activated_decimals, settle, to_digits
from layerwise.explanation.expressions import (
    Call,
    Expression,
    Name,
    Number,
    Product,
    Quotient,
    Sum,
    decimals_for,
)

__all__ = ["loss_equations", "output_equations"]

Array = NDArray[Any]
_NEXT_TO_0 = 1e-9
_MOST_DECIMALS = 12
_LARGEST_SCORE = RATE_LIMIT  # beyond it, exp() of scores is written with the largest taken off


def output_equations(
    output: str,
    scores: Array,
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
    if output == "softmax":
        return _softmax(scores, score_names, results, shown)
    if output == "identity":
        return []
    equations = []
    for k in shown:
        function = "sigmoid" if output == "sigmoid" else "exp"
        s = float(scores[k]) if function == "sigmoid" else min(float(scores[k]), RATE_LIMIT)
        p = float(outputs_of_scores(output, scores[k : k + 1])[0])
        slope = p * (1.0 - p) if function == "sigmoid" else p
        equations += settle(_elementwise(function, s, p, slope, score_names[k], results[k]))
    return equations


def _elementwise(function: str, s: float, p: float, slope: float, score: str, result: str) -> Any:
    def build(digits: int, more: int) -> list[Equation]:
        number = Number(s, decimals_for(s, digits))
        step = Call(function, (number,))
        told, _ = activated_decimals(number.decimals, p, slope)
        value = Number(p, max(min(told, decimals_for(p, 4)), decimals_for(p, 3)))
        stages: list[Expression] = [Call(function, (Name(score),))]
        checks: list[Check] = [(step, value)]
        if function == "sigmoid":
            # Of a score far below 0, exp(-s) may be too large for a calculator.
            sign = 1.0 if s < -_LARGEST_SCORE else -1.0
            power = Call("exp", (Number(sign * s, number.decimals),))
            top = power if sign > 0 else Number(1.0, 0)
            written = Quotient(top, Sum((Number(1.0, 0), power)))
            stages.append(written)
            checks.append((written, value))
        else:
            stages.append(step)
        left = f"p({result})" if function == "sigmoid" else result
        return [Equation(Name(left), (*stages, value), tuple(checks))]

    return build


def _softmax(
    scores: Array, score_names: Sequence[str], results: Sequence[str], shown: Sequence[int]
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
            equations.append(Equation(Name(f"e_{k + 1}"), stages, ((formula, power),)))
            terms.append(power)
        if n_left:
            terms.append(Number(rest, decimals_for(max(rest, 1e-4 * total), digits)))
        sum_of_powers = to_digits(total, max(3, digits - 1))
        added = Sum(tuple(terms))
        names = [Name(f"e_{k + 1}") for k in shown]
        names += [Name(f"{n_left:,} more")] if n_left else []
        equations.append(
            Equation(
                Name("sum"),
                (Sum(tuple(names)), added, sum_of_powers),
                ((added, sum_of_powers),),
            )
        )
        for k, power in zip(shown, terms, strict=False):
            p = float(powers[k]) / total
            # Of a probability near 1, what it lacks counts.
            value = Number(p, max(3, decimals_for(min(max(p, 1e-6), max(1 - p, 1e-6)), 3)))
            share = Quotient(power, sum_of_powers)
            named = Quotient(Name(f"e_{k + 1}"), Name("sum"))
            equations.append(
                Equation(Name(f"p({results[k]})"), (named, share, value), ((share, value),))
            )
        return equations

    return settle(build)


def loss_equations(
    loss: Loss,
    scores: Array,
    outputs: Array,
    target: Array,
    value: float,
    results: Sequence[str],
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

    def build(digits: int, more: int) -> list[Equation]:
        names: list[Expression] = []
        terms: list[Expression] = []
        for k, y in _parts(loss, outputs, target):
            p = float(outputs[k])
            if loss.output in {"softmax", "sigmoid"} and min(p, 1 - p) < _NEXT_TO_0:
                name, term = _in_scores(loss, scores, k, y, results[k], digits)
            elif loss.output == "exp" and (scores[k] > RATE_LIMIT or p < _NEXT_TO_0):
                name, term = _rate_in_score(p, float(scores[k]), y, results[k], digits)
            else:
                name, term = _term(loss, p, y, results[k], digits)
            names.append(name)
            terms.append(term)
        formula, by_name = _one_or_sum(terms), _one_or_sum(names)
        result = Number(value, min(decimals_for(value, 3) + more, _MOST_DECIMALS))
        return [Equation(Name("loss"), (by_name, formula, result), ((formula, result),))]

    return settle(build)


def _parts(loss: Loss, outputs: Array, target: Array) -> list[tuple[int, float]]:
    """(output, its target) of the terms that a loss consists of."""
    if loss.name != "softmax":
        return list(enumerate(map(float, target)))
    n, smoothing = len(outputs), loss.parameter
    shares = (np.arange(n) == int(target[0])) * (1.0 - smoothing) + smoothing / n
    return [(k, float(share)) for k, share in enumerate(shares) if share > 0]


def _term(loss: Loss, p: float, y: float, name: str, digits: int) -> tuple[Expression, Expression]:
    """(a term by name, with its numbers)."""
    number = to_digits(p, digits)
    named: Expression = Name(f"p({name})" if loss.output in {"softmax", "sigmoid"} else name)
    if loss.name == "softmax":
        weight = Number(-y, 17)
        return _times_log(weight, named), _times_log(weight, number)
    if loss.name == "sigmoid":
        t = y * (1.0 - loss.parameter) + 0.5 * loss.parameter
        return _log_of_both(t, p, named, digits), _log_of_both(t, p, number, digits)
    target = to_digits(y, digits)
    if loss.name == "poisson":
        return tuple(  # type: ignore[return-value]
            Sum((x, Product((Number(-target.exact, target.decimals), Call("log", (x,))))))
            for x in (named, number)
        )
    return tuple(_of_error(loss, x, target, p - y) for x in (named, number))  # type: ignore[return-value]


def _in_scores(
    loss: Loss, scores: Array, k: int, y: float, result: str, digits: int
) -> tuple[Expression, Expression]:
    """The same of a probability that is too near to 0 or 1 to be written.

    -log p is log(sum exp(s_j)) - s for softmax, and softplus(-s) for sigmoid.
    """
    s = float(scores[k])
    named: Expression = Name(f"p({result})")
    if loss.name == "sigmoid":
        t = y * (1.0 - loss.parameter) + 0.5 * loss.parameter
        terms: list[Expression] = []
        for share, sign in ((t, -1.0), (1.0 - t, 1.0)):
            if share > 0:
                plus = Call("softplus", (to_digits(sign * s, digits + 2),))
                terms.append(Product((Number(share, 17), plus)))
        return _log_of_both(t, 0.5, named, digits), _one_or_sum(terms)
    largest = float(scores.max())
    sum_of_powers = float(np.exp(scores - largest).sum())
    distance = Number(largest - s, decimals_for(largest - s, digits + 2))
    log_p = Sum((distance, Call("log", (to_digits(sum_of_powers, digits + 2),))))
    return _times_log(Number(-y, 17), named), Product((Number(y, 17), log_p))


def _rate_in_score(
    p: float, s: float, y: float, result: str, digits: int
) -> tuple[Expression, Expression]:
    """The loss of a rate that is next to 0, or whose score is beyond the limit.

    Beyond it, the loss is a straight line.
    """
    score = Product((Number(-y, 17), to_digits(s, digits + 2)))
    named: Expression = Name(result)
    number: Expression = to_digits(p, digits + 2)
    if s > RATE_LIMIT:
        steeper = to_digits(1.0 + s - RATE_LIMIT, digits + 2)
        named, number = Product((named, steeper)), Product((number, steeper))
    return Sum((named, score)), Sum((number, score))


def _one_or_sum(terms: Sequence[Expression]) -> Expression:
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _times_log(weight: Number, x: Expression) -> Expression:
    return Product((weight, Call("log", (x,))))


def _log_of_both(t: float, p: float, x: Expression, digits: int) -> Expression:
    """-t log(p) - (1 - t) log(1 - p), without what is 0."""
    terms: list[Expression] = []
    if t > 0:
        terms.append(_times_log(Number(-t, 17), x))
    if t < 1:
        if isinstance(x, Number):  # 1 - p has digits of its own where p is near 1
            left: Expression = to_digits(1.0 - p, digits)
        else:
            left = Sum((Number(1.0, 0), Product((Number(-1.0, 0), x))))
        terms.append(_times_log(Number(t - 1.0, 17), left))
    return _one_or_sum(terms)


def _of_error(loss: Loss, x: Expression, target: Number, error: float) -> Expression:
    """A loss of the difference of output and target."""
    difference = Sum((x, Number(-target.exact, target.decimals)))
    c = Number(loss.parameter, 17)
    squared = Quotient(Product((difference, difference)), Number(2.0, 0))
    if loss.name == "squared" or (loss.name == "huber" and abs(error) <= loss.parameter):
        return squared
    size = Call("abs", (difference,))
    if loss.name == "huber":
        return Product((c, Sum((size, Number(-0.5 * loss.parameter, 17)))))
    if loss.name == "quantile":
        return Product((c if error < 0 else Number(1.0 - loss.parameter, 17), size))
    return size
