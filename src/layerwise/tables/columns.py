"""A column of a table: what was decided about it, and its cells as its kind wants them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.arrays import Array, Floats, Integers
from layerwise.language import message
from layerwise.tables.changed_formats import find_new_reading
from layerwise.tables.errors import TableError
from layerwise.tables.parsing import (
    Reading,
    Values,
    find_date_reading,
    is_text,
    kind_in_words,
    parse_beside,
    parse_booleans,
    parse_dates,
    parse_numbers,
    places_of,
    short,
    without_dictionary,
)
from layerwise.tables.row_names import COUNTS_ROWS

# Kinds that the network gets, and kinds that it does not.
KINDS = (
    message("number"), message("boolean"), message("category"), message("date"), message("text"),
)  # fmt: skip
LEFT_OUT = (
    message("unrelated"),
    message("double"),
)  # by what the rows trained on say of the target
DROPPED = (
    message("identifier"), message("constant"), message("empty"), message("dropped"), *LEFT_OUT,
)  # fmt: skip

# Of a column's cells, the share that must still be readable at prediction.
_LEAST_READABLE = 0.5
_NOTHING = Reading()
_STORED_DATES = Reading(formats=("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"))
# Of each kind but numbers: what reads its cells, and how where nothing was found to be said of it.
_PARSERS: dict[str, tuple[Callable[..., tuple[Array, list[int]]], Reading]] = {
    "boolean": (parse_booleans, _NOTHING),
    "date": (parse_dates, _STORED_DATES),
}


@dataclass(frozen=True)
class Column:
    """One column of the table, and what was decided about it.

    Attributes
    ----------
    name : str
    kind : str
        One of `KINDS` or `DROPPED`.
    reason : str
        Why it is of this kind, as a person would say it: "12 distinct values in 48,842 rows".
    stored : str
        How its cells came: "number", "boolean", "date" or "text".
    n_missing : int
        Cells without a value among those looked at.
    n_distinct : int
        Distinct values among the others.
    reading : Reading or None
        How cells that came as text are read, for numbers, booleans and dates.

    Examples
    --------
    >>> column = Column("age", "number", "all 32 cells are numbers", "number", 0, 20)
    >>> Column.from_json(column.to_json()) == column
    True
    """

    name: str
    kind: str
    reason: str
    stored: str
    n_missing: int
    n_distinct: int
    reading: Reading | None = None

    @property
    def is_used(self) -> bool:
        """Whether the network gets it."""
        return self.kind in KINDS

    @property
    def counts_rows(self) -> bool:
        """Whether it is not used because it says no more than where a row stands in its file."""
        return self.kind == "identifier" and COUNTS_ROWS in self.reason

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Column":
        """Read what `to_json` gave."""
        return cls(**{**data, "reading": Reading.from_json(data["reading"])})


def category_cells(values: Values) -> tuple[list[str], Integers]:
    """A column's distinct values as text, and each cell's place among them, -1 where missing.

    Text is what it is, letter for letter. Whole numbers are written without a fraction, so that 3
    and 3.0 are the same category.
    """
    if pa.types.is_null(values.type):
        return [], np.full(len(values), -1)
    distinct, places = places_of(without_dictionary(values))
    return [_written(value) for value in distinct.to_pylist()], places


def categories_of(column: Column, values: Values) -> tuple[list[str], Integers]:
    """`category_cells`, where numbers that come as text now are written as they were."""
    texts, places = category_cells(values)
    if column.stored == "number" and is_text(values):
        numbers, _ = parse_numbers(pa.array(texts, pa.string()), _NOTHING)
        pairs = zip(texts, numbers.tolist(), strict=True)
        texts = [text if number != number else _written(number) for text, number in pairs]
    return texts, places


def _written(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return str(value)


def text_cells(values: Values) -> list[str]:
    """A column's cells as text, "" where one is missing."""
    texts, places = category_cells(values)
    return np.array([*texts, ""], dtype=object)[places].tolist()  # type: ignore[no-any-return]


def cells_read(column: Column, values: Values) -> tuple[Array, list[int], Reading | None]:
    """A column's numbers, 1 and 0 for yes and no, or dates; NaN or NaT where a cell is missing.

    Also the positions of cells that could not be read, and how the others are, if not as those
    that the model was trained with.

    Raises
    ------
    TableError
        If less than half of the cells could be read.
    """
    parse, otherwise = _PARSERS.get(column.kind, (parse_numbers, _NOTHING))
    reading = None
    try:
        cells, unread = parse(values, column.reading or otherwise)
        if unread and column.kind == "boolean" and is_text(values):
            cells, unread = _booleans_as_text(column, values)
        if unread and (other := find_new_reading(column.kind, column.reading, values)):
            again = parse(values, other)
            if len(again[1]) < len(unread):
                (cells, unread), reading = again, other
    except (TypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise retyped(column, values) from None
    if len(unread) > (1 - _LEAST_READABLE) * (len(values) - values.null_count):
        raise retyped(column, values)
    return cells, unread, reading


def numbers_in(column: Column, values: Values) -> Floats:
    """A column's numbers, or 1 and 0 for yes and no; NaN where a cell is missing."""
    numbers: Floats = cells_read(column, values)[0]
    return numbers


def beside_in(column: Column, values: Values) -> Floats | None:
    """What a column's cells say beside their numbers (`Amounts.beside`), None if nothing."""
    amounts = column.reading.amounts if column.reading else None
    return parse_beside(values, column.reading) if amounts and amounts.beside else None


def _booleans_as_text(column: Column, values: Values) -> tuple[Floats, list[int]]:
    """0 and 1, or truth values, that come as text now: "1.0", "True"."""
    if column.reading is None:
        numbers, unread = parse_booleans(values, Reading(true="true"))
        if not unread:
            return numbers, unread
    elif column.reading.true != "1":
        return parse_booleans(values, column.reading)
    numbers, unread = parse_numbers(values, _NOTHING)
    truth, others = parse_booleans(pa.array(numbers))
    return truth, [*unread, *others]


def moments_in(column: Column, values: Values) -> NDArray[np.datetime64]:
    """A column's dates, NaT where a cell is missing."""
    moments: NDArray[np.datetime64] = cells_read(column, values)[0]
    return moments


def numbers_of(column: Column, values: Values) -> tuple[Floats, tuple[str, str] | None]:
    """A column's numbers to draw; of dates days since 1970, and the first and last in words."""
    if column.kind != "date":
        return numbers_in(column, values), None
    moments = moments_in(column, values)
    known = moments[~np.isnat(moments)]
    ends = (str(known.min())[:10], str(known.max())[:10]) if len(known) else None
    return days_of(moments), ends


def days_of(moments: NDArray[np.datetime64]) -> Floats:
    """Days since 1970 of moments in microseconds, NaN for NaT."""
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 86_400e6)


def retyped(column: Column, values: Values) -> TableError:
    """The error for a column that does not hold what it held when the model was trained."""
    example = next((cell for cell in values.to_pylist() if cell is not None), None)
    example = short(example) if isinstance(example, str) else example
    wanted = {"number": "numbers", "boolean": "yes or no", "date": "dates", "text": "text"}
    doubt = ""
    if column.kind == "date" and is_text(values) and find_date_reading(values):
        doubt = ", of which nothing says for certain which figures are the day, month and year"
    return TableError(
        f"the column {column.name!r} held {wanted.get(column.kind, 'categories')} when the model "
        f"was trained ({column.reason}); now it holds cells such as {example!r} "
        f"({kind_in_words(values.type)}){doubt}. Give it the same kind of values"
        f"{', written alike' if doubt else ''}, or train again"
    )
