"""How often new rows are said to differ: rows as those trained on, and rows that do differ.

    python bench/drift.py [--runs N] [--trained ROWS]

Columns of all kinds are drawn, with light and heavy tails, and compared as `layerwise predict` is.
The first table counts, of tables whose rows come from the same source, those of which anything is
said; the second, of tables with one column changed, those in which it is named.
"""

import argparse
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from layerwise.tables.columns import Column
from layerwise.tables.drift import compare
from layerwise.tables.preparation import Preparation

Random = np.random.Generator
_DAYS = np.datetime64("2022-01-01", "D")


def _zipf(random: Random, n: int, n_values: int) -> np.ndarray:
    p = 1.0 / np.arange(1, n_values + 1)
    return np.char.add("value ", random.choice(n_values, n, p=p / p.sum()).astype(str))


SOURCES: dict[str, tuple[str, Callable[[Random, int], np.ndarray]]] = {
    "normal": ("number", lambda random, n: random.normal(size=n)),
    "lognormal": ("number", lambda random, n: random.lognormal(size=n)),
    "Student, 3 degrees": ("number", lambda random, n: random.standard_t(3, n)),
    "uniform": ("number", lambda random, n: random.uniform(2, 9, n)),
    "counts": ("number", lambda random, n: random.poisson(0.7, n) + 0.0),
    "mostly zero": (
        "number",
        lambda random, n: np.where(random.random(n) < 0.9, 0, random.lognormal(7, 1, n)),
    ),
    "a fifth missing": (
        "number",
        lambda random, n: np.where(random.random(n) < 0.2, np.nan, random.normal(size=n)),
    ),
    "yes or no": ("boolean", lambda random, n: random.random(n) < 0.3),
    "5 categories": ("category", lambda random, n: _zipf(random, n, 5)),
    "1,000 categories": ("category", lambda random, n: _zipf(random, n, 1000)),
    "days": ("date", lambda random, n: _DAYS + random.integers(0, 1000, n)),
}


def drawn(random: Random, n: int, n_columns: int) -> pa.Table:
    """A table of columns from the sources, by turns."""
    kinds = list(SOURCES.values())
    cells = {f"c{i}": kinds[i % len(kinds)][1](random, n) for i in range(n_columns)}
    return pa.table({name: pa.array(x, from_pandas=True) for name, x in cells.items()})


def fitted(table: pa.Table) -> Preparation:
    """A preparation of such a table."""
    kinds = [kind for kind, _ in SOURCES.values()]
    stored = {"category": "text"}
    columns = [
        Column(f"c{i}", kind, "drawn", stored.get(kind, kind), 0, 0)
        for i in range(table.num_columns)
        if (kind := kinds[i % len(kinds)])
    ]
    return Preparation.fit(table, columns)


def _rare_made_frequent(random: Random, n: int) -> np.ndarray:
    return np.where(random.random(n) < 0.3, "value 4", _zipf(random, n, 5))


# What is changed: in which column, and how.
CHANGES: dict[str, tuple[int, Callable[[Random, int], np.ndarray]]] = {
    "48 % missing": (
        0,
        lambda random, n: np.where(random.random(n) < 0.48, np.nan, random.normal(size=n)),
    ),
    "times 1,000": (1, lambda random, n: 1000 * random.lognormal(size=n)),
    "shifted by 1 standard deviation": (0, lambda random, n: 1 + random.normal(size=n)),
    "a category of 9 % is 37 %": (8, _rare_made_frequent),
    "3 years later": (10, lambda random, n: _DAYS + 1096 + random.integers(0, 1000, n)),
    "one value of 50 among 2 to 9": (
        3,
        lambda random, n: np.append(random.uniform(2, 9, n - 1), 50.0),
    ),
}


def said_of_the_same(random: Random, n_trained: int, n: int, n_columns: int) -> bool:
    """Whether anything is said of rows from the same source."""
    preparation = fitted(drawn(random, n_trained, n_columns))
    return bool(compare(preparation, drawn(random, n, n_columns)).differences)


def named(random: Random, n_trained: int, n: int, n_columns: int, change: str) -> bool:
    """Whether the changed column is named."""
    place, draw = CHANGES[change]
    preparation = fitted(drawn(random, n_trained, n_columns))
    cells = pa.array(draw(random, n), from_pandas=True)
    table = drawn(random, n, n_columns).set_column(place, f"c{place}", cells)
    found = compare(preparation, table).differences
    return f"c{place}" in [one.column for one in found]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100, help="100 unless told; at least 10")
    parser.add_argument("--trained", type=int, default=2000, help="rows")
    asked = parser.parse_args(arguments)
    print(f"{asked.trained:,} rows trained on\n")
    print("anything is said of rows from the same source")
    for n_columns in (5, 50, 500):
        shares = []
        for n in (1, 20, 200, 5000):
            random = np.random.default_rng(n_columns)
            runs = max(10, asked.runs * 50 // max(50, n_columns))
            said = sum(said_of_the_same(random, asked.trained, n, n_columns) for _ in range(runs))
            shares.append(f"{n:,} rows {said} of {runs}")
        print(f"  {n_columns:>3} columns: {', '.join(shares)}", flush=True)
    print("\nthe changed column is named, of 50")
    for change in CHANGES:
        shares = []
        for n in (20, 200, 5000):
            random = np.random.default_rng(n)
            runs = max(10, asked.runs // 4)
            found = sum(named(random, asked.trained, n, 50, change) for _ in range(runs))
            shares.append(f"{n:,} rows {found} of {runs}")
        print(f"  {change}: {', '.join(shares)}", flush=True)


if __name__ == "__main__":
    main()
