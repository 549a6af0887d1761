"""What a page is to be sent, in the order in which it was said, and never more than has room."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_MOST_PARCELS, _MOST_BYTES = 500, 24_000_000  # a frame has 13 MB at most
_LATEST_ALONE = {"people"}  # said every other second, whether or not it is read


class Overflow(Exception):  # noqa: N818  what happened
    """A page does not read what it is sent."""


@dataclass
class Parcel:
    """One message.

    Attributes
    ----------
    content : str or bytes
    closes : bool
        Whether it is the last one.
    kind : str
    """

    content: str | bytes
    closes: bool = False
    kind: str = ""


class Outbox:
    """Filled by whatever thread, emptied by the one of the event loop.

    Parameters
    ----------
    loop : asyncio.AbstractEventLoop
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Parcel] = deque()
        self._has_some, self._overflows = asyncio.Event(), asyncio.Event()

    def put(self, message: dict[str, Any] | bytes) -> None:
        """Hand a message over, from any thread; it is written out at once."""
        parcel = Parcel(message) if isinstance(message, bytes) else _written(message)
        with suppress(RuntimeError):  # the loop is closed: so is the page
            self._loop.call_soon_threadsafe(self._add, parcel)

    async def next(self) -> Parcel:
        """Wait for the next message."""
        while not self._waiting:
            self._has_some.clear()
            await self._has_some.wait()
        return self._waiting.popleft()

    async def overflow(self) -> None:
        """Wait until more waits than has room.

        Raises
        ------
        Overflow
        """
        await self._overflows.wait()
        raise Overflow

    def _add(self, parcel: Parcel) -> None:
        if parcel.kind in _LATEST_ALONE:
            self._waiting = deque(one for one in self._waiting if one.kind != parcel.kind)
        self._waiting.append(parcel)
        self._has_some.set()
        n_bytes = sum(len(one.content) for one in self._waiting)
        if len(self._waiting) > _MOST_PARCELS or n_bytes > _MOST_BYTES:
            self._waiting.clear()
            self._overflows.set()


def _written(message: dict[str, Any]) -> Parcel:
    text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
    return Parcel(text, bool(message.get("closes")), str(message["type"]))
