"""A server in a thread, asked as browsers ask it, and its pages' sockets without a browser."""

import asyncio
import http.client
import json
from contextlib import suppress
from urllib.parse import urlsplit

import websockets

from layerwise.playground.opening import begin
from tests.playground.pages import opened

__all__ = ["Served", "begun", "hear", "say"]


class Served:
    """A server that runs in a thread, and requests of it as a browser makes them."""

    def __init__(self, thing=None, **options):
        self.playing = begin(thing, **options)
        self.playing.serve_beside()
        parts = urlsplit(self.playing.address)
        self.host, self.port = parts.hostname, parts.port
        self.token = parts.query.removeprefix("token=")
        self.origin = f"http://{self.host}:{self.port}"

    def cookie(self, token=None):
        token = token or self.token
        role = self.playing._room.access.tokens.get(token, "page")
        return f"layerwise-play-{self.port}-{role}={token}"

    def request(self, method, path, body=None, **headers):
        """(status, headers, body); header names with "_" for "-", None: without it."""
        given = {"Cookie": self.cookie(), "Origin": self.origin, "Host": f"{self.host}:{self.port}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_host=True)
        if body is not None:
            given["Content-Length"] = str(len(body))
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        found = response.status, dict(response.getheaders()), response.read()
        connection.close()
        return found

    def socket(self, token=None, origin=None, path="/socket", cookies=None):
        headers = {"Cookie": self.cookie(token) if cookies is None else cookies}
        return websockets.connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=headers,
            origin=origin or self.origin,
            max_size=None,
            open_timeout=20,
        )


async def hear(socket, kind=None, seconds=20):
    """The next message; or the next of a kind, "frame" for one of numbers."""
    while True:
        message = await asyncio.wait_for(socket.recv(), seconds)
        if isinstance(message, bytes):
            found, name = opened(message), "frame"
            with suppress(websockets.ConnectionClosed):  # what was said before is still to be heard
                await say(socket, "seen", frame=found[0]["frame"])
        else:
            found = json.loads(message)
            name = found["type"]
        if kind in (None, name):
            return found


def say(socket, kind, **fields):
    return socket.send(json.dumps({"type": kind, **fields}))


async def begun(socket, **choices):
    await say(socket, "hello", choices=choices)
    return await hear(socket, "welcome")
