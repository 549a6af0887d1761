"""How a cell that came as text becomes a number, a truth value or a date."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Reading"]


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

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Reading | None":
        """Read what `dataclasses.asdict` gave; None where there was no reading."""
        return data if data is None else cls(**{**data, "formats": tuple(data["formats"])})
