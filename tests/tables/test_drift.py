"""What is said of new rows that differ from those trained on, and of which nothing is said."""

import datetime as dt
import json
import re

import numpy as np
import pyarrow as pa
import pytest

from layerwise.tables.drift import compare
from layerwise.tables.errors import TableError
from layerwise.tables.kinds import describe_columns
from layerwise.tables.preparation import Preparation
from layerwise.tables.profiles import Measured, Profile
from tests.cli.test_korean import english_in

_WORDS = ["good", "dry", "wine", "very", "old", "with", "fruit"]
_FIRST = dt.date(2022, 1, 1)


def drawn(seed, n, first=_FIRST):
    """Rows of columns of all kinds."""
    random = np.random.default_rng(seed)
    return {
        "price": random.uniform(2, 9, n).tolist(),
        "income": random.lognormal(3, 1, n).tolist(),
        "at": [f"{9 + i // 60:02}:{i % 60:02}" for i in random.integers(0, 480, n)],
        "town": random.choice(["Rome", "Oslo", "Ulm"], n, p=[0.1, 0.5, 0.4]).tolist(),
        "street": np.char.add("way ", random.zipf(1.6, n).clip(max=10**6).astype(str)).tolist(),
        "smoker": random.choice(["yes", "no"], n, p=[0.3, 0.7]).tolist(),
        "sold": [first + dt.timedelta(days=int(i)) for i in random.integers(0, 1000, n)],
        "note": [" ".join(random.choice(_WORDS, k)) for k in random.integers(3, 30, n)],
        "gaps": [None if i % 5 == 0 else float(i % 7) for i in random.permutation(n)],
    }


@pytest.fixture(scope="module")
def preparation():
    table = pa.table(drawn(0, 1000))
    columns = describe_columns(table, text=["note"], categorical=["street"])
    fitted = Preparation.fit(table, columns)
    kept = json.dumps(fitted.to_json(), allow_nan=False)
    return Preparation.from_json(json.loads(kept), fitted.arrays)


def differences(preparation, cells):
    return {one.column: one for one in compare(preparation, pa.table(cells)).differences}


@pytest.mark.parametrize("n", [1, 20, 200, 1000])
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_said_of_rows_from_the_same_source(preparation, n, seed):
    assert not differences(preparation, drawn(seed, n))


def half(cells, other):
    return [other if i % 2 else cell for i, cell in enumerate(cells)]


