"""Where each learned number of a network stands in its one vector."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, OneHot, get_activation

__all__ = [
    "BIASES",
    "EMBEDDINGS",
    "GROUPS",
    "SCALES",
    "WEIGHTS",
    "Block",
    "Layout",
    "edges_of",
    "layout_of",
]

# Kinds of learned numbers that can have a learning rate of their own.
GROUPS = ("weights", "biases", "scales", "embeddings")
WEIGHTS, BIASES, SCALES, EMBEDDINGS = range(4)


@dataclass(frozen=True)
class Block:
    """A named run of the vector: ``vector[start:stop].reshape(shape)``.

    Attributes
    ----------
    name : str
        For example "hidden 1.weights".
    layer : int
        Which layer it belongs to, from 0; -1 for the inputs' blocks.
    kind : str
        "weights", "biases", "gain", "shift", "slope", "scale", "frequencies" or "embedding"; in
        the state "mean", "variance" or "edges".
    group : int
        Index into `GROUPS`.
    """

    name: str
    layer: int
    kind: str
    group: int
    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers."""
        n = 1
        for length in self.shape:
            n *= length
        return n

    @property
    def stop(self) -> int:
        """One past its last number."""
        return self.start + self.size


@dataclass(frozen=True, eq=False)
class Layout:
    """All blocks of an architecture's vector, in their order.

    What is not learned by gradients, batch normalisation's running mean and variance and the edges
    of the inputs' pieces, stands in a vector of its own, the state; `state_blocks` names its parts.
    """

    blocks: tuple[Block, ...]
    state_blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.blocks[-1].stop

    @property
    def state_size(self) -> int:
        """Length of the state."""
        return self.state_blocks[-1].stop if self.state_blocks else 0

    def find(self, layer: int, kind: str) -> Block | None:
        """Return a layer's block of one kind, of the vector or the state, or None."""
        return self._index.get((layer, kind))

    @cached_property
    def _index(self) -> dict[tuple[int, str], Block]:
        named = (block for block in self.blocks if block.kind != "embedding")
        return {(block.layer, block.kind): block for block in (*named, *self.state_blocks)}

    def embedding(self, i: int) -> Block | None:
        """The block of the vectors of a column of codes, or None where it has none."""
        name = _embedding_name(i)
        return next((block for block in self.blocks if block.name == name), None)

    def offset(self, layer: int, kind: str) -> int:
        """Where a layer's block starts, -1 where it has none."""
        block = self.find(layer, kind)
        return -1 if block is None else block.start


def _embedding_name(i: int) -> str:
    return f"codes {i + 1}.embedding"


@cache
def layout_of(architecture: Architecture) -> Layout:
    """Lay out an architecture's learned numbers.

    Examples
    --------
    >>> layout = layout_of(Architecture([3, 4, 1]))
    >>> [(block.name, block.start, block.shape) for block in layout.blocks]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('hidden 1.weights', 0, (3, 4)), ('hidden 1.biases', 12, (4,)),
     ('output.weights', 16, (4, 1)), ('output.biases', 20, (1,))]
    """
    blocks: list[Block] = []
    state: list[Block] = []

    def add(to: list[Block], name: str, layer: int, kind: str, group: int, *shape: int) -> None:
        start = to[-1].stop if to else 0
        to.append(Block(f"{name}.{kind}", layer, kind, group, start, shape))

    if architecture.pieces:
        # n pieces have n + 1 edges.
        n_edges = sum(count + 1 for count in architecture.pieces if count)
        add(state, "inputs", -1, "edges", SCALES, n_edges)
    for i, embedding in enumerate(architecture.embeddings):
        if isinstance(embedding, OneHot):
            continue
        size = (embedding.n_values, embedding.size)
        blocks.append(
            Block(
                _embedding_name(i),
                -1,
                "embedding",
                EMBEDDINGS,
                blocks[-1].stop if blocks else 0,
                size,
            )
        )
    if architecture.periodic:
        size = (architecture.n_inputs, architecture.periodic.n_frequencies)
        add(blocks, "inputs", -1, "frequencies", SCALES, *size)
    if architecture.input_scale:
        add(blocks, "inputs", -1, "scale", SCALES, architecture.input_width)
    for i, layer in enumerate(architecture.layers):
        if layer.normalization:
            add(blocks, layer.name, i, "gain", SCALES, layer.fan_in)
            add(blocks, layer.name, i, "shift", SCALES, layer.fan_in)
        if layer.normalization == "batch":
            add(state, layer.name, i, "mean", SCALES, layer.fan_in)
            add(state, layer.name, i, "variance", SCALES, layer.fan_in)
        add(blocks, layer.name, i, "weights", WEIGHTS, layer.fan_in, layer.fan_out)
        add(blocks, layer.name, i, "biases", BIASES, layer.fan_out)
        if get_activation(layer.activation).has_parameter:
            add(blocks, layer.name, i, "slope", SCALES, layer.fan_out)
    return Layout(tuple(blocks), tuple(state))


def edges_of(architecture: Architecture, state: NDArray[Any]) -> list[NDArray[Any]]:
    """The edges of each numeric input's pieces, as views of the state; empty where it has none."""
    block = layout_of(architecture).find(-1, "edges")
    if block is None:
        return []
    lengths = [count + 1 if count else 0 for count in architecture.pieces]
    return np.split(state[block.start : block.stop], np.cumsum(lengths)[:-1])
