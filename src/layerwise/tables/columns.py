"""What was decided about each column of a table: its kind, why, and how its cells are read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["DROPPED", "KINDS", "Column", "Reading"]

# Kinds that the network gets, and kinds that it does not.
KINDS = ("number", "boolean", "category", "date", "text")
DROPPED = ("identifier", "constant", "empty", "dropped")


@dataclass(frozen=True)
class Reading:
    """How a cell that came as text becomes a number, a truth value or a date.

    Attributes
    ----------
    decimal, thousands : str
        For numbers: the mark before the fraction, and the one between thousands ("" for none).
    unit : str
        For numbers: text around the number that is not part of it, such as "kg" or "€".
    true : str
        For booleans: the cell, in lower case, that means yes; any other is no.
    formats : tuple of str
        For dates: the formats, as `datetime.strptime` has them, tried in this order.
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    true: str = ""
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of the table, and what was decided about it.

    Attributes
    ----------
    name : str
    kind : str
        One of `KINDS` or `DROPPED`.
    reason : str
        Why it is of this kind, as a person would say it: "12 distinct values in 48,842 rows".
    stored : str
        How its cells came: "number", "boolean", "date" or "text".
    n_missing : int
        Cells without a value among those looked at.
    n_distinct : int
        Distinct values among the others.
    reading : Reading or None
        How cells that came as text are read, for numbers, booleans and dates.

    Examples
    --------
    >>> column = Column("age", "number", "all 32 cells are numbers", "number", 0, 20)
    >>> Column.from_json(column.to_json()) == column
    True
    """

    name: str
    kind: str
    reason: str
    stored: str
    n_missing: int
    n_distinct: int
    reading: Reading | None = None

    @property
    def is_used(self) -> bool:
        """Whether the network gets it."""
        return self.kind in KINDS

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Column":
        """Read what `to_json` gave."""
        values = dict(data)
        reading = values.pop("reading")
        if reading is not None:
            reading = Reading(**reading | {"formats": tuple(reading["formats"])})
        return cls(**values, reading=reading)
