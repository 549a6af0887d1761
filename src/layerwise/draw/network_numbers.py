"""The numbers in a picture of a network: one for each line, and one for each node."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layerwise.arrays import Reals
from layerwise.draw.drawn_model import DrawnModel, DrawnRow
from layerwise.draw.network_inputs import InputColumn

if TYPE_CHECKING:
    from layerwise.network import Network


@dataclass(frozen=True)
class Lines:
    """One number for each line from one column of nodes to the next.

    Attributes
    ----------
    size : ndarray, shape (n_from, n_to)
        At least 0.
    sign : ndarray, shape (n_from, n_to)
        -1, 0 or 1; 0 also for a size that stands for several numbers.
    """

    size: Reals
    sign: Reals

    @property
    def strengths(self) -> Reals:
        """How much leaves each node, shape (n_from,): the root of the sum of squares."""
        return np.asarray(np.sqrt((self.size**2).sum(axis=1)))


@dataclass(frozen=True)
class NetworkNumbers:
    """All numbers of one picture.

    Attributes
    ----------
    lines : list of Lines
        One for each layer.
    nodes : list of ndarray
        One for each column of nodes, the inputs first; NaN: a node without a number.
    outputs : ndarray, shape (n_outputs,), or None
        Of a row, what the network gives.
    loss : float or None
        Of a row with a known answer.
    """

    lines: list[Lines]
    nodes: list[Reals]
    outputs: Reals | None = None
    loss: float | None = None


def weights_of(drawn: DrawnModel) -> NetworkNumbers:
    """Every weight and bias.

    A learned factor of an input is multiplied into its weights. A column that became several
    inputs has one line to each node: the root of the sum of its weights' squares.
    """
    network = _network_of(drawn)
    factor = _block(network, "scale")
    first = np.asarray(network.weights[0], np.float64)
    if factor is not None:
        first = first * factor[:, None]
    lines = [_by_column(first, drawn.columns, summed=False)]
    lines += [_signed(np.asarray(weights, np.float64)) for weights in network.weights[1:]]
    nodes = [np.full(len(drawn.columns), np.nan)]
    nodes += [np.asarray(biases, np.float64) for biases in network.biases]
    return NetworkNumbers(lines, nodes)


def flow_of(drawn: DrawnModel, row: DrawnRow) -> NetworkNumbers:
    """One row's way through the network: what each line adds, and what each node gives on.

    A line's number is what enters times its weight; those of a node, and its bias, add up to its
    pre-activation.
    """
    network = _network_of(drawn)
    trace = network.forward(row.x, row.codes)
    lines = []
    for i, (layer, seen) in enumerate(zip(drawn.architecture.layers, trace.layers, strict=True)):
        by_root = drawn.architecture.scaling == "neural_tangent"
        factor = layer.fan_in**-0.5 if by_root else 1.0
        weights = np.asarray(network.weights[i], np.float64)
        added = factor * np.asarray(seen.multiplied[0], np.float64)[:, None] * weights
        lines.append(_signed(added) if i else _by_column(added, drawn.columns, summed=True))
    inputs = _of_inputs(drawn.columns, trace.features[0], trace.x[0])
    hidden = [np.asarray(seen.output[0], np.float64) for seen in trace.layers[:-1]]
    outputs = np.asarray(trace.outputs[0], np.float64)
    return NetworkNumbers(lines, [inputs, *hidden, outputs], outputs)


def gradients_of(drawn: DrawnModel, row: DrawnRow) -> NetworkNumbers:
    """The derivative of one row's loss by each weight, and by what each node gives on.

    At the outputs it is that by the scores. Several inputs of one column are joined as in
    `weights_of`. What is no more than rounding is 0: the derivatives by the scores are differences
    of numbers as large as the outputs, or 1, exact to a unit of the network's precision.

    Raises
    ------
    ValueError
        If no answer is known.
    """
    network = _network_of(drawn)
    if row.y is None:
        raise ValueError(
            "gradients are those of a loss, which takes a known answer: give the target, or a row "
            "that has it"
        )
    trace = network.forward(row.x, row.codes)
    found = network.backward(trace, row.y, getattr(drawn.model, "loss_entry", None))
    first = np.asarray(found.weights[0], np.float64)
    factor = _block(network, "scale")
    if factor is not None:  # by weight times factor, as `weights_of` gives them
        first = np.divide(
            first, factor[:, None], out=np.zeros_like(first), where=factor[:, None] != 0
        )
    outputs = np.asarray(trace.outputs[0], np.float64)
    by_scores = np.abs(np.asarray(found.activations[-1][0], np.float64)).max()
    rounding = np.finfo(network.dtype).eps * max(1.0, float(np.abs(outputs).max()))
    noise = rounding / by_scores if by_scores > rounding else 1.0

    def measured(numbers: Reals) -> Reals:
        values = np.asarray(numbers, np.float64)
        size = np.abs(values)
        return np.where(size <= noise * np.nanmax(size, initial=0.0), 0.0, values)

    lines = [_by_column(measured(first), drawn.columns, summed=False)]
    lines += [_signed(measured(by)) for by in found.weights[1:]]
    inputs = measured(_of_inputs(drawn.columns, found.features[0], found.x[0]))
    nodes = [measured(by[0]) for by in found.activations]
    return NetworkNumbers(lines, [inputs, *nodes], outputs, found.loss)


def _network_of(drawn: DrawnModel) -> "Network":
    network = drawn.network
    if network is None:
        raise ValueError(
            f"{drawn.architecture.title} is an architecture without numbers, through which no row "
            "goes: make a Network of it, or give a fitted model"
        )
    if not np.isfinite(network.vector).all():
        raise ValueError(
            "the network holds numbers that are NaN or infinite, so its training diverged: train "
            "it anew, with a smaller learning rate or with gradient_clipping"
        )
    return network


def _block(network: "Network", kind: str) -> Reals | None:
    block = network.parameters.get(f"inputs.{kind}")
    return None if block is None else np.asarray(block, np.float64)


def _signed(numbers: Reals) -> Lines:
    return Lines(np.abs(numbers), np.sign(numbers))


def _by_column(numbers: Reals, columns: Sequence[InputColumn], *, summed: bool) -> Lines:
    """The lines of each column from its inputs': their sum, or the root of their squares' sum."""
    size = np.empty((len(columns), numbers.shape[1]))
    sign = np.zeros_like(size)
    for i, column in enumerate(columns):
        own = numbers[list(column.features)]
        if summed or len(own) == 1:
            total = own.sum(axis=0)
            size[i], sign[i] = np.abs(total), np.sign(total)
        else:
            size[i] = np.sqrt((own**2).sum(axis=0))
    return Lines(size, sign)


def _of_inputs(columns: Sequence[InputColumn], features: Reals, numbers: Reals) -> Reals:
    """A number for each column that is one number, or one input; NaN for the others."""
    values = np.full(len(columns), np.nan)
    for i, column in enumerate(columns):
        if column.number is not None:
            values[i] = numbers[column.number]
        elif len(column.features) == 1:
            values[i] = features[column.features[0]]
    return values
