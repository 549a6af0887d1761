"""The loop: schedules, early stopping, checkpoints, history; its optimisers are the engines'."""

from layerwise.engine.optimizers import (
    LBFGS,
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Optimizer,
    RMSprop,
    Rule,
    get_optimizer,
)
from layerwise.training.history import Epoch, History, LayerStatistics, TrainingDiverged
from layerwise.training.schedules import SCHEDULES, Schedule, get_schedule
from layerwise.training.settings import Callback
from layerwise.training.state import TrainerState
from layerwise.training.trainer import Trainer

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
    "Rule",
    "Schedule",
    "Trainer",
    "TrainerState",
    "TrainingDiverged",
    "get_optimizer",
    "get_schedule",
]
