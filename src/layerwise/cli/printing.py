"""What the command prints on standard output: tables for people, one JSON object for programs."""

import os
import sys
from collections.abc import Mapping

from layerwise.harmless_text import as_json
from layerwise.screen import Screen

_WIDTH_OF_FILES = 100  # columns


def make_console() -> Screen:
    """Standard output; of a width that tables fit in, where it is no terminal."""
    console = Screen()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_FILES
    return console


def print_json(values: Mapping[str, object]) -> None:
    """Print one JSON object and nothing else."""
    sys.stdout.write(as_json(values) + "\n")
