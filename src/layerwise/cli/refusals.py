"""What a command cannot do is one line on standard error and an exit code, never a traceback."""

import errno
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from layerwise.files.atomic_writing import NO_ROOM
from layerwise.files.passwords import hide_secrets
from layerwise.harmless_text import on_one_line

WRONG_USAGE = 2
FAILED = 1
DIFFERENT = 3  # rows look different from those that a model was trained on, and --strict was asked
INTERRUPTED = 130  # what shells expect after Ctrl-C


def complain(message: str, code: int = WRONG_USAGE) -> int:
    """Print what is wrong as `say` does; returns the exit code."""
    say(message)
    return code


def say(message: str) -> None:
    """Print one line on standard error: no password, and nothing that acts on a terminal."""
    typer.echo(f"layerwise: {on_one_line(without_typed_secrets(message))}", err=True)


def without_typed_secrets(text: str) -> str:
    """A text without the passwords that are in it, or were typed on the command line."""
    return hide_secrets(text, *sys.argv[1:])


def typed_command() -> str:
    """What was typed, as it may be shown and written down."""
    return shlex.join(["layerwise", *map(without_typed_secrets, sys.argv[1:])])


def system_words(error: OSError) -> str:
    """What the system refused, and of which file where it says so."""
    if error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if error.errno in NO_ROOM:
        return f"cannot write to standard output or a temporary file: {error.strerror}"
    return str(error) or type(error).__name__


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what a table, a model file or the system refuses into one line and exit code 1."""
    try:
        yield
    except (ArithmeticError, ImportError, MemoryError, OSError, ValueError) as error:
        if isinstance(error, BrokenPipeError) or what_ran_out(error):
            raise
        if isinstance(error, OSError):
            raise typer.Exit(complain(system_words(error), FAILED)) from None
        said = str(error) or type(error).__name__
        raise typer.Exit(complain(said, FAILED)) from None


def what_ran_out(error: BaseException) -> str | None:
    """What an error says the machine has too little of, and what to do; None for other errors."""
    said = " ".join(str(error).split())
    if (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or any(words in said for words in ("failed to map segment", "annot allocate memory"))
    ):
        return (
            f"there is not enough memory{f' ({said})' if said else ''}: see what limits it "
            "(ulimit -v, a container's limit), or give fewer rows or columns"
        )
    if "start new thread" in said or "Resource temporarily unavailable" in said:
        return (
            "the system lets this user or container start no more threads or processes: raise "
            "the limit (ulimit -u, --pids-limit), or set OMP_NUM_THREADS=1"
        )
    return None
