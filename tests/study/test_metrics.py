import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.ensemble.scores import class_scores, number_scores
from layerwise.study.metrics import (
    CLASS_METRICS,
    NUMBER_METRICS,
    check_metric,
    row_error,
    score_of,
    with_spread,
)
from layerwise.study.results import StudyError


def classes(seed, n, k):
    random = np.random.default_rng(seed)
    y = random.integers(0, k, n)
    p = random.dirichlet(np.ones(k), n) + 0.5 * np.eye(k)[y] * random.random((n, 1))
    return y, p / p.sum(axis=1, keepdims=True)


@given(st.integers(0, 10**6), st.integers(12, 80), st.integers(2, 4))
def test_scores_are_those_of_fit(seed, n, k):
    y, p = classes(seed, n, k)
    all_of_them = class_scores(y, p)
    for metric in CLASS_METRICS:
        score, parts = score_of(metric, y, p)
        if all_of_them[metric] is None:
            assert math.isnan(score)
        else:
            assert score == pytest.approx(all_of_them[metric])
            assert parts.mean() == pytest.approx(score)
            assert 0 <= row_error(parts) < 10


@given(st.integers(0, 10**6), st.integers(2, 60), st.sampled_from([(), (1,), (3,)]))
def test_scores_of_numbers_are_those_of_fit(seed, n, shape):
    random = np.random.default_rng(seed)
    y = random.normal(size=(n, *shape))
    predicted = y + random.normal(size=y.shape)
    all_of_them = number_scores(y, predicted)
    for metric in NUMBER_METRICS:
        if all_of_them[metric] is not None:
            score, parts = score_of(metric, y, predicted)
            assert score == pytest.approx(all_of_them[metric])
            assert parts.shape == (n,)
            assert parts.mean() == pytest.approx(score)


@pytest.mark.parametrize("metric", [*CLASS_METRICS, *NUMBER_METRICS])
def test_the_error_is_the_spread_over_other_rows(metric):
    random = np.random.default_rng(1)
    found, errors = [], []
    for seed in range(400):
        if metric in CLASS_METRICS:
            y, p = classes(seed, 300, 3)
        else:
            y = random.normal(size=300)
            p = y + 0.5 * random.normal(size=300)
        score, parts = score_of(metric, y, p)
        found.append(score)
        errors.append(row_error(parts))
    # R² leaves out the spread of y.
    off = 0.3 if metric == "r2" else 0.1
    assert (1 - off) * np.std(found) <= np.mean(errors) <= (1 + off) * np.std(found)


def mean_parts(y, outputs):
    """R², and what each row adds to its errors' part."""
    score, parts = score_of("r2", y, outputs)
    return score, (parts - parts.mean()) / len(y)


@given(st.integers(0, 10**6), st.integers(3, 40))
def test_what_a_row_adds_to_r2_is_what_r2_is_without_it(seed, n):
    random = np.random.default_rng(seed)
    y = random.normal(size=n)
    outputs, guess = 0.5 * y + random.normal(size=n), np.full(n, 0.3)
    deviations, too_low = with_spread(*mean_parts(y, outputs), *mean_parts(y, guess))

    def against_guessing(rows):  # the part of R² that is left to tell
        return 1 - ((outputs - y)[rows] ** 2).sum() / ((guess - y)[rows] ** 2).sum()

    spread = ((guess - y) ** 2).mean() / y.var()
    every = np.arange(n)
    without = np.array([against_guessing(every != row) for row in every])
    expected = (without.mean() - without) * spread * (n - 1) / n
    assert deviations == pytest.approx(expected, rel=1e-6, abs=1e-9)
    bias = (n - 1) * (against_guessing(every) - without.mean()) * spread
    to_its_own_mean = against_guessing(every) - score_of("r2", y, outputs)[0]
    assert too_low == pytest.approx(bias + to_its_own_mean, rel=1e-6, abs=1e-9)


def test_r2_of_few_rows_is_too_low_by_what_they_tell():
    random = np.random.default_rng(3)
    found, told = [], []
    for _ in range(3_000):
        y = random.normal(size=60)
        outputs = 0.5 * y + 0.5 * random.normal(size=60)
        score, own = mean_parts(y, outputs)
        found.append(score)
        told.append(with_spread(score, own, *mean_parts(y, np.zeros(60)))[1])  # the true mean
    assert np.mean(found) == pytest.approx(0.5 - np.mean(told), abs=0.003)
    assert np.mean(told) > 0.015


def test_what_r2_cannot_do_without_is_left_as_it_was():
    guess, own = score_of("r2", np.array([0.0, 4.0]), np.array([0.0, 0.0]))
    for deviations in (own - own.mean(), np.array([0.3])):
        kept, too_low = with_spread(0.5, deviations, guess, (own - own.mean()) / 2)
        assert (kept.tolist(), too_low) == (deviations.tolist(), 0.0)


def test_what_has_no_score():
    assert math.isnan(score_of("roc_auc", np.zeros(3, int), np.full((3, 2), 0.5))[0])
    assert math.isnan(score_of("r2", np.ones(3), np.arange(3.0))[0])


def test_metrics_that_are_refused():
    with pytest.raises(StudyError, match="the target is a number; take one of r2, rmse, mae"):
        check_metric("accuracy", "regression")
    with pytest.raises(StudyError, match="the target is of classes"):
        check_metric("r2", "binary")
    with pytest.raises(StudyError, match="'rmse' is in units of a target, and 3 targets"):
        check_metric("rmse", "regression", 3)
    assert check_metric("r2", "regression", 3) == "r2"
    with pytest.raises(StudyError, match="did you mean 'accuracy'"):
        check_metric("acuracy", "binary")
