"""Where each learned number of a network stands in its one vector."""

from dataclasses import dataclass
from functools import cache, cached_property

from layerwise.architecture import Architecture, Placed
from layerwise.architecture.steps import Parameter, Piecewise
from layerwise.arrays import Array

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
    placed : Placed
        The step it belongs to.
    parameter : Parameter
        What it is of that step.
    """

    name: str
    placed: Placed
    parameter: Parameter
    start: int

    @property
    def kind(self) -> str:
        """Such as "weights" or "gain"; in the state "mean" or "edges"."""
        return self.parameter.kind

    @property
    def layer(self) -> int:
        """Which layer it belongs to, from 0; -1 for the inputs' blocks."""
        return self.placed.layer

    @property
    def group(self) -> int:
        """Index into `GROUPS`."""
        return GROUPS.index(self.parameter.group)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its numbers."""
        return self.parameter.shape

    @property
    def size(self) -> int:
        """How many numbers."""
        return self.parameter.size

    @property
    def stop(self) -> int:
        """One past its last number."""
        return self.start + self.size

    def view(self, numbers: Array) -> Array:
        """Its numbers in a vector, in their shape."""
        return numbers[self.start : self.stop].reshape(self.shape)


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

    def of(self, placed: Placed) -> dict[str, Block]:
        """A step's blocks by kind, of the vector and of the state."""
        return self._index.get((placed.owner, placed.step.name), {})

    @cached_property
    def _index(self) -> dict[tuple[str, str], dict[str, Block]]:
        index: dict[tuple[str, str], dict[str, Block]] = {}
        for block in (*self.blocks, *self.state_blocks):
            key = block.placed.owner, block.placed.step.name
            index.setdefault(key, {})[block.kind] = block
        return index

    def numbers_of(self, placed: Placed, vector: Array, state: Array) -> dict[str, Array]:
        """A step's numbers by kind, as views of the vector and of the state."""
        return {
            kind: block.view(vector if block.parameter.is_learned else state)
            for kind, block in self.of(placed).items()
        }

    def offset(self, placed: Placed, kind: str) -> int:
        """Where a step's block starts, -1 where it has none."""
        block = self.of(placed).get(kind)
        return -1 if block is None else block.start


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
    for placed in architecture.steps:
        for parameter in placed.step.numbers:
            to = blocks if parameter.is_learned else state
            to.append(
                Block(
                    f"{placed.owner}.{parameter.kind}",
                    placed,
                    parameter,
                    to[-1].stop if to else 0,
                )
            )
    return Layout(tuple(blocks), tuple(state))


def edges_of(architecture: Architecture, state: Array) -> list[Array]:
    """The edges of each numeric input's pieces, as views of the state; empty where it has none."""
    for placed in architecture.input_steps:
        if isinstance(placed.step, Piecewise):
            return placed.step.edges(layout_of(architecture).numbers_of(placed, state, state))
    return []
