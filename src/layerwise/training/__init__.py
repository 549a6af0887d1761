"""The loop: optimisers, schedules, early stopping, checkpoints, history."""

from layerwise.training.history import Epoch, History, LayerStatistics
from layerwise.training.loop import TrainingDiverged
from layerwise.training.optimizers import (
    LBFGS,
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Optimizer,
    RMSprop,
    get_optimizer,
)
from layerwise.training.schedules import SCHEDULES, Schedule, get_schedule
from layerwise.training.state import TrainerState
from layerwise.training.trainer import Callback, Trainer

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "AdamW",
    "Callback",
    "Epoch",
    "History",
    "LayerStatistics",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "Trainer",
    "TrainerState",
    "TrainingDiverged",
    "get_optimizer",
    "get_schedule",
]
