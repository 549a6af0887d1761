"""Which rows of a table test a model, and what rows are to each other: later, akin, of weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from layerwise.arrays import Array, Floats, Integers
from layerwise.ensemble.splitting import Split, group_numbers, moment_of, split_rows, times_of
from layerwise.language import said
from layerwise.tables.errors import TableError
from layerwise.tables.kinds import reading_of_dates
from layerwise.tables.names import check_names, spelled
from layerwise.tables.parsing import parse_numbers

_TEST_SIZE = 0.2


@dataclass(frozen=True, kw_only=True)
class RowRoles:
    """The columns that say what rows are to each other, and which of them test.

    Attributes
    ----------
    test_size : float or None
        Share of the rows that test the result; None: a fifth.
    time_column, group_column, weight_column : str or None
        The latest rows test; rows of one group stay together; rows count by their weight, in
        training and in all scores. With both a time and a group, what is unknown is the future of
        known groups, so that the group is a feature, unless `new_groups`.
    new_groups : bool
        With both: the test is of later rows of groups that are not trained on.
    test_from : str or None
        A moment of the time column, with which the test begins, whatever `test_size`.
    dates : sequence of str
        Columns of dates, as `layerwise.tables.kinds.describe_columns` takes them.
    """

    test_size: float | None = None
    time_column: str | None = None
    group_column: str | None = None
    weight_column: str | None = None
    new_groups: bool = False
    test_from: str | None = None
    dates: Sequence[str] = ()

    def check(self, *, has_test: bool) -> None:
        """Refuse roles that contradict each other, or the rows of a test file.

        Raises
        ------
        TableError
        """
        if self.test_from is not None and self.time_column is None:
            raise TableError("a moment from which on to test needs the column of time; name it too")
        if self.test_from is not None and has_test:
            raise TableError(
                "rows to test with come from the test file, or from a moment on; give one of them"
            )
        if self.test_size is not None:
            if has_test:
                raise TableError("a share of rows to test with is of no use beside the test file")
            if self.test_from is not None and not self.new_groups:
                raise TableError(
                    "a share of rows to test with is of no use beside a moment from which on to "
                    "test; give one of them"
                )
        if self.new_groups and self.group_column is None:
            raise TableError("new groups need the column that tells groups apart; name it too")
        if self.new_groups and self.time_column is None:
            raise TableError(
                "without a column of time the groups of the test are new ones as it is; name that "
                "column, or leave new groups out"
            )

    def among(self, names: Sequence[str]) -> RowRoles:
        """The same with the columns spelled as a table has them."""
        found: dict[str, Any] = {
            role: spelled([name], names)[0]
            for role in ("time_column", "group_column", "weight_column")
            if (name := getattr(self, role)) is not None
        }
        return replace(self, **found)

    @property
    def known_group(self) -> str | None:
        """The column of the groups where their future is what is unknown."""
        return None if self.time_column is None or self.new_groups else self.group_column

    @property
    def set_aside(self) -> dict[str, str]:
        """The columns that are no features, and what each is for."""
        roles = {
            self.group_column: said("tells the groups apart"),
            self.weight_column: said("weights the rows"),
        }
        return {
            name: what
            for name, what in roles.items()
            if name is not None and name != self.known_group
        }

    @property
    def are_drawn(self) -> bool:
        """Whether the rows to test with are drawn at random."""
        return self.time_column is None and self.group_column is None

    def split(
        self, table: pa.Table, rows: Integers, classes: Integers | None, *, seed: int
    ) -> Split:
        """Part the rows that have a target into those to train on and those to test with.

        Parameters
        ----------
        table : pyarrow.Table
        rows : ndarray of int64, shape (n,)
        classes : ndarray of int64, shape (n,), or None
            Their class numbers; None where numbers are to be predicted.
        seed : int

        Raises
        ------
        TableError
            If a column is not there, or does not do for its role.
        """
        times, groups = self.times_and_groups(table, rows)
        test_from = None
        if self.test_from is not None and self.time_column is not None:
            values = table.column(self.time_column)
            reading = reading_of_dates(table, self.time_column, self.dates)
            times = times_of(values.take(rows), self.time_column, reading, whole_days=False)
            test_from = moment_of(self.test_from, values, self.time_column, reading)
        split = split_rows(
            len(rows),
            test_size=_TEST_SIZE if self.test_size is None else self.test_size,
            classes=classes,
            times=times,
            groups=groups,
            test_from=test_from,
            seed=seed,
        )
        how = split.how
        if self.known_group is not None:
            how += said(
                "; the groups, {name}, are known and their future is not", name=self.known_group
            )
        return Split(rows[split.train], rows[split.test], how)

    def times_and_groups(
        self, table: pa.Table, rows: Integers
    ) -> tuple[Array | None, Integers | None]:
        """The moments of some rows, and the numbers of the groups that may not be parted."""
        times = groups = None
        if self.time_column is not None:
            check_names([self.time_column], table.column_names, "order in time")
            reading = reading_of_dates(table, self.time_column, self.dates)
            times = times_of(table.column(self.time_column).take(rows), self.time_column, reading)
        if self.group_column is not None and self.known_group is None:
            groups = group_numbers(table.column(self.group_column).take(rows), len(rows))
        return times, groups

    def weights(self, table: pa.Table) -> Floats | None:
        """How much each row counts, None where all count alike.

        Raises
        ------
        TableError
            If a cell is no number of at least 0.
        """
        if self.weight_column is None:
            return None
        check_names([self.weight_column], table.column_names, "that weights the rows")
        try:
            weights, unread = parse_numbers(table.column(self.weight_column))
        except TypeError:
            unread = [0]
        if unread or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise TableError(
                f"the weights in {self.weight_column!r} must be numbers of at least 0, one in each "
                "row, and not all 0; fill or leave out rows without one"
            )
        return weights
