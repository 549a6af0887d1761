"""The command `layerwise study` and its options."""

import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from layerwise.cli.reading_options import (
    Delimiter,
    Encoding,
    Format,
    MaxSize,
    Query,
    Sheet,
    Source,
    TableName,
    reading_of,
)
from layerwise.cli.refusals import refusing, typed_command

__all__ = ["study"]

_COLUMNS = "Columns"
_NETWORKS = "Networks"
_TRAINING = "Training"
_COMPARING = "Comparing"
_WORK = "Work"


def _columns(help_text: str) -> Any:
    return typer.Option(metavar="NAMES", rich_help_panel=_COLUMNS, help=help_text)


def study(
    table: Source,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            "-t",
            metavar="NAME",
            show_default=False,
            help="The column to predict; several, if they are all numbers.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default="none",
            help="Train the recommended network on all rows, and save the model.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default="TABLE's name.study.html",
            help="The answers with pictures, an HTML page.",
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="classification|regression",
            show_default="found out",
            help="Classes or a number.",
        ),
    ] = None,
    depth: Annotated[
        str,
        typer.Option(
            metavar="NUMBERS",
            rich_help_panel=_NETWORKS,
            help="Hidden layers to try, as in 0-8 or 1,2,4; 0, a linear model, is always tried.",
        ),
    ] = "0-6",
    width: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBERS",
            rich_help_panel=_NETWORKS,
            show_default="16,64; from 5,000 rows on 32,128",
            help="Nodes of each hidden layer.",
        ),
    ] = None,
    activation: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            rich_help_panel=_NETWORKS,
            help="See layerwise show --help.",
        ),
    ] = "relu,tanh,gelu",
    parameters: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            rich_help_panel=_NETWORKS,
            help="Instead of --width: for each depth the width that gives this many parameters, "
            "so that depth alone differs.",
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_COMPARING,
            show_default="accuracy or r2",
            help="What is to be good: accuracy, balanced_accuracy, log_loss, roc_auc; of numbers "
            "r2, rmse, mae.",
        ),
    ] = None,
    folds: Annotated[
        int,
        typer.Option(
            min=2, metavar="N", rich_help_panel=_COMPARING, help="Of each cross-validation."
        ),
    ] = 5,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_COMPARING,
            show_default="3; from 2,000 rows on 2, from 20,000 on 1",
            help="How often the cross-validation is repeated, with other folds and first weights.",
        ),
    ] = None,
    no_prune: Annotated[
        bool,
        typer.Option(
            "--no-prune",
            rich_help_panel=_COMPARING,
            help="Fit every network on every fold, also those that are hopeless.",
        ),
    ] = False,
    no_trees: Annotated[
        bool,
        typer.Option(
            "--no-trees",
            rich_help_panel=_COMPARING,
            help="Leave out the gradient-boosted trees on the same folds.",
        ),
    ] = False,
    group_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_COMPARING,
            help="Rows of one group are never parted by a fold.",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_TRAINING,
            show_default="by the table's size",
            help="Times through the rows at most.",
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_TRAINING,
            show_default="by the table's size",
            help="Rows for each step.",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="RATE", rich_help_panel=_TRAINING, show_default="as fit's"),
    ] = None,
    fixed: Annotated[
        bool,
        typer.Option(
            "--no-early-stopping",
            rich_help_panel=_TRAINING,
            help="Every fit runs all epochs on all its rows, instead of ending when the loss on "
            "some of them gets no better.",
        ),
    ] = False,
    time_limit: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            rich_help_panel=_WORK,
            help="For the whole command: answer from what is done by then. Never cut: reading, the "
            "page and, for --output, one epoch.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_WORK,
            show_default="all cores",
            help="Fits at once, each on one thread. Results do not depend on it.",
        ),
    ] = None,
    backend: Annotated[
        str,
        typer.Option(
            metavar="loky|dask|ray",
            rich_help_panel=_WORK,
            help="Where workers run: processes here, a Dask cluster, Ray.",
        ),
    ] = "loky",
    address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", rich_help_panel=_WORK, help="Of the cluster's scheduler."
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL",
            rich_help_panel=_WORK,
            show_default="TABLE's name.study.db",
            help="Where each fit is kept once it is done; postgresql://user@host/name to share it "
            "between machines.",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_WORK,
            show_default="TABLE's name",
            help="Of the study in the database, which may hold several.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            rich_help_panel=_WORK,
            help="Go on where the same command was cut off, or help one that still runs, also "
            "from another machine.",
        ),
    ] = False,
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=2**31 - 1, metavar="N", rich_help_panel=_WORK, help="For all that is random."
        ),
    ] = 0,
    categorical: Annotated[
        list[str] | None, _columns("These are categories, whatever they look like.")
    ] = None,
    numeric: Annotated[list[str] | None, _columns("These are numbers.")] = None,
    text: Annotated[list[str] | None, _columns("These are free text.")] = None,
    dates: Annotated[list[str] | None, _columns("These are dates.")] = None,
    drop: Annotated[list[str] | None, _columns("These are not to be used.")] = None,
    query: Query = None,
    table_name: TableName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    format: Format = None,  # noqa: A002
    max_size: MaxSize = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = (
        False
    ),
) -> None:
    """Find out how deep a network should be for a table, how wide, and with which activation.

    Every network is trained in a repeated cross-validation: the same folds, the same
    seeds, the same budget for all. The smallest that cannot be told from the best is
    recommended, with the tests behind it, and gradient-boosted trees beside it.

    Networks are plain: hidden layers of one width and one activation, no dropout. What
    is hopeless after some folds is given up, unless it could still matter.

    [bold]Examples[/]
      layerwise study houses.csv --target price
      layerwise study loans.csv --target defaulted --metric roc_auc -o loans.layerwise
      layerwise study houses.csv --target price --depth 0-8 --width 16,64,256 --seeds 5
      layerwise study houses.csv --target price --depth 1-16 --parameters 20000
      layerwise study houses.csv --target price --resume

    Ctrl-C once ends it with the answer so far. What is done stands in the database:
    nothing but the fits under way is lost, not even when the machine goes down.
    SIGTERM and SIGHUP do the same.

    [bold]Exit codes[/]
      0 done, also with Ctrl-C once; 1 failed; 2 wrongly typed; 130 ended by Ctrl-C,
      or before anything was known; 143 SIGTERM and 129 SIGHUP, also with an answer
    """
    started = time.monotonic()
    from layerwise.cli.study import StudyOptions, run_study_command

    with refusing():
        from layerwise.training.deadline import Deadline

        run_study_command(
            StudyOptions(
                source=table,
                targets=target or [],
                output=output,
                report=report,
                command=typed_command(),
                as_json=json,
                depth=depth,
                width=width,
                activation=activation,
                group_column=group_column,
                name=name,
                database=database,
                reading=reading_of(query, table_name, delimiter, encoding, sheet, format, max_size),
                kinds={
                    "categorical": categorical or [],
                    "numeric": numeric or [],
                    "text": text or [],
                    "dates": dates or [],
                    "drop": drop or [],
                },
                settings={
                    "parameters": parameters,
                    "metric": metric,
                    "task": task,
                    "folds": folds,
                    "seeds": seeds,
                    "epochs": epochs,
                    "batch_size": batch_size,
                    "learning_rate": learning_rate,
                    "early_stopping": not fixed,
                    "pruning": not no_prune,
                    "trees": not no_trees,
                    "time_limit": time_limit,
                    "workers": workers,
                    "backend": backend,
                    "address": address,
                    "resume": resume,
                    "random_state": seed,
                },
                deadline=Deadline(math.inf if time_limit is None else started + time_limit),
            )
        )
