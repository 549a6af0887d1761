"""The same values give the same model, whatever they come in; and what is forgiven, and refused."""

import datetime as dt
import decimal
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from layerwise import MLPClassifier, TableClassifier, TableRegressor
from layerwise.tables.errors import TableError
from tests.store.small_models import QUICK

N = 80
RNG = np.random.default_rng(0)
CITIES = ["Ulm", "Bonn", "서울"]
COLUMNS = {
    "rooms": RNG.integers(1, 9, N).tolist(),
    "area": [None if i % 9 == 0 else float(a) for i, a in enumerate(RNG.normal(80, 20, N))],
    "city": [None if i % 11 == 0 else CITIES[c] for i, c in enumerate(RNG.integers(0, 3, N))],
    "lift": [None if i % 7 == 0 else bool(b) for i, b in enumerate(RNG.integers(0, 2, N))],
    "sold": [dt.date(2020, 1, 1) + dt.timedelta(days=int(d)) for d in RNG.integers(0, 900, N)],
}
Y = ["yes" if r > 4 else "no" for r in COLUMNS["rooms"]]
POLARS = pl.DataFrame(COLUMNS)
PANDAS = pd.DataFrame(COLUMNS)


def probabilities(X, y=Y):
    return TableClassifier(**QUICK).fit(X, y).predict_proba(X)


EXPECTED = probabilities(PANDAS)
SAME = {
    "dict": COLUMNS,
    "Polars": POLARS,
    "Polars, categorical": POLARS.with_columns(pl.col("city").cast(pl.Categorical)),
    "Polars, enum": POLARS.with_columns(pl.col("city").cast(pl.Enum(CITIES))),
    "PyArrow": pa.table(COLUMNS),
    "PyArrow, dictionary": pa.table(
        COLUMNS | {"city": pa.array(COLUMNS["city"]).dictionary_encode()}
    ),
    "PyArrow, decimals": pa.table(
        COLUMNS | {"rooms": pa.array([decimal.Decimal(r) for r in COLUMNS["rooms"]])}
    ),
    "pandas, categorical": PANDAS.astype({"city": "category"}),
    "pandas, nullable": PANDAS.astype({"rooms": "Int64", "lift": "boolean", "city": "string"}),
    "pandas, moments": PANDAS.assign(sold=pd.to_datetime(PANDAS.sold)),
    "pandas, with a zone": PANDAS.assign(sold=pd.to_datetime(PANDAS.sold, utc=True)),
    "pandas, dates as text": PANDAS.assign(sold=PANDAS.sold.astype(str)),
    "pandas, other index": PANDAS.set_index(np.arange(N)[::-1]),
    "objects": PANDAS.astype(object),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_values_give_the_same_bits(kind):
    assert np.array_equal(probabilities(SAME[kind]), EXPECTED)


def test_an_array_is_a_table_without_names():
    x = RNG.normal(size=(N, 2))
    expected = probabilities(x)
    assert np.array_equal(probabilities(pd.DataFrame(x, columns=["a", "b"])), expected)
    assert np.array_equal(probabilities(x.tolist()), expected)
    model = TableClassifier(**QUICK).fit(pd.DataFrame(x, columns=["a", "b"]), Y)
    assert np.array_equal(model.predict_proba(x), expected)


def test_the_target_is_one_of_the_columns_or_comes_beside_them():
    model = TableClassifier(**QUICK).fit(PANDAS.assign(let=Y), target="let")
    assert np.array_equal(model.predict_proba(PANDAS), EXPECTED)
    with pytest.warns(UserWarning, match="the table holds the target, let"):
        assert np.array_equal(model.predict_proba(PANDAS.assign(let=Y)), EXPECTED)


@pytest.mark.parametrize(
    "y",
    [
        np.array(Y),
        np.array(Y, object),
        pd.Series(Y),
        pd.Series(Y, dtype="category"),
        pl.Series(Y),
        pa.array(Y),
        np.array(Y)[:, None],
        pd.DataFrame({"let": Y}),
    ],
    ids=lambda y: type(y).__name__,
)
def test_targets_come_in_anything(y):
    assert np.array_equal(probabilities(PANDAS, y), EXPECTED)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([0, 1], [0, 1]),
        ([7, -3], [-3, 7]),
        ([True, False], [False, True]),
        ([0.0, 1.0], [0.0, 1.0]),
        (["예", "아니오"], ["아니오", "예"]),
        (["a", "b", "c", "a"], ["a", "b", "c"]),
    ],
    ids=repr,
)
def test_classes_stay_what_they_were(y, classes):
    model = TableClassifier(**QUICK).fit(PANDAS, (y * N)[:N])
    assert model.classes_.tolist() == classes
    assert [type(c) for c in model.classes_.tolist()] == [type(c) for c in classes]
    assert set(model.predict(PANDAS).tolist()) <= set(classes)
    assert model.predict_proba(PANDAS).shape == (N, len(classes))


