"""Help on the screen, of the docstrings of commands."""

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["help_of"]


def help_of(command: Callable[..., Any]) -> str:
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
    >>> print(help_of(command))
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
