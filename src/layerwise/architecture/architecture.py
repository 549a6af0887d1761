"""What a network is: sizes, activations and the layers that make depth work. Data, no computing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import pairwise
from typing import Any

from layerwise.architecture.activations import get_activation
from layerwise.architecture.initialization import get_initialization
from layerwise.architecture.layer import Layer, Placed, n_learned
from layerwise.architecture.lookup import check_count, look_up
from layerwise.architecture.notation import (
    from_json,
    layer_table,
    sizes_joined,
    sizes_written,
    to_json,
)
from layerwise.architecture.output_functions import OUTPUTS
from layerwise.architecture.steps import (
    Dense,
    InputScale,
    Periodic,
    Piecewise,
    PlainNumbers,
    Step,
    steps_of_layers,
)
from layerwise.language import counted, speaking, tr

_SCALINGS = {name: name for name in ("standard", "depth", "neural_tangent")}


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
    normalization : {None, "batch", "layer"} or sequence of these
        What each layer's input is put through before its weights, from the second layer on (and
        in the first one where that is residual). Ioffe and Szegedy 2015; Ba et al. 2016. Or
        another step of ``layerwise.architecture.STEPS`` for layers. A sequence has one for each
        hidden layer, the first one too, and the output layer.
    residual : bool or sequence of bool
        For all hidden layers or for each: whether a hidden layer whose input has its own width
        adds its input to what it computes,
        or the share of that which `scaling` says: x + f(norm(x) W + b) / k^0.75 where there are k
        of them. He et al. 2016.
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
    scaling : {"depth", "standard", "neural_tangent"} or None
        "depth" divides what each of k residual layers adds by k^0.75, and lets a layer before
        them start open. With k^0.5 all layers together start about as far from 0 as a single one
        would (Hayou et al. 2021), with k a step of Adam moves them together as far (Dey et al.
        2025, "Don't be lazy: CompleteP enables compute-efficient deep transformers"); what lies
        between did best at all depths (`bench/depth.py`). None: "depth" where the network is
        residual, else "standard".
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
    normalization: str | tuple[str | None, ...] | None = None
    residual: bool | tuple[bool, ...] = False
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
        normalization: str | Sequence[str | None] | None = None,
        residual: bool | Sequence[bool] = False,
        dropout: float | Sequence[float] = 0.0,
        input_scale: bool = False,
        embeddings: Iterable[Step] = (),
        periodic: Periodic | None = None,
        pieces: Sequence[int] = (),
        initialization: str | None = None,
        scaling: str | None = None,
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
        n_hidden = len(given) - 2
        adds = _one_or_all("residual", residual, n_hidden, _truth)
        norms = _one_or_all("normalization", normalization, n_hidden + 1, _step_name)
        activations = _one_or_all("activation", activation, n_hidden, _activation_name)
        rates = _spread(_one_or_all("dropout", dropout, n_hidden), n_hidden)
        # A value that no hidden layer takes is looked at all the same.
        for rate in rates or (dropout if isinstance(dropout, Iterable) else (dropout,)):
            if not 0.0 <= rate < 1.0:
                raise ValueError(f"dropout must lie in [0, 1); got {rate!r}")
        values: dict[str, Any] = {
            "sizes": tuple(int(size) for size in given),
            "activation": _spread(activations, n_hidden),
            "output": look_up(output, OUTPUTS, "output").name,
            "normalization": norms,
            "residual": adds,
            "dropout": tuple(float(rate) for rate in rates),
            "input_scale": bool(input_scale),
            "embeddings": embeddings,
            "periodic": periodic,
            "pieces": tuple(int(count) for count in pieces) if any(pieces) else (),
            "initialization": None
            if initialization is None
            else get_initialization(initialization).name,
            "scaling": look_up(scaling or _scaling_of(adds), _SCALINGS, "scaling"),
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
        parts = sizes_written(text)
        default = options.pop("activation", "relu")
        n_hidden = len(parts) - 2
        defaults = _spread(_one_or_all("activation", default, n_hidden), n_hidden)
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
        return cls([size for size, _ in parts], activations, **options)

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
        pairs = list(pairwise((self.input_width, *self.sizes[1:])))
        wanted = _spread(self.residual, self.depth)
        norms = _spread(self.normalization, len(pairs))
        n_residual = sum(a == b and on for (a, b), on in zip(pairs[:-1], wanted, strict=True))
        n_sharing = n_residual if self.scaling == "depth" else 1
        result = []
        for i, (fan_in, fan_out) in enumerate(pairs):
            hidden = i < self.depth
            residual = hidden and wanted[i] and fan_in == fan_out
            is_normalized = i > 0 or residual or isinstance(self.normalization, tuple)
            result.append(
                Layer(
                    name=f"hidden {i + 1}" if hidden else "output",
                    fan_in=fan_in,
                    fan_out=fan_out,
                    activation=self.activation[i] if hidden else "identity",
                    normalization=norms[i] if is_normalized else None,
                    residual=residual,
                    dropout=self.dropout[i] if hidden else 0.0,
                    n_sharing=n_sharing if residual else 1,
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
        return sum(n_learned(placed.step) for placed in self.steps)

    def to_json(self) -> str:
        """Write it as JSON, which `from_json` reads back to an equal architecture."""
        return to_json(self.__getstate__())

    @classmethod
    def from_json(cls, text: str) -> "Architecture":
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is not such JSON, or was written by a newer version.
        """
        values = from_json(text, {entry.name for entry in fields(cls)})
        look_up(values["scaling"], _SCALINGS, "scaling")
        try:
            return cls(**values)
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"not an architecture: {error}") from None

    def __str__(self) -> str:
        with speaking(None):
            return "\n".join([self.title, *layer_table(self.layers), self.summary])

    @property
    def title(self) -> str:
        """What reaches the first layer, and each layer's nodes, joined by "-".

        Three equal hidden layers in a row, or more, are counted: "64-32x9-10". `parse` reads it
        where numbers alone enter; of codes it counts what they become, as the weights do.

        Examples
        --------
        >>> from layerwise.architecture import OneHot
        >>> Architecture([8, 4, 4, 2], embeddings=[OneHot(5)]).title
        '12-4-4-2'
        """
        return sizes_joined((self.input_width, *self.sizes[1:]))

    @property
    def summary(self) -> str:
        """Counts of all learned numbers in one line."""
        weights, biases = sum(self.weight_counts), sum(self.bias_counts)
        other = self.n_parameters - weights - biases
        with speaking(None):
            return tr(
                "{n:,} parameters: {weights:,} weights + {biases}{other}",
                n=self.n_parameters,
                weights=weights,
                biases=counted(biases, "bias", "biases"),
                other=tr(" + {n:,} other", n=other) if other else "",
            )

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
        defaults["scaling"] = _scaling_of(self.residual)
        for name in ("periodic", "initialization", "scaling"):
            value = getattr(self, name)
            shown.append(f"{name}={value!r}" if value != defaults[name] else "")
        return f"Architecture({', '.join(part for part in shown if part)})"


