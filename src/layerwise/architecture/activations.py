"""Activation functions: one entry for each, read by both engines, the pictures and the tests.

Adding an activation is adding an entry to `ACTIVATIONS`: its formula as people write it, the
function and its derivative ("slope") as expressions of the pre-activation `z`, the gain that keeps
the size of signals through a layer, and its source. The compiled engine's branch over activations
is generated from these entries; the NumPy engine calls them as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from layerwise.architecture.elementary import (
    exp,
    expm1,
    log1p_exp_of_minus,
    normal_cdf,
    normal_pdf,
    one,
    sigmoid,
    tanh,
    tanh_softplus,
    where,
)
from layerwise.architecture.lookup import look_up
from layerwise.language import message

__all__ = ["ACTIVATIONS", "Activation", "activations_by_name", "get_activation"]

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


@dataclass(frozen=True)
class Activation:
    """What one activation function is.

    Attributes
    ----------
    name : str
        Its name in this library.
    formula : str
        Its formula as people write it.
    function, slope : callable
        f(z) and its derivative f'(z), elementwise. A function with a learned parameter takes it
        second: f(z, p).
    gain : float
        Factor on the weights' spread that keeps E[f(z)²] = 1 for z of unit variance, or the
        value of its source where that one is customary.
    initialization : str
        The initialisation that goes with it where none is asked for.
    source : str
        Author and year.
    parameter_slope : callable or None
        df/dp of an activation with a learned parameter (one for each node), else None.
    parameter_start : float
        The learned parameter's first value.
    aliases : tuple of str
        Other names it is known by.
    scikit_learn_factor : float
        What its limit (the initialisation "scikit_learn") has over fan_in + fan_out.
    onnx : str
        ONNX's one operator for it, given its learned parameter second; where there is none, the
        function is written out there.
    onnx_settings : tuple of (str, float)
        Of this operator.
    """

    name: str
    formula: str
    function: Callable[..., Any]
    slope: Callable[..., Any]
    gain: float
    initialization: str
    source: str
    parameter_slope: Callable[..., Any] | None = None
    parameter_start: float = 0.0
    aliases: tuple[str, ...] = ()
    scikit_learn_factor: float = 6.0
    onnx: str = ""
    onnx_settings: tuple[tuple[str, float], ...] = ()

    @property
    def has_parameter(self) -> bool:
        """Whether each node learns a parameter of its activation."""
        return self.parameter_slope is not None


def identity(z: Any) -> Any:
    return z


def identity_slope(z: Any) -> Any:
    return one(z)


def logistic(z: Any) -> Any:
    return sigmoid(z)


def logistic_slope(z: Any) -> Any:
    return sigmoid(z) * sigmoid(-z)


def hyperbolic_tangent(z: Any) -> Any:
    return tanh(z)


def hyperbolic_tangent_slope(z: Any) -> Any:
    return 1.0 - tanh(z) * tanh(z)


def relu(z: Any) -> Any:
    return where(z < 0.0, 0.0, z)


def relu_slope(z: Any) -> Any:
    return where(z > 0.0, 1.0, 0.0)


def leaky_relu(z: Any) -> Any:
    return where(z > 0.0, z, 0.01 * z)


def leaky_relu_slope(z: Any) -> Any:
    return where(z > 0.0, 1.0, 0.01)


def prelu(z: Any, p: Any) -> Any:
    return where(z > 0.0, z, p * z)


def prelu_slope(z: Any, p: Any) -> Any:
    return where(z > 0.0, 1.0, p)


def prelu_parameter_slope(z: Any, p: Any) -> Any:
    return where(z > 0.0, 0.0, z)


def elu(z: Any) -> Any:
    return where(z > 0.0, z, expm1(where(z > 0.0, 0.0, z)))


def elu_slope(z: Any) -> Any:
    return where(z > 0.0, 1.0, exp(where(z > 0.0, 0.0, z)))


def selu(z: Any) -> Any:
    return SELU_SCALE * where(z > 0.0, z, SELU_ALPHA * expm1(where(z > 0.0, 0.0, z)))


def selu_slope(z: Any) -> Any:
    return SELU_SCALE * where(z > 0.0, 1.0, SELU_ALPHA * exp(where(z > 0.0, 0.0, z)))


def gelu(z: Any) -> Any:
    return z * normal_cdf(z)


def gelu_slope(z: Any) -> Any:
    return normal_cdf(z) + z * normal_pdf(z)


def silu(z: Any) -> Any:
    return z * sigmoid(z)


def silu_slope(z: Any) -> Any:
    return sigmoid(z) * (1.0 + z * (1.0 - sigmoid(z)))


def mish(z: Any) -> Any:
    return z * tanh_softplus(z)


def mish_slope(z: Any) -> Any:
    return tanh_softplus(z) + z * sigmoid(z) * (1.0 - tanh_softplus(z) * tanh_softplus(z))


def softplus(z: Any) -> Any:
    # ln(1 + e^z) = max(z, 0) + ln(1 + e^-|z|), which never overflows.
    return where(z < 0.0, 0.0, z) + log1p_exp_of_minus(where(z < 0.0, -z, z))


def softplus_slope(z: Any) -> Any:
    return sigmoid(z)


def hard_sigmoid(z: Any) -> Any:
    return where(z <= -3.0, 0.0, where(z >= 3.0, 1.0, z / 6.0 + 0.5))


def hard_sigmoid_slope(z: Any) -> Any:
    return where(z <= -3.0, 0.0, where(z >= 3.0, 0.0, 1.0 / 6.0))


_ENTRIES = (
    Activation("identity", "z", identity, identity_slope, 1.0, "glorot_uniform", "linear algebra"),
    Activation(
        "sigmoid",
        "1 / (1 + exp(-z))",
        logistic,
        logistic_slope,
        1.8462285453386054,
        "glorot_uniform",
        "Verhulst 1838",
        aliases=("logistic",),
        scikit_learn_factor=2.0,
    ),
    Activation(
        "tanh",
        "(exp(2z) - 1) / (exp(2z) + 1)",
        hyperbolic_tangent,
        hyperbolic_tangent_slope,
        1.5925374197228312,
        "glorot_uniform",
        "LeCun et al. 1998",
    ),
    Activation(
        "relu",
        "max(0, z)",
        relu,
        relu_slope,
        1.4142135623730951,
        "he_normal",
        "Nair and Hinton 2010",
        onnx="Relu",
    ),
    Activation(
        "leaky_relu",
        message("z if z > 0 else 0.01 z"),
        leaky_relu,
        leaky_relu_slope,
        1.4141428569978352,
        "he_normal",
        "Maas et al. 2013",
        onnx="LeakyRelu",
        onnx_settings=(("alpha", 0.01),),
    ),
    Activation(
        "prelu",
        message("z if z > 0 else p z, with p learned for each node"),
        prelu,
        prelu_slope,
        1.3719886811400706,
        "he_normal",
        "He et al. 2015",
        parameter_slope=prelu_parameter_slope,
        parameter_start=0.25,
        onnx="PRelu",
    ),
    Activation(
        "elu",
        message("z if z > 0 else exp(z) - 1"),
        elu,
        elu_slope,
        1.2451983007007064,
        "he_normal",
        "Clevert et al. 2016",
        onnx="Elu",
    ),
    Activation(
        "selu",
        message("1.0507 (z if z > 0 else 1.6733 (exp(z) - 1))"),
        selu,
        selu_slope,
        1.0,
        "lecun_normal",
        "Klambauer et al. 2017",
        onnx="Selu",
    ),
    Activation(
        "gelu",
        message("z Φ(z), with Φ the normal distribution function"),
        gelu,
        gelu_slope,
        1.5335304411955353,
        "he_normal",
        "Hendrycks and Gimpel 2016",
    ),
    Activation(
        "silu",
        "z / (1 + exp(-z))",
        silu,
        silu_slope,
        1.6765324703310909,
        "he_normal",
        "Elfwing et al. 2018",
        aliases=("swish",),
    ),
    Activation(
        "mish",
        "z tanh(ln(1 + exp(z)))",
        mish,
        mish_slope,
        1.486847581273208,
        "he_normal",
        "Misra 2019",
    ),
    Activation(
        "softplus",
        "ln(1 + exp(z))",
        softplus,
        softplus_slope,
        1.0418668355353016,
        "he_normal",
        "Dugas et al. 2001",
        onnx="Softplus",
    ),
    Activation(
        "hard_sigmoid",
        message("z / 6 + 1/2, kept within 0 and 1"),
        hard_sigmoid,
        hard_sigmoid_slope,
        1.8978404247295593,
        "glorot_uniform",
        "Courbariaux et al. 2015; these constants: Howard et al. 2019",
        onnx="HardSigmoid",
        onnx_settings=(("alpha", 1 / 6), ("beta", 0.5)),
    ),
)

ACTIVATIONS: dict[str, Activation] = {entry.name: entry for entry in _ENTRIES}


def activations_by_name() -> dict[str, Activation]:
    """Each activation by its name and by its aliases."""
    entries = ACTIVATIONS.values()
    return {name: entry for entry in entries for name in (entry.name, *entry.aliases)}


def get_activation(name: str) -> Activation:
    """Find an activation's entry by its name or an alias.

    Raises
    ------
    ValueError
        If there is none; the message offers the nearest known name.

    Examples
    --------
    >>> get_activation("logistic").name
    'sigmoid'
    >>> float(get_activation("relu").function(-2.0))
    0.0
    """
    return look_up(name, activations_by_name(), "activation")
