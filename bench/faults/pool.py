"""Cases of a part, each tried in a worker that may crash, hang or ask for too much memory."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Protocol

LONGEST = 10.0
"""Seconds of the processor after which a case counts as hanging, or six times as many in all.

A module may name its own."""

MOST_MEMORY = 1 << 30
"""Bytes that a case may take over what the undamaged ones took."""

_START = 600.0
# What is no fault: a file was read, read as something else where its format cannot tell, or refused
# as is documented; a fit that was killed came to its end, or was not killed in time.
RIGHT = ("done", "read", "changed", "refused", "resumed", "late")
# A worker has one thread, so that others can work beside it, and so that it can be forked.
_SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Outcome:
    """What came of a case.

    Attributes
    ----------
    number : int
    subject, damage : str
        What was damaged, and how.
    verdict : str
        One of `RIGHT`, or a fault: "traceback", "crash", "hang", "memory", "silent", "lost".
    said : str
        The message, or what is wrong.
    kept : str
        Where the failing input was put.
    """

    number: int
    subject: str
    damage: str
    verdict: str
    said: str = ""
    kept: str = ""

    @property
    def is_fault(self) -> bool:
        return self.verdict not in RIGHT


class Part(Protocol):
    """What the function `open_part` of a module of this folder gives, in each worker.

    Before, `prepare` of the module makes what all of them need; `keep`, where there is one, puts
    the input of a case that failed into a folder, and returns its subject and what was done to it.
    """

    def run(self, number: int) -> Outcome:
        """Try a case; it depends on the seed and its number alone."""


def run(
    module: str, folder: Path, seed: int, numbers: Iterable[int], n_workers: int
) -> Iterator[Outcome]:
    """Try the cases, as many at once as there are workers; outcomes come as they come."""
    os.environ |= dict.fromkeys(_SINGLE, "1")
    waiting = iter(numbers)
    workers = [_Worker(module, folder, seed) for _ in range(n_workers)]
    again: list[int] = []
    try:
        busy = {worker for worker in workers if worker.take(waiting, again)}
        while busy:
            wait([worker.pipe for worker in busy], timeout=0.5)
            for worker in list(busy):
                outcome = worker.outcome()
                if outcome is None:
                    continue
                # On a busy machine a case may be late once; it hangs if it does so twice.
                if outcome.verdict == "hang" and outcome.number not in again:
                    again.append(outcome.number)
                    waiting = _first(outcome.number, waiting)
                else:
                    yield outcome
                if not worker.take(waiting, again):
                    busy.discard(worker)
    finally:
        for worker in workers:
            worker.close()


def _first(number: int, rest: Iterator[int]) -> Iterator[int]:
    yield number
    yield from rest


class _Worker:
    """A process that tries one case after the other, and is replaced when it dies."""

    def __init__(self, module: str, folder: Path, seed: int) -> None:
        self.arguments = (module, str(folder), seed)
        self.longest = getattr(import_module(f"faults.{module}"), "LONGEST", LONGEST)
        self.number: int | None = None
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, *self.arguments), daemon=True)
        self.process.start()
        theirs.close()
        self.is_ready = False
        self.began, self.used = time.monotonic(), 0.0

    def take(self, numbers: Iterator[int], again: list[int]) -> bool:
        """Begin with the next case, if there is one."""
        self.number = next(numbers, None)
        if self.number is None:
            return False
        if self.is_ready:
            self._ask()
        return True

    def _ask(self) -> None:
        self.began, self.used = time.monotonic(), _processor_seconds(self.process.pid)
        self.pipe.send(self.number)

    def outcome(self) -> Outcome | None:
        """What came of the case, if something has."""
        assert self.number is not None
        try:
            if self.pipe.poll():
                answer = self.pipe.recv()
                if not self.is_ready:
                    if answer:
                        raise RuntimeError(f"a worker could not begin:\n{answer}")
                    self.is_ready = True
                    self._ask()
                    return None
                outcome = Outcome(**answer)
                if outcome.verdict == "memory":
                    self._restart()  # its peak is no measure any more
                return outcome
        except (EOFError, OSError):
            self.process.join()
            code = self.process.exitcode or 0
            self._restart()
            name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            return Outcome(self.number, "", "", "crash", name)
        if self._is_late():
            self._restart()
            return Outcome(self.number, "", "", "hang", f"over {self.longest:g} s")
        return None

    def _is_late(self) -> bool:
        seconds = time.monotonic() - self.began
        if not self.is_ready:
            return seconds > _START
        worked = _processor_seconds(self.process.pid) - self.used
        return worked > self.longest or seconds > 6 * self.longest

    def _restart(self) -> None:
        self.close()
        self._start()

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, module: str, folder: str, seed: int) -> None:
    """In the worker: open the part, then try what is asked for."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        part: Part = import_module(f"faults.{module}").open_part(Path(folder), seed)
    except BaseException:
        pipe.send(traceback.format_exc())
        raise
    usual = _peak()
    pipe.send("")
    while True:
        number = pipe.recv()
        outcome = part.run(number)
        if not outcome.is_fault and _peak() > usual + MOST_MEMORY:
            said = f"{(_peak() - usual) / 2**20:,.0f} MiB more than usual; {outcome.said}"
            outcome = Outcome(number, outcome.subject, outcome.damage, "memory", said)
        pipe.send(asdict(outcome))


def _processor_seconds(process: int | None) -> float:
    """What a process has had of the processor; 0 where that cannot be asked."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak() -> int:
    """Bytes that this process had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
