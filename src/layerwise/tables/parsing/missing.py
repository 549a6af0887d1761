"""Words for a cell that holds nothing: the one list, and where each of them counts.

In a file without types (CSV, TSV, and the text in a workbook) an empty cell is missing, and so are
`FILE_WORDS`; where all other cells are numbers, truth values or dates, `FILE_VALUE_WORDS` too.
Where a column of text is then read as numbers, dates or yes and no, `MISSING_WORDS` are. In a
column of categories they stay what they are: "none" may be an answer there.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["FILE_VALUE_WORDS", "FILE_WORDS", "MISSING_WORDS", "without_file_words"]

FILE_WORDS = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"})
FILE_VALUE_WORDS = FILE_WORDS | {"None", "-"}
# In lower case; they count in any.
MISSING_WORDS = frozenset({word.lower() for word in FILE_VALUE_WORDS if word} | {
    "#n/a", "<na>", "nat", "(null)", "nil", "missing", "unknown", "--", "---", ".", "..",
    "#num!", "#div/0!", "#value!", "#ref!", "없음", "미상", "결측", "모름",
    "present", "ongoing", "현재", "진행중", "진행 중",  # the end of what has none yet
})  # fmt: skip

_PATTERN = rf"^\s*(?:{'|'.join(map(re.escape, sorted(FILE_WORDS)))})\s*$"


def without_file_words(text: pa.Array) -> pa.Array:
    """A file's column of text, null where a cell is empty or one of `FILE_WORDS`."""
    missing = pc.match_substring_regex(text, _PATTERN)
    if not pc.any(missing).as_py():
        return text
    return pc.if_else(missing, pa.scalar(None, text.type), text)
