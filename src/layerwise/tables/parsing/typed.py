"""Columns of a file without types (CSV, TSV), kept as what their cells turn out to be.

A column is of numbers, truth values or dates only if nothing of its cells is lost: a zero before
other digits (007), a plus sign, or more than 38 digits keep it text. Whole numbers too big for 64
bits stay exact. What is kept as text may still read as numbers or dates; see the files beside.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layerwise.tables.parsing.missing import FILE_VALUE_WORDS, without_file_words
from layerwise.tables.parsing.plain_cells import denied_kinds, plain_kind

_FIGURES = r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBER = rf"^(?:{_FIGURES}|-?[iI]nf(?:inity)?)$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIMESTAMP = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?$"
# In the order in which they are tried. A type may only give way to one that holds its values.
_PATTERNS = {
    "integer": (r"^(?:0|-?[1-9][0-9]{0,18})$", pa.int64()),
    "whole": (r"^(?:0|-?[1-9][0-9]{0,37})$", pa.decimal128(38, 0)),
    "number": (_NUMBER, pa.float64()),
    "boolean": (r"^(?:true|True|TRUE|false|False|FALSE)$", pa.bool_()),
    "date": (_DATE, pa.date32()),
    "timestamp": (_TIMESTAMP, pa.timestamp("us")),
}
_MATCHES = {kind: re.compile(pattern).match for kind, (pattern, _) in _PATTERNS.items()}
_VALUE = re.compile(f"^{_FIGURES}$|{_DATE}|{_TIMESTAMP}")
_WIDER = {
    "integer": ("whole", "number"),
    "whole": ("number",),
    "date": ("timestamp",),
}
# Those that hold what its bytes alone tell a cell to be.
_HOLDING = {
    "integer": ("integer", "whole", "number"),
    "number": ("number",),
    "date": ("date",),
    "timestamp": ("timestamp",),
}
# More different cells than this that are no number are not words for "missing".
_MOST_WORDS = 50
_WORDS = pa.array(sorted(FILE_VALUE_WORDS))
_FIRST_CELLS, _FIRST_TEXTS = 200, 20


def is_text(cells: Iterable[str]) -> bool:
    """Whether the first cells of a column, as many as there are rows, surely make it one of text.

    Examples
    --------
    >>> is_text(["NA", "x", "5"]), is_text(["5", "x"]), is_text(["", "NA"])
    (True, False, False)
    """
    for cell in islice(cells, _FIRST_CELLS):
        known = cell.strip()
        if known not in FILE_VALUE_WORDS:
            return not any(matches(known) for matches in _MATCHES.values())
    return False


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date, as a name of a column seldom is.

    Examples
    --------
    >>> is_value("-1.5"), is_value("2024-01-31"), is_value("price"), is_value("true")
    (True, True, False, False)
    """
    return _VALUE.match(cell.strip()) is not None


