"""How much room a text takes: letters of Korean, Chinese and Japanese take two columns."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

__all__ = ["padded", "shortened", "width_of"]

_MOST_CHARACTERS = 120  # of a name, which may stand in a hundred formulas
_NOT_SURELY_ONE = re.compile("[\u0300-\U0010ffff]")


def width_of(text: str) -> int:
    """Columns that a text takes.

    Examples
    --------
    >>> width_of("Ulm"), width_of("서울")
    (3, 4)
    """
    others = [] if text.isascii() else _NOT_SURELY_ONE.findall(text)
    if not others:
        return len(text)
    return len(text) + sum(-1 if combining(c) else east_asian_width(c) in "WF" for c in others)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A text with spaces to a width.

    Examples
    --------
    >>> padded("서울", 6), padded("1", 3, right=True)
    ('서울  ', '  1')
    """
    space = " " * (width - width_of(text))
    return space + text if right else text + space


def shortened(name: str) -> str:
    """A name without its middle where it is very long: names often differ at their end.

    Examples
    --------
    >>> shortened("age"), len(shortened("a" * 1000 + ", month"))
    ('age', 120)
    """
    if len(name) <= _MOST_CHARACTERS:
        return name
    half = _MOST_CHARACTERS // 2
    return f"{name[: half - 1]}…{name[-half:]}"
