"""The playground under load: one page's speed, a class of 30, pages that come and go, nonsense.

    python bench/playground.py                  # some two minutes
    python bench/playground.py --only class     # one part

The server runs as a process of its own, as `layerwise play` starts it; pages are sockets that say
what the page in the browser says, and answer each frame as soon as it is there. All train 2-8-8-3
at batches of 32 rows, as fast as they can.

- `one`: steps a second of a page while it is drawn, beside the same training not looked at.
- `class`: 30 pages at once: frames a second of each, how long an answer to a click takes, memory,
  and the steps of the slowest beside the fastest.
- `table`: how long a page waits for answers while another's table of 200,000 rows and 119 columns
  is prepared.
- `visits`: 1,000 pages that are opened and dropped: memory and threads before and after.
- `nonsense`: 10,000 malformed and random messages, and a page that goes on beside them.

Tables go to stdout, progress to stderr. `--smoke` is tiny.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import statistics
import struct
import subprocess
import sys
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import machine
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet
import websockets
from parts.common import progress
from parts.tables import titled
from rich.console import Console
from rich.table import Table

from layerwise.playground.choices import Choices
from layerwise.playground.learner import Learner
from layerwise.playground.material import Material

PARTS = ("one", "class", "table", "visits", "nonsense")
CHOSEN = {"data": "blobs", "classes": 3, "layers": "8:tanh,8:tanh", "batch": 32, "rows": 500}


class Server:
    """`layerwise play`, as a process."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "layerwise", "play", "--no-browser"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        parts = urlsplit(self._process.stdout.readline().strip())
        self.origin = f"http://{parts.netloc}"
        self.url = f"ws://{parts.netloc}/socket"
        token = parts.query.removeprefix("token=")
        self.headers = {"Cookie": f"layerwise-play-{parts.port}-page={token}"}
        self.watched = psutil.Process(self._process.pid)

    def open(self) -> Any:
        return websockets.connect(
            self.url,
            additional_headers=self.headers,
            origin=self.origin,
            max_size=None,
            open_timeout=60,
            compression=None,
        )

    @property
    def megabytes(self) -> float:
        return self.watched.memory_info().rss / 1e6

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)


