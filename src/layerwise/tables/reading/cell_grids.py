"""The cells of a plain text, whose lines have as many each, split at once: by numpy, or by Arrow.

Arrow starts a thread to split a text, which takes longer than most texts of some kilobytes.
"""

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from layerwise.tables.reading.quoted_cells import enclose_cells

_QUOTE, _RETURN, _FEED = b'"\r\n'
_SHORT = 1 << 16  # bytes


def split_cells(text: bytes, delimiter: str, n_columns: int) -> pa.RecordBatch | None:
    r"""The cells of all records, the first one too.

    Parameters
    ----------
    text : bytes
        In UTF-8. Lines end in "\n" or in "\r\n", the last one perhaps in nothing.
    delimiter : str
    n_columns : int
        At least two.

    Returns
    -------
    pyarrow.RecordBatch or None
        Columns of text, "c0" and so on; an empty cell is missing. None if a record has another
        number of cells, or it is not sure where a cell ends: where quotes do not enclose it.

    Examples
    --------
    >>> split_cells(b'a,b\n1,"2, ""3"" up"\n', ",", 2).to_pylist()
    [{'c0': 'a', 'c1': 'b'}, {'c0': '1', 'c1': '2, "3" up'}]
    >>> split_cells(b"a,b\n1\n", ",", 2)
    """
    if b'"' in text and not enclose_cells(np.frombuffer(text, np.uint8), delimiter):
        return None
    cells = _split_by_numpy(text, delimiter, n_columns) if len(text) <= _SHORT else None
    return cells or _split_by_arrow(text, delimiter, n_columns)


def _split_by_arrow(text: bytes, delimiter: str, n_columns: int) -> pa.RecordBatch | None:
    names = [f"c{index}" for index in range(n_columns)]
    try:
        # `read_csv` starts a thread for the whole, which takes longer.
        reader = pa_csv.open_csv(
            pa.py_buffer(text),
            pa_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
            pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in text),
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


def _split_by_numpy(text: bytes, delimiter: str, n_columns: int) -> pa.RecordBatch | None:
    """The same; None also where an empty line is among them."""
    has_quotes, has_returns = b'"' in text, b"\r" in text
    if not text.endswith(b"\n"):
        text += b"\r\n" if has_returns else b"\n"
    data = np.frombuffer(text, np.uint8)
    is_sign = (data == _FEED) | (data == ord(delimiter))
    if has_quotes:
        is_sign |= data == _QUOTE
    places = np.flatnonzero(is_sign)
    signs = data[places]
    is_quote = signs == _QUOTE
    is_dropped = is_quote | (np.bitwise_xor.accumulate(is_quote.view(np.uint8)) == 0)
    at_ends = np.flatnonzero(is_dropped & ~is_quote)
    is_last = signs[at_ends] == _FEED
    n_rows = np.count_nonzero(is_last)
    if n_rows * n_columns != len(at_ends) or not is_last[n_columns - 1 :: n_columns].all():
        return None
    if has_quotes:
        quotes = np.flatnonzero(is_quote)
        closing, opening = quotes[1:-1:2], quotes[2::2]
        # Of two within a cell one stays.
        is_dropped[closing[places[opening] == places[closing] + 1]] = False
    ends = places[at_ends]
    starts = np.zeros(len(ends) + 1, np.int32)
    starts[1:] = ends + 1 - np.cumsum(is_dropped)[at_ends]
    is_kept = np.ones(len(data), bool)
    is_kept[places[is_dropped]] = False
    if has_returns:
        returns = ends[n_columns - 1 :: n_columns] - 1
        if text.count(b"\r") != n_rows or not (data[returns] == _RETURN).all():
            return None
        is_kept[returns] = False
        starts[1:] -= np.arange(1, len(ends) + 1) // n_columns
    is_empty = starts[1:] == starts[:-1]
    filled = None
    if is_empty.any():
        filled = pa.py_buffer(np.packbits(~is_empty, bitorder="little"))
    buffers = [filled, pa.py_buffer(starts), pa.py_buffer(data[is_kept])]
    by_row = pa.Array.from_buffers(pa.string(), len(ends), buffers)
    by_column = by_row.take(pa.array(np.arange(len(ends)).reshape(n_rows, n_columns).T.ravel()))
    columns = [by_column.slice(i * n_rows, n_rows) for i in range(n_columns)]
    return pa.record_batch(columns, [f"c{i}" for i in range(n_columns)])


def first_records(cells: pa.RecordBatch, most: int) -> list[list[str]]:
    """The rows of a table of text, so many at most; a missing cell is empty.

    Examples
    --------
    >>> first_records(pa.record_batch([["a", "1"], ["b", None]], ["c0", "c1"]), 2)
    [['a', 'b'], ['1', '']]
    """
    columns = [
        [cell or "" for cell in column.to_pylist()] if column.null_count else column.to_pylist()
        for column in cells.slice(0, most).columns
    ]
    return list(map(list, zip(*columns, strict=True)))
