"""The task found from a target, the target in numbers and back, and targets that are refused."""

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.tables.errors import TableError
from layerwise.tables.find_task import find_table_task, find_task
from layerwise.tables.findings import check_table
from layerwise.tables.kinds import describe_columns
from layerwise.tables.targets import with_targets_of_file
from layerwise.tables.task import Task
from tests.helpers.strategies import LETTERS


def task_of(values, task=None):
    column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    return find_task(column, name="y", task=task)


TASKS = {
    "two words": (["no", "yes", "no"], "binary", ("no", "yes")),
    "words": (["a", "b", "c", "a", "b", "c"], "multiclass", ("a", "b", "c")),
    "Korean words": (["예", "아니오", "예"], "binary", ("아니오", "예")),
    "truth values": ([True, False, None], "binary", (False, True)),
    "0 and 1": ([0, 1, 1], "binary", (0, 1)),
    "0.0 and 1.0": ([0.0, 1.0, None], "binary", (0.0, 1.0)),
    "-1 and 1": ([-1, 1, 1], "binary", (-1, 1)),
    "numbered classes": ([0, 1, 2] * 5, "multiclass", (0, 1, 2)),
    "with one left out": ([1, 2, 3, 5, 6, 7] * 5, "multiclass", (1, 2, 3, 5, 6, 7)),
    "numbered classes as text": (["10", "9", "8", "1", "2", "3", "4", "5", "6", "7"] * 5,
                                 "multiclass", ("1", "10", *"23456789")),
    "marks that begin elsewhere": ([3, 4, 5, 6, 7, 8, 9] * 50, "regression", ()),
    "years": ([2019, 2020, 2021, 2022] * 50, "regression", ()),
    "many whole numbers": (list(range(21)) * 50, "regression", ()),
    "few rows": ([0, 1, 2, 3], "regression", ()),
    "fractions": ([0.5, 1.5, 0.5, 1.5], "regression", ()),
    "numbers as text": (["1.234,5", "3,5", "7,25"], "regression", ()),
    "decimals": ([Decimal("1.5"), Decimal("2.5")], "regression", ()),
    "two decimals": ([Decimal(1), Decimal(2)], "binary", (1.0, 2.0)),
    "categories": (pa.array(["a", "b", "a"]).dictionary_encode(), "binary", ("a", "b")),
    "categories of numbers": (pa.array([7, 8, 7]).dictionary_encode(), "binary", (7, 8)),
    "durations": (pa.array([1, 5, 90], pa.duration("s")), "regression", ()),
}  # fmt: skip


@pytest.mark.parametrize("what", TASKS)
def test_tasks(what):
    values, kind, classes = TASKS[what]
    task = task_of(values)
    assert (task.kind, task.classes) == (kind, classes)
    assert [type(label) for label in task.classes] == [type(label) for label in classes]
    assert task.reason


@pytest.mark.parametrize("what", TASKS)
def test_plain_data_and_back(what):
    values, _, _ = TASKS[what]
    task = task_of(values)
    again = Task.from_json(json.loads(json.dumps(task.to_json())))
    assert again == task
    assert [type(label) for label in again.classes] == [type(label) for label in task.classes]


@pytest.mark.parametrize(
    ("values", "asked", "kind", "classes"),
    [
        ([3, 4, 5, 6] * 3, "multiclass", "multiclass", (3, 4, 5, 6)),
        ([3, 4, 5, 6] * 3, "classification", "multiclass", (3, 4, 5, 6)),
        ([0, 1, 2] * 5, "regression", "regression", ()),
        ([True, False, True], "regression", "regression", ()),
        (["1", "2", "x", "4", "9"], "regression", "regression", ()),
        ([0.5, 1.5, 0.5, 1.5], "binary", "binary", (0.5, 1.5)),
    ],
)
def test_a_person_decides(values, asked, kind, classes):
    task = task_of(values, asked)
    assert (task.kind, task.classes) == (kind, classes)
    assert "you asked for" in task.reason


def test_missing_targets_are_counted_and_marked():
    column = pa.array(["a", None, "b", "", "a", "", "b"])
    task = task_of(column)
    assert (task.classes, task.n_missing) == (("", "a", "b"), 1)  # "" is a text like others
    y, missing = task.encode(column)
    assert y.tolist() == [1, -1, 2, 0, 1, 0, 2]
    assert missing.tolist() == [False, True, *[False] * 5]
    column = pa.array([1.5, None, float("nan"), float("inf"), 2.5])
    task = task_of(column)
    assert task.n_missing == 3
    assert "1 infinite ones count as missing" in task.reason
    y, missing = task.encode(column)
    assert np.isnan(y).tolist() == missing.tolist() == [False, True, True, True, False]


