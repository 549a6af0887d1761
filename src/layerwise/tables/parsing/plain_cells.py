"""Cells told by their bytes alone, at the speed of memory: numbers, dates, words for a missing one.

A regular expression takes ten times as long. What is not plain here may still be one by it.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.arrays import Integers

_MINUS, _POINT, _ZERO, _NINE, _SPACE, _LETTER_T = b"-.09 T"
_DIGITS = b"0123456789"
_MOST_DIGITS = 18  # of which any fit into 64 bits
_LONGEST_NUMBER = 38
_DATE, _TIME = "0000-00-00", "0000-00-00 00:00:00"
_LONGEST_WORD = 4


def are_plain(text: pa.Array, kind: str) -> bool:
    """Whether all cells are surely of a kind: "integer", "number", "date" or "timestamp".

    Examples
    --------
    >>> are_plain(pa.array(["1", None, "-25"]), "integer"), are_plain(pa.array(["007"]), "number")
    (True, False)
    >>> are_plain(pa.array(["2024-01-05"]), "date"), are_plain(pa.array(["1e5"]), "number")
    (True, False)
    """
    cells = _bytes_of(text) if kind in ("integer", "number", "date", "timestamp") else None
    if cells is None or not len(cells[1]):
        return False
    data, starts, lengths = cells
    others = data.tobytes().translate(None, _DIGITS)
    if kind in ("date", "timestamp"):
        form = _DATE if kind == "date" else _TIME
        return len(data) == len(form) * len(starts) and _have_form(data, others, lengths, form)
    if lengths.min() == 0:
        return False
    n_minus = others.count(b"-")
    n_points = 0 if kind == "integer" else others.count(b".")
    begin = data[starts]
    if n_minus + n_points < len(others) or n_minus != np.count_nonzero(begin == _MINUS):
        return False
    if lengths.max() > (_MOST_DIGITS if kind == "integer" else _LONGEST_NUMBER):
        return False
    # The others begin with 1 to 9: behind a minus, of the figures behind it, a zero or a point.
    odd = begin <= _ZERO
    starts, lengths, begin = starts[odd], lengths[odd], begin[odd]
    is_negative = begin == _MINUS
    first, n_figures = starts + is_negative, lengths - is_negative
    if not n_figures.all():
        return False
    longer = n_figures > 1
    begin, behind = data[first], data[first + longer]
    is_code = (begin == _ZERO) & longer & (behind != _POINT)
    if kind == "integer":
        return not (is_code | ((begin == _ZERO) & is_negative)).any()
    is_figure = (behind >= _ZERO) & (behind <= _NINE)
    return not (is_code | ((begin == _POINT) & ~(longer & is_figure))).any()


def places_of_words(text: pa.Array) -> Integers | None:
    """The cells that may be a word for a missing one: short, or with space at an end.

    None where it is not told; others hold none, whatever they are.
    """
    cells = _bytes_of(text, with_null=True)
    if cells is None:
        return None
    data, starts, lengths = cells
    may_be = lengths <= _LONGEST_WORD
    if len(data):
        last = len(data) - 1
        may_be |= data[np.minimum(starts, last)] <= _SPACE
        may_be |= data[np.clip(starts + lengths - 1, 0, last)] <= _SPACE
    return np.flatnonzero(may_be)


def _have_form(
    data: NDArray[np.uint8], others: bytes, lengths: NDArray[np.integer], form: str
) -> bool:
    """Whether all cells have a form's signs where it has them, and digits for its zeros."""
    signs = [(place, sign) for place, sign in enumerate(form.encode()) if sign != _ZERO]
    if len(others) != len(signs) * len(lengths) or (lengths != len(form)).any():
        return False
    cells = data.reshape(-1, len(form))
    return all(
        bool(
            ((cells[:, place] == sign) | ((sign == _SPACE) & (cells[:, place] == _LETTER_T))).all()
        )
        for place, sign in signs
    )


def _bytes_of(
    text: pa.Array, *, with_null: bool = False
) -> tuple[NDArray[np.uint8], NDArray[np.integer], NDArray[np.integer]] | None:
    """The bytes of all cells, where each of those with a value begins, and how long it is."""
    if text.type != pa.string() or not len(text):
        return None
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, np.int32, len(text) + 1, 4 * text.offset)
    first, last = int(ends[0]), int(ends[-1])
    own = np.frombuffer(data, np.uint8, last - first, first) if last > first else np.empty(0, "u1")
    starts, lengths = ends[:-1] - first, np.diff(ends)
    if text.null_count and not with_null:
        is_known = np.asarray(text.is_valid())
        starts, lengths = starts[is_known], lengths[is_known]
    return own, starts, lengths
