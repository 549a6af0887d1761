"""What an engine is: one protocol, for training and for prediction.

Numbers reach an engine as the arrays and dataclasses of this file; what tables, devices or threads
it makes of them is its own business. It keeps to the layout of `layerwise.engine.layout`, to the
rules of `layerwise.engine.optimizers` and to the rule of `layerwise.engine.dropout`. Engines are
named in `layerwise.engine.engines`.
"""

from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from layerwise.architecture import Architecture, Loss
from layerwise.arrays import Array, Codes, Floats, Integers, Mask
from layerwise.engine.optimizers import Optimizer


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

    x: Array
    codes: Codes
    y: Array
    weight: Array


@dataclass(frozen=True)
class Objective:
    """What is minimised, and how: the settings of a whole fit.

    Attributes
    ----------
    loss : Loss
    optimizer : Optimizer or None
        None: only losses and gradients are wanted, and nothing is updated.
    l1, l2 : float
        Penalties l1 |w| + l2 w² / 2 on weights and embeddings.
    penalize_sum : bool
        Whether they are added to the sum of the rows' losses, not to their mean.
    clip_norm : float
        Longest gradient; 0: of any length.
    normalizer : float
        What a batch's loss is divided by; 0: the sum of its rows' weights.
    norm_momentum : float
        How far batch normalisation's running statistics move towards a batch's.
    """

    loss: Loss
    optimizer: Optimizer | None = None
    l1: float = 0.0
    l2: float = 0.0
    penalize_sum: bool = False
    clip_norm: float = 0.0
    normalizer: float = 0.0
    norm_momentum: float = 0.1


@dataclass(frozen=True)
class Batches:
    """The batches of a call, with the numbers of the one step that each takes.

    All but `order` have the shape (n_batches,). A slice of batches is `Batches` again.

    Attributes
    ----------
    order : ndarray of int64
        Row numbers of the table.
    starts, stops : ndarray of int64
        A batch's rows are ``order[start:stop]``.
    steps : ndarray of int64
        The number of each step in its training, from 1.
    learning_rates : ndarray of float64
    weight_decays : ndarray of float64
        Share of weights and embeddings that a step takes off, over its learning rate.
    dropouts : ndarray of float64
        Factor on every layer's dropout.
    keys : ndarray of int64
        Of 32 bits, for dropout.
    averages : ndarray of float64
        How far the moving average of the parameters moves towards them; 0: not at all.
    looks : ndarray of bool
        Whether nodes that are alive are marked.
    ends_epoch : ndarray of bool
        Whether the penalty of the parameters after it is wanted.
    """

    order: Integers
    starts: Integers
    stops: Integers
    steps: Integers
    learning_rates: Floats
    weight_decays: Floats
    dropouts: Floats
    keys: Integers
    averages: Floats
    looks: Mask
    ends_epoch: Mask

    @classmethod
    def of_gradients(cls, order: Integers, starts: ArrayLike, stops: ArrayLike) -> "Batches":
        """Batches whose losses and gradients are wanted; nodes that are alive are marked."""
        first, last = np.asarray(starts, np.int64), np.asarray(stops, np.int64)
        nothing, no = np.zeros(len(first)), np.zeros(len(first), bool)
        return cls(
            order=order,
            starts=first,
            stops=last,
            steps=np.ones_like(first),
            learning_rates=nothing,
            weight_decays=nothing,
            dropouts=nothing,
            keys=np.zeros_like(first),
            averages=nothing,
            looks=~no,
            ends_epoch=no,
        )

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, part: slice) -> "Batches":
        return Batches(self.order, *(getattr(self, name)[part] for name in _BY_BATCH))


_BY_BATCH = tuple(entry.name for entry in fields(Batches) if entry.name != "order")


