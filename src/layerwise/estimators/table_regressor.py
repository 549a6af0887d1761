"""`TableRegressor`: numbers predicted from a raw table."""

import math
from dataclasses import field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin

from layerwise.architecture import Loss, default_loss
from layerwise.architecture.lookup import look_up
from layerwise.arrays import Array
from layerwise.ensemble.ensemble import left_out
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.intervals import Intervals, fit_intervals, rows_needed
from layerwise.ensemble.named_settings import learned_loss
from layerwise.ensemble.recipe import Recipe
from layerwise.estimators.input_checks import as_targets, checked_weights
from layerwise.estimators.parameters import with_parameters
from layerwise.estimators.table import BaseTable
from layerwise.language import said
from layerwise.tables.task import Task


@with_parameters
class TableRegressor(RegressorMixin, BaseTable):
    """A regressor of raw tables: several networks, each trained without one fold of the rows.

    Their outputs are averaged, each with a weight (see `layerwise.ensemble.ensemble.weigh`), and
    kept within the range of the targets trained on.

    Parameters
    ----------
    effort, hidden, activation, dropout, learning_rate, batch_size, n_pieces, epochs
        As for `TableClassifier`; and so are all others that are not named here.
    metric : {"r2", "rmse", "mae"}
        What is to be good: for "mae" the absolute error is minimised, else the squared one.
    intervals : float or None
        Share of rows, such as 0.9, whose target is to lie in `predict_interval`. It takes two more
        rounds of networks. Where too few rows were held out to promise it, 9 for 0.9 and 99 for
        0.99, the intervals are infinite, and it is said.

    Attributes
    ----------
    task_, columns_, preparation_, ensemble_, recipe_, fit_seconds_, notes_
        As for `TableClassifier`.
    feature_importances_ : ndarray, shape (n_columns,)
        As for `TableClassifier`, of 1 - R².
    intervals_ : Intervals or None
    validation_loss_ : float
        1 - R² (for "mae", the mean absolute error in standard deviations) of rows by the networks
        that did not train on them.

    Examples
    --------
    >>> table = {
    ...     "city": ["Ulm", "Bonn"] * 20,
    ...     "rooms": [2, 3, 4, 5] * 10,
    ...     "price": [9, 4, 11, 6] * 10,
    ... }
    >>> model = TableRegressor(effort="low", epochs=30, random_state=0)
    >>> model = model.fit(table, target="price")
    >>> model.predict({"rooms": [4], "city": ["Ulm"]}).round(0)
    array([11.])
    """

    metric: str = "r2"
    intervals: float | None = None

    _task = "regression"
    _not_settled = said("The loss on held-out rows is not known")
    _fitted_numbers: ClassVar[tuple[str, ...]] = (
        "validation_loss_",
        "target_mean_",
        "target_scale_",
        "target_low_",
        "target_high_",
    )

    intervals_: Intervals | None = field(init=False)

    def predict(self, X: Any) -> Array:
        """Return the number predicted for each row, shape (n,) or (n, n_targets)."""
        return self._predicted(X)

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return R² on rows, weighted."""
        return float(super().score(X, as_targets(y), checked_weights(sample_weight, y)))

    def outputs_of(self, average: Array) -> Array:
        """Return the networks' average in the targets' units, shape (n,) or (n, n_targets)."""
        return self._in_units(average)

    @property
    def loss_name(self) -> str:
        """What `loss_of` gives, in words."""
        return "1 - R²"

    def loss_of(self, outputs: Array, y: Array, weight: Array | None = None) -> float:
        """Return the squared error of numbers over their targets' spread while training."""
        errors = (outputs - y).reshape(len(y), -1) / self.target_scale_
        return float(np.average((errors**2).mean(axis=1), weights=weight))

    def predict_interval(self, X: Any) -> tuple[Array, Array]:
        """Return the ends between which the target lies with the probability `intervals`.

        Returns
        -------
        low, high : ndarray, each of shape (n,) or (n, n_targets)

        Raises
        ------
        AttributeError
            If the model was trained without `intervals`.
        """
        prepared = self.prepare(X)
        return self.interval_of(prepared.x, prepared.codes)

    def interval_of(self, x: Array, codes: Array) -> tuple[Array, Array]:
        """Return what `predict_interval` does, of prepared rows."""
        if self.intervals_ is None:
            raise AttributeError(
                "this model has no prediction intervals: train it with intervals=0.9, say"
            )
        low, high = self.intervals_(x, codes)
        return self._in_units(low, clip=False), self._in_units(high, clip=False)

    def _in_units(self, outputs: Array, clip: bool = True) -> Array:
        y = outputs * self.target_scale_ + self.target_mean_
        if clip:
            y = np.clip(y, self.target_low_, self.target_high_)
        return np.asarray(y[:, 0] if self.task_.n_targets == 1 else y)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        look_up(self.metric, dict.fromkeys(("r2", "rmse", "mae")), "metric")
        if self.intervals is not None and not 0 < self.intervals < 1:
            raise ValueError(f"intervals must lie between 0 and 1; got {self.intervals!r}")

    def _measure_targets(self, task: Task, y: Array) -> None:
        y = y.reshape(len(y), -1)
        self.target_mean_, scale = y.mean(axis=0), y.std(axis=0)
        self.target_scale_ = np.where(scale > 0, scale, 1.0)
        self.target_low_, self.target_high_ = y.min(axis=0), y.max(axis=0)

    @property
    def loss_entry(self) -> Loss:
        """The loss that the networks learn by: that of the metric."""
        return learned_loss(self.settings or {}, default_loss("identity", self.metric))

    def _targets(self, task: Task, y: Array) -> tuple[Array, int]:
        y = y.reshape(len(y), -1)
        scaled = ((y - self.target_mean_) / self.target_scale_).astype(np.float32)
        return scaled, y.shape[1]

    def _n_more_networks(self, recipe: Recipe) -> int:
        return 0 if self.intervals is None else 2 * recipe.n_folds

    def _train_more(
        self, problem: Problem, recipe: Recipe, *, goes_on: bool, **options: Any
    ) -> None:
        before = getattr(self, "intervals_", None) if goes_on else None
        self.intervals_ = None
        if self.intervals is None:
            return
        self.intervals_, n = fit_intervals(
            problem, recipe, self.intervals, self._checkpoint_for, before, **options
        )
        for ends, ensemble in (
            (said("networks for the lower ends of intervals"), self.intervals_.low),
            (said("networks for the upper ends of intervals"), self.intervals_.high),
        ):
            self.notes_ += left_out(ensemble, ends)
        if not np.isfinite(self.intervals_.margins).all():
            note = said(
                "Prediction intervals are infinite: both ends' networks held out the same {n:,} "
                "rows, and {needed:,} are needed for {level:.12g} of new rows",
                n=n,
                needed=rows_needed(self.intervals),
                level=self.intervals,
            )
            self.notes_ += (note,)

    def _settle(self, problem: Problem) -> None:
        self.validation_loss_ = math.nan
        average, _, counts = self.ensemble_.out_of_fold(problem)
        known = counts > 0
        residual = average[known] - problem.y[known]
        weight = None if problem.weight is None else problem.weight[known]
        errors = np.abs(residual) if self.metric == "mae" else residual**2
        # Targets have a spread of 1, so that the mean squared error is 1 - R².
        self.validation_loss_ = float(np.average(errors, axis=0, weights=weight).mean())
