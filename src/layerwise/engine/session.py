"""What an engine is to the training loop: one fit's arrays, and two things to do with them.

Two engines stand behind this interface: the compiled one (`layerwise.engine.compiled`) and the
plain one in NumPy (`layerwise.engine.reference`). A third, on another device, has the same to do.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, Loss
from layerwise.engine import columns as at

__all__ = ["NORM_EPSILON", "Data", "Objective", "Session", "Vectors"]

NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class Data:
    """A table as an engine takes it.

    Attributes
    ----------
    x : ndarray, shape (n, n_inputs)
        In the precision of the network.
    codes : ndarray of int32, shape (n, n_codes)
    y : ndarray, shape (n, 1) for class numbers, else (n, n_outputs)
        In the precision of the network.
    weight : ndarray, shape (n,) or (0,)
        Sample weights; empty where all are 1.
    """

    x: NDArray[Any]
    codes: NDArray[np.int32]
    y: NDArray[Any]
    weight: NDArray[Any]


@dataclass(frozen=True)
class Objective:
    """What is minimised, and by which optimiser's arithmetic.

    Attributes
    ----------
    loss : Loss
    optimizer : int
        GRADIENT_ONLY, SGD, ADAM or RMSPROP of `layerwise.engine.updates`.
    settings : dict of int to float
        By the columns of `layerwise.engine.columns`: BETA_1, L2, CLIP_NORM and so on.
    decays : bool
        Whether any step may have weight decay.
    """

    loss: Loss
    optimizer: int
    settings: dict[int, float] = field(default_factory=dict)
    decays: bool = True

    def settings_array(self, dtype: Any) -> NDArray[Any]:
        """All settings as the engine's array."""
        values = np.zeros(at.N_SETTINGS)
        values[at.GROUP_RATES :] = 1.0
        values[at.NORM_EPSILON] = NORM_EPSILON
        values[at.NORM_MOMENTUM] = 0.1
        values[at.LOSS_PARAMETER] = self.loss.parameter
        for column, value in self.settings.items():
            values[column] = value
        values[at.REST_1] = 1.0 - values[at.BETA_1]
        values[at.REST_2] = 1.0 - values[at.BETA_2]
        return values.astype(dtype)


@dataclass
class Vectors:
    """The numbers of a fit, all of the shape of the parameter vector.

    Attributes
    ----------
    parameters, gradient : ndarray, shape (n,)
    moments : ndarray, shape (2, n)
        The optimiser's first and second moments.
    average : ndarray, shape (n,)
        Moving average of the parameters.
    state : ndarray, shape (m,)
        Running statistics of batch normalisation.
    alive : ndarray of uint8, shape (n,)
        1 at the place of each node's bias where its slope was not 0 for some row looked at.
    """

    parameters: NDArray[Any]
    gradient: NDArray[Any]
    moments: NDArray[Any]
    average: NDArray[Any]
    state: NDArray[Any]
    alive: NDArray[np.uint8]

    @classmethod
    def around(cls, parameters: NDArray[Any], state: NDArray[Any]) -> "Vectors":
        """Everything else beside a network's own parameters and state, at its start."""
        n = parameters.size
        return cls(
            parameters,
            np.zeros_like(parameters),
            np.zeros((2, n), parameters.dtype),
            parameters.copy(),
            state,
            np.zeros(n, np.uint8),
        )


class Session(Protocol):
    """One fit in one engine."""

    vectors: Vectors
    penalties: NDArray[np.float64]

    def __init__(
        self,
        architecture: Architecture,
        objective: Objective,
        data: Data,
        vectors: Vectors,
        batch_size: int,
        n_threads: int | None = None,
    ) -> None: ...

    def run(
        self, order: NDArray[np.int64], batches: NDArray[np.int64], hyper: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Take one step for each batch, and return the batches' losses.

        Where a batch ends an epoch, `penalties` then holds l1 |w| + l2 w² / 2 of the weights after
        it; elsewhere 0.

        order : ndarray of int64
            Row numbers of the data.
        batches : ndarray of int64, shape (n_batches, columns.N_BATCH_COLUMNS)
        hyper : ndarray of float64, shape (n_batches, columns.N_HYPER)
        """
        ...

    def close(self) -> None:
        """Let go of threads and limits."""
        ...
