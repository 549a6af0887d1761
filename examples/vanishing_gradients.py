"""Vanishing gradients: why depth failed for sigmoid networks, and what mended it.

On its way back through the network, a gradient is multiplied at every layer by the weights and by
the activation's slope. The sigmoid's slope is 1/4 at most, so what arrives at the first layers of
a deep network is next to nothing, and they stay as they were drawn. Glorot and Bengio 2010
("Understanding the difficulty of training deep feedforward neural networks") measured this,
layer by layer, and proposed first weights under which a network of tanh keeps the gradient's
size. Half of a relu's slopes are 1 and half are 0; He et al. 2015 ("Delving Deep into
Rectifiers", section 2.2) derived what that asks of the first weights, a variance of 2 / fan_in:
twice Glorot's. In a network of 30 layers theirs learned, and with Glorot's nothing moved.

What the run shows, on handwritten digits (1,797 rows of 64 numbers, layers of 64 nodes, plain
gradient descent with momentum): the size of the gradient at each layer before the first step,
training losses at depth 10, and right answers among rows never seen against depth, each
kind and depth at the best of three learning rates, so that none is judged by a rate that suits
another. The rate is chosen on one seed, and others are reported.

What it does not show: that sigmoid networks cannot be trained. Adam, which divides a gradient by
its size, normalisation and residual connections (`degradation.py`) all carry them further.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from layerwise import SGD, Architecture, Network, Trainer
from layerwise.training import TrainingDiverged
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
# (activation, first weights)
KINDS = (
    ("sigmoid", "glorot_uniform"),
    ("tanh", "glorot_uniform"),
    ("relu", "glorot_normal"),
    ("relu", "he_normal"),
)
RATES = (0.001, 0.01, 0.1)
LOOKED_AT = 10  # the depth whose losses are drawn


def network(kind: tuple[str, str], depth: int, seed: int) -> Network:
    """Make a network of `depth` hidden layers."""
    activation, initialization = kind
    return Network(
        Architecture(
            [64, *[WIDTH] * depth, 10], activation, "softmax", initialization=initialization
        ),
        seed=seed,
    )


def gradient_sizes(kind: tuple[str, str], depth: int, seeds: int) -> np.ndarray:
    """Root mean square of the loss's derivative by each layer's weights, before the first step.

    Returns
    -------
    ndarray, shape (depth + 1,)
        The output layer last; the middle one of the seeds.
    """
    x, _, y, _ = digits(0)
    sizes = []
    for seed in range(seeds):
        net = network(kind, depth, seed)
        gradients = net.backward(net.forward(x), y)
        sizes.append([np.sqrt(np.mean(g.astype(float) ** 2)) for g in gradients.weights])
    return np.median(sizes, axis=0)


@dataclass
class Learned:
    """What networks of one kind and depth reached.

    Attributes
    ----------
    rate : float
        The learning rate chosen, of `RATES`.
    right : ndarray
        Each seed's share of right answers on rows never seen.
    losses : ndarray, shape (seeds, epochs)
        Training losses.
    """

    kind: tuple[str, str]
    depth: int
    rate: float
    right: np.ndarray
    losses: np.ndarray

    @property
    def name(self) -> str:
        """Activation and first weights."""
        return f"{self.kind[0]}, {self.kind[1]}"


def train(
    kind: tuple[str, str], depth: int, rate: float, seed: int, epochs: int
) -> tuple[float, list[float]]:
    """Train one network: its share of right answers on rows never seen, and its losses."""
    x, x_new, y, y_new = digits(seed)
    net = network(kind, depth, seed)
    optimizer = SGD(learning_rate=rate, momentum=0.9)
    trainer = Trainer(optimizer=optimizer, batch_size=32, epochs=epochs, seed=seed, n_threads=1)
    try:
        history = trainer.fit(net, x, y)
    except TrainingDiverged as diverged:  # this rate is too large for it
        history = diverged.history
    losses = [*history["loss"]] + [np.nan] * (epochs - len(history))
    return float((net(x_new).argmax(axis=1) == y_new).mean()), losses


def learn(kind: tuple[str, str], depth: int, seeds: int, epochs: int) -> Learned:
    """Choose the learning rate on seed 0, then train with others."""
    rate = best_rate(lambda rate: -train(kind, depth, rate, 0, epochs)[0], RATES)
    found = in_parallel(lambda seed: train(kind, depth, rate, seed, epochs), range(1, seeds + 1))
    right, losses = zip(*found, strict=True)
    return Learned(kind, depth, rate, np.array(right), np.array(losses))


def run(quick: bool = False) -> tuple[dict[tuple[str, str], np.ndarray], list[Learned]]:
    """Measure gradients, train, and print both."""
    seeds, epochs = (1, 6) if quick else (5, 30)
    depths = (1, 10) if quick else (1, 2, 3, 5, 10, 20, 30)
    deepest = 30
    sizes = {kind: gradient_sizes(kind, deepest, seeds) for kind in KINDS}
    print(f"size of the gradient at each of {deepest} layers, before the first step")
    print(f"{'':<24}" + "".join(f"{f'layer {i}':>11}" for i in (1, 5, 10, 20, 30)))
    for (activation, first), size in sizes.items():
        numbers = "".join(f"{size[i - 1]:>11.1e}" for i in (1, 5, 10, 20, 30))
        print(f"{f'{activation}, {first}':<24}{numbers}")
    learned = [learn(kind, depth, seeds, epochs) for kind in KINDS for depth in depths]
    print(
        f"\nright answers among 450 new rows after {epochs} epochs, mean of {seeds} seeds "
        "(lowest to highest), in %"
    )
    print("hidden layers " + "".join(f"{f'{a}, {first}':>24}" for a, first in KINDS))
    for depth in depths:
        cells = []
        for r in (r for r in learned if r.depth == depth):
            low, mean, high = 100 * np.array([r.right.min(), r.right.mean(), r.right.max()])
            cells.append(f"{f'{mean:.1f} ({low:.1f} to {high:.1f})':>24}")
        print(f"{depth:>13} " + "".join(cells))
    print(f"10 %: always the same digit. Each at the best of the learning rates {RATES}.")
    return sizes, learned


def draw(sizes: dict[tuple[str, str], np.ndarray], learned: list[Learned], theme: str) -> Figure:
    """Gradients by layer, losses by epoch, right answers by depth."""
    figure = new_figure(12.5, 4.4)
    by_layer, by_epoch, by_depth = figure.subplots(1, 3)
    for kind, color, dash, marker in zip(KINDS, _colors(theme), DASHES, "o^sD", strict=True):
        of_kind = [r for r in learned if r.kind == kind]
        look = {"color": color, "ls": dash, "label": of_kind[0].name}
        size = sizes[kind]
        by_layer.semilogy(np.arange(1, len(size)), size[:-1], marker=marker, ms=3, **look)
        (curve,) = (r for r in of_kind if r.depth == LOOKED_AT)
        by_epoch.plot(np.arange(1, curve.losses.shape[1] + 1), curve.losses.mean(axis=0), **look)
        depths = [r.depth for r in of_kind]
        right = 100 * np.array([r.right.mean() for r in of_kind])
        spread = 100 * np.array([[r.right.min(), r.right.max()] for r in of_kind]).T
        by_depth.errorbar(
            depths, right, np.abs(spread - right), marker=marker, ms=4, capsize=2, elinewidth=0.8,
            **look,
        )  # fmt: skip
    by_layer.legend(loc="lower right", fontsize="x-small")
    finish(by_layer, theme, "Before the first step", "layer", "size of the gradient (log scale)")
    by_epoch.set_ylim(bottom=0)
    finish(by_epoch, theme, f"Training, {LOOKED_AT} hidden layers", "epoch", "training loss")
    by_depth.set_xscale("log", base=2)
    by_depth.set_xticks(depths, [str(depth) for depth in depths])
    by_depth.minorticks_off()
    by_depth.set_ylim(0, 104)
    finish(by_depth, theme, "After training", "hidden layers", "right answers, new rows, %")
    entitle(figure, theme, "A gradient that does not arrive cannot teach")
    return figure


def _colors(theme: str) -> list[str]:
    first, second, third, text = colors(theme)
    return [second, third, text, first]


if __name__ == "__main__":
    chosen = options(__doc__)
    save(draw, *run(chosen.quick), name="vanishing_gradients", output=chosen.output)
