"""Where the command prints to."""

import os

from rich.console import Console

__all__ = ["make_console"]

_WIDTH_OF_FILES = 100  # columns


def make_console() -> Console:
    """Standard output; of a width that tables fit in, where it is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_FILES
    return console