@pytest.fixture(scope="module")
def fitted():
    """A model of the table, which tests only ask."""
    return TableClassifier(**QUICK).fit(PANDAS, Y)


def test_what_is_new_at_prediction_is_fine(fitted):
    assert np.array_equal(fitted.predict_proba(PANDAS[PANDAS.columns[::-1]]), EXPECTED)
    assert np.array_equal(fitted.predict_proba(PANDAS.assign(more="x")), EXPECTED)
    assert np.array_equal(
        fitted.predict_proba(PANDAS.assign(rooms=PANDAS.rooms.astype(str))), EXPECTED
    )
    new = PANDAS.assign(city="Rome", rooms=None, sold=None)
    assert np.isfinite(fitted.predict_proba(new)).all()
    assert fitted.predict_proba(PANDAS[:0]).shape == (0, 2)
    assert len(fitted.predict(PANDAS[:1])) == 1


def test_a_column_that_lacks_or_is_of_another_type_is_named(fitted):
    with pytest.raises(TableError, match="lacks the columns 'area', 'sold'"):
        fitted.predict(PANDAS.drop(columns=["sold", "area"]))
    with pytest.raises(TableError, match="'rooms' held numbers"):
        fitted.predict(PANDAS.assign(rooms="many"))


@pytest.mark.parametrize("n_columns", [1, 3])
def test_an_array_has_as_many_columns_as_were_trained_with(n_columns):
    model = TableClassifier(**QUICK).fit(RNG.normal(size=(N, 2)), Y)
    with pytest.raises(TableError, match=f"X has {n_columns} features, but TableClassifier is exp"):
        model.predict(np.zeros((4, n_columns)))


def test_columns_dropped_at_training_may_lack_later():
    model = TableClassifier(**QUICK, drop=["city"]).fit(PANDAS, Y)
    assert len(model.predict(PANDAS.drop(columns="city"))) == N


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (PANDAS, {"y": Y[:-1]}, "X has 80 rows and y 79"),
        (PANDAS, {}, "give y, or the name of the target"),
        (PANDAS, {"y": Y, "target": "city"}, "give y, or the name of the target"),
        (PANDAS, {"target": "prise"}, "prise"),
        (PANDAS, {"y": ["yes"] * N}, "'yes' in every row"),
        (PANDAS, {"y": [None] * N}, "no row has a value in the target"),
        (PANDAS, {"y": [f"name {i}" for i in range(N)]}, "different in each of the 80 rows"),
        (PANDAS[:1], {"y": ["yes"]}, "in every row"),
        (PANDAS[:0], {"y": []}, "no row has a value"),
        (PANDAS.assign(city=1)[["city"]], {"y": Y}, "no column is left"),
        (PANDAS, {"y": Y, "groups": np.zeros(N)}, "all rows to train on are of one group"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused(X, options, message):
    with pytest.raises(TableError, match=message):
        TableClassifier(**QUICK).fit(X, **options)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"effort": "hi"}, "effort"),
        ({"epochs": 0}, "epochs"),
        ({"hidden": (0,)}, "hidden"),
        ({"n_folds": 1}, "n_folds"),
        ({"dropout": 1.0}, "dropout"),
        ({"time_limit": 0}, "time_limit"),
        ({"n_threads": 0}, "n_threads"),
        ({"activation": "rely"}, "relu"),
        ({"metric": "f2"}, "f1"),
        ({"class_weight": "balance"}, "balanced"),
        ({"class_weight": {"maybe": 2}}, "maybe"),
        ({"class_weight": {"yes": -1}}, "at least 0"),
        ({"class_weight": {"yes": 0, "no": 0}}, "not all 0"),
    ],
    ids=repr,
)
def test_settings_that_cannot_be_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        TableClassifier(**{**QUICK, **settings}).fit(PANDAS, Y)


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        ([1.0], rf"must have the shape \({N},\); got \(1,\)"),
        ([-1.0] * N, "must hold finite numbers of at least 0"),
        ([np.nan] * N, "must hold finite numbers of at least 0"),
        (["heavy"] * N, "must hold finite numbers of at least 0"),
        ([0.0] * N, "is zero for every row"),
        ([1e-60] * N, "is too small for float32"),
    ],
)
def test_weights_that_cannot_be_are_refused(weight, said):
    model = TableClassifier(**QUICK)
    with pytest.raises(ValueError, match=f"sample_weight {said}"):
        model.fit(PANDAS, Y, sample_weight=weight)
    if weight[0] != 1e-60:
        with pytest.raises(ValueError, match=f"sample_weight {said}"):
            MLPClassifier(hidden_layer_sizes=()).fit(np.ones((N, 1)), Y, sample_weight=weight)


