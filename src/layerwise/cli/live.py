"""A live line while several networks train: which, epoch, loss, held-out score, time left."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerwise.training import Epoch

__all__ = ["LiveTraining"]


class LiveTraining:
    """A progress bar on standard error, silent where that is no terminal or none is wanted.

    Parameters
    ----------
    shown : bool
    score : str
        What the held-out score is: "accuracy" or "R²".
    """

    def __init__(self, shown: bool, score: str = "score") -> None:
        self.score = score
        self._progress: Any = None
        self._shown = shown
        self._task: Any = None
        self._done: dict[int, float] = {}

    def __enter__(self) -> LiveTraining:
        if self._shown:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._progress = Progress(
                TextColumn("training"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[numbers]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._progress.start()
        return self

    def __call__(self, number: int, n_networks: int, epoch: Epoch, most_epochs: int) -> None:
        """Show an epoch of one network; see `layerwise.estimators.ensemble`."""
        if self._progress is None:
            return
        if self._task is None:
            self._task = self._progress.add_task("training", total=float(n_networks), numbers="")
        # A network that ended early counts as done once the next one begins.
        self._done[number] = epoch.number / most_epochs
        latest = sorted(self._done)[-2:]
        done = sum(share if n in latest else 1.0 for n, share in self._done.items())
        numbers = (
            f"network {number + 1} of {n_networks}, epoch {epoch.number}, loss {epoch.loss:.4f}"
        )
        if epoch.validation_score is not None:
            numbers += f", held-out {self.score} {epoch.validation_score:.4f}"
        self._progress.update(self._task, completed=min(done, n_networks), numbers=numbers)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()
