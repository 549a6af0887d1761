"""The demo's table of numbers: rows to learn from, and rows kept for the end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Table", "digits"]

_TEST_SHARE = 0.25
_SHADES = " ░▒▓█"


@dataclass(frozen=True)
class Table:
    """A table of numbers with its classes, split once.

    Attributes
    ----------
    name : str
        In one word, for titles and file names.
    about : str
        What it is and how it was made into numbers.
    class_names : list of str
    x, y : ndarray, shapes (n, n_inputs) and (n,)
        The rows to learn from.
    x_unseen, y_unseen : ndarray
        Those kept for the end.
    describe : callable
        describe(i): the unseen row i as people see it, in a few short lines.
    """

    name: str
    about: str
    class_names: list[str]
    x: NDArray[Any]
    y: NDArray[np.int64]
    x_unseen: NDArray[Any]
    y_unseen: NDArray[np.int64]
    describe: Callable[[int], str]


def digits(seed: int) -> Table:
    """Handwritten digits, 8 x 8 shades of grey each (Alpaydin and Kaynak 1998)."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    x, x_unseen, y, y_unseen = train_test_split(
        bunch.data / 16, bunch.target, test_size=_TEST_SHARE, stratify=bunch.target,
        random_state=seed,
    )  # fmt: skip
    about = (
        f"Which digit? {len(bunch.data):,} handwritten ones, 64 inputs each: the grey of 8 x 8 "
        "squares, 0 to 1. To the network it is a table: it is not told which squares are "
        "neighbours."
    )

    def describe(i: int) -> str:
        shades = np.rint(x_unseen[i].reshape(8, 8) * (len(_SHADES) - 1)).astype(int)
        return "\n".join("".join(2 * _SHADES[shade] for shade in line) for line in shades)

    names = [str(name) for name in bunch.target_names]
    return Table("digits", about, names, x, y, x_unseen, y_unseen, describe)
