"""The demo's two tables, as numbers: rows to learn from, and rows kept for the end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DemoError", "Table", "digits", "penguins"]

_TEST_SHARE = 0.25
_MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
_CATEGORIES = ["island", "sex"]
_SHADES = " ░▒▓█"


class DemoError(RuntimeError):
    """The demo cannot run; the message says what to do."""


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


def penguins(seed: int) -> Table:
    """The penguins of Palmer Station (Horst et al. 2020), and their species.

    Four measurements, the island and the sex. The year of the visit is left out: it says nothing
    about a penguin.

    Raises
    ------
    DemoError
        If the package that holds the table is not installed.
    """
    try:
        from palmerpenguins import load_penguins
    except ImportError as error:
        raise DemoError(
            f"the demo needs the package {error.name or 'palmerpenguins'}; install it with: "
            "pip install palmerpenguins pandas"
        ) from None
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    rows = load_penguins()
    names = sorted(rows["species"].unique())
    y = np.array([names.index(species) for species in rows["species"]])
    seen, unseen, y_seen, y_unseen = train_test_split(
        rows[_MEASURES + _CATEGORIES], y, test_size=_TEST_SHARE, stratify=y, random_state=seed
    )
    # Scaled first, so that the columns that mark missing cells stay 0 and 1.
    measures = make_pipeline(StandardScaler(), SimpleImputer(strategy="median", add_indicator=True))
    categories = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder = ColumnTransformer(
        [("measures", measures, _MEASURES), ("categories", categories, _CATEGORIES)]
    )
    x = encoder.fit_transform(seen)
    n_missing = int(rows[_MEASURES + _CATEGORIES].isna().sum().sum())
    about = (
        f"Which species? {len(rows)} penguins, 4 measurements, island and sex; {n_missing} cells "
        "are missing. Measurements are scaled, missing ones filled with the median and marked in "
        f"a column; island and sex get a column for each value. That makes {x.shape[1]} inputs."
    )

    def describe(i: int) -> str:
        row = unseen.iloc[i]
        length, depth, flipper, mass = (_amount(row[name]) for name in _MEASURES)
        sex = row["sex"] if isinstance(row["sex"], str) else "sex ?"
        return (
            f"{row['island']}\n{sex}, {mass} g\nbill {length} mm,\n{depth} mm deep\n"
            f"flipper {flipper} mm"
        )

    return Table("penguins", about, names, x, y_seen, encoder.transform(unseen), y_unseen, describe)


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


def _amount(value: float) -> str:
    return "?" if np.isnan(value) else f"{value:g}"