def test_marks_among_numbers_are_missing():
    table = pa.table({"y": [str(i % 3) for i in range(60)] + ["n/a"]})
    column = with_targets_of_file(table, ["y"]).column("y")
    task = task_of(column)
    assert (task.classes, task.n_missing) == (("0", "1", "2"), 1)
    assert task.encode(column)[0][-1] == -1
    assert task_of(table.column("y")).classes == ("0", "1", "2", "n/a")  # of memory it is data
    later = with_targets_of_file(pa.table({"y": ["2", "unknown"]}), ["y"], task.classes)
    assert task.encode(later.column("y"))[0].tolist() == [2, -1]
    named = pa.table({"y": ["none", "unknown", "some"] * 3})
    assert with_targets_of_file(named, ["y"]) == named
    column = pa.array([f"{i},5" for i in range(60)] + ["see note"])
    task = task_of(column)
    assert task.kind == "regression"
    assert task.n_missing == 1
    assert "'see note'" in task.reason


@given(
    st.lists(st.text(LETTERS, max_size=4), min_size=2, max_size=5, unique=True),
)
def test_classes_come_back_as_they_were(labels):
    texts = sorted(labels) * 6
    column = pa.array(texts)
    task = task_of(column, "classification")
    y, missing = task.encode(column)
    assert not missing.any()
    assert task.decode(y).tolist() == texts
    assert list(task.classes) == np.unique(texts).tolist()


@pytest.mark.parametrize(
    ("values", "type_"), [([0, 1, 1], int), ([True, False], bool), (["a", "b"], str)]
)
def test_decoded_values_have_their_own_type(values, type_):
    task = task_of(values)
    back = task.decode(task.encode(pa.array(values))[0]).tolist()
    assert back == values
    assert all(type(value) is type_ for value in back)


def test_targets_of_a_later_table():
    task = task_of([0, 1, 1, 0])
    for column in (pa.array([1.0, None]), pa.array(["1", None]), pa.array([1, None], pa.int8())):
        assert task.encode(column)[0].tolist() == [1, -1]
    assert task_of([True, False]).encode(pa.array(["true", "FALSE"]))[0].tolist() == [1, 0]
    assert task_of(["1,5", "2,25"]).encode(pa.array(["3,5"]))[0].tolist() == [3.5]
    assert task_of([1.5, 2.5]).encode(pa.array(["3.5", "4.5"]))[0].tolist() == [3.5, 4.5]
    empty = pa.chunked_array([], pa.string())
    assert len(task_of(["a", "b"]).encode(empty)[0]) == 0
    with pytest.raises(
        TableError, match="'y' holds 'c', which was not among the classes: 'a', 'b'"
    ):
        task_of(["a", "b", "a"]).encode(pa.array(["a", "c"]))
    with pytest.raises(TableError, match="now there are no numbers in a column of dates"):
        task_of([1.5, 2.5]).encode(pa.array([dt.date(2024, 1, 1)]))


@pytest.mark.parametrize(
    ("values", "asked", "said"),
    [
        ([None, None], None, "no row has a value in the target 'y'"),
        ([float("nan")] * 2, None, "no row has"),
        ([3, 3, None], None, "'y' is '3' in every row that has one"),
        ([3.5, 3.5], None, "'3.5' in every row"),
        (["a", "a"], None, "'a' in every row"),
        ([3], None, "in every row"),
        ([f"C{i}" for i in range(30)], None, "different in each of the 30 rows ('C0', 'C1', 'C10'"),
        ([f"C{i % 20}" for i in range(30)], None, "20 classes in 30 rows"),
        ([1.5, 2.5, 3.5, 4.5], "multiclass", "different in each of the 4 rows"),
        (["a", "b", "c"] * 3, "binary", "'binary' is for 2 classes; the target 'y' has 3"),
        (["a", "b", "c"] * 3, "regression", "'a', 'b', 'c', of which no number can be made"),
        ([1, 2], "clasification", "unknown task 'clasification'"),
        ([dt.date(2024, 1, 1), dt.date(2024, 1, 2)], None, "days from a fixed date"),
        (["2024-01-01", "2024-01-02", "2024-01-03"], None, "holds dates"),
        ([[1], [2]], None, "lists of whole numbers"),
    ],
)
def test_targets_that_cannot_be(values, asked, said):
    with pytest.raises(TableError) as error:
        task_of(values, asked)
    assert said in str(error.value)


