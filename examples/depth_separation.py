"""Depth separation: a sawtooth that a deep network has in few nodes, and a shallow one cannot.

Telgarsky 2015 ("Representation Benefits of Deep Feedforward Networks") and 2016 ("Benefits of
depth in neural networks") folds the unit interval. Two relu nodes make one tooth, the mirror map

    m(x) = 2 relu(x) - 4 relu(x - 1/2)          0 at x = 0, up to 1 at x = 1/2, back to 0 at x = 1

and m(m(x)) has two teeth, m(m(m(x))) four: every layer doubles them, since the next one meets
the whole interval [0, 1] twice. A network with k hidden layers of 2 nodes computes 2^(k-1) teeth,
which are 2^k linear pieces, with 6 k + 1 parameters. With one hidden layer each node adds one
kink at most: w nodes, at most w + 1 pieces. So 2^k pieces take about 2^k nodes.

Nor does it help to be content with less than all teeth. Take the 2^k + 1 points where the
sawtooth is 0 or 1, and ask only on which side of 1/2 it is. p pieces change sides at most p
times, which makes p + 1 runs of points of one answer, and in a run every other answer is wrong:
at least (2^k - p) / 2 of the points.

What the run shows: the pieces, counted in exact fractions from the networks' weights, not seen
on a plot or on a grid; then what gradient descent finds from random weights. Random deep networks
have few pieces (Hanin and Rolnick 2019, "Complexity of Linear Regions in Deep Networks"), and
training does not find the construction: both deep and shallow networks learn the first few
teeth and then fail. Beside it, the construction with its weights shaken a little is trained as
well: where the solution is near, gradient descent sometimes finds back to it.

What it does not show: that tables hold such functions. It says what depth *can* express, and
that being able to express is not being able to learn.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from layerwise import Adam, Architecture, Network, Trainer
from lesson import DASHES, colors, entitle, finish, in_parallel, new_figure, options, save


def deep_sawtooth(depth: int) -> Network:
    """Telgarsky's network: `depth` hidden layers of 2 nodes, 2^depth pieces on [0, 1]."""
    net = Network(Architecture([1, *[2] * depth, 1]), dtype="float64")
    net.weights[0] = [[1, 1]]
    for layer in range(depth):
        net.biases[layer] = [0, -0.5]
    for layer in range(1, depth):
        net.weights[layer] = [[2, 2], [-4, -4]]
    net.weights[depth] = [[2], [-4]]
    net.biases[depth] = [0]
    return net


def shallow_sawtooth(pieces: int) -> Network:
    """One hidden layer, a node for each of so many pieces of equal length on [0, 1]."""
    net = Network(Architecture([1, pieces, 1]), dtype="float64")
    turns = np.arange(pieces)
    net.weights[0] = np.ones((1, pieces))
    net.biases[0] = -turns / pieces
    net.weights[1] = pieces * np.where(turns == 0, 1, 2 * (-1.0) ** turns)[:, None]
    net.biases[1] = [0]
    return net


def count_pieces(net: Network, low: float = 0, high: float = 1) -> int:
    """Number of linear pieces of a relu network of one input on [low, high], exactly.

    Between two neighbouring `points` every node is linear, so its values at the points say all.
    A layer adds a point wherever one of its nodes passes through 0. Weights are floating-point
    numbers, so fractions; nothing is rounded.
    """
    points = [Fraction(low), Fraction(high)]
    values = [[point] for point in points]  # of each node of the layer, at each point
    last = len(net.weights) - 1
    for layer in range(last + 1):
        columns = [[Fraction(float(w)) for w in column] for column in net.weights[layer].T]
        biases = [Fraction(float(b)) for b in net.biases[layer]]
        z = [
            [sum(map(Fraction.__mul__, a, w), b) for w, b in zip(columns, biases, strict=True)]
            for a in values
        ]
        if layer < last:
            points, z = _with_zeros(points, z)
            z = [[max(node, Fraction(0)) for node in at_point] for at_point in z]
        values = z
    slopes = [
        (after[0] - before[0]) / (right - left)
        for (left, right), (before, after) in zip(pairwise(points), pairwise(values), strict=True)
    ]
    return 1 + sum(before != after for before, after in pairwise(slopes))


def _with_zeros(
    points: list[Fraction], z: list[list[Fraction]]
) -> tuple[list[Fraction], list[list[Fraction]]]:
    """The points, and those between them where a node passes through 0."""
    more_points, more_z = points[:1], z[:1]
    for (left, right), (before, after) in zip(pairwise(points), pairwise(z), strict=True):
        shares = {
            a / (a - b) for a, b in zip(before, after, strict=True) if min(a, b) < 0 < max(a, b)
        }
        for t in [*sorted(shares), Fraction(1)]:
            more_points.append(left + t * (right - left))
            more_z.append([a + t * (b - a) for a, b in zip(before, after, strict=True)])
    return more_points, more_z


