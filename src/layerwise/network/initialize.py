"""Drawing a network's first numbers.

Where no initialisation is asked for, each layer takes the one that goes with its activation.

Where the scaling is "depth", each of k residual layers adds its share of what it computes, and what
enters the first of them is all that the others will see of the inputs. A layer before them whose
activation lets nothing through below 0 therefore starts open: its biases are larger by 1. On the
digits that is worth as much as everything else (`bench/depth.py`).

Where it is "standard", the k residual layers' weights are drawn smaller by 1 / sqrt(k) instead
(Radford et al. 2019, section 2.3), unless an initialisation is asked for.
"""

from typing import Any

import numpy as np

from layerwise.architecture import (
    Activation,
    Architecture,
    Initialization,
    Layer,
    get_activation,
    get_initialization,
)
from layerwise.arrays import Array, Floats
from layerwise.engine.layout import layout_of

_OPEN = 1.0
_FAR = 20.0


def initial_vector(architecture: Architecture, random: np.random.Generator, dtype: Any) -> Array:
    """All learned numbers of a new network, drawn in their order in the vector."""
    layout = layout_of(architecture)
    vector = np.zeros(layout.size, dtype)
    for block in layout.blocks:
        start, part = block.parameter.start, block.view(vector)
        if start is not None:
            part[:] = start(random, block.shape) if callable(start) else start
        elif block.kind == "weights":
            part[:] = _weights(architecture, architecture.layers[block.layer], random)
        else:
            part[:] = _biases(architecture, block.layer, random)
    return vector


def initial_state(architecture: Architecture, dtype: Any) -> Array:
    """What is not learned by gradients, at the start."""
    layout = layout_of(architecture)
    state = np.zeros(layout.state_size, dtype)
    for block in layout.state_blocks:
        block.view(state)[:] = block.parameter.start
    return state


def _initialization_of(architecture: Architecture, layer: Layer) -> Initialization:
    activation = get_activation(layer.activation)
    return get_initialization(architecture.initialization or activation.initialization)


def _activation_of(
    architecture: Architecture, layer: Layer, initialization: Initialization
) -> Activation:
    """The activation that says how far a layer's numbers spread."""
    name = layer.activation
    if initialization.output_as_hidden and layer == architecture.layers[-1]:
        name = architecture.activation[-1] if architecture.activation else name
    return get_activation(name)


def _weights(architecture: Architecture, layer: Layer, random: np.random.Generator) -> Floats:
    shape = (layer.fan_in, layer.fan_out)
    if architecture.scaling == "neural_tangent":
        return random.standard_normal(shape)
    initialization = _initialization_of(architecture, layer)
    spread = initialization.spread(*shape, _activation_of(architecture, layer, initialization))
    if layer.residual and architecture.initialization is None and architecture.scaling != "depth":
        spread /= sum(other.residual for other in architecture.layers) ** 0.5
    if initialization.distribution == "normal":
        return spread * random.standard_normal(shape)
    if initialization.distribution == "uniform":
        return random.uniform(-spread, spread, shape)
    if initialization.distribution == "orthogonal":
        return spread * _orthogonal(shape, random)
    return np.zeros(shape)


def _biases(architecture: Architecture, i: int, random: np.random.Generator) -> Floats:
    layer = architecture.layers[i]
    initialization = _initialization_of(architecture, layer)
    start = _OPEN if _starts_open(architecture, i) else 0.0
    if not initialization.draws_biases or architecture.scaling == "neural_tangent":
        return np.full(layer.fan_out, start)
    activation = _activation_of(architecture, layer, initialization)
    spread = initialization.spread(layer.fan_in, layer.fan_out, activation)
    return start + random.uniform(-spread, spread, layer.fan_out)


def _starts_open(architecture: Architecture, i: int) -> bool:
    """Whether layer i lets nothing through below 0, and residual ones follow it."""
    layer, *above = architecture.layers[i : i + 2]
    f = get_activation(layer.activation)
    if architecture.scaling != "depth" or layer.residual or not (above and above[0].residual):
        return False
    if f.has_parameter or architecture.initialization == "zeros":
        return False
    return bool(abs(f.function(-_FAR)) < 0.5 and f.function(_FAR) > _FAR - 1.0)


def _orthogonal(shape: tuple[int, int], random: np.random.Generator) -> Floats:
    """Rows or columns, whichever are fewer, of length 1 and at right angles; uniformly drawn."""
    tall = (max(shape), min(shape))
    q, r = np.linalg.qr(random.standard_normal(tall))
    q = q * np.sign(np.diag(r))
    return q if shape == tall else q.T
