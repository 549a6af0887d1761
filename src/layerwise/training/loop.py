"""The loop: epochs of steps, until there are enough of them or nothing improves."""

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Loss
from layerwise.engine import columns as at
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.layout import EMBEDDINGS, WEIGHTS, layout_of
from layerwise.engine.reference import ReferenceSession
from layerwise.engine.session import Data, Objective, Session, Vectors
from layerwise.engine.streaming import StreamedSession
from layerwise.engine.threads import single_threaded_blas
from layerwise.network import Network
from layerwise.network.inputs import is_sparse
from layerwise.training.checkpoint import (
    Checkpoint,
    fingerprint,
    load_checkpoint,
    save_checkpoint,
)
from layerwise.training.evaluation import Evaluator
from layerwise.training.history import Epoch, History
from layerwise.training.interrupt import Interrupt, catch_interrupt
from layerwise.training.optimizers import Optimizer
from layerwise.training.progress import ProgressBar
from layerwise.training.schedules import Schedule, get_schedule
from layerwise.training.state import TrainerState
from layerwise.training.statistics import LayerMeter

if TYPE_CHECKING:
    from layerwise.training.trainer import Trainer

__all__ = ["Fit", "TrainingDiverged"]

Array = NDArray[Any]

# Longest call of the engine, in seconds: Ctrl-C and the progress bar wait no longer.
_BITE_SECONDS = 0.04
_MEASURING_SHARE = 0.02
_LOOK_EVERY = 8  # batches, for dead nodes
_SMALLEST_ADAPTIVE_RATE = 1e-6  # scikit-learn's


# What a checkpoint holds.
_ARRAYS = {"parameters", "moments", "average", "state"}
_COUNTERS = ("n_epochs", "n_steps", "n_rows", "stale", "rate_factor", "best_value")
_FACTS = {"architecture", "settings", "data", "history", *_COUNTERS}


class TrainingDiverged(ArithmeticError):  # noqa: N818  what happened, as KeyboardInterrupt
    """The loss stopped being a finite number.

    Attributes
    ----------
    history : History
        What was measured until then.
    """

    def __init__(self, message: str, history: History | None = None) -> None:
        super().__init__(message)
        self.history = history or History()


