"""The command `layerwise fit` and its options."""

import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from layerwise.cli.option_values import check_settings, class_weights, hidden_sizes
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

__all__ = ["fit"]

_COLUMNS = "Columns"
_TRAINING = "Training"
_ROWS = "Rows"


def _columns(help_text: str) -> Any:
    return typer.Option(metavar="NAMES", rich_help_panel=_COLUMNS, help=help_text)


def fit(
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
            show_default="TABLE's name.layerwise",
            help="The model.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", show_default="beside the model", help="The report, an HTML page."
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
    categorical: Annotated[
        list[str] | None, _columns("These are categories, whatever they look like.")
    ] = None,
    numeric: Annotated[list[str] | None, _columns("These are numbers.")] = None,
    text: Annotated[list[str] | None, _columns("These are free text.")] = None,
    dates: Annotated[list[str] | None, _columns("These are dates.")] = None,
    drop: Annotated[list[str] | None, _columns("These are not to be used.")] = None,
    test_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", rich_help_panel=_ROWS, help="Test with these rows."),
    ] = None,
    test_size: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=0.9,
            metavar="SHARE",
            rich_help_panel=_ROWS,
            show_default="0.2",
            help="Share of the rows to test with.",
        ),
    ] = None,
    time_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_ROWS,
            help="Test with the latest rows by this column, no day parted; and train for the "
            "future: each network is stopped by rows later than its own.",
        ),
    ] = None,
    test_from: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            rich_help_panel=_ROWS,
            help="With --time-column: test with the rows from this moment on.",
        ),
    ] = None,
    group_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_ROWS,
            help="Rows of one group stay together, in training or test. With --time-column: the "
            "groups are known, and a feature; what is unknown is their future.",
        ),
    ] = None,
    new_groups: Annotated[
        bool,
        typer.Option(
            "--new-groups",
            rich_help_panel=_ROWS,
            help="With --time-column: the future is of new groups, so test with later rows of "
            "groups that are not trained on.",
        ),
    ] = False,
    weight_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_ROWS,
            help="How much each row counts, in training and in all scores.",
        ),
    ] = None,
    effort: Annotated[
        str | None,
        typer.Option(
            metavar="low|medium|high",
            rich_help_panel=_TRAINING,
            show_default="high",
            help="How many networks are averaged: a quarter, half or all of what suits the "
            "table's size. What --folds and --repeats ask for is always all.",
        ),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES",
            rich_help_panel=_TRAINING,
            show_default="by the table's size",
            help="Nodes of each hidden layer, as in 64,64; 0 for none.",
        ),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_TRAINING,
            show_default="mish",
            help="See layerwise show --help.",
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            rich_help_panel=_TRAINING,
            show_default="by the table's size",
            help="Of nodes left out at random.",
        ),
    ] = None,
    pieces: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            rich_help_panel=_TRAINING,
            show_default="by the number of columns",
            help="Most pieces that a number's range is cut into, so that steps can be learned; "
            "0 for none.",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            rich_help_panel=_TRAINING,
            show_default="0.002",
            help="Length of the first steps.",
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
    folds: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="N",
            rich_help_panel=_TRAINING,
            show_default="4 or 5",
            help="Each network trains without one of so many folds of the rows.",
        ),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_TRAINING,
            show_default="by the table's size",
            help="All of it so many times, with other folds.",
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_TRAINING,
            show_default="until nothing improves",
            help="Times through the rows at most.",
        ),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            rich_help_panel=_TRAINING,
            help="For the whole command: training ends in time to test the model, and what there "
            "is no time for is left out and said. Never cut: reading, one epoch (three with "
            "--intervals), testing and the report.",
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel=_TRAINING,
            show_default="log_loss or r2",
            help="What is to be good. Two classes: the threshold is chosen for log_loss, accuracy, "
            "roc_auc, balanced_accuracy, f1 or matthews_corrcoef. Numbers: r2, rmse or mae.",
        ),
    ] = None,
    class_weight: Annotated[
        str | None,
        typer.Option(
            metavar="balanced|A=2,B=1",
            rich_help_panel=_TRAINING,
            help="What it costs to miss a row of each class; probabilities stay those of the "
            "table's own rows.",
        ),
    ] = None,
    intervals: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            rich_help_panel=_TRAINING,
            help="For numbers: intervals that hold this share of rows.",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            min=0,
            max=2**31 - 1,
            metavar="N",
            rich_help_panel=_TRAINING,
            help="For all that is random.",
        ),
    ] = 0,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_TRAINING,
            show_default="all cores",
            help="Results do not depend on it.",
        ),
    ] = None,
    go_on: Annotated[
        Path | None,
        typer.Option(
            "--continue",
            metavar="MODEL",
            rich_help_panel=_TRAINING,
            help="Go on with this model, from the rows of TABLE.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            rich_help_panel=_TRAINING,
            help="Go on where the same command was cut off, to the same result.",
        ),
    ] = False,
    query: Query = None,
    table_name: TableName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    format: Format = None,  # noqa: A002
    max_size: MaxSize = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
) -> None:
    """Train networks on a table, test them on rows they never saw, and save model and report.

    Numbers, categories, dates, free text and missing cells are taken as they are. A
    fifth of the rows is set aside; on them the networks are compared with the trivial
    prediction and with gradient-boosted trees.

    [bold]Examples[/]
      layerwise fit houses.csv --target price -o houses.layerwise
      layerwise fit loans.csv --target defaulted --metric f1 --drop customer_id
      layerwise fit sales.parquet --target units --time-column day --intervals 0.9
      layerwise fit postgresql://me@host/shop --query "SELECT * FROM sales" -t units
      cat x.csv | layerwise fit - --target y -o x.layerwise

    Ctrl-C once ends training: the best so far is saved and tested, as with
    --time-limit. Twice ends everything. SIGTERM and SIGHUP do the same.

    [bold]Exit codes[/]
      0 done, also with Ctrl-C once; 1 failed; 2 wrongly typed; 130 ended by Ctrl-C;
      143 SIGTERM and 129 SIGHUP, also where all was saved
    """
    started = time.monotonic()
    from layerwise.cli.fit import FitOptions, run_fit

    with refusing():
        settings: dict[str, Any] = {
            "effort": effort,
            "hidden": None if hidden is None else hidden_sizes(hidden),
            "activation": activation,
            "dropout": dropout,
            "n_pieces": pieces,
            "learning_rate": learning_rate,
            "batch_size": batch_size,
            "n_folds": folds,
            "n_repeats": repeats,
            "epochs": epochs,
            "time_limit": time_limit,
            "metric": metric,
            "class_weight": None if class_weight is None else class_weights(class_weight),
            "intervals": intervals,
            "n_threads": threads,
        }
        kinds = {
            "categorical": categorical,
            "numeric": numeric,
            "text": text,
            "dates": dates,
            "drop": drop,
        }
        check_settings(settings, task)
        from layerwise.training.deadline import Deadline

        run_fit(
            FitOptions(
                source=table,
                targets=target or [],
                output=output,
                report=report,
                command=typed_command(),
                as_json=json,
                task=task,
                test_file=test_file,
                test_size=test_size,
                time_column=time_column,
                group_column=group_column,
                weight_column=weight_column,
                new_groups=new_groups,
                test_from=test_from,
                seed=seed,
                reading=reading_of(query, table_name, delimiter, encoding, sheet, format, max_size),
                settings={name: value for name, value in settings.items() if value is not None},
                kinds={kind: columns for kind, columns in kinds.items() if columns},
                go_on=go_on,
                resume=resume,
                deadline=Deadline(math.inf if time_limit is None else started + time_limit),
            )
        )
