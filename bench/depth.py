"""A network of 1,000 hidden layers on the digits: what depth needs, and what it costs.

Run as `python bench/depth.py`. It prints

- held-out accuracy of 1,000 residual layers with layer normalisation, and the gradient's norm at
  layers 1, 500 and 1,000 while it trains (targets: 97 %, a factor of 100);
- the same network without the residual connections, which does not learn;
- a training step's time per layer at depth 1,000 beside depth 10 (target: at most 1.5 times).

`--scalings` prints instead, for each of `--depths` and `--activations`, the held-out accuracy of
residual networks as they stand beside other ways to keep many of them in order (`SCALINGS`), mean
and smallest over the seeds; `--estimator` that of `MLPClassifier` (target: 97 % in the mean).
"""

import argparse
import itertools
import statistics
import sys
import time
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from layerwise import Adam, Architecture, MLPClassifier, Network, Trainer

WIDTH = 32
ACTIVATIONS = ("relu", "tanh", "gelu", "silu", "selu", "sigmoid")
# What the branches' weights are multiplied by, given how many there are; what becomes of the
# biases of the layer before them; and how they are added.
SCALINGS = {
    "/ k^0.75": ("depth", lambda k: 1.0, 1.0),
    "/ k^0.75, closed": ("depth", lambda k: 1.0, 0.0),
    "weights/sqrt(k)": ("standard", lambda k: 1.0, 1.0),
    "unscaled": ("standard", lambda k: k**0.5, 1.0),
    "weights/100": ("standard", lambda k: k**0.5 / 100, 1.0),
}


