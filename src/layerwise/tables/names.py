"""Names of columns: those asked for must be there, once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from layerwise.tables.errors import TableError

__all__ = ["check_names", "some_names"]


def check_names(asked: Iterable[str], names: Sequence[str], what: str) -> None:
    """Refuse names that the table does not have, and tables that have a name twice.

    Parameters
    ----------
    asked : iterable of str
    names : sequence of str
        The table's columns.
    what : str
        What the columns asked for are, for the error: "target".

    Raises
    ------
    TableError

    Examples
    --------
    >>> check_names(["pirce"], ["rooms", "price"], "target")
    Traceback (most recent call last):
    ...
    layerwise.tables.errors.TableError: the table has no column 'pirce' (target); did you mean
    'price'? Its columns: rooms, price
    """
    double = [name for name, count in Counter(names).items() if count > 1]
    if double:
        raise TableError(
            f"{Counter(names)[double[0]]} columns of the table are called {double[0]!r}; "
            "give each a name of its own"
        )
    known = set(names)
    for name in asked:
        if name in known:
            continue
        lower = {other.lower(): other for other in names}
        near = get_close_matches(str(name).lower(), lower, n=1, cutoff=0.5)
        hint = f"did you mean {lower[near[0]]!r}? " if near else ""
        raise TableError(
            f"the table has no column {name!r} ({what}); {hint}Its columns: {some_names(names)}"
        )


def some_names(names: Sequence[str], most: int = 12) -> str:
    """Names with commas between them; of many, the first and how many more there are.

    Examples
    --------
    >>> some_names(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