class TypedColumn:
    """One column, given as text piece by piece, and kept as what it turns out to be.

    Where a later piece is not of the type that the pieces before it were, and their text cannot
    be had back from the numbers, `is_lost` says so: the column is then to be given again.

    Parameters
    ----------
    as_text : bool
        To keep it as text whatever it holds.
    keep_words : bool
        Whether words for a missing cell stay what they are in text.

    Attributes
    ----------
    words : Counter of str
        In text, the words that were read as missing.

    Examples
    --------
    >>> column = TypedColumn()
    >>> column.add(pa.array(["1", "-"]))
    >>> column.add(pa.array(["2.5"]))
    >>> column.finish().to_pylist()
    [1.0, None, 2.5]
    >>> column.add(pa.array(["none of your business"]))
    >>> column.is_lost
    True
    """

    def __init__(self, *, as_text: bool = False, keep_words: bool = False) -> None:
        self.is_lost = False
        self.words: Counter[str] = Counter()
        self._keep_words = keep_words
        self._kind: str | None = "text" if as_text else None
        self._chunks: list[pa.Array] = []
        self._has_words = False
        self._is_repetitive: bool | None = None

    def add(self, text: pa.Array) -> None:
        """Add cells."""
        if self.is_lost:
            return
        if self._kind == "text":
            self._chunks.append(self._text(text))
            return
        if text.null_count == len(text):
            self._chunks.append(pa.nulls(len(text)))
            return
        kinds = (self._kind, *_WIDER.get(self._kind, ())) if self._kind else tuple(_PATTERNS)
        if self._add_plain(text, text, kinds):
            return
        possible = _possible(kinds, text)
        if set(possible) - {"boolean"}:
            known = _known_cells(text)
            if self._add_plain(text, known, possible):
                return
            denied = denied_kinds(known)
            possible = [kind for kind in possible if kind not in denied]
        for kind in possible:
            values = self._values(text, kind)
            if values is not None:
                self._keep(values, kind)
                return
        if self._kind is not None or self._has_words:
            self.is_lost = True
            self._chunks.clear()
            return
        self._kind = "text"
        self._chunks.append(self._text(text))

    def _add_plain(self, text: pa.Array, known: pa.Array, kinds: Sequence[str]) -> bool:
        """Add cells that their bytes alone tell to be of a kind; whether they do."""
        told = _HOLDING.get(plain_kind(known) or "", ())
        kind = next((kind for kind in kinds if kind in told), None)
        found = None if kind is None else _as_kind(known, kind, is_plain=True)
        if kind is None or found is None:
            return False
        self._has_words |= known.null_count > text.null_count
        self._keep(found[0], kind)
        return True

    def _keep(self, values: pa.Array, kind: str) -> None:
        if values.null_count == len(values):
            self._chunks.append(pa.nulls(len(values)))
        else:
            self._kind = kind
            self._chunks.append(values)

    def finish(self) -> pa.ChunkedArray:
        """The whole column."""
        kind = self._kind
        if kind == "text":
            wanted = pa.string()
            if self._is_repetitive:
                wanted = pa.dictionary(pa.int32(), pa.string())
        else:
            wanted = _PATTERNS[kind][1] if kind else pa.string()
        chunks = [
            chunk if chunk.type == wanted else chunk.cast(wanted, safe=False)
            for chunk in self._chunks
        ]
        return pa.chunked_array(chunks, wanted)

    def _values(self, text: pa.Array, kind: str) -> pa.Array | None:
        """The cells as this kind has them; None if one is not of it, as the first often tell."""
        is_long = len(text) > _FIRST_CELLS
        if is_long and _as_kind(text.slice(0, _FIRST_CELLS), kind) is None:
            return None
        found = _as_kind(text, kind)
        if found is None:
            return None
        values, has_words = found
        self._has_words |= has_words
        return values

    def _text(self, text: pa.Array) -> pa.Array:
        if self._is_repetitive is False:
            said = without_file_words(text, keep_words=self._keep_words)
            self._count_words(text.filter(said.is_null()).drop_null().value_counts())
            return _compact(said)
        encoded = text.dictionary_encode()
        distinct = without_file_words(encoded.dictionary, keep_words=self._keep_words)
        has_words = distinct.null_count > 0
        if has_words:
            encoded = self._without_words(encoded, distinct)
        if self._is_repetitive is None:
            self._is_repetitive = len(encoded.dictionary) <= len(text) / 2
        if not self._is_repetitive:
            return _compact(encoded.cast(text.type) if has_words else text)
        return pa.DictionaryArray.from_arrays(
            _compact(encoded.indices), _compact(encoded.dictionary)
        )

    def _without_words(self, encoded: pa.DictionaryArray, distinct: pa.Array) -> pa.Array:
        """The cells, null where the distinct one that they hold is; those are counted."""
        codes = encoded.indices.fill_null(-1).to_numpy()
        is_word = np.asarray(distinct.is_null())
        for place in np.flatnonzero(is_word).tolist():
            word = encoded.dictionary[place].as_py().strip()
            self.words[word] += int(np.count_nonzero(codes == place))
        known = pa.array(np.cumsum(~is_word, dtype=np.int32) - 1, mask=is_word)
        return pa.DictionaryArray.from_arrays(known.take(encoded.indices), distinct.drop_null())

    def _count_words(self, words: pa.StructArray) -> None:
        for word, count in zip(words.field(0), words.field(1), strict=True):
            self.words[word.as_py().strip()] += count.as_py()


