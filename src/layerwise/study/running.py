"""A study under way: workers started and watched, until all is done, time is over, or Ctrl-C."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from layerwise.signals import catch_interrupt
from layerwise.study import leases
from layerwise.study.backends import Workers
from layerwise.study.results import StudyError, StudyResults
from layerwise.study.stored_study import KeptStudy, Progress
from layerwise.study.study_table import StudyTable
from layerwise.study.worker import Assignment, work
from layerwise.training.time_limit import NEVER, Deadline

_LOOK_SECONDS = 0.25
_SECONDS_TO_END = 2.0  # for workers that were asked to
_MOST_STARTS = 4  # of workers of which one was killed
OnProgress = Callable[[Progress], None]


def run_study(
    kept: KeptStudy,
    table: StudyTable,
    workers: Workers,
    *,
    deadline: Deadline = NEVER,
    on_progress: OnProgress | None = None,
) -> StudyResults:
    """Do what is left of a study.

    Parameters
    ----------
    kept : KeptStudy
    table : StudyTable
    workers : Workers
    deadline : Deadline
        When they are asked to end. What then takes more than 2 seconds, such as trees that grow,
        or has not begun, is ended, or left behind where it cannot be.
    on_progress : callable or None
        Called now and then as on_progress(progress).

    Returns
    -------
    StudyResults
        What was found; after Ctrl-C or the time limit, what was found so far.
    """
    if kept.is_finished():
        return kept.results()
    run = uuid.uuid4().hex
    seconds = leases.LEASE_SECONDS
    kept.begin_run(run, seconds)
    argument = Assignment(
        kept.database.address, kept.number, kept.plan, kept.facts, run, seconds, table
    )
    stopped = ""
    to_end = math.inf  # when workers that were asked to end are ended
    with catch_interrupt() as interrupt:
        watched = _Watched(kept, run, lambda: workers(work, argument))
        try:
            seen = time.monotonic()
            while watched.are_there(_LOOK_SECONDS):
                if not stopped and (interrupt or deadline.is_over):
                    stopped = "interrupted" if interrupt else "time limit"
                    watched.restarts = False
                    kept.stop_run(run)
                    # Where no fit is under way, there is nothing to give back.
                    given = _SECONDS_TO_END if kept.progress().running else 0.0
                    to_end = time.monotonic() + given
                if time.monotonic() > to_end:
                    workers.kill()
                    watched.are_there(_SECONDS_TO_END if workers.are_processes_here else 0.0)
                    kept.release_run(run)
                    break
                if time.monotonic() - seen > seconds / 4:
                    seen = time.monotonic()
                    kept.keep_run(run, seconds)
                if on_progress is not None:
                    on_progress(kept.progress())
            if watched.error is not None and not stopped:
                raise watched.error
            kept.stop_run(run)
        except BaseException:
            workers.kill()
            with suppress(StudyError):
                kept.stop_run(run)
                kept.release_run(run)
            raise
    if on_progress is not None:
        on_progress(kept.progress())
    results = kept.results(stopped)
    return replace(results, stopped="") if kept.is_finished() else results


@dataclass
class _Watched:
    """Workers that were started together, and again if one of them was killed."""

    kept: KeptStudy
    run: str
    start: Callable[[], int]
    restarts: bool = True
    error: BaseException | None = None
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def are_there(self, seconds: float) -> bool:
        """Wait for a moment; whether they work on."""
        self._thread.join(seconds)
        return self._thread.is_alive()

    def _run(self) -> None:
        n_starts = 1
        while True:
            self.error = None
            try:
                n_done = self.start()
                if not self.restarts or self.kept.is_finished():
                    return
                # They took this process to be gone, as after the machine has slept.
                self.kept.keep_run(self.run, leases.LEASE_SECONDS)
                n_starts = 1 if n_done else n_starts + 1
                if n_starts > _MOST_STARTS:
                    raise StudyError(
                        "workers end without doing a fit; what is done is kept: go on with --resume"
                    )
            except Exception as error:  # noqa: BLE001  raised by the main thread
                self.error = error
                if not _was_killed(error):
                    return
                if _ends_all(error):
                    self.kept.release_run(self.run)
                n_starts += 1
                if not self.restarts or n_starts > _MOST_STARTS:
                    self.error = StudyError(
                        f"workers were killed {n_starts - 1} times (out of memory?); fits that are "
                        "done are kept: go on with --resume and fewer --workers"
                    )
                    return


def _was_killed(error: Exception) -> bool:
    """Whether a worker's process ended without a word."""
    return _ends_all(error) or type(error).__name__ == "KilledWorker"  # Dask's


def _ends_all(error: Exception) -> bool:
    """Whether the processes of all workers have ended: joblib's end together."""
    return type(error).__name__ in {"TerminatedWorkerError", "BrokenProcessPool"}
