"""The settings of a training, checked when they are made."""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from layerwise.architecture import Loss
from layerwise.architecture.lookup import check_count, look_up
from layerwise.engine.engines import ENGINES
from layerwise.engine.optimizers import LBFGS, Optimizer, get_optimizer, is_number
from layerwise.network import Network
from layerwise.training.history import Epoch
from layerwise.training.schedules import Schedule, get_schedule

# Called after each epoch; what it returns, if true, ends the training.
Callback = Callable[[Network, Epoch], Any]


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """The settings of a training; `layerwise.Trainer` says what they are."""

    optimizer: str | Optimizer | LBFGS = "adam"
    loss: str | Loss | None = None
    batch_size: int | None = None
    epochs: int = 100
    schedule: str | Schedule = "constant"
    dropout_schedule: str | Schedule = "constant"
    decay_schedule: str | Schedule = "constant"
    l1: float = 0.0
    l2: float = 0.0
    penalize: str = "mean"
    gradient_clipping: float | None = None
    ema: float | None = None
    shuffle: bool = True
    validation_fraction: float | None = None
    patience: int | None = None
    min_improvement: float | None = None
    monitor: str = "loss"
    seed: int | None = None
    n_threads: int | None = None
    progress: bool = False
    callbacks: Sequence[Callback] = ()
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every: int = 1
    engine: str = next(iter(ENGINES))

    def __post_init__(self) -> None:
        object.__setattr__(self, "optimizer", get_optimizer(self.optimizer))
        for name in ("schedule", "dropout_schedule", "decay_schedule"):
            schedule = get_schedule(getattr(self, name))
            if schedule.divisor is not None and name != "schedule":
                raise ValueError(f"the schedule {schedule.name!r} is for the learning rate alone")
        look_up(self.monitor, dict.fromkeys(("loss", "score", "training_loss")), "monitor")
        look_up(self.penalize, dict.fromkeys(("mean", "sum")), "sum to penalize")
        look_up(self.engine, ENGINES, "engine")
        for name in ("batch_size", "epochs", "patience", "n_threads", "checkpoint_every"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name))
        if self.seed is not None and (
            not hasattr(self.seed, "__index__") or not 0 <= self.seed < 2**64
        ):
            raise ValueError(f"seed must be an integer from 0 to 2^64 - 1; got {self.seed!r}")
        for name in ("l1", "l2", "min_improvement", "gradient_clipping"):
            value = getattr(self, name)
            if value is None and name in {"gradient_clipping", "min_improvement"}:
                continue
            if not (is_number(value) and math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be finite and not negative; got {value!r}")
        for name in ("ema", "validation_fraction"):
            value = getattr(self, name)
            if value is not None and not (is_number(value) and 0 < value < 1):
                raise ValueError(f"{name} must lie between 0 and 1; got {value!r}")
        if isinstance(self.optimizer, LBFGS):
            unused = ("gradient_clipping", "ema", "checkpoint", "batch_size")
            for name in unused:
                if getattr(self, name) is not None:
                    raise ValueError(f"{name} has no meaning with the optimiser 'lbfgs'")

    def facts(self) -> dict[str, str]:
        """The settings that results depend on, as text: what a checkpoint must agree with."""
        no_matter = {"n_threads", "progress", "callbacks", "checkpoint", "checkpoint_every"}
        return {
            entry.name: str(getattr(self, entry.name))
            for entry in fields(self)
            if entry.name not in no_matter
        }
