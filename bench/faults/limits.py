"""What a machine may lack: room on the disk, rights, a home, memory, threads.

What is asked of every command: it does its work, or says in one line why not and ends with 1; the
old file is as it was or the new one is whole; nothing else is left behind.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from faults.fits import predictions, write_rows
from faults.forked import Child, await_single_thread, command, name_arrows_threads
from faults.pool import Outcome

LONGEST = 300.0

_GIB = 1 << 30
_QUICK = ["--hidden", "4", "--epochs", "3", "--repeats", "1", "--folds", "3"]
COMMANDS: dict[str, list[str]] = {
    "fit": ["fit", "rows.csv", "-t", "price", "-o", "new.layerwise", *_QUICK],
    "predict": ["predict", "m.layerwise", "rows.csv", "-o", "new.csv"],
    "export": ["export", "m.layerwise", "--weights", "-o", "new.safetensors"],
    "draw": ["draw", "m.layerwise", "-o", "new.svg"],
    "explain": ["explain", "m.layerwise", "rows.csv", "-o", "row.html"],
    "study": [
        *["study", "rows.csv", "-t", "price", "-o", "new.layerwise", "--report", "new.html"],
        *["--database", "new.db", "--depth", "0,1", "--width", "2", "--activation", "relu"],
        *["--folds", "2", "--seeds", "1", "--epochs", "2", "--workers", "1", "--no-trees"],
    ],
}  # fmt: skip
# Bytes that a file may have at most: nothing, then ever more, to the size of the largest.
_SIZES = (0, *(step << k for k in range(9, 21) for step in (2, 3)))
_OLD = b"what stood here before"
# What ends before it is whole may be left, to go on from.
_GOING_ON = ("new.layerwise.training", "new.db", "new.db-wal", "new.db-shm", "new.db-journal")


def _cases() -> list[tuple[str, str, int]]:
    """(command, what is lacking, how much there is); last those with a process of their own."""
    full = [(name, "room on the disk", size) for size in _SIZES for name in COMMANDS]
    rights = [(name, "a folder to write to", 0) for name in COMMANDS]
    homes = [(name, "a home and a name", 0) for name in COMMANDS]
    threads = [(name, "more than 64 threads", 64) for name in COMMANDS]
    memory = [(name, "address space", gib) for gib in (2, 3, 4, 6, 8) for name in COMMANDS]
    return [*full, *rights, *homes, *threads, *memory]


CASES = _cases()


def prepare(folder: Path) -> None:
    """Write the rows."""
    write_rows(folder / "rows.csv", seed=0)


def open_part(folder: Path, seed: int) -> _Limits:
    """Run each command once, in this process, so that its forks find everything there."""
    return _Limits(folder)


class _Limits:
    def __init__(self, folder: Path) -> None:
        # Not below what is only the user's own: some cases are of another one.
        self.scratch = tempfile.TemporaryDirectory(dir=folder)
        self.place, made = Path(self.scratch.name) / "case", Path(self.scratch.name) / "made"
        self.made = made
        made.mkdir()
        shutil.copy(folder / "rows.csv", made)
        os.chdir(made)
        name_arrows_threads()
        from layerwise.study.database import Database

        # A study waits for minutes for a disk to have room again; here it never will.
        assert Database.transact.__kwdefaults__
        Database.transact.__kwdefaults__["patience"] = 0.5
        command([*COMMANDS["fit"][:-8], *_QUICK])
        (made / "new.layerwise").rename(made / "m.layerwise")
        self.wanted = {}
        for name, arguments in COMMANDS.items():
            code = command(arguments)
            assert code == 0, f"{name} ended with {code}"
        self.outputs = {name: _outputs(name) for name in COMMANDS}
        for path in made.glob("new.*.layerwise"):
            self.wanted[path.name] = predictions(path, made / "rows.csv")
        await_single_thread()

    def run(self, number: int) -> Outcome:
        name, lacking, amount = CASES[number]
        self._set_up(name)
        limit = _limits(lacking, amount, self.place)
        is_forked = lacking in ("room on the disk", "a folder to write to")
        try:
            run = self._forked if is_forked else self._fresh
            code, said = run(COMMANDS[name], limit)
        finally:
            self.place.chmod(0o755)
        subject = f"{name}, without {lacking}"
        how = f"{amount:,}" if amount else "none"
        wrong = self._wrong(name, code, said)
        if wrong:
            said = " ".join(said.split())[-300:]
            return Outcome(number, subject, how, "lost", f"{wrong}: {said}")
        verdict = "done" if code == 0 else "refused"
        return Outcome(number, subject, how, verdict, said.strip().rpartition("\n")[2][:300])

    def _set_up(self, name: str) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        for given in ("rows.csv", "m.layerwise"):
            shutil.copy(self.made / given, self.place)
        for output in _outputs(name):
            (self.place / output).write_bytes(_OLD)

    def _forked(self, arguments: list[str], limit: Callable[[], None]) -> tuple[int, str]:
        child = Child(arguments, self.place, limit)
        return child.wait()[0], child.said()

    def _fresh(self, arguments: list[str], limit: Callable[[], None]) -> tuple[int, str]:
        """In a process of its own, since what it lacks matters most while it begins."""
        script = "from layerwise.cli import main; main()"
        environment = {
            name: value for name, value in os.environ.items() if name not in ("HOME", "USER")
        }
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=self.place, env=environment, preexec_fn=limit, check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode, done.stdout

    def _wrong(self, name: str, code: int, said: str) -> str:
        """What is not as it should be."""
        if code < 0:
            return f"it crashed, {signal.Signals(-code).name}"
        if code not in (0, 1) or "Traceback" in said:
            return f"it ended with {code} and a traceback"
        if code == 1 and not any(line.startswith("layerwise: ") for line in said.splitlines()):
            return "it ended with 1 and did not say why"
        for output in _outputs(name):
            path = self.place / output
            if not path.exists():
                return f"{output}, which was there before, is gone"
            content = path.read_bytes()
            if content == _OLD:
                if code == 0:
                    return f"it ended with 0 and did not write {output}"
            elif not self._is_whole(path):
                return f"{output} is neither as it was nor whole"
        known = {"rows.csv", "m.layerwise", *_outputs(name), *_GOING_ON}
        left = {path.name for path in self.place.iterdir()} - known
        return f"it left {', '.join(sorted(left))}" if left else ""

    def _is_whole(self, path: Path) -> bool:
        """Whether a file is what an undisturbed command writes."""
        if path.suffix == ".layerwise":
            try:
                predictions(path, self.place / "rows.csv")
            except ValueError:
                return False
            return True
        content = path.read_bytes().strip()
        whole = (self.made / path.name).read_bytes().strip()
        if path.suffix in (".html", ".svg"):
            return content.endswith(whole[-6:]) and len(content) > 0.9 * len(whole)
        return content == whole


def _outputs(name: str) -> tuple[str, ...]:
    if name == "fit":
        return "new.layerwise", "new.report.html"
    if name == "study":
        return "new.layerwise", "new.html"
    return (COMMANDS[name][-1],)


def _limits(lacking: str, amount: int, place: Path) -> Callable[[], None]:
    """What makes a process lack it."""

    def nameless() -> None:
        # Another user by name, this one by what its files belong to, and with no other rights.
        if os.getuid() == 0:
            os.setresuid(12345, 0, 0)
        _give_up_rights()

    def limit() -> None:
        match lacking:
            case "room on the disk":
                resource.setrlimit(resource.RLIMIT_FSIZE, (amount, amount))
            case "a folder to write to":
                place.chmod(0o555)
                _give_up_rights()
            case "a home and a name":
                nameless()
            case "more than 64 threads":
                nameless()
                resource.setrlimit(resource.RLIMIT_NPROC, (amount, amount))
            case "address space":
                resource.setrlimit(resource.RLIMIT_AS, (amount * _GIB, amount * _GIB))

    return limit


def _give_up_rights() -> None:
    """Have the system ask what a file allows, of the superuser too; Linux calls it capset."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")
