"""A table's columns as inputs of an ONNX graph, and what the networks get of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from layerwise.files.atomic_writing import ModelFileError
from layerwise.tables.columns import Column
from layerwise.tables.encoders import CategoryEncoder, NumberEncoder
from layerwise.tables.parsing import (
    is_day,
    is_text,
    is_time_of_day,
    spelled_booleans,
    without_dictionary,
)
from layerwise.tables.preparation import Preparation

if TYPE_CHECKING:
    from layerwise.store.onnx_graph import Graph

# Whole numbers up to here are exact as doubles.
_LARGEST_WHOLE = 2.0**53
_BESIDE = {
    "beyond a limit": "-1 where the number is a limit that it lies below, 1 above, 0 for neither",
    "second number": "the second number of the cell; NaN: missing",
}


def check_columns(preparation: Preparation) -> None:
    """Refuse columns that ONNX has no expression for.

    Raises
    ------
    ModelFileError
        It names them all.
    """
    of_kind = {
        kind: [column.name for column in preparation.used if column.kind == kind]
        for kind in ("date", "text")
    }
    if any(of_kind.values()):
        what = {"date": "dates", "text": "free text"}
        named = "; ".join(
            f"{what[kind]} in {', '.join(map(repr, names))}"
            for kind, names in of_kind.items()
            if names
        )
        raise ModelFileError(
            f"ONNX can express numbers, booleans and categories; this model also has {named}. "
            "Train one without these columns (--drop, in Python drop=[...]) to export it"
        )
    if any(not column.name for column in preparation.used):
        raise ModelFileError(
            "one of the model's columns has the name '', and an input of ONNX needs one; train "
            "with a name for each column"
        )


def add_columns(
    graph: "Graph", preparation: Preparation, like: pa.Table | None
) -> tuple[str | None, list[str]]:
    """Add an input for each column used, and what makes numbers and codes of them.

    Numbers and booleans are inputs of type double, shape (n, 1), with NaN for a missing cell.
    Categories, and booleans that came as text, are strings, with "" for a missing cell; categories
    that are numbers in the table are doubles here too, with NaN. Of columns like those of a table
    the shape is (n,), and the type what it is there.

    Returns
    -------
    x : str or None
        The numbers, float of shape (n, n_inputs); None if there are none.
    codes : list of str
        int64 of shape (n, 1) each.
    """
    inputs = _Inputs(graph, like)
    columns: list[Column] = []
    encoders: list[NumberEncoder] = []
    numbers: list[str] = []
    besides: list[str] = []
    codes: list[str] = []
    ordered: list[str] = []
    first_of_ordered: list[int] = []
    width = 0
    for column, encoder in zip(preparation.used, preparation.encoders, strict=True):
        if isinstance(encoder, CategoryEncoder):
            codes.append(_category(graph, inputs, column, encoder))
            if encoder.order:
                places = graph.constant(encoder.numbers_of_codes)
                ordered.append(graph("Gather", places, codes[-1]))
                first_of_ordered.append(width)
        elif isinstance(encoder, NumberEncoder):
            numbers.append(_number(graph, inputs, column, encoder))
            if encoder.beside:
                center = encoder.beside_scaling.center
                of = inputs.numbers(encoder.beside_name, _BESIDE[encoder.beside], center)
                besides.append(of)
            columns.append(column)
            encoders.append(encoder)
        width += len(encoder.inputs)
    parts = [_numbers(graph, columns, encoders, numbers, besides)] if columns else []
    if not ordered:
        return (parts[0] if parts else None), codes
    joined = graph.joined([*parts, *ordered])
    order = np.zeros(width, np.int64)  # of the network's inputs among those joined
    is_order = np.isin(np.arange(width), first_of_ordered)
    order[~is_order] = np.arange(width - len(ordered))
    order[is_order] = width - len(ordered) + np.arange(len(ordered))
    return graph("Gather", joined, graph.constant(order), axis=1), codes


class _Inputs:
    """Inputs of a graph, each a column of doubles or of strings whatever is fed.

    Parameters
    ----------
    graph : Graph
    like : pyarrow.Table or None
        Whose columns are fed.
    """

    def __init__(self, graph: "Graph", like: pa.Table | None) -> None:
        self._graph, self._like = graph, like

    def kind_of(self, name: str, otherwise: str) -> str:
        """The type in which a column is fed: "string", or one of numbers."""
        if self._like is None or name not in self._like.column_names:
            return otherwise
        values = without_dictionary(self._like.column(name))
        if is_text(values):
            return "string"
        kind = values.type
        if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            return {"float": "float", "halffloat": "float16"}.get(str(kind), str(kind))
        return otherwise

    def numbers(self, name: str, text: str, typical: object) -> str:
        """Add an input of numbers, as double of shape (n, 1)."""
        kind = self.kind_of(name, "double")
        if kind == "string":
            raise ModelFileError(
                f"{name!r} holds text in the table whose columns the graph is to take, and what it "
                f"takes there is {text}: make numbers of that column"
            )
        column = self._added(name, kind, text, typical)
        return column if kind == "double" else self._graph.cast(column, "double")

    def texts(self, name: str, text: str, typical: object) -> str:
        """Add an input of texts, without blanks around, as string of shape (n, 1)."""
        kind = self.kind_of(name, "string")
        if not kind.removeprefix("u").startswith("int"):  # whole numbers are written as they are
            kind = "string"
        column = self._added(name, kind, text, typical)
        return column if kind == "string" else self._graph.cast(column, "string")

    def without_blanks(self, texts: str) -> str:
        """Texts of shape (n, 1) without the blanks around them."""
        graph = self._graph
        # A row more, since of nothing but blanks no column of texts would be left.
        padded = graph("Concat", texts, graph.constant(np.array([["-"]], object)), axis=0)
        flat = graph("Reshape", padded, graph.constant(np.array([-1])))
        split = graph("StringSplit", flat, maxsplit=0)
        first, end = graph.constant(np.array([0])), graph.constant(np.array([-1]))
        return graph("Slice", split, first, end, first)

    def _added(self, name: str, kind: str, text: str, typical: object) -> str:
        graph = self._graph
        graph.typical[name] = typical
        if self._like is None:
            return graph.input(name, kind, 1, text)
        graph.input(name, kind, None, text)
        return graph("Reshape", name, graph.constant(np.array([-1, 1])))


def _number(graph: "Graph", inputs: _Inputs, column: Column, encoder: NumberEncoder) -> str:
    """A column of numbers, or of 1 and 0 for yes and no, as double of shape (n, 1)."""
    typical: object = float(encoder.scaling.center)
    if column.kind == "boolean":
        true = column.reading.true if column.reading else ""
        typical = true or 1.0
        if true and inputs.kind_of(column.name, "string") == "string":
            texts = inputs.texts(column.name, f'{true!r} or its contrary; "": missing', true)
            words = spelled_booleans(true)
            return graph.cast(
                graph(
                    "LabelEncoder",
                    inputs.without_blanks(texts),
                    keys_strings=list(words),
                    values_floats=list(words.values()),
                    default_float=np.nan,
                ),
                "double",
            )
    return inputs.numbers(column.name, _text_of_number(column), typical)


def _numbers(
    graph: "Graph",
    columns: list[Column],
    encoders: list[NumberEncoder],
    numbers: list[str],
    besides_of: list[str],
) -> str:
    """As `NumberEncoder` does it, for all columns at once."""
    x = graph.joined(numbers)
    are_booleans = np.array([[column.kind == "boolean" for column in columns]])
    if are_booleans.any():
        zero_or_one = graph(
            "Or", graph("Equal", x, graph.constant(0.0)), graph("Equal", x, graph.constant(1.0))
        )
        known = graph("Or", zero_or_one, graph.constant(~are_booleans))
        x = graph("Where", known, x, graph.constant(np.nan))
    missing = graph("IsNaN", x)
    center = graph.constant(np.array([[encoder.scaling.center for encoder in encoders]]))
    scale = graph.constant(np.array([[encoder.scaling.scale for encoder in encoders]]))
    squashed = _squashed(graph, graph("Mul", graph("Sub", x, center), scale))
    columns_of = [squashed]
    if any(encoder.has_missing for encoder in encoders):
        columns_of.append(graph.cast(missing, "float"))
    circling = [i for i, encoder in enumerate(encoders) if encoder.period]
    if circling:
        period = graph.constant(np.array([[encoders[i].period for i in circling]]))
        place = graph("Gather", x, graph.constant(np.array(circling)), axis=1)
        angle = graph("Div", graph("Mul", place, graph.constant(2 * np.pi)), period)
        # Most versions of onnxruntime know sines of doubles, and no cosines.
        for turned in (angle, graph("Add", angle, graph.constant(np.pi / 2))):
            wave = graph("Sin", turned)
            wave = graph("Where", graph("IsNaN", wave), graph.constant(0.0), wave)
            columns_of.append(graph.cast(wave, "float"))
    besides = [i for i, encoder in enumerate(encoders) if encoder.beside]
    if len(columns_of) == 1 and not besides:
        return squashed
    n, first_wave = len(encoders), len(encoders) * (len(columns_of) - 2 * bool(circling))
    first_beside = n * (len(columns_of) - 2 * bool(circling)) + 2 * len(circling)
    for i, beside in zip(besides, besides_of, strict=True):
        scaling = encoders[i].beside_scaling
        distance = graph("Sub", beside, graph.constant(scaling.center))
        z = graph("Mul", distance, graph.constant(scaling.scale))
        columns_of.append(_squashed(graph, z))
    order: list[int] = []
    for i, encoder in enumerate(encoders):
        order.append(i)
        if encoder.period:
            sine = first_wave + circling.index(i)
            order += [sine, sine + len(circling)]
        if encoder.has_missing:
            order.append(n + i)
        if encoder.beside:
            order.append(first_beside + besides.index(i))
    all_of_them = graph.joined(columns_of)
    return graph("Gather", all_of_them, graph.constant(np.array(order)), axis=1)


def _squashed(graph: "Graph", z: str) -> str:
    """As `Scaling` does it to scaled numbers."""
    z = graph("Where", graph("IsNaN", z), graph.constant(0.0), z)
    z = graph("Min", graph("Max", z, graph.constant(-1e9)), graph.constant(1e9))
    third = graph("Div", z, graph.constant(3.0))
    root = graph("Sqrt", graph("Add", graph("Mul", third, third), graph.constant(1.0)))
    return graph.cast(graph("Div", z, root), "float")


def _text_of_number(column: Column) -> str:
    if column.kind == "boolean":
        yes = f"1 where it is {column.reading.true!r}" if column.reading else "1 for yes"
        return f"{yes}, 0 for no; NaN: missing"
    if column.reading is not None and column.reading.formats:
        since = " since midnight" if is_time_of_day(column.reading) else ""
        since = " since the first of January in a leap year" if is_day(column.reading) else since
        return f"a number of seconds{since}; NaN: missing"
    return "a number; NaN: missing"


def _category(graph: "Graph", inputs: _Inputs, column: Column, encoder: CategoryEncoder) -> str:
    """As `CategoryEncoder` does it: an unknown value has the code 0."""
    missing = encoder.n_codes - 1 if encoder.has_missing else 0
    codes = list(range(1, len(encoder.values) + 1))
    keys = _as_numbers(encoder.values) if column.stored == "number" else None
    if keys is None or inputs.kind_of(column.name, "double") == "string":
        text = 'a category, as the table has it; "": missing'
        texts = inputs.texts(column.name, text, encoder.values[0] if encoder.values else "")
        alike = _codes_of_texts(graph, inputs.without_blanks(texts), encoder.code_of, 0)
        exact = dict(zip(encoder.values, codes, strict=True))
        if all(value == value.strip(" ") for value in exact):
            return alike
        known = _codes_of_texts(graph, texts, exact, -1)
        return graph("Where", graph("Less", known, graph.constant(np.int64(0))), alike, known)
    from layerwise.store.onnx_graph import tensor

    text = "a number that is a category; NaN: missing"
    numbers = inputs.numbers(column.name, text, keys[0] if keys else 0.0)
    known = graph(
        "LabelEncoder",
        numbers,
        keys_tensor=tensor(np.array([*keys, np.inf]), "keys"),
        values_tensor=tensor(np.array([*codes, 0]), "codes"),
        default_tensor=tensor(np.array([0]), "unknown"),
    )
    is_missing = graph("IsNaN", numbers)
    return graph("Where", is_missing, graph.constant(np.int64(missing)), known)


def _codes_of_texts(graph: "Graph", texts: str, codes: Mapping[str, int], unknown: int) -> str:
    return graph(
        "LabelEncoder",
        texts,
        keys_strings=list(codes),
        values_int64s=list(codes.values()),
        default_int64=unknown,
    )


def _as_numbers(values: tuple[str, ...]) -> list[float] | None:
    """The numbers that values were in the table, or None where a double cannot tell them apart."""
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    exact = all(abs(number) <= _LARGEST_WHOLE for number in numbers)
    return numbers if exact and len(set(numbers)) == len(numbers) else None
