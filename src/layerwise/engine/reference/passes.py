"""The plain engine: the same network in NumPy, one line for each formula.

This is the page to read first, the engine that returns every pre-activation, activation and
gradient, and the slow twin that the compiled engine is tested against.

Names: x is what enters a layer, h what is left of it after normalisation, z = (h gain + shift) W
+ b the pre-activations, a = f(z) the activations. A name with `grad_` before it is the loss's
derivative by it.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture import Architecture, Layer, Loss, get_activation
from layerwise.architecture.elementary import exp, sigmoid
from layerwise.architecture.losses import RATE_LIMIT
from layerwise.engine.dropout import dropout_factors
from layerwise.engine.layout import Layout, edges_of, layout_of
from layerwise.engine.protocol import NORM_EPSILON

__all__ = [
    "Gradients",
    "LayerTrace",
    "Trace",
    "backward",
    "block_of",
    "forward",
    "loss_and_gradient_of_scores",
    "outputs_of_scores",
]

Array = NDArray[Any]


@dataclass
class LayerTrace:
    """What one layer did to a batch.

    Attributes
    ----------
    input : ndarray, shape (n, fan_in)
        What entered the layer.
    normalized : ndarray, shape (n, fan_in)
        The input with each row (or column) at mean 0 and variance 1; the input itself where the
        layer does not normalise.
    multiplied : ndarray, shape (n, fan_in)
        What the weights multiplied: normalised times gain plus shift.
    pre_activation, activation : ndarray, shape (n, fan_out)
        z and f(z).
    mask : ndarray, shape (n, fan_out) or float
        Dropout's factors, 1.0 where there is none.
    output : ndarray, shape (n, fan_out)
        What left the layer: the activation, dropped out, plus the input where residual.
    root : ndarray
        1 over the standard deviation that normalisation divided by.
    """

    input: Array
    normalized: Array
    multiplied: Array
    pre_activation: Array
    activation: Array
    mask: Any
    output: Array
    root: Any


@dataclass
class Trace:
    """Everything a network computed for a batch.

    Attributes
    ----------
    x, codes : ndarray
        The batch.
    features : ndarray, shape (n, input_width)
        Numbers or their periodic features, their pieces, then what codes became.
    edges : list of ndarray
        Of each numeric input's pieces, where there are any.
    layers : list of LayerTrace
        The output layer last.
    scores, outputs : ndarray, shape (n, n_outputs)
        The last layer's output, and what the output function makes of it.
    """

    x: Array
    codes: Array
    features: Array
    edges: list[Array] = field(default_factory=list)
    layers: list[LayerTrace] = field(default_factory=list)
    training: bool = False

    @property
    def pre_activations(self) -> list[Array]:
        """Z of each layer."""
        return [layer.pre_activation for layer in self.layers]

    @property
    def activations(self) -> list[Array]:
        """f(z) of each layer."""
        return [layer.activation for layer in self.layers]

    @property
    def scores(self) -> Array:
        """The last layer's output."""
        return self.layers[-1].output

    outputs: Array = field(default_factory=lambda: np.empty(0))


@dataclass
class Gradients:
    """The loss's derivatives by everything that a trace and a network hold.

    Attributes
    ----------
    loss : float
        The loss itself.
    vector : ndarray, shape (n_parameters,)
        By the parameter vector.
    weights, biases : list of ndarray
        Views of it, by layer.
    pre_activations, activations : list of ndarray
        By z and f(z) of each layer.
    features, x : ndarray
        By the first layer's input before input scales, and by the numeric inputs.
    """

    loss: float
    vector: Array
    weights: list[Array]
    biases: list[Array]
    pre_activations: list[Array]
    activations: list[Array]
    features: Array
    x: Array


def block_of(layout: Layout, vector: Array, layer: int, kind: str) -> Array | None:
    """A layer's block of one kind, as a view of the vector; None where it has none."""
    block = layout.find(layer, kind)
    return None if block is None else vector[block.start : block.stop].reshape(block.shape)


