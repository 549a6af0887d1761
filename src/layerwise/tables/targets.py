"""The cells of a target: its distinct values, their places among the classes, its numbers."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.errors import TableError
from layerwise.tables.names import composed
from layerwise.tables.parsing import (
    Reading,
    Values,
    find_boolean_reading,
    find_cells,
    find_number_reading,
    is_text,
    parse_booleans,
    parse_numbers,
    places_of,
    some,
    stored_as,
    without_dictionary,
)
from layerwise.tables.parsing.missing import MISSING_WORDS

__all__ = [
    "Label",
    "Targets",
    "are_classes",
    "class_codes",
    "distinct_values",
    "finite",
    "own_spelling",
    "read_numbers",
    "taken_as_classes",
    "target_numbers",
]

Label = str | int | float | bool
# Places among the classes, or numbers; shape (n,) or (n, n_targets).
Targets: TypeAlias = NDArray[np.int64] | NDArray[np.float64]
_MOST_NUMBERED_CLASSES = 20
_ROWS_FOR_A_CLASS = 5


def class_codes(values: Values, name: str, classes: tuple[Label, ...]) -> NDArray[np.int64]:
    """For each cell of a target the place of its class, -1 for a missing one.

    Raises
    ------
    TableError
        If a cell holds a class that is not among the classes.

    Examples
    --------
    >>> class_codes(pa.array(["no", None, "yes"]), "paid", ("no", "yes")).tolist()
    [0, -1, 1]
    """
    distinct, codes = distinct_values(values)
    texts = [str(value) for value in distinct]
    parsed: Sequence[Label | None] = distinct
    if isinstance(classes[0], str):
        parsed = texts
    elif is_text(values):
        parsed = _parse_like(classes[0], texts)
    places: dict[Label | None, int] = {
        composed(label) if isinstance(label, str) else label: place
        for place, label in enumerate(classes)
    }
    of_distinct = np.array([places.get(value, -2) for value in parsed] + [-1])
    unknown = [
        text
        for text, place in zip(texts, of_distinct[:-1], strict=True)
        if place == -2 and text.lower() not in MISSING_WORDS
    ]
    if unknown:
        known = some([str(label) for label in classes], most=8)
        raise TableError(
            f"the target {name!r} holds {some(unknown)}, which was not among the "
            f"classes: {known}; leave such rows out, or train anew with them"
        )
    found: NDArray[np.int64] = np.maximum(of_distinct, -1)[codes]
    return found


def target_numbers(values: Values, name: str, reading: Reading | None) -> NDArray[np.float64]:
    """The numbers of a target that was found to be one, NaN where there is none.

    Raises
    ------
    TableError
        If there are no numbers in it now.
    """
    if reading is None and is_text(values):
        reading = find_number_reading(values, insist=True)
        if reading is None:
            raise TableError(f"the target {name!r} was a number and now holds other text")
    try:
        return parse_numbers(values, reading)[0]
    except TypeError as error:
        raise TableError(f"the target {name!r} was a number; now {error}") from error


def finite(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The numbers, with NaN in place of infinite ones."""
    return np.where(np.isfinite(numbers), numbers, np.nan)


def distinct_values(values: Values) -> tuple[list[Label], NDArray[np.int64]]:
    """Distinct values, and for each row the place of its own, -1 for none."""
    if is_text(values):
        cells = find_cells(values)
        distinct, places = places_of(cells.texts)
        return distinct.to_pylist(), np.append(places, -1)[cells.codes]
    values = without_dictionary(values)
    if stored_as(values) == "number" and not pa.types.is_integer(values.type):
        numbers = parse_numbers(values)[0]
        values = pa.array(numbers, mask=np.isnan(numbers))
    distinct, places = places_of(values)
    return distinct.to_pylist(), places


def own_spelling(values: Values, labels: Sequence[Label]) -> tuple[Label, ...]:
    """Classes as the table first spells them, where that differs from how they are compared."""
    if not is_text(values) or all(str(label).isascii() for label in labels):
        return tuple(labels)
    texts = [text.strip() for text in values.unique().to_pylist() if text is not None]
    own = {composed(text): text for text in reversed(texts)}
    return tuple(own.get(str(label), label) for label in labels)


def _parse_like(label: Label, texts: list[str]) -> list[Label | None]:
    """Texts as values of the classes' type."""
    column = pa.array(texts, pa.string())
    if isinstance(label, bool):
        reading = find_boolean_reading(column) or Reading(true="true")
        return [bool(x) if x == x else None for x in parse_booleans(column, reading)[0]]
    return list(parse_numbers(column, Reading())[0])


def are_classes(numbers: NDArray[np.float64]) -> bool:
    """Whether numbers are those of classes: two whole ones, or a few that begin at 0 or 1."""
    there = numbers[~np.isnan(numbers)]
    values = np.unique(there)
    if len(values) > _MOST_NUMBERED_CLASSES or (values != np.floor(values)).any():
        return False
    if np.isinf(values).any():
        return False
    if len(values) <= 2:
        return True
    in_turn = values[0] in (0, 1) and values[-1] - values[0] <= len(values)
    return bool(in_turn and len(there) >= _ROWS_FOR_A_CLASS * len(values))


def read_numbers(
    target: Values, *, insist: bool, name: str = ""
) -> tuple[NDArray[np.float64] | None, Reading | None, list[str], int]:
    """The target as numbers, or None; how they are read; cells that are none, and their number."""
    if not is_text(target):
        is_boolean = stored_as(target) == "boolean"
        return (None if is_boolean and not insist else parse_numbers(target)[0]), None, [], 0
    cells = find_cells(target)
    reading = None
    if insist or find_boolean_reading(cells) is None:
        reading = find_number_reading(cells, insist=insist, name=name)
    if reading is None or (reading.amounts is not None and reading.amounts.form == "pair"):
        return None, None, [], 0
    numbers, _ = parse_numbers(cells, reading)
    # Of a target words that mean nothing are cells without a number as well.
    is_said = np.append(~cells.says_nothing, False)[cells.codes]
    unread = np.flatnonzero(np.isnan(numbers) & is_said).tolist()
    return numbers, reading, cells.examples(unread), len(unread)


@contextmanager
def taken_as_classes() -> Iterator[None]:
    """Let scikit-learn fit and score many classes without its doubt that they are numbers.

    What a target is has been decided, and who did not call scikit-learn can make nothing of it.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        yield
