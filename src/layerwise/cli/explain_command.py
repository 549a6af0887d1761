"""`layerwise explain`: its options and their help."""

from pathlib import Path
from typing import Annotated

import typer

from layerwise.cli.model_commands import Json, Model
from layerwise.cli.reading_options import (
    Delimiter,
    Encoding,
    MaxSize,
    Query,
    Sheet,
    Source,
    TableName,
    reading_of,
)
from layerwise.cli.refusals import refusing

__all__ = ["explain"]

_SHOWN = "What is shown"


def explain(
    model: Model,
    table: Source,
    row: Annotated[
        int, typer.Option(min=1, metavar="N", help="Which row of the table, the first one being 1.")
    ] = 1,
    answer: Annotated[
        str | None,
        typer.Option(
            metavar="VALUE",
            show_default="the table's own",
            help="The true class or number, where the table does not hold it; of several numbers, "
            "with commas between them.",
        ),
    ] = None,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default="the class predicted",
            help="The class, or target, that is explained.",
        ),
    ] = None,
    member: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="Which of the networks that are averaged is walked through.",
        ),
    ] = 1,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FROM,TO",
            show_default="the one that matters most",
            help="Write the chain rule out for this weight, as in h1_2,h2_3 or age,h1_2 or "
            "h2_3,yes; one node alone is its bias. Can be repeated; needs the answer.",
        ),
    ] = None,
    baseline: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            show_default="the typical row",
            help="Count contributions from this row of the table.",
        ),
    ] = None,
    importance: Annotated[
        bool,
        typer.Option(
            "--importance",
            help="Also say how much each column matters for the whole table, which must hold the "
            "answers.",
        ),
    ] = False,
    top: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            rich_help_panel=_SHOWN,
            help="Columns, nodes of a layer and terms of a sum shown of many.",
        ),
    ] = 6,
    everything: Annotated[
        bool, typer.Option("--all", rich_help_panel=_SHOWN, help="Show all of them.")
    ] = False,
    format: Annotated[  # noqa: A002
        str | None,
        typer.Option(
            metavar="terminal|text|markdown|html|json",
            rich_help_panel=_SHOWN,
            show_default="by FILE's name",
            help="How it is written; formulas are LaTeX in markdown.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=_SHOWN,
            show_default="standard output",
            help="Where to.",
        ),
    ] = None,
    query: Query = None,
    table_name: TableName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    table_format: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            rich_help_panel="Reading",
            help="csv, tsv, parquet, arrow, json, excel or sqlite, where it is not found out.",
        ),
    ] = None,
    max_size: MaxSize = None,
    json: Json = False,
) -> None:
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
    from layerwise.cli.explain import ExplainOptions, run_explain

    with refusing():
        run_explain(
            ExplainOptions(
                path=model,
                source=table,
                row=row,
                answer=answer,
                of=of,
                member=member,
                weights=tuple(weight or ()),
                baseline=baseline,
                importance=importance,
                top=None if everything else top,
                format="json" if json else format,
                output=output,
                reading=reading_of(
                    query, table_name, delimiter, encoding, sheet, table_format, max_size
                ),
            )
        )
