"""What each layer of one network did to the row, and each node's formula with the numbers in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layerwise.architecture import Layer, Step, get_activation
from layerwise.architecture.layer import SHARING
from layerwise.architecture.steps import Dense, Given
from layerwise.arrays import Reals
from layerwise.engine.reference import Trace
from layerwise.explanation.equations import (
    Check,
    Equation,
    activated_decimals,
    calculation,
    least_decimals,
    settle,
    to_digits,
)
from layerwise.explanation.expressions import (
    Call,
    Expression,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    decimals_for,
    value_of,
)
from layerwise.explanation.written import Written, written
from layerwise.language import tr
from layerwise.network import Network


@dataclass(frozen=True, eq=False)
class LayerSeen:
    """One layer, and what it did to the row.

    Attributes
    ----------
    layer : Layer
    input_names, node_names : tuple of str, of lengths fan_in and fan_out
    input : ndarray, shape (fan_in,)
        What entered the layer.
    normalized, multiplied : ndarray, shape (fan_in,)
        After the layer's first step; after its gain and shift: what the weights multiply.
    first_step : Step or None
    first : Given or None
        What it was given, with its numbers.
    weights : ndarray, shape (fan_in, fan_out)
    biases : ndarray, shape (fan_out,)
    slopes : ndarray, shape (fan_out,), or None
        The activation's learned parameters.
    factor : float
        On the sum of products; 1 but for the neural-tangent scaling.
    pre_activation, activation, output : ndarray, shape (fan_out,)
        z; f(z); and what left the layer, with its input added where it is residual.
    """

    layer: Layer
    input_names: tuple[str, ...]
    node_names: tuple[str, ...]
    input: Reals
    normalized: Reals
    multiplied: Reals
    first_step: Step | None
    first: Given | None
    weights: Reals
    biases: Reals
    slopes: Reals | None
    factor: float
    pre_activation: Reals
    activation: Reals
    output: Reals

    @property
    def more_decimals(self) -> int:
        """How many more decimals than its activation a residual layer's share of it has."""
        return math.ceil(math.log10(self.layer.divisor))

    @property
    def multiplied_names(self) -> tuple[str, ...]:
        """What stands for the numbers that the weights multiply."""
        if self.first_step is None:
            return self.input_names
        return tuple(f"{self.first_step.symbol}({name})" for name in self.input_names)

    @cached_property
    def slope(self) -> Reals:
        """f'(z) of each node."""
        activation = get_activation(self.layer.activation)
        parameter = () if self.slopes is None else (self.slopes,)
        return np.asarray(
            np.broadcast_to(activation.slope(self.pre_activation, *parameter), self.output.shape)
        )

    def largest_terms(self, node: int, most: int | None) -> list[int]:
        """The inputs with the largest products, the largest first; all in order if so few."""
        return all_or_largest(self.multiplied * self.weights[:, node], most)


def see_layers(network: Network, trace: Trace, input_names: Sequence[str],
               score_names: Sequence[str]) -> list[LayerSeen]:  # fmt: skip
    """Read a trace of one row, layer by layer.

    Parameters
    ----------
    network : Network
    trace : Trace
        Of the network, and one row.
    input_names : sequence of str
        Of what the first layer gets.
    score_names : sequence of str
        Of what the last layer gives: "s_1", ...
    """
    seen = []
    names = tuple(input_names)
    layers = network.architecture.layers
    for i, (layer, found) in enumerate(zip(layers, trace.layers, strict=True)):
        is_last = i == len(layers) - 1
        nodes = (
            tuple(score_names)
            if is_last
            else tuple(f"h{i + 1}_{j + 1}" for j in range(layer.fan_out))
        )
        own, dense = network.parameters, network.architecture.layer_steps[i][1].step
        assert isinstance(dense, Dense)
        seen.append(
            LayerSeen(
                layer=layer,
                input_names=names,
                node_names=nodes,
                input=found.input[0],
                normalized=found.normalized[0],
                multiplied=found.multiplied[0],
                first_step=layer.first_step,
                first=found.first,
                weights=own[f"{layer.name}.weights"],
                biases=own[f"{layer.name}.biases"],
                slopes=own.get(f"{layer.name}.slope"),
                factor=dense.factor,
                pre_activation=found.pre_activation[0],
                activation=found.activation[0],
                output=found.output[0],
            )
        )
        names = nodes
    return seen