class Fit:
    """One training, from its first step to its last.

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
        settings: "Trainer",
        network: Network,
        loss: Loss,
        data: Data,
        rows: NDArray[np.int64],
        held_out: tuple[Data, NDArray[np.int64]] | None,
        state: TrainerState | None = None,
        *,
        resume: bool,
    ) -> None:
        assert isinstance(settings.optimizer, Optimizer)
        assert settings.seed is not None
        self.settings, self.network, self.loss = settings, network, loss
        self.optimizer: Optimizer = settings.optimizer
        self.seed: int = settings.seed
        self.data, self.rows = data, rows
        architecture = network.architecture
        self.batch_size = min(settings.batch_size or 200, len(rows))
        self.vectors = Vectors.around(network.vector, network.state)
        self.state = TrainerState() if state is None else state
        self.state.enter(self.vectors)
        self.before = replace(self.state)
        compiled = settings.engine == "compiled"
        session: type[Session] = CompiledSession if compiled else ReferenceSession
        rest = (self._objective(), data, self.vectors, self.batch_size, settings.n_threads)
        self.session: Session | StreamedSession = (
            StreamedSession(session, architecture, *rest)
            if is_sparse(data.x)
            else session(architecture, *rest)
        )
        self.evaluate = None
        if held_out is not None:
            self.evaluate = Evaluator(
                architecture, loss, *held_out, compiled=compiled, n_threads=settings.n_threads
            )
        layout = layout_of(architecture)
        self.meter = LayerMeter(layout)
        self._penalized = [
            self.vectors.parameters[block.start : block.stop]
            for block in layout.blocks
            if block.group in {WEIGHTS, EMBEDDINGS}
        ]
        self.history = History(seed=self.seed)
        self.seconds_before = 0.0
        self.measuring_seconds = 0.0
        self.step_seconds = 0.0
        self._batches = self._batch_bounds()
        self._batch_sizes = np.diff(self._batches, axis=1)[:, 0].astype(np.float64)
        self._shuffler = np.random.Philox(key=np.zeros(2, np.uint64))
        self._start_of_shuffler = self._shuffler.state
        self._fingerprint = ""
        if settings.checkpoint is not None:
            tables = [data]
            if held_out is not None and held_out[0] is not data:
                tables.append(held_out[0])
            self._fingerprint = " / ".join(fingerprint(table) for table in tables)
        if resume:
            self._resume()

    def _objective(self) -> Objective:
        s = self.settings
        constants = self.optimizer.settings() | {
            at.L1: s.l1,
            at.L2: s.l2,
            at.CLIP_NORM: s.gradient_clipping or 0.0,
            at.PENALIZE_SUM: float(s.penalize == "sum"),
        }
        decays = self.optimizer.weight_decay > 0
        return Objective(self.loss, self.optimizer.code, constants, decays)

    def _batch_bounds(self) -> NDArray[np.int64]:
        """(n_batches, 2) starts and stops. Batch normalisation cannot take one row alone."""
        starts = np.arange(0, len(self.rows), self.batch_size)
        stops = np.minimum(starts + self.batch_size, len(self.rows))
        bounds = np.stack([starts, stops], axis=1)
        if self.network.architecture.normalization == "batch" and len(bounds) > 1:
            bounds = bounds[stops - starts > 1]
            if not len(bounds):
                raise ValueError(
                    "batch normalisation needs batches of at least 2 rows; got "
                    f"{len(self.rows)} rows in batches of {self.batch_size}"
                )
        return bounds

    def run(self) -> History:
        """Train; see `Trainer.fit`."""
        self.started = time.perf_counter()
        done = len(self.history)
        try:
            with (
                single_threaded_blas(),
                catch_interrupt() as interrupt,
                ProgressBar(self.settings.epochs, self.settings.progress) as bar,
            ):
                for number in range(done + 1, self.settings.epochs + 1):
                    if interrupt:
                        self.history.stopped = "interrupted"
                    if self.history.stopped:
                        break
                    before = self._snapshot()
                    losses = self._epoch(number, interrupt)
                    self._check_finite(losses, number, before)
                    if len(losses) < len(self._batches):
                        continue  # interrupted
                    epoch = self._measure(number, losses, interrupt)
                    if epoch.validation_loss is not None and math.isnan(epoch.validation_loss):
                        if interrupt:
                            continue
                        self._check_finite(np.array([math.nan]), number, before)
                    self.history.append(epoch)
                    self.state.n_epochs += 1
                    self.state.n_rows += len(self.rows)
                    bar.show(epoch)
                    self._judge(epoch)
                    for callback in self.settings.callbacks:
                        if callback(self.network, epoch):
                            self.history.stopped = "callback"
                    if self._due(number):
                        self._save()
                self.history.stopped = self.history.stopped or (
                    "interrupted" if interrupt else "epochs"
                )
        finally:
            self.session.close()
        self._finish()
        return self.history

    def _snapshot(self) -> tuple[Array, Array]:
        return self.vectors.parameters.copy(), self.vectors.state.copy()

    def _epoch(self, number: int, interrupt: Interrupt) -> NDArray[np.float64]:
        """Every batch once, in bites; the losses of those that were run."""
        order = self._order(number)
        batches = np.zeros((len(self._batches), at.N_BATCH_COLUMNS), np.int64)
        batches[:, [at.BATCH_START, at.BATCH_STOP]] = self._batches
        batches[:, at.BATCH_KEY] = self._keys(len(batches))
        hyper = self._hyper(number, len(batches))
        self.measures = self._is_due_for_measuring(number)
        if self.measures:
            batches[::_LOOK_EVERY, at.BATCH_LOOKS] = 1
            self.vectors.alive[:] = 0
        losses = []
        done = 0
        while done < len(batches) and not interrupt:
            many = 1
            if self.step_seconds:
                many = max(1, int(_BITE_SECONDS / self.step_seconds))
            bite = slice(done, done + many)
            started = time.perf_counter()
            losses.append(self.session.run(order, batches[bite], hyper[bite]))
            n = len(losses[-1])
            self.step_seconds = (time.perf_counter() - started) / n
            done += n
            if not np.isfinite(losses[-1]).all():
                break
        self.state.n_steps += done
        return np.concatenate(losses) if losses else np.zeros(0)

    def _order(self, number: int) -> NDArray[np.int64]:
        if not self.settings.shuffle:
            return self.rows
        epoch = self.before.n_epochs + number
        # A generator of the key (seed, epoch); setting its state is quicker than making one.
        self._start_of_shuffler["state"]["key"][:] = self.seed, epoch
        self._shuffler.state = self._start_of_shuffler
        return self.rows[np.random.Generator(self._shuffler).permutation(len(self.rows))]

    def _keys(self, n: int) -> NDArray[np.int64]:
        """32 random bits for each step, a function of the seed and the step's number."""
        done = self.state.n_steps
        steps = np.arange(done + 1, done + n + 1, dtype=np.uint64)
        # Steele et al. 2014, "splitmix".
        z = np.uint64(self.seed % 2**64) + steps * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z >> np.uint64(32)).astype(np.int64)

    def _hyper(self, number: int, n: int) -> NDArray[np.float64]:
        steps = np.arange(self.state.n_steps + 1, self.state.n_steps + n + 1)
        share_done = (steps - 1 - self.before.n_steps) / (self.settings.epochs * n)
        rows_seen = self.before.n_rows + (number - 1) * len(self.rows)

        def factor(name: str | Schedule) -> NDArray[np.float64]:
            return get_schedule(name).factor(share_done, rows_seen)

        s = self.settings
        rates = self.optimizer.learning_rate * self.state.rate_factor * factor(s.schedule)
        decays = self.optimizer.weight_decay * factor(s.decay_schedule)
        self.learning_rate = float(rates[-1])
        hyper = self.optimizer.step_numbers(rates, decays, steps)
        hyper[:, at.DROPOUT] = factor(s.dropout_schedule)
        if s.ema is not None:
            hyper[:, at.AVERAGE] = 1.0 - np.minimum(s.ema, (1 + steps) / (10 + steps))
        return hyper

    def _check_finite(
        self, losses: NDArray[np.float64], number: int, before: tuple[Array, Array]
    ) -> None:
        good = np.isfinite(losses)
        if good.all() and np.isfinite(self.vectors.parameters).all():
            return
        step, found = len(losses), "the weights stopped being finite"
        if not good.all():
            step = int(np.argmin(good)) + 1
            found = f"the loss became {losses[step - 1]}"
        self._adopt(*(self.state.best or before))
        rate = self.learning_rate
        raise TrainingDiverged(
            f"{found} at epoch {number}, step {step}, with the learning rate {rate:g}. Try a "
            f"smaller one, such as {rate / 10:g}, or gradient_clipping=1.0; and bring inputs (and "
            "targets that are numbers) to a spread of about 1. The network holds its last good "
            "numbers",
            self.history,
        )

    def _is_due_for_measuring(self, number: int) -> bool:
        """Whether this epoch's layers are measured: as often as a small share of time allows."""
        spent = time.perf_counter() - self.started
        return number == 1 or self.measuring_seconds < _MEASURING_SHARE * spent

    def _measure(self, number: int, losses: NDArray[np.float64], interrupt: Interrupt) -> Epoch:
        layers = None
        if self.measures:
            started = time.perf_counter()
            layers = self.meter(self.vectors)
            self.measuring_seconds += time.perf_counter() - started
        held_out_loss = held_out_score = None
        weights = self._batch_weights(number)
        if self.evaluate is not None:
            held_out_loss, held_out_score = self.evaluate(*self._current(), interrupt)
        return Epoch(
            number=number,
            loss=float(losses @ weights / weights.sum()),
            learning_rate=self.learning_rate,
            seconds=self.seconds_before + time.perf_counter() - self.started,
            penalty=self._penalty(weights),
            validation_loss=held_out_loss,
            validation_score=held_out_score,
            layers=layers,
        )

    def _batch_weights(self, number: int) -> NDArray[np.float64]:
        """The sum of the rows' weights in each batch of an epoch."""
        weight = self.data.weight
        if not weight.size:
            return self._batch_sizes
        sums = np.cumsum(weight[self._order(number)], dtype=np.float64)
        weights = np.diff(np.append(0.0, sums)[self._batches], axis=1)[:, 0]
        return weights if weights.any() else np.ones(len(weights))

    def _penalty(self, batch_weights: NDArray[np.float64]) -> float:
        """What the penalties add to an epoch's mean loss, as the weights are now."""
        s = self.settings
        if not (s.l1 or s.l2):
            return 0.0
        total = 0.0
        for w in self._penalized:
            total += 0.5 * s.l2 * float(w @ w)
            total += s.l1 * float(np.abs(w).sum()) if s.l1 else 0.0
        if s.penalize == "mean":
            return total
        return total * len(batch_weights) / float(batch_weights.sum())

    def _current(self) -> tuple[Array, Array]:
        """The numbers the network would be given now."""
        v = self.vectors
        return (v.parameters if self.settings.ema is None else v.average), v.state

    def _judge(self, epoch: Epoch) -> None:
        """Keep the best numbers, and decide whether it is time to end."""
        state, settings = self.state, self.settings
        keeps_best = self.evaluate is not None and settings.monitor != "training_loss"
        if not keeps_best:
            value = epoch.loss + epoch.penalty
        elif settings.monitor == "score":
            assert epoch.validation_score is not None
            value = -epoch.validation_score
        else:
            assert epoch.validation_loss is not None
            value = epoch.validation_loss
        least = settings.min_improvement
        improved = value < state.best_value if least is None else value <= state.best_value - least
        state.stale = 0 if improved else state.stale + 1
        if value < state.best_value:
            state.best_value = value
            if keeps_best:
                state.best = tuple(array.copy() for array in self._current())  # type: ignore[assignment]
                self.history.best_epoch = epoch.number
        adaptive = settings.schedule == "adaptive"
        patience = settings.patience or (10 if adaptive else math.inf)
        if state.stale >= patience:
            if not adaptive:
                self.history.stopped = "patience"
            elif self.learning_rate <= _SMALLEST_ADAPTIVE_RATE:
                self.history.stopped = "learning rate"
            else:
                state.rate_factor /= 5.0
                state.stale = 0

    def _finish(self) -> None:
        if self.state.best is not None:
            self._adopt(*self.state.best)
        elif self.settings.ema is not None and self.state.n_steps:
            self._adopt(*self._current())

    def _adopt(self, parameters: Array, state: Array) -> None:
        self.network.vector[:] = parameters
        self.network.state[:] = state

    def _due(self, number: int) -> bool:
        if self.settings.checkpoint is None:
            return False
        last = number == self.settings.epochs or bool(self.history.stopped)
        return last or number % self.settings.checkpoint_every == 0

    def _save(self) -> None:
        v = self.vectors
        arrays = {
            "parameters": v.parameters,
            "moments": v.moments,
            "average": v.average,
            "state": v.state,
        }
        if self.state.best is not None:
            arrays["best_parameters"], arrays["best_state"] = self.state.best
        facts = {
            "architecture": self.network.architecture.to_json(),
            "settings": self.settings.facts() | {"seed": repr(self.seed)},
            "data": self._fingerprint,
            "history": self.history.to_json(),
            **{name: getattr(self.state, name) for name in _COUNTERS},
        }
        assert self.settings.checkpoint is not None
        save_checkpoint(self.settings.checkpoint, Checkpoint(arrays, facts))

    def _resume(self) -> None:
        path = self.settings.checkpoint
        if path is None:
            raise ValueError("resume=True needs the setting checkpoint, the file to go on from")
        if not Path(path).exists():
            return
        saved = load_checkpoint(path)
        facts, arrays = saved.facts, saved.arrays
        missing = sorted(_FACTS - facts.keys()) + sorted(_ARRAYS - arrays.keys())
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
        v = self.vectors
        v.parameters[:], v.state[:] = arrays["parameters"], arrays["state"]
        v.moments[:], v.average[:] = arrays["moments"], arrays["average"]
        if "best_parameters" in arrays:
            self.state.best = arrays["best_parameters"], arrays["best_state"]
        self.history = History.from_json(facts["history"])
        if self.history.stopped in {"callback", "interrupted"}:
            self.history.stopped = ""  # asked for from outside; going on is now asked for
        self.seed = self.history.seed
        for name in _COUNTERS:
            setattr(self.state, name, facts[name])
        self.seconds_before = self.history.epochs[-1].seconds
