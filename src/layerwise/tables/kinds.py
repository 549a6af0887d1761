"""The kind of each column, and why: numbers, categories, dates, text, or nothing to learn from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from layerwise.language import said
from layerwise.tables.cell_kinds import (
    NO_ORDER,
    and_missing,
    describe_as_dates,
    describe_as_numbers,
    describe_cells,
    distinct_values,
    n_missing_and_distinct,
)
from layerwise.tables.columns import Column
from layerwise.tables.errors import TableError
from layerwise.tables.named_dates import as_named_dates
from layerwise.tables.names import check_names, spelled
from layerwise.tables.parsing import (
    DIRECTIVES,
    Reading,
    Values,
    as_array,
    figures,
    find_cells,
    find_date_reading,
    find_number_reading,
    is_text,
    kind_in_words,
    parse_dates,
    some,
    stored_as,
    swapped,
    without_dictionary,
)
from layerwise.tables.row_names import is_unnamed, why_it_counts_anew
from layerwise.tables.two_digit_years import in_their_century, years_of

_AS = {
    "category": "a category",
    "number": "a number",
    "text": "text",
    "date": "a date",
    "boolean": "a boolean",
    "identifier": "an identifier",
    "dropped": "dropped",
}
_NUMBERS = frozenset(["number", "num", "no.", "nr.", "code"])
_NEARLY_ALL = 0.95  # of the cells of what names the rows differ
_FEW_ROWS = 20  # fewer texts differ by chance


def describe_columns(
    table: pa.Table,
    *,
    target_names: Sequence[str] = (),
    categorical: Sequence[str] = (),
    numeric: Sequence[str] = (),
    text: Sequence[str] = (),
    dates: Sequence[str] = (),
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    row_names: Mapping[str, str] | None = None,
) -> list[Column]:
    """Decide of what kind each column is, and say why.

    Numbers stay numbers, also where they are few; of two values alone they are a boolean (0 and 1)
    or a category. Text becomes a boolean, a number or a date if it reads as such (see
    `layerwise.tables.parsing`); else text, if its cells are long or of several words and seldom
    repeat; else an identifier, if at least 95 % of the cells differ; else a category. Whole
    numbers are an identifier if they count the rows, in their order or in another one, or if
    (nearly) all differ in a column named like one ("id", "customer_no", or "number" beside a
    name). A column of one value is constant; of one value and missing cells it is a category,
    since it may matter whether the cell is missing. Digits such as 20240305 or 202403 are dates
    where all are and the column is named so ("date", "month", "기준년월").

    Parameters
    ----------
    table : pyarrow.Table
    target_names : sequence of str
        Columns to be predicted, which are left out.
    categorical, numeric, text, dates : sequence of str
        Columns whose kind is given. One that is empty or constant stays so. A date may have its
        format behind it: "sold=%d/%m/%Y" (`layerwise.tables.parsing.date_formats`).
    drop : sequence of str
        Columns not to be used; their kind is "dropped".
    keep : sequence of str
        Columns to be used even if they only name the row.
    row_names : mapping of str to str, or None
        The columns that name the rows of the whole table, of which this one is a part, and why
        (`find_row_names`); None: it is the whole.

    Returns
    -------
    list of Column
        One for each column but the targets, in the table's order.

    Raises
    ------
    TableError
        If a name is unknown or named for two kinds, if a format is none, if a column holds what is
        neither text nor number nor date (lists, structures, bytes), if it cannot be of the kind
        given, or if the table has no rows.

    Examples
    --------
    >>> table = pa.table({"age": [31, 45, 28], "sex": ["F", "M", "F"], "paid": ["yes", "no", None]})
    >>> for column in describe_columns(table):
    ...     print(f"{column.name}: {column.kind} ({column.reason})")
    age: number (all 3 cells are numbers)
    sex: category (2 distinct values in 3 rows)
    paid: boolean ('yes', 'no', 1 of 3 cells missing)
    """
    names = list(table.column_names)
    target_names = check_names(target_names, names, "target")
    formats = dict(filter(None, (_with_format(entry, names) for entry in dates)))
    dates = [entry for entry in dates if not _with_format(entry, names)] + list(formats)
    given: dict[str, str] = {}
    for kind, chosen in {
        "category": categorical,
        "number": numeric,
        "text": text,
        "date": dates,
        "dropped": drop,
    }.items():
        for name in check_names(chosen, names, f"to be {_AS[kind]}"):
            if name in target_names:
                raise TableError(
                    f"the column {name!r} is the target and cannot be {_AS[kind]} too; name "
                    "it in one place"
                )
            if given.get(name, kind) != kind:
                raise TableError(
                    f"the column {name!r} was to be {_AS[given[name]]} and {_AS[kind]}; "
                    "name it in one place"
                )
            given[name] = kind
    keep = check_names(keep, names, "to be kept")
    if table.num_rows == 0:
        raise TableError("the table has no rows; at least one is needed to tell what it holds")
    columns = [
        _describe(name, table.column(name), given.get(name), formats.get(name, ""))
        for name in names
        if name not in target_names
    ]
    others = {
        column.name: column.reading
        for column in columns
        if column.kind == "date" and column.reading and NO_ORDER not in column.reason
    }
    columns = [
        _ordered_alike(column, table.column(column.name), others)
        if NO_ORDER in column.reason
        else column
        for column in columns
    ]
    years = None
    for i, column in enumerate(columns):
        if column.kind == "date" and "years of two digits" in column.reason:
            years = (
                years_of({name: table.column(name) for name in names}) if years is None else years
            )
            columns[i] = in_their_century(column, table.column(column.name), years)
    if row_names is None:
        row_names = find_row_names(table, [name for name in names if name not in target_names])
    columns = [
        column if column.name in given else _as_row_name(column, row_names, keep)
        for column in columns
    ]
    return _keep_something(columns)


def reading_of_dates(table: pa.Table, name: str, dates: Sequence[str] = ()) -> Reading | None:
    """How a column's texts are read as dates, as `describe_columns` does; None if they are none.

    Parameters
    ----------
    table : pyarrow.Table
    name : str
    dates : sequence of str
        As of `describe_columns`; those of other columns are left out.
    """
    if not is_text(table.column(name)):
        return None
    own = [one for one in dates if spelled([one], [name]) == [name] or _with_format(one, [name])]
    (column,) = describe_columns(table.select([name]), dates=own)
    return column.reading if column.kind == "date" else None


def find_row_names(table: pa.Table, names: Sequence[str]) -> dict[str, str]:
    """Those of some columns that only name the row, and why.

    A part of the rows, drawn at random, does not show it: what counted them has gaps there.

    Parameters
    ----------
    table : pyarrow.Table
        In the order of its file.
    names : sequence of str

    Examples
    --------
    >>> table = pa.table({"index": [7, 2, 4], "rooms": [2, 5, 3], "Number": [11, 35, 12]})
    >>> find_row_names(table, table.column_names)
    {'index': 'counts the rows by its name, 2 to 7'}
    """
    columns = []
    is_alone = not any(name.startswith("column_2") for name in table.column_names)
    unnamed = "column_1" if is_alone and table.column_names[0] == "column_1" else None
    for name in names:
        values = without_dictionary(table.column(name))
        if _may_name_rows(values):
            column = describe_cells("" if name == unnamed else name, values)
            columns.append((name, as_named_dates(column, values)))
    named = any(
        column.stored == "text" and column.reading is None and column.n_distinct >= _FEW_ROWS
        for _, column in columns
    )
    found = {name: column.reason for name, column in columns if column.kind == "identifier"}
    for name in names:
        values = table.column(name)
        is_whole = pa.types.is_integer(values.type) and not values.null_count
        if is_whole and (name == unnamed or is_unnamed(name)):
            why = why_it_counts_anew(as_array(values))
            found.update({name: why} if why else {})
    if named:
        found |= {
            name: said(
                "unnamed numbers before a name, all {n:,} of them different", n=column.n_distinct
            )
            for name, column in columns
            if name == unnamed
            and column.stored == "number"
            and column.kind == "number"
            and column.n_distinct == table.num_rows >= _FEW_ROWS
        }
        found |= {
            name: said("a number beside a name, and {n:,} of them differ", n=column.n_distinct)
            for name, column in columns
            if column.kind == "number" and name.strip().lower() in _NUMBERS
        }
    return found


def _may_name_rows(values: Values) -> bool:
    """Whether cells are text or whole numbers, and (nearly) all differ."""
    if stored_as(values) not in {"number", "text"}:
        return False
    known = len(values) - values.null_count
    if pa.types.is_null(values.type):
        return False
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_floating(values.type):
        first = values.slice(0, 100).drop_null().to_numpy()
        if (first != np.floor(first)).any():
            return False
    return known > 1 and bool(pc.count_distinct(values).as_py() >= _NEARLY_ALL * known)


def _as_row_name(column: Column, row_names: Mapping[str, str], keep: Sequence[str]) -> Column:
    """A column as one that names the rows of the whole table, unless it is to be kept."""
    if column.name in row_names and column.is_used and column.name not in keep:
        return replace(column, kind="identifier", reason=row_names[column.name])
    if column.kind != "identifier" or column.name not in keep:
        return column
    kind = "number" if column.stored == "number" or column.reading is not None else "category"
    return replace(column, kind=kind, reason=_asked(column.reason))


def _asked(reason: str) -> str:
    return said("you asked for it; {reason}", reason=reason)


def _with_format(entry: str, names: Sequence[str]) -> tuple[str, str] | None:
    """A column's name and the format behind it, None if an entry is a name alone."""
    name, _, form = entry.rpartition("=")
    (name,) = spelled([name], names)
    if entry in names or name not in names or "%" not in form:
        return None
    directives = re.findall("%(.?)", form)
    if not set(directives) <= set(DIRECTIVES) or len(set(directives)) < len(directives):
        raise TableError(
            f"{form!r} is no format for the dates of {name!r}; one such as %d/%m/%Y %H:%M is "
            f"wanted, of %{', %'.join(DIRECTIVES)}, each once"
        )
    return name, form


