"""Live lines: of networks that train, and of work in steps that are counted."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from layerwise.training import Epoch

__all__ = ["LiveTraining", "SpacedLines", "live_steps"]

_USUAL_EPOCHS = 40
_LEAST_SECONDS = 30.0


class SpacedLines:
    """Lines on standard error where no live picture can be: every half a minute, later more rarely.

    Parameters
    ----------
    clock : callable
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begin = self._last = clock()

    def __call__(self, line: Callable[[], str]) -> None:
        """Print line(), if it is time."""
        now = self._clock()
        if now - self._last >= max(_LEAST_SECONDS, (self._last - self._begin) / 10):
            self._last = now
            sys.stderr.write(f"layerwise: {line()}\n")
            sys.stderr.flush()


class LiveTraining:
    """A progress bar on standard error; lines now and then where that is no terminal.

    It appears with the first epoch. A network counts by its epochs: as a share of those that the
    networks before it took in the mean, and, before one has ended, of those that most take.

    Parameters
    ----------
    is_terminal : bool

    Attributes
    ----------
    score : str
        What the held-out score is: "accuracy" or "R²".
    """

    def __init__(self, is_terminal: bool) -> None:
        self.score = "score"
        self._lines = None if is_terminal else SpacedLines()
        self._progress: Progress | None = None
        self._task: TaskID
        self._round = 0
        self._begin_round()

    def _begin_round(self) -> None:
        self._round += 1
        self._epochs: dict[int, int] = {}  # of each network
        self._of_thread: dict[int, int] = {}  # the network that each thread trains
        self._ended: set[int] = set()

    def __enter__(self) -> LiveTraining:
        return self

    def __call__(self, number: int, n_networks: int, epoch: Epoch, most_epochs: int) -> None:
        """Show an epoch of one network; see `layerwise.ensemble.ensemble_training`."""
        if self._lines is None:
            self._start()
        if epoch.number <= self._epochs.get(number, 0):
            # For an interval's ends, or the same again, in the order of time, on more rows.
            self._begin_round()
        self._note(number, epoch.number)
        lengths = [self._epochs[ended] for ended in self._ended]
        running = [n for n in self._epochs if n not in self._ended]
        longest = max(self._epochs[n] for n in running)
        usual = min(most_epochs, max(_USUAL_EPOCHS, 1.5 * longest))
        if lengths:
            usual = sum(lengths) / len(lengths)
        done = len(lengths) + sum(min(0.95, self._epochs[n] / usual) for n in running)
        numbers = f"network {number + 1} of {n_networks}"
        if self._round > 1:
            numbers += f" (round {self._round})"
        numbers += f", epoch {epoch.number}, loss {epoch.loss:.4f}"
        if epoch.validation_score is not None:
            numbers += f", held-out {self.score} {epoch.validation_score:.4f}"
        if self._lines is not None:
            self._lines(lambda: f"training: {numbers}")
            return
        assert self._progress is not None
        self._progress.update(
            self._task, total=n_networks, completed=min(done, n_networks), numbers=numbers
        )

    def say(self, what: str) -> None:
        """Show what is done once training has ended."""
        if self._progress is not None:
            self._progress.remove_task(self._task)
            self._task = self._progress.add_task(what, total=None, numbers="")

    def _note(self, number: int, epoch: int) -> None:
        """Note the epoch; the network that this thread trained before has ended."""
        thread = threading.get_ident()
        before = self._of_thread.get(thread, number)
        if before != number:
            self._ended.add(before)
        self._of_thread[thread] = number
        self._epochs[number] = epoch

    def _start(self) -> None:
        if self._progress is not None:
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("training", numbers="")
        self._progress.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()


@contextmanager
def live_steps(what: str, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what shows that `done` steps of `total` are done: show(done, total).

    A progress bar on standard error, which appears with the first step and goes at the end; silent
    where it is not `shown`.
    """
    if not shown:
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    progress = Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeLeft(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    task = progress.add_task(what, total=None)
    with ExitStack() as stack:

        def show(done: int, total: int) -> None:
            if not progress.live.is_started:
                stack.enter_context(progress)
            progress.update(task, total=total, completed=done)

        yield show
