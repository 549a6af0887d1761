"""The playground's server: a page's files and socket, what it brings and what it takes away."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from layerwise.engine.threads import available_cores
from layerwise.harmless_text import on_one_line
from layerwise.playground.choices import WrongChoice
from layerwise.playground.connections import Connections
from layerwise.playground.exported import FILES, file_of
from layerwise.playground.guard import Access, Guard
from layerwise.playground.held import Held
from layerwise.playground.messages import Malformed, read
from layerwise.playground.outbox import Outbox, Overflow
from layerwise.playground.page_session import Page
from layerwise.playground.page_table import MOST_BYTES, PageTable
from layerwise.playground.trained import TrainedModel
from layerwise.playground.turns import Turns
from layerwise.playground.uploads import example_table, read_upload
from layerwise.tables.errors import TableError

FOLDER = Path(__file__).with_name("page")
MOST_PAGES = 400
_MESSAGES_A_SECOND, _MESSAGES_AT_ONCE = 120.0, 300
_MOST_WAITING = 500
_PEOPLE_SECONDS, _LOOKS_SECONDS, _END_SECONDS = 2.0, 0.5, 5.0

Found = TypeVar("Found")


class Room:
    """All pages of one server.

    Parameters
    ----------
    access : Access
    table : PageTable or None
        That was named in the command.
    model : TrainedModel or None
    """

    def __init__(
        self, access: Access, table: PageTable | None = None, model: TrainedModel | None = None
    ) -> None:
        self.access, self.table, self.model = access, table, model
        self.turns = Turns()
        self.held, self.connections = Held(), Connections()
        # Half of the cores prepare tables, so that pages have the others for themselves.
        self._workers = ThreadPoolExecutor(
            max(1, available_cores() // 2), thread_name_prefix="layerwise-prepare"
        )
        self.pages: dict[str, Page] = {}
        self._locks: weakref.WeakKeyDictionary[Page, asyncio.Lock] = weakref.WeakKeyDictionary()

    def open(self, send: Callable[[dict[str, Any] | bytes], None], role: str) -> Page:
        """Begin a page's session."""

        def beside(work: Callable[[], None]) -> None:
            def working() -> None:
                work()
                self.turns.wake(page)

            self._workers.submit(working)

        page = Page(
            send,
            table=self.table,
            model=self.model,
            role=role,
            broadcast=self.tell_students,
            n_at_once=self.turns.each,
            beside=beside,
            held=self.held,
        )
        self.pages[page.id] = page
        self.turns.add(page)
        return page

    def leave(self, page: Page) -> None:
        """End it."""
        self.pages.pop(page.id, None)
        self.turns.remove(page)

    def lock_of(self, page: Page) -> asyncio.Lock:
        """Held by what a page brings or takes away: one thing at a time of each."""
        return self._locks.setdefault(page, asyncio.Lock())

    def tell_students(self, message: dict[str, Any]) -> None:
        """Send all students' pages a message."""
        for page in list(self.pages.values()):
            if page.role == "student":
                page.tell(message)

    def tell_teachers(self) -> None:
        """Send teachers who is here."""
        pages = list(self.pages.values())
        people = [page.summary() for page in pages if page.role == "student"]
        for page in pages:
            if page.role == "teacher":
                page.tell({"type": "people", "people": people})

    def close(self) -> None:
        """End all sessions."""
        for page in list(self.pages.values()):
            self.leave(page)
        self.turns.close()
        self._workers.shutdown(cancel_futures=True)


class _Allowance:
    """So many messages a second, and some more at once."""

    def __init__(self) -> None:
        self._left, self._at = float(_MESSAGES_AT_ONCE), time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(_MESSAGES_AT_ONCE, self._left + (now - self._at) * _MESSAGES_A_SECOND)
        self._at = now
        self._left -= 1.0
        return self._left >= 0.0