class Vectors(Protocol):
    """The numbers of a fit, wherever they live: one is fetched when its attribute is read."""

    @property
    def parameters(self) -> Array:
        """All learned numbers, shape (n,)."""
        ...

    @property
    def gradient(self) -> Array:
        """The last batch's, shape (n,)."""
        ...

    @property
    def moments(self) -> Array:
        """The optimiser's first and second, shape (2, n)."""
        ...

    @property
    def average(self) -> Array:
        """Moving average of the parameters, shape (n,)."""
        ...

    @property
    def state(self) -> Array:
        """Running statistics of batch normalisation, and the edges of pieces."""
        ...

    @property
    def alive(self) -> NDArray[np.uint8]:
        """1 at the place of each node's bias whose slope was not 0 for some row; shape (n,)."""
        ...

    def put(self, **values: Any) -> None:
        """Set vectors, by name, to the numbers of an array, or each to one number."""
        ...

    def snapshot(self) -> Any:
        """A copy, wherever it lives, of all that steps go on from."""
        ...

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot."""
        ...


@dataclass
class HostVectors:
    """`Vectors` that are arrays in this memory: where a fit begins, and where CPUs keep it."""

    parameters: Array
    gradient: Array
    moments: Array
    average: Array
    state: Array
    alive: NDArray[np.uint8]

    @classmethod
    def around(cls, parameters: Array, state: Array) -> "HostVectors":
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

    def put(self, **values: Any) -> None:
        """Set vectors by name; see `Vectors.put`."""
        for name, value in values.items():
            getattr(self, name)[...] = value

    def snapshot(self) -> tuple[Array, ...]:
        """Copy what steps go on from."""
        return tuple(getattr(self, name).copy() for name in _GONE_ON_FROM)

    def restore(self, snapshot: tuple[Array, ...]) -> None:
        """Go back to a snapshot."""
        self.put(**dict(zip(_GONE_ON_FROM, snapshot, strict=True)))


_GONE_ON_FROM = ("parameters", "state", "moments", "average")


@dataclass(frozen=True)
class Setup:
    """What a fit begins with.

    Attributes
    ----------
    architecture : Architecture
    objective : Objective
    data : Data
    vectors : HostVectors
        An engine on the CPU may work in these very arrays.
    batch_size : int
        Rows of the largest batch.
    n_threads : int or None
        None: as many as help and are free. Results do not depend on it.
    """

    architecture: Architecture
    objective: Objective
    data: Data
    vectors: HostVectors
    batch_size: int
    n_threads: int | None = None


class Session(Protocol):
    """One fit in one engine."""

    @property
    def vectors(self) -> Vectors:
        """Its numbers, as they are now."""
        ...

    def __init__(self, setup: Setup) -> None: ...

    def run(self, batches: Batches) -> tuple[Floats, Floats]:
        """Take one step for each batch.

        Returns
        -------
        (losses, penalties) : ndarray of float64, shape (n_batches,)
            Losses without penalties; the penalty of the parameters after each batch that ends an
            epoch, and 0 for others.
        """
        ...

    def close(self) -> None:
        """Let go of threads, limits and memory."""
        ...


class Predictor(Protocol):
    """Predictions of one architecture, for any of its numbers.

    Parameters
    ----------
    architecture : Architecture
    dtype : dtype
        Precision of the network.
    scores : bool
        Whether to leave out the output function.
    """

    def __init__(self, architecture: Architecture, dtype: Any, scores: bool = False) -> None: ...

    def outputs(
        self,
        parameters: Array,
        state: Array,
        x: Array,
        codes: Array,
        n_threads: int | None = None,
        order: Integers | None = None,
    ) -> Array:
        """The outputs for each row, shape (n, n_outputs).

        Parameters
        ----------
        parameters, state : ndarray
            The network's parameters; its running statistics and edges of pieces.
        x : ndarray, shape (n, n_inputs), in the precision of the network
        codes : ndarray of int32, shape (n, n_codes)
        n_threads : int or None
            None: as many as there are cores to spare and work for.
        order : ndarray of int64 or None
            Which rows; None: all, in their order.
        """
        ...
