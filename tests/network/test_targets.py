"""Targets, sample weights and losses that a network takes, and those it does not."""

import re

import numpy as np
import pytest

from layerwise.architecture import Architecture, get_loss
from layerwise.network import Network

X = np.random.default_rng(0).standard_normal((3, 2))


def network(output: str, n_outputs: int = 3) -> Network:
    return Network(Architecture([2, n_outputs], output=output), seed=0, dtype="float64")


def loss_of(net: Network, y: object, loss: object = None, **options: object) -> float:
    """By `loss` and by `backward`, which must agree, also in what they refuse."""
    refused = ""
    try:
        value = net.loss(X, y, loss, **options)
    except ValueError as error:
        refused = str(error)
    if refused:
        with pytest.raises(ValueError, match=re.escape(refused)):
            net.backward(net.forward(X), y, loss, **options)
        raise ValueError(refused)
    found = net.backward(net.forward(X), y, loss, **options).loss
    assert found == pytest.approx(value, rel=1e-12)
    return value


class TestClasses:
    def test_numbers_of_any_kind(self):
        net = network("softmax")
        wanted = loss_of(net, np.array([0, 2, 1]))
        for y in ([0, 2, 1], [0.0, 2.0, 1.0], [[0], [2], [1]], np.array([0, 2, 1], np.uint8)):
            assert loss_of(net, y) == wanted
        assert loss_of(net, np.array([True, False, True])) == loss_of(net, [1, 0, 1])

    @pytest.mark.parametrize("y", [[0, 3, 1], [-1, 0, 1], [0.5, 1.0, 2.0]])
    def test_what_is_no_class(self, y):
        with pytest.raises(ValueError, match=r"class numbers 0\.\.2, one for each output; got"):
            loss_of(network("softmax"), y)

    def test_indicators_are_not_class_numbers(self):
        with pytest.raises(ValueError, match=r"y must have the shape \(3,\); got \(3, 3\)"):
            loss_of(network("softmax"), np.eye(3))


class TestShares:
    def test_several_labels_at_once(self):
        net = network("sigmoid")
        assert loss_of(net, np.eye(3)) == loss_of(net, np.eye(3, dtype=bool))
        assert loss_of(net, np.full((3, 3), 0.3)) > 0

    @pytest.mark.parametrize("value", [-0.1, 1.1, 2])
    def test_out_of_range(self, value):
        y = np.eye(3)
        y[1, 1] = value
        with pytest.raises(ValueError, match=r"y must lie in 0\.\.1 for the loss 'sigmoid'; got"):
            loss_of(network("sigmoid"), y)


class TestCounts:
    def test_counts(self):
        assert np.isfinite(loss_of(network("exp", 1), [0, 3, 100]))

    def test_none_is_negative(self):
        with pytest.raises(
            ValueError, match="y must not be negative for the loss 'poisson'; got -1"
        ):
            loss_of(network("exp", 1), [0, -1, 2])


class TestValues:
    def test_one_output_takes_a_column_or_not(self):
        net = network("identity", 1)
        assert loss_of(net, [1.0, 2.0, 3.0]) == loss_of(net, [[1.0], [2.0], [3.0]])

    def test_one_row(self):
        for n_outputs, y in [(1, 0.5), (1, [0.5]), (3, [0.5, 1.0, 2.0])]:
            net = network("identity", n_outputs)
            value = net.backward(net.forward(X[0]), y).loss
            error = net(X[0]) - np.asarray(y)
            assert value == pytest.approx((error**2).sum() / 2)
            assert net.loss(X[0], y) == pytest.approx(value)

    @pytest.mark.parametrize(
        "y", [[1.0, 2.0], np.zeros((3, 2)), np.zeros((2, 3)), np.zeros(9), 1.0, np.zeros((3, 3, 1))]
    )
    def test_another_shape(self, y):
        with pytest.raises(ValueError, match=r"y must have the shape \(3, 3\); got"):
            loss_of(network("identity"), y)


OUTPUTS = ["softmax", "sigmoid", "identity", "exp"]


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity(output, bad):
    y = np.array([0.0, bad, bad])
    with pytest.raises(ValueError, match="NaN or infinity in 2 rows, the first of them row 1"):
        loss_of(network(output, 1), y)


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("y", [["a", "b", "c"], [None, 1, 2]], ids=str)
def test_what_is_no_number(output, y):
    hint = r" \(classes as 0, 1, 2, \.\.\.\)" if output in {"softmax", "sigmoid"} else ""
    with pytest.raises(ValueError, match=f"y must hold numbers{hint}; got"):
        loss_of(network(output, 1), y)


def test_a_target_that_the_precision_does_not_hold():
    net = Network("2-1", seed=0)
    with pytest.raises(ValueError, match="y"):
        net.loss(X, [1.0, 1e300, 0.0])


class TestLosses:
    def test_the_outputs_own_unless_asked(self):
        net = network("identity", 1)
        assert loss_of(net, [1, 2, 3]) == loss_of(net, [1, 2, 3], "squared")

    def test_by_name_or_entry(self):
        net = network("identity", 1)
        median = loss_of(net, [1, 2, 3], "quantile")
        assert median == pytest.approx(loss_of(net, [1, 2, 3], "absolute") / 2)
        assert loss_of(net, [1, 2, 3], get_loss("quantile", q=0.5)) == median
        assert loss_of(net, [1, 2, 3], get_loss("quantile", q=0.9)) != median

    def test_one_of_another_output(self):
        with pytest.raises(
            ValueError, match=r"'softmax' goes with the output 'softmax'; this network's output is"
        ):
            loss_of(network("identity"), [0, 1, 2], "softmax")

    def test_an_unknown_one(self):
        with pytest.raises(ValueError, match="unknown loss 'sqared'; did you mean 'squared'"):
            loss_of(network("identity"), np.zeros((3, 3)), "sqared")


class TestWeights:
    Y = np.array([1.0, 2.0, 3.0])

    def test_rows_count_by_their_weight(self):
        net = network("identity", 1)
        each = (net(X)[:, 0] - self.Y) ** 2 / 2
        weight = [0.5, 0.0, 2.0]
        found = loss_of(net, self.Y, sample_weight=weight)
        assert found == pytest.approx(np.average(each, weights=weight))
        assert loss_of(net, self.Y, sample_weight=[1, 0, 4]) == pytest.approx(found)

    @pytest.mark.parametrize("weight", [[1.0], [[1.0, 1.0, 1.0]], 1.0, np.ones((3, 1))])
    def test_another_shape(self, weight):
        with pytest.raises(ValueError, match=r"sample_weight must have the shape \(3,\); got"):
            loss_of(network("identity", 1), self.Y, sample_weight=weight)

    @pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, "a", None])
    def test_what_is_no_weight(self, bad):
        with pytest.raises(ValueError, match="must hold finite numbers of at least 0"):
            loss_of(network("identity", 1), self.Y, sample_weight=[1.0, bad, 1.0])

    def test_some_row_must_count(self):
        with pytest.raises(ValueError, match="zero for every row; at least one must count"):
            loss_of(network("identity", 1), self.Y, sample_weight=[0, 0, 0])
