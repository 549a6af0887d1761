"""Losses: one entry for each, read by both engines, the pictures and the tests.

A loss is a function of the network's last pre-activations, the scores `s` (logits), and of the
target `y`. It names the output function that turns scores into what the network returns
(probabilities, say), and is written in the scores so that no probability is ever rounded to 0
before its logarithm is taken: every loss is finite for scores of any finite size.

A loss is summed over a row's outputs and averaged over the rows of a batch.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from layerwise.architecture.elementary import exp, log1p_exp_of_minus, sigmoid, where
from layerwise.architecture.lookup import look_up

__all__ = ["LOSSES", "OUTPUTS", "RATE_LIMIT", "Loss", "default_loss", "get_loss"]

# Scores beyond this are no counts a table holds (e^30 = 10^13). There the Poisson loss goes on
# along its tangent, and the rate stays at e^30, so that neither overflows.
RATE_LIMIT = 30.0

# What turns scores into outputs, by the names an architecture uses.
OUTPUTS: dict[str, str] = {
    "identity": "s",
    "softmax": "exp(s_k) / sum_j exp(s_j)",
    "sigmoid": "1 / (1 + exp(-s))",
    "exp": "exp(s)",
}


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
    function, slope : callable or None
        L(s, y, c) for one score and target, and dL/ds; c is the parameter. None for softmax,
        whose scores depend on each other.
    parameter_name : str or None
        What the parameter is called, where there is one.
    parameter : float
        Its value.
    """

    name: str
    formula: str
    output: str
    source: str
    function: Callable[..., Any] | None = None
    slope: Callable[..., Any] | None = None
    parameter_name: str | None = None
    parameter: float = 0.0

    def __str__(self) -> str:
        if self.parameter_name is None:
            return self.name
        return f"{self.name}({self.parameter_name}={self.parameter:g})"


def binary_log_loss(s: Any, y: Any, c: Any) -> Any:
    # -y log p - (1 - y) log(1 - p) = max(s, 0) - s y + log(1 + e^-|s|), y smoothed by c.
    smooth = y * (1.0 - c) + 0.5 * c
    return where(s > 0.0, s, 0.0) - s * smooth + log1p_exp_of_minus(where(s > 0.0, s, -s))


def binary_log_loss_slope(s: Any, y: Any, c: Any) -> Any:
    return sigmoid(s) - (y * (1.0 - c) + 0.5 * c)


def squared(s: Any, y: Any, c: Any) -> Any:
    return 0.5 * (s - y) * (s - y)


def squared_slope(s: Any, y: Any, c: Any) -> Any:
    return s - y


def absolute(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, s - y, y - s)


def absolute_slope(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, 1.0, where(s < y, -1.0, s - y))


def huber(s: Any, y: Any, c: Any) -> Any:
    r = where(s > y, s - y, y - s)
    return where(r > c, c * (r - 0.5 * c), 0.5 * r * r)


def huber_slope(s: Any, y: Any, c: Any) -> Any:
    return where(s - y > c, c, where(s - y < -c, -c, s - y))


def quantile(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, (1.0 - c) * (s - y), c * (y - s))


def quantile_slope(s: Any, y: Any, c: Any) -> Any:
    return where(s > y, 1.0 - c, where(s < y, -c, s - y))


def poisson(s: Any, y: Any, c: Any) -> Any:
    # Beyond RATE_LIMIT, the tangent.
    over = where(s > RATE_LIMIT, s - RATE_LIMIT, 0.0)
    rate = exp(where(s > RATE_LIMIT, RATE_LIMIT, s))
    return rate * (1.0 + over) - y * s


def poisson_slope(s: Any, y: Any, c: Any) -> Any:
    return exp(where(s > RATE_LIMIT, RATE_LIMIT, s)) - y


_ENTRIES = (
    Loss(
        "softmax",
        "-log(p of the true class)",
        "softmax",
        "Bridle 1990; label smoothing: Szegedy et al. 2016",
        parameter_name="label_smoothing",
    ),
    Loss(
        "sigmoid",
        "-y log(p) - (1 - y) log(1 - p)",
        "sigmoid",
        "Cox 1958",
        binary_log_loss,
        binary_log_loss_slope,
        parameter_name="label_smoothing",
    ),
    Loss("squared", "(p - y)² / 2", "identity", "Legendre 1805", squared, squared_slope),
    Loss("absolute", "|p - y|", "identity", "Boscovich 1757", absolute, absolute_slope),
    Loss(
        "huber",
        "(p - y)² / 2 up to |p - y| = delta, then delta (|p - y| - delta / 2)",
        "identity",
        "Huber 1964",
        huber,
        huber_slope,
        parameter_name="delta",
        parameter=1.0,
    ),
    Loss(
        "quantile",
        "q (y - p) below the target, (1 - q) (p - y) above",
        "identity",
        "Koenker and Bassett 1978",
        quantile,
        quantile_slope,
        parameter_name="q",
        parameter=0.5,
    ),
    Loss("poisson", "p - y log(p)", "exp", "Nelder and Wedderburn 1972", poisson, poisson_slope),
)

LOSSES: dict[str, Loss] = {entry.name: entry for entry in _ENTRIES}
_RANGES = {"label_smoothing": (0.0, 1.0), "delta": (0.0, float("inf")), "q": (0.0, 1.0)}


def get_loss(name: str | Loss, **parameter: float) -> Loss:
    """Find a loss's entry, with a parameter of its own if one is given.

    Parameters
    ----------
    name : str or Loss
        A key of `LOSSES`; a `Loss` is returned as it is.
    **parameter : float
        The loss's one parameter by its name: ``label_smoothing``, ``delta`` or ``q``.

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
        low, high = _RANGES[key]
        closed_below = key == "label_smoothing"
        if not (low <= value < high if closed_below else low < value < high):
            raise ValueError(
                f"{key} must lie in {'[' if closed_below else '('}{low:g}, {high:g}); got {value!r}"
            )
        entry = replace(entry, parameter=float(value))
    return entry


def default_loss(output: str) -> Loss:
    """Return the loss that goes with an output function.

    Examples
    --------
    >>> default_loss("identity").name
    'squared'
    """
    return next(entry for entry in _ENTRIES if entry.output == output)