def _features(
    architecture: Architecture, vector: Array, state: Array, x: Array, codes: Array
) -> Array:
    """Numbers or their periodic features, how far they are through their pieces, codes' columns.

    Gorishniy et al. 2022, sections 3.3 and 3.2.
    """
    layout = layout_of(architecture)
    parts = [x]
    if architecture.periodic:
        frequencies = block_of(layout, vector, -1, "frequencies")
        assert frequencies is not None
        v = (2 * np.pi * x[:, :, None] * frequencies).astype(x.dtype)
        parts = [
            np.concatenate([np.sin(v), np.cos(v)], axis=2).reshape(len(x), 2 * frequencies.size)
        ]
    for i, edges in enumerate(edges_of(architecture, state)):
        if len(edges):
            t = (x[:, i : i + 1] - edges[:-1]) / np.diff(edges)
            parts.append(np.clip(2 * t - 1, -1, 1))
    for i, embedding in enumerate(architecture.embeddings):
        block = layout.embedding(i)
        if block is None:
            parts.append(np.eye(embedding.n_values, dtype=x.dtype)[codes[:, i], 1:])
        else:
            parts.append(vector[block.start : block.stop].reshape(block.shape)[codes[:, i]])
    return np.concatenate(parts, axis=1)


def forward(
    architecture: Architecture,
    vector: Array,
    state: Array,
    x: Array,
    codes: Array,
    *,
    training: bool = False,
    dropout: float = 0.0,
    key: int = 0,
    momentum: float = 0.1,
) -> Trace:
    """Run a batch through a network and keep everything.

    Parameters
    ----------
    vector, state : ndarray
        The parameters; batch normalisation's running statistics, and the edges of pieces.
    x : ndarray, shape (n, n_inputs)
    codes : ndarray of integers, shape (n, n_codes)
    training : bool
        Whether batch normalisation takes the batch's own statistics (and moves the running ones
        by `momentum`).
    dropout : float
        Factor on each layer's dropout: 1 while training, 0 to leave it out.
    key : int
        The random key that dropout's choice is a function of.
    """
    layout = layout_of(architecture)
    features = _features(architecture, vector, state, x, codes)
    trace = Trace(x, codes, features, edges_of(architecture, state), training=training)
    scale = block_of(layout, vector, -1, "scale")
    a = features if scale is None else features * scale
    for i, layer in enumerate(architecture.layers):
        activation = get_activation(layer.activation)
        h, root = _normalize(architecture, i, layer, state, a, training, momentum)
        gain, shift = block_of(layout, vector, i, "gain"), block_of(layout, vector, i, "shift")
        multiplied = h if gain is None or shift is None else h * gain + shift
        weights, biases = (
            block_of(layout, vector, i, "weights"),
            block_of(layout, vector, i, "biases"),
        )
        assert weights is not None
        assert biases is not None
        z = _alpha(architecture, layer) * (multiplied @ weights) + biases
        slope = block_of(layout, vector, i, "slope")
        f = activation.function(z) if slope is None else activation.function(z, slope)
        f = f.astype(x.dtype)
        rate = layer.dropout * dropout
        mask = dropout_factors(key, i, rate, z.shape).astype(x.dtype) if rate > 0 else 1.0
        output = f * mask + (a if layer.residual else 0.0)
        trace.layers.append(LayerTrace(a, h, multiplied, z, f, mask, output, root))
        a = output
    trace.outputs = outputs_of_scores(architecture.output, trace.scores)
    return trace


def _alpha(architecture: Architecture, layer: Layer) -> float:
    """The factor on a layer's product: 1, or the neural-tangent scaling's 1 / sqrt(fan_in)."""
    return layer.fan_in**-0.5 if architecture.scaling == "neural_tangent" else 1.0