def _ordered_alike(column: Column, values: Values, others: Mapping[str, Reading]) -> Column:
    """A column of dates with day and month in the order that another one of its form tells."""
    reading = column.reading
    assert reading is not None
    form = next(form for form in reading.formats if figures(form))
    told = {figures(of): name for name, other in others.items() for of in other.formats}
    if (figures(form) in told) == (figures(swapped(form)) in told):
        return column
    if figures(form) not in told:
        reading = replace(reading, formats=tuple(swapped(form) for form in reading.formats))
        form = swapped(form)
    cells, how = find_cells(values), said("as in {name}", name=told[figures(form)])
    described = describe_as_dates(column.name, cells, reading, order=how)
    if not column.reason.startswith("you asked"):
        return described
    return replace(described, reason=_asked(described.reason))


def _describe(name: str, values: Values, given: str | None, form: str = "") -> Column:
    kind = values.type
    came_as_categories = pa.types.is_dictionary(kind) and pa.types.is_integer(kind.value_type)
    values = without_dictionary(values)
    stored = stored_as(values)
    if given == "dropped":
        return Column(name, "dropped", said("you asked for it"), stored, values.null_count, 0)
    if stored == "other":
        raise TableError(
            f"the column {name!r} holds {kind_in_words(kind)}, from which a network cannot learn; "
            "drop it, or make numbers or text of it first"
        )
    column = describe_cells(name, values)
    if column.kind in {"empty", "constant"}:
        return column
    if given is None and came_as_categories:
        reason = said("its type is that of categories; {n:,} distinct values", n=column.n_distinct)
        return replace(column, kind="category", reason=reason)
    if given is None:
        return as_named_dates(column, values)
    if given != column.kind or (form and stored == "text"):
        column = _as_given(column, values, given, form)
    return replace(column, reason=_asked(column.reason))


