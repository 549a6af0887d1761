"""What each parameter of the estimators may be, and errors that offer the nearest known name."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any

import numpy as np

from layerwise.architecture.activations import activations_by_name
from layerwise.training import OPTIMIZERS, SCHEDULES
from layerwise.training.schedules import open_ended_schedules

__all__ = [
    "COMMON_CONSTRAINTS",
    "NONE",
    "Constraint",
    "InvalidParameterError",
    "check_parameters",
    "instance",
    "integer",
    "one_of",
    "real",
]


class InvalidParameterError(ValueError, TypeError):
    """A parameter of an estimator is none of what it may be."""


@dataclass(frozen=True)
class Constraint:
    """One of the kinds of value that a parameter may have.

    Attributes
    ----------
    words : str
        The kind, as an error names it; the names come behind it.
    accepts : callable
        Whether a value is of the kind.
    names : callable or None
        names() are those that it knows now: entries can be added.
    """

    words: str
    accepts: Callable[[Any], bool]
    names: Callable[[], Collection[str]] | None = None

    @property
    def known(self) -> list[str]:
        """The names it knows, in order."""
        return sorted(self.names()) if self.names else []

    def __str__(self) -> str:
        names = f" {{{', '.join(map(repr, self.known))}}}" if self.names else ""
        return f"{self.words}{names}"


def one_of(names: Collection[str] | Callable[[], Collection[str]]) -> Constraint:
    """A string among these, or among what is called for them."""

    def known() -> Collection[str]:
        return names() if callable(names) else names

    return Constraint("a str among", lambda v: isinstance(v, str) and v in known(), known)


def integer(low: int) -> Constraint:
    """A whole number of at least this."""
    return Constraint(
        f"an int in the range [{low}, inf)",
        lambda value: isinstance(value, Integral) and not _is_bool(value) and int(value) >= low,
    )


def real(low: float, high: float = np.inf, ends: str = "[)") -> Constraint:
    """A number between two, without or with its ends, as mathematics writes them."""

    def accepts(value: Any) -> bool:
        return (
            isinstance(value, Real)
            and not _is_bool(value)
            and (low <= float(value) if ends[0] == "[" else low < float(value))
            and (float(value) <= high if ends[1] == "]" else float(value) < high)
        )

    return Constraint(
        f"a float in the range {ends[0]}{float(low)}, {float(high)}{ends[1]}", accepts
    )


def instance(kind: type) -> Constraint:
    """An object of a class."""
    return Constraint(f"an instance of {kind.__name__!r}", lambda value: isinstance(value, kind))


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _is_list(value: Any) -> bool:
    has_length = hasattr(value, "__len__") or hasattr(value, "shape") or hasattr(value, "__array__")
    return has_length and not isinstance(value, str | bytes)


NONE = Constraint("None", lambda value: value is None)
_BOOLEAN = Constraint("a bool", _is_bool)
_LIST = Constraint("an array-like", _is_list)
_SEED = Constraint(
    "an int in the range [0, 2**32 - 1], a RandomState or None",
    lambda value: (
        value is None
        or isinstance(value, np.random.RandomState)
        or (isinstance(value, Integral) and not _is_bool(value) and 0 <= int(value) < 2**32)
    ),
)
_CALLABLES = Constraint(
    "a list of what can be called", lambda value: _is_list(value) and all(map(callable, value))
)

COMMON_CONSTRAINTS: dict[str, list[Constraint]] = {
    "hidden_layer_sizes": [_LIST, integer(1)],
    "activation": [one_of(activations_by_name), _LIST],
    "solver": [one_of(OPTIMIZERS)],
    "alpha": [real(0)],
    "batch_size": [one_of(["auto"]), integer(1)],
    "learning_rate": [one_of(open_ended_schedules)],
    "learning_rate_init": [real(0, ends="()")],
    "power_t": [real(0)],
    "max_iter": [integer(1)],
    "shuffle": [_BOOLEAN],
    "random_state": [_SEED],
    "tol": [real(0)],
    "verbose": [integer(0), _BOOLEAN],
    "warm_start": [_BOOLEAN],
    "momentum": [real(0, 1, "[]")],
    "nesterovs_momentum": [_BOOLEAN],
    "early_stopping": [_BOOLEAN],
    "validation_fraction": [real(0, 1)],
    "beta_1": [real(0, 1)],
    "beta_2": [real(0, 1)],
    "epsilon": [real(0, ends="()")],
    "n_iter_no_change": [integer(1), Constraint("infinity", lambda value: value == np.inf)],
    "max_fun": [integer(1)],
    "dropout": [real(0, 1), _LIST],
    "normalization": [one_of(["batch", "layer"]), NONE],
    "residual": [_BOOLEAN],
    "gradient_clipping": [real(0, ends="()"), NONE],
    "schedule": [instance(str), NONE],
    "ema": [real(0, 1, "()"), NONE],
    "n_threads": [integer(1), NONE],
    "progress": [_BOOLEAN],
    "callbacks": [_CALLABLES, NONE],
}


def check_parameters(
    kind: str, constraints: dict[str, list[Constraint]], parameters: dict[str, Any]
) -> None:
    """See that each parameter is one of what it may be.

    Raises
    ------
    InvalidParameterError
        For the first that is not; where a name was misspelt, with the one that was probably
        meant.
    """
    for name, value in parameters.items():
        allowed = constraints[name]
        if any(constraint.accepts(value) for constraint in allowed):
            continue
        words = list(map(str, allowed))
        wanted = " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
        message = f"The {name!r} parameter of {kind} must be {wanted}. Got {value!r} instead."
        if name == "learning_rate" and isinstance(value, str) and value in SCHEDULES:
            message += f" Did you mean schedule={value!r}?"
        elif isinstance(value, str):
            known = [each for constraint in allowed for each in constraint.known]
            for near in get_close_matches(value.lower(), known, n=1, cutoff=0.5):
                message += f" Did you mean {near!r}?"
        raise InvalidParameterError(message)
