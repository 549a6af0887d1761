"""Small problems: a network's numbers beside random data, and sessions that take steps on them."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from layerwise.architecture import Architecture, Loss, default_loss
from layerwise.engine import columns as at
from layerwise.engine import reference
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.session import Data, Objective, Vectors
from layerwise.engine.updates import ADAM, GRADIENT_ONLY
from layerwise.network import Network

__all__ = ["Problem", "Result", "Slope", "Steps", "problem_of"]


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

    def fresh_vectors(self) -> Vectors:
        return Vectors.around(self.vector.copy(), self.state.copy())

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
    if loss.name == "softmax":
        return random.integers(0, shape[1], (shape[0], 1))
    if loss.name == "sigmoid":
        return random.integers(0, 2, shape)
    if loss.name == "poisson":
        return random.poisson(1.5, shape)
    return random.standard_normal(shape)


@dataclass
class Result:
    """What some steps made of a problem."""

    losses: np.ndarray
    vectors: Vectors
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
        By columns of `layerwise.engine.columns`: L1, CLIP_NORM, MOMENTUM and so on.
    """

    optimizer: int = ADAM
    n_steps: int = 4
    batch_size: int = 16
    rate: float = 0.01
    decay: float = 0.0
    average: float = 0.0
    dropout: float = 1.0
    settings: dict[int, float] = field(default_factory=dict)
    seed: int = 0

    def take(self, engine: Any, problem: Problem, n_threads: int | None = 1) -> Result:
        """Take the steps with a session of the engine, from the problem's own numbers on."""
        vectors = problem.fresh_vectors()
        settings = {at.BETA_1: 0.9, at.BETA_2: 0.999, at.EPSILON: 1e-6, **self.settings}
        objective = Objective(problem.loss, self.optimizer, settings, decays=self.decay > 0)
        size = min(self.batch_size, problem.n_rows)
        session = engine(problem.architecture, objective, problem.data, vectors, size, n_threads)
        try:
            losses = session.run(*self.tables(problem.n_rows, settings))
        finally:
            session.close()
        n_shards = int(session._call[at.N_SHARDS]) if engine is CompiledSession else 1
        return Result(losses, vectors, n_shards)

    def tables(self, n_rows: int, settings: dict[int, float]) -> tuple[np.ndarray, ...]:
        """(order, batches, hyper) as `Session.run` takes them."""
        random = np.random.default_rng(self.seed)
        batches = np.zeros((self.n_steps, at.N_BATCH_COLUMNS), np.int64)
        start = 0
        for batch in batches:
            # The last batch of an epoch is what is left.
            start = 0 if start >= n_rows else start
            stop = min(n_rows, start + self.batch_size)
            batch[:4] = start, stop, random.integers(0, 2**32), 1
            start = stop
        t = np.arange(1, self.n_steps + 1)
        hyper = np.zeros((self.n_steps, at.N_HYPER))
        hyper[:, at.RATE] = self.rate
        if self.optimizer == ADAM:
            hyper[:, at.RATE] /= 1 - settings[at.BETA_1] ** t
            hyper[:, at.SECOND_ROOT] = 1 / np.sqrt(1 - settings[at.BETA_2] ** t)
        hyper[:, at.DECAY_RATE] = self.rate * self.decay
        hyper[:, at.DROPOUT] = self.dropout
        hyper[:, at.AVERAGE] = 1.0 - self.average if self.average else 0.0
        return random.permutation(n_rows), batches, hyper


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
        settings: dict[int, float] | None = None,
        n_threads: int = 1,
    ) -> None:
        self.vectors = problem.fresh_vectors()
        self.vector = self.vectors.parameters
        self._state = problem.state.copy()
        objective = Objective(problem.loss, GRADIENT_ONLY, settings or {})
        self._session = engine(
            problem.architecture, objective, problem.data, self.vectors, problem.n_rows, n_threads
        )
        batch = np.zeros((1, at.N_BATCH_COLUMNS), np.int64)
        batch[0, at.BATCH_STOP], batch[0, at.BATCH_KEY] = problem.n_rows, key
        hyper = np.zeros((1, at.N_HYPER))
        hyper[0, at.DROPOUT] = dropout
        self._tables = np.arange(problem.n_rows), batch, hyper

    def loss(self) -> float:
        """The loss; its gradient stands in `vectors.gradient` then."""
        self.vectors.state[:] = self._state
        return float(self._session.run(*self._tables)[0])

    def gradient(self) -> np.ndarray:
        """A copy of the gradient."""
        self.loss()
        return self.vectors.gradient.copy()
