"""Losses: one entry for each, read by both engines, the pictures and the tests.

A loss is a function of the network's last pre-activations, the scores `s` (logits), and of the
target `y`. It names the output function that turns scores into what the network returns
(probabilities, say), and is written in the scores so that no probability is ever rounded to 0
before its logarithm is taken: every loss is finite for scores of any finite size. Where outputs
depend on all scores, as softmax's do, it is written in their logarithms instead, and the chain
rule does the rest: dL/ds_k = dL/dln(p_k) - p_k sum_j dL/dln(p_j).

A loss is summed over a row's outputs and averaged over the rows of a batch. Adding one is adding
an entry to `LOSSES`, before the first training.
"""

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import numpy as np

from layerwise.architecture.elementary import exp, log1p_exp_of_minus, sigmoid, where
from layerwise.architecture.lookup import look_up
from layerwise.architecture.output_functions import OUTPUTS, RATE_LIMIT
from layerwise.language import message

__all__ = [
    "LOSSES",
    "Loss",
    "Range",
    "default_loss",
    "get_loss",
    "matching_loss",
]


@dataclass(frozen=True)
class Range:
    """Numbers between two, without or with these, as mathematics writes it.

    Attributes
    ----------
    low, high : float
    ends : str
        "[)", say, with the lower one alone.
    words : str
        What a number of it must do.

    Examples
    --------
    >>> 0.0 in Range(0.0, 1.0, "[)"), 1.0 in Range(0.0, 1.0, "[)"), str(Range(0.0, 1.0, "[)"))
    (True, False, 'lie in [0, 1)')
    """

    low: float = -math.inf
    high: float = math.inf
    ends: str = "()"
    words: str = ""

    def __contains__(self, value: float) -> bool:
        above = self.low <= value if self.ends[0] == "[" else self.low < value
        return above and (value <= self.high if self.ends[1] == "]" else value < self.high)

    def __str__(self) -> str:
        return self.words or f"lie in {self.ends[0]}{self.low:g}, {self.high:g}{self.ends[1]}"


@dataclass(frozen=True)
class Loss:
    """What one loss is.

    Attributes
    ----------
    name : str
        Its name in this library.
    formula : str
        Its formula as people write it, p the output and y the target.
    output : str
        The output function it belongs to, a key of `OUTPUTS`.
    source : str
        Author and year.
    function, slope : callable
        L(s, y, c) for one score and target, and dL/ds; c is the parameter. Of the output "softmax"
        L(log_p, t, c) for one class and its target, and dL/dlog_p: t is 1 for the row's own class
        and 0 for others, or what `target` makes of these.
    written : callable
        L(p, t, c) for one output and target, as explanations write it out: with arithmetic,
        comparisons, `abs` and NumPy's functions.
    target : callable or None
        Where the gradient by a score is p - t: t(y, c, n), n being how many classes there are (2
        for labels).
    targets : Range
        The targets it takes.
    parameter_name : str or None
        What the parameter is called, where there is one.
    parameter : float
        Its value.
    parameter_range : Range
    metric : str or None
        The metric that is best where it is least.
    scikit_learn : str or None
        What `MLPRegressor` calls it, where it has it.
    least : callable or None
        Its least value for a target, where that is not 0; scikit-learn counts from there.
    """

    name: str
    formula: str
    output: str
    source: str
    function: Callable[..., Any]
    slope: Callable[..., Any]
    _: KW_ONLY
    written: Callable[..., Any]
    target: Callable[..., Any] | None = None
    targets: Range = Range()
    parameter_name: str | None = None
    parameter: float = 0.0
    parameter_range: Range = Range()
    metric: str | None = None
    scikit_learn: str | None = None
    least: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        look_up(self.output, OUTPUTS, "output")

    @property
    def takes_classes(self) -> bool:
        """Whether a row's target is one class's number."""
        return OUTPUTS[self.output].of_classes

    @property
    def of_probabilities(self) -> bool:
        """Whether outputs are probabilities, of classes or of labels."""
        return OUTPUTS[self.output].of_probabilities

    def __str__(self) -> str:
        if self.parameter_name is None:
            return self.name
        return f"{self.name}({self.parameter_name}={self.parameter:g})"


