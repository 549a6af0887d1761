"""The cells of one row of a table: as they stand there, and how they became numbers and codes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.architecture import Architecture, Step
from layerwise.explanation.equations import Equation, calculation, least_decimals, settle, to_digits
from layerwise.explanation.expressions import (
    FUNCTIONS,
    Call,
    Expression,
    Name,
    Number,
    Product,
    Quotient,
    Sum,
    decimals_for,
)
from layerwise.explanation.features import Inputs
from layerwise.explanation.subject import Baseline, CellSeen
from layerwise.language import retold, tr
from layerwise.tables.columns import Column, moments_in, numbers_in, text_cells
from layerwise.tables.encoders import CategoryEncoder, DateEncoder, NumberEncoder, TextEncoder
from layerwise.tables.encoders.date import CYCLES, date_parts
from layerwise.tables.encoders.number import LIMIT, Scaling, is_missing_name
from layerwise.tables.parsing import Values
from layerwise.tables.preparation import Preparation
from layerwise.tables.prepared import Prepared
from layerwise.texts import cell_text

_MOST_CHARACTERS = 60
_FAR = 1e9  # from here on, squash() gives its limit


def cells_of(
    preparation: Preparation, table: pa.Table, prepared: Prepared, architecture: Architecture
) -> tuple[CellSeen, ...]:
    """Say of each column used what stands in the row's cell, and what the network gets of it.

    Parameters
    ----------
    preparation : Preparation
    table : pyarrow.Table
        One row.
    prepared : Prepared
        The same row.
    architecture : Architecture
        Of one of the networks, which says what codes become.
    """
    seen = []
    for column, encoder in zip(preparation.used, preparation.encoders, strict=True):
        values = table.column(column.name)
        inputs, codes = preparation.inputs_of(column.name)
        sources = (*inputs, *(len(prepared.input_names) + k for k in codes))
        equations: tuple[Equation, ...] = ()
        if isinstance(encoder, CategoryEncoder):
            code = int(prepared.codes[0, codes[0]])
            became = _category(encoder, code, architecture.embeddings[codes[0]])
            if encoder.order:
                shown = _reader(encoder.order_scaling)(float(prepared.x[0, inputs[0]]))
                became += tr("; “{name}” is {value}", name=encoder.inputs[0], value=shown)
        elif isinstance(encoder, DateEncoder):
            became, equations = _date(encoder, moments_in(column, values))
        elif isinstance(encoder, TextEncoder):
            became, equations = _text(encoder, text_cells(values)[0])
        else:
            became, equations = _number(encoder, column, float(numbers_in(column, values)[0]))
            if encoder.beside:
                second = float(prepared.x[0, inputs[-1]])
                shown = _reader(encoder.beside_scaling)(second)
                became += tr("; “{name}” is {value}", name=encoder.beside_name, value=shown)
        seen.append(CellSeen(column.name, text_of(values), became, equations, sources))
    return tuple(seen)


def text_of(values: Values) -> str | None:
    """The first cell of a column as a person reads it; None where it is missing."""
    cell = values[0].as_py()
    text = "" if cell is None else cell_text(cell)
    if not text:
        return None
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _number(encoder: NumberEncoder, column: Column, x: float) -> tuple[str, tuple[Equation, ...]]:
    if math.isnan(x):
        flag = _flag(encoder)
        if encoder.period:
            return tr("missing: 0 in all its parts{flag}", flag=flag), ()
        return tr("missing: 0, the place of the median{flag}", flag=flag), ()
    flag = ""
    if encoder.has_missing:
        flag = tr("; “{name}” is {value}", name=is_missing_name(encoder.column), value="0")
    limit = math.copysign(LIMIT, x)
    if math.isinf(x):
        return tr("infinite: {limit:g}, as far as numbers go{flag}", limit=limit, flag=flag), ()
    z = (x - encoder.scaling.center) * encoder.scaling.scale
    if abs(z) >= _FAR:
        limit = math.copysign(LIMIT, z)
        return tr("scaled: {limit:g}, as far as numbers go{flag}", limit=limit, flag=flag), ()
    kind = tr("yes or no") if column.kind == "boolean" else tr("scaled")
    if encoder.period:
        kind = tr("seconds since midnight, scaled, and their place in the day")
    waves = [
        _wave(name, function, x, encoder.period)
        for name, function in zip(encoder.waves, ("sin", "cos"), strict=False)
    ]
    return f"{kind}{flag}", (_scaled(encoder.column, encoder.scaling, x), *waves)


def _flag(encoder: NumberEncoder | DateEncoder) -> str:
    """What is said of the input that tells of a missing cell; "" where there is none."""
    if not encoder.has_missing:
        return ""
    return tr(", and 1 for “{name}”", name=is_missing_name(encoder.column))


def _scaled(name: str, scaling: Scaling, x: float) -> Equation:
    """squash(scale (x - center)), with the row's number."""
    z = (x - scaling.center) * scaling.scale
    value = FUNCTIONS["squash"](z)
    result = Number(value, decimals_for(value, 3))
    of_z = least_decimals(
        decimals_for(z, 3), lambda n: result.shows(FUNCTIONS["squash"](round(z, n)))
    )

    def build(digits: int, more: int) -> list[Equation]:
        number = to_digits(x, digits + 1)
        distance: Expression = number
        if scaling.center:
            distance = Sum((number, to_digits(-scaling.center, digits + 1)))
        product: Expression = distance
        if scaling.scale != 1.0:
            product = Product((to_digits(scaling.scale, digits), distance))
        scaled = Number(z, of_z + more)
        squashed = Call("squash", (scaled,))
        return [
            Equation(
                Name(name),
                (Call("squash", (product,)), squashed, result),
                ((product, scaled), (squashed, result), (Call("squash", (product,)), result)),
            )
        ]

    return settle(build)[0]


