"""The distinct texts of a column, which are read in place of its many cells."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = [
    "MISSING_MARKS",
    "Cells",
    "Values",
    "as_array",
    "find_cells",
    "is_text",
    "sample",
    "short",
    "some",
    "stored_as",
    "without_dictionary",
]

# A column of a table. (pyarrow has no types that mypy reads.)
Values = Any

# What people write into a column of numbers or dates where there is nothing to write, in lower
# case. In a column of categories they stay what they are: "none" may be an answer there.
MISSING_MARKS = frozenset([
    "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "(null)", "none", "nil", "missing",
    "unknown", "?", "-", "--", "---", ".", "..", "#num!", "#div/0!", "#value!", "#ref!",
    "없음", "미상", "결측", "모름",
])  # fmt: skip

# Of the cells that say something, this share must be readable, and the others few.
_LEAST_READABLE = 0.9
_MOST_STRAY = 0.02
_A_COUPLE = 2
_LONGEST = 30  # letters of a text in a sentence

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Cells:
    """The distinct texts of a column, and where they stand.

    Attributes
    ----------
    texts : pyarrow.StringArray, shape (n_texts,)
        Distinct texts without blank ones, trimmed (so that two may be equal).
    codes : ndarray of int, shape (n,)
        For each cell its place in `texts`, -1 for an empty or blank one.

    Examples
    --------
    >>> cells = find_cells(pa.array(["a", None, "b", " a"]))
    >>> cells.texts.to_pylist(), cells.codes.tolist()
    (['a', 'b', 'a'], [0, -1, 1, 2])
    """

    texts: Any
    codes: NDArray[np.int64]

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many cells hold each text, shape (n_texts,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @cached_property
    def says_nothing(self) -> NDArray[np.bool_]:
        """Which texts are marks of a missing value, such as "n/a", shape (n_texts,)."""
        marks = pa.array(sorted(MISSING_MARKS))
        return as_array(pc.is_in(pc.utf8_lower(self.texts), marks))

    def n_stray(self, readable: NDArray[np.bool_]) -> int:
        """Cells with a text that is neither readable nor a mark of a missing value."""
        return int(self.counts[~readable & ~self.says_nothing].sum())

    def are_mostly(self, readable: NDArray[np.bool_]) -> bool:
        """Whether so many cells are readable that the column is of that kind."""
        stray = self.n_stray(readable)
        read = int(self.counts[readable & ~self.says_nothing].sum())
        few = stray <= max(_A_COUPLE, _MOST_STRAY * (read + stray))
        return read > 0 and few and read >= _LEAST_READABLE * (read + stray)

    def spread(self, of_texts: NDArray[Scalar], missing: Scalar) -> NDArray[Scalar]:
        """From a value for each text to one for each cell, `missing` where there is none."""
        return np.append(of_texts, missing)[self.codes]

    def positions(self, of_texts: NDArray[np.bool_]) -> list[int]:
        """Positions of the cells whose text is among those marked."""
        found: list[int] = np.flatnonzero(self.spread(of_texts, np.False_)).tolist()
        return found


def is_text(values: Values) -> bool:
    """Whether a column holds text, as it is, as a dictionary, or as `Cells`."""
    if isinstance(values, Cells):
        return True
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def without_dictionary(values: Values) -> Values:
    """A column of numbers, truth values or dates that came as a dictionary, as plain cells."""
    is_dictionary = not is_text(values) and pa.types.is_dictionary(values.type)
    return values.cast(values.type.value_type) if is_dictionary else values


def stored_as(values: Values) -> str:
    """How a column came: "text", "boolean", "date", "number" or "other"."""
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if is_text(values):
        return "text"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "date"
    for is_number in (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_time,
        pa.types.is_duration,
        pa.types.is_null,
    ):
        if is_number(kind):
            return "number"
    return "other"


def find_cells(values: Values) -> Cells:
    """Find the distinct texts of a column, or return `values` if they are found already.

    Raises
    ------
    TypeError
        If the column does not hold text.
    """
    if isinstance(values, Cells):
        return values
    if not is_text(values):
        raise TypeError(f"a column of text is wanted; got one of type {values.type}")
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    if isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries().combine_chunks()
    codes = as_array(pc.fill_null(values.indices.cast(pa.int64()), -1))
    texts = pc.utf8_trim_whitespace(values.dictionary.cast(pa.string()))
    said = as_array(pc.fill_null(pc.greater(pc.binary_length(texts), 0), False))
    # Unused entries of a dictionary, as a filtered table has, are no texts of this column.
    kept = said & (np.bincount(codes[codes >= 0], minlength=len(texts)) > 0)
    if not kept.all():
        places = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
        codes, texts = places[codes], texts.filter(pa.array(kept))
    return Cells(texts, codes)


def sample(texts: Any, weights: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Places of at most `size` texts: the most frequent ones, and others at equal distances."""
    if len(texts) <= size:
        return np.arange(len(texts))
    frequent = np.argpartition(weights, -size // 2)[-size // 2 :]
    return np.union1d(frequent, np.linspace(0, len(texts) - 1, size // 2).astype(np.int64))


def as_array(values: Any) -> NDArray[Any]:
    """A pyarrow array as a NumPy array that can be written to."""
    if isinstance(values, pa.ChunkedArray):
        return np.asarray(values.to_numpy())
    return np.array(values.to_numpy(zero_copy_only=False))


def some(texts: Iterable[str], most: int = 3) -> str:
    """A few texts, shortened, between quotation marks."""
    return ", ".join(f"'{short(text)}'" for text in islice(texts, most))


def short(value: object) -> str:
    """A value as text, of which a long one is cut."""
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
