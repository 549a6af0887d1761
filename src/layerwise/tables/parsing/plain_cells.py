"""Cells told by their bytes alone, at the speed of memory: numbers, dates, words for a missing one.

A regular expression takes ten times as long. What is not plain here may still be one by it.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.arrays import Integers

_MINUS, _POINT, _ZERO, _NINE, _SPACE, _LETTER_T = b"-.09 T"
_DIGITS = b"0123456789"
_IN_NUMBERS = b"-.eE+"
_SIGNS = _DIGITS + _IN_NUMBERS + b": T"
_OTHERS = {
    "integer": b"-", "whole": b"-", "number": b"+-.eEIinfty", "date": b"-",
    "timestamp": b"-.: T",
}  # fmt: skip
"""What may stand in a cell of each kind beside digits."""
_FEW = 64  # bytes, among which most texts have a letter
_MOST_DIGITS = 18  # of which any fit into 64 bits
_LONGEST_NUMBER = 38
_FORMS = {"date": "0000-00-00", "timestamp": "0000-00-00 00:00:00"}
_LONGEST_WORD = 4


def plain_kind(text: pa.Array) -> str | None:
    """What all cells surely are: an "integer", "number", "date" or "timestamp"; None if not sure.

    Integers have at most 18 digits, and of numbers at least one has a point or an exponent. These
    are numbers if they can be read as such: "1e" is none.

    Examples
    --------
    >>> plain_kind(pa.array(["1", None, "-25"])), plain_kind(pa.array(["1", "2.5"]))
    ('integer', 'number')
    >>> plain_kind(pa.array(["2024-01-05"])), plain_kind(pa.array(["007"]))
    ('date', None)
    >>> plain_kind(pa.array(["-1.5e-07", "12"]))
    'number'
    """
    cells = _bytes_of(text, with_null=True)
    if cells is None or cells[0][:_FEW].tobytes().translate(None, _SIGNS):
        return None
    cells = _bytes_of(text) if text.null_count else cells
    if cells is None or not len(cells[0]):
        return None
    data, starts, lengths = cells
    others = data.tobytes().translate(None, _DIGITS)
    for kind, form in _FORMS.items():
        is_as_long = len(data) == len(form) * len(starts)
        if is_as_long and _have_form(data, others, lengths, form):
            return kind
    n_minus, n_points = others.count(b"-"), others.count(b".")
    has_powers = n_minus + n_points < len(others)
    if has_powers and (others.translate(None, _IN_NUMBERS) or _has_plus_signs(data.tobytes())):
        return None
    if n_minus and not has_powers:
        begin = data[np.minimum(starts, len(data) - 1)]
        if n_minus != np.count_nonzero(begin == _MINUS):
            return None
    kind = "number" if n_points or has_powers else "integer"
    most = _LONGEST_NUMBER if kind == "number" else _MOST_DIGITS
    return kind if _are_figures(data, starts, lengths, most, kind) else None


def _has_plus_signs(data: bytes) -> bool:
    """Whether a plus stands elsewhere than behind an e."""
    return data.count(b"+") > data.count(b"e+") + data.count(b"E+")


def _are_figures(
    data: NDArray[np.uint8],
    starts: NDArray[np.integer],
    lengths: NDArray[np.integer],
    most: int,
    kind: str,
) -> bool:
    """Whether cells of digits, points and a minus before them are numbers, and no codes (007)."""
    if np.minimum.reduce(lengths) == 0 or np.maximum.reduce(lengths) > most:
        return False
    begin = data[starts]
    # The others begin with 1 to 9: behind a minus, of the figures behind it, a zero or a point.
    odd = begin <= _ZERO
    if not odd.any():
        return True
    first, n_figures, begin = starts[odd], lengths[odd], begin[odd]
    is_negative = begin == _MINUS
    if is_negative.any():
        first, n_figures = first + is_negative, n_figures - is_negative
        if not n_figures.all():
            return False
        begin = data[first]
    longer = n_figures > 1
    behind = data[first + longer]
    is_code = (begin == _ZERO) & longer & (behind != _POINT)
    if kind == "integer":
        return not (is_code | ((begin == _ZERO) & is_negative)).any()
    is_point = begin == _POINT
    if not is_point.any():
        return not is_code.any()
    is_figure = (behind >= _ZERO) & (behind <= _NINE)
    return not (is_code | (is_point & ~(longer & is_figure))).any()


def denied_kinds(text: pa.Array) -> frozenset[str]:
    """Those kinds that a byte of some cell denies: no number has an x, no whole number a point.

    Examples
    --------
    >>> sorted(denied_kinds(pa.array(["1", "2.5"])))
    ['date', 'integer', 'whole']
    >>> sorted(denied_kinds(pa.array(["98117", "98117-2715"])))
    ['integer', 'number', 'whole']
    """
    cells = _bytes_of(text)
    if cells is None:
        return frozenset()
    data, starts, _ = cells
    others = data.tobytes().translate(None, _DIGITS)
    denied = {kind for kind, signs in _OTHERS.items() if others.translate(None, signs)}
    if b"-" in others:
        is_inside = data == _MINUS
        is_inside[starts[starts < len(data)]] = False
        before = data[np.flatnonzero(is_inside) - 1]
        if ((before >= _ZERO) & (before <= _NINE)).any():
            denied |= {"integer", "whole", "number"}
    return frozenset(denied)


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
    if text.null_count and not with_null:
        text = text.drop_null()  # where a cell is null, bytes may stand all the same
    if text.type != pa.string() or not len(text):
        return None
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, np.int32, len(text) + 1, 4 * text.offset)
    first, last = int(ends[0]), int(ends[-1])
    own = np.frombuffer(data, np.uint8, last - first, first) if last > first else np.empty(0, "u1")
    return own, ends[:-1] - first, ends[1:] - ends[:-1]
