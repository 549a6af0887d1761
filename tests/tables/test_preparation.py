"""From tables to matrices: what is forgiven at prediction, what is refused, what is kept."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from layerwise.tables.columns import category_cells, numbers_of
from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_table
from layerwise.tables.kinds import describe_columns
from layerwise.tables.preparation import Preparation
from tests.helpers.work import calls_made

RNG = np.random.default_rng(0)
N = 60
WORDS = np.array(["small", "large", "house", "garden", "near", "lake", "old", "quiet", "street"])


def a_table():
    return pa.table(
        {
            "rooms": RNG.integers(1, 9, N),
            "area": pa.array(RNG.normal(80, 20, N), mask=np.arange(N) % 7 == 0),
            "city": RNG.choice(["Ulm", "Bonn", "서울"], N),
            "storey": RNG.choice([1, 2], N),
            "lift": RNG.integers(0, 2, N).astype(bool),
            "garage": RNG.integers(0, 2, N),
            "sold": [
                dt.date(2020, 1, 1) + dt.timedelta(days=int(i)) for i in RNG.integers(0, 900, N)
            ],
            "note": [" ".join(RNG.choice(WORDS, 8)) + f" {i}" for i in range(N)],
        }
    )


TABLE = a_table()


def fitted(table):
    return Preparation.fit(table, describe_columns(table))


PREPARATION = fitted(TABLE)
PREPARED = PREPARATION.transform(TABLE)


def same(prepared, other):
    return np.array_equal(prepared.x, other.x) and np.array_equal(prepared.codes, other.codes)


def replaced(name, values):
    return TABLE.set_column(TABLE.column_names.index(name), name, as_table({name: values})[name])


def test_every_kind_is_there():
    kinds = {column.name: column.kind for column in PREPARATION.columns}
    assert kinds == {
        "rooms": "number",
        "area": "number",
        "city": "category",
        "storey": "category",
        "lift": "boolean",
        "garage": "boolean",
        "sold": "date",
        "note": "text",
    }
    assert PREPARED.x.dtype == np.float32
    assert PREPARED.codes.dtype == np.int32
    assert PREPARED.x.shape == (N, len(PREPARED.input_names))
    assert PREPARED.notes == []


def test_plain_data_in_json_and_back_gives_the_same_bits():
    again = Preparation.from_json(
        json.loads(json.dumps(PREPARATION.to_json(), allow_nan=False)), PREPARATION.arrays
    )
    assert again.columns == PREPARATION.columns
    assert again.input_names == PREPARATION.input_names
    assert same(again.transform(TABLE), PREPARED)


def test_each_column_knows_its_inputs():
    inputs = [i for name in TABLE.column_names for i in PREPARATION.inputs_of(name)[0]]
    codes = [i for name in TABLE.column_names for i in PREPARATION.inputs_of(name)[1]]
    assert inputs == list(range(PREPARED.x.shape[1]))
    assert codes == [0, 1]
    assert [PREPARED.input_names[i] for i in PREPARATION.inputs_of("area")[0]] == [
        "area",
        "area is missing",
    ]


def test_columns_in_another_order_and_others_beside_them():
    table = TABLE.select(TABLE.column_names[::-1]).append_column("new", pa.array(["x"] * N))
    prepared = PREPARATION.transform(table)
    assert same(prepared, PREPARED)
    assert prepared.notes == ["columns that the model does not use: 'new'"] or (
        len(prepared.notes) == 1 and "new" in prepared.notes[0]
    )


ALIKE = {
    "rooms as floats": ("rooms", lambda x: x.astype(float)),
    "rooms as text": ("rooms", lambda x: x.astype(str)),
    "rooms as text with a fraction": ("rooms", lambda x: x.astype(float).astype(str)),
    "storey as floats": ("storey", lambda x: x.astype(float)),
    "storey as text": ("storey", lambda x: x.astype(str)),
    "storey as text with a fraction": ("storey", lambda x: x.astype(float).astype(str)),
    "lift as numbers": ("lift", lambda x: x.astype(int)),
    "lift as text": ("lift", lambda x: x.astype(str)),
    "garage as truth values": ("garage", lambda x: x.astype(bool)),
    "garage as floats": ("garage", lambda x: x.astype(float)),
    "garage as text": ("garage", lambda x: x.astype(str)),
    "garage as text with a fraction": ("garage", lambda x: x.astype(float).astype(str)),
    "sold as moments": ("sold", lambda x: x.astype("datetime64[ns]")),
    "sold as text": ("sold", lambda x: x.astype(str)),
    "sold in UTC": ("sold", lambda x: pd.Series(x.astype("datetime64[ns]")).dt.tz_localize("UTC")),
    "city as a category": ("city", lambda x: pd.Series(x).astype("category")),
    "city with blanks": ("city", lambda x: np.char.add(x.astype(str), " ")),
}


@pytest.mark.parametrize("case", ALIKE)
def test_the_same_values_in_another_type_are_read_alike(case):
    name, change = ALIKE[case]
    values = change(TABLE.column(name).to_numpy())
    assert same(PREPARATION.transform(replaced(name, values)), PREPARED)


RETYPED = {
    "rooms": [["many"] * N, [dt.date(2024, 1, 1)] * N],
    "city": [np.arange(N) + 0.5, [True] * N, [dt.date(2024, 1, 1)] * N],
    "lift": [["perhaps"] * N, np.arange(N) + 2],
    "garage": [["yes"] * N, ["2"] * N, np.arange(N) + 0.5],
    "sold": [["soon"] * N, np.arange(N) + 0.5, [True] * N],
    "note": [np.arange(N) + 0.5, [dt.date(2024, 1, 1)] * N],
}


@pytest.mark.parametrize(
    ("name", "values"), [(name, values) for name, cases in RETYPED.items() for values in cases]
)
def test_a_retyped_column_is_named(name, values):
    with pytest.raises(TableError, match=f"the column '{name}' held .* now it holds cells such as"):
        PREPARATION.transform(replaced(name, values))


@pytest.mark.parametrize("name", TABLE.column_names)
def test_a_column_that_lacks_is_named(name):
    with pytest.raises(TableError, match=f"lacks the column '{name}'"):
        PREPARATION.transform(TABLE.drop_columns([name]))


@pytest.mark.parametrize("name", TABLE.column_names)
@pytest.mark.parametrize("nothing", [None, np.nan, ""])
def test_a_column_may_be_all_missing(name, nothing):
    prepared = PREPARATION.transform(replaced(name, [nothing] * N))
    assert np.isfinite(prepared.x).all()
    others = [
        i for other in TABLE.column_names if other != name for i in PREPARATION.inputs_of(other)[0]
    ]
    assert np.array_equal(prepared.x[:, others], PREPARED.x[:, others])


def test_no_rows_give_no_rows():
    prepared = PREPARATION.transform(TABLE.slice(0, 0))
    assert prepared.x.shape == (0, PREPARED.x.shape[1])
    assert prepared.codes.shape == (0, 2)


def test_unknown_categories_are_noted():
    cities = TABLE.column("city").to_pylist()
    cities[:5] = ["Rome"] * 5
    prepared = PREPARATION.transform(replaced("city", cities))
    assert (prepared.codes[:5, 0] == 0).all()
    assert np.array_equal(prepared.codes[5:], PREPARED.codes[5:])
    assert prepared.notes == [
        "'city' holds values in 5 of 60 rows that were rare or not there when the model was trained"
    ]


def test_unknown_categories_of_many_columns_are_one_note():
    words = pa.table({name: ["a", "b", "c"] * 20 for name in "pqrst"})
    new = pa.table({name: ["new"] * i + ["a"] * (20 - i) for i, name in enumerate("pqrst")})
    (note,) = fitted(words).transform(new).notes
    assert note == (
        "4 columns hold values that were rare or not there when the model was trained: 't' in 4 of "
        "20 rows, 's' in 3 of 20 rows, 'r' in 2 of 20 rows and 1 more"
    )


def test_infinite_and_huge_numbers():
    x = np.append(RNG.normal(size=50), [1e300, -1e300, np.inf, -np.inf, 1.7e308, -1.7e308])
    table = pa.table({"x": x})
    preparation = fitted(table)
    prepared = preparation.transform(table).x
    assert np.isfinite(prepared).all()
    assert (np.abs(prepared) <= 3).all()
    assert len(np.unique(prepared[:50])) == 50
    json.dumps(preparation.to_json(), allow_nan=False)


def test_a_table_without_anything_to_learn_from_is_refused():
    with pytest.raises(TableError, match="no column is left to predict from: 'x' is constant"):
        fitted(pa.table({"x": [1.0] * 5}))


def test_decimals_are_numbers():
    decimals = TABLE.column("rooms").cast(pa.decimal128(25, 2))
    assert same(PREPARATION.transform(TABLE.set_column(0, "rooms", decimals)), PREPARED)


def test_work_grows_no_faster_than_the_number_of_categories():
    def prepare(n):
        table = pa.table({"who": np.repeat([f"customer {i}" for i in range(n)], 2)})
        preparation = Preparation.fit(table, describe_columns(table, categorical=["who"]))
        assert len(np.unique(preparation.transform(table).codes)) == n
        assert preparation.code_encoders[0].n_codes == n + 1

    few, many = (calls_made(lambda n=n: prepare(n)) for n in (3_000, 30_000))
    assert many < 11 * few


@pytest.mark.slow
def test_work_grows_no_faster_than_the_number_of_columns():
    def prepare(n_columns):
        table = as_table(RNG.normal(size=(20, n_columns)))
        preparation = fitted(table)
        assert preparation.transform(table).x.shape == (20, n_columns)
        assert preparation.inputs_of(f"x{n_columns - 1}") == ([n_columns - 1], [])

    few, many = (calls_made(lambda n=n: prepare(n)) for n in (100, 1_000))
    assert many < 11 * few


def test_cells_of_categories_are_written_alike_whatever_their_type():
    for values in (pa.array([3, 1, None]), pa.array([3.0, 1.0, None]), pa.array(["3", "1", None])):
        texts, places = category_cells(values)
        assert [*texts, None][places[0]] == "3"
        assert [*texts, None][places[1]] == "1"
        assert places[2] == -1


def test_numbers_to_draw():
    column = {column.name: column for column in PREPARATION.columns}
    numbers, ends = numbers_of(column["sold"], TABLE.column("sold"))
    sold = TABLE.column("sold").to_pylist()
    assert numbers.tolist() == [(day - dt.date(1970, 1, 1)).days for day in sold]
    assert ends == (str(min(sold)), str(max(sold)))
    assert numbers_of(column["rooms"], TABLE.column("rooms"))[1] is None
