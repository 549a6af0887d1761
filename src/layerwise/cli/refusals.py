"""What a command cannot do is one line on standard error and an exit code, never a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

__all__ = ["FAILED", "WRONG_USAGE", "complain", "refusing"]

WRONG_USAGE = 2
FAILED = 1


def complain(message: str, code: int = WRONG_USAGE) -> int:
    """Print one line on standard error; returns the exit code."""
    typer.echo(f"layerwise: {' '.join(message.split())}", err=True)
    return code


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what a table, a model file or the system refuses into one line and exit code 1."""
    try:
        yield
    except (ArithmeticError, ImportError, MemoryError, OSError, ValueError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        said = str(error) or type(error).__name__
        if isinstance(error, OSError) and error.strerror and error.filename:
            said = f"{error.filename}: {error.strerror}"
        raise typer.Exit(complain(said, FAILED)) from None