def digits(seed: int) -> list[np.ndarray]:
    """Handwritten digits, 75 % to train on and 25 % held out: x, x, y, y."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    return train_test_split(x, y, test_size=0.25, random_state=seed, stratify=y)


def network(
    depth: int,
    *,
    residual: bool,
    seed: int = 0,
    activation: str = "selu",
    scaling: str | None = None,
) -> Network:
    """Make a network of `depth` hidden layers of 32 nodes."""
    architecture = Architecture(
        [64, *[WIDTH] * depth, 10],
        activation=activation,
        output="softmax",
        residual=residual,
        normalization="layer",
        scaling=scaling,
    )
    return Network(architecture, seed=seed)


def accuracy(how: str, depth: int, activation: str, epochs: int, seed: int) -> float:
    """Held-out accuracy of the estimator, or of a network scaled in such a way."""
    x, x_held_out, y, y_held_out = digits(seed)
    options = {"batch_size": WIDTH, "progress": sys.stderr.isatty()}
    if how == "estimator":
        model = MLPClassifier(
            (WIDTH,) * depth, activation=activation, residual=True, normalization="layer",
            max_iter=epochs, random_state=seed, **options,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(x, y).score(x_held_out, y_held_out)
    scaling, factor, opening = SCALINGS[how]
    net = network(depth, residual=True, seed=seed, activation=activation, scaling=scaling)
    for i in range(1, depth):
        net.weights[i][:] *= factor(depth - 1)
    net.biases[0][:] *= opening
    Trainer(epochs=epochs, seed=seed, **options).fit(net, x, y)
    return float((net(x_held_out).argmax(axis=1) == y_held_out).mean())


def compare(hows: list[str], depths: list[int], activations: list[str], epochs: int, seeds: int):
    """Print a row for each depth and activation."""
    print("depth  activation  " + "  ".join(f"{how:>16}" for how in hows))
    for depth, activation in itertools.product(depths, activations):
        print(f"{depth:5}  {activation:10}", end="", flush=True)
        for how in hows:
            found = [accuracy(how, depth, activation, epochs, seed) for seed in range(seeds)]
            cell = f"{100 * statistics.mean(found):.1f} ({100 * min(found):.1f})"
            print(f"  {cell:>16}", end="", flush=True)
        print(flush=True)


def learn(depth: int, epochs: int, *, residual: bool, seed: int) -> None:
    """Train, and print what came of it."""
    x, x_held_out, y, y_held_out = digits(seed)
    net = network(depth, residual=residual, seed=seed)
    trainer = Trainer(
        optimizer=Adam(learning_rate=3e-4),
        schedule="one_cycle",
        batch_size=32,
        epochs=epochs,
        seed=seed,
        progress=sys.stderr.isatty(),
    )
    started = time.perf_counter()
    history = trainer.fit(net, x, y)
    seconds = time.perf_counter() - started
    accuracy = (net(x_held_out).argmax(axis=1) == y_held_out).mean()
    measured, norms = history.layers("gradient_norm")
    norms = norms[:, [0, depth // 2 - 1, depth - 1]]
    spread = norms.max(axis=1) / norms.min(axis=1)
    name = "residual" if residual else "plain"
    print(
        f"{name:9} {depth} layers, seed {seed}: held-out accuracy {accuracy:.4f}, training loss "
        f"{history['loss'][0]:.3f} -> {history['loss'][-1]:.3f}, {epochs} epochs in {seconds:.0f} s"
    )
    print(
        f"{'':9} gradient norms at layers 1, {depth // 2}, {depth}: first epoch "
        + ", ".join(f"{norm:.2g}" for norm in norms[0])
        + "; last "
        + ", ".join(f"{norm:.2g}" for norm in norms[-1])
        + f"; largest / smallest over {len(measured)} measured epochs: median "
        f"{np.median(spread):.0f}, most {spread.max():.0f}"
    )


def step_seconds(depth: int, epochs: int) -> float:
    """Seconds of one step at batch 200, by the difference of a long and a short training."""
    x, _, y, _ = digits(0)
    net = network(depth, residual=True)

    def fit(n: int) -> float:
        trainer = Trainer(batch_size=200, epochs=n, seed=0, n_threads=1)
        started = time.perf_counter()
        trainer.fit(net, x[:1200], y[:1200])
        return time.perf_counter() - started

    return (fit(2 * epochs) - fit(epochs)) / (epochs * 6)


def cost(deep: int, rounds: int) -> None:
    """Print a step's time per layer, deep beside shallow."""
    shallow = 10
    step_seconds(shallow, 2)
    pairs = [
        (step_seconds(shallow, 100) / shallow, step_seconds(deep, max(1, 1000 // deep)) / deep)
        for _ in range(rounds)
    ]
    ratio = statistics.median(b / a for a, b in pairs)
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"a step's time per layer, batch 200: {a * 1e6:.1f} microseconds at depth {shallow}, "
        f"{b * 1e6:.1f} at depth {deep}; ratio {ratio:.2f} (target at most 1.5)"
    )


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--depth", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scalings", action="store_true", help="compare ways to add layers up")
    parser.add_argument("--estimator", action="store_true", help="MLPClassifier, in the same table")
    parser.add_argument("--depths", default="10,100,1000", help="of these comparisons")
    parser.add_argument("--activations", default=",".join(ACTIVATIONS))
    parser.add_argument("--smoke", action="store_true", help="a small depth, to see that it runs")
    options = parser.parse_args()
    if options.smoke:
        options.depth, options.epochs, options.rounds = 20, 2, 1
        compare([*SCALINGS, "estimator"], [3], ["relu", "sigmoid"], 1, 1)
    if options.scalings or options.estimator:
        hows = [*(SCALINGS if options.scalings else ()), *["estimator"] * options.estimator]
        depths = [int(depth) for depth in options.depths.split(",")]
        compare(hows, depths, options.activations.split(","), options.epochs, options.seeds)
        return
    for seed in range(options.seeds):
        learn(options.depth, options.epochs, residual=True, seed=seed)
    learn(options.depth, min(options.epochs, 10), residual=False, seed=0)
    cost(options.depth, options.rounds)


if __name__ == "__main__":
    main()
