"""What the command prints on standard output: tables for people, one JSON object for programs."""

import json
import math
import os
import sys
from collections.abc import Mapping

from rich.console import Console

__all__ = ["as_json_value", "make_console", "print_json"]

_WIDTH_OF_FILES = 100  # columns


def make_console() -> Console:
    """Standard output; of a width that tables fit in, where it is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDTH_OF_FILES
    return console


def as_json_value(value: object) -> object:
    """Return plain data in which NaN and infinite numbers, which JSON lacks, are null.

    Examples
    --------
    >>> as_json_value({"r2": float("nan"), "epochs": (3, 4)})
    {'r2': None, 'epochs': [3, 4]}
    """
    if isinstance(value, dict):
        return {str(name): as_json_value(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json_value(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()  # a number of NumPy's
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, (bool, int, str)) or value is None else str(value)


def print_json(values: Mapping[str, object]) -> None:
    """Print one JSON object and nothing else."""
    text = json.dumps(as_json_value(values), indent=2, allow_nan=False, ensure_ascii=False)
    sys.stdout.write(text + "\n")
