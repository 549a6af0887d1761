"""`fit`: from a network and a table to a trained network."""

import json
import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from layerwise.architecture import Loss, matching_loss
from layerwise.arrays import Integers
from layerwise.engine.optimizers import LBFGS
from layerwise.engine.protocol import Data
from layerwise.network import Network
from layerwise.network.inputs import (
    as_array,
    check_codes,
    check_rows,
    check_targets,
    check_weights,
    is_sparse,
)
from layerwise.training.checkpoint import load_checkpoint
from layerwise.training.history import History
from layerwise.training.lbfgs import Search
from layerwise.training.loop import Fit
from layerwise.training.settings import TrainingSettings
from layerwise.training.state import TrainerState
from layerwise.training.stepwise import StepwiseTraining

_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, kw_only=True)
class Trainer(TrainingSettings):
    """How a network is trained.

    Parameters
    ----------
    optimizer : str or optimiser
        "sgd", "adam", "adamw", "rmsprop", "lbfgs", or one with settings: ``Adam(beta2=0.95)``.
    loss : str, Loss or None
        None: the one that goes with the network's output.
    batch_size : int or None
        Rows for each step; None: 200, or all rows if they are fewer.
    epochs : int
        Times through the table at most (iterations, for "lbfgs").
    schedule, dropout_schedule, decay_schedule : str or Schedule
        How learning rate, dropout and weight decay change: names of
        ``layerwise.training.SCHEDULES``.
    l1, l2 : float
        Penalties l1 |w| and l2 w² / 2 on weights and embeddings, added to what is minimised; the
        losses of the history leave them out.
    penalize : {"mean", "sum"}
        What a batch's penalties are added to: the mean of its rows' losses, or, as scikit-learn
        has it, their sum, so that penalties weigh less the larger the batch.
    gradient_clipping : float or None
        Longest gradient, over all parameters together; longer ones are shortened to it.
    ema : float or None
        Decay of a moving average of the parameters, taken at each step; the network ends with
        the average. Its first steps count more: the decay of step t is at most (1 + t) / (10 + t).
    shuffle : bool
        Whether each epoch takes the rows in a new order.
    validation_fraction : float or None
        Share of the rows held out (stratified, for classes) where no validation data are given.
    patience : int or None
        Epochs without improvement after which training ends; None: never. With held-out rows
        what counts is theirs, else the training loss.
    min_improvement : float or None
        Less than this is none; 0: to be as good as the best is enough; None: any is one.
    monitor : {"loss", "score", "training_loss"}
        What must improve where rows are held out: their loss or score, whose best numbers are then
        kept; or the training loss with its penalties, and the latest numbers are kept.
    seed : int or None
        For shuffling, dropout and the choice of held-out rows.
    n_threads : int or None
        None: as many as help and are free. Results do not depend on it.
    progress : bool
        Whether to show a progress bar on standard error.
    callbacks : sequence of callable
        Each is called as callback(network, epoch) after each epoch and ends the training by
        returning something true.
    checkpoint : path or None
        A file that holds, after every `checkpoint_every` epochs, all that is needed to go on. If it
        cannot be written then, on a full disk say, it stays as it was, and training goes on.
    checkpoint_every : int
    engine : {"compiled", "numpy"}
        "numpy" is the slow engine that a person can read and step through.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> net = Network("1-16:tanh-1", seed=0)
    >>> trainer = Trainer(optimizer="lbfgs", epochs=50)
    >>> history = trainer.fit(net, x, x[:, 0] ** 2)
    >>> history["loss"][-1] < 1e-3
    np.True_
    """

    def fit(
        self,
        network: Network,
        x: ArrayLike,
        y: ArrayLike,
        *,
        codes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        validation_data: tuple[ArrayLike, ...] | None = None,
        validation_rows: Integers | None = None,
        state: TrainerState | None = None,
        resume: bool = False,
        stop: object = False,
    ) -> History:
        """Train a network, in place.

        With held-out rows the network ends with its best numbers, otherwise with its latest; so
        it does after Ctrl-C.

        Parameters
        ----------
        network : Network
        x : array-like or SciPy sparse, shape (n, n_inputs)
            Sparse rows are made dense one batch at a time.
        y : array-like
            Class numbers for softmax, else one value for each output.
        codes : array-like of int, shape (n, n_codes)
        sample_weight : array-like, shape (n,), or None
        validation_data : tuple or None
            Held-out (x, y), or (x, y, codes).
        validation_rows : ndarray of int or None
            Or else: which rows of x to hold out.
        state : TrainerState or None
            Go on from where an earlier call left it, with the optimiser's moments, and leave it
            where this call ends.
        resume : bool
            Go on from the checkpoint, if its file exists.
        stop : object
            Training ends when it becomes true, within an epoch too, as after Ctrl-C.

        Returns
        -------
        History

        Raises
        ------
        ValueError
            For inputs of another shape, not finite, or that do not fit the loss.
        TrainingDiverged
            When the loss stops being finite. The network then holds the numbers of the last
            epoch whose loss was, or the best ones held out.
        """
        if not isinstance(network, Network):
            raise TypeError(f"fit trains a Network; got {type(network).__name__}")
        loss, data, rows = self._task(network, None, x, y, codes, sample_weight)
        seed = self._seed(resume)
        held_out: tuple[Data, Integers] | None = None
        if validation_data is not None and validation_rows is not None:
            raise ValueError("give validation_data or validation_rows, not both")
        if validation_rows is not None:
            rows, chosen = _without(rows, validation_rows)
            held_out = data, chosen
        elif validation_data is not None:
            if len(validation_data) not in (2, 3):
                raise ValueError("validation_data must be (x, y) or (x, y, codes)")
            other = _data(
                network, loss, validation_data[0], validation_data[1],
                validation_data[2] if len(validation_data) == 3 else None, None,
            )  # fmt: skip
            if len(other.y) == 0:
                raise ValueError("validation_data holds no rows; give at least one, or None")
            held_out = other, np.arange(other.x.shape[0])
        elif self.validation_fraction is not None:
            rows, chosen = _split(data, loss, self.validation_fraction, seed)
            held_out = data, chosen
        settings = replace(self, seed=seed)
        if state is not None and self.checkpoint is not None:
            raise ValueError("give a state or a checkpoint to go on from, not both")
        if isinstance(self.optimizer, LBFGS):
            if state is not None:
                raise ValueError("the optimiser 'lbfgs' has no state to go on from")
            return Search(settings, network, loss, data, rows, held_out).run(stop)
        fit = Fit(settings, network, loss, data, rows, held_out, state, resume=resume)
        return fit.run(stop)

    def stepwise(
        self,
        network: Network,
        x: ArrayLike,
        y: ArrayLike,
        *,
        codes: ArrayLike | None = None,
        rows: Integers | None = None,
        state: TrainerState | None = None,
    ) -> StepwiseTraining:
        """Begin the training that `fit` makes of the same, to be taken step by step.

        Parameters
        ----------
        network, x, y, codes, state
            As for `fit`; no rows are held out.
        rows : ndarray of int64, optional
            Numbers of the rows to train on, of which no copy is made; None: all.

        Raises
        ------
        ValueError
            As `fit`; and for the optimiser "lbfgs", whose steps are SciPy's, and where rows are
            to be held out.

        Examples
        --------
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> trainer = Trainer(batch_size=16, epochs=2, seed=0)
        >>> network, same = Network("1-8-1", seed=0), Network("1-8-1", seed=0)
        >>> history = trainer.fit(network, x, x[:, 0] ** 2)
        >>> training = trainer.stepwise(same, x, x[:, 0] ** 2)
        >>> while not training.is_done:
        ...     losses = training.take(3)
        >>> np.array_equal(network.vector, same.vector)
        True
        """
        if isinstance(self.optimizer, LBFGS):
            raise ValueError("the optimiser 'lbfgs' takes no steps of its own; use fit")
        if self.validation_fraction is not None:
            raise ValueError("a training that is taken step by step holds no rows out")
        loss, data, taken = self._task(network, rows, x, y, codes, None)
        settings = replace(self, seed=self._seed(resume=False))
        return StepwiseTraining(settings, network, loss, data, taken, None, state, resume=False)

    def _task(
        self, network: Network, rows: Integers | None, *table: Any
    ) -> tuple[Loss, Data, Integers]:
        """What is minimised, the table, and the rows to train on; the network owns its numbers."""
        loss = matching_loss(self.loss, network.architecture.output)
        network.own_numbers()
        data = _data(network, loss, *table)
        rows = np.arange(len(data.y)) if rows is None else rows
        if len(rows) == 0:
            raise ValueError("x holds no rows; training needs at least one")
        return loss, data, rows

    def _seed(self, resume: bool) -> int:
        """The seed asked for, that of the training gone on with, or a new one."""
        if self.seed is not None:
            return int(self.seed)
        if resume and self.checkpoint is not None and Path(self.checkpoint).exists():
            return int(json.loads(load_checkpoint(self.checkpoint).facts["history"])["seed"])
        return int(np.random.SeedSequence().generate_state(1)[0])


