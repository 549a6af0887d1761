"""Work that takes seconds, apart from the turns in which pages are served."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Found = TypeVar("Found")


class Beside:
    """One page's work beside its turns, one at a time.

    Parameters
    ----------
    run : callable
        run(work): does work in another thread, and then wakes the page.

    Attributes
    ----------
    is_busy : bool
    ends : deque of callable
        What is to be done in the page's turn when it is over.

    Examples
    --------
    >>> waiting = []
    >>> beside = Beside(waiting.append)
    >>> beside.do(lambda: 6 * 7, lambda found: print(found()))
    >>> beside.is_busy, len(beside.ends)
    (True, 0)
    >>> waiting.pop()()  # in another thread
    >>> beside.ends.popleft()()
    42
    >>> beside.is_busy
    False
    """

    def __init__(self, run: Callable[[Callable[[], None]], None]) -> None:
        self._run = run
        self.is_busy = False
        self.ends: deque[Any] = deque()

    def do(self, work: Callable[[], Found], then: Callable[[Callable[[], Found]], None]) -> None:
        """Do work; in the turn after it `then` is given what gives, or raises, what came of it."""
        self.is_busy = True
        done: Future[Found] = Future()

        def end() -> None:
            self.is_busy = False
            then(done.result)

        def working() -> None:
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001  raised in the page's turn
                done.set_exception(error)
            self.ends.append(end)

        self._run(working)
