"""What a network makes of a column of integer codes: learned vectors, or columns of 0 and 1."""

# mypy: disable-error-code="no-untyped-def"

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.architecture.elementary import number, u64
from layerwise.architecture.lookup import check_count
from layerwise.architecture.steps.step import (
    Array,
    Given,
    Kernels,
    Numbers,
    Parameter,
    Spelled,
    Step,
)
from layerwise.language import message, tr

__all__ = ["Embedding", "OneHot"]


def embed(codes, source, order, low, high, vector, parameters, size, work, out, length):
    for r in range(low, high):
        row = u64(parameters + codes[order[r], source] * size)
        place = u64(out + (r - low) * length)
        for j in range(u64(size)):
            work[place + j] = vector[row + j]


def embed_gradient(
    codes, source, order, low, high, work, grads, length, shard_rows, widest, gradient,
    begin, end, size,
):  # fmt: skip
    """Each row of the table's gradient is the sum of grad's rows of its code, in their order.

    Every `shard_rows` rows of grad start anew, that many times `widest` apart.
    """
    for i in range(u64(begin), u64(end)):
        gradient[i] = number(0.0, gradient[begin])
    for r in range(high - low):
        target = u64(begin + codes[order[low + r], source] * size)
        first = r // shard_rows * shard_rows
        grad = u64(grads + first * widest + (r - first) * length)
        for j in range(u64(size)):
            gradient[target + j] += work[grad + j]


def one_hot(codes, source, order, low, high, work, out, size, length):
    zero = number(0.0, work[out])
    for r in range(low, high):
        place = u64(out + (r - low) * length)
        for k in range(u64(size)):
            work[place + k] = zero
        code = codes[order[r], source]
        if code > 0:
            work[place + u64(code - 1)] = number(1.0, zero)


@dataclass(frozen=True)
class Embedding(Step):
    """A learned vector for each value of one column of integer codes.

    Attributes
    ----------
    n_values : int
        How many codes there are, 0 to ``n_values - 1``.
    size : int
        Length of each vector.
    """

    n_values: int
    size: int

    name, slot, learns = "embedding", "codes", message("vectors of categories")
    words = message("its learned vector")
    kernels = Kernels(embed, gradient=embed_gradient)

    def __post_init__(self) -> None:
        for name in ("n_values", "size"):
            check_count(f"Embedding {name}", getattr(self, name))
            object.__setattr__(self, name, int(getattr(self, name)))

    @property
    def width(self) -> int:
        """Columns it becomes."""
        return self.size

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        shape = (self.n_values, self.size)
        start = lambda random, shape: random.standard_normal(shape)  # noqa: E731
        return (Parameter("embedding", shape, "embeddings", start),)

    def forward(self, given: Given) -> Array:
        return given.numbers["embedding"][given.codes]

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        table = np.zeros_like(given.numbers["embedding"])
        np.add.at(table, given.codes, grad)
        return np.zeros_like(given.x), {"embedding": table}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        vectors = graph.constant(numbers["embedding"].astype(np.float32))
        return str(graph("Gather", vectors, graph("Squeeze", x, graph.constant([1])), axis=0))

    def value_words(self, known: str, code: int) -> str:
        words = tr(self.words)
        return tr("{known}: {words} of {n} numbers", known=known, words=words, n=self.width)

    def names(self, names: Sequence[str], numbers: Numbers, spelled: Spelled) -> list[str]:
        return [f"{names[0]}, vector {j + 1}" for j in range(self.size)]

    def short_names(self, names: Sequence[str], values: Sequence[str]) -> list[str]:
        return [f"{names[0]} [{j + 1}]" for j in range(self.size)]


@dataclass(frozen=True)
class OneHot(Step):
    """A column of integer codes as columns of 0 and 1: code k puts 1 into column k - 1.

    Code 0 is none of the known values and leaves all columns 0.

    Attributes
    ----------
    n_values : int
        How many codes there are, 0 to ``n_values - 1``.
    """

    n_values: int

    name, slot, words = "one_hot", "codes", message("columns of 0 and 1")
    kernels = Kernels(one_hot)

    def __post_init__(self) -> None:
        check_count("OneHot n_values", self.n_values, at_least=2)
        object.__setattr__(self, "n_values", int(self.n_values))

    @property
    def size(self) -> int:
        """Columns it becomes."""
        return self.n_values - 1

    @property
    def width(self) -> int:
        """Columns it becomes."""
        return self.size

    def forward(self, given: Given) -> Array:
        return np.eye(self.n_values, dtype=given.x.dtype)[given.codes, 1:]

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        return np.zeros_like(given.x), {}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        known = graph.constant(np.arange(1, self.n_values))
        return str(graph.cast(graph("Equal", x, known), "float"))

    def value_words(self, known: str, code: int) -> str:
        if code == 0:
            return tr(
                "{known}: 0 in all {n} columns, one for each value", known=known, n=self.width
            )
        if self.width == 1:
            return tr("{known}: 1 in its column", known=known)
        if self.width == 2:
            return tr("{known}: 1 in its column, 0 in the other", known=known)
        others = self.width - 1
        return tr("{known}: 1 in its column, 0 in the other {n}", known=known, n=others)

    def names(self, names: Sequence[str], numbers: Numbers, spelled: Spelled) -> list[str]:
        return [f"{names[0]} = {spelled(0, code)}" for code in range(1, self.n_values)]

    def short_names(self, names: Sequence[str], values: Sequence[str]) -> list[str]:
        known = values[1:] or [""] * self.size
        texts = [f": {value}" if value else f" [{j + 1}]" for j, value in enumerate(known)]
        return [f"{names[0]}{text}" for text in texts]
