"""Integrated gradients: what each number that enters the network contributed to the result.

Sundararajan et al. 2017, "Axiomatic Attribution for Deep Networks", equation 1: the derivative of
the result by each input is integrated on the straight way from a baseline to the row, and
multiplied by how far the input went. What the inputs contributed adds up to what the result
differs from the baseline's: completeness, which is checked here and told.

The way is straight for numbers and for the columns that codes become. A number's pieces, which are
functions of it, follow their number, so that its share of the sum is that of the number alone.
Where many pieces are passed in a short part of the way, more of the steps are taken there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layerwise.architecture import OUTPUTS, Architecture
from layerwise.arrays import Codes, Reals
from layerwise.engine import reference
from layerwise.explanation.features import after_features, features_of, in_double_precision
from layerwise.explanation.subject import Subject
from layerwise.network import Network

__all__ = ["Attribution", "integrated_gradients"]

_FIRST_STEPS, _MOST_STEPS = 64, 1024
_GAP = 2e-3  # of all contributions together


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each column contributed.

    Attributes
    ----------
    columns : tuple of str
    contributions : ndarray, shape (n_columns,)
        By how much the column moved the result away from the baseline's.
    result, baseline : float
        The result for the row, and for the baseline.
    n_steps : int
        Into how many the way was cut.
    """

    columns: tuple[str, ...]
    contributions: Reals
    result: float
    baseline: float
    n_steps: int

    @property
    def gap(self) -> float:
        """By how much the contributions miss the difference of the two results."""
        return float(self.baseline + self.contributions.sum() - self.result)


def integrated_gradients(subject: Subject, of: int) -> Attribution:
    """Integrate the gradients of result `of` from the subject's baseline to its row.

    The way is cut into 64 steps, and into twice as many until the sum is complete to two
    thousandths of the contributions' size, or 1,024 are reached.
    """
    ways = [_Way(network, subject) for network in subject.networks]
    ends = np.stack([way.outputs(np.array([0.0, 1.0])) for way in ways])
    baseline, result = subject.combining(ends)[:, of]
    columns = subject.column_of_source()
    n_steps = _FIRST_STEPS
    while True:
        by_source = _integrate(ways, subject, of, n_steps)
        sums = np.bincount(columns, by_source, minlength=len(subject.cells))
        contributions = np.asarray(sums, np.float64)
        found = Attribution(
            tuple(cell.column for cell in subject.cells),
            contributions,
            float(result),
            float(baseline),
            n_steps,
        )
        if abs(found.gap) <= _GAP * np.abs(contributions).sum() or n_steps >= _MOST_STEPS:
            return found
        n_steps *= 2


def _integrate(ways: list[_Way], subject: Subject, of: int, n_steps: int) -> Reals:
    """Contributions of each source: derivatives in the middle of each step, times the step.

    Within a step features move straight, also where a piece begins or ends there: the error of a
    step is then of the third order of its length.
    """
    ends = _ends_of_steps(subject, n_steps)
    features = [way.features(ends) for way in ways]
    traces = [
        way.trace(0.5 * (own[:-1] + own[1:])) for way, own in zip(ways, features, strict=True)
    ]
    outputs = np.stack([trace.outputs for trace in traces])
    by_outputs = subject.combining.gradient(outputs, of)
    total = np.zeros(len(ways[0].inputs_and_codes))
    for way, own, trace, gradient in zip(ways, features, traces, by_outputs, strict=True):
        by_feature = (way.gradient(trace, gradient) * np.diff(own, axis=0)).sum(axis=0)
        total += np.bincount(way.sources, by_feature, minlength=len(total))
    return total


def _ends_of_steps(subject: Subject, n_steps: int) -> Reals:
    """Where the steps begin and end: half at equal distances, half where pieces are passed.

    Each piece rises from -1 to 1 while its number passes it. Steps are as long as lets the pieces
    of all networks, and the way itself, rise equally in each.
    """
    start, end = (np.asarray(x[0], np.float64) for x in (subject.baseline.x, subject.x))
    times, slopes = [np.array([0.0, 1.0])], [np.zeros(2)]
    for network in subject.networks:
        for i, edges in enumerate(network.edges):
            if len(edges) and start[i] != end[i]:
                passed = (np.asarray(edges, np.float64) - start[i]) / (end[i] - start[i])
                first, last = np.sort([passed[:-1], passed[1:]], axis=0)
                steepness = 2.0 / (last - first)
                inside = (last > 0.0) & (first < 1.0)
                times += [first[inside].clip(0.0), last[inside].clip(max=1.0)]
                slopes += [steepness[inside], -steepness[inside]]
    time, slope = np.concatenate(times), np.concatenate(slopes)
    order = np.argsort(time, kind="stable")
    time, lengths = time[order], np.diff(time[order])
    rising = np.cumsum(slope[order])[:-1].clip(0.0) * lengths
    height = np.concatenate([[0.0], np.cumsum(rising)])
    height = time + (height / height[-1] if height[-1] > 0 else 0.0)
    return np.asarray(np.interp(np.linspace(0.0, height[-1], n_steps + 1), height, time))


