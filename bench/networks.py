"""The four networks that everything is measured on, and their data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Net:
    """Sizes of the layers, inputs first, and the rows in a batch."""

    sizes: tuple[int, ...]
    batch: int

    @property
    def shape(self) -> str:
        """Sizes as people write them, '20-16-16-3'."""
        return "-".join(map(str, self.sizes))

    @property
    def name(self) -> str:
        """Sizes and batch, '20-16-16-3 / 32'."""
        return f"{self.shape} / {self.batch}"

    @property
    def step_flops(self) -> int:
        """Multiplications and additions of the products in one training step.

        Three products for each layer (forward, weight gradient, input gradient), two
        operations for each weight and row; the first layer needs no input gradient.
        """
        weights = [i * o for i, o in zip(self.sizes, self.sizes[1:], strict=False)]
        return 6 * self.batch * sum(weights) - 2 * self.batch * weights[0]


NETS = (
    Net((20, 16, 16, 3), 32),
    Net((20, 64, 64, 5), 32),
    Net((100, 256, 256, 10), 128),
    Net((784, 512, 512, 10), 128),
)
SMOKE_NETS = (Net((6, 8, 8, 3), 32), Net((12, 16, 16, 4), 32))


def table(rows: int, columns: int, classes: int) -> tuple[Floats, Codes]:
    """The same random table for everyone: x (rows, columns), y (rows,) with every class.

    Made in place, so that making it leaves no trace in the peak memory.
    """
    rng = np.random.default_rng(0)
    x = np.empty((rows, columns), dtype=np.float32)
    rng.standard_normal(out=x, dtype=np.float32)
    y = rng.integers(0, classes, rows)
    y[:classes] = np.arange(classes)
    return x, y
