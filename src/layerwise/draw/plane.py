"""A plane through a model's inputs: two columns move, all others are held at typical values."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from layerwise.arrays import Codes, Reals
from layerwise.draw.model_rows import ModelRows
from layerwise.language import tr
from layerwise.tables.names import spelled
from layerwise.texts import apart_when_cut, cell_text, shortened

if TYPE_CHECKING:
    import pyarrow as pa

    from layerwise.tables.columns import Column

_STEPS = 120  # along a column of numbers
_MOST_VALUES = 12  # of a column of categories
_ROWS_TO_CHOOSE_BY = 300
_COLUMNS_TO_CHOOSE_FROM = 200


@dataclass(frozen=True)
class Axis:
    """One of the two columns.

    Attributes
    ----------
    name : str
    values : ndarray
        Where the plane has points: numbers, or 0, 1, 2, ... for categories.
    cells : list or None
        The table's cells at these points, for a table's model.
    labels : list of str
        What the categories are called; [] for numbers.
    rows : ndarray, shape (n_rows,)
        Each row's place along the axis; NaN where its cell is missing, or none of those drawn.
    is_date : bool
        Whether `values` are days since 1970.
    """

    name: str
    values: Reals
    cells: list[Any] | None
    labels: list[str]
    rows: Reals
    is_date: bool = False

    @property
    def edges(self) -> Reals:
        """Where the points' cells begin and end: one more than there are points."""
        middle = (self.values[1:] + self.values[:-1]) / 2
        first, last = self.values[0], self.values[-1]
        if len(self.values) == 1:
            return np.array([first - 0.5, first + 0.5])
        return np.concatenate([[2 * first - middle[0]], middle, [2 * last - middle[-1]]])


@dataclass(frozen=True)
class Plane:
    """The two axes, every point as the model takes it, and what the others are held at.

    Attributes
    ----------
    across, up : Axis
    x, codes : ndarray, shapes (n_up * n_across, ...)
    held : list of (str, str)
        The other columns and their values.
    """

    across: Axis
    up: Axis
    x: Reals
    codes: Codes
    held: list[tuple[str, str]]

    @property
    def shape(self) -> tuple[int, int]:
        """(points up, points across)."""
        return len(self.up.values), len(self.across.values)

    @property
    def is_smooth(self) -> bool:
        """Whether neither column is of categories."""
        return not (self.up.labels or self.across.labels)

    def axis_names(self, across: int, up: int) -> tuple[str, str]:
        """The two columns' names, cut to so many letters and still not the same as another's."""
        names = [self.across.name, self.up.name, *(name for name, _ in self.held)]
        return (
            shortened(apart_when_cut(names, across)[0], across),
            shortened(apart_when_cut(names, up)[1], up),
        )

    @property
    def statement(self) -> str:
        """What the other columns are held at, in words."""
        if not self.held:
            return ""
        # A line breaks between columns, not around their "=".
        names = apart_when_cut([name for name, _ in self.held], 30)
        shown = [
            f"{shortened(name, 30)}\u00a0=\u00a0{value}"
            for name, (_, value) in zip(names[:8], self.held, strict=False)
        ]
        if len(self.held) > 8:
            shown.append(tr("and {n} more columns", n=len(self.held) - 8))
        return tr(
            "The other columns are held at typical values (the middle number, the most frequent "
            "value): {values}",
            values=", ".join(shown),
        )


def plane_of(rows: ModelRows, columns: Sequence[str | int] | None) -> Plane:
    """Lay a plane through two columns.

    Parameters
    ----------
    rows : ModelRows
    columns : two names or numbers of columns, or None
        None: the two whose shuffling changes what the model predicts the most.

    Raises
    ------
    ValueError
        For columns that are not there, are free text, or hold nothing.
    """
    if columns is None:
        across, up = _most_telling(rows)
    else:
        if isinstance(columns, str) or len(columns) != 2:
            raise ValueError(f"columns must name two columns; got {columns!r}")
        across, up = (_place(rows, column) for column in columns)
        if across == up:
            raise ValueError(f"columns must name two different columns; got {columns!r} twice")
    return _of_matrix(rows, across, up) if rows.table is None else _of_table(rows, across, up)


def _place(rows: ModelRows, column: str | int) -> int:
    if isinstance(column, str):
        (column,) = spelled([column], rows.names)
        if column not in rows.names:
            known = ", ".join(rows.names[:12]) + (", ..." if len(rows.names) > 12 else "")
            raise ValueError(f"the model does not use a column {column!r}; it uses: {known}")
        return rows.names.index(column)
    if not 0 <= column < len(rows.names):
        raise ValueError(f"there is no column {column}; the model uses {len(rows.names)}, from 0")
    return int(column)


def _most_telling(rows: ModelRows) -> tuple[int, int]:
    """The two columns whose shuffling changes the outputs most; of those that can be drawn."""
    places = [i for i in range(len(rows.names)) if _kind(rows, i) != "text"]
    if len(places) < 2:
        raise ValueError(
            "a plane needs two columns that are no free text; the model uses "
            f"{len(places)} ({', '.join(rows.names[:8])})"
        )
    if len(places) == 2:
        return places[0], places[1]
    random = np.random.default_rng(0)
    some = np.sort(random.permutation(len(rows.x))[:_ROWS_TO_CHOOSE_BY])
    x, codes = rows.x[some], rows.codes[some]
    usual = rows.outputs(x, codes)
    order = random.permutation(len(some))
    changes = []
    for place in places[:_COLUMNS_TO_CHOOSE_FROM]:
        other_x, other_codes = x.copy(), codes.copy()
        numbers, own_codes = _inputs_of(rows, place)
        other_x[:, numbers] = x[order][:, numbers]
        other_codes[:, own_codes] = codes[order][:, own_codes]
        changes.append(float(np.abs(rows.outputs(other_x, other_codes) - usual).mean()))
    first, second = np.argsort(changes, kind="stable")[::-1][:2]
    return places[first], places[second]


