"""What can be typed after `layerwise`: commands, options and their help.

Nothing heavy is imported here: NumPy, Numba and Matplotlib are, inside the commands that use them.
"""

import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from layerwise import __version__
from layerwise.cli.draw_command import draw
from layerwise.cli.explain_command import explain
from layerwise.cli.fit_command import fit
from layerwise.cli.help_text import help_of
from layerwise.cli.model_commands import evaluate, export, predict
from layerwise.cli.refusals import (
    FAILED,
    INTERRUPTED,
    complain,
    refusing,
    system_words,
    what_ran_out,
    without_typed_secrets,
)
from layerwise.cli.study_command import study
from layerwise.cli.thread_limit import limit_threads
from layerwise.signals import catch_termination

__all__ = ["app", "main"]

_SIGNALED = 128  # what shells add to the number of a signal
_ABOUT = "Neural networks for tables, layer by layer."

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command. What was typed wrongly is one line on standard error, and exit code 2."""
    warnings.showwarning = _print_warning
    for stream in (sys.stdout, sys.stderr):
        # Where a character cannot be shown, "?" stands in for it instead of a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Where processes can share nothing, as where all is read-only: a study then does without.
    warnings.filterwarnings("ignore", message=".*joblib will operate in serial mode")
    limit_threads()
    with catch_termination() as termination:
        code = _run()
    if termination.number and code in {None, 0, INTERRUPTED}:
        code = _SIGNALED + termination.number
    sys.exit(code if isinstance(code, int) else 0)


def _run() -> Any:
    code: Any = 0
    try:
        code = app(prog_name="layerwise", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        code = complain(error.format_message())
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output, `head` say, has closed it.
        _drop_output()
        code = 1
    except Exception as error:  # noqa: BLE001  a fault of ours; what is said holds no password
        ran_out = what_ran_out(error)
        if ran_out is not None:
            code = complain(ran_out, FAILED)
        elif isinstance(error, OSError):
            _drop_output()
            code = code or complain(system_words(error), FAILED)
        else:
            sys.stderr.write(without_typed_secrets(traceback.format_exc()))
            code = FAILED
    return code


def _print_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A warning is said as all else is, not where in the code it was given."""
    complain(str(message))


def _drop_output() -> None:
    """Print nothing more, not even what Python flushes when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"layerwise {__version__}")
        raise typer.Exit


@app.callback(
    invoke_without_command=True,
    help=_ABOUT,
    epilog="Start with [bold]layerwise demo[/], or [bold]layerwise fit TABLE --target COLUMN[/]. "
    "More about a command: layerwise fit --help",
)
def layerwise(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Without a command, print the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for _command in (fit, predict, evaluate, explain, export, draw, study):
    app.command(help=help_of(_command))(_command)


@app.command()
def show(
    architecture: Annotated[
        str,
        typer.Argument(
            help="A model file; or inputs, nodes of each hidden layer, outputs, joined by '-'. A "
            "size may be followed by ':' and the activation of its layer, the last one by ':' and "
            "the output, as in 20-64-32:tanh-5:softmax.",
            metavar="MODEL|ARCHITECTURE",
            show_default=False,
        ),
    ],
    activation: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="f of the hidden layers: relu, leaky_relu, prelu, elu, selu, gelu, silu, mish, "
            "softplus, tanh, sigmoid, hard_sigmoid, identity.",
        ),
    ] = "relu",
    output: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What makes the outputs of the last layer's scores: identity (numbers), softmax "
            "(one of several classes), sigmoid (yes or no), exp (counts).",
            show_default="identity",
        ),
    ] = None,
    normalization: Annotated[
        str | None,
        typer.Option(
            metavar="batch|layer",
            help="Bring each layer's input to mean 0 and spread 1 before its weights, from the "
            "second layer on.",
            show_default="none",
        ),
    ] = None,
    residual: Annotated[
        bool,
        typer.Option(
            "--residual",
            help="Add its input to what a hidden layer computes, where both are of one width. "
            "With normalisation, it is what lets very deep networks learn.",
        ),
    ] = False,
    dropout: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of each hidden layer's outputs set to 0 at random while training.",
        ),
    ] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Print what a model file holds, or what a network consists of: its layers and their weights.

    A layer computes f(x W + b). [bold]W[/] holds a weight for each pair of a number
    that comes in (fan_in) and a node, [bold]b[/] a bias for each node: 3-4-4-1 has
    3x4 + 4x4 + 4x1 weights and 4 + 4 + 1 biases.

    [bold]Examples[/]
      layerwise show houses.layerwise
      layerwise show 3-4-4-1
      layerwise show 20-64-32:tanh-5:softmax
      layerwise show 30-64-64-64-2:softmax --normalization layer --residual
      layerwise show 3-4-4-1 --json
    """
    if Path(architecture).suffix or Path(architecture).exists():
        from layerwise.cli.use import show_model

        with refusing():
            show_model(Path(architecture), as_json=json)
        return
    from layerwise.architecture import Architecture, get_activation

    options: dict[str, Any] = {"output": output} if output else {}
    try:
        get_activation(activation)  # which no layer may have, but a slip is one all the same
        described = Architecture.parse(
            architecture,
            activation=activation,
            normalization=normalization,
            residual=residual,
            dropout=dropout,
            **options,
        )
    except ValueError as error:
        raise typer.Exit(complain(str(error))) from None
    if output and output != described.output:
        problem = (
            f"the output is {described.output!r} in {architecture!r} and {output!r} in --output"
        )
        raise typer.Exit(complain(f"{problem}: leave out one of them"))
    if json:
        from layerwise.cli.show import as_json

        typer.echo(as_json(described))
    else:
        from layerwise.cli.console import make_console
        from layerwise.cli.show import layer_table

        console = make_console()
        console.print(layer_table(described))
        console.print(described.summary)


@app.command()
def demo(
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder for what it writes; made if need be."
        ),
    ] = Path("demo"),
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Times through each table at most.",
            show_default="as many as suit each table",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            min=0,
            max=2**32 - 1,
            metavar="N",
            help="What everything random is drawn with: the split of the rows, the first "
            "weights, the order of the batches. Another seed shows how much is luck.",
        ),
    ] = 0,
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
        run_demo(output, epochs, seed)
    except DemoError as error:
        raise typer.Exit(complain(str(error), code=1)) from None
