"""Cells between quotes, told by where the quotes stand: at the speed of memory, or not at all."""

import numpy as np
from numpy.typing import NDArray

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
