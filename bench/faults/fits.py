"""`layerwise fit` killed at any moment, and gone on with until it ends.

A worker imports all of Layerwise once, and each run is a fork of it: none pays for imports.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from faults.forked import Child, await_single_thread, command, name_arrows_threads
from faults.pool import Outcome

LONGEST = 300.0
"""Seconds for a case: some runs one after the other."""

_ROWS = 60
_OUTPUT, _REPORT, _KEPT = "m.layerwise", "m.report.html", "m.layerwise.training"
_SETTINGS = ["--hidden", "4", "--epochs", "8", "--repeats", "1", "--folds", "3"]
_FIT = ["fit", "rows.csv", "--target", "price", "-o", _OUTPUT, *_SETTINGS]
_GO_ON = ["fit", "more.csv", "--continue", "start.layerwise", "-o", _OUTPUT, "--epochs", "8"]
_ONTO_ITSELF = ["fit", "more.csv", "--continue", _OUTPUT, "-o", _OUTPUT, "--epochs", "8"]
_CONTINUED_EVERY = 11
_KILLED_AGAIN = 0.3
_MOST_KILLS = 4


def prepare(folder: Path) -> None:
    """Write the rows."""
    write_rows(folder / "rows.csv", seed=0)
    write_rows(folder / "more.csv", seed=1)


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
        name_arrows_threads()
        command([*_FIT, "--seed", "1"])
        await_single_thread()
        (self.made / _OUTPUT).rename(self.made / "old")
        self.whole = {"fit": self._undisturbed(_FIT)}
        self.wanted = {"fit": predictions(self.made / _OUTPUT, self.made / "rows.csv")}
        (self.made / _OUTPUT).rename(self.made / "start.layerwise")
        self.whole["fit --continue"] = self._undisturbed(_GO_ON)
        self.wanted["fit --continue"] = predictions(self.made / _OUTPUT, self.made / "rows.csv")

    def _undisturbed(self, arguments: Sequence[str]) -> float:
        """Run to the end; seconds of the processor."""
        child = Child(arguments, self.made)
        code, seconds = child.wait()
        assert code == 0, f"{arguments} ended with {code}: {child.said()[-200:]}"
        return seconds

    def run(self, number: int) -> Outcome:
        rng = np.random.default_rng([self.seed, number])
        what = "fit --continue" if number % _CONTINUED_EVERY == 0 else "fit"
        onto_itself = what != "fit" and bool(rng.random() < 0.5)
        arguments = _ONTO_ITSELF if onto_itself else _FIT if what == "fit" else _GO_ON
        self.old = (self.made / ("start.layerwise" if onto_itself else "old")).read_bytes()
        has_old = onto_itself or bool(rng.random() < 0.5)
        self._set_up(has_old)
        phase, subject = "", what
        for kills in range(_MOST_KILLS + 1):
            child = Child(arguments, self.place)
            # The last of them runs to its end.
            again = kills == 0 or rng.random() < _KILLED_AGAIN
            moment = float(rng.random()) * self.whole[what] * 1.02
            if not (again and kills < _MOST_KILLS and child.kill_at(moment)):
                break
            phase = phase or self._phase()
            subject = f"{what}{' onto itself' if onto_itself else ''}, {phase}"
            if wrong := self._output_is_wrong(what, has_old):
                return Outcome(number, subject, "killed", "lost", wrong)
            arguments = [*arguments, "--resume"] if kills == 0 else arguments
        code, _ = child.wait()
        if code != 0:
            return Outcome(
                number, subject, "killed", "lost", f"ended with {code}: {child.said()[-200:]}"
            )
        if not (self.place / _REPORT).exists():
            return Outcome(number, subject, "killed", "lost", "there is no report")
        if self._is_other(what):
            return Outcome(number, subject, "killed", "lost", "the model predicts something else")
        if (self.place / _KEPT).exists():
            return Outcome(number, subject, "killed", "lost", f"{_KEPT} is left")
        return Outcome(number, subject, "killed", "resumed" if phase else "late")

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
            found = predictions(self.place / _OUTPUT, self.place / "rows.csv")
        except ValueError:
            return True
        return found != self.wanted[what]


def predictions(model: Path, table: Path) -> bytes:
    from layerwise.store import load
    from layerwise.tables.reading import read_table

    loaded: Any = load(model)
    prepared = loaded.prepare(read_table(table).data)
    return loaded.outputs(prepared.x, prepared.codes).tobytes()  # type: ignore[no-any-return]


def write_rows(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = ["rooms,area,town,price"]
    for _ in range(_ROWS):
        rooms, area = int(rng.integers(1, 9)), float(rng.gamma(5, 15))
        town = str(rng.choice(["Seoul", "Busan", "Jeju"]))
        lines.append(f"{rooms},{area:.1f},{town},{10 * rooms + area + 5 * len(town):.2f}")
    path.write_text("\n".join(lines) + "\n")
