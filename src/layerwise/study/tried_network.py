"""One kind of network that a study tries: its shape, and what else is varied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from layerwise.ensemble.named_settings import written
from layerwise.language import said, said_list


@dataclass(frozen=True)
class Configuration:
    """One kind of network that a study tries.

    Attributes
    ----------
    number : int
        Its place among the study's configurations.
    hidden : tuple of int
        Nodes of each hidden layer: all equal, but for studies of one number of parameters, in
        which the first layers may have one more; () for a linear model.
    activation : str or None
        None for a linear model, which has none.
    n_parameters : int
    settings : tuple of (str, value)
        What else the study varies, by name, of what this network has a use for.

    Examples
    --------
    >>> Configuration(1, (64, 64), "relu", 5_000).name, Configuration(0, (), None, 21).name
    ('2 x 64 relu', 'linear')
    >>> Configuration(2, (64,), "relu", 900, (("optimizer", "sgd"), ("learning_rate", 0.1))).name
    '1 x 64 relu (sgd, learning rate 0.1)'
    """

    number: int
    hidden: tuple[int, ...]
    activation: str | None
    n_parameters: int
    settings: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Configuration:
        """Make a configuration of what `asdict` and JSON made of it."""
        settings = tuple((name, value) for name, value in values.get("settings", ()))
        return cls(**{**values, "hidden": tuple(values["hidden"]), "settings": settings})

    @property
    def depth(self) -> int:
        """How many hidden layers; 0 for a linear model."""
        return len(self.hidden)

    @property
    def width(self) -> int:
        """Nodes of the narrowest hidden layer; 0 for a linear model."""
        return min(self.hidden, default=0)

    @property
    def levels(self) -> dict[str, Any]:
        """Which depth, width, activation and settings it has, by these names.

        A linear model has no width and no activation.
        """
        settings = dict(self.settings)
        if not self.hidden:
            return {"depth": 0, **settings}
        shape = {"depth": self.depth, "width": self.width, "activation": str(self.activation)}
        return {**shape, **settings}

    @property
    def without_number(self) -> Configuration:
        """The same in every grid, whatever else is in it."""
        return replace(self, number=0)

    @property
    def name(self) -> str:
        """In words: "2 x 64 relu", "9 x 36-37 relu (learning rate 0.1)", or "linear"."""
        return self.with_settings(self.shape)

    def with_settings(self, shape: str) -> str:
        """The same with other words for its shape."""
        settings = said_list(", ", [written(*setting) for setting in self.settings])
        return said("{shape} ({settings})", shape=shape, settings=settings) if settings else shape

    @property
    def shape(self) -> str:
        """The same without its settings."""
        widths = "-".join(str(width) for width in sorted(set(self.hidden)))
        return f"{self.depth} x {widths} {self.activation}" if self.hidden else said("linear")


def settings_tried(configurations: Iterable[Configuration]) -> dict[str, list[Any]]:
    """The values of each setting that is varied, in the order of the configurations.

    Depth, width and activation are none of these.
    """
    found: dict[str, list[Any]] = {}
    for configuration in configurations:
        for name, value in configuration.settings:
            values = found.setdefault(name, [])
            if value not in values:
                values.append(value)
    return found
