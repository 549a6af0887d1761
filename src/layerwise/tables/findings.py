"""What a person should know about a table before trusting what is learned from it."""

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from layerwise.arrays import Floats
from layerwise.harmless_text import on_one_line
from layerwise.language import said, said_count, said_list
from layerwise.tables.columns import Column
from layerwise.tables.doubles import find_alike, find_doubles
from layerwise.tables.far_targets import find_far_targets
from layerwise.tables.finding import Finding, listed
from layerwise.tables.findings_on_columns import about_cells, about_columns
from layerwise.tables.flattering_splits import find_flattering_splits
from layerwise.tables.giveaways import Giveaway, find_giveaways, is_course
from layerwise.tables.names import some_names
from layerwise.tables.parsing import (
    is_text,
    parse_numbers,
)
from layerwise.tables.repeated_rows import count_repeats
from layerwise.tables.targets import Label, Targets
from layerwise.tables.task import Task
from layerwise.tables.tree_inputs import tree_input

_SAMPLE = 5_000
_TINY_CLASS = 10
_FEW_VALUES = 20
_RARE_SHARE = 0.1
_FEW_OF = 0.2  # of a class's rows has one that is the same but for its capitals
_MOST_GIVEAWAYS = 8
_FEW_FAR = 3


def check_table(
    table: pa.Table,
    columns: Sequence[Column],
    task: Task,
    y: Targets,
    n_described: int | None = None,
    *,
    is_weighted: bool = False,
    at_random: bool = False,
    is_squared: bool = True,
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
    is_squared : bool
        Whether numbers are judged by their squared errors.

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
        *about_columns(columns, n_described or table.num_rows, table),
        *about_cells(table, used),
        *_about_guess(task, table),
        *_about_classes(task, y[has_target], is_weighted=is_weighted),
        *(_about_far_targets(task, y[has_target]) if is_squared else ()),
        *_about_doubles(table, used),
    ]
    if n_known < len(y):
        lacking = task.left_out(
            [table.column(name) for name in task.names], np.asarray(~has_target)
        )
        message = said(
            "{rows}; nothing can be learned from them, and they are left out", rows=lacking
        )
        findings.append(Finding("note", task.names, message))
    return sorted(findings, key=lambda finding: finding.severity != "warning")


def _alike(classes: Sequence[Label], counts: Sequence[int]) -> list[str]:
    """Classes and others, far more frequent, that are written otherwise."""
    groups: dict[str, list[tuple[int, Label]]] = {}
    for label, count in zip(classes, counts, strict=True):
        if isinstance(label, str) and count:
            groups.setdefault("".join(label.casefold().split()), []).append((count, label))
    found: list[str] = []
    for group in groups.values():
        (most, first), *others = sorted(group, key=lambda pair: -pair[0])
        found += [
            said("'{other}' and '{first}'", other=other, first=first)
            for n, other in others
            if n <= _FEW_OF * most
        ]
    return found


def _about_classes(task: Task, y: Targets, *, is_weighted: bool) -> Iterator[Finding]:
    if task.kind == "regression" or len(y) == 0:
        return
    counts = np.bincount(y, minlength=len(task.classes))
    tiny = [
        f"'{task.classes[i]}' ({counts[i]})"
        for i in np.flatnonzero((counts > 0) & (counts < _TINY_CLASS))
    ]
    if tiny:
        names = some_names(tiny, 5)
        message = said(
            "fewer than {n} rows: {classes}; so few say little about a class, and its score is a "
            "matter of chance. Join rare classes, or collect more rows",
            n=_TINY_CLASS,
            classes=said("the class {names}", names=names)
            if len(tiny) == 1
            else said("the classes {names}", names=names),
        )
        if (counts == 1).any():
            message += said("; a class with one row cannot be both learned and tested")
        yield Finding("warning", task.names, message)
    if alike := _alike(task.classes, counts.tolist()):
        yield Finding(
            "warning",
            task.names,
            said(
                "classes that differ in capitals or blanks alone: {classes}; if they mean the "
                "same, write them alike",
                classes=some_names(alike, 5),
            ),
        )
    advice = "" if is_weighted else said(", or weight the classes")
    rarest = int(counts.argmin())
    share = counts[rarest] / counts.sum()
    if task.kind == "binary" and share < _RARE_SHARE:
        rare = task.classes[rarest]
        message = said(
            "'{rare}' is but {share} of the rows; a model that never says '{rare}' is right in "
            "{others} of them, so look at log loss and ROC AUC and not at accuracy{advice}",
            rare=rare,
            share=said("{share:.2g} %", share=100 * share),
            others=said("{share:.3g} %", share=100 * (1 - share)),
            advice=advice,
        )
        yield Finding("note", task.names, message)
    elif task.kind == "multiclass" and counts.max() >= 20 * max(counts.min(), 1):
        message = said(
            "the most frequent class has {rows}, the rarest {n:,}; accuracy says little about rare "
            "classes, so look at each class's own row of the confusion matrix{advice}",
            rows=said_count(counts.max(), "row"),
            n=counts.min(),
            advice=advice,
        )
        yield Finding("note", task.names, message)