def _normalize(
    architecture: Architecture,
    i: int,
    layer: Layer,
    state: Array,
    x: Array,
    training: bool,
    momentum: float,
) -> tuple[Array, Any]:
    """(x at mean 0 and variance 1, 1 / standard deviation), by rows or by columns."""
    if layer.normalization is None:
        return x, 1.0
    if layer.normalization == "layer":
        mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    else:
        layout = layout_of(architecture)
        running_mean = block_of(layout, state, i, "mean")
        running_variance = block_of(layout, state, i, "variance")
        assert running_mean is not None
        assert running_variance is not None
        mean, variance = running_mean, running_variance
        if training:
            mean, variance = x.mean(axis=0), x.var(axis=0)
            unbiased = variance * len(x) / max(1, len(x) - 1)
            running_mean += momentum * (mean - running_mean)
            running_variance += momentum * (unbiased - running_variance)
    root = (1.0 / np.sqrt(variance + NORM_EPSILON)).astype(x.dtype)
    return ((x - mean) * root).astype(x.dtype), root


def backward(
    architecture: Architecture, vector: Array, trace: Trace, loss: float, grad_scores: Array
) -> Gradients:
    """Take the loss's gradient at the scores back through the network: the chain rule.

    Parameters
    ----------
    trace : Trace
        What `forward` returned.
    loss : float
        The loss, kept in the result.
    grad_scores : ndarray, shape (n, n_outputs)
    """
    layout = layout_of(architecture)
    gradient = np.zeros_like(vector)

    def put(layer: int, kind: str, value: Array) -> None:
        block = layout.find(layer, kind)
        assert block is not None
        gradient[block.start : block.stop] = value.ravel()

    grad_pre_activations: list[Array] = []
    grad_activations: list[Array] = []
    grad = grad_scores
    for i in reversed(range(len(trace.layers))):
        layer, seen = architecture.layers[i], trace.layers[i]
        activation, alpha = get_activation(layer.activation), _alpha(architecture, layer)
        slope = block_of(layout, vector, i, "slope")
        parameters = () if slope is None else (slope,)
        grad_a = grad * seen.mask
        grad_z = grad_a * activation.slope(seen.pre_activation, *parameters)
        if activation.parameter_slope is not None:
            by_slope = activation.parameter_slope(seen.pre_activation, *parameters)
            put(i, "slope", (grad_a * by_slope).sum(axis=0))
        weights = block_of(layout, vector, i, "weights")
        assert weights is not None
        put(i, "weights", alpha * (seen.multiplied.T @ grad_z))
        put(i, "biases", grad_z.sum(axis=0))
        grad_input = alpha * (grad_z @ weights.T)
        if layer.normalization is not None:
            gain = block_of(layout, vector, i, "gain")
            put(i, "gain", (grad_input * seen.normalized).sum(axis=0))
            put(i, "shift", grad_input.sum(axis=0))
            axis = 1 if layer.normalization == "layer" else 0
            grad_input = _normalize_gradient(
                seen, grad_input * gain, axis, layer.normalization == "layer" or trace.training
            )
        grad_pre_activations.append(grad_z)
        grad_activations.append(grad_a)
        grad = grad_input + (grad if layer.residual else 0.0)
    scale = block_of(layout, vector, -1, "scale")
    if scale is not None:
        put(-1, "scale", (grad * trace.features).sum(axis=0))
        grad = grad * scale
    grad_x = _features_gradient(architecture, vector, gradient, trace, grad)
    return Gradients(
        loss=loss,
        vector=gradient,
        weights=_views(layout, gradient, "weights"),
        biases=_views(layout, gradient, "biases"),
        pre_activations=grad_pre_activations[::-1],
        activations=grad_activations[::-1],
        features=grad,
        x=grad_x,
    )


def _views(layout: Layout, vector: Array, kind: str) -> list[Array]:
    return [
        vector[block.start : block.stop].reshape(block.shape)
        for block in layout.blocks
        if block.kind == kind
    ]


def _normalize_gradient(seen: LayerTrace, grad_h: Array, axis: int, own_statistics: bool) -> Array:
    """The gradient at x from that at h = (x - mean) / sd, the mean and sd being functions of x."""
    if not own_statistics:
        return np.asarray(grad_h * seen.root)
    along = (grad_h * seen.normalized).mean(axis=axis, keepdims=True)
    centred = grad_h - grad_h.mean(axis=axis, keepdims=True) - seen.normalized * along
    return np.asarray(centred * seen.root)


