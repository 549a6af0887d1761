"""Cells between quotes, told by where the quotes stand: at the speed of memory, or not at all."""

import numpy as np
from numpy.typing import NDArray

from layerwise.arrays import Integers

_QUOTE, _RETURN, _FEED = b'"\r\n'


def enclose_cells(data: NDArray[np.uint8], delimiter: str) -> bool:
    """Whether each two quotes stand around a cell, or end a part of it and begin the next.

    Examples
    --------
    >>> for text in (b'a,"b, c",d', b'a "b"', b'"a'):
    ...     print(enclose_cells(np.frombuffer(text, np.uint8), ","))
    True
    False
    False
    """
    places = np.flatnonzero(data == _QUOTE)
    if len(places) % 2:
        return False
    is_edge = np.zeros(256, bool)
    is_edge[[_QUOTE, _RETURN, _FEED, ord(delimiter)]] = True
    before, behind = places[::2] - 1, places[1::2] + 1
    return bool(
        is_edge[data[before[before >= 0]]].all() and is_edge[data[behind[behind < len(data)]]].all()
    )


def widths_of_lines(lines: bytes, delimiter: str) -> Integers | None:
    r"""How many cells each line has, where each is a record; else None.

    Parameters
    ----------
    lines : bytes
        Of text in UTF-8; they end in "\n", the last one too, or in "\r\n".
    delimiter : str

    Examples
    --------
    >>> widths_of_lines(b'a,"b, c"\n1,2\n\n', ",").tolist()
    [2, 2, 1]
    >>> widths_of_lines(b'a,"b\nc"\n', ",")
    """
    data = np.frombuffer(lines, np.uint8)
    if b"\r" in lines and lines.count(b"\r") > lines.count(b"\r\n"):
        return None
    if not enclose_cells(data, delimiter):
        return None
    between = ord(delimiter)
    signs = data[np.flatnonzero((data == _QUOTE) | (data == _FEED) | (data == between))]
    is_inside = np.cumsum(signs == _QUOTE) % 2 == 1
    is_end = signs == _FEED
    if is_inside[is_end].any():
        return None
    n_between = np.cumsum((signs == between) & ~is_inside)[is_end]
    widths: Integers = np.diff(n_between, prepend=0) + 1
    return widths
