"""Memory is bounded by what the table holds, not by its longest cell times its rows."""

import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest

from layerwise import MLPClassifier, TableClassifier
from layerwise.draw import draw_network
from layerwise.tables.find_task import find_table_task
from layerwise.tables.frames import targets_apart
from layerwise.tables.kinds import describe_columns
from layerwise.tables.preparation import Preparation

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N = 2_000
LONG = "ab" * 90_000
SHORT = {
    "effort": "low", "epochs": 1, "n_folds": 2, "n_repeats": 1, "hidden": [4], "random_state": 0,
    "n_threads": 1,
}  # fmt: skip
X = np.random.default_rng(0).standard_normal(N)
Y = (X > 0).astype(int)
# In an array of fixed width, as NumPy makes them of text: 2,000 times 720 kB.
WORDS = np.array(["no", "yes"], object)[Y]
WORDS[[3, 8, 13]] = LONG


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """What is imported and compiled at the first call is no part of what is measured."""
    draw_network(TableClassifier(**SHORT).fit({"x": X, "a": Y}, Y), row={"x": [0.5], "a": [1]})
    MLPClassifier((4,), max_iter=1).fit(X[:, None], Y)


@contextmanager
def at_most(mebibytes):
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < mebibytes * 2**20


def test_a_column_with_a_long_cell():
    rows = {"x": X, "words": WORDS}
    with at_most(100):
        model = TableClassifier(**SHORT).fit(rows, Y)
        model.predict(rows)
    assert any(LONG in getattr(each, "values", ()) for each in model.preparation_.encoders)


@pytest.mark.parametrize("form", [np.array, list], ids=["objects", "list"])
def test_a_long_class_of_a_table(form):
    rows, answers = {"x": X}, form(WORDS)
    with at_most(100):
        model = TableClassifier(**SHORT).fit(rows, answers)
        assert set(model.predict(rows)) <= set(WORDS)
        model.score(rows, answers)
        draw_network(model, row={"x": [0.5]})
    assert len(model.task_.reason) < 200


@pytest.mark.parametrize("form", [np.array, list], ids=["objects", "list"])
def test_a_long_class_of_numbers(form):
    rows, answers = X[:, None], form(WORDS)
    with at_most(100):
        model = MLPClassifier((4,), max_iter=1, random_state=0, class_weight={LONG: 2.0})
        model.fit(rows, answers, validation_data=(rows, answers))
        model.set_params(class_weight=None).partial_fit(rows, answers)
        assert set(model.predict(rows)) <= set(WORDS)
        model.score(rows, answers)
    assert model.classes_.tolist() == sorted(set(WORDS))


def test_a_group_with_a_long_name():
    with at_most(100):
        TableClassifier(**SHORT).fit({"x": X}, Y, groups=list(WORDS))


def test_columns_with_long_names():
    names = [f"{i} {LONG}" for i in range(40)]
    table, targets = targets_apart(dict.fromkeys(names, X) | {"y": Y}, None, "y")
    with at_most(100):
        preparation = Preparation.fit(table, describe_columns(table), seed=0)
        preparation.transform(table)
        find_table_task(targets, ["y"])
