"""Numbers cut into pieces, and codes as columns of 0 and 1, inside a network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layerwise import Network, Trainer
from layerwise.architecture import Architecture, OneHot


def features_of(net, x, codes=None):
    return net.forward(x, codes).features


def test_how_far_a_number_is_through_each_piece():
    net = Network(Architecture([2, 3, 1], pieces=[3, 0]), seed=0)
    net.edges[0] = [0.0, 1.0, 3.0, 4.0]
    features = features_of(net, [[-5.0, 7.0], [0.5, 8.0], [1.0, 8.0], [2.5, 8.0], [9.0, 8.0]])
    expected = [[-1, -1, -1], [0, -1, -1], [1, -1, -1], [1, 0.5, -1], [1, 1, 1]]
    assert np.allclose(features[:, 2:], expected)
    assert np.array_equal(features[:, 1], [7, 8, 8, 8, 8])


@given(
    arrays(np.float64, st.integers(2, 6), elements=st.integers(-50, 50), unique=True),
    st.floats(-100, 100),
)
def test_the_pieces_add_up_to_the_way_from_the_first_edge_to_the_last(edges, value):
    edges = np.sort(edges)
    net = Network(Architecture([1, 1], pieces=[len(edges) - 1]), seed=0, dtype="float64")
    net.edges[0] = edges
    pieces = (features_of(net, [[value]])[0, 1:] + 1) / 2
    way = np.clip(value, edges[0], edges[-1]) - edges[0]
    assert pieces @ np.diff(edges) == pytest.approx(way, abs=1e-9)


def test_nan_stays_visible():
    net = Network(Architecture([1, 3, 1], pieces=[2]), seed=0)
    assert np.isnan(net([[np.nan]])).all()


def test_codes_as_columns():
    net = Network(Architecture([0, 2, 1], embeddings=[OneHot(4)]), seed=0)
    codes = np.array([[0], [1], [3]])
    features = features_of(net, np.zeros((3, 0)), codes)
    assert features.tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]
    with pytest.raises(ValueError, match=r"must lie in 0\.\.3"):
        net(np.zeros((1, 0)), [[4]])


def test_the_compiled_engine_sees_the_same():
    random = np.random.default_rng(0)
    net = Network(Architecture([3, 8, 2], "mish", pieces=[4, 0, 9], embeddings=[OneHot(5)]), seed=1)
    net.edges[0] = np.sort(random.normal(size=5))
    x, codes = random.normal(size=(40, 3)).astype("f4"), random.integers(0, 5, (40, 1))
    assert np.allclose(net(x, codes), net.forward(x, codes).outputs, rtol=1e-5, atol=1e-6)
    assert np.allclose(net(x[:1], codes[:1]), net(x, codes)[:1], rtol=1e-5, atol=1e-6)


def test_edges_have_a_shape_of_their_own_and_are_copied_with_the_network():
    net = Network(Architecture([2, 1], pieces=[2, 3]), seed=0)
    assert [edges.shape for edges in net.edges] == [(3,), (4,)]
    with pytest.raises(ValueError, match=r"shape \(3,\); got \(2,\)"):
        net.edges[0] = [0, 1]
    net.edges[0] = [5, 6, 7]
    assert net.copy().edges[0].tolist() == [5, 6, 7]
    assert net.n_parameters == Architecture([2, 1], pieces=[2, 3]).n_parameters == 7 + 1


def test_a_network_without_hidden_layers_learns_a_step_with_pieces():
    x = np.linspace(-1, 1, 200)[:, None]
    y = (x[:, 0] > 0.3) * 1.0
    losses = []
    for pieces in ([], [2]):
        net = Network(Architecture([1, 1], pieces=pieces), seed=0)
        if pieces:
            net.edges[0] = [-1, 0.3, 0.31]
        trainer = Trainer(optimizer="lbfgs", epochs=50)
        losses.append(trainer.fit(net, x, y)["loss"][-1])
    assert losses[1] < 0.1 * losses[0]


@pytest.mark.parametrize("pieces", [[1], [1, 2, 3], [1, -1], [1, 0.5]])
def test_pieces_that_do_not_fit(pieces):
    with pytest.raises(ValueError, match="pieces"):
        Architecture([2, 1], pieces=pieces)


def test_one_hot_needs_two_codes():
    with pytest.raises(ValueError, match="at least 2"):
        OneHot(1)
