"""How networks' outputs become the model's: averages, temperature, the target's own units."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from layerwise.arrays import Reals
from layerwise.ensemble.calibration import temper
from layerwise.explanation.equations import Equation, calculation, settle, to_digits
from layerwise.explanation.expressions import (
    Expression,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    decimals_for,
)
from layerwise.explanation.subject import Combining
from layerwise.language import tr

_MOST_TERMS = 8
_LEAST = 1e-30  # what `temper` takes a mean for that is smaller


@dataclass(frozen=True)
class OneNetwork(Combining):
    """The outputs of one network as they are."""

    weights: Reals = field(default_factory=lambda: np.ones(1))

    def __call__(self, outputs: Reals) -> Reals:
        """(1, n, n_outputs) -> (n, n_outputs)."""
        return np.asarray(outputs[0])

    def gradient(self, outputs: Reals, of: int) -> Reals:
        """1 for the output itself, 0 for the others."""
        gradient = np.zeros_like(outputs)
        gradient[..., of] = 1.0
        return gradient

    @property
    def words(self) -> str:
        """What is done."""
        return tr("One network makes the prediction.")


@dataclass(frozen=True)
class BothClasses(Combining):
    """One network whose one output is the probability of the second of two classes.

    Attributes
    ----------
    results : tuple of str
        The classes' names.
    """

    results: tuple[str, ...]
    weights: Reals = field(default_factory=lambda: np.ones(1))

    def __call__(self, outputs: Reals) -> Reals:
        """(1, n, 1) -> (n, 2)."""
        return np.concatenate([1.0 - outputs[0], outputs[0]], axis=1)

    def gradient(self, outputs: Reals, of: int) -> Reals:
        """1, or -1 for the first class."""
        return np.full_like(outputs, 1.0 if of else -1.0)

    def equations(self, outputs: Reals, of: int) -> list[Equation]:
        """The first class has what is left of 1."""
        p = float(outputs[0, 0])

        def build(digits: int, more: int) -> list[Equation]:
            second = Number(p, decimals_for(p, digits))
            first = Number(1.0 - p, second.decimals)
            formula = Sum((Number(1.0, 0), Number(-p, second.decimals)))
            left = f"p({self.results[0]})"
            return [calculation(left, formula, first)]

        return settle(build)

    @property
    def words(self) -> str:
        """What is done."""
        return tr(
            "One network makes the prediction; its one output is the probability of {name}.",
            name=self.results[1],
        )


@dataclass(frozen=True)
class AveragedProbabilities(Combining):
    """Probabilities averaged, then brought to what they promise; see `calibration.temper`.

    Attributes
    ----------
    results : tuple of str
    weights : ndarray, shape (n_networks,)
        How much each network counts; their mean is 1.
    temperature, share : float
    class_weights : ndarray, shape (n_classes,), or None
        That the networks were trained with.
    """

    results: tuple[str, ...]
    weights: Reals
    temperature: float
    share: float
    class_weights: Reals | None = None

    def __call__(self, outputs: Reals) -> Reals:
        """(n_networks, n, n_classes) -> (n, n_classes)."""
        average = _mean(outputs, self.weights)
        return temper(average, self.temperature, self.share, self.class_weights)

    def gradient(self, outputs: Reals, of: int) -> Reals:
        """p_of = (1 - share) softmax(ln(mean) / T)_of + share / n, derived by each network's.

        A class's weight, which is divided out, stands beside ln(mean) / T and changes q alone.
        """
        mean = np.maximum(_mean(outputs, self.weights), _LEAST)
        q = temper(mean, self.temperature, class_weights=self.class_weights)
        is_of = np.arange(q.shape[1]) == of
        by_mean = (1.0 - self.share) * q[:, [of]] * (is_of - q) / (self.temperature * mean)
        return np.asarray(by_mean * (self.weights / len(outputs))[:, None, None])

    def equations(self, outputs: Reals, of: int) -> list[Equation]:
        """The mean, the temperature, the share of the uniform distribution."""
        means = _mean(outputs, self.weights)
        mean = np.maximum(means, _LEAST)
        heated = mean ** (1.0 / self.temperature)
        if self.class_weights is not None:
            heated /= np.where(self.class_weights > 0, self.class_weights, 1.0)
        n = len(mean)
        others = [k for k in np.argsort(-heated, kind="stable").tolist() if k != of]
        shown = [of, *others[: (n if n <= _MOST_TERMS else 3) - 1]]
        total = float(heated.sum())
        rest = total - float(heated[shown].sum())
        q = heated[of] / total
        final = (1.0 - self.share) * q + self.share / n

        def build(digits: int, more: int) -> list[Equation]:
            equations = []
            # Each step has a digit less than the one it is computed from, or some more.
            less = 1 + max(more, 0)
            temperature = to_digits(self.temperature, digits + 2 * less)
            share = to_digits(self.share, max(2, digits - 1))
            powers: list[Expression] = []
            for k in shown:
                class_name = self.results[k]
                average = to_digits(float(means[k]), digits + 2 * less)
                size = max(float(heated[k]), 1e-4 * total)
                power = Number(float(heated[k]), decimals_for(size, digits + less))
                formula = _written_mean(outputs[:, k], self.weights, digits + 3 * less)
                if len(outputs) > 1:
                    equations.append(calculation(f"mean({class_name})", formula, average))
                base, note = average, ""
                if means[k] < _LEAST:
                    base, note = Number(_LEAST, 30), tr("no mean counts for less than 1e-30")
                raised: Expression = Power(base, Quotient(Number(1.0, 0), temperature))
                if self.class_weights is not None and self.class_weights[k] > 0:
                    raised = Quotient(
                        raised, to_digits(float(self.class_weights[k]), digits + 2 * less)
                    )
                equations.append(calculation(f"t({class_name})", raised, power, note=note))
                powers.append(power)
            if len(shown) < n:
                powers.append(Number(rest, decimals_for(max(rest, 1e-4 * total), digits + less)))
            sum_of_powers = to_digits(total, digits)
            added = Sum(tuple(powers))
            left_out = ""
            if len(shown) < n:
                left_out = tr("the last is {n} other classes", n=n - len(shown))
            equations.append(calculation("sum(t)", added, sum_of_powers, note=left_out))
            p = Number(float(final), decimals_for(float(final), 3) + more)
            kept = Sum((Number(1.0, 0), Number(-share.exact, share.decimals)))
            mixed = Sum(
                (
                    Product((kept, Quotient(powers[0], sum_of_powers))),
                    Quotient(share, Number(float(n), 0)),
                )
            )
            left = f"p({self.results[of]})"
            equations.append(calculation(left, mixed, p))
            return equations

        return settle(build)

    @property
    def words(self) -> str:
        """What is done."""
        average = (
            tr(
                "The probabilities of {n} networks are averaged{weighted}, ",
                n=len(self.weights),
                weighted=_weighted(self.weights),
            )
            if len(self.weights) > 1
            else tr("One network gives probabilities; they are ")
        )
        heated = (
            tr(
                "raised to the power 1 / {temperature:.4g} (the temperature that suits rows they "
                "were not trained on)",
                temperature=self.temperature,
            )
            if self.temperature != 1.0  # as it is, too, where none was found
            else ""
        )
        by_weight = (
            tr("divided by the weights of their classes, with which the networks were trained,")
            if self.class_weights is not None
            else ""
        )
        both = ", ".join(filter(None, (heated, by_weight)))
        return tr(
            "{average}{steps}divided by their sum; then a share of {share:.2g} is given to all "
            "classes alike.",
            average=average,
            steps=tr("{steps} and ", steps=both) if both else "",
            share=self.share,
        )


@dataclass(frozen=True)
class AveragedNumbers(Combining):
    """Numbers averaged, brought to the target's units, and kept within the targets trained on.

    Attributes
    ----------
    results : tuple of str
    weights : ndarray, shape (n_networks,)
        How much each network counts; their mean is 1.
    mean, scale, low, high : ndarray, shape (n_targets,)
        Of the targets trained on.
    """

    results: tuple[str, ...]
    weights: Reals
    mean: Reals
    scale: Reals
    low: Reals
    high: Reals

    def __call__(self, outputs: Reals) -> Reals:
        """(n_networks, n, n_targets) -> (n, n_targets); as the model's, but for the limits."""
        return _mean(outputs, self.weights) * self.scale + self.mean

    def gradient(self, outputs: Reals, of: int) -> Reals:
        """The target's scale, shared by the networks."""
        gradient = np.zeros_like(outputs)
        gradient[..., of] = (self.scale[of] * self.weights / len(outputs))[:, None]
        return gradient

    def kept(self, results: Reals) -> Reals:
        """Within the targets trained on."""
        return np.clip(results, self.low, self.high)

    def equations(self, outputs: Reals, of: int) -> list[Equation]:
        """The mean, and back to the target's units."""
        numbers = outputs[:, of]
        mean, target = float(_mean(numbers, self.weights)), self.results[of]
        value = mean * float(self.scale[of]) + float(self.mean[of])
        size = max(abs(mean), 0.1 * float(np.abs(numbers).max()))

        def build(digits: int, more: int) -> list[Equation]:
            # Of several, a digit more than of their mean.
            more_digits = digits + (len(numbers) > 1)
            formula = _written_mean(numbers, self.weights, more_digits)
            average = Number(mean, decimals_for(size, digits))
            left = average if len(numbers) > 1 else to_digits(float(numbers[0]), digits)
            scale, shift = (to_digits(float(x[of]), digits) for x in (self.scale, self.mean))
            result = Number(value, decimals_for(max(abs(value), 0.1 * scale.exact), 3) + more)
            back = Sum((Product((left, scale)), shift))
            names = Sum((Product((Name("mean"), scale)), shift))
            equations = [calculation("mean", formula, average)]
            equations.append(calculation(target, names, back, result))
            return equations

        return settle(build)

    @property
    def words(self) -> str:
        """What is done."""
        average = (
            tr(
                "The outputs of {n} networks are averaged{weighted}, then",
                n=len(self.weights),
                weighted=_weighted(self.weights),
            )
            if len(self.weights) > 1
            else tr("One network's output is")
        )
        return tr(
            "{average} multiplied by the spread of the target and added to its mean, both of the "
            "rows trained on.",
            average=average,
        )


def _mean(outputs: Reals, weights: Reals) -> Reals:
    """The networks' average, over the first axis."""
    return np.asarray(np.average(outputs, axis=0, weights=weights))


def _written_mean(numbers: Reals, weights: Reals, digits: int) -> Expression:
    """The average of a number of each network, all of them where they are few."""
    if len(numbers) > _MOST_TERMS:
        added_up: Expression = to_digits(float(weights @ numbers), digits)
    else:
        factors = [to_digits(float(w), digits) if w != 1.0 else None for w in weights]
        terms = [to_digits(float(number), digits) for number in numbers]
        added_up = Sum(
            tuple(
                term if factor is None else Product((factor, term))
                for factor, term in zip(factors, terms, strict=True)
            )
        )
    return Quotient(added_up, Number(float(len(numbers)), 0))


def _weighted(weights: Reals) -> str:
    """That networks do not count alike, where it is so."""
    if (weights == 1.0).all():
        return ""
    return tr(", each weighted by how well it predicts rows that it was not trained on")