def smoothed(y: Any, c: Any, n: Any) -> Any:
    return y * (1.0 - c) + c / n


def log_loss(log_p: Any, t: Any, c: Any) -> Any:
    # A class without a target has no part, however far its score.
    return where(t > 0.0, -t * log_p, 0.0)


def log_loss_slope(log_p: Any, t: Any, c: Any) -> Any:
    return -t


def log_loss_written(p: Any, t: Any, c: Any) -> Any:
    return -t * np.log(p)


def binary_log_loss(s: Any, y: Any, c: Any) -> Any:
    # -y ln p - (1 - y) ln(1 - p) = max(s, 0) - s y + ln(1 + e^-|s|), y smoothed by c.
    smooth = y * (1.0 - c) + 0.5 * c
    return where(s > 0.0, s, 0.0) - s * smooth + log1p_exp_of_minus(where(s > 0.0, s, -s))


def binary_log_loss_slope(s: Any, y: Any, c: Any) -> Any:
    return sigmoid(s) - (y * (1.0 - c) + 0.5 * c)


def binary_log_loss_written(p: Any, t: Any, c: Any) -> Any:
    if t == 1:
        return -np.log(p)
    return -np.log(1 - p) if t == 0 else -t * np.log(p) - (1 - t) * np.log(1 - p)


def target_itself(y: Any, c: Any, n: Any) -> Any:
    return y


def squared(s: Any, y: Any, c: Any) -> Any:
    return 0.5 * (s - y) * (s - y)


def squared_slope(s: Any, y: Any, c: Any) -> Any:
    return s - y


def squared_written(p: Any, y: Any, c: Any) -> Any:
    return (p - y) * (p - y) / 2


def absolute(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, s - y, y - s)


def absolute_slope(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, 1.0, where(s < y, -1.0, s - y))


def absolute_written(p: Any, y: Any, c: Any) -> Any:
    return abs(p - y)


def huber(s: Any, y: Any, c: Any) -> Any:
    r = where(s > y, s - y, y - s)
    return where(r > c, c * (r - 0.5 * c), 0.5 * r * r)


def huber_slope(s: Any, y: Any, c: Any) -> Any:
    return where(s - y > c, c, where(s - y < -c, -c, s - y))


def huber_written(p: Any, y: Any, c: Any) -> Any:
    return (p - y) * (p - y) / 2 if abs(p - y) <= c else c * (abs(p - y) - c / 2)


def quantile(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, (1.0 - c) * (s - y), c * (y - s))


def quantile_slope(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, 1.0 - c, where(s < y, -c, s - y))


def quantile_written(p: Any, y: Any, c: Any) -> Any:
    return (c if p < y else 1 - c) * abs(p - y)


def poisson(s: Any, y: Any, c: Any) -> Any:
    # Beyond RATE_LIMIT, the tangent.
    over = where(s > RATE_LIMIT, s - RATE_LIMIT, 0.0)
    rate = exp(where(s > RATE_LIMIT, RATE_LIMIT, s))
    return rate * (1.0 + over) - y * s


def poisson_slope(s: Any, y: Any, c: Any) -> Any:
    return exp(where(s > RATE_LIMIT, RATE_LIMIT, s)) - y


def poisson_written(p: Any, y: Any, c: Any) -> Any:
    return p - y * np.log(p)


def poisson_least(y: Any) -> Any:
    return y - y * np.log(np.where(y > 0, y, 1.0))


