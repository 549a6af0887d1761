"""A table's columns as inputs of an ONNX graph, and what the networks get of them."""

from typing import TYPE_CHECKING

import numpy as np

from layerwise.files.atomic_writing import ModelFileError
from layerwise.tables.columns import Column
from layerwise.tables.encoders import CategoryEncoder, NumberEncoder
from layerwise.tables.parsing import is_time_of_day
from layerwise.tables.preparation import Preparation

if TYPE_CHECKING:
    from layerwise.store.onnx_graph import Graph

__all__ = ["add_columns", "check_columns"]

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
            f"ONNX can express numbers, booleans and categories; this model has also {named}. "
            "Train one without these columns (drop=...) to export it"
        )
    if any(not column.name for column in preparation.used):
        raise ModelFileError(
            "one of the model's columns has the name '', and an input of ONNX needs one; train "
            "with a name for each column"
        )


def add_columns(graph: "Graph", preparation: Preparation) -> tuple[str | None, list[str]]:
    """Add an input for each column used, and what makes numbers and codes of them.

    Numbers and booleans are inputs of type double, shape (n, 1), with NaN for a missing cell.
    Categories are strings, with "" for a missing cell; those that are numbers in the table are
    doubles here too, with NaN.

    Returns
    -------
    x : str or None
        The numbers, float of shape (n, n_inputs); None if there are none.
    codes : list of str
        int64 of shape (n, 1) each.
    """
    columns: list[Column] = []
    encoders: list[NumberEncoder] = []
    codes: list[str] = []
    ordered: list[str] = []
    first_of_ordered: list[int] = []
    width = 0
    for column, encoder in zip(preparation.used, preparation.encoders, strict=True):
        if isinstance(encoder, CategoryEncoder):
            codes.append(_category(graph, column, encoder))
            if encoder.order:
                numbers = graph.constant(encoder.numbers_of_codes)
                ordered.append(graph("Gather", numbers, codes[-1]))
                first_of_ordered.append(width)
        elif isinstance(encoder, NumberEncoder):
            graph.input(column.name, "double", 1, _text_of_number(column))
            if encoder.beside:
                graph.input(encoder.beside_name, "double", 1, _BESIDE[encoder.beside])
            columns.append(column)
            encoders.append(encoder)
        width += len(encoder.inputs)
    if not ordered:
        return (_numbers(graph, columns, encoders) if columns else None), codes
    parts = [_numbers(graph, columns, encoders)] if columns else []
    joined = graph.joined([*parts, *ordered])
    places = np.zeros(width, np.int64)  # of the network's inputs among those joined
    is_order = np.isin(np.arange(width), first_of_ordered)
    places[~is_order] = np.arange(width - len(ordered))
    places[is_order] = width - len(ordered) + np.arange(len(ordered))
    return graph("Gather", joined, graph.constant(places), axis=1), codes


def _numbers(graph: "Graph", columns: list[Column], encoders: list[NumberEncoder]) -> str:
    """As `NumberEncoder` does it, for all columns at once."""
    x = graph.joined([column.name for column in columns])
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
        for operator in ("Sin", "Cos"):
            wave = graph(operator, angle)
            wave = graph("Where", graph("IsNaN", wave), graph.constant(0.0), wave)
            columns_of.append(graph.cast(wave, "float"))
    besides = [i for i, encoder in enumerate(encoders) if encoder.beside]
    if len(columns_of) == 1 and not besides:
        return squashed
    n, first_wave = len(encoders), len(encoders) * (len(columns_of) - 2 * bool(circling))
    first_beside = n * (len(columns_of) - 2 * bool(circling)) + 2 * len(circling)
    for i in besides:
        scaling = encoders[i].beside_scaling
        distance = graph("Sub", encoders[i].beside_name, graph.constant(scaling.center))
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
        return f"{yes}, 0 else; NaN: missing"
    if column.reading is not None and column.reading.formats:
        since = " since midnight" if is_time_of_day(column.reading) else ""
        return f"a number of seconds{since}; NaN: missing"
    return "a number; NaN: missing"


def _category(graph: "Graph", column: Column, encoder: CategoryEncoder) -> str:
    """As `CategoryEncoder` does it: an unknown value has the code 0."""
    missing = encoder.n_codes - 1 if encoder.has_missing else 0
    codes = list(range(1, len(encoder.values) + 1))
    keys = _as_numbers(encoder.values) if column.stored == "number" else None
    if keys is None:
        graph.input(column.name, "string", 1, 'a category, as the table has it; "": missing')
        return graph(
            "LabelEncoder",
            column.name,
            keys_strings=list(encoder.code_of),
            values_int64s=list(encoder.code_of.values()),
            default_int64=0,
        )
    from layerwise.store.onnx_graph import tensor

    graph.input(column.name, "double", 1, "a number that is a category; NaN: missing")
    known = graph(
        "LabelEncoder",
        column.name,
        keys_tensor=tensor(np.array([*keys, np.inf]), "keys"),
        values_tensor=tensor(np.array([*codes, 0]), "codes"),
        default_tensor=tensor(np.array([0]), "unknown"),
    )
    is_missing = graph("IsNaN", column.name)
    return graph("Where", is_missing, graph.constant(np.int64(missing)), known)


def _as_numbers(values: tuple[str, ...]) -> list[float] | None:
    """The numbers that values were in the table, or None where a double cannot tell them apart."""
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    exact = all(abs(number) <= _LARGEST_WHOLE for number in numbers)
    return numbers if exact and len(set(numbers)) == len(numbers) else None
