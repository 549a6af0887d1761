"""The rows of a raw table that are trained on, with what counts of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from layerwise.arrays import Array, Integers, Mask
from layerwise.ensemble.folds import Problem
from layerwise.ensemble.splitting import group_numbers
from layerwise.network.inputs import as_array
from layerwise.tables.errors import TableError


class GivenRows(NamedTuple):
    """What `BaseTable.fit` is given, and `TableClassifier.partial_fit`."""

    X: Any
    y: Any
    target: str | Sequence[str] | None
    sample_weight: ArrayLike | None
    groups: ArrayLike | None
    times: ArrayLike | None
    classes: ArrayLike | None = None


@dataclass(frozen=True)
class TrainingRows:
    """Columns to predict from, targets in numbers, weights, and the numbers of groups and moments.

    See `BaseTable.fit`.
    """

    table: pa.Table
    y: Array
    weight: Array | None
    groups: Array | None
    times: Integers | None


@dataclass
class LearnedRows:
    """The rows that a model was trained on, once it was.

    Attributes
    ----------
    problem : Problem
        Them as its networks had them.
    y : ndarray, shape (n,) or (n, n_targets)
        Their targets as `Task.encode` gives them.
    """

    problem: Problem = field(init=False)
    y: Array = field(init=False)


def rows_that_count(
    table: pa.Table,
    y: Array,
    missing: Mask,
    weight: Array | None,
    groups: ArrayLike | None,
    times: ArrayLike | None,
) -> TrainingRows:
    """Return the rows that have a target and a weight above 0.

    Raises
    ------
    TableError
        If there are fewer than two.
    ValueError
        If groups or times are not one for each row, or cannot be told apart or put in order.
    """
    n = table.num_rows
    group = None if groups is None else group_numbers(groups, n)
    moment = None if times is None else as_array(times, "times")
    if moment is not None and moment.shape != (n,):
        raise ValueError(f"times must have a value for each of the {n:,} rows; got {moment.shape}")
    kept = ~missing if weight is None else ~missing & (weight > 0)
    if not kept.all():
        table, y = table.filter(pa.array(kept)), y[kept]
        weight = weight if weight is None else weight[kept]
        group = group if group is None else group[kept]
        moment = moment if moment is None else moment[kept]
    if table.num_rows < 2:
        raise TableError(
            f"{table.num_rows} of {n} rows have a target and a weight above 0; "
            "at least 2 are needed to train, and some dozens to learn anything"
        )
    return TrainingRows(table, y, weight, group, None if moment is None else _in_order(moment))


def _in_order(times: Array) -> Integers:
    """A number for each moment, in their order."""
    wanted = "times must be numbers or moments, one for each row, that can be put in order"
    try:
        moments, order = np.unique(times, return_inverse=True)
        is_known = moments == moments  # NaN is not
    except TypeError as error:
        raise ValueError(f"{wanted}; {error}") from None
    if not np.all(is_known):
        raise ValueError(f"{wanted}; some are missing")
    return np.asarray(order, np.int64)