def application(room: Room) -> Starlette:
    """The server's application.

    Parameters
    ----------
    room : Room
        Closed when the server ends.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        teller = asyncio.create_task(_tell_teachers(room))
        yield
        teller.cancel()
        await run_in_threadpool(room.close)

    return Starlette(
        routes=[
            WebSocketRoute("/socket", _Socket(room)),
            Route("/table", partial(_take_table, room), methods=["POST"]),
            Route("/files/network.{kind}", partial(_give_file, room)),
            Mount("/", StaticFiles(directory=FOLDER, html=True)),
        ],
        middleware=[Middleware(Guard, access=room.access, connections=room.connections)],
        lifespan=lifespan,
    )


async def _tell_teachers(room: Room) -> None:
    while True:
        await asyncio.sleep(_PEOPLE_SECONDS)
        room.tell_teachers()


class _Socket:
    """A page's socket."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        if len(self._room.pages) >= MOST_PAGES:
            await _end(websocket, "there are as many pages open as this server serves", 1013)
            return
        outbox = Outbox(asyncio.get_running_loop())
        page = self._room.open(outbox.put, scope["layerwise.role"])
        doing = [
            asyncio.create_task(one)
            for one in (
                self._listen(websocket, page),
                _send_all(websocket, outbox),
                outbox.overflow(),
            )
        ]
        try:
            done, _ = await asyncio.wait(doing, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        except Malformed as error:
            await _cancelled(doing)
            with suppress(TimeoutError):  # it may not read this either
                async with asyncio.timeout(_END_SECONDS):
                    await _end(websocket, f"the page said what is not understood: {error}", 1008)
        except Overflow:
            self._room.connections.cut(scope["client"])
        finally:
            await _cancelled(doing)
            self._room.connections.part_from(scope["client"])
            await run_in_threadpool(self._room.leave, page)

    async def _listen(self, websocket: WebSocket, page: Page) -> None:
        allowance = _Allowance()
        while True:
            event = await websocket.receive()
            if event["type"] == "websocket.disconnect":
                return
            text = event.get("text")
            if text is None:
                raise Malformed("bytes, where texts are wanted")
            if not allowance.take():
                raise Malformed("messages that come faster than a page sends them")
            if len(page.inbox) > _MOST_WAITING:
                raise Malformed("more than can be answered")
            message = read(text)
            page.inbox.append(message)
            self._room.turns.wake(page, is_urgent=message.kind != "seen")


async def _send_all(websocket: WebSocket, outbox: Outbox) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            parcel = await outbox.next()
            if isinstance(parcel.content, bytes):
                await websocket.send_bytes(parcel.content)
            else:
                await websocket.send_text(parcel.content)
            if parcel.closes:
                await websocket.close(1011)
                return


async def _cancelled(doing: list[asyncio.Task[None]]) -> None:
    for one in doing:
        one.cancel()
    await asyncio.gather(*doing, return_exceptions=True)


async def _end(websocket: WebSocket, why: str, code: int) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await websocket.send_json({"type": "trouble", "text": on_one_line(why), "closes": True})
        await websocket.close(code)


class _HasLeft(Exception):  # noqa: N818  what it did
    """A page has no turn any more."""


async def _take_table(room: Room, request: Request) -> Response:
    """A table that a page brings."""
    page = room.pages.get(request.query_params.get("page", ""))
    if page is None:
        return _gone()
    async with room.lock_of(page):
        if request.query_params.get("example"):
            return await _give_table(room, page, await run_in_threadpool(example_table))
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > MOST_BYTES:
                return _refused(f"more than {MOST_BYTES:,} bytes came", 413)
        name = request.query_params.get("name", "pasted.csv")[:200]
        try:
            table = await run_in_threadpool(read_upload, name, bytes(content))
        except (TableError, WrongChoice) as error:
            return _refused(str(error), 422)
        return await _give_table(room, page, table)


async def _give_table(room: Room, page: Page, table: PageTable) -> Response:
    described = await run_in_threadpool(lambda: table.described)
    try:
        await _in_turn(room, page, lambda: page.take_table(table))
    except WrongChoice as error:
        return _refused(str(error), 422)
    except _HasLeft:
        return _gone()
    return JSONResponse(described)


async def _give_file(room: Room, request: Request) -> Response:
    """What a page takes away."""
    page = room.pages.get(request.query_params.get("page", ""))
    kind = request.path_params["kind"]
    if page is None or kind not in FILES:
        return _refused("there is no such file, or the page is not open any more", 404)

    def look() -> Any:
        learner = page.learner
        if learner is None:
            return None
        if kind == "py":
            return page.code()
        return learner.network.copy(), learner.material

    async with room.lock_of(page):
        try:
            found = await _in_turn(room, page, look)
        except _HasLeft:
            return _gone()
        if found is None:
            return _refused("there is no network on this page", 404)
        if isinstance(found, str):
            content = f"{found}\n".encode()
        else:
            network, material = found
            content = await run_in_threadpool(file_of, network, material, kind)
    headers = {"content-disposition": f'attachment; filename="network.{kind}"'}
    return Response(content, media_type=FILES[kind], headers=headers)


async def _in_turn(room: Room, page: Page, act: Callable[[], Found]) -> Found:
    """Do something with a page when it has its turn, and wait for it.

    Raises
    ------
    _HasLeft
        If it has none any more.
    """
    if page.is_closed:
        raise _HasLeft
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Found] = loop.create_future()

    def finish(how: Callable[[Any], None], what: object) -> None:
        if not done.done():  # else nobody waits any more
            how(what)

    def acting() -> None:
        try:
            result = act()
        except Exception as error:  # noqa: BLE001  raised where it was asked for
            loop.call_soon_threadsafe(finish, done.set_exception, error)
        else:
            loop.call_soon_threadsafe(finish, done.set_result, result)

    page.inbox.append(acting)
    room.turns.wake(page)
    while not done.done():
        if page.is_closed:
            raise _HasLeft
        await asyncio.wait([done], timeout=_LOOKS_SECONDS)
    return done.result()


def _gone() -> Response:
    return _refused("the page is not open any more; load it anew", 404)


def _refused(why: str, status: int) -> Response:
    return JSONResponse({"trouble": on_one_line(why)}, status)