def _date(
    encoder: DateEncoder, moments: NDArray[np.datetime64]
) -> tuple[str, tuple[Equation, ...]]:
    if np.isnat(moments[0]):
        return tr("missing: 0 in all its parts{flag}", flag=_flag(encoder)), ()
    parts = {name: float(values[0]) for name, values in date_parts(moments).items()}
    equations = [
        _scaled(f"{encoder.column}, {name}", scaling, parts[name])
        for name, scaling in encoder.scalings.items()
    ]
    for name, length in CYCLES.items():
        if name in encoder.scalings:
            for wave, function in (("sine", "sin"), ("cosine", "cos")):
                left = f"{encoder.column}, {wave} of {name}"
                equations.append(_wave(left, function, parts[name], length))
    words = tr("its parts, scaled; time is in years since 2000, weekdays count from Monday, 0")
    return words, tuple(equations)


def _wave(left: str, function: str, part: float, length: float) -> Equation:
    value = getattr(math, function)(2 * math.pi * part / length)

    def build(digits: int, more: int) -> list[Equation]:
        turn = Quotient(Product((to_digits(2 * math.pi, digits), to_digits(part, digits))),
                        Number(length, 0))  # fmt: skip
        result, formula = Number(value, 3 + more), Call(function, (turn,))
        return [calculation(left, formula, result)]

    return settle(build)[0]


def _text(encoder: TextEncoder, text: str) -> tuple[str, tuple[Equation, ...]]:
    n = encoder.directions.shape[1]
    words = tr("{n} numbers that tell which runs of letters it holds, and its length", n=n)
    if not text:
        flag = ""
        if encoder.has_missing:
            flag = tr("; “{name}” is {value}", name=is_missing_name(encoder.column), value="1")
        return tr("missing: no letters at all{flag}", flag=flag), ()
    result = Number(math.log1p(len(text)) - 3.0, 3)
    formula = Sum(
        (Call("ln", (Sum((Number(1.0, 0), Number(float(len(text)), 0))),)), Number(-3.0, 0))
    )
    return words, (calculation(f"{encoder.column}, length", formula, result),)  # fmt: skip


