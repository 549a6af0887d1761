"""A study in its database: begun or joined, gone on with, read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import sklearn
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layerwise.study.database import FITS, LIKE_FIT, PRUNED, RUNS, STUDIES, Database
from layerwise.study.metrics import higher_is_better
from layerwise.study.plan import Facts, Plan
from layerwise.study.results import FitResult, Pruned, Split, StudyError, StudyResults
from layerwise.version import __version__

__all__ = ["KeptStudy", "Progress"]

_FORMAT = 2


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
    failed : set of int
    """

    done: int
    left: int
    work_done: float
    work_left: float
    running: int
    scores: Mapping[int, list[float]]
    pruned: frozenset[int]
    failed: frozenset[int]


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
    """

    database: Database
    number: int
    plan: Plan
    facts: Facts

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
        """Begin a study, or join the one that is there.

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
            If there is one and `resume` is False, or if it is another study.
        """

        def work(connection: Connection) -> int:
            there = connection.execute(sa.select(STUDIES).where(STUDIES.c.name == name)).first()
            if there is None:
                return _insert(connection, name, plan, fingerprint, facts)
            _check_same(database, there, plan, fingerprint)
            if not resume:
                raise StudyError(_is_there(database, name, connection, there))
            _check_fits(database, connection, there, plan)
            return int(there.id)

        return cls(database, database.transact(work, patience=10.0, alone=True), plan, facts)

    def results(self, stopped: str = "") -> StudyResults:
        """All that was found so far; `stopped`: why there is no more."""
        return self.database.transact(lambda c: self.results_in(c, stopped), reads=True)

    def results_in(self, connection: Connection, stopped: str = "") -> StudyResults:
        """The same, within a transaction."""
        fits: list[FitResult] = []
        trees: dict[Split, float] = {}
        failed: dict[int, str] = {}
        rows = connection.execute(
            sa.select(FITS)
            .where(FITS.c.study == self.number, FITS.c.state.in_(("done", "failed")))
            .order_by(FITS.c.configuration, FITS.c.repeat, FITS.c.fold)
        ).all()
        for row in rows:
            if row.state == "failed":
                if row.configuration is not None:
                    failed.setdefault(row.configuration, row.result)
            elif row.configuration is None:
                trees[row.repeat, row.fold] = row.score
            else:
                fits.append(FitResult.from_json(json.loads(row.result)))
        pruned = {
            row.configuration: Pruned(row.after_fits, row.reason)
            for row in connection.execute(
                sa.select(PRUNED)
                .where(PRUNED.c.study == self.number)
                .order_by(PRUNED.c.configuration)
            )
        }
        like_fit: dict[int, dict[Split, float]] = defaultdict(dict)
        for row in connection.execute(sa.select(LIKE_FIT).where(LIKE_FIT.c.study == self.number)):
            like_fit[row.configuration][row.repeat, row.fold] = row.score
        sizes = {(r, f): (n_train, n_test) for r, f, n_train, n_test in self.facts["split_sizes"]}
        return StudyResults(
            task=self.facts["task"],
            target=self.facts["target"],
            metric=self.plan.metric,
            higher_is_better=higher_is_better(self.plan.metric),
            configurations=self.plan.configurations,
            fits=fits,
            pruned=pruned,
            failed=failed,
            trees=trees,
            guesses=dict(zip(sizes, self.facts.get("guesses", []), strict=False)),
            like_fit=dict(like_fit),
            split_sizes=sizes,
            watched_share=self.facts.get("watched_share", 0.0),
            settings=self.plan.settings(),
            stopped=stopped,
        )

    def is_finished(self) -> bool:
        """Ask whether nothing is left to do."""
        query = sa.select(STUDIES.c.is_finished).where(STUDIES.c.id == self.number)
        return bool(self.database.transact(lambda c: c.execute(query).scalar(), reads=True))

    def progress(self) -> Progress:
        """Return how far it is."""
        query = sa.select(FITS.c.configuration, FITS.c.state, FITS.c.score).where(
            FITS.c.study == self.number
        )
        rows = self.database.transact(lambda c: c.execute(query).all(), reads=True)
        sizes = [1_000 + c.n_parameters for c in self.plan.configurations]
        of_trees = sum(sizes) / len(sizes)
        counts = {"done": 0, "left": 0, "running": 0}
        work = {"done": 0.0, "left": 0.0}
        scores: dict[int, list[float]] = defaultdict(list)
        pruned, failed = set(), set()
        for number, state, score in rows:
            counts["running"] += state == "running"
            if state == "pruned":
                pruned.add(number)
                continue
            if state == "failed":
                failed.add(number)
            if state == "done" and number is not None:
                scores[number].append(score)
            of_which = "left" if state in {"waiting", "running"} else "done"
            counts[of_which] += 1
            work[of_which] += of_trees if number is None else sizes[number]
        return Progress(
            counts["done"],
            counts["left"],
            work["done"],
            work["left"],
            counts["running"],
            scores,
            frozenset(pruned - failed),
            frozenset(failed),
        )

    def keep_like_fit(self, number: int, split: Split, score: float) -> None:
        """Keep a configuration's score as `layerwise fit` would train it."""
        place = (self.number, number, *split)
        values = dict(zip(("study", "configuration", "repeat", "fold"), place, strict=True))

        def work(connection: Connection) -> None:
            there = sa.select(LIKE_FIT).filter_by(**values)
            if connection.execute(there).first() is None:  # another may have been as quick
                connection.execute(sa.insert(LIKE_FIT).values(**values, score=score))

        self.database.transact(work)

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


