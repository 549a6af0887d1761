"""Small tables to learn on: points in a plane, of classes that a line cannot part, and surfaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from layerwise.architecture.lookup import look_up
from layerwise.arrays import Array

__all__ = ["EXTENT", "TOYS", "Toy", "toy_table"]

Make = Callable[[np.random.Generator, int, int], tuple[Array, Array]]
# Points lie from minus to plus so much, but for noise.
EXTENT = 6.0


@dataclass(frozen=True)
class Toy:
    """One kind of table.

    Attributes
    ----------
    make : callable
        make(random, n, count) -> (x of shape (n, n_inputs), y of shape (n,)). `count` is how many
        arms or classes.
    task : str
        "classes" or "number".
    option : str
        What `count` counts, "arms" or "classes"; "" where there is nothing to choose.
    least, most : int
        Of `count`.
    inputs : tuple of str
    rows : int
        As many as there are, where they are given; 0: as many as are asked for.
    spread, blur : float
        How far noise of 1 moves a point, and how much farther each is moved without any; numbers
        are moved themselves, by the noise.
    """

    make: Make
    task: str = "classes"
    option: str = ""
    least: int = 2
    most: int = 2
    inputs: tuple[str, ...] = ("x1", "x2")
    rows: int = 0
    spread: float = 1.0
    blur: float = 0.0


def toy_table(
    name: str, rows: int = 400, noise: float = 0.1, *, count: int = 2, seed: int = 0
) -> tuple[Array, Array]:
    """Make one of the playground's tables.

    Parameters
    ----------
    name : str
        A key of `TOYS`.
    rows : int
    noise : float
        0 to 1.
    count : int
        Of the spirals' arms, or the blobs' classes.
    seed : int

    Returns
    -------
    x : ndarray of float64, shape (rows, n_inputs)
    y : ndarray of float64, shape (rows,)
        Class numbers, or values.

    Raises
    ------
    ValueError
        For an unknown name, or a count that the table does not have.

    Examples
    --------
    >>> x, y = toy_table("xor", rows=200, noise=0.0)
    >>> bool(((x[:, 0] * x[:, 1] > 0) == (y == 1)).all())
    True
    """
    toy = look_up(name, TOYS, "toy table")
    if toy.option and not toy.least <= count <= toy.most:
        raise ValueError(f"{name} have {toy.least} to {toy.most} {toy.option}; got {count}")
    random = np.random.default_rng(seed)
    x, y = toy.make(random, rows, count)
    if toy.task == "number":
        return x, y + noise * random.normal(size=len(y))
    return x + (toy.blur + toy.spread * noise) * random.normal(size=x.shape), y.astype(float)


def _of_square(target: Callable[[Array, Array], Array]) -> Make:
    """Points anywhere in the plane, and what is told of each by its two inputs."""

    def make(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
        points = random.uniform(-EXTENT, EXTENT, (n, 2))
        return points, target(points[:, 0], points[:, 1])

    return make


def _circles(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % 2
    radius = np.where(y == 1, random.uniform(0, 2.5, n), random.uniform(3.5, 5.5, n))
    angle = random.uniform(0, 2 * np.pi, n)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), y


def _xor(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
    points = random.uniform(-EXTENT, EXTENT, (n, 2))
    points += 0.3 * np.sign(points)
    return points, points[:, 0] * points[:, 1] > 0


def _spirals(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % count
    along = random.uniform(0, 1, n)
    angle = 1.75 * 2 * np.pi * along / (count / 2) + 2 * np.pi * y / count
    return (0.3 + 5.2 * along)[:, None] * np.column_stack([np.sin(angle), np.cos(angle)]), y


def _blobs(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % count
    angle = 2 * np.pi * y / count + np.pi / 4
    return 3.5 * np.column_stack([np.cos(angle), np.sin(angle)]), y


def _moons(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % 2
    angle = random.uniform(0, np.pi, n)
    side = np.where(y == 1, -1.0, 1.0)
    points = np.column_stack([3.5 * np.cos(angle) * side - 1.7 * side, 4 * np.sin(angle) * side])
    points[:, 1] -= 1.0 * side
    return points, y


def _triples(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
    points = random.uniform(-EXTENT, EXTENT, (n, 3))
    return points, points[:, 0] * points[:, 1] / 12 + points[:, 2] / 6


def _digits(random: np.random.Generator, n: int, count: int) -> tuple[Array, Array]:
    """Handwritten digits of 8 x 8 squares (scikit-learn's), grey from 0 to 1."""
    from sklearn.datasets import load_digits

    found = load_digits()
    chosen = random.permutation(len(found.target))[:n]
    return found.data[chosen] / 16.0, found.target[chosen]


_N_DIGITS = 1797

TOYS: dict[str, Toy] = {
    "circles": Toy(_circles, spread=2),
    "xor": Toy(_xor, spread=2),
    "spirals": Toy(_spirals, option="arms", most=5),
    "blobs": Toy(_blobs, option="classes", most=6, spread=2, blur=0.5),
    "moons": Toy(_moons),
    "stripes": Toy(_of_square(lambda a, b: np.floor((a + b) / 3) % 2)),
    "line": Toy(_of_square(lambda a, b: a + 0.5 * b > 0.5), spread=2),
    "sine": Toy(_of_square(lambda a, b: b > 3 * np.sin(a))),
    "cubic": Toy(_of_square(lambda a, b: b > 5 * ((a / 3.5) ** 3 - a / 3.5))),
    "absolute": Toy(_of_square(lambda a, b: b > np.abs(a) - 3)),
    "plane": Toy(_of_square(lambda a, b: (a + b) / 6), "number"),
    "hills": Toy(
        _of_square(
            lambda a, b: (
                np.exp(-((a - 2.5) ** 2 + (b - 2.5) ** 2) / 6)
                - np.exp(-((a + 2.5) ** 2 + (b + 2) ** 2) / 6)
            )
        ),
        "number",
    ),
    "waves": Toy(_of_square(lambda a, b: np.sin(a) * np.cos(b / 2)), "number"),
    "triples": Toy(_triples, "number", inputs=("x1", "x2", "x3")),
    "digits": Toy(
        _digits,
        inputs=tuple(f"r{i // 8 + 1} c{i % 8 + 1}" for i in range(64)),
        rows=_N_DIGITS,
        spread=0.2,
    ),
}
