"""A model of a table, and how good it is on rows it never saw: all that `layerwise fit` does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from layerwise.arrays import Array
from layerwise.ensemble.importance import Importance, permutation_importance
from layerwise.ensemble.splitting import Split
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_parameters import COLUMN_KINDS, OF_EACH_FIT
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.estimators.table_rows import LearnedRows
from layerwise.language import said
from layerwise.report.comparison import compare
from layerwise.report.judging import Judgement, judge, known_rows
from layerwise.report.row_roles import RowRoles
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_table_task
from layerwise.tables.finding import Finding
from layerwise.tables.findings import check_table
from layerwise.tables.helpful_identifiers import find_helpful_identifiers
from layerwise.tables.kinds import describe_columns, find_row_names
from layerwise.tables.names import check_names, spelled, spelled_as
from layerwise.tables.targets import Targets, with_targets_of_file
from layerwise.tables.task import Task
from layerwise.training.time_limit import Deadline

NETWORK = "Layerwise"
_FEWEST_ROWS = 10
_SHARE_OF_MODEL = 0.8  # of a limit of time; the rest is for judging it
_SHARE_OF_TREES, _SHARE_OF_IMPORTANCE = 0.6, 0.8  # of what is left then; the rest is the report's
# Settings that a model which goes on learning may get; all others were settled at first.
_OF_GOING_ON = {
    *OF_EACH_FIT, "time_limit", "metric", "class_weight", "intervals", "n_threads", "checkpoint",
    "on_epoch",
}  # fmt: skip


@dataclass
class Trial:
    """A model trained on some rows of a table and judged on the others.

    Parameters
    ----------
    targets : sequence of str
    task : str or None
        "classification", "regression"; None: found out.
    roles : RowRoles
        Which rows test, and what rows are to each other.
    seed : int
    settings : dict
        Parameters of `TableClassifier` or `TableRegressor`.
    before : TableClassifier, TableRegressor or None
        A model that goes on learning, from these rows; `targets` and `task` are then its own.
    deadline : Deadline or None
        When all is to be done; None: `time_limit` of the settings, from now on.

    Attributes
    ----------
    model : TableClassifier or TableRegressor
    split : Split
    columns : tuple of Column
        What was decided about each.
    findings : list of Finding
        What may spoil the model.
    judged : Judgement
        On the test rows; not there where that failed, see `is_judged` and the notes.
    baselines : dict of str to dict
        Scores on the same rows.
    outputs : dict of str to ndarray
        The baselines' probabilities or numbers of these rows.
    decided : dict of str to ndarray or None
        Their decisions, where there are classes.
    importance : Importance or None
    notes : list of str
        What is missing, and why: for lack of time, or because it went wrong.
    n_rows : int
        Rows with a target.
    seconds : dict of str to float

    Examples
    --------
    >>> table = pa.table({"x": [float(i) for i in range(60)], "y": ["no"] * 30 + ["yes"] * 30})
    >>> trial = Trial(["y"], settings={"effort": "low", "epochs": 5}).run(table)
    >>> sorted(trial.baselines)
    ['gradient-boosted trees', 'trivial prediction']
    """

    targets: Sequence[str]
    task: str | None = None
    roles: RowRoles = field(default_factory=RowRoles)
    seed: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    before: BaseTable | None = None
    deadline: Deadline | None = None
    columns: tuple[Column, ...] = field(init=False, default=())
    model: BaseTable = field(init=False)
    split: Split = field(init=False)
    findings: list[Finding] = field(init=False, default_factory=list)
    judged: Judgement = field(init=False)
    baselines: dict[str, dict[str, float | None]] = field(init=False, default_factory=dict)
    outputs: dict[str, Array] = field(init=False, default_factory=dict)
    decided: dict[str, Array | None] = field(init=False, default_factory=dict)
    importance: Importance | None = field(init=False, default=None)
    notes: list[str] = field(init=False, default_factory=list)
    n_rows: int = field(init=False, default=0)
    seconds: dict[str, float] = field(init=False, default_factory=dict)

    def run(
        self,
        table: pa.Table,
        test: pa.Table | None = None,
        *,
        decided: Callable[[Trial, Task], None] | None = None,
        trained: Callable[[Trial], None] | None = None,
    ) -> Trial:
        """Train and judge.

        Parameters
        ----------
        table : pyarrow.Table
        test : pyarrow.Table or None
            Rows to test with; None: some of the table's.
        decided : callable or None
            Called as decided(trial, task) once rows, columns and the task are known, before
            training.
        trained : callable or None
            Called as trained(trial) once the model is whole, before it is judged.
        """
        started = time.perf_counter()
        deadline = self.deadline
        if deadline is None:
            deadline = Deadline.after(self.settings.get("time_limit"))
        before = self.before
        self.roles.check(has_test=test is not None)
        if before is not None:
            table = spelled_as(table, [*before.task_.names, *(one.name for one in before.columns_)])
        roles = self.roles = replace(
            self.roles.among(table.column_names), dates=self.settings.get("dates", ())
        )
        if table.num_rows < _FEWEST_ROWS:
            raise TableError(_too_few(table.num_rows, "the table's rows"))
        known = (self.targets, ()) if before is None else (before.task_.names, before.task_.classes)
        table = with_targets_of_file(table, spelled(known[0], table.column_names), known[1])
        task = self._find_task(table)
        coded, missing = task.encode(*(table.column(name) for name in task.names))
        kept = np.flatnonzero(~missing)
        self.n_rows = len(kept)
        if self.n_rows < _FEWEST_ROWS:
            raise TableError(_too_few(self.n_rows, "the rows with a target"))
        named = [name for name in (roles.group_column, roles.weight_column) if name is not None]
        check_names(named, table.column_names, "named for rows")
        if test is None:
            classes = np.asarray(coded[kept], np.int64) if task.classes else None
            self.split = roles.split(table, kept, classes, seed=self.seed)
            tested = table.take(self.split.test)
        else:
            self.split = Split(kept, np.arange(test.num_rows), said("the rows of the test file"))
            tested = spelled_as(test, table.column_names)
        train = table.take(self.split.train)
        self._decide(table, train, task, coded[self.split.train])
        if test is not None:  # what it lacks is said before time is spent
            used = [column.name for column in self.columns if column.is_used]
            check_names(used, tested.column_names, "of the test rows")
            known_rows(task, tested)
        weight, test_weight = roles.weights(train), roles.weights(tested)
        self.findings = check_table(
            table,
            self.columns,
            task,
            coded,
            len(self.split.train) if before is None else None,
            is_weighted=getattr(self.model, "class_weight", None) is not None,
            at_random=test is None and roles.are_drawn,
            is_squared=getattr(self.model, "metric", "") != "mae",
        )
        self.seconds["looking"] = time.perf_counter() - started
        if decided is not None:
            decided(self, task)
        times, groups = roles.times_and_groups(table, self.split.train)
        decision = None
        if before is None:
            decision = task.among(coded[self.split.train]), self.columns
        else:
            train = train.drop_columns([*roles.set_aside])
        with self.model.part_of_more(deadline.share(_SHARE_OF_MODEL), decision) as learned:
            self.model.partial_fit(  # of a new model, fit
                train,
                target=list(task.names) if task.n_targets > 1 else task.names[0],
                sample_weight=weight,
                groups=groups,
                times=times,
            )
        self.notes += self.model.notes_
        self.seconds |= self.model.fit_seconds_
        if trained is not None:
            trained(self)
        with_tests = time.perf_counter()
        with self._noted(said("The model could not be tested")):
            self.judged = judge(self.model, tested, test_weight)
        if self.is_judged:
            self._compare(learned, deadline)
        self.seconds["judging"] = time.perf_counter() - with_tests
        self.seconds["all"] = time.perf_counter() - started
        return self

    def _decide(self, table: pa.Table, train: pa.Table, task: Task, y: Targets) -> None:
        """Decide on the columns, by the rows trained on, and make the model."""
        settings = dict(self.settings)
        if self.before is not None:
            self.columns = self.before.columns_
            self.before.preparation_.check(table)
            self.model = self.before.set_params(random_state=self.seed, **settings)
            return
        settings["drop"] = [*settings.get("drop", ()), *self.roles.set_aside]
        group = self.roles.known_group
        of_kinds = [name for kind in COLUMN_KINDS for name in settings.get(kind, ())]
        if group is not None and group not in spelled(of_kinds, table.column_names):
            settings["categorical"] = [*settings.get("categorical", ()), group]
        kinds = {name: settings.get(name, ()) for name in COLUMN_KINDS}
        # What names the rows shows in the whole table alone, and has no part in what is tested.
        others = [name for name in table.column_names if name not in task.names]
        columns = describe_columns(
            train, target_names=task.names, **kinds, row_names=find_row_names(table, others)
        )
        y, is_classes = y if y.ndim == 1 else y[:, 0], task.kind != "regression"
        helpful = find_helpful_identifiers(train, columns, y, is_classes=is_classes)
        self.columns = tuple(self._with_role(column, helpful) for column in columns)
        model_of = TableClassifier if is_classes else TableRegressor
        self.model = model_of(**{"random_state": self.seed, **settings})

    def _with_role(self, column: Column, helpful: Mapping[str, str]) -> Column:
        """A column, used where its numbers name rows and help, or set aside and saying for what."""
        if column.name in helpful:
            reason = column.reason + "; " + helpful[column.name]
            return replace(column, kind="number", reason=reason)
        reason = self.roles.set_aside.get(column.name, column.reason)
        return column if column.is_used else replace(column, reason=reason)

    def _compare(self, learned: LearnedRows, deadline: Deadline) -> None:
        """Judge the baselines too, and how much each column matters."""
        judged, limit = self.judged, deadline.share(_SHARE_OF_TREES)
        with self._noted(said("Gradient-boosted trees were left out")):
            for one in compare(self.model, learned, judged, seed=self.seed, deadline=limit):
                self.outputs[one.name], self.baselines[one.name] = one.outputs, one.scores
                self.decided[one.name] = one.decided
                self.notes += [one.note] if one.note else []
        with self._noted(said("Which columns matter was not measured")):
            self.importance = permutation_importance(
                self.model,
                judged.prepared,
                judged.y,
                weight=judged.weight,
                seed=self.seed,
                deadline=deadline.share(_SHARE_OF_IMPORTANCE),
            )

    @property
    def models(self) -> dict[str, tuple[Array, Array | None]]:
        """What the networks say of the rows they are judged by, and what the baselines say."""
        ours = {NETWORK: (self.judged.outputs, self.judged.decided)}
        return ours | {name: (said, self.decided[name]) for name, said in self.outputs.items()}

    @property
    def is_judged(self) -> bool:
        """Whether the model was tested."""
        return hasattr(self, "judged")

    @contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        """Go on without what fails once the model is trained, and note why."""
        try:
            yield
        except TimeoutError as error:
            self.notes.append(what + f": {error}")
        except Exception as error:  # noqa: BLE001  whatever it is, the rest is worth having
            self.notes.append(what + f": {type(error).__name__}: {error}")

    def _find_task(self, table: pa.Table) -> Task:
        """What is to be predicted; of a model that goes on, what it predicts already."""
        before = self.before
        if before is None:
            task = find_table_task(table, self.targets, self.task)
        else:
            task = before.task_
            check_names(task.names, table.column_names, "target")
            self._check_going_on(task)
        if task.classes and "intervals" in self.settings:
            raise TableError(
                "intervals are for numbers, and the target has classes; leave them out"
            )
        if not task.classes and "class_weight" in self.settings:
            raise TableError("class weights are for classes, and the target is a number")
        return task

    def _check_going_on(self, task: Task) -> None:
        """Refuse what would make another model of one that goes on learning."""
        if self.targets and tuple(self.targets) != task.names:
            raise TableError(
                f"the model predicts {', '.join(task.names)}, and cannot go on with "
                f"{', '.join(self.targets)}; leave the target out, or train a new model"
            )
        wanted = "regression" if task.kind == "regression" else "classification"
        if self.task not in {None, wanted, task.kind}:
            raise TableError(f"the model's task is {wanted}; leave {self.task} out")
        settled = sorted(set(self.settings) - _OF_GOING_ON)
        if settled:
            raise TableError(
                f"{', '.join(settled)}: settled when the model was first trained, and kept when it "
                "goes on; leave it out, or train a new model"
            )


def _too_few(n: int, what: str) -> str:
    return (
        f"{what} are {n}; at least {_FEWEST_ROWS} are needed to train and to test with, and some "
        "dozens to learn anything"
    )
