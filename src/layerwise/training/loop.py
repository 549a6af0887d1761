"""The loop: epochs of steps, until there are enough of them or nothing improves."""

import math
import time
import warnings
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from layerwise.architecture import Loss
from layerwise.arrays import Array, Floats, Integers
from layerwise.engine.optimizers import Optimizer
from layerwise.engine.protocol import Data, HostVectors, Objective, Setup
from layerwise.engine.threads import single_threaded_blas
from layerwise.files.atomic_writing import FileWriteError, check_writable
from layerwise.language import said
from layerwise.network import Network
from layerwise.signals import Interrupt, catch_interrupt
from layerwise.training.checkpoint import (
    Checkpoint,
    fingerprint,
    load_checkpoint,
    save_checkpoint,
)
from layerwise.training.epoch_judging import Course
from layerwise.training.epochs import BITE_SECONDS, EpochRun, EpochRunner
from layerwise.training.history import (
    DIVERGENCES,
    Epoch,
    History,
    LayerStatistics,
    TrainingDiverged,
    next_measured_epoch,
)
from layerwise.training.progress import ProgressBar
from layerwise.training.schedules import get_schedule
from layerwise.training.settings import TrainingSettings
from layerwise.training.state import TrainerState

_SMALLEST_ADAPTIVE_RATE = 1e-6  # scikit-learn's


# What a checkpoint holds.
_ARRAYS = ("parameters", "moments", "average", "state")
_COUNTERS = ("n_epochs", "n_steps", "n_rows", "stale", "rate_factor", "best_value")
_FACTS = {"architecture", "settings", "data", "history", *_COUNTERS}


