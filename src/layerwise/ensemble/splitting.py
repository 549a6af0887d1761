"""Which rows are trained on, and which test the result."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from layerwise.arrays import Array, Integers, Mask
from layerwise.language import Said, said, said_count
from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_column
from layerwise.tables.parsing import (
    Reading,
    Values,
    cells_of_file,
    find_date_reading,
    is_text,
    kind_in_words,
    parse_dates,
    parse_numbers,
)
from layerwise.tables.targets import distinct_values
from layerwise.texts import plural

_FEWEST_DAYS = 10  # so many, and no day is parted


@dataclass(frozen=True)
class Split:
    """Rows to train on and rows to test with.

    Attributes
    ----------
    train, test : ndarray of int64
        Row numbers, in rising order.
    how : str
        In words.
    """

    train: Integers
    test: Integers
    how: str


def split_rows(
    n: int,
    *,
    test_size: float = 0.2,
    classes: Integers | None = None,
    times: Array | None = None,
    groups: Integers | None = None,
    test_from: Any = None,
    seed: int = 0,
) -> Split:
    """Split rows: at random, stratified where there are classes; by time; or by groups.

    Parameters
    ----------
    n : int
    test_size : float
        Share of the rows to test with.
    classes : ndarray of int, shape (n,), or None
        Class numbers; each class then has its share among the test rows.
    times : ndarray, shape (n,), or None
        Anything that can be put in order; the latest rows are then the test. No moment is parted.
    groups : ndarray, shape (n,), or None
        Rows of one group stay together. With times, the test rows are the latest ones of groups
        that are not trained on, and the latest ones of other groups are left out.
    test_from : scalar or None
        With times: the test begins with this moment, whatever `test_size`.
    seed : int

    Raises
    ------
    TableError
        If the rows are too few, for their classes too, or of one group or one moment.

    Examples
    --------
    >>> split = split_rows(10, test_size=0.3, times=np.arange(10)[::-1])
    >>> split.test.tolist(), split.how
    ([0, 1, 2], 'the latest 3 rows, from 7 on, are the test')
    """
    if n < 2:
        raise TableError(
            f"{n} row with a target cannot be split into rows to train on and rows to test with; "
            "give at least two, and some dozens to learn anything"
        )
    n_test = min(n - 1, max(1, round(test_size * n)))
    random = np.random.default_rng(seed)
    if times is not None:
        border = _border(times, n_test) if test_from is None else test_from
        is_later = times >= border
        if not 0 < is_later.sum() < n:
            raise TableError(
                f"{'no row is' if not is_later.any() else 'all rows are'} from {_written(border)} "
                f"on: the rows are of {_written(times.min())} to {_written(times.max())}"
            )
        if groups is not None:
            return _later_rows_of_new_groups(groups, is_later, border, test_size, random)
        test = np.flatnonzero(is_later)
        start = _written(border)
        how = said("the latest {n:,} rows, from {start} on, are the test", n=len(test), start=start)
        if len(test) == 1:
            how = said("the latest row, from {start} on, is the test", start=start)
    elif groups is not None:
        test, how = _whole_groups(groups, n_test, random)
    elif classes is not None:
        # A row that is the only one of its class is needed to train on.
        _, which, counts = np.unique(classes, return_inverse=True, return_counts=True)
        order = random.permutation(np.flatnonzero(counts[which] > 1))
        order = order[np.argsort(classes[order], kind="stable")]
        n_test = min(n_test, len(order))
        # Rows at equal distances along the classes: of each class its share.
        places = ((np.arange(n_test) + random.random()) * len(order) / max(1, n_test)).astype(
            np.int64
        )
        test = order[np.minimum(places, len(order) - 1)]
        # Where all of a class's rows were taken, one goes back.
        taken = np.bincount(which[test], minlength=len(counts))
        full = np.flatnonzero(taken == counts)
        test = np.delete(test, [np.flatnonzero(which[test] == k)[0] for k in full])
        if not len(test):
            raise TableError(
                f"each of the {len(counts):,} classes has one row, which is needed to train on; "
                "give at least one class two rows, so that one can be the test"
            )
        how = said("at random, each class by its share")
    else:
        test = random.permutation(n)[:n_test]
        how = said("at random")
    test = np.sort(test)
    return Split(np.setdiff1d(np.arange(n), test), test, how)


def _border(times: Array, n_test: int) -> Any:
    """The moment from which on there are, as nearly as moments allow, so many rows."""
    moments, counts = np.unique(times, return_counts=True)
    if len(moments) < 2:
        raise TableError(
            f"all rows are of one moment, {_written(moments[0])}; later ones are wanted, so that "
            "they can be the test"
        )
    from_each = np.cumsum(counts[:0:-1])[::-1]  # of each moment but the first
    return moments[1:][np.abs(from_each - n_test).argmin()]


def _written(moment: object) -> str:
    if not isinstance(moment, np.datetime64):
        return f"{moment:.15g}"
    return str(moment.astype("M8[s]")).replace("T", " ").removesuffix(" 00:00:00")


def _whole_groups(
    groups: Integers, n_test: int, random: np.random.Generator
) -> tuple[Integers, Said]:
    """The rows of so many groups that they are as many as wanted, or some more; and in words."""
    names, group = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise TableError(
            "all rows are of one group; at least two are wanted, so that one can be the test"
        )
    order = random.permutation(len(names))
    filled = np.cumsum(np.bincount(group)[order])
    n_groups = min(len(names) - 1, int(np.searchsorted(filled, n_test)) + 1)
    test = np.flatnonzero(np.isin(group, order[:n_groups]))
    return test, said("{k:,} of {n:,} groups are the test", k=n_groups, n=len(names))


def _later_rows_of_new_groups(
    groups: Integers, is_later: Mask, border: object, test_size: float, random: np.random.Generator
) -> Split:
    """Test rows that are later than all of training and of groups that it does not know.

    Groups that begin with the test are new. Where they have less than `test_size` of the later
    rows, others, drawn by lot, are taken for new ones too.
    """
    names, group = np.unique(groups, return_inverse=True)
    n_later = np.bincount(group[is_later], minlength=len(names))
    is_new = np.bincount(group[~is_later], minlength=len(names)) == 0
    wanted = test_size * is_later.sum()
    known = random.permutation(np.flatnonzero(~is_new & (n_later > 0)))
    have = n_later[is_new].sum() + np.append(0, np.cumsum(n_later[known]))
    n_taken = int(np.searchsorted(have, wanted))  # but one is left to train on
    is_new[known[: min(n_taken, int((~is_new).sum()) - 1)]] = True
    test = np.flatnonzero(is_later & is_new[group])
    train = np.flatnonzero(~is_later & ~is_new[group])
    if not (len(test) and len(train)):
        raise TableError(
            f"of the {len(names):,} groups none is left to train on before {_written(border)}, or "
            "to test with from then on; give more groups, or take the groups as known"
        )
    how = said("{rows} from {start} on", rows=said_count(len(test), "row"), start=_written(border))
    of_groups = said(
        "of {k:,} of {n:,} groups, none of whose rows are trained on",
        k=len(np.unique(group[test])),
        n=len(names),
    )
    how = (
        said("{rows} is the test, {of_groups}", rows=how, of_groups=of_groups)
        if len(test) == 1
        else said("{rows} are the test, {of_groups}", rows=how, of_groups=of_groups)
    )
    if left_out := len(groups) - len(test) - len(train):
        rows = said_count(left_out, "row")
        how += (
            said(
                "; {rows} is left out, earlier ones of these groups and later ones of others",
                rows=rows,
            )
            if left_out == 1
            else said(
                "; {rows} are left out, earlier ones of these groups and later ones of others",
                rows=rows,
            )
        )
    return Split(train, test, how)


def times_of(
    values: Values, name: str, reading: Reading | None = None, *, whole_days: bool = True
) -> Array:
    """Something that can be put in order, of a column of dates, numbers or text.

    Text is read as dates, as the `reading` has it or is found.
    Moments of ten days or more become, unless it is otherwise wanted, their days, none of which is
    then parted.
    """
    times: Array
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        times = parse_dates(values)[0]
    elif is_text(values):
        reading = reading or find_date_reading(values)
        if reading is None:
            raise TableError(
                f"the column {name!r} holds no dates and no numbers that rows could be ordered by"
            )
        times = parse_dates(values, reading)[0]
    else:
        times = parse_numbers(values)[0]
    missing = int((np.isnat(times) if times.dtype.kind == "M" else np.isnan(times)).sum())
    if missing:
        raise TableError(
            f"the column {name!r} lacks {plural(missing, 'value')}, or holds what is no moment; to "
            "order rows by it, each needs one: fill them, or leave these rows out"
        )
    if whole_days and times.dtype.kind == "M":
        days = times.astype("M8[D]")
        return days if len(np.unique(days)) >= _FEWEST_DAYS else times
    return times


def moment_of(text: str, values: Values, name: str, reading: Reading | None = None) -> Any:
    """A moment that a person typed, as `times_of` has those of the column."""
    try:
        if not any(sign.isdigit() for sign in text):  # NumPy takes "today", and "NaT"
            raise ValueError(text)
        if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
            return np.datetime64(text)
        if is_text(values):
            reading = reading or find_date_reading(values)
            read = np.datetime64("NaT")
            if reading is not None:
                read = parse_dates(pa.array([text]), reading)[0][0]
            return np.datetime64(text) if np.isnat(read) else read
        return float(text)
    except ValueError:
        raise TableError(
            f"{text!r} is no moment of the column {name!r}; write it as 2024-12-31, or as the "
            f"column has it, such as {values.drop_null()[0].as_py()}"
        ) from None


def group_numbers(groups: object, n: int) -> Integers:
    """A number for each row's group, in the order of what they are called.

    What is missing, be it None, NaN, NaT or an empty text, names no group: such rows are one group
    together, the last, since they may belong to one another. For the same reason blanks around a
    text are none of it, and in a mixture of numbers and text all are read as text: 1 and "1" are
    one group.

    Parameters
    ----------
    groups : array-like, shape (n,)
        Numbers, text, dates, truth values or categories, of NumPy, pandas, Polars or PyArrow.
    n : int
        How many rows there are.

    Raises
    ------
    TableError
        For another number of groups, or what cannot be told apart.

    Examples
    --------
    >>> group_numbers(["b", None, "a", "b", None], 5).tolist()
    [1, 2, 0, 1, 2]
    """
    column = as_column(groups, "groups")
    if len(column) != n:
        raise TableError(f"groups must name one for each of the {n:,} rows; got {len(column):,}")
    try:
        distinct, places = distinct_values(cells_of_file(column))
    except pa.ArrowNotImplementedError:
        raise TableError(
            f"groups are {kind_in_words(column.type)}; numbers, text or dates are wanted"
        ) from None
    order = sorted(range(len(distinct)), key=distinct.__getitem__)
    number = np.empty(len(distinct) + 1, np.int64)
    number[order], number[-1] = np.arange(len(distinct)), len(distinct)
    return number[places]
