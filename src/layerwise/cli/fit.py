"""`layerwise fit`: from a file and the name of a column to a model, its scores and a report."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from filecmp import cmp
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from layerwise.cli.fit_result import print_result, result, stop_reason
from layerwise.cli.options import names, target_names
from layerwise.cli.output_files import (
    check_is_own,
    check_outputs,
    is_written,
    model_name,
    table_name,
)
from layerwise.cli.printing import make_console, print_json
from layerwise.cli.refusals import FAILED, complain
from layerwise.language import counted, message, retold, tr
from layerwise.screen import Text

if TYPE_CHECKING:
    from layerwise.cli.fit_options import FitOptions
    from layerwise.estimators.table import BaseTable
    from layerwise.report.trial import Trial
    from layerwise.screen import Screen
    from layerwise.tables.reading import ReadTable
    from layerwise.tables.task import Task
    from layerwise.training.time_limit import Deadline

# Kept of a model that goes on in its own file: what it was, and what it has come to.
_START, _END = "start.layerwise", "end.layerwise"


def run_fit(options: FitOptions, command: str, deadline: Deadline) -> None:
    """Train, report and save.

    Parameters
    ----------
    options : FitOptions
    command : str
        What was typed, for the report.
    deadline : Deadline
    """
    from layerwise.cli.use import load_table_model
    from layerwise.cli.words import columns_table, print_findings
    from layerwise.ensemble.ensemble_checkpoint import remove_trained, trained_files
    from layerwise.ensemble.live_training import LiveTraining
    from layerwise.report.fit_page import render_report
    from layerwise.report.page import write_page
    from layerwise.report.row_roles import RowRoles
    from layerwise.report.trial import Trial
    from layerwise.store import save
    from layerwise.training.progress import find_place

    settings = options.training.settings(options.task)
    console = make_console()
    console.quiet = options.as_json
    output, report = _paths(options)
    read, test = _read(options, console)
    before = None if options.go_on is None else load_table_model(options.go_on)
    columns = read.table.column_names
    targets = (target_names if before is None else names)(options.targets or (), columns)
    kinds = options.columns.named(columns)
    kept = _training_folder(options, output, console)
    in_place = _is_in_place(options, output)
    if in_place and (start := kept / _START).exists():
        _check_unchanged(output, kept)
        before = load_table_model(start)
    saved = False

    def decided(trial: Trial, task: Task) -> None:
        live.score = message("accuracy") if task.classes else "R²"
        console.print()
        if before is not None:
            console.print(
                tr(
                    "{model} goes on: {n} networks, and the columns as they were when it was "
                    "first trained",
                    model=options.go_on,
                    n=len(before.networks_),
                )
            )
        console.print(f"{', '.join(task.names)}: {_in_words(task)}")
        console.print(
            tr(
                "{rows} to train on, {n:,} to test with: {how} (seed {seed})",
                rows=counted(len(trial.split.train), "row"),
                n=len(trial.split.test),
                how=trial.split.how,
                seed=trial.seed,
            )
        )
        console.print()
        console.print(columns_table(trial.columns))
        print_findings(console, trial.findings, tr("the report, or --json"))

    def trained(trial: Trial) -> None:
        nonlocal saved
        trial.model.set_params(on_epoch=None, checkpoint=None)
        if in_place:
            _keep_both(trial.model, output, kept)
        # At once, so that nothing that happens from here on can lose it.
        saved = is_written(lambda: save(trial.model, output), "the model")
        live.say(tr("testing, and comparing with gradient-boosted trees"))

    try:
        with LiveTraining(find_place()) as live:
            trial = Trial(
                targets,
                options.task,
                RowRoles(**vars(options.trial)),
                seed=options.training.seed,
                settings={**settings, **kinds, "on_epoch": live, "checkpoint": kept},
                before=before,
                deadline=deadline,
            ).run(read.data, None if test is None else test.data, decided=decided, trained=trained)
    except KeyboardInterrupt:
        if saved:
            complain(f"ended before the model was tested; it is saved in {output}")
        raise
    shown = _show(console, trial)

    def write_whole_report() -> None:
        rows = read.data.take(trial.split.test) if test is None else test.data
        date = dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
        render = partial(render_report, trial, read, rows, command=command, date=date)
        write_page(render, report)

    reported = trial.is_judged and is_written(write_whole_report, "the report")
    if not trial.is_judged and options.as_json:
        complain(trial.notes[-1], FAILED)
    # One that went on in its own file would, with --resume, do so from where it is no more.
    if saved and (in_place or stop_reason(trial.model) != "interrupted"):
        remove_trained(kept)
    console.print()
    if saved:
        console.print(Text(tr("model   {path}", path=output), overflow="fold"))
    if reported:
        console.print(Text(tr("report  {path}", path=report), overflow="fold"))
    if trained_files(kept):
        again = (
            tr("the same command with --resume goes on to train to the end")
            if saved
            else tr("the same command with --resume goes on to save the model")
        )
        console.print(tr("kept    {path}: {again}", path=kept, again=again))
    if options.as_json:
        print_json(result(trial, read, output if saved else None, report if reported else None))
    if not (saved and shown and reported):
        raise typer.Exit(FAILED)


def _read(options: FitOptions, console: Screen) -> tuple[ReadTable, ReadTable | None]:
    """The table and, where there is a file of them, the test rows."""
    from layerwise.cli.words import print_reading
    from layerwise.tables.reading import read_table

    read = read_table(options.source, **options.reading.arguments())
    print_reading(console, read)
    if options.test_file is None:
        return read, None
    of_files = replace(options.reading, query=None, table=None)
    test = read_table(options.test_file, **of_files.arguments())
    print_reading(console, test)
    return read, test


def _training_folder(options: FitOptions, output: Path, console: Screen) -> Path:
    """Where what is trained is kept until the model is saved; see --resume."""
    from layerwise.ensemble.ensemble_checkpoint import remove_trained, trained_files
    from layerwise.files.atomic_writing import is_special
    from layerwise.tables.errors import TableError

    beside = Path(output.name) if is_special(output) else output
    kept = beside.with_name(f"{output.name}.training")
    if kept.exists() and not kept.is_dir():
        raise TableError(f"{kept} is to be a folder for what is trained: name another model")
    is_there = bool(trained_files(kept))
    if options.resume and not is_there:
        console.print(tr("nothing to resume (no training in {path}): this begins anew", path=kept))
    if not options.resume and is_there:
        console.print(
            tr(
                "a training that was cut off is begun anew; {path} is removed (see --resume)",
                path=kept,
            )
        )
        remove_trained(kept)
    return kept


def _keep_both(model: BaseTable, output: Path, kept: Path) -> None:
    """Keep what a model was, and what it comes to, until its file has been written anew.

    Killed from then on, it goes on with --resume from where it began, and not from where it is.
    """
    from layerwise.files.atomic_writing import ModelFileError, write_whole
    from layerwise.store import save

    with suppress(OSError, ModelFileError):  # to save the model itself is worth more
        if not (kept / _START).exists():
            write_whole(kept / _START, output.read_bytes())
        save(model, kept / _END)


def _check_unchanged(output: Path, kept: Path) -> None:
    """Refuse to go on in a model's own file where another model has been put since."""
    from layerwise.tables.errors import TableError

    own = [kept / name for name in (_START, _END) if (kept / name).exists()]
    if not any(cmp(output, one, shallow=False) for one in own):
        raise TableError(
            f"{output} is neither the model with which the training in {kept} began nor what it "
            "came to; leave --resume out to begin anew, with the model as it is"
        )


