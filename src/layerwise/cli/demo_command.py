"""The command `layerwise demo` and its options."""

from pathlib import Path

import typer

from layerwise.cli.options import Language, as_command, option
from layerwise.cli.refusals import complain


@as_command
def demo(
    output: Path = option(
        "Folder for what it writes; made if need be.",
        "--output",
        "-o",
        default=Path("demo"),
        metavar="DIR",
    ),
    epochs: int | None = option(
        "Times through each table at most.",
        metavar="N",
        shown="as many as suit each table",
        least=1,
    ),
    seed: int = option(
        "What everything random is drawn with: the split of the rows, the first weights, the "
        "order of the batches. Another seed shows how much is luck.",
        default=0,
        metavar="N",
        least=0,
        most=2**32 - 1,
    ),
    language: Language = None,
) -> None:
    """Fit a raw table and predict new rows; then look closely at one deep network.

    The penguins of Palmer Station (344 rows with categories, dates, notes and missing
    cells) go through fit and predict, with a report. Handwritten digits (1,797 rows of
    64 numbers) go through a network of 8 hidden layers. Takes some seconds; the very
    first time, some more, to compile the engine.

    [bold]Examples[/]
      layerwise demo
      layerwise demo --seed 1 --output pictures
    """
    from layerwise.cli.demo import DemoError, run_demo

    try:
        run_demo(output, epochs, seed, language)
    except DemoError as error:
        raise typer.Exit(complain(str(error), code=1)) from None
