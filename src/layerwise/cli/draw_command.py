"""The command `layerwise draw`."""

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Annotated

import typer

from layerwise.cli.pictures import PICTURES, draw_picture
from layerwise.cli.reading_options import (
    Delimiter,
    Encoding,
    Format,
    MaxSize,
    Query,
    Sheet,
    TableName,
    reading_of,
)
from layerwise.cli.refusals import refusing

__all__ = ["draw"]


def _with_pictures(command: Callable[..., None]) -> Callable[..., None]:
    """Put the list of pictures into the command's help."""
    lines = [f"  {name:12} {picture.about}" for name, picture in PICTURES.items()]
    command.__doc__ = (command.__doc__ or "").replace(
        "    PICTURES", indent("\n".join(lines), "    ")
    )
    return command


@_with_pictures
def draw(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL|ARCHITECTURE",
            show_default=False,
            help="A model file; or sizes joined by '-', as in 3-4-4-1 or 20-64:tanh-5:softmax.",
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            show_default=False,
            help="Where the row is, in any form that fit reads.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            show_default="MODEL's name.PICTURE.svg",
            help="Where to; its name says the format: .svg, .png or .pdf.",
        ),
    ] = None,
    what: Annotated[
        str, typer.Option(metavar="NAME", help="Which picture; see below.")
    ] = "network",
    row: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Which row of the table goes through the network; the first is 1.",
        ),
    ] = None,
    gradients: Annotated[
        bool,
        typer.Option(
            "--gradients", help="The derivatives of that row's loss, whose answer the table holds."
        ),
    ] = False,
    member: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            show_default="1",
            help="Which of the networks that a model averages.",
        ),
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="N",
            show_default="10; of nodes, 8",
            help="Longer layers are shortened; columns to twice as many.",
        ),
    ] = None,
    each_input: Annotated[
        bool,
        typer.Option(
            "--each-input", help="Every number that the network gets, not the table's columns."
        ),
    ] = False,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A,B",
            show_default=False,
            help="Of boundary, nodes, learning: the columns across and up; else those that tell "
            "most. Others are held at typical values.",
        ),
    ] = None,
    theme: Annotated[str, typer.Option(metavar="light|dark", help="The ground.")] = "light",
    query: Query = None,
    table_name: TableName = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    format: Format = None,  # noqa: A002
    max_size: MaxSize = None,
) -> None:
    """Draw a network, or another picture of a model.

    The network: a line for each weight, the thicker the larger, its colour the sign; the
    number in a node is its bias. With a row of a table, lines are what enters times its
    weight, and nodes show what they give on. Long layers are shortened.

    [bold]Pictures[/]
    PICTURES

    [bold]Examples[/]
      layerwise draw 3-4-4-1
      layerwise draw houses.layerwise -o network.svg
      layerwise draw houses.layerwise houses.csv --row 7 -o row.png --theme dark
      layerwise draw houses.layerwise houses.csv --row 7 --gradients -o gradients.svg
      layerwise draw houses.layerwise --what history -o history.png
      layerwise draw houses.layerwise houses.csv --what boundary --columns rooms,price
      layerwise draw --what activations
    """
    with refusing():
        options = {
            "row": row,
            "gradients": gradients,
            "member": member,
            "nodes": nodes,
            "each_input": each_input,
            "columns": columns,
        }
        reading = reading_of(query, table_name, delimiter, encoding, sheet, format, max_size)
        written = draw_picture(what, output, model, table, theme, options, reading)
        sys.stderr.write(f"layerwise: written to {written}\n")
