"""The parts of one step: forward layer by layer, loss, backward layer by layer, update."""

from __future__ import annotations

from typing import Any


class Phases:
    """Goes through one step's parts.

    Examples
    --------
    >>> phases = Phases(2)
    >>> shown = [phases.as_dict()]
    >>> while not phases.is_over:
    ...     phases.go_on()
    ...     shown.append(phases.as_dict())
    >>> [(one["name"], one["layer"]) for one in shown[:3]]
    [('forward', 0), ('forward', 1), ('loss', 1)]
    >>> [(one["name"], one["layer"]) for one in shown[3:]]
    [('backward', 1), ('backward', 0), ('update', 0)]
    """

    def __init__(self, n_layers: int) -> None:
        self._parts = [
            *(("forward", k) for k in range(n_layers)),
            ("loss", n_layers - 1),
            *(("backward", k) for k in reversed(range(n_layers))),
            ("update", 0),
        ]
        self._at = 0

    @property
    def is_over(self) -> bool:
        """Whether the last one, the update, is reached."""
        return self._at == len(self._parts) - 1

    def go_on(self) -> None:
        """Go to the next part."""
        self._at += 1

    def as_dict(self) -> dict[str, Any]:
        """The part that is shown."""
        name, layer = self._parts[self._at]
        return {"name": name, "layer": layer, "part": self._at + 1, "parts": len(self._parts)}
