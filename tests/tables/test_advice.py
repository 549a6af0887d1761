"""What a message advises is done, on the very cells that it is about."""

import re
import shlex

import numpy as np
import pyarrow as pa
import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_table_task, find_task
from layerwise.tables.findings import check_table
from layerwise.tables.kinds import describe_columns
from layerwise.tables.preparation import Preparation

_N = 60
_X = np.sin(np.arange(_N)).round(3)
_OPTION = re.compile(r"--(keep|drop|numeric|dates) ('[^']*'|[^\s,;]+(?:,\S+)?)")
_PARAMETERS = {"keep": "keep", "drop": "drop", "numeric": "numeric", "dates": "dates"}


def found(cells, **kinds):
    """The columns of a table with a target, and what is said of them."""
    table = pa.table({"c": cells, "x": _X, "y": _X + 1})
    columns = describe_columns(table, target_names=["y"], **kinds)
    task = find_table_task(table, ["y"])
    y, _ = task.encode(table["y"])
    said = [f.message for f in check_table(table, columns, task, y) if "--" in f.message]
    return {column.name: column for column in columns}, said


def advised(messages):
    """What one of the messages says to give, as an argument of `describe_columns`."""
    ((option, value),) = {match.groups() for text in messages for match in _OPTION.finditer(text)}
    (name,) = shlex.split(value)
    return {_PARAMETERS[option]: name.split(",") if "=" not in name else [name]}


@pytest.mark.parametrize(
    ("cells", "used"),
    [
        ([f"A-{i}x" for i in range(_N)], True),
        (list(range(1, _N + 1)), True),
        ([f"{i:08x}-0000-4000-8000-{i:012x}" for i in range(_N)], True),
        ([f"{i % 12 + 1:02}/{i % 11 + 1:02}/2024" for i in range(_N)][::-1], True),
        ([*["12", "15", "7"] * 16, *[f"n.{i}" for i in range(12)]], True),
        ([*[f"{i % 7} kg" for i in range(40)], *[f"{i % 9} litres" for i in range(20)]], True),
        ((2 * _X).tolist(), False),
    ],
)
def test_what_is_said_of_a_column_can_be_done(cells, used):
    _, said = found(cells)
    columns, after = found(cells, **advised(said))
    # Of two columns that say the same, either may be the one to drop.
    assert columns["c"].is_used == used or not columns["x"].is_used
    assert not set(said) & set(after)


def test_what_cannot_be_done_is_not_advised():
    cells = [f"{i % 7} {unit}" for i in range(20) for unit in ("kg", "litres", "cm")]
    table = pa.table({"c": cells, "x": _X, "y": _X + 1})
    columns = describe_columns(table, target_names=["y"])
    assert "of units that differ: '0 kg', '0 litres', '0 cm'" in columns[0].reason
    assert found(cells)[1] == []
    with pytest.raises(TableError, match="cannot be a number"):
        describe_columns(table, target_names=["y"], numeric=["c"])


def test_a_date_that_came_as_a_number_can_be_named_one():
    days = [20240101 + 100 * (i % 12) + i % 28 for i in range(_N)]
    table = pa.table({"c": days, "y": _X})
    task = find_table_task(table, ["y"])

    def said(**kinds):
        columns = describe_columns(table, target_names=["y"], **kinds)
        return [f.message for f in check_table(table, columns, task, _X) if "c" in f.columns]

    assert "name it as a date" in said()[0]
    assert said(dates=["c"]) == []


def test_a_table_of_names_alone_says_which_can_be_kept():
    table = pa.table({"id": [f"A-{i}x" for i in range(30)], "one": ["a"] * 30})
    with pytest.raises(TableError, match="--keep id"):
        Preparation.fit(table, describe_columns(table))
    assert Preparation.fit(table, describe_columns(table, keep=["id"])).used[0].name == "id"
    constant = table.select(["one"])
    with pytest.raises(TableError, match=r"a column that varies$"):
        Preparation.fit(constant, describe_columns(constant))


def test_what_is_said_of_a_target_can_be_done():
    cells = [*[f"{i}.5" for i in range(30)], *["pending", "n.d.", "(D)"] * 3]
    with pytest.raises(TableError, match=r"9 of 39 cells .* 'pending'.*or nothing") as error:
        find_task(pa.array(cells), name="y")
    assert "and these rows are left out" in str(error.value)
    emptied = [cell if cell[0].isdigit() else "" for cell in cells]
    assert find_task(pa.array(emptied), name="y").n_missing == 9
    days = pa.array(["2024-01-05", "2024-02-06"] * 10)
    with pytest.raises(TableError, match="ask for the task 'classification'"):
        find_task(days, name="y")
    assert find_task(days, name="y", task="classification").kind == "binary"


@pytest.mark.parametrize(
    ("values", "asked", "kind"),
    [([0, 1, 2, 3] * 15, "regression", "regression"),
     ([10, 20, 30] * 20, "classification", "multiclass")],
)  # fmt: skip
def test_the_other_task_that_is_named_can_be_asked_for(values, asked, kind):
    table = pa.table({"x": _X, "y": values})
    task = find_table_task(table, ["y"])
    y, _ = task.encode(table["y"])
    said = [f.message for f in check_table(table, describe_columns(table), task, y)]
    assert any(f"--task {asked}" in one for one in said)
    assert find_table_task(table, ["y"], asked).kind == kind
