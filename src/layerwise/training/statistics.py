"""What can be read off a fit's vectors, layer by layer."""

import numpy as np
from numpy.typing import NDArray

from layerwise.engine.layout import Layout
from layerwise.engine.session import Vectors
from layerwise.training.history import LayerStatistics

__all__ = ["LayerMeter"]


class LayerMeter:
    """Measures each layer's gradient norm, spread of weights and share of dead nodes."""

    def __init__(self, layout: Layout) -> None:
        self._weights = self._bounds(layout, "weights")
        self._biases = self._bounds(layout, "biases")

    @staticmethod
    def _bounds(layout: Layout, kind: str) -> NDArray[np.int64]:
        pairs = [(block.start, block.stop) for block in layout.blocks if block.kind == kind]
        return np.array(pairs, np.int64)

    def __call__(self, vectors: Vectors) -> LayerStatistics:
        """Measure all layers."""
        sizes = np.diff(self._weights, axis=1)[:, 0]
        square = _sums(vectors.gradient.astype(np.float64) ** 2, self._weights)
        mean = _sums(vectors.parameters.astype(np.float64), self._weights) / sizes
        mean_square = _sums(vectors.parameters.astype(np.float64) ** 2, self._weights) / sizes
        alive = _sums(vectors.alive.astype(np.float64), self._biases)
        nodes = np.diff(self._biases, axis=1)[:, 0]
        return LayerStatistics(
            gradient_norm=np.sqrt(square).tolist(),
            weight_spread=np.sqrt(np.maximum(mean_square - mean**2, 0.0)).tolist(),
            dead_share=(1.0 - alive / nodes).tolist(),
        )


def _sums(values: NDArray[np.float64], bounds: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum over each [start, stop) of bounds; the ranges are in order and do not overlap."""
    edges = np.append(values, 0.0)  # so that the last stop is a valid place
    return np.asarray(np.add.reduceat(edges, bounds.ravel())[::2])
