"""Numeric inputs as they are."""

# mypy: disable-error-code="no-untyped-def"

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from layerwise.architecture.elementary import u64
from layerwise.architecture.steps.step import Array, Given, Kernels, Numbers, Spelled, Step

__all__ = ["PlainNumbers"]


def gather(x, order, low, high, work, out, length):
    n = u64(x.shape[1])
    for r in range(low, high):
        row = order[r]
        place = u64(out + (r - low) * length)
        for j in range(n):
            work[place + j] = x[row, j]


@dataclass(frozen=True)
class PlainNumbers(Step):
    """All numeric inputs, as they are."""

    width: int

    name, slot = "plain_numbers", "numbers"
    kernels = Kernels(gather)

    @property
    def sources(self) -> Sequence[int]:
        return range(self.width)

    def forward(self, given: Given) -> Array:
        return given.x

    def backward(self, given: Given, grad: Array) -> tuple[Array, Numbers]:
        return grad, {}

    def onnx(self, graph: Any, x: str, numbers: Numbers) -> str:
        return x

    def names(self, names: Sequence[str], numbers: Numbers, spelled: Spelled) -> list[str]:
        return list(names)

    def short_names(self, names: Sequence[str], values: Sequence[str]) -> list[str]:
        return list(names)
