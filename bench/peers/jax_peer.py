"""JAX as an expert would write it: an epoch is one compiled scan, its state is donated.

Adam is written by hand, which XLA compiles to the same as optax's or better. The learnable
numbers stand in a list of layers, or in one vector: the second is faster for the smallest
networks. The permutation is NumPy's, since JAX's own sorts, and is slow on a CPU.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from networks import table
from timing import Run, Timed, loop

Layers = list[tuple[jax.Array, jax.Array]]

PIECES = 25
"""A large table is cut into that many, for prediction."""


def use_threads(threads: int | None) -> None:
    """Nothing to do: the threads are the processors this process was pinned to."""


def _layers(sizes: list[int]) -> Layers:
    rng = np.random.default_rng(0)
    return [
        (
            jnp.asarray(rng.standard_normal((i, o), dtype=np.float32) * np.float32((2 / i) ** 0.5)),
            jnp.zeros(o, jnp.float32),
        )
        for i, o in pairwise(sizes)
    ]


def _logits(layers: Layers, x: jax.Array) -> jax.Array:
    *hidden, (weights, biases) = layers
    for w, b in hidden:
        x = jax.nn.relu(x @ w + b)
    return x @ weights + biases


def _loss(layers: Layers, x: jax.Array, y: jax.Array) -> jax.Array:
    """A one-hot product, since the gradient of taking one entry is a slow scatter."""
    log_p = jax.nn.log_softmax(_logits(layers, x))
    return -jnp.mean(jnp.sum(log_p * jax.nn.one_hot(y, log_p.shape[1]), axis=1))


def _adam(p: Any, m: Any, v: Any, t: jax.Array, g: Any) -> tuple[Any, Any, Any]:
    """Kingma and Ba 2015, algorithm 1."""
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    unbias_m, unbias_v = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
    p = jax.tree.map(
        lambda p, m, v: p - 1e-3 * m * unbias_m / (jnp.sqrt(v * unbias_v) + 1e-8), p, m, v
    )
    return p, m, v


def _scanned(start: Any, as_layers: Callable[[Any], Layers], unroll: int, data: Any) -> Run:
    """Epochs over `data` (x, y, batch), from parameters of any shape."""
    x, y, batch = data
    rng = np.random.default_rng(0)

    def step(state: Any, rows: jax.Array, x: jax.Array, y: jax.Array) -> tuple[Any, None]:
        p, m, v, t = state
        gradient = jax.grad(lambda p: _loss(as_layers(p), x[rows], y[rows]))(p)
        return (*_adam(p, m, v, t + 1, gradient), t + 1), None

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, order: jax.Array, x: jax.Array, y: jax.Array) -> Any:
        return jax.lax.scan(lambda s, rows: step(s, rows, x, y), state, order, unroll=unroll)[0]

    def zeros() -> Any:
        return jax.tree.map(jnp.zeros_like, start)

    state = [(jax.tree.map(jnp.copy, start), zeros(), zeros(), jnp.float32(0))]

    def run(repeats: int) -> Timed:
        began = time.perf_counter()
        for _ in range(repeats):
            order = rng.permutation(len(x)).astype(np.int32).reshape(-1, batch)
            state[0] = epoch(state[0], order, x, y)
        jax.block_until_ready(state[0])
        return Timed(time.perf_counter() - began, repeats * (len(x) // batch))

    return run


def training(sizes: list[int], batch: int, rows: int) -> dict[str, Run]:
    """Steps of a compiled scan; `rows` is a multiple of `batch`, which suits a scan best."""
    x, y = table(rows, sizes[0], sizes[-1])
    data = (jnp.asarray(x), jnp.asarray(y, jnp.int32), batch)
    layers = _layers(sizes)
    vector, as_layers = ravel_pytree(layers)
    return {
        "layers": _scanned(layers, lambda p: p, 1, data),
        "layers, four steps unrolled": _scanned(layers, lambda p: p, 4, data),
        "one vector": _scanned(vector, as_layers, 1, data),
    }


def _probabilities(layers: Layers, x: jax.Array) -> jax.Array:
    return jax.nn.softmax(_logits(layers, x))


def _in_pieces(layers: Layers, x: jax.Array) -> jax.Array:
    pieces = x.reshape(PIECES, -1, x.shape[1])
    return jax.lax.map(partial(_probabilities, layers), pieces).reshape(len(x), -1)


def _timed(predict: Callable[[jax.Array], jax.Array], x: jax.Array) -> Run:
    return loop(lambda: predict(x).block_until_ready())


def one_row(sizes: list[int]) -> dict[str, Run]:
    """The compiled function on one row, already a device array."""
    layers = _layers(sizes)
    row = jnp.asarray(table(max(1, sizes[-1]), sizes[0], sizes[-1])[0][:1])
    return {
        "layers as an argument": _timed(partial(jax.jit(_probabilities), layers), row),
        "layers compiled in": _timed(jax.jit(partial(_probabilities, layers)), row),
    }


def many_rows(sizes: list[int], rows: int) -> dict[str, Run]:
    """The compiled function on a table, at once or in pieces that stay in the cache."""
    layers = _layers(sizes)
    x = jnp.asarray(table(rows, sizes[0], sizes[-1])[0])
    return {
        "at once": _timed(partial(jax.jit(_probabilities), layers), x),
        "in pieces": _timed(partial(jax.jit(_in_pieces), layers), x),
    }
