"""Who does which fit: claims that expire unless they are renewed.

A worker claims the first fit that waits, renews its claim while it works, and writes the result
only if the claim is still its own. One that is killed renews nothing: after LEASE_SECONDS its fit
is another's. So no finished fit is done twice, and what is lost is at most the fits in flight.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.dml import ReturningUpdate

from layerwise.study.database import FITS, RUNS, STUDIES, Database
from layerwise.study.results import FitResult, Split

LEASE_SECONDS = 20.0
MOST_ATTEMPTS = 3  # a fit whose worker vanishes each time is given up


@dataclass(frozen=True)
class Claim:
    """A fit that a worker may do.

    Attributes
    ----------
    position : int
    configuration : int or None
        None: the gradient-boosted trees.
    split : (repeat, fold)
    share : float
        Of the rows that are not held out, how many are trained on.
    """

    position: int
    configuration: int | None
    split: Split
    share: float = 1.0


class Leases:
    """The claims of one worker on one study.

    Parameters
    ----------
    database : Database
    study : int
        The study's number in it.
    owner : str
        The worker's name, of which there is no other.
    seconds : float
        How long a claim holds.
    """

    def __init__(self, database: Database, study: int, owner: str, seconds: float) -> None:
        self.database, self.study, self.owner, self.seconds = database, study, owner, seconds
        # Built once: to build a statement takes longer than to run it.
        self._claiming = self._claim_statement()
        self._mine = sa.update(FITS).where(
            FITS.c.study == study,
            FITS.c.position == sa.bindparam("at"),
            FITS.c.state == "running",
            FITS.c.owner == owner,
        )
        self._failure = sa.select(FITS.c.result).where(
            FITS.c.study == study, FITS.c.position == sa.bindparam("at")
        )

    def claim(self) -> Claim | None:
        """Claim the first fit that waits, or whose claim has expired; None where there is none."""
        return self.database.transact(self._claim)

    def _claim_statement(self) -> ReturningUpdate[tuple[int, int | None, int, int, float, int]]:
        now = self.database.now
        fits = FITS.alias("candidate")
        rung = sa.select(STUDIES.c.rung).where(STUDIES.c.id == self.study).scalar_subquery()
        free = sa.or_(
            fits.c.state == "waiting",
            sa.and_(fits.c.state == "running", fits.c.lease_until < now),
        )
        first = (
            sa.select(fits.c.position)
            .where(fits.c.study == self.study, fits.c.rung <= rung, free)
            .order_by(fits.c.position)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        return (
            sa.update(FITS)
            .where(FITS.c.study == self.study, FITS.c.position == first)
            .values(
                state="running",
                owner=self.owner,
                lease_until=now + self.seconds,
                attempts=FITS.c.attempts + 1,
            )
            .returning(
                FITS.c.position,
                FITS.c.configuration,
                FITS.c.repeat,
                FITS.c.fold,
                FITS.c.share,
                FITS.c.attempts,
            )
        )

    def _claim(self, connection: Connection) -> Claim | None:
        while True:
            row = connection.execute(self._claiming).first()
            if row is None:
                return None
            if row.attempts <= MOST_ATTEMPTS:
                return Claim(row.position, row.configuration, (row.repeat, row.fold), row.share)
            self._end(
                connection,
                row.position,
                state="failed",
                result=f"the worker that did it vanished {MOST_ATTEMPTS} times, without a word "
                "(was it out of memory?)",
            )

    def renew(self, claim: Claim) -> bool:
        """Hold a claim for longer; False if it is another's by now."""

        def work(connection: Connection) -> bool:
            values = {"lease_until": self.database.now + self.seconds}
            return self._update(connection, claim.position, values)

        return self.database.transact(work)

    def finish(self, claim: Claim, result: FitResult | float, deviations: str = "") -> bool:
        """Write what a fit gave; False, and nothing is written, if the claim is another's.

        Of the trees that is their score, and what each unit adds to it.
        """
        if isinstance(result, FitResult):
            score, text = result.score, json.dumps(result.to_json(), allow_nan=False)
        else:
            score, text = result, json.dumps({"score": result, "deviations": deviations})
        return self.database.transact(
            lambda connection: self._end(
                connection, claim.position, state="done", score=score, result=text
            )
        )

    def fail(self, claim: Claim, why: str, *, for_good: bool = False) -> bool:
        """Write that a fit could not be done: it waits to be repeated, once, unless `for_good`.

        Returns
        -------
        bool
            False, and nothing is written, if the claim is another's.
        """

        def work(connection: Connection) -> bool:
            # A result while it waits is why it failed the first time.
            earlier = connection.execute(self._failure, {"at": claim.position}).scalar()
            ended = for_good or earlier is not None
            state = "failed" if ended else "waiting"
            return self._end(connection, claim.position, state=state, result=why)

        return self.database.transact(work)

    def release(self, claim: Claim) -> bool:
        """Give a claim back: the fit waits again, as if it had never been begun."""
        return self.database.transact(
            lambda connection: self._end(
                connection, claim.position, state="waiting", attempts=FITS.c.attempts - 1
            )
        )

    def _end(self, connection: Connection, position: int, **values: object) -> bool:
        return self._update(connection, position, values | {"owner": None, "lease_until": None})

    def _update(self, connection: Connection, position: int, values: Mapping[str, object]) -> bool:
        done = connection.execute(self._mine.values(**values), {"at": position})
        return done.rowcount == 1

    def is_to_stop(self, run: str) -> bool:
        """Whether the run that started this worker wants it to end, or is gone."""

        def work(connection: Connection) -> bool:
            row = connection.execute(
                sa.select(RUNS.c.stop, (RUNS.c.seen_until < self.database.now).label("gone")).where(
                    RUNS.c.id == run
                )
            ).first()
            return row is None or bool(row.stop) or bool(row.gone)

        return self.database.transact(work, reads=True)
