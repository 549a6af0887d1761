"""What a step of a network is: what each kind's entry says, in a file of its own.

A step turns each row of a batch into other numbers. Its entry gives its sizes and parameters, its
way forward and back for the NumPy engine, the same as kernels for the compiled one, its nodes in
ONNX, and its words and formula for explanations and pictures: all of these ask the entry, and none
of them knows its name. To add a kind is to add its class to `layerwise.architecture.STEPS`, before
the first training.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from layerwise.arrays import Array
from layerwise.language import tr

__all__ = ["Array", "Given", "Kernels", "Numbers", "Parameter", "Run", "Spelled", "Step"]

Numbers = dict[str, Array]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]
Spelled = Callable[[int, float], str]


@dataclass(frozen=True)
class Parameter:
    """A run of numbers that a step has.

    Attributes
    ----------
    kind : str
        What they are called: "gain", say.
    shape : tuple of int
    group : str
        Which learning rate they have, of `layerwise.engine.layout.GROUPS`; "weights" and
        "embeddings" are penalised and decay.
    start : float, tuple of float, callable or None
        Their first values; start(random, shape), of learned ones; None: the architecture's
        initialisation draws them.
    is_learned : bool
        Whether gradients change them. Others are the network's state.
    """

    kind: str
    shape: tuple[int, ...]
    group: str = "scales"
    start: float | tuple[float, ...] | Draw | None = 0.0
    is_learned: bool = True

    @property
    def size(self) -> int:
        """How many numbers."""
        return prod(self.shape)


@dataclass
class Given:
    """What the NumPy engine gives a step with a batch, and what the step keeps for its way back.

    Attributes
    ----------
    x : ndarray, shape (n, width)
        What enters it: of a step at the inputs, all numbers.
    codes : ndarray of integers, shape (n,)
        Its column of codes, where it takes one.
    numbers : dict of str to ndarray
        Its parameters and its state by kind; state may be written to while training.
    training : bool
    momentum : float
        How far running statistics move towards a batch's.
    output : ndarray
        What it gave.
    kept : object
        What else it leaves for the way back.
    """

    x: Array
    codes: Array
    numbers: dict[str, Array]
    training: bool = False
    momentum: float = 0.0
    output: Array = field(default_factory=lambda: np.empty(0))
    kept: Any = 1.0


@dataclass(frozen=True)
class Kernels:
    """A step's plain functions of flat arrays and places, which the compiled engine compiles.

    The names of their arguments say what they are given: `layerwise.engine.compiled.entries` lists
    them. They call the functions of `layerwise.architecture.elementary`, and NumPy's of numbers.

    Attributes
    ----------
    forward : callable
    backward : callable or None
        Writes the gradient at what entered; and into `sums` its parameters' gradients over a
        shard's rows.
    gradient : callable or None
        Writes its parameters' gradients over a whole batch, where such sums would be too long.
    measure, join, measure_back : callable or None
        Of a step of which rows depend on each other while training: the sums of a shard; of all
        shards, the numbers `measured` that `forward` gets; the sums on the way back.
    reorders : bool
        Whether sums may be added in another order, which lets them vectorise.
    """

    forward: Callable[..., None]
    backward: Callable[..., None] | None = None
    gradient: Callable[..., None] | None = None
    measure: Callable[..., None] | None = None
    join: Callable[..., None] | None = None
    measure_back: Callable[..., None] | None = None
    reorders: bool = False


class Run(NamedTuple):
    """A run of a step's kernels: their `size` and `source`, and where in its state theirs is."""

    size: int
    source: int = 0
    state: int = 0


# What a kind of a slot must say itself, beside its width.
_OWED = {
    "numbers": ("kernels", "forward", "backward", "names", "short_names"),
    "codes": ("kernels", "forward", "backward", "names", "short_names"),
    "layer": ("kernels", "forward", "backward"),
}