def largest(values: Reals, most: int) -> list[int]:
    """The places of the largest values by size, the largest first.

    Examples
    --------
    >>> largest(np.array([1.0, -3.0, 2.0]), 2)
    [1, 2]
    """
    return [int(i) for i in np.argsort(-np.abs(values), kind="stable")[:most]]


def all_or_largest(values: Reals, most: int | None) -> list[int]:
    """All places in order; of more than so many the `largest`."""
    n = len(values)
    return list(range(n)) if most is None or n <= most else largest(values, most)


def divided(expression: Expression, layer: Layer) -> Expression:
    """An expression over what a residual layer's share is divided by."""
    if layer.n_sharing == 1:
        return expression
    return Quotient(expression, Power(Number(layer.n_sharing, 0), Number(SHARING, 2)))


def linear_sum(
    weights: Reals, values: Reals, names: Sequence[str], shown: Sequence[int], digits: int
) -> tuple[list[Expression], list[Expression]]:
    """(weights times names, weights times values), and what is left out as one number.

    Parameters
    ----------
    weights, values : ndarray, shape (n,)
    names : sequence of str
    shown : sequence of int
        Which terms are written out, in this order.
    digits : int
        How many significant digits.
    """
    by_name: list[Expression] = []
    by_value: list[Expression] = []
    for i in shown:
        weight = to_digits(float(weights[i]), digits)
        by_name.append(Product((weight, Name(names[i]))))
        by_value.append(Product((weight, to_digits(float(values[i]), digits))))
    n_left = len(weights) - len(shown)
    if n_left:
        products = weights * values
        rest = float(products.sum() - products[list(shown)].sum())
        size = max(abs(rest), 0.01 * float(np.abs(products).max(initial=0.0)))
        words = tr("{n:,} more", n=n_left) if shown else tr("{n:,} terms", n=n_left)
        by_name.append(Name(words, is_words=True))
        by_value.append(Number(rest, decimals_for(size, digits)))
    return by_name, by_value


def node_equation(seen: LayerSeen, node: int, most: int | None) -> Equation:
    """A node's formula: the largest terms, the rest as one number, the bias, the activation.

    Parameters
    ----------
    seen : LayerSeen
    node : int
    most : int or None
        How many terms are written out; None for all.
    """
    shown = seen.largest_terms(node, most)
    weights = seen.weights[:, node]
    term = float(np.abs(weights * seen.multiplied).max(initial=0.0)) * seen.factor
    z = float(seen.pre_activation[node])
    function = seen.layer.activation
    is_activated = function != "identity" or seen.layer.residual
    places = _Decimals(decimals_for(max(abs(z), 0.1 * term, 1e-6), 3))
    if is_activated:
        places = _activated_decimals(seen, node, places.z)

    def build(digits: int, more: int) -> list[Equation]:
        names, values = linear_sum(weights, seen.multiplied, seen.multiplied_names, shown, digits)
        bias = to_digits(float(seen.biases[node]), digits)
        formulas = [_with_bias(terms, bias, seen.factor, digits) for terms in (names, values)]
        pre_activation = Number(z, places.z + more)
        checks: list[Check] = [(formulas[1], pre_activation)]
        if not is_activated:
            stages: tuple[Expression, ...] = (*formulas, pre_activation)
            return [Equation(Name(seen.node_names[node]), stages, tuple(checks))]
        parameter = () if seen.slopes is None else (to_digits(float(seen.slopes[node]), digits),)
        step = Call(function, (pre_activation, *parameter))
        # With more decimals of z, no more of f(z).
        activation = Number(float(seen.activation[node]), places.activation + min(more, 0))
        whole = [Call(function, (formula, *parameter)) for formula in formulas]
        checks += [(step, activation), (whole[1], activation)]
        stages = (*whole, step, activation)
        if seen.layer.residual:
            result = Number(float(seen.output[node]), places.output + min(more, 0))
            stages, more_checks = _with_input(seen, node, [*whole, step, activation], result)
            checks += more_checks
        return [Equation(Name(seen.node_names[node]), stages, tuple(checks))]

    return settle(build, len(shown) + 1)[0]


