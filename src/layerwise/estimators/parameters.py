"""Parameters of estimators, each said once: its name, its type, what it may be, its default.

An estimator's class is a dataclass of its parameters, so that `__init__`, whose signature
scikit-learn and editors read, is made from them. Type checkers know it by `dataclass_transform`.
"""

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, TypeVar, dataclass_transform

import numpy as np

from layerwise.training import SCHEDULES

Estimator = TypeVar("Estimator", bound=type[Any])


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
BOOLEAN = Constraint("a bool", _is_bool)
LIST = Constraint("an array-like", _is_list)
INFINITY = Constraint("infinity", lambda value: value == np.inf)
SEED = Constraint(
    "an int in the range [0, 2**32 - 1], a RandomState or None",
    lambda value: (
        value is None
        or isinstance(value, np.random.RandomState)
        or (isinstance(value, Integral) and not _is_bool(value) and 0 <= int(value) < 2**32)
    ),
)
CALLABLES = Constraint(
    "a list of what can be called", lambda value: _is_list(value) and all(map(callable, value))
)


def parameter(*allowed: Constraint, default: Any, kw_only: bool = True) -> Any:
    """A parameter of an estimator: what it may be, and what it is where nothing is said."""
    return field(default=default, kw_only=kw_only, metadata={"allowed": allowed})


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(parameter, field))
def with_parameters(kind: Estimator) -> Estimator:
    """Give an estimator's class an `__init__` of its parameters and of those that it inherits.

    What is annotated is a parameter; what `fit` finds is ``field(init=False)``.

    Examples
    --------
    >>> @with_parameters
    ... class Scaled:
    ...     factor: float = parameter(real(0), default=1.0)
    >>> Scaled(factor=2.0).factor
    2.0
    """
    dataclass(kw_only=True, eq=False, repr=False, match_args=False)(kind)
    return kind


def check_parameters(estimator: Any) -> None:
    """See that each parameter is one of what it may be.

    Raises
    ------
    InvalidParameterError
        For the first that is not; where a name was misspelt, with the one that was probably
        meant.
    """
    for each in sorted(fields(estimator), key=lambda each: each.name):
        allowed = each.metadata.get("allowed", ())
        value = getattr(estimator, each.name) if allowed else None
        if not allowed or any(constraint.accepts(value) for constraint in allowed):
            continue
        words = list(map(str, allowed))
        wanted = " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
        kind = type(estimator).__name__
        message = f"The {each.name!r} parameter of {kind} must be {wanted}. Got {value!r} instead."
        if each.name == "learning_rate" and isinstance(value, str) and value in SCHEDULES:
            message += f" Did you mean schedule={value!r}?"
        elif isinstance(value, str):
            known = [name for constraint in allowed for name in constraint.known]
            for near in get_close_matches(value.lower(), known, n=1, cutoff=0.5):
                message += f" Did you mean {near!r}?"
        raise InvalidParameterError(message)


@contextmanager
def unchanged_if_refused(estimator: Any) -> Iterator[None]:
    """Leave an estimator as it was where a fit is refused, diverges or is ended.

    Where MLflow logs all models of scikit-learn that are fitted, it logs none of the small ones
    that this one is made with: each would be a run of its own, and take a minute.
    """
    before = dict(vars(estimator))
    mlflow = sys.modules.get("mlflow.utils.autologging_utils")
    try:
        with mlflow.disable_autologging() if mlflow else nullcontext():
            yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
