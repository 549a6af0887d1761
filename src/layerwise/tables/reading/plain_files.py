"""Files that can be read in one way only: Arrow splits them into cells, many times as fast."""

import itertools
import re

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from layerwise.tables.reading.dialect import Dialect
from layerwise.tables.reading.quoted_cells import enclose_cells
from layerwise.tables.reading.text_files import LINE_END

_BOM = b"\xef\xbb\xbf"
_QUOTE = b'"'


def split_plain(data: bytes, dialect: Dialect) -> pa.RecordBatch | None:
    r"""The cells of a file below its header, if there is no doubt about any.

    Then each record is as wide as the header, quotes enclose whole cells, and a quote within one is
    written twice.

    Parameters
    ----------
    data : bytes
        The whole file, in UTF-8.
    dialect : Dialect

    Returns
    -------
    pyarrow.RecordBatch or None
        Columns of text, "c0" and so on; an empty cell is missing. None where a more careful reader
        is needed, or the file has one column, of which an empty line is a cell.

    Examples
    --------
    >>> from layerwise.tables.reading.dialect import find_dialect
    >>> text = 'a,b\n"1",2\n'
    >>> dialect = find_dialect(text, "a.csv")
    >>> split_plain(text.encode(), dialect).to_pylist()
    [{'c0': '1', 'c1': '2'}]
    >>> split_plain(text.encode() + b"3\n", dialect)
    >>> split_plain(text.encode() + b'3,4 "four"\n', dialect)
    """
    if dialect.n_columns == 1 or dialect.escape != '"' or not dialect.first_line:
        return None
    ends = itertools.islice(LINE_END.finditer(data), dialect.first_line - 1)
    start = max((end.end() for end in ends), default=len(_BOM) * data.startswith(_BOM))
    if data.startswith(_BOM, start):
        return None  # which Arrow passes over, though it is a cell's here
    above = re.split(rb"[\r\n]+", data[:start].rstrip(b"\r\n"))[-1]
    if above and not above.strip(b'" \t'):
        return None  # a line that is no row, which is to be said
    rows = data[start:]
    has_quotes = _QUOTE in rows
    if has_quotes and not enclose_cells(np.frombuffer(rows, np.uint8), dialect.delimiter):
        return None
    names = [f"c{index}" for index in range(dialect.n_columns)]
    try:
        # `read_csv` starts a thread, which takes longer than most files to read.
        reader = pa_csv.open_csv(
            pa.py_buffer(rows),
            pa_csv.ReadOptions(use_threads=False, block_size=len(rows) + 1, column_names=names),
            pa_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=has_quotes),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                check_utf8=False,
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        return reader.read_next_batch()
    except (pa.ArrowInvalid, StopIteration):
        return None
