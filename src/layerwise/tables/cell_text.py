"""A cell of a table as a person reads it."""

import datetime as dt
from typing import Any

__all__ = ["cell_text"]


def cell_text(cell: Any) -> str:
    """Write a cell on one line; a day without the midnight that comes with its type.

    Examples
    --------
    >>> cell_text(dt.datetime(2024, 3, 5)), cell_text(dt.datetime(2024, 3, 5, 18, 30))
    ('2024-03-05', '2024-03-05 18:30:00')
    """
    is_day = isinstance(cell, dt.datetime) and cell.tzinfo is None and cell.time() == dt.time.min
    return " ".join(str(cell.date() if is_day else cell).split())
