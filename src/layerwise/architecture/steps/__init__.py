"""The kinds of steps, an entry for each."""

from layerwise.architecture.steps.codes import Embedding, OneHot
from layerwise.architecture.steps.dense import Dense
from layerwise.architecture.steps.input_scale import InputScale
from layerwise.architecture.steps.normalization import BatchNorm, LayerNorm
from layerwise.architecture.steps.periodic import Periodic, PeriodicNumbers
from layerwise.architecture.steps.piecewise import Piecewise
from layerwise.architecture.steps.plain_numbers import PlainNumbers
from layerwise.architecture.steps.step import Given, Kernels, Parameter, Run, Step

__all__ = [
    "STEPS",
    "BatchNorm",
    "Dense",
    "Embedding",
    "Given",
    "InputScale",
    "Kernels",
    "LayerNorm",
    "OneHot",
    "Parameter",
    "Periodic",
    "PeriodicNumbers",
    "Piecewise",
    "PlainNumbers",
    "Run",
    "Step",
    "steps_of_layers",
]

STEPS: dict[str, type[Step]] = {
    entry.name: entry
    for entry in (
        PlainNumbers,
        PeriodicNumbers,
        Piecewise,
        Embedding,
        OneHot,
        InputScale,
        BatchNorm,
        LayerNorm,
        Dense,
    )
}


def steps_of_layers() -> dict[str, type[Step]]:
    """The kinds that a layer's input can be put through, by name."""
    return {name: entry for name, entry in STEPS.items() if entry.slot == "layer"}
