"""`layerwise fit`: from a file and the name of a column to a model, its scores and a report."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from layerwise.cli.fit_result import print_result, result
from layerwise.cli.json_output import print_json
from layerwise.cli.option_values import names
from layerwise.cli.refusals import FAILED, complain

if TYPE_CHECKING:
    from rich.console import Console

    from layerwise.estimators.trial import Trial
    from layerwise.tables.reading import ReadTable
    from layerwise.tables.task import Task

__all__ = ["FitOptions", "run_fit"]


@dataclass
class FitOptions:
    """What was asked for on the command line; names of columns as they were typed."""

    source: str
    targets: list[str]
    output: Path | None
    report: Path | None
    command: str
    as_json: bool = False
    task: str | None = None
    test_file: str | None = None
    test_size: float = 0.2
    time_column: str | None = None
    group_column: str | None = None
    weight_column: str | None = None
    seed: int = 0
    reading: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    go_on: Path | None = None
    resume: bool = False


def run_fit(options: FitOptions) -> None:
    """Train, report and save."""
    from layerwise.cli.console import make_console
    from layerwise.cli.fit_report import report_data
    from layerwise.cli.live import LiveTraining
    from layerwise.cli.use import load_table_model
    from layerwise.cli.words import columns_table, print_findings, unread_lines
    from layerwise.estimators.trial import Trial
    from layerwise.report import write_report
    from layerwise.store import save

    console = make_console()
    if options.as_json:
        console.quiet = True
    output, report = _paths(options)
    read, test = _read(options, console)
    if options.as_json:
        for line in unread_lines(read):
            sys.stderr.write(f"layerwise: {line}\n")
    before = None if options.go_on is None else load_table_model(options.go_on)
    targets, kinds = _named(options, read.table.column_names, is_new=before is None)
    kept = _training_folder(options, output, console)
    saved = False

    def decided(trial: Trial, task: Task) -> None:
        live.score = "accuracy" if task.classes else "R²"
        console.print()
        if before is not None:
            console.print(
                Text(
                    f"{options.go_on} goes on: {len(before.networks_)} networks, and the columns "
                    "as they were when it was first trained"
                )
            )
        console.print(Text(f"{', '.join(task.names)}: {_in_words(task)}"))
        console.print(
            Text(
                f"{len(trial.split.train):,} rows to train on, {len(trial.split.test):,} to test "
                f"with: {trial.split.how} (seed {trial.seed})"
            )
        )
        console.print()
        console.print(columns_table(trial.columns))
        print_findings(console, trial.findings)

    def trained(trial: Trial) -> None:
        nonlocal saved
        trial.model.set_params(on_epoch=None, checkpoint=None)
        # At once, so that nothing that happens from here on can lose it.
        saved = _save(lambda: save(trial.model, output), "the model", output)
        live.say("testing, and comparing with gradient-boosted trees")

    with LiveTraining(sys.stderr.isatty()) as live:
        trial = Trial(
            targets,
            options.task,
            options.test_size,
            options.time_column,
            options.group_column,
            options.weight_column,
            options.seed,
            {**options.settings, **kinds, "on_epoch": live, "checkpoint": kept},
            before,
        ).run(read.table, None if test is None else test.table, decided=decided, trained=trained)
    stopped = trial.model.ensemble_.stopped
    if saved and stopped != "interrupted":
        shutil.rmtree(kept, ignore_errors=True)
    print_result(console, trial)
    rows = read.table.take(trial.split.test) if test is None else test.table
    data = report_data(trial, read, rows, options.command)
    reported = _save(lambda: write_report(data, report), "the report", report)
    console.print()
    if saved:
        console.print(Text(f"model   {output}", overflow="fold"))
    if reported:
        console.print(Text(f"report  {report}", overflow="fold"))
    if kept.exists():
        again = "to save the model" if not saved else "to train to the end"
        console.print(Text(f"kept    {kept}: the same command with --resume goes on {again}"))
    if options.as_json:
        print_json(result(trial, read, output if saved else None, report if reported else None))
    if not (saved and reported):
        raise typer.Exit(FAILED)


def _read(options: FitOptions, console: Console) -> tuple[ReadTable, ReadTable | None]:
    """The table and, where there is a file of them, the test rows."""
    from layerwise.cli.words import print_reading
    from layerwise.tables.reading import read_table

    read = read_table(options.source, **options.reading)
    print_reading(console, read)
    if options.test_file is None:
        return read, None
    of_files = {
        name: value for name, value in options.reading.items() if name not in {"query", "table"}
    }
    test = read_table(options.test_file, **of_files)
    print_reading(console, test)
    return read, test


def _named(
    options: FitOptions, columns: list[str], *, is_new: bool
) -> tuple[list[str], dict[str, list[str]]]:
    """The targets, and the columns whose kind is given."""
    from layerwise.tables.errors import TableError
    from layerwise.tables.names import some_names

    targets = names(options.targets, columns)
    if is_new and not targets:
        raise TableError(
            f"name the column to predict, --target NAME; the columns are {some_names(columns, 40)}"
        )
    return targets, {kind: names(given, columns) for kind, given in options.kinds.items()}


def _training_folder(options: FitOptions, output: Path, console: Console) -> Path:
    """Where what is trained is kept until the model is saved; see --resume."""
    kept = output.with_name(f"{output.name}.training")
    if options.resume and not kept.exists():
        console.print(Text(f"nothing to resume ({kept} does not exist): this begins anew"))
    if not options.resume and kept.exists():
        console.print(
            Text(f"a training that was cut off is begun anew; {kept} is removed (see --resume)")
        )
        shutil.rmtree(kept, ignore_errors=True)
    return kept


def _save(write: Callable[[], Any], what: str, path: Path) -> bool:
    """Write a file; what cannot be written is said, and the rest goes on."""
    from layerwise.store import ModelFileError

    try:
        write()
    except ModelFileError as error:
        complain(str(error), FAILED)
        return False
    except OSError as error:
        old = f"; the file that was there, {path}, is as it was" if path.exists() else ""
        complain(f"{what} could not be written to {path}: {error.strerror or error}{old}", FAILED)
        return False
    return True


def _paths(options: FitOptions) -> tuple[Path, Path]:
    """Where model and report go, made sure of before any time is spent."""
    from layerwise.tables.errors import TableError

    source = options.source
    name = "table" if source == "-" or "://" in source else Path(source).name.split(".")[0]
    if not name or any(sign in name for sign in "*?["):
        name = "table"
    output = options.output or Path(f"{name}.layerwise")
    if output.is_dir():
        raise TableError(f"{output} is a folder; name a file to write to")
    report = options.report or output.with_suffix(".report.html")
    if output == report:
        raise TableError(f"{output} was to hold both the model and the report; name two files")
    for path in (output, report):
        folder = path.parent
        if path.is_dir():
            raise TableError(f"{path} is a folder; name a file to write to")
        if not folder.is_dir():
            raise TableError(f"the folder {folder} does not exist; make it first, or name another")
        if not os.access(folder, os.W_OK):
            raise TableError(f"the folder {folder} cannot be written to; name another")
        for table in (options.source, options.test_file):
            same = table is not None and Path(table).exists() and path.exists()
            if same and path.samefile(str(table)):
                raise TableError(f"{path} is the table itself; name another file to write to")
    return output, report


def _in_words(task: Task) -> str:
    if task.classes or task.n_targets > 1:
        return task.reason
    return f"a number ({task.reason})"
