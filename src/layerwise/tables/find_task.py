"""What is to be predicted, found from the cells of the target: classes or a number, and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats
from layerwise.language import said, said_list
from layerwise.tables.cell_kinds import worths_in_words
from layerwise.tables.errors import TableError
from layerwise.tables.names import check_names
from layerwise.tables.parsing import (
    Reading,
    Values,
    find_date_reading,
    is_text,
    kind_in_words,
    seconds_in_words,
    short,
    some,
    stored_as,
)
from layerwise.tables.targets import (
    Label,
    are_classes,
    distinct_values,
    finite,
    order_for_people,
    read_numbers,
)
from layerwise.tables.task import Task, constant_target

_A_COUPLE, _MOST_UNREAD = 2, 0.1  # of a target's cells
_LARGEST = 1e140  # of targets; the sum of the squares of many such is still a number
_TASKS = ("classification", "binary", "multiclass", "regression")


def find_table_task(table: pa.Table, names: Sequence[str], task: str | None = None) -> Task:
    """Find the task of a table with one target, or with several that are numbers.

    Parameters
    ----------
    table : pyarrow.Table
    names : sequence of str
        The columns to be predicted.
    task : {"classification", "binary", "multiclass", "regression"} or None
        None: found out.

    Raises
    ------
    TableError
        If a target is not in the table, or cannot be predicted (see `find_task`), or if several
        targets are not all numbers.

    Examples
    --------
    >>> table = pa.table({"x": [1, 2, 3], "width": [0.5, 1.5, 2.0], "height": [2.5, None, 1.5]})
    >>> find_table_task(table, ["width", "height"]).reason
    '2 numbers: width, height'
    """
    if not names or len(set(names)) < len(names):
        raise TableError(f"one target or several different ones are wanted; got {list(names)}")
    names = check_names(names, table.column_names, "target")
    if len(names) == 1:
        return find_task(table.column(names[0]), name=names[0], task=task)
    tasks = [find_task(table.column(name), name=name, task=task) for name in names]
    classes = [task.names[0] for task in tasks if task.kind != "regression"]
    if classes:
        raise TableError(
            f"of several targets all must be numbers, but {some(classes)} "
            f"{'is' if len(classes) == 1 else 'are'} of classes; train a model for each target, or "
            "ask for the task 'regression' if they are numbers"
        )
    joined = Task(
        "regression",
        tuple(names),
        said("{n} numbers: {names}", n=len(names), names=", ".join(names)),
        readings=tuple(task.readings[0] for task in tasks),
    )
    _, missing = joined.encode(*(table.column(name) for name in names))
    if missing.all():
        raise TableError(f"no row has all of the targets {', '.join(names)}")
    return replace(joined, n_missing=int(missing.sum()))


def find_task(target: Values, *, name: str, task: str | None = None) -> Task:
    """Find what is to be predicted from the target's cells.

    Text and truth values are classes; text that reads as numbers counts as numbers. Numbers with
    a fraction are a regression. Whole numbers are classes if they are two, or if they are at most
    20, begin at 0 or 1 with at most one left out, and there are at least 5 rows for each; else
    a regression, since ages, counts and marks look like that. Durations and times of day are
    numbers of seconds.

    Parameters
    ----------
    target : pyarrow array, shape (n,)
    name : str
    task : {"classification", "binary", "multiclass", "regression"} or None
        None: found out.

    Raises
    ------
    TableError
        If no row has a target, if all rows have the same, if it holds dates or what has no order
        and no classes, if there are more classes than half the rows, or if it does not fit the
        task asked for.

    Examples
    --------
    >>> find_task(pa.array([3.5, 1.25, 2.0]), name="price").reason
    'numbers from 1.25 to 3.5'
    >>> find_task(pa.array([1, 2, 3] * 5), name="grade").reason
    '3 classes: 1 (33 %), 2 (33 %), 3 (33 %)'
    """
    if task is not None and task not in _TASKS:
        raise TableError(f"unknown task {task!r}; known: {', '.join(_TASKS)}")
    if len(target) == target.null_count:
        raise TableError(f"no row has a value in the target {name!r}; at least two are needed")
    if stored_as(target) in {"date", "other"}:
        raise TableError(
            f"the target {name!r} holds {kind_in_words(target.type)}; numbers or classes are "
            "wanted: make a number of it first, such as days from a fixed date"
        )
    insist = task == "regression"
    numbers, reading, unread, n_unread = read_numbers(target, insist=insist, name=name)
    if task == "regression" and numbers is None:
        shown = some([str(value) for value in distinct_values(target)[0][:3]])
        raise TableError(f"the target {name!r} holds {shown}, of which no number can be made")
    if numbers is not None and (task == "regression" or not (task or are_classes(numbers))):
        n_said = n_unread + int((~np.isnan(numbers)).sum())
        if n_unread > max(_A_COUPLE, _MOST_UNREAD * n_said):
            raise TableError(
                f"{n_unread:,} of {n_said:,} cells of the target {name!r} are no numbers, such as "
                f"{some(unread)}; write numbers there, or nothing, and these rows are left out"
            )
        what = _seconds_held(target, reading)
        return _regression(name, numbers, reading, unread, task, what)
    if task is None and is_text(target) and find_date_reading(target) is not None:
        raise _of_dates(name, ", or ask for the task 'classification' if they are classes")
    return _classes(target, name, task)


def _regression(
    name: str,
    numbers: Floats,
    reading: Reading | None,
    unread: list[str],
    task: str | None,
    what: str | None,
) -> Task:
    there = finite(numbers)
    there = there[~np.isnan(there)]
    if len(there) == 0:
        raise TableError(f"no row has a finite number in the target {name!r}")
    if there.min() == there.max():
        raise constant_target(name, f"{there[0]:.6g}")
    largest, differ = np.abs(there).max(), there.max() / 2 - there.min() / 2
    if largest > _LARGEST or differ < 1 / _LARGEST:
        what = f"reach {largest:.3g}" if largest > _LARGEST else f"differ by {2 * differ:.3g} alone"
        raise TableError(
            f"the numbers of the target {name!r} {what}, and their squares are beyond what 64 bits "
            "hold: multiply them by a power of ten first"
        )
    reason: str = said("numbers from {low:.6g} to {high:.6g}", low=there.min(), high=there.max())
    if what:
        low, high = (str(timedelta(seconds=float(x))) for x in (there.min(), there.max()))
        reason = said("{what} from {low} to {high}, in seconds", what=what, low=low, high=high)
    if reading is not None and reading.amounts is not None:
        if worth := worths_in_words(reading.amounts):
            reason += "; " + worth
        if reading.amounts.has_limits:
            reason += said("; those beyond a limit are taken as the limit")
    if unread:
        reason += said(
            "; cells such as {examples} are none and count as missing", examples=some(unread)
        )
    if n_infinite := int(np.isinf(numbers).sum()):
        reason += said("; {n:,} infinite ones count as missing", n=n_infinite)
    if task:
        reason = said("you asked for a regression; {reason}", reason=reason)
    n_missing = len(numbers) - len(there)
    return Task("regression", (name,), reason, n_missing=n_missing, readings=(reading,))


def _seconds_held(target: Values, reading: Reading | None) -> str | None:
    """What a target's numbers are seconds of: "durations", "times of day", or nothing."""
    if reading is not None:
        return seconds_in_words(reading) if reading.formats else None
    kind = target.type
    if pa.types.is_duration(kind):
        return said("durations")
    return said("times of day") if pa.types.is_time(kind) else None


