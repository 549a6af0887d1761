"""The row taken back through one network: every gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from layerwise.architecture import Loss
from layerwise.engine.reference import Trace
from layerwise.network import Network

__all__ = ["Backward", "take_back"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Backward:
    """The loss's derivatives by everything in one network, for the row.

    Attributes
    ----------
    loss : float
    nodes : list of ndarray, each of shape (fan_out,)
        By what each layer's nodes give, before a residual layer's input is added.
    pre_activations : list of ndarray, each of shape (fan_out,)
        By z of each layer.
    weights, biases : list of ndarray
        By layer, in the shapes of the network's own.
    features : ndarray, shape (input_width,)
        By what enters the first layer, before learned factors.
    """

    loss: float
    nodes: list[Array]
    pre_activations: list[Array]
    weights: list[Array]
    biases: list[Array]
    features: Array


def take_back(network: Network, trace: Trace, target: Array, loss: Loss) -> Backward:
    """Run backpropagation for one row.

    Parameters
    ----------
    network : Network
    trace : Trace
        What `network.forward` gave for the row.
    target : ndarray, shape (1, 1) or (1, n_outputs)
    loss : Loss
    """
    gradients = network.backward(trace, target, loss)
    return Backward(
        loss=gradients.loss,
        nodes=[g[0] for g in gradients.activations],
        pre_activations=[g[0] for g in gradients.pre_activations],
        weights=gradients.weights,
        biases=gradients.biases,
        features=gradients.features[0],
    )
