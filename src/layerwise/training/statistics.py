"""What can be read off a fit's vectors, layer by layer."""

import math

import numpy as np
from numpy.typing import NDArray

from layerwise.engine.layout import Layout
from layerwise.engine.session import Vectors
from layerwise.training.history import LayerStatistics

__all__ = ["LayerMeter", "next_measured_epoch"]

_PER_DOUBLING = 4


def next_measured_epoch(number: int) -> int:
    """The first epoch from `number` on whose layers are measured: evenly in their logarithm.

    The first eight are, and then four for each time that their number doubles: 22 of 100, 35 of
    1,000. What measuring costs so becomes a smaller and smaller share, and which epochs they are
    depends on no clock.

    Examples
    --------
    >>> [n for n in range(1, 41) if next_measured_epoch(n) == n]
    [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 23, 27, 32, 39]
    """
    if number == 1:
        return 1
    place = math.floor(_PER_DOUBLING * math.log2(number - 1)) + 1
    return math.ceil(math.pow(2.0, place / _PER_DOUBLING))


class LayerMeter:
    """Measures each layer's gradient norm, spread of weights and share of dead nodes."""

    def __init__(self, layout: Layout) -> None:
        weights, biases = (self._bounds(layout, kind) for kind in ("weights", "biases"))
        self._weights, self._biases = weights.ravel(), biases.ravel()
        self._sizes, self._nodes = np.diff(weights)[:, 0], np.diff(biases)[:, 0]

    @staticmethod
    def _bounds(layout: Layout, kind: str) -> NDArray[np.int64]:
        pairs = [(block.start, block.stop) for block in layout.blocks if block.kind == kind]
        return np.array(pairs, np.int64)

    def __call__(self, vectors: Vectors) -> LayerStatistics:
        """Measure all layers."""
        # One longer, so that the last stop is a valid place; in double precision, so that squares
        # of vanishing gradients are not 0.
        values = np.zeros(len(vectors.parameters) + 1)
        values[:-1] = vectors.gradient
        values *= values
        square = _sums(values, self._weights)
        values[:-1] = vectors.parameters
        mean = _sums(values, self._weights) / self._sizes
        values *= values
        mean_square = _sums(values, self._weights) / self._sizes
        values[:-1] = vectors.alive
        alive = _sums(values, self._biases)
        return LayerStatistics(
            gradient_norm=np.sqrt(square).tolist(),
            weight_spread=np.sqrt(np.maximum(mean_square - mean**2, 0.0)).tolist(),
            dead_share=(1.0 - alive / self._nodes).tolist(),
        )


def _sums(values: NDArray[np.float64], bounds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum over each [start, stop) of bounds; the ranges are in order and do not overlap."""
    return np.asarray(np.add.reduceat(values, bounds)[::2])
