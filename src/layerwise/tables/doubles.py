"""Columns that say what another one says: the same again, in other units or by other names."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats
from layerwise.harmless_text import on_one_line
from layerwise.language import said
from layerwise.tables.columns import Column, category_cells
from layerwise.tables.parsing import find_cells, is_text
from layerwise.tables.tree_inputs import tree_input

_MOST_COLUMNS = 1_000
_FEWEST_VALUES = 10
_FEWEST_ROWS = 30
_EXACT = 1e-9  # of what is left of one's variance beside the other
_NEARLY = 1e-3
_ALIKE = 0.02
_ROUNDING = 0.55  # of a unit: months that are told in whole years
_MOST_TIMES = 400  # that one unit is in another; beyond it, one may be a part of the other


def find_doubles(table: pa.Table, columns: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Find columns that are another one again.

    Parameters
    ----------
    table : pyarrow.Table
        Some thousand rows are enough.
    columns : sequence of Column
        Those that are used.

    Yields
    ------
    name, what : str
        A column, and what it is of one before it.

    Examples
    --------
    >>> table = pa.table({"age": range(40), "age_months": range(0, 480, 12)})
    >>> columns = [Column(name, "number", "", "number", 0, 40) for name in table.column_names]
    >>> list(find_doubles(table, columns))
    [('age_months', 'age_months is 12 times age')]
    """
    if table.num_rows < _FEWEST_ROWS:
        return
    columns = columns[:_MOST_COLUMNS]
    kinds = {column.name: column.kind for column in columns}
    for name, x, other, of, left in _along_a_line(table, columns):
        if kinds[name] != kinds[other]:
            continue  # a year is no number of days
        if left <= _NEARLY and (what := _relation(x, of, on_one_line(other), left <= _EXACT)):
            yield name, said("{name} is {what}", name=on_one_line(name), what=what)
    known: dict[bytes, str] = {}
    for column in columns:
        if column.kind in {"category", "boolean", "text"} and column.n_distinct > 1:
            key = _as_they_appear(table, column)
            if key in known:
                yield (
                    column.name,
                    said(
                        "{name} tells the same rows apart as {other}",
                        name=on_one_line(column.name),
                        other=on_one_line(known[key]),
                    ),
                )
            known.setdefault(key, column.name)


def find_alike(table: pa.Table, columns: Sequence[Column]) -> list[list[str]]:
    """Find numbers and dates that nearly say the same, as noisy copies of one do.

    Parameters
    ----------
    table, columns
        As for `find_doubles`, whose columns are none of these.

    Returns
    -------
    list of list of str
        Columns of which each is the first, in a straight line, but for 2 % of its variance.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> table = pa.table({"a": random.normal(size=99), "c": random.normal(size=99)})
    >>> a = table["a"].to_numpy()
    >>> table = table.append_column("b", pa.array(5 - a + 0.05 * random.normal(size=99)))
    >>> columns = [Column(name, "number", "", "number", 0, 99) for name in table.column_names]
    >>> find_alike(table, columns)
    [['a', 'b']]
    """
    groups: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    kinds = {column.name: column.kind for column in columns}
    if table.num_rows >= _FEWEST_ROWS:
        for name, x, other, of, left in _along_a_line(table, columns[:_MOST_COLUMNS]):
            are_alike = kinds[name] == kinds[other]
            is_double = are_alike and left <= _NEARLY and _relation(x, of, other, left <= _EXACT)
            if left <= _ALIKE and not is_double:
                first[name] = first.get(other, other)
                groups.setdefault(first[name], [first[name]]).append(name)
    return list(groups.values())


_Pair = tuple[str, Floats, str, Floats, float]


def _along_a_line(table: pa.Table, columns: Sequence[Column]) -> Iterator[_Pair]:
    """Of each number the one before it that it is nearest to along a line, and what is left.

    That is, as a share of its variance; gaps are in the same rows.
    """
    inputs = {
        column.name: tree_input(table.column(column.name), column)
        for column in columns
        if column.kind in {"number", "date"} and column.n_distinct >= _FEWEST_VALUES
    }
    of_gaps: dict[bytes, list[str]] = {}
    for name, x in inputs.items():
        if np.isfinite(x[~np.isnan(x)]).all():
            of_gaps.setdefault(np.isnan(x).tobytes(), []).append(name)
    for alike in of_gaps.values():
        there = ~np.isnan(inputs[alike[0]])
        names = [name for name in alike if there.any() and np.ptp(inputs[name][there]) > 0]
        if there.sum() < _FEWEST_ROWS or len(names) < 2:
            continue
        x = np.array([inputs[name][there] for name in names])
        z = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
        left = 1 - (z @ z.T / z.shape[1]) ** 2
        for i in range(1, len(names)):
            k = int(left[i, :i].argmin())
            yield names[i], x[i], names[k], x[k], float(left[i, k])


def _relation(x: Floats, of: Floats, other: str, is_exact: bool) -> str:
    """What numbers are of those of another column; "" if no rounding explains it."""
    if is_exact and np.array_equal(x, of):
        return said("{other} again", other=other)
    slope, start = np.polyfit(of, x, 1)
    beside = f", {start:+.6g}" if abs(start) > 1e-6 * np.abs(x).max() else ""
    if is_exact:
        return said("{slope:.6g} times {other}", slope=slope, other=other) + beside
    left = np.abs(x - slope * of - start).max()
    units = [_ROUNDING * step for n, step in ((of, abs(slope)), (x, 1)) if (n == np.rint(n)).all()]
    times = max(abs(slope), 1 / abs(slope))
    if left > max(units, default=0) or times > _MOST_TIMES:
        return ""
    return said("about {slope:.3g} times {other}", slope=slope, other=other)


def _as_they_appear(table: pa.Table, column: Column) -> bytes:
    """The cells, each as the place of its value among those that came before."""
    values = table.column(column.name)
    codes = find_cells(values).codes if is_text(values) else category_cells(values)[1]
    distinct, first, which = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    order[distinct < 0] = -1
    return bytes(order[which].astype(np.int64).tobytes())
