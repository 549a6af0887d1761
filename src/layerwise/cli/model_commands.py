"""The commands that use a model file on a table: predict, evaluate, export."""

from pathlib import Path
from typing import Annotated

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
from layerwise.cli.refusals import refusing

__all__ = ["evaluate", "export", "predict"]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
Model = Annotated[
    Path, typer.Argument(metavar="MODEL", show_default=False, help="A file that fit wrote.")
]


def predict(
    model: Model,
    table: Source,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to; its name says the format, - is CSV on standard output.",
        ),
    ] = "-",
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES",
            help="Columns of the table to write beside the predictions; all for all of them.",
        ),
    ] = None,
    query: Query = None,
    table_name: TableName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    format: Format = None,  # noqa: A002
    max_size: MaxSize = None,
) -> None:
    """Predict the rows of a table: a row of output for each, in the same order.

    For classes, the class and each one's probability; for numbers, the number, and the
    ends of its interval where the model has intervals.

    [bold]Examples[/]
      layerwise predict houses.layerwise new.csv -o out.csv
      layerwise predict houses.layerwise new.csv --keep address | head
    """
    from layerwise.cli.use import run_predict

    with refusing():
        reading = reading_of(query, table_name, delimiter, encoding, sheet, format, max_size)
        run_predict(model, table, output, keep or [], reading)


def evaluate(
    model: Model,
    table: Source,
    query: Query = None,
    table_name: TableName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    format: Format = None,  # noqa: A002
    max_size: MaxSize = None,
    json: Json = False,
) -> None:
    """Say how good a model is on a table that has the answers.

    [bold]Example[/]
      layerwise evaluate houses.layerwise labelled.csv
    """
    from layerwise.cli.use import run_evaluate

    with refusing():
        reading = reading_of(query, table_name, delimiter, encoding, sheet, format, max_size)
        run_evaluate(model, table, reading, as_json=json)


def export(
    model: Model,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", show_default=False, help="Where to.")
    ],
    weights: Annotated[
        bool, typer.Option("--weights", help="The networks' numbers alone, as safetensors.")
    ] = False,
) -> None:
    """Write a model as an ONNX graph, from the table's columns to the prediction.

    [bold]Examples[/]
      layerwise export houses.layerwise -o houses.onnx
      layerwise export houses.layerwise --weights -o houses.safetensors
    """
    from layerwise.cli.use import run_export

    with refusing():
        run_export(model, output, weights=weights)
