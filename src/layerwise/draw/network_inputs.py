"""What reaches a network's first layer, and which of it one column of a table became."""

from collections.abc import Sequence
from dataclasses import dataclass

from layerwise.architecture import Architecture


@dataclass(frozen=True)
class InputColumn:
    """A column that a person knows, and what the first layer gets of it.

    Attributes
    ----------
    name : str
    features : tuple of int
        Its columns among all that reach the first layer (`Trace.features`).
    number : int or None
        The numeric input that is the column itself, scaled; None for a category, a date, a text.
    """

    name: str
    features: tuple[int, ...]
    number: int | None = None


def feature_places(
    architecture: Architecture,
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Where in the first layer's input each numeric input and each column of codes stands.

    A numeric input is there as itself or its periodic features, and with its pieces; a code as its
    columns of 0 and 1 or its vector.

    Returns
    -------
    numbers, codes : list of tuple of int

    Examples
    --------
    >>> from layerwise.architecture import OneHot
    >>> feature_places(Architecture([2, 1], embeddings=[OneHot(3)], pieces=[0, 2]))
    ([(0,), (1, 2, 3)], [(4, 5)])
    """
    numbers: list[tuple[int, ...]] = [() for _ in range(architecture.n_inputs)]
    codes: list[tuple[int, ...]] = [() for _ in range(architecture.n_codes)]
    place = 0
    for placed in architecture.input_steps:
        columns = codes if placed.step.slot == "codes" else numbers
        for source in placed.step.sources:
            columns[placed.source + source] += (place,)
            place += 1
    return numbers, codes


def columns_of_network(
    architecture: Architecture, number_names: Sequence[str], code_names: Sequence[str]
) -> list[InputColumn]:
    """One column for each numeric input and each column of codes."""
    numbers, codes = feature_places(architecture)
    return [
        *(InputColumn(name, numbers[i], i) for i, name in enumerate(number_names)),
        *(InputColumn(name, codes[i]) for i, name in enumerate(code_names)),
    ]


def each_feature(
    architecture: Architecture,
    number_names: Sequence[str],
    code_names: Sequence[str],
    value_names: Sequence[Sequence[str]],
) -> list[InputColumn]:
    """Everything that reaches the first layer by itself.

    Parameters
    ----------
    number_names, code_names : sequence of str
    value_names : sequence of sequence of str
        What the codes of each column stand for, code 0 first; an empty one: not known.

    Examples
    --------
    >>> from layerwise.architecture import OneHot
    >>> architecture = Architecture([1, 1], embeddings=[OneHot(3)], pieces=[2])
    >>> columns = each_feature(architecture, ["age"], ["city"], [["another", "Ulm", "Bonn"]])
    >>> [column.name for column in columns]
    ['age', 'age, piece 1', 'age, piece 2', 'city: Ulm', 'city: Bonn']
    """
    names: list[str] = []
    no_values: Sequence[str] = ()
    for placed in architecture.input_steps:
        own, values = number_names, no_values
        if placed.step.slot == "codes":
            own, values = [code_names[placed.source]], value_names[placed.source]
        names += placed.step.short_names(own, values)
    return [InputColumn(name, (place,)) for place, name in enumerate(names)]
