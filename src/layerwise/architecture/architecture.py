"""What a network is: sizes, activations and the layers that make depth work. Data, no computing."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

from layerwise.architecture.activations import get_activation
from layerwise.architecture.initialization import get_initialization
from layerwise.architecture.lookup import check_count, look_up
from layerwise.architecture.output_functions import OUTPUTS
from layerwise.architecture.steps import (
    STEPS,
    Dense,
    Embedding,
    InputScale,
    Periodic,
    Piecewise,
    PlainNumbers,
    Step,
    steps_of_layers,
)

__all__ = ["Architecture", "Layer", "Placed"]

_JSON_VERSION = 1
_SCALINGS = {"standard": "standard", "neural_tangent": "neural_tangent"}


@dataclass(frozen=True)
class Layer:
    """One layer of an architecture, everything about it said: a = f(norm(x) W + b), plus x."""

    name: str
    fan_in: int
    fan_out: int
    activation: str
    normalization: str | None
    residual: bool
    dropout: float

    @property
    def n_weights(self) -> int:
        """Number of weights, fan_in x fan_out."""
        return self.fan_in * self.fan_out

    @property
    def n_extra(self) -> int:
        """Learned numbers beside weights and biases: normalisation's, learned slopes."""
        n = 0 if self.first_step is None else _n_learned(self.first_step)
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
        return f"x + {product}" if self.residual else product


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


def _n_learned(step: Step) -> int:
    return sum(parameter.size for parameter in step.numbers if parameter.is_learned)


