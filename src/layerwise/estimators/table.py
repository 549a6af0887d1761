"""What the table's classifier and regressor share: from a raw table to an average of networks."""

from __future__ import annotations

import os
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from layerwise.architecture import Loss, get_activation
from layerwise.architecture.lookup import look_up
from layerwise.engine.threads import available_cores
from layerwise.ensemble.ensemble import Ensemble, left_out
from layerwise.ensemble.ensemble_checkpoint import remove_trained
from layerwise.ensemble.ensemble_training import train_ensemble
from layerwise.ensemble.folds import Problem, round_of, windows_for
from layerwise.ensemble.recipe import EFFORTS, Recipe, recipe_for
from layerwise.ensemble.splitting import group_numbers
from layerwise.estimators.fitted_state import state_of
from layerwise.estimators.input_checks import checked_weights
from layerwise.files.container import write_container
from layerwise.network import Network
from layerwise.network.inputs import as_array
from layerwise.signals import Interrupt, catch_interrupt
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_table, targets_apart
from layerwise.tables.kinds import describe_columns
from layerwise.tables.preparation import Preparation, Prepared
from layerwise.tables.task import Task, find_table_task
from layerwise.training.time_limit import Deadline

__all__ = ["BaseTable"]

Array = NDArray[Any]
_ROWS_AT_ONCE = 100_000
_SHARE_OF_NETWORKS = 0.9  # of a limit of time; the rest is for what is found on held-out rows
# Settings of the recipe that may change where a model goes on learning.
_OF_EACH_FIT = ("epochs", "learning_rate", "batch_size")