@dataclass(frozen=True)
class _Decimals:
    """How many decimals are shown of z, of f(z), and of f(z) with the layer's input added."""

    z: int
    activation: int = 0
    output: int = 0


def _activated_decimals(seen: LayerSeen, node: int, of_z: int) -> _Decimals:
    """As few as let each number follow from the one before it, with at least `of_z` of z."""
    z, a, output = (float(x[node]) for x in (seen.pre_activation, seen.activation, seen.output))
    told, of_z = activated_decimals(of_z, a, float(seen.slope[node]))
    parameter = () if seen.slopes is None else (to_digits(float(seen.slopes[node]), 17),)
    of_output = of_a = told
    entered = 0.0
    if seen.layer.residual:
        divisor, more = seen.layer.divisor, seen.more_decimals
        of_output = min(told + more, decimals_for(max(abs(output), abs(a) / divisor), 7))
        result, x = Number(output, of_output), float(seen.input[node])

        def add_up(n: int) -> bool:
            entered = round(x, n + 1 + more)
            return all(result.shows(entered + value / divisor) for value in (a, round(a, n)))

        of_a = least_decimals(of_output - more, add_up)
        entered = round(x, of_a + 1 + more)
        of_z = max(of_z, of_z + of_a - told)

    def follow(n: int) -> bool:
        value = value_of(Call(seen.layer.activation, (Number(z, n), *parameter)))
        added = entered + value / seen.layer.divisor
        return Number(a, of_a).shows(value) and Number(output, of_output).shows(added)

    return _Decimals(least_decimals(of_z, follow), of_a, of_output)


def _with_bias(terms: list[Expression], bias: Number, factor: float, digits: int) -> Sum:
    """The sum of the terms, times the layer's factor where it has one, and the bias."""
    if factor == 1.0:
        return Sum((*terms, bias))
    return Sum((Product((to_digits(factor, digits), Sum(tuple(terms)))), bias))


def _with_input(
    seen: LayerSeen, node: int, steps: list[Expression], result: Number
) -> tuple[tuple[Expression, ...], list[Check]]:
    """What the layer computes, or the share of it that is added to its input."""
    activation = steps[-1]
    assert isinstance(activation, Number)
    entered = Number(float(seen.input[node]), activation.decimals + 1 + seen.more_decimals)
    steps = [divided(step, seen.layer) for step in steps]
    stages = [Sum((Name(seen.input_names[node]), steps[0]))]
    stages += [Sum((entered, step)) for step in steps[1:]]
    checks: list[Check] = [(stage, result) for stage in stages[1:]]
    return (*stages, result), checks


def step_equation(seen: LayerSeen, i: int) -> Equation:
    """What a layer's first step makes of one of its inputs, by the step's own formula."""
    step, given = seen.first_step, seen.first
    assert step is not None
    assert given is not None
    value, x = float(seen.multiplied[i]), float(seen.input[i])
    numbers = step.written_with(given, i)

    def formula(entered: Expression, digits: int) -> Expression:
        own = {name: Written(to_digits(n, digits), n) for name, n in numbers.items()}
        return written(step.written, Written(entered, x), **own)

    # Where terms cancel, the result has fewer digits than they.
    exact = formula(to_digits(x, 17), 17)
    terms = exact.terms if isinstance(exact, Sum) else (exact,)
    of_terms = [abs(value_of(term)) for term in terms if not isinstance(term, Number)]
    scale = max(abs(value), 0.1 * max(of_terms, default=0.0), 1e-6)

    def build(digits: int, more: int) -> list[Equation]:
        result = Number(value, decimals_for(scale, 3) + more)
        computed = formula(to_digits(x, digits), digits)
        stages = (formula(Name(seen.input_names[i]), digits), computed, result)
        return [calculation(seen.multiplied_names[i], *stages)]

    return settle(build)[0]