def _insert(connection: Connection, name: str, plan: Plan, fingerprint: str, facts: Facts) -> int:
    number = connection.execute(
        sa.insert(STUDIES)
        .values(
            name=name,
            format=_FORMAT,
            fingerprint=fingerprint,
            versions=json.dumps(_versions()),
            plan=plan.to_json(),
            facts=json.dumps(facts),
            rung=0,
            is_finished=False,
        )
        .returning(STUDIES.c.id)
    ).scalar_one()
    rows = [
        {
            "study": number,
            "position": step.position,
            "rung": step.rung,
            "configuration": step.configuration,
            "repeat": step.repeat,
            "fold": step.fold,
            "state": "waiting",
            "attempts": 0,
        }
        for step in plan.steps()
    ]
    connection.execute(sa.insert(FITS), rows)
    return int(number)


def _check_same(database: Database, there: sa.Row[Any], plan: Plan, fingerprint: str) -> None:
    different = []
    if there.format != _FORMAT:
        different.append("it was made by another version of Layerwise")
    else:
        versions = json.loads(there.versions)
        different += [
            f"{name} {versions.get(name)} there, {version} here"
            for name, version in _versions().items()
            if versions.get(name) != version
        ]
        if not different:
            if there.fingerprint != fingerprint:
                different.append("the rows, or what was decided about the columns")
            different += plan.differences(Plan.from_json(there.plan))
    if different:
        raise StudyError(
            f"{database.shown} holds another study of the name {there.name!r}; what differs: "
            f"{'; '.join(different)}. Ask for the same, or name another database (--database) or "
            "study (--name)"
        )


def _check_fits(database: Database, connection: Connection, there: sa.Row[Any], plan: Plan) -> None:
    fits = connection.execute(
        sa.select(FITS).where(FITS.c.study == there.id).order_by(FITS.c.position)
    ).all()
    places = [(f.position, f.rung, f.configuration, f.repeat, f.fold) for f in fits]
    states = {"waiting", "running", "done", "failed", "pruned"}
    # What is done has its result, of the same score; what is not to be done any more is over.
    is_whole = (
        places == [astuple(step) for step in plan.steps()]
        and all(fit.state in states for fit in fits)
        and all(
            _known(fit.score) == _known(json.loads(fit.result)["score"])
            for fit in fits
            if fit.state == "done"
        )
        and not any(
            fit.state in {"waiting", "running"} and (there.is_finished or fit.rung < there.rung)
            for fit in fits
        )
    )
    failed = {fit.configuration for fit in fits if fit.state == "failed"}
    given_up = {fit.configuration for fit in fits if fit.state == "pruned"} - failed
    of_study = sa.select(PRUNED).where(PRUNED.c.study == there.id)
    pruned = {row.configuration: row.after_fits for row in connection.execute(of_study)}
    if (
        not is_whole
        or given_up != pruned.keys() - failed
        or not set(plan.rungs) >= set(pruned.values())
    ):
        raise StudyError(
            f"{database.shown} is damaged: the fits in it are not those of the study's plan. Take "
            "another copy of it, or begin anew in another file (--database)"
        )


def _known(score: float | None) -> float | None:
    """None for NaN too, of which SQLite knows nothing."""
    return None if score is None or score != score else score


def _is_there(database: Database, name: str, connection: Connection, there: sa.Row[Any]) -> str:
    of_study = FITS.c.study == there.id
    count = sa.select(sa.func.count()).select_from(FITS)
    n = connection.execute(count.where(of_study)).scalar()
    done = connection.execute(count.where(of_study, FITS.c.state == "done")).scalar()
    how_far = "finished" if there.is_finished else f"{done} of {n} fits done"
    return (
        f"{database.shown} holds this study already ({how_far}): add --resume to go on with it or "
        "to see its answers again; or, to do all of it anew, remove the file or take another --name"
    )


def _versions() -> dict[str, str]:
    return {
        "layerwise": __version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