class Step:
    """One step of a network.

    Attributes
    ----------
    name : str
        Its kind's name in this library.
    slot : str
        Where it can stand. "numbers" or "codes": it makes numbers of a network's inputs; "layer":
        a layer's input goes through it before the weights, and keeps its width.
    symbol, title : str
        What stands for it in formulas, "norm" say; what it is called beside a layer.
    words, learns : str
        What it does, as an explanation says it; what it learns of the inputs, in a few words.
    is_affine : bool
        Whether a learned gain and shift follow it, which engines may join with the product.
    of_batch : bool
        Whether rows depend on each other while training, so that one row alone is no batch.
    kernels : Kernels or None
        None: engines have it built in.
    width : int
        How many numbers it makes of a row.
    n_values : int
        Of a step of codes, how many there are.
    """

    name: ClassVar[str] = ""
    slot: ClassVar[str] = ""
    symbol: ClassVar[str] = ""
    title: ClassVar[str] = ""
    words: ClassVar[str] = ""
    learns: ClassVar[str] = ""
    is_affine: ClassVar[bool] = False
    of_batch: ClassVar[bool] = False
    kernels: ClassVar[Kernels | None] = None
    n_values: int

    def __init_subclass__(cls) -> None:
        """Refuse a kind that lacks what engines, explanations or pictures will ask it for."""
        super().__init_subclass__()
        owed = _OWED.get(cls.slot, ()) if cls.name else ()
        lacking = [name for name in owed if getattr(cls, name) is getattr(Step, name)]
        if lacking:
            raise TypeError(
                f"the step {cls.name!r} stands in the slot {cls.slot!r} and lacks "
                f"{', '.join(lacking)}: layerwise.architecture.Step says what each is"
            )

    if TYPE_CHECKING:  # a field of some entries

        @property
        def width(self) -> int: ...

    @classmethod
    def of_width(cls, width: int) -> "Step":
        """The step of a layer whose input is so wide, of a kind in the slot "layer"."""
        return cls(width)  # type: ignore[call-arg]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its own numbers, in the order in which they stand in the network's vector."""
        return ()

    @property
    def numbers(self) -> tuple[Parameter, ...]:
        """All its numbers: gain and shift, and its own."""
        both = (("gain", 1.0), ("shift", 0.0)) if self.is_affine else ()
        affine = (Parameter(kind, (self.width,), start=start) for kind, start in both)
        return (*affine, *self.parameters)

    @property
    def n_own(self) -> int:
        """How many numbers of its own it learns."""
        return sum(parameter.size for parameter in self.parameters if parameter.is_learned)

    @property
    def n_sums(self) -> int:
        """Numbers that its kernels sum up over a shard: its parameters' gradients."""
        return 0 if self.kernels and self.kernels.gradient else self.n_own

    @property
    def n_kept(self) -> int:
        """Numbers that its kernels keep of each row for the way back, beside what they gave."""
        return 0

    @property
    def runs(self) -> Sequence[Run]:
        """How its kernels run, each run for so many of its columns."""
        return (Run(self.width),)

    @property
    def sources(self) -> Sequence[int]:
        """For each of its columns, which of the numbers it is of."""
        return (0,) * self.width

    def forward(self, given: Given) -> Array:
        """What it makes of a batch, shape (n, width)."""
        raise NotImplementedError

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        """(gradient at the numbers that entered, gradients of its own parameters by kind)."""
        raise NotImplementedError

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        """Add its nodes to a `layerwise.store.onnx_graph.Graph`, and name their result.

        x is what enters: numbers, or codes of shape (n, 1). Where it has none, an export says so.
        """
        raise NotImplementedError

    def written(self, x: Any, **numbers: Any) -> Any:
        """What a layer's step makes of one number: arithmetic, `abs` and NumPy's functions."""
        raise NotImplementedError

    def written_with(self, given: Given, i: int) -> dict[str, float]:
        """The numbers of this formula, for the first row's number i."""
        return {kind: float(values[i]) for kind, values in given.numbers.items()}

    def written_back(self, g: Any, x: Any, **numbers: Any) -> Any:
        """The loss's derivative by that number, from g, that by what the step made of it."""
        raise NotImplementedError

    def written_back_with(self, given: Given, i: int, grads: Array) -> dict[str, float]:
        """The numbers of this formula; `grads` are the derivatives by all that the step made."""
        return self.written_with(given, i)

    def value_words(self, known: str, code: int) -> str:
        """What an explanation says of a value of its codes, `known` being what that is called."""
        return f"{known}: {tr(self.words)}"

    def names(self, names: Sequence[str], numbers: Numbers, spelled: Spelled) -> list[str]:
        """What an explanation calls each of its columns, of a step at the inputs.

        `names` are those of all numbers, or that of its column of codes; spelled(i, value) is what
        a value of names[i] is called.
        """
        raise NotImplementedError

    def short_names(self, names: Sequence[str], values: Sequence[str]) -> list[str]:
        """What a picture calls each of its columns; `values` are those of codes, where known."""
        raise NotImplementedError
