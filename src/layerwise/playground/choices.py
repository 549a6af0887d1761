"""What is chosen on a page: data, network and learning, as one flat record that an address holds.

Texts and numbers come from a page or an address, whoever wrote it: each is checked here, and what
does not fit is one clear sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import pairwise
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from layerwise.architecture import ACTIVATIONS, LOSSES, get_loss
from layerwise.architecture.initialization import INITIALIZATIONS
from layerwise.architecture.lookup import look_up
from layerwise.architecture.losses import Loss
from layerwise.architecture.steps import steps_of_layers
from layerwise.arrays import Floats
from layerwise.engine.optimizers import OPTIMIZERS, Optimizer
from layerwise.playground.toy_tables import EXTENT, TOYS
from layerwise.training import SCHEDULES, Trainer

MOST_LAYERS, MOST_NODES, MOST_ROWS, MOST_POINTS = 100, 256, 5_000, 1_000
MOST_CLASSES_DRAWN = 6  # that points drawn by hand may have
MOST_PARAMETERS = 1_000_000
_MOST_LETTERS = 40_000
POINTS, TABLE = "points", "table"
DATA = (*TOYS, POINTS, TABLE)
Reader = Callable[[str, object], Any]


class WrongChoice(ValueError):  # noqa: N818  what it is, as `TableError`
    """A choice that does not fit; its message says what came, what was wanted, what to do."""


def _number(name: str, value: object, low: float, high: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise WrongChoice(f"{name} must be a number from {low:g} to {high:g}; got {_short(value)}")
    return number


def _whole(name: str, value: object, low: int, high: int) -> int:
    number = _number(name, value, low, high)
    if number != int(number):
        raise WrongChoice(f"{name} must be a whole number; got {_short(value)}")
    return int(number)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise WrongChoice(f"{name} must be a text; got {_short(value)}")
    if len(value) > _MOST_LETTERS:
        raise WrongChoice(f"{name} may be {_MOST_LETTERS:,} letters long; got {len(value):,}")
    return value


def _one_of(name: str, value: object, known: Mapping[str, Any], may_be_empty: bool = False) -> str:
    text = _text(name, value)
    if may_be_empty and not text:
        return text
    try:
        look_up(text, known, name)
    except ValueError as error:
        raise WrongChoice(str(error)) from None
    return text


@dataclass(frozen=True)
class HiddenLayer:
    """One hidden layer, as it is written: ``8:tanh:0.1:batch+residual``.

    Attributes
    ----------
    nodes : int
    activation : str
    dropout : float
    normalization : str
        "": as the whole network has it.
    residual : bool
        False: as the whole network has it.
    """

    nodes: int
    activation: str
    dropout: float
    normalization: str = ""
    residual: bool = False

    @classmethod
    def parse(cls, text: str) -> HiddenLayer:
        """Read nodes, and behind ":" each an activation, a dropout and what else it has."""
        nodes, activation, dropout, more, *others = [*text.split(":"), "", "", ""]
        if any(others):
            raise WrongChoice(
                f"a layer is written nodes:activation:dropout:more; got {text[:40]!r}"
            )
        name = activation or "tanh"
        extras = set(more.replace(" ", "+").split("+")) - {""}  # an address reads + as a space
        norms = sorted(extras & steps_of_layers().keys())
        if extras - {*norms, "residual"} or len(norms) > 1:
            known = ", ".join([*steps_of_layers(), "residual"])
            raise WrongChoice(
                f"a layer can have one of {known}, or two joined by +; got {more[:40]!r}"
            )
        try:
            entry = look_up(name, ACTIVATIONS, "activation")
        except ValueError as error:
            raise WrongChoice(str(error)) from None
        return cls(
            _whole("nodes of a layer", nodes, 1, MOST_NODES),
            entry.name,
            _number("dropout", dropout or "0", 0.0, 0.95),
            norms[0] if norms else "",
            "residual" in extras,
        )

    def __str__(self) -> str:
        more = "+".join([*filter(None, [self.normalization]), *["residual"] * self.residual])
        parts = [str(self.nodes), self.activation, f"{self.dropout:g}", more]
        while parts[-1] in ("", "0"):
            parts.pop()
        return ":".join(parts)


def _hidden_layers(text: str) -> tuple[HiddenLayer, ...]:
    parts = [part for part in text.split(",") if part]
    if len(parts) > MOST_LAYERS:
        raise WrongChoice(f"a page shows networks of up to {MOST_LAYERS} hidden layers; got "
                          f"{len(parts):,}")  # fmt: skip
    return tuple(HiddenLayer.parse(part) for part in parts)


def _layers(name: str, value: object) -> str:
    return ",".join(map(str, _hidden_layers(_text(name, value))))


def _read_by(read: Reader, default: Any, of: str = "") -> Any:
    """A choice: how it is read, its default, and whether it is of the "data" or the "network"."""
    return field(default=default, metadata={"read": read, "of": of})


def _numbers(default: float, low: float, high: float, of: str = "") -> Any:
    return _read_by(lambda name, value: _number(name, value, low, high), default, of)


def _wholes(default: int, low: int, high: int, of: str = "") -> Any:
    return _read_by(lambda name, value: _whole(name, value, low, high), default, of)


def _names(default: str, known: Mapping[str, Any], of: str = "") -> Any:
    """One of those known; or "", where that is the default."""
    return _read_by(lambda name, value: _one_of(name, value, known, not default), default, of)


@dataclass(frozen=True)
class Choices:
    """All that is chosen on a page.

    Attributes
    ----------
    data : str
        A toy table's name, "points" drawn by hand, or "table".
    rows, noise, arms, classes
        Of a toy table.
    test : float
        Share of the rows that are tested with.
    seed : int
        Of data, split, first weights and the order of rows.
    points : str
        ``x,y,class;x,y,class``.
    target, inputs : str
        Columns of a table; see `split`.
    plane : str
        Names of the plane's two inputs.
    held : str
        Values of the others; see `named_values`.
    layers : str
        Hidden layers, joined by ",".
    normalization, residual, initialization : str
        "" for none, no, and each activation's own.
    optimizer, rate, schedule, batch, epochs, l1, l2, smoothing, loss
        How it learns; a loss of "" is the target's own.
    """

    data: str = _names("circles", dict.fromkeys(DATA), "data")
    rows: int = _wholes(300, 10, MOST_ROWS, "data")
    noise: float = _numbers(0.1, 0.0, 1.0, "data")
    arms: int = _wholes(2, 2, TOYS["spirals"].most, "data")
    classes: int = _wholes(3, 2, TOYS["blobs"].most, "data")
    test: float = _numbers(0.3, 0.0, 0.9, "data")
    seed: int = _wholes(0, 0, 2**32 - 1, "data")
    points: str = _read_by(_text, "", "data")
    target: str = _read_by(_text, "", "data")
    inputs: str = _read_by(_text, "", "data")
    plane: str = _read_by(_text, "")
    held: str = _read_by(_text, "")
    layers: str = _read_by(_layers, "4:tanh,3:tanh", "network")
    normalization: str = _read_by(
        lambda name, value: _one_of(name, value, steps_of_layers(), True), "", "network"
    )
    residual: str = _names("", {"1": True}, "network")
    initialization: str = _names("", INITIALIZATIONS, "network")
    optimizer: str = _names("adam", OPTIMIZERS)
    rate: float = _numbers(0.01, 1e-7, 100.0)
    schedule: str = _names("constant", SCHEDULES)
    batch: int = _wholes(32, 1, 4096)
    epochs: int = _wholes(1_000_000, 1, 10_000_000)
    l1: float = _numbers(0.0, 0.0, 10.0)
    l2: float = _numbers(0.0, 0.0, 10.0)
    smoothing: float = _numbers(0.0, 0.0, 0.5)
    loss: str = _names("", LOSSES, "network")

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Choices:
        """Read choices, by name; those that are not given are as they are at first.

        Raises
        ------
        WrongChoice
        """
        return cls().changed(given)

    def changed(self, given: Mapping[str, object]) -> Choices:
        """The same with some choices made anew.

        Raises
        ------
        WrongChoice
            For a name or a value that there is not.
        """
        readers = {entry.name: entry.metadata["read"] for entry in fields(self)}
        unknown = sorted(given.keys() - readers.keys())
        if unknown:
            raise WrongChoice(f"there is no choice {unknown[0][:40]!r}")
        values = {name: readers[name](name, value) for name, value in given.items()}
        chosen = replace(self, **values)
        chosen.check()
        return chosen

    def check(self) -> None:
        """Check what single values cannot tell.

        Raises
        ------
        WrongChoice
        """
        wide = [layer.nodes for layer in self.hidden]
        if sum(a * b for a, b in pairwise(wide)) > MOST_PARAMETERS:
            raise WrongChoice(
                f"so many nodes have more than {MOST_PARAMETERS:,} weights; take fewer or narrower "
                "layers"
            )
        if self.optimizer == "lbfgs":
            norms = {self.normalization, *(layer.normalization for layer in self.hidden)}
            if any(layer.dropout for layer in self.hidden) or "batch" in norms:
                raise WrongChoice(
                    "the optimiser 'lbfgs' needs a loss that is the same each time: take out "
                    "dropout and batch normalisation, or choose another optimiser"
                )
            if self.schedule != "constant":
                raise WrongChoice("the optimiser 'lbfgs' finds its own rate: take no schedule")
        self.hand_drawn()

    @property
    def hidden(self) -> tuple[HiddenLayer, ...]:
        """The hidden layers."""
        return _hidden_layers(self.layers)

    def hand_drawn(self) -> Floats:
        """The points drawn by hand, shape (n, 3): two inputs and the class of each."""
        parts = [part.split(",") for part in self.points.split(";") if part]
        if len(parts) > MOST_POINTS:
            raise WrongChoice(f"{MOST_POINTS:,} points can be drawn; got {len(parts):,}")
        if any(len(part) != 3 for part in parts):
            raise WrongChoice("a point is written as x,y,class")
        return np.array(
            [
                [
                    _number("x of a point", part[0], -EXTENT, EXTENT),
                    _number("y of a point", part[1], -EXTENT, EXTENT),
                    _whole("class of a point", part[2], 0, MOST_CLASSES_DRAWN - 1),
                ]
                for part in parts
            ]
        ).reshape(-1, 3)

    @property
    def has_count(self) -> bool:
        """Whether the toy table has arms or classes to choose."""
        return self.data in TOYS and bool(TOYS[self.data].option)

    @property
    def count(self) -> int:
        """How many arms or classes, where they are to choose."""
        return getattr(self, TOYS[self.data].option) if self.has_count else 2

    def loss_for(self, n_classes: int, *, smoothed: bool = True) -> Loss:
        """The loss, by what is predicted; `smoothed`: with the labels' smoothing, if any.

        Raises
        ------
        WrongChoice
            If it does not fit.
        """
        wanted = "softmax" if n_classes else "identity"
        entry = get_loss(self.loss or ("softmax" if n_classes else "squared"))
        if entry.output != wanted and not (entry.output == "exp" and not n_classes):
            of = "classes" if n_classes else "numbers"
            raise WrongChoice(f"the loss {entry.name!r} is not for {of}; choose another")
        if smoothed and self.smoothing and entry.parameter_name == "label_smoothing":
            entry = get_loss(entry, label_smoothing=self.smoothing)
        return entry

    def trainer(self, loss: Loss, epochs: int) -> Trainer:
        """How it learns, for so many epochs."""
        kind = OPTIMIZERS[self.optimizer]
        goes_by_steps = issubclass(kind, Optimizer)
        optimizer = kind(learning_rate=self.rate) if issubclass(kind, Optimizer) else kind()
        return Trainer(
            optimizer=optimizer,
            loss=loss,
            epochs=max(1, epochs),
            schedule=self.schedule,
            l1=self.l1,
            l2=self.l2,
            seed=self.seed,
            n_threads=1,
            batch_size=self.batch if goes_by_steps else None,
        )

    def as_dict(self) -> dict[str, Any]:
        """All of them, by name."""
        return asdict(self)

    def same_network(self, other: Choices) -> bool:
        """Whether data and network are the same, and at most the learning differs."""
        return self._are_alike(other, {"data", "network"})

    def same_material(self, other: Choices) -> bool:
        """Whether the data are the same."""
        return self._are_alike(other, {"data"})

    def _are_alike(self, other: Choices, of: set[str]) -> bool:
        names = [entry.name for entry in fields(self) if entry.metadata["of"] in of]
        return all(getattr(self, name) == getattr(other, name) for name in names)


def joined(names: tuple[str, ...] | list[str]) -> str:
    """Names as an address holds them.

    Examples
    --------
    >>> joined(["Body Mass (g)", "a,b"]), split("Body%20Mass%20(g),a%2Cb")
    ('Body%20Mass%20(g),a%2Cb', ('Body Mass (g)', 'a,b'))
    """
    return ",".join(quote(name, safe="()") for name in names)


def split(text: str) -> tuple[str, ...]:
    """Names that `joined` joined."""
    return tuple(unquote(part) for part in text.split(",") if part)


def named_values(text: str) -> dict[str, str]:
    """Values by name: ``name=value,name=value``, each with what `quote` makes of it."""
    pairs = (part.partition("=") for part in text.split(",") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}