class _Way:
    """The way from the baseline to the row through the features of one network."""

    def __init__(self, network: Network, subject: Subject) -> None:
        self._network = in_double_precision(network)
        self._rest = after_features(self._network)
        self.sources = [feature.source for feature in features_of(network, subject.inputs)]
        self.inputs_and_codes = range(subject.x.shape[1] + subject.codes.shape[1])
        self._start, self._end = (
            np.asarray(x, np.float64) for x in (subject.baseline.x, subject.x)
        )
        self._codes = subject.codes
        n_of_codes = sum(entry.width for entry in network.architecture.embeddings)
        self._n_of_numbers = network.architecture.input_width - n_of_codes
        self._codes_end = self._of_codes(subject.codes)
        self._codes_start = (
            np.zeros_like(self._codes_end)
            if subject.baseline.codes is None
            else self._of_codes(subject.baseline.codes)
        )

    def _of_codes(self, codes: Codes) -> Reals:
        features = self._network.forward(self._end, codes).features
        return np.asarray(features[:, self._n_of_numbers :])

    def features(self, shares: Reals) -> Reals:
        """The features at these shares of the way, shape (n, input_width)."""
        t = shares[:, None]
        x = self._start + t * (self._end - self._start)
        numbers = self._of_numbers(x)
        codes = self._codes_start + t * (self._codes_end - self._codes_start)
        return np.concatenate([numbers, codes], axis=1)

    def _of_numbers(self, x: Reals) -> Reals:
        """Numbers, or their periodic features, and their pieces."""
        architecture = self._network.architecture
        if not architecture.pieces and architecture.periodic is None:
            return x
        codes = np.repeat(self._codes, len(x), axis=0)
        return np.asarray(_first_features(self._network, x, codes)[:, : self._n_of_numbers])

    def trace(self, features: Reals) -> reference.Trace:
        return self._rest.forward(features)

    def outputs(self, shares: Reals) -> Reals:
        return np.asarray(self.trace(self.features(shares)).outputs)

    def gradient(self, trace: reference.Trace, by_outputs: Reals) -> Reals:
        rest = self._rest
        by_scores = gradient_of_scores(
            rest.architecture.output, trace.scores, trace.outputs, by_outputs
        )
        return np.asarray(
            reference.backward(rest.architecture, rest.vector, trace, 0.0, by_scores).x
        )


def _first_features(network: Network, x: Reals, codes: Codes) -> Reals:
    """The features of rows, by way of a network that has one output and no hidden layer.

    So that nothing is computed beyond them.
    """
    whole = network.architecture
    small = Architecture(
        [whole.n_inputs, 1],
        embeddings=whole.embeddings,
        periodic=whole.periodic,
        pieces=whole.pieces,
    )
    n_before = small.n_parameters - small.input_width - 1
    n_edges = sum(len(edges) for edges in network.edges)
    vector = np.concatenate([network.vector[:n_before], np.zeros(small.input_width + 1)])
    return np.asarray(Network.of(small, vector, network.state[:n_edges]).forward(x, codes).features)


def gradient_of_scores(output: str, scores: Reals, outputs: Reals, by_outputs: Reals) -> Reals:
    """The derivatives by the scores, from those by the outputs, each of shape (n, n_outputs).

    Examples
    --------
    >>> gradient_of_scores("sigmoid", np.array([[0.0]]), np.array([[0.5]]), np.array([[1.0]]))
    array([[0.25]])
    """
    entry = OUTPUTS[output]
    if entry.slope is not None:
        return np.asarray(entry.slope(scores) * by_outputs)
    along = (outputs * by_outputs).sum(axis=1, keepdims=True)
    return np.asarray(outputs * (by_outputs - along))
