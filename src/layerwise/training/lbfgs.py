"""L-BFGS: the whole table's loss and gradient from the engine, the search SciPy's."""

import math
import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Loss
from layerwise.engine import columns as at
from layerwise.engine.compiled import CompiledSession
from layerwise.engine.layout import EMBEDDINGS, WEIGHTS, layout_of
from layerwise.engine.reference_session import ReferenceSession
from layerwise.engine.session import Data, Objective, Session, Vectors
from layerwise.engine.streaming import StreamedSession
from layerwise.engine.updates import GRADIENT_ONLY
from layerwise.network import Network
from layerwise.network.inputs import is_sparse
from layerwise.training.evaluation import Evaluator
from layerwise.training.history import Epoch, History
from layerwise.training.interrupt import catch_interrupt
from layerwise.training.loop import TrainingDiverged
from layerwise.training.optimizers import LBFGS
from layerwise.training.progress import ProgressBar
from layerwise.training.statistics import LayerMeter

if TYPE_CHECKING:
    from layerwise.training.trainer import Trainer

__all__ = ["fit_lbfgs"]

_ROWS_AT_ONCE = 2048


class _End(Exception):  # noqa: N818  no error
    """Leaves SciPy's search."""


def fit_lbfgs(
    settings: "Trainer",
    network: Network,
    loss: Loss,
    data: Data,
    rows: NDArray[np.int64],
    held_out: tuple[Data, NDArray[np.int64]] | None,
    stop: object = False,
) -> History:
    """Train a network by L-BFGS; see `Trainer.fit`."""
    from scipy.optimize import minimize

    architecture = network.architecture
    if architecture.normalization == "batch" or any(architecture.dropout):
        raise ValueError(
            "the optimiser 'lbfgs' needs a loss that is the same each time: use it without "
            "dropout and batch normalisation, or another optimiser with them"
        )
    problem = _Problem(settings, network, loss, data, rows)
    evaluate = None
    if held_out is not None:
        evaluate = Evaluator(
            architecture,
            loss,
            *held_out,
            compiled=settings.engine == "compiled",
            n_threads=settings.n_threads,
        )
    assert settings.seed is not None
    assert isinstance(settings.optimizer, LBFGS)
    history = History(seed=settings.seed)
    meter = LayerMeter(layout_of(architecture))
    keeps_best = evaluate is not None and settings.monitor != "training_loss"
    best_value, best, stale = math.inf, network.vector.copy(), 0
    started = time.perf_counter()
    with catch_interrupt(stop) as interrupt, ProgressBar(settings.epochs, settings.progress) as bar:
        problem.interrupt = interrupt

        def after_iteration(intermediate_result: Any) -> None:
            nonlocal best_value, best, stale
            network.vector[:] = intermediate_result.x
            held_out_loss = held_out_score = None
            if evaluate is not None:
                held_out_loss, held_out_score = evaluate(network.vector, network.state)
            value = problem.loss + problem.penalty
            if keeps_best and held_out_loss is not None and held_out_score is not None:
                value = held_out_loss if settings.monitor == "loss" else -held_out_score
            epoch = Epoch(
                number=len(history) + 1,
                loss=problem.loss,
                learning_rate=1.0,
                seconds=time.perf_counter() - started,
                penalty=problem.penalty,
                validation_loss=held_out_loss,
                validation_score=held_out_score,
                layers=meter(problem.vectors),
            )
            history.append(epoch)
            bar.show(epoch)
            least = settings.min_improvement
            improved = value < best_value if least is None else value <= best_value - least
            stale = 0 if improved else stale + 1
            if value < best_value or not keeps_best:
                best_value, best = min(value, best_value), network.vector.copy()
                history.best_epoch = epoch.number if keeps_best else None
            if settings.patience is not None and stale >= settings.patience:
                history.stopped = "patience"
                raise _End
            for callback in settings.callbacks:
                if callback(network, epoch):
                    history.stopped = "callback"
                    raise _End

        optimizer = settings.optimizer
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                result = minimize(
                    problem,
                    network.vector.astype(np.float64),
                    method="L-BFGS-B",
                    jac=True,
                    callback=after_iteration,
                    options={
                        "maxiter": settings.epochs,
                        "maxfun": optimizer.max_evaluations,
                        "maxcor": optimizer.memory,
                        "gtol": optimizer.tolerance,
                        "ftol": (
                            64 * np.finfo(network.dtype).eps
                            if optimizer.least_decrease is None
                            else optimizer.least_decrease
                        ),
                    },
                )
            if result.nit >= settings.epochs:
                history.stopped = "epochs"
            elif problem.evaluations >= optimizer.max_evaluations:
                history.stopped = "evaluations"
            else:
                history.stopped = "converged" if result.success else "line search"
        except _End:
            history.stopped = history.stopped or "interrupted"
        finally:
            problem.session.close()
            network.vector[:] = best
    return history


