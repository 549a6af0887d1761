"""What the first layer of a network gets: a name and a source for each number, and its path.

Numbers, their periodic forms, their pieces, and what codes become stand side by side there
(`Trace.features`). Each came from one input or one code, and those from one column of a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture
from layerwise.engine.layout import layout_of
from layerwise.network import Network

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Feature:
    """One number that the first layer gets.

    Attributes
    ----------
    name : str
    source : int
        Which input it came from, or, counted on from the inputs, which code.
    """

    name: str
    source: int


@dataclass(frozen=True)
class Inputs:
    """What the numbers and codes of a network are called.

    Attributes
    ----------
    names : tuple of str
        Of the numbers.
    code_names : tuple of str
        Of the columns of codes.
    value_name : callable
        value_name(column of codes, code) -> what the code stands for.
    in_units : callable
        in_units(input, number) -> the number as the table has it, in words.
    """

    names: tuple[str, ...]
    code_names: tuple[str, ...] = ()
    value_name: Callable[[int, int], str] = lambda column, code: f"code {code}"
    in_units: Callable[[int, float], str] = lambda column, number: f"{number:.4g}"


def features_of(network: Network, inputs: Inputs) -> list[Feature]:
    """Name every number that the first layer gets, in the order of `Trace.features`.

    Examples
    --------
    >>> net = Network(Architecture([1, 2], pieces=[2]), seed=0)
    >>> net.edges[0] = [0, 10, 50]
    >>> [feature.name for feature in features_of(net, Inputs(("age",)))]
    ['age', 'age 0 to 10', 'age 10 to 50']
    """
    layout = layout_of(network.architecture)
    found: list[Feature] = []
    for placed in network.architecture.input_steps:
        names, spelled, first = inputs.names, inputs.in_units, 0
        if placed.step.slot == "codes":
            k, first = placed.source, len(inputs.names) + placed.source
            names, spelled = (inputs.code_names[k],), partial(_value_name, inputs, k)
        numbers = layout.numbers_of(placed, network.vector, network.state)
        of_step = placed.step.names(names, numbers, spelled)
        pairs = zip(of_step, placed.step.sources, strict=True)
        found += [Feature(name, first + source) for name, source in pairs]
    return found


def _value_name(inputs: Inputs, column: int, _: int, code: float) -> str:
    return inputs.value_name(column, int(code))


def in_double_precision(network: Network) -> Network:
    """The same network, with the same numbers, that computes in float64."""
    return Network.of(
        network.architecture,
        network.vector.astype(np.float64),
        network.state.astype(np.float64),
    )


def after_features(network: Network) -> Network:
    """The rest of a network: one whose numeric inputs are what this one's first layer gets.

    Examples
    --------
    >>> from layerwise.architecture import Embedding
    >>> net = Network(Architecture([1, 4, 2], embeddings=[Embedding(3, 2)]), seed=0)
    >>> rest = after_features(net)
    >>> rest.architecture.title
    '3-4-2'
    >>> trace = net.forward([[0.5]], [[1]])
    >>> bool((rest.forward(trace.features).scores == trace.scores).all())
    True
    """
    whole = network.architecture
    sizes = (whole.input_width, *whole.sizes[1:])
    rest = Architecture(
        sizes,
        whole.activation,
        whole.output,
        normalization=whole.normalization,
        residual=whole.residual,
        dropout=whole.dropout,
        input_scale=whole.input_scale,
        scaling=whole.scaling,
    )
    n_before = network.n_parameters - rest.n_parameters
    n_edges = sum(len(edges) for edges in network.edges)
    return Network.of(rest, network.vector[n_before:], network.state[n_edges:])
