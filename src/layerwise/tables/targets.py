"""The cells of a target: its distinct values, their places among the classes, its numbers."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats, Integers
from layerwise.tables.errors import TableError
from layerwise.tables.names import bare
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
    without_cells,
    without_dictionary,
)

Label = str | int | float | bool
# Places among the classes, or numbers; shape (n,) or (n, n_targets).
Targets: TypeAlias = Integers | Floats
_MOST_NUMBERED_CLASSES = 20
_ROWS_FOR_A_CLASS = 5


def class_codes(
    values: Values, name: str, classes: tuple[Label, ...], *, unknown: int | None = None
) -> Integers:
    """For each cell of a target the place of its class, -1 for a missing one.

    A text that is no class as it stands is the one that differs in blanks around it alone.

    Parameters
    ----------
    unknown : int or None
        What stands for a cell of another class; None: that is refused.

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
    places: dict[Label | None, int] = {label: place for place, label in enumerate(classes)}
    alike = {bare(label): place for label, place in places.items() if isinstance(label, str)}
    of_distinct = [
        places.get(value, alike.get(bare(value), -2) if isinstance(value, str) else -2)
        for value in parsed
    ]
    strange = [text for text, place in zip(texts, of_distinct, strict=True) if place == -2]
    if strange and unknown is None:
        known = some([str(label) for label in classes], most=8)
        raise TableError(
            f"the target {name!r} holds {some(strange)}, which was not among the "
            f"classes: {known}; leave such rows out, or train anew with them"
        )
    found = np.array([*(unknown if place == -2 else place for place in of_distinct), -1])
    return np.asarray(found[codes], np.int64)


def target_numbers(values: Values, name: str, reading: Reading | None) -> Floats:
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


def finite(numbers: Floats) -> Floats:
    """The numbers, with NaN in place of infinite ones."""
    return np.where(np.isfinite(numbers), numbers, np.nan)


def distinct_values(values: Values) -> tuple[list[Label], Integers]:
    """Distinct values as they are, and for each row the place of its own, -1 for none."""
    if not is_text(values):
        values = without_dictionary(values)
        if stored_as(values) == "number" and not pa.types.is_integer(values.type):
            numbers = parse_numbers(values)[0] + 0.0  # -0.0 is 0.0
            values = pa.array(numbers, mask=np.isnan(numbers))
    distinct, places = places_of(values)
    return distinct.to_pylist(), places


def with_targets_of_file(
    table: pa.Table, names: Sequence[str], classes: Sequence[Label] = ()
) -> pa.Table:
    """A file's table, its targets as data: words for a missing value among numbers are none.

    Parameters
    ----------
    table : pyarrow.Table
    names : sequence of str
        The targets; those that the table lacks are passed over.
    classes : sequence of (str, int, float or bool)
        Those that are known; such a word beside them is none too.

    Examples
    --------
    >>> table = pa.table({"mark": ["1", "2", "n/a", "1"]})
    >>> with_targets_of_file(table, ["mark"]).column("mark").null_count
    1
    """
    for place, name in enumerate(table.column_names):
        if name in names:
            read = _target_of_file(table.column(name), classes)
            table = table.set_column(place, name, read)
    return table


def _target_of_file(target: Values, classes: Sequence[Label]) -> Values:
    if pa.types.is_decimal(target.type):
        return target.cast(pa.float64())
    if not is_text(target):
        return target
    cells = find_cells(target)
    says_nothing = cells.says_nothing & ~np.isin(cells.texts.to_pylist(), list(map(str, classes)))
    if not says_nothing.any() or not (classes or read_numbers(target, insist=False)[0] is not None):
        return target
    return without_cells(target, np.append(says_nothing, False)[cells.codes])


def order_for_people(classes: Sequence[Label]) -> list[int]:
    """Places of sorted classes in the order in which people count: "9 %" goes before "10 %".

    For screens and reports; everywhere else classes stand sorted, as in scikit-learn.

    Examples
    --------
    >>> order_for_people(["10", "8", "9"])
    [1, 2, 0]
    """
    places = list(range(len(classes)))
    if classes and isinstance(classes[0], str):
        numbers = read_numbers(pa.array(classes), insist=False)[0]
        if numbers is not None:
            places.sort(key=lambda place: (np.isnan(numbers[place]), numbers[place]))
    return places


def _parse_like(label: Label, texts: list[str]) -> list[Label | None]:
    """Texts as values of the classes' type."""
    column = pa.array(texts, pa.string())
    if isinstance(label, bool):
        reading = find_boolean_reading(column) or Reading(true="true")
        return [bool(x) if x == x else None for x in parse_booleans(column, reading)[0]]
    return list(parse_numbers(column, Reading())[0])


def are_classes(numbers: Floats) -> bool:
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
) -> tuple[Floats | None, Reading | None, list[str], int]:
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
