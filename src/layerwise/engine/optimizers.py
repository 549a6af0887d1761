"""Optimisers: one entry for each, read by every engine, by messages, documentation and tests.

An entry is a class: its settings, what is checked of them, its formula as people write it, its
source, and its rule: what a step does to each parameter, as formulas of NumPy arrays. The NumPy
engine calls them as they are; the compiled one writes its loop over the parameters from them.
Adding an optimiser is adding a class to `OPTIMIZERS`, before the first training.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.arrays import Floats, Integers
from layerwise.engine.layout import GROUPS

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "Rule",
    "get_optimizer",
]


@dataclass(frozen=True)
class Rule:
    """What a step does to a parameter with the gradient g and the moments m and v.

    The functions take any of ``g``, ``m`` and ``v``, and, by their names, numbers among
    `Optimizer.constants` and `Optimizer.step_numbers`.

    Attributes
    ----------
    change : callable
        What is taken off the parameter. m and v are the new ones.
    moments : callable or None
        The new (m, v); None: there are none.
    """

    change: Callable[..., Any]
    moments: Callable[..., Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """What every step-by-step optimiser has.

    Attributes
    ----------
    learning_rate : float
        Step size before any schedule.
    weight_decay : float
        Each step first takes this share, times the learning rate, off weights and embeddings
        (decoupled decay: Loshchilov and Hutter 2019).
    rate_factors : dict of str to float
        Factors on the learning rate of "weights", "biases", "scales" (gains, shifts, input
        scales, learned slopes, frequencies) and "embeddings"; 1 where not named.
    formula, source : str
        What it does, as people write it (g the gradient, θ the parameters), and who found it.
    rules : tuple of Rule
        Every rule it may follow.
    """

    formula: ClassVar[str]
    source: ClassVar[str]
    rules: ClassVar[tuple[Rule, ...]]

    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    rate_factors: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name == "rate_factors":
                for group, factor in value.items():
                    look_up(group, {name: name for name in GROUPS}, "kind of parameter")
                    check_number(f"rate_factors[{group!r}]", factor, 0.0, math.inf)
            elif entry.type is not bool:
                check_number(entry.name, value, 0.0, _LIMITS.get(entry.name, math.inf))

    @property
    def rule(self) -> Rule:
        """The rule that it follows with these settings."""
        return self.rules[0]

    def constants(self) -> dict[str, float]:
        """The rule's numbers that are the same in every step."""
        return {}

    def step_numbers(self, rates: Floats, steps: Integers) -> dict[str, Floats]:
        """The rule's numbers of each step: "rate", what the learning rate becomes, and others.

        Parameters
        ----------
        rates : ndarray of float64
            Learning rates.
        steps : ndarray of int64
            The steps' numbers, from 1.
        """
        return {"rate": rates}


# A momentum of 1, which never slows down, is allowed, as scikit-learn allows it.
_LIMITS = {"beta1": 1.0, "beta2": 1.0, "momentum": math.nextafter(1.0, 2.0)}


def is_number(value: Any) -> bool:
    """Whether a setting is one number, Python's or NumPy's."""
    return isinstance(value, float | int | np.floating | np.integer)


def check_number(name: str, value: Any, low: float, below: float) -> None:
    """Raise a ValueError that names the setting unless it is a number in [low, below)."""
    if is_number(value) and math.isfinite(value) and low <= value < below:
        return
    limit = f"and below {below:g}" if math.isfinite(below) else "and finite"
    raise ValueError(f"{name} must be at least {low:g} {limit}; got {value!r}")


def descent(g: Any, rate: Any) -> Any:
    return rate * g


def momentum_moments(g: Any, m: Any, v: Any, momentum: Any) -> Any:
    return momentum * m + g, v


