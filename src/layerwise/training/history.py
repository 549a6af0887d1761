"""What is measured while training: epoch by epoch, and now and then layer by layer."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from layerwise.arrays import Floats, Integers
from layerwise.engine.layout import Layout
from layerwise.engine.protocol import Vectors
from layerwise.language import counted, message, tr

# What `History.stopped` may be.
_CAUSES = (
    message("epochs"), message("patience"), message("learning rate"), message("converged"),
    message("evaluations"), message("line search"), message("callback"), message("interrupted"),
)  # fmt: skip


@dataclass(frozen=True)
class LayerStatistics:
    """What was measured in each layer, the output layer last.

    Attributes
    ----------
    gradient_norm : list of float
        Length of the gradient of the layer's weights at the epoch's last batch.
    weight_spread : list of float
        Standard deviation of its weights.
    dead_share : list of float
        Share of its nodes whose activation had the slope 0 for every row looked at (every
        eighth batch of the epoch).
    """

    gradient_norm: list[float]
    weight_spread: list[float]
    dead_share: list[float]


@dataclass(frozen=True)
class Epoch:
    """One epoch's measurements.

    Attributes
    ----------
    number : int
        Counted from 1.
    loss : float
        Mean training loss over the epoch's batches, without penalties.
    learning_rate : float
        The one it ended with.
    seconds : float
        Time since training began.
    validation_loss, validation_score : float or None
        Loss and score (accuracy, or R² for numbers) on held-out rows, where there are any.
    layers : LayerStatistics or None
        Measured at the first eight epochs and then at four for each time that their number
        doubles, 35 of 1,000; by "lbfgs" at each iteration.
    penalty : float
        The penalties l1 |w| + l2 w² / 2 of the epoch's last weights, as they add to the loss.
    """

    number: int
    loss: float
    learning_rate: float
    seconds: float
    validation_loss: float | None = None
    validation_score: float | None = None
    layers: LayerStatistics | None = None
    penalty: float = 0.0


@dataclass(repr=False)
class History:
    """All epochs of one training; notebooks show its curves.

    Attributes
    ----------
    epochs : list of Epoch
    best_epoch : int or None
        The epoch whose numbers the network was given at the end; None: the last one.
    stopped : str
        Why it ended: "epochs", "patience", "learning rate", "converged", "evaluations",
        "line search", "interrupted" or "callback"; empty while it goes on.
    seed : int
        What shuffling and dropout were drawn with.

    Examples
    --------
    >>> history = History(seed=0)
    >>> history.append(Epoch(1, loss=0.7, learning_rate=0.001, seconds=0.1))
    >>> history["loss"]
    array([0.7])
    """

    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int | None = None
    stopped: str = ""
    seed: int = 0

    def append(self, epoch: Epoch) -> None:
        """Add an epoch's measurements."""
        self.epochs.append(epoch)

    def __len__(self) -> int:
        return len(self.epochs)

    def __iter__(self) -> Iterator[Epoch]:
        return iter(self.epochs)

    def __getitem__(self, name: str) -> Floats:
        """One measurement over all epochs, NaN where it was not taken."""
        if name not in Epoch.__dataclass_fields__ or name == "layers":
            known = [key for key in Epoch.__dataclass_fields__ if key != "layers"]
            raise KeyError(f"{name!r}; measured were: {', '.join(known)}")
        values = [getattr(epoch, name) for epoch in self.epochs]
        return np.array([math.nan if value is None else value for value in values], float)

    def layers(self, name: str) -> tuple[Integers, Floats]:
        """One of the layers' measurements.

        Returns
        -------
        (epochs, values)
            The numbers of the epochs at which it was taken, and an array of shape
            (those epochs, layers).
        """
        taken = [epoch for epoch in self.epochs if epoch.layers is not None]
        numbers = np.array([epoch.number for epoch in taken], np.int64)
        return numbers, np.array([getattr(epoch.layers, name) for epoch in taken], float)

    @property
    def best(self) -> Epoch:
        """The epoch whose numbers were kept."""
        return self.epochs[-1 if self.best_epoch is None else self.best_epoch - 1]

    def to_json(self) -> str:
        """Write it as JSON, which `from_json` reads back."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "History":
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        epochs = [
            Epoch(**{**epoch, "layers": LayerStatistics(**epoch["layers"])})
            if epoch["layers"]
            else Epoch(**epoch)
            for epoch in values.pop("epochs")
        ]
        return cls(epochs=epochs, **values)

    def __str__(self) -> str:
        if not self.epochs:
            return tr("no epoch yet")
        best, last = self.best, self.epochs[-1]
        text = tr(
            "{epochs} in {seconds:.2f} s, training loss {loss:.4g}",
            epochs=counted(last.number, "epoch"),
            seconds=last.seconds,
            loss=best.loss,
        )
        if best.validation_loss is not None and best.validation_score is not None:
            text += tr(
                ", held-out loss {loss:.4g}, score {score:.4g} (epoch {i})",
                loss=best.validation_loss,
                score=best.validation_score,
                i=best.number,
            )
        if self.stopped:
            cause = tr(self.stopped) if self.stopped in _CAUSES else self.stopped
            text += tr("; ended by: {cause}", cause=cause)
        return text

    def __repr__(self) -> str:
        return f"<History: {self}>"


# What became of a loss that diverged, and where; the numbers are filled in as text.
DIVERGENCES = (
    message("the loss became {value} at epoch {i}, step {step}, with the learning rate {rate}"),
    message(
        "the weights stopped being finite at epoch {i}, step {step}, with the learning rate {rate}"
    ),
    message(
        "the loss is {value} before the first step: bring inputs (and targets that are numbers) to "
        "a spread of about 1"
    ),
)


class TrainingDiverged(ArithmeticError):  # noqa: N818  what happened, as KeyboardInterrupt
    """The loss stopped being a finite number.

    Attributes
    ----------
    what : str
        What became of it, where; the message also says what may help.
    history : History
        What was measured until then.
    """

    def __init__(self, what: str, advice: str = "", history: History | None = None) -> None:
        super().__init__(f"{what}. {advice}" if advice else what)
        self.what = what
        self.history = history or History()


_PER_DOUBLING = 4


def next_measured_epoch(number: int) -> int:
    """The first epoch from `number` on whose layers are measured: evenly in their logarithm.

    The first eight are, and then four for each time that their number doubles: 22 of 100, 35 of
    1,000. What measuring costs so becomes a smaller and smaller share, and which epochs they are
    depends on no clock.

    Examples
    --------
    >>> [n for n in range(1, 41) if next_measured_epoch(n) == n]
    [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 23, 27, 32, 39]
    """
    if number == 1:
        return 1
    place = math.floor(_PER_DOUBLING * math.log2(number - 1)) + 1
    return math.ceil(math.pow(2.0, place / _PER_DOUBLING))


class LayerMeter:
    """Measures each layer's gradient norm, spread of weights and share of dead nodes."""

    def __init__(self, layout: Layout) -> None:
        weights, biases = (self._bounds(layout, kind) for kind in ("weights", "biases"))
        self._weights, self._biases = weights.ravel(), biases.ravel()
        self._sizes, self._nodes = np.diff(weights)[:, 0], np.diff(biases)[:, 0]

    @staticmethod
    def _bounds(layout: Layout, kind: str) -> Integers:
        pairs = [(block.start, block.stop) for block in layout.blocks if block.kind == kind]
        return np.array(pairs, np.int64)

    def __call__(self, vectors: Vectors) -> LayerStatistics:
        """Measure all layers."""
        # One longer, so that the last stop is a valid place; in double precision, so that squares
        # of vanishing gradients are not 0.
        values = np.zeros(len(vectors.parameters) + 1)
        values[:-1] = vectors.gradient
        values *= values
        square = _sums(values, self._weights)
        values[:-1] = vectors.parameters
        mean = _sums(values, self._weights) / self._sizes
        values *= values
        mean_square = _sums(values, self._weights) / self._sizes
        values[:-1] = vectors.alive
        alive = _sums(values, self._biases)
        return LayerStatistics(
            gradient_norm=np.sqrt(square).tolist(),
            weight_spread=np.sqrt(np.maximum(mean_square - mean**2, 0.0)).tolist(),
            dead_share=(1.0 - alive / self._nodes).tolist(),
        )


def _sums(values: Floats, bounds: Integers) -> Floats:
    """Sum over each [start, stop) of bounds; the ranges are in order and do not overlap."""
    return np.asarray(np.add.reduceat(values, bounds)[::2])
