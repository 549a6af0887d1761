"""Running epochs in the engine: the order of rows, every step's numbers, in bites.

Everything random is a function of the seed and of the epoch's or the step's number alone, so that
a training that is resumed, or run in other bites, gives the same bits.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerwise.arrays import Floats, Integers
from layerwise.engine.optimizers import Optimizer
from layerwise.engine.protocol import Batches, Session
from layerwise.signals import Interrupt
from layerwise.training.schedules import Schedule, get_schedule
from layerwise.training.settings import TrainingSettings
from layerwise.training.state import TrainerState

# Longest call of the engine, in seconds: Ctrl-C and the progress bar wait no longer.
BITE_SECONDS = 0.04
_LOOK_EVERY = 8  # batches, for dead nodes


@dataclass(frozen=True)
class EpochRun:
    """What one epoch gave.

    Attributes
    ----------
    losses : ndarray
        Of its batches; fewer than there are where it was interrupted.
    penalty : float
        l1 |w| + l2 w² / 2 of its last weights.
    learning_rate : float
        The last one.
    """

    losses: Floats
    penalty: float
    learning_rate: float


class EpochRunner:
    """Runs epochs of one training.

    Parameters
    ----------
    settings : TrainingSettings
    optimizer : Optimizer
    session : Session
    state : TrainerState
        Counts the steps; its numbers at this moment are where the training begins.
    rows : ndarray of int64
        The rows to train on.
    batches : ndarray of int64, shape (n_batches, 2)
        Starts and stops among them.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        optimizer: Optimizer,
        session: Session,
        state: TrainerState,
        rows: Integers,
        batches: Integers,
    ) -> None:
        self.settings, self.optimizer, self.session = settings, optimizer, session
        self.state, self.rows, self.batches = state, rows, batches
        self.seed = settings.seed or 0
        self.step_seconds = 0.0
        self._n_epochs, self._n_steps, self._n_rows = state.n_epochs, state.n_steps, state.n_rows
        self._shuffler = np.random.Philox(key=np.zeros(2, np.uint64))
        self._start_of_shuffler: Any = self._shuffler.state

    def run(self, number: int, count: int, *, looks: bool, interrupt: Interrupt) -> list[EpochRun]:
        """Run `count` epochs from `number` on, in as few calls as bites allow."""
        n = len(self.batches)
        batches = self.batches_of(number, count, looks=looks)
        losses, penalties = self._bites(batches, interrupt)
        done = len(losses)
        self.state.n_steps += done
        runs = []
        for k in range(-(-done // n)):
            epoch = slice(k * n, min((k + 1) * n, done))
            rate = float(batches.learning_rates[(k + 1) * n - 1])
            runs.append(EpochRun(losses[epoch], float(penalties[epoch][-1]), rate))
        return runs

    def _bites(self, batches: Batches, interrupt: Interrupt) -> tuple[Floats, Floats]:
        """(losses, penalties) of the batches that were run."""
        losses, penalties = [np.zeros(0)], [np.zeros(0)]
        done = 0
        while done < len(batches) and not interrupt:
            many = 1
            if self.step_seconds:
                many = max(1, int(BITE_SECONDS / self.step_seconds))
            started = time.perf_counter()
            of_bite = self.session.run(batches[done : done + many])
            losses.append(of_bite[0])
            penalties.append(of_bite[1])
            n = len(losses[-1])
            self.step_seconds = (time.perf_counter() - started) / n
            done += n
            if not np.isfinite(losses[-1]).all():
                break
        return np.concatenate(losses), np.concatenate(penalties)

    def order(self, number: int) -> Integers:
        """The rows in the order in which an epoch takes them."""
        if not self.settings.shuffle:
            return self.rows
        # A generator of the key (seed, epoch); setting its state is quicker than making one.
        self._start_of_shuffler["state"]["key"][:] = self.seed, self._n_epochs + number
        self._shuffler.state = self._start_of_shuffler
        return self.rows[np.random.Generator(self._shuffler).permutation(len(self.rows))]

    def _keys(self, n: int) -> Integers:
        """32 random bits for each of the next n steps, a function of the seed and their number."""
        done = self.state.n_steps
        steps = np.arange(done + 1, done + n + 1, dtype=np.uint64)
        # Steele et al. 2014, "splitmix".
        z = np.uint64(self.seed % 2**64) + steps * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z >> np.uint64(32)).astype(np.int64)

    def batches_of(self, number: int, count: int, *, looks: bool) -> Batches:
        """The batches of `count` epochs from `number` on, all steps before which are taken.

        looks: whether to look for dead nodes, in the last of them.
        """
        n, done, s = len(self.batches), self.state.n_steps, self.settings
        order = np.concatenate([self.order(number + k) for k in range(count)])
        bounds = self.batches + (np.arange(count) * len(self.rows))[:, None, None]
        steps = np.arange(done + 1, done + count * n + 1)
        share_done = (steps - 1 - self._n_steps) / (s.epochs * n)
        epochs = np.repeat(np.arange(number - 1, number - 1 + count), n)
        rows_seen = self._n_rows + epochs * len(self.rows)

        def factor(name: str | Schedule) -> Floats:
            return get_schedule(name).factor(share_done, rows_seen)

        averages = np.zeros(count * n)
        if s.ema is not None:
            averages = 1.0 - np.minimum(s.ema, (1 + steps) / (10 + steps))
        ends_epoch = np.zeros(count * n, bool)
        ends_epoch[n - 1 :: n] = True
        looked_at = np.zeros(count * n, bool)
        looked_at[-n::_LOOK_EVERY] = looks
        return Batches(
            order=order,
            starts=bounds[:, :, 0].ravel(),
            stops=bounds[:, :, 1].ravel(),
            steps=steps,
            learning_rates=self.optimizer.learning_rate
            * self.state.rate_factor
            * factor(s.schedule),
            weight_decays=self.optimizer.weight_decay * factor(s.decay_schedule),
            dropouts=factor(s.dropout_schedule),
            keys=self._keys(count * n),
            averages=averages,
            looks=looked_at,
            ends_epoch=ends_epoch,
        )
