"""Finding an entry by name, and counts of things, with errors that help."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

Entry = TypeVar("Entry")


def look_up(name: object, entries: Mapping[str, Entry], kind: str) -> Entry:
    """Return ``entries[name]``, or raise a ValueError that offers the nearest known name.

    Examples
    --------
    >>> look_up("rleu", {"relu": 1, "tanh": 2}, "activation")
    Traceback (most recent call last):
    ...
    ValueError: unknown activation 'rleu'; did you mean 'relu'? Known: relu, tanh
    """
    if isinstance(name, str) and name in entries:
        return entries[name]
    lower = {entry.lower(): entry for entry in entries}
    near = get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
    hint = f"did you mean {lower[near[0]]!r}? " if near else ""
    raise ValueError(f"unknown {kind} {name!r}; {hint}Known: {', '.join(sorted(entries))}")


def check_count(what: str, value: object, at_least: int = 1) -> None:
    """Raise a ValueError if `value` is no integer of at least so much."""
    is_integer = hasattr(value, "__index__") and not isinstance(value, bool)
    if not is_integer or value < at_least:  # type: ignore[operator]
        raise ValueError(f"{what} must be an integer of at least {at_least}; got {value!r}")
