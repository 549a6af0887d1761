"""XOR and circles: what one line cannot separate, a hidden layer can.

A network without hidden layers decides by the sign of w1 x1 + w2 x2 + b: its decision boundary
is one straight line. Minsky and Papert 1969 ("Perceptrons") showed what that rules out. The best
known case is XOR, "one or the other but not both": no line has more than three of the four
corners on their right sides. Another is a disc inside a ring.

Each hidden node adds a line of its own, and the output layer combines their sides. Two nodes
are enough for XOR (Rumelhart, Hinton and Williams 1986), three relu nodes for a disc: a triangle
around it.

What the run shows: the share of right answers on new rows, over seeds, by the number of hidden
nodes; beside it that of the best line, found by trying every threshold along many directions
and not by training, so that nobody can blame the training.

What it does not show: that as few nodes as can solve it are enough to *find* the solution. With
2 nodes for XOR, or 3 for the circles, some seeds get stuck; a few more nodes, and none does.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from sklearn.datasets import make_circles

from layerwise import Adam, Network, Trainer
from layerwise.draw.theme import find_theme
from lesson import entitle, finish, in_parallel, new_figure, options, save

N_ROWS = 400
N_DIRECTIONS = 360
NODES = (0, 1, 2, 3, 4, 8)


def xor(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Four clouds of equal size, around a square's corners; neighbours differ in class."""
    random = np.random.default_rng(seed)
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[np.arange(n) % 4]
    x = 2.0 * corners - 1.0 + random.normal(0, 0.25, (n, 2))
    return x, corners[:, 0] ^ corners[:, 1]


def circles(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A small ring inside a large one."""
    x, y = make_circles(n, noise=0.08, factor=0.4, random_state=seed)
    return 1.4 * x, y


TABLES = {"XOR": xor, "circles": circles}


def best_line(x: np.ndarray, y: np.ndarray, n_directions: int = N_DIRECTIONS) -> float:
    """Share of rows on their right side of the best line: all thresholds along many directions."""
    best = 0.0
    for angle in np.linspace(0, np.pi, n_directions, endpoint=False):
        order = np.argsort(x @ [np.cos(angle), np.sin(angle)])
        ones_before = np.concatenate([[0], np.cumsum(y[order])])
        zeros_before = np.arange(len(y) + 1) - ones_before
        right = zeros_before + (ones_before[-1] - ones_before)  # zeros before the line, ones after
        best = max(best, right.max(), len(y) - right.min())
    return best / len(y)


@dataclass
class Result:
    """What networks with so many hidden nodes reached.

    Attributes
    ----------
    networks : list of Network
        One for each seed.
    right : ndarray
        Each one's share of right answers on new rows.
    """

    nodes: int
    networks: list[Network]
    right: np.ndarray

    @property
    def typical(self) -> int:
        """The seed in the middle."""
        return int(np.argsort(self.right, kind="stable")[len(self.right) // 2])


def learn(table: str, nodes: int, seeds: int) -> Result:
    """Train networks with so many hidden nodes, each from first weights of its own."""
    x, y = TABLES[table](N_ROWS, seed=0)
    new_x, new_y = TABLES[table](4000, seed=1)
    trainer = Trainer(
        optimizer=Adam(learning_rate=0.02), batch_size=32, epochs=200, seed=0, n_threads=1
    )
    text = f"2-{nodes}-1:sigmoid" if nodes else "2-1:sigmoid"
    networks = [Network(text, seed=seed) for seed in range(seeds)]
    in_parallel(lambda net: trainer.fit(net, x, y), networks)
    right = [((net(new_x)[:, 0] > 0.5) == new_y).mean() for net in networks]
    return Result(nodes, networks, np.array(right))


def run(quick: bool = False) -> dict[str, tuple[float, list[Result]]]:
    """For each table: how good the best line is, and what networks reached."""
    seeds = 2 if quick else 20
    found = {}
    for table, make in TABLES.items():
        line = best_line(*make(4000, seed=1))
        results = [learn(table, nodes, seeds) for nodes in NODES]
        found[table] = line, results
        print(
            f"\n{table}: of all lines along {N_DIRECTIONS} directions, the best has "
            f"{100 * line:.1f} % of 4,000 rows right"
        )
        print(f"{'hidden nodes':>13}{'parameters':>12}   right answers over {seeds} seeds")
        for result in results:
            low, mean, high = result.right.min(), result.right.mean(), result.right.max()
            solved = (result.right > 0.95).sum()
            print(
                f"{result.nodes:>13}{result.networks[0].n_parameters:>12}   mean "
                f"{100 * mean:5.1f} %, from {100 * low:5.1f} to {100 * high:5.1f} %; above 95 %: "
                f"{solved} of {seeds}"
            )
    return found


def draw_boundary(ax: Axes, net: Network, table: str, theme: str) -> None:
    """Shade the plane by the network's probability, with its boundary and the table's rows."""
    found = find_theme(theme)
    shades = LinearSegmentedColormap.from_list("", [found.first, found.background, found.second])
    axis = np.linspace(-2, 2, 200)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    p = net(grid.reshape(-1, 2))[:, 0].reshape(200, 200)
    ax.imshow(
        p, extent=(-2, 2, -2, 2), origin="lower", cmap=shades, vmin=-0.3, vmax=1.3, aspect="equal"
    )
    if p.min() < 0.5 < p.max():
        ax.contour(axis, axis, p, [0.5], colors=found.text, linewidths=1.8)
    if net.architecture.depth:
        for node in net.forward(grid.reshape(-1, 2)).pre_activations[0].T:
            if node.min() < 0 < node.max():
                ax.contour(
                    axis, axis, node.reshape(200, 200), [0], colors=found.text, linewidths=0.7,
                    linestyles="dashed",
                )  # fmt: skip
    x, y = TABLES[table](N_ROWS, seed=0)
    for label, color, marker in ((0, found.first, "o"), (1, found.second, "^")):
        ax.scatter(
            *x[y == label].T, s=9, color=color, marker=marker, edgecolors=found.background, lw=0.3
        )
    ax.set(xlim=(-2, 2), ylim=(-2, 2), xticks=[-1, 0, 1], yticks=[-1, 0, 1])


def draw(found: dict[str, tuple[float, list[Result]]], theme: str) -> Figure:
    """Each table's rows, and boundaries of the seed in the middle for 0, 2, 3 and 8 nodes."""
    figure = new_figure(11.5, 6.4)
    rows = figure.subplots(2, 4)
    for axes, (table, (_, results)) in zip(rows, found.items(), strict=True):
        shown = [result for result in results if result.nodes in (0, 2, 3, 8)]
        for ax, result in zip(axes, shown, strict=True):
            seed = result.typical
            draw_boundary(ax, result.networks[seed], table, theme)
            what = f"{result.nodes} nodes" if result.nodes else "no hidden layer"
            finish(ax, theme, f"{table}, {what}: {100 * result.right[seed]:.0f} %")
    entitle(
        figure,
        theme,
        "One line cannot, a hidden layer can: right answers of the seed in the middle "
        "(dashed: where a hidden node switches on)",
    )
    return figure


if __name__ == "__main__":
    chosen = options(__doc__)
    save(draw, run(chosen.quick), name="xor_and_circles", output=chosen.output)
