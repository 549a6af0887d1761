"""How many columns of a terminal a text takes: letters of Korean, Chinese and Japanese take two."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

__all__ = ["padded", "width_of"]

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
