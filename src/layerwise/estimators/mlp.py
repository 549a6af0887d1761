"""What the classifier and the regressor share: scikit-learn's parameters, one `Trainer`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from numbers import Real
from typing import Any, Self, TypeVar

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, DTypeLike
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_random_state
from sklearn.utils.metaestimators import available_if

from layerwise.architecture import OUTPUTS, Architecture, Loss
from layerwise.arrays import Array
from layerwise.estimators.input_checks import (
    Given,
    Matrix,
    checked_rows,
    checked_table,
    checked_weights,
)
from layerwise.estimators.mlp_parameters import MLPParameters
from layerwise.estimators.mlp_trainer import trainer_of
from layerwise.estimators.parameters import check_parameters, unchanged_if_refused
from layerwise.network import Network
from layerwise.signals import Interrupt
from layerwise.texts import warn
from layerwise.training import Epoch, History, Trainer, TrainerState, TrainingDiverged
from layerwise.training.schedules import get_schedule, open_ended_schedules

_Method = TypeVar("_Method", bound=Callable[..., Any])
_Notes = list[tuple[str, type[Warning]]]
_INTERRUPTED = (Interrupt.words(), UserWarning)
_NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)


def if_step_by_step(method: _Method) -> _Method:
    """A method that there is only where the solver can go on with new rows."""
    found: _Method = available_if(_is_step_by_step)(method)
    return found


def _is_step_by_step(estimator: BaseMLP) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. "
            f"{estimator.solver} is not stochastic."
        )
    return True


@dataclass(frozen=True)
class _Ready:
    """A training of which everything has been checked."""

    trainer: Trainer
    architecture: Architecture
    x: Matrix
    targets: Array
    sample_weight: Array | None
    held_out: dict[str, Any]
    n_rows: int
    random: RandomState
    goes_on: bool


class BaseMLP(MLPParameters):
    """A network with scikit-learn's parameters; see its subclasses.

    A subclass says what the targets are: `loss_entry`, `_prepare`, `_encode_held_out`.
    """

    network_: Network
    history_: History
    n_outputs_: int
    n_features_in_: int

    # What a subclass says

    def _prepare(
        self, y: Array, weight: Array | None, *, incremental: bool, reset: bool
    ) -> tuple[Array, Array | None, str]:
        """(targets (n, k), weights of the rows or None, output function), all checked."""
        raise NotImplementedError

    @property
    def loss_entry(self) -> Loss:
        """The loss that the network learns by, with its parameter."""
        raise NotImplementedError

    def _encode_held_out(self, X: Given, y: ArrayLike) -> tuple[Matrix, Array]:
        """Validation data of the user's as X and targets."""
        raise NotImplementedError

    def _reported(self, loss: float) -> float:
        """A loss of the engine's as scikit-learn counts it."""
        return loss

    # What scikit-learn's estimators have

    @property
    def coefs_(self) -> list[Array]:
        """The weight matrices, (fan_in, fan_out) each; views of the network's own numbers."""
        return list(self._fitted("coefs_").weights)

    @property
    def intercepts_(self) -> list[Array]:
        """The bias vectors; views of the network's own numbers."""
        return list(self._fitted("intercepts_").biases)

    def _fitted(self, name: str) -> Network:
        network: Network | None = vars(self).get("network_")
        if network is None:
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}; it is not fitted yet"
            )
        return network

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn may expect: sparse rows are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _outputs(self, X: Given) -> Array:
        rows = checked_rows(self, X)
        return self.network_(rows, n_threads=self.n_threads)

    # Training

    def fit(
        self,
        X: Given,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        validation_data: tuple[Given, ArrayLike] | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse, shape (n, n_features)
            Sparse rows are made dense one batch at a time.
        y : array-like, shape (n,), or (n, n_outputs): numbers, or of several labels 0 and 1
        sample_weight : array-like, shape (n,), or None
        validation_data : (X, y) or None
            Held-out rows, scored at each epoch; with early stopping they take the place of
            those it would hold out.
        """
        check_parameters(self)
        self._fit(X, y, sample_weight, validation_data, incremental=False)
        return self

    @if_step_by_step
    def partial_fit(self, X: Given, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Go on with one epoch over these rows.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        """
        check_parameters(self)
        self._fit(X, y, sample_weight, None, incremental=True)
        return self

    def _fit(
        self,
        X: Given,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        validation_data: tuple[Given, ArrayLike] | None,
        *,
        incremental: bool,
    ) -> None:
        with unchanged_if_refused(self):
            notes = self._train(
                self._make_ready(X, y, sample_weight, validation_data, incremental=incremental),
                incremental=incremental,
            )
        for note, category in notes:  # once nothing is lost where warnings are errors
            warn(note, category)

    def _train(self, ready: _Ready, *, incremental: bool) -> _Notes:
        """Train; returns what is to be warned of."""
        if ready.goes_on:
            self._take_on(ready.architecture)
        else:
            self._start(ready.architecture, ready.random, ready.x.dtype)
        fit = partial(
            ready.trainer.fit, self.network_, ready.x, ready.targets,
            sample_weight=ready.sample_weight, **ready.held_out,
        )  # fmt: skip
        if self.solver == "lbfgs":
            return self._fit_lbfgs(fit, ready.x, ready.targets)
        has_scores = bool(ready.held_out)
        return self._fit_stochastic(fit, ready.n_rows, has_scores, incremental=incremental)

    def _make_ready(
        self,
        X: Given,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        validation_data: tuple[Given, ArrayLike] | None,
        *,
        incremental: bool,
    ) -> _Ready:
        """Check everything that a caller can get wrong."""
        if incremental:
            self._refuse_with_partial_fit()
        sizes = self._hidden_sizes()
        goes_on = "network_" in vars(self) and (self.warm_start or incremental)
        rows, labels = checked_table(self, X, y, reset=not goes_on)
        targets, weight, output = self._prepare(
            labels, checked_weights(sample_weight, rows), incremental=incremental, reset=not goes_on
        )
        random = check_random_state(self.random_state)
        architecture = self._architecture([rows.shape[1], *sizes, self.n_outputs_], output)
        if goes_on:
            self._check_it_goes_on(architecture)
        held_out = self._held_out(targets, output, validation_data, random)
        n_rows = rows.shape[0] - len(held_out.get("validation_rows", ()))
        callbacks = [self._print_epoch] if self.verbose else []
        trainer = trainer_of(
            self,
            n_rows,
            epochs=1 if incremental else self.max_iter,
            loss=self.loss_entry,
            seed=_seed(random),
            callbacks=[*callbacks, *(self.callbacks or ())],
        )
        return _Ready(
            trainer, architecture, rows, targets, weight, held_out, n_rows, random, goes_on
        )

    def _hidden_sizes(self) -> list[int]:
        given = self.hidden_layer_sizes
        sizes = list(given) if hasattr(given, "__iter__") else [given]
        if any(not isinstance(size, Real) or size <= 0 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
        return sizes

    def _architecture(self, sizes: list[int], output: str) -> Architecture:
        return Architecture(
            sizes,
            self.activation if isinstance(self.activation, str) else list(self.activation),
            output,
            dropout=self.dropout if isinstance(self.dropout, float | int) else list(self.dropout),
            normalization=self.normalization,
            residual=bool(self.residual),
            initialization="scikit_learn",
        )

    def _start(self, architecture: Architecture, random: RandomState, dtype: DTypeLike) -> None:
        self.network_ = Network(architecture, seed=_seed(random), dtype=dtype)
        self._state: TrainerState | None = None
        self.n_iter_, self.t_ = 0, 0
        self.__dict__.pop("loss_curve_", None)  # what was measured of another network
        self.n_layers_ = len(architecture.sizes)
        output = OUTPUTS[architecture.output]
        self.out_activation_ = output.scikit_learn or output.name

    def _check_it_goes_on(self, architecture: Architecture) -> None:
        old = self.network_.architecture
        if architecture.sizes != old.sizes or architecture.n_parameters != old.n_parameters:
            raise ValueError(
                f"warm_start and partial_fit go on with the network there is, {old!r}; the "
                f"parameters now describe {architecture!r}. Set warm_start=False to start anew"
            )

    def _take_on(self, architecture: Architecture) -> None:
        """Go on from a copy of the network there is, which stays as it was should this fail."""
        old = self.network_
        if architecture.residual == old.architecture.residual:  # saved before residual ones scaled
            architecture = replace(architecture, scaling=old.architecture.scaling)
        self.network_ = Network.of(architecture, old.vector, old.state)

    def _held_out(
        self, targets: Array, output: str, validation_data: object, random: RandomState
    ) -> dict[str, Any]:
        """What `Trainer.fit` is to hold out, by its own parameters' names."""
        if validation_data is not None:
            if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
                raise ValueError("validation_data must be a pair (X, y) of held-out rows")
            return {"validation_data": self._encode_held_out(*validation_data)}
        if not self.early_stopping or self.solver == "lbfgs":
            return {}
        from sklearn.model_selection import train_test_split

        stratify = None
        if OUTPUTS[output].of_labels and targets.shape[1] == 1:
            stratify = targets.astype(bool)
        _, rows = train_test_split(
            np.arange(len(targets)),
            random_state=random,
            test_size=self.validation_fraction,
            stratify=stratify,
        )
        if len(rows) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of "
                "your dataset."
            )
        return {"validation_rows": rows}

    def _fit_stochastic(
        self, fit: Callable[..., History], n_rows: int, has_scores: bool, *, incremental: bool
    ) -> _Notes:
        if not hasattr(self, "loss_curve_"):
            self.loss_curve_: list[float] = []
            self.validation_scores_: list[float] | None = None
            self.best_validation_score_: float | None = None
            self.best_loss_: float | None = None if self.early_stopping else math.inf
        old = TrainerState() if self._state is None else self._state
        # scikit-learn's warm start takes a new optimiser and remembers the best.
        self._state = replace(old) if incremental else TrainerState(
            n_epochs=old.n_epochs, n_rows=old.n_rows, stale=old.stale,
            best_value=old.best_value, best=old.best,
        )  # fmt: skip
        diverged = None
        try:
            history = fit(state=self._state)
        except TrainingDiverged as error:
            if not self.early_stopping:
                raise ValueError(f"{_NOT_FINITE} {_sentence(error)}") from None
            diverged, history = error, error.history
        self._record(history, n_rows, has_scores=has_scores, diverged=diverged is not None)
        notes = self._notes_on_the_end(history, incremental=incremental)
        if diverged is not None:
            stopped = "Training stopped there, with the best weights so far."
            notes.insert(0, (f"{_sentence(diverged)} {stopped}", ConvergenceWarning))
        return notes

    def _refuse_with_partial_fit(self) -> None:
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        if self.ema is not None:
            raise ValueError("partial_fit does not support ema: use fit, or ema=None")
        if not self._is_open_ended():
            *names, last = map(repr, open_ended_schedules())
            raise ValueError(
                f"partial_fit does not support schedule={self.schedule!r}, which depends on how "
                f"many epochs there will be: use {', '.join(names)} or {last}"
            )

    def _is_open_ended(self) -> bool:
        """Whether the schedule leads up to no end."""
        return self.schedule is None or get_schedule(self.schedule).open_ended

    def _print_epoch(self, network: Network, epoch: Epoch) -> None:
        loss = self._reported(epoch.loss) + epoch.penalty
        print(f"Iteration {epoch.number}, loss = {loss:.8f}")  # noqa: T201  as scikit-learn does
        if epoch.validation_score is not None:
            print(f"Validation score: {epoch.validation_score:f}")  # noqa: T201

    def _record(self, history: History, n_rows: int, *, has_scores: bool, diverged: bool) -> None:
        """The fitted attributes, from what was measured."""
        self.history_ = history
        losses = [self._reported(epoch.loss) + epoch.penalty for epoch in history]
        self.n_iter_ = len(losses) + diverged
        self.t_ += self.n_iter_ * n_rows
        if diverged:
            losses.append(math.nan)
        if losses:
            self.loss_ = losses[-1]
        self.loss_curve_ = [*self.loss_curve_, *losses]
        if has_scores:
            scores = [math.nan if epoch.validation_score is None else epoch.validation_score
                      for epoch in history]  # fmt: skip
            known = self.validation_scores_ or []
            self.validation_scores_ = known + scores + [math.nan] * diverged
            real = [score for score in self.validation_scores_ if not math.isnan(score)]
            self.best_validation_score_ = max(real, default=-math.inf)
        if not self.early_stopping:
            best = math.inf if self.best_loss_ is None else self.best_loss_
            self.best_loss_ = min([best, *losses])

    def _notes_on_the_end(self, history: History, *, incremental: bool) -> _Notes:
        if history.stopped == "interrupted":
            return [_INTERRUPTED]
        if history.stopped == "epochs" and not incremental and self._is_open_ended():
            reached = f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached"
            unconverged = "and the optimization hasn't converged yet."
            return [(f"{reached} {unconverged}", ConvergenceWarning)]
        if self.verbose and history.stopped in {"patience", "learning rate"}:
            what = "Validation score" if self.early_stopping else "Training loss"
            print(  # noqa: T201  as scikit-learn does
                f"{what} did not improve more than tol={self.tol:f} for {self.n_iter_no_change} "
                "consecutive epochs. Stopping."
            )
        return []

    def _fit_lbfgs(self, fit: Callable[[], History], X: Matrix, targets: Array) -> _Notes:
        try:
            history = fit()
        except TrainingDiverged as error:
            raise ValueError(f"{_NOT_FINITE} {_sentence(error)}") from None
        self.history_ = history
        self.n_iter_ = len(history)
        if len(history):
            last = history.epochs[-1]
            self.loss_ = self._reported(last.loss) + last.penalty
        else:
            self.loss_ = self._reported(self.network_.loss(X, targets, self.loss_entry))
        if history.stopped == "interrupted":
            return [_INTERRUPTED]
        if history.stopped not in {"epochs", "evaluations", "line search"}:
            return []
        why = {
            "epochs": f"all max_iter={self.max_iter} iterations were taken",
            "evaluations": f"the loss was evaluated max_fun={self.max_fun} times",
            "line search": "no step along the search direction made the loss smaller",
        }[history.stopped]
        unconverged = f"lbfgs failed to converge after {self.n_iter_} iteration(s): {why}. Allow"
        advice = "more of them, or bring the columns to a common scale (StandardScaler)."
        return [(f"{unconverged} {advice}", ConvergenceWarning)]


def _seed(random: RandomState) -> int:
    return int(random.randint(2**31 - 1))


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[0].upper()}{text[1:]}."
