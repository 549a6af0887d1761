"""The plane on which a page draws: two of a network's inputs, all others held."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Array, Codes
from layerwise.playground.choices import Choices, WrongChoice, named_values, split
from layerwise.playground.material import Material

GRID = 40  # points along a side


@dataclass(frozen=True, eq=False)
class Plane:
    """Two inputs that vary, and the values of the others.

    Attributes
    ----------
    material : Material
    axes : tuple of int
        Places of the inputs, x and y; the same twice where there is one; () where there is none.
    x : ndarray of float32, shape (n_inputs,)
    codes : ndarray of int32, shape (n_codes,)
        What the inputs are held at.
    """

    material: Material
    axes: tuple[int, ...]
    x: NDArray[np.float32]
    codes: Codes

    @classmethod
    def of(cls, choices: Choices, material: Material) -> Plane:
        """Take the plane that is chosen.

        Raises
        ------
        WrongChoice
            For an input that there is not.
        """
        inputs, n = material.inputs, material.x.shape[1]
        places = {one.name: i for i, one in enumerate(inputs)}
        wanted = split(choices.plane)
        unknown = [name for name in wanted if places.get(name, n) >= n]
        if unknown or len(wanted) not in (0, 2):
            numbers = ", ".join(one.name for one in inputs[:5])
            what = repr(unknown[0]) if unknown else f"{len(wanted)} names"
            raise WrongChoice(f"the plane has two inputs that are numbers; got {what}. "
                              f"There are: {numbers}")  # fmt: skip
        axes: tuple[int, ...] = tuple(places[name] for name in wanted)
        axes = axes or material.telling
        if len(axes) == 1:
            axes = axes * 2
        held = [one.typical for one in inputs]
        for name, value in named_values(choices.held).items():
            if name not in places:
                raise WrongChoice(f"there is no input {name!r} to hold")
            one = inputs[places[name]]
            try:
                held[places[name]] = min(max(float(value), one.low), one.high)
            except ValueError:
                raise WrongChoice(f"{name} is held at a number; got {value[:40]!r}") from None
        return cls(
            material,
            axes,
            np.array(held[:n], np.float32),
            np.array(held[n:]).round().astype(np.int32),
        )

    def rows(self, points: Array) -> tuple[NDArray[np.float32], Codes]:
        """(x, codes) of points of the plane, shape (n, 2)."""
        x = np.tile(self.x, (len(points), 1))
        if self.axes:
            x[:, self.axes[1]] = points[:, 1]
            x[:, self.axes[0]] = points[:, 0]
        return x, np.tile(self.codes, (len(points), 1))

    @cached_property
    def grid(self) -> tuple[NDArray[np.float32], Codes]:
        """(x, codes) of `GRID` x `GRID` points, the lowest y first, and of each y the lowest x."""
        if not self.axes:
            return self.rows(np.zeros((GRID * GRID, 2)))
        along = [
            np.linspace(self.material.inputs[axis].low, self.material.inputs[axis].high, GRID)
            for axis in self.axes
        ]
        across, up = np.meshgrid(along[0], along[1])
        return self.rows(np.column_stack([across.ravel(), up.ravel()]))
