"""L-BFGS: the whole table's loss and gradient from the engine, the search SciPy's."""

import math
import time
import warnings
from typing import Any

import numpy as np

from layerwise.architecture import Loss
from layerwise.arrays import Floats, Integers
from layerwise.engine.layout import EMBEDDINGS, WEIGHTS, layout_of
from layerwise.engine.optimizers import LBFGS
from layerwise.engine.protocol import Batches, Data, HostVectors, Objective, Setup
from layerwise.language import said
from layerwise.network import Network
from layerwise.signals import Interrupt, catch_interrupt
from layerwise.training.epoch_judging import Course
from layerwise.training.history import DIVERGENCES, Epoch, History, TrainingDiverged
from layerwise.training.progress import ProgressBar
from layerwise.training.settings import TrainingSettings
from layerwise.training.state import TrainerState

_ROWS_AT_ONCE = 2048


class _End(Exception):  # noqa: N818  no error
    """Leaves SciPy's search."""


class Search(Course):
    """One training by L-BFGS; the penalised mean loss of the rows is a function of the vector."""

    def __init__(
        self,
        settings: TrainingSettings,
        network: Network,
        loss: Loss,
        data: Data,
        rows: Integers,
        held_out: tuple[Data, Integers] | None,
    ) -> None:
        architecture = network.architecture
        if not architecture.takes_single_rows or any(architecture.dropout):
            raise ValueError(
                "the optimiser 'lbfgs' needs a loss that is the same each time: use it without "
                "dropout and batch normalisation, or another optimiser with them"
            )
        self.l1, self.l2 = settings.l1, settings.l2
        weight = data.weight[rows] if data.weight.size else data.weight
        total = float(weight.sum(dtype=np.float64)) if weight.size else float(len(rows))
        if settings.penalize == "sum":
            self.l1, self.l2 = self.l1 / total, self.l2 / total
        batch_size = min(_ROWS_AT_ONCE, len(rows))
        objective = Objective(loss, normalizer=total)
        vectors = HostVectors.around(network.vector.copy(), network.state)
        setup = Setup(architecture, objective, data, vectors, batch_size, settings.n_threads)
        super().__init__(settings, network, setup, held_out, TrainerState())
        starts = np.arange(0, len(rows), batch_size)
        stops = np.minimum(starts + batch_size, len(rows))
        batches = Batches.of_gradients(rows, starts, stops)
        self.batches = [batches[i : i + 1] for i in range(len(batches))]
        self.penalized = np.zeros(network.n_parameters, bool)
        for block in layout_of(architecture).blocks:
            self.penalized[block.start : block.stop] = block.group in (WEIGHTS, EMBEDDINGS)
        self.last_loss, self.last_penalty = math.nan, 0.0
        self.evaluations = 0

    def run(self, stop: object = False) -> History:
        """Train; see `Trainer.fit`."""
        from scipy.optimize import minimize

        settings, network, history = self.settings, self.network, self.history
        optimizer = settings.optimizer
        assert isinstance(optimizer, LBFGS)
        least_decrease = optimizer.least_decrease
        if least_decrease is None:
            least_decrease = 64 * np.finfo(network.dtype).eps
        started = time.perf_counter()
        with (
            catch_interrupt(stop) as interrupt,
            ProgressBar(settings.epochs, settings.progress) as bar,
        ):
            self.interrupt: Interrupt = interrupt

            def after_iteration(intermediate_result: Any) -> None:
                network.vector[:] = intermediate_result.x
                held_out_loss = held_out_score = None
                if self.evaluate is not None:
                    held_out_loss, held_out_score = self.evaluate(network.vector, network.state)
                epoch = Epoch(
                    number=len(history) + 1,
                    loss=self.last_loss,
                    learning_rate=1.0,
                    seconds=time.perf_counter() - started,
                    penalty=self.last_penalty,
                    validation_loss=held_out_loss,
                    validation_score=held_out_score,
                    layers=self.meter(self.vectors),
                )
                self.record(epoch, bar)
                if not history.stopped:
                    self.call_back(epoch)
                if history.stopped:
                    raise _End

            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)
                    result = minimize(
                        self,
                        network.vector.astype(np.float64),
                        method="L-BFGS-B",
                        jac=True,
                        callback=after_iteration,
                        options={
                            "maxiter": settings.epochs,
                            "maxfun": optimizer.max_evaluations,
                            "maxcor": optimizer.memory,
                            "gtol": optimizer.tolerance,
                            "ftol": least_decrease,
                        },
                    )
                if result.nit >= settings.epochs:
                    history.stopped = "epochs"
                elif self.evaluations >= optimizer.max_evaluations:
                    history.stopped = "evaluations"
                else:
                    history.stopped = "converged" if result.success else "line search"
            except _End:
                history.stopped = history.stopped or "interrupted"
            finally:
                self.session.close()
                if self.state.best is not None:
                    self.adopt(*self.state.best)
        return history

    def __call__(self, vector: Floats) -> tuple[float, Floats]:
        """The penalised mean loss and its gradient."""
        v = self.vectors
        v.put(parameters=vector, alive=0)
        total, gradient = 0.0, np.zeros(vector.size)
        for batch in self.batches:
            if self.interrupt:
                raise _End
            total += float(self.session.run(batch)[0][0])
            gradient += v.gradient
        self.evaluations += 1
        if not np.isfinite(total):
            if self.evaluations == 1:
                raise TrainingDiverged(said(DIVERGENCES[2], value=str(total)))
            return math.inf, np.zeros(vector.size)  # the line search then takes a shorter step
        w = np.where(self.penalized, vector, 0.0)
        v.put(gradient=gradient)
        self.last_loss = total
        self.last_penalty = float(self.l1 * np.abs(w).sum() + 0.5 * self.l2 * (w @ w))
        return total + self.last_penalty, gradient + self.l1 * np.sign(w) + self.l2 * w
