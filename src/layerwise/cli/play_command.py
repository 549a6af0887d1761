"""The command `layerwise play` and its options."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from layerwise.cli.options import Reading, as_command, option
from layerwise.cli.refusals import FAILED, complain, say

_MODEL_SUFFIX = ".layerwise"
# One for each chapter of the guide; the page's own list is in playground/page/lesson_tasks.js.
LESSONS = (
    "perceptron",
    "xor",
    "counting",
    "linear",
    "depth",
    "backpropagation",
    "softmax",
    "table",
)


@as_command
def play(
    *,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE|MODEL",
            show_default=False,
            help="A table, as fit reads it; or a model that fit made. Neither: toy data.",
        ),
    ] = None,
    target: str = option(
        "The table's column to predict.", default="", metavar="COLUMN", shown="guessed"
    ),
    classroom: bool = option(
        "A page for a teacher, who sees who is here and sends lessons, and one for each student.",
        default=False,
    ),
    host: str = option(
        "The address to listen at: 0.0.0.0 for all of this machine's, so that others in the "
        "same network can come in with the address that is printed.",
        default="127.0.0.1",
        metavar="ADDRESS",
    ),
    port: int = option(
        "The port; 0: one that is free.", default=0, metavar="N", least=0, most=65_535
    ),
    lesson: str = option(
        f"Begin with a lesson: {', '.join(LESSONS)}.", default="", metavar="NAME", shown="none"
    ),
    browser: bool = option(
        "Whether to open the page in the browser.", "--browser/--no-browser", default=True
    ),
    reading: Reading,
) -> None:
    """Watch a network learn, in the browser: every node, weight and gradient, live.

    With toy data, digits, or points drawn by hand; with your own table; or with a trained model,
    whose inputs become sliders. Layers, activations, optimisers and rates are chosen on the page.
    Nothing leaves this machine. Ctrl-C ends it.

    [bold]Examples[/]
      layerwise play
      layerwise play houses.csv --target price
      layerwise play houses.layerwise
      layerwise play --lesson xor
      layerwise play --classroom --host 0.0.0.0
    """
    from layerwise.architecture.lookup import look_up
    from layerwise.playground.opening import MissingServer, begin

    if lesson:
        look_up(lesson, dict.fromkeys(LESSONS), "lesson")
    thing: object = None
    if source is not None and Path(source).suffix.lower() == _MODEL_SUFFIX:
        thing = _model(Path(source))
    elif source is not None:
        thing = source
    try:
        playing = begin(
            thing,
            target=target,
            reading=reading.arguments(),
            host=host,
            port=port,
            classroom=classroom,
        )
    except MissingServer as error:
        raise typer.Exit(complain(str(error), FAILED)) from None
    except OSError as error:
        words = f"cannot listen at {host}, port {port}: {error.strerror or error}"
        raise typer.Exit(complain(f"{words}; choose another --port or --host", FAILED)) from None
    for note in playing.notes:
        say(f"not read: {note}")
    address = playing.address + (f"#lesson={lesson}" if lesson else "")
    typer.echo(address)
    if playing.address_for_students:
        typer.echo(f"for students: {playing.address_for_students}")
    say("the playground is open at the address above, for whoever has it; Ctrl-C ends it")
    if browser:
        import webbrowser

        webbrowser.open(address)
    with suppress(KeyboardInterrupt):  # how it is meant to end
        playing.serve()


def _model(path: Path) -> object:
    from layerwise.estimators.table import BaseTable
    from layerwise.store import load

    model = load(path)
    if not isinstance(model, BaseTable):
        kind = type(model).__name__
        raise typer.BadParameter(
            f"{path} holds a {kind}; the playground opens models of tables, which layerwise fit "
            "makes. Its network can be seen with: layerwise draw"
        )
    return model