class Fit(Course):
    """One training, from its first step to its last, by an optimiser of steps.

    Parameters
    ----------
    settings : Trainer
    network : Network
        Changed in place.
    loss : Loss
    data : Data
        The table; `rows` of it are trained on.
    held_out : (Data, rows) or None
        What improvement is measured on.
    state : TrainerState or None
        What an earlier training left to go on from; changed in place.
    resume : bool
        Go on from the checkpoint, if there is one.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        network: Network,
        loss: Loss,
        data: Data,
        rows: Integers,
        held_out: tuple[Data, Integers] | None,
        state: TrainerState | None = None,
        *,
        resume: bool,
    ) -> None:
        assert isinstance(settings.optimizer, Optimizer)
        self.optimizer: Optimizer = settings.optimizer
        vectors = HostVectors.around(network.vector, network.state)
        state = TrainerState() if state is None else state
        state.enter(vectors)
        objective = Objective(
            loss,
            settings.optimizer,
            l1=settings.l1,
            l2=settings.l2,
            penalize_sum=settings.penalize == "sum",
            clip_norm=settings.gradient_clipping or 0.0,
        )
        batch_size = min(settings.batch_size or 200, len(rows))
        setup = Setup(
            network.architecture, objective, data, vectors, batch_size, settings.n_threads
        )
        super().__init__(settings, network, setup, held_out, state)
        self.rows, self.batch_size = rows, batch_size
        self._divisor = get_schedule(settings.schedule).divisor
        self.seconds_before = 0.0
        self._batches = self._batch_bounds()
        self._batch_sizes = np.diff(self._batches, axis=1)[:, 0].astype(np.float64)
        self.runner = EpochRunner(
            settings, self.optimizer, self.session, state, self.rows, self._batches
        )
        self._fingerprint = ""
        if settings.checkpoint is not None:
            check_writable(settings.checkpoint, "the checkpoint")
            tables = [data]
            if held_out is not None and held_out[0] is not data:
                tables.append(held_out[0])
            self._fingerprint = " / ".join(fingerprint(table) for table in tables)
        if resume:
            self._resume()

    def _batch_bounds(self) -> Integers:
        """(n_batches, 2) starts and stops. Batch normalisation cannot take one row alone."""
        starts = np.arange(0, len(self.rows), self.batch_size)
        stops = np.minimum(starts + self.batch_size, len(self.rows))
        bounds = np.stack([starts, stops], axis=1)
        if not self.network.architecture.takes_single_rows and len(bounds) > 1:
            bounds = bounds[stops - starts > 1]
            if not len(bounds):
                raise ValueError(
                    "batch normalisation needs batches of at least 2 rows; got "
                    f"{len(self.rows)} rows in batches of {self.batch_size}"
                )
        return bounds

    def run(self, stop: object = False) -> History:
        """Train; see `Trainer.fit`."""
        self.started = time.perf_counter()
        number = len(self.history) + 1
        try:
            with (
                single_threaded_blas(),
                catch_interrupt(stop) as interrupt,
                ProgressBar(self.settings.epochs, self.settings.progress) as bar,
            ):
                while number <= self.settings.epochs and not self.history.stopped:
                    if interrupt:
                        self.history.stopped = "interrupted"
                        break
                    count = self._epochs_at_once(number)
                    self._run_epochs(number, count, interrupt, bar)
                    number += count
                self.history.stopped = self.history.stopped or (
                    "interrupted" if interrupt else "epochs"
                )
        finally:
            self.state.leave(self.vectors)
            self.session.close()
        if self.state.best is not None:
            self.adopt(*self.state.best)
        elif self.settings.ema is not None and self.state.n_steps:
            self.adopt(*self.current())
        return self.history

    def _epochs_at_once(self, number: int) -> int:
        """How many epochs to run before anything is looked at: the call of the engine costs time.

        So many that none of them but the last can be one to end at.
        """
        settings = self.settings
        if self.evaluate is not None or settings.callbacks or settings.checkpoint is not None:
            return 1
        seconds = self.runner.step_seconds * len(self._batches)
        last = min(settings.epochs, next_measured_epoch(number))
        most = min(last + 1 - number, int(BITE_SECONDS / max(seconds, 1e-6)))
        return max(1, int(min(most, self.patience() - self.state.stale)))

    def _run_epochs(self, number: int, count: int, interrupt: Interrupt, bar: ProgressBar) -> None:
        before, n_steps = self.vectors.snapshot(), self.state.n_steps
        last = number + count - 1
        measures = next_measured_epoch(last) == last
        if measures:
            self.vectors.put(alive=0)
        began = self._seconds()
        runs = self.runner.run(number, count, looks=measures, interrupt=interrupt)
        took = (self._seconds() - began) / count
        self.adopt(self.vectors.parameters, self.vectors.state)
        for k, run in enumerate(runs):
            if self._has_diverged(run, is_last=k == len(runs) - 1):
                self._take_back(number, k, before, n_steps, interrupt)
                self._report_divergence(run, number + k)
            if len(run.losses) < len(self._batches):
                return  # interrupted
            layers = self.meter(self.vectors) if measures and number + k == last else None
            epoch = self._measure(number + k, run, began + (k + 1) * took, layers, interrupt)
            if epoch.validation_loss is not None and math.isnan(epoch.validation_loss):
                if interrupt:
                    return
                self._take_back(number, 0, before, n_steps, interrupt)
                self._report_divergence(None, number)
            self.state.n_epochs += 1
            self.state.n_rows += len(self.rows)
            self.record(epoch, bar)
            self.call_back(epoch)
            if self._due(number + k):
                self._save()

    def _seconds(self) -> float:
        return self.seconds_before + time.perf_counter() - self.started

    def _take_back(
        self, number: int, count: int, before: Any, n_steps: int, interrupt: Interrupt
    ) -> None:
        """Put the network where it was `count` epochs after a snapshot: the last good ones."""
        if self.state.best is not None:
            self.adopt(*self.state.best)
            return
        self.vectors.restore(before)
        self.state.n_steps = n_steps
        if count:
            self.runner.run(number, count, looks=False, interrupt=interrupt)
        self.adopt(self.vectors.parameters, self.vectors.state)

    def _has_diverged(self, run: EpochRun, *, is_last: bool) -> bool:
        if not np.isfinite(run.losses).all():
            return True
        return is_last and not np.isfinite(self.network.vector).all()

    def _report_divergence(self, run: EpochRun | None, number: int) -> NoReturn:
        losses = np.array([math.nan]) if run is None else run.losses
        good = np.isfinite(losses)
        loss, weights, _ = DIVERGENCES
        step, found = len(losses), weights
        if not good.all():
            step, found = int(np.argmin(good)) + 1, loss
        rate = self.optimizer.learning_rate if run is None else run.learning_rate
        value = f"{losses[step - 1]}"
        raise TrainingDiverged(
            said(found, value=value, i=str(number), step=str(step), rate=f"{rate:g}"),
            f"Try a smaller one, such as {rate / 10:g}, or gradient_clipping=1.0; and bring inputs "
            "(and targets that are numbers) to a spread of about 1. The network holds its last "
            "good numbers",
            self.history,
        )

    def _measure(
        self,
        number: int,
        run: EpochRun,
        seconds: float,
        layers: LayerStatistics | None,
        interrupt: Interrupt,
    ) -> Epoch:
        held_out_loss = held_out_score = None
        if self.evaluate is not None:
            held_out_loss, held_out_score = self.evaluate(*self.current(), interrupt)
            seconds = self._seconds()
        weights = self._batch_weights(number)
        total = float(weights.sum())
        share = len(weights) / total if self.settings.penalize == "sum" else 1.0
        return Epoch(
            number=number,
            loss=float(run.losses @ weights) / total,
            learning_rate=run.learning_rate,
            seconds=seconds,
            penalty=run.penalty * share,
            validation_loss=held_out_loss,
            validation_score=held_out_score,
            layers=layers,
        )

    def _batch_weights(self, number: int) -> Floats:
        """The sum of the rows' weights in each batch of an epoch."""
        weight = self.data.weight
        if not weight.size:
            return self._batch_sizes
        sums = np.cumsum(weight[self.runner.order(number)], dtype=np.float64)
        weights = np.diff(np.append(0.0, sums)[self._batches], axis=1)[:, 0]
        return weights if weights.any() else np.ones(len(weights))

    def current(self) -> tuple[Array, Array]:
        """(parameters, state) that the network would be given now: the average, if wanted."""
        v = self.vectors
        return (v.parameters if self.settings.ema is None else v.average), v.state

    def patience(self) -> float:
        """Epochs without improvement before something happens."""
        return self.settings.patience or (math.inf if self._divisor is None else 10)

    def lose_patience(self, epoch: Epoch) -> None:
        """End, or by a schedule such as "adaptive" go on more slowly."""
        if self._divisor is None:
            self.history.stopped = "patience"
        elif epoch.learning_rate <= _SMALLEST_ADAPTIVE_RATE:
            self.history.stopped = "learning rate"
        else:
            self.state.rate_factor /= self._divisor
            self.state.stale = 0

    def _due(self, number: int) -> bool:
        if self.settings.checkpoint is None:
            return False
        last = number == self.settings.epochs or bool(self.history.stopped)
        return last or number % self.settings.checkpoint_every == 0

    def _save(self) -> None:
        arrays = {name: getattr(self.vectors, name) for name in _ARRAYS}
        if self.state.best is not None:
            arrays["best_parameters"], arrays["best_state"] = self.state.best
        facts = {
            "architecture": self.network.architecture.to_json(),
            "settings": self.settings.facts() | {"seed": repr(self.runner.seed)},
            "data": self._fingerprint,
            "history": self.history.to_json(),
            **{name: getattr(self.state, name) for name in _COUNTERS},
        }
        assert self.settings.checkpoint is not None
        try:
            save_checkpoint(self.settings.checkpoint, Checkpoint(arrays, facts))
        except FileWriteError as error:  # a full disk, say: what is learned is worth more
            warnings.warn(f"{error}; training goes on without it", stacklevel=2)

    def _resume(self) -> None:
        path = self.settings.checkpoint
        if path is None:
            raise ValueError("resume=True needs the setting checkpoint, the file to go on from")
        if not Path(path).exists():
            return
        saved = load_checkpoint(path)
        facts, arrays = saved.facts, saved.arrays
        missing = sorted(_FACTS - facts.keys()) + sorted(set(_ARRAYS) - arrays.keys())
        if missing:
            raise ValueError(
                f"{path} is not a checkpoint, or is damaged: {', '.join(missing)} missing"
            )
        mine = {
            "architecture": self.network.architecture.to_json(),
            "data": self._fingerprint,
            **self.settings.facts(),
        }
        theirs = {"architecture": facts["architecture"], "data": facts["data"], **facts["settings"]}
        different = sorted(key for key in mine if mine[key] != theirs.get(key))
        if different:
            raise ValueError(
                f"the checkpoint {path} is of another training; what differs: "
                f"{', '.join(different)}. Use the same settings and data, or another file"
            )
        self.vectors.put(**{name: arrays[name] for name in _ARRAYS})
        self.adopt(self.vectors.parameters, self.vectors.state)
        if "best_parameters" in arrays:
            self.state.best = arrays["best_parameters"], arrays["best_state"]
        self.history = History.from_json(facts["history"])
        if self.history.stopped in {"callback", "interrupted"}:
            self.history.stopped = ""  # asked for from outside; going on is now asked for
        self.runner.seed = self.history.seed
        for name in _COUNTERS:
            setattr(self.state, name, facts[name])
        self.seconds_before = self.history.epochs[-1].seconds