def _data(
    network: Network,
    loss: Loss,
    x: ArrayLike,
    y: ArrayLike,
    codes: ArrayLike | None,
    sample_weight: ArrayLike | None,
) -> Data:
    numbers = check_rows(x, network.architecture, network.dtype)
    n = numbers.shape[0]
    _check_finite(numbers)
    return Data(
        numbers,
        check_codes(codes, network.architecture, n),
        check_targets(y, network.architecture, loss, n, network.dtype),
        check_weights(sample_weight, n, network.dtype),
    )


def _check_finite(x: Any) -> None:
    for start in range(0, x.shape[0], _ROWS_AT_ONCE):
        part = x[start : start + _ROWS_AT_ONCE]
        values = part.data if is_sparse(part) else part
        if not np.isfinite(values).all():
            dense = part.toarray() if is_sparse(part) else part
            row, column = np.argwhere(~np.isfinite(dense))[0]
            raise ValueError(
                f"x holds NaN or infinity, first in row {start + row}, column {column}: fill or "
                "drop missing values before training"
            )


def _without(rows: Integers, held_out: Integers) -> tuple[Integers, Integers]:
    """(the rows that are left to train on, those held out), both in order."""
    given = as_array(held_out, "validation_rows")
    are_numbers = given.ndim == 1 and given.dtype.kind in "iu"
    chosen = np.unique(given) if are_numbers else given
    if not are_numbers or not len(chosen) or chosen[0] < 0 or chosen[-1] >= len(rows):
        raise ValueError(f"validation_rows must be some of the row numbers 0..{len(rows) - 1}")
    is_chosen = np.zeros(len(rows), bool)
    is_chosen[chosen] = True
    left = rows[~is_chosen]
    if not len(left):
        raise ValueError("validation_rows leaves no row to train on")
    return left, chosen.astype(np.int64)


