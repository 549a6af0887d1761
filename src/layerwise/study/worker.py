"""A worker: claims fits and does them, one after the other, until none is left."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType, TracebackType

from layerwise.files.passwords import hide_secrets
from layerwise.signals import ENDING, handling
from layerwise.study.database import Database
from layerwise.study.leases import Claim, Leases
from layerwise.study.one_fit import Interrupted, fit_one, fit_trees
from layerwise.study.plan import Facts, Plan
from layerwise.study.pruning import advance
from layerwise.study.results import DIVERGED, StudyError
from layerwise.study.stored_study import KeptStudy
from layerwise.study.study_table import FoldCache, StudyTable
from layerwise.training import TrainingDiverged

_LOOK_SECONDS = 0.5  # between two looks whether to end
_LONGEST_PAUSE = 1.0  # where nothing is to be claimed until others have finished


@dataclass(frozen=True, eq=False)
class Assignment:
    """What a worker needs, wherever it runs.

    Attributes
    ----------
    address : str
        Of the database.
    study : int
        The study's number in it.
    plan : Plan
    facts : Facts
        As in `KeptStudy`.
    run : str
        Who started the worker; it ends when that asks it to, or is gone.
    lease_seconds : float
        How long a claim holds without being renewed.
    table : StudyTable
    """

    address: str = field(repr=False)  # which may hold a password
    study: int
    plan: Plan
    facts: Facts
    run: str
    lease_seconds: float
    table: StudyTable


def work(assignment: Assignment) -> int:
    """Do fits until none is left, or the worker is asked to end.

    Returns
    -------
    int
        How many it did.
    """
    database = Database(assignment.address)
    kept = KeptStudy(database, assignment.study, assignment.plan, assignment.facts)
    owner = f"{assignment.run}/{socket.gethostname()[:64]}/{os.getpid()}/{uuid.uuid4().hex[:12]}"
    leases = Leases(database, assignment.study, owner, assignment.lease_seconds)
    plan = kept.plan
    splits = assignment.table.splits(plan.folds, plan.repeats, plan.seed)
    folds = FoldCache(assignment.table, splits, plan.seed, plan.like_fit, kept.keep_columns)
    n_done = 0
    pause = 0.02
    try:
        with (
            handling(signal.SIG_IGN, [signal.SIGINT]),  # it reaches all processes of a terminal
            _Pulse(leases, assignment.run) as pulse,
            handling(pulse.end, ENDING),
        ):
            while not pulse.stopped:
                claim = leases.claim()
                if claim is not None:
                    n_done += _do(claim, kept, leases, folds, pulse)
                    pause = 0.02
                elif advance(kept):
                    if kept.is_finished():
                        break
                else:
                    time.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
    finally:
        database.close()
    return n_done


def _do(claim: Claim, kept: KeptStudy, leases: Leases, folds: FoldCache, pulse: _Pulse) -> bool:
    """Do one fit; whether it was done."""
    plan = kept.plan
    with pulse.holding(claim):
        try:
            fold = folds.sample(claim.split, claim.share)
            if claim.configuration is None:
                return leases.finish(claim, *fit_trees(fold, plan))
            configuration = plan.configurations[claim.configuration]
            return leases.finish(claim, fit_one(fold, configuration, plan, claim.split, pulse))
        except TrainingDiverged as error:
            leases.fail(claim, f"{DIVERGED}{error}", for_good=True)  # it would again, to the bit
        except Interrupted:
            leases.release(claim)
        except (StudyError, KeyboardInterrupt, SystemExit):
            # Not this fit's doing: another worker may manage it.
            with suppress(StudyError):
                leases.release(claim)
            raise
        except Exception as error:  # noqa: BLE001  out of memory, say: others are to be done still
            said = hide_secrets(f"{type(error).__name__}: {error}", kept.database.address)
            leases.fail(claim, said)
    return False


class _Pulse:
    """A thread that renews the worker's claim while it works, and looks whether it is to end.

    True where the fit under way is to end: the worker was asked to, or lost its claim.
    """

    def __init__(self, leases: Leases, run: str) -> None:
        self.leases, self.run = leases, run
        self.stopped = False
        self._claim: Claim | None = None
        self._lost = False
        self._renewed = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __bool__(self) -> bool:
        return self.stopped or self._lost

    @contextmanager
    def holding(self, claim: Claim) -> Iterator[None]:
        """Renew a claim while the block runs."""
        self._lost, self._renewed, self._claim = False, time.monotonic(), claim
        try:
            yield
        finally:
            self._claim = None

    def end(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal that ends the worker: its claim goes back, for others to do."""
        self.stopped = True

    def _beat(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            try:
                self.stopped = self.stopped or self.leases.is_to_stop(self.run)
                claim, due = self._claim, self._renewed + self.leases.seconds / 4
                if claim is not None and time.monotonic() > due:
                    self._renewed = time.monotonic()
                    if not self.leases.renew(claim) and claim is self._claim:
                        self._lost = True
            except StudyError:
                continue  # what the worker writes next meets the same, and says so

    def __enter__(self) -> _Pulse:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(timeout=self.leases.seconds)