def _possible(kinds: Sequence[str], text: pa.Array) -> list[str]:
    """Those kinds that the first texts are of: to ask them alone takes less time than a pass."""
    told = text.slice(0, _FIRST_CELLS).drop_null() if text.null_count else text
    some = {cell.strip() for cell in told.slice(0, _FIRST_TEXTS).to_pylist()}
    some -= FILE_VALUE_WORDS
    return [kind for kind in kinds if all(map(_MATCHES[kind], some))]


def _known_cells(text: pa.Array) -> pa.Array:
    """The cells without spaces around them, null where one is a word for a missing one."""
    text = pc.utf8_trim_whitespace(text)
    return pc.if_else(pc.is_in(text, _WORDS), pa.scalar(None, text.type), text)


def _booleans(text: pa.Array) -> tuple[pa.Array, bool] | None:
    """The cells as truth values, by those that differ."""
    encoded = text.dictionary_encode()
    if len(encoded.dictionary) > _MOST_WORDS:
        return None
    texts = [cell.strip() for cell in encoded.dictionary.to_pylist()]
    fits = [_MATCHES["boolean"](cell) is not None for cell in texts]
    if not all(fits[i] or cell in FILE_VALUE_WORDS for i, cell in enumerate(texts)):
        return None
    values = [cell[0] in "tT" if fits[i] else None for i, cell in enumerate(texts)]
    return pa.array(values, pa.bool_()).take(encoded.indices), not all(fits)


def _as_kind(text: pa.Array, kind: str, *, is_plain: bool = False) -> tuple[pa.Array, bool] | None:
    """The cells as a kind has them, and whether words for "missing" are among them."""
    pattern, dtype = _PATTERNS[kind]
    if kind == "boolean":
        return _booleans(text)
    has_words = False
    if not is_plain and not pc.all(pc.match_substring_regex(text, pattern)).as_py():
        text = pc.utf8_trim_whitespace(text)
        fits = pc.match_substring_regex(text, pattern)
        rest = pc.unique(text.filter(pc.invert(fits)))
        words = rest.to_pylist() if len(rest) <= _MOST_WORDS else [None]
        if not FILE_VALUE_WORDS.issuperset(words):
            return None
        has_words = len(rest) > 0
        text = pc.if_else(fits, text, pa.scalar(None, text.type))
    try:
        values = pc.cast(text, dtype)
    except pa.ArrowInvalid:  # 19 digits that need more than 64 bits; 31 February
        return None
    if kind == "number" and not _is_faithful(values, text, is_short=is_plain):
        return None
    return values, has_words


def _is_faithful(values: pa.Array, text: pa.Array, *, is_short: bool) -> bool:
    """Whether no number lost what makes it that number: its size, or more than 38 digits."""
    infinite = np.isinf(values.to_numpy(zero_copy_only=False))
    if infinite.any():
        written = pc.match_substring_regex(text, "^-?[iI]nf").fill_null(False)
        if (infinite != np.asarray(written)).any():
            return False
    longest = 0 if is_short else pc.max(pc.binary_length(text)).as_py()
    if longest is None or longest <= 38:
        return True
    return not pc.any(pc.match_substring_regex(text, "^-?[0-9]{39,}$")).as_py()


def _compact(array: pa.Array) -> pa.Array:
    """A copy without the room to grow that an array just built still holds, often half of it."""
    return pa.concat_arrays([array])