CHANGED = {
    "cells that are no numbers": (
        "price",
        lambda x: half([str(cell) for cell in x], "error"),
        "100 of 200 cells hold no numbers, such as 'error', and count as missing (none when",
    ),
    "missing cells": (
        "price",
        lambda x: half(x, None),
        "missing in 50 % of the rows (0 % when trained)",
    ),
    "all missing": ("sold", lambda x: [None] * len(x), "missing in 100 % of the rows"),
    "none missing": ("gaps", lambda x: [3.0] * len(x), "missing in 0 % of the rows (20 % when"),
    "another unit": ("price", lambda x: [1000 * one for one in x], "(2.001 to 8.997 when trained)"),
    "a shift": ("income", lambda x: [3 * one for one in x], "when trained)"),
    "a narrower range": ("income", lambda x: [15 + one / 8 for one in x], "at most"),
    "night": ("at", lambda x: ["23:30", "02:15"] * (len(x) // 2), "median 02:15"),
    "a frequent category": ("town", lambda x: half(x, "Rome"), "'Rome' in"),
    "a new category": (
        "town",
        lambda x: half(x, "Atlantis"),
        "values that were rare or not there, such as 'Atlantis', in 50 % of the rows (0 % when",
    ),
    "new streets": (
        "street",
        lambda x: [f"road {i}" for i in range(len(x))],
        "values that were rare or not there, such as 'road 0', in 100 % of the rows (",
    ),
    "yes alone": ("smoker", lambda x: ["yes"] * len(x), "yes in 100 % of the rows ("),
    "short texts": ("note", lambda x: ["good wine"] * len(x), "letters in a text: 9 ("),
}


@pytest.mark.parametrize("case", CHANGED)
def test_what_differs_in_200_rows_is_named(preparation, case):
    name, change, message = CHANGED[case]
    cells = drawn(4, 200)
    found = differences(preparation, cells | {name: change(cells[name])})
    assert list(found) == [name]
    assert found[name].severity == "warning"
    assert found[name].message.startswith(f"{name}: ")
    assert message in found[name].message.replace("\N{NO-BREAK SPACE}", " ")
    is_korean(preparation, pa.table(cells | {name: change(cells[name])}))


def is_korean(preparation, table):
    """Whether what differs is said in Korean with the same numbers."""
    comparison = compare(preparation, table)
    for english, korean in zip(
        comparison.sentences(language="en"), comparison.sentences(language="ko"), strict=True
    ):
        assert english_in(korean, table.column_names) == []
        numbers = [sorted(re.findall(r"\d+(?:[.:]\d+)*", text)) for text in (english, korean)]
        assert numbers[0] == numbers[1]


def test_a_value_far_outside_is_named_among_few_rows_and_many(preparation):
    for n in (1, 1000):
        cells = drawn(5, n)
        cells["price"][0], cells["income"][-1] = 50.0, -1e6
        found = differences(preparation, cells)
        assert set(found) == {"price", "income"}
        assert found["price"].message == "price: 50 is far outside what was seen, 2.001 to 8.997"
        assert found["price"].n_far == 1
        is_korean(preparation, pa.table(cells))
    cells = drawn(5, 1000)
    cells["price"][0], cells["income"][0] = 12.0, 1.5 * max(drawn(0, 1000)["income"])
    assert not differences(preparation, cells)  # outside, but not far


def test_later_dates_are_a_note_and_a_year_of_another_century_a_warning(preparation):
    (later,) = differences(preparation, drawn(6, 200, dt.date(2025, 6, 1))).values()
    assert (later.column, later.severity) == ("sold", "note")
    assert ", later (2022-01-01 to 2024-09-23 when trained)" in later.message
    is_korean(preparation, pa.table(drawn(6, 200, dt.date(2025, 6, 1))))
    comparison = compare(preparation, pa.table(drawn(6, 200, dt.date(2025, 6, 1))))
    assert comparison.warnings == ()
    cells = drawn(6, 200)
    cells["sold"][3] = dt.date(2204, 1, 1)
    (typo,) = differences(preparation, cells).values()
    assert typo.severity == "warning"
    assert typo.message.startswith("sold: 2204-01-01 is far outside what was seen, 2022-01-01 to")


def test_a_trifle_is_not_named_in_however_many_rows(preparation):
    cells = drawn(7, 1000)
    cells["price"] = [one + 0.3 for one in cells["price"]]
    cells["smoker"] = ["yes" if i % 10 == 0 else one for i, one in enumerate(cells["smoker"])]
    assert not differences(preparation, cells)


def test_what_differs_most_comes_first_and_dates_last(preparation):
    cells = drawn(8, 200, dt.date(2026, 1, 1))
    cells["town"] = half(cells["town"], "Rome")
    cells["price"] = [1000 * one for one in cells["price"]]
    found = compare(preparation, pa.table(cells)).differences
    assert [one.column for one in found] == ["price", "town", "sold"]


REWRITTEN = {
    "month first": ("sold", lambda x: [one.strftime("%m/%d/%Y") for one in x]),
    "words": ("sold", lambda x: [one.strftime("%d %b %Y") for one in x]),
    "digits": ("sold", lambda x: [int(one.strftime("%Y%m%d")) for one in x]),
    "two formats": (
        "sold",
        lambda x: [one.strftime("%m/%d/%Y") if i % 2 else str(one) for i, one in enumerate(x)],
    ),
    "decimal commas": ("price", lambda x: [f"{one!r}".replace(".", ",") for one in x]),
    "Y and N": ("smoker", lambda x: [one[0].upper() for one in x]),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_cells_written_otherwise_are_read_where_no_doubt_is_left(preparation, case):
    name, write = REWRITTEN[case]
    cells = drawn(9, 200)
    table = pa.table(cells | {name: write(cells[name])})
    wanted = preparation.transform(pa.table(cells)).x
    np.testing.assert_allclose(preparation.transform(table).x, wanted, atol=1e-6)
    assert preparation.as_trained(table).column(name).type != pa.string()
    (found,) = compare(preparation, table).differences
    assert (found.column, found.severity) == (name, "note")
    assert "written otherwise than when trained, such as '" in found.message
    is_korean(preparation, table)


IN_DOUBT = {
    "day or month": ("sold", ["06/07/2023", "06/08/2023", "11/03/2023"]),
    "day or year": ("sold", ["22/07/23", "13/08/21", "22/09/23"]),
    "both orders": ("sold", ["13/07/2023", "07/13/2023", "11/03/2023"]),
    "a comma of thousands or of a fraction": ("price", ["1,234", "5,678", "2,345"]),
    "a unit": ("price", ["1 kg", "5 kg", "2 kg"]),
}


@pytest.mark.parametrize("case", IN_DOUBT)
def test_cells_that_may_mean_two_things_are_refused_in_words(preparation, case):
    name, cells = IN_DOUBT[case]
    table = pa.table(drawn(10, 3) | {name: cells})
    with pytest.raises(TableError, match=f"'{name}' held .* now it holds cells") as error:
        compare(preparation, table)
    assert "(text)" in str(error.value)
    assert "string" not in str(error.value)
    assert ("which figures are the day" in str(error.value)) == (name == "sold")


def test_cells_in_the_order_that_was_trained_with_stay_so():
    days = [f"{1 + i % 28:02}/{1 + i % 12:02}/2022" for i in range(200)]
    table = pa.table({"sold": days})
    preparation = Preparation.fit(table, describe_columns(table))
    same = preparation.transform(pa.table({"sold": ["06/07/2022"]})).x
    assert np.array_equal(same, preparation.transform(pa.table({"sold": [dt.date(2022, 7, 6)]})).x)
    # All are of the other order, as one of them shows.
    other = preparation.transform(pa.table({"sold": ["06/07/2022", "06/22/2022"]})).x
    assert np.array_equal(other[:1], preparation.transform(pa.table({"sold": ["07/06/2022"]})).x)


def test_a_preparation_of_an_earlier_version_compares_nothing(preparation):
    data = preparation.to_json()
    del data["profiles"]
    earlier = Preparation.from_json(json.loads(json.dumps(data)), preparation.arrays)
    cells = drawn(11, 200)
    comparison = compare(earlier, pa.table(cells | {"price": [1e9] * 200}))
    assert (comparison.n_trained, comparison.differences) == (None, ())
    assert earlier.with_rows(pa.table(cells)) is earlier


def test_what_is_trained_on_later_is_no_difference_any_more(preparation):
    cells = drawn(12, 1000)
    cells["price"] = [1000 * one for one in cells["price"]]
    more = preparation.with_rows(pa.table(cells))
    assert more.profiles[0].n_rows == 2000
    both = {name: drawn(0, 1000)[name] + cells[name] for name in cells}
    half_of_each = {name: both[name][500:1500] for name in both}
    assert set(differences(preparation, half_of_each)) == {"price"}
    assert not differences(more, half_of_each)


def test_a_profile_with_rows_added_counts_them_all():
    first, second = (np.random.default_rng(seed).normal(seed, 1, 500) for seed in (0, 3))
    second = np.append(second, [np.inf, np.nan, -9.0])
    profile = Profile.of(Measured(first, np.array([], np.int64)))
    profile = profile.trained_on(Measured(second, np.array([501])))
    both = np.append(first, second)
    both = both[~np.isnan(both)]
    assert (profile.n_rows, profile.n_missing, profile.n_unread) == (1003, 0, 1)
    assert profile.edges[-1] == both[np.isfinite(both)].max()
    assert profile.edges[0] == -9.0
    below = [(both <= edge).sum() for edge in profile.edges]
    assert np.cumsum(profile.counts).tolist() == [*below, len(both)]
    for i in range(40):
        profile = profile.trained_on(Measured(np.array([100.0 + i, -i]), np.array([], np.int64)))
    assert len(profile.edges) <= 40
    assert sum(profile.counts) == 1002 + 80


def test_few_rows_trained_on_raise_no_alarm():
    table = pa.table({"x": np.arange(8.0) ** 2 % 7, "y": ["a", "b"] * 4})
    preparation = Preparation.fit(table, describe_columns(table))
    assert not compare(preparation, pa.table({"x": [3.0, 40.0], "y": ["a", "b"]})).differences
