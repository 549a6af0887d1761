"""L-BFGS one iteration at a time: SciPy's search in a thread of its own, which waits in between."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from layerwise.arrays import Array, Codes, Floats, Integers
from layerwise.network import Network
from layerwise.training import Trainer
from layerwise.training.history import Epoch, TrainingDiverged

_MOST_ROWS = 500  # that a gradient is shown of


class SearchInTurns:
    """A training by L-BFGS, taken one iteration at a time; like `StepwiseTraining`.

    Parameters
    ----------
    trainer : Trainer
    network : Network
        Changed in place.
    x, y, codes : ndarray
    rows : ndarray of int64
        Numbers of the rows to train on.

    Attributes
    ----------
    stopped : str
        Why there is no iteration left, as `layerwise.training.History` says it, or "diverged"; ""
        while there is.
    """

    steps_per_epoch = 1
    steps_into_epoch = 0

    def __init__(
        self, trainer: Trainer, network: Network, x: Array, y: Array, codes: Codes, rows: Integers
    ) -> None:
        self.network, self._own = network, network.copy()
        self._table, self._rows, self._loss = (x, y, codes), rows, trainer.loss
        self._most = trainer.epochs
        self.n_epochs = 0
        self.stopped = ""
        self._closing = False
        self._error: Exception | None = None
        self._last_loss = float("nan")
        self._go, self._came = threading.Semaphore(0), threading.Semaphore(0)
        trainer = replace(trainer, callbacks=[self._between])
        self._thread = threading.Thread(target=self._run, args=[trainer], daemon=True)

    def take(self, n_steps: int) -> Floats:
        """Take iterations; see `StepwiseTraining.take`."""
        losses = []
        for _ in range(n_steps):
            if self.stopped:
                break
            if self._thread.ident is None:
                self._thread.start()
            self._go.release()
            self._came.acquire()
            if self._error is not None:
                raise self._error
            if not self.stopped:
                self.network.vector[:] = self._own.vector
                self.n_epochs += 1
                losses.append(self._last_loss)
                self.stopped = "epochs" if self.n_epochs >= self._most else ""
        return np.array(losses)

    def gradient(self) -> Array:
        """The loss's gradient now, of some rows."""
        x, y, codes = (whole[self._rows[:_MOST_ROWS]] for whole in self._table)
        trace = self.network.forward(x, codes)
        gradients = self.network.backward(trace, y, self._loss)
        return gradients.vector

    def learning_rate(self) -> float:
        """1: how far a step goes is searched for."""
        return 1.0

    def set_number(self, place: int, value: float) -> None:
        """Set one of the network's numbers. The search must be begun anew to know of it."""
        self.network.vector[place] = value

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        if self._thread.ident is not None:
            self._go.release()
            self._thread.join()

    def _run(self, trainer: Trainer) -> None:
        self._go.acquire()
        try:
            if not self._closing:
                x, y, codes = (whole[self._rows] for whole in self._table)
                self.stopped = trainer.fit(self._own, x, y, codes=codes).stopped
        except TrainingDiverged as error:
            self._error, self.stopped = error, "diverged"
        except Exception as error:  # noqa: BLE001  raised where steps are asked for
            self._error, self.stopped = error, "fault"
        finally:
            self._came.release()

    def _between(self, network: Network, epoch: Epoch) -> bool:
        self._last_loss = epoch.loss
        self._came.release()
        self._go.acquire()
        return self._closing
