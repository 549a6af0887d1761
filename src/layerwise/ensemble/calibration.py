"""Probabilities that can be trusted: one temperature, found on rows the networks never saw.

Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4: scores are divided by one
number, the temperature, before softmax. Here the temperature applies to an average of several
networks, which is less sure of itself than each of them. A row's held-out prediction comes from
the few networks that did not train on it, so that the temperature that suits those is too high for
the average of all; see `temperature_of_average`.

Some rows are unlike all others, or wrongly labelled, and networks may be sure of what they are not.
For such rows a share of the uniform distribution is mixed in, as large as those held out ask for.
"""

import math
from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Array, Integers
from layerwise.ensemble.decision import decision_for
from layerwise.ensemble.ensemble import Ensemble
from layerwise.ensemble.folds import Problem

_MOST = 3.0  # e^3: no temperature is beyond 1/20 or 20
_HALVINGS = 30
_ROWS_AT_1 = 50
_ENOUGH_ROWS = 200_000  # more find the same temperature
_ROUNDS = 15
_MOST_SHARE = 0.5
_SAME = 0.005
_LEAST_GAIN = 2.0  # nats in all, by which a share is more than chance


@dataclass(frozen=True)
class Calibration:
    """What held-out rows say of an ensemble's probabilities.

    Attributes
    ----------
    temperature : float
        Of the average of all networks.
    temperatures : tuple of float
        Those measured: of one network, and of the average of those that did not train on a row.
    share : float
        Of the uniform distribution, mixed in.
    threshold : float
        See `layerwise.ensemble.decision`.
    loss : float
        Log loss of the held-out rows.
    """

    temperature: float
    temperatures: tuple[float, float]
    share: float
    threshold: float
    loss: float


def calibrate(
    ensemble: Ensemble,
    problem: Problem,
    metric: str,
    class_weights: Array | None = None,
    seed: int = 0,
) -> Calibration:
    """Find the temperature, and the threshold that suits a metric, on rows that were held out.

    Parameters
    ----------
    ensemble : Ensemble
    problem : Problem
        That it was trained on.
    metric : str
    class_weights : ndarray, shape (n_classes,), or None
        That it was trained with.
    seed : int
        Draws some of very many rows.
    """
    average, first, counts = ensemble.out_of_fold(problem)
    known = counts > 0
    if known.sum() > _ENOUGH_ROWS:
        random = np.random.default_rng(seed)
        known = np.sort(random.permutation(np.flatnonzero(known))[:_ENOUGH_ROWS])
    y = problem.y[known]
    weight = None if problem.weight is None else problem.weight[known]
    if weight is not None and class_weights is not None:
        weight = weight / class_weights[y]  # what remains is the rows' own
    of_one, _ = temperature_and_share(first[known], y, weight, class_weights)
    of_some, share = temperature_and_share(average[known], y, weight, class_weights)
    n_some, n_all = round(float(counts[known].mean())), len(ensemble.members)
    of_all = temperature_of_average(of_one, of_some, n_some, n_all, len(y))
    p = temper(average[known], of_some, share, class_weights)
    threshold = decision_for(p, y, metric, class_weights, weight).threshold
    return Calibration(of_all, (of_one, of_some), share, threshold, log_loss_of(p, y, weight))


def temper(
    p: Array, temperature: float, share: float = 0.0, class_weights: Array | None = None
) -> Array:
    """Divide log-probabilities by the temperature, and mix in a share of the uniform distribution.

    Of networks trained with weights for the classes, probabilities are brought back to the rows'
    own rates: the weights multiply each class's odds, and are divided out again (Elkan 2001, "The
    Foundations of Cost-Sensitive Learning", theorem 2).

    Parameters
    ----------
    p : ndarray, shape (n, n_classes)
    temperature : float
        Above 1: less sure; below 1: surer.
    share : float
    class_weights : ndarray, shape (n_classes,), or None
        That the networks were trained with.

    Examples
    --------
    >>> temper(np.array([[0.9, 0.1]]), 2.0).round(2)
    array([[0.75, 0.25]])
    >>> temper(np.array([[0.5, 0.5]]), 1.0, class_weights=np.array([1.0, 4.0]))
    array([[0.8, 0.2]])
    """
    tempered = _sharpened(np.log(np.maximum(p, 1e-30)), temperature, class_weights)
    tempered *= 1.0 - share
    tempered += share / p.shape[1]
    return tempered


def _sharpened(z: Array, temperature: float, class_weights: Array | None) -> Array:
    """Probabilities of log-probabilities z; in place, since classes may be hundreds."""
    sharp: Array = z / temperature
    if class_weights is not None:
        # A class without weight was not trained on; nothing is known of its rate.
        sharp = sharp - np.log(np.where(class_weights > 0, class_weights, 1.0))
    sharp -= sharp.max(axis=1, keepdims=True)
    np.exp(sharp, out=sharp)
    sharp /= sharp.sum(axis=1, keepdims=True)
    return sharp


def log_loss_of(p: Array, y: Integers, weight: Array | None = None) -> float:
    """-ln of the true class's probability, the weighted mean over rows."""
    losses = -np.log(np.maximum(p[np.arange(len(y)), y], 1e-15))
    return float(np.average(losses, weights=weight))


