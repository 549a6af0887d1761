"""From a table to what the network gets: a matrix of numbers and one of codes, and their names."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from layerwise.tables.columns import (
    LEFT_OUT,
    Column,
    beside_in,
    categories_of,
    category_cells,
    cells_read,
    moments_in,
    numbers_in,
    retyped,
    text_cells,
)
from layerwise.tables.encoders import (
    CategoryEncoder,
    DateEncoder,
    Encoded,
    Encoder,
    NumberEncoder,
    TextEncoder,
)
from layerwise.tables.encoders.number import widened
from layerwise.tables.errors import TableError
from layerwise.tables.names import some_names, spelled_as
from layerwise.tables.parsing import Values, cycle_of, is_text, some
from layerwise.tables.prepared import Prepared
from layerwise.tables.profiles import Measured, Profile, measure
from layerwise.texts import plural

_WITHOUT_ARRAYS: dict[str, type[NumberEncoder | CategoryEncoder | DateEncoder]] = {
    "number": NumberEncoder,
    "boolean": NumberEncoder,
    "category": CategoryEncoder,
    "date": DateEncoder,
}


@dataclass(frozen=True, eq=False, repr=False)
class Preparation:
    """How the columns of a table become numbers and codes; plain data, fitted to one table.

    Numbers are scaled by their quartiles and squashed; categories become codes; dates their parts
    and cyclic forms; free text a few numbers. It looks at the columns to predict from alone.

    Attributes
    ----------
    columns : tuple of Column
        All of the table's columns but the target, those that are dropped among them.
    encoders : tuple
        One for each column that is used.
    profiles : tuple of Profile, or None
        What the cells of each were like; None where a file of an earlier version has none.

    Examples
    --------
    >>> from layerwise.tables.kinds import describe_columns
    >>> table = pa.table({"age": [31, 45, None, 28], "sex": ["F", "M", "F", "M"]})
    >>> preparation = Preparation.fit(table, describe_columns(table))
    >>> prepared = preparation.transform(table)
    >>> prepared.input_names, prepared.code_names
    (('age', 'age is missing'), ('sex',))
    >>> prepared.x.shape, prepared.codes[:, 0].tolist()
    ((4, 2), [1, 2, 1, 2])
    """

    columns: tuple[Column, ...]
    encoders: tuple[Encoder, ...]
    profiles: tuple[Profile, ...] | None = None

    def __repr__(self) -> str:
        return f"<Preparation of {plural(len(self.columns), 'column')}, {len(self.encoders)} used>"

    @classmethod
    def fit(cls, table: pa.Table, columns: Iterable[Column], *, seed: int = 0) -> "Preparation":
        """Fit it to a table.

        Parameters
        ----------
        table : pyarrow.Table
        columns : iterable of Column
            What was decided about each, as `describe_columns` gives them.
        seed : int
            For the rows that texts are reduced with, where they are many.

        Raises
        ------
        TableError
            If no column is left to predict from.
        """
        columns = tuple(columns)
        used = [column for column in columns if column.is_used]
        if not used:
            names = [column.name for column in columns if column.kind == "identifier"]
            keep = f", or keep one of names: --keep {shlex.quote(names[0])}" if names else ""
            raise TableError(
                "no column is left to predict from: "
                + "; ".join(f"{column.name!r} is {column.kind}" for column in columns[:5])
                + f". Give the table a column that varies{keep}"
            )
        encoders = [_fitted(column, table.column(column.name), seed) for column in used]
        profiles = [
            Profile.of(measured, encoder.n_codes if isinstance(encoder, CategoryEncoder) else 0)
            for encoder, measured in zip(encoders, _measured(used, encoders, table), strict=True)
        ]
        return cls(columns, tuple(encoders), tuple(profiles))

    def measured(self, table: pa.Table) -> Iterator[Measured]:
        """The cells of each column that is used as numbers that can be counted."""
        table = spelled_as(table, (column.name for column in self.columns))
        self.check(table)
        return _measured(self.used, self.encoders, table)

    def with_rows(self, table: pa.Table) -> "Preparation":
        """The same with profiles to which rows are added that the model is trained on too."""
        if self.profiles is None:
            return self
        pairs = zip(self.profiles, self.measured(table), strict=True)
        return replace(self, profiles=tuple(profile.trained_on(cells) for profile, cells in pairs))

    def without(self, left_out: Mapping[str, tuple[str, str]]) -> "Preparation":
        """The same without some columns; by their names the kind that they become, and why."""
        columns = tuple(
            replace(column, kind=left_out[column.name][0], reason=left_out[column.name][1])
            if column.name in left_out
            else column
            for column in self.columns
        )
        kept = [place for place, one in enumerate(self.used) if one.name not in left_out]
        profiles = None if self.profiles is None else tuple(self.profiles[place] for place in kept)
        return Preparation(columns, tuple(self.encoders[place] for place in kept), profiles)

    @property
    def used(self) -> tuple[Column, ...]:
        """The columns that the network gets."""
        return tuple(column for column in self.columns if column.is_used)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What the columns of `Prepared.x` are."""
        return tuple(name for encoder in self.encoders for name in encoder.inputs)

    @property
    def code_encoders(self) -> tuple[CategoryEncoder, ...]:
        """The encoder of each column of `Prepared.codes`."""
        return tuple(e for e in self.encoders if isinstance(e, CategoryEncoder))

    @property
    def code_names(self) -> tuple[str, ...]:
        """What the columns of `Prepared.codes` are."""
        return tuple(encoder.column for encoder in self.code_encoders)

    def inputs_of(self, name: str) -> tuple[list[int], list[int]]:
        """Which columns of `Prepared.x` and of `Prepared.codes` a column of the table became."""
        return self._places.get(name, ([], []))

    @cached_property
    def _places(self) -> dict[str, tuple[list[int], list[int]]]:
        places: dict[str, tuple[list[int], list[int]]] = {}
        n_inputs = n_codes = 0
        for encoder in self.encoders:
            n, is_code = len(encoder.inputs), isinstance(encoder, CategoryEncoder)
            inputs = list(range(n_inputs, n_inputs + n))
            places[encoder.column] = inputs, [n_codes] if is_code else []
            n_inputs, n_codes = n_inputs + n, n_codes + is_code
        return places

    def transform(self, table: pa.Table) -> Prepared:
        """Make a table what the network gets.

        Columns may come in another order, and others beside them; values that are new, and cells
        that are missing where none was before, are normal.

        Raises
        ------
        TableError
            If a column is missing, or holds something of another kind.
        """
        table = spelled_as(table, (column.name for column in self.columns))
        self.check(table)
        n = table.num_rows
        unknown: dict[str, int] = {}
        unread: dict[str, tuple[int, str]] = {}
        x = np.empty((n, len(self.input_names)), np.float32)
        codes = np.empty((n, len(self.code_names)), np.int32)
        n_inputs = n_codes = 0
        profiles = self.profiles or [None] * len(self.encoders)
        for column, encoder, profile in zip(self.used, self.encoders, profiles, strict=True):
            values = table.column(column.name)
            encoded, stray = _encoded(column, encoder, values)
            for part in encoded.numbers:
                x[:, n_inputs] = part
                n_inputs += 1
            if encoded.codes is not None:
                codes[:, n_codes] = encoded.codes
                n_codes += 1
            if encoded.n_unknown:
                unknown[column.name] = encoded.n_unknown
            if stray and not (profile and profile.n_unread):
                unread[column.name] = len(stray), some([values[stray[0]].as_py()])
        there = set(table.column_names)
        unused = sorted(there - {column.name for column in self.columns})
        not_needed = [c.name for c in self.columns if c.kind in LEFT_OUT and c.name not in there]
        names = self.input_names, self.code_names
        return Prepared(x, codes, *names, unknown, unread, unused, not_needed)

    def widened(self, x: NDArray[np.float32], limit: float) -> NDArray[np.float32]:
        """Numbers that `transform` gave, squashed to another limit; those of texts are as they are.

        Parameters
        ----------
        x : ndarray of float32, shape (n, n_inputs)
        limit : float
            What they come near to; see `layerwise.tables.encoders.number.squash`.
        """
        wide = widened(x, limit)
        start = 0
        for encoder in self.encoders:
            stop = start + len(encoder.inputs)
            if isinstance(encoder, TextEncoder):
                wide[:, start:stop] = x[:, start:stop]
            start = stop
        return wide

    def as_trained(self, table: pa.Table) -> pa.Table:
        """The table, columns written otherwise than when it was fitted read as a whole.

        Some rows alone may not tell how.
        """
        table = spelled_as(table, (column.name for column in self.columns))
        self.check(table)
        for column in self.used:
            if column.kind in ("number", "boolean", "date"):
                cells, _, reading = cells_read(column, table.column(column.name))
                if reading is not None:
                    place = table.column_names.index(column.name)
                    table = table.set_column(place, column.name, pa.array(cells, from_pandas=True))
        return table

    def check(self, table: pa.Table) -> None:
        """Refuse, with a TableError, a table that lacks a column."""
        names = [column.name for column in self.used]
        there = set(spelled_as(table, names).column_names)
        missing = [repr(name) for name in names if name not in there]
        if missing:
            raise TableError(
                f"the table lacks the column{'s' if len(missing) > 1 else ''} "
                f"{some_names(missing, 5)}, which the model was trained with; its columns: "
                f"{some_names(table.column_names)}"
            )

    def to_json(self) -> dict[str, object]:
        """Return it as plain data, without the arrays."""
        data: dict[str, object] = {
            "columns": [column.to_json() for column in self.columns],
            "encoders": [encoder.to_json() for encoder in self.encoders],
        }
        if self.profiles is not None:
            data["profiles"] = [profile.to_json() for profile in self.profiles]
        return data

    @property
    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The arrays that `to_json` leaves out."""
        return {
            f"{i}.{name}": array
            for i, encoder in enumerate(self.encoders)
            if isinstance(encoder, TextEncoder)
            for name, array in encoder.arrays.items()
        }

    @classmethod
    def from_json(
        cls, data: Mapping[str, Any], arrays: Mapping[str, NDArray[np.float32]]
    ) -> "Preparation":
        """Read what `to_json` and `arrays` gave."""
        columns = tuple(Column.from_json(column) for column in data["columns"])
        used = [column for column in columns if column.is_used]
        encoders: list[Encoder] = []
        for i, (column, state) in enumerate(zip(used, data["encoders"], strict=True)):
            if column.kind == "text":
                own = {name: arrays[f"{i}.{name}"] for name in ("rarity", "directions")}
                encoders.append(TextEncoder.from_json(state, own))
            else:
                encoders.append(_WITHOUT_ARRAYS[column.kind].from_json(state))
        profiles = data.get("profiles")
        if profiles is not None:
            pairs = zip(profiles, encoders, strict=True)
            profiles = tuple(Profile.from_json(profile) for profile, _ in pairs)
        return cls(columns, tuple(encoders), profiles)


def _measured(
    columns: Sequence[Column], encoders: Sequence[Encoder], table: pa.Table
) -> Iterator[Measured]:
    for column, encoder in zip(columns, encoders, strict=True):
        yield measure(column, encoder, table.column(column.name))


def _encoded(column: Column, encoder: Encoder, values: Values) -> tuple[Encoded, list[int]]:
    """A column as the network gets it, and the positions of cells that could not be read."""
    known = len(values) - values.null_count
    if isinstance(encoder, CategoryEncoder):
        encoded = encoder.encode(*categories_of(column, values))
        came_alike = is_text(values) == (column.stored == "text")
        if known and encoded.n_unknown == known and not came_alike:
            raise retyped(column, values)
        return encoded, []
    if isinstance(encoder, TextEncoder):
        if not is_text(values) and known:
            raise retyped(column, values)
        return encoder.encode(text_cells(values)), []
    cells, stray, _ = cells_read(column, values)
    if isinstance(encoder, DateEncoder):
        return encoder.encode(cells), stray
    return encoder.encode(cells, beside_in(column, values)), stray


def _fitted(column: Column, values: Values, seed: int) -> Encoder:
    if column.kind == "category":
        ordered = column.reading.amounts if column.reading else None
        order = dict(ordered.words) if ordered else None
        return CategoryEncoder.fit(column.name, *category_cells(values), order)
    if column.kind == "text":
        return TextEncoder.fit(column.name, text_cells(values), seed=seed)
    if column.kind == "date":
        return DateEncoder.fit(column.name, moments_in(column, values))
    is_boolean = column.kind == "boolean"
    numbers = numbers_in(column, values)
    amounts = column.reading.amounts if column.reading else None
    return NumberEncoder.fit(
        column.name,
        numbers,
        is_boolean=is_boolean,
        period=cycle_of(column.reading),
        beside=amounts.beside if amounts else "",
        second=beside_in(column, values) if amounts and amounts.form == "pair" else None,
    )
