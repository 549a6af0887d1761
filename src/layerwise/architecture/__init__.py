"""What a network is: sizes, activations, losses, initialisation. Data, no computing in bulk."""

from layerwise.architecture.activations import ACTIVATIONS, Activation, get_activation
from layerwise.architecture.architecture import Architecture
from layerwise.architecture.initialization import (
    INITIALIZATIONS,
    Initialization,
    get_initialization,
)
from layerwise.architecture.layer import Layer, Placed
from layerwise.architecture.losses import (
    LOSSES,
    Loss,
    Range,
    default_loss,
    get_loss,
    matching_loss,
)
from layerwise.architecture.output_functions import OUTPUTS, Output
from layerwise.architecture.steps import STEPS, Embedding, OneHot, Periodic, Step

__all__ = [
    "ACTIVATIONS",
    "INITIALIZATIONS",
    "LOSSES",
    "OUTPUTS",
    "STEPS",
    "Activation",
    "Architecture",
    "Embedding",
    "Initialization",
    "Layer",
    "Loss",
    "OneHot",
    "Output",
    "Periodic",
    "Placed",
    "Range",
    "Step",
    "default_loss",
    "get_activation",
    "get_initialization",
    "get_loss",
    "matching_loss",
]
