"""What the first layer of a network gets: a name and a source for each number, and its path.

Numbers, their periodic forms, their pieces, and what codes become stand side by side there
(`Trace.features`). Each came from one input or one code, and those from one column of a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, Embedding
from layerwise.network import Network

__all__ = ["Feature", "Inputs", "after_features", "features_of", "in_double_precision"]

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
    architecture = network.architecture
    found: list[Feature] = []
    for i, name in enumerate(inputs.names):
        if architecture.periodic is None:
            found.append(Feature(name, i))
            continue
        frequencies = network.parameters["inputs.frequencies"][i]
        found += [
            Feature(f"{wave} of 2π·{c:.4g}·{name}", i)
            for wave in ("sine", "cosine")
            for c in frequencies
        ]
    for i, edges in enumerate(network.edges):
        for low, high in pairwise(edges):
            ends = f"{inputs.in_units(i, float(low))} to {inputs.in_units(i, float(high))}"
            found.append(Feature(f"{inputs.names[i]} {ends}", i))
    for k, entry in enumerate(architecture.embeddings):
        source, name = len(inputs.names) + k, inputs.code_names[k]
        if isinstance(entry, Embedding):
            found += [Feature(f"{name}, vector {j + 1}", source) for j in range(entry.size)]
        else:
            found += [
                Feature(f"{name} = {inputs.value_name(k, code)}", source)
                for code in range(1, entry.n_values)
            ]
    return found


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
