"""The parameters of `MLPClassifier` and `MLPRegressor`, which say what each is for."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from layerwise.architecture.activations import activations_by_name
from layerwise.architecture.steps import steps_of_layers
from layerwise.estimators.parameters import (
    BOOLEAN,
    CALLABLES,
    INFINITY,
    LIST,
    NONE,
    SEED,
    instance,
    integer,
    one_of,
    parameter,
    real,
    with_parameters,
)
from layerwise.training import OPTIMIZERS
from layerwise.training.schedules import open_ended_schedules


@with_parameters
class MLPParameters(BaseEstimator):
    """What scikit-learn's networks have, and what keeps deep ones in order."""

    hidden_layer_sizes: int | Sequence[int] = parameter(
        LIST, integer(1), default=(100,), kw_only=False
    )
    activation: str | Sequence[str] = parameter(
        one_of(activations_by_name), LIST, default="relu", kw_only=False
    )
    solver: str = parameter(one_of(OPTIMIZERS), default="adam")
    alpha: float = parameter(real(0), default=0.0001)
    batch_size: int | str = parameter(one_of(["auto"]), integer(1), default="auto")
    learning_rate: str = parameter(one_of(open_ended_schedules), default="constant")
    learning_rate_init: float = parameter(real(0, ends="()"), default=0.001)
    power_t: float = parameter(real(0), default=0.5)
    max_iter: int = parameter(integer(1), default=200)
    shuffle: bool = parameter(BOOLEAN, default=True)
    random_state: int | np.random.RandomState | None = parameter(SEED, default=None)
    tol: float = parameter(real(0), default=1e-4)
    verbose: int = parameter(integer(0), BOOLEAN, default=False)
    warm_start: bool = parameter(BOOLEAN, default=False)
    momentum: float = parameter(real(0, 1, "[]"), default=0.9)
    nesterovs_momentum: bool = parameter(BOOLEAN, default=True)
    early_stopping: bool = parameter(BOOLEAN, default=False)
    validation_fraction: float = parameter(real(0, 1), default=0.1)
    beta_1: float = parameter(real(0, 1), default=0.9)
    beta_2: float = parameter(real(0, 1), default=0.999)
    epsilon: float = parameter(real(0, ends="()"), default=1e-8)
    n_iter_no_change: float = parameter(integer(1), INFINITY, default=10)
    max_fun: int = parameter(integer(1), default=15000)
    dropout: float | Sequence[float] = parameter(real(0, 1), LIST, default=0.0)
    normalization: str | None = parameter(one_of(steps_of_layers), NONE, default=None)
    residual: bool = parameter(BOOLEAN, default=False)
    gradient_clipping: float | None = parameter(real(0, ends="()"), NONE, default=None)
    schedule: str | None = parameter(instance(str), NONE, default=None)
    ema: float | None = parameter(real(0, 1, "()"), NONE, default=None)
    n_threads: int | None = parameter(integer(1), NONE, default=None)
    progress: bool = parameter(BOOLEAN, default=False)
    callbacks: Sequence[Callable[..., Any]] | None = parameter(CALLABLES, NONE, default=None)
