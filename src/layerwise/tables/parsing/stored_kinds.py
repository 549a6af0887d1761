"""What a column's cells are, by the type in which they are stored."""

import pyarrow as pa

# How a column came, and what its cells are in words.
_KINDS = {
    pa.types.is_string: ("text", "text"),
    pa.types.is_large_string: ("text", "text"),
    pa.types.is_string_view: ("text", "text"),
    pa.types.is_boolean: ("boolean", "true or false"),
    pa.types.is_date: ("date", "dates"),
    pa.types.is_timestamp: ("date", "moments"),
    pa.types.is_integer: ("number", "whole numbers"),
    pa.types.is_floating: ("number", "numbers"),
    pa.types.is_decimal: ("number", "decimal numbers"),
    pa.types.is_time: ("number", "times of day"),
    pa.types.is_duration: ("number", "durations"),
    pa.types.is_null: ("number", "nothing"),
    pa.types.is_interval: ("other", "spans of time"),
    pa.types.is_struct: ("other", "records"),
    pa.types.is_map: ("other", "maps"),
    pa.types.is_binary: ("other", "bytes"),
    pa.types.is_large_binary: ("other", "bytes"),
    pa.types.is_fixed_size_binary: ("other", "bytes"),
}
_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def stored_as(values: pa.Array | pa.ChunkedArray) -> str:
    """How a column came: "text", "boolean", "date", "number" or "other"."""
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    return next((how for is_kind, (how, _) in _KINDS.items() if is_kind(kind)), "other")


def kind_in_words(kind: pa.DataType) -> str:
    """What the cells of a column are.

    Examples
    --------
    >>> kind_in_words(pa.list_(pa.int8())), kind_in_words(pa.dictionary(pa.int32(), pa.date32()))
    ('lists of whole numbers', 'categories that are dates')
    """
    if pa.types.is_dictionary(kind):
        return f"categories that are {kind_in_words(kind.value_type)}"
    if any(is_list(kind) for is_list in _LISTS):
        return f"lists of {kind_in_words(kind.value_type)}"
    words = (words for is_kind, (_, words) in _KINDS.items() if is_kind(kind))
    return next(words, "something else")
