"""A large mixed table as a CSV file: what real ones hold, and a target that depends on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

TARGET = "y"
ROWS_AT_ONCE = 100_000
NUMBERS = 9
CATEGORIES = {"pair": 2, "weekday": 7, "branch": 30, "product": 1_000, "customer": 20_000}
FIRST_DAY = np.datetime64("2015-01-01")
DAYS = 3_650
MISSING = 0.05


def write(path: Path, rows: int) -> None:
    """Write that many rows of 20 columns, the same ones each time."""
    writer = None
    for number, start in enumerate(range(0, rows, ROWS_AT_ONCE)):
        piece = _piece(number, min(ROWS_AT_ONCE, rows - start))
        writer = writer or csv.CSVWriter(path, piece.schema)
        writer.write_table(piece)
    if writer is not None:
        writer.close()


def _piece(number: int, rows: int) -> pa.Table:
    rng = np.random.default_rng([0, number])
    signal = np.zeros(rows)
    columns: dict[str, pa.Array] = {}
    for index in range(NUMBERS):
        values = rng.normal(size=rows)
        signal += np.sin((1 + index / 3) * values) / (1 + index)
        # Some are skewed, as prices are; some have few digits.
        shown = np.exp(values) * 1_000 if index % 3 == 2 else values
        columns[f"number_{index}"] = _with_missing(np.round(shown, 2 + index % 4), rng, index)
    for index, (name, count) in enumerate(CATEGORIES.items()):
        codes = (count * rng.random(rows) ** 2).astype(np.int64)  # the first ones most often
        signal += _effects(count)[codes]
        names = np.array([f"{name} {code}" for code in range(count)], dtype=object)
        columns[name] = _with_missing(names[codes], rng, index)
    days = rng.integers(0, DAYS, rows)
    signal += np.cos(2 * np.pi * days / 365.25) / 2
    columns["date"] = pa.array(FIRST_DAY + days)
    member, paid = rng.random((2, rows)) < 0.3
    signal += member
    columns["member"] = pa.array(member)
    columns["paid"] = pa.array(np.where(paid, "yes", "no"))
    columns["quantity"] = pa.array(rng.poisson(3, rows))
    columns["score"] = _with_missing(rng.integers(0, 101, rows).astype(float), rng, 0)
    likely = 1 / (1 + np.exp(-2 * signal))
    columns[TARGET] = pa.array(np.where(rng.random(rows) < likely, "buys", "leaves"))
    return pa.table(columns)


def _effects(count: int) -> NDArray[np.float64]:
    """What each category adds; the same in every piece."""
    return np.random.default_rng(count).normal(scale=0.5, size=count)


def _with_missing(values: NDArray[np.generic], rng: np.random.Generator, index: int) -> pa.Array:
    """Every second column has missing cells."""
    return pa.array(values, mask=rng.random(len(values)) < (MISSING if index % 2 == 0 else 0.0))
