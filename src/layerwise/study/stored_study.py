"""A study in its database: begun or joined, gone on with, read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layerwise.study.continuation import begin_or_join, deviations_of_trees, fit_of
from layerwise.study.database import FITS, FOLDS, LIKE_FIT, PRUNED, RUNS, STUDIES, Database
from layerwise.study.metrics import higher_is_better
from layerwise.study.plan import Facts, Plan
from layerwise.study.results import (
    FailedFit,
    FitResult,
    Pruned,
    Split,
    StudyError,
    StudyResults,
)
from layerwise.study.study_table import Fold

__all__ = ["KeptStudy", "Progress"]


class Stage(NamedTuple):
    """The rung of a study whose fits may be begun, and whether nothing is left to do."""

    rung: int
    is_finished: bool


@dataclass(frozen=True)
class Progress:
    """How far a study is.

    Attributes
    ----------
    done : int
        Fits done, those of the trees among them.
    left : int
        Fits still to do, as far as is known: some may be pruned yet.
    work_done, work_left : float
        The same in parameters times rows: what takes time.
    running : int
        Fits that a worker does now, of whatever run.
    scores : dict of int to list of float
        By configuration.
    pruned : set of int
    ended : set of int
        Configurations of which no fit is left to do; those pruned are among them.
    like_fit : (int, int) or None
        Which fold of how many the recommended network is trained on as `layerwise fit` does now.
    """

    done: int
    left: int
    work_done: float
    work_left: float
    running: int
    scores: Mapping[int, list[float]]
    pruned: frozenset[int]
    ended: frozenset[int]
    like_fit: tuple[int, int] | None = None


@dataclass(frozen=True)
class KeptStudy:
    """A study in a database.

    Attributes
    ----------
    database : Database
    number : int
        The study's number in it.
    plan : Plan
    facts : Facts
        What the results are to say of the rows.
    widening : str
        How the study that was there was widened just now, in words: "depths 1, 2 there, 1, 2, 3
        here"; "": it was not.
    """

    database: Database
    number: int
    plan: Plan
    facts: Facts
    widening: str = ""

    @classmethod
    def begin(
        cls,
        database: Database,
        name: str,
        plan: Plan,
        fingerprint: str,
        facts: Facts,
        *,
        resume: bool,
    ) -> KeptStudy:
        """Begin a study, or join the one that is there, which is widened if more is asked for.

        Parameters
        ----------
        database : Database
        name : str
            Of the study; a database may hold several.
        plan : Plan
        fingerprint : str
            Of the rows.
        facts : dict
        resume : bool
            Whether there may be one already.

        Raises
        ------
        StudyError
            If there is one and `resume` is False, if it is another study, or if it is to be
            widened while others work on it.
        """

        def work(connection: Connection) -> tuple[int, str]:
            return begin_or_join(
                database, connection, name, plan, fingerprint, facts, resume=resume
            )

        number, widening = database.transact(work, patience=10.0, alone=True)
        return cls(database, number, plan, facts, widening)

    def results(self, stopped: str = "") -> StudyResults:
        """All that was found so far; `stopped`: why there is no more."""
        return self.database.transact(lambda c: self.results_in(c, stopped), reads=True)

    def results_in(
        self, connection: Connection, stopped: str = "", last_rung: int | None = None
    ) -> StudyResults:
        """The same, within a transaction; with `last_rung`, of the fits up to that rung alone.

        What was pruned counts by the fits after which it was: a study that was widened may have
        more of them, and is to say what it would have said begun as it is.
        """
        splits, failed, n_rungs = self.plan.splits, [], len(self.plan.rungs)
        sample_fits: list[FitResult] = []
        sample_trees: dict[float, dict[Split, float]] = defaultdict(dict)
        fits: list[FitResult] = []
        trees: dict[Split, float] = {}
        tree_deviations: dict[Split, str] = {}
        pruned = {
            row.configuration: Pruned(row.after_fits, row.reason)
            for row in connection.execute(
                sa.select(PRUNED)
                .where(PRUNED.c.study == self.number)
                .order_by(PRUNED.c.configuration)
            )
        }
        rows = connection.execute(
            sa.select(FITS)
            .where(FITS.c.study == self.number, FITS.c.state.in_(("done", "failed")))
            .order_by(FITS.c.configuration, FITS.c.repeat, FITS.c.fold, FITS.c.share)
        ).all()
        counted = {number: set(splits[: one.after_fits]) for number, one in pruned.items()}
        for row in rows:
            number, split = row.configuration, (row.repeat, row.fold)
            if last_rung is not None and row.rung > last_rung:
                continue
            if row.rung == n_rungs:  # on fewer rows; what fails there has no point of its curve
                if row.state == "done" and number is None:
                    sample_trees[row.share][split] = row.score
                elif row.state == "done":
                    sample_fits.append(fit_of(row, self.database.shown))
                continue
            if number in counted and split not in counted[number]:
                continue
            if row.state == "failed":
                failed.append(FailedFit(number, *split, row.result))
            elif number is None:
                trees[split] = row.score
                if deviations := deviations_of_trees(row, self.database.shown):
                    tree_deviations[split] = deviations
            else:
                fits.append(fit_of(row, self.database.shown))
        like_fit: dict[int, dict[Split, float]] = defaultdict(dict)
        for row in connection.execute(sa.select(LIKE_FIT).where(LIKE_FIT.c.study == self.number)):
            like_fit[row.configuration][row.repeat, row.fold] = row.score
        columns = connection.execute(
            sa.select(FOLDS)
            .where(FOLDS.c.study == self.number)
            .order_by(FOLDS.c.repeat, FOLDS.c.fold)
        )
        left_out = {(row.repeat, row.fold): tuple(json.loads(row.left_out)) for row in columns}
        sizes = {(r, f): (n_train, n_test) for r, f, n_train, n_test in self.facts["split_sizes"]}
        return StudyResults(
            task=self.facts["task"],
            target=self.facts["target"],
            metric=self.plan.metric,
            higher_is_better=higher_is_better(self.plan.metric),
            configurations=self.plan.configurations,
            fits=fits,
            pruned=pruned,
            failed_fits=failed,
            trees=trees,
            guesses=dict(zip(sizes, self.facts.get("guesses", []), strict=False)),
            like_fit=dict(like_fit),
            sample_sizes=dict(
                zip(self.plan.shares, self.facts.get("sample_sizes", []), strict=False)
            ),
            sample_fits=sample_fits,
            sample_trees=dict(sample_trees),
            split_sizes=sizes,
            units=dict(zip(sizes, self.facts.get("units", []), strict=False)),
            tree_deviations=tree_deviations,
            guess_deviations=dict(zip(sizes, self.facts.get("guess_deviations", []), strict=False)),
            left_out=left_out,
            watched_share=self.facts.get("watched_share", 0.0),
            settings=self.plan.settings(),
            stopped=stopped,
        )

    def is_finished(self) -> bool:
        """Ask whether nothing is left to do."""
        return bool(self.database.transact(lambda c: self.state_in(c).is_finished, reads=True))

    def state_in(self, connection: Connection, *, to_change: bool = False) -> Stage:
        """Return how far it is; where that is to change, nobody else may change it meanwhile.

        Raises
        ------
        StudyError
            If it is there no more.
        """
        query = sa.select(STUDIES.c.rung, STUDIES.c.is_finished).where(STUDIES.c.id == self.number)
        row = connection.execute(query.with_for_update() if to_change else query).first()
        if row is None:
            raise StudyError(
                f"the study in {self.database.shown} was widened by another command meanwhile, "
                "which goes on with it: what was done is there; start the same again to help it"
            )
        return Stage(row.rung, row.is_finished)

    def progress(self) -> Progress:
        """Return how far it is."""
        n_rungs = len(self.plan.rungs)
        columns = (FITS.c.configuration, FITS.c.state, FITS.c.score, FITS.c.share, FITS.c.rung)
        query = sa.select(*columns).where(FITS.c.study == self.number)
        rows = self.database.transact(lambda c: c.execute(query).all(), reads=True)
        sizes = [1_000 + c.n_parameters for c in self.plan.configurations]
        of_trees = sum(sizes) / len(sizes)
        counts = {"done": 0, "left": 0, "running": 0}
        work = {"done": 0.0, "left": 0.0}
        scores: dict[int, list[float]] = defaultdict(list)
        pruned, going_on = set(), set()
        for number, state, score, share, rung in rows:
            counts["running"] += state == "running"
            of_which = "left" if state in {"waiting", "running"} else "done"
            if rung == n_rungs:
                counts[of_which] += 1
                work[of_which] += share**0.5 * (of_trees if number is None else sizes[number])
                continue
            if state == "pruned":
                pruned.add(number)
                continue
            if state in {"waiting", "running"}:
                going_on.add(number)
            if state == "done" and number is not None:
                scores[number].append(score)
            counts[of_which] += 1
            work[of_which] += of_trees if number is None else sizes[number]
        if self.plan.shares and all(row.rung < n_rungs for row in rows):
            n_curves = self.plan.trees + len({c.depth for c in self.plan.configurations})
            n_splits = len(self.plan.splits)
            counts["left"] += n_curves * n_splits * (len(self.plan.shares) - 1)
            work["left"] += (
                n_curves * n_splits * of_trees * sum(s**0.5 for s in self.plan.shares[:-1])
            )
        return Progress(
            counts["done"],
            counts["left"],
            work["done"],
            work["left"],
            counts["running"],
            scores,
            frozenset(pruned),
            frozenset({c.number for c in self.plan.configurations} - going_on),
        )

    def keep_columns(self, split: Split, fold: Fold) -> None:
        """Keep which columns a fold leaves out."""
        if self.plan.selection:
            place = dict(zip(("repeat", "fold"), split, strict=True))
            self._keep_once(FOLDS, place, {"left_out": json.dumps(fold.left_out)})

    def keep_like_fit(self, number: int, split: Split, score: float) -> None:
        """Keep a configuration's score as `layerwise fit` would train it."""
        place = dict(zip(("configuration", "repeat", "fold"), (number, *split), strict=True))
        self._keep_once(LIKE_FIT, place, {"score": score})

    def _keep_once(
        self, rows: sa.Table, place: Mapping[str, int], values: Mapping[str, object]
    ) -> None:
        """Write a row, unless another process was as quick."""
        where = {"study": self.number, **place}

        def work(connection: Connection) -> None:
            if connection.execute(sa.select(rows.c.study).filter_by(**where)).first() is None:
                connection.execute(sa.insert(rows).values(**where, **values))

        self.database.transact(work, alone=True)

    def begin_run(self, run: str, seconds: float) -> None:
        """Note that workers of a new run are about to start; it is there for some seconds."""

        def work(connection: Connection) -> None:
            now = self.database.now
            connection.execute(sa.delete(RUNS).where(RUNS.c.seen_until < now - 86_400))
            connection.execute(
                sa.insert(RUNS).values(
                    id=run, study=self.number, stop=False, seen_until=now + seconds
                )
            )

        self.database.transact(work)

    def keep_run(self, run: str, seconds: float) -> None:
        """Say that a run is still there, and will be for some seconds."""
        until = self.database.now + seconds
        query = sa.update(RUNS).where(RUNS.c.id == run).values(seen_until=until)
        self.database.transact(lambda connection: connection.execute(query))

    def stop_run(self, run: str) -> None:
        """Ask a run's workers to end; they see it within a second or so."""
        query = sa.update(RUNS).where(RUNS.c.id == run).values(stop=True)
        self.database.transact(lambda connection: connection.execute(query))

    def release_run(self, run: str) -> None:
        """Free the claims of a run's workers, which have ended, before they expire."""
        query = (
            sa.update(FITS)
            .where(
                FITS.c.study == self.number,
                FITS.c.state == "running",
                FITS.c.owner.startswith(f"{run}/"),
            )
            .values(state="waiting", owner=None, lease_until=None)
        )
        self.database.transact(lambda connection: connection.execute(query))
