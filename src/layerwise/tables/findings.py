"""What a person should know about a table before trusting what is learned from it."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from layerwise.tables.cell_kinds import MOSTLY_NUMBERS, NO_ORDER
from layerwise.tables.centuries import OTHER_CENTURY
from layerwise.tables.columns import Column
from layerwise.tables.doubles import find_alike, find_doubles
from layerwise.tables.errors import TableError
from layerwise.tables.flattering_splits import find_flattering_splits
from layerwise.tables.giveaways import Giveaway, find_giveaways
from layerwise.tables.kinds import describe_columns
from layerwise.tables.names import some_names
from layerwise.tables.parsing import (
    Reading,
    Values,
    figures,
    is_text,
    parse_dates,
    parse_numbers,
    swapped,
)
from layerwise.tables.repeated_rows import count_repeats
from layerwise.tables.row_names import COUNTS_ROWS
from layerwise.tables.targets import Targets
from layerwise.tables.task import Task
from layerwise.tables.tree_inputs import tree_input
from layerwise.texts import plural

__all__ = ["Finding", "check_table"]

_SAMPLE = 5_000
_TINY_CLASS = 10
_FEW_VALUES = 20
_RARE_SHARE = 0.1
_MANY_MISSING = 0.5
_MOST_NAMES = 100  # of columns that are not used, each of which is to be named
_MANY_CATEGORIES = 50
_MOST_GIVEAWAYS = 8
_COMPACT_DATE = Reading(formats=("%Y%m%d",))


@dataclass(frozen=True)
class Finding:
    """Something seen in a table.

    Attributes
    ----------
    severity : str
        "note" or "warning": what may spoil the result.
    columns : tuple of str
        The columns concerned, if it concerns some and not the rows.
    message : str
        What was seen, why it matters, and what can be done.
    """

    severity: str
    columns: tuple[str, ...]
    message: str

    def to_json(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)


def check_table(
    table: pa.Table,
    columns: Sequence[Column],
    task: Task,
    y: Targets,
    n_described: int | None = None,
    *,
    is_weighted: bool = False,
    at_random: bool = False,
) -> list[Finding]:
    """Look for what may spoil a model: warnings first, then notes.

    Parameters
    ----------
    table : pyarrow.Table, of n rows
    columns : sequence of Column
        What was decided about its columns (`layerwise.tables.kinds.describe_columns`).
    task : Task
    y : ndarray, shape (n,) or (n, n_targets)
        The target as `Task.encode` gives it; rows without one are left out of what is counted.
    n_described : int or None
        How many rows the columns were described by; None: all.
    is_weighted : bool
        Whether classes have weights already.
    at_random : bool
        Whether the rows to test with are drawn at random, so that it is worth knowing whether that
        flatters.

    Examples
    --------
    >>> from layerwise.tables.kinds import describe_columns
    >>> from layerwise.tables.find_task import find_table_task
    >>> x = np.random.default_rng(0).normal(size=60)
    >>> table = pa.table({"x": x, "unit": ["kg"] * 60, "heavy": ["no"] * 55 + ["yes"] * 5})
    >>> task = find_table_task(table, ["heavy"])
    >>> y, _ = task.encode(table["heavy"])
    >>> columns = describe_columns(table, target_names=["heavy"])
    >>> for finding in check_table(table, columns, task, y):
    ...     print(finding.severity, finding.columns, finding.message[:56])
    warning ('unit',) not used: unit; all cells are the same
    warning ('heavy',) fewer than 10 rows: the class 'yes' (5); so few say litt
    note ('heavy',) 'yes' is but 8.3 % of the rows; a model that never says
    """
    has_target = ~(np.isnan(y).any(axis=tuple(range(1, y.ndim))) if y.dtype.kind == "f" else y < 0)
    n_known = int(has_target.sum())
    used = [column for column in columns if column.is_used]
    findings: list[Finding] = []
    if n_known:
        known = table if n_known == len(y) else table.filter(pa.array(has_target))
        if used:
            findings += _about_giveaways(known, used, task, y[has_target])
        if at_random:
            findings += _about_split(known, columns, task, y[has_target])
        counts = {column.name for column in columns if column.counts_rows}
        others = [name for name in table.column_names if name not in {*task.names, *counts}]
        findings += _about_repeats(known, others, used, y[has_target])
    findings += [
        *_about_columns(columns, n_described or table.num_rows, table),
        *_about_cells(table, used),
        *_about_guess(task, table),
        *_about_classes(task, y[has_target], "" if is_weighted else ", or weight the classes"),
        *_about_doubles(table, used),
    ]
    if n_known < len(y):
        lacking = task.left_out(
            [table.column(name) for name in task.names], np.asarray(~has_target)
        )
        message = f"{lacking}; nothing can be learned from them, and they are left out"
        findings.append(Finding("note", task.names, message))
    return sorted(findings, key=lambda finding: finding.severity != "warning")


def _can_be_numbers(table: pa.Table, name: str) -> bool:
    """Whether a person who says that a column is of numbers is not refused."""
    try:
        describe_columns(table.select([name]), numeric=[name])
    except TableError:
        return False
    return True


def _about_columns(columns: Sequence[Column], n: int, table: pa.Table) -> Iterator[Finding]:
    where = " in the rows trained on" if n < table.num_rows else ""
    unused: dict[str, list[str]] = {}
    for column in columns:
        kind = COUNTS_ROWS if column.counts_rows else column.kind
        unused.setdefault(kind, []).append(column.name)
    for kind, why in (
        (COUNTS_ROWS, f"it {COUNTS_ROWS}, and where a row stands in the file is all it says"),
        ("identifier", "it names the row, and what is learned of one row's name helps no other"),
        ("constant", f"all cells are the same{where}"),
        ("empty", f"no cell has a value{where}"),
    ):
        if names := unused.get(kind):
            message = f"not used: {some_names(names, _MOST_NAMES)}; {why}"
            if kind in {COUNTS_ROWS, "identifier"}:
                message += f". If it means something, keep it: --keep {shlex.quote(names[0])}"
            yield Finding("warning", tuple(names), message)
    undecided = {
        column.name: next(filter(figures, column.reading.formats))
        for column in columns
        if column.reading is not None and NO_ORDER in column.reason
    }
    if undecided:
        name, form = next(iter(undecided.items()))
        first, other = ("month", "day") if figures(form)[1] == "m" else ("day", "month")
        example = f"'{name}={swapped(form)}'"
        message = (
            f"{NO_ORDER} in {some_names(list(undecided))}; the {first} was taken. If it is the "
            f"{other}, name the format too: --dates {example}, or dates=[{example}] in Python"
        )
        yield Finding("warning", tuple(undecided), message)
    if off := [column for column in columns if OTHER_CENTURY in column.reason]:
        names = [column.name for column in off]
        shown = [f"{c.name} ({c.reason[c.reason.index('with years') :]})" for c in off]
        message = (
            f"years of two digits cannot be right in {some_names(shown)}; write them with four, or "
            f"leave the column out: --drop {shlex.quote(names[0])}"
        )
        yield Finding("warning", tuple(names), message)
    hindered = [column for column in columns if MOSTLY_NUMBERS in column.reason]
    if hindered:
        shown = [f"{c.name} ({c.reason[c.reason.index(MOSTLY_NUMBERS) :]})" for c in hindered]
        message = (
            f"columns that might be numbers are taken as categories or left out: "
            f"{some_names(shown)}. Mend these cells"
        )
        if able := [c.name for c in hindered if _can_be_numbers(table, c.name)]:
            message += (
                ", or have all that are no numbers count as missing: "
                f"--numeric '{able[0]}', or numeric=['{able[0]}'] in Python"
            )
        yield Finding("warning", tuple(column.name for column in hindered), message)
    gaps = [c for c in columns if c.is_used and c.n_missing > _MANY_MISSING * n]
    if gaps:
        shown = [f"{column.name} ({100 * column.n_missing / n:.0f} %)" for column in gaps]
        message = (
            f"more than half of the cells are missing: {some_names(shown)}; what is learned of "
            "such a column is learned from the few rows that have a value, and from whether they "
            "have one. Find out why it is missing"
        )
        yield Finding("note", tuple(column.name for column in gaps), message)
    many = [
        column
        for column in columns
        if column.kind == "category"
        and column.n_distinct > max(_MANY_CATEGORIES, (n - column.n_missing) / 10)
    ]
    if many:
        shown = [f"{column.name} ({column.n_distinct:,} in {n:,} rows)" for column in many]
        message = (
            f"many categories: {some_names(shown)}; most are seen seldom, and new rows will bring "
            "new ones. If a part of them says enough (the region of an address, the group of a "
            "product), use that"
        )
        yield Finding("note", tuple(column.name for column in many), message)


def _about_cells(table: pa.Table, used: Sequence[Column]) -> Iterator[Finding]:
    for column in used:
        if column.kind != "number":
            continue
        values = table.column(column.name)
        if pa.types.is_floating(values.type) or column.reading is not None:
            numbers, _ = parse_numbers(values, column.reading)
            n_infinite = int(np.isinf(numbers).sum())
            if n_infinite:
                cells = "1 cell is" if n_infinite == 1 else f"{n_infinite:,} cells are"
                message = (
                    f"in {column.name} {cells} infinite, as a division by zero gives; mend where "
                    "they come from, or make missing cells of them"
                )
                yield Finding("warning", (column.name,), message)
        if _is_date_in_disguise(values, column):
            first = str(values.drop_null()[0].as_py()).removesuffix(".0")
            message = (
                f"the numbers of {column.name} look like dates, such as {first}; name it as a "
                "date, else the step from December to January counts as a large one"
            )
            yield Finding("note", (column.name,), message)


def _is_date_in_disguise(values: Values, column: Column) -> bool:
    """Whether (nearly) all numbers are days between 1900 and 2100 written as 20240131."""
    first, _ = parse_numbers(values.slice(0, _SAMPLE), column.reading)
    first = first[~np.isnan(first)]
    if len(first) == 0 or not 19_000_101 <= np.median(first) <= 21_001_231:
        return False
    moments, _ = parse_dates(values.drop_null(), _COMPACT_DATE)
    years = moments.astype("M8[Y]").astype(np.int64) + 1970
    days = ~np.isnat(moments) & (years >= 1900) & (years <= 2100)
    return bool(days.mean() >= 0.98)


def _about_classes(task: Task, y: Targets, advice: str) -> Iterator[Finding]:
    if task.kind == "regression" or len(y) == 0:
        return
    counts = np.bincount(y, minlength=len(task.classes))
    tiny = [
        f"'{task.classes[i]}' ({counts[i]})"
        for i in np.flatnonzero((counts > 0) & (counts < _TINY_CLASS))
    ]
    if tiny:
        message = (
            f"fewer than {_TINY_CLASS} rows: the class{'es' if len(tiny) > 1 else ''} "
            f"{some_names(tiny, 5)}; so few say little about a class, and its score is a matter of "
            "chance. Join rare classes, or collect more rows"
        )
        if (counts == 1).any():
            message += "; a class with one row cannot be both learned and tested"
        yield Finding("warning", task.names, message)
    rarest = int(counts.argmin())
    share = counts[rarest] / counts.sum()
    if task.kind == "binary" and share < _RARE_SHARE:
        rare = task.classes[rarest]
        message = (
            f"'{rare}' is but {100 * share:.2g} % of the rows; a model that never says '{rare}' "
            f"is right in {100 * (1 - share):.3g} % of them, so look at log loss and ROC AUC and "
            f"not at accuracy{advice}"
        )
        yield Finding("note", task.names, message)
    elif task.kind == "multiclass" and counts.max() >= 20 * max(counts.min(), 1):
        message = (
            f"the most frequent class has {plural(counts.max(), 'row')}, the rarest "
            f"{counts.min():,}; accuracy says little about rare classes, so look at each class's "
            f"own row of the confusion matrix{advice}"
        )
        yield Finding("note", task.names, message)


def _about_guess(task: Task, table: pa.Table) -> Iterator[Finding]:
    """What whole numbers were taken for, where they may be the other."""
    if task.n_targets > 1 or task.reason.startswith("you asked"):
        return
    name = task.names[0]
    is_number = task.kind == "regression"
    if is_number:
        reading = task.readings[0]
        if is_text(table.column(name)) and reading is None:
            return
        values = np.unique(parse_numbers(table.column(name), reading)[0])
        values = values[np.isfinite(values)]
        if len(values) > _FEW_VALUES or (values != np.floor(values)).any():
            return
        n, taken, other, option = len(values), "amounts", "names of classes", "classification"
    else:
        numbers = [label for label in task.classes if isinstance(label, int | float)]
        n, taken, other, option = len(task.classes), "classes", "counts or amounts", "regression"
        if n <= 2 or len(numbers) < n:
            return
    message = (
        f"{name} holds {n} different whole numbers, taken for {taken}; if they are {other}, ask "
        f"for it: --task {option}, or task='{option}' in Python"
    )
    yield Finding("note", task.names, message)


def _about_repeats(
    table: pa.Table, others: Sequence[str], used: Sequence[Column], y: Targets
) -> Iterator[Finding]:
    names = [column.name for column in used]
    repeats = count_repeats(table, names, [name for name in others if name not in names], y)
    n, n_same = len(y), repeats.n_same
    if n_same:
        one = n_same == 1
        message = (
            f"{n_same:,} of {n:,} rows repeat{'s' if one else ''} an earlier one in all columns, "
            "the target included; a row that stands among both training and test rows makes the "
            "result look better than it is. Remove them if they are copies and not equal cases"
        )
        yield Finding("warning", (), message)
    if repeats.n_contradicting and used:
        message = (
            f"{repeats.n_contradicting:,} of {n:,} rows have a twin that is the same in all "
            "columns used and has another target; no model of these columns can be right about both"
        )
        yield Finding("note", (), message)


def _about_split(
    table: pa.Table, columns: Sequence[Column], task: Task, y: Targets
) -> Iterator[Finding]:
    is_classes = task.kind != "regression"
    y = y if y.ndim == 1 else y[:, 0]
    for split in find_flattering_splits(table, columns, y, is_classes=is_classes):
        names = (split.column,) if split.column else ()
        yield Finding("warning", names, split.in_words(is_classes=is_classes))


def _about_doubles(table: pa.Table, used: Sequence[Column]) -> Iterator[Finding]:
    some = table.slice(0, _SAMPLE)
    doubles = dict(find_doubles(some, used))
    if doubles:
        message = (
            f"columns that say what others say: {some_names(list(doubles.values()), 5)}; one of "
            f"each is enough: --drop {shlex.quote(','.join(doubles))}"
        )
        yield Finding("note", tuple(doubles), message)
    if alike := find_alike(some, used):
        groups = "; ".join(some_names(group, 5) for group in alike[:5])
        more = f"; and {plural(len(alike) - 5, 'such group')}" if len(alike) > 5 else ""
        message = (
            "columns that nearly say the same, but for 2% of their variance at most: "
            f"{groups}{more}"
        )
        yield Finding("note", tuple(name for group in alike for name in group[1:]), message)


def _about_giveaways(
    table: pa.Table, used: Sequence[Column], task: Task, y: Targets
) -> Iterator[Finding]:
    chosen = np.arange(len(y))
    if len(y) > _SAMPLE:
        chosen = np.sort(np.random.default_rng(0).choice(len(y), _SAMPLE, replace=False))
        table = table.take(pa.array(chosen))
    inputs = {column.name: tree_input(table.column(column.name), column) for column in used}
    for i, name in enumerate(task.names):
        target = y[chosen] if y.ndim == 1 else y[chosen, i]
        found = find_giveaways(inputs, target, is_classes=task.kind != "regression")
        for n_columns in (1, 2):
            giveaways = [giveaway for giveaway in found if len(giveaway.names) == n_columns]
            if giveaways:
                yield _about_giveaway(name, giveaways)


def _about_giveaway(target: str, giveaways: Sequence[Giveaway]) -> Finding:
    who = some_names([" and ".join(giveaway.names) for giveaway in giveaways], _MOST_GIVEAWAYS)
    if len(giveaways) > 1:
        who += ", each" if len(giveaways[0].names) == 1 else ", each two of them"
    one = len(giveaways[0].names) == 1 and len(giveaways) == 1
    error = max(giveaway.error for giveaway in giveaways)
    share = f"{max(100 * error, 0.001):.2g} %" if error else "none"
    if len(giveaways) > 1 and error:
        share += " or less"
    message = (
        f"{who} alone predict{'s' if one else ''} {target} with {share} of the mistakes that a "
        "trivial prediction makes; a column that says so much is often a result of the target. "
        f"If it is not known before {target} is, drop it"
    )
    names = dict.fromkeys(name for giveaway in giveaways for name in giveaway.names)
    return Finding("warning", tuple(names), message)
