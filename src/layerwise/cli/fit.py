"""`layerwise fit`: from a file and the name of a column to a model, its scores and a report."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from layerwise.cli.json_output import print_json
from layerwise.cli.refusals import FAILED, complain

if TYPE_CHECKING:
    from rich.console import Console

    from layerwise.estimators.trial import Trial
    from layerwise.tables.reading import ReadTable
    from layerwise.tables.task import Task

__all__ = ["FitOptions", "run_fit"]


_MOST_PROBLEMS = 5


@dataclass
class FitOptions:
    """What was asked for on the command line."""

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
    go_on: Path | None = None
    resume: bool = False


def run_fit(options: FitOptions) -> None:
    """Train, report and save."""
    from layerwise.cli.console import make_console
    from layerwise.cli.fit_report import report_data
    from layerwise.cli.live import LiveTraining
    from layerwise.cli.use import load_table_model
    from layerwise.cli.words import columns_table, print_findings, print_reading
    from layerwise.estimators.trial import Trial
    from layerwise.report import write_report
    from layerwise.store import save
    from layerwise.tables.errors import TableError
    from layerwise.tables.reading import read_table

    console = make_console()
    if options.as_json:
        console.quiet = True
    output, report = _paths(options)
    read = read_table(options.source, **options.reading)
    print_reading(console, read)
    if options.as_json:
        for problem in read.problems[:_MOST_PROBLEMS]:
            sys.stderr.write(f"layerwise: not read: {problem}\n")
    test = None if options.test_file is None else read_table(options.test_file).table
    before = None if options.go_on is None else load_table_model(options.go_on)
    if before is None and not options.targets:
        raise TableError("name the column to predict: --target NAME")
    # What is trained so far, until the model is whole; see --resume.
    kept = output.with_name(f"{output.name}.training")
    if options.resume and not kept.exists():
        console.print(Text(f"nothing to resume ({kept} does not exist): this begins anew"))
    if not options.resume:
        shutil.rmtree(kept, ignore_errors=True)

    def decided(trial: Trial, task: Task) -> None:
        console.print()
        console.print(Text(f"{', '.join(task.names)}: {_in_words(task)}"))
        console.print(columns_table(trial.columns))
        print_findings(console, trial.findings)
        console.print(
            Text(
                f"{len(trial.split.train):,} rows to train on, {len(trial.split.test):,} to test "
                f"with: {trial.split.how} (seed {trial.seed})"
            )
        )

    score = "score"
    with LiveTraining(sys.stderr.isatty() and not options.as_json, score) as live:
        trial = Trial(
            options.targets,
            options.task,
            options.test_size,
            options.time_column,
            options.group_column,
            options.weight_column,
            options.seed,
            {**options.settings, "on_epoch": live, "checkpoint": kept},
            before,
        ).run(read.table, test, decided=decided)
    trial.model.set_params(on_epoch=None, checkpoint=None)
    _print_result(console, trial)
    saved = _save(lambda: save(trial.model, output), "the model", output)
    if test is None:
        test = read.table.take(trial.split.test)
    data = report_data(trial, read, test, options.command)
    reported = _save(lambda: write_report(data, report), "the report", report)
    console.print()
    if saved:
        console.print(Text(f"model   {output}", overflow="fold"))
    if reported:
        console.print(Text(f"report  {report}", overflow="fold"))
    if options.as_json:
        print_json(_result(trial, read, output if saved else None, report if reported else None))
    if not (saved and reported):
        raise typer.Exit(FAILED)


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
    return task.reason if task.classes else f"a number to predict ({task.reason})"


def _print_result(console: Console, trial: Trial) -> None:
    from layerwise.cli.words import scores_table, verdict
    from layerwise.estimators.table_classifier import TableClassifier
    from layerwise.estimators.trial import NETWORK

    model, judged = trial.model, trial.judged
    networks = model.networks_
    recipe = model.recipe_
    if model.ensemble_.stopped:
        console.print(
            Text(
                f"Training ended early ({model.ensemble_.stopped}); the best so far was kept and "
                "tested.",
                "yellow",
            )
        )
    shape = "-".join(map(str, (networks[0].architecture.input_width, *recipe.hidden)))
    console.print()
    console.print(
        Text(
            f"{len(networks)} networks {shape}-{networks[0].architecture.n_outputs} "
            f"({recipe.activation}), {sum(n.n_parameters for n in networks):,} parameters in all, "
            f"trained in {model.fit_seconds_['training']:.1f} s"
        )
    )
    kind = "classification" if model.task_.classes else "regression"
    console.print(scores_table({NETWORK: judged.scores, **trial.baselines}, kind))
    console.print(Text(verdict(trial)))
    for note in judged.notes:
        console.print(Text(note))
    if isinstance(model, TableClassifier):
        console.print(
            Text(
                f"Probabilities: calibrated by one temperature, {model.temperature_:.2f}, found on "
                "rows that the networks did not train on."
            )
        )
        if len(model.classes_) == 2:
            from layerwise.cli.fit_report import threshold_reason

            console.print(
                Text(
                    f"Threshold: {model.classes_[1]} is predicted where its probability is above "
                    f"{threshold_reason(model)}."
                )
            )
    if judged.coverage is not None:
        console.print(
            Text(
                f"Intervals: made to hold {model.intervals:.0%} of new rows, they hold "
                f"{judged.coverage:.1%} of the test rows."
            )
        )
    top = [
        f"{name} ({values.mean():.3g})"
        for name, values in zip(trial.importance.names[:5], trial.importance.values, strict=False)
    ]
    console.print(
        Text(
            "Columns that matter most (by how much shuffling one raises "
            f"{trial.importance.loss}): {', '.join(top)}"
        )
    )


def _result(
    trial: Trial, read: ReadTable, output: Path | None, report: Path | None
) -> dict[str, Any]:
    from layerwise.estimators.table_classifier import TableClassifier

    model, task = trial.model, trial.model.task_
    result: dict[str, Any] = {
        "task": {"kind": task.kind, "targets": task.names, "classes": task.classes},
        "columns": [column.to_json() for column in model.columns_],
        "findings": [finding.to_json() for finding in trial.findings],
        "rows": {"read": read.n_rows, "with_target": trial.n_rows, "not_read": len(read.problems)},
        "split": {
            "train": len(trial.split.train),
            "test": len(trial.split.test),
            "how": trial.split.how,
            "seed": trial.seed,
        },
        "architecture": json.loads(model.networks_[0].architecture.to_json()),
        "n_networks": len(model.networks_),
        "n_parameters": sum(network.n_parameters for network in model.networks_),
        "epochs": [len(member.history) for member in model.ensemble_.members],
        "best_epochs": [member.history.best_epoch for member in model.ensemble_.members],
        "stopped": model.ensemble_.stopped or None,
        "fit_seconds": trial.model.fit_seconds_["all"],
        "seconds": trial.seconds,
        "metrics": trial.judged.scores,
        "baselines": trial.baselines,
        "importances": dict(
            zip(
                trial.importance.names,
                trial.importance.values.mean(axis=1).tolist(),
                strict=True,
            )
        ),
        "model": None if output is None else str(output),
        "report": None if report is None else str(report),
    }
    if isinstance(model, TableClassifier):
        result["temperature"] = model.temperature_
        if len(model.classes_) == 2:
            result["threshold"] = model.threshold_
    if trial.judged.coverage is not None:
        result["intervals"] = {"level": model.intervals, "coverage": trial.judged.coverage}
    return result