def _of_dates(name: str, otherwise: str = "") -> TableError:
    return TableError(
        f"the target {name!r} holds dates; numbers or classes are wanted: make a number of it "
        f"first, such as days from a fixed date{otherwise}"
    )


def _classes(target: Values, name: str, task: str | None) -> Task:
    distinct, codes = distinct_values(target)
    order = sorted(range(len(distinct)), key=distinct.__getitem__)
    classes = tuple(distinct[code] for code in order)
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))[order]
    n = int(counts.sum())
    if len(classes) == 0:
        raise TableError(f"no row has a value in the target {name!r}; at least two are needed")
    _check_number(name, n, classes)
    if task == "binary" and len(classes) > 2:
        raise TableError(
            f"the task 'binary' is for 2 classes; the target {name!r} has {len(classes)}: "
            f"{some([str(label) for label in classes])}"
        )
    shares = [
        said("{label} ({share:.0f} %)", label=short(classes[place]), share=100 * counts[place] / n)
        for place in order_for_people(classes)[:5]
    ]
    more = said(" and {n} more", n=len(classes) - 5) if len(classes) > 5 else ""
    reason = said("{n} classes: {shares}", n=len(classes), shares=said_list(", ", shares) + more)
    if task:
        reason = said("you asked for classes; {reason}", reason=reason)
    return Task.of_classes(name, classes, reason, len(codes) - n)


def _check_number(name: str, n: int, classes: tuple[Label, ...]) -> None:
    """Refuse more classes than half of the n rows."""
    if len(classes) <= max(2, n / 2):
        return
    if isinstance(classes[0], str) and find_date_reading(pa.array(classes)) is not None:
        raise _of_dates(name)
    shown = some([str(label) for label in classes])
    if len(classes) == n:
        raise TableError(
            f"the target {name!r} is different in each of the {n:,} rows ({shown}, ...), as an "
            "identifier is; name another column as the target"
        )
    raise TableError(
        f"the target {name!r} has {len(classes):,} classes in {n:,} rows; at least two rows for a "
        "class are needed in the mean. Name another target, or join classes that are rare"
    )
