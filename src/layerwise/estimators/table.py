"""How the table's classifier and regressor are fitted: from a raw table to its networks."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from layerwise.arrays import Array, Mask
from layerwise.engine.threads import available_cores
from layerwise.ensemble.ensemble import Ensemble, left_out, weigh
from layerwise.ensemble.ensemble_checkpoint import remove_trained
from layerwise.ensemble.ensemble_training import train_ensemble
from layerwise.ensemble.folds import Problem, recipe_as_done
from layerwise.ensemble.importance import HeldOutRows
from layerwise.ensemble.live_training import epochs_shown
from layerwise.ensemble.recipe import Recipe
from layerwise.estimators.chosen_columns import ChosenColumns, choose_columns
from layerwise.estimators.fitted_table import FittedTable
from layerwise.estimators.input_checks import checked_weights
from layerwise.estimators.parameters import unchanged_if_refused
from layerwise.estimators.table_parameters import COLUMN_KINDS, OF_EACH_FIT
from layerwise.estimators.table_rows import GivenRows, LearnedRows, TrainingRows, rows_that_count
from layerwise.language import said
from layerwise.signals import Interrupt, catch_interrupt
from layerwise.tables.columns import Column
from layerwise.tables.find_task import find_table_task
from layerwise.tables.frames import targets_apart
from layerwise.tables.giveaways import copies_of_target
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import spelled
from layerwise.tables.preparation import Preparation
from layerwise.tables.targets import Targets
from layerwise.tables.task import Task
from layerwise.texts import warn
from layerwise.training.time_limit import Deadline

_SHARE_OF_NETWORKS = 0.9  # of a limit of time; the rest is for what is found on held-out rows


@dataclass
class _Run:
    """One fit: when it is to end, whether it is to end before, and the seconds of its steps."""

    deadline: Deadline
    interrupt: Interrupt = field(default_factory=Interrupt)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[step] = time.perf_counter() - started


class BaseTable(FittedTable):
    """A model of a raw table; see its subclasses."""

    # Whether a fit that has ended removes its checkpoint; who saves the model first says no.
    _ends_checkpoint = True
    _not_settled: ClassVar[str]
    # Of whoever fits the model as a part of more, and says itself what it lacks.
    _deadline: Deadline | None = None
    _decision: tuple[Task, tuple[Column, ...]] | None = None
    _learned: LearnedRows | None = None

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
        return self._learn(GivenRows(X, y, target, sample_weight, groups, times))

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

        The columns stay those that the first rows told of: where these are few, ``selection=False``
        keeps all.

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
        given = GivenRows(X, y, target, sample_weight, groups, times)
        return self._learn(given, goes_on=hasattr(self, "ensemble_"))

    def _learn(self, given: GivenRows, *, goes_on: bool = False) -> Self:
        """Learn, then warn of what is lacking: where warnings are errors, the model is there."""
        with unchanged_if_refused(self):
            self._check_parameters()
            run = _Run(
                Deadline.after(self.time_limit) if self._deadline is None else self._deadline
            )
            with run.timed("all"):
                (self._go_on if goes_on else self._begin)(given, run)
            self.fit_seconds_ = run.seconds
        notes = list(self.notes_)
        if run.interrupt:
            there_is = ", once the networks that predict were trained"
            if self.ensemble_.stopped:
                n, of = len(self.ensemble_.members), self.recipe_.n_networks
                there_is = f": {n} of {of} networks are there, not all trained to their end"
            notes.append(run.interrupt.words(there_is))
        for note in notes if self._deadline is None else ():
            warn(note)
        return self

    def _begin(self, given: GivenRows, run: _Run) -> None:
        with run.timed("table"):
            table, targets = targets_apart(given.X, given.y, given.target)
            task = self._find_task(given, targets)
            rows = self._rows(task, table, targets, given)
        with run.timed("columns"):
            columns = self._find_columns(rows.table, table.num_rows - rows.table.num_rows)
        seed = self._seed()
        with run.timed("preparing"):
            preparation = Preparation.fit(rows.table, columns, seed=seed)
            self._measure_targets(task, rows.y)
            problem = self._problem(task, preparation, rows)
        with run.timed("selecting"):
            chosen = self._choose(preparation, problem, seed)
            preparation, problem = chosen.preparation, chosen.problem
        recipe = self._recipe_of(problem)
        self._note_learned(problem, rows.y)
        with catch_interrupt() as run.interrupt:
            self._train(problem, recipe, seed, run)
            self.task_, self.preparation_ = task, preparation
            self.columns_ = preparation.columns
            self.recipe_ = recipe_as_done(recipe, problem, recipe.n_networks)
            self.seed_ = seed
            self.n_features_in_ = table.num_columns
            self.feature_names_in_ = np.array(table.column_names, object)
            if self._learned is None:
                self.notes_ += copies_of_target(table, targets, self.drop)
            self.notes_ += chosen.notes
            self._finish(problem, rows.y, run)

    def _go_on(self, given: GivenRows, run: _Run) -> None:
        with run.timed("table"):
            X = given.X if given.target is not None else self._table(given.X)
            table, targets = targets_apart(X, given.y, given.target)
            rows = self._rows(self.task_, table, targets, given)
        with run.timed("preparing"):
            problem = self._problem(self.task_, self.preparation_, rows)
            preparation = self.preparation_.with_rows(rows.table)
            recipe = replace(self.recipe_, **self._asked(OF_EACH_FIT))
        self._note_learned(problem, rows.y)
        with catch_interrupt() as run.interrupt:
            before = self.ensemble_
            self._train(problem, recipe, self._seed(), run, before)
            self.recipe_ = recipe_as_done(self.recipe_, problem, len(before.members))
            self.preparation_ = preparation
            self._finish(problem, rows.y, run)

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

    def _finish(self, problem: Problem, y: Targets, run: _Run) -> None:
        with run.timed("calibrating"), self._kept_whatever_comes(self._not_settled):
            self._settle(problem)
        self._importances = None
        self._held_out = None if self._learned else HeldOutRows.of(self.ensemble_, problem, y)

    @contextmanager
    def _kept_whatever_comes(self, what: str) -> Iterator[None]:
        """Note what goes wrong once networks are trained, instead of losing them."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever it is, what is learned is worth more
            self.notes_ += (what + f": {type(error).__name__}: {error}",)

    def _find_task(self, given: GivenRows, targets: pa.Table) -> Task:
        """The task, decided before or found of targets."""
        if self._decision is not None:
            return self._decision[0]
        return find_table_task(targets, targets.column_names, self._task)

    def _rows(
        self, task: Task, table: pa.Table, targets: pa.Table, given: GivenRows
    ) -> TrainingRows:
        y, missing = task.encode(*targets.columns)
        weight = checked_weights(given.sample_weight, table, np.float32)
        weight = self._weighted(task, y, missing, weight)
        return rows_that_count(table, y, missing, weight, given.groups, given.times)

    def _train(
        self, problem: Problem, recipe: Recipe, seed: int, run: _Run, before: Ensemble | None = None
    ) -> None:
        options: dict[str, Any] = {
            "seed": seed,
            "interrupt": run.interrupt,
            "n_threads": self.n_threads or available_cores(),
        }
        deadline = run.deadline.share(_SHARE_OF_NETWORKS)
        n = recipe.n_networks if before is None else len(before.members)
        score = "accuracy" if self._task == "classification" else "R²"
        shown = epochs_shown(self.on_epoch, score) if self.verbose else nullcontext(self.on_epoch)
        with run.timed("training"), shown as options["on_epoch"]:
            self.ensemble_ = train_ensemble(
                problem,
                recipe,
                before=before,
                checkpoint=self._checkpoint_for("mean"),
                beside={"intervals": getattr(self, "intervals", None)},
                deadline=deadline.share(n / (n + self._n_more_networks(recipe))),
                **options,
            )
            weigh(self.ensemble_, problem)
            self.notes_ = left_out(self.ensemble_)
            with self._kept_whatever_comes(said("No prediction intervals")):
                self._train_more(
                    problem, recipe, goes_on=before is not None, deadline=deadline, **options
                )
        if self.checkpoint is not None and not run.interrupt and self._ends_checkpoint:
            remove_trained(Path(self.checkpoint))

    def _checkpoint_for(self, part: str) -> Path | None:
        return None if self.checkpoint is None else Path(self.checkpoint) / part

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
        x, codes = prepared.x, prepared.codes
        code_sizes = [encoder.n_codes for encoder in preparation.code_encoders]
        y, n_outputs = self._targets(task, rows.y)
        of_each = rows.weight, rows.groups, rows.times
        return Problem(x, codes, code_sizes, y, n_outputs, self.loss_entry, *of_each)

    def _choose(self, preparation: Preparation, problem: Problem, seed: int) -> ChosenColumns:
        """Leave out the columns that tell nothing of the target."""
        if not self.selection:
            return ChosenColumns(preparation, problem)
        names = [column.name for column in preparation.columns]
        keep = spelled(self.keep, names)
        return choose_columns(preparation, problem, self._recipe_of, keep=keep, seed=seed)

    def _recipe_of(self, problem: Problem) -> Recipe:
        return self._recipe(len(problem), problem.x.shape[1] + problem.codes.shape[1])

    def _note_learned(self, problem: Problem, y: Array) -> None:
        if self._learned is not None:
            self._learned.problem, self._learned.y = problem, y

    def _weighted(self, task: Task, y: Array, missing: Mask, weight: Array | None) -> Array | None:
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

    @abstractmethod
    def _targets(self, task: Task, y: Array) -> tuple[Array, int]:
        """(targets as the networks take them, number of outputs)."""

    @abstractmethod
    def _settle(self, problem: Problem) -> None:
        """What is found out after training, from held-out rows."""
