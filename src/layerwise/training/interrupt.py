"""Ctrl-C while training: noticed at once, acted on between two bites of work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Interrupt", "catch_interrupt"]


class Interrupt:
    """Whether Ctrl-C was pressed, or something else wants the work to end."""

    def __init__(self, also: object = False) -> None:
        self.pressed, self._also = False, also

    def __bool__(self) -> bool:
        return self.pressed or bool(self._also)


@contextmanager
def catch_interrupt(also: object = False) -> Iterator[Interrupt]:
    """Note a Ctrl-C instead of raising KeyboardInterrupt, while the block runs.

    A second one raises it after all. Only Python's main thread is told of signals; elsewhere
    `also` alone, where it becomes true, ends the work.
    """
    interrupt = Interrupt(also)
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    before: Any = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        if interrupt.pressed:
            signal.signal(signal.SIGINT, before)
            raise KeyboardInterrupt
        interrupt.pressed = True

    # None: not installed from Python, and could not be put back. Ignored: so it stays.
    if before is None or before == signal.SIG_IGN:
        yield interrupt
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
