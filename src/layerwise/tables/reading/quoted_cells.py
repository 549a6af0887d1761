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


def widths_of_records(
    lines: bytes, delimiter: str, *, is_cut: bool = False
) -> tuple[Integers, Integers] | None:
    r"""How many cells each record has, and where each begins; None where that is not sure.

    Parameters
    ----------
    lines : bytes
        Of text in UTF-8; they end in "\n", the last one too, or in "\r\n".
    delimiter : str
    is_cut : bool
        Whether the last record may go on behind them, and is then left out.

    Returns
    -------
    widths : ndarray of int, shape (n_records,)
    first_lines : ndarray of int, shape (n_records + 1,)
        Counted from 0; at last the one behind the last record.

    Examples
    --------
    >>> widths_of_records(b'a,"b, c"\n\n1,"2\n"\n3,4\n', ",")
    (array([2, 1, 2, 2]), array([0, 1, 2, 4, 5]))
    >>> widths_of_records(b'a,b "c"\n', ",")
    """
    if b"\r" in lines and lines.count(b"\r") > lines.count(b"\r\n"):
        return None
    if is_cut and lines.count(b'"') % 2:
        lines = lines[: lines.rindex(b'"')]
    data = np.frombuffer(lines, np.uint8)
    is_end, is_between = data == _FEED, data == ord(delimiter)
    last_lines = None
    if b'"' in lines:
        if not enclose_cells(data, delimiter):
            return None
        signs = data[np.flatnonzero((data == _QUOTE) | is_end | is_between)]
        is_outside = np.bitwise_xor.accumulate((signs == _QUOTE).view(np.uint8)) == 0
        last_lines = np.flatnonzero(is_outside[signs == _FEED])
        is_end, is_between = (signs == _FEED) & is_outside, (signs == ord(delimiter)) & is_outside
    ends = np.flatnonzero(is_end)
    n_between = np.searchsorted(np.flatnonzero(is_between), ends)
    first_lines = np.arange(len(ends) + 1)
    if last_lines is not None:
        first_lines[1:] = last_lines + 1
    return np.diff(n_between, prepend=0) + 1, first_lines