class BaseTable(BaseEstimator, ABC):
    """A model of a raw table; see its subclasses."""

    _task: str
    # Names of what `_settle` and `_targets` find out: plain numbers, all that a saved model needs.
    _fitted_numbers: ClassVar[tuple[str, ...]] = ("validation_loss_",)
    # Whether a fit that has ended removes its checkpoint; who saves the model first says no.
    _ends_checkpoint = True
    _not_settled: ClassVar[str]
    # Of whoever fits the model as a part of more, and says itself what it lacks.
    _deadline: Deadline | None = None
    _decision: tuple[Task, tuple[Column, ...]] | None = None

    task_: Task
    columns_: tuple[Column, ...]
    preparation_: Preparation
    recipe_: Recipe
    ensemble_: Ensemble
    fit_seconds_: dict[str, float]
    notes_: tuple[str, ...]
    n_features_in_: int
    feature_names_in_: NDArray[Any]

    def __init__(
        self,
        *,
        effort: str = "high",
        hidden: Sequence[int] | None = None,
        activation: str | None = None,
        dropout: float | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        n_pieces: int | None = None,
        epochs: int | None = None,
        n_folds: int | None = None,
        n_repeats: int | None = None,
        time_limit: float | None = None,
        categorical: Sequence[str] = (),
        numeric: Sequence[str] = (),
        text: Sequence[str] = (),
        dates: Sequence[str] = (),
        drop: Sequence[str] = (),
        random_state: Any = None,
        n_threads: int | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        on_epoch: Callable[..., Any] | None = None,
    ) -> None:
        self.effort = effort
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_pieces = n_pieces
        self.epochs = epochs
        self.n_folds = n_folds
        self.n_repeats = n_repeats
        self.time_limit = time_limit
        self.categorical = categorical
        self.numeric = numeric
        self.text = text
        self.dates = dates
        self.drop = drop
        self.random_state = random_state
        self.n_threads = n_threads
        self.checkpoint = checkpoint
        self.on_epoch = on_epoch

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        target: str | Sequence[str] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
        times: Any = None,
    ) -> Any:
        """Learn from a table.

        Parameters
        ----------
        X : data frame of pandas, Polars or PyArrow, dict of columns, or array, shape (n, n_columns)
            Raw: numbers, categories, dates, free text, missing cells.
        y : array-like, shape (n,) or (n, n_targets), or None
            What is to be predicted; or else
        target : str or sequence of str or None
            Which columns of X are.
        sample_weight : array-like, shape (n,), or None
        groups : array-like, shape (n,), or None
            Rows of one group are never parted between training and held-out rows; those that
            name none, with None or NaN, are one group together.
        times : array-like, shape (n,), or None
            Numbers or moments, for a model that is to predict later rows than it was trained on:
            rows are then held out that are later than those trained on (with `groups`, and of
            other groups), so that the networks' epochs, and temperature, threshold and intervals,
            are those for the future. The networks that predict are trained on all rows.

        Returns
        -------
        self

        Raises
        ------
        TableError
            For a table that nothing can be learned from; the message says why.
        """
        with _unchanged_if_refused(self):
            self._fit(X, y, target, (sample_weight, groups, times))
        return self._with_its_notes_said()

    def _with_its_notes_said(self) -> Any:
        """Warn of what the model lacks; where warnings are errors, it is there all the same."""
        for note in self.notes_ if self._deadline is None else ():
            warnings.warn(note, stacklevel=3)
        return self

    def _fit(self, X: Any, y: Any, target: Any, of_rows: tuple[Any, Any, Any]) -> None:
        self._check_parameters()
        deadline = self._fit_deadline()
        started = time.perf_counter()
        seconds: dict[str, float] = {}
        with _timed(seconds, "table"):
            table, targets = targets_apart(X, y, target)
            task = self._find_task(targets) if self._decision is None else self._decision[0]
            rows = self._rows(task, table, targets, *of_rows)
        with _timed(seconds, "columns"):
            columns = self._find_columns(rows.table, table.num_rows - rows.table.num_rows)
        seed = self._seed()
        with _timed(seconds, "preparing"):
            preparation = Preparation.fit(rows.table, columns, seed=seed)
            self._measure_targets(task, rows.y)
            problem = self._problem(task, preparation, rows)
            recipe = self._recipe(problem)
        with catch_interrupt() as interrupt:
            self._train(problem, recipe, seed, seconds, deadline, interrupt)
            self.task_, self.columns_, self.preparation_ = task, columns, preparation
            self.recipe_ = _as_done(recipe, problem, recipe.n_networks)
            self.seed_ = seed
            self.n_features_in_ = table.num_columns
            self.feature_names_in_ = np.array(table.column_names, object)
            self._finish(problem, seconds, started)

    def partial_fit(
        self,
        X: Any,
        y: Any = None,
        *,
        target: str | Sequence[str] | None = None,
        sample_weight: Any = None,
        groups: Any = None,
        times: Any = None,
    ) -> Any:
        """Go on learning from new rows, with slower steps; before `fit`, do what it does.

        Columns are prepared, and classes numbered, as they were when the model was first fitted;
        what is found on held-out rows, such as the temperature, is found on the new ones.

        Parameters
        ----------
        X, y, target, sample_weight, groups, times
            As for `fit`; the same columns, and no new classes.

        Returns
        -------
        self
        """
        if not hasattr(self, "ensemble_"):
            return self.fit(
                X, y, target=target, sample_weight=sample_weight, groups=groups, times=times
            )
        with _unchanged_if_refused(self):
            self._go_on(X, y, target, (sample_weight, groups, times))
        return self._with_its_notes_said()

    def _go_on(self, X: Any, y: Any, target: Any, of_rows: tuple[Any, Any, Any]) -> None:
        self._check_parameters()
        deadline = self._fit_deadline()
        started = time.perf_counter()
        seconds: dict[str, float] = {}
        with _timed(seconds, "table"):
            table, targets = targets_apart(X, y, target)
            rows = self._rows(self.task_, table, targets, *of_rows)
        with _timed(seconds, "preparing"):
            problem = self._problem(self.task_, self.preparation_, rows)
            asked = {name: getattr(self, name) for name in _OF_EACH_FIT}
            recipe = replace(
                self.recipe_, **{name: value for name, value in asked.items() if value is not None}
            )
        with catch_interrupt() as interrupt:
            before = self.ensemble_
            self._train(problem, recipe, self._seed(), seconds, deadline, interrupt, before)
            self.recipe_ = _as_done(self.recipe_, problem, len(before.members))
            self._finish(problem, seconds, started)

    @contextmanager
    def part_of_more(
        self, deadline: Deadline, decision: tuple[Task, tuple[Column, ...]] | None = None
    ) -> Iterator[None]:
        """Fit, within it, for whoever says itself what the model lacks, and saves it.

        The deadline takes the place of `time_limit`, no warning is given, and a checkpoint is left
        for who saves the model to remove, once it is saved. The task and the columns' kinds are not
        decided again where they are given.
        """
        self._deadline, self._decision, self._ends_checkpoint = deadline, decision, False
        try:
            yield
        finally:
            del self._deadline, self._decision, self._ends_checkpoint

    def _fit_deadline(self) -> Deadline:
        return Deadline.after(self.time_limit) if self._deadline is None else self._deadline

    def _finish(self, problem: Problem, seconds: dict[str, float], started: float) -> None:
        with _timed(seconds, "calibrating"), self._kept_whatever_comes(self._not_settled):
            self._settle(problem)
        seconds["all"] = time.perf_counter() - started
        self.fit_seconds_ = seconds

    @contextmanager
    def _kept_whatever_comes(self, what: str) -> Iterator[None]:
        """Note what goes wrong once networks are trained, instead of losing them."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever it is, what is learned is worth more
            self.notes_ += (f"{what}: {type(error).__name__}: {error}",)

    def _seed(self) -> int:
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _rows(
        self,
        task: Task,
        table: pa.Table,
        targets: pa.Table,
        sample_weight: Any,
        groups: Any,
        times: Any,
    ) -> _Rows:
        """The rows that have a target and a weight above 0."""
        y, missing = task.encode(*targets.columns)
        weight = checked_weights(sample_weight, table, np.float32)
        weight = self._weighted(task, y, missing, weight)
        group = None if groups is None else group_numbers(groups, table.num_rows)
        moment = _checked_times(times, table.num_rows)
        kept = ~missing if weight is None else ~missing & (weight > 0)
        if not kept.all():
            table, y = table.filter(pa.array(kept)), y[kept]
            weight = weight if weight is None else weight[kept]
            group = group if group is None else group[kept]
            moment = moment if moment is None else moment[kept]
        if table.num_rows < 2:
            raise TableError(
                f"{table.num_rows} of {targets.num_rows} rows have a target and a weight above 0; "
                "at least 2 are needed to train, and some dozens to learn anything"
            )
        return _Rows(table, y, weight, group, _in_order(moment))

    def _train(
        self,
        problem: Problem,
        recipe: Recipe,
        seed: int,
        seconds: dict[str, float],
        deadline: Deadline,
        interrupt: Interrupt,
        before: Ensemble | None = None,
    ) -> None:
        options: dict[str, Any] = {
            "seed": seed,
            "interrupt": interrupt,
            "n_threads": self.n_threads or available_cores(),
            "on_epoch": self.on_epoch,
        }
        deadline = deadline.share(_SHARE_OF_NETWORKS)
        n = recipe.n_networks if before is None else len(before.members)
        with _timed(seconds, "training"):
            self.ensemble_ = train_ensemble(
                problem,
                recipe,
                before=before,
                checkpoint=self._checkpoint_for("mean"),
                beside={"intervals": getattr(self, "intervals", None)},
                deadline=deadline.share(n / (n + self._n_more_networks(recipe))),
                **options,
            )
            self.notes_ = left_out(self.ensemble_)
            with self._kept_whatever_comes("No prediction intervals"):
                self._train_more(
                    problem, recipe, goes_on=before is not None, deadline=deadline, **options
                )
        if self.checkpoint is not None and not interrupt and self._ends_checkpoint:
            remove_trained(Path(self.checkpoint))

    def _checkpoint_for(self, part: str) -> Path | None:
        return None if self.checkpoint is None else Path(self.checkpoint) / part

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = self._task == "regression"
        return tags

    @property
    def networks_(self) -> list[Network]:
        """The networks whose outputs are averaged."""
        return [member.network for member in self.ensemble_.members]

    def prepare(self, X: Any) -> Prepared:
        """Return the rows as the networks get them: `network(prepared.x, prepared.codes)`."""
        check_is_fitted(self, "ensemble_")
        return self.preparation_.transform(as_table(X, self._names_for(X)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep the model in one file, which `layerwise.load` reads; see `layerwise.store.save`."""
        write_container(path, *state_of(self))

    def _predicted(self, X: Any) -> Array:
        """Outputs of raw rows, some at a time: prepared they are larger."""
        check_is_fitted(self, "ensemble_")
        table = as_table(X, self._names_for(X))
        self.preparation_.check(table)
        parts = []
        for start in range(0, max(1, table.num_rows), _ROWS_AT_ONCE):
            prepared = self.preparation_.transform(table.slice(start, _ROWS_AT_ONCE))
            parts.append(self.outputs(prepared.x, prepared.codes))
        return np.concatenate(parts)

    @property
    @abstractmethod
    def loss_name(self) -> str:
        """What `loss_of` gives, in words."""

    @abstractmethod
    def outputs(self, x: Array, codes: Array) -> Array:
        """Return probabilities, shape (n, n_classes), or numbers, of prepared rows."""

    @abstractmethod
    def loss_of(self, outputs: Array, y: Array, weight: Array | None = None) -> float:
        """Return the loss of outputs; y as `Task.encode` gives it."""

    def _names_for(self, X: Any) -> list[str] | None:
        """Names for the columns of an array, which has none."""
        is_array = isinstance(X, np.ndarray) or hasattr(X, "toarray")
        shape: tuple[int, ...] = np.shape(X) if is_array else ()
        if len(shape) != 2:
            return None
        if shape[1] != self.n_features_in_:
            raise TableError(
                f"X has {shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input: an array has no names to tell its "
                "columns by, so give as many, or a data frame"
            )
        return [str(name) for name in self.feature_names_in_]

    def _check_parameters(self) -> None:
        look_up(self.effort, dict.fromkeys(EFFORTS), "effort")
        if self.activation is not None:
            get_activation(self.activation)
        if self.hidden is not None and any(
            not hasattr(size, "__index__") or size < 1 for size in self.hidden
        ):
            raise ValueError(
                f"hidden must be the nodes of each layer, 1 or more; got {self.hidden}"
            )
        for name in ("batch_size", "epochs", "n_repeats", "n_threads"):
            value = getattr(self, name)
            if value is not None and (not hasattr(value, "__index__") or value < 1):
                raise ValueError(f"{name} must be an integer of at least 1; got {value!r}")
        if self.n_pieces is not None and (
            not hasattr(self.n_pieces, "__index__") or self.n_pieces < 0
        ):
            raise ValueError(f"n_pieces must be an integer of at least 0; got {self.n_pieces!r}")
        if self.n_folds is not None and (
            not hasattr(self.n_folds, "__index__") or self.n_folds < 2
        ):
            raise ValueError(f"n_folds must be an integer of at least 2; got {self.n_folds!r}")
        if self.time_limit is not None and not self.time_limit > 0:
            raise ValueError(f"time_limit must be seconds, above 0; got {self.time_limit!r}")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1); got {self.dropout!r}")
        if self.learning_rate is not None and not 0 < self.learning_rate < float("inf"):
            raise ValueError(f"learning_rate must be above 0; got {self.learning_rate!r}")

    def _find_task(self, targets: pa.Table) -> Task:
        return find_table_task(targets, targets.column_names, self._task)

    def _find_columns(self, table: pa.Table, n_without_weight: int) -> tuple[Column, ...]:
        # What was decided was so on all rows; those without weight say nothing of a column.
        if self._decision is not None and not n_without_weight:
            return self._decision[1]
        kinds = ("categorical", "numeric", "text", "dates", "drop")
        return tuple(describe_columns(table, **{kind: getattr(self, kind) for kind in kinds}))

    def _problem(self, task: Task, preparation: Preparation, rows: _Rows) -> Problem:
        prepared = preparation.transform(rows.table)
        targets, n_outputs = self._targets(task, rows.y)
        code_sizes = [encoder.n_codes for encoder in preparation.code_encoders]
        return Problem(
            prepared.x,
            prepared.codes,
            code_sizes,
            targets,
            n_outputs,
            self.loss_entry,
            rows.weight,
            rows.groups,
            rows.times,
        )

    def _recipe(self, problem: Problem) -> Recipe:
        n_inputs = problem.x.shape[1] + problem.codes.shape[1]
        recipe = recipe_for(len(problem), n_inputs, self.effort)
        asked: dict[str, Any] = {
            "hidden": None if self.hidden is None else tuple(int(size) for size in self.hidden),
            "activation": self.activation,
            "dropout": self.dropout,
            "learning_rate": self.learning_rate,
            "batch_size": self.batch_size,
            "n_pieces": self.n_pieces,
            "epochs": self.epochs,
            "n_folds": self.n_folds,
            "n_repeats": self.n_repeats,
            "share": 1.0 if self.n_folds or self.n_repeats else None,
        }
        return replace(
            recipe, **{name: value for name, value in asked.items() if value is not None}
        )

    def _weighted(
        self, task: Task, y: Array, missing: NDArray[np.bool_], weight: Array | None
    ) -> Array | None:
        """The rows' weights, where classes have some of their own."""
        return weight

    def _measure_targets(self, task: Task, y: Array) -> None:
        """Note what targets are scaled by, where they are numbers."""

    def _n_more_networks(self, recipe: Recipe) -> int:
        """How many networks `_train_more` trains."""
        return 0

    def _train_more(
        self, problem: Problem, recipe: Recipe, *, goes_on: bool, **options: Any
    ) -> None:
        """Train what is wanted beside the ensemble."""

    @property
    @abstractmethod
    def loss_entry(self) -> Loss:
        """The loss that the networks learn by."""

    @abstractmethod
    def _targets(self, task: Task, y: Array) -> tuple[Array, int]:
        """(targets as the networks take them, number of outputs)."""

    @abstractmethod
    def _settle(self, problem: Problem) -> None:
        """What is found out after training, from held-out rows."""


