"""Whether columns tell of the target: beside slow tests that a reader can believe, and chance."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn.linear_model import Ridge

from layerwise.engine.threads import single_threaded_blas
from layerwise.ensemble import column_forms
from layerwise.ensemble.chances import (
    chance_of_normal,
    chance_of_squares,
    chance_of_trace,
    false_shares,
    of_columns,
)
from layerwise.ensemble.column_evidence import Evidence, responses
from layerwise.ensemble.column_forms import ColumnForms, independent, normal_scores
from layerwise.ensemble.combinations import combined

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _one_thread():
    with single_threaded_blas():
        yield


def looked_at(x, codes=None):
    """Columns of numbers, each a column of the table, then columns of codes."""
    codes = np.zeros((len(x), 0), np.int32) if codes is None else codes
    n, k = x.shape[1], codes.shape[1]
    return ColumnForms.at(x.astype(np.float32), codes, np.arange(n), n + np.arange(k), n + k)


def told(p):
    return false_shares(p) <= 0.1


class TestChances:
    def test_of_a_line_is_the_test_of_a_correlation(self):
        x, y = normal_scores(RNG.normal(size=80)), normal_scores(RNG.normal(size=80))
        r = stats.pearsonr(x, y)
        assert chance_of_trace(np.array([r.statistic**2]), 1, 1, 80)[0] == pytest.approx(r.pvalue)

    def test_of_bins_is_an_analysis_of_variance(self):
        bins, y = np.arange(90) % 3, RNG.normal(size=90)
        y = (y - y.mean()) / y.std()
        trace = sum(30 * y[bins == b].mean() ** 2 for b in range(3)) / 90
        f = stats.f_oneway(*(y[bins == b] for b in range(3)))
        assert chance_of_trace(np.array([trace]), 2, 1, 90)[0] == pytest.approx(f.pvalue)

    def test_of_classes_is_near_that_of_a_contingency_table(self):
        a, b = RNG.integers(3, size=600), RNG.integers(4, size=600)
        table = np.array([[np.sum((a == i) & (b == j)) for j in range(4)] for i in range(3)])
        chi2 = stats.chi2_contingency(table)
        p = chance_of_trace(np.array([chi2.statistic / 600]), 2, 3, 600)[0]
        assert p == pytest.approx(chi2.pvalue, rel=0.05)

    def test_of_a_normal_number_and_of_squares(self):
        assert chance_of_normal(1.959964) == pytest.approx(0.05, rel=1e-4)
        assert chance_of_squares(5.991465, 2) == pytest.approx(0.05, rel=1e-4)

    @given(arrays(float, st.integers(1, 12), elements=st.floats(1e-6, 1)))
    def test_of_a_column_by_all_its_inputs_is_simes(self, p):
        ordered = np.sort(p)
        expected = min(ordered * len(p) / np.arange(1, len(p) + 1))
        assert of_columns(p, np.zeros(len(p), int), 2).tolist() == [pytest.approx(expected), 1.0]

    @given(arrays(float, st.integers(1, 30), elements=st.floats(0, 1)))
    def test_false_shares_are_benjamini_and_hochbergs_for_the_estimated_number(self, p):
        n_nothing = min(len(p), 2 * (np.sum(p > 0.5) + 1))
        adjusted = stats.false_discovery_control(p)  # for as many as there are columns
        found = np.minimum(adjusted, 1.0)
        shares = false_shares(p)
        unclipped = adjusted < 1
        assert np.all(np.diff(shares[np.argsort(p, kind="stable")]) >= -1e-12)
        assert shares[unclipped] == pytest.approx(found[unclipped] * n_nothing / len(p))


class TestLooks:
    @given(arrays(np.float32, (40, 3), elements=st.integers(-30, 30).map(float)))
    def test_equal_cells_have_equal_scores_and_bins(self, x):
        forms = looked_at(x)
        for place, column in enumerate(forms.score_of):
            for value in np.unique(x[:, column]):
                assert np.ptp(forms.scores[x[:, column] == value, place]) == 0
        for place, column in enumerate(forms.bins_of):
            for value in np.unique(x[:, column]):
                assert np.ptp(forms.bins[x[:, column] == value, place]) == 0

    def test_columns_without_equal_cells_are_scored_and_cut_as_all_others(self):
        x = RNG.normal(size=(203, 2)).astype(np.float32)
        forms = looked_at(x)
        for place in range(2):
            assert forms.scores[:, place] == pytest.approx(normal_scores(x[:, place]), abs=1e-6)
            counts = np.bincount(forms.bins[:, place])
            assert len(counts) == 8
            assert np.ptp(counts) <= 1
            order = np.argsort(x[:, place])
            assert np.all(np.diff(forms.bins[order, place]) >= 0)

    def test_what_never_changes_has_no_form(self):
        forms = looked_at(np.ones((50, 1)), np.full((50, 1), 3, np.int32))
        assert forms.scores.shape == forms.bins.shape == (50, 0)
        assert forms.alone(RNG.normal(size=(50, 1))).tolist() == [1, 1]

    def test_rare_codes_are_one_together(self):
        codes = np.repeat([0, 1, 2, 3], [400, 400, 1, 1]).astype(np.int32)[:, None]
        forms = looked_at(np.zeros((802, 0)), codes)
        assert np.bincount(forms.bins[:, 0]).tolist() == [2, 400, 400]

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
    def test_two_values_are_two_sides_whichever_is_the_more_frequent(self, share):
        x = (np.arange(100) < 100 * share).astype(float)[:, None]
        sides = looked_at(x).sides[:, 0]
        assert set(sides[x[:, 0] == 0]) | set(sides[x[:, 0] == 1]) == {-1.0, 1.0}

    def test_a_side_of_few_rows_is_none(self):
        assert not looked_at((np.arange(100) < 10).astype(float)[:, None]).sides.any()

    def test_rows_are_explained_by_a_model_without_them(self):
        forms = looked_at(RNG.normal(size=(80, 2)))
        y = responses(RNG.normal(size=80), is_classes=False)
        left = forms.unexplained(y, np.array([True, False]), [])
        bins = forms.bins[:, :1] == np.arange(1, forms.n_bins[0])
        design = np.column_stack([forms.scores[:, 0], bins]).astype(float)
        design = (design - design.mean(axis=0)) / design.std(axis=0)
        for row in (0, 7, 79):
            rest = np.arange(80) != row
            # The columns' means stay those of all rows, as the intercept is 0 with them.
            model = Ridge(alpha=0.02 * 80, fit_intercept=False)
            model.fit(np.column_stack([design, np.full(80, 1e4)])[rest], y[rest])
            by_it = model.predict(np.append(design[row], 1e4)[None])
            assert left[row] == pytest.approx(y[row] - by_it.ravel(), abs=2e-3)

    def test_some_rows_and_columns_alone_are_the_same(self):
        forms = looked_at(RNG.normal(size=(60, 3)), RNG.integers(4, size=(60, 1)).astype(np.int32))
        part = forms.among(np.array([False, True, False, True]))
        y = responses(RNG.normal(size=60), is_classes=False)
        assert part.alone(y) == pytest.approx(forms.alone(y)[[1, 3]])
        rows = np.arange(0, 60, 2)
        few = forms.of(np.array([True, False, True, False]), rows)
        assert few.alone(y[rows])[[1, 3]].tolist() == [1, 1]

    def test_of_many_classes_the_frequent_ones_say_what_columns_tell_together(self, monkeypatch):
        """Parity tells of the two frequent classes; of forty rare ones nothing is asked."""
        random, asked = np.random.default_rng(0), []

        def remembered(forms, r):
            asked.append(r.shape[1])
            return combined(forms, r)

        monkeypatch.setattr("layerwise.ensemble.column_evidence.combined", remembered)
        x = random.choice([-1.0, 1.0], size=(1_500, 12))
        y = np.where(x[:, :2].prod(axis=1) > 0, 40, 41)
        y[:200] = np.arange(200) % 40
        evidence = Evidence.of(looked_at(x), responses(y, is_classes=True), told)
        assert np.flatnonzero(told(evidence.p)).tolist() == [0, 1]
        assert set(asked) == {30}

    def test_of_many_numbers_the_first_say_what_columns_tell_together(self):
        random = np.random.default_rng(1)
        x = random.choice([-1.0, 1.0], size=(600, 8))
        y = random.normal(size=(600, 45))
        for place, is_asked in ((29, True), (30, False)):
            numbers = y.copy()
            numbers[:, place] = x[:, :2].prod(axis=1) + 0.1 * y[:, place]
            evidence = Evidence.of(looked_at(x), responses(numbers, is_classes=False), told)
            assert bool(told(evidence.p)[:2].all()) is is_asked


def test_independent_columns_span_the_same_with_variance_1():
    y = responses(np.arange(90) % 3, is_classes=True)
    r = independent(y)
    assert r.shape == (90, 2)
    assert r.T @ r / 90 == pytest.approx(np.eye(2), abs=1e-9)
    assert np.linalg.matrix_rank(np.column_stack([y, r])) == 2


class TestTogether:
    def test_pairs_and_triples_are_those_of_a_loop_over_all(self):
        x = RNG.normal(size=(300, 6))
        r = independent((np.sign(x[:, :3]).prod(axis=1) + 0.5 * RNG.normal(size=300))[:, None])
        forms = looked_at(x)
        chance, found = combined(forms, r)
        by_hand = {}
        for places in combinations(range(6), 3):
            product = r[:, 0] * forms.sides[:, places].prod(axis=1)
            by_hand[places] = abs(product.sum()) / np.sqrt((product**2).sum())
        best = max(by_hand, key=by_hand.get)
        assert best == (0, 1, 2)
        triple = next(each for each in found if each.inputs == best)
        assert triple.p == pytest.approx(chance_of_normal(by_hand[best]) * 20, rel=1e-3)
        assert np.all(chance[:3] == pytest.approx(triple.p, rel=1e-3))
        assert np.all(chance[3:] > 0.01)

    def test_of_nothing_nothing_is_told(self):
        chance, found = combined(looked_at(RNG.normal(size=(50, 4))), np.empty((50, 0)))
        assert not found
        assert chance.tolist() == [1] * 4

    def test_a_few_far_rows_make_no_pair(self):
        """Rare marks multiplied: five rows decide, however large they are."""
        x = np.zeros((2_000, 2))
        x[:5] = 1
        r = independent((np.arange(2_000) < 5).astype(float)[:, None])
        chance, found = combined(looked_at(x), r)
        assert not found
        assert chance.tolist() == [1, 1]

    def test_a_line_that_is_left_to_one_column_is_no_other_ones(self):
        random = np.random.default_rng(0)
        x = random.normal(size=(1_000, 31))
        r = independent((0.3 * x[:, 0] + random.normal(size=1_000))[:, None])
        chance, found = combined(looked_at(x), r)
        assert not found
        assert chance[1:].min() > 0.01

    @pytest.mark.parametrize("order", [2, 3])
    def test_parity_among_a_hundred_is_found_and_nothing_else(self, order):
        x = np.random.default_rng(order).choice([-1.0, 1.0], size=(600, 100))
        y = (x[:, :order].prod(axis=1) > 0).astype(int)
        evidence = Evidence.of(looked_at(x), responses(y, is_classes=True), told)
        assert np.flatnonzero(told(evidence.p)).tolist() == list(range(order))

    def test_a_mark_that_matters_at_some_hours_alone_is_found(self):
        """By day and hour as with hired bicycles: no product of numbers shows it."""
        random = np.random.default_rng(1)
        hour, free = random.integers(24, size=3_000), random.random(3_000) < 0.3
        peak = np.isin(hour, [7, 8, 17, 18]) & ~free | np.isin(hour, [13]) & free
        x = np.column_stack([hour, free, random.normal(size=(3_000, 40))])
        y = peak + 0.3 * random.normal(size=3_000)
        y -= np.where(free, np.mean(y[free]), np.mean(y[~free]))  # on average it tells nothing
        evidence = Evidence.of(looked_at(x), responses(y, is_classes=False), told)
        assert np.flatnonzero(told(evidence.p)).tolist() == [0, 1]


@pytest.mark.parametrize("kind", ["classes", "numbers", "rare class", "far numbers"])
def test_noise_is_told_as_often_as_chance_would(kind):
    """Noise beside a column that tells all, of every form of target."""
    random = np.random.default_rng(5)
    few = []
    for _ in range(2):
        x = random.normal(size=(400, 120))
        signal = x[:, 0] + random.normal(size=400)
        y = {
            "classes": np.digitize(signal, [-1, 0, 1]),
            "numbers": signal,
            "rare class": (signal > 2).astype(int),
            "far numbers": np.exp(3 * signal),
        }[kind]
        x[:, 60:] = x[:, 60:] > random.uniform(-2.5, 2.5, size=60)  # marks, rare ones among them
        targets = responses(y, is_classes="class" in kind)
        p = Evidence.of(looked_at(x), targets, told).p
        assert p[0] < 1e-6
        few += [np.mean(p[1:] < 0.05)]
    assert np.mean(few) < 0.07


@settings(max_examples=25)
@given(st.integers(30, 60), st.integers(0, 2**32 - 1))
def test_chances_are_chances_whatever_the_table_holds(n, seed):
    random = np.random.default_rng(seed)
    x = np.column_stack(
        [random.normal(size=n), random.integers(2, size=n), np.ones(n), random.pareto(0.2, n)]
    )
    codes = random.integers(random.integers(1, 9), size=(n, 2)).astype(np.int32)
    y = random.integers(3, size=n) if seed % 2 else random.pareto(0.3, n)
    p = Evidence.of(looked_at(x, codes), responses(y, is_classes=bool(seed % 2)), told).p
    assert p.shape == (6,)
    assert np.all((p >= 0) & (p <= 1))


def test_wide_blocks_are_looked_at_in_parts(monkeypatch):
    x, y = RNG.normal(size=(120, 9)), RNG.normal(size=(120, 1))
    whole = looked_at(x).alone(y)
    monkeypatch.setattr(column_forms, "_BLOCK", 8)
    assert looked_at(x).alone(y) == pytest.approx(whole, rel=1e-4)