_ENTRIES = (
    Loss(
        "softmax",
        message("-ln(p of the true class)"),
        "softmax",
        "Bridle 1990; label smoothing: Szegedy et al. 2016",
        log_loss,
        log_loss_slope,
        written=log_loss_written,
        target=smoothed,
        parameter_name="label_smoothing",
        parameter_range=Range(0.0, 1.0, "[)"),
        metric="log_loss",
    ),
    Loss(
        "sigmoid",
        "-y ln(p) - (1 - y) ln(1 - p)",
        "sigmoid",
        "Cox 1958",
        binary_log_loss,
        binary_log_loss_slope,
        written=binary_log_loss_written,
        target=smoothed,
        targets=Range(0.0, 1.0, "[]", "lie in 0..1"),
        parameter_name="label_smoothing",
        parameter_range=Range(0.0, 1.0, "[)"),
        metric="log_loss",
    ),
    Loss(
        "squared",
        "(p - y)² / 2",
        "identity",
        "Legendre 1805",
        squared,
        squared_slope,
        written=squared_written,
        target=target_itself,
        metric="rmse",
        scikit_learn="squared_error",
    ),
    Loss(
        "absolute",
        "|p - y|",
        "identity",
        "Boscovich 1757",
        absolute,
        absolute_slope,
        written=absolute_written,
        metric="mae",
    ),
    Loss(
        "huber",
        message("(p - y)² / 2 up to |p - y| = delta, then delta (|p - y| - delta / 2)"),
        "identity",
        "Huber 1964",
        huber,
        huber_slope,
        written=huber_written,
        parameter_name="delta",
        parameter=1.0,
        parameter_range=Range(0.0),
    ),
    Loss(
        "quantile",
        message("q (y - p) below the target, (1 - q) (p - y) above"),
        "identity",
        "Koenker and Bassett 1978",
        quantile,
        quantile_slope,
        written=quantile_written,
        parameter_name="q",
        parameter=0.5,
        parameter_range=Range(0.0, 1.0),
    ),
    Loss(
        "poisson",
        "p - y ln(p)",
        "exp",
        "Nelder and Wedderburn 1972",
        poisson,
        poisson_slope,
        written=poisson_written,
        target=target_itself,
        targets=Range(0.0, ends="[)", words="not be negative"),
        scikit_learn="poisson",
        least=poisson_least,
    ),
)

LOSSES: dict[str, Loss] = {entry.name: entry for entry in _ENTRIES}


def get_loss(name: str | Loss, **parameter: float) -> Loss:
    """Find a loss's entry, with a parameter of its own if one is given.

    Parameters
    ----------
    name : str or Loss
        A key of `LOSSES`; a `Loss` is returned as it is.
    **parameter : float
        The loss's one parameter by its name: ``label_smoothing``, ``delta`` or ``q``, say.

    Raises
    ------
    ValueError
        For an unknown name, a parameter the loss does not have, or a value out of its range.

    Examples
    --------
    >>> print(get_loss("quantile", q=0.9))
    quantile(q=0.9)
    """
    entry = name if isinstance(name, Loss) else look_up(name, LOSSES, "loss")
    for key, value in parameter.items():
        if key != entry.parameter_name:
            known = entry.parameter_name or "none"
            raise ValueError(
                f"loss {entry.name!r} has no parameter {key!r}; its parameter: {known}"
            )
        if value not in entry.parameter_range:
            raise ValueError(f"{key} must {entry.parameter_range}; got {value!r}")
        entry = replace(entry, parameter=float(value))
    return entry


def default_loss(output: str, metric: str | None = None) -> Loss:
    """Return the loss that goes with an output function: by a metric, if one has its loss.

    Examples
    --------
    >>> default_loss("identity").name, default_loss("identity", "mae").name
    ('squared', 'absolute')
    """
    entries = [entry for entry in LOSSES.values() if entry.output == output]
    return next((entry for entry in entries if metric and entry.metric == metric), entries[0])


def matching_loss(loss: str | Loss | None, output: str) -> Loss:
    """Find a loss for an output function; None: the one that goes with it.

    Raises
    ------
    ValueError
        If the loss is unknown, or goes with another output function.
    """
    entry = default_loss(output) if loss is None else get_loss(loss)
    if entry.output != output:
        raise ValueError(
            f"the loss {entry.name!r} goes with the output {entry.output!r}; this network's "
            f"output is {output!r}"
        )
    return entry
