"""The tables that accuracy is measured on: a folder's, or tiny made ones."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

CLASSES, NUMBER = "classification", "regression"
MADE_ROWS = 90


@dataclass(frozen=True)
class Table:
    """A table by name; `path` is None for a made one, `added` what was added to it."""

    name: str
    task: str
    target: str
    rows: int
    path: Path | None = None
    added: str | None = None

    @property
    def fingerprint(self) -> str:
        """Tells whether a result is of these very bytes."""
        content = f"made {self.rows}".encode() if self.path is None else self.path.read_bytes()
        return hashlib.sha256(content).hexdigest()[:12]

    def frame(self) -> pd.DataFrame:
        """Read the table; an empty cell, and nothing else, is a missing value."""
        if self.path is None:
            return _made(self.task, self.rows)
        return pd.read_csv(self.path, keep_default_na=False, na_values=[""])

    def split(self, seed: int) -> list[Any]:
        """The split that results are compared on: rows to train and to test on, then targets."""
        frame = self.frame()
        x, y = frame.drop(columns=self.target), frame[self.target]
        stratify = y if self.task == CLASSES else None
        return train_test_split(x, y, test_size=0.2, random_state=seed, stratify=stratify)

    def judged(self, used: Sequence[str]) -> dict[str, Any]:
        """What is to be noted of the columns that a model of ours uses."""
        return {}


def made(rows: int = MADE_ROWS) -> list[Table]:
    """Two tiny tables, one for each task."""
    return [Table(f"made_{task}", task, "y", rows) for task in (CLASSES, NUMBER)]


def listed(folder: Path) -> list[Table]:
    """The tables of a folder's index.csv, the smallest first."""
    with (folder / "index.csv").open(newline="") as index:
        tables = [
            Table(
                row["name"],
                row["task"],
                row["target"],
                int(row["rows"]),
                folder / f"{row['name']}.csv.gz",
            )
            for row in csv.DictReader(index)
        ]
    return sorted(tables, key=lambda table: table.rows)


def _made(task: str, rows: int) -> pd.DataFrame:
    """Numbers, a category and missing cells, and a target that depends on them."""
    rng = np.random.default_rng(0)
    length, width = rng.normal(size=(2, rows))
    colour = rng.choice(["red", "green", "blue"], rows)
    y = length + np.where(colour == "red", 1.0, -1.0) + 0.1 * rng.normal(size=rows)
    frame = pd.DataFrame({"length": length, "width": width, "colour": colour})
    frame.loc[::10, "width"] = np.nan
    frame.loc[::15, "colour"] = None
    frame["y"] = np.where(y > 0, "yes", "no") if task == CLASSES else y
    return frame
