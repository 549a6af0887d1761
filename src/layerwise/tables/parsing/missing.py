"""Words for a cell that holds nothing: the one list, and where each of them counts.

In a file without types (CSV, TSV, and the text in a workbook) an empty cell is missing, and so are
`FILE_WORDS`; where all other cells are numbers, truth values or dates, `FILE_VALUE_WORDS` too.
Where a column of text is then read as numbers, dates or yes and no, `MISSING_WORDS` are. In a
column of categories they stay what they are: "none" may be an answer there.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layerwise.language import said
from layerwise.tables.parsing.plain_cells import places_of_words

FILE_WORDS = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"})
FILE_VALUE_WORDS = FILE_WORDS | {"None", "-"}
# In lower case; they count in any.
MISSING_WORDS = frozenset({word.lower() for word in FILE_VALUE_WORDS if word} | {
    "#n/a", "<na>", "nat", "(null)", "nil", "missing", "unknown", "--", "---", ".", "..", "...",
    "#num!", "#div/0!", "#value!", "#ref!", "#null!", "#name?", "#error!", "#calc!", "#spill!",
    "tbd", "tba", "tbc",  # what is still to be decided
    "없음", "미상", "결측", "모름",
    "present", "ongoing", "현재", "진행중", "진행 중",  # the end of what has none yet
})  # fmt: skip

_SPACES = "\t\n\f\r "
_WORDS, _BLANK = pa.array(sorted(FILE_WORDS)), pa.array([""])
# Cells that it pays to look at one by one; and of which it pays to look at short ones alone.
_FEW, _MANY = 100, 1_000
# So many other codes, and so large a share of the texts, make a column one of codes.
_LEAST_CODES, _NEARLY_ALL, _LONGEST_CODE = 3, 0.9, 5


def without_file_words(text: pa.Array, *, keep_words: bool = False) -> pa.Array:
    """A file's column of text, null where a cell is empty or, unless kept, one of `FILE_WORDS`."""
    if len(text) <= _FEW:
        words, cells = frozenset({""}) if keep_words else FILE_WORDS, text.to_pylist()
        if not text.null_count and words.isdisjoint(map(str.strip, cells)):
            return text
        known = [None if cell is None or cell.strip(_SPACES) in words else cell for cell in cells]
        return text if known == cells else pa.array(known, text.type)
    places = places_of_words(text) if len(text) > _MANY else None
    some = text if places is None else text.take(pa.array(places))
    missing = pc.is_in(pc.ascii_trim(some, _SPACES), _BLANK if keep_words else _WORDS)
    if not pc.any(missing).as_py():
        return text
    if places is not None:
        is_missing = np.zeros(len(text), bool)
        is_missing[places] = np.asarray(missing)
        missing = pa.array(is_missing)
    return pc.if_else(missing, pa.scalar(None, text.type), text)


def words_among_codes(words: Mapping[str, int], texts: Iterable[str]) -> list[str]:
    """Words for a missing cell that may be codes, as NA beside AF and EU, or Namibia's.

    Parameters
    ----------
    words : mapping of str to int
        The words that were read as missing, and how many cells held each.
    texts : iterable of str
        The column's other texts, each once.

    Examples
    --------
    >>> words_among_codes({"NA": 105, "?": 3}, ["AF", "AS", "EU", "OC"])
    ['NA']
    >>> words_among_codes({"NA": 105}, ["no", "yes", "maybe"])
    []
    """
    others = list(texts)
    found = []
    for word in words:
        codes = [
            text for text in others
            if text.isalpha() and text.isascii() and len(text) <= _LONGEST_CODE
            and text.isupper() == word.isupper() and text.islower() == word.islower()
        ]  # fmt: skip
        n_as_long = sum(len(code) == len(word) for code in codes)
        is_code = word.isalpha() and len(codes) >= max(_LEAST_CODES, _NEARLY_ALL * len(others))
        if is_code and n_as_long >= len(codes) / 2:
            found.append(word)
    return found


def note_on_codes(
    names: Sequence[str], columns: Sequence[tuple[Mapping[str, int], pa.ChunkedArray]]
) -> list[str]:
    """One sentence on the columns whose codes hold a word that was read as missing."""
    notes: list[str] = []
    for name, (words, column) in zip(names, columns, strict=True):
        if not any(map(str.isalpha, words)):
            continue
        is_whole = column.num_chunks == 1 and pa.types.is_dictionary(column.type)
        distinct = column.chunk(0).dictionary if is_whole else column.unique().cast(pa.string())
        distinct = pc.utf8_trim_whitespace(distinct.drop_null())
        n_short = pc.sum(pc.less_equal(pc.binary_length(distinct), _LONGEST_CODE)).as_py() or 0
        if n_short < _NEARLY_ALL * len(distinct):
            continue
        texts = distinct.to_pylist()
        notes += (
            said(
                'In column "{name}", 1 cell holds {word} and is read as missing; beside {others} '
                "it may be a code: --keep-na keeps it as text.",
                name=name,
                word=word,
                others=", ".join(texts[:3]),
            )
            if words[word] == 1
            else said(
                'In column "{name}", {n:,} cells hold {word} and are read as missing; beside '
                "{others} it may be a code: --keep-na keeps it as text.",
                name=name,
                n=words[word],
                word=word,
                others=", ".join(texts[:3]),
            )
            for word in words_among_codes(words, texts)
        )
    return notes
