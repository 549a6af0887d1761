"""A live line for work in steps that are counted: how many are done, and the time left."""

from __future__ import annotations

from types import TracebackType
from typing import Any

__all__ = ["LiveSteps"]


class LiveSteps:
    """A progress bar on standard error, silent where none is wanted.

    It appears with the first step.

    Parameters
    ----------
    what : str
        What is done.
    shown : bool
    """

    def __init__(self, what: str, shown: bool) -> None:
        self._what, self._shown = what, shown
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> LiveSteps:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Show how many steps of how many are done."""
        if not self._shown:
            return
        if self._progress is None:
            self._start()
        self._progress.update(self._task, total=total, completed=done)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as TimeLeft

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeLeft(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task(self._what, total=None)
        self._progress.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