@dataclass(frozen=True, init=False, repr=False)
class Architecture:
    """A frozen description of a network, which a person can write and read.

    Parameters
    ----------
    sizes : sequence of int
        Numeric inputs, nodes of each hidden layer, outputs. ``[3, 4, 4, 1]`` has two hidden
        layers of 4; ``[20, 5]`` has none: a perceptron, or softmax regression.
    activation : str or sequence of str
        One for all hidden layers, or one for each. Names: ``layerwise.architecture.ACTIVATIONS``.
    output : {"identity", "softmax", "sigmoid", "exp"}
        What turns the last layer's scores into outputs.
    normalization : {None, "batch", "layer"}
        What each layer's input is put through before its weights, from the second layer on (and
        in the first one where that is residual). Ioffe and Szegedy 2015; Ba et al. 2016. Or
        another step of ``layerwise.architecture.STEPS`` for layers.
    residual : bool
        Whether a hidden layer whose input has its own width adds its input to what it computes,
        x + f(norm(x) W + b). He et al. 2016.
    dropout : float or sequence of float
        Share of each hidden layer's outputs that is set to 0 while training. Srivastava et al.
        2014.
    input_scale : bool
        Whether each input (after embeddings and periodic features) has a learned factor, 1 at
        first.
    embeddings : sequence of Embedding, OneHot or another such step
        One for each column of integer codes: what the network makes of it.
    periodic : Periodic or None
        Periodic features in place of the numeric inputs.
    pieces : sequence of int
        For each numeric input, how many pieces its range is cut into; 0 for none. Beside the
        number stands, for each piece, how far the number is through it, from -1 at its start to 1
        at its end: the piecewise linear encoding of Gorishniy et al. 2022 ("On Embeddings for
        Numerical Features in Tabular Deep Learning", equation 1). Where the pieces lie is not
        learned but set: `Network.edges`.
    initialization : str or None
        How weights are drawn; None takes the one that goes with each layer's activation.
    scaling : {"standard", "neural_tangent"}
        "neural_tangent" draws weights from a unit normal and divides each product by the root of
        fan_in (Jacot et al. 2018).

    Raises
    ------
    ValueError
        For sizes below 1, unknown names, a dropout outside [0, 1).

    Examples
    --------
    >>> architecture = Architecture([3, 4, 4, 1], activation="relu")
    >>> architecture.weight_counts, architecture.bias_counts, architecture.n_parameters
    ((12, 16, 4), (4, 4, 1), 41)
    >>> Architecture.parse("3-4-4-1") == architecture
    True
    >>> architecture
    Architecture([3, 4, 4, 1], activation='relu')
    """

    sizes: tuple[int, ...]
    activation: tuple[str, ...] = ("relu",)
    output: str = "identity"
    normalization: str | None = None
    residual: bool = False
    dropout: tuple[float, ...] = ()
    input_scale: bool = False
    embeddings: tuple[Step, ...] = ()
    periodic: Periodic | None = None
    pieces: tuple[int, ...] = ()
    initialization: str | None = None
    scaling: str = field(default="standard")

    def __init__(
        self,
        sizes: Iterable[int],
        activation: str | Sequence[str] = "relu",
        output: str = "identity",
        *,
        normalization: str | None = None,
        residual: bool = False,
        dropout: float | Sequence[float] = 0.0,
        input_scale: bool = False,
        embeddings: Iterable[Step] = (),
        periodic: Periodic | None = None,
        pieces: Sequence[int] = (),
        initialization: str | None = None,
        scaling: str = "standard",
    ) -> None:
        given = tuple(sizes)
        embeddings = tuple(embeddings)
        if len(given) < 2:
            raise ValueError(
                "sizes must hold at least the inputs and the outputs, as in [3, 1]; got "
                f"{list(given)}"
            )
        names = ["inputs", *(f"hidden layer {i}" for i in range(1, len(given) - 1)), "outputs"]
        for name, size in zip(names, given, strict=True):
            # A table of categories alone has no numeric input.
            check_count(
                f"the number of nodes of {name}" if "hidden" in name else f"the number of {name}",
                size,
                at_least=0 if name == "inputs" and embeddings else 1,
            )
        for entry in embeddings:
            if getattr(entry, "slot", None) != "codes":
                raise ValueError(
                    f"embeddings must hold an Embedding or OneHot for each column of codes; got "
                    f"{entry!r}"
                )
        if periodic is not None and not isinstance(periodic, Periodic):
            raise ValueError(f"periodic must be a Periodic or None; got {periodic!r}")
        pieces = tuple(pieces)
        if pieces and len(pieces) != given[0]:
            raise ValueError(
                f"pieces needs a number for each of the {given[0]} numeric inputs; got "
                f"{len(pieces)}"
            )
        for count in pieces:
            check_count("the number of pieces of an input", count, at_least=0)
        if residual not in (True, False):
            raise ValueError(f"residual must be True or False; got {residual!r}")
        n_hidden = len(given) - 2
        activations = _one_for_each("activation", activation, n_hidden)
        rates = _one_for_each("dropout", dropout, n_hidden)
        # A value that no hidden layer takes is looked at all the same.
        for rate in rates or (dropout if isinstance(dropout, Iterable) else (dropout,)):
            if not 0.0 <= rate < 1.0:
                raise ValueError(f"dropout must lie in [0, 1); got {rate!r}")
        values: dict[str, Any] = {
            "sizes": tuple(int(size) for size in given),
            "activation": tuple(get_activation(name).name for name in activations),
            "output": look_up(output, OUTPUTS, "output").name,
            "normalization": None
            if normalization is None
            else look_up(normalization, steps_of_layers(), "normalization").name,
            "residual": bool(residual),
            "dropout": tuple(float(rate) for rate in rates),
            "input_scale": bool(input_scale),
            "embeddings": embeddings,
            "periodic": periodic,
            "pieces": tuple(int(count) for count in pieces) if any(pieces) else (),
            "initialization": None
            if initialization is None
            else get_initialization(initialization).name,
            "scaling": look_up(scaling, _SCALINGS, "scaling"),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def parse(cls, text: str, **options: Any) -> "Architecture":
        """Read sizes as people write them, with an activation behind a size where it differs.

        Parameters
        ----------
        text : str
            Sizes joined by "-"; "32x9" is nine times 32. A hidden size may be followed by ":" and
            its activation, the last one by ":" and the output function.
        **options
            Everything else, as in the constructor.

        Examples
        --------
        >>> Architecture.parse("20-64-32:tanh-5:softmax")
        Architecture([20, 64, 32, 5], activation=['relu', 'tanh'], output='softmax')
        """
        if not re.fullmatch(r"\s*\d+(\s*-\s*\d+(x\d+)?(:\w+)?)+\s*", text):
            raise ValueError(
                f"cannot read {text!r} as an architecture; write sizes joined by '-', "
                "as in '3-4-4-1' or '3-4:tanh-1:sigmoid'"
            )
        parts: list[tuple[str, str]] = []
        for part in text.split("-"):
            sizes, _, name = part.strip().partition(":")
            size, _, times = sizes.partition("x")
            if times and int(times) == 0:
                raise ValueError(f"{text!r} repeats a size 0 times; leave the layer out instead")
            parts += [(size, name)] * int(times or 1)
        if times:
            raise ValueError(f"{text!r} repeats its outputs; only hidden sizes can be repeated")
        default = options.pop("activation", "relu")
        n_hidden = len(parts) - 2
        defaults = _one_for_each("activation", default, n_hidden)
        activations = [
            name or fallback for (_, name), fallback in zip(parts[1:-1], defaults, strict=True)
        ]
        output = parts[-1][1]
        if output and options.get("output", output) != output:
            raise ValueError(
                f"{text!r} ends in the output {output!r}, and output={options['output']!r} was "
                "asked for: leave out one of them"
            )
        if output:
            options["output"] = output
        return cls([int(size) for size, _ in parts], activations, **options)

    def __getstate__(self) -> dict[str, object]:
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    @property
    def n_inputs(self) -> int:
        """Columns of the float matrix."""
        return self.sizes[0]

    @property
    def n_codes(self) -> int:
        """Columns of the integer matrix."""
        return len(self.embeddings)

    @property
    def n_outputs(self) -> int:
        """Columns of the output."""
        return self.sizes[-1]

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.sizes) - 2

    @cached_property
    def input_width(self) -> int:
        """Columns that reach the first layer: numbers, their pieces, what codes become."""
        return sum(placed.step.width for placed in self.input_steps)

    @cached_property
    def input_steps(self) -> tuple[Placed, ...]:
        """What makes the columns that reach the first layer, in their order."""
        n = self.n_inputs
        numbers = self.periodic.step(n) if self.periodic else PlainNumbers(n)
        pieces = [Placed(Piecewise(self.pieces))] if self.pieces else []
        codes = [Placed(step, f"codes {i + 1}", source=i) for i, step in enumerate(self.embeddings)]
        return (*([Placed(numbers)] if n else []), *pieces, *codes)

    @cached_property
    def scale_step(self) -> Placed | None:
        """What they are multiplied by, where factors are learned."""
        return Placed(InputScale(self.input_width)) if self.input_scale else None

    @cached_property
    def layer_steps(self) -> tuple[tuple[Placed | None, Placed], ...]:
        """Of each layer, what its input is put through first, and the product with its weights."""
        result = []
        for i, layer in enumerate(self.layers):
            first = layer.first_step
            factor = layer.fan_in**-0.5 if self.scaling == "neural_tangent" else 1.0
            dense = Dense(layer.fan_in, layer.fan_out, layer.activation, factor)
            placed = None if first is None else Placed(first, layer.name, i)
            result.append((placed, Placed(dense, layer.name, i)))
        return tuple(result)

    @cached_property
    def steps(self) -> tuple[Placed, ...]:
        """All steps, in the order in which their numbers stand in the network's vector."""
        at_inputs = sorted(self.input_steps, key=lambda placed: placed.step.slot != "codes")
        scale = [self.scale_step] if self.scale_step else []
        of_layers = (placed for pair in self.layer_steps for placed in pair if placed)
        return (*at_inputs, *scale, *of_layers)

    @property
    def takes_single_rows(self) -> bool:
        """Whether it can be trained on one row at a time: no step looks at others of the batch."""
        return not any(placed.step.of_batch for placed in self.steps)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer that has weights, the output layer last."""
        widths = (self.input_width, *self.sizes[1:])
        result = []
        for i, (fan_in, fan_out) in enumerate(pairwise(widths)):
            hidden = i < self.depth
            residual = self.residual and hidden and fan_in == fan_out
            result.append(
                Layer(
                    name=f"hidden {i + 1}" if hidden else "output",
                    fan_in=fan_in,
                    fan_out=fan_out,
                    activation=self.activation[i] if hidden else "identity",
                    normalization=self.normalization if i > 0 or residual else None,
                    residual=residual,
                    dropout=self.dropout[i] if hidden else 0.0,
                )
            )
        return tuple(result)

    @property
    def weight_counts(self) -> tuple[int, ...]:
        """Number of weights of each layer."""
        return tuple(layer.n_weights for layer in self.layers)

    @property
    def bias_counts(self) -> tuple[int, ...]:
        """Number of biases of each layer."""
        return tuple(layer.fan_out for layer in self.layers)

    @property
    def n_parameters(self) -> int:
        """Number of all learned numbers."""
        return sum(_n_learned(placed.step) for placed in self.steps)

    def to_json(self) -> str:
        """Write it as JSON, which `from_json` reads back to an equal architecture."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        values["embeddings"] = [
            vars(entry) | ({} if isinstance(entry, Embedding) else {entry.name: True})
            for entry in self.embeddings
        ]
        values["periodic"] = vars(self.periodic) if self.periodic else None
        return json.dumps({"layerwise_architecture": _JSON_VERSION, **values})

    @classmethod
    def from_json(cls, text: str) -> "Architecture":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is not such JSON, or was written by a newer version.
        """
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"not an architecture: {error}") from None
        version = values.pop("layerwise_architecture", None) if isinstance(values, dict) else None
        if not isinstance(version, int) or version < 1:
            raise ValueError("not an architecture: the key 'layerwise_architecture' is missing")
        if version > _JSON_VERSION:
            raise ValueError(
                f"this architecture was written by a newer Layerwise (format {version}; this one "
                f"reads up to {_JSON_VERSION}): install the newer version to read it"
            )
        known = {entry.name for entry in fields(cls)}
        if values.keys() != known:
            wrong = ", ".join(sorted(values.keys() ^ known))
            raise ValueError(f"not an architecture: missing or unknown keys: {wrong}")
        try:
            return cls(**_revived(values))
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"not an architecture: {error}") from None

    def __str__(self) -> str:
        header = ("layer", "computes", "fan_in", "nodes", "weights", "biases", "other")
        rows = [
            (
                layer.name,
                layer.formula,
                f"{layer.fan_in:,}",
                f"{layer.fan_out:,}",
                f"{layer.n_weights:,}",
                f"{layer.fan_out:,}",
                f"{layer.n_extra:,}" if layer.n_extra else "",
            )
            for layer in self.layers
        ]
        table = [header, *_shortened(rows)]
        if not any(layer.n_extra for layer in self.layers):
            table = [row[:-1] for row in table]
        return "\n".join([self.title, *_aligned(table), self.summary])

    @property
    def title(self) -> str:
        """Sizes joined by "-" as `parse` reads them, a long run counted: "64-32x9-10"."""
        runs = [(size, len(list(run))) for size, run in groupby(self.sizes[1:-1])]
        hidden = [
            f"{size}x{count}" if count > 4 else "-".join([str(size)] * count)
            for size, count in runs
        ]
        return "-".join([str(self.n_inputs), *hidden, str(self.n_outputs)])

    @property
    def summary(self) -> str:
        """Counts of all learned numbers in one line."""
        weights, biases = sum(self.weight_counts), sum(self.bias_counts)
        other = self.n_parameters - weights - biases
        extra = f" + {other:,} other" if other else ""
        noun = "bias" if biases == 1 else "biases"
        return f"{self.n_parameters:,} parameters: {weights:,} weights + {biases:,} {noun}{extra}"

    def __repr__(self) -> str:
        shown = [f"{list(self.sizes)}"]
        shown.append(f"activation={_shortest(self.activation)!r}" if self.depth else "")
        defaults = {entry.name: entry.default for entry in fields(self)}
        for name in ("output", "normalization", "residual", "input_scale"):
            value = getattr(self, name)
            shown.append(f"{name}={value!r}" if value != defaults[name] else "")
        shown.append(f"dropout={_shortest(self.dropout)!r}" if any(self.dropout) else "")
        shown.append(f"embeddings={list(self.embeddings)!r}" if self.embeddings else "")
        shown.append(f"pieces={list(self.pieces)!r}" if self.pieces else "")
        for name in ("periodic", "initialization", "scaling"):
            value = getattr(self, name)
            shown.append(f"{name}={value!r}" if value != defaults[name] else "")
        return f"Architecture({', '.join(part for part in shown if part)})"


def _revived(values: Mapping[str, Any]) -> dict[str, Any]:
    """Architecture arguments from what JSON made of them."""
    periodic = values["periodic"]
    return {
        **values,
        "embeddings": [_revived_step(entry) for entry in values["embeddings"]],
        "periodic": Periodic(**periodic) if periodic else None,
    }


def _revived_step(values: Mapping[str, Any]) -> Step:
    """A step of codes: one that is no embedding has its kind's name as a key."""
    kind = next((STEPS[key] for key in values if key in STEPS), Embedding)
    return kind(**{key: value for key, value in values.items() if key not in STEPS})


def _one_for_each(what: str, value: Any, n_hidden: int) -> tuple[Any, ...]:
    """One value for each hidden layer, from one for all or a sequence."""
    if what == "activation" and isinstance(value, str):
        get_activation(value)  # also where no hidden layer will use it
    if isinstance(value, str) or not isinstance(value, Iterable):
        return (value,) * n_hidden
    values = tuple(value)
    if len(values) != n_hidden:
        raise ValueError(
            f"{what} needs one value for all or one for each of the {n_hidden} hidden layers; "
            f"got {len(values)}"
        )
    return values


def _shortest(values: tuple[Any, ...]) -> Any:
    return values[0] if len(set(values)) == 1 else list(values)


def _shortened(rows: Sequence[tuple[str, ...]], most: int = 24) -> Sequence[tuple[str, ...]]:
    """The rows, those in the middle of a very deep network counted and left out."""
    if len(rows) <= most:
        return rows
    left_out = len(rows) - most + 1
    middle = ("...", f"{left_out} more layers", "", "", "", "", "")
    return [*rows[: most // 2], middle, *rows[-(most // 2 - 1) :]]


def _aligned(rows: Sequence[Sequence[str]], left: int = 2) -> list[str]:
    """Columns padded to the same width, the first ones to the left and numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
