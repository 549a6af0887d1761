"""SIGTERM and SIGHUP, which end a command as Ctrl-C does. Nothing heavy is imported here."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["ENDING", "Termination", "catch_termination", "handling"]

# SIGTERM comes from containers, systemd and Slurm; SIGHUP, where there is one, from a terminal
# that is closed.
ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Termination:
    """What SIGTERM and SIGHUP do to a command: they end it, as Ctrl-C does.

    Attributes
    ----------
    number : int
        Of the signal that came; 0: none.
    """

    def __init__(self) -> None:
        self.number = 0
        self._terminals = [output for output in (1, 2) if os.isatty(output)]

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal where nothing else does."""
        self.note(number)
        raise KeyboardInterrupt

    def note(self, number: int) -> None:
        """Note the signal; a terminal that was closed is written to no more, which would fail."""
        self.number = number
        for output in self._terminals:
            if not os.isatty(output):
                os.dup2(os.open(os.devnull, os.O_WRONLY), output)


@contextmanager
def catch_termination() -> Iterator[Termination]:
    """Let SIGTERM and SIGHUP act as Ctrl-C does, while the block runs.

    For commands: a program that uses this library decides on its signals itself. One that is
    ignored, as `nohup` has it of SIGHUP, stays ignored.
    """
    termination = Termination()
    with handling(termination, [n for n in ENDING if signal.getsignal(n) == signal.SIG_DFL]):
        yield termination


@contextmanager
def handling(handler: Any, numbers: list[Any]) -> Iterator[None]:
    """Handle signals while the block runs; in the main thread, the only one told of them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
