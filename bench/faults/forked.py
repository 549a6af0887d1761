"""Commands in forks of a process that has imported and compiled everything: none pays for it."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

import pyarrow as pa
from pyarrow import csv as pa_csv

_PATIENCE = 20.0
_PIPE_SIZE = 1 << 20
_TRACEBACK = 70  # an exit code that the command has not
_SET_PIPE_SIZE = 1031  # Linux's F_SETPIPE_SZ
_ARROW = "arrow"
_TASKS = Path("/proc/self/task")


class Child:
    """A command in a fork of this process."""

    def __init__(
        self, arguments: Sequence[str], folder: Path, before: Callable[[], None] = lambda: None
    ) -> None:
        self._ended: tuple[int, float] | None = None
        # A pipe, which no limit on files holds for.
        self.output, theirs = os.pipe()
        if sys.platform == "linux":
            fcntl.fcntl(theirs, _SET_PIPE_SIZE, _PIPE_SIZE)
        self.process = os.fork()
        if self.process == 0:
            code = _TRACEBACK
            try:
                os.dup2(theirs, 1)
                os.dup2(theirs, 2)
                # Python's own streams are still of what stood there before.
                sys.stdout, sys.stderr = map(_stream, (1, 2))
                os.chdir(folder)
                before()
                code = command(arguments)
                sys.stdout.flush()
            except BaseException:  # noqa: BLE001
                os.write(2, traceback.format_exc().encode())
            finally:
                os._exit(code)
        os.close(theirs)
        os.set_blocking(self.output, False)

    def __del__(self) -> None:
        os.close(self.output)

    def kill_at(self, seconds: float) -> bool:
        """Kill it once it has had so many seconds of the processor; False if it ended before."""
        started = time.monotonic()
        while (used := self._used(started)) < seconds:
            if os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return False
            time.sleep(min(0.002, seconds - used))
        os.kill(self.process, signal.SIGKILL)
        return self.wait()[0] == -signal.SIGKILL  # it may have ended just before

    def _used(self, started: float) -> float:
        if sys.platform != "linux":
            return time.monotonic() - started
        with contextlib.suppress(OSError):
            # The clock of another process's time, as clock_getcpuclockid makes its number.
            return time.clock_gettime((~self.process << 3) | 2)
        return 0.0

    def wait(self) -> tuple[int, float]:
        """Its exit code, and the seconds of the processor that it took."""
        if self._ended is None:
            _, status, usage = os.wait4(self.process, 0)
            self._ended = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        return self._ended

    def said(self) -> str:
        """What it wrote, to standard output or error."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self.output, _PIPE_SIZE).decode(errors="replace")
        return ""


def _stream(descriptor: int) -> TextIO:
    return os.fdopen(descriptor, "w", closefd=False)


def command(arguments: Sequence[str]) -> int:
    """Run `layerwise` in this process."""
    from layerwise.cli import main

    sys.argv = ["layerwise", *arguments]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def name_arrows_threads() -> None:
    """Start the threads by which Arrow reads files, and name them: Arrow begins anew in a fork."""
    if not _TASKS.exists():
        return
    pa.set_io_thread_count(1)
    pa.set_cpu_count(1)
    before = set(_TASKS.iterdir())
    pa_csv.open_csv(pa.py_buffer(b"a\n1\n"), pa_csv.ReadOptions(use_threads=False)).read_all()
    for task in set(_TASKS.iterdir()) - before:
        (task / "comm").write_text(_ARROW)


def await_single_thread() -> None:
    """Threads end with what they worked for; any that did not would be missing in a fork."""
    gc.collect()
    if not (child := os.fork()):  # what stops itself before a fork, as DuckDB, stops now
        os._exit(0)
    os.waitpid(child, 0)
    deadline = time.monotonic() + _PATIENCE
    while others := _other_threads():
        if time.monotonic() > deadline:
            raise RuntimeError(f"threads go on, and a fork would lack them: {others}")
        time.sleep(0.05)


def _other_threads() -> list[str]:
    """Threads of this process beside the first and Arrow's own."""
    if not _TASKS.exists():
        return []
    names = []
    for task in _TASKS.iterdir():
        if task.name != str(os.getpid()):
            with contextlib.suppress(OSError):  # it has just ended
                names.append((task / "comm").read_text().strip())
    return [name for name in names if not name.startswith(("jemalloc", _ARROW))]
