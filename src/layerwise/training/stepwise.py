"""A training that is taken step by step: for a page on which every step can be looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerwise.arrays import Floats, Integers
from layerwise.engine.protocol import Batches
from layerwise.signals import Interrupt
from layerwise.training.epochs import EpochRun
from layerwise.training.history import TrainingDiverged
from layerwise.training.loop import Fit
from layerwise.training.progress import ProgressBar
from layerwise.training.state import TrainerState

_MOST_AHEAD = 64  # epochs whose batches are laid out at once


@dataclass(frozen=True)
class _Moment:
    """All that a call changes, as it was before."""

    vectors: Any
    state: TrainerState
    n_recorded: int
    stopped: str
    of_epoch: list[Floats]
    n_taken: int
    at: int
    ahead: Batches | None


class StepwiseTraining(Fit):
    """A training without held-out rows, taken as far as is asked for, with the bits of a whole one.

    `layerwise.Trainer.stepwise` begins one. Callbacks and checkpoints are not looked at.

    Attributes
    ----------
    network : Network
        Changed in place, at every step.
    steps_per_epoch : int
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.steps_per_epoch = len(self._batches)
        self._began_with = self.state.n_epochs, self.state.n_rows
        self._n_taken = self._at = 0
        self._ahead: Batches | None = None
        self._of_epoch: list[Floats] = []
        self._has_looked = False

    @property
    def n_epochs(self) -> int:
        """Whole epochs so far."""
        return self._n_taken // self.steps_per_epoch

    @property
    def steps_into_epoch(self) -> int:
        """Steps of the epoch that is not whole yet."""
        return self._n_taken % self.steps_per_epoch

    @property
    def is_done(self) -> bool:
        """Whether there is no step left."""
        return bool(self.stopped)

    @property
    def stopped(self) -> str:
        """Why there is no step left, as `layerwise.training.History` says it; "" while there is."""
        if self.n_epochs >= self.settings.epochs:
            return "epochs"
        return self.history.stopped  # by a schedule such as "adaptive"

    def next_rows(self) -> Integers:
        """The rows of the batch that the next step takes."""
        ahead = self._batches_ahead(1)
        rows: Integers = ahead.order[ahead.starts[self._at] : ahead.stops[self._at]]
        return rows

    def learning_rate(self) -> float:
        """The next step's."""
        if self.is_done:
            return 0.0
        return float(self._batches_ahead(1).learning_rates[self._at])

    def take(self, n_steps: int) -> Floats:
        """Take steps, as many as are asked for or left.

        Returns
        -------
        losses : ndarray of float64, shape (n_taken,)
            Of each batch, before its step.

        Raises
        ------
        TrainingDiverged
            When a loss or a weight stops being finite. All is then as it was before the call.
        """
        before = self._moment()
        losses = [np.zeros(0)]
        left = n_steps
        while left > 0 and not self.is_done:
            ahead = self._batches_ahead(left)
            part = ahead[self._at : self._at + left]
            found, penalties = self.session.run(part)
            losses.append(found)
            self._has_looked |= bool(part.looks.any())
            self._at += len(part)
            self._n_taken += len(part)
            self.state.n_steps += len(part)
            left -= len(part)
            if not np.isfinite(found).all():
                break
            self._note(found, float(penalties[-1]), part)
        self.adopt(self.vectors.parameters, self.vectors.state)
        taken = np.concatenate(losses)
        if not (np.isfinite(taken).all() and np.isfinite(self.network.vector).all()):
            self._back_to(before)
        self.state.n_epochs = self._began_with[0] + self.n_epochs
        self.state.n_rows = self._began_with[1] + self.n_epochs * len(self.rows)
        return taken

    def dead_shares(self) -> list[float] | None:
        """The share of each layer's nodes that no row looked at has moved; None: none looked at.

        Rows are looked at now and then, as training goes on.
        """
        if not self._has_looked:
            return None
        shares = self.meter(self.vectors).dead_share
        self.vectors.put(alive=0)
        self._has_looked = False
        return shares

    def set_number(self, place: int, value: float) -> None:
        """Set one of the network's learned numbers, by its place in `Network.vector`."""
        vector = np.array(self.vectors.parameters)
        vector[place] = value
        self.vectors.put(parameters=vector)
        self.adopt(self.vectors.parameters, self.vectors.state)

    def close(self) -> None:
        """End it; its state may be gone on from."""
        self.state.leave(self.vectors)
        self.session.close()

    def _batches_ahead(self, n_steps: int) -> Batches:
        """Whole epochs' batches, of which those from `_at` on are still to be taken."""
        if self._ahead is None or self._at == len(self._ahead):
            count = min(-(-n_steps // self.steps_per_epoch), self.settings.epochs - self.n_epochs)
            count = 1 if self._divisor is not None else max(1, min(count, _MOST_AHEAD))
            self._ahead = self.runner.batches_of(self.n_epochs + 1, count, looks=True)
            self._at = 0
        return self._ahead

    def _note(self, losses: Floats, penalty: float, part: Batches) -> None:
        """Let a schedule that waits for improvement hear of each whole epoch."""
        if self._divisor is None:
            return
        self._of_epoch.append(losses)
        if self.steps_into_epoch == 0:
            run = EpochRun(np.concatenate(self._of_epoch), penalty, float(part.learning_rates[-1]))
            self._of_epoch = []
            epoch = self._measure(self.n_epochs, run, 0.0, None, Interrupt())
            self.record(epoch, ProgressBar(self.settings.epochs, False))

    def _moment(self) -> _Moment:
        return _Moment(
            self.vectors.snapshot(),
            replace(self.state),
            len(self.history),
            self.history.stopped,
            [*self._of_epoch],
            self._n_taken,
            self._at,
            self._ahead,
        )

    def _back_to(self, moment: _Moment) -> None:
        self.vectors.restore(moment.vectors)
        self.adopt(self.vectors.parameters, self.vectors.state)
        vars(self.state).update(vars(moment.state))  # whoever gave it goes on from it
        del self.history.epochs[moment.n_recorded :]
        self.history.stopped, self._of_epoch = moment.stopped, moment.of_epoch
        self._n_taken, self._at, self._ahead = moment.n_taken, moment.at, moment.ahead
        raise TrainingDiverged(
            f"the loss stopped being finite within the steps after the {self._n_taken:,}th",
            "Try a smaller learning rate. The network holds its last good numbers",
            self.history,
        )
