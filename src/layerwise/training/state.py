"""What a training remembers between two calls of `Trainer.fit`."""

import math
from dataclasses import dataclass

from layerwise.arrays import Array
from layerwise.engine.protocol import HostVectors, Vectors


@dataclass
class TrainerState:
    """Where an optimiser stands, so that a later call goes on as if it were the same training.

    Give a new one to `Trainer.fit`, which fills it in, and the same one to the next call.

    Attributes
    ----------
    moments : ndarray, shape (2, n_parameters), or None
        The optimiser's; None: none yet.
    average : ndarray, shape (n_parameters,), or None
        Moving average of the parameters.
    n_epochs, n_steps, n_rows : int
        Epochs, steps and rows so far.
    stale : int
        Epochs since the last improvement.
    best_value : float
        Smallest value so far of what is to improve.
    best : tuple of ndarray, or None
        The parameters and running statistics it was reached with, where rows are held out.
    rate_factor : float
        What a schedule such as "adaptive" has left of the learning rate.

    Examples
    --------
    >>> import numpy as np
    >>> from layerwise import Network, Trainer
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> net, state = Network("1-8-1", seed=0), TrainerState()
    >>> for _ in range(3):
    ...     history = Trainer(epochs=1, seed=0).fit(net, x, x[:, 0], state=state)
    >>> state.n_steps
    3
    """

    moments: Array | None = None
    average: Array | None = None
    n_epochs: int = 0
    n_steps: int = 0
    n_rows: int = 0
    stale: int = 0
    best_value: float = math.inf
    best: tuple[Array, Array] | None = None
    rate_factor: float = 1.0

    def enter(self, vectors: HostVectors) -> None:
        """Let a fit's vectors go on from here.

        Raises
        ------
        ValueError
            If the state is of a network of another size.
        """
        if self.moments is not None and self.average is not None:
            if self.average.shape != vectors.average.shape:
                raise ValueError(
                    f"the state is of a network of {self.average.size} parameters; this one has "
                    f"{vectors.average.size}"
                )
            vectors.put(moments=self.moments, average=self.average)

    def leave(self, vectors: Vectors) -> None:
        """Keep what a fit's vectors are now."""
        self.moments, self.average = vectors.moments, vectors.average
