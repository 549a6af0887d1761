"""What the server keeps open, and what it keeps for those who do not read."""

import asyncio
import json
import socket
import time
from contextlib import suppress

import pytest
import websockets

from layerwise.playground.outbox import Outbox, Overflow
from tests.playground.serving import Served, begun, hear, say


@pytest.fixture
def served():
    served = Served()
    yield served
    served.playing.close()


def connected(served, first=b""):
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=20)
    connection.sendall(first)
    return connection


def is_closed(connection):
    """Waits until it is; an answer that comes before is not looked at."""
    try:
        while connection.recv(1_000):
            pass
    except ConnectionResetError:
        pass
    connection.close()
    return True


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: ", b"\x16\x03\x01"])
def test_a_connection_that_brings_no_token_is_closed(monkeypatch, served, first):
    monkeypatch.setattr("layerwise.playground.connections._PATIENCE", 0.2)
    assert is_closed(connected(served, first))


def test_a_request_without_a_token_is_its_connections_last(served):
    request = f"GET /main.js HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n"
    connection = connected(served, request.encode())
    assert b"403" in connection.recv(20)
    began = time.monotonic()
    assert is_closed(connection)
    assert time.monotonic() - began < 4  # sooner than a browser's that may ask again


def test_pages_that_are_let_in_stay(monkeypatch, served):
    monkeypatch.setattr("layerwise.playground.connections._PATIENCE", 0.2)

    async def talk():
        async with served.socket() as page:
            await begun(page)
            await asyncio.sleep(1.0)
            await say(page, "step", unit="epoch")
            while (await hear(page, "frame"))[0]["epoch"] == 0:
                pass

    asyncio.run(talk())


def test_of_many_connections_without_a_token_the_oldest_are_closed(monkeypatch, served):
    monkeypatch.setattr("layerwise.playground.connections._MOST_STRANGERS", 3)
    idle = [connected(served) for _ in range(5)]
    assert all(is_closed(one) for one in idle[:2])
    assert served.request("GET", "/", Origin=None)[0] == 200
    strangers = [one for one in served.playing._room.connections._open.values() if one.timer]
    assert len(strangers) <= 3
    for one in idle[2:]:
        one.close()


def test_connections_that_are_closed_are_forgotten(served):
    connections = served.playing._room.connections

    async def talk():
        async with served.socket() as page:
            await begun(page)
        with pytest.raises(websockets.InvalidStatus):
            async with served.socket(token="wrong"):
                pass

    for _ in range(3):
        served.request("GET", "/", Origin=None)
        asyncio.run(talk())
        connected(served).close()
    end = time.monotonic() + 20
    while connections._open and time.monotonic() < end:
        time.sleep(0.05)
    assert connections._open == {}


@pytest.mark.parametrize("most", [200_000, 24_000_000])
def test_a_page_that_does_not_read_is_closed_and_no_other(monkeypatch, served, most):
    monkeypatch.setattr("layerwise.playground.outbox._MOST_BYTES", most)
    monkeypatch.setattr("layerwise.playground.outbox._MOST_PARCELS", 100_000)
    monkeypatch.setattr("layerwise.playground.server._MESSAGES_AT_ONCE", 2_000)
    monkeypatch.setattr("layerwise.playground.server._END_SECONDS", 0.2)
    room = served.playing._room
    points = ";".join(f"{k % 40 / 10},{k % 7},{k % 2}" for k in range(1_000))

    async def talk():
        with socket.socket() as small:
            small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            small.connect(("127.0.0.1", served.port))
            deaf = await websockets.connect(
                f"ws://127.0.0.1:{served.port}/socket",
                sock=small,
                additional_headers={"Cookie": served.cookie()},
                origin=served.origin,
                max_queue=1,
            )
            async with served.socket() as good:
                await begun(good)
                await say(deaf, "hello", choices={"data": "points", "points": points})
                end = time.monotonic() + 20
                with suppress(websockets.ConnectionClosed):
                    for _ in range(700):  # 14 MB, more than a socket's buffers take
                        await say(deaf, "code")
                        await asyncio.sleep(0.002)
                    await deaf.send("{}")  # where there is room for all that, it ends by this
                while len(room.pages) == 2 and time.monotonic() < end:
                    await asyncio.sleep(0.05)
                await say(good, "step", unit="epoch")
                while (await hear(good, "frame"))[0]["epoch"] == 0:
                    pass
                deaf.transport.abort()
                await deaf.wait_closed()
                return len(room.pages)

    assert asyncio.run(talk()) == 1


def test_of_what_is_said_again_and_again_the_latest_waits():
    async def fill():
        outbox = Outbox(asyncio.get_running_loop())
        for k in range(1_000):
            outbox.put({"type": "people", "people": [k]})
        outbox.put({"type": "trouble", "text": "무엇", "closes": True})
        outbox.put(b"frame")
        await asyncio.sleep(0)
        return [await outbox.next() for _ in range(3)]

    people, trouble, frame = asyncio.run(fill())
    assert json.loads(people.content) == {"type": "people", "people": [999]}
    assert (trouble.closes, frame.closes, frame.content) == (True, False, b"frame")
    assert "무엇" in trouble.content


def test_more_than_has_room_overflows():
    async def fill(*messages):
        outbox = Outbox(asyncio.get_running_loop())
        for message in messages:
            outbox.put(message)
        await asyncio.wait_for(outbox.overflow(), 5)

    with pytest.raises(Overflow):
        asyncio.run(fill(*[bytes(9_000_000)] * 3))
    with pytest.raises(Overflow):
        asyncio.run(fill(*[{"type": "lesson"}] * 501))
