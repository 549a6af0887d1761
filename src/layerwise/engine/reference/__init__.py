"""The plain engine, in NumPy: forward and backward in `passes`, steps in `reference_session`."""

from layerwise.engine.reference.passes import (
    Gradients,
    LayerTrace,
    Trace,
    backward,
    forward,
    loss_and_gradient_of_scores,
    loss_of_scores,
    outputs_of_scores,
)
from layerwise.engine.reference.reference_session import ReferencePredictor, ReferenceSession

__all__ = [
    "Gradients",
    "LayerTrace",
    "ReferencePredictor",
    "ReferenceSession",
    "Trace",
    "backward",
    "forward",
    "loss_and_gradient_of_scores",
    "loss_of_scores",
    "outputs_of_scores",
]
