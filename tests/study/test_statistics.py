"""Means and tests of repeated cross-validation: against slow sums, SciPy, and simulated folds."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from layerwise.study.statistics import (
    Estimate,
    Outlook,
    adjust_holm,
    estimate,
    estimate_score,
    within_one_standard_error,
)

numbers = st.floats(-1e6, 1e6, allow_nan=False)
nan = math.nan
samples = st.lists(numbers, min_size=2, max_size=30).filter(lambda x: np.ptp(x) > 1e-3)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=25), st.fractions(0, 1))
def test_an_estimate_is_the_formula_in_exact_fractions(values, share):
    n = len(values)
    mean = Fraction(sum(values), n)
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    found = estimate(values, float(share))
    assert found.mean == pytest.approx(float(mean))
    assert found.standard_error**2 == pytest.approx(float((Fraction(1, n) + share) * variance))


@given(samples)
def test_with_independent_fits_it_is_the_paired_t_test(values):
    found = estimate(values, 0)
    expected = stats.ttest_1samp(values, 0)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
    low, high = expected.confidence_interval(0.9)
    assert found.interval(0.9) == pytest.approx((low, high), rel=1e-6, abs=1e-6)


def test_the_formula_for_ten_times_ten_folds():
    rng = np.random.default_rng(0)
    values = rng.normal(size=100)
    values = 0.02 + 0.04 * (values - values.mean()) / values.std(ddof=1)
    t = 0.02 / math.sqrt((1 / 100 + 1 / 9) * 0.04**2)
    assert estimate(values, 1 / 9).p_value == pytest.approx(2 * stats.t.sf(t, 99))


@given(samples, st.floats(0, 1), st.floats(0.001, 1000))
def test_units_do_not_matter(values, share, factor):
    one, other = estimate(values, share), estimate(factor * np.array(values), share)
    assert other.margin() == pytest.approx(factor * one.margin())
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6, abs=1e-12)


@given(samples, st.floats(0, 1))
def test_an_interval_holds_zero_just_where_the_test_says_nothing(values, share):
    found = estimate(values, share)
    low, high = found.interval(0.95)
    if abs(found.p_value - 0.05) > 1e-9:
        assert (low < 0 < high) == (found.p_value > 0.05)


def test_rows_may_widen_an_interval_and_not_narrow_it():
    values = [0.8, 0.9, 1.0]
    plain, moderated = (estimate(values, 0.25, row_error) for row_error in (nan, 0.01))
    assert moderated.standard_error == plain.standard_error
    assert estimate(values, 0.25, 0.3).standard_error > plain.standard_error


def test_one_fit_says_nothing_of_its_error():
    found = estimate([0.7], 0.25)
    assert found.mean == 0.7
    assert math.isnan(found.p_value)
    assert math.isnan(found.margin())


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (0.1, 0.0), (1 / 3, 0.0), (-0.7, 0.0)])
def test_fits_that_agree_leave_no_doubt(value, p):
    found = estimate([value] * 7, 0.25)
    assert found.p_value == p
    assert found.interval() == pytest.approx((value, value), abs=1e-15)


@pytest.mark.parametrize(
    ("values", "share", "message"),
    [([], 0.2, "at least one"), ([1, math.nan], 0.2, "finite"), ([1, 2], -0.1, "n_test / n_train")],
)
def test_what_cannot_be_estimated(values, share, message):
    with pytest.raises(ValueError, match=message):
        estimate(values, share)


def naive_holm(p_values):
    """Reject one by one, smallest first, at ever larger levels, for every level there is."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [1.0] * len(p_values)
    for i in range(len(p_values)):
        # The least level at which the first i + 1 are all rejected.
        adjusted[order[i]] = min(
            1.0, max((len(p_values) - j) * p_values[order[j]] for j in range(i + 1))
        )
    return adjusted


