"""Connections of the server: those that bring no token are few, and soon closed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

Client = tuple[str, int]
_PATIENCE = 10.0  # seconds
_MOST_STRANGERS = 200


@dataclass
class _Connection:
    transport: asyncio.Transport
    timer: asyncio.TimerHandle | None  # None: it is let in


class Connections:
    """All that are open, by the address and port at their other end.

    One that has brought no token after some seconds is closed; and of more than 200 such the one
    that has waited longest, so that whoever opens them by the thousand keeps nobody out.
    """

    def __init__(self) -> None:
        self._open: dict[Client, _Connection] = {}

    @property
    def protocol(self) -> type[asyncio.Protocol]:
        """Uvicorn's protocol of HTTP, whose connections are counted here."""
        connections = self

        class Counted(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
            def connection_made(self, transport: asyncio.Transport) -> None:
                super().connection_made(transport)
                connections._meet(transport)

            def connection_lost(self, error: Exception | None) -> None:
                connections.forget(_client(self.transport))
                super().connection_lost(error)

        return Counted

    def let_in(self, client: Client | None) -> None:
        """It has brought a token: it may stay."""
        found = self._open.get(_plain(client))
        if found is not None and found.timer is not None:
            found.timer.cancel()
            found.timer = None

    def cut(self, client: Client | None) -> None:
        """Close it at once, though it has not read what it was sent."""
        found = self._open.get(_plain(client))
        self.forget(client)
        if found is not None:
            found.transport.abort()

    def part_from(self, client: Client | None) -> None:
        """Its page has ended: what it was sent it may read for some seconds more."""
        found = self._open.get(_plain(client))
        self.forget(client)
        if found is not None:
            asyncio.get_running_loop().call_later(_PATIENCE, found.transport.abort)

    def forget(self, client: Client | None) -> None:
        """It is closed."""
        self.let_in(client)
        self._open.pop(_plain(client), None)

    def _meet(self, transport: asyncio.Transport) -> None:
        client = _client(transport)
        timer = asyncio.get_running_loop().call_later(_PATIENCE, self.cut, client)
        self._open[client] = _Connection(transport, timer)
        strangers = [client for client, one in self._open.items() if one.timer is not None]
        if len(strangers) > _MOST_STRANGERS:
            self.cut(strangers[0])


def _client(transport: Any) -> Client:
    return _plain(transport.get_extra_info("peername"))


def _plain(peer: Any) -> Client:
    return (str(peer[0]), int(peer[1])) if peer else ("", 0)
