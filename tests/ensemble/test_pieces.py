"""Where the range of a number is cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from layerwise import TableClassifier
from layerwise.ensemble.piece_edges import (
    edges_by_quantiles,
    edges_by_target,
    jumps_of_classes,
    with_jumps,
)

_PARTS = slice(0, 600), slice(600, 900)
COLUMNS = st.lists(
    st.floats(-3, 3, width=32) | st.sampled_from([0.0, 1.0, -2.5]), min_size=1, max_size=80
)


@given(COLUMNS, st.integers(1, 20), st.sampled_from(["quantiles", "classes", "numbers"]))
def test_edges_rise_from_the_least_to_the_largest_value(cells, n_pieces, way):
    x = np.array(cells, np.float32)
    if way == "quantiles":
        edges = edges_by_quantiles(x, n_pieces)
    else:
        y = np.arange(len(x)) % 3
        y = y if way == "classes" else y.astype(np.float32)
        edges = edges_by_target(x, y, n_pieces, classes=way == "classes")
    assert edges.dtype == np.float32
    assert len(edges) != 1
    assert len(edges) <= max(n_pieces, 2) + 1
    assert (np.diff(edges) > 0).all()
    if len(edges):
        assert edges[0] == x.min()
        assert x.max() - edges[-1] <= 1.1e-4
    else:
        assert x.max() - x.min() <= 1.1e-4


@pytest.mark.parametrize("x", [[1.5] * 20, [2.0]])
def test_a_constant_has_no_pieces(x):
    x = np.array(x, np.float32)
    assert len(edges_by_quantiles(x, 4)) == 0
    assert len(edges_by_target(x, np.arange(len(x)), 4, classes=True)) == 0


def test_two_values_have_one_piece_or_two():
    x = np.array([0, 1] * 20, np.float32)
    assert edges_by_quantiles(x, 8).tolist() == [0, 1] or len(edges_by_quantiles(x, 8)) == 3
    assert edges_by_target(x, x, 8, classes=True).tolist() == [0, 0.5, 1]


def test_between_quantiles_there_are_equally_many_rows():
    x = np.random.default_rng(0).exponential(size=1_000).astype(np.float32)
    counts = np.histogram(x, edges_by_quantiles(x, 8))[0]
    assert len(counts) == 8
    assert counts.max() - counts.min() <= 2


def test_a_value_that_most_rows_have_takes_one_piece():
    """Of an amount that is 0 in nine of ten rows all edges but two or three would be 0."""
    random = np.random.default_rng(0)
    others = random.exponential(size=1_000).astype(np.float32)
    edges = edges_by_quantiles(np.concatenate([np.zeros(9_000, np.float32), others]), 16)
    assert len(edges) >= 15
    assert edges[0] == 0
    counts = np.histogram(others, edges)[0]
    assert counts.max() - counts[1:].min() <= 10


def test_each_of_a_few_values_has_an_edge():
    x = np.repeat(np.array([0, 1, 2, 5], np.float32), [900, 3, 90, 7])
    assert edges_by_quantiles(x, 16).tolist() == [0, 1, 2, 5]


def test_what_amounts_say_beside_many_zeros_is_learned():
    random = np.random.default_rng(0)
    amount = np.where(random.random(900) < 0.85, 0.0, 100.0 + 20 * random.integers(0, 12, 900))
    amount[0] = 5_000
    X = {"amount": amount, "other": random.normal(size=900)}
    y = np.where((amount > 0) & ((amount // 20) % 2 == 1), "a", "b")
    train, test = ({name: column[part] for name, column in X.items()} for part in _PARTS)
    model = TableClassifier(effort="low", random_state=0).fit(train, y[_PARTS[0]])
    assert model.score(test, y[_PARTS[1]]) > 0.98


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_edges_by_target_are_the_cuts_of_scikit_learns_tree(classes, weighted):
    random = np.random.default_rng(0)
    x = random.normal(size=500).astype(np.float32)
    y = np.sin(3 * x) + 0.1 * random.normal(size=500)
    y = (y > 0).astype(int) + (y > 0.8) if classes else y
    weight = random.random(500) if weighted else None
    kind = DecisionTreeClassifier if classes else DecisionTreeRegressor
    tree = kind(max_leaf_nodes=8, min_samples_leaf=5, random_state=0)
    tree.fit(x[:, None], y, sample_weight=weight)
    cuts = np.sort(tree.tree_.threshold[tree.tree_.feature >= 0])
    edges = edges_by_target(x, y, 8, classes=classes, weight=weight)
    assert edges == pytest.approx(np.concatenate([[x.min()], cuts, [x.max()]]), abs=1e-6)


@pytest.mark.parametrize("classes", [True, False])
def test_cuts_that_noise_would_make_too_are_left_out(classes):
    random = np.random.default_rng(0)
    x = random.random(2_000).astype(np.float32)
    noise = random.normal(size=2_000)
    steps = np.floor(20 * x) % 2 + 0.3 * noise
    of_noise, of_steps = (
        edges_by_target(x, (y > 0.5).astype(int) if classes else y, 32, classes=classes)
        for y in (noise, steps)
    )
    assert len(of_noise) <= 16  # of 33
    assert all(np.abs(of_steps - step).min() < 0.005 for step in np.arange(1, 20) / 20)


def test_many_rows_are_sampled_the_same_way_each_time():
    x = np.random.default_rng(0).normal(size=60_000).astype(np.float32)
    y, w = x > 0.25, np.ones(60_000)
    edges = [edges_by_target(x, y, 4, classes=True, weight=w, seed=s) for s in (1, 1, 2)]
    assert np.array_equal(edges[0], edges[1])
    assert all(np.abs(e - 0.25).min() < 0.01 for e in edges)
    assert (edges[0][0], edges[0][-1]) == (x.min(), x.max())


class TestJumps:
    """Limits at which the shares of classes jump."""

    @staticmethod
    def naive(x, y, cut):
        """Whether the nearest rows of the two sides differ, and more than twice the next to them.

        Nearest are 25 rows, or all that have the nearest number.
        """
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]

        def nearest(rows):
            x_of_rows = np.abs(x[rows] - x[rows[:1]])
            n = max(25, int((x_of_rows == 0).sum()))
            return rows[:n], rows[n:]

        below, above = np.flatnonzero(x <= cut)[::-1], np.flatnonzero(x > cut)
        (left, below), (right, above) = nearest(below), nearest(above)
        before, after = nearest(below)[0], nearest(above)[0]
        counts = [np.bincount(y[part], minlength=3) for part in (before, left, right, after)]
        table = np.array(counts[1:3])
        table = table[:, table.sum(axis=0) > 0]
        if stats.chi2_contingency(table, correction=False).pvalue >= 1e-5:
            return False
        whole = (counts[1] + counts[2]) / (len(left) + len(right))
        whole[whole == 0] = 1.0
        shares = [of / max(1, of.sum()) for of in counts]
        gaps = [((a - b) ** 2 / whole).sum() for a, b in pairwise(shares)]
        outside = (gaps[0] if len(before) else 0) + (gaps[2] if len(after) else 0)
        return gaps[1] > 2 * outside

    @pytest.mark.parametrize("decimals", [1, 6])
    def test_they_are_where_the_nearest_rows_differ(self, decimals):
        random = np.random.default_rng(0)
        x = random.normal(size=900).round(decimals).astype(np.float32)
        y = (random.random(900) < 0.5 + 0.48 * np.sin(6 * x)).astype(int) + (x > 0.75)
        values = np.unique(x)[10:-10]
        cuts = ((values[1:] + values[:-1]) / 2)[:: 1 if decimals == 1 else 4]
        jumps = jumps_of_classes(x, y, cuts)
        expected = [cut for cut in cuts if self.naive(x, y, cut)]
        assert 0 < len(expected) < len(cuts) / 2
        assert len(jumps) == len(expected)
        assert all(low < cut < high for (low, high), cut in zip(jumps, expected, strict=True))
        wide = jumps[np.diff(jumps)[:, 0] > 1.001e-3]
        assert all(not ((x > low) & (x < high)).any() for low, high in wide)

    def test_numbers_between_which_all_shares_change_have_none(self):
        random = np.random.default_rng(4)
        x = random.integers(0, 16, 6_000).astype(np.float32)
        y = random.random(6_000) < 0.5 + 0.45 * np.sin(x)
        cuts = edges_by_target(x, y, 32, classes=True)[1:-1]
        assert len(cuts) > 8
        assert len(jumps_of_classes(x, y, cuts)) <= 3
        assert len(jumps_of_classes(x, x > 7, cuts)) == 1

    def test_a_gentle_slope_and_noise_have_none(self):
        random = np.random.default_rng(1)
        n_cuts = 0
        for rise in [0.0, 0.3] * 20:
            x = random.normal(size=600).astype(np.float32)
            y = rise * x + random.normal(size=600) > 0.5
            cuts = edges_by_target(x, y, 32, classes=True)[1:-1]
            n_cuts += len(cuts)
            assert len(jumps_of_classes(x, y, cuts)) == 0
        assert n_cuts > 200

    def test_none_without_cuts_nor_beside_few_rows(self):
        x = np.arange(60, dtype=np.float32)
        assert jumps_of_classes(x, x > 3, np.zeros(0, np.float32)).shape == (0, 2)
        assert len(jumps_of_classes(x, x > 3, np.array([3.5], np.float32))) == 0
        assert len(jumps_of_classes(x, x > 6, np.array([6.5], np.float32))) == 1

    def test_none_is_so_narrow_that_rounding_would_show(self):
        x = np.arange(100, dtype=np.float32) * np.float32(1e-4)
        (jump,) = jumps_of_classes(x, x > 0.0050001, np.array([0.00505], np.float32))
        assert jump == pytest.approx([0.00455, 0.00555], abs=1e-6)

    def test_both_ends_are_edges_and_nothing_between(self):
        edges = np.array([0, 2, 2.5, 3, 9], np.float32)
        jumps = np.array([[2, 3], [5, 6]], np.float32)
        assert with_jumps(edges, jumps).tolist() == [0, 2, 3, 5, 6, 9]
        assert with_jumps(edges, jumps[:0]).tolist() == edges.tolist()
        assert len(with_jumps(edges[:0], jumps)) == 0

    def test_every_network_has_a_step_where_the_classes_jump(self):
        random = np.random.default_rng(3)
        tenths, other = random.integers(0, 30, 600) / 10, random.normal(size=600)
        y = np.where((tenths > 1.1) + 0.2 * random.normal(size=600) > 0.5, "above", "below")
        table = {"level": tenths, "other": other}
        model = TableClassifier(n_folds=3, n_repeats=1, epochs=1, random_state=0).fit(table, y)
        low, high = model.prepare({"level": [1.1, 1.2], "other": [0.0, 0.0]}).x[:, 0]
        for network in model.networks_:
            edges = network.edges[0].tolist()
            assert edges.index(high) == edges.index(low) + 1
