"""The grid of a study: depths, widths, activations and settings, or one size for every depth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Any

from layerwise.architecture import Architecture, Embedding, Loss, OneHot, get_activation, get_loss
from layerwise.architecture.layer import Layer
from layerwise.ensemble.named_settings import part_of, settings_that_apply
from layerwise.study.results import Configuration, StudyError

DEFAULT_DEPTHS = tuple(range(7))
DEFAULT_ACTIVATIONS = ("relu", "tanh", "gelu")
_TOLERANCE = 0.02  # how far equal sizes may be apart from what was asked for
_MOST_DEPTH = 1_000
_MOST_WIDTH = 65_536
_MOST_NETWORKS = 10_000
_MANY_ROWS = 5_000


@dataclass(frozen=True)
class Inputs:
    """What a study's networks take in and give out.

    Attributes
    ----------
    n_inputs : int
        Numbers in each row.
    code_sizes : tuple of int
        How many codes each category has.
    n_outputs : int
    one_hot : int
        Categories with more codes get a learned vector instead of a column for each.
    embedding_size : int
        Length of such a vector.
    """

    n_inputs: int
    code_sizes: tuple[int, ...]
    n_outputs: int
    one_hot: int
    embedding_size: int

    def n_parameters(self, hidden: Sequence[int], activation: str | None, **of_network: Any) -> int:
        """Count what a network learns: weights, biases, the inputs' scales, embeddings.

        `of_network` are further arguments of `Architecture`.

        Examples
        --------
        >>> Inputs(3, (), 1, 33, 8).n_parameters((4, 4), "relu")  # 3-4-4-1, and 3 scales
        44
        """
        return self.architecture(hidden, activation, **of_network).n_parameters

    def architecture(
        self, hidden: Sequence[int], activation: str | None, **of_network: Any
    ) -> Architecture:
        """A network of these inputs and outputs."""
        return Architecture(
            [self.n_inputs, *hidden, self.n_outputs],
            [activation or "identity"] * len(hidden),
            "identity",
            input_scale=True,
            embeddings=[
                OneHot(size) if size <= self.one_hot else Embedding(size, self.embedding_size)
                for size in self.code_sizes
            ],
            **of_network,
        )


def parse_numbers(text: str, what: str) -> tuple[int, ...]:
    """Read whole numbers as they are typed: "0-6", "1,2,4", "0-3,8".

    Raises
    ------
    StudyError
        For anything else, a range that falls, or nothing.

    Examples
    --------
    >>> parse_numbers("0-3,8", "depth")
    (0, 1, 2, 3, 8)
    """
    if not text.strip():
        raise StudyError(f"no {what} is named, so there is nothing to try; {_AS_IN}")
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        low, high = first.strip(), last.strip() if dash else first.strip()
        if not (low.isdecimal() and high.isdecimal()) or int(low) > int(high):
            if part.strip().startswith("-") and last.strip().isdecimal():
                raise StudyError(f"{what} {part.strip()} is below 0; {_AS_IN}")
            raise StudyError(f"{what} {text!r} is not understood; {_AS_IN}")
        if int(high) > _MOST_WIDTH:
            raise StudyError(f"{what} {high} is too large; at most {_MOST_WIDTH:,}")
        found.extend(range(int(low), int(high) + 1))
    return tuple(dict.fromkeys(found))


_AS_IN = "whole numbers of at least 0 are wanted, as in 0-6 or 1,2,4"


def default_widths(n_rows: int) -> tuple[int, ...]:
    """Widths to try on a table of so many rows: a narrow and a wide one.

    Examples
    --------
    >>> default_widths(1_000), default_widths(20_000)
    ((16, 64), (32, 128))
    """
    return (16, 64) if n_rows < _MANY_ROWS else (32, 128)


def configurations_of(
    inputs: Inputs,
    depths: Iterable[int],
    widths: Iterable[int],
    activations: Iterable[str],
    parameters: int | None = None,
    vary: Mapping[str, Sequence[Any]] = MappingProxyType({}),
    loss: Loss | None = None,
) -> list[Configuration]:
    """List a study's configurations: a linear model, and each depth, width and activation.

    Where other settings are varied, each of these once with each combination of values that it has
    a use for: a linear model has none for dropout, nor Adam for momentum.

    Parameters
    ----------
    inputs : Inputs
    depths : iterable of int
        Hidden layers; 0, the linear model, is always tried, once.
    widths : iterable of int
    activations : iterable of str
    parameters : int or None
        One size for all: `widths` do not count, and each depth gets the width that comes nearest.
    vary : mapping of str to sequence
        Values of settings by name, as `layerwise.ensemble.named_settings` keeps them.
    loss : Loss or None
        What is learned by where none is varied; None: log loss.

    Raises
    ------
    StudyError
        For an empty grid, a depth below 0 or beyond 1,000, a width below 1, an unknown activation,
        a number of parameters that some depth misses by more than 2 %, or more than 10,000
        networks.

    Examples
    --------
    >>> inputs = Inputs(3, (), 1, 33, 8)
    >>> [c.name for c in configurations_of(inputs, (0, 1, 2), (4,), ("relu",))]
    ['linear', '1 x 4 relu', '2 x 4 relu']
    >>> [c.width for c in configurations_of(inputs, (1, 2, 4), (), ("relu",), parameters=5_000)]
    [0, 999, 68, 39]
    >>> both = {"dropout": [0.0, 0.2], "optimizer": ["sgd", "adam"]}
    >>> [c.name for c in configurations_of(inputs, (0,), (), (), vary=both)]
    ['linear (sgd)', 'linear (adam)']
    """
    given = [_counted(depth, "depth", 0, _MOST_DEPTH) for depth in depths]
    hidden = sorted(set(given) - {0})
    names = list(dict.fromkeys(activations))
    if not given:
        raise StudyError("the grid is empty: no depth to try; name some, as 0-6")
    for name in names:
        try:
            get_activation(name)
        except ValueError as error:
            raise StudyError(str(error)) from None
    if hidden and not names:
        raise StudyError("the grid is empty: no activation to try; name one, as relu")
    wide = [_counted(width, "width", 1, _MOST_WIDTH) for width in dict.fromkeys(widths)]
    if hidden and not wide and parameters is None:
        raise StudyError("the grid is empty: no width to try; name one, as 64")
    shapes = len(hidden) * len(names) * (1 if parameters is not None else len(wide))
    count = (1 + shapes) * math.prod(map(len, vary.values()))
    if count > _MOST_NETWORKS:
        raise StudyError(
            f"that would be {count:,} networks, each trained on every fold; at most "
            f"{_MOST_NETWORKS:,}: vary less at once, or fewer values of it"
        )
    loss = get_loss("softmax") if loss is None else loss
    linear, nets = [], []
    for values in product(*vary.values()):
        together = dict(zip(vary, values, strict=True))
        of_linear = settings_that_apply(together, loss, is_linear=True)
        linear.append(((), None, tuple(of_linear.items())))
        of_hidden = settings_that_apply(together, loss, is_linear=False)
        for name in names:
            if parameters is None:
                sizes = [(width,) * depth for depth in hidden for width in sorted(wide)]
            else:
                of_network = part_of(of_hidden, "network")
                sizes = equal_sizes(inputs, hidden, name, parameters, **of_network)
            for nodes in sizes:
                settings = _without_same(inputs, nodes, name, of_hidden, vary)
                nets.append((nodes, name, tuple(settings.items())))
    nets.sort(key=lambda net: (len(net[0]), net[0], names.index(net[1])))
    return [
        Configuration(
            number,
            nodes,
            name,
            inputs.n_parameters(nodes, name, **part_of(dict(settings), "network")),
            settings,
        )
        for number, (nodes, name, settings) in enumerate(dict.fromkeys([*linear, *nets]))
    ]


def _without_same(
    inputs: Inputs,
    hidden: tuple[int, ...],
    activation: str,
    settings: dict[str, Any],
    vary: Mapping[str, Sequence[Any]],
) -> dict[str, Any]:
    """Settings without those whose values all make the same layers, such as residual ones of 1."""
    of_network = part_of(settings, "network")

    def layers(name: str, **value: Any) -> tuple[Layer, ...]:
        others = {other: of_network[other] for other in of_network if other != name}
        return inputs.architecture(hidden, activation, **others, **value).layers

    same = {
        name
        for name in of_network
        if name in Layer.__dataclass_fields__
        and len({layers(name), *(layers(name, **{name: value}) for value in vary[name])}) == 1
    }
    return {name: value for name, value in settings.items() if name not in same}


def _counted(value: int, what: str, least: int, most: int) -> int:
    if not hasattr(value, "__index__") or isinstance(value, bool):
        raise StudyError(f"{what} must be a whole number; got {value!r}")
    if not least <= value <= most:
        raise StudyError(f"{what} must be from {least} to {most:,}; got {value}")
    return int(value)


def equal_sizes(
    inputs: Inputs, depths: Sequence[int], activation: str, parameters: int, **of_network: Any
) -> list[tuple[int, ...]]:
    """For each depth the network whose number of parameters is nearest to a given one.

    All hidden layers have one width; where that misses by more than 2 %, since one node more in
    each of many layers is a large step, the first of them have one node more than the others.

    Returns
    -------
    list of tuple of int
        The nodes of each hidden layer.

    Raises
    ------
    StudyError
        If for some depth even the nearest is more than 2 % away.
    """
    if not hasattr(parameters, "__index__") or parameters < 1:
        raise StudyError(f"parameters must be a whole number of at least 1; got {parameters!r}")

    def off(hidden: tuple[int, ...]) -> int:
        return abs(inputs.n_parameters(hidden, activation, **of_network) - parameters)

    found, missed = [], []
    for depth in depths:
        width = _width_below(inputs, depth, activation, parameters, **of_network)
        hidden = min(((width,) * depth, (width + 1,) * depth), key=off)
        if off(hidden) > _TOLERANCE * parameters:
            mixed = [(width + 1,) * k + (width,) * (depth - k) for k in range(depth + 1)]
            hidden = min(mixed, key=off)
        found.append(hidden)
        if off(hidden) > _TOLERANCE * parameters:
            n = inputs.n_parameters(hidden, activation, **of_network)
            missed.append(_miss(hidden, n))
    if missed:
        shown = "; ".join(missed[:3]) + (f"; and {len(missed) - 3} more" if len(missed) > 3 else "")
        raise StudyError(
            f"some depths have no network of {parameters:,} parameters, within 2 %: {shown}. Take "
            "more parameters, or other depths"
        )
    return found


def _width_below(
    inputs: Inputs, depth: int, activation: str, parameters: int, **of_network: Any
) -> int:
    """The largest width with at most so many parameters, at least 1; the count grows with it."""

    def fits(width: int) -> bool:
        return inputs.n_parameters((width,) * depth, activation, **of_network) <= parameters

    low, high = 1, 2
    while fits(high) and high < _MOST_WIDTH:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _miss(hidden: tuple[int, ...], n: int) -> str:
    depth = len(hidden)
    if set(hidden) == {1}:
        return f"depth {depth} has at least {n:,}, with one node in each layer"
    shown = "-".join(map(str, hidden[:6])) + ("-..." if depth > 6 else "")
    return f"depth {depth} comes nearest with {n:,}, hidden layers {shown}"
