"""Numbers, categories, dates and texts as the network gets them."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from threadpoolctl import threadpool_info, threadpool_limits

from layerwise.tables.encoders import CategoryEncoder, DateEncoder, NumberEncoder, TextEncoder
from layerwise.tables.encoders.date import date_parts
from layerwise.tables.encoders.number import scaling_of, squash

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@example([0.0], [np.inf])
@given(st.lists(NUMBERS, min_size=1, max_size=30), st.lists(st.floats(), min_size=1, max_size=10))
def test_numbers_stay_within_3_whatever_comes(seen, new):
    encoder = NumberEncoder.fit("x", np.array([*seen, np.nan]))
    x, missing = encoder.encode(np.array(new)).numbers
    assert np.isfinite(x).all()
    assert (np.abs(x) <= 3).all()
    assert (missing == np.isnan(new)).all()


@example([0.0, 1e-311])  # 1 over the spread is no float64
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_numbers_keep_their_order(seen):
    seen = np.sort(seen)
    (x,) = NumberEncoder.fit("x", seen).encode(seen).numbers
    assert (np.diff(x) >= 0).all()


def test_numbers_are_centred_by_the_median_and_scaled_by_the_quartiles():
    x = np.random.default_rng(0).normal(50, 8, 1001)
    scaling = scaling_of(np.append(x, [np.nan, np.inf]))
    assert scaling.center == np.median(x)
    assert scaling.scale == pytest.approx(1 / (np.quantile(x, 0.75) - np.quantile(x, 0.25)))
    z = (x - scaling.center) * scaling.scale
    assert scaling(x) == pytest.approx(z / np.sqrt(1 + (z / 3) ** 2), abs=1e-6)


@pytest.mark.parametrize("huge", [1e300, 1.7e308])
def test_huge_numbers_leave_the_others_apart(huge):
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, huge, -huge])
    (encoded,) = NumberEncoder.fit("x", x).encode(x).numbers
    assert len(np.unique(encoded)) == 7


def test_numbers_that_are_mostly_one_value_are_scaled_by_their_range():
    x = np.array([0.0] * 98 + [1.0, 2.0])
    (encoded,) = NumberEncoder.fit("x", x).encode(x).numbers
    assert encoded[0] == 0
    assert 0.9 < encoded[98] < encoded[99] < 2


def test_truth_values_are_minus_1_and_1():
    (x,) = (
        NumberEncoder.fit("x", np.array([0.0, 1.0]), is_boolean=True)
        .encode(np.array([0.0, 1.0, np.nan]))
        .numbers
    )
    assert x == pytest.approx(squash(np.array([-1.0, 1.0, 0.0])))


@given(st.lists(st.none() | st.sampled_from("abcdef"), min_size=1, max_size=40))
def test_categories_seen_twice_have_codes_by_how_often_they_occur(cells):
    texts = sorted({cell for cell in cells if cell is not None})
    places = np.array([-1 if cell is None else texts.index(cell) for cell in cells])
    encoder = CategoryEncoder.fit("x", texts, places)
    counts = [cells.count(value) for value in encoder.values]
    assert counts == sorted(counts, reverse=True)
    assert set(encoder.values) == {text for text in texts if cells.count(text) >= 2}
    codes = encoder.encode(texts, places).codes
    assert encoder.n_codes >= 2
    for cell, code in zip(cells, codes, strict=True):
        assert 0 <= code < encoder.n_codes
        expected = (
            "missing" if cell is None else cell if cells.count(cell) >= 2 else "another value"
        )
        assert encoder.name_of(code) == expected


def test_unknown_categories_are_counted_and_are_not_missing_ones():
    encoder = CategoryEncoder.fit("x", ["a", "b"], np.array([0, 0, 1, 1, -1]))
    encoded = encoder.encode(["b", "new"], np.array([0, 1, 1, -1]))
    assert encoded.codes.tolist() == [2, 0, 0, 3]
    assert encoded.n_unknown == 2


MOMENTS = st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31))


@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_parts_of_dates_are_those_of_pythons_datetime(moments):
    parts = date_parts(np.array(moments, "datetime64[us]"))
    assert parts["month"].tolist() == [m.month for m in moments]
    assert parts["day"].tolist() == [m.day for m in moments]
    assert parts["day of year"].tolist() == [m.timetuple().tm_yday for m in moments]
    assert parts["weekday"].tolist() == [m.weekday() for m in moments]
    midnights = [dt.datetime(m.year, m.month, m.day) for m in moments]
    pairs = zip(moments, midnights, strict=True)
    hours = [(moment - midnight) / dt.timedelta(hours=1) for moment, midnight in pairs]
    assert parts["hour"] == pytest.approx(hours)
    years = [(m - dt.datetime(2000, 1, 1)) / dt.timedelta(days=365.2425) for m in moments]
    assert parts["time"] == pytest.approx(years)


def test_parts_of_a_missing_date_are_missing_and_encode_as_numbers():
    moments = np.array(["2024-03-05T12:00", "2023-01-01T00:00", "NaT"], "datetime64[us]")
    assert all(np.isnan(part[2]) for part in date_parts(moments).values())
    encoder = DateEncoder.fit("d", moments)
    numbers = np.array(encoder.encode(moments).numbers)
    assert numbers.shape == (len(encoder.inputs), 3)
    assert np.isfinite(numbers).all()
    assert numbers[encoder.inputs.index("d is missing")].tolist() == [0, 0, 1]


def test_days_next_to_each_other_across_the_new_year_are_near_on_the_circle():
    moments = np.array(["2023-12-31", "2024-01-01", "2024-07-01"], "datetime64[us]")
    encoder = DateEncoder.fit("d", moments)
    circle = np.array(
        [
            part
            for name, part in zip(encoder.inputs, encoder.encode(moments).numbers, strict=True)
            if name.endswith("of day of year") and "sine" in name
        ]
    )
    assert np.linalg.norm(circle[:, 0] - circle[:, 1]) < 0.05
    assert np.linalg.norm(circle[:, 1] - circle[:, 2]) > 1.9


def test_parts_that_do_not_vary_are_left_out():
    days = np.arange("2024-03-04", "2024-03-07", dtype="datetime64[D]").astype("datetime64[us]")
    assert not [name for name in DateEncoder.fit("d", days).inputs if "hour" in name]
    assert not [name for name in DateEncoder.fit("d", days).inputs if "month" in name]


TEXTS = [
    "red wine from Baden",
    "dry white wine",
    "맑은 국물이 좋아요",
    "국물이 진하고 좋아요",
    "",
] * 6


def encoded(encoder, texts):
    return np.array(encoder.encode(texts).numbers).T


def test_texts_of_two_languages_lie_near_those_that_share_words():
    encoder = TextEncoder.fit("t", TEXTS)
    rows = encoded(encoder, ["red wine", "white wine", "국물이 좋아요", "국물 좋아요", ""])
    assert rows.shape == (5, len(encoder.inputs))
    assert np.isfinite(rows).all()
    meaning = rows[:, : encoder.directions.shape[1]]

    def far(i, j):
        return np.linalg.norm(meaning[i] - meaning[j])

    assert far(2, 3) < far(0, 2)
    assert far(0, 1) < far(0, 2)
    assert rows[:, encoder.inputs.index("t is missing")].tolist() == [0, 0, 0, 0, 1]


def test_texts_are_reduced_by_one_thread_since_sums_of_several_differ(monkeypatch):
    threads, fit = [], TruncatedSVD.fit

    def watched(self, matrix):
        threads.extend(one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas")
        return fit(self, matrix)

    monkeypatch.setattr(TruncatedSVD, "fit", watched)
    with threadpool_limits(2, "blas"):
        TextEncoder.fit("drink", ["red wine", "white wine", "red beer", "dark beer"])
    assert set(threads) == {1}


def test_texts_that_repeat_are_counted_once(monkeypatch):
    texts, seen = ["red wine", "white wine", "dark beer"], []
    encoder = TextEncoder.fit("drink", texts)
    once = np.array(encoder.encode(texts).numbers)
    fit_transform = CountVectorizer.fit_transform

    def watched(self, texts):
        seen.append(len(texts))
        return fit_transform(self, texts)

    monkeypatch.setattr(CountVectorizer, "fit_transform", watched)
    assert np.array_equal(np.array(encoder.encode(texts * 4).numbers), np.tile(once, 4))
    assert seen == [3, 5]  # the texts, and the words: dark, beer, red, white, wine


def test_the_case_of_texts_does_not_matter_and_unknown_ones_are_fine():
    encoder = TextEncoder.fit("t", TEXTS)
    n = encoder.directions.shape[1]
    assert (encoded(encoder, ["RED Wine"])[:, :n] == encoded(encoder, ["red wine"])[:, :n]).all()
    assert (encoded(encoder, ["ÿÿÿÿ", "\0", "🙂 🙂"])[:, :n] == 0).all()


@given(st.lists(st.text("aBİΣß é\t\n"), min_size=2, max_size=12))
def test_runs_of_letters_weigh_what_scikit_learn_makes_them_weigh(texts):
    encoder = TextEncoder.fit("t", texts)
    weights = {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True}
    said = [text for text in texts if text]
    if encoder.runs:
        its = TfidfVectorizer(**weights, vocabulary=encoder.runs, dtype=np.float32).fit(said)
        assert {*TfidfVectorizer(**weights).fit(said).vocabulary_} == {*encoder.runs}
        assert encoder.rarity == pytest.approx(its.idf_)
        n = encoder.directions.shape[1]
        projected = its.transform(texts) @ encoder.directions
        assert encoded(encoder, texts)[:, :n] == pytest.approx(projected, abs=1e-4, rel=1e-4)


@pytest.mark.parametrize("texts", [["", "", ""], ["  ", "\n"], ["a"], ["ab cd"] * 3])
def test_texts_that_say_nothing_are_numbers_all_the_same(texts):
    encoder = TextEncoder.fit("t", texts)
    rows = encoded(encoder, [*texts, "some new text"])
    assert rows.shape == (len(texts) + 1, len(encoder.inputs))
    assert np.isfinite(rows).all()
