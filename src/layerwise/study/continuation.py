"""A study that is in a database already: joined where it is the same, widened, or refused.

A fit depends on its network, its split and the settings of the plan, and on nothing else that is in
the grid. So a plan that has all that an earlier one has takes over what was done: the study is
written anew under another number, its fits in the places of the new plan, and gone through from its
first rung, in which what was given up is judged again. Workers that knew it by its old number find
nothing to do there.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, astuple
from typing import Any

import numpy as np
import sklearn
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layerwise.language import said_list
from layerwise.study.database import FITS, FOLDS, LIKE_FIT, PRUNED, RUNS, STUDIES, Database
from layerwise.study.held_out_units import unpack
from layerwise.study.leases import LEASE_SECONDS
from layerwise.study.plan import Facts, Plan, Step
from layerwise.study.results import Configuration, FitResult, StudyError
from layerwise.version import __version__

_FORMAT = 3
_Key = tuple[Configuration | None, int, int, float]  # of a fit; None: the trees
_ANEW = "name another database (--database) or study (--name) to begin anew"


def begin_or_join(
    database: Database,
    connection: Connection,
    name: str,
    plan: Plan,
    fingerprint: str,
    facts: Facts,
    *,
    resume: bool,
) -> tuple[int, str]:
    """Write a study, or find the one that is there, which is widened if more is asked for.

    Parameters and errors are those of `KeptStudy.begin`.

    Returns
    -------
    number : int
        The study's in the database.
    widening : str
        How it was widened, in words; "": it was not.
    """
    there = connection.execute(sa.select(STUDIES).where(STUDIES.c.name == name)).first()
    if there is None:
        return _insert(connection, name, plan, fingerprint, facts, {}), ""
    stored = _plan_there(database, there, plan, fingerprint)
    widening = said_list("; ", plan.differences(stored))
    if not resume:
        raise StudyError(_is_there(database, connection, there, widening))
    _check_fits(database, connection, there, stored, facts)
    if not widening:
        return int(there.id), ""
    _check_nobody_works(database, connection, there)
    done = {
        _key(stored, fit): {
            "state": fit.state,
            "attempts": fit.attempts,
            "score": fit.score,
            "result": fit.result,
        }
        for fit in connection.execute(sa.select(FITS).where(FITS.c.study == there.id))
        if fit.state in {"done", "failed"}
    }
    number = _insert(connection, uuid.uuid4().hex, plan, fingerprint, facts, done)
    connection.execute(sa.update(FOLDS).where(FOLDS.c.study == there.id).values(study=number))
    for rows in (FITS, LIKE_FIT, PRUNED, RUNS):
        connection.execute(sa.delete(rows).where(rows.c.study == there.id))
    connection.execute(sa.delete(STUDIES).where(STUDIES.c.id == there.id))
    connection.execute(sa.update(STUDIES).where(STUDIES.c.id == number).values(name=name))
    return number, widening


def fit_of(row: sa.Row[Any], shown: str) -> FitResult:
    """Read a fit that is done; the number of its network is the row's, not the one it once had.

    Raises
    ------
    StudyError
        If it is damaged.
    """
    values = _parsed(row.result, shown)
    try:
        place = {"configuration": row.configuration, "share": row.share}
        return FitResult.from_json(values | place)
    except TypeError:
        raise _damaged(shown) from None


def deviations_of_trees(row: sa.Row[Any], shown: str) -> str:
    """Read what each unit adds to a score of the trees; "" where that was not kept.

    Raises
    ------
    StudyError
        If it is damaged.
    """
    return str(_parsed(row.result, shown).get("deviations", ""))


def _insert(
    connection: Connection,
    name: str,
    plan: Plan,
    fingerprint: str,
    facts: Facts,
    done: Mapping[_Key, Mapping[str, object]],
) -> int:
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
    to_do = {"state": "waiting", "attempts": 0, "score": None, "result": None}
    steps = plan.steps()
    planned = {_key(plan, step) for step in steps}
    numbers = {c.without_number: c.number for c in plan.configurations}
    for network, repeat, fold, share in (key for key in done if key not in planned):
        which = None if network is None else numbers[network]
        steps.append(Step(len(steps), len(plan.rungs), which, repeat, fold, share))
    rows = [
        {"study": number, **asdict(step), **done.get(_key(plan, step), to_do)} for step in steps
    ]
    connection.execute(sa.insert(FITS), rows)
    return int(number)


def _key(plan: Plan, fit: Any) -> _Key:
    """Which fit it is, whatever the numbers of networks and places are in its plan."""
    number = fit.configuration
    what = None if number is None else plan.configurations[number].without_number
    return what, fit.repeat, fit.fold, fit.share


def _plan_there(database: Database, there: sa.Row[Any], plan: Plan, fingerprint: str) -> Plan:
    """The plan of a study that is there; refused where nothing of it is to be gone on with."""
    stored, different, advice = plan, [], ""
    if there.format != _FORMAT:
        different.append("it was made by another version of Layerwise")
    else:
        versions = _parsed(there.versions, database.shown)
        different += [
            f"{name} {versions.get(name)} there, {version} here"
            for name, version in _versions().items()
            if versions.get(name) != version
        ]
        if not different:
            try:
                stored = Plan.from_json(there.plan)
            except (ValueError, TypeError, KeyError):
                raise _damaged(database.shown) from None
            if there.fingerprint != fingerprint:
                different.append("the rows, or what was decided about the columns")
            if not plan.widens(stored):
                different += plan.differences(stored)
                advice = plan.why_not_wider(stored)
    if different:
        raise StudyError(
            f"{database.shown} holds another study of the name {there.name!r}; what differs: "
            f"{'; '.join(different)}. {advice}Ask for the same, or {_ANEW}"
        )
    return stored


def _check_nobody_works(database: Database, connection: Connection, there: sa.Row[Any]) -> None:
    runs = sa.select(RUNS.c.id).where(
        RUNS.c.study == there.id, RUNS.c.stop.is_(False), RUNS.c.seen_until >= database.now
    )
    if connection.execute(runs).first() is not None:
        raise StudyError(
            f"another command works on the study {there.name!r} in {database.shown}, or was killed "
            f"less than {LEASE_SECONDS:.0f} s ago: a study is widened once nobody works on it. "
            "Wait for its end, or end it with Ctrl-C: what is done is kept"
        )


def _check_fits(
    database: Database, connection: Connection, there: sa.Row[Any], plan: Plan, facts: Facts
) -> None:
    shown = database.shown
    fits = connection.execute(
        sa.select(FITS).where(FITS.c.study == there.id).order_by(FITS.c.position)
    ).all()
    places = [(f.position, f.rung, f.configuration, f.repeat, f.fold, f.share) for f in fits]
    steps = [astuple(step) for step in plan.steps()]
    samples = places[len(steps) :]
    numbers = {None, *(c.number for c in plan.configurations)}
    of_study = sa.select(PRUNED).where(PRUNED.c.study == there.id)
    pruned = {row.configuration: row.after_fits for row in connection.execute(of_study)}
    nth = {split: n for n, split in enumerate(plan.splits)}
    is_last = there.rung == len(plan.rungs) - 1  # in which what was stopped is taken up again
    n_units = {
        (repeat, fold): len(unpack(text))
        for (repeat, fold, _, _), text in zip(facts["split_sizes"], facts["units"], strict=True)
    }

    def is_whole(fit: sa.Row[Any]) -> bool:
        """What is done has its score; what is not to be done any more is over."""
        after = pruned.get(fit.configuration)
        if fit.rung == len(plan.rungs) and fit.state != "done":
            return not (there.is_finished and fit.state in {"waiting", "running"})
        if fit.state == "pruned":
            return after is not None and nth[fit.repeat, fit.fold] >= after
        if fit.state in {"waiting", "running"}:
            is_over = after is not None and nth[fit.repeat, fit.fold] >= after
            return not (there.is_finished or is_over or (fit.rung < there.rung and not is_last))
        if fit.state == "done":
            values = _parsed(fit.result, shown)
            is_trees = fit.configuration is None
            result = values["score"] if is_trees else fit_of(fit, shown).score
            deviations = values.get("deviations", "")
            return _known(fit.score) == _known(result) and (
                deviations == "" or _n_packed(deviations) == n_units[fit.repeat, fit.fold]
            )
        return bool(fit.state == "failed")

    is_same = (
        [place[0] for place in places[: len(steps)]] == list(range(len(steps)))
        # In whatever order they are begun: it was another one once.
        and {place[1:] for place in places[: len(steps)]} == {step[1:] for step in steps}
        and len({place[2:] for place in samples}) == len(samples)
        and all(
            place[:2] == (len(steps) + i, len(plan.rungs))
            and place[2] in numbers
            and place[3:5] in nth
            and place[5] in plan.shares
            for i, place in enumerate(samples)
        )
        and set(plan.rungs) >= set(pruned.values())
        and all(map(is_whole, fits))
    )
    if not is_same:
        raise _damaged(shown)


def _damaged(shown: str) -> StudyError:
    return StudyError(
        f"{shown} is damaged: the fits in it are not those of the study's plan. Take another copy "
        "of it, or begin anew in another file (--database)"
    )


def _parsed(text: str, shown: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise _damaged(shown)
    return values


def _n_packed(text: str) -> int | None:
    """How many numbers are packed in a text; None: it is damaged."""
    try:
        return len(unpack(text))
    except ValueError:
        return None


def _known(score: float | None) -> float | None:
    """None for NaN too, of which SQLite knows nothing."""
    return None if score is None or score != score else score


def _is_there(database: Database, connection: Connection, there: sa.Row[Any], widening: str) -> str:
    of_study = FITS.c.study == there.id
    count = sa.select(sa.func.count()).select_from(FITS)
    n = connection.execute(count.where(of_study)).scalar()
    done = connection.execute(count.where(of_study, FITS.c.state == "done")).scalar()
    how_far = "finished" if there.is_finished else f"{done} of {n} fits done"
    what_for = (
        f"to widen it ({widening}), which keeps what is done"
        if widening
        else "to go on with it or to see its answers again"
    )
    return (
        f"{database.shown} holds this study already ({how_far}): add --resume {what_for}; or, to "
        "do all of it anew, remove the file or take another --name"
    )


def _versions() -> dict[str, str]:
    return {
        "layerwise": __version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }
