"""What chance alone would do: of one test, and of many together."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerwise.arrays import Array, Floats


def chance_of_trace(trace: Floats, n_terms: Any, k: int, n: int) -> Floats:
    """Return the chance of Pillai's trace or more, by its F (Pillai 1955).

    Parameters
    ----------
    trace : ndarray
        Squared correlations of k independent responses with as many terms, added up.
    n_terms : int or ndarray of int
    k, n : int
        Responses, rows.

    Examples
    --------
    >>> float(chance_of_trace(np.array([0.25]), 1, 1, 20).round(4)[0])
    0.0248
    """
    from scipy.special import fdtrc

    left = n - 1 - np.asarray(n_terms, np.float64)
    s = np.minimum(n_terms, k)
    m = (np.abs(n_terms - k) - 1) / 2
    half = (left - k - 1) / 2
    above, below = s * (2 * m + s + 1), s * (2 * half + s + 1)
    inside = np.clip(trace, 0.0, s * (1 - 1e-12))
    f = inside / (s - inside) * below / above
    return np.where(below > 0, fdtrc(above, np.maximum(below, 1.0), f), 1.0)


def chance_of_normal(z: Any) -> Any:
    """Return the chance of a normal number as far from 0 or farther."""
    from scipy.special import ndtr

    return 2 * ndtr(-np.abs(z))


def chance_of_squares(total: Any, count: Any) -> Any:
    """Return the chance that so many squared normal numbers add up to a total or more."""
    from scipy.special import chdtrc

    return chdtrc(count, total)


def of_columns(p: Floats, owner: Array, n_columns: int) -> Floats:
    """Return, of each column, the chance by all its inputs (Simes 1986); 1 where it has none.

    Parameters
    ----------
    p : ndarray, shape (n_inputs,)
    owner : ndarray of int, shape (n_inputs,)
        The column that each is of.
    n_columns : int

    Examples
    --------
    >>> of_columns(np.array([0.01, 0.5, 0.2]), np.array([0, 0, 1]), 3)
    array([0.02, 0.2 , 1.  ])
    """
    chance = np.ones(n_columns)
    order = np.lexsort((p, owner))
    owner, p = owner[order], p[order]
    counts = np.bincount(owner, minlength=n_columns)
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(p)) - starts[owner] + 1
    np.minimum.at(chance, owner, p * counts[owner] / rank)
    return chance


def false_shares(p: Floats) -> Floats:
    """Of the columns with such a chance or a smaller one, the share that tell nothing.

    Benjamini and Hochberg (1995), by the number of those that tell nothing as the larger chances
    show it (Storey 2002).

    Parameters
    ----------
    p : ndarray, shape (n_columns,)

    Examples
    --------
    >>> false_shares(np.array([0.001, 0.04, 0.3, 0.9])).round(3)
    array([0.004, 0.08 , 0.4  , 0.9  ])
    """
    n = len(p)
    n_nothing = min(n, 2 * (int((p > 0.5).sum()) + 1))
    order = np.argsort(p, kind="stable")
    shares = p[order] * n_nothing / np.arange(1, n + 1)
    result = np.empty(n)
    result[order] = np.minimum.accumulate(shares[::-1])[::-1]
    return np.minimum(result, 1.0)
