"""Ctrl-C, and what ends a command: raised by commands, noted by work that ends in good order.

Nothing heavy is imported here.
"""

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

# SIGTERM comes from containers, systemd and Slurm; SIGHUP, where there is one, from a terminal
# that is closed.
ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
# After work that Ctrl-C ended: pressed again so soon, it is meant for what called that work, such
# as a search over many fits, and raises KeyboardInterrupt in the next one.
AGAIN_SECONDS = 5.0
_LOOK_SECONDS = 0.5  # from one look for the parent to the next


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


@contextmanager
def raising_after(seconds: float) -> Iterator[Callable[[], None]]:
    """Raise TimeoutError in the block once so many seconds have passed, unless that is called off.

    For commands, in the main thread, where the system has alarms. What takes it for an error of its
    own, such as a library that reads a file, gets it again each second, and when it is called off.

    Yields
    ------
    callable
        Calls it off; raises TimeoutError if it has rung.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if seconds == math.inf or not in_main_thread or not hasattr(signal, "setitimer"):
        yield lambda: None
        return
    rung = is_off = False

    def ring(number: int, frame: FrameType | None) -> None:
        nonlocal rung
        if not is_off:
            rung = True
            raise TimeoutError

    def call_off() -> None:
        nonlocal is_off
        was_off, is_off = is_off, True
        signal.setitimer(signal.ITIMER_REAL, *before)
        if rung and not was_off:
            raise TimeoutError  # it rang, and was taken for something else

    with handling(ring, [signal.SIGALRM]):
        before = signal.getitimer(signal.ITIMER_REAL)
        try:
            signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6), 1.0)
            yield call_off
        except Exception:
            if rung:
                raise TimeoutError from None
            raise
        finally:
            try:
                call_off()
            except TimeoutError:  # it rang just now
                call_off()


class Interrupt:
    """Whether Ctrl-C was pressed, or something else wants the work to end."""

    last_end = -math.inf  # when work last ended that it was pressed in, by the clock

    def __init__(self, also: object = False) -> None:
        self.pressed, self._also = False, also

    def __bool__(self) -> bool:
        return self.pressed or bool(self._also)

    @staticmethod
    def words(what_there_is: str = "") -> str:
        """What is to be warned of, with what there is of the work."""
        return (
            f"Training interrupted by user{what_there_is}. Pressed again within "
            f"{AGAIN_SECONDS:.0f} s, Ctrl-C also ends what called it, such as a search."
        )


@contextmanager
def catch_interrupt(also: object = False) -> Iterator[Interrupt]:
    """Note a Ctrl-C instead of raising KeyboardInterrupt, while the block runs.

    A second one raises it after all, within the block and for `AGAIN_SECONDS` in the next ones: a
    search goes on with the next fit, and could not be stopped else. So it is with what
    `catch_termination` catches. Only Python's main thread is told of signals; elsewhere `also`
    alone, where it becomes true, ends the work.
    """
    interrupt = Interrupt(also)

    def note(number: int, frame: FrameType | None) -> None:
        again = interrupt.pressed or time.monotonic() < Interrupt.last_end + AGAIN_SECONDS
        interrupt.pressed = True
        if again:
            Interrupt.last_end = -math.inf
        if number != signal.SIGINT:
            terminations[number].note(number)
        if again:
            raise KeyboardInterrupt

    handlers = {number: signal.getsignal(number) for number in ENDING}
    terminations = {n: h for n, h in handlers.items() if isinstance(h, Termination)}
    # None: not installed from Python, and could not be put back. Ignored: so it stays.
    caught = [] if signal.getsignal(signal.SIGINT) in {None, signal.SIG_IGN} else [signal.SIGINT]
    with handling(note, [*caught, *terminations]):
        yield interrupt
        if interrupt.pressed:
            Interrupt.last_end = time.monotonic()


@contextmanager
def starting_without_interrupt() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach, not even before they run a line of Python.

    A terminal sends it to all processes that are in front; those that only work for another are to
    end when that one asks them to. For the thread that starts them, other than the main one. Where
    there are no masks of signals, as on Windows, it reaches them until `end_with` runs.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which would take the mask away, were it started under it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with(parent: int) -> None:
    """Let this process end when the one that started it has ended, however it did.

    Parameters
    ----------
    parent : int
        Its number; this process ends at once if it is gone already.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    if sys.platform == "win32":
        import ctypes

        synchronize, forever = 0x00100000, 0xFFFFFFFF
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, parent)
        ctypes.windll.kernel32.WaitForSingleObject(handle, forever)
    else:  # orphans are another's children
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
    # At once, whatever its other threads are at; Windows ends a process by any number.
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
