"""Turns: a few threads that serve many pages, one short turn at a time, none before its due."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from contextlib import suppress
from typing import Protocol

from layerwise.engine.threads import available_cores

_LONGEST_WAIT = 3_600.0  # seconds; a system's clock refuses waits of centuries


class _Served(Protocol):
    """What has turns."""

    def turn(self) -> float | None:
        """Do something short; when the next turn is due, None: when woken."""

    def fail(self, error: Exception) -> None:
        """A fault of ours came up in its turn."""

    def close(self) -> None:
        """Let go of everything."""


class _Entry:
    """One that is served: by one thread at a time, and at most once in the queue that counts."""

    def __init__(self, served: _Served) -> None:
        self.served = served
        self.ticket = 0  # which place in the queue counts
        self.due = 0.0
        self.is_queued = self.is_running = self.is_leaving = False
        self.woken: float | None = None  # in its turn: when the next is due for it


class Turns:
    """Serves pages by threads, as many as there are cores.

    A page that plays is due again as soon as its turn is over, and stands behind all others that
    are due; one that was asked something comes first.

    Parameters
    ----------
    n_threads : int or None

    Examples
    --------
    >>> class Counter:
    ...     n = 0
    ...
    ...     def turn(self):
    ...         self.n += 1
    ...         return 0.0 if self.n < 5 else None
    ...
    ...     def fail(self, error): ...
    ...     def close(self):
    ...         done.set()
    >>> done, counter, turns = threading.Event(), Counter(), Turns(1)
    >>> turns.add(counter)
    >>> while counter.n < 5:
    ...     time.sleep(0.001)
    >>> turns.remove(counter)
    >>> done.wait(5), counter.n
    (True, 5)
    >>> turns.close()
    """

    def __init__(self, n_threads: int | None = None) -> None:
        self._condition = threading.Condition()
        self._queue: list[tuple[float, int, int, _Entry]] = []
        self._entries: dict[int, _Entry] = {}
        self._counter = itertools.count()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"layerwise-play-{i}", daemon=True)
            for i in range(n_threads or available_cores())
        ]
        for thread in self._threads:
            thread.start()

    def __len__(self) -> int:
        return len(self._entries)

    def each(self) -> float:
        """How many are served for each thread."""
        return len(self._entries) / len(self._threads)

    def add(self, served: _Served) -> None:
        """Serve it from now on."""
        with self._condition:
            self._entries[id(served)] = entry = _Entry(served)
            self._put(entry, 0.0)

    def wake(self, served: _Served, *, is_urgent: bool = True) -> None:
        """It has been told something: its turn is next; or, not urgent, when it is due anyway."""
        with self._condition:
            entry = self._entries.get(id(served))
            if entry is None:
                return
            due = 0.0 if is_urgent else time.perf_counter()
            if entry.is_running:
                entry.woken = due if entry.woken is None else min(entry.woken, due)
            elif is_urgent or not entry.is_queued or due < entry.due:
                self._put(entry, due)

    def remove(self, served: _Served) -> None:
        """Serve it no longer; it is closed, after its turn if it has one now."""
        with self._condition:
            entry = self._entries.pop(id(served), None)
            if entry is None:
                return
            entry.ticket = -1
            entry.is_leaving = True
            if entry.is_running:
                return
        served.close()

    def close(self) -> None:
        """Close all, and end the threads."""
        for entry in list(self._entries.values()):
            self.remove(entry.served)
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def _put(self, entry: _Entry, due: float) -> None:
        entry.ticket, entry.is_queued, entry.due = next(self._counter), True, due
        heapq.heappush(self._queue, (due, entry.ticket, id(entry), entry))
        self._condition.notify()

    def _next(self) -> _Entry | None:
        """Wait for the next whose turn is due; None: all is over."""
        with self._condition:
            while not self._is_closed:
                while self._queue and self._queue[0][1] != self._queue[0][3].ticket:
                    heapq.heappop(self._queue)  # it stands elsewhere now, or is gone
                if not self._queue:
                    self._condition.wait()
                    continue
                wait = self._queue[0][0] - time.perf_counter()
                if wait > 0:
                    self._condition.wait(min(wait, _LONGEST_WAIT))
                    continue
                entry = heapq.heappop(self._queue)[3]
                entry.is_running, entry.is_queued, entry.woken = True, False, None
                return entry
            return None

    def _serve(self) -> None:
        while (entry := self._next()) is not None:
            due = None
            try:
                due = entry.served.turn()
            except Exception as error:  # noqa: BLE001  one page's fault is no other's
                with suppress(Exception):  # nor does this thread end by it
                    entry.served.fail(error)
            with self._condition:
                entry.is_running = False
                leaves = entry.is_leaving
                dues = [one for one in (due, entry.woken) if one is not None]
                if dues and not leaves:
                    self._put(entry, min(dues))
            if leaves:
                with suppress(Exception):
                    entry.served.close()
