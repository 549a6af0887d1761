"""Where the range of a number is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from layerwise import TableClassifier
from layerwise.ensemble.pieces import edges_by_quantiles, edges_by_target

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
