"""Something seen in a table that a person should know of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from layerwise.language import said, said_list


@dataclass(frozen=True)
class Finding:
    """Something seen in a table.

    Attributes
    ----------
    severity : str
        "note" or "warning": what may spoil the result.
    columns : tuple of str
        The columns concerned, if it concerns some and not the rows.
    message : str
        What was seen, why it matters, and what can be done.
    """

    severity: str
    columns: tuple[str, ...]
    message: str

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)


def listed(parts: Sequence[str], most: int) -> str:
    """Parts with commas between them; of many, the first and how many more there are."""
    text = said_list(", ", parts[:most])
    return text if len(parts) <= most else text + said(" and {n:,} more", n=len(parts) - most)
