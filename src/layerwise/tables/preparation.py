"""From a table to what the network gets: a matrix of numbers and one of codes, and their names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.columns import Column, Reading
from layerwise.tables.encoders import (
    CategoryEncoder,
    DateEncoder,
    Encoded,
    Encoder,
    NumberEncoder,
    TextEncoder,
)
from layerwise.tables.errors import TableError
from layerwise.tables.names import some_names
from layerwise.tables.parsing import find_cells, is_text, parse_booleans, parse_dates, parse_numbers
from layerwise.tables.parsing.cells import as_array, stored_as

__all__ = ["Preparation", "Prepared", "category_cells", "numbers_of"]

_ENCODERS = {
    "number": NumberEncoder,
    "boolean": NumberEncoder,
    "category": CategoryEncoder,
    "date": DateEncoder,
    "text": TextEncoder,
}
# Of a column's cells, the share that must still be readable at prediction.
_LEAST_READABLE = 0.5
_NOTHING = Reading()


@dataclass
class Prepared:
    """A table as the network gets it.

    Attributes
    ----------
    x : ndarray of float32, shape (n, n_inputs)
    codes : ndarray of int32, shape (n, n_codes)
    input_names, code_names : tuple of str
        What the columns of `x` and of `codes` are.
    notes : list of str
        What was met in the table that was not there when the preparation was fitted.
    """

    x: NDArray[np.float32]
    codes: NDArray[np.int32]
    input_names: tuple[str, ...]
    code_names: tuple[str, ...]
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Preparation:
    """How the columns of a table become numbers and codes; plain data, fitted to one table.

    Numbers are scaled by their quartiles and squashed; categories become codes; dates their parts
    and cyclic forms; free text a few numbers. It looks at the columns to predict from alone.

    Attributes
    ----------
    columns : tuple of Column
        All of the table's columns but the target, those that are dropped among them.
    encoders : tuple
        One for each column that is used.

    Examples
    --------
    >>> from layerwise.tables.kinds import describe_columns
    >>> table = pa.table({"age": [31, 45, None, 28], "sex": ["F", "M", "F", "M"]})
    >>> preparation = Preparation.fit(table, describe_columns(table))
    >>> prepared = preparation.transform(table)
    >>> prepared.input_names, prepared.code_names
    (('age', 'age is missing'), ('sex',))
    >>> prepared.x.shape, prepared.codes[:, 0].tolist()
    ((4, 2), [1, 2, 1, 2])
    """

    columns: tuple[Column, ...]
    encoders: tuple[Encoder, ...]

    @classmethod
    def fit(cls, table: pa.Table, columns: Iterable[Column], *, seed: int = 0) -> "Preparation":
        """Fit it to a table.

        Parameters
        ----------
        table : pyarrow.Table
        columns : iterable of Column
            What was decided about each, as `describe_columns` gives them.
        seed : int
            For the rows that texts are reduced with, where they are many.

        Raises
        ------
        TableError
            If no column is left to predict from.
        """
        columns = tuple(columns)
        used = [column for column in columns if column.is_used]
        if not used:
            raise TableError(
                "no column is left to predict from: "
                + "; ".join(f"{column.name!r} is {column.kind}" for column in columns[:5])
                + ". Give the table a column that varies, or say what kind one of these is"
            )
        encoders = [_fitted(column, table.column(column.name), seed) for column in used]
        return cls(columns, tuple(encoders))

    @property
    def used(self) -> tuple[Column, ...]:
        """The columns that the network gets."""
        return tuple(column for column in self.columns if column.is_used)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the columns of `Prepared.x` are."""
        return tuple(name for encoder in self.encoders for name in encoder.inputs)

    @property
    def code_encoders(self) -> tuple[CategoryEncoder, ...]:
        """The encoder of each column of `Prepared.codes`."""
        return tuple(e for e in self.encoders if isinstance(e, CategoryEncoder))

    @property
    def code_names(self) -> tuple[str, ...]:
        """What the columns of `Prepared.codes` are."""
        return tuple(encoder.column for encoder in self.code_encoders)

    def inputs_of(self, name: str) -> tuple[list[int], list[int]]:
        """Which columns of `Prepared.x` and of `Prepared.codes` a column of the table became."""
        inputs: list[int] = []
        codes: list[int] = []
        n_inputs = n_codes = 0
        for encoder in self.encoders:
            is_code = isinstance(encoder, CategoryEncoder)
            if encoder.column == name:
                inputs = list(range(n_inputs, n_inputs + len(encoder.inputs)))
                codes = [n_codes] if is_code else []
            n_inputs, n_codes = n_inputs + len(encoder.inputs), n_codes + is_code
        return inputs, codes

    def transform(self, table: pa.Table) -> Prepared:
        """Make a table what the network gets.

        Columns may come in another order, and others beside them; values that are new, and cells
        that are missing where none was before, are normal.

        Raises
        ------
        TableError
            If a column is missing, or holds something of another kind.
        """
        self.check(table)
        n = table.num_rows
        notes: list[str] = []
        x = np.empty((n, len(self.input_names)), np.float32)
        codes = np.empty((n, len(self.code_names)), np.int32)
        n_inputs = n_codes = 0
        for column, encoder, encoded in self._encoded(table):
            for part in encoded.numbers:
                x[:, n_inputs] = part
                n_inputs += 1
            if encoded.codes is not None:
                codes[:, n_codes] = encoded.codes
                n_codes += 1
            if encoded.n_unknown and isinstance(encoder, CategoryEncoder):
                notes.append(
                    f"{column.name!r} holds values in {encoded.n_unknown:,} of {n:,} rows that "
                    "were rare or not there when the model was trained"
                )
        extra = sorted(set(table.column_names) - {column.name for column in self.columns})
        if extra:
            notes.append(f"columns that the model does not use: {some_names(extra)}")
        return Prepared(x, codes, self.input_names, self.code_names, notes)

    def check(self, table: pa.Table) -> None:
        """Refuse a table that lacks a column.

        Raises
        ------
        TableError
        """
        missing = [column.name for column in self.used if column.name not in table.column_names]
        if missing:
            noun = "column" if len(missing) == 1 else "columns"
            raise TableError(
                f"the table lacks the {noun} {', '.join(map(repr, missing[:5]))}"
                f"{f' and {len(missing) - 5} more' if len(missing) > 5 else ''}, which the model "
                f"was trained with; its columns: {some_names(table.column_names)}"
            )

    def _encoded(self, table: pa.Table) -> Iterator[tuple[Column, Encoder, Encoded]]:
        for column, encoder in zip(self.used, self.encoders, strict=True):
            values = table.column(column.name)
            if isinstance(encoder, CategoryEncoder):
                encoded = encoder.encode(*_categories(column, values))
                _check_known(column, values, encoded)
            elif isinstance(encoder, TextEncoder):
                if stored_as(values) != "text" and values.null_count < len(values):
                    raise _retyped(column, values)
                encoded = encoder.encode(text_cells(values))
            elif isinstance(encoder, DateEncoder):
                encoded = encoder.encode(_moments(column, values))
            else:
                encoded = encoder.encode(_numbers(column, values))
            yield column, encoder, encoded

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data, without the arrays."""
        return {
            "columns": [column.to_json() for column in self.columns],
            "encoders": [encoder.to_json() for encoder in self.encoders],
        }

    @property
    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The arrays that `to_json` leaves out."""
        return {
            f"{i}.{name}": array
            for i, encoder in enumerate(self.encoders)
            if isinstance(encoder, TextEncoder)
            for name, array in encoder.arrays.items()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], arrays: Mapping[str, Any]) -> "Preparation":
        """Read what `to_json` and `arrays` gave."""
        columns = tuple(Column.from_json(column) for column in data["columns"])
        used = [column for column in columns if column.is_used]
        encoders: list[Encoder] = []
        for i, (column, state) in enumerate(zip(used, data["encoders"], strict=True)):
            encoder: Any = _ENCODERS[column.kind]
            if encoder is TextEncoder:
                start = f"{i}."
                own = {
                    name.removeprefix(start): array
                    for name, array in arrays.items()
                    if name.startswith(start)
                }
                encoders.append(TextEncoder.from_json(state, own))
            else:
                encoders.append(encoder.from_json(state))
        return cls(columns, tuple(encoders))


