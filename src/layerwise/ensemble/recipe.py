"""How the networks of a table's model are built and trained where nothing else is asked for."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

# The share of the networks that are trained.
EFFORTS = {"low": 0.25, "medium": 0.5, "high": 1.0}
# Of fewer rows a piece each, or nearly, would be learned by heart.
_FEW_ROWS, _PIECES_OF_FEW = 600, 16
_MOST_PIECES = 4_096  # of equally many rows, of all numbers together
_MANY_INPUTS = 64


@dataclass(frozen=True)
class Recipe:
    """Settings of a model's networks.

    Attributes
    ----------
    hidden : tuple of int
        Nodes of each hidden layer.
    activation : str
    dropout, weight_decay, learning_rate, ema : float
    batch_size, epochs, patience : int
    n_pieces : int
        Most pieces a number's range is cut into: where the target says so; half as many where they
        have equally many rows.
    n_folds, n_repeats : int
        Each network trains without one fold of the rows; all of it again, with other folds.
    share : float
        Of these networks only so many are trained.
    one_hot : int
        Categories with more codes get a learned vector instead of a column for each.
    n_windows : int
        Where rows have an order in time: how many blocks of later rows are held out in the place of
        folds, see `layerwise.ensemble.folds`; else 0.
    settings : dict
        What else is set, by name: see `layerwise.ensemble.named_settings`.
    bias_rate, scale_rate : float
        How fast biases, and the scales of inputs, are learned: factors on the learning rate.
    initialization : str or None
        Of all layers; None: what goes with each activation.
    """

    hidden: tuple[int, ...]
    activation: str
    dropout: float
    weight_decay: float
    learning_rate: float
    ema: float
    batch_size: int
    epochs: int
    patience: int
    n_pieces: int
    n_folds: int
    n_repeats: int
    one_hot: int = 33
    embedding_size: int = 8
    share: float = 1.0
    n_windows: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    bias_rate: float = 0.1
    scale_rate: float = 6.0
    initialization: str | None = None

    def without_pieces(self) -> "Recipe":
        """The same for numbers that are not cut into pieces.

        Then it is the biases alone that say where nodes bend: they are drawn, not 0, and learned
        as fast as the weights. Scales that are learned faster would drop an input before it is
        found what it is for.
        """
        return replace(
            self, n_pieces=0, bias_rate=1.0, scale_rate=1.0, initialization="scikit_learn"
        )

    @property
    def n_networks(self) -> int:
        """How many networks are averaged."""
        return math.ceil(self.share * self.n_folds * self.n_repeats)


def recipe_for(n_rows: int, n_inputs: int, effort: str = "high") -> Recipe:
    """Return the recipe for a table of this size.

    Parameters
    ----------
    n_rows : int
        Rows to train on.
    n_inputs : int
        Numbers and codes for each row.
    effort : {"low", "medium", "high"}

    Examples
    --------
    >>> recipe_for(20_000, 8).n_networks
    5
    """
    batch_size = int(2 ** round(math.log2(min(max(n_rows / 16, 32), 256))))
    if n_rows > 100_000:
        batch_size = 1024
    steps = max(1, n_rows // batch_size)
    repeats = 6 if n_rows < 1_000 else 3 if n_rows < 3_000 else 2 if n_rows < 20_000 else 1
    # Of many inputs each gets fewer, and one round of networks does: the time would grow with them.
    n_pieces = min(32, 2 * round(16 * (_MANY_INPUTS / max(1, n_inputs)) ** 0.65))
    n_pieces = min(n_pieces, 2 * (_MOST_PIECES // max(1, n_inputs)))
    if n_rows < _FEW_ROWS:
        n_pieces = min(n_pieces, _PIECES_OF_FEW)
    if n_inputs > _MANY_INPUTS and n_rows >= 1_000:
        repeats = 1
    return Recipe(
        hidden=(256, 256) if n_rows >= 2_000 else (128, 128),
        activation="mish",
        dropout=0.15 if n_rows >= 2_000 else 0.3,
        weight_decay=0.02,
        learning_rate=2e-3,
        ema=min(0.998, 1 - 4 / max(20, steps)),
        batch_size=batch_size,
        epochs=max(100, round(4_000 / steps)),
        patience=max(12, round(300 / steps)),
        n_pieces=n_pieces if n_pieces > 2 else 0,
        n_folds=4 if 10_000 <= n_rows < 20_000 else 5,
        n_repeats=repeats,
        share=EFFORTS[effort],
    )
