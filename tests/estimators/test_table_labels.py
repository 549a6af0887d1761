"""Labels come back as they were given, in scikit-learn's order; or `fit` says why not."""

import datetime as dt
import decimal
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import get_scorer
from sklearn.preprocessing import LabelBinarizer

from layerwise import TableClassifier, TableRegressor
from layerwise.store import load, save
from layerwise.tables.errors import TableError

N = 48
SMALL = {"effort": "low", "n_folds": 2, "n_repeats": 1, "hidden": (4,), "random_state": 0,
         "learning_rate": 0.05}  # fmt: skip


def told_apart(labels):
    """A quick model of a table whose column tells the labels apart, the table and y."""
    places = np.arange(N) % len(labels)
    X = pd.DataFrame({"x": np.where(places % 2, 1.0, -1.0), "kind": [f"k{k}" for k in places]})
    return X, places


def fitted(X, y=None, target=None, **settings):
    return TableClassifier(**{**SMALL, "epochs": 1, **settings}).fit(X, y, target=target)


@pytest.mark.parametrize(
    "labels",
    [("9", "10"), ("9%", "10%"), ("$9", "$1,000"), ("2", "1.0"), (" >50K", " <=50K"), ("", " "),
     ("a", " a"), ("é", "e\u0301"), ("n/a", "1"), (10, 9), (True, False)],
    ids=repr,
)  # fmt: skip
def test_scikit_learns_scorers_find_separated_classes_perfect(labels):
    X, places = told_apart(labels)
    y = np.array(labels, object if isinstance(labels[0], str) else None)[places]
    model = fitted(X, y, epochs=30)
    assert model.classes_.tolist() == LabelBinarizer().fit(y).classes_.tolist()
    assert get_scorer("roc_auc")(model, X, y) == 1.0
    assert get_scorer("neg_log_loss")(model, X, y) > -0.2
    assert model.score(X, y) == 1.0
    assert model.predict(X).tolist() == y.tolist()


TEXT = st.text(" \tabé\u0301가1", max_size=3)
OF_KINDS = {
    "text": TEXT,
    "truth values": st.booleans(),
    "small numbers": st.integers(-9, 9),
    "large numbers": st.integers(-(2**70), 2**70),
    "whole floats": st.integers(-9, 9).map(float),
    "floats": st.floats(allow_nan=False),
    "bytes": st.binary(min_size=1, max_size=2),
    "intervals": st.integers(0, 9).map(lambda i: pd.Interval(i, i + 1)),
    "periods": st.integers(1, 12).map(lambda m: pd.Period(f"2024-{m:02}", "M")),
    "moments": st.integers(1, 28).map(lambda d: pd.Timestamp(2024, 1, d)),
    "durations": st.integers(1, 28).map(lambda d: pd.Timedelta(days=d)),
    "decimals": st.integers(0, 99).map(lambda i: decimal.Decimal(i) / 10),
}
CONTAINERS = {
    "list": list,
    "array": np.array,
    "objects": lambda cells: pd.Series(cells, dtype=object).to_numpy(),
    "Series": pd.Series,
    "Categorical": lambda cells: pd.Series(
        pd.Categorical(cells, [*dict.fromkeys(c for c in cells if c is not None)], ordered=True)
    ),
    "column": lambda cells: pd.DataFrame({"y": pd.Series(cells, dtype=object)}),
}


@given(
    st.sampled_from(sorted(OF_KINDS)).flatmap(
        lambda kind: st.lists(OF_KINDS[kind], min_size=2, max_size=3, unique=True)
    ),
    st.sampled_from(sorted(CONTAINERS)),
    st.booleans(),
)
@settings(max_examples=30)
def test_predictions_are_elements_of_the_labels_given_or_fit_says_why_not(labels, kind, is_missing):
    X, places = told_apart(labels)
    cells = [labels[place] for place in places]
    if is_missing:
        cells[::7] = [None] * len(cells[::7])
    y = CONTAINERS[kind](cells)
    try:
        model = fitted(X, y)
    except TableError as error:
        assert any(
            words in str(error)
            for words in (
                "text, whole numbers",
                "are predicted by",
                "numbers or classes are",
                "decode them",
            )
        )
        assert not isinstance(labels[0], bool)
        assert not (isinstance(labels[0], str) and kind != "array")
        return
    given_cells = [cell for cell in np.asarray(y, object).ravel().tolist() if cell == cell]
    known = [cell for cell in given_cells if cell is not None]
    found = model.predict(X).tolist()
    assert set(found) <= set(known)
    assert Counter(model.classes_.tolist()).most_common(1)[0][1] == 1
    assert set(model.classes_.tolist()) == set(known)
    assert model.classes_.tolist() == sorted(model.classes_.tolist())
    right = [
        a == b for a, b in zip(found, np.asarray(y, object).ravel(), strict=True) if b in known
    ]
    assert model.score(X, y) == pytest.approx(np.mean(right))


