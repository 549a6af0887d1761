"""What was measured while training."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Epoch", "History", "LayerStatistics"]


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


@dataclass
class History:
    """All epochs of one training.

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

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """One measurement over all epochs, NaN where it was not taken."""
        if name not in Epoch.__dataclass_fields__ or name == "layers":
            known = [key for key in Epoch.__dataclass_fields__ if key != "layers"]
            raise KeyError(f"{name!r}; measured were: {', '.join(known)}")
        values = [getattr(epoch, name) for epoch in self.epochs]
        return np.array([math.nan if value is None else value for value in values], float)

    def layers(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
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
            return "no epoch yet"
        best, last = self.best, self.epochs[-1]
        text = f"{last.number} epochs in {last.seconds:.2f} s, training loss {best.loss:.4g}"
        if best.validation_loss is not None and best.validation_score is not None:
            text += (
                f", held-out loss {best.validation_loss:.4g}, score {best.validation_score:.4g} "
                f"(epoch {best.number})"
            )
        return f"{text}; ended by: {self.stopped}"
