"""The cells of a column as its kind wants them, and the error where they are of another kind."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.columns import Column, Reading
from layerwise.tables.encoders import Encoded
from layerwise.tables.errors import TableError
from layerwise.tables.parsing import find_cells, is_text, parse_booleans, parse_dates, parse_numbers
from layerwise.tables.parsing.cells import as_array, short

__all__ = [
    "categories_of",
    "category_cells",
    "check_known",
    "moments_in",
    "numbers_in",
    "numbers_of",
    "retyped",
    "text_cells",
]

# Of a column's cells, the share that must still be readable at prediction.
_LEAST_READABLE = 0.5
_NOTHING = Reading()


def category_cells(values: Any) -> tuple[Sequence[str], NDArray[np.int64]]:
    """A column's distinct values as text, and each cell's place among them, -1 where missing.

    Whole numbers are written without a fraction, so that 3 and 3.0 are the same category.
    """
    if is_text(values):
        cells = find_cells(values)
        return cells.texts.to_pylist(), cells.codes
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], pa.null())
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_null(values.type):
        return [], np.full(len(values), -1)
    encoded = values.dictionary_encode()
    places = as_array(encoded.indices.cast(pa.int64()).fill_null(-1)).astype(np.int64)
    return [_written(value) for value in encoded.dictionary.to_pylist()], places


def categories_of(column: Column, values: Any) -> tuple[Sequence[str], NDArray[np.int64]]:
    """`category_cells`, where numbers that come as text now are written as they were."""
    texts, places = category_cells(values)
    if column.stored == "number" and is_text(values):
        numbers, _ = parse_numbers(pa.array(texts, pa.string()), _NOTHING)
        pairs = zip(texts, numbers.tolist(), strict=True)
        texts = [text if number != number else _written(number) for text, number in pairs]
    return texts, places


def _written(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return str(value)


def text_cells(values: Any) -> list[str]:
    """A column's cells as text, "" where one is missing."""
    texts, places = category_cells(values)
    return np.array([*texts, ""], dtype=object)[places].tolist()  # type: ignore[no-any-return]


def numbers_in(column: Column, values: Any) -> NDArray[np.float64]:
    """A column's numbers, or 1 and 0 for yes and no; NaN where a cell is missing."""
    parse = parse_booleans if column.kind == "boolean" else parse_numbers
    try:
        numbers, unread = parse(values, column.reading or _NOTHING)
        if unread and column.kind == "boolean" and is_text(values):
            numbers, unread = _booleans_as_text(column, values)
    except (TypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise retyped(column, values) from None
    _check_readable(column, values, unread)
    return numbers


def _booleans_as_text(column: Column, values: Any) -> tuple[NDArray[np.float64], list[int]]:
    """0 and 1, or truth values, that come as text now: "1.0", "True"."""
    if column.reading is None:
        numbers, unread = parse_booleans(values, Reading(true="true"))
        if not unread:
            return numbers, unread
    elif column.reading.true != "1":
        return parse_booleans(values, column.reading)
    numbers, unread = parse_numbers(values, _NOTHING)
    known = (numbers == 0) | (numbers == 1) | np.isnan(numbers)
    return np.where(known, numbers, np.nan), [*unread, *np.flatnonzero(~known).tolist()]


def moments_in(column: Column, values: Any) -> NDArray[np.datetime64]:
    """A column's dates, NaT where a cell is missing."""
    reading = column.reading or Reading(formats=("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"))
    try:
        moments, unread = parse_dates(values, reading)
    except (TypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise retyped(column, values) from None
    _check_readable(column, values, unread)
    return moments


def numbers_of(column: Column, values: Any) -> tuple[NDArray[np.float64], tuple[str, str] | None]:
    """A column's numbers to draw; of dates days since 1970, and the first and last in words."""
    if column.kind != "date":
        return numbers_in(column, values), None
    moments = moments_in(column, values)
    known = moments[~np.isnat(moments)]
    ends = (str(known.min())[:10], str(known.max())[:10]) if len(known) else None
    days = moments.astype(np.int64) / 86_400e6
    return np.where(np.isnat(moments), np.nan, days), ends


def _check_readable(column: Column, values: Any, unread: Sequence[int]) -> None:
    known = len(values) - values.null_count
    if len(unread) > (1 - _LEAST_READABLE) * known:
        raise retyped(column, values)


def check_known(column: Column, values: Any, encoded: Encoded) -> None:
    """Refuse a column of categories that came as another type, with not one known value."""
    present = len(values) - values.null_count
    came_as_text = is_text(values)
    if present and encoded.n_unknown == present and came_as_text != (column.stored == "text"):
        raise retyped(column, values)


def retyped(column: Column, values: Any) -> TableError:
    """The error for a column that does not hold what it held when the model was trained."""
    example = next((cell for cell in values.to_pylist() if cell is not None), None)
    example = short(example) if isinstance(example, str) else example
    wanted = {"number": "numbers", "boolean": "yes or no", "date": "dates", "text": "text"}
    return TableError(
        f"the column {column.name!r} held {wanted.get(column.kind, 'categories')} when the model "
        f"was trained ({column.reason}); now it holds cells such as {example!r} "
        f"({values.type}). Give it the same kind of values, or train again"
    )
