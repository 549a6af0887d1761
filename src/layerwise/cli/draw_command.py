"""The command `layerwise draw` and its options."""

from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Annotated

import typer

from layerwise.cli.options import Language, Reading, as_command, option
from layerwise.cli.picture_request import DrawOptions
from layerwise.cli.pictures import PICTURES, draw_picture
from layerwise.cli.refusals import say
from layerwise.language import tr


def _with_pictures(command: Callable[..., None]) -> Callable[..., None]:
    """Put the list of pictures into the command's help."""
    lines = [f"  {name:12} {picture.about}" for name, picture in PICTURES.items()]
    command.__doc__ = (command.__doc__ or "").replace(
        "    PICTURES", indent("\n".join(lines), "    ")
    )
    return command


@as_command
@_with_pictures
def draw(
    *,
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL|ARCHITECTURE",
            show_default=False,
            help="A model file; or sizes joined by '-', as in 3-4-4-1 or 20-64:tanh-5:softmax.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE",
            show_default=False,
            help="Where the row is, in any form that fit reads.",
        ),
    ] = None,
    output: Path | None = option(
        "Where to; its name says the format: .svg, .png or .pdf.",
        "--output",
        "-o",
        metavar="FILE",
        shown="MODEL's name.PICTURE.svg",
    ),
    what: str = option("Which picture; see below.", default="network", metavar="NAME"),
    options: DrawOptions,
    theme: str = option("The ground.", default="light", metavar="light|dark"),
    language: Language = None,
    reading: Reading,
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
    written = draw_picture(what, output, model, source, theme, options, reading)
    say(tr("written to {path}", path=written))
