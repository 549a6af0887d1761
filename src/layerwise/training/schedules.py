"""Schedules: how a number (learning rate, dropout, weight decay) changes while training.

One entry for each: a factor on the number, as a function of the share t of all steps that is
done, 0 <= t < 1. Adding a schedule is adding an entry to `SCHEDULES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.arrays import Floats


@dataclass(frozen=True)
class Schedule:
    """How a number changes while training.

    Attributes
    ----------
    name : str
    formula : str
        The factor, as people write it.
    factor : callable
        factor(t, n), of each step: t the share of steps done, n the rows of training seen before
        its epoch.
    source : str
    open_ended : bool
        Whether it is the same however many epochs there will be.
    divisor : float or None
        What the learning rate, if it is its, is divided by each time nothing has improved for
        `patience` epochs; None: training then ends.
    with_power : callable or None
        The same with another power than its own, for scikit-learn's `power_t`.
    """

    name: str
    formula: str
    factor: Callable[[Floats, Any], Floats]
    source: str
    open_ended: bool = False
    divisor: float | None = None
    with_power: "Callable[[float], Schedule] | None" = None


def _one_cycle(t: Floats, n: Any) -> Floats:
    # Up to the full rate in the first 30 %, from a 25th of it, then down to 1 / 10,000 of that.
    up, low, end = 0.3, 1 / 25, 1 / 25e4
    rise = low + (1 - low) * 0.5 * (1 - np.cos(np.pi * t / up))
    fall = end + (1 - end) * 0.5 * (1 + np.cos(np.pi * (t - up) / (1 - up)))
    return np.where(t < up, rise, fall)


def _inverse_scaling(power: float) -> Schedule:
    return Schedule(
        "invscaling",
        "1 / sqrt(1 + rows seen)" if power == 0.5 else f"1 / (1 + rows seen)^{power:g}",
        lambda t, n: np.ones_like(t) / (1.0 + n) ** power,
        "scikit-learn's MLPClassifier; it changes once an epoch",
        open_ended=True,
        with_power=_inverse_scaling,
    )


_ENTRIES = (
    Schedule("constant", "1", lambda t, n: np.ones_like(t), "none", open_ended=True),
    _inverse_scaling(0.5),
    Schedule(
        "adaptive",
        "1, a fifth of it each time nothing has improved for `patience` epochs",
        lambda t, n: np.ones_like(t),
        "scikit-learn's MLPClassifier",
        open_ended=True,
        divisor=5.0,
    ),
    Schedule(
        "cosine",
        "(1 + cos(π t)) / 2",
        lambda t, n: 0.5 * (1 + np.cos(np.pi * t)),
        "Loshchilov and Hutter 2017",
    ),
    Schedule(
        "one_cycle",
        "cosine up from 1/25 to 1 until t = 0.3, cosine down to 1/250,000",
        _one_cycle,
        "Smith and Topin 2019",
    ),
    Schedule(
        "flat_cosine",
        "1 until t = 1/2, then (1 + cos(π (2t - 1))) / 2",
        lambda t, n: np.where(t < 0.5, 1.0, 0.5 * (1 + np.cos(np.pi * (2 * t - 1)))),
        "Holzmüller et al. 2024, for dropout and weight decay",
    ),
    Schedule(
        "multi_cycle_cosine",
        "(1 - cos(2π log2(1 + 15 t))) / 2",
        lambda t, n: 0.5 * (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t))),
        "Holzmüller et al. 2024, for the learning rate",
    ),
)

SCHEDULES: dict[str, Schedule] = {entry.name: entry for entry in _ENTRIES}


def open_ended_schedules() -> list[str]:
    """The names of those that are the same however many epochs there will be."""
    return [name for name, entry in SCHEDULES.items() if entry.open_ended]


def get_schedule(name: "str | Schedule") -> Schedule:
    """Find a schedule's entry by name; a `Schedule` is returned as it is.

    Examples
    --------
    >>> cosine = get_schedule("cosine")
    >>> cosine.factor(np.array([0.0, 0.5, 1.0]), 0).round(3)
    array([1. , 0.5, 0. ])
    """
    return name if isinstance(name, Schedule) else look_up(name, SCHEDULES, "schedule")
