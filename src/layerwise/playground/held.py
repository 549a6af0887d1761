"""What all pages together hold in memory, and how much that may be."""

from __future__ import annotations

import threading
from typing import Protocol

from layerwise.playground.choices import WrongChoice

_MOST_BYTES = 1_000_000_000


class _Thing(Protocol):
    """A table, its rows as they are learned from, or a network with its training."""

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""


class Held:
    """Counts what pages hold; what several share, such as the command's table, once.

    Parameters
    ----------
    most : int
        Bytes.

    Examples
    --------
    >>> import pyarrow as pa
    >>> held, table = Held(most=1_000_000), pa.table({"x": [0.5] * 100_000})
    >>> held.hold("first", table=table)
    >>> held.hold("second", table=table)
    >>> held.hold("third", table=pa.table({"x": [0.5] * 100_000}))
    Traceback (most recent call last):
    ...
    layerwise.playground.choices.WrongChoice: all pages together would hold 1.6 MB, and there is \
room for 1.0: take fewer columns or rows, or close another page
    >>> held.forget("first")
    >>> held.total
    800000
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = _MOST_BYTES if most is None else most
        self._lock = threading.Lock()
        self._of_pages: dict[str, dict[str, _Thing]] = {}

    @property
    def total(self) -> int:
        """Bytes that all pages hold."""
        with self._lock:
            return _bytes(self._of_pages)

    def hold(self, page: str, **things: _Thing) -> None:
        """Count things for a page, each in the place of the one that it held under that name.

        Raises
        ------
        WrongChoice
            If all pages would hold too much. The page is then as it was.
        """
        with self._lock:
            wanted = {**self._of_pages, page: {**self._of_pages.get(page, {}), **things}}
            size = _bytes(wanted)
            if size > self._most and size > _bytes(self._of_pages):
                raise WrongChoice(
                    f"all pages together would hold {size / 1e6:,.1f} MB, and there is room for "
                    f"{self._most / 1e6:,.1f}: take fewer columns or rows, or close another page"
                )
            self._of_pages = wanted

    def forget(self, page: str) -> None:
        """The page holds nothing any more."""
        with self._lock:
            self._of_pages.pop(page, None)


def _bytes(of_pages: dict[str, dict[str, _Thing]]) -> int:
    distinct = {id(thing): thing for things in of_pages.values() for thing in things.values()}
    return sum(thing.nbytes for thing in distinct.values())
