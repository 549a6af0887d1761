"""Targets so far from all others that they alone decide what a squared error says."""

from dataclasses import dataclass

import numpy as np

from layerwise.arrays import Floats

_FAR = 10  # interquartile ranges from the quartiles; Tukey 1977 calls three far
_MOST = 0.02  # of the rows: more are a part of the table
_DECIDING = 0.5  # of the squares around the median


@dataclass(frozen=True)
class FarTargets:
    """A few numbers that most of the squared error is about.

    Attributes
    ----------
    values : ndarray
        Those that are far, the farthest first.
    share : float
        Of the sum of squares around the median, how much is theirs.
    middle : (float, float)
        The quartiles, between which half of all lie.
    """

    values: Floats
    share: float
    middle: tuple[float, float]


def find_far_targets(y: Floats) -> FarTargets | None:
    """Find targets that lie far out and make up most of what a squared error counts.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Finite numbers.

    Returns
    -------
    FarTargets or None
        None where none is so far, or those that are do not decide; or where half of all are one
        number, so that no distance is far.

    Examples
    --------
    >>> latitudes = np.append(np.linspace(37.4, 37.7, 200), [0.0, -74.5])
    >>> found = find_far_targets(latitudes)
    >>> found.values, round(found.share, 3)
    (array([-74.5,   0. ]), 1.0)
    >>> find_far_targets(np.exp(np.random.default_rng(0).normal(size=500)))  # skewed, as prices
    """
    if not len(y):
        return None
    low, median, high = (float(value) for value in np.quantile(y, (0.25, 0.5, 0.75)))
    reach = _FAR * (high - low)
    is_far = (y < low - reach) | (y > high + reach)
    if not reach > 0 or not 0 < is_far.sum() <= max(_MOST * len(y), 1):
        return None
    # By their largest, so that squares of great numbers stay finite.
    distances = np.abs(y - median)
    squares = (distances / distances.max()) ** 2
    share = float(squares[is_far].sum() / squares.sum())
    if share <= _DECIDING:
        return None
    order = np.argsort(-distances[is_far], kind="stable")
    return FarTargets(y[is_far][order], share, (low, high))
