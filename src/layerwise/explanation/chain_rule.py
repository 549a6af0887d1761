"""A row taken back through a network: every gradient, and the chain rule of chosen weights.

It is written out, and checked by central differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layerwise.architecture import Loss
from layerwise.arrays import Codes, Reals
from layerwise.engine.reference import Trace
from layerwise.explanation.chosen_weight import ChosenWeight
from layerwise.explanation.equations import Equation, calculation, least_decimals, settle, to_digits
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
from layerwise.explanation.layers import LayerSeen, all_or_largest, divided, linear_sum
from layerwise.explanation.outputs import targets_of
from layerwise.explanation.written import Written, written
from layerwise.network import Network

_STEP = 1e-5  # of central differences, in double precision
_MOST_DECIMALS = 12


@dataclass(frozen=True, eq=False)
class Backward:
    """The loss's derivatives by everything in one network, for the row.

    Attributes
    ----------
    loss : float
    nodes : list of ndarray, each of shape (fan_out,)
        By what each layer gives; a residual one's input is added to that.
    pre_activations : list of ndarray, each of shape (fan_out,)
        By z of each layer.
    weights, biases : list of ndarray
        By layer, in the shapes of the network's own.
    features : ndarray, shape (input_width,)
        By what enters the first layer, before learned factors.
    """

    loss: float
    nodes: list[Reals]
    pre_activations: list[Reals]
    weights: list[Reals]
    biases: list[Reals]
    features: Reals


def take_back(network: Network, trace: Trace, target: Reals, loss: Loss) -> Backward:
    """Run backpropagation for one row.

    Parameters
    ----------
    network : Network
    trace : Trace
        What `network.forward` gave for the row.
    target : ndarray, shape (1, 1) or (1, n_outputs)
    loss : Loss
    """
    gradients = network.backward(trace, target, loss)
    return Backward(
        loss=gradients.loss,
        nodes=[g[0] for g in gradients.activations],
        pre_activations=[g[0] for g in gradients.pre_activations],
        weights=gradients.weights,
        biases=gradients.biases,
        features=gradients.features[0],
    )


@dataclass(frozen=True)
class Chain:
    """The chain rule for one weight.

    Attributes
    ----------
    weight : ChosenWeight
    value, gradient : float
    by_difference : float
        The gradient by central differences.
    equations : list of Equation
    """

    weight: ChosenWeight
    value: float
    gradient: float
    by_difference: float
    equations: list[Equation]


class ChainRule:
    """Writes the chain rule out for weights of one network and row.

    Parameters
    ----------
    network : Network
        In double precision.
    x, codes : ndarray
        The row.
    target : ndarray
    loss : Loss
    layers : sequence of LayerSeen
    found : Backward
    most : int or None
        Of the terms of a sum, how many are written out.
    """

    def __init__(
        self,
        network: Network,
        x: Reals,
        codes: Codes,
        target: Reals,
        loss: Loss,
        layers: Sequence[LayerSeen],
        found: Backward,
        most: int | None,
    ) -> None:
        self._network, self._x, self._codes = network, x, codes
        self._target, self._loss = target, loss
        self._layers, self._found, self._most = layers, found, most

    def of(self, weight: ChosenWeight) -> Chain:
        """The chain from the loss to a weight, and the check by central differences."""
        i, node = weight.layer, weight.node
        seen, found = self._layers[i], self._found
        if weight.source is None:
            value, gradient = float(seen.biases[node]), float(found.biases[i][node])
        else:
            value = float(seen.weights[weight.source, node])
            gradient = float(found.weights[i][weight.source, node])
        equations = self._outputs() if i == len(self._layers) - 1 else []
        if not equations:
            equations = [*self._node(i, node), self._through_activation(i, node)]
        equations.append(self._weight(weight, gradient))
        above, below = self._losses_beside(weight)
        equations.append(_difference(weight, above, below))
        return Chain(weight, value, gradient, (above - below) / (2 * _STEP), equations)

    def _outputs(self) -> list[Equation]:
        """The derivatives by the scores: p - y, for most losses."""
        found = self._found.pre_activations[-1]
        return [self._score(k) for k in all_or_largest(found, self._most)]

    def _score(self, k: int) -> Equation:
        seen, gradient = self._layers[-1], float(self._found.pre_activations[-1][k])
        name = f"dL/d{seen.node_names[k]}"
        target = self._target_of(k)
        if target is None:
            return Equation(Name(name), (to_digits(gradient, 4),))
        p = gradient + target

        def build(digits: int, more: int) -> list[Equation]:
            decimals = decimals_for(gradient, 3)
            if target != 0:  # p next to its target has no more decimals than a double
                decimals = min(decimals, _MOST_DECIMALS)
            result = Number(gradient, decimals)
            number = to_digits(p, digits)
            if result.decimals > number.decimals:  # p near its target
                number = Number(p, result.decimals + digits - 3)
            exact = self._loss.of_probabilities
            formula = Sum((number, Number(-target, 17 if exact else number.decimals)))
            return [calculation(name, formula, result)]

        return settle(build)[0]

    def _target_of(self, k: int) -> float | None:
        """What is taken off output k to get the gradient by its score; None: another rule."""
        targets = targets_of(self._loss, self._target[0], len(self._layers[-1].node_names))
        return None if self._loss.target is None else targets[k]

    def _node(self, i: int, node: int) -> list[Equation]:
        """The derivative by a hidden node, from those by the pre-activations it feeds."""
        above, layer = self._layers[i + 1], self._layers[i]
        name = layer.node_names[node]
        by_z = self._found.pre_activations[i + 1]
        gradient = float(self._found.nodes[i][node])
        is_last = i + 1 == len(self._layers) - 1
        equations = self._outputs() if is_last else []
        weights = above.weights[node] * above.factor
        shown = all_or_largest(weights * by_z, self._most)
        names = [f"dL/d{n}" if is_last else f"dL/dz({n})" for n in above.node_names]
        # What leaves a residual layer holds what entered it, and hands its derivative on.
        passed_on = float(self._found.nodes[i + 1][node]) if above.layer.residual else None
        if above.first_step is not None:
            return [*equations, *self._through_step(i, node, shown, names, passed_on)]
        scale = max(abs(gradient), 0.1 * float(np.abs(weights * by_z).max()))

        def build(digits: int, more: int) -> list[Equation]:
            by_name, by_value = linear_sum(weights, by_z, names, shown, digits)
            if passed_on is not None:
                by_name.append(Name(f"dL/d{above.node_names[node]}"))
                by_value.append(to_digits(passed_on, digits))
            result = Number(gradient, decimals_for(scale, 3) + more)
            formula = Sum(tuple(by_value))
            stages = (Sum(tuple(by_name)), formula, result)
            return [calculation(f"dL/d{name}", *stages)]

        return [*equations, *settle(build)]

    def _through_step(
        self, i: int, node: int, shown: Sequence[int], names: Sequence[str], passed_on: float | None
    ) -> list[Equation]:
        """The derivative by a node whose value goes through a step before it is used."""
        above, name = self._layers[i + 1], self._layers[i].node_names[node]
        step, given = above.first_step, above.first
        assert step is not None
        assert given is not None
        by_z, gains = self._found.pre_activations[i + 1], given.numbers.get("gain")
        gain, left = (1.0, above.multiplied_names[node])
        if gains is not None:
            gain, left = float(gains[node]), f"n({name})"
        weights = above.weights[node] * above.factor
        all_g = above.factor * (above.weights @ by_z) * (1.0 if gains is None else gains)
        g, x = float(all_g[node]), float(above.input[node])
        gradient = float(self._found.nodes[i][node])
        numbers = step.written_back_with(given, node, all_g)
        # Where the terms of g cancel, it has fewer digits than they.
        size_g = max(abs(g), 1e-3 * abs(gain) * float(np.abs(weights * by_z).max()))

        def back_from(by_step: Number, digits: int) -> Expression:
            own = {kind: Written(to_digits(n, digits), n) for kind, n in numbers.items()}
            entered = Written(to_digits(x, digits), x)
            return written(step.written_back, Written(by_step, g), entered, **own)

        try:
            size = max(abs(gradient), _size_of_terms(back_from(to_digits(g, 17), 17)))
        except NotImplementedError:  # it is not written out
            return [Equation(Name(f"dL/d{name}"), (to_digits(gradient, 4),))]

        def build(digits: int, more: int) -> list[Equation]:
            by_name, by_value = (
                Sum(tuple(side)) for side in linear_sum(weights, by_z, names, shown, digits)
            )
            factor = to_digits(gain, digits)
            # Fewer digits than what it is computed from.
            by_step = Number(g, decimals_for(size_g, max(3, digits - 2)) + min(more, 0))
            sides: tuple[Expression, ...] = (by_name, by_value)
            if gains is not None:
                sides = tuple(Product((factor, side)) for side in sides)
            check = (sides[1], by_step)
            equations = [Equation(Name(f"dL/d{left}"), (*sides, by_step), (check,))]
            back = back_from(by_step, digits)
            if passed_on is not None:
                back = Sum((back, to_digits(passed_on, digits)))
            result = Number(gradient, decimals_for(size, 3) + more)
            equations.append(calculation(f"dL/d{name}", back, result))
            return equations

        return settle(build)

    def _through_activation(self, i: int, node: int) -> Equation:
        """dL/dz = dL/dh · f'(z), or the share of it that a residual layer adds."""
        seen, name = self._layers[i], self._layers[i].node_names[node]
        by_node, by_z = (
            float(g[i][node]) for g in (self._found.nodes, self._found.pre_activations)
        )
        z, slope = float(seen.pre_activation[node]), float(seen.slope[node])
        function = f"{seen.layer.activation}'"
        parameter = () if seen.slopes is None else (float(seen.slopes[node]),)

        def build(digits: int, more: int) -> list[Equation]:
            g, value = to_digits(by_node, digits), to_digits(slope, digits)
            own = [to_digits(p, digits) for p in parameter]

            def derivative_at(decimals: int) -> Call:
                return Call(function, (Number(z, decimals), *own))

            of_z = least_decimals(
                decimals_for(z, digits + 1), lambda n: value.shows(value_of(derivative_at(n)))
            )
            derivative = derivative_at(of_z)
            by_name = Product((Name(f"dL/d{name}"), Call(function, (Name(f"z({name})"), *own))))
            stages = [
                divided(product, seen.layer)
                for product in (by_name, Product((g, derivative)), Product((g, value)))
            ]
            result = Number(by_z, decimals_for(by_z, 3))
            checks = ((stages[1], result), (stages[2], result), (derivative, value))
            return [Equation(Name(f"dL/dz({name})"), (*stages, result), checks)]

        return settle(build)[0]

    def _weight(self, weight: ChosenWeight, gradient: float) -> Equation:
        """dL/dw = dL/dz · dz/dw, and dz/dw is what the weight multiplies."""
        i, node = weight.layer, weight.node
        seen = self._layers[i]
        by_z = float(self._found.pre_activations[i][node])
        node_name = seen.node_names[node]
        z_name = f"dL/d{node_name}" if i == len(self._layers) - 1 else f"dL/dz({node_name})"
        left = f"dL/dw({weight.name})"
        if weight.source is None:
            left = f"dL/db({weight.name})"
            return Equation(Name(left), (Name(z_name), to_digits(gradient, 4)))
        multiplied = seen.multiplied_names[weight.source]
        value = float(seen.multiplied[weight.source]) * seen.factor

        def build(digits: int, more: int) -> list[Equation]:
            names: list[Expression] = [Name(z_name), Name(multiplied)]
            if seen.factor != 1.0:
                names.insert(1, to_digits(seen.factor, digits))
            formula = Product((to_digits(by_z, digits), to_digits(value, digits)))
            result = Number(gradient, decimals_for(gradient, 4))
            stages = (Product(tuple(names)), formula, result)
            return [calculation(left, *stages)]

        return settle(build)[0]

    def _losses_beside(self, weight: ChosenWeight) -> tuple[float, float]:
        """The loss with the weight a little larger, and a little smaller."""
        losses = []
        for step in (_STEP, -_STEP):
            network = self._network.copy()
            if weight.source is None:
                network.biases[weight.layer][weight.node] += step
            else:
                network.weights[weight.layer][weight.source, weight.node] += step
            trace = network.forward(self._x, self._codes)
            losses.append(float(network.backward(trace, self._target, self._loss).loss))
        return losses[0], losses[1]


def _size_of_terms(formula: Expression) -> float:
    """How large the result of a formula is to be taken for where its terms cancel."""
    top, bottom = formula, 1.0
    if isinstance(formula, Quotient):
        top, bottom = formula.top, value_of(formula.bottom)
    first, *others = (
        abs(value_of(x) / bottom) for x in (top.terms if isinstance(top, Sum) else (top,))
    )
    return max(0.1 * first, 1e-3 * max(others, default=0.0))


def _difference(weight: ChosenWeight, above: float, below: float) -> Equation:
    """The check: how much the loss changes when the weight does."""
    slope = (above - below) / (2 * _STEP)
    what = "dL/db" if weight.source is None else "dL/dw"

    def build(digits: int, more: int) -> list[Equation]:
        losses = [Number(x, decimals_for(x, digits + 6)) for x in (above, -below)]
        formula = Quotient(Sum(tuple(losses)), Number(2 * _STEP, 5))
        result = Number(slope, min(decimals_for(slope, 4), 9))
        return [calculation(f"{what}({weight.name})", formula, result)]

    return settle(build)[0]