@pytest.mark.parametrize(
    "y",
    [
        np.array(["no", "yes"]), np.array(["no", "yes"], object), np.array([0, 1], np.int8),
        np.array([2**63, 1], np.uint64), np.array([0, 1], np.float32), np.array([True, False]),
        np.array([1, 2], ">i4"),
    ],
    ids=lambda y: y.dtype.str,
)  # fmt: skip
def test_predictions_have_the_type_of_the_labels_also_once_saved(y, tmp_path):
    X, places = told_apart(y)
    model = fitted(X, y[places])
    save(model, tmp_path / "m.layerwise")
    for one in (model, load(tmp_path / "m.layerwise")):
        assert one.classes_.dtype == one.predict(X).dtype == y.dtype.newbyteorder("=")
        assert one.classes_.tolist() == np.unique(y).tolist()


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([b"a", b"b"], "of the type bytes"),
        (np.array([b"a", b"b"]), "of the type bytes"),
        ([2**70, 1], "whole numbers of at most 64 bits"),
        ([1, "a"], "of the type int; text, whole numbers"),
        ([decimal.Decimal("0.1"), decimal.Decimal("0.2")], "of the type Decimal"),
        (pd.cut(pd.Series([1.0, 5.0]), [0, 2, 9]), r"'\(0, 2\]', of the type Interval"),
        (pd.PeriodIndex(["2024-01", "2024-02"], freq="M"), "of the type Period"),
        (pd.to_timedelta([1, 2], "s"), "of the type timedelta"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), "of the type datetime"),
        ([dt.time(1), dt.time(2)], "of the type time"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_labels_that_cannot_be_are_named(y, said):
    X, places = told_apart([0, 1])
    if isinstance(y, list):
        cells = [y[place] for place in places]
    else:
        cells = y.iloc[places].reset_index(drop=True) if isinstance(y, pd.Series) else y[places]
    with pytest.raises(TableError, match=said):
        fitted(X, cells)
    with pytest.raises(TableError, match=said):
        fitted(X.assign(y=cells), target="y")


def test_different_floats_are_no_classes():
    X, _ = told_apart([0, 1])
    y = np.random.default_rng(0).normal(size=N)
    with pytest.raises(TableError, match=r"label type: continuous.*predicted by TableRegressor"):
        fitted(X, y)
    assert fitted(X, np.round(np.abs(y)) % 2).classes_.tolist() == [0.0, 1.0]


def test_labels_of_arrow_and_polars_are_what_they_were():
    X, places = told_apart(["a", " a"])
    cells = [["a", " a", ""][place] for place in np.arange(N) % 3]
    for y in (pa.array(cells), pl.Series(cells), pl.Series(cells, dtype=pl.Categorical),
              pa.array(cells).dictionary_encode()):  # fmt: skip
        model = fitted(X, y)
        assert model.classes_.tolist() == ["", " a", "a"]
        assert (
            fitted(pl.DataFrame(X.to_dict("list") | {"y": y}), target="y").classes_.tolist()[0]
            == ""
        )
    numbers = pl.Series([1, 2] * (N // 2), dtype=pl.Int16)
    assert fitted(X, numbers).predict(X).dtype == np.int16


def test_features_in_memory_are_data_too():
    X, places = told_apart([0, 1])
    X = pd.DataFrame({"blank": np.array(["a", " a"], object)[places],
                      "empty": np.array(["", "b"], object)[places]})  # fmt: skip
    for name in X:
        model = fitted(X[[name]], places, epochs=30)
        assert model.score(X, places) == 1.0
    model = fitted(X[["blank"]], places, epochs=30)
    # What is no value as it stands is the one that differs in blanks alone.
    assert model.predict({"blank": ["a ", "  a", " a"]}).tolist() == [0, 0, 1]
    numbers = pd.DataFrame({"x": np.array(["1.5", " 2.5", "", "4"], object)[np.arange(N) % 4]})
    assert fitted(numbers, places).columns_[0].kind == "number"


@pytest.mark.parametrize("scale", [1e160, 1e-200, 1e308, 5e-324])
def test_targets_whose_squares_no_number_holds_are_refused(scale):
    X, places = told_apart([0, 1])
    model = TableRegressor(**SMALL, epochs=1)
    with pytest.raises(TableError, match=r"target 'target' .* power of ten"):
        model.fit(X, places * scale)
    assert np.isfinite(model.fit(X, places * 1e100).predict(X)).all()