def _split(data: Data, loss: Loss, fraction: float, seed: int) -> tuple[Integers, Integers]:
    """(training rows, held-out rows), stratified for classes that have at least two rows each."""
    from sklearn.model_selection import train_test_split

    n = len(data.y)
    if n < 2:
        raise ValueError(f"validation_fraction needs at least 2 rows; got {n}")
    labels = None
    is_class = loss.takes_classes or (
        loss.of_probabilities and data.y.shape[1] == 1 and bool(np.isin(data.y, (0, 1)).all())
    )
    if is_class:
        counts = np.unique(data.y[:, 0], return_counts=True)[1]
        n_held_out = math.ceil(fraction * n)
        if counts.min() >= 2 and min(n_held_out, n - n_held_out) >= len(counts):
            labels = data.y[:, 0]
    train, held_out = train_test_split(
        np.arange(n), test_size=fraction, random_state=seed % 2**32, stratify=labels
    )
    return np.sort(train), np.sort(held_out)


@cache
def load_engine() -> None:
    """Train a single weight, once, so that no thread that is started later is the first to do so.

    All that an engine imports, compiles and loads is then there. A thread that imports an extension
    holds the interpreter's lock and waits for the loader's; one that looks for BLAS goes through
    the loader's libraries and waits for the interpreter's: side by side they may wait for ever.
    """
    x = np.zeros((2, 1), np.float32)
    trainer = Trainer(epochs=1, patience=1, seed=0, n_threads=1)
    trainer.fit(Network("1-1", seed=0), x, x, validation_rows=np.zeros(1, np.int64))
