"""Ctrl-C while training, and what ends a command: noticed at once, acted on between two bites."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from layerwise.engine.termination import ENDING, Termination, handling

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

    A second one raises it after all. So it is with what `catch_termination` catches. Only Python's
    main thread is told of signals; elsewhere `also` alone, where it becomes true, ends the work.
    """
    interrupt = Interrupt(also)

    def note(number: int, frame: FrameType | None) -> None:
        again, interrupt.pressed = interrupt.pressed, True
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
