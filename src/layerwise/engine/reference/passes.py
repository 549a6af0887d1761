"""The plain engine: the same network in NumPy, one line for each formula.

This is the page to read first, with the steps in `layerwise.architecture.steps`, the engine that
returns every pre-activation, activation and gradient, and the slow twin that the compiled engine is
tested against.

Names: x is what enters a layer, h what is left of it after normalisation, z = (h gain + shift) W
+ b the pre-activations, a = f(z) the activations. A name with `grad_` before it is the loss's
derivative by it.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from layerwise.architecture import OUTPUTS, Architecture, Loss, Placed, get_activation
from layerwise.architecture.steps import Given
from layerwise.arrays import Array
from layerwise.engine.dropout import dropout_factors
from layerwise.engine.layout import Layout, layout_of


@dataclass
class LayerTrace:
    """What one layer did to a batch.

    Attributes
    ----------
    input : ndarray, shape (n, fan_in)
        What entered the layer.
    normalized : ndarray, shape (n, fan_in)
        What the layer's first step makes of it, at mean 0 and variance 1 where it normalises; the
        input itself where there is none.
    multiplied : ndarray, shape (n, fan_in)
        What the weights multiplied: normalised times gain plus shift.
    pre_activation, activation : ndarray, shape (n, fan_out)
        z and f(z).
    mask : ndarray, shape (n, fan_out) or float
        Dropout's factors, 1.0 where there is none.
    output : ndarray, shape (n, fan_out)
        What left the layer: the activation, dropped out; where residual, its share (divided by
        the layer's divisor) and the input.
    first, product : Given or None, and Given
        What the layer's first step and its product were given, and kept.
    """

    input: Array
    normalized: Array
    multiplied: Array
    pre_activation: Array
    activation: Array
    mask: Any
    output: Array
    first: Given | None
    product: Given

    @property
    def root(self) -> Any:
        """1 over the standard deviation that normalisation divided by; 1 where there is none."""
        return 1.0 if self.first is None else self.first.kept


@dataclass
class Trace:
    """Everything a network computed for a batch.

    Attributes
    ----------
    x, codes : ndarray
        The batch.
    features : ndarray, shape (n, input_width)
        Numbers or their periodic features, their pieces, then what codes became.
    given : list of Given
        What the steps at the inputs were given, and kept; then the inputs' scale, if there is one.
    layers : list of LayerTrace
        The output layer last.
    scores, outputs : ndarray, shape (n, n_outputs)
        The last layer's output, and what the output function makes of it.
    """

    x: Array
    codes: Array
    features: Array
    given: list[Given] = field(default_factory=list)
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
        By z of each layer; by its output before dropout.
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
    trace = Trace(x, codes, np.empty(0))

    def given(placed: Placed, entering: Array) -> Given:
        numbers = layout.numbers_of(placed, vector, state)
        own = codes[:, placed.source] if placed.step.slot == "codes" else codes[:, :0]
        return Given(entering, own, numbers, training, momentum)

    for placed in architecture.input_steps:
        trace.given.append(seen := given(placed, x))
        seen.output = placed.step.forward(seen)
    a = trace.features = np.concatenate([seen.output for seen in trace.given], axis=1)
    if (scale := architecture.scale_step) is not None:
        trace.given.append(seen := given(scale, a))
        a = scale.step.forward(seen)
    for i, (layer, (first, dense)) in enumerate(
        zip(architecture.layers, architecture.layer_steps, strict=True)
    ):
        entered = h = multiplied = a
        of_first = None
        if first is not None:
            of_first = given(first, a)
            of_first.output = h = multiplied = first.step.forward(of_first)
            if first.step.is_affine:
                multiplied = h * of_first.numbers["gain"] + of_first.numbers["shift"]
        product = given(dense, multiplied)
        z = dense.step.forward(product)
        f = get_activation(layer.activation).function(z, *_slope_of(product)).astype(x.dtype)
        rate = layer.dropout * dropout
        mask = dropout_factors(key, i, rate, z.shape).astype(x.dtype) if rate > 0 else 1.0
        a = entered + f * mask / layer.divisor if layer.residual else f * mask
        trace.layers.append(LayerTrace(entered, h, multiplied, z, f, mask, a, of_first, product))
    trace.outputs = outputs_of_scores(architecture.output, trace.scores)
    return trace


def _slope_of(product: Given) -> tuple[Array, ...]:
    """The activation's learned parameters, where it has some."""
    return (product.numbers["slope"],) if "slope" in product.numbers else ()


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

    def put(placed: Placed, values: dict[str, Array]) -> None:
        for kind, value in values.items():
            layout.of(placed)[kind].view(gradient)[...] = value

    def back(placed: Placed, given: Given, grad: Array) -> Array:
        by_x, by_numbers = placed.step.backward(given, grad)
        put(placed, by_numbers)
        return by_x

    grad_pre_activations: list[Array] = []
    grad_activations: list[Array] = []
    grad = grad_scores
    for i in reversed(range(len(trace.layers))):
        layer, seen = architecture.layers[i], trace.layers[i]
        first, dense = architecture.layer_steps[i]
        activation, slope = get_activation(layer.activation), _slope_of(seen.product)
        grad_a = grad * seen.mask
        grad_f = grad_a / layer.divisor
        grad_z = grad_f * activation.slope(seen.pre_activation, *slope)
        if activation.parameter_slope is not None:
            by_slope = activation.parameter_slope(seen.pre_activation, *slope)
            put(dense, {"slope": (grad_f * by_slope).sum(axis=0)})
        grad_input = back(dense, seen.product, grad_z)
        if first is not None:
            assert seen.first is not None
            if first.step.is_affine:
                by_gain = (grad_input * seen.normalized).sum(axis=0)
                put(first, {"gain": by_gain, "shift": grad_input.sum(axis=0)})
                grad_input = grad_input * seen.first.numbers["gain"]
            grad_input = back(first, seen.first, grad_input)
        grad_pre_activations.append(grad_z)
        grad_activations.append(grad_a)
        grad = grad_input + (grad if layer.residual else 0.0)
    if (scale := architecture.scale_step) is not None:
        grad = back(scale, trace.given[-1], grad)
    grad_x, start = np.zeros_like(trace.x), 0
    for placed, given in zip(architecture.input_steps, trace.given, strict=False):
        stop = start + placed.step.width
        grad_x = grad_x + back(placed, given, grad[:, start:stop])
        start = stop
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
    return [block.view(vector) for block in layout.blocks if block.kind == kind]


def outputs_of_scores(output: str, scores: Array) -> Array:
    """What the output function makes of scores, shape (n, n_outputs)."""
    entry = OUTPUTS[output]
    if entry.function is not None:
        return np.asarray(entry.function(scores))
    from scipy.special import softmax  # here, since importing it takes a while

    return np.asarray(softmax(scores, axis=1))


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
    share = _shares(scores, weight, normalizer)
    given, target = _given(loss, scores, y)
    slope = loss.slope(given, target, loss.parameter)
    if loss.takes_classes:
        slope = slope - np.exp(given) * slope.sum(axis=1, keepdims=True)
    gradient = np.where(share > 0, slope * share, 0.0).astype(scores.dtype)
    return _total(loss, given, target, share), gradient


def loss_of_scores(loss: Loss, scores: Array, y: Array, weight: Array) -> float:
    """The loss alone; see `loss_and_gradient_of_scores`."""
    share = _shares(scores, weight, 0.0)
    return _total(loss, *_given(loss, scores, y), share)


def _shares(scores: Array, weight: Array, normalizer: float) -> Array:
    """Each row's weight over the sum of all, shape (n, 1)."""
    w = weight if weight.size else np.ones(len(scores), scores.dtype)
    if normalizer == 0.0:
        normalizer = float(w.sum(dtype=np.float64)) or 1.0
    return np.asarray((w / normalizer).astype(scores.dtype)[:, None])


def _given(loss: Loss, scores: Array, y: Array) -> tuple[Array, Array]:
    """(log p and the share of each class, or scores and targets): what a loss is a formula of."""
    if not loss.takes_classes:
        return scores, y
    n_classes = scores.shape[1]
    target = (np.arange(n_classes) == y[:, :1]).astype(scores.dtype)
    if loss.target is not None:
        target = loss.target(target, loss.parameter, n_classes).astype(scores.dtype)
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), target


def _total(loss: Loss, given: Array, target: Array, share: Array) -> float:
    values = loss.function(given, target, loss.parameter).sum(axis=1)
    used = share[:, 0] > 0
    return float((values[used].astype(np.float64) * share[used, 0]).sum())
