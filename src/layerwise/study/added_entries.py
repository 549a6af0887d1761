"""Entries that were added to the package's registries from outside, for workers elsewhere.

A worker is a process that imports the package anew: what a script added to `ACTIVATIONS`, say, is
not there unless it comes along.
"""

from collections.abc import MutableMapping
from typing import Any

from layerwise.architecture import ACTIVATIONS, LOSSES, OUTPUTS, STEPS
from layerwise.architecture.initialization import INITIALIZATIONS
from layerwise.training import OPTIMIZERS, SCHEDULES

_REGISTRIES: tuple[MutableMapping[str, Any], ...] = (
    *(OUTPUTS, ACTIVATIONS, LOSSES, STEPS, INITIALIZATIONS, OPTIMIZERS, SCHEDULES),
)


def added_entries() -> list[dict[str, Any]]:
    """Of each registry, what was added to it: entries whose class or functions are not ours."""
    return [
        {name: entry for name, entry in registry.items() if not _is_own(entry)}
        for registry in _REGISTRIES
    ]


def _is_own(entry: Any) -> bool:
    part = entry
    if not isinstance(entry, type):
        part = next(filter(callable, vars(entry).values()), type(entry))
    return bool(part.__module__.partition(".")[0] == __name__.partition(".")[0])


def add_entries(added: list[dict[str, Any]]) -> None:
    """Add what `added_entries` found in another process."""
    for registry, entries in zip(_REGISTRIES, added, strict=True):
        for name, entry in entries.items():
            registry.setdefault(name, entry)
