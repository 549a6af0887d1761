"""Small tables to learn on: points in a plane, of classes that a line cannot part, and surfaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerwise.architecture.lookup import look_up

__all__ = ["EXTENT", "TOYS", "Toy", "toy_table"]

Array = NDArray[np.float64]
# Points lie from minus to plus so much, but for noise.
EXTENT = 6.0


@dataclass(frozen=True)
class Toy:
    """One kind of table.

    Attributes
    ----------
    make : callable
        make(random, n, noise, count) -> (x of shape (n, n_inputs), y of shape (n,)). `count` is
        how many arms or classes; noise is 0 to 1.
    task : str
        "classes" or "number".
    option : str
        What `count` counts, "arms" or "classes"; "" where there is nothing to choose.
    least, most : int
        Of `count`.
    inputs : tuple of str
    rows : int
        As many as there are, where they are given; 0: as many as are asked for.
    """

    make: Callable[[np.random.Generator, int, float, int], tuple[Array, Array]]
    task: str = "classes"
    option: str = ""
    least: int = 2
    most: int = 2
    inputs: tuple[str, ...] = ("x1", "x2")
    rows: int = 0


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
    return toy.make(np.random.default_rng(seed), rows, noise, count)


def _square(random: np.random.Generator, n: int) -> Array:
    return random.uniform(-EXTENT, EXTENT, (n, 2))


def _moved(random: np.random.Generator, points: Array, noise: float) -> Array:
    """The points, each moved at random; classes stay as they were before."""
    return points + noise * random.normal(size=points.shape)


def _circles(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % 2
    radius = np.where(y == 1, random.uniform(0, 2.5, n), random.uniform(3.5, 5.5, n))
    angle = random.uniform(0, 2 * np.pi, n)
    points = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _moved(random, points, 2 * noise), y.astype(float)


def _xor(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    points = _square(random, n)
    points += 0.3 * np.sign(points)
    y = points[:, 0] * points[:, 1] > 0
    return _moved(random, points, 2 * noise), y.astype(float)


def _spirals(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % count
    along = random.uniform(0, 1, n)
    angle = 1.75 * 2 * np.pi * along / (count / 2) + 2 * np.pi * y / count
    points = (0.3 + 5.2 * along)[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    return _moved(random, points, noise), y.astype(float)


def _blobs(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % count
    angle = 2 * np.pi * y / count + np.pi / 4
    points = 3.5 * np.column_stack([np.cos(angle), np.sin(angle)])
    return _moved(random, points, 0.5 + 2 * noise), y.astype(float)


def _moons(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    y = np.arange(n) % 2
    angle = random.uniform(0, np.pi, n)
    side = np.where(y == 1, -1.0, 1.0)
    points = np.column_stack([3.5 * np.cos(angle) * side - 1.7 * side, 4 * np.sin(angle) * side])
    points[:, 1] -= 1.0 * side
    return _moved(random, points, noise), y.astype(float)


def _stripes(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    points = _square(random, n)
    y = np.floor((points[:, 0] + points[:, 1]) / 3) % 2
    return _moved(random, points, noise), y


def _above(
    curve: Callable[[Array], Array],
) -> Callable[[np.random.Generator, int, float, int], tuple[Array, Array]]:
    """Points above a curve are class 1, those below class 0."""

    def make(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
        points = _square(random, n)
        y = points[:, 1] > curve(points[:, 0])
        return _moved(random, points, noise), y.astype(float)

    return make


def _surface(
    height: Callable[[Array, Array], Array],
) -> Callable[[np.random.Generator, int, float, int], tuple[Array, Array]]:
    def make(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
        points = _square(random, n)
        y = height(points[:, 0], points[:, 1])
        return points, y + noise * random.normal(size=n)

    return make


def _line(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    points = _square(random, n)
    y = points[:, 0] + 0.5 * points[:, 1] > 0.5
    return _moved(random, points, 2 * noise), y.astype(float)


def _triples(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    points = random.uniform(-EXTENT, EXTENT, (n, 3))
    y = points[:, 0] * points[:, 1] / 12 + points[:, 2] / 6
    return points, y + noise * random.normal(size=n)


def _digits(random: np.random.Generator, n: int, noise: float, count: int) -> tuple[Array, Array]:
    """Handwritten digits of 8 x 8 squares (scikit-learn's), grey from 0 to 1."""
    from sklearn.datasets import load_digits

    found = load_digits()
    chosen = random.permutation(len(found.target))[:n]
    x = found.data[chosen] / 16.0
    return x + 0.2 * noise * random.normal(size=x.shape), found.target[chosen].astype(float)


_N_DIGITS = 1797

TOYS: dict[str, Toy] = {
    "circles": Toy(_circles),
    "xor": Toy(_xor),
    "spirals": Toy(_spirals, option="arms", most=5),
    "blobs": Toy(_blobs, option="classes", most=6),
    "moons": Toy(_moons),
    "stripes": Toy(_stripes),
    "line": Toy(_line),
    "sine": Toy(_above(lambda x: 3 * np.sin(x))),
    "cubic": Toy(_above(lambda x: 5 * ((x / 3.5) ** 3 - x / 3.5))),
    "absolute": Toy(_above(lambda x: np.abs(x) - 3)),
    "plane": Toy(_surface(lambda a, b: (a + b) / 6), "number"),
    "hills": Toy(
        _surface(
            lambda a, b: (
                np.exp(-((a - 2.5) ** 2 + (b - 2.5) ** 2) / 6)
                - np.exp(-((a + 2.5) ** 2 + (b + 2) ** 2) / 6)
            )
        ),
        "number",
    ),
    "waves": Toy(_surface(lambda a, b: np.sin(a) * np.cos(b / 2)), "number"),
    "triples": Toy(_triples, "number", inputs=("x1", "x2", "x3")),
    "digits": Toy(
        _digits,
        inputs=tuple(f"r{i // 8 + 1} c{i % 8 + 1}" for i in range(64)),
        rows=_N_DIGITS,
    ),
}
