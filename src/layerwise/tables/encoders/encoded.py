"""What an encoder makes of a column."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LIMIT", "Encoded", "is_missing_name", "squash"]

LIMIT = 3.0  # what squashed numbers come near to


@dataclass
class Encoded:
    """A column as the network gets it.

    Attributes
    ----------
    numbers : list of ndarray of float32, each of shape (n,)
        One for each name of the encoder's `inputs`.
    codes : ndarray of int32, shape (n,), or None
    n_unknown : int
        Cells with a value that was not there when the encoder was fitted.
    """

    numbers: list[NDArray[np.float32]] = field(default_factory=list)
    codes: NDArray[np.int32] | None = None
    n_unknown: int = 0


def squash(z: NDArray[Any]) -> NDArray[np.float32]:
    """Bring scaled numbers smoothly to within -3 and 3: z / sqrt(1 + (z / 3)²).

    Holzmüller et al. 2024, "Better by Default", equation 3. Infinite ones become ±3.

    Examples
    --------
    >>> squash(np.array([-np.inf, -1.0, 0.0, 100.0])).round(3)
    array([-3.   , -0.949,  0.   ,  2.999], dtype=float32)
    """
    z = np.clip(z, -1e9, 1e9)
    squashed: NDArray[np.float32] = (z / np.sqrt(1.0 + (z / LIMIT) ** 2)).astype(np.float32)
    return squashed


def is_missing_name(column: str) -> str:
    """The name of the input that says whether a column's cell is missing."""
    return f"{column} is missing"
