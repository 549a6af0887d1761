"""Prediction intervals that hold what they promise: conformalised quantile regression.

Romano, Patterson, Candès 2019, "Conformalized Quantile Regression", with the held-out folds of
cross-conformal prediction (Vovk 2015) in the place of one calibration set: a row's quantiles come
from the networks that did not train on it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from layerwise.architecture import get_loss
from layerwise.arrays import Codes, Reals
from layerwise.ensemble.ensemble import Ensemble
from layerwise.ensemble.ensemble_training import train_ensemble
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.recipe import Recipe
from layerwise.training.time_limit import Deadline


@dataclass
class Intervals:
    """Networks for the two ends of an interval, and how far to widen it.

    Attributes
    ----------
    level : float
        Share of rows whose target is to lie within.
    low, high : Ensemble
    margins : ndarray, shape (n_targets,)
        In the networks' units, the targets' standard deviations; negative ones narrow it, and
        infinite ones say that too few rows were held out to promise this share.
    """

    level: float
    low: Ensemble
    high: Ensemble
    margins: Reals

    def __call__(self, x: Reals, codes: Codes) -> tuple[Reals, Reals]:
        """(lower ends, upper ends), each of shape (n, n_targets)."""
        low, high = self.low(x, codes), self.high(x, codes)
        low, high = np.minimum(low, high), np.maximum(low, high)
        middle = 0.5 * (low + high)
        low, high = low - self.margins, high + self.margins
        return np.minimum(low, middle), np.maximum(high, middle)


def margin_of(
    low: Reals, high: Reals, y: Reals, level: float, weight: Reals | None = None
) -> float:
    """How far an interval must be widened for the share `level` of rows to lie within.

    Romano et al. 2019, equations 6 and 7; infinite for fewer rows than `rows_needed`.

    Parameters
    ----------
    low, high, y : ndarray, shape (n,)
        Ends predicted for rows that were not trained on, and their targets.
    weight : ndarray, shape (n,), or None
        How much each row counts; a new row counts as much as the mean of these (Tibshirani et al.
        2019, "Conformal Prediction Under Covariate Shift", equation 5).

    Examples
    --------
    >>> y = np.arange(9.0)
    >>> margin_of(y - 1, y + 1, y + np.array([0, 0, 0, 0, 0, 0, 0, 2, 3]), 0.8)
    1.0
    """
    beyond = np.maximum(low - y, y - high)
    order = np.argsort(beyond, kind="stable")
    if weight is None:
        rank = math.ceil(level * (len(y) + 1)) - 1
    else:
        filled = np.cumsum(weight[order], dtype=np.float64)
        # A little less, so that equal weights are as none, however they are rounded.
        wanted = (1.0 - 1e-9) * level * filled[-1] * (1.0 + 1.0 / len(y))
        rank = int(np.searchsorted(filled, wanted))
    return float(beyond[order[rank]]) if rank < len(order) else math.inf


def rows_needed(level: float) -> int:
    """Fewest held-out rows that allow to promise a share, whatever they count.

    Examples
    --------
    >>> rows_needed(0.8), rows_needed(0.9), rows_needed(0.99)
    (4, 9, 99)
    """
    n = max(1, math.floor(level / (1.0 - level)) - 1)
    while math.ceil(level * (n + 1)) > n:
        n += 1
    return n


def fit_intervals(
    problem: Problem,
    recipe: Recipe,
    level: float,
    checkpoint_for: Callable[[str], Path | None],
    before: Intervals | None = None,
    *,
    deadline: Deadline,
    **options: Any,
) -> tuple[Intervals, int]:
    """Train the networks of both ends, and find the margins.

    Parameters
    ----------
    problem, recipe : Problem, Recipe
    level : float
        Share of rows whose target is to lie within.
    checkpoint_for : callable
        From "low" or "high" to the folder that keeps what is trained, or None.
    before : Intervals or None
        Intervals whose networks go on learning.
    deadline : Deadline
        For both ends together.
    **options
        As `train_ensemble` takes them.

    Returns
    -------
    intervals : Intervals
    n_rows : int
        Rows that the margins were found by: those that both ends held out.
    """
    tail = 0.5 * (1.0 - level)
    # One round of folds: each row then has one prediction of each end.
    recipe = replace(recipe, n_repeats=1, share=1.0)
    ends = []
    for name, q in (("low", tail), ("high", 1.0 - tail)):
        part = replace(problem, loss=get_loss("quantile", q=q))
        ends.append(
            train_ensemble(
                part,
                recipe,
                checkpoint=checkpoint_for(name),
                before=None if before is None else getattr(before, name),
                deadline=deadline.share(0.5) if name == "low" else deadline,
                **options,
            )
        )
    low, _, counts = ends[0].out_of_fold(problem)
    high, _, more = ends[1].out_of_fold(problem)
    known = (counts > 0) & (more > 0)
    low, high = np.minimum(low, high)[known], np.maximum(low, high)[known]
    y, weight = problem.y[known], None if problem.weight is None else problem.weight[known]
    margins = [margin_of(low[:, k], high[:, k], y[:, k], level, weight) for k in range(y.shape[1])]
    return Intervals(level, ends[0], ends[1], np.array(margins)), len(y)
