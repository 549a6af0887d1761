"""An explanation as blocks, which every format writes in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from layerwise.explanation.equations import Equation


@dataclass(frozen=True)
class Heading:
    """The title of a part; level 1 is the whole's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True)
class Formulas:
    """Equations, each on lines of its own."""

    equations: Sequence[Equation]


@dataclass(frozen=True)
class Bar:
    """A number as a bar from a line in the middle: to the right above 0, to the left below.

    Attributes
    ----------
    share : float
        From -1 to 1.
    """

    share: float


Cell = str | Bar | Equation | None  # None: a missing cell of the table


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    headings : sequence of str
    rows : sequence of sequences of cells
    numeric : set of int
        Columns that are written to the right.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numeric: frozenset[int] = field(default_factory=frozenset)


Block = Heading | Paragraph | Formulas | Grid