@given(st.lists(st.floats(0, 1), max_size=40))
def test_holm_is_rejecting_one_by_one(p_values):
    np.testing.assert_allclose(adjust_holm(p_values), naive_holm(p_values))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_nothing_and_bonferroni(p_values):
    adjusted = adjust_holm(p_values)
    assert (adjusted >= p_values).all()
    assert (adjusted <= np.minimum(1, len(p_values) * np.array(p_values)) + 1e-15).all()


def test_what_could_not_be_tested_counts_as_a_comparison():
    np.testing.assert_allclose(adjust_holm([0.01, math.nan]), [0.02, math.nan])


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), max_size=20))
def test_one_standard_error(pairs):
    behind = [Estimate(0.0, 0.0, 5), *(Estimate(mean, error, 5) for mean, error in pairs)]
    found = within_one_standard_error(behind)
    expected = [mean <= error for mean, error in [(0, 0), *pairs]]
    scale = max([mean for mean, _ in pairs], default=0.0)
    clear = [abs(one.mean - one.standard_error) > 1e-6 * scale for one in behind]
    np.testing.assert_array_equal(found[clear], np.array(expected)[clear])
    assert found[0]


def test_without_a_standard_error_only_the_best_is_within():
    behind = [Estimate(mean, math.nan, 1) for mean in (0.2, 0.0, 0.01, 0.0)]
    np.testing.assert_array_equal(within_one_standard_error(behind), [False, True, False, True])


def false_alarms(differences, share):
    """Of many studies' differences, whose true mean is zero, how many the test takes for real."""
    return np.mean([estimate(row, share).p_value < 0.05 for row in differences])


@pytest.mark.slow
@pytest.mark.parametrize(("folds", "repeats"), [(5, 1), (5, 5), (10, 3)])
def test_false_alarms_are_at_the_level_where_the_model_holds(folds, repeats):
    """Fits correlated as Nadeau and Bengio 2003 take them to be: by the share that tests."""
    random = np.random.default_rng(folds * repeats)
    rho, n = 1 / folds, folds * repeats
    shared = random.normal(size=(4000, 1))
    noise = random.normal(size=(4000, n))
    differences = math.sqrt(rho) * shared + math.sqrt(1 - rho) * noise
    assert false_alarms(differences, 1 / (folds - 1)) == pytest.approx(0.05, abs=0.011)
    assert false_alarms(differences, 0) > 0.1


def differences_of_equals(random, rows=60, folds=5, repeats=5):
    """Two regressions, each on one column of noise that is worth as much as the other's.

    Differences of their squared errors over the folds of a repeated cross-validation.
    """
    x = random.normal(size=(rows, 2))
    y = x.sum(axis=1) + random.normal(size=rows)
    found = []
    for _ in range(repeats):
        for test in np.array_split(random.permutation(rows), folds):
            train = np.setdiff1d(np.arange(rows), test)
            slopes = (x[train] * y[train, None]).sum(axis=0) / (x[train] ** 2).sum(axis=0)
            errors = ((y[test, None] - x[test] * slopes) ** 2).mean(axis=0)
            found.append(errors[0] - errors[1])
    return found


@pytest.mark.slow
def test_false_alarms_of_real_cross_validation_stay_near_the_level():
    random = np.random.default_rng(1)
    differences = [differences_of_equals(random) for _ in range(500)]
    assert false_alarms(differences, 1 / 4) < 0.08
    # The usual test sees something in every third study where there is nothing.
    assert false_alarms(differences, 0) > 0.3


def test_it_finds_what_is_there():
    random = np.random.default_rng(2)
    differences = random.normal(0.03, 0.01, (200, 5))
    assert np.mean([estimate(row, 1 / 4).p_value < 0.05 for row in differences]) > 0.9


