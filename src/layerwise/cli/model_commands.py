"""The commands that use a model file on a table: predict, evaluate, explain, export."""

from pathlib import Path
from typing import Annotated

from layerwise.cli.explain_options import ExplainOptions
from layerwise.cli.options import (
    Json,
    Language,
    Model,
    Reading,
    Source,
    as_command,
    described,
    option,
)

_Strict = Annotated[
    bool,
    described(
        "Stop, with exit code 3, where the rows look different from those trained on.", "--strict"
    ),
]


@as_command
def predict(
    model: Model,
    source: Source,
    reading: Reading,
    output: str = option(
        "Where to; its name says the format: .csv, .tsv, .xlsx, .json, .jsonl, .parquet, "
        ".arrow, also .gz or .zst behind it. - is CSV on standard output.",
        "--output",
        "-o",
        default="-",
        metavar="FILE",
    ),
    keep: list[str] | None = option(
        "Columns of the table to write beside the predictions; all for all of them.",
        metavar="NAMES",
    ),
    strict: _Strict = False,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Predict the rows of a table: a row of output for each, in the same order.

    For classes, the class and each one's probability; for numbers, the number, and the
    ends of its interval where the model has intervals. Of a header without rows, a header.

    Where the rows look different from those that the model was trained on (cells that
    cannot be read or are missing, values far outside, other distributions), it says so;
    with --strict nothing is predicted and nothing written then. With --json, which needs
    -o FILE, standard output is one object about the rows.

    [bold]Examples[/]
      layerwise predict houses.layerwise new.csv -o out.csv
      layerwise predict houses.layerwise new.csv --keep address | head
      layerwise predict houses.layerwise tonight.csv -o out.csv --strict

    [bold]Exit codes[/]
      0 done; 1 failed; 2 wrongly typed; 3 rows look different, with --strict
    """
    from layerwise.cli.use import run_predict

    run_predict(model, source, output, keep or [], reading, is_strict=strict, as_json=as_json)


@as_command
def evaluate(
    model: Model,
    source: Source,
    reading: Reading,
    weight_column: str | None = option("How much each row counts in the scores.", metavar="NAME"),
    strict: _Strict = False,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Say how good a model is on a table that has the answers.

    And how its rows differ from those that the model was trained on, where they do; with
    --strict nothing is scored then.

    [bold]Example[/]
      layerwise evaluate houses.layerwise labelled.csv

    [bold]Exit codes[/]
      0 done; 1 failed; 2 wrongly typed; 3 rows look different, with --strict
    """
    from layerwise.cli.use import run_evaluate

    run_evaluate(model, source, reading, weight_column, is_strict=strict, as_json=as_json)


@as_command
def explain(options: ExplainOptions) -> None:
    """Take one row through a model, node by node, and say what each column contributed.

    Each node's formula with the row's numbers, h1_2 = relu(0.41·age - 1.2·income + 0.07)
    = relu(0.83) = 0.83: what is printed can be recomputed. Then softmax step by step, how
    several networks are averaged, and, where the answer is known, the loss and its
    gradients.

    [bold]Examples[/]
      layerwise explain loans.layerwise loans.csv --row 7
      layerwise explain loans.layerwise new.csv --answer yes --weight h1_2,h2_3
      layerwise explain loans.layerwise loans.csv --row 7 --baseline 8 --of no
      layerwise explain loans.layerwise loans.csv --row 7 --all -o row7.html
    """
    from layerwise.cli.explain import run_explain

    run_explain(options)


@as_command
def export(
    model: Model,
    output: Annotated[Path, described("Where to.", "--output", "-o", metavar="FILE", shown=False)],
    like: str | None = option(
        "The graph takes columns as they are in this table.", metavar="TABLE"
    ),
    weights: bool = option(
        "The networks' numbers alone, as safetensors.", "--weights", default=False
    ),
    language: Language = None,
) -> None:
    """Write a model as an ONNX graph, from the table's columns to the prediction.

    A program that feeds it a typical row is printed. The graph takes numbers as doubles of
    shape (n, 1) and categories as strings; with --like, columns of shape (n,) in the types
    that they have in that table.

    [bold]Examples[/]
      layerwise export houses.layerwise -o houses.onnx
      layerwise export houses.layerwise -o houses.onnx --like new.parquet > feed.py
      layerwise export houses.layerwise --weights -o houses.safetensors
    """
    from layerwise.cli.use import run_export

    run_export(model, output, like, weights=weights)
