"""Every table that a person has in memory becomes the same columns."""

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from layerwise.tables.errors import TableError
from layerwise.tables.frames import as_column, as_new_rows, as_table

COLUMNS = {
    "price": [1.5, None, 3.0],
    "rooms": [2, 3, None],
    "city": ["Ulm", None, "서울"],
    "let": [True, False, None],
    "since": [dt.date(2024, 2, 29), None, dt.date(1969, 12, 31)],
}
TYPES = {"price": "Float64", "rooms": "Int64", "city": "string", "let": "boolean"}
FRAMES = {
    "dict": dict,
    "pandas": pd.DataFrame,
    "pandas, nullable": lambda columns: pd.DataFrame(columns).astype(TYPES),
    "pandas, Arrow": lambda columns: pd.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow"),
    "Polars": pl.DataFrame,
    "Polars, lazy": pl.LazyFrame,
    "PyArrow": pa.table,
    "PyArrow, one batch": pa.RecordBatch.from_pydict,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_of_any_kind_holds_the_same_values(kind):
    table = as_table(FRAMES[kind](COLUMNS))
    assert table.to_pydict() == COLUMNS


def test_categories_are_their_texts():
    cells = ["b", None, "a", "b"]
    for series in (
        pd.Series(cells, dtype="category"),
        pl.Series(cells, dtype=pl.Categorical),
        pl.Series(cells, dtype=pl.Enum(["a", "b", "never"])),
        pa.array(cells).dictionary_encode(),
    ):
        assert as_column(series).to_pylist() == cells


@pytest.mark.parametrize("kind", ["e", "f", "d", "g"])
def test_nan_is_a_missing_value_in_floats_of_any_size(kind):
    array = np.array([[1.0, np.nan], [np.inf, 2.0]], kind)
    assert as_table(array).to_pydict() == {"x0": [1.0, np.inf], "x1": [None, 2.0]}


def test_nan_within_arrow_is_a_missing_value_too():
    chunked = pa.chunked_array([[1.0], [float("nan"), None]])
    assert as_table(pa.table({"x": chunked})).column("x").null_count == 2


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([1, "two", None, float("nan")], ["1", "two", None, None]),
        ([1, "two", pd.NaT, pd.NA], ["1", "two", None, None]),
        ([True, "yes"], ["True", "yes"]),
        ([2**80, 1], [str(2**80), "1"]),
        ([decimal.Decimal("1.50"), "x"], ["1.50", "x"]),
        (np.array(["é".encode(), b"b"]), ["é", "b"]),
        (np.array(["é", "b"]), ["é", "b"]),
        ([], []),
    ],
    ids=repr,
)
def test_cells_of_several_types_are_text(cells, expected):
    assert as_column(cells).to_pylist() == expected
    assert as_table({"x": cells}).column("x").to_pylist() == expected


def test_mixed_objects_of_pandas_are_text():
    assert as_table(pd.DataFrame({"x": [1, "two", None]})).column("x").to_pylist() == [
        "1",
        "two",
        None,
    ]


def test_intervals_and_periods_of_pandas_are_text():
    frame = pd.DataFrame(
        {
            "age": pd.cut([1.0, 5.0, np.nan], [0.0, 2.0, 9.0]),
            "month": pd.PeriodIndex(["2024-01", "2024-02", None], freq="M"),
        }
    )
    assert as_table(frame).to_pydict() == {
        "age": ["(0.0, 2.0]", "(2.0, 9.0]", None],
        "month": ["2024-01", "2024-02", None],
    }


def test_names_that_are_no_text_become_text():
    assert as_table(pd.DataFrame(np.zeros((1, 2)))).column_names == ["0", "1"]
    assert as_table({3: [1]}).column_names == ["3"]


def test_an_array_takes_the_names_given():
    with pytest.warns(UserWarning, match="not have valid feature names, but M was"):
        assert as_new_rows(np.zeros((1, 2)), ["a", "b"], "M").column_names == ["a", "b"]
    assert as_table([[1, "x"], [2, "y"]]).to_pydict() == {"x0": [1, 2], "x1": ["x", "y"]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros(3), r"rows and columns; got ndarray of shape \(3,\)"),
        (np.zeros((3, 0)), "no columns"),
        (pd.DataFrame(index=[0, 1]), "no columns"),
        (pa.table({}), "no columns"),
        ({}, "no columns"),
        ({"a": [1, 2], "b": [1]}, r"different lengths: \[1, 2\]"),
        ({"a": [[1], [2]]}, "'a' holds 2-dimensional cells"),
        ({"a": 3}, "'a' holds 0-dimensional cells"),
        (pd.DataFrame(np.zeros((1, 2)), columns=["a", "a"]), "two columns are called 'a'"),
        (pd.DataFrame(np.zeros((1, 2)), columns=["1", 1]), "two columns are called '1'"),
        (pa.table([[1], [2]], names=["a", "a"]), "two columns are called 'a'"),
        (np.array([[1j]]), "complex numbers"),
        ({"a": np.array([b"\xff"])}, "'a' holds bytes"),
        ("houses.csv", "got str"),
        (None, "got NoneType"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_table_is_refused_by_name(data, message):
    with pytest.raises(TableError, match=message):
        as_table(data)