def _fitted(column: Column, values: Any, seed: int) -> Encoder:
    if column.kind == "category":
        return CategoryEncoder.fit(column.name, *category_cells(values))
    if column.kind == "text":
        return TextEncoder.fit(column.name, text_cells(values), seed=seed)
    if column.kind == "date":
        return DateEncoder.fit(column.name, _moments(column, values))
    is_boolean = column.kind == "boolean"
    return NumberEncoder.fit(column.name, _numbers(column, values), is_boolean=is_boolean)


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


def _categories(column: Column, values: Any) -> tuple[Sequence[str], NDArray[np.int64]]:
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


def _numbers(column: Column, values: Any) -> NDArray[np.float64]:
    parse = parse_booleans if column.kind == "boolean" else parse_numbers
    try:
        numbers, unread = parse(values, column.reading or _NOTHING)
        if unread and column.kind == "boolean" and is_text(values):
            numbers, unread = _booleans_as_text(column, values)
    except (TypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _retyped(column, values) from None
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


def _moments(column: Column, values: Any) -> NDArray[np.datetime64]:
    reading = column.reading or Reading(formats=("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"))
    try:
        moments, unread = parse_dates(values, reading)
    except (TypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _retyped(column, values) from None
    _check_readable(column, values, unread)
    return moments


def numbers_of(column: Column, values: Any) -> tuple[NDArray[np.float64], tuple[str, str] | None]:
    """A column's numbers to draw; of dates days since 1970, with the first and the last in words."""
    if column.kind != "date":
        return _numbers(column, values), None
    moments = _moments(column, values)
    known = moments[~np.isnat(moments)]
    ends = (str(known.min())[:10], str(known.max())[:10]) if len(known) else None
    days = moments.astype(np.int64) / 86_400e6
    return np.where(np.isnat(moments), np.nan, days), ends


def _check_readable(column: Column, values: Any, unread: Sequence[int]) -> None:
    known = len(values) - values.null_count
    if len(unread) > (1 - _LEAST_READABLE) * known:
        raise _retyped(column, values)


def _check_known(column: Column, values: Any, encoded: Encoded) -> None:
    """Refuse a column of categories that came as another type, with not one known value."""
    present = len(values) - values.null_count
    came_as_text = is_text(values)
    if present and encoded.n_unknown == present and came_as_text != (column.stored == "text"):
        raise _retyped(column, values)


def _retyped(column: Column, values: Any) -> TableError:
    example = next((cell for cell in values.to_pylist() if cell is not None), None)
    wanted = {"number": "numbers", "boolean": "yes or no", "date": "dates"}
    return TableError(
        f"the column {column.name!r} held {wanted.get(column.kind, 'other values')} when the model "
        f"was trained ({column.reason}); now it holds cells such as {example!r} "
        f"({values.type}). Give it the same kind of values, or train again"
    )
