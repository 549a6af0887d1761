"""Tables of which it is known how deep a network they need."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from accuracy.tables import Table, listed

TARGET = "y"
NEW_ROWS = 4_000
Make = Callable[[np.random.Generator, int], pd.DataFrame]
# (rows to study, new rows of the same kind)
Draw = Callable[[np.random.Generator], tuple[pd.DataFrame, pd.DataFrame]]


def _table(x: np.ndarray, y: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(x, columns=[f"x{i + 1}" for i in range(x.shape[1])])
    return frame.assign(**{TARGET: y})


def _drawn(random: np.random.Generator, score: np.ndarray) -> np.ndarray:
    """Two classes, of which the second has the probability 1 / (1 + exp(-score))."""
    return np.where(random.random(len(score)) < 1 / (1 + np.exp(-score)), "yes", "no")


def noise(random: np.random.Generator, n: int) -> pd.DataFrame:
    """Nothing says anything of the class."""
    return _table(random.normal(size=(n, 4)), random.choice(["no", "yes"], n))


def noise_numbers(random: np.random.Generator, n: int) -> pd.DataFrame:
    """Nothing says anything of the number."""
    return _table(random.normal(size=(n, 4)), random.normal(size=n))


def linear(random: np.random.Generator, n: int) -> pd.DataFrame:
    """The log odds are a sum of the columns."""
    x = random.normal(size=(n, 4))
    return _table(x, _drawn(random, x @ [2.0, -1.0, 1.0, 0.0]))


def linear_numbers(random: np.random.Generator, n: int) -> pd.DataFrame:
    """The number is a sum of the columns, with noise of half its spread."""
    x = random.normal(size=(n, 4))
    return _table(x, x @ [1.0, -0.5, 0.5, 0.0] + random.normal(0, 0.6, n))


def one_layer(random: np.random.Generator, n: int) -> pd.DataFrame:
    """One class within a ring of the other: no line parts them, a hidden layer does."""
    x = random.normal(size=(n, 2))
    return _table(x, _drawn(random, 6 * ((x**2).sum(axis=1) - 1.4)))


def one_layer_numbers(random: np.random.Generator, n: int) -> pd.DataFrame:
    """The absolute value of one column and the square of another."""
    x = random.normal(size=(n, 3))
    y = 2 * np.abs(x[:, 0]) + x[:, 1] ** 2 + random.normal(0, 0.3, n)
    return _table(x, y)


def two_layers(random: np.random.Generator, n: int) -> pd.DataFrame:
    """A saw of a column, four teeth: few nodes make it in two layers, and not in one.

    A saw is what folding a line does again and again (Telgarsky 2016): each layer doubles the
    teeth, where one layer needs a node for each.
    """
    x = random.uniform(-1, 1, size=(n, 1))
    saw = 2 * np.abs((2 * x[:, 0]) % 2 - 1) - 1
    return _table(x, saw + random.normal(0, 0.1, n))


KINDS: dict[str, Make] = {
    "noise": noise,
    "noise, numbers": noise_numbers,
    "linear": linear,
    "linear, numbers": linear_numbers,
    "one layer": one_layer,
    "one layer, numbers": one_layer_numbers,
    "two layers": two_layers,
}
N_ROWS = dict.fromkeys(KINDS, 200) | {"two layers": 400}

_REAL = ("phoneme", "kin8nm", "segment")
_REAL_ROWS = 200


def made_tables() -> dict[str, Draw]:
    """Makers of tables of each kind, drawn anew for each study."""
    return {name: partial(_made, name) for name in KINDS}


def _made(name: str, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    return KINDS[name](random, N_ROWS[name]), KINDS[name](random, NEW_ROWS)


def real_tables(folder: Path) -> dict[str, Draw]:
    """A few rows of public tables, drawn anew for each study; new are all others."""
    listed_tables = {table.name: table for table in listed(folder)}
    return {
        f"real: {name}": partial(_drawn_rows, listed_tables[name])
        for name in _REAL
        if name in listed_tables
    }


def _drawn_rows(table: Table, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = table.frame().rename(columns={table.target: TARGET})
    frame = frame.iloc[random.permutation(len(frame))]
    return frame[:_REAL_ROWS].reset_index(drop=True), frame[_REAL_ROWS:].reset_index(drop=True)
