"""A cell of a table as a person reads it."""

import datetime as dt

__all__ = ["cell_text"]


def cell_text(cell: object) -> str:
    """Write a cell on one line; a day without the midnight that comes with its type.

    Examples
    --------
    >>> cell_text(dt.datetime(2024, 3, 5)), cell_text(dt.datetime(2024, 3, 5, 18, 30))
    ('2024-03-05', '2024-03-05 18:30:00')
    """
    if isinstance(cell, dt.datetime) and cell.tzinfo is None and cell.time() == dt.time.min:
        cell = cell.date()
    return " ".join(str(cell).split())