def _one_or_all(what: str, value: Any, n: int, checked: Callable[[Any], Any] | None = None) -> Any:
    """One value for all layers, or a tuple of one for each of n where they differ."""
    is_one = isinstance(value, str) or not isinstance(value, Iterable)
    values = tuple(map(checked or (lambda one: one), (value,) if is_one else value))
    if is_one:
        return values[0]
    if len(values) != n:
        is_norm = what == "normalization"
        layers = "layers, the output layer among them" if is_norm else "hidden layers"
        raise ValueError(
            f"{what} needs one value for all or one for each of the {n} {layers}; got {len(values)}"
        )
    return values


def _spread(value: Any, n: int) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,) * n


def _truth(value: Any) -> bool:
    if value not in (True, False):
        raise ValueError(f"residual must be True or False; got {value!r}")
    return bool(value)


def _activation_name(name: str) -> str:
    return get_activation(name).name


def _step_name(name: str | None) -> str | None:
    return None if name is None else look_up(name, steps_of_layers(), "normalization").name


def _scaling_of(residual: bool | tuple[bool, ...]) -> str:
    """The scaling of a network for which none is named."""
    return "depth" if residual is True or (residual and any(residual)) else "standard"


def _shortest(values: tuple[Any, ...]) -> Any:
    return values[0] if len(set(values)) == 1 else list(values)