def momentum_change(g: Any, m: Any, rate: Any, now: Any, along: Any) -> Any:
    return rate * (now * g + along * m)


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Gradient descent, v = momentum v + g, θ -= rate v (Sutskever et al. 2013).

    Attributes
    ----------
    momentum : float
    nesterov : bool
        Whether to step by g + momentum v, Nesterov's look ahead.
    """

    formula = "v = momentum v + g, θ -= rate v; with nesterov, θ -= rate (g + momentum v)"
    source = "Sutskever et al. 2013"
    rules = (Rule(descent), Rule(momentum_change, momentum_moments))

    learning_rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False

    @property
    def rule(self) -> Rule:
        """Plain gradient descent where there is no momentum."""
        return self.rules[self.momentum != 0]

    def constants(self) -> dict[str, float]:
        """Momentum, and the shares of the gradient and of its moment in a step."""
        along = self.momentum if self.nesterov else 1.0
        return {"momentum": self.momentum, "now": float(self.nesterov), "along": along}


def adam_moments(g: Any, m: Any, v: Any, beta1: Any, rest1: Any, beta2: Any, rest2: Any) -> Any:
    return beta1 * m + rest1 * g, beta2 * v + rest2 * g * g


def adam_change(m: Any, v: Any, rate: Any, root: Any, epsilon: Any) -> Any:
    return rate * m / (np.sqrt(v) * root + epsilon)


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba 2015, algorithm 1).

    Attributes
    ----------
    beta1, beta2 : float
        How slowly the first and second moment move.
    epsilon : float
        Added to the root of the second moment.
    """

    formula = (
        "m = β1 m + (1 - β1) g, v = β2 v + (1 - β2) g², "
        "θ -= rate (m / (1 - β1^t)) / (sqrt(v / (1 - β2^t)) + ε)"
    )
    source = "Kingma and Ba 2015, algorithm 1"
    rules = (Rule(adam_change, adam_moments),)

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def constants(self) -> dict[str, float]:
        """β and 1 - β, the latter taken before any rounding to float32; ε."""
        return {
            "beta1": self.beta1,
            "rest1": 1.0 - self.beta1,
            "beta2": self.beta2,
            "rest2": 1.0 - self.beta2,
            "epsilon": self.epsilon,
        }

    def step_numbers(self, rates: Floats, steps: Integers) -> dict[str, Floats]:
        """The bias corrections, that of m within the rate."""
        return {
            "rate": rates / (1.0 - self.beta1**steps),
            "root": 1.0 / np.sqrt(1.0 - self.beta2**steps),
        }


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2)."""

    formula = f"w -= rate weight_decay w; {Adam.formula}"
    source = "Loshchilov and Hutter 2019, algorithm 2"

    weight_decay: float = 0.01


def rmsprop_moments(g: Any, m: Any, v: Any, beta2: Any, rest2: Any) -> Any:
    return m, beta2 * v + rest2 * g * g


def rmsprop_change(g: Any, v: Any, rate: Any, epsilon: Any) -> Any:
    return rate * g / (np.sqrt(v) + epsilon)


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer):
    """Each gradient over the root of its running mean square (Tieleman and Hinton 2012).

    Attributes
    ----------
    beta2 : float
        How slowly the mean square moves.
    epsilon : float
        Added to its root.
    """

    formula = "v = β2 v + (1 - β2) g², θ -= rate g / (sqrt(v) + ε)"
    source = "Tieleman and Hinton 2012, lecture 6.5"
    rules = (Rule(rmsprop_change, rmsprop_moments),)

    beta2: float = 0.99
    epsilon: float = 1e-8

    def constants(self) -> dict[str, float]:
        """β2 and 1 - β2, the latter taken before any rounding to float32; ε."""
        return {"beta2": self.beta2, "rest2": 1.0 - self.beta2, "epsilon": self.epsilon}


@dataclass(frozen=True, kw_only=True)
class LBFGS:
    """Limited-memory BFGS on the whole table at once, SciPy's (Liu and Nocedal 1989).

    An epoch of training is one of its iterations. It needs a function that does not change:
    neither dropout nor batch normalisation.

    Attributes
    ----------
    memory : int
        Past steps the curvature is estimated from.
    tolerance : float
        It has converged when no gradient is larger.
    max_evaluations : int
        Most evaluations of the loss in a whole fit.
    least_decrease : float or None
        It has also converged when an iteration takes less than this share off the loss; None: 64
        roundings.
    """

    formula: ClassVar[str] = "θ -= rate H g, H the inverse curvature of the last steps"
    source: ClassVar[str] = "Liu and Nocedal 1989; the search is SciPy's"

    memory: int = 10
    tolerance: float = 1e-5
    max_evaluations: int = 15_000
    least_decrease: float | None = None

    def __post_init__(self) -> None:
        check_number("memory", self.memory, 1, math.inf)
        check_number("tolerance", self.tolerance, 0.0, math.inf)
        check_number("max_evaluations", self.max_evaluations, 1, math.inf)
        if self.least_decrease is not None:
            check_number("least_decrease", self.least_decrease, 0.0, math.inf)


OPTIMIZERS: dict[str, type[Optimizer] | type[LBFGS]] = {
    "sgd": SGD,
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": RMSprop,
    "lbfgs": LBFGS,
}


def get_optimizer(optimizer: "str | Optimizer | LBFGS") -> "Optimizer | LBFGS":
    """Return an optimiser by name, with its defaults; an optimiser is returned as it is.

    Examples
    --------
    >>> get_optimizer("adam").learning_rate
    0.001
    """
    if isinstance(optimizer, Optimizer | LBFGS):
        return optimizer
    return look_up(optimizer, OPTIMIZERS, "optimizer")()