@dataclass(frozen=True)
class _Rows:
    """Rows that have a target: the columns to predict from, targets in numbers, and what counts."""

    table: pa.Table
    y: Array
    weight: Array | None
    groups: Array | None
    times: NDArray[np.int64] | None


@contextmanager
def _unchanged_if_refused(model: BaseTable) -> Iterator[None]:
    """Leave a model as it was where what it was given is refused."""
    before = dict(vars(model))
    try:
        yield
    except BaseException:
        model.__dict__.clear()
        model.__dict__.update(before)
        raise


@contextmanager
def _timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[phase] = time.perf_counter() - started


def _checked_times(times: Any, n: int) -> Array | None:
    if times is None:
        return None
    moments = as_array(times, "times")
    if moments.shape != (n,):
        raise ValueError(f"times must have a value for each of the {n:,} rows; got {moments.shape}")
    return moments


def _as_done(recipe: Recipe, problem: Problem, n_networks: int) -> Recipe:
    """The recipe with as many folds, or windows, as there were rows, groups and moments for."""
    if problem.times is None:
        return replace(recipe, n_folds=len(round_of(problem, recipe.n_folds, 0)), n_windows=0)
    wanted = windows_for(recipe, n_networks)
    return replace(recipe, n_windows=len(round_of(problem, wanted, 0)))


def _in_order(times: Array | None) -> NDArray[np.int64] | None:
    """A number for each moment, in their order."""
    if times is None:
        return None
    wanted = "times must be numbers or moments, one for each row, that can be put in order"
    try:
        moments, order = np.unique(times, return_inverse=True)
        is_known = moments == moments  # NaN is not
    except TypeError as error:
        raise ValueError(f"{wanted}; {error}") from None
    if not np.all(is_known):
        raise ValueError(f"{wanted}; some are missing")
    return np.asarray(order, np.int64)
