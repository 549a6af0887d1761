"""Degradation: deep plain networks get worse even on the rows they train on, residual ones not.

A deeper network can do all that a shallower one can: let the layers on top pass on what they get.
He et al. 2016 ("Deep Residual Learning for Image Recognition", Figure 1) found that training
does not get there. Of two plain networks the one of 56 layers had a larger *training* error
than the one of 20, so this was not overfitting; both had batch normalisation, so neither was it
a signal that died out on the way. Their remedy: let a layer learn what to add to its input,
x + f(x), so that passing on is what it does if it learns nothing.

What the run shows, on handwritten digits (1,797 rows of 64 numbers, all of them trained on,
layers of 64 nodes): training error against epochs for 20 and 56 hidden layers, as in their
figure, and against depth over seeds. Plain and residual networks differ in nothing else: layer
normalisation, He's first weights, Adam, the best of three learning rates for each depth and kind,
chosen on one seed while others are reported.

What it does not show: their networks, which are convolutional, on images; nor that the plain
ones would not catch up with more epochs, better first weights or other optimisers. Here as there
the reason lies in how the weights are found, since the deeper network contains the shallower.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from layerwise import Adam, Architecture, Network, Trainer
from layerwise.training import Epoch
from lesson import (
    DASHES,
    best_rate,
    colors,
    digits,
    entitle,
    finish,
    in_parallel,
    new_figure,
    options,
    save,
)

WIDTH = 64
RATES = (0.0003, 0.001, 0.003)
SHALLOW, DEEP = 20, 56


@dataclass
class Learned:
    """What networks of one kind and depth reached.

    Attributes
    ----------
    rate : float
        The learning rate chosen, of `RATES`.
    errors : ndarray, shape (seeds, epochs)
        Share of the training rows that were taken for another digit, after each epoch.
    """

    residual: bool
    depth: int
    rate: float
    errors: np.ndarray

    @property
    def name(self) -> str:
        """Plain or residual, and how deep."""
        return f"{'residual' if self.residual else 'plain'}, {self.depth} layers"

    @property
    def last(self) -> np.ndarray:
        """Each seed's error at the end."""
        return self.errors[:, -1]


def train(residual: bool, depth: int, rate: float, seed: int, epochs: int) -> list[float]:
    """Training errors after each epoch."""
    x, y = digits()
    architecture = Architecture(
        [64, *[WIDTH] * depth, 10], "relu", "softmax", normalization="layer", residual=residual
    )
    errors: list[float] = []

    def measure(net: Network, epoch: Epoch) -> None:
        errors.append(float((net(x).argmax(axis=1) != y).mean()))

    Trainer(
        optimizer=Adam(learning_rate=rate), batch_size=64, epochs=epochs, seed=seed, n_threads=1,
        callbacks=[measure],
    ).fit(Network(architecture, seed=seed), x, y)  # fmt: skip
    return errors


def learn(residual: bool, depth: int, seeds: int, epochs: int) -> Learned:
    """Choose the learning rate on seed 0, then train with others."""
    rate = best_rate(lambda rate: train(residual, depth, rate, 0, epochs)[-1], RATES)
    found = in_parallel(
        lambda seed: train(residual, depth, rate, seed, epochs), range(1, seeds + 1)
    )
    return Learned(residual, depth, rate, np.array(found))


def run(quick: bool = False) -> list[Learned]:
    """Train all, and print their errors."""
    seeds, epochs = (1, 3) if quick else (5, 20)
    depths = (SHALLOW, DEEP) if quick else (2, 5, 10, SHALLOW, 30, DEEP)
    learned = [learn(kind, depth, seeds, epochs) for kind in (False, True) for depth in depths]
    print(
        f"training error after {epochs} epochs, mean of {seeds} seeds (lowest to highest), in % of "
        "1,797 rows;\neach at the best of the learning rates " + ", ".join(map(str, RATES))
    )
    print(f"hidden layers{'plain':>28}{'residual':>28}")
    for depth in depths:
        cells = []
        for r in (r for r in learned if r.depth == depth):
            low, mean, high = 100 * np.array([r.last.min(), r.last.mean(), r.last.max()])
            cells.append(f"{f'{mean:.2f} ({low:.2f} to {high:.2f})':>28}")
        print(f"{depth:>13}" + "".join(cells))
    return learned


def draw(learned: list[Learned], theme: str) -> Figure:
    """Errors by epoch of two depths, plain and residual; errors at the end by depth."""
    first, second, *_ = colors(theme)
    figure = new_figure(12.5, 4.4)
    plain, residual, by_depth = figure.subplots(1, 3)
    for ax, is_residual in ((plain, False), (residual, True)):
        for depth, color, dash in ((SHALLOW, first, DASHES[0]), (DEEP, second, DASHES[1])):
            (r,) = (r for r in learned if (r.residual, r.depth) == (is_residual, depth))
            epochs = np.arange(1, r.errors.shape[1] + 1)
            mean = 100 * r.errors.mean(axis=0)
            ax.plot(epochs, mean, color=color, ls=dash, label=r.name)
            low, high = 100 * r.errors.min(axis=0), 100 * r.errors.max(axis=0)
            ax.fill_between(epochs, low, high, color=color, alpha=0.2, lw=0)
        ax.legend(loc="center right", fontsize="small")
    for ax, title in ((plain, "Plain"), (residual, "Residual")):
        ax.set_ylim(0, 100)
        finish(ax, theme, title, "epoch", "training error, %")
    for is_residual, color, dash, marker in (
        (False, second, DASHES[1], "s"),
        (True, first, DASHES[0], "o"),
    ):
        of_kind = [r for r in learned if r.residual == is_residual]
        mean = 100 * np.array([r.last.mean() for r in of_kind])
        spread = 100 * np.array([[r.last.min(), r.last.max()] for r in of_kind]).T
        by_depth.errorbar(
            [r.depth for r in of_kind], mean, np.abs(spread - mean), color=color, ls=dash,
            marker=marker, ms=4, capsize=2, elinewidth=0.8,
            label="residual" if is_residual else "plain",
        )  # fmt: skip
    by_depth.set_ylim(bottom=0)
    by_depth.legend(loc="upper left", fontsize="small")
    finish(by_depth, theme, "At the end", "hidden layers", "training error, %")
    entitle(figure, theme, "Deeper, and worse on the very rows it learns from: unless residual")
    return figure


if __name__ == "__main__":
    chosen = options(__doc__)
    save(draw, run(chosen.quick), name="degradation", output=chosen.output)
