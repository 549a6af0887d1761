"""What both measurements of accuracy do: each fit that is not there yet, and the screen's head."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import machine
from parts.common import progress
from rich.console import Console

from accuracy.models import MODELS, Model
from accuracy.process import ProcessError, ask
from accuracy.results import Result, Results
from accuracy.summary import Summary
from accuracy.tables import Table


def words(text: str) -> list[str]:
    """Names with commas between them, as the command line has them."""
    return text.split(",")


def headed_console(about: dict[str, Any]) -> Console:
    """Where the result is shown, under a line on the machine; wide where it is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200)
    console.print(machine.headline(about))
    return console


@contextmanager
def opened(file: Path | None, usual: Path, *, smoke: bool) -> Iterator[Results]:
    """The results in a file; of a smoke, whose are worth nothing, in one that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        results = Results(file or (Path(folder) / usual.name if smoke else usual))
        if results.unreadable:
            progress(f"{results.path}: {results.unreadable} lines cannot be read and do not count")
        yield results


def fit_all(
    fits: Sequence[tuple[int, Table, Model]],
    folder: Path | None,
    results: Results,
    is_again: Callable[[Model, Result], bool] = lambda model, result: False,
) -> list[str]:
    """Do every fit, of a seed, a table and a model, that is not there; which ones failed."""
    failed = []
    for number, (seed, table, model) in enumerate(fits, 1):
        there = results.find(model.name, model.version(), table, seed)
        if there is not None and not is_again(model, there):
            continue
        what = f"{model.name} on {table.name}, seed {seed}"
        request = {"model": model.name, "table": table.name, "seed": seed, "added": table.added}
        request["folder"] = None if folder is None else str(folder.resolve())
        try:
            result = ask("accuracy.one_fit", **request)
        except ProcessError as error:
            failed.append(what)
            progress(f"{number}/{len(fits)} {what}: {error}")
            continue
        results.add(result)
        seconds = f"{result['fit_seconds']:.2f} s"
        progress(f"{number}/{len(fits)} {what}: {result['score']:.4f}, {seconds}")
    return failed


def print_versions(summary: Summary, console: Console) -> list[str]:
    """Print of which version each model's fits are; returns the models' names."""
    fitted = {fit["model"]: fit["version"] for fit in summary.fits.values()}
    shown = [name for name in MODELS if name in fitted]
    console.print("; ".join(f"{name}: {fitted[name]}" for name in shown))
    return shown
