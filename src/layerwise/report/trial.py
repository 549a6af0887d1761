"""A model of a table, and how good it is on rows it never saw: all that `layerwise fit` does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.architecture import get_loss
from layerwise.ensemble.baselines import boosted_trees, trivial
from layerwise.ensemble.calibration import temper
from layerwise.ensemble.decision import decision_for, needs_threshold
from layerwise.ensemble.folds import Problem, round_of
from layerwise.ensemble.importance import Importance, permutation_importance
from layerwise.ensemble.scores import class_scores, number_scores
from layerwise.ensemble.splitting import Split, group_numbers, moment_of, split_rows, times_of
from layerwise.estimators.table import BaseTable
from layerwise.estimators.table_classifier import TableClassifier
from layerwise.estimators.table_parameters import COLUMN_KINDS, OF_EACH_FIT
from layerwise.estimators.table_regressor import TableRegressor
from layerwise.report.judging import Judgement, judge, known_rows
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.findings import Finding, check_table
from layerwise.tables.flattering_splits import find_helpful_identifiers
from layerwise.tables.kinds import describe_columns, find_row_names
from layerwise.tables.names import check_names, spelled, spelled_as
from layerwise.tables.parsing import Reading, is_text, parse_numbers
from layerwise.tables.prepared import Prepared
from layerwise.tables.task import Task, find_table_task
from layerwise.training.time_limit import Deadline

__all__ = ["NETWORK", "TREES", "TRIVIAL", "Trial"]

Array = NDArray[Any]
NETWORK, TRIVIAL, TREES = "Layerwise", "trivial prediction", "gradient-boosted trees"
_FEWEST_ROWS = 10
_TEST_SIZE = 0.2
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
    test_size : float or None
        Share of the rows that test the result; None: a fifth.
    time_column, group_column, weight_column : str or None
        The latest rows test; rows of one group stay together; rows count by their weight, in
        training and in all scores. With both a time and a group, what is unknown is the future of
        known groups, so that the group is a feature, unless `new_groups`.
    new_groups : bool
        With both: the test is of later rows of groups that are not trained on.
    test_from : str or None
        A moment of the time column, with which the test begins, whatever `test_size`.
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
    test_size: float | None = None
    time_column: str | None = None
    group_column: str | None = None
    weight_column: str | None = None
    new_groups: bool = False
    test_from: str | None = None
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
        self._check_options(test)
        if before is not None:
            table = spelled_as(table, [*before.task_.names, *(one.name for one in before.columns_)])
        of_rows = (self.group_column, self.weight_column, self.time_column)
        self.group_column, self.weight_column, self.time_column = (
            name if name is None else spelled([name], table.column_names)[0] for name in of_rows
        )
        if table.num_rows < _FEWEST_ROWS:
            raise TableError(_too_few(table.num_rows, "the table's rows"))
        task = self._find_task(table)
        coded, missing = task.encode(*(table.column(name) for name in task.names))
        kept = np.flatnonzero(~missing)
        self.n_rows = len(kept)
        if self.n_rows < _FEWEST_ROWS:
            raise TableError(_too_few(self.n_rows, "the rows with a target"))
        named = [name for name in (self.group_column, self.weight_column) if name is not None]
        check_names(named, table.column_names, "named for rows")
        set_aside = [name for name in named if name != self._known_group]
        if test is None:
            self.split = self._split(table, task, coded, kept)
        else:
            self.split = Split(kept, np.arange(test.num_rows), "the rows of the test file")
        train = table.take(self.split.train)
        tested = (
            table.take(self.split.test) if test is None else spelled_as(test, table.column_names)
        )
        settings = dict(self.settings)
        if before is None:
            settings["drop"] = [*settings.get("drop", ()), *set_aside]
            if self._known_group not in {
                None,
                *(n for k in COLUMN_KINDS for n in settings.get(k, ())),
            }:
                settings["categorical"] = [*settings.get("categorical", ()), self._known_group]
            kinds = {name: settings.get(name, ()) for name in COLUMN_KINDS}
            # What names the rows shows in the whole table alone, and has no part in what is tested.
            others = [name for name in table.column_names if name not in task.names]
            columns = describe_columns(
                train, target_names=task.names, **kinds, row_names=find_row_names(table, others)
            )
            columns = self._with_helpful_names(columns, train, task, coded[self.split.train])
            self.columns = self._with_roles(columns)
            model_of = TableRegressor if task.kind == "regression" else TableClassifier
            self.model = model_of(**{"random_state": self.seed, **settings})
        else:
            self.columns = before.columns_
            before.preparation_.check(table)
            self.model = before.set_params(random_state=self.seed, **settings)
        if test is not None:  # what it lacks is said before time is spent
            used = [column.name for column in self.columns if column.is_used]
            check_names(used, tested.column_names, "of the test rows")
            known_rows(task, tested)
        weight, test_weight = self._weights(train), self._weights(tested)
        n_described = len(self.split.train) if before is None else None
        is_weighted = getattr(self.model, "class_weight", None) is not None
        self.findings = check_table(
            table,
            self.columns,
            task,
            coded,
            n_described,
            is_weighted=is_weighted,
            at_random=test is None and {self.time_column, self.group_column} == {None},
        )
        self.seconds["looking"] = time.perf_counter() - started
        if decided is not None:
            decided(self, task)
        times, groups = self._times_and_groups(table, self.split.train)
        decision = None
        if before is None:
            decision = task.among(coded[self.split.train]), self.columns
        with self.model.part_of_more(deadline.share(_SHARE_OF_MODEL), decision):
            self.model.partial_fit(  # of a new model, fit
                train.drop_columns(set_aside) if before is not None else train,
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
        with self._noted("The model could not be tested"):
            self.judged = judge(self.model, tested, test_weight)
        if self.is_judged:
            with self._noted("Gradient-boosted trees were left out"):
                self._compare(train, weight, deadline.share(_SHARE_OF_TREES))
            with self._noted("Which columns matter was not measured"):
                self.importance = permutation_importance(
                    self.model,
                    self.judged.prepared,
                    self.judged.y,
                    weight=self.judged.weight,
                    seed=self.seed,
                    deadline=deadline.share(_SHARE_OF_IMPORTANCE),
                )
        self.seconds["judging"] = time.perf_counter() - with_tests
        self.seconds["all"] = time.perf_counter() - started
        return self

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
            self.notes.append(f"{what}: {error}")
        except Exception as error:  # noqa: BLE001  whatever it is, the rest is worth having
            self.notes.append(f"{what}: {type(error).__name__}: {error}")

    def _check_options(self, test: pa.Table | None) -> None:
        if self.test_from is not None and self.time_column is None:
            raise TableError("a moment from which on to test needs the column of time; name it too")
        if self.test_from is not None and test is not None:
            raise TableError(
                "rows to test with come from the test file, or from a moment on; give one of them"
            )
        if self.test_size is not None:
            if test is not None:
                raise TableError("a share of rows to test with is of no use beside the test file")
            if self.test_from is not None and not self.new_groups:
                raise TableError(
                    "a share of rows to test with is of no use beside a moment from which on to "
                    "test; give one of them"
                )
        if self.new_groups and self.group_column is None:
            raise TableError("new groups need the column that tells groups apart; name it too")
        if self.new_groups and self.time_column is None:
            raise TableError(
                "without a column of time the groups of the test are new ones as it is; name that "
                "column, or leave new groups out"
            )

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

    def _with_roles(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """The columns, where those that are set aside say what for."""
        roles = {
            self.group_column: "tells the groups apart",
            self.weight_column: "weights the rows",
        }
        return tuple(
            replace(column, reason=roles[column.name])
            if column.name in roles and not column.is_used
            else column
            for column in columns
        )

    def _with_helpful_names(
        self, columns: Sequence[Column], train: pa.Table, task: Task, y: Array
    ) -> list[Column]:
        """The columns, where identifiers are used that help rows of which no near one was seen."""
        y, is_classes = y if y.ndim == 1 else y[:, 0], task.kind != "regression"
        helpful = find_helpful_identifiers(train, columns, y, is_classes=is_classes)
        return [
            replace(column, kind="number", reason=f"{column.reason}; {helpful[column.name]}")
            if column.name in helpful
            else column
            for column in columns
        ]

    @property
    def _known_group(self) -> str | None:
        """The column of the groups where their future is what is unknown."""
        return None if self.time_column is None or self.new_groups else self.group_column

    def _split(self, table: pa.Table, task: Task, y: Array, kept: NDArray[np.int64]) -> Split:
        times, groups = self._times_and_groups(table, kept)
        test_from = None
        if self.test_from is not None and self.time_column is not None:
            values = table.column(self.time_column)
            reading = self._reading_of_time(table)
            times = times_of(values.take(kept), self.time_column, reading, whole_days=False)
            test_from = moment_of(self.test_from, values, self.time_column, reading)
        split = split_rows(
            len(kept),
            test_size=_TEST_SIZE if self.test_size is None else self.test_size,
            classes=None if task.kind == "regression" else y[kept],
            times=times,
            groups=groups,
            test_from=test_from,
            seed=self.seed,
        )
        how = split.how
        if self._known_group is not None:
            how += f"; the groups, {self._known_group}, are known and their future is not"
        return Split(kept[split.train], kept[split.test], how)

    def _reading_of_time(self, table: pa.Table) -> Reading | None:
        """How the column of time is read, if its dates are text: as among those to predict from."""
        name = self.time_column
        if name is None or not is_text(table.column(name)):
            return None
        entries = self.settings.get("dates", ())
        dates = [entry for entry in entries if entry == name or entry.startswith(f"{name}=%")]
        (column,) = describe_columns(table.select([name]), dates=dates)
        return column.reading if column.kind == "date" else None

    def _times_and_groups(
        self, table: pa.Table, rows: NDArray[np.int64]
    ) -> tuple[NDArray[Any] | None, NDArray[np.int64] | None]:
        """The moments of some rows, and the groups that may not be parted."""
        times = groups = None
        if self.time_column is not None:
            check_names([self.time_column], table.column_names, "order in time")
            reading = self._reading_of_time(table)
            times = times_of(table.column(self.time_column).take(rows), self.time_column, reading)
        if self.group_column is not None and self._known_group is None:
            groups = group_numbers(table.column(self.group_column).take(rows), len(rows))
        return times, groups

    def _weights(self, table: pa.Table) -> Array | None:
        if self.weight_column is None:
            return None
        check_names([self.weight_column], table.column_names, "that weights the rows")
        try:
            weights, unread = parse_numbers(table.column(self.weight_column))
        except TypeError:
            unread = [0]
        if unread or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise TableError(
                f"the weights in {self.weight_column!r} must be numbers of at least 0, one in each "
                "row, and not all 0; fill or leave out rows without one"
            )
        return weights

    def _compare(self, train: pa.Table, weight: Array | None, deadline: Deadline) -> None:
        """Train and score the baselines as the networks were: the same weights, the same rule."""
        model, judged = self.model, self.judged
        task, metric = model.task_, str(getattr(model, "metric", ""))
        n_classes, absolute = len(task.classes), metric == "mae"
        y, _ = task.encode(*(train.column(name) for name in task.names))
        of_classes: Array | None = getattr(model, "class_weights_", None)

        def score(name: str, outputs: Array, held_out: Array, rows: NDArray[np.int64]) -> None:
            if n_classes:
                weights = None if weight is None else weight[rows]
                rule = decision_for(held_out, y[rows], metric, of_classes, weights)
                scores = class_scores(judged.y, outputs, rule(outputs), judged.weight)
            else:
                scores = number_scores(judged.y, outputs, judged.weight)
            self.outputs[name], self.baselines[name] = outputs, scores

        # Rows of classes without weight are not trained on, by the trivial prediction neither.
        own = (
            weight
            if of_classes is None
            else (of_classes[y] > 0) * (1.0 if weight is None else weight)
        )
        outputs = trivial(y, n_classes, len(judged.y), own, absolute=absolute)
        every_row = np.arange(len(y))
        score(TRIVIAL, outputs, np.repeat(outputs[:1], len(y), axis=0), every_row)
        deadline.check(0.0)
        prepared = model.preparation_.transform(train)
        counted = weight
        if of_classes is not None:
            counted = of_classes[y] if weight is None else of_classes[y] * weight

        def trees(rows: NDArray[np.int64] | slice, x: Array, codes: Array) -> Array:
            outputs = boosted_trees(
                prepared.x[rows],
                prepared.codes[rows],
                y[rows],
                x,
                codes,
                n_classes=n_classes,
                weight=None if counted is None else counted[rows],
                absolute=absolute,
                seed=self.seed,
                n_threads=model.n_threads,
                deadline=deadline,
            )
            return outputs if of_classes is None else temper(outputs, 1.0, 0.0, of_classes)

        outputs = trees(slice(None), judged.prepared.x, judged.prepared.codes)
        held_out, rows = np.repeat(outputs[:1], len(y), axis=0), every_row
        if n_classes == 2 and needs_threshold(metric):
            held_out, rows = self._held_out(train, y, trees, prepared)
        score(TREES, outputs, held_out, rows)

    def _held_out(
        self, train: pa.Table, y: Array, trees: Callable[..., Array], prepared: Prepared
    ) -> tuple[Array, NDArray[np.int64]]:
        """The trees' probabilities of rows held out as the networks' are, and which rows."""
        times, groups = self._times_and_groups(train, np.arange(train.num_rows))
        problem = Problem(
            prepared.x, prepared.codes, (), y, 2, get_loss("softmax"), groups=groups, times=times
        )
        parts = []
        recipe = self.model.recipe_
        for own, _, held_out in round_of(problem, recipe.n_windows or recipe.n_folds, self.seed):
            rows = np.delete(np.arange(len(y)), held_out) if own is None else own
            p = trees(rows, prepared.x[held_out], prepared.codes[held_out])
            parts.append((p, held_out))
        return (
            np.concatenate([p for p, _ in parts]),
            np.concatenate([held_out for _, held_out in parts]),
        )


def _too_few(n: int, what: str) -> str:
    return (
        f"{what} are {n}; at least {_FEWEST_ROWS} are needed to train and to test with, and some "
        "dozens to learn anything"
    )
