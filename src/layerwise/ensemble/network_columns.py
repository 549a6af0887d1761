"""A network that is given some of the columns alone: the others have a factor of 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layerwise.arrays import Array, Integers, Mask
from layerwise.ensemble.folds import Problem
from layerwise.network import Network

_FACTORS = "inputs.scale"


def own_columns(problem: Problem, rows: Array) -> tuple[Mask, Mask]:
    """Which numbers and codes a network is given that is trained on these rows."""
    if problem.selection is None:
        return np.ones(problem.x.shape[1], bool), np.ones(problem.codes.shape[1], bool)
    return problem.selection.inputs_among(problem.selection.by_rows(rows))


def with_columns(problem: Problem, inputs: Mask, codes: Mask) -> Problem:
    """The rows with 0 for all other numbers and codes."""
    if inputs.all() and codes.all():
        return problem
    return replace(
        problem,
        x=np.where(inputs, problem.x, np.float32(0)),
        codes=np.where(codes, problem.codes, np.int32(0)),
    )


def silence(network: Network, inputs: Mask, codes: Mask) -> None:
    """Let a network have nothing of the other inputs: their factors, and vectors, become 0.

    Where they are 0 among the rows, see `with_columns`, no gradient reaches them: they stay 0.
    """
    if inputs.all() and codes.all():
        return
    given = np.concatenate([inputs, codes])
    network.parameters[_FACTORS][~given[_owners(network)]] = 0.0
    for place in np.flatnonzero(~codes):
        vectors = network.parameters.get(f"codes {place + 1}.embedding")
        if vectors is not None:
            vectors[:] = 0.0


def columns_of(network: Network) -> tuple[Mask, Mask]:
    """Which numbers and codes a network has something of."""
    architecture, factors = network.architecture, network.parameters.get(_FACTORS)
    given = np.ones(architecture.n_inputs + architecture.n_codes, bool)
    if factors is not None and not factors.all():
        given[:] = False
        np.logical_or.at(given, _owners(network), factors != 0)
    return given[: architecture.n_inputs], given[architecture.n_inputs :]


def _owners(network: Network) -> Integers:
    """Of each number that enters the first layer its input, codes counted on from the numbers."""
    owners: list[int] = []
    for placed in network.architecture.input_steps:
        first = 0
        if placed.step.slot == "codes":
            first = network.architecture.n_inputs + placed.source
        owners += [first + source for source in placed.step.sources]
    return np.array(owners, np.int64)