def _features_gradient(
    architecture: Architecture, vector: Array, gradient: Array, trace: Trace, grad: Array
) -> Array:
    """Gradients of embeddings and frequencies; returns that of the numeric inputs."""
    layout = layout_of(architecture)
    stop = grad.shape[1]
    for i, embedding in reversed(list(enumerate(architecture.embeddings))):
        block, start = layout.embedding(i), stop - embedding.size
        if block is not None:
            table = gradient[block.start : block.stop].reshape(block.shape)
            np.add.at(table, trace.codes[:, i], grad[:, start:stop])
        stop = start
    by_pieces = np.zeros_like(trace.x)
    for i, edges in reversed(list(enumerate(trace.edges))):
        if len(edges):
            start = stop - len(edges) + 1
            inside = np.abs(trace.features[:, start:stop]) < 1
            by_pieces[:, i] = (grad[:, start:stop] * inside * 2 / np.diff(edges)).sum(axis=1)
            stop = start
    if not architecture.periodic:
        return grad[:, :stop] + by_pieces
    k = architecture.periodic.n_frequencies
    frequencies = block_of(layout, vector, -1, "frequencies")
    block_of_c = layout.find(-1, "frequencies")
    assert frequencies is not None
    assert block_of_c is not None
    shape = (len(grad), architecture.n_inputs, 2, k)
    by_sin, by_cos = np.moveaxis(grad[:, :stop].reshape(shape), 2, 0)
    sin, cos = np.moveaxis(trace.features[:, :stop].reshape(shape), 2, 0)
    by_v = by_sin * cos - by_cos * sin
    by_c = (by_v * 2 * np.pi * trace.x[:, :, None]).sum(axis=0)
    gradient[block_of_c.start : block_of_c.stop] = by_c.ravel()
    return np.asarray((by_v * 2 * np.pi * frequencies).sum(axis=2)) + by_pieces


def outputs_of_scores(output: str, scores: Array) -> Array:
    """What the output function makes of scores, shape (n, n_outputs)."""
    if output == "softmax":
        from scipy.special import softmax  # here, since importing it takes a while

        return np.asarray(softmax(scores, axis=1))
    if output == "sigmoid":
        return np.asarray(sigmoid(scores))
    if output == "exp":
        return np.asarray(exp(np.minimum(scores, RATE_LIMIT)))
    return scores


def loss_and_gradient_of_scores(
    loss: Loss, scores: Array, y: Array, weight: Array, normalizer: float = 0.0
) -> tuple[float, Array]:
    """(loss of a batch, its gradient at the scores): rows weighted, over the sum of weights.

    Parameters
    ----------
    scores : ndarray, shape (n, n_outputs)
    y : ndarray, shape (n, 1) of class numbers for softmax, else (n, n_outputs)
    weight : ndarray, shape (n,) or (0,)
    normalizer : float
        What the weighted sum is divided by; 0: the sum of the weights.
    """
    w = weight if weight.size else np.ones(len(scores), scores.dtype)
    if normalizer == 0.0:
        normalizer = float(w.sum(dtype=np.float64)) or 1.0
    share = (w / normalizer).astype(scores.dtype)[:, None]
    if loss.function is None or loss.slope is None:
        n_classes, smoothing = scores.shape[1], loss.parameter
        target = (np.arange(n_classes) == y[:, :1]) * (1.0 - smoothing) + smoothing / n_classes
        target = target.astype(scores.dtype)
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        # 0 log 0 is 0: a class with no target has no part, however far its score.
        values = -np.where(target > 0, target * log_p, 0.0).sum(axis=1)
        gradient = np.exp(log_p) - target
    else:
        values = loss.function(scores, y, loss.parameter).sum(axis=1)
        gradient = loss.slope(scores, y, loss.parameter)
    used = share[:, 0] > 0
    total = float((values[used].astype(np.float64) * share[used, 0]).sum())
    return total, np.where(share > 0, gradient * share, 0.0).astype(scores.dtype)
