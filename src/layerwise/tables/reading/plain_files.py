"""Files that can be read in one way only: they are split into cells many times as fast."""

import itertools
import re
from codecs import BOM_UTF8

import pyarrow as pa

from layerwise.tables.reading.cell_grids import split_cells
from layerwise.tables.reading.dialect import Dialect
from layerwise.tables.reading.text_files import LINE_END


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
    start = max((end.end() for end in ends), default=len(BOM_UTF8) * data.startswith(BOM_UTF8))
    if data.startswith(BOM_UTF8, start):
        return None  # which Arrow passes over, though it is a cell's here
    above = re.split(rb"[\r\n]+", data[:start].rstrip(b"\r\n"))[-1]
    if above and not above.strip(b'" \t'):
        return None  # a line that is no row, which is to be said
    return split_cells(data[start:], dialect.delimiter, dialect.n_columns)