def _as_given(column: Column, values: Values, given: str, form: str) -> Column:
    name, stored = column.name, column.stored
    if given == "category" or (given == "text" and stored == "text"):
        if stored == "text":  # which may have been found to read as something
            counted = n_missing_and_distinct(values, find_cells(values))
            column = Column(name, given, "", stored, *counted)
        return replace(column, kind=given, reason=_n_distinct(column, values), reading=None)
    if given == "number" and stored in {"number", "boolean"}:
        return replace(column, kind="number", reason=_n_distinct(column, values))
    if given in {"number", "date"} and stored == "text":
        cells = find_cells(values)
        if given == "number":
            reading = find_number_reading(cells, insist=True, name=name)
            describe = describe_as_numbers
        else:
            reading = find_date_reading(cells, insist=True, form=form)
            describe = partial(
                describe_as_dates, order=said("as you said") if figures(form) else ""
            )
        if reading is not None:
            found = replace(describe(name, cells, reading), kind=given)
            n_said = int(cells.counts[~cells.says_nothing].sum())
            if given == "date" or 2 * (len(values) - found.n_missing) >= n_said:
                return found
    if given == "date" and stored == "number":
        reading = find_date_reading(values, insist=True, form=form)
        if reading is not None:
            moments, _ = parse_dates(values, reading)
            n_missing = int(np.isnat(moments).sum())
            reason = said("numbers that read as dates") + and_missing(n_missing, len(values))
            return Column(name, "date", reason, stored, n_missing, column.n_distinct, reading)
    shown = some([str(value) for value in values.drop_null()[:3].to_pylist()])
    raise TableError(
        f"the column {name!r} cannot be {_AS[given]}: its cells are such as {shown}; it was found "
        f"to be {_AS[column.kind]}"
    )


def _n_distinct(column: Column, values: Values) -> str:
    return distinct_values(column.n_distinct, len(values))


def _keep_something(columns: list[Column]) -> list[Column]:
    """Give a count of the rows back if there is nothing else to learn from."""
    if any(column.is_used for column in columns):
        return columns
    return [
        replace(
            column,
            kind="number",
            reason=column.reason + said(", but there is no other column"),
        )
        if column.kind == "identifier" and column.stored == "number"
        else column
        for column in columns
    ]
