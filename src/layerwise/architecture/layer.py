"""A layer of a network, with everything about it said, and a step at its place."""

from dataclasses import dataclass

from layerwise.architecture.activations import get_activation
from layerwise.architecture.steps import STEPS, Step
from layerwise.language import tr

SHARING = 0.75  # see `Architecture`, scaling "depth"


@dataclass(frozen=True)
class Layer:
    """One layer of an architecture, everything about it said: a = f(norm(x) W + b).

    A residual one gives x + a / divisor, by how many layers share what is added.
    """

    name: str
    fan_in: int
    fan_out: int
    activation: str
    normalization: str | None
    residual: bool
    dropout: float
    n_sharing: int = 1

    @property
    def name_shown(self) -> str:
        """Its name as people read it; `name` is what its numbers are named after."""
        return shown_name(self.name)

    @property
    def divisor(self) -> float:
        """What a residual layer's share is divided by."""
        return float(self.n_sharing**SHARING)

    @property
    def share(self) -> str:
        """That, as it stands in a formula; "" where it is 1."""
        return "" if self.n_sharing == 1 else f" / {self.n_sharing:,}^{SHARING}"

    @property
    def n_weights(self) -> int:
        """Number of weights, fan_in x fan_out."""
        return self.fan_in * self.fan_out

    @property
    def n_extra(self) -> int:
        """Learned numbers beside weights and biases: normalisation's, learned slopes."""
        n = 0 if self.first_step is None else n_learned(self.first_step)
        return n + (self.fan_out if get_activation(self.activation).has_parameter else 0)

    @property
    def first_step(self) -> Step | None:
        """What its input is put through before the weights."""
        kind = self.normalization
        return None if kind is None else STEPS[kind].of_width(self.fan_in)

    @property
    def formula(self) -> str:
        """What the layer computes, as people write it."""
        x = f"{self.first_step.symbol}(x)" if self.first_step else "x"
        product = f"{x} W + b"
        if self.activation != "identity":
            product = f"{self.activation}({product})"
        if self.dropout:
            product = f"dropout({product})"
        if not self.residual:
            return product
        return f"x + {product}{self.share}"


@dataclass(frozen=True)
class Placed:
    """A step at its place in a network.

    Attributes
    ----------
    step : Step
    owner : str
        What its numbers are named after: "inputs", "codes 1", "hidden 1", "output".
    layer : int
        Which layer it belongs to, from 0; -1 for the inputs.
    source : int
        Its column of codes.
    """

    step: Step
    owner: str = "inputs"
    layer: int = -1
    source: int = 0


def shown_name(name: str) -> str:
    """A layer's name as people read it.

    Examples
    --------
    >>> shown_name("hidden 2"), shown_name("output")
    ('hidden 2', 'output')
    """
    number = name.removeprefix("hidden ")
    return tr("output") if name == "output" else tr("hidden {i}", i=number)


def n_learned(step: Step) -> int:
    """How many numbers a step learns."""
    return sum(parameter.size for parameter in step.numbers if parameter.is_learned)