def _inputs_of(rows: ModelRows, place: int) -> tuple[list[int], list[int]]:
    if rows.inputs_of is None:
        return [place], []
    return rows.inputs_of(rows.names[place])


def _kind(rows: ModelRows, place: int) -> str:
    """How a column is drawn: "number", "category", or what it is."""
    if rows.columns is None:
        return "number"
    kind = rows.columns[place].kind
    return "category" if kind == "boolean" else str(kind)


def _number_axis(name: str, numbers: Reals, *, has_cells: bool) -> Axis:
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        raise ValueError(f"the column {name!r} holds no number in these rows")
    low, high = np.quantile(known, [0.01, 0.99])
    if low == high:
        low, high = known.min(), known.max()
    reach = 0.08 * (high - low) or 1.0
    values = np.linspace(low - reach, high + reach, _STEPS)
    return Axis(name, values, values.tolist() if has_cells else None, [], numbers)


def _date_axis(name: str, days: Reals) -> Axis:
    axis = _number_axis(name, days, has_cells=False)
    moments = (axis.values * 86_400e6).astype("datetime64[us]")
    return replace(axis, cells=moments.tolist(), is_date=True)


def _category_axis(name: str, cells: list[Any]) -> Axis:
    counts = Counter(cell for cell in cells if cell is not None)
    if not counts:
        raise ValueError(f"the column {name!r} holds nothing in these rows")
    common = [cell for cell, _ in counts.most_common(_MOST_VALUES)]
    common.sort(key=lambda cell: (isinstance(cell, str), cell))
    places = {cell: float(place) for place, cell in enumerate(common)}
    rows = np.array([places.get(cell, np.nan) for cell in cells])
    return Axis(
        name, np.arange(len(common), dtype=float), common, [str(cell) for cell in common], rows
    )


def _of_matrix(rows: ModelRows, across: int, up: int) -> Plane:
    axes = [
        _number_axis(rows.names[place], rows.x[:, place].astype(float), has_cells=False)
        for place in (across, up)
    ]
    typical = np.median(rows.x, axis=0)
    x = np.repeat(typical[None], _STEPS * _STEPS, axis=0)
    grid = np.meshgrid(axes[0].values, axes[1].values)
    x[:, across], x[:, up] = grid[0].ravel(), grid[1].ravel()
    held = [
        (name, f"{value:.4g}")
        for place, (name, value) in enumerate(zip(rows.names, typical, strict=True))
        if place not in (across, up)
    ]
    x = x.astype(rows.x.dtype)
    return Plane(axes[0], axes[1], x, np.zeros((len(x), 0), np.int32), held)


def _of_table(rows: ModelRows, across: int, up: int) -> Plane:
    import pyarrow as pa

    from layerwise.tables.columns import numbers_of

    assert rows.table is not None
    assert rows.columns is not None
    assert rows.prepare is not None
    axes = []
    for place in (across, up):
        column, kind = rows.columns[place], _kind(rows, place)
        cells = rows.table.column(column.name)
        if kind == "number":
            axes.append(_number_axis(column.name, numbers_of(column, cells)[0], has_cells=True))
        elif kind == "date":
            axes.append(_date_axis(column.name, numbers_of(column, cells)[0]))
        elif kind == "category":
            axes.append(_category_axis(column.name, cells.to_pylist()))
        else:
            raise ValueError(
                f"the column {column.name!r} is free text; a plane is drawn of numbers, dates and "
                "categories"
            )
    first, second = axes
    assert first.cells is not None
    assert second.cells is not None
    n = len(first.cells) * len(second.cells)
    columns: dict[str, pa.Array] = {
        first.name: pa.array(first.cells * len(second.cells)),
        second.name: pa.array([cell for cell in second.cells for _ in first.cells]),
    }
    held = []
    for place, column in enumerate(rows.columns):
        if place in (across, up):
            continue
        cells = rows.table.column(column.name)
        cell = _typical_cell(column, cells)
        columns[column.name] = pa.array([cell] * n, cells.type)
        held.append((column.name, _shown(cell)))
    return Plane(first, second, *rows.prepare(pa.table(columns)), held)


def _typical_cell(column: "Column", cells: "pa.ChunkedArray") -> object:
    """The cell in the middle of numbers and dates, else the most frequent one."""
    known = [cell for cell in cells.to_pylist() if cell is not None]
    if not known:
        return None
    if column.kind in {"number", "date"}:
        from layerwise.tables.columns import numbers_of

        numbers = numbers_of(column, cells)[0]
        places = np.flatnonzero(np.isfinite(numbers))
        if len(places):
            order = places[np.argsort(numbers[places], kind="stable")]
            return cells[int(order[len(order) // 2])].as_py()
    return Counter(known).most_common(1)[0][0]


def _shown(cell: object) -> str:
    if cell is None:
        return tr("missing")
    return shortened(f"{cell:.4g}" if isinstance(cell, float) else cell_text(cell), 30)