@given(samples, st.integers(1, 30), st.floats(-3, 3))
def test_without_errors_of_rows_the_outlook_is_a_prediction_interval(values, to_come, at):
    """Against the textbook's distribution of the mean of m values to come."""
    n, m = len(values), to_come
    mean, spread = np.mean(values), np.std(values, ddof=1)
    threshold = mean + at * spread
    later = (threshold * (n + m) - n * mean) / m
    expected = stats.t.sf((later - mean) / (spread * math.sqrt(1 / n + 1 / m)), n - 1)
    outlook = Outlook.of(values, n + m, row_error=math.nan)
    assert outlook.chance_above(threshold) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_outlook_is_right_as_often_as_it_says(n):
    random = np.random.default_rng(3)
    values = random.normal(size=(4000, 10))
    passed = 0
    for row in values:
        outlook = Outlook.of(row[:n], 10, row_error=1.0)
        low, high = outlook.mean - 20, outlook.mean + 20
        for _ in range(40):  # the threshold that the final mean is said to pass in one of ten
            middle = (low + high) / 2
            low, high = (middle, high) if outlook.chance_above(middle) > 0.1 else (low, middle)
        passed += row.mean() > high
    assert 0.06 < passed / len(values) < 0.11  # what the rows say is right here, and more is known


@pytest.mark.parametrize("n", [2, 3])
def test_few_fits_make_fewer_false_alarms_with_what_their_rows_say(n):
    random = np.random.default_rng(5)
    values = random.normal(size=(4000, n))
    alarms = np.mean([estimate(row, 0, row_error=1.0).p_value < 0.001 for row in values])
    assert alarms <= 0.002
    found = random.normal(3.0, 1.0, size=(500, n))
    power = [np.mean([estimate(row, 0, e).p_value < 0.01 for row in found]) for e in (1.0, nan)]
    assert power[0] > power[1] + 0.2


def test_two_values_that_agree_by_chance_are_no_certainty():
    alike = [-0.100, -0.101]
    sure = Outlook.of(alike, 10, row_error=math.nan)
    doubtful = Outlook.of(alike, 10, row_error=0.1)
    assert sure.chance_above(-0.05) < 0.01 < doubtful.chance_above(-0.05)
    # (1 * 0.0005² * 2 + 3 * 0.1²) / 4, with the weight of 1 + 3 values
    assert doubtful.spread == pytest.approx(math.sqrt((0.0005**2 * 2 + 3 * 0.01) / 4))
    assert doubtful.weight == 4


def test_nothing_to_come_and_nothing_to_go_by():
    done = Outlook.of([0.1, 0.3], 2, row_error=0.1)
    assert [done.chance_above(at) for at in (0.15, 0.2, 0.25)] == [1.0, 0.0, 0.0]
    assert Outlook.of([0.1], 5, row_error=0.1).chance_above(9.0) == 0.5
    tied = Outlook.of([0.1, 0.1], 5, row_error=math.nan)
    assert [tied.chance_above(at) for at in (0.0, 0.2)] == [1.0, 0.0]


@pytest.mark.parametrize("luck", [0.0, 0.02, 0.1])
def test_an_interval_of_a_score_holds_what_its_networks_score_on_new_rows(luck):
    """Rows are held out once in each cross-validation; every fit has a luck of its own."""
    random = np.random.default_rng(5)
    n, folds, error = 2_000, 5, 0.05
    of_rows = error * random.normal(size=(n, 1, folds)).repeat(2, axis=1)
    scores = (0.9 + of_rows + luck * random.normal(size=(n, 2, folds))).reshape(n, -1)
    found = [estimate_score(one, folds, error) for one in scores]
    held = np.mean([low <= 0.9 <= high for low, high in (one.interval() for one in found)])
    assert 0.94 <= held <= 0.97
    squares = np.mean([one.standard_error**2 for one in found])
    assert math.sqrt(squares) == pytest.approx(np.std(scores.mean(axis=1)), rel=0.15)


@given(samples, st.integers(2, 10))
def test_where_errors_of_rows_are_not_known_all_that_scores_vary_by_is_taken_for_theirs(values, k):
    found = estimate_score(values, k)
    n = len(values)
    assert found.standard_error**2 == pytest.approx(np.var(values, ddof=1) / min(n, k))
