"""How far work is: a bar in a terminal and in a notebook, elsewhere lines now and then."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from layerwise.harmless_text import as_markup, visible
from layerwise.language import message, speaking, spoken, tr
from layerwise.texts import seconds

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from layerwise.training.history import Epoch

TERMINAL, NOTEBOOK, LINES = "terminal", "notebook", "lines"
_LEAST_SECONDS = 30.0  # from one line to the next
_NEWS_SECONDS = 5.0  # to one that tells what has ended
_NOTEBOOK_SECONDS = 0.25  # from one change of a notebook's bar to the next
# Around bar and words; the words in the notebook's own colour.
_STYLE = "font: 13px/1.6 system-ui, sans-serif; font-variant-numeric: tabular-nums"
_BAR_STYLE = "width: 12em; vertical-align: middle; margin-right: 1em; accent-color: #0072b2"


def find_place() -> str:
    """Where progress is to be shown: "terminal", "notebook", or, where neither is, "lines".

    A command that is started in a notebook's cell, as ``!layerwise fit``, has a terminal in which
    nothing can be written over: what began it says so in the environment.
    """
    if "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
        if shell is not None and "text/html" in shell.display_formatter.active_types:
            return NOTEBOOK
    in_a_cell = "JPY_PARENT_PID" in os.environ or os.environ.get("GIT_PAGER") == "cat"
    return TERMINAL if sys.stderr.isatty() and not in_a_cell else LINES


class SpacedLines:
    """Lines on standard error where no live picture can be: every half a minute, later more rarely.

    What is news comes after 5 seconds.

    Parameters
    ----------
    clock : callable
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begin = self._last = clock()

    def __call__(self, line: Callable[[], str], *, is_news: bool = False) -> bool:
        """Print line(), if it is time, which for news it is sooner; whether it was."""
        now = self._clock()
        usual = max(_LEAST_SECONDS, (self._last - self._begin) / 10)
        is_time = now - self._last >= (_NEWS_SECONDS if is_news else usual)
        if is_time:
            self._last = now
            self.write(line())
        return is_time

    @staticmethod
    def write(line: str) -> None:
        """Print a line."""
        sys.stderr.write(f"layerwise: {visible(line)}\n")
        sys.stderr.flush()


class LiveBar:
    """A bar with what is done before it and numbers behind it, in the language spoken.

    Where none is, it is the environment's, as of all that Python shows.

    Parameters
    ----------
    what : str
        Such as "training": a text of the catalogue, or in that language.
    place : str
        Where it is shown, as `find_place` says; "": nowhere.
    stays : bool
        Whether it is there still when the work has ended.
    """

    def __init__(self, what: str, place: str, *, stays: bool = False) -> None:
        with speaking(None):
            self._what, self._language = tr(what), spoken()
        self._place, self._stays = place, stays
        self._lines = SpacedLines() if place == LINES else None
        self._progress: Progress | None = None
        self._task: TaskID
        self._display: Any = None  # the notebook's, which can be changed
        self._begin = self._shown_at = time.monotonic()
        self._now: tuple[float, float | None, str] | None = None  # what `show` was told last

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """Show it, with nothing done; else it appears when `show` is first called."""
        if self._place == TERMINAL and self._progress is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            from layerwise.screen import Screen

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[numbers]}", markup=False),
                TimeRemainingColumn(),
                console=Screen(stderr=True),
                transient=not self._stays,
            )
            self._task = self._progress.add_task(self._what, total=None, numbers="")
            self._progress.start()
        elif self._place == NOTEBOOK and self._display is None:
            from IPython.display import display

            bundle = self._bundle(0.0, None, "")
            self._display = display(bundle, raw=True, display_id=True)

    def show(self, done: float, total: float | None, numbers: str = "", *, news: str = "") -> bool:
        """Show how far it is, of a total if that is known, with what is to be read behind it.

        Returns
        -------
        bool
            Whether `news` were printed, which lines alone tell, behind the numbers.
        """
        self.start()
        self._now = done, total, numbers
        if self._lines is not None:
            line = f"{self._what}: {numbers}{news}"
            return self._lines(lambda: line, is_news=bool(news))
        elif self._progress is not None:
            self._progress.update(self._task, completed=done, total=total, numbers=numbers)
        elif self._display is not None and time.monotonic() > self._shown_at + _NOTEBOOK_SECONDS:
            self._shown_at = time.monotonic()
            self._display.update(self._bundle(*self._now), raw=True)
        return False

    def say(self, what: str) -> None:
        """Show what is done now, of which it is not known how far it is."""
        self._what = what
        if self._progress is not None:
            self._progress.remove_task(self._task)
            self._task = self._progress.add_task(what, total=None, numbers="")

    def _bundle(self, done: float, total: float | None, numbers: str) -> dict[str, str]:
        """The bar as a notebook shows it, without ipywidgets."""
        text = f"{self._what}: {numbers}" if numbers else self._what
        share = "" if total is None else f' value="{done:g}" max="{total:g}"'
        bar = f'<progress style="{_BAR_STYLE}"{share}></progress>'
        return {
            "text/html": f'<div style="{_STYLE}">{bar}{as_markup(text)}</div>',
            "text/plain": text,
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._now is not None and self._stays:
            _, total, _ = self._now
            with speaking(self._language):
                done, numbers = self._at_the_end()
                numbers += tr("; took {time}", time=seconds(time.monotonic() - self._begin))
            if self._progress is not None:
                self._progress.update(self._task, completed=done, total=total, numbers=numbers)
            elif self._display is not None:
                self._display.update(self._bundle(done, total, numbers), raw=True)
            elif self._lines is not None:
                self._lines.write(f"{self._what}: {numbers}")
        if self._progress is not None:
            self._progress.stop()

    def _at_the_end(self) -> tuple[float, str]:
        """What was done, as a number and in words."""
        assert self._now is not None
        return self._now[0], self._now[2]


class ProgressBar(LiveBar):
    """The line of one training; silent where it is not wanted.

    Parameters
    ----------
    epochs : int
        How many there will be at most.
    shown : bool
    """

    def __init__(self, epochs: int, shown: bool) -> None:
        super().__init__(message("training"), find_place() if shown else "", stays=True)
        self._epochs, self._is_shown = epochs, shown

    def show_epoch(self, epoch: Epoch) -> None:
        """Show an epoch's numbers."""
        if not self._is_shown:
            return
        with speaking(self._language):
            numbers = tr(
                "{i:,}/{n:,} epochs, loss {loss:.4f}",
                i=epoch.number,
                n=self._epochs,
                loss=epoch.loss,
            )
            if epoch.validation_score is not None:
                numbers += tr(", held-out score {score:.4f}", score=epoch.validation_score)
        self.show(epoch.number, self._epochs, numbers)
