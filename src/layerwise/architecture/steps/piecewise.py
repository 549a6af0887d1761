"""How far numbers are through the pieces of their ranges."""

# mypy: disable-error-code="no-untyped-def"

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from layerwise.architecture.elementary import number, u64
from layerwise.architecture.steps.step import (
    Array,
    Given,
    Kernels,
    Numbers,
    Parameter,
    Run,
    Spelled,
    Step,
)
from layerwise.language import message

__all__ = ["Piecewise"]


def through_pieces(x, source, order, low, high, state, own_state, size, work, out, length):
    one = number(1.0, state[own_state])
    for r in range(low, high):
        v = x[order[r], source]
        edge, place = u64(own_state), u64(out + (r - low) * length)
        for k in range(u64(size)):
            left = state[edge + k]
            t = (v - left) / (state[edge + k + 1] - left)
            t = t + t - one
            t = one if t > one else t
            work[place + k] = -one if t < -one else t


@dataclass(frozen=True)
class Piecewise(Step):
    """How far each number is through each of its pieces, from -1 at its start to 1 at its end.

    Gorishniy et al. 2022, equation 1, there from 0 to 1. Where the pieces lie is not learned.

    Attributes
    ----------
    counts : tuple of int
        How many pieces each numeric input has.
    """

    counts: tuple[int, ...]

    name, slot = "piecewise", "numbers"
    words = message(
        "A number stands there itself and beside it, for each piece of its range, how far it is "
        "through that piece: -1 before it, 1 behind it."
    )
    kernels = Kernels(through_pieces)

    @property
    def width(self) -> int:
        return sum(self.counts)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        # n pieces have n + 1 edges; at first they share the range from -2 to 2, where most numbers
        # of a standardised input lie.
        parts = (np.linspace(-2.0, 2.0, count + 1) for count in self.counts if count)
        start = tuple(float(edge) for part in parts for edge in part)
        return (Parameter("edges", (len(start),), start=start, is_learned=False),)

    @property
    def runs(self) -> list[Run]:
        runs, edges = [], 0
        for i, count in enumerate(self.counts):
            if count:
                runs.append(Run(count, i, edges))
                edges += count + 1
        return runs

    @property
    def sources(self) -> list[int]:
        return [i for i, count in enumerate(self.counts) for _ in range(count)]

    def edges(self, numbers: Numbers) -> list[Array]:
        """Each input's edges, as views; empty where it has no pieces."""
        lengths = [count + 1 if count else 0 for count in self.counts]
        return np.split(numbers["edges"], np.cumsum(lengths)[:-1])

    def forward(self, given: Given) -> Array:
        parts = []
        for i, edges in enumerate(self.edges(given.numbers)):
            if len(edges):
                t = (given.x[:, i : i + 1] - edges[:-1]) / np.diff(edges)
                parts.append(np.clip(2 * t - 1, -1, 1))
        return np.concatenate(parts, axis=1)

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        by_x, stop = np.zeros_like(given.x), 0
        for i, edges in enumerate(self.edges(given.numbers)):
            if len(edges):
                part = slice(stop, stop + len(edges) - 1)
                inside = np.abs(given.output[:, part]) < 1
                by_x[:, i] = (grad[:, part] * inside * 2 / np.diff(edges)).sum(axis=1)
                stop = part.stop
        return by_x, {}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        edges = self.edges(numbers)
        starts = np.concatenate([own[:-1] for own in edges]).astype(np.float32)
        widths = np.concatenate([np.diff(own) for own in edges]).astype(np.float32)
        own = graph("Gather", x, graph.constant(np.array(self.sources)), axis=1)
        through = graph("Div", graph("Sub", own, graph.constant(starts)), graph.constant(widths))
        one, two = graph.constant(np.float32(1)), graph.constant(np.float32(2))
        both_sides = graph("Sub", graph("Mul", through, two), one)
        return str(graph("Clip", both_sides, graph.constant(np.float32(-1)), one))

    def names(self, names: Sequence[str], numbers: Numbers, spelled: Spelled) -> list[str]:
        return [
            f"{names[i]} {spelled(i, float(low))} to {spelled(i, float(high))}"
            for i, edges in enumerate(self.edges(numbers))
            for low, high in pairwise(edges)
        ]

    def short_names(self, names: Sequence[str], values: Sequence[str]) -> list[str]:
        counts = zip(names, self.counts, strict=True)
        return [f"{name}, piece {k + 1}" for name, count in counts for k in range(count)]