def sawtooth(x: np.ndarray, depth: int) -> np.ndarray:
    """m(m(...m(x))), `depth` times."""
    for _ in range(depth):
        x = 1 - np.abs(1 - 2 * x)
    return x


@dataclass
class Counted:
    """Pieces of networks with weights set by hand.

    Attributes
    ----------
    deep : int
        Of `depth` hidden layers of 2 nodes.
    same_size : int
        The most of one hidden layer with as many parameters.
    same_pieces_parameters : int
        Parameters of one hidden layer that has as many pieces as the deep network.
    wrong : float
        Share of the 2^depth + 1 points at least on which the network of the same size is wrong.
    """

    depth: int
    parameters: int
    deep: int
    same_size: int
    same_pieces_parameters: int
    wrong: float


def count(depth: int) -> Counted:
    """Count the pieces of the deep network, and of shallow ones."""
    deep = deep_sawtooth(depth)
    nodes = 2 * depth  # 3 w + 1 parameters
    shallow, equal = shallow_sawtooth(nodes), shallow_sawtooth(2**depth)
    shallow.biases[0] = -(np.arange(nodes) + 1) / (nodes + 1)  # kinks inside: one more piece
    assert shallow.n_parameters == deep.n_parameters
    grid = np.linspace(0, 1, 2**depth + 1)[:, None]
    assert np.array_equal(deep(grid), equal(grid))
    pieces, most = count_pieces(deep), count_pieces(shallow)
    assert count_pieces(equal) == pieces
    wrong = max(0.0, (2**depth - most) / 2 / (2**depth + 1))
    return Counted(depth, deep.n_parameters, pieces, most, equal.n_parameters, wrong)


