"""The distinct texts of a column, which are read in place of its many cells, and how."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from layerwise.arrays import Array, Integers, Mask
from layerwise.tables.names import composed
from layerwise.tables.parsing.missing import MISSING_WORDS
from layerwise.tables.parsing.stored_kinds import kind_in_words, stored_as

FIRST_YEAR = 1969  # of the hundred that two digits mean where nothing says otherwise
SAMPLE = 500  # texts that tell how others are written

# Of the cells that say something, this share must be readable, and the others few.
_LEAST_READABLE = 0.9
_MOST_STRAY = 0.02
_A_COUPLE = 2
_LONGEST = 30  # letters of a text in a sentence

_Read = TypeVar("_Read", np.float64, np.datetime64)


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

    texts: pa.StringArray
    codes: Integers

    @cached_property
    def counts(self) -> Integers:
        """How many cells hold each text, shape (n_texts,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    @cached_property
    def says_nothing(self) -> Mask:
        """Which texts are words for a missing value, such as "n/a", shape (n_texts,)."""
        return as_array(pc.is_in(pc.utf8_lower(self.texts), pa.array(sorted(MISSING_WORDS))))

    @cached_property
    def counts_of_said(self) -> Counter[str]:
        """How many cells hold each of the texts that say something; equal ones are one."""
        counts = Counter[str]()
        said = ~self.says_nothing
        texts = self.texts.filter(pa.array(said)).to_pylist()
        for text, n in zip(texts, self.counts[said].tolist(), strict=True):
            counts[text] += n
        return counts

    @cached_property
    def sample(self) -> tuple[pa.StringArray, Integers]:
        """Some of the texts that say something, and how many cells hold each."""
        chosen = sample(self.texts, self.counts)
        chosen = chosen[~self.says_nothing[chosen]]
        return self.texts.take(chosen), self.counts[chosen]

    def n_stray(self, readable: Mask) -> int:
        """Cells with a text that is neither readable nor a word for a missing value."""
        return int(self.counts[~readable & ~self.says_nothing].sum())

    def are_mostly(self, readable: Mask) -> bool:
        """Whether so many cells are readable that the column is of that kind."""
        stray = self.n_stray(readable)
        read = int(self.counts[readable & ~self.says_nothing].sum())
        few = stray <= max(_A_COUPLE, _MOST_STRAY * (read + stray))
        return read > 0 and few and read >= _LEAST_READABLE * (read + stray)

    def spread(self, of_texts: NDArray[_Read]) -> tuple[NDArray[_Read], list[int]]:
        """From a number or moment for each text, NaN or NaT where it is none, to each cell's.

        Also the positions of the cells whose text says something and could not be read.
        """
        nothing = np.datetime64("NaT") if of_texts.dtype.kind == "M" else np.nan
        stray = np.append(np.isnan(of_texts) & ~self.says_nothing, False)[self.codes]
        return np.append(of_texts, nothing)[self.codes], np.flatnonzero(stray).tolist()

    def examples(self, positions: Sequence[int]) -> list[str]:
        """Distinct texts of the first of these cells."""
        return list(dict.fromkeys(self.texts[int(self.codes[i])].as_py() for i in positions[:20]))


@dataclass(frozen=True)
class Reading:
    """How a cell that came as text becomes a number, a truth value or a date.

    Attributes
    ----------
    decimal, thousands : str
        For numbers: the mark before the fraction, and the one between thousands ("" for none).
    unit : str
        For numbers: text around the number that is not part of it, such as "kg" or "€".
    true : str
        For booleans: the cell, in lower case, that means yes; any other is no.
    formats : tuple of str
        For dates, times of day and durations: the formats, tried in this order; see
        `date_formats` and `durations`.
    first_year : int
        For dates: the first of the hundred years that two digits mean.
    amounts : Amounts or None
        For numbers written with more than a unit, and categories with an order.
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    true: str = ""
    formats: tuple[str, ...] = ()
    first_year: int = FIRST_YEAR
    amounts: "Amounts | None" = field(default=None, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Reading | None":
        """Read what `dataclasses.asdict` gave; None where there was no reading."""
        if data is None:
            return None
        amounts = Amounts.from_json(data.get("amounts"))
        return cls(**{**data, "formats": tuple(data["formats"]), "amounts": amounts})


@dataclass(frozen=True)
class Amounts:
    """How cells are read that say more than a plain number does; see `amounts`.

    Attributes
    ----------
    form : str
        "sum" of parts with units, such as 5 ft 7; "range", of which the middle counts; "pair" of
        numbers; "ratio" of two; "lead" of one side, such as R+5; "order" of words.
    factors : tuple of (str, float)
        What a number with this unit is multiplied by; "" is the unit of those without one.
    words : tuple of (str, float or None)
        Whole cells, in lower case, and the number each stands for; None: missing.
    unit : str
        What the numbers are in then.
    has_limits : bool
        Whether some are beyond a limit, such as "<0.5"; an input of its own says so.
    """

    form: str = "sum"
    factors: tuple[tuple[str, float], ...] = ()
    words: tuple[tuple[str, float | None], ...] = ()
    unit: str = ""
    has_limits: bool = False

    @property
    def beside(self) -> str:
        """What a second input of the column says, "" if there is none."""
        if self.form == "pair":
            return "second number"
        return "beyond a limit" if self.has_limits else ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Amounts | None":
        """Read what `dataclasses.asdict` gave; None where there was none."""
        if data is None:
            return None
        pairs = {name: tuple(map(tuple, data[name])) for name in ("factors", "words")}
        return cls(**{**data, **pairs})


# A column of a table. Where `Cells` may stand in its place, its distinct texts are found already.
Values: TypeAlias = pa.Array | pa.ChunkedArray


def is_text(values: Values | Cells) -> bool:
    """Whether a column holds text, as it is, as a dictionary, or as `Cells`."""
    return isinstance(values, Cells) or stored_as(values) == "text"


def without_dictionary(values: Values) -> Values:
    """A column of numbers, truth values or dates that came as a dictionary, as plain cells."""
    is_dictionary = not is_text(values) and pa.types.is_dictionary(values.type)
    return values.cast(values.type.value_type) if is_dictionary else values


def find_cells(values: Values | Cells) -> Cells:
    """Find the distinct texts of a column, or return `values` if they are found already.

    Raises
    ------
    TypeError
        If the column does not hold text.
    """
    if isinstance(values, Cells):
        return values
    if not is_text(values):
        raise TypeError(f"a column of text is wanted; got one of {kind_in_words(values.type)}")
    distinct, codes = places_of(values)
    texts = _bare(distinct.cast(pa.string()))
    said = as_array(pc.fill_null(pc.greater(pc.binary_length(texts), 0), False))
    return Cells(*_those_kept(texts, codes, said))


def _bare(texts: Values) -> Values:
    """Texts without blanks around them, composed as names are compared (`names.composed`)."""
    texts = pc.utf8_trim_whitespace(texts)
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    distinct = texts.unique()
    own = _composed(distinct)
    return texts if own.equals(distinct) else own.take(pc.index_in(texts, value_set=distinct))


def _composed(texts: pa.Array) -> pa.Array:
    """Texts composed; not by Arrow's own function, which decomposes them before its version 26."""
    own = [None if text is None else composed(text) for text in texts.to_pylist()]
    return pa.array(own, texts.type)


def cells_of_file(values: Values) -> Values:
    """A file's column of text as data: blanks around a cell are none of it, a blank cell is none.

    Texts that differ in the composition of letters alone are spelled as the first of them.

    Examples
    --------
    >>> cells_of_file(pa.array([" a", "a", "  "])).to_pylist()
    ['a', 'a', None]
    """
    if not is_text(values):
        return values
    is_dictionary = pa.types.is_dictionary(values.type)
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    for texts in (chunk.dictionary if is_dictionary else chunk for chunk in chunks):
        changed = pc.or_(pc.not_equal(_bare(texts), texts), pc.equal(texts, ""))
        if pc.any(changed).as_py():
            break
    else:
        return values
    texts = values.cast(values.type.value_type) if is_dictionary else values
    texts = _spelled_alike(pc.utf8_trim_whitespace(texts))
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
    return texts.dictionary_encode() if is_dictionary else texts


def _spelled_alike(texts: Values) -> Values:
    distinct = texts.unique().drop_null()
    alike = _composed(distinct)
    if len(alike.unique()) == len(distinct):
        return texts
    first: dict[str, str] = {}
    own = [first.setdefault(one, text) for one, text in
           zip(alike.to_pylist(), distinct.to_pylist(), strict=True)]  # fmt: skip
    return pa.array(own, texts.type).take(pc.index_in(texts, value_set=distinct))


def places_of(values: Values) -> tuple[pa.Array, Integers]:
    """A column's distinct values, and each cell's place among them, -1 where it is missing."""
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    if isinstance(values, pa.ChunkedArray):
        values = values.unify_dictionaries().combine_chunks()
    codes = as_array(pc.fill_null(values.indices.cast(pa.int64()), -1))
    # Unused entries of a dictionary, as a filtered table has, are no values of this column.
    return _those_kept(values.dictionary, codes, as_array(values.dictionary.is_valid()))


def _those_kept(distinct: pa.Array, codes: Integers, kept: Mask) -> tuple[pa.Array, Integers]:
    """Those distinct values that are kept and occur, and each cell's place among them or -1."""
    kept = kept & (np.bincount(codes[codes >= 0], minlength=len(distinct)) > 0)
    if kept.all():
        return distinct, codes
    places = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
    return distinct.filter(pa.array(kept)), places[codes]


def without_cells(values: Values, gone: Mask) -> Values:
    """A column, missing where `gone` is true."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return pc.if_else(pa.array(gone), pa.scalar(None, values.type), values)


def sample(texts: pa.StringArray, weights: Integers) -> Integers:
    """Places of at most `SAMPLE` texts: the most frequent ones, and others at equal distances."""
    if len(texts) <= SAMPLE:
        return np.arange(len(texts))
    frequent = np.argpartition(weights, -SAMPLE // 2)[-SAMPLE // 2 :]
    return np.union1d(frequent, np.linspace(0, len(texts) - 1, SAMPLE // 2).astype(np.int64))


def as_array(values: Values) -> Array:
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
