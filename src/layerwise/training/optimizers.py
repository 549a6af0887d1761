"""Optimisers: what each is and its settings. The arithmetic is the engine's."""

import math
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture.lookup import look_up
from layerwise.engine import columns as at
from layerwise.engine.layout import GROUPS
from layerwise.engine.updates import ADAM as ADAM_CODE
from layerwise.engine.updates import RMSPROP as RMSPROP_CODE
from layerwise.engine.updates import SGD as SGD_CODE

__all__ = ["LBFGS", "OPTIMIZERS", "SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "get_optimizer"]


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
    """

    code: ClassVar[int]

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
            elif entry.name != "nesterov":
                check_number(entry.name, value, 0.0, _LIMITS.get(entry.name, math.inf))

    def settings(self) -> dict[int, float]:
        """Constants for the engine, by column."""
        factors = enumerate(GROUPS)
        return {at.GROUP_RATES + i: self.rate_factors.get(group, 1.0) for i, group in factors}

    def step_numbers(
        self, rates: NDArray[np.float64], decays: NDArray[np.float64], steps: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The rows of numbers the engine takes for steps (counted from 1)."""
        hyper = np.zeros((len(steps), at.N_HYPER))
        hyper[:, at.RATE] = rates
        hyper[:, at.DECAY_RATE] = rates * decays
        return hyper


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


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Gradient descent, v = momentum v + g, θ -= rate v (Sutskever et al. 2013).

    Attributes
    ----------
    momentum : float
    nesterov : bool
        Whether to step by g + momentum v, Nesterov's look ahead.
    """

    code: ClassVar[int] = SGD_CODE

    learning_rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False

    def settings(self) -> dict[int, float]:
        """Constants for the engine, by column."""
        own = {at.MOMENTUM: self.momentum, at.NESTEROV: float(self.nesterov)}
        return super().settings() | own


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

    code: ClassVar[int] = ADAM_CODE

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def settings(self) -> dict[int, float]:
        """Constants for the engine, by column."""
        own = {at.BETA_1: self.beta1, at.BETA_2: self.beta2, at.EPSILON: self.epsilon}
        return super().settings() | own

    def step_numbers(
        self, rates: NDArray[np.float64], decays: NDArray[np.float64], steps: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The rows of numbers the engine takes for steps: with the bias corrections."""
        hyper = super().step_numbers(rates, decays, steps)
        hyper[:, at.RATE] = rates / (1.0 - self.beta1**steps)
        hyper[:, at.SECOND_ROOT] = 1.0 / np.sqrt(1.0 - self.beta2**steps)
        return hyper


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2)."""

    weight_decay: float = 0.01


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

    code: ClassVar[int] = RMSPROP_CODE

    beta2: float = 0.99
    epsilon: float = 1e-8

    def settings(self) -> dict[int, float]:
        """Constants for the engine, by column."""
        return super().settings() | {at.BETA_2: self.beta2, at.EPSILON: self.epsilon}


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
