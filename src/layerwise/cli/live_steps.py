"""A live line for work in steps that are counted: how many are done, and the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

__all__ = ["live_steps"]


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
