"""What a network is: sizes, activations, losses, initialisation. Data, no computing in bulk."""

from layerwise.architecture.activations import ACTIVATIONS, Activation, get_activation
from layerwise.architecture.architecture import Architecture, Embedding, Layer, OneHot, Periodic
from layerwise.architecture.initialization import (
    INITIALIZATIONS,
    Initialization,
    get_initialization,
)
from layerwise.architecture.losses import (
    LOSSES,
    OUTPUTS,
    Loss,
    Range,
    default_loss,
    get_loss,
    matching_loss,
)

__all__ = [
    "ACTIVATIONS",
    "INITIALIZATIONS",
    "LOSSES",
    "OUTPUTS",
    "Activation",
    "Architecture",
    "Embedding",
    "Initialization",
    "Layer",
    "Loss",
    "OneHot",
    "Periodic",
    "Range",
    "default_loss",
    "get_activation",
    "get_initialization",
    "get_loss",
    "matching_loss",
]
