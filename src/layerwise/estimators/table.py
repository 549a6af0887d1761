"""What the table's classifier and regressor share: from a raw table to an average of networks."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from layerwise.architecture import Loss
from layerwise.engine.threads import available_cores
from layerwise.ensemble.ensemble import Ensemble, left_out
from layerwise.ensemble.ensemble_checkpoint import remove_trained
from layerwise.ensemble.ensemble_training import train_ensemble
from layerwise.ensemble.folds import Problem, recipe_as_done
from layerwise.ensemble.importance import HeldOutRows
from layerwise.ensemble.live_training import epochs_shown
from layerwise.ensemble.recipe import Recipe
from layerwise.estimators.fitted_state import state_of
from layerwise.estimators.input_checks import checked_weights
from layerwise.estimators.parameters import unchanged_if_refused
from layerwise.estimators.table_parameters import COLUMN_KINDS, OF_EACH_FIT, TableParameters
from layerwise.estimators.table_rows import LearnedRows, TrainingRows, rows_that_count
from layerwise.files.container import write_container
from layerwise.network import Network
from layerwise.signals import Interrupt, catch_interrupt
from layerwise.tables.columns import Column
from layerwise.tables.drift import Comparison, compare
from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_table_task
from layerwise.tables.frames import are_records, as_table, targets_apart
from layerwise.tables.giveaways import copies_of_target
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import some_names
from layerwise.tables.preparation import Preparation
from layerwise.tables.prepared import Prepared
from layerwise.tables.targets import Targets
from layerwise.tables.task import Task
from layerwise.texts import warn
from layerwise.training.time_limit import Deadline

__all__ = ["BaseTable"]

Array = NDArray[Any]
_ROWS_AT_ONCE = 100_000
# Weights, groups and times, as `fit` gets them.
_OfRows: TypeAlias = tuple[ArrayLike | None, ArrayLike | None, ArrayLike | None]
_SHARE_OF_NETWORKS = 0.9  # of a limit of time; the rest is for what is found on held-out rows


class BaseTable(TableParameters, ABC):
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
    _learned: LearnedRows | None = None
    _held_out: HeldOutRows | None = None
    _importances: NDArray[np.float64] | None = None

    task_: Task
    columns_: tuple[Column, ...]
    preparation_: Preparation
    recipe_: Recipe
    ensemble_: Ensemble
    fit_seconds_: dict[str, float]
    notes_: tuple[str, ...]
    n_features_in_: int
    feature_names_in_: NDArray[Any]

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        target: str | Sequence[str] | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        times: ArrayLike | None = None,
    ) -> Self:
        """Learn from a table.

        Parameters
        ----------
        X : data frame of pandas, Polars or PyArrow, dict of columns, array or list of lists, shape
            (n, n_columns), or list of dicts
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
        with unchanged_if_refused(self):
            interrupt = self._fit(X, y, target, (sample_weight, groups, times))
        return self._with_its_notes_said(interrupt)

    def _with_its_notes_said(self, interrupt: Interrupt) -> Self:
        """Warn of what the model lacks; where warnings are errors, it is there all the same."""
        notes = list(self.notes_)
        if interrupt:
            there_is = ", once the networks that predict were trained"
            if self.ensemble_.stopped:
                n, of = len(self.ensemble_.members), self.recipe_.n_networks
                there_is = f": {n} of {of} networks are there, not all trained to their end"
            notes.append(interrupt.words(there_is))
        for note in notes if self._deadline is None else ():
            warn(note)
        return self

    def _fit(
        self, X: Any, y: Any, target: str | Sequence[str] | None, of_rows: _OfRows
    ) -> Interrupt:
        self._check_parameters()
        deadline = self._fit_deadline()
        started = time.perf_counter()
        seconds: dict[str, float] = {}
        with _timed(seconds, "table"):
            table, targets = targets_apart(X, y, target)
            task = self._find_task(X, y, targets)
            rows = self._rows(task, table, targets, of_rows)
        with _timed(seconds, "columns"):
            columns = self._find_columns(rows.table, table.num_rows - rows.table.num_rows)
        seed = self._seed()
        with _timed(seconds, "preparing"):
            preparation = Preparation.fit(rows.table, columns, seed=seed)
            self._measure_targets(task, rows.y)
            problem = self._problem(task, preparation, rows)
            recipe = self._recipe(len(problem), problem.x.shape[1] + problem.codes.shape[1])
        with catch_interrupt() as interrupt:
            self._train(problem, recipe, seed, seconds, deadline, interrupt)
            self.task_, self.columns_, self.preparation_ = task, columns, preparation
            self.recipe_ = recipe_as_done(recipe, problem, recipe.n_networks)
            self.seed_ = seed
            self.n_features_in_ = table.num_columns
            self.feature_names_in_ = np.array(table.column_names, object)
            if self._learned is None:
                self.notes_ += copies_of_target(table, targets, self.drop)
            self._finish(problem, rows.y, seconds, started)
        return interrupt

    def partial_fit(
        self,
        X: Any,
        y: Any = None,
        *,
        target: str | Sequence[str] | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        times: ArrayLike | None = None,
    ) -> Self:
        """Go on learning from new rows, with slower steps; before `fit`, do what it does.

        Columns are prepared as they were when the model was first fitted; what is found on held-out
        rows, such as the intervals, is found on the new ones.

        Parameters
        ----------
        X, y, target, sample_weight, groups, times
            As for `fit`; the same columns.

        Returns
        -------
        self
        """
        if not hasattr(self, "ensemble_"):
            return self.fit(
                X, y, target=target, sample_weight=sample_weight, groups=groups, times=times
            )
        with unchanged_if_refused(self):
            interrupt = self._go_on(X, y, target, (sample_weight, groups, times))
        return self._with_its_notes_said(interrupt)

    def _go_on(
        self, X: Any, y: Any, target: str | Sequence[str] | None, of_rows: _OfRows
    ) -> Interrupt:
        self._check_parameters()
        deadline = self._fit_deadline()
        started = time.perf_counter()
        seconds: dict[str, float] = {}
        with _timed(seconds, "table"):
            given = X if target is not None else as_table(X, self._names_for(X))
            table, targets = targets_apart(given, y, target)
            rows = self._rows(self.task_, table, targets, of_rows)
        with _timed(seconds, "preparing"):
            problem = self._problem(self.task_, self.preparation_, rows)
            preparation = self.preparation_.with_rows(rows.table)
            recipe = replace(self.recipe_, **self._asked(OF_EACH_FIT))
        with catch_interrupt() as interrupt:
            before = self.ensemble_
            self._train(problem, recipe, self._seed(), seconds, deadline, interrupt, before)
            self.recipe_ = recipe_as_done(self.recipe_, problem, len(before.members))
            self.preparation_ = preparation
            self._finish(problem, rows.y, seconds, started)
        return interrupt

    @contextmanager
    def part_of_more(
        self, deadline: Deadline, decision: tuple[Task, tuple[Column, ...]] | None = None
    ) -> Iterator[LearnedRows]:
        """Fit, within it, for whoever says itself what the model lacks, and saves it.

        The deadline takes the place of `time_limit`, no warning is given, and a checkpoint is left
        for who saves the model to remove, once it is saved. The task and the columns' kinds are not
        decided again where they are given. The rows that it was trained on are what it gives.
        """
        self._deadline, self._decision, self._ends_checkpoint = deadline, decision, False
        self._learned = LearnedRows()
        try:
            yield self._learned
        finally:
            del self._deadline, self._decision, self._ends_checkpoint, self._learned

    def _fit_deadline(self) -> Deadline:
        return Deadline.after(self.time_limit) if self._deadline is None else self._deadline

    def _finish(
        self, problem: Problem, y: Targets, seconds: dict[str, float], started: float
    ) -> None:
        with _timed(seconds, "calibrating"), self._kept_whatever_comes(self._not_settled):
            self._settle(problem)
        self._importances = None
        self._held_out = None if self._learned else HeldOutRows.of(self.ensemble_, problem, y)
        seconds["all"] = time.perf_counter() - started
        self.fit_seconds_ = seconds

    @contextmanager
    def _kept_whatever_comes(self, what: str) -> Iterator[None]:
        """Note what goes wrong once networks are trained, instead of losing them."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever it is, what is learned is worth more
            self.notes_ += (f"{what}: {type(error).__name__}: {error}",)

    def _find_task(self, X: Any, y: Any, targets: pa.Table) -> Task:
        """The task, decided before or found of targets, which came as X and y."""
        if self._decision is not None:
            return self._decision[0]
        return find_table_task(targets, targets.column_names, self._task)

    def _rows(
        self, task: Task, table: pa.Table, targets: pa.Table, of_rows: _OfRows
    ) -> TrainingRows:
        y, missing = task.encode(*targets.columns)
        sample_weight, groups, times = of_rows
        weight = checked_weights(sample_weight, table, np.float32)
        weight = self._weighted(task, y, missing, weight)
        return rows_that_count(table, y, missing, weight, groups, times)

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
        }
        deadline = deadline.share(_SHARE_OF_NETWORKS)
        n = recipe.n_networks if before is None else len(before.members)
        score = "accuracy" if self._task == "classification" else "R²"
        shown = epochs_shown(self.on_epoch, score) if self.verbose else nullcontext(self.on_epoch)
        with _timed(seconds, "training"), shown as options["on_epoch"]:
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

    def __sklearn_tags__(self) -> Tags:
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

    @property
    def feature_importances_(self) -> NDArray[np.float64]:
        """By how much the loss rises when a column's cells are shuffled, shape (n_features_in_,).

        Log loss for classes, 1 - R² for numbers, in the mean of five shuffles; of a thousand rows
        at most, by the networks that did not train on them. Never below 0, and 0 for columns that
        are not used. It is found when it is first asked for. A model from a file has no rows to
        find it on and raises AttributeError.
        """
        check_is_fitted(self, "ensemble_")
        if self._held_out is None:
            raise AttributeError(
                "feature_importances_ is found on rows that were held out, and a model's file has "
                "none: sklearn.inspection.permutation_importance(model, X, y) finds it on others"
            )
        if self._importances is None:
            found = self._held_out.importance(self)
            rises = dict(zip(found.names, found.values.mean(axis=1), strict=True))
            names = [column.name for column in self.columns_]
            self._importances = np.array([max(0.0, rises.get(name, 0.0)) for name in names])
        return self._importances

    def prepare(self, X: Any) -> Prepared:
        """Return the rows as the networks get them: `network(prepared.x, prepared.codes)`."""
        check_is_fitted(self, "ensemble_")
        return self.preparation_.transform(as_table(X, self._names_for(X)))

    def compare(self, X: Any) -> Comparison:
        """Say how rows differ from those that the model was trained on.

        Parameters
        ----------
        X : as for `fit`, without its target
            New rows. Few of them, or a difference that matters little, raise no alarm; a single
            value far outside what was seen does. See `layerwise.tables.drift`.

        Returns
        -------
        Comparison
            Its `differences` are the columns that differ, with a `message` each; its `columns` all
            that the model uses, with shares and distances. Nothing is compared (`n_trained` is
            None) where the model was saved by a version that did not keep what its rows were like.

        Raises
        ------
        TableError
            If a column is missing, or holds something of another kind.
        """
        check_is_fitted(self, "ensemble_")
        return compare(self.preparation_, as_table(X, self._names_for(X)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep the model in one file, which `layerwise.load` reads; see `layerwise.store.save`."""
        write_container(path, *state_of(self))

    def _predicted(self, X: Any) -> Array:
        """Outputs of raw rows, some at a time: prepared they are larger."""
        check_is_fitted(self, "ensemble_")
        table = as_table(X, self._names_for(X))
        if table.num_rows > _ROWS_AT_ONCE:
            table = self.preparation_.as_trained(table)
        parts = []
        unread: Counter[str] = Counter()
        for start in range(0, max(1, table.num_rows), _ROWS_AT_ONCE):
            prepared = self.preparation_.transform(table.slice(start, _ROWS_AT_ONCE))
            parts.append(self.outputs(prepared.x, prepared.codes))
            unread.update({name: count for name, (count, _) in prepared.unread.items()})
        self._warn_of(unread, table)
        return np.concatenate(parts)

    def _warn_of(self, unread: Mapping[str, int], table: pa.Table) -> None:
        """Warn of cells that are taken for missing ones, and of a target among the columns."""
        for name, count in unread.items():
            warn(
                f"{count:,} of {table.num_rows:,} cells of {name!r} cannot be read as what it held "
                "when the model was trained, and count as missing; compare(X) says more"
            )
        used = {column.name for column in self.preparation_.used}
        targets = [one for one in self.task_.names if one in table.column_names and one not in used]
        if targets:
            warn(f"the table holds the target, {some_names(targets)}, which is not used to predict")

    @property
    @abstractmethod
    def loss_name(self) -> str:
        """What `loss_of` gives, in words."""

    def outputs(self, x: Array, codes: Array) -> Array:
        """Return probabilities, shape (n, n_classes), or numbers, of prepared rows."""
        return self.outputs_of(self.ensemble_(x, codes, self.n_threads))

    def predict_by_network(self, X: Any) -> Array:
        """Return what each network alone predicts; their spread says how far they agree.

        Returns
        -------
        ndarray, shape (n_networks, n, n_classes), (n_networks, n) or (n_networks, n, n_targets)
            Probabilities, or numbers. The model's own come of the average of the networks'
            outputs, before it is calibrated: they are not exactly the mean of these.
        """
        prepared = self.prepare(X)
        outputs = [
            net(prepared.x, prepared.codes, n_threads=self.n_threads) for net in self.networks_
        ]
        return np.stack([self.outputs_of(each.astype(np.float64)) for each in outputs])

    @abstractmethod
    def outputs_of(self, average: Array) -> Array:
        """Return probabilities, shape (n, n_classes), or numbers, of the networks' average."""

    @abstractmethod
    def loss_of(self, outputs: Array, y: Array, weight: Array | None = None) -> float:
        """Return the loss of outputs; y as `Task.encode` gives it."""

    def _names_for(self, X: Any) -> list[str] | None:
        """Names for columns that have none, or others than an array's that was trained with."""
        # Not `feature_names_in_`, which shap takes away.
        names = [column.name for column in self.columns_]
        came_without = names == [f"x{i}" for i in range(len(names))]
        kind = type(self).__name__
        given = _given_names(X)
        if given:
            if not came_without or len(given) != len(names) or set(given) & set(names):
                return None
            said = f"X has feature names, but {kind} was fitted without feature names"
            warn(said)
            return names
        first = X[:1] if isinstance(X, list) else X
        shape = first.shape if hasattr(first, "shape") else np.asarray(first).shape
        if len(shape) != 2:
            return None
        if shape[1] != len(names):
            raise TableError(
                f"X has {shape[1]} features, but {kind} is expecting "
                f"{len(names)} features as input: an array has no names to tell its "
                "columns by, so give as many, or a data frame"
            )
        if not came_without and self.feature_names_in_ is not None:
            said = f"X does not have valid feature names, but {kind} was fitted with feature names"
            warn(said)
        return names

    def _find_columns(self, table: pa.Table, n_without_weight: int) -> tuple[Column, ...]:
        # What was decided was so on all rows; those without weight say nothing of a column.
        row_names = None
        if self._decision is not None:
            if not n_without_weight:
                return self._decision[1]
            row_names = {c.name: c.reason for c in self._decision[1] if c.kind == "identifier"}
        kinds = {kind: getattr(self, kind) for kind in COLUMN_KINDS}
        return tuple(describe_columns(table, **kinds, row_names=row_names))

    def _problem(self, task: Task, preparation: Preparation, rows: TrainingRows) -> Problem:
        prepared = preparation.transform(rows.table)
        targets, n_outputs = self._targets(task, rows.y)
        code_sizes = [encoder.n_codes for encoder in preparation.code_encoders]
        problem = Problem(
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
        if self._learned is not None:
            self._learned.problem, self._learned.y = problem, rows.y
        return problem

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


def _given_names(X: Any) -> list[str]:
    """The names that rows come with."""
    names: Iterable[object] = ()
    if are_records(X):
        names = dict.fromkeys(name for row in X for name in row)
    elif isinstance(X, Mapping):
        names = X
    elif hasattr(X, "columns"):
        names = getattr(X, "column_names", X.columns)
    return list(map(str, names))


@contextmanager
def _timed(seconds: dict[str, float], phase: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[phase] = time.perf_counter() - started