def _show(console: Screen, trial: Trial) -> bool:
    """Print the result; the files are worth more than what goes wrong there."""
    try:
        print_result(console, trial)
    except OSError:  # standard output itself, which nothing more can go to
        raise
    except Exception as error:  # noqa: BLE001  whatever it is
        complain(f"the result could not be shown: {type(error).__name__}: {error}", FAILED)
        return False
    return True


def _paths(options: FitOptions) -> tuple[Path, Path]:
    """Where model and report go, made sure of before any time is spent."""
    from layerwise.files.atomic_writing import allow_replacing, is_special

    name = table_name(options.source)
    output = options.output or Path(f"{name}.layerwise")
    beside = Path(name) if is_special(output) or not output.name else output
    report = options.report or beside.with_name(f"{model_name(beside)}.report.html")
    if _is_in_place(options, output):
        allow_replacing(output)
    check_outputs([output, report], [options.source, options.test_file], options.go_on)
    if options.report is None and not is_special(output):
        check_is_own(report, output)
    return output, report


def _is_in_place(options: FitOptions, output: Path) -> bool:
    return options.go_on is not None and output.resolve() == options.go_on.resolve()


def _in_words(task: Task) -> str:
    if task.classes or task.n_targets > 1:
        return retold(task.reason)
    return tr("a number ({reason})", reason=task.reason)
