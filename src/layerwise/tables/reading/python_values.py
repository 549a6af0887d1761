"""Columns from Python's values, as databases, JSON and workbooks give them, piece by piece."""

import datetime as dt
import decimal
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

_INT64 = (-(2**63), 2**63 - 1)
_INTEGERS = pa.int64()
_WHOLE = pa.decimal128(38, 0)
_NUMBERS = pa.float64()
_TIMES = pa.timestamp("us")
_DAYS = pa.date32()
_WIDER = {
    frozenset({_INTEGERS, _WHOLE}): _WHOLE,
    frozenset({_INTEGERS, _NUMBERS}): _NUMBERS,
    frozenset({_WHOLE, _NUMBERS}): _NUMBERS,
    frozenset({_INTEGERS, _WHOLE, _NUMBERS}): _NUMBERS,
    frozenset({_DAYS, _TIMES}): _TIMES,
}


def as_text(value: object) -> str:
    """A value as a person would write it in a column of text.

    Examples
    --------
    >>> as_text(5.0), as_text(True), as_text({"a": [1]}), as_text(dt.date(2024, 1, 31))
    ('5', 'true', '{"a": [1]}', '2024-01-31')
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case dt.datetime():
            return value.isoformat(sep=" ")
    return str(value)


class ValueColumn:
    """One column, given as Python's values piece by piece; None is a missing one.

    Its type is the one that holds all values: a column that mixes numbers and text is text.

    Examples
    --------
    >>> column = ValueColumn()
    >>> column.add([1, None])
    >>> column.add([2.5])
    >>> column.finish().to_pylist()
    [1.0, None, 2.5]
    """

    def __init__(self) -> None:
        self._chunks: list[pa.Array] = []

    def add(self, values: Sequence[object]) -> None:
        """Add values."""
        self._chunks.append(_array(values))

    def finish(self) -> pa.ChunkedArray:
        """The whole column."""
        types = frozenset(chunk.type for chunk in self._chunks) - {pa.null()}
        if not types:
            return pa.chunked_array(
                [chunk.cast(pa.string()) for chunk in self._chunks], pa.string()
            )
        wanted = next(iter(types)) if len(types) == 1 else _WIDER.get(types, pa.string())
        chunks = []
        for chunk in self._chunks:
            if chunk.type == wanted:
                chunks.append(chunk)
            elif wanted == pa.string() and chunk.type != pa.null():
                chunks.append(_texts(chunk.to_pylist()))
            else:
                chunks.append(chunk.cast(wanted, safe=False))
        return pa.chunked_array(chunks, wanted)


def table_from(names: Sequence[str], columns: Sequence[ValueColumn]) -> pa.Table:
    """The table of these columns."""
    return pa.table([column.finish() for column in columns], names=list(names))


def _array(values: Sequence[Any]) -> pa.Array:
    types = set(map(type, values)) - {type(None)}
    if decimal.Decimal in types:
        values = [_plain_number(one) if isinstance(one, decimal.Decimal) else one for one in values]
        types = set(map(type, values)) - {type(None)}
    if not types:
        return pa.nulls(len(values))
    if types <= {int}:
        return _integers(values)
    if types <= {int, float}:
        numbers = [one if one is None else _float(one) for one in values]
        # A number that is none (NaN) is a missing one.
        return pa.array(numbers, _NUMBERS, from_pandas=True)
    if types == {bool}:
        return pa.array(values, pa.bool_())
    if types == {dt.date}:
        return pa.array(values, _DAYS)
    if types <= {dt.datetime, dt.date}:
        times = [
            dt.datetime.combine(one, dt.time()) if type(one) is dt.date else one for one in values
        ]
        if all(one is None or one.tzinfo is None for one in times):
            return pa.array(times, _TIMES)
        if all(one is None or one.tzinfo is not None for one in times):
            return pa.array(times, pa.timestamp("us", "UTC"))
    return _texts(values)


def _integers(values: Sequence[int | None]) -> pa.Array:
    present = [one for one in values if one is not None]
    smallest, largest = min(present), max(present)
    if _INT64[0] <= smallest and largest <= _INT64[1]:
        return pa.array(values, _INTEGERS)
    if max(abs(smallest), abs(largest)) < 10**38:
        exact = [one if one is None else decimal.Decimal(one) for one in values]
        return pa.array(exact, _WHOLE)
    return _texts(values)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _plain_number(value: decimal.Decimal) -> float | int:
    if value.is_finite() and value.as_tuple().exponent == 0:
        return int(value)
    return float(value)


def _texts(values: Sequence[object]) -> pa.Array:
    return pa.array([one if one is None else as_text(one) for one in values], pa.string())
