"""`layerwise fit` killed at any moment, and gone on with until it ends.

A worker imports all of Layerwise once, and each run is a fork of it: none pays for imports.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from faults.pool import Outcome

LONGEST = 300.0
"""Seconds for a case: some runs one after the other."""

_ROWS = 60
_OUTPUT, _REPORT, _KEPT = "m.layerwise", "m.report.html", "m.layerwise.training"
_SETTINGS = ["--hidden", "4", "--epochs", "8", "--repeats", "1", "--folds", "3"]
_FIT = ["fit", "rows.csv", "--target", "price", "-o", _OUTPUT, *_SETTINGS]
_GO_ON = ["fit", "more.csv", "--continue", "start.layerwise", "-o", _OUTPUT, "--epochs", "8"]
_CONTINUED_EVERY = 11
_KILLED_AGAIN = 0.3
_MOST_KILLS = 4
_PATIENCE = 20.0


def prepare(folder: Path) -> None:
    """Write the rows."""
    _write(folder / "rows.csv", seed=0)
    _write(folder / "more.csv", seed=1)


def open_part(folder: Path, seed: int) -> _Fits:
    """Fit undisturbed."""
    return _Fits(folder, seed)


class _Fits:
    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.scratch = tempfile.TemporaryDirectory(dir=folder)
        self.made = Path(self.scratch.name) / "made"
        self.place = Path(self.scratch.name) / "case"
        self.made.mkdir()
        for name in ("rows.csv", "more.csv"):
            shutil.copy(folder / name, self.made)
        # Once in this process, so that its forks find everything imported and compiled.
        os.chdir(self.made)
        _command([*_FIT, "--seed", "1"])
        _await_single_thread()
        self.old = (self.made / _OUTPUT).read_bytes()
        self.whole = {"fit": self._undisturbed(_FIT)}
        self.wanted = {"fit": _predictions(self.made / _OUTPUT, self.made / "rows.csv")}
        (self.made / _OUTPUT).rename(self.made / "start.layerwise")
        self.whole["fit --continue"] = self._undisturbed(_GO_ON)
        self.wanted["fit --continue"] = _predictions(
            self.made / _OUTPUT, self.made / "rows.csv"
        )

    def _undisturbed(self, arguments: Sequence[str]) -> float:
        """Run to the end; seconds of the processor."""
        child = _Child(arguments, self.made)
        code, seconds = child.wait()
        assert code == 0, f"{arguments} ended with {code}: {child.said()}"
        return seconds

    def run(self, number: int) -> Outcome:
        rng = np.random.default_rng([self.seed, number])
        what = "fit --continue" if number % _CONTINUED_EVERY == 0 else "fit"
        arguments = [*(_GO_ON if what != "fit" else _FIT)]
        has_old = bool(rng.random() < 0.5)
        self._set_up(has_old)
        phase = ""
        for kills in range(_MOST_KILLS + 1):
            child = _Child(arguments, self.place)
            # The last of them runs to its end.
            again = kills == 0 or rng.random() < _KILLED_AGAIN
            moment = float(rng.random()) * self.whole[what] * 1.02
            if not (again and kills < _MOST_KILLS and child.kill_at(moment)):
                break
            phase = phase or self._phase()
            if wrong := self._output_is_wrong(what, has_old):
                return Outcome(number, f"{what}, {phase}", "killed", "lost", wrong)
            arguments = [*arguments, "--resume"] if kills == 0 else arguments
        code, _ = child.wait()
        subject = f"{what}, {phase or 'not killed'}"
        if code != 0:
            return Outcome(number, subject, "killed", "lost", f"ended with {code}: {child.said()}")
        if not (self.place / _REPORT).exists():
            return Outcome(number, subject, "killed", "lost", "there is no report")
        if self._is_other(what):
            return Outcome(number, subject, "killed", "lost", "the model predicts something else")
        if (self.place / _KEPT).exists():
            return Outcome(number, subject, "killed", "lost", f"{_KEPT} is left")
        return Outcome(number, subject, "killed", "resumed" if phase else "late")

    def keep(self, number: int, folder: Path) -> tuple[str, str]:
        """The case is its number: its moments are drawn from it."""
        return "", ""

    def _set_up(self, has_old: bool) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        for name in ("rows.csv", "more.csv", "start.layerwise"):
            os.link(self.made / name, self.place / name)
        if has_old:
            (self.place / _OUTPUT).write_bytes(self.old)

    def _phase(self) -> str:
        """What the fit was at, from the files that are there."""
        output, kept = self.place / _OUTPUT, self.place / _KEPT
        is_new = output.exists() and output.read_bytes() != self.old
        if kept.exists():
            return "judging" if is_new else "training"
        if not is_new:
            return "reading"
        return "ending" if (self.place / _REPORT).exists() else "reporting"

    def _output_is_wrong(self, what: str, has_old: bool) -> str:
        output = self.place / _OUTPUT
        if not output.exists():
            return "the model that was there is gone" if has_old else ""
        if has_old and output.read_bytes() == self.old:
            return ""
        return "what is there is neither the old model nor the new" if self._is_other(what) else ""

    def _is_other(self, what: str) -> bool:
        try:
            found = _predictions(self.place / _OUTPUT, self.place / "rows.csv")
        except Exception:
            return True
        return found != self.wanted[what]


class _Child:
    """A command in a fork of this process."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        self.log = folder / "said.txt"
        self.process = os.fork()
        if self.process == 0:
            code = 70
            try:
                log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(log, 1)
                os.dup2(log, 2)
                os.chdir(folder)
                code = _command(arguments)
                sys.stdout.flush()
            finally:
                os._exit(code)

    def kill_at(self, seconds: float) -> bool:
        """Kill it once it has had so many seconds of the processor; False if it ended before."""
        started = time.monotonic()
        while (used := self._used(started)) < seconds:
            if os.waitid(os.P_PID, self.process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return False
            time.sleep(min(0.002, seconds - used))
        os.kill(self.process, signal.SIGKILL)
        _, status, _ = os.wait4(self.process, 0)
        return os.WIFSIGNALED(status)

    def _used(self, started: float) -> float:
        if sys.platform != "linux":
            return time.monotonic() - started
        with contextlib.suppress(OSError):
            # The clock of another process's time, as clock_getcpuclockid makes its number.
            return time.clock_gettime((~self.process << 3) | 2)
        return 0.0

    def wait(self) -> tuple[int, float]:
        """Its exit code, and the seconds of the processor that it took."""
        _, status, usage = os.wait4(self.process, 0)
        return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime

    def said(self) -> str:
        """The last it wrote."""
        return " ".join(self.log.read_text("utf-8", "replace").split())[-200:]


def _command(arguments: Sequence[str]) -> int:
    """Run `layerwise` in this process."""
    from layerwise.cli import main

    sys.argv = ["layerwise", *arguments]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _predictions(model: Path, table: Path) -> bytes:
    from layerwise.store import load
    from layerwise.tables.reading import read_table

    loaded: Any = load(model)
    prepared = loaded.prepare(read_table(table).table)
    return loaded.outputs(prepared.x, prepared.codes).tobytes()  # type: ignore[no-any-return]


def _await_single_thread() -> None:
    """Threads end with what they worked for; any that did not would be missing in a fork."""
    gc.collect()
    deadline = time.monotonic() + _PATIENCE
    while others := _other_threads():
        if time.monotonic() > deadline:
            raise RuntimeError(f"threads go on, and a fork would lack them: {others}")
        time.sleep(0.05)


def _other_threads() -> list[str]:
    """Threads of this process beside the first, but for the one that Arrow's memory cleans up by."""
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        return []
    names = []
    for task in tasks.iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            names.append((task / "comm").read_text().strip())
    return [name for name in names[1:] if not name.startswith("jemalloc")]


def _write(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = ["rooms,area,town,price"]
    for _ in range(_ROWS):
        rooms, area = int(rng.integers(1, 9)), float(rng.gamma(5, 15))
        town = str(rng.choice(["Seoul", "Busan", "Jeju"]))
        lines.append(f"{rooms},{area:.1f},{town},{10 * rooms + area + 5 * len(town):.2f}")
    path.write_text("\n".join(lines) + "\n")
