"""What reaches a network's first layer, and which of it one column of a table became."""

from collections.abc import Sequence
from dataclasses import dataclass

from layerwise.architecture import Architecture, OneHot

__all__ = ["InputColumn", "columns_of_network", "each_feature", "feature_places"]


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
    >>> feature_places(Architecture([2, 1], embeddings=[OneHot(3)], pieces=[0, 2]))
    ([(0,), (1, 2, 3)], [(4, 5)])
    """
    n_each = 2 * architecture.periodic.n_frequencies if architecture.periodic else 1
    numbers = [tuple(range(i * n_each, (i + 1) * n_each)) for i in range(architecture.n_inputs)]
    place = architecture.number_width
    for i, n_pieces in enumerate(architecture.pieces):
        numbers[i] += tuple(range(place, place + n_pieces))
        place += n_pieces
    codes = []
    for embedding in architecture.embeddings:
        codes.append(tuple(range(place, place + embedding.size)))
        place += embedding.size
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
    >>> architecture = Architecture([1, 1], embeddings=[OneHot(3)], pieces=[2])
    >>> columns = each_feature(architecture, ["age"], ["city"], [["another", "Ulm", "Bonn"]])
    >>> [column.name for column in columns]
    ['age', 'age, piece 1', 'age, piece 2', 'city: Ulm', 'city: Bonn']
    """
    names: dict[int, str] = {}
    numbers, codes = feature_places(architecture)
    periodic = architecture.periodic
    for name, places in zip(number_names, numbers, strict=True):
        if periodic:
            k = periodic.n_frequencies
            own = [f"{name}, {wave} {j + 1}" for wave in ("sine", "cosine") for j in range(k)]
        else:
            own = [name]
        own += [f"{name}, piece {j + 1}" for j in range(len(places) - len(own))]
        names |= zip(places, own, strict=True)
    for i, (name, places) in enumerate(zip(code_names, codes, strict=True)):
        one_hot = isinstance(architecture.embeddings[i], OneHot)
        for j, place in enumerate(places):
            value = value_names[i][j + 1] if one_hot and value_names[i] else ""
            names[place] = f"{name}: {value}" if value else f"{name} [{j + 1}]"
    return [InputColumn(names[place], (place,)) for place in sorted(names)]
