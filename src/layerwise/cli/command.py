"""What can be typed after `layerwise`: commands, options and their help.

Nothing heavy is imported here: NumPy, Numba and Matplotlib are, inside the commands that use them.
"""

import inspect
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import cache
from typing import Annotated, TextIO

import typer

from layerwise.cli.demo_command import demo
from layerwise.cli.draw_command import draw
from layerwise.cli.model_commands import evaluate, explain, export, predict
from layerwise.cli.play_command import play
from layerwise.cli.refusals import (
    FAILED,
    INTERRUPTED,
    complain,
    system_words,
    what_ran_out,
    without_typed_secrets,
)
from layerwise.cli.show_command import show
from layerwise.cli.thread_limit import limit_threads
from layerwise.cli.training_commands import fit, study
from layerwise.harmless_text import visible
from layerwise.signals import catch_termination
from layerwise.version import __version__

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


def _run() -> object:
    code: object = 0
    try:
        code = _commands()(prog_name="layerwise", standalone_mode=False)
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
            sys.stderr.write(visible(without_typed_secrets(traceback.format_exc())))
            code = FAILED
    return code


@cache
def _commands() -> Callable[..., object]:
    """The commands as they are run: made once, for programs that run several."""
    return typer.main.get_command(app)


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


def _help_of(command: Callable[..., None]) -> str:
    """Return a command's docstring with each paragraph on one line, for the screen to wrap.

    Indented lines, and headings in bold before them, are left as they are.

    Examples
    --------
    >>> def command():
    ...     '''Do it.
    ...
    ...     It is
    ...     done.
    ...
    ...     [bold]Example[/]
    ...       layerwise do
    ...     '''
    >>> print(_help_of(command))
    Do it.
    <BLANKLINE>
    It is done.
    <BLANKLINE>
    [bold]Example[/]
      layerwise do
    """
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(
        paragraph if "\n  " in paragraph else " ".join(paragraph.split())
        for paragraph in paragraphs
    )


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


for _command in (fit, predict, evaluate, explain, export, draw, study, show, play, demo):
    app.command(help=_help_of(_command))(_command)
