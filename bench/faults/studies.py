"""kill -9 at random moments of a study with two workers, each gone on with: is anything lost?

    python bench/faults/studies.py --rounds 200 --seed 0

Each round begins a small study in a process of its own, kills, goes on with `resume`, and compares
what was found with an undisturbed study, bit by bit. By turns are killed

- all of its processes, at a moment drawn from the length of an undisturbed study;
- the one that began it, before or after a statement or commit of its database, drawn likewise;
- one of the workers, at a statement or commit: the study is to go on by itself.

What is drawn depends on the seed alone. Printed are the rounds, and of them those in which a fit
that was done was lost or done again ("lost"), in which something else was found ("different"), and
which took longer than ten minutes ("hangs"), or of which a worker was there still 5 seconds after
the one that began it alone was killed ("outlived"). The exit code is 1 where there is any.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import sqlalchemy as sa

from layerwise.study import DepthStudy, StudyError, leases
from layerwise.study.database import FITS, Database
from layerwise.study.study_table import StudyTable

SETTINGS = {
    "depth": [0, 1, 2], "width": [4], "activation": ["tanh"], "folds": 3, "seeds": 2, "epochs": 5,
}  # fmt: skip
LEASE_SECONDS = 2.0  # so that claims of the killed are soon another's
HANG_SECONDS = 600  # far more than any round takes, on however busy a machine
END_SECONDS = 5  # in which workers end after who started them
FAULTS = ("lost", "different", "hangs", "outlived")
VICTIMS = ("all", "beginner", "worker")


@dataclass(frozen=True, eq=False)
class DoomedTable(StudyTable):
    """Rows of a study of which one process ends at an operation of its database."""

    victim: str = ""
    operation: int = 0
    mark: str = ""  # a file that is there once it has ended
    beginner: int = 0

    def splits(self, folds: int, repeats: int, seed: int) -> Any:
        """Split as ever; in a worker, count from here on."""
        if self.victim == "worker" and os.getpid() != self.beginner:
            _end_at(self.operation, self.mark)
        return super().splits(folds, repeats, seed)


def _end_at(operation: int, mark: str) -> None:
    """Kill this process at an operation of its database, counted from now on."""
    numbers = count(1)

    def pass_by(*_: object) -> None:
        if next(numbers) == operation:
            with suppress(FileExistsError):
                os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
                os.kill(os.getpid(), signal.SIGKILL)

    for event in ("before_cursor_execute", "after_cursor_execute", "commit"):
        sa.event.listen(sa.engine.Engine, event, pass_by)


def _found(study: DepthStudy, rows: StudyTable) -> Any:
    results = study.fit_rows(rows).study_
    fits = [{**fit.to_json(), "seconds": 0} for fit in results.fits]
    return json.loads(
        json.dumps(
            {
                "fits": fits,
                "trees": [[*split, score] for split, score in sorted(results.trees.items())],
                "pruned": sorted(results.pruned),
                "failed": sorted(results.failed),
                "recommended": study.recommended_.number,
                "stopped": results.stopped,
            }
        )
    )


def _study(database: Path, **settings: Any) -> tuple[DepthStudy, StudyTable]:
    leases.LEASE_SECONDS = LEASE_SECONDS
    x = np.random.default_rng(0).normal(size=(90, 2))
    study = DepthStudy(**{**SETTINGS, "database": database, "resume": True, **settings})
    return study, study.rows(x, (x**2).sum(axis=1) < 1.2)


def _begin(database: Path, victim: str, operation: int) -> None:
    """The study that is disturbed, in a process of its own."""
    os.setsid()
    if victim == "beginner":
        _end_at(operation, f"{database}.mark")
    study, rows = _study(database, workers=2)
    doomed = DoomedTable(
        **vars(rows), victim=victim, operation=operation, mark=f"{database}.mark",
        beginner=os.getpid(),
    )  # fmt: skip
    found = _found(study, doomed)
    Path(f"{database}.json").write_text(json.dumps(found))
    # Not by way of multiprocessing, which would wait for the workers until they are tired of it.
    os._exit(0)


def _done(database: Path) -> dict[int, str]:
    """What each fit gave that is done; with its seconds, so that it is another if done again."""
    if not database.exists():
        return {}
    opened = Database(str(database))
    query = sa.select(FITS.c.position, FITS.c.result).where(FITS.c.state == "done")
    done = opened.transact(lambda c: {row.position: row.result for row in c.execute(query)})
    opened.close()
    return done


def _kill_group(number: int) -> None:
    for kill in (os.killpg, os.kill):  # it may not have a group of its own yet
        with suppress(ProcessLookupError):
            kill(number, signal.SIGKILL)


def _outlives(number: int) -> bool:
    """Whether a process of a group is there still, some seconds after its first one has ended."""
    end = time.monotonic() + END_SECONDS
    while time.monotonic() < end:
        there = [
            process
            for process in psutil.process_iter(["status"])
            if _group_of(process.pid) == number and process.info["status"] != psutil.STATUS_ZOMBIE
        ]
        if not there:
            return False
        time.sleep(0.1)
    return True


def _group_of(number: int) -> int | None:
    try:
        return os.getpgid(number)
    except ProcessLookupError:
        return None


def run(rounds: int, seed: int) -> dict[str, int]:
    """Disturb so many studies.

    Returns
    -------
    dict
        "rounds", "lost", "different", "hangs", "outlived", and of which kind the rounds were: the
        "victims".
    """
    # Its children have all that is imported from the start: what is timed is the study.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["layerwise.study.depth_study", "layerwise.study.worker", __name__]
    )
    counts = dict.fromkeys(("rounds", *VICTIMS, "struck", *FAULTS), 0)

    def begin(database: Path, victim: str = "", operation: int = 0) -> Any:
        process = context.Process(target=_begin, args=(database, victim, operation))
        process.start()
        return process

    with tempfile.TemporaryDirectory(prefix="layerwise-faults-") as folder:
        undisturbed = _found(*_study(Path(folder) / "undisturbed.db", workers=1))
        for name in ("first", "timed"):  # the first starts the server too
            began = time.monotonic()
            process = begin(Path(folder) / f"{name}.db")
            process.join()
            length = time.monotonic() - began
            _kill_group(process.pid)
        for number in range(rounds):
            random = np.random.default_rng([seed, number])
            victim = VICTIMS[number % len(VICTIMS)]
            moment, operation = random.random(), int(random.integers(1, 90))
            database = Path(folder) / f"{number}.db"
            counts["rounds"] += 1
            counts[victim] += 1
            process = begin(database, victim, operation)
            process.join(moment * length if victim == "all" else HANG_SECONDS)
            is_hanging = victim != "all" and process.exitcode is None
            counts["hangs"] += is_hanging
            if victim == "all" or is_hanging:
                counts["struck"] += process.exitcode is None and not is_hanging
                _kill_group(process.pid)
                process.join()
            else:
                struck = Path(f"{database}.mark").exists()
                counts["struck"] += struck
                counts["outlived"] += victim == "beginner" and struck and _outlives(process.pid)
            if victim == "worker" and not is_hanging:
                answer = Path(f"{database}.json")
                counts["different"] += not (
                    answer.exists() and json.loads(answer.read_text()) == undisturbed
                )
            try:
                before = _done(database)
                found = _found(*_study(database, workers=1, time_limit=HANG_SECONDS))
                after = _done(database)
            except StudyError as error:
                print(f"round {number}, {victim}: {error}", file=sys.stderr)
                counts["lost"] += 1
            else:
                counts["lost"] += any(after[place] != result for place, result in before.items())
                if found["stopped"]:
                    counts["hangs"] += 1
                elif found != undisturbed:
                    print(f"round {number}, {victim}: another result", file=sys.stderr)
                    counts["different"] += 1
            _kill_group(process.pid)  # workers that are left
            print(_in_words(counts), file=sys.stderr, flush=True)
    return counts


def _in_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())


def main() -> None:
    """Print the counts; exit with 1 where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    counts = run(asked.rounds, asked.seed)
    print(_in_words(counts))
    sys.exit(any(counts[fault] for fault in FAULTS))


if __name__ == "__main__":
    import_module(Path(__file__).stem).main()  # so that workers find its classes by their name