class _Problem:
    """The penalised mean loss over the whole table, and its gradient."""

    def __init__(
        self,
        settings: "Trainer",
        network: Network,
        loss: Loss,
        data: Data,
        rows: NDArray[np.int64],
    ) -> None:
        self.rows = rows
        self.l1, self.l2 = settings.l1, settings.l2
        weight = data.weight[rows] if data.weight.size else data.weight
        total = float(weight.sum(dtype=np.float64)) if weight.size else float(len(rows))
        if settings.penalize == "sum":
            self.l1, self.l2 = self.l1 / total, self.l2 / total
        objective = Objective(loss, GRADIENT_ONLY, {at.NORMALIZER: total})
        self.vectors = Vectors.around(network.vector.copy(), network.state)
        batch_size = min(_ROWS_AT_ONCE, len(rows))
        compiled = settings.engine == "compiled"
        session: type[Session] = CompiledSession if compiled else ReferenceSession
        rest = (objective, data, self.vectors, batch_size, settings.n_threads)
        self.session: Session | StreamedSession = (
            StreamedSession(session, network.architecture, *rest)
            if is_sparse(data.x)
            else session(network.architecture, *rest)
        )
        starts = np.arange(0, len(rows), batch_size)
        self.batches = np.zeros((len(starts), at.N_BATCH_COLUMNS), np.int64)
        self.batches[:, at.BATCH_START] = starts
        self.batches[:, at.BATCH_STOP] = np.minimum(starts + batch_size, len(rows))
        self.batches[:, at.BATCH_LOOKS] = 1
        self.penalized = np.zeros(network.n_parameters, bool)
        for block in layout_of(network.architecture).blocks:
            self.penalized[block.start : block.stop] = block.group in (WEIGHTS, EMBEDDINGS)
        self.loss = math.nan
        self.penalty = 0.0
        self.evaluations = 0
        self.interrupt: Any = False

    def __call__(self, vector: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        v = self.vectors
        v.parameters[:] = vector
        v.alive[:] = 0
        total, gradient = 0.0, np.zeros(vector.size)
        for batch in self.batches:
            if self.interrupt:
                raise _End
            total += float(self.session.run(self.rows, batch[None], np.zeros((1, at.N_HYPER)))[0])
            gradient += v.gradient
        self.evaluations += 1
        if not np.isfinite(total):
            if self.evaluations == 1:
                raise TrainingDiverged(
                    f"the loss is {total} before the first step: bring inputs (and targets that "
                    "are numbers) to a spread of about 1"
                )
            return math.inf, np.zeros(vector.size)  # the line search then takes a shorter step
        self.loss = total
        w = np.where(self.penalized, vector, 0.0)
        v.gradient[:] = gradient
        self.penalty = float(self.l1 * np.abs(w).sum() + 0.5 * self.l2 * (w @ w))
        return total + self.penalty, gradient + self.l1 * np.sign(w) + self.l2 * w
