"""Making a network, its vector and the views of it, and copies."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given

from layerwise.architecture import Architecture
from layerwise.network import Network
from tests.helpers.compare import assert_same_bits
from tests.helpers.problems import problem_of
from tests.helpers.strategies import architectures

FULL = Architecture([4, 5, 5, 2], "prelu", normalization="batch", residual=True)


class TestMaking:
    def test_from_text(self):
        assert Network("3-4-1:sigmoid").architecture == Architecture([3, 4, 1], output="sigmoid")

    @pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.dtype("float64")])
    def test_precision(self, dtype):
        net = Network(FULL, seed=0, dtype=dtype)
        assert net.dtype == net.vector.dtype == net.state.dtype == dtype
        assert net.n_parameters == FULL.n_parameters == net.vector.size

    def test_float32_unless_asked(self):
        assert Network("3-1").dtype == np.float32

    @pytest.mark.parametrize("dtype", ["float16", "int32", "complex64", ">f4", bool])
    def test_other_precisions(self, dtype):
        with pytest.raises(ValueError, match="dtype must be float32 or float64"):
            Network("3-1", dtype=dtype)

    def test_what_is_no_precision_at_all(self):
        with pytest.raises((ValueError, TypeError), match="flaot32"):
            Network("3-1", dtype="flaot32")

    @pytest.mark.parametrize("architecture", [5, None, [3, 4, 1], b"3-1"])
    def test_what_is_no_architecture(self, architecture):
        with pytest.raises(TypeError, match="made from an Architecture or a text like '3-4-4-1'"):
            Network(architecture)

    def test_seeds(self):
        first = Network(FULL, seed=5)
        assert_same_bits(Network(FULL, seed=5).vector, first.vector)
        assert_same_bits(Network(FULL, seed=np.random.default_rng(5)).vector, first.vector)
        assert (Network(FULL, seed=6).vector != first.vector).any()
        assert (Network(FULL).vector != Network(FULL).vector).any()

    def test_both_precisions_draw_the_same_numbers(self):
        double = Network(FULL, seed=5, dtype="float64")
        assert_same_bits(Network(FULL, seed=5).vector, double.vector.astype("float32"))

    def test_shown(self):
        assert (
            repr(Network("3-4-1"))
            == "Network(Architecture([3, 4, 1], activation='relu'), dtype='float32')"
        )
        assert str(Network("3-4-1")) == str(Architecture([3, 4, 1]))


class TestOf:
    def test_numbers_that_are_there(self):
        problem = problem_of(FULL)
        net = Network.of(FULL, problem.vector, problem.state)
        assert_same_bits(net.vector, problem.vector)
        assert_same_bits(net.state, problem.state)

    def test_they_are_copied(self):
        vector = np.zeros(41)
        net = Network.of(Architecture([3, 4, 4, 1]), vector)
        vector[:] = 1.0
        assert not net.vector.any()

    def test_lists_will_do(self):
        net = Network.of(Architecture([2, 1]), [1.0, 2.0, 3.0])
        assert net(np.array([[10.0, 100.0]])).tolist() == [[213.0]]

    def test_whole_numbers_become_floating_point(self):
        net = Network.of(Architecture([2, 1]), [1, 2, 3])
        assert net.dtype in (np.float32, np.float64)
        assert net([[0.5, 0.5]]).tolist() == [[4.5]]

    @pytest.mark.parametrize(
        ("n", "n_state"), [(0, 0), (40, 0), (42, 0), (41, 1), ((41, 1), 0), ((1, 41), 0)]
    )
    def test_another_count(self, n, n_state):
        with pytest.raises(ValueError, match="has 41 parameters and 0 numbers of state; got"):
            Network.of(Architecture([3, 4, 4, 1]), np.zeros(n), np.zeros(n_state))

    def test_the_state_is_needed_where_there_is_one(self):
        with pytest.raises(ValueError, match="numbers of state"):
            Network.of(FULL, np.zeros(FULL.n_parameters))


class TestViews:
    @given(architectures())
    def test_shapes(self, architecture):
        net = Network(architecture, seed=0)
        layers = architecture.layers
        assert [w.shape for w in net.weights] == [(la.fan_in, la.fan_out) for la in layers]
        assert [b.shape for b in net.biases] == [(la.fan_out,) for la in layers]
        assert len(net.weights) == len(net.biases) == len(layers)

    @given(architectures())
    def test_every_number_is_in_one_view(self, architecture):
        net = Network(architecture, seed=0)
        assert sum(block.size for block in net.parameters.values()) == net.n_parameters
        for block in net.parameters.values():
            assert block.size == 0 or np.shares_memory(block, net.vector)
            block[...] += 1000.0
        assert (net.vector > 900).all()
        assert (net.vector < 1100).all()

    def test_writing_into_a_view_writes_into_the_vector(self):
        net = Network("3-4-1", seed=0)
        net.weights[0][1, 2] = 7.0
        assert net.vector[1 * 4 + 2] == 7.0
        net.vector[12] = 8.0
        assert net.biases[0][0] == 8.0
        assert net.parameters["hidden 1.weights"][1, 2] == 7.0
        assert net.parameters["hidden 1.biases"][0] == 8.0

    def test_setting_a_whole_block(self):
        net = Network("3-4-1", seed=0)
        vector = net.vector
        net.weights[0] = np.arange(12).reshape(3, 4)
        net.biases[-1] = [0.5]
        assert net.vector[:12].tolist() == list(range(12))
        assert net.vector[-1] == 0.5
        assert net.vector is vector
        net.weights[0] += 1.0
        assert net.vector[:12].tolist() == list(range(1, 13))

    @pytest.mark.parametrize("value", [1.0, [1.0], np.zeros((4, 3)), np.zeros(12), [[]]])
    def test_setting_another_shape(self, value):
        net = Network("3-4-1", seed=0)
        with pytest.raises(ValueError, match=r"weights\[0\] has the shape \(3, 4\); got"):
            net.weights[0] = value

    def test_there_are_no_more_layers_than_there_are(self):
        net = Network("3-4-1", seed=0)
        with pytest.raises(IndexError):
            _ = net.weights[2]
        with pytest.raises(IndexError):
            net.biases[2] = [0.0]

    def test_views_are_a_sequence(self):
        net = Network("3-4-1", seed=0)
        assert [w.size for w in net.weights] == [12, 4]
        assert net.weights[-1].shape == (4, 1)
        assert repr(net.biases) == "<biases of 2 layers: (4,), (1,)>"

    def test_names_of_parameters(self):
        assert list(Network(FULL).parameters) == [
            "hidden 1.weights",
            "hidden 1.biases",
            "hidden 1.slope",
            "hidden 2.gain",
            "hidden 2.shift",
            "hidden 2.weights",
            "hidden 2.biases",
            "hidden 2.slope",
            "output.gain",
            "output.shift",
            "output.weights",
            "output.biases",
        ]


class TestCopies:
    @pytest.mark.parametrize(
        "copied",
        [Network.copy, copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))],
        ids=["copy", "deepcopy", "pickle"],
    )
    def test_a_copy_has_the_same_numbers_in_memory_of_its_own(self, copied):
        problem = problem_of(FULL)
        net, x = problem.network, problem.data.x
        outputs = net(x)
        twin = copied(net)
        assert twin.architecture == net.architecture
        assert_same_bits(twin(x), outputs)
        twin.weights[0][:] = 0.0
        twin.state[:] = 0.5
        assert_same_bits(net(x), outputs)
        assert_same_bits(net.state, problem.state)
        assert (twin(x) != outputs).any()
        assert not twin.vector[: twin.weights[0].size].any()

    def test_a_network_that_has_predicted_can_be_pickled_small(self):
        net = Network("3-4-1", seed=0)
        before = len(pickle.dumps(net))
        net([[1.0, 2.0, 3.0]])
        assert len(pickle.dumps(net)) == before


@pytest.mark.parametrize("n_rows", [1, 5, 5_000])
def test_no_threads_are_refused_however_few_rows_there_are(n_rows):
    network = Network(Architecture([2, 3, 1], "relu", "identity"))
    with pytest.raises(ValueError, match="n_threads must be at least 1, or None; got 0"):
        network(np.zeros((n_rows, 2)), n_threads=0)
