"""What may be handed to a network, and what is said of what may not."""

import numpy as np
import pytest

from layerwise.architecture import Architecture, Embedding
from layerwise.network import Network
from tests.helpers.compare import assert_same_bits
from tests.helpers.problems import problem_of

X = np.random.default_rng(0).standard_normal((6, 3))


@pytest.fixture(scope="module")
def net():
    return problem_of(Architecture([3, 4, 2], "tanh"), dtype="float32").network


@pytest.fixture(scope="module")
def coded():
    tables = [Embedding(3, 2), Embedding(2, 1)]
    return problem_of(Architecture([3, 4, 2], "tanh", embeddings=tables)).network


class TestNumbers:
    @pytest.mark.parametrize(
        "given",
        [
            pytest.param(X, id="float64"),
            pytest.param(X.tolist(), id="list"),
            pytest.param([tuple(row) for row in X], id="tuples"),
            pytest.param(np.asfortranarray(X), id="Fortran order"),
            pytest.param(np.asfortranarray(X.astype("f4")), id="float32 in Fortran order"),
            pytest.param(np.repeat(X.astype("f4"), 2, axis=1)[:, ::2], id="every other column"),
            pytest.param(X.astype("f4")[::-1][::-1], id="reversed twice"),
            pytest.param(X.astype(">f4"), id="the other byte order"),
        ],
    )
    def test_any_matrix_of_the_same_numbers(self, net, given):
        wanted = net(np.ascontiguousarray(X, dtype="float32"))
        assert_same_bits(net(given), wanted)
        assert_same_bits(net.forward(given).outputs, net.forward(X).outputs)

    def test_whole_numbers_and_bools(self, net):
        ones = np.ones((2, 3))
        for dtype in ("int8", "uint64", "int32", "bool", "float16"):
            assert_same_bits(net(ones.astype(dtype)), net(ones))

    def test_a_read_only_matrix_stays_untouched(self, net):
        x = X.astype("float32")
        wanted = net(x)
        x.flags.writeable = False
        assert_same_bits(net(x), wanted)
        assert_same_bits(net(x[:1]), net(x[:1].copy()))
        assert not x.flags.writeable
        np.testing.assert_array_equal(x, X.astype("float32"))

    def test_one_not_aligned_in_memory(self, net):
        x = np.zeros(4 * X.size + 1, np.uint8)[1:].view("float32").reshape(X.shape)
        x[:] = X
        assert_same_bits(net(x), net(X))

    def test_a_mapped_file(self, net, tmp_path):
        mapped = np.memmap(tmp_path / "x", "float32", "w+", shape=X.shape)
        mapped[:] = X
        assert_same_bits(net(mapped), net(X))
        mapped.flush()
        assert_same_bits(net(np.memmap(tmp_path / "x", "float32", "r", shape=X.shape)), net(X))

    def test_one_row_without_its_axis(self, net):
        assert net(X[0]).shape == (2,)
        assert_same_bits(net(X[0]), net(X[:1])[0])
        assert net.scores(list(X[0])).shape == (2,)
        assert net.forward(X[0]).outputs.shape == (1, 2)

    def test_no_rows(self, net):
        assert net(np.zeros((0, 3))).shape == (0, 2)
        assert net.scores(np.zeros((0, 3))).shape == (0, 2)

    @pytest.mark.parametrize(
        "given", [X[:, :2], X.T, X[:, :, None], np.float32(1.0), [], [1.0, 2.0], np.zeros((0, 2))]
    )
    def test_another_shape(self, net, given):
        for use in (net, net.scores, net.forward):
            with pytest.raises(ValueError, match=r"x must have the shape \(n, 3\)"):
                use(given)

    @pytest.mark.parametrize(
        "given",
        [[["a", "b", "c"]], [[1.0, None, 2.0]], X.astype("datetime64[s]"), None],
        ids=["text", "None", "dates", "nothing"],
    )
    def test_what_is_not_numeric(self, net, given):
        with pytest.raises(
            ValueError, match=r"x must hold numbers; got \S+\. Turn categories into"
        ):
            net(given)

    def test_rows_of_different_lengths(self, net):
        with pytest.raises(ValueError, match="all of whose rows are of one length"):
            net([[1.0, 2.0, 3.0], [1.0, 2.0]])


class TestCodes:
    def test_any_matrix_of_the_same_codes(self, coded):
        codes = np.array([[0, 1], [2, 0], [1, 1], [2, 1], [0, 0], [1, 0]])
        wanted = coded(X, codes)
        readonly = codes.astype("int32")
        readonly.flags.writeable = False
        for given in (codes.tolist(), codes.astype("uint8"), np.asfortranarray(codes), readonly):
            assert_same_bits(coded(X, given), wanted)
        assert_same_bits(coded(X[1], codes[1]), coded(X[1:2], codes[1:2])[0])

    def test_a_code_picks_its_row_of_the_table(self):
        net = Network(Architecture([0, 2], embeddings=[Embedding(3, 2)]), seed=0, dtype="float64")
        net.weights[0] = np.eye(2)
        table = net.parameters["codes 1.embedding"]
        np.testing.assert_array_equal(net(np.zeros((3, 0)), [2, 0, 2]), table[[2, 0, 2]])

    def test_they_are_needed(self, coded):
        for use in (coded, coded.scores, coded.forward):
            with pytest.raises(ValueError, match=r"embeddings for 2 columns of codes; give codes="):
                use(X)

    @pytest.mark.parametrize("shape", [(6, 1), (5, 2), (6,), (6, 3), (6, 2, 1), ()], ids=str)
    def test_another_shape(self, coded, shape):
        codes = np.zeros(shape, int)
        with pytest.raises(ValueError, match=r"codes must have the shape \(6, 2\); got"):
            coded(X, codes)

    @pytest.mark.parametrize(
        ("code", "column", "message"),
        [
            (3, 0, r"column 0 must lie in 0\.\.2; got 0\.\.3"),
            (-1, 0, r"column 0 must lie in 0\.\.2; got -1\.\.0"),
            (2, 1, r"column 1 must lie in 0\.\.1; got 0\.\.2"),
            (2**40, 1, r"column 1 must lie in 0\.\.1; got 0\.\.1099511627776"),
        ],
    )
    def test_a_code_that_no_embedding_has(self, coded, code, column, message):
        codes = np.zeros((6, 2), np.int64)
        codes[4, column] = code
        with pytest.raises(ValueError, match=message):
            coded(X, codes)

    @pytest.mark.parametrize("codes", [np.zeros((6, 2)), [["a", "b"]] * 6])
    def test_what_is_no_integer(self, coded, codes):
        with pytest.raises(ValueError, match="codes must be integers"):
            coded(X, codes)

    def test_codes_that_nobody_asked_for(self, net):
        with pytest.raises(ValueError, match=r"codes must have the shape \(6, 0\); got \(6, 1\)"):
            net(X, np.zeros((6, 1), int))
