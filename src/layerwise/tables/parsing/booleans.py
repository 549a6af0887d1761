"""Columns of yes and no."""

from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layerwise.arrays import Floats
from layerwise.tables.parsing.distinct import (
    Cells,
    Reading,
    Values,
    as_array,
    find_cells,
    is_text,
    without_dictionary,
)

# What means yes, and what means no beside it, in lower case.
_PAIRS = {
    "yes": ("no",),
    "y": ("n",),
    "true": ("false",),
    "t": ("f",),
    "on": ("off",),
    "1": ("0",),
    "예": ("아니오", "아니요"),
    "네": ("아니오", "아니요"),
    "o": ("x",),
    "유": ("무",),
    "있음": ("없음",),
}


def find_boolean_reading(values: Values | Cells) -> Reading | None:
    """How a column of text is read as yes and no, or None if it is not such a column.

    Both must occur, in any case, and nothing else but words for a missing value such as "n/a".

    Examples
    --------
    >>> find_boolean_reading(pa.array(["Yes", "no", None, "YES"])).true
    'yes'
    >>> find_boolean_reading(pa.array(["yes", "perhaps"]))
    """
    cells = find_cells(values)
    if len(cells.texts) > 100:  # so many ways of writing two words there are not
        return None
    texts = [text.lower() for text in cells.texts.to_pylist()]
    for true, others in _PAIRS.items():
        if true in texts and any(no in texts for no in others):
            known = {true, *others}
            stray = [text not in known for text in texts] & ~cells.says_nothing
            return None if stray.any() else Reading(true=true)
    return None


def spelled_booleans(true: str) -> dict[str, float]:
    """All that a column reads as 1 and 0 where this word means yes: in any case.

    Examples
    --------
    >>> spelled_booleans("o")
    {'o': 1.0, 'O': 1.0, 'x': 0.0, 'X': 0.0}
    """
    words = {true: 1.0, **dict.fromkeys(_PAIRS.get(true, ()), 0.0)}
    return {
        "".join(letters): value
        for word, value in words.items()
        for letters in product(*({letter: 0, letter.upper(): 0} for letter in word))
    }


def parse_booleans(
    values: Values | Cells, reading: Reading | None = None
) -> tuple[Floats, list[int]]:
    """Read a column as 1 for yes, 0 for no and NaN for a missing cell.

    Parameters
    ----------
    values : pyarrow array, shape (n,)
        Text, which needs a `reading`; or truth values; or numbers, of which 0 and 1 are readable.

    Returns
    -------
    ndarray of float64, shape (n,)
    list of int
        Positions of cells that are neither yes nor no; they are NaN.

    Examples
    --------
    >>> parse_booleans(pa.array(["Yes", "no", None, "perhaps"]), Reading(true="yes"))
    (array([ 1.,  0., nan, nan]), [3])
    """
    if not is_text(values):
        plain = without_dictionary(values).cast(pa.float64())
        numbers = as_array(pc.fill_null(plain, np.nan))
        known = (numbers == 0) | (numbers == 1) | np.isnan(numbers)
        return np.where(known, numbers, np.nan), np.flatnonzero(~known).tolist()
    if reading is None:
        raise TypeError("a column of text needs a reading")
    cells = find_cells(values)
    lower = pc.utf8_lower(cells.texts)
    true = as_array(pc.equal(lower, reading.true))
    false = as_array(pc.is_in(lower, pa.array(_PAIRS.get(reading.true, ()), pa.string())))
    return cells.spread(np.where(true, 1.0, np.where(false, 0.0, np.nan)))