def _category(encoder: CategoryEncoder, code: int, entry: Step) -> str:
    name = retold(encoder.name_of(code))
    known = f"“{name}”" if code else tr("a value that was rare or not there in training")
    return entry.value_words(known, code)


def inputs_of(preparation: Preparation) -> Inputs:
    """What numbers and codes are called, and what they stand for."""
    encoders = preparation.code_encoders
    readers: list[Callable[[float], str]] = []
    for encoder in preparation.encoders:
        scalings: dict[str, Scaling] = {}
        if isinstance(encoder, NumberEncoder):
            scalings = {encoder.column: encoder.scaling}
            scalings |= {encoder.beside_name: encoder.beside_scaling} if encoder.beside else {}
        elif isinstance(encoder, DateEncoder):
            scalings = {f"{encoder.column}, {name}": s for name, s in encoder.scalings.items()}
        elif isinstance(encoder, CategoryEncoder) and encoder.order:
            scalings = {encoder.inputs[0]: encoder.order_scaling}
        readers += [_reader(scalings.get(name)) for name in encoder.inputs]
    return Inputs(
        preparation.input_names,
        preparation.code_names,
        lambda column, code: encoders[column].name_of(code),
        lambda column, number: readers[column](number),
    )


def _reader(scaling: Scaling | None) -> Callable[[float], str]:
    """From a number as the network gets it to the table's, in words."""

    def read(number: float) -> str:
        x, spread = number, 1.0
        if scaling is not None and scaling.scale > 0:
            inside = 1.0 - (number / LIMIT) ** 2
            if inside <= 0:
                return "-∞" if number < 0 else "∞"
            spread = 1.0 / scaling.scale
            x = scaling.center + spread * number / math.sqrt(inside)
        shown = Number(x, decimals_for(spread, 3)).shown
        return shown.rstrip("0").rstrip(".") if "." in shown and "e" not in shown else shown

    return read


def typical_row(preparation: Preparation) -> Baseline:
    """The row whose numbers are all at their medians and whose categories are the most frequent.

    It is the model's own, and does not depend on the rows at hand.
    """
    x: list[float] = []
    codes: list[int] = []
    cells: dict[str, str] = {}
    for column, encoder in zip(preparation.used, preparation.encoders, strict=True):
        x += [0.0] * len(encoder.inputs)
        if isinstance(encoder, CategoryEncoder):
            code = 1 if encoder.values else 0
            codes.append(code)
            if encoder.order:
                x[-1] = float(encoder.numbers_of_codes[code])
            cells[column.name] = retold(encoder.name_of(code))
        elif isinstance(encoder, DateEncoder):
            names = list(encoder.inputs)
            for name, length in CYCLES.items():
                if name in encoder.scalings:
                    angle = 2 * math.pi * encoder.scalings[name].center / length
                    for wave, value in (("sine", math.sin(angle)), ("cosine", math.cos(angle))):
                        place = names.index(f"{column.name}, {wave} of {name}")
                        x[len(x) - len(names) + place] = value
            cells[column.name] = tr("the median of each of its parts")
        elif isinstance(encoder, TextEncoder):
            cells[column.name] = tr("no letters known, of usual length")
        elif column.kind == "boolean":
            cells[column.name] = tr("halfway between yes and no")
        else:
            cells[column.name] = to_digits(encoder.scaling.center, 4).shown
            if encoder.period:
                place = len(x) - len(encoder.inputs) + 1
                angle = 2 * math.pi * encoder.scaling.center / encoder.period
                x[place : place + 2] = [math.sin(angle), math.cos(angle)]
    return Baseline(
        tr(
            "the typical row: each number at its median, each category the most frequent one, "
            "nothing missing"
        ),
        np.array([x], np.float32).reshape(1, -1),
        np.array([codes], np.int32).reshape(1, -1),
        cells,
    )