def temperature_of(
    p: Array, y: Integers, weight: Array | None = None, class_weights: Array | None = None
) -> float:
    """Return the temperature with which probabilities have the least log loss.

    The loss is convex in the inverse temperature: its derivative's sign is followed by halving
    (Berta et al. 2025, "Rethinking Early Stopping: Refine, Then Calibrate").

    Parameters
    ----------
    p : ndarray, shape (n, n_classes)
    y : ndarray of int, shape (n,)
        The true classes' numbers.
    weight : ndarray, shape (n,), or None
        Of the rows.
    class_weights : ndarray, shape (n_classes,), or None
        As `temper` takes them.

    Examples
    --------
    >>> p = np.array([[0.99, 0.01]] * 3 + [[0.01, 0.99]])
    >>> round(temperature_of(p, np.array([0, 0, 1, 1])), 1)
    4.2
    """
    z = np.log(np.maximum(p, 1e-30))
    z_true = z[np.arange(len(y)), y]
    low, high = -_MOST, _MOST
    for _ in range(_HALVINGS):
        u = 0.5 * (low + high)
        tempered = _sharpened(z, math.exp(-u), class_weights)
        slope = np.average((z * tempered).sum(axis=1) - z_true, weights=weight)
        low, high = (low, u) if slope > 0 else (u, high)
    return math.exp(-0.5 * (low + high))


def temperature_and_share(
    p: Array,
    y: Integers,
    weight: Array | None = None,
    class_weights: Array | None = None,
) -> tuple[float, float]:
    """Return the temperature, and the share of the uniform distribution, with the least log loss.

    The share is at least as if one more row had been seen whose class was drawn by lot, and more
    only if the rows are likelier by that than chance would make them. Rows that the uniform
    distribution explains better then count less for the temperature (expectation maximisation,
    Dempster, Laird and Rubin 1977).

    Parameters
    ----------
    p, y, weight, class_weights
        As `temperature_of` takes them.

    Returns
    -------
    temperature, share : float

    Examples
    --------
    >>> p = np.array([[0.9, 0.1]] * 100 + [[0.0001, 0.9999]] * 100)
    >>> y = np.array([0] * 90 + [1] * 10 + [1] * 95 + [0] * 5)
    >>> temperature, share = temperature_and_share(p, y)
    >>> round(temperature, 1), round(share, 2)
    (0.8, 0.1)
    """
    n, k = p.shape
    least = 1.0 / (n + 1.0)
    plain = temperature = temperature_of(p, y, weight, class_weights)
    share = least
    for _ in range(_ROUNDS):
        of_true = temper(p, temperature, class_weights=class_weights)[np.arange(n), y]
        before, share = share, _share_of(of_true * k, least, weight)
        if abs(share - before) <= _SAME * share:
            break
        explained = (1.0 - share) * of_true / ((1.0 - share) * of_true + share / k)
        weights = explained if weight is None else weight * explained
        temperature = temperature_of(p, y, weights, class_weights)
    losses = [
        log_loss_of(temper(p, *found, class_weights), y, weight)
        for found in ((plain, least), (temperature, share))
    ]
    if n * (losses[0] - losses[1]) < _LEAST_GAIN:
        return plain, least
    return temperature, share


def _share_of(ratio: Array, least: float, weight: Array | None) -> float:
    """The share with the least loss, of how many times likelier than by lot each row's class is.

    The loss is convex in the share: its derivative's sign is followed by halving.
    """
    low, high = least, _MOST_SHARE
    for _ in range(_HALVINGS):
        share = 0.5 * (low + high)
        slope = np.average((ratio - 1.0) / (share + (1.0 - share) * ratio), weights=weight)
        low, high = (low, share) if slope > 0 else (share, high)
    return least if high - least < 1e-6 else 0.5 * (low + high)


def temperature_of_average(
    of_one: float, of_some: float, n_some: int, n_all: int, n_rows: int
) -> float:
    """Return the temperature for an average of more networks than could be measured.

    What an average of m networks lacks in sureness, its log temperature, changes as their
    remaining variance does, a + b / m. Two measurements give a and b.

    Parameters
    ----------
    of_one, of_some : float
        The best temperatures of single networks, and of averages of `n_some`.
    n_some, n_all : int
    n_rows : int
        Rows that they were measured on. The fewer, the nearer the result is to 1: as if it had been
        1 on 50 rows more.

    Examples
    --------
    >>> round(temperature_of_average(1.5, 1.2, 2, 10, 100_000), 3)
    1.004
    """
    share = n_rows / (n_rows + _ROWS_AT_1)
    if n_some < 2:
        # One network being too sure says nothing of an average, which is less so.
        return float((of_some if n_all == 1 else min(of_some, 1.0)) ** share)
    one, some = math.log(of_one), math.log(of_some)
    b = (one - some) / (1.0 - 1.0 / n_some)
    a = one - b
    log_temperature = a + b / n_all
    # It goes on in the direction measured, or stays.
    log_temperature = min(log_temperature, some) if b > 0 else some
    return math.exp(share * max(-_MOST, log_temperature))