def _about_far_targets(task: Task, y: Targets) -> Iterator[Finding]:
    if task.kind != "regression":
        return
    for name, numbers in zip(task.names, np.float64(y).reshape(len(y), -1).T, strict=True):
        found = find_far_targets(numbers)
        if found is None:
            continue
        low, high = (f"{value:.6g}" for value in found.middle)
        values = dict.fromkeys(f"{value:.6g}" for value in found.values)
        message = said(
            "{name} is far from all others in {k:,} of {n:,} rows: {values}, where half of all are "
            "{low} to {high}. They make up {share} of the squared error of a guess, so R² and RMSE "
            "are about them. If they are wrong, correct or remove them; if not, the absolute error "
            "counts them less: --metric mae",
            k=len(found.values),
            n=len(y),
            name=name,
            values=listed(list(values), _FEW_FAR),
            low=low,
            high=high,
            share=said("{share:.3g} %", share=math.floor(1000 * found.share) / 10),
        )
        yield Finding("warning", (name,), message)


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
        n, option = len(values), "classification"
        taken, other = said("amounts"), said("names of classes")
    else:
        numbers = [label for label in task.classes if isinstance(label, int | float)]
        n, option = len(task.classes), "regression"
        taken, other = said("classes"), said("counts or amounts")
        if n <= 2 or len(numbers) < n:
            return
    message = said(
        "{name} holds {n} different whole numbers, taken for {taken}; if they are {other}, ask for "
        "it: --task {option}, or task='{option}' in Python",
        name=name,
        n=n,
        taken=taken,
        other=other,
        option=option,
    )
    yield Finding("note", task.names, message)


def _about_repeats(
    table: pa.Table, others: Sequence[str], used: Sequence[Column], y: Targets
) -> Iterator[Finding]:
    names = [column.name for column in used]
    repeats = count_repeats(table, names, [name for name in others if name not in names], y)
    n, n_same = len(y), repeats.n_same
    if n_same:
        repeated = (
            said("1 of {n:,} rows repeats an earlier one", n=n)
            if n_same == 1
            else said("{k:,} of {n:,} rows repeat an earlier one", k=n_same, n=n)
        )
        message = said(
            "{repeated} in all columns, the target included; a row that stands among both training "
            "and test rows makes the result look better than it is. Remove them if they are copies "
            "and not equal cases",
            repeated=repeated,
        )
        yield Finding("warning", (), message)
    if repeats.n_contradicting and used:
        message = said(
            "{k:,} of {n:,} rows have a twin that is the same in all columns used and has another "
            "target; no model of these columns can be right about both",
            k=repeats.n_contradicting,
            n=n,
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
        message = said(
            "columns that say what others say: {words}; one of each is enough: --drop {names}",
            words=listed(list(doubles.values()), 5),
            names=shlex.quote(",".join(doubles)),
        )
        yield Finding("note", tuple(doubles), message)
    if alike := find_alike(some, used):
        groups = said_list("; ", [some_names(group, 5) for group in alike[:5]])
        if len(alike) > 5:
            groups += said("; and {groups}", groups=said_count(len(alike) - 5, "such group"))
        message = said(
            "columns that nearly say the same, but for {share} of their variance at most: {groups}",
            share="2%",
            groups=groups,
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
        if task.kind == "regression":
            dates = {column.name for column in used if column.kind == "date"}
            found = [one for one in found if not _runs_along(one, dates, inputs, target)]
        for n_columns in (1, 2):
            giveaways = [giveaway for giveaway in found if len(giveaway.names) == n_columns]
            if giveaways:
                yield _about_giveaway(name, giveaways)


def _runs_along(
    giveaway: Giveaway, dates: set[str], inputs: Mapping[str, Floats], y: Targets
) -> bool:
    """Whether a column of dates tells the target, alone or with another, as its course only."""
    names = sorted(giveaway.names, key=lambda name: name not in dates)
    of_one = len(dates.intersection(names)) == 1
    return of_one and is_course(y, *(inputs[name] for name in names))


def _about_giveaway(target: str, giveaways: Sequence[Giveaway]) -> Finding:
    sets = [
        on_one_line(giveaway.names[0])
        if len(giveaway.names) == 1
        else said("{a} and {b}", a=on_one_line(giveaway.names[0]), b=on_one_line(giveaway.names[1]))
        for giveaway in giveaways
    ]
    who = listed(sets, _MOST_GIVEAWAYS)
    of_one = len(giveaways[0].names) == 1
    if len(giveaways) > 1:
        who += said(", each") if of_one else said(", each two of them")
    error = max(giveaway.error for giveaway in giveaways)
    share = said("{share:.2g} %", share=max(100 * error, 0.001))
    if not error:
        mistakes = said("none of the mistakes")
    elif len(giveaways) > 1:
        mistakes = said("{share} or less of the mistakes", share=share)
    else:
        mistakes = said("{share} of the mistakes", share=share)
    told = said("{who} alone predict {target}", who=who, target=target)
    if of_one and len(giveaways) == 1:
        told = said("{who} alone predicts {target}", who=who, target=target)
    message = said(
        "{told} with {mistakes} that a trivial prediction makes; a column that says so much is "
        "often a result of the target. If it is not known before {target} is, drop it",
        told=told,
        mistakes=mistakes,
        target=target,
    )
    names = dict.fromkeys(name for giveaway in giveaways for name in giveaway.names)
    return Finding("warning", tuple(names), message)
