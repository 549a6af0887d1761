"""From rung to rung: what would change nothing is stopped, and taken up again if it may after all.

Once all of that is done, the recommended network and those beside it are fitted on fewer rows, if
learning curves are asked for.

Successive halving (Jamieson and Talwalkar 2016; Li et al. 2018, "Hyperband") gives every
configuration a few folds, and those that do well ever more. Here none is stopped for being in the
worse half alone: see `layerwise.study.racing`. What is decided depends on complete rungs, and so
neither on the number of workers nor on their speed.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from layerwise.study.compared_networks import sample_steps
from layerwise.study.database import FITS, PRUNED, STUDIES
from layerwise.study.racing import may_change, not_needed
from layerwise.study.recommendation import recommend
from layerwise.study.results import StudyResults
from layerwise.study.stored_study import KeptStudy


def advance(kept: KeptStudy) -> bool:
    """Go on to the next rung, or end the study, if all fits that may be begun are done.

    Any worker may call it, at any time; the first to find a rung complete decides.

    Returns
    -------
    bool
        Whether there may be something new to do, or nothing ever more.
    """
    return kept.database.transact(lambda connection: _advance(kept, connection))


def _advance(kept: KeptStudy, connection: Connection) -> bool:
    study = kept.state_in(connection, to_change=True)
    if study.is_finished:
        return True
    of_study = FITS.c.study == kept.number
    undone = connection.execute(
        sa.select(sa.func.count())
        .select_from(FITS)
        .where(of_study, FITS.c.rung <= study.rung, FITS.c.state.in_(("waiting", "running")))
    ).scalar()
    if undone:
        return False
    # In a study that was widened, fits of later rungs are done already.
    results = kept.results_in(connection, last_rung=study.rung)
    rungs = kept.plan.rungs
    if study.rung < len(rungs) - 1:
        done = rungs[study.rung]
        for number in not_needed(results):
            connection.execute(
                sa.insert(PRUNED).values(
                    study=kept.number,
                    configuration=number,
                    after_fits=done,
                    reason=f"after {done} of {rungs[-1]} splits",
                )
            )
            _stop(kept, connection, [number])
        connection.execute(
            sa.update(STUDIES).where(STUDIES.c.id == kept.number).values(rung=study.rung + 1)
        )
        return True
    again = []
    if results.pruned and study.rung < len(rungs):
        answer = recommend(results)
        again = [] if answer is None else may_change(results, answer.choice)
    for number in again:
        connection.execute(
            sa.delete(PRUNED).where(PRUNED.c.study == kept.number, PRUNED.c.configuration == number)
        )
        connection.execute(
            sa.update(FITS)
            .where(of_study, FITS.c.configuration == number, FITS.c.state == "pruned")
            .values(state="waiting")
        )
    if again:
        return True
    goes_on = study.rung < len(rungs) and _add_samples(kept, connection, results)
    change = {"rung": len(rungs)} if goes_on else {"is_finished": True}
    connection.execute(sa.update(STUDIES).where(STUDIES.c.id == kept.number).values(change))
    return True


def _add_samples(kept: KeptStudy, connection: Connection, results: StudyResults) -> bool:
    """Write down the fits of learning curves, a rung of their own; whether there are any to do.

    Those of a study that was widened are there already.
    """
    of_study = FITS.c.study == kept.number
    columns = (FITS.c.position, FITS.c.configuration, FITS.c.repeat, FITS.c.fold, FITS.c.share)
    there = connection.execute(sa.select(*columns).where(of_study)).all()
    done = {tuple(row)[1:] for row in there if row.share < 1.0}
    position = max(row.position for row in there)
    rows = [
        {
            "study": kept.number,
            "position": position + 1 + i,
            "rung": len(kept.plan.rungs),
            "configuration": number,
            "repeat": repeat,
            "fold": fold,
            "share": share,
            "state": "waiting",
            "attempts": 0,
        }
        for i, (number, repeat, fold, share) in enumerate(
            step for step in sample_steps(kept.plan.shares, results) if step not in done
        )
    ]
    if rows:
        connection.execute(sa.insert(FITS), rows)
    return bool(rows)


def _stop(kept: KeptStudy, connection: Connection, numbers: list[int]) -> None:
    connection.execute(
        sa.update(FITS)
        .where(
            FITS.c.study == kept.number,
            FITS.c.configuration.in_(numbers),
            FITS.c.state == "waiting",
        )
        .values(state="pruned")
    )
