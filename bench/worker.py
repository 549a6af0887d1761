"""Everyone is measured in a process of their own, and only one of them works at a time.

A process is needed because thread counts of JAX, OpenMP and BLAS are settled at its start.
It stays alive and answers one request at a time over a pipe, so that rounds interleave
without anybody starting anew. Between two requests the parent waits until the last process
has gone quiet: thread pools spin for a while after their work, and would slow the next one.

Run as a script, this file is such a process: `python worker.py '{"peer": "torch", ...}'`.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from timing import Run, calibrated, fastest, per_unit

Key = TypeVar("Key")

QUIET_SHARE = 0.05
QUIET_WITHIN_S = 2.0


@dataclass(frozen=True)
class Subject:
    """Someone to measure: a library, its thread count (None: its own choice), its settings."""

    label: str
    peer: str
    threads: int | None
    pinned: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


class WorkerError(RuntimeError):
    """The process could not do what it was asked; the message is its traceback."""


class Worker:
    """The parent's end of one process."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), json.dumps(asdict(subject))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | subject.env,
            text=True,
        )

    def ask(self, request: str, **arguments: Any) -> Any:
        """Have the process do something, and wait for its answer and for its silence."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(json.dumps([request, arguments]) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError(f"{self.subject.label} ended with code {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.subject.label}:\n{answer['error']}")
        wait_until_quiet(self._process.pid)
        return answer["result"]

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def wait_until_quiet(pid: int) -> None:
    """Return once the process has stopped using the processor (Linux; elsewhere a pause)."""
    if not Path(f"/proc/{pid}/task").exists():
        time.sleep(0.25)
        return
    window = 0.004
    deadline = time.monotonic() + QUIET_WITHIN_S
    before = _cpu_seconds(pid)
    while time.monotonic() < deadline:
        time.sleep(window)
        now = _cpu_seconds(pid)
        if now - before < QUIET_SHARE * window:
            return
        before = now


def _cpu_seconds(pid: int) -> float:
    """Processor time of all threads so far; schedstat counts in nanoseconds."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total * 1e-9


def interleave(turns: Mapping[Key, Callable[[], float]], rounds: int) -> dict[Key, list[float]]:
    """What everyone's turn gave in every round; each round starts with another one."""
    labels = list(turns)
    times: dict[Key, list[float]] = {label: [] for label in labels}
    for number in range(rounds):
        start = number % max(1, len(labels))
        for label in [*labels[start:], *labels[:start]]:
            times[label].append(turns[label]())
    return times


class _Bench:
    """The child's end: holds prepared pieces of work by name, and repeats them on request."""

    def __init__(self, subject: Subject) -> None:
        self._peer = importlib.import_module(f"peers.{subject.peer}_peer")
        self._peer.use_threads(subject.threads)
        self._prepared: dict[str, tuple[Run, int]] = {}

    def prepare(
        self, task: str, seconds: float, name: str = "", **arguments: Any
    ) -> dict[str, Any]:
        """Build the work, choose the fastest way of doing it, find the repeats of a round."""
        way, run = fastest(getattr(self._peer, task)(**arguments), min(seconds, 0.1))
        repeats = calibrated(run, seconds)
        self._prepared[name] = run, repeats
        return {"way": way, "repeats": repeats}

    def round(self, name: str = "") -> float:
        """Seconds per unit of one round."""
        run, repeats = self._prepared[name]
        return per_unit(run(repeats))

    def forget(self) -> None:
        """Let go of all prepared work and its data."""
        self._prepared.clear()

    def call(self, function: str, **arguments: Any) -> Any:
        """Call any other function of the peer."""
        return getattr(self._peer, function)(**arguments)


def _die_with_parent() -> None:
    """A killed benchmark must leave no process behind (Linux)."""
    if sys.platform == "linux":
        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def _serve(subject: Subject) -> None:
    _die_with_parent()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints must not reach the pipe
    if subject.pinned and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: subject.threads])
    bench: _Bench | None = None
    for line in sys.stdin:
        request, arguments = json.loads(line)
        try:
            bench = bench or _Bench(subject)
            answer = {"result": getattr(bench, request)(**arguments)}
        except Exception:  # noqa: BLE001  whatever it is, the parent is told
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve(Subject(**json.loads(sys.argv[1])))
