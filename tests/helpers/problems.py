"""Small problems: a network's numbers beside random data, and sessions that take steps on them."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from layerwise.architecture import Architecture, Loss, default_loss
from layerwise.engine import reference
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.optimizers import SGD, Adam, Optimizer
from layerwise.engine.protocol import Batches, Data, HostVectors, Objective, Setup
from layerwise.network import Network

PLAIN, ADAM = SGD(momentum=0.0), Adam(epsilon=1e-6)


@dataclass
class Problem:
    """An architecture, its numbers, a loss, and a table of rows."""

    architecture: Architecture
    loss: Loss
    data: Data
    vector: np.ndarray
    state: np.ndarray

    @property
    def n_rows(self) -> int:
        return len(self.data.x)

    @property
    def network(self) -> Network:
        """A network of the problem's numbers."""
        return Network.of(self.architecture, self.vector, self.state)

    def as_float64(self) -> "Problem":
        """The same numbers, exactly, in float64."""
        arrays = {name: getattr(self.data, name).astype("float64") for name in ("x", "y", "weight")}
        vector, state = self.vector.astype("float64"), self.state.astype("float64")
        return replace(self.with_data(**arrays), vector=vector, state=state)

    def fresh_vectors(self) -> HostVectors:
        return HostVectors.around(self.vector.copy(), self.state.copy())

    def with_data(self, **arrays: np.ndarray) -> "Problem":
        return replace(self, data=replace(self.data, **arrays))

    def trace(self, dropout: float = 0.0, key: int = 0) -> reference.Trace:
        """All rows put through the twin, as while training."""
        return reference.forward(
            self.architecture,
            self.vector,
            self.state.copy(),
            self.data.x,
            self.data.codes,
            training=True,
            dropout=dropout,
            key=key,
        )


def problem_of(
    architecture: Architecture,
    loss: Loss | None = None,
    *,
    n_rows: int = 24,
    seed: int = 0,
    dtype: str = "float64",
    weighted: bool = False,
    spread: float = 0.1,
) -> Problem:
    """A problem with random data; the first numbers of its network are moved by `spread`.

    Moved, so that biases, gains and shifts are not the 0 and 1 that would hide a mistake.
    """
    random = np.random.default_rng(seed)
    loss = loss or default_loss(architecture.output)
    network = Network(architecture, seed=seed, dtype=dtype)
    vector = network.vector + spread * random.standard_normal(network.vector.size)
    state = network.state + spread * random.random(network.state.size)
    codes = [random.integers(0, table.n_values, n_rows) for table in architecture.embeddings]
    data = Data(
        x=random.standard_normal((n_rows, architecture.n_inputs)).astype(dtype),
        codes=np.array(codes, np.int32).reshape(-1, n_rows).T.copy(),
        y=_targets(loss, (n_rows, architecture.n_outputs), random).astype(dtype),
        weight=(random.random(n_rows) + 0.1 if weighted else np.zeros(0)).astype(dtype),
    )
    return Problem(architecture, loss, data, vector.astype(dtype), state.astype(dtype))


def _targets(loss: Loss, shape: tuple[int, int], random: np.random.Generator) -> np.ndarray:
    if loss.takes_classes:
        return random.integers(0, shape[1], (shape[0], 1))
    if loss.of_probabilities:
        return random.integers(0, 2, shape)
    if loss.targets.low == 0:
        return random.poisson(1.5, shape)
    return random.standard_normal(shape)


@dataclass
class Result:
    """What some steps made of a problem."""

    losses: np.ndarray
    vectors: HostVectors
    n_shards: int = 1


@dataclass(frozen=True)
class Steps:
    """Steps to take: which optimiser, with which numbers.

    Attributes
    ----------
    n_steps, batch_size : int
        Batches are taken in turn from a shuffled order of the rows.
    rate, decay, average, dropout : float
        Learning rate; weight decay; the moving average's decay; factor on every dropout.
    settings : dict
        Of `Objective`: l1, clip_norm and so on.
    """

    optimizer: Optimizer = ADAM
    n_steps: int = 4
    batch_size: int = 16
    rate: float = 0.01
    decay: float = 0.0
    average: float = 0.0
    dropout: float = 1.0
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    def objective(self, problem: Problem) -> Objective:
        optimizer = replace(self.optimizer, weight_decay=self.decay)
        return Objective(problem.loss, optimizer, **self.settings)

    def take(self, engine: Any, problem: Problem, n_threads: int | None = 1) -> Result:
        """Take the steps with a session of the engine, from the problem's own numbers on."""
        size = min(self.batch_size, problem.n_rows)
        start, objective = problem.fresh_vectors(), self.objective(problem)
        setup = Setup(problem.architecture, objective, problem.data, start, size, n_threads)
        session = engine(setup)
        try:
            losses, _ = session.run(self.batches(problem.n_rows))
        finally:
            session.close()
        return Result(losses, session.vectors, getattr(session, "n_shards", 1))

    def batches(self, n_rows: int) -> Batches:
        """The batches as `Session.run` takes them."""
        random = np.random.default_rng(self.seed)
        starts, keys = [], []
        start = 0
        for _ in range(self.n_steps):
            # The last batch of an epoch is what is left.
            start = 0 if start >= n_rows else start
            starts.append(start)
            keys.append(random.integers(0, 2**32))
            start += self.batch_size
        stops, ones = np.minimum(n_rows, np.add(starts, self.batch_size)), np.ones(self.n_steps)
        batches = Batches.of_gradients(random.permutation(n_rows), starts, stops)
        return replace(
            batches,
            steps=np.arange(1, self.n_steps + 1),
            learning_rates=self.rate * ones,
            weight_decays=self.decay * ones,
            dropouts=self.dropout * ones,
            keys=np.array(keys),
            averages=(1.0 - self.average if self.average else 0.0) * ones,
        )


class Slope:
    """Loss and gradient of all rows of a problem, at the numbers in `vector`, which may be moved.

    The compiled engine's, unless another is named. Nothing is updated; batch normalisation's
    running statistics are put back.
    """

    def __init__(
        self,
        problem: Problem,
        engine: Any = CompiledSession,
        *,
        dropout: float = 0.0,
        key: int = 0,
        settings: dict[str, Any] | None = None,
        n_threads: int = 1,
    ) -> None:
        self.vectors = problem.fresh_vectors()
        self.vector = self.vectors.parameters
        self._state = problem.state.copy()
        n, objective = problem.n_rows, Objective(problem.loss, **(settings or {}))
        setup = Setup(problem.architecture, objective, problem.data, self.vectors, n, n_threads)
        self._session = engine(setup)
        batch = Batches.of_gradients(np.arange(n), [0], [n])
        self._batch = replace(
            batch, keys=np.array([key]), dropouts=np.array([dropout]), looks=np.array([False])
        )

    def loss(self) -> float:
        """The loss; its gradient stands in `vectors.gradient` then."""
        self.vectors.state[:] = self._state
        return float(self._session.run(self._batch)[0][0])

    def gradient(self) -> np.ndarray:
        """A copy of the gradient."""
        self.loss()
        return self.vectors.gradient.copy()
