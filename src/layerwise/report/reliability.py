"""Are probabilities true? What was promised beside what happened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Floats, Integers, Mask, Reals
from layerwise.language import tr
from layerwise.texts import percent


@dataclass(frozen=True)
class Reliability:
    """Rows in bins of equal width by their probability; bins without rows are left out.

    Attributes
    ----------
    low, high : ndarray, shape (n_bins,)
        The bins' edges.
    counts : ndarray of int, shape (n_bins,)
        Rows of each bin.
    promised, happened : ndarray, shape (n_bins,)
        Mean probability, and the share of rows for which it came true.
    spread : ndarray, shape (n_bins,)
        Standard deviation of `happened` where every probability is true.
    error : float
        Expected calibration error: the mean of |promised − happened| over all rows
        (Naeini et al. 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning").
    """

    low: Floats
    high: Floats
    counts: Integers
    promised: Floats
    happened: Floats
    spread: Floats
    error: float

    @property
    def most_by_chance(self) -> float:
        """The error that true probabilities stay below in all but about 1 of 40 tables.

        Each bin's distance is the size of a nearly normal number, whose mean is 0.
        """
        size = self.counts / self.counts.sum() * self.spread
        mean, variance = np.sqrt(2 / np.pi) * size.sum(), (1 - 2 / np.pi) * (size**2).sum()
        return float(mean + 2 * np.sqrt(variance))

    @property
    def words(self) -> str:
        """How far promise and outcome lie apart, and whether that is chance."""
        if self.error <= self.most_by_chance:
            return tr(
                "on the test rows promise and outcome lie {share} apart, no more than chance "
                "explains",
                share=percent(self.error),
            )
        return tr(
            "on the test rows promise and outcome lie {share} apart, more than chance explains: "
            "they are not calibrated for these rows",
            share=percent(self.error),
        )


def reliability(probability: Reals, came_true: Mask, n_bins: int = 10) -> Reliability:
    """Compare probabilities with what happened.

    Parameters
    ----------
    probability : ndarray, shape (n,)
    came_true : ndarray of bool, shape (n,)
    n_bins : int
        How many bins the range from 0 to 1 is cut into.

    Examples
    --------
    >>> import numpy as np
    >>> seen = reliability(np.array([0.1, 0.1, 0.9, 0.9]), np.array([False, True, True, True]), 2)
    >>> seen.promised, seen.happened, round(seen.error, 3)
    (array([0.1, 0.9]), array([0.5, 1. ]), 0.25)
    """
    p = np.asarray(probability, np.float64)
    place = np.clip((p * n_bins).astype(int), 0, n_bins - 1)
    counts = np.bincount(place, minlength=n_bins)
    full = np.flatnonzero(counts)
    promised = np.bincount(place, p, n_bins)[full] / counts[full]
    happened = np.bincount(place, came_true, n_bins)[full] / counts[full]
    spread = np.sqrt(np.bincount(place, p * (1 - p), n_bins)[full]) / counts[full]
    error = float(np.sum(counts[full] * np.abs(promised - happened)) / len(p))
    low, high = full / n_bins, (full + 1) / n_bins
    return Reliability(low, high, counts[full], promised, happened, spread, error)


def reliability_of(probabilities: Reals, true: NDArray[np.integer]) -> Reliability:
    """The reliability of the second of two classes' probabilities, else of the likeliest class's.

    Parameters
    ----------
    probabilities : ndarray, shape (n, n_classes)
    true : ndarray of int, shape (n,)
    """
    p, true = np.clip(np.asarray(probabilities, np.float64), 0.0, 1.0), np.asarray(true)
    if p.shape[1] == 2:
        return reliability(p[:, 1], true == 1)
    return reliability(p.max(axis=1), true == p.argmax(axis=1))


def beyond_chance(share: float, count: int, promised: float) -> str:
    """That a share of so many rows is less or more than promised; "" where that can be chance.

    Examples
    --------
    >>> beyond_chance(0.72, 450, 0.9), beyond_chance(0.88, 450, 0.9), beyond_chance(0.99, 450, 0.9)
    (', fewer than chance explains', '', ', more than chance explains')
    """
    low, high = wilson(np.array([share]), np.array([count]))
    if high[0] < promised:
        return tr(", fewer than chance explains")
    return tr(", more than chance explains") if low[0] > promised else ""


def wilson(share: Floats, counts: NDArray[np.integer], z: float = 1.96) -> tuple[Floats, Floats]:
    """Interval of a share seen in so many rows, 95 % at z = 1.96 (Wilson 1927).

    Unlike the normal one it stays within 0 to 1, and has a width where the share is 0 or 1.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = wilson(np.array([0.0, 0.5]), np.array([10, 10]))
    >>> low.round(3), high.round(3)
    (array([0.   , 0.237]), array([0.278, 0.763]))
    """
    scale = 1 + z**2 / counts
    middle = (share + z**2 / (2 * counts)) / scale
    half = z * np.sqrt(share * (1 - share) / counts + z**2 / (4 * counts**2)) / scale
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
