"""The law that errors follow as rows are added, and what it foretells.

    error(n) = floor + (error(m) - floor) (n / m)^-exponent

with m the most rows measured: a power law with an offset (Hestness et al. 2017, "Deep Learning
Scaling is Predictable, Empirically"; Viering and Loog 2021, "The Shape of Learning Curves"). A few
sizes can seldom tell floor and exponent apart: a curve that still falls slowly, and one that will
soon be level, look the same. So instead of the one best law all are kept, each as likely as it
makes what was measured: the exponent from 0.05 to 2, its logarithm as likely anywhere; the floor
from nothing to all of the error, as likely anywhere (Bayes, on a grid; the error itself is
integrated in closed form). What they foretell together is as wide as their disagreement makes it.

No curve is exactly such a law. It is taken to wander about it, by `WANDER` of what can still be
learned for each doubling of the rows, as a random walk: what is far off in size counts less. How
often the largest size is covered, told from the smaller ones, is measured in
`bench/learning_curves.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from layerwise.arrays import Floats

WANDER = 0.07
FEWEST_SIZES = 4
EXPONENTS = np.geomspace(0.05, 2.0, 30)
FLOORS = np.linspace(0.0, 1.0, 31)  # as shares of the error at the most rows
_N_DRAWS = 2_000
_TREND_COUNTS = 3  # fits that the trend of the variances over sizes counts as
_MOST_ALIKE = 0.95  # correlation of two sizes' scores on one split


@dataclass(frozen=True, eq=False)
class Noise:
    """How far mean errors at each size may be off.

    Attributes
    ----------
    covariance : ndarray, shape (n_sizes, n_sizes)
        Of the means over splits.
    freedom : int
        Degrees of freedom behind it.
    """

    covariance: Floats
    freedom: int

    def between(self, start: int, end: int) -> Noise:
        """Of some sizes alone."""
        return Noise(self.covariance[start:end, start:end], self.freedom)


def noise_of(errors: ArrayLike, sizes: ArrayLike, test_share: float) -> Noise:
    """Estimate how far mean errors may be off, from their spread over splits.

    Of few splits the variance at one size is hardly known. It is averaged with the straight line
    that the variances follow on logarithmic axes, which has the weight of three fits; and any two
    sizes are taken to be as much alike on a split as they are on average. Means are as sure as
    repeated cross-validation lets them be (Nadeau and Bengio 2003; see
    `layerwise.study.statistics`): the rows that two splits have in common to train on make their
    scores alike, and of smaller samples these are fewer, in proportion.

    Parameters
    ----------
    errors : array-like, shape (n_splits, n_sizes)
    sizes : array-like, shape (n_sizes,)
        Rows trained on.
    test_share : float
        n_test / n_train on all rows. 0: of means over other splits of the same rows.

    Examples
    --------
    >>> errors = [[0.4, 0.3], [0.5, 0.4], [0.6, 0.5]]  # alike but for the split
    >>> noise_of(errors, [50, 100], test_share=0.0).covariance.round(5)
    array([[0.00333, 0.00317],
           [0.00317, 0.00333]])
    """
    values = np.asarray(errors, np.float64)
    n = len(values)
    variances = values.var(axis=0, ddof=1)
    # Where all splits agree to the last digit, next to nothing: no matrix may be singular.
    least = (1e-6 * np.maximum(np.abs(values).mean(axis=0), 1e-9)) ** 2
    logs = np.log(np.maximum(variances, least))
    places = np.log(np.asarray(sizes, np.float64))
    trend = (
        np.exp(np.polyval(np.polyfit(places, logs, 1), places)) if len(places) > 1 else variances
    )
    weight = n - 1 + _TREND_COUNTS
    smooth = np.maximum(((n - 1) * variances + _TREND_COUNTS * trend) / weight, least)
    scaled = (values - values.mean(axis=0)) / np.sqrt(np.maximum(variances, least))
    products = scaled.T @ scaled / (n - 1)
    apart = ~np.eye(len(places), dtype=bool)
    alike = float(np.clip(products[apart].mean(), 0.0, _MOST_ALIKE)) if apart.any() else 0.0
    spreads = np.sqrt(smooth)
    covariance = np.outer(spreads, spreads) * np.where(apart, alike, 1.0)
    shares = np.asarray(sizes, np.float64) / np.max(sizes)
    in_common = test_share * np.sqrt(np.outer(shares, shares))
    return Noise(covariance * (1 / n + in_common), weight)


@dataclass(frozen=True, eq=False)
class PowerLaw:
    """All power laws that may stand behind mean errors, and how likely each is.

    Attributes
    ----------
    sizes : ndarray, shape (n_sizes,)
        Rows trained on, ascending.
    errors : ndarray, shape (n_sizes,)
        Mean errors; lower is better, 0 perfect.
    noise : Noise
    wander : float

    Raises
    ------
    ValueError
        For fewer than four sizes.

    Examples
    --------
    >>> sizes = np.array([100, 200, 400, 800, 1600])
    >>> errors = 0.1 + 0.3 * (sizes / 100) ** -0.5
    >>> law = PowerLaw(sizes, errors, Noise(np.eye(5) * 1e-6, 20))
    >>> low, middle, high = law.foretold(3200)  # in truth 0.153
    >>> f"{middle:.3f} ({low:.3f} to {high:.3f})"
    '0.154 (0.137 to 0.164)'
    """

    sizes: Floats
    errors: Floats
    noise: Noise
    wander: float = WANDER

    def __post_init__(self) -> None:
        if len(self.sizes) < FEWEST_SIZES:
            raise ValueError(
                f"a power law with an offset needs at least {FEWEST_SIZES} sizes; got "
                f"{len(self.sizes)}"
            )

    @property
    def most_rows(self) -> float:
        """Rows trained on at the largest size."""
        return float(self.sizes[-1])

    @cached_property
    def _cells(self) -> tuple[Floats, Floats]:
        """Exponent and floor of each law on the grid, flat."""
        exponent, floor = np.meshgrid(EXPONENTS, FLOORS, indexing="ij")
        return exponent.ravel(), floor.ravel()

    def _shape(self, size: float | Floats) -> Floats:
        """The error at a size as a share of that at the most rows, of each law: (n_laws, ...)."""
        exponent, floor = (values[:, None] for values in self._cells)
        fall = (np.atleast_1d(size)[None, :] / self.most_rows) ** -exponent
        return np.asarray(floor + (1 - floor) * fall, np.float64)

    @cached_property
    def _posterior(self) -> dict[str, Floats]:
        """Of each law: its weight, the error at the most rows, its scale, the precision."""
        _, floor = self._cells
        shape = self._shape(self.sizes)
        octaves = np.log2(self.most_rows / self.sizes)
        to_learn = abs(self.errors[-1]) * (shape - floor[:, None])
        walk = self.wander**2 * np.minimum.outer(octaves, octaves)
        covariance = self.noise.covariance + walk * to_learn[:, :, None] * to_learn[:, None, :]
        precision = np.linalg.inv(covariance)
        _, log_size = np.linalg.slogdet(covariance)
        weighed = np.einsum("ck,ckl->cl", shape, precision)
        known = np.einsum("ck,ck->c", weighed, shape)
        last = weighed @ self.errors / known
        left = self.errors - last[:, None] * shape
        misfit = np.einsum("ck,ckl,cl->c", left, precision, left)
        freedom, n = self.noise.freedom, len(self.sizes)
        log_weight = (
            -0.5 * log_size
            - 0.5 * np.log(known)
            - 0.5 * (freedom + n - 1) * np.log1p(misfit / freedom)
        )
        weight = np.exp(log_weight - log_weight.max())
        scale = np.sqrt((freedom + misfit) / (freedom + n - 1) / known)
        return {
            "weight": weight / weight.sum(),
            "last": last,
            "scale": scale,
            "precision": precision,
        }

    @cached_property
    def _draws(self) -> dict[str, Floats]:
        """Laws drawn by their weight: which, and each one's error at the most rows."""
        random = np.random.default_rng(0)
        posterior = self._posterior
        # At equal distances along the weights: as even as draws can be.
        places = (np.arange(_N_DRAWS) + random.random()) / _N_DRAWS
        which = np.searchsorted(np.cumsum(posterior["weight"]), places).clip(
            max=len(posterior["weight"]) - 1
        )
        freedom = self.noise.freedom + len(self.sizes) - 1
        last = posterior["last"][which] + posterior["scale"][which] * random.standard_t(
            freedom, _N_DRAWS
        )
        steps, noise = random.standard_normal((2, _N_DRAWS))
        return {"which": which, "last": np.maximum(last, 0.0), "steps": steps, "noise": noise}

    def drawn(self, size: float) -> Floats:
        """Errors at a size, each as likely as another; at least the most rows measured."""
        draws = self._draws
        which, last = draws["which"], draws["last"]
        floor = self._cells[1][which]
        to_learn = self._shape(size)[which, 0] - floor
        octaves = max(0.0, math.log2(size / self.most_rows))
        stray = np.exp(self.wander * math.sqrt(octaves) * draws["steps"])
        return np.asarray(last * (floor + to_learn * stray), np.float64)

    def foretold(self, size: float, level: float = 0.95) -> tuple[float, float, float]:
        """(low, middle, high) of the error at a size: ends of the interval, and the median."""
        return _interval(self.drawn(size), level)

    def gain(self, size: float, level: float = 0.95) -> tuple[float, float, float]:
        """(low, middle, high): how much lower the error is at a size than at the most rows."""
        return _interval(self._draws["last"] - self.drawn(size), level)

    def middle(self, sizes: ArrayLike) -> Floats:
        """The median error at each of some sizes, also of those measured: the law's line."""
        draws = self._draws
        shape = self._shape(np.asarray(sizes, np.float64))[draws["which"]]
        return np.asarray(np.median(draws["last"][:, None] * shape, axis=0), np.float64)

    def mean_foretold(
        self, size: float, covariance: Floats, level: float = 0.95
    ) -> tuple[float, float, float]:
        """What a mean over the same splits is to be at a larger size: (low, middle, high).

        Parameters
        ----------
        size : float
        covariance : ndarray, shape (n_sizes + 1,)
            Of that mean with those measured, and its variance last: what is off on a split at one
            size is off at another.
        level : float
        """
        draws, posterior = self._draws, self._posterior
        which = draws["which"]
        with_others, variance = covariance[:-1], float(covariance[-1])
        weights = posterior["precision"] @ with_others
        left = self.errors - draws["last"][:, None] * self._shape(self.sizes)[which]
        shift = np.einsum("dk,dk->d", weights[which], left)
        spread = np.sqrt(np.maximum(variance - weights @ with_others, 0.0))[which]
        return _interval(self.drawn(size) + shift + spread * draws["noise"], level)

    def parameters(self, level: float = 0.95) -> dict[str, tuple[float, float, float]]:
        """(low, middle, high) of the exponent and of the floor, the error that no rows lower."""
        which = self._draws["which"]
        exponent, floor = (values[which] for values in self._cells)
        return {
            "exponent": _interval(exponent, level),
            "floor": _interval(floor * self._draws["last"], level),
        }


def _interval(values: Any, level: float) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return float(low), float(middle), float(high)
