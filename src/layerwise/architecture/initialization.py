"""Initialisations: how a layer's first weights and biases are distributed. One entry for each."""

from collections.abc import Callable
from dataclasses import dataclass

from layerwise.architecture.activations import Activation
from layerwise.architecture.lookup import look_up


@dataclass(frozen=True)
class Initialization:
    """How one layer's weights are drawn.

    Attributes
    ----------
    name : str
    formula : str
        The standard deviation or the limit, as people write it.
    distribution : str
        "normal" (spread = standard deviation), "uniform" (spread = limit), "orthogonal"
        (spread = factor) or "zeros".
    spread : callable
        spread(fan_in, fan_out, activation).
    source : str
    draws_biases : bool
        Whether biases are drawn from the same distribution; otherwise they start at zero.
    output_as_hidden : bool
        Whether the output layer is drawn as if it had the last hidden layer's activation.
    """

    name: str
    formula: str
    distribution: str
    spread: Callable[[int, int, Activation], float]
    source: str
    draws_biases: bool = False
    output_as_hidden: bool = False


_HE = "He et al. 2015, equation 10; the gain of ReLU is sqrt(2)"
_GLOROT = "Glorot and Bengio 2010, equations 12 and 16"
_LECUN = "LeCun et al. 1998, section 4.6"


_ENTRIES = (
    Initialization(
        "he_normal", "gain / sqrt(fan_in)", "normal", lambda i, o, f: f.gain / i**0.5, _HE
    ),
    Initialization(
        "he_uniform",
        "gain sqrt(3 / fan_in)",
        "uniform",
        lambda i, o, f: f.gain * (3 / i) ** 0.5,
        _HE,
    ),
    Initialization(
        "glorot_normal",
        "sqrt(2 / (fan_in + fan_out))",
        "normal",
        lambda i, o, f: (2 / (i + o)) ** 0.5,
        _GLOROT,
    ),
    Initialization(
        "glorot_uniform",
        "sqrt(6 / (fan_in + fan_out))",
        "uniform",
        lambda i, o, f: (6 / (i + o)) ** 0.5,
        _GLOROT,
    ),
    Initialization("lecun_normal", "1 / sqrt(fan_in)", "normal", lambda i, o, f: i**-0.5, _LECUN),
    Initialization(
        "lecun_uniform", "sqrt(3 / fan_in)", "uniform", lambda i, o, f: (3 / i) ** 0.5, _LECUN
    ),
    Initialization(
        "orthogonal",
        "gain Q, Q orthogonal",
        "orthogonal",
        lambda i, o, f: f.gain,
        "Saxe et al. 2014",
    ),
    Initialization("zeros", "0", "zeros", lambda i, o, f: 0.0, "the perceptron"),
    Initialization(
        "scikit_learn",
        "sqrt(factor / (fan_in + fan_out)), factor 2 for sigmoid and 6 otherwise",
        "uniform",
        lambda i, o, f: (f.scikit_learn_factor / (i + o)) ** 0.5,
        "scikit-learn's MLPClassifier",
        draws_biases=True,
        output_as_hidden=True,
    ),
)

INITIALIZATIONS: dict[str, Initialization] = {entry.name: entry for entry in _ENTRIES}


def get_initialization(name: str) -> Initialization:
    """Find an initialisation's entry by name.

    Raises
    ------
    ValueError
        If there is none; the message offers the nearest known name.

    Examples
    --------
    >>> from layerwise.architecture.activations import get_activation
    >>> get_initialization("lecun_normal").spread(25, 10, get_activation("tanh"))
    0.2
    """
    return look_up(name, INITIALIZATIONS, "initialization")