class Visitor:
    """One page that plays, draws at once, and clicks now and then."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.n_frames = 0
        self.header: dict[str, Any] = {}
        self.answers: list[float] = []
        self._clicked = 0.0

    async def stay(
        self,
        server: Server,
        seconds: float,
        *,
        clicks: bool = True,
        seconds_between_clicks: float = 0.5,
    ) -> None:
        async with server.open() as socket:
            self._socket = socket
            await self._say("hello", choices={**CHOSEN, "seed": self.seed})
            await self._hear_until(lambda: bool(self.header), 60)
            await self._say("play", speed=0)
            self.n_frames, first = 0, self.header["step"]
            begin = time.perf_counter()
            clicking = asyncio.create_task(self._click(seconds_between_clicks)) if clicks else None
            await self._hear_until(lambda: False, seconds)
            self.seconds = time.perf_counter() - begin
            self.n_steps = self.header["step"] - first
            if clicking is not None:
                clicking.cancel()

    async def _say(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def _click(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds * random.uniform(0.5, 1.5))
            if not self._clicked:
                self._clicked = time.perf_counter()
                await self._say("explain", what="node", layer=0, node=1)

    async def _hear_until(self, done: Any, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while not done() and (left := end - time.perf_counter()) > 0:
            try:
                message = await asyncio.wait_for(self._socket.recv(), left)
            except TimeoutError:
                return
            if isinstance(message, bytes):
                (length,) = struct.unpack("<I", message[:4])
                self.header = json.loads(message[4 : 4 + length])
                self.n_frames += 1
                await self._say("seen", frame=self.header["frame"])
            elif self._clicked and json.loads(message)["type"] == "formula":
                self.answers.append(time.perf_counter() - self._clicked)
                self._clicked = 0.0


def undrawn(seconds: float) -> float:
    """Steps a second of the same training, which nobody looks at."""
    choices = Choices.of(CHOSEN)
    learner = Learner(choices, Material.of_toy("blobs", 500, count=3))
    learner.take(100)
    begin, n = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        learner.take(2_000)
        n += 2_000
    learner.close()
    return n / (time.perf_counter() - begin)


def one(server: Server, rounds: int, seconds: float) -> Table:
    drawn, alone, frames = [], [], []
    for k in range(rounds):
        progress(f"one page, round {k + 1} of {rounds}")
        alone.append(undrawn(seconds))
        visitor = Visitor(0)
        asyncio.run(visitor.stay(server, seconds, clicks=False))
        drawn.append(visitor.n_steps / visitor.seconds)
        frames.append(visitor.n_frames / visitor.seconds)
    table = titled("One page, 2-8-8-3, batches of 32", "median", "asked")
    table.add_row("steps a second, drawn", f"{statistics.median(drawn):,.0f}", "50,000")
    table.add_row("frames a second", f"{statistics.median(frames):.0f}", "at most 30")
    table.add_row("steps a second, not drawn", f"{statistics.median(alone):,.0f}", "")
    ratio = statistics.median(a / b for a, b in zip(drawn, alone, strict=True))
    table.add_row("drawn / not drawn", f"{ratio:.2f}", "")
    return table


def classroom(server: Server, n: int, seconds: float) -> Table:
    progress(f"{n} pages at once for {seconds:g} s")
    visitors = [Visitor(seed) for seed in range(n)]

    async def all_of_them() -> float:
        stays = asyncio.gather(*(one.stay(server, seconds) for one in visitors))
        most = 0.0
        while not stays.done():
            await asyncio.sleep(0.25)
            most = max(most, server.megabytes)
        await stays
        return most

    most = asyncio.run(all_of_them())
    frames = [one.n_frames / one.seconds for one in visitors]
    steps = [one.n_steps / one.seconds for one in visitors]
    answers = np.array([answer for one in visitors for answer in one.answers]) * 1e3
    table = titled(f"{n} pages at once", "measured", "asked")
    table.add_row("frames a second, the slowest page", f"{min(frames):.1f}", "at least 5")
    if len(answers):
        p50, p95, p100 = np.percentile(answers, [50, 95, 100])
        table.add_row(f"answer to a click, median of {len(answers)}, ms", f"{p50:.0f}", "")
        table.add_row("95 % within, ms", f"{p95:.0f}", "200")
        table.add_row("the longest, ms", f"{p100:.0f}", "")
    table.add_row("memory of the server, MB", f"{most:.0f}", "1,500")
    table.add_row("steps a second, all pages", f"{sum(steps):,.0f}", "")
    table.add_row("steps, least / most", f"{min(steps) / max(steps):.2f}", "at least 0.50")
    return table


def wide_table(n_rows: int) -> bytes:
    """A Parquet file of 110 small integers, 9 numbers and three classes."""
    draw = np.random.default_rng(0)
    columns = {f"c{k}": draw.integers(0, 9, n_rows).astype(np.int8) for k in range(110)}
    columns |= {f"x{k}": draw.normal(size=n_rows).astype(np.float32) for k in range(9)}
    columns["kind"] = draw.choice(["a", "b", "c"], n_rows)
    file = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def prepared_table(server: Server, n_rows: int) -> Table:
    progress(f"a table of {n_rows:,} rows")
    content, other = wide_table(n_rows), Visitor(0)
    chosen = json.dumps({"type": "choose", "choices": {"data": "table", "target": "kind"}})

    async def heard(socket: Any, kind: str) -> dict[str, Any]:
        while True:
            message = await socket.recv()
            if isinstance(message, str) and (said := json.loads(message))["type"] == kind:
                return dict(said)

    async def prepare() -> float:
        async with server.open() as socket:
            await socket.send(json.dumps({"type": "hello", "choices": {}}))
            page = (await heard(socket, "welcome"))["page"]
            address = f"{server.origin}/table?page={page}&name=wide.parquet"
            headers = {**server.headers, "Origin": server.origin}
            request = urllib.request.Request(address, content, headers)
            await asyncio.to_thread(lambda: urllib.request.urlopen(request).read())
            other.answers.clear()
            begin = time.perf_counter()
            await heard(socket, "made")  # of the first network
            await socket.send(chosen)
            await heard(socket, "made")
            return time.perf_counter() - begin

    async def side_by_side() -> float:
        staying = asyncio.create_task(other.stay(server, 3_600.0, seconds_between_clicks=0.05))
        await asyncio.sleep(1)
        took = await prepare()
        staying.cancel()
        return took

    took = asyncio.run(side_by_side())
    answers = np.array(other.answers or [0.0]) * 1e3
    table = titled(f"A table of {n_rows:,} x 119 is prepared", "measured", "asked")
    table.add_row("until its page is made, s", f"{took:.1f}", "")
    table.add_row(
        f"another page's answers, median of {len(answers)}, ms", f"{np.median(answers):.0f}", ""
    )
    table.add_row("the longest, ms", f"{answers.max():.0f}", "200")
    return table


def visits(server: Server, n: int) -> Table:
    async def come_and_go(count: int) -> None:
        for start in range(0, count, 10):
            await asyncio.gather(*(Visitor(k).stay(server, 0.05) for k in range(start, start + 10)))

    progress("some visits first")
    asyncio.run(come_and_go(max(10, n // 5)))
    time.sleep(1)
    before, threads_before = server.megabytes, server.watched.num_threads()
    progress(f"{n} visits")
    asyncio.run(come_and_go(n))
    time.sleep(1)
    after, threads_after = server.megabytes, server.watched.num_threads()
    table = titled(f"{n:,} pages opened and dropped", "before", "after", "asked")
    share = f"within 5 %: {100 * (after / before - 1):+.1f} %"
    table.add_row("memory, MB", f"{before:.0f}", f"{after:.0f}", share)
    table.add_row("threads", str(threads_before), str(threads_after), "no more")
    return table


def nonsense(server: Server, n: int) -> Table:
    draw = random.Random(0)
    kinds = ["play", "step", "weight", "point", "explain", "choose", "hello", "cells", "seen",
             "lesson", "address", "code", "reset", "pause", "fly"]  # fmt: skip
    names = ["speed", "unit", "layer", "from", "to", "value", "row", "x", "y", "what", "node",
             "choices", "cells", "frame", "lesson"]  # fmt: skip
    values = [None, True, -1, 0, 3, 1e300, "", "phase", "step", "node", "x" * 5_000, [], {},
              {"layers": "8:relu"}, {"rows": -5}, {"data": "spirals", "arms": "5"}]  # fmt: skip

    def message() -> str | bytes:
        fields = {name: draw.choice(values) for name in draw.sample(names, draw.randrange(4))}
        text = json.dumps({"type": draw.choice(kinds), **fields})
        way = draw.randrange(6)
        if way == 0:
            return draw.randbytes(draw.randrange(200))
        if way == 1:
            return text[: draw.randrange(len(text))]
        return text

    sent = ended = 0

    async def talk_nonsense() -> None:
        nonlocal sent, ended
        while sent < n:
            try:
                async with server.open() as socket:
                    await socket.send(json.dumps({"type": "hello", "choices": {}}))
                    while sent < n:
                        await socket.send(message())
                        sent += 1
                        await asyncio.sleep(0.002)  # a flood alone would end each at once
            except websockets.ConnectionClosed:
                ended += 1

    good = Visitor(0)

    async def side_by_side() -> float:
        staying = asyncio.create_task(good.stay(server, 3_600.0, clicks=False))
        await asyncio.sleep(2)
        begin, frames = time.perf_counter(), good.n_frames
        await asyncio.gather(*(talk_nonsense() for _ in range(4)))
        rate = (good.n_frames - frames) / (time.perf_counter() - begin)
        staying.cancel()
        return rate

    progress(f"{n:,} messages of nonsense")
    rate = asyncio.run(side_by_side())
    table = titled(f"{sent:,} random and malformed messages", "measured", "asked")
    table.add_row("sessions that they ended", f"{ended:,}", "")
    table.add_row("frames a second of the page beside them", f"{rate:.1f}", "not disturbed")
    table.add_row("the server goes on", "yes" if server.is_alive else "NO", "yes")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--smoke", action="store_true", help="a tiny run, to see that it works")
    given = parser.parse_args()
    console = Console(highlight=False, width=120)
    about = machine.describe()
    console.print(machine.headline(about))
    small = given.smoke
    server = Server()
    try:
        for part in given.only:
            if part == "one":
                console.print(one(server, 1 if small else 5, 0.5 if small else 3.0))
            elif part == "class":
                console.print(classroom(server, 3 if small else 30, 2.0 if small else 20.0))
            elif part == "table":
                console.print(prepared_table(server, 2_000 if small else 200_000))
            elif part == "visits":
                console.print(visits(server, 10 if small else 1_000))
            else:
                console.print(nonsense(server, 200 if small else 10_000))
        alive = server.is_alive
    finally:
        server.close()
    sys.exit(0 if alive else 1)


if __name__ == "__main__":
    main()
