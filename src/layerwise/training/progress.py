"""A progress bar on standard error: epoch, loss, held-out score and the time left."""

from types import TracebackType
from typing import Any

from layerwise.training.history import Epoch

__all__ = ["ProgressBar"]


class ProgressBar:
    """A live line for one training; silent where it is not wanted.

    Parameters
    ----------
    epochs : int
        How many there will be at most.
    shown : bool
    description : str
        What stands before the bar.
    """

    def __init__(self, epochs: int, shown: bool, description: str = "training") -> None:
        self._epochs, self._shown, self._description = epochs, shown, description
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "ProgressBar":
        if self._shown:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("epochs {task.fields[numbers]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._task = self._bar.add_task(self._description, total=self._epochs, numbers="")
            self._bar.start()
        return self

    def show(self, epoch: Epoch) -> None:
        """Show an epoch's numbers."""
        if self._bar is None:
            return
        numbers = f"loss {epoch.loss:.4f}"
        if epoch.validation_score is not None:
            numbers += f"  held-out score {epoch.validation_score:.4f}"
        self._bar.update(self._task, completed=epoch.number, numbers=numbers)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
