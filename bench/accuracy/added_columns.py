"""Tables with columns added that say nothing, or nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from accuracy.tables import CLASSES, Table

NOISE, DOUBLE = "noise", "double"
MOST_ROWS = 3_000
_TEST_SHARE = 0.25
_NOISE_OF_DOUBLES = 0.1  # in standard deviations of the column


@dataclass(frozen=True)
class WithAdded(Table):
    """At most 3,000 of a table's rows, with columns added.

    Attributes
    ----------
    added : str
        "N noise": half of them a real column's values in another order, half normal noise;
        "N double": copies of one column of numbers with a little noise, every other one of them
        in other units.
    """

    @classmethod
    def of(cls, table: Table, added: str) -> WithAdded:
        """That table, with columns added."""
        name = f"{table.name} + {added}"
        rows = min(table.rows, MOST_ROWS)
        return cls(name, table.task, table.target, rows, table.path, added)

    def frame(self) -> pd.DataFrame:
        """The rows, those of a longer table drawn by lot, and their added columns."""
        return self._frame(0)

    def split(self, seed: int) -> list[Any]:
        """A quarter of the rows to test on."""
        frame = self._frame(seed)
        x, y = frame.drop(columns=self.target), frame[self.target]
        return train_test_split(
            x, y, test_size=_TEST_SHARE, random_state=seed, stratify=self._classes(frame)
        )

    def judged(self, used: Sequence[str]) -> dict[str, Any]:
        """How many real and how many added columns a model uses."""
        n_real = sum(not name.startswith((f"{NOISE} ", f"{DOUBLE} ")) for name in used)
        there = super().frame().shape[1] - 1
        return {"real_used": n_real, "added_used": len(used) - n_real, "real": there}

    def _classes(self, frame: pd.DataFrame) -> Any:
        return frame[self.target] if self.task == CLASSES else None

    def _frame(self, seed: int) -> pd.DataFrame:
        frame = super().frame()
        if len(frame) > self.rows:
            frame, _ = train_test_split(
                frame, train_size=self.rows, random_state=seed, stratify=self._classes(frame)
            )
            frame = frame.reset_index(drop=True)
        count, _, what = self.added.partition(" ")
        random = np.random.default_rng(1_000 + seed)
        make = {NOISE: _noise, DOUBLE: _doubles}[what]
        new = make(frame.drop(columns=self.target), int(count), random)
        wide = pd.concat([frame, pd.DataFrame(new)], axis=1)
        places = random.permutation(wide.shape[1])
        if what == DOUBLE:
            # Nothing but the copies is to differ: first weights go by the order of the columns.
            n_real = frame.shape[1]
            places[places < n_real] = np.random.default_rng(1_000 + seed).permutation(n_real)
        return wide.iloc[:, places]


def _noise(x: pd.DataFrame, count: int, random: np.random.Generator) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for number in range(count):
        if number % 2:
            columns[f"{NOISE} {number}"] = random.normal(size=len(x))
        else:
            real = x.columns[random.integers(x.shape[1])]
            columns[f"{NOISE} {number} {real}"] = x[real].to_numpy()[random.permutation(len(x))]
    return columns


def _doubles(x: pd.DataFrame, count: int, random: np.random.Generator) -> dict[str, Any]:
    numbers = x.select_dtypes("number")
    real = numbers.nunique().idxmax()
    values, spread = numbers[real].to_numpy(float), numbers[real].std()
    columns: dict[str, Any] = {}
    for number in range(count):
        copy = values + _NOISE_OF_DOUBLES * spread * random.normal(size=len(x))
        columns[f"{DOUBLE} {number} of {real}"] = 1.8 * copy + 32 if number % 2 else copy
    return columns