@dataclass
class Learned:
    """Networks trained on the sawtooth of `depth`, one for each seed.

    Attributes
    ----------
    error : ndarray
        Root of the mean squared error over [0, 1]. Predicting 1/2 everywhere has 0.289.
    pieces_before, pieces : list of int
        Counted before training and after it.
    """

    name: str
    depth: int
    networks: list[Network]
    error: np.ndarray
    pieces_before: list[int]
    pieces: list[int]

    @property
    def typical(self) -> int:
        """The seed in the middle."""
        return int(np.argsort(self.error, kind="stable")[len(self.error) // 2])


def start(name: str, depth: int, seed: int) -> Network:
    """A network to train: of random weights, or the construction shaken."""
    random = np.random.default_rng(seed)
    if name == "construction, shaken":
        net = deep_sawtooth(depth)
        net.vector *= 1 + 0.05 * random.normal(size=net.vector.shape)
        return net
    sizes = {"1 x 64": [64], "3 x 8": [8] * 3, "6 x 5": [5] * 6, "k x 2": [2] * depth}[name]
    net = Network(Architecture([1, *sizes, 1]), seed=seed, dtype="float64")
    # Kinks of the first layer spread over [0, 1] instead of all at 0.
    net.biases[0] = -random.uniform(size=sizes[0]) * net.weights[0][0]
    return net


def learn(name: str, depth: int, seeds: int, epochs: int) -> Learned:
    """Train from so many starts."""
    x = np.linspace(0, 1, 1025)[:, None]
    y = sawtooth(x, depth)
    trainer = Trainer(
        optimizer=Adam(learning_rate=0.01), schedule="cosine", batch_size=64, epochs=epochs,
        seed=0, n_threads=1,
    )  # fmt: skip
    networks = [start(name, depth, seed) for seed in range(seeds)]
    before = [count_pieces(net) for net in networks]
    in_parallel(lambda net: trainer.fit(net, x, y), networks)
    errors = np.array([np.sqrt(np.mean((net(x) - y) ** 2)) for net in networks])
    return Learned(name, depth, networks, errors, before, [count_pieces(net) for net in networks])


NETWORKS = ("1 x 64", "3 x 8", "6 x 5", "k x 2", "construction, shaken")


def run(quick: bool = False) -> tuple[list[Counted], list[Learned]]:
    """Count, train, and print both."""
    counted = [count(depth) for depth in range(1, 7 if quick else 11)]
    print("weights set by hand; pieces counted exactly")
    print("                                     one hidden layer of          one hidden layer of")
    print("  k layers of 2                      as many parameters           as many pieces")
    print("   k  parameters  teeth  pieces      pieces  wrong at least       parameters")
    for c in counted:
        print(
            f"{c.depth:>4}{c.parameters:>12}{c.deep // 2:>7}{c.deep:>8}{c.same_size:>12}"
            f"{100 * c.wrong:>14.1f} %{c.same_pieces_parameters:>17}"
        )
    seeds, epochs = (2, 30) if quick else (5, 500)
    learned = [
        learn(name, depth, seeds, epochs)
        for name in NETWORKS
        for depth in ((2, 4) if quick else (1, 2, 3, 4, 5, 6))
    ]
    print(
        f"\nlearned from {seeds} starts each, {epochs} epochs; the error is the root of the mean "
        "squared one, 0.289 if\nnothing is learned. Medians, and the best."
    )
    print("network                k  pieces of   error           pieces")
    print("                          the target  median  best    before  after")
    for r in learned:
        print(
            f"{r.name:<22}{r.depth:>2}{2**r.depth:>8}{np.median(r.error):>11.3f}"
            f"{r.error.min():>8.3f}{np.median(r.pieces_before):>8.0f}{np.median(r.pieces):>7.0f}"
        )
    return counted, learned


def draw(counted: list[Counted], learned: list[Learned], theme: str) -> Figure:
    """By hand: both functions, pieces against parameters. Learned: error, and some functions."""
    first, second, third, text = colors(theme)
    figure = new_figure(11.5, 7.2)
    (by_hand, pieces), (errors, functions) = figure.subplots(2, 2)
    x = np.linspace(0, 1, 2049)

    c = counted[4]
    by_hand.plot(x, deep_sawtooth(c.depth)(x[:, None]), color=first, lw=1.2, label="deep")
    shallow = shallow_sawtooth(2 * c.depth)(x[:, None])
    by_hand.plot(x, shallow, color=second, ls=DASHES[1], label="one hidden layer")
    by_hand.set_ylim(-0.05, 1.35)
    by_hand.legend(loc="upper right", ncols=2, fontsize="small")
    finish(by_hand, theme, f"{c.parameters} parameters each, set by hand", "x", "output")

    parameters = [c.parameters for c in counted]
    pieces.semilogy(parameters, [c.deep for c in counted], "o-", color=first, label="deep")
    pieces.semilogy(
        parameters, [c.same_size for c in counted], "s", ls=DASHES[1], color=second,
        label="one hidden layer",
    )  # fmt: skip
    pieces.yaxis.set_major_formatter("{x:.0f}")
    pieces.yaxis.set_minor_formatter("")
    pieces.legend(loc="upper left", fontsize="small")
    finish(pieces, theme, "Linear pieces, counted exactly", "parameters", "pieces (log scale)")

    styles = zip(NETWORKS, (second, first, third, text, first), (*DASHES, DASHES[0]), strict=True)
    for (name, color, dash), marker in zip(styles, "so^vD", strict=True):
        of_name = [r for r in learned if r.name == name]
        errors.plot(
            [r.depth for r in of_name], [np.median(r.error) for r in of_name], marker=marker,
            color=color, ls=dash, label=name, markersize=5,
        )  # fmt: skip
    errors.axhline(12**-0.5, color=text, lw=0.8)
    errors.set_ylim(0, 0.42)
    errors.xaxis.get_major_locator().set_params(integer=True)
    errors.legend(loc="upper left", ncols=3, fontsize="x-small", title="")
    finish(
        errors, theme, "What training finds, median of the seeds (line: nothing learned)",
        "k: the target has 2^k pieces", "error",
    )  # fmt: skip

    depth = 4
    target = sawtooth(x, depth)
    functions.plot(x, target, color=text, lw=0.8, label=f"target, {2**depth} pieces")
    for name, color, dash in (("1 x 64", second, DASHES[1]), ("3 x 8", first, DASHES[0])):
        (found,) = (r for r in learned if r.name == name and r.depth == depth)
        label = f"{name}, {found.pieces[found.typical]} pieces"
        learned_y = found.networks[found.typical](x[:, None])
        functions.plot(x, learned_y, color=color, ls=dash, label=label)
    functions.set_ylim(-0.2, 1.6)
    functions.legend(loc="upper right", fontsize="x-small")
    finish(functions, theme, "Learned functions, the seed in the middle", "x", "output")
    entitle(figure, theme, "Depth can fold an interval; training does not find how")
    return figure


if __name__ == "__main__":
    chosen = options(__doc__)
    save(draw, *run(chosen.quick), name="depth_separation", output=chosen.output)