def test_one_weight_for_all_rows_is_one():
    model = TableClassifier(**QUICK).fit(PANDAS, Y, sample_weight=1.0)
    assert np.array_equal(model.predict_proba(PANDAS), EXPECTED)


def test_a_refused_fit_leaves_the_model_as_it_was():
    model = TableClassifier(**QUICK).fit(PANDAS, Y)
    with pytest.raises(TableError):
        model.fit(PANDAS, ["yes"] * N)
    assert np.array_equal(model.predict_proba(PANDAS), EXPECTED)


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("kind", [TableClassifier, TableRegressor])
def test_few_rows_are_enough_for_a_model(kind, n):
    y = np.arange(n) % 2 if kind is TableClassifier else np.arange(n) + 0.5
    model = kind(effort="low", epochs=2, hidden=(4,), random_state=0).fit(PANDAS[:n], y)
    outputs = model.predict_proba(PANDAS) if kind is TableClassifier else model.predict(PANDAS)
    assert len(outputs) == N
    assert np.isfinite(outputs).all()


def test_a_class_with_one_row():
    y = ["rare", *Y[1:]]
    model = TableClassifier(**QUICK).fit(PANDAS, y)
    assert model.classes_.tolist() == ["no", "rare", "yes"]
    p = model.predict_proba(PANDAS)
    assert (p > 0).all()
    assert p.sum(axis=1) == pytest.approx(1)


def test_rows_without_a_target_are_left_out():
    y = pd.Series([1.5, None, np.inf, 2.5] * (N // 4))
    kept = np.isfinite(y)
    model = TableRegressor(**QUICK).fit(PANDAS, y)
    again = TableRegressor(**QUICK).fit(PANDAS[kept], y[kept])
    assert np.array_equal(model.predict(PANDAS), again.predict(PANDAS))


def test_cells_that_are_no_numbers_are_warned_of(fitted):
    rooms = ["error" if i % 4 == 0 else str(r) for i, r in enumerate(COLUMNS["rooms"])]
    said = "20 of 80 cells of 'rooms' cannot be read as what it held when the model was trained"
    for ask in (fitted.predict, fitted.predict_proba):
        with pytest.warns(UserWarning, match=said):
            ask(PANDAS.assign(rooms=rooms))
    (found,) = fitted.compare(PANDAS.assign(rooms=rooms)).differences
    assert (found.column, found.severity, found.unreadable) == ("rooms", "warning", (0.0, 0.25))
    said = "the table holds the target, target, which is not used to predict"
    with pytest.warns(UserWarning, match=said):
        fitted.predict(PANDAS.assign(target=Y))


def test_nothing_is_warned_of_in_rows_like_those_trained_on(fitted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted.predict(PANDAS.assign(rooms=[None] * N, city="Rome"))
        fitted.predict_proba(PANDAS.assign(more=1))
    comparison = fitted.compare(PANDAS)
    assert (comparison.n_trained, comparison.n_rows, comparison.differences) == (N, N, ())


def test_many_rows_are_read_as_a_whole(fitted, monkeypatch):
    """Some rows alone would not tell which figures are the day."""
    monkeypatch.setattr("layerwise.estimators.fitted_table._ROWS_AT_ONCE", 10)
    days = [(d.replace(day=1 + d.day % 12)) for d in COLUMNS["sold"][:-1]] + [dt.date(2021, 3, 30)]
    wanted = fitted.predict_proba(PANDAS.assign(sold=days))
    written = PANDAS.assign(sold=[d.strftime("%m/%d/%Y") for d in days])
    assert np.array_equal(fitted.predict_proba(written), wanted)


def test_what_partial_fit_learns_from_is_what_training_looked_like():
    model = TableClassifier(**QUICK).fit(PANDAS, Y)
    other = PANDAS.assign(rooms=PANDAS.rooms * 100)
    assert [one.column for one in model.compare(other).warnings] == ["rooms"]
    model.partial_fit(other, Y)
    assert not model.compare(pd.concat([PANDAS, other])).differences
