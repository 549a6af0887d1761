"""The live line of networks that train."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from layerwise.ensemble.ensemble_training import OnEpoch
from layerwise.language import counted, message, speaking, tr
from layerwise.training import Epoch
from layerwise.training.progress import LiveBar, find_place

_USUAL_EPOCHS = 40


class LiveTraining(LiveBar):
    """How far the training of several networks is.

    A network counts by its epochs: as a share of those that the networks before it took in the
    mean, and, before one has ended, of those that most take.

    Parameters
    ----------
    place : str
    stays : bool
        As of a `LiveBar`.

    Attributes
    ----------
    score : str
        What the held-out score is: "accuracy" or "R²".
    """

    def __init__(self, place: str, *, stays: bool = False) -> None:
        super().__init__(message("training"), place, stays=stays)
        self.score = message("score")
        self._round = self._n_begun = 0
        self._begin_round()

    def _begin_round(self) -> None:
        self._round += 1
        self._epochs: dict[int, int] = {}  # of each network
        self._of_thread: dict[int, int] = {}  # the network that each thread trains
        self._ended: set[int] = set()

    def __call__(self, number: int, n_networks: int, epoch: Epoch, most_epochs: int) -> None:
        """Show an epoch of one network; see `layerwise.ensemble.ensemble_training`."""
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
        with speaking(self._language):  # in a thread of the networks', which knows of none
            self.show(min(done, n_networks), n_networks, self._numbers(number, n_networks, epoch))

    def _numbers(self, number: int, n_networks: int, epoch: Epoch) -> str:
        numbers = tr("network {i} of {n}", i=number + 1, n=n_networks)
        if self._round > 1:
            numbers += tr(" (round {i})", i=self._round)
        numbers += tr(", epoch {i}, loss {loss:.4f}", i=epoch.number, loss=epoch.loss)
        if epoch.validation_score is not None:
            numbers += tr(
                ", held-out {score} {value:.4f}",
                score=tr(self.score),
                value=epoch.validation_score,
            )
        return numbers

    def _note(self, number: int, epoch: int) -> None:
        """Note the epoch; the network that this thread trained before has ended."""
        thread = threading.get_ident()
        before = self._of_thread.get(thread, number)
        if before != number:
            self._ended.add(before)
        self._of_thread[thread] = number
        self._n_begun += number not in self._epochs
        self._epochs[number] = epoch

    def _at_the_end(self) -> tuple[float, str]:
        return len(self._epochs), counted(self._n_begun, "network")


@contextmanager
def epochs_shown(also: OnEpoch | None, score: str) -> Iterator[OnEpoch]:
    """Show each epoch that what this gives is told, and tell `also`; `score`: what it is."""
    with LiveTraining(find_place(), stays=True) as live:
        live.score = score
        live.start()

        def told(number: int, n_networks: int, epoch: Epoch, most_epochs: int) -> None:
            live(number, n_networks, epoch, most_epochs)
            if also is not None:
                also(number, n_networks, epoch, most_epochs)

        yield told