def test_several_targets():
    table = pa.table(
        {"a": [1.5, 2.5, None], "b": ["1,5", None, "3,25"], "c": ["u", "v", "u"], "d": [None] * 3}
    )
    task = find_table_task(table, ["a", "b"])
    assert (task.kind, task.names, task.n_targets, task.n_missing) == (
        "regression",
        ("a", "b"),
        2,
        2,
    )
    y, missing = task.encode(table["a"], table["b"])
    assert y.shape == (3, 2)
    assert y[0].tolist() == [1.5, 1.5]
    assert missing.tolist() == [False, True, True]
    assert task.decode(y[:1]).tolist() == [[1.5, 1.5]]
    with pytest.raises(TableError, match="'c' is of classes"):
        find_table_task(table, ["a", "c"])
    with pytest.raises(TableError, match="no row has all of the targets"):
        find_table_task(
            pa.table({"a": [1.5, 2.5, None, None], "b": [None, None, 1.5, 2]}), ["a", "b"]
        )
    with pytest.raises(TableError, match="several different ones"):
        find_table_task(table, ["a", "a"])
    with pytest.raises(TypeError, match="2 targets are wanted"):
        task.encode(table["a"])


def test_a_target_that_is_not_there():
    table = pa.table({"price": [1.5, 2.5], "rooms": [1, 2]})
    with pytest.raises(TableError, match=r"no column 'pirce' \(target\); did you mean 'price'\?"):
        find_table_task(table, ["pirce"])
    assert find_table_task(table, ["price"]).names == ("price",)


def test_the_task_of_some_rows_has_the_classes_among_them():
    target = pa.array(["a", "b", None, "c", "a", "b", "a", "b"])
    task = find_task(target, name="y")
    y, missing = task.encode(target)
    some = task.among(y[~missing][[0, 1, 3, 4]])
    assert (task.kind, some.kind, some.classes) == ("multiclass", "binary", ("a", "b"))
    assert (some.reason, some.n_missing) == (task.reason, 0)
    with pytest.raises(TableError, match="'y' is 'a' in every row"):
        task.among(y[[0, 4]])
    numbers = find_task(pa.array([1.5, 1.5, 2.0]), name="z")
    assert numbers.among(np.array([1.5, 2.0])) == numbers
    with pytest.raises(TableError, match=r"'z' is '1\.5' in every row"):
        numbers.among(np.array([1.5, 1.5]))


def messages_about(table, target):
    table = pa.table(table)
    task = find_table_task(table, [target])
    y, _ = task.encode(table[target])
    columns = describe_columns(table, target_names=[target])
    return task, [finding.message for finding in check_table(table, columns, task, y)]


def test_what_whole_numbers_were_taken_for_is_said_with_the_other():
    table = {"x": [i / 7 for i in range(80)], "y": [i % 8 for i in range(80)]}
    task, told = messages_about(table, "y")
    assert task.kind == "multiclass"
    assert any("--task regression" in message for message in told)
    table["y"] = [4 + i % 8 for i in range(80)]
    task, told = messages_about(table, "y")
    assert task.kind == "regression"
    assert any("--task classification" in message for message in told)
    table["y"] = [0.5 * i for i in range(80)]
    assert not any("--task" in message for message in messages_about(table, "y")[1])


def test_a_target_of_amounts_is_a_number():
    heights = ["170", "165", "180", "175", "5ft 7"] * 10
    task = find_task(pa.array(heights), name="height")
    assert task.kind == "regression"
    assert task.n_missing == 0
    # Predictions come in this unit, which need not be the one that most cells are written in.
    prices = find_task(
        pa.array(["8,500만원", "1.2억", "9,000만원", "7,100만원"] * 10), name="price"
    )
    assert prices.reason.endswith("; in 원: 만원 = 10000, 억 = 1e+08")
    task = find_task(pa.array(["0.7", "<0.5", "1.2", "2.5"] * 10), name="lead")
    assert task.reason == "numbers from 0.5 to 2.5; those beyond a limit are taken as the limit"


def test_a_target_that_is_mostly_unreadable_is_refused_with_some_of_it():
    cells = pa.array(["1.5", "2.5", *["so so", "bad", "fine"] * 20])
    with pytest.raises(
        TableError, match="60 of 62 cells of the target 'y' are no numbers, such as"
    ):
        find_task(cells, name="y", task="regression")
    assert find_task(pa.array([*map(str, range(40)), "bad"]), name="y", task="regression")
